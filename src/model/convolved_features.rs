//! Convolved features: patch features from an autoencoder, evaluated at every position and pooled.
//!
//! Why: a large input has too many elements for a dense autoencoder, and a pattern that is worth finding at one
//! position is worth finding at all of them. So learn features of small patches, and evaluate them everywhere.
//!
//! 1. Patches of h x v positions, over all channels, are drawn at random from the inputs ([`sample`]), and whitened
//!    as x' = B (x - μ).
//! 2. A sparse autoencoder learns features of them: a = σ(W x' + b).
//! 3. The whitening is folded into the features, so that they apply to patches without whitening
//!    ([`ConvolvedFeatures::fold`]):
//!
//! ```text
//! (CF.1)  W B (x - μ) + b = V x + c,   V = W B
//! (CF.2)  c = b - V μ                  UFLDL, "Exercise: Convolution and Pooling", step 2b
//! ```
//!
//! Derivation: W B (x - μ) + b = (W B) x + (b - W B μ), since matrix products are linear. By hand, for patches of two
//! elements with one whitened component and one feature: μ = (1, 3)ᵀ, B = (½ ½), W = 4 and b = 1 give V = (2 2) and
//! c = 1 - 8 = -7. The patch (2, 5)ᵀ has x' = 1.5, and 4·1.5 + 1 = 7; without whitening, 2·2 + 2·5 - 7 = 7.
//!
//! 4. The features are the filters of a [convolution](super::convolution): each position of an input has its patch's
//!    features.
//! 5. [Pooling](super::convolution::pooling) keeps their mean or maximum in a few regions. The regions are fractions of
//!    an input's rows and columns, so inputs of any size have the same number of them, and become examples of one
//!    length for a softmax regression.
//!
//! An input that has fewer rows or columns than a patch is padded with zeros, below and to the right, until it has one
//! position.
//!
//! Sources: source B, 8.4; UFLDL, "Feature extraction using convolution", "Pooling" and "Exercise: Convolution and
//! Pooling"; A. Coates, H. Lee and A. Ng, "An analysis of single-layer networks in unsupervised feature learning",
//! 2011.

use super::Activation;
use super::convolution::pooling::Regions;
use super::convolution::{Convolution, Convolver, Filters, MapShape, Pooling, PoolingMode};
use super::stacked::DenseWeights;
use crate::dataset::whiten::Whitening;
use crate::machine::{size, threads};
use crate::matrix::{Matrix, Product};
use crate::number::{Random, Real};
use alloc::vec;
use alloc::vec::Vec;

/// One input: its maps, and their shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Input<T> {
    shape: MapShape,
    maps: Matrix<T>,
}

impl<T: Real> Input<T> {
    /// Maps (channels x rows·columns), padded with zeros to at least `size` rows and columns.
    ///
    /// # Panics
    /// If the maps have not that shape, or there is no memory for them.
    pub fn new(shape: MapShape, maps: Matrix<T>, size: [usize; 2]) -> Self {
        assert_eq!((maps.rows(), maps.columns()), (shape.channels, shape.plane()), "maps of {shape:?}");
        let large = Self::padded(shape, size);
        if large == shape {
            return Input { shape, maps };
        }
        let maps = Matrix::from_function(large.channels, large.plane(), |c, at| {
            let (i, j) = (at / large.columns, at % large.columns);
            if i < shape.rows && j < shape.columns { maps.row(c)[i * shape.columns + j] } else { T::ZERO }
        });
        Input { shape: large, maps }
    }

    /// A shape, padded to at least `size` rows and columns.
    pub fn padded(shape: MapShape, size: [usize; 2]) -> MapShape {
        MapShape { rows: shape.rows.max(size[0]), columns: shape.columns.max(size[1]), ..shape }
    }

    /// The shape, zeros included.
    pub fn shape(&self) -> MapShape {
        self.shape
    }

