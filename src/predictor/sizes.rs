//! The sizes of a predictor. Its memory and its flash follow from them when the program is built.
//!
//! L samples in a frame, at most F frames, B mel bands, K classes. The memory, in elements of four bytes:
//!
//! | buffer | elements |
//! | --- | --- |
//! | the frame that is being filled | L |
//! | log-mel frames | F·B |
//! | log-probabilities | K |
//! | work space: of a frame's transform, or of a classification | the larger of 2L and E + 2K |
//!
//! A frame is transformed when its last sample arrives, and a sound is classified between two samples. So both use the
//! same work space. A classification needs the scores, the chains of scores, and the E elements of its classifier.
//!
//! A [pooled](super::pooled) classifier has W frames in a window, C whitened components, layers of H₁, ..., H_N
//! features and R regions of time; with at most V windows in a region, it has S partial sums of a feature:
//!
//! | buffer of a pooled classifier | elements |
//! | --- | --- |
//! | one window, its mean removed | W·B |
//! | the same whitened, and its features of all layers but the last | C + H₁ + ... + H_(N-1) |
//! | partial sums of the last layer's features | S·H_N |
//!
//! S is ⌈log₂ V⌉ for 2 to 32 windows, 1 for one window, 6 beyond 32 and 7 beyond 4096. The parameters: W·B·(C + 1) for
//! whitening, H_n·(H_(n-1) + 1) for each layer, with H_0 = C, and R·H_N·(K + 2) + K for the softmax with the mean and
//! deviation of its inputs.
//!
//! A [convolutional](super::convolutional) classifier has layers of filters; layer n reads M_n maps of P_n x Q_n
//! elements, and the softmax reads M maps of P x Q elements:
//!
//! | buffer of a convolutional classifier | elements |
//! | --- | --- |
//! | three columns of the input maps of each layer | 3·M_n·P_n |
//! | the largest patch under a filter | 9·max M_n |
//! | the maps that the softmax reads | M·P·Q |
//!
//! The parameters: M_(n+1)·(9·M_n + 1) for each layer, and M·P·Q·K + K for the softmax.

use crate::bytes::limits::{Exceeded, FRAME, PREDICTOR};
use crate::model::convolution::MapShape;
use crate::number::decimal::Count;
use crate::number::sum::{CHUNK, LANES};
use crate::spectrum::mel::MelError;

/// The largest number of layers below the softmax.
pub const MOST_LAYERS: usize = 4;

/// Why a predictor cannot be built, or cannot predict.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum PredictorError {
    /// A size that is 0.
    Zero {
        /// The name of the field of [`PredictorSizes`], or of its classifier.
        size: &'static str,
    },
    /// A hop longer than a frame.
    Hop {
        /// [`PredictorSizes::frame`].
        frame: usize,
        /// [`PredictorSizes::hop`].
        found: usize,
    },
    /// A size above its limit.
    Limit(Exceeded),
    /// The mel bands do not fit the rate or the frame.
    Mel(MelError),
    /// A mel band that ends beyond the last bin.
    Band {
        /// The band, counted from 0.
        band: usize,
        /// The number of bins.
        bins: usize,
        /// The end of the band: one more than its last bin.
        found: usize,
    },
    /// The length of a frame is not a power of two from 4 to 65536.
    Frame {
        /// Its length, in samples.
        found: usize,
    },
    /// The sizes are those of one kind of classifier, and the tables those of the other.
    Classifier,
    /// The number of layers is not that of the sizes, or more than [`MOST_LAYERS`].
    Layers {
        /// The number of layers of the sizes, or the largest number.
        expected: usize,
        /// The number of layers.
        found: usize,
    },
    /// The range in which levels are clipped is not a positive number.
    Range {
        /// The range.
        found: f32,
    },
    /// A table of the model does not have the length that its sizes require.
    Table {
        /// The name of the table.
        name: &'static str,
        /// The required length.
        expected: usize,
        /// Its length.
        found: usize,
    },
    /// The memory has fewer elements than [`PredictorSizes::memory`].
    Memory {
        /// The number of elements needed.
        expected: usize,
        /// The number of elements given.
        found: usize,
    },
    /// The sound is longer than the memory was sized for.
    TooLong {
        /// [`PredictorSizes::max_frames`].
        max_frames: usize,
    },
    /// The sound has fewer frames than can be classified; or the longest sound that the sizes allow has.
    TooShort {
        /// [`PredictorSizes::min_frames`].
        min_frames: usize,
        /// The number of frames.
        frames: usize,
    },
    /// A table is shorter than its sizes require. [`Model::check`](super::Model::check) finds this beforehand.
    Unchecked,
}

