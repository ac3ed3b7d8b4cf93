//! Reports: one file for each output, made from a [`Report`](crate::results::Report) and nothing else.
