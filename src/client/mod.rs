//! Pacing, retries and budget over any endpoint; decides by the kind of a failure, never by a status code.