impl core::fmt::Display for PredictorError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            PredictorError::Zero { size } => write!(f, "the predictor's size '{size}' is 0, but must be at least 1"),
            PredictorError::Hop { frame, found } => {
                write!(f, "the hop of {found} samples is longer than the frame of {frame}")
            }
            PredictorError::Limit(error) => error.fmt(f),
            PredictorError::Mel(error) => error.fmt(f),
            PredictorError::Band { band, bins, found } => {
                write!(f, "mel band {band} ends at bin {found}, but there are only {bins} bins")
            }
            PredictorError::Frame { found } => {
                write!(f, "the frame has {found} samples, but a power of two from 4 to {} was expected", FRAME.most)
            }
            PredictorError::Classifier => {
                write!(f, "the sizes and the tables are those of different kinds of classifiers")
            }
            PredictorError::Layers { expected, found } => {
                write!(f, "the model has {}, but {expected} were expected", Count(*found, "layer"))
            }
            PredictorError::Range { found } => {
                write!(f, "levels are clipped to a range of {found}, but a positive number was expected")
            }
            PredictorError::Table { name, expected, found } => {
                write!(f, "the table '{name}' has {found} elements, but {expected} were expected")
            }
            PredictorError::Memory { expected, found } => {
                write!(f, "the memory has {found} elements, but {expected} are needed")
            }
            PredictorError::TooLong { max_frames } => {
                write!(f, "the sound is longer than the {max_frames} frames that fit in the memory")
            }
            PredictorError::TooShort { min_frames, frames } => {
                write!(f, "the sound has {}, but classification needs {min_frames}", Count(*frames, "frame"))
            }
            PredictorError::Unchecked => write!(f, "a table of the predictor is shorter than its sizes require"),
        }
    }
}

impl core::error::Error for PredictorError {}

/// The sizes. A product of sizes that overflows saturates at `usize::MAX`, which no memory can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PredictorSizes {
    /// The sampling rate, in Hz.
    pub rate: u32,
    /// Samples in a frame, a power of two from 4 to 65536.
    pub frame: usize,
    /// Samples from one frame to the next, at most `frame`.
    pub hop: usize,
    /// Frames in the longest sound.
    pub max_frames: usize,
    /// Mel bands.
    pub bands: usize,
    /// The sizes of the classifier.
    pub classifier: ClassifierSizes,
    /// Classes.
    pub classes: usize,
}

/// The sizes of a classifier of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassifierSizes {
    /// Features of windows, averaged over regions of time.
    Pooled(PooledSizes),
    /// Convolutions of the spectrogram image.
    Convolutional(ConvolutionalSizes),
}

/// The sizes of a [pooled](super::pooled) classifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PooledSizes {
    /// Frames in a window.
    pub width: usize,
    /// Frames from one window to the next.
    pub step: usize,
    /// Elements of a whitened window.
    pub components: usize,
    /// Features of each layer, the first layer first; 0 after the last layer.
    pub layers: [usize; MOST_LAYERS],
    /// Regions of time over which features are averaged.
    pub regions: usize,
}

/// The sizes of a [convolutional](super::convolutional) classifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvolutionalSizes {
    /// Rows of the spectrogram image.
    pub rows: usize,
    /// Columns of the spectrogram image.
    pub columns: usize,
    /// Filters of each layer, the first layer first; 0 after the last layer.
    pub filters: [usize; MOST_LAYERS],
}

/// The number of layers: the sizes before the first 0.
const fn depth(layers: &[usize; MOST_LAYERS]) -> usize {
    let mut depth = 0;
    while depth < MOST_LAYERS && layers[depth] > 0 {
        depth += 1;
    }
    depth
}

/// Whether there is a layer, and no size follows a 0.
const fn are_layers(layers: &[usize; MOST_LAYERS]) -> bool {
    let mut i = depth(layers);
    let is_any = i > 0;
    while i < MOST_LAYERS && layers[i] == 0 {
        i += 1;
    }
    is_any && i == MOST_LAYERS
}

