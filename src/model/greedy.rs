//! Greedy layer-wise pretraining: the layers of a deep network, learned one after the other and without labels.
//!
//! **Why.** A deep network that starts at random learns badly: δ shrinks in every layer on its way down
//! ([`stacked`](super::stacked)), so the lowest layers, on whose features all others depend, change least. In addition,
//! the few labeled examples have to determine all weights. An autoencoder is shallow, so δ reaches its encoder at once;
//! and it learns from every example, labeled or not. Layers learned in this way already describe the inputs. From this
//! start, fine-tuning lowers the cost on the labels by changing the weights of all layers together.
//!
//! **Idea.** The first autoencoder learns the examples, the next one the features of the first, and so on.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | L, ⁽ˡ⁾ | the number of autoencoders; belonging to autoencoder l |
//! | W1, b1, W2, b2 | weights and biases of its encoder and of its decoder ([autoencoder](super::autoencoder)) |
//! | σ, f | the sigmoid; the activation of the decoder, sigmoid or linear |
//! | x, a_l | an example; its features in layer l |
//! | y_l | the reconstruction of a_l; y_0 that of the example (in the next section, y is a label) |
//!
//! The encoders lead up, and the decoders, in reverse order, lead back:
//!
//! ```text
//! a_l = σ(W1⁽ˡ⁾ a_(l-1) + b1⁽ˡ⁾),  l = 1 to L,  a_0 = x
//! y_(l-1) = f(W2⁽ˡ⁾ y_l + b2⁽ˡ⁾),  l = L to 1,  y_L = a_L
//! ```
//!
//! The stacked network starts with the weights of the encoders. (Source A calls this a transfer.) Its top layer, with Θ
//! and b, is a softmax regression that has been trained on a_L and the labels while the encoders stayed fixed:
//!
//! ```text
//! W_l = W1⁽ˡ⁾,  b_l = b1⁽ˡ⁾,  l = 1 to L
//! ```
//!
//! Greedy means that each layer is optimized for itself, not for the layers that follow, and not for the classes.
//!
//! **Why it should help**, apart from the size of δ: with few labels, many settings of the weights fit all training
//! examples, and fine-tuning ends at one near its start. Features that thousands of unlabeled examples have determined
//! describe inputs in general; weights near them may suit new examples too. So pretraining acts like weight decay, as a
//! regularizer: it makes some settings more likely than others that fit the training examples equally well.
//!
//! **When it does not.** All this assumes that what varies in the inputs has to do with the classes. By hand: two
//! independent values of mean 0, x_1 with the variance 4 and x_2 with the variance 1, and one linear hidden unit. An
//! autoencoder that keeps x_1 can at best replace x_2 with its mean, 0, so its mean squared error is 1, the variance of
//! x_2; one that keeps x_2 has the error 4. So it keeps x_1. If the class is the sign of x_2, no layer above can
//! recover it: only fine-tuning, which changes W1, can bring x_2 back. And with many labels, or with initial weights
//! that keep the size of δ (exercise E.6), a random start may do as well. So exercise 8.4.4 fine-tunes the same network
//! from random weights for comparison.
//!
//! Sources: source A, 8.4; UFLDL, "Stacked Autoencoders"; Y. Bengio, P. Lamblin, D. Popovici and H. Larochelle, "Greedy
//! layer-wise training of deep networks", 2007; D. Erhan et al., "Why does unsupervised pre-training help deep
//! learning?", 2010.

use super::Autoencoder;
use super::dense::DenseCost;
use super::stacked::DenseWeights;
use crate::matrix::Matrix;
use crate::number::{Random, Real};
use crate::optimize::lbfgs::Outcome;
use alloc::vec::Vec;

/// An autoencoder that has learned: one layer of a stack.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainedAutoencoder<T> {
    /// The autoencoder.
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
    /// As [`Autoencoder::cost`].
    pub fn train(
        model: Autoencoder,
        examples: &Matrix<T>,
        random: &mut Random,
        minimize: impl FnOnce(&mut DenseCost<T>, &mut [T]) -> Outcome<T>,
    ) -> Self {
        let mut theta = model.draw(random);
        let outcome = minimize(&mut model.cost(examples), &mut theta);
        TrainedAutoencoder { model, theta, outcome }
    }

    /// The features of examples: hidden x examples.
    pub fn encode(&self, examples: &Matrix<T>) -> Matrix<T> {
        self.model.encode(&self.theta, examples)
    }

    /// The reconstructions from features: visible x examples.
    ///
    /// # Panics
    /// If the features have not `hidden` rows.
    pub fn decode(&self, features: &Matrix<T>) -> Matrix<T> {
        self.model.decode(&self.theta, features)
    }

    /// The encoder as a layer of a stacked network, whose units are sigmoid.
    pub fn encoder(&self) -> DenseWeights<T> {
        encoder(&self.model, &self.theta)
    }
}

