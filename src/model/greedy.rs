//! Greedy layer-wise training: a deep network's layers learned one after the other, each without labels.
//!
//! The first autoencoder learns the examples, the next one the features of the first, and so on. Their encoders, put
//! one on the other under a softmax regression that was trained on the deepest features, are a [stacked
//! network](super::stacked) to start tuning from (the tutorial's transfer of weights); their decoders, in reverse
//! order, lead back:
//!
//! a_l = σ(W1⁽ˡ⁾·a_(l-1) + b1⁽ˡ⁾) for l = 1 to L,  y_(l-1) = f(W2⁽ˡ⁾·y_l + b2⁽ˡ⁾) for l = L to 1, with y_L = a_L.
//!
//! Sources: source A, 8.4; Y. Bengio, P. Lamblin, D. Popovici and H. Larochelle, "Greedy layer-wise training of deep
//! networks", 2007.

use super::layer::{forward, sums_of};
use super::stacked::DenseWeights;
use super::{Autoencoder, AutoencoderCost};
use crate::matrix::{Matrix, Product};
use crate::number::{Random, Real};
use crate::optimize::Lbfgs;
use crate::optimize::lbfgs::{Outcome, Report};
use alloc::vec::Vec;

/// An autoencoder that has learned: one layer of a stack.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainedAutoencoder<T> {
    /// Its settings.
    pub model: Autoencoder,
    /// Its parameters.
    pub theta: Vec<T>,
    /// How its training ended.
    pub outcome: Outcome<T>,
}

impl<T: Real> TrainedAutoencoder<T> {
    /// Draws an autoencoder's parameters and minimizes its cost on examples (columns).
    ///
    /// # Panics
    /// As [`AutoencoderCost::new`].
    pub fn train(
        settings: Autoencoder,
        minimizer: &Lbfgs,
        examples: &Matrix<T>,
        random: &mut Random,
        observer: impl FnMut(&Report<T>) -> bool,
    ) -> Self {
        let mut theta = settings.draw(random);
        let outcome = minimizer.minimize(&mut AutoencoderCost::new(settings, examples), &mut theta, observer);
        TrainedAutoencoder { model: settings, theta, outcome }
    }

    /// The features of examples.
    pub fn encode(&self, examples: &Matrix<T>) -> Matrix<T> {
        self.model.encode(&self.theta, examples)
    }

    /// What features stand for, y = f(W2·a + b2): visible x examples.
    ///
    /// # Panics
    /// If the features have not `hidden` rows.
    pub fn decode(&self, features: &Matrix<T>) -> Matrix<T> {
        let [_, w2, _, b2] = self.model.blocks();
        let mut y = Matrix::zeros(self.model.visible, features.columns());
        let mut sums = sums_of(&y);
        let (w2, b2) = (w2.view(&self.theta), b2.values(&self.theta));
        forward(&mut Product::new(), (self.model.decoder, T::ZERO), w2, b2, features, &mut y, &mut sums);
        y
    }

    /// The encoder as a layer of a stacked network.
    pub fn encoder(&self) -> DenseWeights<T> {
        let [w1, _, b1, _] = self.model.blocks();
        DenseWeights {
            weights: Matrix::from_rows(w1.rows, w1.columns, w1.values(&self.theta).to_vec()),
            bias: b1.values(&self.theta).to_vec(),
        }
    }
}

/// Trains an autoencoder on the examples, the next on its features, and so on. The observer hears of each step with the
/// layer, counted from 0; when it says stop, that layer is left as it is and the next begins.
///
/// # Panics
/// If an autoencoder's `visible` is not the `hidden` of the one before (the examples' length for the first), or there
/// is no example.
pub fn pretrain<T: Real>(
    stack: &[Autoencoder],
    minimizer: &Lbfgs,
    examples: &Matrix<T>,
    random: &mut Random,
    mut observer: impl FnMut(usize, &Report<T>) -> bool,
) -> Vec<TrainedAutoencoder<T>> {
    let mut trained: Vec<TrainedAutoencoder<T>> = Vec::with_capacity(stack.len());
    let mut features = None;
    for (l, &settings) in stack.iter().enumerate() {
        let x = features.as_ref().unwrap_or(examples);
        let layer = TrainedAutoencoder::train(settings, minimizer, x, random, |report| observer(l, report));
        if l + 1 < stack.len() {
            features = Some(layer.encode(x));
        }
        trained.push(layer);
    }
    trained
}

