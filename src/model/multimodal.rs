//! The multimodal autoencoder: one code for two views of a thing, from which either view can be reconstructed.
//!
//! **Why.** A spoken digit is a sound, a written one an image; both are the same digit. A code that both lead to can
//! translate: encode a sound, decode an image. No label is needed to learn it, only pairs: things of which both views
//! are known.
//!
//! **Idea.** Train an autoencoder on pairs, but do not always show it both views. It reads both, or the first alone, or
//! the second alone, and must reconstruct both each time. So its code must hold, for each view alone, all that this
//! view says about the other. Sounds and images do not correspond value by value; their features do, so each view first
//! gets an autoencoder of its own, and the common one is trained on their features.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | u, v | the first and the second view of a thing, such as a sound and an image |
//! | a_u, a_v | their features, by autoencoders that were trained on each view alone |
//! | x | (a_u, a_v), one above the other: n_u + n_v values |
//! | x̃ | what the common autoencoder reads: x, or x with zeros for the features of one view |
//! | W1, b1, W2, b2, f, E, λ | the common autoencoder, as in [`autoencoder`](super::autoencoder) |
//! | c | its code |
//! | m | the number of pairs |
//!
//! ```text
//! (MM.1)  x̃_1 = (a_u, a_v),  x̃_2 = (a_u, 0),  x̃_3 = (0, a_v)      Ngiam et al., section 3.3
//!
//! (MM.2)  c = σ(W1 x̃_s + b1),  y = f(W2 c + b2)                    s = 1, 2, 3
//!
//! (MM.3)  J = (1/3m) Σ_x Σ_s E(x, y) + (λ/2) (|W1|² + |W2|²)
//! (MM.4)  û, v̂ = the decodings of the two parts of y, each by its view's own decoder
//! ```
//!
//! **Derivation.** (MM.3) is the cost of an autoencoder on 3m examples, whose inputs are the x̃_s and whose targets are
//! the x. The gradient is that of the [autoencoder](super::autoencoder) with one change, as for
//! [corrupted inputs](super::denoising): ∂z/∂W1 is the input x̃_s, and the error compares with x. An input that is 0
//! adds nothing to ∂J/∂W1, so the weights of a view that is not shown learn nothing from that
//! input.
//!
//! **What is learned.** For squared errors and enough units, the best y from the input (a_u, 0) is the mean of (a_u,
//! a_v) over all pairs with this a_u. So the image that is reconstructed from a sound is the mean of the images that
//! belong to sounds like it: recognizable, and blurred by all that the sound does not say, such as the writer's hand.
//!
//! **By hand.** Two views of one feature each, that are equal: a_u = a_v = a, with a of mean 0 and variance 1. A linear
//! autoencoder with one unit, c = w (x̃_1 + x̃_2) and y = (c, c), λ = 0, has three errors for each pair. With both
//! views c = 2wa; with one, c = wa:
//!
//! ```text
//! E = ½·2·(2wa - a)², then twice ½·2·(wa - a)²
//! J = (1/3)·( (2w - 1)² + 2 (w - 1)² )
//! ∂J/∂w = 0:  2 (2w - 1) + 2 (w - 1) = 0,  so w = ⅔
//! ```
//!
//! One view alone gives ⅔ of the other, both give 4/3: a linear code has to compromise, since it sums what it is shown.
//! A sigmoid code can do better, because it saturates.
//!
//! **Across languages.** Source D shows a third use: sentences of two languages in one space. The construction is the
//! same. A view is then a sentence as a vector (for example, how often each word occurs in it), a pair is a sentence
//! and its translation, and the code is the meaning that both share. A classifier that is trained on the codes of one
//! language then also classifies sentences of the other.
//!
//! Sources: source D, "Application of Autoencoders"; J. Ngiam, A. Khosla, M. Kim, J. Nam, H. Lee and A. Ng, "Multimodal
//! deep learning", 2011 (whose networks are deeper, and tuned as a whole).

use super::Autoencoder;
use super::dense::DenseCost;
use crate::matrix::Matrix;
use crate::number::Real;

/// The common autoencoder of two views, on their features.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Multimodal {
    /// n_u and n_v, the numbers of features of the two views.
    pub features: [usize; 2],
    /// The autoencoder, whose examples have n_u + n_v values.
    pub joint: Autoencoder,
}

/// Pairs as the common autoencoder reads and reconstructs them.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairs<T> {
    /// x̃: (n_u + n_v) x 3m; first both views of all pairs, then the first view alone, then the second alone.
    pub inputs: Matrix<T>,
    /// x of each input: (n_u + n_v) x 3m.
    pub targets: Matrix<T>,
}

impl Multimodal {
    /// A common autoencoder with this number of units in its code; its activations and weight decay are free to change.
    pub const fn new(features: [usize; 2], code: usize) -> Self {
        Multimodal { features, joint: Autoencoder::new(features[0] + features[1], code) }
    }

    /// Pairs of features: the columns of two matrices.
    ///
    /// # Panics
    /// If there is not a second view for each first one, or a view has another number of features.
    pub fn pairs<T: Real>(&self, views: [&Matrix<T>; 2]) -> Pairs<T> {
        let m = views[0].columns();
        let both = self.inputs([Some(views[0]), Some(views[1])]);
        let alone = [self.inputs([Some(views[0]), None]), self.inputs([None, Some(views[1])])];
        let shown = [&both, &alone[0], &alone[1]];
        let inputs = Matrix::from_function(both.rows(), 3 * m, |i, j| shown[j / m].row(i)[j % m]); // (MM.1)
        Pairs { inputs, targets: Matrix::from_function(both.rows(), 3 * m, |i, j| both.row(i)[j % m]) }
    }

