//! A prediction server with known models, real protocols and faults on demand.
