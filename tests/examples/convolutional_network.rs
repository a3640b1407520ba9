//! A small convolutional network, trained on batches: `cargo run --release --example convolutional_network`.

use ossicle::matrix::Matrix;
use ossicle::model::Activation;
use ossicle::model::convolution::{MapShape, PoolingMode};
use ossicle::model::network::{InMemory, Layer, Network, Target};
use ossicle::number::Random;
use ossicle::optimize::{Training, UpdateRule};

/// Images of 12 x 12 pixels with noise and a stroke of five pixels: level, upright, or diagonal.
fn draw(count: usize, random: &mut Random) -> (InMemory<f32>, Vec<usize>) {
    let labels: Vec<usize> = (0..count).map(|j| j % 3).collect();
    let mut images = Matrix::from_function(144, count, |_, _| random.uniform(0.0, 0.3));
    for (j, &label) in labels.iter().enumerate() {
        let (top, left) = (random.index(8), random.index(8));
        let [down, right] = [[0, 1], [1, 0], [1, 1]][label];
        (0..5).for_each(|step| images[[12 * (top + down * step) + left + right * step, j]] += 0.7);
    }
    (InMemory::from_columns(&images), labels)
}

fn main() {
    let mut random = Random::new(3);
    let [(train, train_labels), (test, test_labels)] = [300, 150].map(|count| draw(count, &mut random));
    let convolution = Layer::same_convolution(6, [3, 3], Activation::Rectified);
    let pooling = Layer::pooling(PoolingMode::Max, [3, 3]);
    let dense = Layer::Dense { units: 16, activation: Activation::Rectified };
    let layers = vec![convolution, pooling, dense, Layer::Softmax { classes: 3 }];
    let network = Network::new(MapShape { channels: 1, rows: 12, columns: 12 }, layers);
    let mut theta = network.draw(&mut random);
    let training = Training { batch: 30, epochs: 15, ..Training::new(UpdateRule::ADAM, 0.01) };
    training.run(&mut network.cost(&train, Target::Labels(&train_labels)), None, &mut theta, |epoch, _| {
        println!("epoch {}: cost {:.3}", epoch.epoch, epoch.cost);
        true
    });
    let correct =
        network.predict(&theta, &test).into_iter().zip(&test_labels).filter(|(found, label)| found == *label).count();
    println!("{} parameters, {correct} of 150 new images correct", theta.len());
    assert!(correct >= 135);
}
