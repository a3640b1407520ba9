//! The sparse autoencoder on MNIST's first 10000 images, 400 iterations from three starts, to be compared with SciPy by
//! `tests/mnist_scipy.py`, which reads the starts that are written here.

use ossicle::dataset::idx;
use ossicle::model::AutoencoderCost;
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
        let outcome = settings.minimize(&mut AutoencoderCost::new(AUTOENCODER, &examples), &mut theta, |_| true);
        let each = outcome.evaluations as f64 / outcome.iterations as f64;
        println!("start {seed}: J {:.6}, {each:.4} evaluations an iteration, {:.0?}", outcome.cost, begun.elapsed());
        assert_eq!(outcome.iterations, 400, "{outcome:?}");
    }
}

/// Source C trains for 8 times 50 iterations, each time with a new optimizer that knows nothing of the steps before.
/// `OSSICLE_MNIST=folder cargo test --release --test mnist eight -- --ignored --nocapture`
#[test]
#[ignore = "needs MNIST; some minutes"]
fn eight_times_fifty_iterations_with_the_memory_carried_and_forgotten() {
    let folder = PathBuf::from(std::env::var_os("OSSICLE_MNIST").expect("set OSSICLE_MNIST"));
    let examples = idx::mnist(&folder).unwrap().train_images.first_images::<f64>(10_000).unwrap();
    let settings = Lbfgs { gradient_tolerance: 0.0, cost_tolerance: -1.0, iterations: 50, ..Lbfgs::default() };
    let start = AUTOENCODER.draw::<f64>(&mut Random::new(1));
    let mut objective = AutoencoderCost::new(AUTOENCODER, &examples);
    let (mut theta, mut kept) = (start.clone(), None::<Vec<u8>>);
    let (mut carried_evaluations, mut forgotten_evaluations) = (0, 0);
    println!("| iterations | carried: J | evaluations | forgotten: J | evaluations |\n| --- | --- | --- | --- | --- |");
    for part in 1..=8 {
        let settings_so_far = Lbfgs { iterations: 50 * part, ..settings };
        // Through bytes, as a program that is started eight times would do it.
        let mut carried = match kept.take() {
            None => Minimization::new(settings_so_far, &mut objective, &start),
            Some(bytes) => Minimization::resume(settings_so_far, decode::<f64>(&bytes).unwrap()).unwrap(),
        };
        while carried.step(&mut objective).is_ok() {}
        carried_evaluations = carried.outcome(Reason::Iterations).evaluations.max(carried_evaluations);
        kept = Some(encode(&carried.state()));
        let forgotten = settings.minimize(&mut objective, &mut theta, |_| true);
        forgotten_evaluations += forgotten.evaluations;
        println!(
            "| {} | {:.4} | {carried_evaluations} | {:.4} | {forgotten_evaluations} |",
            50 * part,
            carried.best().cost,
            forgotten.cost
        );
    }
}
