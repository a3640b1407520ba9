//! Frames: short pieces of a recording, one every `hop` samples.
//!
//! Why: a spectrum describes a sound that does not change. Within 30 ms or so speech hardly changes; so a recording is
//! cut into pieces of that length, which overlap so that nothing is lost between them.
//!
//! With n samples and T frames:
//!
//! ```text
//! (FR.1)  frame t holds samples t·hop, ..., t·hop + length - 1
//! (FR.2)  T = 1 + ⌊(n - length)/hop⌋, or 0 if n < length
//! ```
//!
//! Why (FR.2): nothing is padded, so frame t exists if t·hop + length <= n, that is for t = 0, ..., ⌊(n - length)/hop⌋.
//!
//! By hand, length 4, hop 3, n = 9: T = 1 + ⌊5/3⌋ = 2, samples 0 to 3 and 3 to 6; samples 7 and 8 are in no frame.

/// How a recording is cut into frames, in samples.
///
/// ```
/// use ossicle::audio::frames::Framing;
///
/// // A second at 16 kHz.
/// let samples = [0.0; 16_000];
/// assert_eq!(Framing::default().count(samples.len()), 98);
/// assert_eq!(Framing { length: 512, hop: 256 }.frames(&samples).len(), 61);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framing {
    /// The length of a frame, at least 1.
    pub length: usize,
    /// From the start of one frame to the start of the next, at least 1.
    pub hop: usize,
}

impl Default for Framing {
    /// For speech at 16 kHz: frames of 25 ms, 400 samples, every 10 ms, 160 samples.
    fn default() -> Self {
        Framing { length: 400, hop: 160 }
    }
}

impl Framing {
    /// The number of frames of a recording with this number of samples.
    ///
    /// # Panics
    /// If `hop` or `length` is 0.
    pub fn count(&self, samples: usize) -> usize {
        assert!(self.hop > 0 && self.length > 0, "frames of {} every {}", self.length, self.hop);
        if samples < self.length { 0 } else { 1 + (samples - self.length) / self.hop } // (FR.2)
    }

    /// The frames, one after the other.
    ///
    /// # Panics
    /// As [`count`](Self::count).
    pub fn frames<'a, T>(&self, samples: &'a [T]) -> impl ExactSizeIterator<Item = &'a [T]> {
        let Framing { length, hop } = *self;
        (0..self.count(samples.len())).map(move |t| &samples[t * hop..][..length]) // (FR.1)
    }
}

#[cfg(test)]
mod tests {
    use super::Framing;
    use alloc::vec::Vec;

    #[test]
    fn frames_overlap_and_the_last_one_is_whole() {
        let framing = Framing { length: 4, hop: 3 };
        let frames: Vec<_> = framing.frames(&[0, 1, 2, 3, 4, 5, 6, 7, 8]).collect();
        assert_eq!(frames, [[0, 1, 2, 3], [3, 4, 5, 6]]);
        assert_eq!([3, 4, 6, 7, 9, 10].map(|n| framing.count(n)), [0, 1, 1, 2, 2, 3]);
    }
}
