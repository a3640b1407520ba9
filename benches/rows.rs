//! The benchmarks of `ossicle bench` under criterion: run `cargo bench` or `cargo bench -- gemm/f64` in this folder.

use criterion::{Criterion, criterion_group, criterion_main};
use ossicle::tutorial::workloads::benchmarks;
use std::time::Duration;

fn all(criterion: &mut Criterion) {
    for benchmark in benchmarks(&[1, 2]) {
        // The data of a benchmark that the command line filters out is never created.
        let mut call = None;
        criterion.bench_function(&benchmark.name, |bencher| {
            let call = call.get_or_insert_with(|| benchmark.prepare());
            bencher.iter(call);
        });
    }
}

criterion_group! {
    name = suite;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(300));
    targets = all
}
criterion_main!(suite);