    /// x̃ of the features that are known, with zeros for those of a view that is not.
    ///
    /// # Panics
    /// If there is no view, the views have different numbers of columns, or one has another number of features.
    pub fn inputs<T: Real>(&self, views: [Option<&Matrix<T>>; 2]) -> Matrix<T> {
        let columns = views.iter().flatten().map(|view| view.columns()).next().expect("a view");
        for (view, features) in views.iter().zip(self.features) {
            let Some(view) = view else { continue };
            assert_eq!((view.rows(), view.columns()), (features, columns), "features and columns of a view");
        }
        let first = self.features[0];
        Matrix::from_function(first + self.features[1], columns, |i, j| {
            let (view, i) = if i < first { (views[0], i) } else { (views[1], i - first) };
            view.map_or(T::ZERO, |view| view.row(i)[j])
        })
    }

    /// J, to be minimized.
    ///
    /// # Panics
    /// As [`Autoencoder::cost`], and if `joint` has not n_u + n_v inputs.
    pub fn cost<'x, T: Real>(&self, pairs: &'x Pairs<T>) -> DenseCost<'x, T> {
        assert_eq!(self.joint.visible, self.features[0] + self.features[1], "inputs of the common autoencoder");
        self.joint.cost(&pairs.targets).with_inputs(&pairs.inputs) // (MM.2), (MM.3)
    }

    /// The features of both views, reconstructed from the views that are known.
    ///
    /// # Panics
    /// As [`inputs`](Self::inputs), and if `theta` has not the common autoencoder's dimension.
    pub fn reconstruct<T: Real>(&self, theta: &[T], views: [Option<&Matrix<T>>; 2]) -> [Matrix<T>; 2] {
        let y = self.joint.decode(theta, &self.joint.encode(theta, &self.inputs(views)));
        let first = self.features[0];
        let part = |from: usize, rows: usize| Matrix::from_function(rows, y.columns(), |i, j| y.row(from + i)[j]);
        [part(0, first), part(first, self.features[1])] // (MM.4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Activation;
    use crate::model::autoencoder::reconstruction_by_definition;
    use crate::number::Random;
    use crate::optimize::{Batched, Lbfgs, Objective};
    use alloc::vec;
    use alloc::vec::Vec;

    fn draw(seed: u64, rows: usize, columns: usize) -> Matrix<f64> {
        let mut random = Random::new(seed);
        Matrix::from_function(rows, columns, |_, _| random.uniform(0.1, 0.9))
    }

    #[test]
    fn the_cost_is_the_definition_of_an_autoencoder_with_other_inputs() {
        let mut model = Multimodal::new([3, 2], 4);
        (model.joint.weight_decay, model.joint.sparsity_weight) = (0.01, 0.5);
        let pairs = model.pairs([&draw(1, 3, 7), &draw(2, 2, 7)]);
        let theta: Vec<f64> = model.joint.draw(&mut Random::new(3));
        let mut gradient = vec![f64::NAN; theta.len()];
        let j = model.cost(&pairs).cost_and_gradient(&theta, &mut gradient);
        let (defined, expected) = reconstruction_by_definition(&model.joint, &theta, &pairs.inputs, &pairs.targets);
        assert!((j - defined).abs() < 1e-14 * defined, "{j} {defined}");
        assert!(gradient.iter().zip(&expected).all(|(g, e)| (g - e).abs() < 1e-14));
        // A batch of all pairs, in order, is the whole.
        let all: Vec<usize> = (0..21).collect();
        let mut batch = vec![f64::NAN; theta.len()];
        assert_eq!((model.cost(&pairs).cost_and_gradient_on(&all, &theta, &mut batch), batch), (j, gradient));
    }

    #[test]
    fn the_linear_code_of_two_equal_views_by_hand() {
        let mut model = Multimodal::new([1, 1], 1);
        (model.joint.encoder, model.joint.decoder) = (Activation::Linear, Activation::Linear);
        let a = Matrix::from_rows(1, 4, vec![1.0, -1.0, 1.0, -1.0]);
        let pairs = model.pairs([&a, &a]);
        // W1 = (w, w), W2 = (1, 1), no biases.
        let at = |w: f64| {
            let mut gradient = vec![0.0; 7];
            let cost = model.cost(&pairs).cost_and_gradient(&[w, w, 1.0, 1.0, 0.0, 0.0, 0.0], &mut gradient);
            (cost, gradient[0] + gradient[1])
        };
        let (cost, slope) = at(2.0 / 3.0);
        assert!((cost - 1.0 / 9.0).abs() < 1e-15 && slope.abs() < 1e-15, "{cost} {slope}");
        assert!(at(0.6).0 > cost && at(0.7).0 > cost);
    }

    #[test]
    fn a_view_is_reconstructed_from_the_other() {
        // The second view is the first in another order, so each determines the other; the features are 0.1 or 0.9.
        let mut random = Random::new(4);
        let first: Matrix<f64> = Matrix::from_function(4, 200, |_, _| if random.index(2) == 0 { 0.1 } else { 0.9 });
        let second = Matrix::from_function(4, 200, |i, j| first.row(3 - i)[j]);
        let model = Multimodal::new([4, 4], 12);
        let pairs = model.pairs([&first, &second]);
        let mut theta: Vec<f64> = model.joint.draw(&mut random);
        Lbfgs { iterations: 300, ..Lbfgs::default() }.minimize(&mut model.cost(&pairs), &mut theta, |_| true);
        for (views, missing, truth) in [([Some(&first), None], 1, &second), ([None, Some(&second)], 0, &first)] {
            let found = &model.reconstruct(&theta, views)[missing];
            let worst = found.elements().iter().zip(truth.elements()).fold(0.0, |w: f64, (y, x)| w.max((y - x).abs()));
            assert!(worst < 0.3, "{worst}");
        }
    }
}