/// The encoder of an autoencoder with these parameters, as a layer.
///
/// # Panics
/// If the autoencoder has another number of parameters.
pub fn encoder<T: Real>(model: &Autoencoder, theta: &[T]) -> DenseWeights<T> {
    let [w1, _, b1, _] = model.blocks();
    DenseWeights {
        weights: Matrix::from_rows(w1.rows, w1.columns, w1.values(theta).to_vec()),
        bias: b1.values(theta).to_vec(),
    }
}

/// Trains an autoencoder on the examples, the next on its features, and so on. `minimize` receives the layer, counted
/// from 0, its cost, and its parameters.
///
/// # Panics
/// If an autoencoder's `visible` is not the `hidden` of the one before (the examples' length for the first), or there
/// is no example.
pub fn pretrain<T: Real>(
    stack: &[Autoencoder],
    examples: &Matrix<T>,
    random: &mut Random,
    mut minimize: impl FnMut(usize, &mut DenseCost<T>, &mut [T]) -> Outcome<T>,
) -> Vec<TrainedAutoencoder<T>> {
    let mut trained: Vec<TrainedAutoencoder<T>> = Vec::with_capacity(stack.len());
    let mut features = None;
    for (l, &model) in stack.iter().enumerate() {
        let x = features.as_ref().unwrap_or(examples);
        let layer = TrainedAutoencoder::train(model, x, random, |cost, theta| minimize(l, cost, theta));
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

/// The reconstructions of examples from their deepest features: the decoders in reverse order.
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
    use crate::model::Stacked;
    use crate::number::sum::squared_distance;
    use crate::optimize::{Lbfgs, Objective};
    use alloc::vec;

    /// Eight values that depend on two.
    fn examples() -> Matrix<f64> {
        let mut random = Random::new(1);
        let causes: Matrix<f64> = Matrix::from_function(2, 100, |_, _| random.uniform(0.2, 0.8));
        Matrix::from_function(8, 100, |i, j| 0.5 * (causes.row(i % 2)[j] + causes.row(i / 4)[j]))
    }

    fn stack(sizes: [usize; 3]) -> Vec<Autoencoder> {
        let layer = |pair: &[usize]| Autoencoder { weight_decay: 1e-6, ..Autoencoder::new(pair[0], pair[1]) };
        sizes.windows(2).map(layer).collect()
    }

    #[test]
    fn two_layers_encode_and_decode() {
        let x = examples();
        let mut seen = vec![0; 2];
        let minimizer = Lbfgs { iterations: 150, ..Lbfgs::default() };
        let trained = pretrain(&stack([8, 5, 3]), &x, &mut Random::new(2), |layer, cost, theta| {
            minimizer.minimize(cost, theta, |report| {
                seen[layer] = report.iteration;
                true
            })
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
        let minimize = |_, cost: &mut DenseCost<f64>, theta: &mut [f64]| minimizer.minimize(cost, theta, |_| true);
        let trained = pretrain(&stack([8, 5, 3]), &x, &mut Random::new(2), minimize);
        let model = Stacked { visible: 8, layers: vec![5, 3], classes: 2, bias: true, weight_decay: 0.0 };
        let layers: Vec<_> = trained.iter().map(TrainedAutoencoder::encoder).collect();
        let mut theta = model.pack(&layers, &[0.0; 8]);
        assert_eq!(model.features(&theta, &x), encode(&trained, &x));
        // A softmax regression that knows nothing yet costs ln 2; tuning goes down from there.
        let labels: Vec<usize> = (0..100).map(|j| usize::from(x.row(0)[j] > x.row(1)[j])).collect();
        let mut network = model.cost(&x, &labels);
        let before = network.cost_and_gradient(&theta, &mut vec![0.0; theta.len()]);
        assert!((before - core::f64::consts::LN_2).abs() < 1e-15);
        let after = Lbfgs::default().minimize(&mut network, &mut theta, |_| true).cost;
        assert!(after < 0.2 * before, "{after}");
    }
}