    /// Copies the patch of these rows and columns at a position to column `j`.
    ///
    /// # Panics
    /// If there is no such position or column, or the column has not the length of the patch.
    pub fn copy_patch(&self, patch: [usize; 2], position: usize, to: &mut Matrix<T>, j: usize) {
        let rows = to.rows();
        let shape = Convolution::new(self.shape, 1, patch);
        shape.patches(&self.maps, position..position + 1, to.view_mut().part([0, j], [rows, 1]));
    }
}

/// Draws `count` patches of `patch` rows and columns from inputs of these shapes: the index of each one's input, and
/// its position there. Each position of each input is as likely as any other.
///
/// # Panics
/// If there is no input, one is smaller than a patch, or there is no memory.
pub fn draw(
    shapes: impl Iterator<Item = MapShape>,
    patch: [usize; 2],
    count: usize,
    random: &mut Random,
) -> Vec<(usize, usize)> {
    let mut ends = Vec::new();
    let mut places = 0;
    for shape in shapes {
        places = size::sum([places, Convolution::new(shape, 1, patch).output().plane()]);
        ends.push(places);
    }
    assert!(places > 0, "no input to take patches from");
    let mut draw = || {
        let place = random.index(places);
        let which = ends.partition_point(|&end| end <= place);
        (which, place - if which > 0 { ends[which - 1] } else { 0 })
    };
    size::claim::<(usize, usize)>(count);
    (0..count).map(|_| draw()).collect()
}

/// `count` patches of `patch` rows and columns, as columns, in the order of a convolution's taps, as [`draw`] draws
/// them.
///
/// # Panics
/// If there is no input, one is smaller than a patch or has another number of channels, or there is no memory.
pub fn sample<T: Real>(inputs: &[&Input<T>], patch: [usize; 2], count: usize, random: &mut Random) -> Matrix<T> {
    let drawn = draw(inputs.iter().map(|input| input.shape), patch, count, random);
    let mut patches = Matrix::zeros(Convolution::new(inputs[0].shape, 1, patch).taps(), count);
    for (j, (which, at)) in drawn.into_iter().enumerate() {
        inputs[which].copy_patch(patch, at, &mut patches, j);
    }
    patches
}

/// Features of patches, as filters.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvolvedFeatures<T> {
    /// Rows and columns of a patch.
    pub size: [usize; 2],
    /// V (features x channels·h·v) and c.
    pub layer: DenseWeights<T>,
}

impl<T: Real> ConvolvedFeatures<T> {
    /// An encoder of whitened patches as filters of patches as they are: V = W·B, c = b - V·μ.
    ///
    /// # Panics
    /// If the encoder has another number of inputs than the whitening has components.
    pub fn fold(size: [usize; 2], whitening: &Whitening<T>, encoder: &DenseWeights<T>) -> Self {
        let DenseWeights { weights, bias } = encoder;
        let mut folded = Matrix::zeros(weights.rows(), whitening.basis.columns());
        let mut product = Product::new();
        product.store(weights.view(), whitening.basis.view(), folded.view_mut()); // (CF.1)
        let mean = Matrix::from_rows(whitening.mean.len(), 1, whitening.mean.clone());
        let mut shift = Matrix::zeros(folded.rows(), 1);
        product.store(folded.view(), mean.view(), shift.view_mut());
        let bias = bias.iter().zip(shift.elements()).map(|(&b, &s)| b - s).collect(); // (CF.2)
        ConvolvedFeatures { size, layer: DenseWeights { weights: folded, bias } }
    }

    /// The features at every position of an input, features x positions, written to `a`; `filters` is scratch memory.
    ///
    /// # Panics
    /// If the input is smaller than a patch, or has another number of channels.
    pub fn features(&self, input: &Input<T>, convolver: &mut Convolver<T>, a: &mut Matrix<T>) {
        let DenseWeights { weights, bias } = &self.layer;
        let shape = Convolution::new(input.shape, weights.rows(), self.size);
        let places = shape.output().plane();
        a.reshape(weights.rows(), places);
        let filters = Filters { weights: weights.view(), bias, activation: Activation::Sigmoid };
        convolver.forward(&shape, filters, &input.maps, 0..places, a.view_mut());
    }

