//! The multimodal autoencoder: one code for two views (modalities) of an example, from which either view can be
//! reconstructed.
//!
//! **Why.** A spoken digit is a sound, a written one an image; both are the same digit. If both have the same code, the
//! code translates: encode a sound, decode an image. Learning it takes no labels, only pairs: examples with both views
//! known.
//!
//! **Idea.** Train an autoencoder on pairs, but do not always show it both views. It reads both, or the first alone, or
//! the second alone, and must reconstruct both each time. So the code of either view must contain what that view
//! reveals about the other. A single sample of a sound says almost nothing about a single pixel; features of whole
//! views are related more directly. So each view first gets an autoencoder of its own, whose weights then stay fixed,
//! and the joint autoencoder is trained on their features.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | u, v | the first and the second view of an example, such as a sound and an image |
//! | a_u, a_v | their features, by autoencoders that were trained on each view alone |
//! | k_u, k_v | the numbers of these features |
//! | x | (a_u, a_v), one above the other: k_u + k_v values |
//! | x̃_1, x̃_2, x̃_3 | what the joint autoencoder reads: x, or x with zeros for the features of one view |
//! | W1, b1, g | weights, biases and activation function of the joint [`autoencoder`](super::autoencoder)'s encoder |
//! | W2, b2, f | those of its decoder |
//! | E, λ | the error of one example, ½\|y - x\|² unless stated; weight decay |
//! | z, δ2, δ3 | the units before activation; 3m·∂J/∂z of one input, at the code and at the reconstruction |
//! | h_s, y_s | the code of x̃_s, and the reconstruction of x from it |
//! | û, v̂ | the reconstructions of the two views |
//! | m | the number of pairs |
//!
//! ```text
//! (MM.1)  x̃_1 = (a_u, a_v),  x̃_2 = (a_u, 0),  x̃_3 = (0, a_v)      Ngiam et al., 2011
//!
//! (MM.2)  h_s = g(W1 x̃_s + b1),  y_s = f(W2 h_s + b2)              s = 1, 2, 3
//!
//! (MM.3)  J = 1/(3m) Σ_x Σ_s E(x, y_s) + (λ/2) (|W1|² + |W2|²)
//! (MM.4)  û, v̂ = the decodings of the two parts of y_s, each by its view's own decoder
//! ```
//!
//! **Derivation.** (MM.3) is the cost of an autoencoder on 3m examples, whose inputs are the x̃_s and whose targets are
//! the x. The gradient is that of the [autoencoder](super::autoencoder) with 3m in place of m, so that δ is 3m·∂J/∂z.
//! As with [corrupted inputs](super::denoising), the encoder reads x̃_s in place of x, so ∂J/∂W1 = 1/(3m) Σ_x Σ_s δ2
//! x̃_sᵀ + λ W1, while δ3 compares y_s with x. The definition is that of an autoencoder whose inputs differ from its
//! targets, [`reconstruction_by_definition`](super::autoencoder::reconstruction_by_definition).
//!
//! **Why zeros.** Write W1 = (W_u W_v). Then W1 x̃_2 = W_u a_u, so a view that is not shown drops out of the code. This
//! input adds nothing to ∂J/∂W_v; only weight decay, which does not depend on the inputs, acts on W_v. The missing
//! view's rows of W2 do learn, since they must reconstruct the view. The price is that the network cannot distinguish a
//! missing view from one whose features are all 0.
//!
//! **What is learned.** For squared errors and enough units, the best y for the input (a_u, 0) is the mean of x over
//! all pairs with this a_u, since Σ |y - x|² has the gradient 2 Σ (y - x). Real-valued features hardly ever repeat, but
//! g and f are smooth: similar a_u have similar y, so the mean is over the pairs with a similar a_u. So an image
//! reconstructed from a sound is decoded from the mean features of the images that belong to such sounds. It is
//! recognizable, but blurred by everything that the sound does not determine, such as the handwriting.
//!
//! **By hand.** Two views have one feature each, and the features are equal: a_u = a_v = a, with a of mean 0 and
//! variance 1. Take a linear autoencoder with one unit, no biases and λ = 0, which computes h = w (p + q) from the
//! input (p, q) and outputs (h, h). The decoder's weights are 1 here: w stands for the product of the encoder's and the
//! decoder's weight, since y depends on nothing else. With both views h = 2wa; with one, h = wa:
//!
//! ```text
//! E = ½·2·(2wa - a)², then twice ½·2·(wa - a)²;  the mean of a² is 1
//! J = ⅓·( (2w - 1)² + 2 (w - 1)² )
//! ∂J/∂w = ⅓·( 4 (2w - 1) + 4 (w - 1) ) = 0,  so w = ⅔ and J = 1/9
//! ```
//!
//! One view alone gives ⅔ of the other, and both together give 4/3. The error is (a/3)² in each view, for all three
//! inputs. A linear code has to compromise, since its value for (a, a) is the sum of its values for (a, 0) and (0, a).
//! A sigmoid code can do better: for a = ±1 and a large w, h = σ(w (p + q)) is nearly 1 or nearly 0, the same for all
//! three inputs. The decoder 2h - 1 then gives nearly a, and J approaches 0.
//!
//! **Across languages.** Source D also shows sentences of two languages in one space. The construction is the same. A
//! view is then a sentence as a vector (for example, the counts of its words), and a pair is a sentence and its
//! translation. The codes of both are trained to decode to the same x. To the extent that a sentence determines its
//! translation, both have the same mean of x, and their codes differ only in ways that the decoder ignores. A
//! classifier that is trained on the codes of one language can then be applied to the codes of the other.
//!
//! Sources: source D, "Application of Autoencoders"; J. Ngiam, A. Khosla, M. Kim, J. Nam, H. Lee and A. Ng, "Multimodal
//! deep learning", 2011 (whose networks are deeper, and tuned as a whole).

