//! A sparse autoencoder on the columns of a matrix: `cargo run --example autoencoder`.

use ossicle::matrix::Matrix;
use ossicle::model::Autoencoder;
use ossicle::number::Random;
use ossicle::optimize::Lbfgs;

fn main() {
    // 500 examples of 12 values: a bump at one of four places, of random height, and a little noise.
    let mut random = Random::new(1);
    let examples: Vec<Vec<f64>> = (0..500)
        .map(|_| {
            let (place, height) = (random.index(4), random.uniform(0.3, 0.6));
            (0..12)
                .map(|i| 0.2 + if i / 3 == place { height } else { 0.0 } + random.uniform::<f64>(-0.05, 0.05))
                .collect()
        })
        .collect();
    let examples = Matrix::try_from(examples).expect("rows of one length").transpose();

    // Four units, of which each is to be active for a quarter of the examples.
    let model = Autoencoder { weight_decay: 1e-4, sparsity: 0.25, sparsity_weight: 0.1, ..Autoencoder::new(12, 4) };
    let mut theta = model.draw(&mut random);
    let outcome = Lbfgs::default().minimize(&mut model.cost(&examples), &mut theta, |report| {
        if report.iteration % 50 == 0 {
            println!("step {}: cost {:.4}", report.iteration, report.cost);
        }
        true
    });
    println!("{} after {} steps: cost {:.4}", outcome.reason, outcome.iterations, outcome.cost);

    let features = model.encode(&theta, &examples);
    let reconstructions = model.decode(&theta, &features);
    println!("features of the first examples, units x examples:\n{features:.2}");
    let pairs = examples.elements().iter().zip(reconstructions.elements());
    let error = pairs.fold(0.0, |sum, (x, y)| sum + (x - y) * (x - y)) / 6000.0;
    println!("mean squared error of a value: {error:.4}");
    assert!(error < 0.005);
}