    /// Each input's features, pooled over `regions` of rows and of columns, as a column: feature after feature, and of
    /// each feature its regions row by row.
    ///
    /// # Panics
    /// As [`features`](Self::features); if there is no region.
    /// Also if there is no memory for them.
    pub fn pooled(&self, inputs: &[Input<T>], kind: PoolingMode, regions: [usize; 2]) -> Matrix<T> {
        let mut columns: Vec<Matrix<T>> = vec![Matrix::empty(); inputs.len()];
        let mut workers =
            vec![(Convolver::default(), Matrix::empty(), Vec::new()); threads::count().min(inputs.len()).max(1)];
        threads::for_each(&mut workers, inputs.iter().zip(&mut columns), |(convolver, a, argmax), (input, pooled)| {
            self.features(input, convolver, a);
            let input = Convolution::new(input.shape, a.rows(), self.size).output();
            Pooling { mode: kind, input, regions: regions.map(Regions::Adaptive) }.forward(a, pooled, argmax);
        });
        let length = size::product([self.layer.bias.len(), regions[0], regions[1]]);
        let mut all = Matrix::zeros(length, inputs.len());
        for i in 0..length {
            all.row_mut(i).iter_mut().zip(&columns).for_each(|(x, column)| *x = column.elements()[i]);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::super::Autoencoder;
    use super::super::convolution::definition::by_definition;
    use super::*;
    use crate::dataset::whiten::{WhiteningForm, WhiteningSettings};
    use crate::model::greedy::TrainedAutoencoder;
    use crate::number::sum::sum;
    use crate::optimize::{Lbfgs, Objective};

    fn inputs(sizes: &[[usize; 2]], channels: usize, size: [usize; 2]) -> Vec<Input<f64>> {
        let mut random = Random::new(1);
        sizes
            .iter()
            .map(|&[rows, columns]| {
                let shape = MapShape { channels, rows, columns };
                let maps = Matrix::from_function(channels, rows * columns, |_, at| {
                    // Neighbors are alike.
                    random.uniform::<f64>(-1.0, 1.0) + (at / columns) as f64 + 0.5 * (at % columns) as f64
                });
                Input::new(shape, maps, size)
            })
            .collect()
    }

    /// Features of 3 x 2 patches over two channels, learned on whitened patches.
    fn learned(inputs: &[Input<f64>]) -> (Whitening<f64>, DenseWeights<f64>) {
        let patches = sample(&inputs.iter().collect::<Vec<_>>(), [3, 2], 200, &mut Random::new(2));
        let settings = WhiteningSettings { retained: 0.999, epsilon: 0.01, form: WhiteningForm::Pca };
        let whitening = Whitening::measure(&settings, &patches);
        let white = whitening.apply(patches);
        let model = Autoencoder {
            decoder: Activation::Linear,
            weight_decay: 1e-3,
            sparsity: 0.1,
            sparsity_weight: 1.0,
            ..Autoencoder::new(white.rows(), 5)
        };
        let minimizer = Lbfgs { iterations: 20, ..Lbfgs::default() };
        let trained = TrainedAutoencoder::train(model, &white, &mut Random::new(3), |cost, theta| {
            minimizer.minimize(cost, theta, |_| true)
        });
        let mut start = model.draw(&mut Random::new(3));
        let before = model.cost(&white).cost_and_gradient(&start.clone(), &mut start);
        assert!(trained.outcome.cost < before);
        (whitening, trained.encoder())
    }

    #[test]
    fn convolved_features_are_those_of_each_patch() {
        let size = [3, 2];
        let inputs = inputs(&[[7, 6], [3, 2], [5, 9]], 2, size);
        let (whitening, encoder) = learned(&inputs);
        let convolved = ConvolvedFeatures::fold(size, &whitening, &encoder);
        let (mut convolver, mut a) = (Convolver::default(), Matrix::empty());
        for input in &inputs {
            convolved.features(input, &mut convolver, &mut a);
            // The patch loop, to the bit.
            let shape = Convolution::new(input.shape, 5, size);
            let mut z = by_definition(&shape, convolved.layer.weights.view(), &convolved.layer.bias, &input.maps);
            z.elements_mut().iter_mut().for_each(|z| *z = Real::sigmoid(*z));
            assert_eq!(a, z);
            // Each patch whitened by itself: the same but for rounding.
            let mut patches = Matrix::zeros(shape.taps(), shape.output().plane());
            shape.patches(&input.maps, 0..shape.output().plane(), patches.view_mut());
            let white = whitening.apply(patches);
            for j in 0..white.columns() {
                for k in 0..5 {
                    let z =
                        (0..white.rows()).fold(encoder.bias[k], |z, i| z + encoder.weights.row(k)[i] * white.row(i)[j]);
                    assert!((Real::sigmoid(z) - a.row(k)[j]).abs() < 1e-12, "{k} {j}");
                }
            }
        }
    }

    #[test]
    fn pooled_features_are_means_and_maxima_of_regions() {
        let size = [3, 2];
        let inputs = inputs(&[[7, 6], [3, 2], [5, 9]], 2, size);
        let (whitening, encoder) = learned(&inputs);
        let convolved = ConvolvedFeatures::fold(size, &whitening, &encoder);
        let [mean, max] = [PoolingMode::Mean, PoolingMode::Max].map(|kind| convolved.pooled(&inputs, kind, [2, 1]));
        assert_eq!((mean.rows(), mean.columns()), (10, 3));
        let (mut convolver, mut a) = (Convolver::default(), Matrix::empty());
        for (j, input) in inputs.iter().enumerate() {
            convolved.features(input, &mut convolver, &mut a);
            let places = Convolution::new(input.shape, 5, size).output();
            for k in 0..5 {
                for r in 0..2 {
                    let rows = r * places.rows / 2..((r + 1) * places.rows).div_ceil(2);
                    let region = &a.row(k)[rows.start * places.columns..rows.end * places.columns];
                    let expected = sum(region) / region.len() as f64;
                    assert!((mean.row(2 * k + r)[j] - expected).abs() < 1e-15, "{k} {r} {j}");
                    assert!(region.contains(&max.row(2 * k + r)[j]));
                    assert!(region.iter().all(|&a| a <= max.row(2 * k + r)[j]));
                }
            }
        }
    }

    #[test]
    fn patches_are_drawn_from_every_position() {
        // Elements that encode their position: input, channel, row, column.
        let all: Vec<Input<f64>> = [[2, 3], [4, 2]]
            .iter()
            .enumerate()
            .map(|(n, &[rows, columns])| {
                let at = |c, at| (1000 * n + 100 * c + 10 * (at / columns) + at % columns) as f64;
                Input::new(
                    MapShape { channels: 2, rows, columns },
                    Matrix::from_function(2, rows * columns, at),
                    [2, 2],
                )
            })
            .collect();
        let patches = sample(&all.iter().collect::<Vec<_>>(), [2, 2], 500, &mut Random::new(1));
        let mut corners: Vec<f64> = patches.row(0).to_vec();
        for j in 0..500 {
            let expected = [0.0, 1.0, 10.0, 11.0, 100.0, 101.0, 110.0, 111.0].map(|x| patches.row(0)[j] + x);
            assert_eq!(patches.column(j), expected);
        }
        corners.sort_by(f64::total_cmp);
        let counts = [0.0, 1.0, 1000.0, 1010.0, 1020.0].map(|corner| corners.iter().filter(|&&c| c == corner).count());
        assert_eq!(counts.iter().sum::<usize>(), 500);
        assert!(counts.iter().all(|count| (70..130).contains(count)), "{counts:?}");
    }

    #[test]
    fn inputs_smaller_than_a_patch_are_padded_with_zeros() {
        let small = Input::new(
            MapShape { channels: 1, rows: 1, columns: 3 },
            Matrix::from_rows(1, 3, vec![1.0, 2.0, 3.0]),
            [2, 2],
        );
        assert_eq!(small.shape, MapShape { channels: 1, rows: 2, columns: 3 });
        assert_eq!(small.maps.elements(), [1.0, 2.0, 3.0, 0.0, 0.0, 0.0]);
    }
}
