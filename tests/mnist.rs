//! L-BFGS trains the sparse autoencoder on MNIST's first 10,000 images: 400 iterations from three starts, which
//! `tests/mnist_scipy.py` repeats with SciPy, and eight times 50 iterations with and without the optimizer's state.

use ossicle::dataset::idx;
use ossicle::number::Random;
use ossicle::optimize::{Lbfgs, Minimization, Reason};
use ossicle::storage::checkpoint::{decode, encode};
use ossicle::tutorial::workloads::AUTOENCODER;
use std::path::PathBuf;

/// `OSSICLE_MNIST=folder OSSICLE_STARTS=folder cargo test --release --test mnist -- --ignored --nocapture`
#[test]
#[ignore = "needs MNIST; some minutes"]
fn four_hundred_iterations_on_mnist() {
    let folder = |name: &str| PathBuf::from(std::env::var_os(name).unwrap_or_else(|| panic!("set {name}")));
    let images = idx::mnist(&folder("OSSICLE_MNIST")).unwrap().train_images;
    let examples = images.first_images::<f64>(10_000).unwrap();
    // Neither tolerance can be met: 400 iterations are compared with 400.
    let settings = Lbfgs { gradient_tolerance: 0.0, cost_tolerance: -1.0, ..Lbfgs::default() };
    for seed in 1..=3 {
        let mut theta = AUTOENCODER.draw::<f64>(&mut Random::new(seed));
        let bytes: Vec<u8> = theta.iter().flat_map(|x| x.to_le_bytes()).collect();
        std::fs::write(folder("OSSICLE_STARTS").join(format!("start-{seed}.f64")), bytes).unwrap();
        let begun = std::time::Instant::now();
        let outcome = settings.minimize(&mut AUTOENCODER.cost(&examples), &mut theta, |_| true);
        let each = outcome.evaluations as f64 / outcome.iterations as f64;
        println!("start {seed}: J {:.6}, {each:.4} evaluations an iteration, {:.0?}", outcome.cost, begun.elapsed());
        assert_eq!(outcome.iterations, 400, "{outcome:?}");
    }
}

/// Source C trains for 8 times 50 iterations, each time with a new optimizer. A new optimizer lacks the pairs of the
/// steps before, which costs it more evaluations and leaves a higher cost than a resumed one.
///
/// `OSSICLE_MNIST=folder cargo test --release --test mnist eight -- --ignored --nocapture`
#[test]
#[ignore = "needs MNIST; some minutes"]
fn eight_times_fifty_iterations_end_lower_with_the_state_resumed() {
    let folder = PathBuf::from(std::env::var_os("OSSICLE_MNIST").expect("set OSSICLE_MNIST"));
    let examples = idx::mnist(&folder).unwrap().train_images.first_images::<f64>(10_000).unwrap();
    let settings = Lbfgs { gradient_tolerance: 0.0, cost_tolerance: -1.0, iterations: 50, ..Lbfgs::default() };
    let start = AUTOENCODER.draw::<f64>(&mut Random::new(1));
    let mut objective = AUTOENCODER.cost(&examples);
    let (mut theta, mut saved) = (start.clone(), None::<Vec<u8>>);
    let (mut resumed_evaluations, mut new_evaluations) = (0, 0);
    println!("| iterations | resumed: J | evaluations | new: J | evaluations |\n| --- | --- | --- | --- | --- |");
    for part in 1..=8 {
        let settings_so_far = Lbfgs { iterations: 50 * part, ..settings };
        // The state goes through bytes, as in a program that is started eight times.
        let mut resumed = match saved.take() {
            None => Minimization::new(settings_so_far, &mut objective, &start),
            Some(bytes) => Minimization::resume(settings_so_far, decode::<f64>(&bytes).unwrap()).unwrap(),
        };
        while resumed.step(&mut objective).is_ok() {}
        resumed_evaluations = resumed.outcome(Reason::Iterations).evaluations.max(resumed_evaluations);
        saved = Some(encode(&resumed.state()));
        let new = settings.minimize(&mut objective, &mut theta, |_| true);
        new_evaluations += new.evaluations;
        let cost = resumed.best().cost;
        println!("| {} | {cost:.4} | {resumed_evaluations} | {:.4} | {new_evaluations} |", 50 * part, new.cost);
        if part == 1 {
            assert_eq!((cost, resumed_evaluations), (new.cost, new_evaluations));
        } else {
            assert!(cost < new.cost && resumed_evaluations < new_evaluations);
        }
    }
}
