//! A convolutional network on images of digits, shown each one a little moved every time.
//!
//! Two times filters of 5 x 5 at every place and the largest of each 2 x 2, a dense layer, softmax; half of what comes
//! before and after the dense layer is dropped in training. This is LeNet-5 with rectified units, trained by Adam.
//! Source: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document recognition", 1998.

use super::progress::Progress;
use super::training::{Batches, by_batches};
use crate::matrix::Matrix;
use crate::model::Activation;
use crate::model::convolution::{MapShape, PoolingMode};
use crate::model::network::{Examples, InMemory, Layer, Network, NetworkCost};
use crate::number::{Random, Real};
use std::vec;
use std::vec::Vec;

/// The choices.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DigitsSettings {
    /// Filters of the two layers.
    pub filters: [usize; 2],
    /// Units of the dense layer.
    pub dense: usize,
    /// The shares dropped before and after the dense layer.
    pub dropped: [f64; 2],
    /// Points that an image may be moved by, in each direction.
    pub moved: usize,
    /// How often each image is shown.
    pub epochs: usize,
    /// Images in a batch.
    pub batch: usize,
    /// Adam's rate, which rises for a tenth of the steps and then falls to nothing.
    pub rate: f64,
}

impl Default for DigitsSettings {
    fn default() -> Self {
        DigitsSettings {
            filters: [24, 48],
            dense: 256,
            dropped: [0.3, 0.5],
            moved: 1,
            epochs: 18,
            batch: 128,
            rate: 0.002,
        }
    }
}

/// Images, moved by some points in each direction; what comes in from beyond the edge is 0.
pub(super) struct Moved<T> {
    pub images: InMemory<T>,
    pub size: [usize; 2],
    pub most: usize,
    pub seed: u64,
}

impl<T: Real> Examples<T> for Moved<T> {
    fn count(&self) -> usize {
        self.images.count()
    }

    fn write(&self, i: usize, draw: u64, to: &mut [T]) {
        let mut image = vec![T::ZERO; to.len()];
        self.images.write(i, draw, &mut image);
        let mut random = Random::stream(self.seed, &[draw, i as u64]);
        let [rows, columns] = self.size;
        let [down, right] = [random.index(2 * self.most + 1), random.index(2 * self.most + 1)];
        // Row r of the result is row r - (down - most) of the image.
        for (r, row) in to.chunks_exact_mut(columns).enumerate() {
            for (c, x) in row.iter_mut().enumerate() {
                let (from, at) = ((r + self.most).wrapping_sub(down), (c + self.most).wrapping_sub(right));
                *x = if from < rows && at < columns { image[from * columns + at] } else { T::ZERO };
            }
        }
    }
}

/// The network for images of a size.
pub fn network(settings: &DigitsSettings, [rows, columns]: [usize; 2], classes: usize) -> Network {
    let rectified = Activation::Rectified;
    let [first, second] = settings.filters;
    let layers = vec![
        Layer::convolution(first, [5, 5], rectified),
        Layer::pooling(PoolingMode::Max, [2, 2]),
        Layer::convolution(second, [5, 5], rectified),
        Layer::pooling(PoolingMode::Max, [2, 2]),
        Layer::Dropout { rate: settings.dropped[0] },
        Layer::Dense { units: settings.dense, activation: rectified },
        Layer::Dropout { rate: settings.dropped[1] },
        Layer::Softmax { classes },
    ];
    Network { input: MapShape { channels: 1, rows, columns }, layers, weight_decay: 0.0 }
}

/// Trains the network on images (columns) and their classes; returns it with its parameters.
///
/// # Panics
/// If images are smaller than 16 x 16, or there is none.
pub fn train<T: Real>(
    settings: &DigitsSettings,
    size: [usize; 2],
    (images, labels, classes): (&Matrix<T>, &[usize], usize),
    seed: u64,
    progress: &mut dyn Progress,
) -> (Network, Vec<T>) {
    let shape = network(settings, size, classes);
    let mut theta: Vec<T> = shape.draw(&mut Random::new(seed));
    let moved = Moved { images: InMemory::from_columns(images), size, most: settings.moved, seed };
    let mut objective = NetworkCost::classification(&shape, &moved, labels).with_seed(seed);
    let DigitsSettings { epochs, batch, rate, .. } = *settings;
    by_batches("convolutional network", Batches { epochs, batch, rate, seed }, &mut objective, &mut theta, progress);
    (shape, theta)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_image_is_the_image_elsewhere() {
        let images = Matrix::from_function(9, 1, |i, _| (i + 1) as f64);
        let moved = Moved { images: InMemory::from_columns(&images), size: [3, 3], most: 1, seed: 1 };
        let mut seen = Vec::new();
        for draw in 0..100 {
            let mut to = [f64::NAN; 9];
            moved.write(0, draw, &mut to);
            // The middle tells how it was moved.
            let middle = to[4] as usize - 1;
            for r in 0..3 {
                for c in 0..3 {
                    let (from, at) = ((r + middle / 3).wrapping_sub(1), (c + middle % 3).wrapping_sub(1));
                    let expected = if from < 3 && at < 3 { (3 * from + at + 1) as f64 } else { 0.0 };
                    assert_eq!(to[3 * r + c], expected, "{to:?}");
                }
            }
            seen.push(middle);
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 9);
    }
}
