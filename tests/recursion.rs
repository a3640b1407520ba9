//! L-BFGS without the cost: an iteration allocates nothing, and runs at the speed of the memory.

use ossicle::number::sum::sum;
use ossicle::optimize::objective::FromFunction;
use ossicle::optimize::{Lbfgs, Minimization};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Instant;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations() -> usize {
    ALLOCATIONS.with(Cell::get)
}

/// Σ ½·c_i·x_i², the curvatures c between 1 and 1000.
fn quadratic(n: usize) -> FromFunction<impl FnMut(&[f64], &mut [f64]) -> f64> {
    FromFunction::new(n, move |x: &[f64], g: &mut [f64]| {
        let mut cost = 0.0;
        for i in 0..n {
            g[i] = (1.0 + (i % 1000) as f64) * x[i];
            cost += 0.5 * g[i] * x[i];
        }
        cost
    })
}

fn endless() -> Lbfgs {
    Lbfgs { gradient_tolerance: 0.0, cost_tolerance: -1.0, iterations: usize::MAX, ..Lbfgs::default() }
}

#[test]
fn an_iteration_allocates_nothing() {
    let (mut objective, before) = (quadratic(5000), allocations());
    let mut run = Minimization::new(endless(), &mut objective, &vec![1.0; 5000]);
    assert!(allocations() > before, "the counter does not count");
    let after = allocations();
    for _ in 0..40 {
        run.step(&mut objective).unwrap();
    }
    assert_eq!(allocations(), after);
}

/// `cargo test --release --test recursion -- --ignored --nocapture`
#[test]
#[ignore = "measures"]
fn the_recursion_runs_at_the_speed_of_memory() {
    const N: usize = 300_000;
    const MEMORY: usize = 10;
    // Numbers read and written: -∇J; its product with s; m - 1 steps with y, s, q in and out; one with y alone; as many
    // again for the second loop, the last with ∇J; θ + α·d; d·∇J; s, y and their products; the largest |∂J/∂θ_i| of two
    // gradients.
    let touched = 8.0 * N as f64 * (2 + 2 + 4 * (MEMORY - 1) + 3 + 4 * MEMORY + 3 + 2 + 6 + 2) as f64;
    let big = vec![1.0f64; 128 << 20];
    let mut run = Minimization::new(endless(), &mut quadratic(N), &vec![1.0; N]);
    // The cost is left out of the time: it is measured by itself in each step.
    let (mut spent, mut before) = (Vec::new(), 1);
    for i in 0..60 {
        let mut inside = 0.0;
        let mut inner = quadratic(N);
        let mut objective = FromFunction::new(N, |x: &[f64], g: &mut [f64]| {
            let begun = Instant::now();
            let cost = ossicle::optimize::Objective::cost_and_gradient(&mut inner, x, g);
            inside += begun.elapsed().as_secs_f64();
            cost
        });
        let begun = Instant::now();
        let report = run.step(&mut objective).unwrap();
        let seconds = begun.elapsed().as_secs_f64() - inside;
        let evaluated = report.evaluations - before;
        before = report.evaluations;
        if i > MEMORY && evaluated == 1 {
            spent.push(seconds);
        }
    }
    spent.sort_by(f64::total_cmp);
    let speed = touched / spent[spent.len() / 2];
    let read = |numbers: &[f64], times: usize| {
        let mut spent: Vec<f64> = (0..9)
            .map(|_| {
                let begun = Instant::now();
                for _ in 0..times {
                    std::hint::black_box(sum(std::hint::black_box(numbers)));
                }
                begun.elapsed().as_secs_f64() / times as f64
            })
            .collect();
        spent.sort_by(f64::total_cmp);
        8.0 * numbers.len() as f64 / spent[spent.len() / 2]
    };
    let (large, same) = (read(&big, 1), read(&big[..20 * N], 10));
    println!(
        "n = {N}, m = {MEMORY}: {:.2} ms, {:.1} GB/s; a sum of 1 GiB reads {:.1} GB/s ({:.0}%), of 48 MB {:.1} GB/s ({:.0}%)",
        1e3 * spent[spent.len() / 2],
        speed / 1e9,
        large / 1e9,
        100.0 * speed / large,
        same / 1e9,
        100.0 * speed / same
    );
}
