//! Nothing here: see `rows.rs`.
