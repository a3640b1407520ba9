//! An empty library: the package has only the benchmarks in `rows.rs`.
