//! Softmax regression with cross-validation over speakers: `cargo run --example cross_validation`.

use ossicle::dataset::normalize::StandardScaler;
use ossicle::dataset::split::{Split, SplitError};
use ossicle::matrix::Matrix;
use ossicle::model::Softmax;
use ossicle::model::softmax::most_likely;
use ossicle::number::Random;
use ossicle::optimize::Lbfgs;

fn main() -> Result<(), SplitError> {
    // 240 examples of five features, of three classes and four speakers, each with an offset of its own.
    let mut random = Random::new(2);
    let (labels, speakers): (Vec<usize>, Vec<usize>) = (0..240).map(|j| (j % 3, j / 60)).unzip();
    let centers = Matrix::from_function(5, 3, |_, _| random.normal::<f64>());
    let offsets = Matrix::from_function(5, 4, |_, _| 0.3 * random.normal::<f64>());
    let examples = Matrix::from_function(5, 240, |i, j| {
        centers[[i, labels[j]]] + offsets[[i, speakers[j]]] + 0.5 * random.normal::<f64>()
    });

    let model = Softmax { weight_decay: 1e-2, ..Softmax::new(5, 3) };
    let mut correct = 0;
    for fold in Split::Groups.folds_of_groups(&labels, &speakers, 1)? {
        let [mut train, mut test] = [&fold.train, &fold.test].map(|chosen| examples.select_columns(chosen));
        let scaler = StandardScaler::measure(&train);
        scaler.apply(&mut train);
        scaler.apply(&mut test);
        let train_labels: Vec<usize> = fold.train.iter().map(|&j| labels[j]).collect();
        let mut theta = vec![0.0; model.dimension()];
        Lbfgs::default().minimize(&mut model.cost(&train, &train_labels), &mut theta, |_| true);
        let predicted = most_likely(&model.log_probabilities(&theta, &test));
        let hits = predicted.iter().zip(&fold.test).filter(|&(&label, &j)| label == labels[j]).count();
        println!("speaker {}: {hits} of {} correct", fold.name, fold.test.len());
        correct += hits;
    }
    println!("together: {:.1}%", 100.0 * correct as f64 / 240.0);
    assert!(correct > 200);
    Ok(())
}
