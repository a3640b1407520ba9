//! The rows of `ossicle bench`, under criterion: `cargo bench`, or `cargo bench -- gemm/f64`, in this folder.

use criterion::{Criterion, criterion_group, criterion_main};
use ossicle::tutorial::workloads::rows;
use std::time::Duration;

fn all(criterion: &mut Criterion) {
    for row in rows(&[1, 2]) {
        // The data of a row that is not asked for is never made.
        let mut call = None;
        criterion.bench_function(&row.name, |bencher| {
            let call = call.get_or_insert_with(|| row.prepare());
            bencher.iter(call);
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(300));
    targets = all
}
criterion_main!(benches);
