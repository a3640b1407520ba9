//! The sizes of a predictor, from which its memory and its flash follow when the program is built.
//!
//! With L samples in a frame, F frames at most, B bands, windows of W frames, C whitened components, H features, R
//! regions of time and K classes, the memory holds, in numbers of four bytes:
//!
//! | what | numbers |
//! | --- | --- |
//! | the frame that is being filled, its transform, and the transform's work space | 3L |
//! | log-mel frames | F·B |
//! | a window, its mean removed | W·B |
//! | the whitened windows of one region, and one feature of each | V·(C + 1), V the windows of a region |
//! | scores, chains of scores and log-probabilities | 3K |
//!
//! The learned numbers are W·B·(C + 1) for whitening, H·(C + 1) for the features, and R·H·(K + 2) + K for the classes.

/// Why a predictor cannot be made, or cannot tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A size that is 0, or larger than what it is a part of.
    Shape,
    /// A frame of so many samples, which is no power of two from 4 to 65536.
    Frame {
        /// How many.
        found: usize,
    },
    /// A table of the model has not the length that its shape says; this many numbers were expected and found.
    Table {
        /// Which one.
        name: &'static str,
        /// The length that the shape says.
        expected: usize,
        /// Its length.
        found: usize,
    },
    /// Fewer numbers of memory than [`Shape::memory`] were given.
    Memory {
        /// How many are needed.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// The sound is longer than the memory was made for, which holds this many frames.
    TooLong {
        /// [`Shape::most_frames`].
        most_frames: usize,
    },
    /// The sound is shorter than one window of this many frames.
    TooShort {
        /// [`Shape::width`].
        width: usize,
        /// How many frames were heard.
        frames: usize,
    },
}

impl core::fmt::Display for Problem {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Problem::Shape => write!(f, "the sizes of the predictor do not fit together"),
            Problem::Frame { found } => {
                write!(f, "a frame of {found} samples; a power of two from 4 to {MOST_SAMPLES} was expected")
            }
            Problem::Table { name, expected, found } => {
                write!(f, "the table '{name}' has {found} numbers; {expected} were expected")
            }
            Problem::Memory { expected, found } => write!(f, "{found} numbers of memory; {expected} are needed"),
            Problem::TooLong { most_frames } => {
                write!(f, "the sound is longer than the {most_frames} frames that there is memory for")
            }
            Problem::TooShort { width, frames } => {
                write!(f, "the sound has {frames} frames; a window of {width} was expected")
            }
        }
    }
}

impl core::error::Error for Problem {}

/// The sizes. A product of them that is more than a size can count is given as the largest size, which no memory has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The sampling rate, in Hz.
    pub rate: u32,
    /// Samples of a frame, a power of two from 4 to 65536.
    pub frame: usize,
    /// Samples from one frame to the next, at most a frame's.
    pub hop: usize,
    /// Frames of the longest sound.
    pub most_frames: usize,
    /// Mel bands.
    pub bands: usize,
    /// Frames in a window.
    pub width: usize,
    /// Frames from one window to the next.
    pub step: usize,
    /// Numbers of a whitened window.
    pub components: usize,
    /// Features of a window.
    pub features: usize,
    /// Regions of time that features are averaged over.
    pub regions: usize,
    /// Classes.
    pub classes: usize,
}

/// Samples of the longest frame: the number of a bin has 16 bits.
const MOST_SAMPLES: usize = 1 << 16;

impl Shape {
    /// Whether a frame can be transformed.
    ///
    /// # Errors
    /// If its length is no power of two from 4 to 65536.
    pub const fn check_frame(&self) -> Result<(), Problem> {
        if self.frame.is_power_of_two() && 4 <= self.frame && self.frame <= MOST_SAMPLES {
            Ok(())
        } else {
            Err(Problem::Frame { found: self.frame })
        }
    }