/// An error that names the first size that is 0.
const fn no_zero(sizes: &[(&'static str, usize)]) -> Result<(), PredictorError> {
    let mut i = 0;
    while i < sizes.len() {
        if sizes[i].1 == 0 {
            return Err(PredictorError::Zero { size: sizes[i].0 });
        }
        i += 1;
    }
    Ok(())
}

/// How often the pooling after a convolution halves a side of `length` rows or columns: fewer than four are not pooled.
pub(super) const fn halvings(length: usize) -> usize {
    if length < 4 { 0 } else { 1 }
}

impl PooledSizes {
    /// Elements of a window of `bands` mel bands before whitening.
    pub const fn window(&self, bands: usize) -> usize {
        self.width.saturating_mul(bands)
    }

    /// The number of windows in a sound of `frames` frames.
    pub const fn windows(&self, frames: usize) -> usize {
        if self.step == 0 || frames < self.width { 0 } else { ((frames - self.width) / self.step).saturating_add(1) }
    }

    /// The largest number of windows in a region of a sound of at most `max_frames` frames: region r of R covers
    /// windows ⌊r·n/R⌋ to ⌈(r+1)·n/R⌉ - 1 of n.
    pub const fn max_windows(&self, max_frames: usize) -> usize {
        let n = self.windows(max_frames);
        match self.regions {
            0 | 1 => n,
            // One more than n/R rounded up: a region may share its first and its last window with its neighbors.
            regions => n.div_ceil(regions).saturating_add(1),
        }
    }

    /// The number of layers.
    pub const fn depth(&self) -> usize {
        depth(&self.layers)
    }

    /// The inputs of layer `layer`, counted from 0; for the number of layers, the outputs of the last.
    pub const fn inputs(&self, layer: usize) -> usize {
        if layer == 0 || layer > MOST_LAYERS { self.components } else { self.layers[layer - 1] }
    }

    /// The features of the last layer.
    pub const fn features(&self) -> usize {
        self.inputs(self.depth())
    }

    /// The number of pooled features: those of the last layer in each region.
    pub const fn pooled(&self) -> usize {
        self.regions.saturating_mul(self.features())
    }

    /// Elements of a whitened window and of its features of all layers but the last.
    pub const fn hidden(&self) -> usize {
        let (mut elements, mut layer) = (0usize, 0);
        while layer < self.depth() {
            elements = elements.saturating_add(self.inputs(layer));
            layer += 1;
        }
        elements
    }

    /// The levels of the tree in which the running sums of a region are added: 0 for one window, at most 5.
    pub const fn levels(&self, max_frames: usize) -> usize {
        let windows = self.max_windows(max_frames);
        let sums = if windows < LANES { windows } else { LANES };
        sums.next_power_of_two().trailing_zeros() as usize
    }

    /// The partial sums of a feature, in sounds of at most `max_frames` frames.
    pub const fn partial_sums(&self, max_frames: usize) -> usize {
        let (windows, levels) = (self.max_windows(max_frames), self.levels(max_frames));
        let of_tree = if levels == 0 { 1 } else { levels };
        of_tree + (windows > LANES) as usize + (windows > CHUNK) as usize
    }

    const fn memory(&self, bands: usize, max_frames: usize) -> usize {
        let sums = self.partial_sums(max_frames).saturating_mul(self.features());
        self.window(bands).saturating_add(self.hidden()).saturating_add(sums)
    }

    const fn parameters(&self, bands: usize) -> usize {
        let mut parameters = self.window(bands).saturating_mul(self.components.saturating_add(1));
        let mut layer = 0;
        while layer < self.depth() {
            let weights = self.layers[layer].saturating_mul(self.inputs(layer).saturating_add(1));
            parameters = parameters.saturating_add(weights);
            layer += 1;
        }
        parameters.saturating_add(self.pooled().saturating_mul(2))
    }
}

impl ConvolutionalSizes {
    /// The number of layers.
    pub const fn depth(&self) -> usize {
        depth(&self.filters)
    }

    /// The input maps of layer `layer`, counted from 0; for the number of layers, the maps that the softmax reads.
    pub const fn maps(&self, layer: usize) -> MapShape {
        let mut maps = MapShape { channels: 1, rows: self.rows, columns: self.columns };
        let mut below = 0;
        while below < layer && below < MOST_LAYERS {
            maps = MapShape {
                channels: self.filters[below],
                rows: maps.rows >> halvings(maps.rows),
                columns: maps.columns >> halvings(maps.columns),
            };
            below += 1;
        }
        maps
    }

    /// Three columns of the input maps of layer `layer`.
    pub const fn ring(&self, layer: usize) -> usize {
        let MapShape { channels, rows, .. } = self.maps(layer);
        channels.saturating_mul(rows).saturating_mul(3)
    }

    /// Three columns of the input maps of each layer.
    pub const fn rings(&self) -> usize {
        let (mut elements, mut layer) = (0usize, 0);
        while layer < self.depth() {
            elements = elements.saturating_add(self.ring(layer));
            layer += 1;
        }
        elements
    }

    /// The weights of a filter of layer `layer`.
    pub const fn taps(&self, layer: usize) -> usize {
        self.maps(layer).channels.saturating_mul(9)
    }

    /// The largest number of weights of a filter.
    pub const fn max_taps(&self) -> usize {
        let (mut most, mut layer) = (0, 0);
        while layer < self.depth() {
            if self.taps(layer) > most {
                most = self.taps(layer);
            }
            layer += 1;
        }
        most
    }

    /// The elements that the softmax reads.
    pub const fn features(&self) -> usize {
        let MapShape { channels, rows, columns } = self.maps(self.depth());
        channels.saturating_mul(rows).saturating_mul(columns)
    }

    const fn memory(&self) -> usize {
        self.rings().saturating_add(self.max_taps()).saturating_add(self.features())
    }

    const fn parameters(&self) -> usize {
        let (mut parameters, mut layer) = (0usize, 0);
        while layer < self.depth() {
            let weights = self.filters[layer].saturating_mul(self.taps(layer).saturating_add(1));
            parameters = parameters.saturating_add(weights);
            layer += 1;
        }
        parameters
    }
}

impl PredictorSizes {
    /// Checks that no size is 0, that a frame can be transformed, and that the longest sound can be classified.
    ///
    /// # Errors
    /// The first check that fails.
    pub const fn check(&self) -> Result<(), PredictorError> {
        if !(self.frame.is_power_of_two() && 4 <= self.frame && self.frame <= FRAME.length()) {
            return Err(PredictorError::Frame { found: self.frame });
        }
        let mut checked = no_zero(&[
            ("rate", self.rate as usize),
            ("hop", self.hop),
            ("bands", self.bands),
            ("classes", self.classes),
        ]);
        if checked.is_ok() {
            checked = match &self.classifier {
                ClassifierSizes::Pooled(pooled) => no_zero(&[
                    ("width", pooled.width),
                    ("step", pooled.step),
                    ("components", pooled.components),
                    ("layers", are_layers(&pooled.layers) as usize),
                    ("regions", pooled.regions),
                ]),
                ClassifierSizes::Convolutional(image) => no_zero(&[
                    ("rows", image.rows),
                    ("columns", image.columns),
                    ("filters", are_layers(&image.filters) as usize),
                ]),
            };
        }
        if let Err(error) = checked {
            return Err(error);
        }
        if self.hop > self.frame {
            return Err(PredictorError::Hop { frame: self.frame, found: self.hop });
        }
        if self.min_frames() > self.max_frames {
            return Err(PredictorError::TooShort { min_frames: self.min_frames(), frames: self.max_frames });
        }
        if let ClassifierSizes::Pooled(pooled) = &self.classifier
            && pooled.regions.checked_mul(pooled.windows(self.max_frames).saturating_add(1)).is_none()
        {
            // The first window of a region is computed as a product, which must not overflow.
            return Err(PredictorError::Limit(PREDICTOR.exceeded()));
        }
        Ok(())
    }

    /// Frames in the shortest sound that can be classified.
    pub const fn min_frames(&self) -> usize {
        match &self.classifier {
            ClassifierSizes::Pooled(pooled) => pooled.width,
            ClassifierSizes::Convolutional(_) => 1,
        }
    }

    /// The elements that the softmax reads.
    pub const fn features(&self) -> usize {
        match &self.classifier {
            ClassifierSizes::Pooled(pooled) => pooled.pooled(),
            ClassifierSizes::Convolutional(image) => image.features(),
        }
    }

    /// The elements of the work space.
    pub const fn work(&self) -> usize {
        let classifier = match &self.classifier {
            ClassifierSizes::Pooled(pooled) => pooled.memory(self.bands, self.max_frames),
            ClassifierSizes::Convolutional(image) => image.memory(),
        };
        let (transform, classification) =
            (self.frame.saturating_mul(2), classifier.saturating_add(self.classes.saturating_mul(2)));
        if transform > classification { transform } else { classification }
    }

    /// The memory of a predictor, in elements of four bytes.
    pub const fn memory(&self) -> usize {
        let kept = self.frame.saturating_add(self.max_frames.saturating_mul(self.bands)).saturating_add(self.classes);
        kept.saturating_add(self.work())
    }

    /// The number of parameters, four bytes each.
    pub const fn parameters(&self) -> usize {
        let below = match &self.classifier {
            ClassifierSizes::Pooled(pooled) => pooled.parameters(self.bands),
            ClassifierSizes::Convolutional(image) => image.parameters(),
        };
        below.saturating_add(self.features().saturating_mul(self.classes)).saturating_add(self.classes)
    }

    /// The number of samples in `frames` frames.
    pub const fn samples(&self, frames: usize) -> usize {
        if frames == 0 { 0 } else { (frames - 1).saturating_mul(self.hop).saturating_add(self.frame) }
    }

    /// The length of the longest sound that fits in the memory, in seconds.
    pub fn seconds(&self) -> f64 {
        self.samples(self.max_frames.max(1)) as f64 / f64::from(self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POOLED: PooledSizes = PooledSizes { width: 4, step: 1, components: 60, layers: [400, 0, 0, 0], regions: 3 };
    const SHAPE: PredictorSizes = PredictorSizes {
        rate: 8000,
        frame: 256,
        hop: 80,
        max_frames: 14,
        bands: 40,
        classifier: ClassifierSizes::Pooled(POOLED),
        classes: 10,
    };
    /// The tutorial's network on images of 40 x 48 points.
    const IMAGE: ConvolutionalSizes = ConvolutionalSizes { rows: 40, columns: 48, filters: [24, 48, 64, 0] };

    fn with(pooled: PooledSizes) -> PredictorSizes {
        PredictorSizes { classifier: ClassifierSizes::Pooled(pooled), ..SHAPE }
    }

    fn with_image(image: ConvolutionalSizes) -> PredictorSizes {
        PredictorSizes { classifier: ClassifierSizes::Convolutional(image), ..SHAPE }
    }

    #[test]
    fn sizes_of_a_pooled_classifier_by_hand() {
        assert_eq!(SHAPE.check(), Ok(()));
        assert_eq!((POOLED.windows(14), POOLED.windows(3), POOLED.max_windows(14)), (11, 0, 5));
        assert_eq!((POOLED.levels(14), POOLED.partial_sums(14)), (3, 3));
        assert_eq!(SHAPE.memory(), 256 + 14 * 40 + 10 + (160 + 60 + 3 * 400 + 20));
        assert_eq!(SHAPE.parameters(), 160 * 61 + 400 * 61 + 1200 * 12 + 10);
        assert_eq!(SHAPE.seconds(), (256.0 + 13.0 * 80.0) / 8000.0);

        let deep = PooledSizes { layers: [400, 200, 0, 0], ..POOLED };
        assert_eq!((deep.depth(), deep.hidden(), deep.features()), (2, 460, 200));
        assert_eq!(with(deep).memory(), 256 + 14 * 40 + 10 + (160 + 460 + 3 * 200 + 20));
        assert_eq!(with(deep).parameters(), 160 * 61 + 400 * 61 + 200 * 401 + 600 * 12 + 10);
    }

    #[test]
    fn partial_sums_by_hand() {
        let sums = |windows: usize| PooledSizes { width: 1, regions: 1, ..POOLED }.partial_sums(windows);
        let expected =
            [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (16, 4), (17, 5), (32, 5), (33, 6), (4096, 6), (4097, 7)];
        for (windows, expected) in expected {
            assert_eq!(sums(windows), expected, "{windows} windows");
        }
        assert_eq!(sums(usize::MAX), 7);
    }

    #[test]
    fn sizes_of_a_convolutional_classifier_by_hand() {
        let sizes = PredictorSizes { max_frames: 227, ..with_image(IMAGE) };
        assert_eq!(sizes.check(), Ok(()));
        let maps = [0, 1, 2, 3].map(|layer| IMAGE.maps(layer)).map(|m| [m.channels, m.rows, m.columns]);
        assert_eq!(maps, [[1, 40, 48], [24, 20, 24], [48, 10, 12], [64, 5, 6]]);
        let classification = 3 * (40 + 24 * 20 + 48 * 10) + 9 * 48 + 64 * 30 + 20;
        assert_eq!(sizes.memory(), 256 + 227 * 40 + 10 + classification);
        assert_eq!(4 * sizes.memory(), 58_872);
        assert_eq!(sizes.parameters(), 24 * 10 + 48 * 217 + 64 * 433 + 1920 * 10 + 10);
        // A short side is not pooled, and a transform may need more than the classification.
        let short = ConvolutionalSizes { rows: 3, columns: 5, filters: [2, 1, 0, 0] };
        let maps = [1, 2].map(|layer| short.maps(layer)).map(|m| [m.channels, m.rows, m.columns]);
        assert_eq!(maps, [[2, 3, 2], [1, 3, 2]]);
        assert_eq!(with_image(short).memory(), 256 + 14 * 40 + 10 + 512);
    }

    #[test]
    fn no_region_has_more_windows_than_memory() {
        for regions in 1..12 {
            for most in 4..60 {
                let shape = PooledSizes { regions, ..POOLED };
                for frames in 4..=most {
                    let n = shape.windows(frames);
                    let longest = (0..regions).map(|r| ((r + 1) * n).div_ceil(regions) - r * n / regions).max();
                    assert!(longest.is_some_and(|longest| longest <= shape.max_windows(most)), "{n} windows");
                }
            }
        }
    }

    #[test]
    fn sizes_that_do_not_fit_are_found() {
        for (wrong, error) in [
            (PredictorSizes { hop: 0, ..SHAPE }, PredictorError::Zero { size: "hop" }),
            (PredictorSizes { hop: 257, ..SHAPE }, PredictorError::Hop { frame: 256, found: 257 }),
            (with(PooledSizes { width: 15, ..POOLED }), PredictorError::TooShort { min_frames: 15, frames: 14 }),
            (with(PooledSizes { step: 0, ..POOLED }), PredictorError::Zero { size: "step" }),
            (with(PooledSizes { regions: 0, ..POOLED }), PredictorError::Zero { size: "regions" }),
            (with(PooledSizes { layers: [0; 4], ..POOLED }), PredictorError::Zero { size: "layers" }),
            (with(PooledSizes { layers: [4, 0, 4, 0], ..POOLED }), PredictorError::Zero { size: "layers" }),
            (with_image(ConvolutionalSizes { rows: 0, ..IMAGE }), PredictorError::Zero { size: "rows" }),
            (with_image(ConvolutionalSizes { columns: 0, ..IMAGE }), PredictorError::Zero { size: "columns" }),
            (with_image(ConvolutionalSizes { filters: [0; 4], ..IMAGE }), PredictorError::Zero { size: "filters" }),
            (
                PredictorSizes { max_frames: 0, ..with_image(IMAGE) },
                PredictorError::TooShort { min_frames: 1, frames: 0 },
            ),
        ] {
            assert_eq!(wrong.check(), Err(error));
        }
        for found in [0, 2, 250, 400, 1 << 17] {
            assert_eq!(PredictorSizes { frame: found, ..SHAPE }.check(), Err(PredictorError::Frame { found }));
        }
    }

    #[test]
    fn sizes_beyond_memory_do_not_wrap() {
        let half = usize::MAX / 2 + 2;
        for wide in [
            PredictorSizes { max_frames: half, bands: half, ..SHAPE },
            PredictorSizes { bands: 2, ..with(PooledSizes { width: half, ..POOLED }) },
            with(PooledSizes { components: usize::MAX, ..POOLED }),
            with(PooledSizes { layers: [half, half, 1, 0], ..POOLED }),
            with(PooledSizes { layers: [half, 0, 0, 0], ..POOLED }),
            with_image(ConvolutionalSizes { rows: half, ..IMAGE }),
            with_image(ConvolutionalSizes { columns: half, ..IMAGE }),
            with_image(ConvolutionalSizes { filters: [half; 4], ..IMAGE }),
            PredictorSizes { classes: usize::MAX, ..SHAPE },
        ] {
            assert_eq!(wide.memory(), usize::MAX, "{wide:?}");
        }
        let deep = PooledSizes { layers: [half, 0, 0, 0], regions: half, ..POOLED };
        let wide = PredictorSizes { hop: half, max_frames: 3, ..with(deep) };
        assert_eq!((deep.pooled(), wide.parameters(), wide.samples(3)), (usize::MAX, usize::MAX, usize::MAX));
    }
}
