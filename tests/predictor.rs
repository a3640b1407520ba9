//! The predictor, which works sample by sample, has the bits of the tutorial's pipeline, which multiplies matrices.

use ossicle::matrix::Matrix;
use ossicle::model::{Autoencoder, Softmax};
use ossicle::number::Random;
use ossicle::number::sum::sum;
use ossicle::predictor::deployed::{DeployedModel, example};
use ossicle::predictor::{Classification, Predictor};
use ossicle::spectrum::bank::{Bank, LogBands};
use ossicle::spectrum::spectrogram::Spectrogram;
use ossicle::tutorial::time_pooling::average;

/// ln p of each class, computed with matrices.
fn by_matrices(trained: &DeployedModel, samples: &[f32]) -> Vec<f32> {
    let bank = Bank::mel(&trained.mel, trained.framing.length, f64::from(trained.rate)).unwrap();
    let mut frames = LogBands::new(Spectrogram::new(trained.framing), bank, trained.floor).frames(samples);
    let mean = sum(&frames) / frames.len() as f32;
    frames.iter_mut().for_each(|x| *x -= mean);
    let windows = trained.context_window.sample(&[frames], trained.mel.bands);

    let basis = trained.basis.clone();
    let inverse = Matrix::zeros(basis.columns(), basis.rows());
    let whitening = ossicle::dataset::whiten::Whitening { mean: trained.mean.clone(), basis, inverse };
    let white = whitening.apply(windows.matrix);
    let autoencoder = Autoencoder::new(white.rows(), trained.biases.len());
    let mut theta = vec![0.0; autoencoder.dimension()];
    let [w1, _, b1, _] = autoencoder.blocks();
    w1.values_mut(&mut theta).copy_from_slice(trained.weights.elements());
    b1.values_mut(&mut theta).copy_from_slice(&trained.biases);
    let features = autoencoder.encode(&theta, &white);

    let mut pooled = Matrix::zeros(trained.regions * features.rows(), 1);
    average(&features, 0..features.columns(), &mut pooled, 0);
    trained.pooled.apply(&mut pooled);
    let (classes, features) = (trained.class_weights.rows(), pooled.rows());
    let theta = [trained.class_weights.elements(), &trained.class_biases].concat();
    let softmax = Softmax { features, classes, bias: true, weight_decay: 0.0 };
    softmax.log_probabilities(&theta, &pooled).column(0)
}

#[test]
fn the_predictor_has_the_bits_of_the_pipeline() {
    let trained = example();
    let tables = trained.tables(4.0).unwrap();
    let model = tables.model();
    let mut memory = vec![f32::NAN; model.sizes.memory()];
    let mut random = Random::new(2);
    // From one context window to more than 32 per region, and silence. The memory is not cleared in between.
    for length in [416, 417, 500, 1000, 4000, 9000, 32_000] {
        for loud in [0.0, 1e-4, 1.0] {
            let samples: Vec<f32> = (0..length).map(|_| random.uniform(-loud, loud)).collect();
            let expected = by_matrices(&trained, &samples);
            let mut predictor = Predictor::new(&model, &mut memory).unwrap();
            predictor.push_samples(samples.iter().copied()).unwrap();
            let Classification { class, log_probabilities } = predictor.classify().unwrap();
            assert_eq!(log_probabilities, expected, "{length} samples, {loud}");
            assert!(expected.iter().all(|p| *p <= expected[class]));
            // To classify does not change the state.
            assert_eq!(predictor.classify().unwrap().log_probabilities, expected);
        }
    }
}