    /// Whether no size is 0 and all fit together.
    pub const fn is_sound(&self) -> bool {
        0 < self.hop
            && self.hop <= self.frame
            && 0 < self.width
            && self.width <= self.most_frames
            && 0 < self.step
            && 0 < self.bands
            && 0 < self.components
            && 0 < self.features
            && 0 < self.regions
            && 0 < self.classes
            // The first window of a region is found by a product.
            && self.regions.checked_mul(self.windows(self.most_frames).saturating_add(1)).is_some()
    }

    /// Numbers of a window before whitening.
    pub const fn window(&self) -> usize {
        self.width.saturating_mul(self.bands)
    }

    /// Windows of so many frames.
    pub const fn windows(&self, frames: usize) -> usize {
        if self.step == 0 || frames < self.width { 0 } else { ((frames - self.width) / self.step).saturating_add(1) }
    }

    /// Windows of a region at most: region r of R covers windows ⌊r·n/R⌋ to ⌈(r+1)·n/R⌉ - 1 of n.
    pub const fn most_windows(&self) -> usize {
        let n = self.windows(self.most_frames);
        match self.regions {
            0 | 1 => n,
            // One more than the share rounded up, if the region begins and ends within a window.
            regions => n.div_ceil(regions).saturating_add(1),
        }
    }

    /// Pooled features: all features of each region.
    pub const fn pooled(&self) -> usize {
        self.regions.saturating_mul(self.features)
    }

    /// The numbers of memory that a predictor takes, four bytes each.
    pub const fn memory(&self) -> usize {
        let frames = self.frame.saturating_mul(3).saturating_add(self.most_frames.saturating_mul(self.bands));
        let windows = self.most_windows().saturating_mul(self.components.saturating_add(1));
        frames.saturating_add(self.window()).saturating_add(windows).saturating_add(self.classes.saturating_mul(3))
    }

    /// The learned numbers, four bytes each.
    pub const fn learned(&self) -> usize {
        let encoder = self.window().saturating_add(self.features).saturating_mul(self.components.saturating_add(1));
        let classes = self.pooled().saturating_mul(self.classes.saturating_add(2)).saturating_add(self.classes);
        encoder.saturating_add(classes)
    }

    /// The longest sound that is heard whole, in seconds.
    pub fn seconds(&self) -> f64 {
        let later = self.most_frames.saturating_sub(1).saturating_mul(self.hop);
        self.frame.saturating_add(later) as f64 / f64::from(self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape {
        rate: 8000,
        frame: 256,
        hop: 80,
        most_frames: 14,
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
        assert!(SHAPE.is_sound());
        assert_eq!((SHAPE.windows(14), SHAPE.windows(3), SHAPE.most_windows()), (11, 0, 5));
        assert_eq!(SHAPE.memory(), 3 * 256 + 14 * 40 + 160 + 5 * 61 + 30);
        assert_eq!(SHAPE.learned(), 160 * 61 + 400 * 61 + 1200 * 12 + 10);
        assert_eq!(SHAPE.seconds(), (256.0 + 13.0 * 80.0) / 8000.0);
    }

    #[test]
    fn no_region_has_more_windows_than_memory() {
        for regions in 1..12 {
            for most in 4..60 {
                let shape = Shape { most_frames: most, regions, ..SHAPE };
                for frames in 4..=most {
                    let n = shape.windows(frames);
                    let longest = (0..regions).map(|r| ((r + 1) * n).div_ceil(regions) - r * n / regions).max();
                    assert!(longest.is_some_and(|longest| longest <= shape.most_windows()), "{n} windows");
                }
            }
        }
    }

    #[test]
    fn sizes_that_do_not_fit_are_found() {
        for wrong in [
            Shape { hop: 0, ..SHAPE },
            Shape { hop: 257, ..SHAPE },
            Shape { width: 15, ..SHAPE },
            Shape { step: 0, ..SHAPE },
            Shape { regions: 0, ..SHAPE },
        ] {
            assert!(!wrong.is_sound(), "{wrong:?}");
        }
        for found in [0, 2, 250, 400, 1 << 17] {
            assert_eq!(Shape { frame: found, ..SHAPE }.check_frame(), Err(Problem::Frame { found }));
        }
        assert_eq!(SHAPE.check_frame(), Ok(()));
    }
}