use super::Autoencoder;
use super::dense::DenseCost;
use crate::matrix::Matrix;
use crate::number::Real;

/// The joint autoencoder of two views, on their features.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Multimodal {
    /// k_u and k_v, the numbers of features of the two views.
    pub features: [usize; 2],
    /// The autoencoder, whose examples have k_u + k_v values.
    pub joint: Autoencoder,
}

/// Pairs as the joint autoencoder reads and reconstructs them.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairs<T> {
    /// x̃: (k_u + k_v) x 3m; first both views of all pairs, then the first view alone, then the second alone.
    pub inputs: Matrix<T>,
    /// x of each input: (k_u + k_v) x 3m.
    pub targets: Matrix<T>,
}

impl Multimodal {
    /// A joint autoencoder with this number of units in its code; its activations and weight decay are free to change.
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
    /// As [`Autoencoder::cost`], and if `joint` has not k_u + k_v inputs.
    pub fn cost<'x, T: Real>(&self, pairs: &'x Pairs<T>) -> DenseCost<'x, T> {
        assert_eq!(self.joint.visible, self.features[0] + self.features[1], "inputs of the joint autoencoder");
        self.joint.cost(&pairs.targets).with_inputs(&pairs.inputs) // (MM.3)
    }

    /// The codes h of the views that are known: code x examples.
    ///
    /// # Panics
    /// As [`inputs`](Self::inputs), and if `theta` has not the joint autoencoder's dimension.
    pub fn encode<T: Real>(&self, theta: &[T], views: [Option<&Matrix<T>>; 2]) -> Matrix<T> {
        self.joint.encode(theta, &self.inputs(views)) // (MM.2)
    }

    /// The features of both views, reconstructed from codes.
    ///
    /// # Panics
    /// If `theta` has not the joint autoencoder's dimension, or the codes not `hidden` rows.
    pub fn decode<T: Real>(&self, theta: &[T], codes: &Matrix<T>) -> [Matrix<T>; 2] {
        let (y, first) = (self.joint.decode(theta, codes), self.features[0]); // (MM.2)
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
            let found = &model.decode(&theta, &model.encode(&theta, views))[missing];
            let worst = found.elements().iter().zip(truth.elements()).fold(0.0, |w: f64, (y, x)| w.max((y - x).abs()));
            assert!(worst < 0.3, "{worst}");
        }
    }
}
