//! The append-only record of every answered draw.
