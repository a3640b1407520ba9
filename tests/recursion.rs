//! L-BFGS without its cost function: an iteration allocates nothing, and its speed is that of the memory.

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

/// Σ ½·c_i·x_i² with curvatures c_i from 1 to 1000.
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

/// Settings without an end.
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

/// The bytes that an iteration reads and writes, per second, against a sum over 1 GiB, which is not in cache. The pairs
/// are partly in cache, so that the iteration is usually the faster of the two; half the speed of the sum leaves room
/// for a busy machine.
///
/// `cargo test --release --test recursion -- --ignored --nocapture`
#[test]
#[ignore = "measures for some seconds"]
fn an_iteration_moves_bytes_at_least_half_as_fast_as_a_sum() {
    const N: usize = 300_000;
    const MEMORY: usize = 10;
    // Vectors of N elements that are read or written, in order: -∇J 2; its product with s 2; m - 1 steps of the first
    // loop with y, s, and q twice 4·(m - 1); one step with y alone 3; the second loop 4·m, with ∇J in its last step 3;
    // d·∇J 2; θ + α·d, s and y with their products 6; ‖∇J‖∞ of two gradients 2.
    let touched = 8.0 * N as f64 * (2 + 2 + 4 * (MEMORY - 1) + 3 + 4 * MEMORY + 3 + 2 + 6 + 2) as f64;
    let big = vec![1.0f64; 128 << 20];
    let mut run = Minimization::new(endless(), &mut quadratic(N), &vec![1.0; N]);
    // The time of the cost is measured in each step and subtracted.
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
    assert!(speed >= large / 2.0, "{speed:e} and {large:e} bytes per second");
}
