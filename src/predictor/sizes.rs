//! The sizes of a predictor. Its memory and its flash follow from them when the program is built.
//!
//! L samples in a frame, at most F frames, B mel bands, W frames in a window, C whitened components, H features, R
//! regions of time, at most V windows in a region, K classes. The memory, in elements of four bytes:
//!
//! | buffer | elements |
//! | --- | --- |
//! | the frame that is being filled, its transform, and the transform's work space | 3L |
//! | log-mel frames | F·B |
//! | one window, its mean removed | W·B |
//! | the whitened windows of one region, and one feature of each | V·(C + 1) |
//! | scores, chains of scores and log-probabilities | 3K |
//!
//! The parameters: W·B·(C + 1) for whitening, H·(C + 1) for the features, and R·H·(K + 2) + K for the softmax with the
//! mean and deviation of its inputs.

use crate::bytes::limits::{Exceeded, FRAME, PREDICTOR};
use crate::number::decimal::Count;
use crate::spectrum::mel::MelError;

/// Why a predictor cannot be built, or cannot predict.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PredictorError {
    /// A size that is 0.
    Zero {
        /// The name of the field of [`PredictorSizes`].
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
    /// The sound has fewer frames than one window; or the longest sound that the sizes allow has.
    TooShort {
        /// [`PredictorSizes::width`].
        width: usize,
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
            PredictorError::Table { name, expected, found } => {
                write!(f, "the table '{name}' has {found} elements, but {expected} were expected")
            }
            PredictorError::Memory { expected, found } => {
                write!(f, "the memory has {found} elements, but {expected} are needed")
            }
            PredictorError::TooLong { max_frames } => {
                write!(f, "the sound is longer than the {max_frames} frames that fit in the memory")
            }
            PredictorError::TooShort { width, frames } => {
                write!(f, "the sound has {}, but one window needs {width}", Count(*frames, "frame"))
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
    /// Frames in a window.
    pub width: usize,
    /// Frames from one window to the next.
    pub step: usize,
    /// Elements of a whitened window.
    pub components: usize,
    /// Features of a window.
    pub features: usize,
    /// Regions of time over which features are averaged.
    pub regions: usize,
    /// Classes.
    pub classes: usize,
}

impl PredictorSizes {
    /// Checks that no size is 0, that a frame can be transformed, and that a window fits in the longest sound.
    ///
    /// # Errors
    /// The first check that fails.
    pub const fn check(&self) -> Result<(), PredictorError> {
        if !(self.frame.is_power_of_two() && 4 <= self.frame && self.frame <= FRAME.length()) {
            return Err(PredictorError::Frame { found: self.frame });
        }
        let sizes = [
            ("rate", self.rate as usize),
            ("hop", self.hop),
            ("bands", self.bands),
            ("width", self.width),
            ("step", self.step),
            ("components", self.components),
            ("features", self.features),
            ("regions", self.regions),
            ("classes", self.classes),
        ];
        let mut i = 0;
        while i < sizes.len() {
            if sizes[i].1 == 0 {
                return Err(PredictorError::Zero { size: sizes[i].0 });
            }
            i += 1;
        }
        if self.hop > self.frame {
            return Err(PredictorError::Hop { frame: self.frame, found: self.hop });
        }
        if self.width > self.max_frames {
            return Err(PredictorError::TooShort { width: self.width, frames: self.max_frames });
        }
        // The first window of a region is computed as a product, which must not overflow.
        if self.regions.checked_mul(self.windows(self.max_frames).saturating_add(1)).is_none() {
            return Err(PredictorError::Limit(PREDICTOR.exceeded()));
        }
        Ok(())
    }

    /// Elements of a window before whitening.
    pub const fn window(&self) -> usize {
        self.width.saturating_mul(self.bands)
    }

    /// The number of windows in a sound of `frames` frames.
    pub const fn windows(&self, frames: usize) -> usize {
        if self.step == 0 || frames < self.width { 0 } else { ((frames - self.width) / self.step).saturating_add(1) }
    }

    /// The largest number of windows in a region: region r of R covers windows ⌊r·n/R⌋ to ⌈(r+1)·n/R⌉ - 1 of n.
    pub const fn max_windows(&self) -> usize {
        let n = self.windows(self.max_frames);
        match self.regions {
            0 | 1 => n,
            // One more than n/R rounded up: a region may share its first and its last window with its neighbors.
            regions => n.div_ceil(regions).saturating_add(1),
        }
    }

    /// The number of pooled features: H in each region.
    pub const fn pooled(&self) -> usize {
        self.regions.saturating_mul(self.features)
    }

    /// The memory of a predictor, in elements of four bytes.
    pub const fn memory(&self) -> usize {
        let frames = self.frame.saturating_mul(3).saturating_add(self.max_frames.saturating_mul(self.bands));
        let windows = self.max_windows().saturating_mul(self.components.saturating_add(1));
        frames.saturating_add(self.window()).saturating_add(windows).saturating_add(self.classes.saturating_mul(3))
    }

    /// The number of parameters, four bytes each.
    pub const fn parameters(&self) -> usize {
        let features = self.window().saturating_add(self.features).saturating_mul(self.components.saturating_add(1));
        let classes = self.pooled().saturating_mul(self.classes.saturating_add(2)).saturating_add(self.classes);
        features.saturating_add(classes)
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

    const SHAPE: PredictorSizes = PredictorSizes {
        rate: 8000,
        frame: 256,
        hop: 80,
        max_frames: 14,
        bands: 40,
        width: 4,
        step: 1,
        components: 60,
        features: 400,
        regions: 3,
        classes: 10,
    };

    #[test]
    fn sizes_by_hand() {
        assert_eq!(SHAPE.check(), Ok(()));
        assert_eq!((SHAPE.windows(14), SHAPE.windows(3), SHAPE.max_windows()), (11, 0, 5));
        assert_eq!(SHAPE.memory(), 3 * 256 + 14 * 40 + 160 + 5 * 61 + 30);
        assert_eq!(SHAPE.parameters(), 160 * 61 + 400 * 61 + 1200 * 12 + 10);
        assert_eq!(SHAPE.seconds(), (256.0 + 13.0 * 80.0) / 8000.0);
    }

    #[test]
    fn no_region_has_more_windows_than_memory() {
        for regions in 1..12 {
            for most in 4..60 {
                let shape = PredictorSizes { max_frames: most, regions, ..SHAPE };
                for frames in 4..=most {
                    let n = shape.windows(frames);
                    let longest = (0..regions).map(|r| ((r + 1) * n).div_ceil(regions) - r * n / regions).max();
                    assert!(longest.is_some_and(|longest| longest <= shape.max_windows()), "{n} windows");
                }
            }
        }
    }

    #[test]
    fn sizes_that_do_not_fit_are_found() {
        for (wrong, error) in [
            (PredictorSizes { hop: 0, ..SHAPE }, PredictorError::Zero { size: "hop" }),
            (PredictorSizes { hop: 257, ..SHAPE }, PredictorError::Hop { frame: 256, found: 257 }),
            (PredictorSizes { width: 15, ..SHAPE }, PredictorError::TooShort { width: 15, frames: 14 }),
            (PredictorSizes { step: 0, ..SHAPE }, PredictorError::Zero { size: "step" }),
            (PredictorSizes { regions: 0, ..SHAPE }, PredictorError::Zero { size: "regions" }),
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
            PredictorSizes { width: half, bands: 2, ..SHAPE },
            PredictorSizes { max_frames: usize::MAX, components: usize::MAX, regions: 1, ..SHAPE },
            PredictorSizes { classes: usize::MAX, ..SHAPE },
        ] {
            assert_eq!(wide.memory(), usize::MAX, "{wide:?}");
        }
        let wide = PredictorSizes { features: half, regions: half, hop: half, max_frames: 3, ..SHAPE };
        assert_eq!((wide.pooled(), wide.parameters(), wide.samples(3)), (usize::MAX, usize::MAX, usize::MAX));
    }
}