/// The deepest features of examples.
pub fn encode<T: Real>(stack: &[TrainedAutoencoder<T>], examples: &Matrix<T>) -> Matrix<T> {
    stack
        .iter()
        .fold(None, |below, layer| Some(layer.encode(below.as_ref().unwrap_or(examples))))
        .unwrap_or_else(|| examples.clone())
}

/// What the deepest features stand for among the examples' numbers: the decoders in reverse order.
pub fn decode<T: Real>(stack: &[TrainedAutoencoder<T>], features: &Matrix<T>) -> Matrix<T> {
    stack
        .iter()
        .rev()
        .fold(None, |above, layer| Some(layer.decode(above.as_ref().unwrap_or(features))))
        .unwrap_or_else(|| features.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, Stacked, StackedCost};
    use crate::number::sum::squared_distance;
    use crate::optimize::Objective;
    use alloc::vec;

    /// Eight numbers that depend on two.
    fn examples() -> Matrix<f64> {
        let mut random = Random::new(1);
        let causes: Matrix<f64> = Matrix::from_function(2, 100, |_, _| random.uniform(0.2, 0.8));
        Matrix::from_function(8, 100, |i, j| 0.5 * (causes.row(i % 2)[j] + causes.row(i / 4)[j]))
    }

    fn stack(sizes: [usize; 3]) -> Vec<Autoencoder> {
        let layer = |pair: &[usize]| Autoencoder {
            visible: pair[0],
            hidden: pair[1],
            decoder: Activation::Sigmoid,
            weight_decay: 1e-6,
            sparsity: 0.3,
            sparsity_weight: 0.0,
        };
        sizes.windows(2).map(layer).collect()
    }

    #[test]
    fn two_layers_encode_and_decode() {
        let x = examples();
        let mut seen = vec![0; 2];
        let minimizer = Lbfgs { iterations: 150, ..Lbfgs::default() };
        let trained = pretrain(&stack([8, 5, 3]), &minimizer, &x, &mut Random::new(2), |layer, report| {
            seen[layer] = report.iteration;
            true
        });
        assert_eq!(seen, [trained[0].outcome.iterations, trained[1].outcome.iterations]);
        let features = encode(&trained, &x);
        let y = decode(&trained, &features);
        assert_eq!((features.rows(), y.rows(), y.columns()), (3, 8, 100));
        // Much nearer than the mean would be.
        let error = squared_distance(y.elements(), x.elements()) / 800.0;
        assert!(error < 1e-3, "{error}");
    }

    #[test]
    fn transferred_weights_give_the_features_of_the_encoders() {
        let x = examples();
        let minimizer = Lbfgs { iterations: 5, ..Lbfgs::default() };
        let trained = pretrain(&stack([8, 5, 3]), &minimizer, &x, &mut Random::new(2), |_, _| true);
        let settings = Stacked { visible: 8, layers: vec![5, 3], classes: 2, bias: true, weight_decay: 0.0 };
        let layers: Vec<_> = trained.iter().map(TrainedAutoencoder::encoder).collect();
        let mut theta = settings.pack(&layers, &[0.0; 8]);
        assert_eq!(settings.features(&theta, &x), encode(&trained, &x));
        // A softmax regression that knows nothing yet costs ln 2; tuning goes down from there.
        let classes: Vec<usize> = (0..100).map(|j| usize::from(x.row(0)[j] > x.row(1)[j])).collect();
        let mut network = StackedCost::new(&settings, &x, &classes);
        let before = network.cost_and_gradient(&theta, &mut vec![0.0; theta.len()]);
        assert!((before - core::f64::consts::LN_2).abs() < 1e-15);
        let after = Lbfgs::default().minimize(&mut network, &mut theta, |_| true).cost;
        assert!(after < 0.2 * before, "{after}");
    }
}
