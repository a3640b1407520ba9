//! Phases from magnitudes: a recording that has a given spectrogram (Griffin and Lim).
//!
//! Why: bands, a mean over examples, or a model's hidden unit yield magnitudes |X_kt| without phases, and
//! [the inverse](super::stft) needs both. Phases are not free, though: frames overlap, so the same samples are in
//! several frames, and most choices of phases make the frames disagree about them.
//!
//! The idea: alternate between the two things that a good transform must be. Replace its magnitudes by the given ones
//! and keep its phases; then replace it by the transform of the nearest recording, in which all frames agree.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | t, N, frame, hop | the index of a frame; the samples of a transform, of a frame, and from one frame to the next |
//! | A | the given magnitudes, A_kt >= 0, bins x frames |
//! | x, G x | a recording, and its transform, linear in x |
//! | u, v | arrays of complex numbers, bins x frames: with any magnitudes, and with those of A |
//! | c, c' | the transform of a recording, and that of the next one |
//! | φ_kt | the first phases, in units of π |
//! | G⁺ v | the recording whose transform is nearest to v: (SF.2) |
//! | g_k | how often bin k counts: 1 for bin 0 and, if N is even, bin N/2, which stand alone; 2 for all others |
//! | \|\|u\|\| | the size of an array, √(Σ_kt g_k·\|u_kt\|²) |
//! | d, D | the spectral distance, and in decibels: the spectral convergence |
//! | α | the momentum, from 0 to below 1 |
//! | k, δ, j | in (GL.7) and (GL.8): the bin of a peak, whose top is at k + δ; any bin whose nearest peak is k |
//! | l_k | ln A_kt |
//! | ν(f) | the change of phase per frame of a wave at position f between the bins, in units of π |
//! | o(m) | the difference of phase between a bin and the one m bins above it in a frame, in units of π |
//!
//! ```text
//! (GL.1)  u_kt = A_kt·e^(iπ·φ_kt)                     the start
//! (GL.2)  v_kt = A_kt·u_kt/|u_kt|                     the nearest array with the magnitudes A (A_kt where u_kt = 0)
//! (GL.3)  x = G⁺ v,   c' = G x                        the nearest transform of a recording
//! (GL.4)  u = c' + α·(c' - c)                         c from the step before; in the first step u = c'
//!
//! (GL.5)  d = || |c| - A ||
//! (GL.6)  D = 20·log₁₀(d/||A||)
//!
//! (GL.7)  δ = ½·(l_(k-1) - l_(k+1)) / (l_(k-1) - 2·l_k + l_(k+1))
//! (GL.8)  φ_jt = φ_k(t-1) + ν(k + δ) + o(j - k)
//! ```
//!
//! A step is (GL.2) to (GL.4). With α = 0 this is the algorithm of Griffin and Lim, 1984. With α near 1 it is the
//! accelerated one of Perraudin, Balazs and Søndergaard, 2013, who recommend 0.99: what the last step changed is
//! continued, as by the momentum of a minimizer.
//!
//! Why the distance never rises with α = 0. Now u = c. Three facts about a transform c, its v by (GL.2), and c' by
//! (GL.3):
//!
//! ```text
//! (a)  ||c - v|| = || |c| - A ||          c_kt and v_kt point in the same direction: |c_kt - v_kt| = ||c_kt| - A_kt|
//! (b)  ||c' - v|| <= ||c - v||            c is the transform of a recording too, and c' is the nearest of all to v
//! (c)  || |c'| - A || <= ||c' - v||       |v_kt| = A_kt, and || a | - | b || <= |a - b| for complex numbers a, b
//!
//! d(c') = || |c'| - A || <= ||c' - v|| <= ||c - v|| = || |c| - A || = d(c)
//! ```
//!
//! (b) needs the weights g_k: (SF.2) is nearest in the sum over both halves of the bins, and the upper half repeats the
//! lower one. It also needs an inverse that is the nearest recording. (SF.2) is, because it takes the mean of all
//! frames that hold a sample, weighted by the squared window: the minimum of a sum of squares. That holds where frames
//! are cut off at the ends of the recording or continue into zeros, but not where the recording is mirrored there.
//!
//! A distance that never rises need not reach 0. The iteration ends where (b) and (c) are equalities, and many of these
//! points are not solutions. With α > 0, u is the transform of a recording too, since G is linear, so d(c') <= d(u).
//! But u lies ahead of c', and its distance may be larger than that of c': the distance does rise at times. It ends
//! lower, because the momentum carries the iteration through points where the plain one ends.
//!
//! Three starts ([`Start`]). Phases of 0 put the energy of each frame into one pulse, at its first sample, where the
//! window has taken it away. Random phases spread it. The third continues the peaks of the spectrum as waves. The
//! parabola through the logarithms at a peak and its neighbors is
//!
//! ```text
//! l_k + ½·(l_(k+1) - l_(k-1))·δ + ½·(l_(k-1) - 2·l_k + l_(k+1))·δ²
//! ```
//!
//! and its slope is 0 at (GL.7): there is the frequency of the wave. In (GL.8) its phase goes on from the frame before.
//! A wave at bin f turns by 2π·f/N per sample, so ν(f) = 2·f·hop/N. The bins around a peak belong to the same wave.
//! Their phases differ, because the window is symmetric about frame/2 and not about the first sample: at m bins from
//! the wave, its transform is a real number, positive near the peak, times e^(-iπ·m·frame/N). So o(m) = -m·frame/N. The
//! phases before the first frame are 0, and a frame without a peak continues each bin as a wave of its own. This start
//! is far ahead: 30 plain steps from it lead as low as 100 from the others. The accelerated iteration catches up from
//! any.
//!
//! Measured with frames of 256 samples every 80, N = 256, Hann's window, D on average over 600 recordings of spoken
//! digits at 8000 Hz:
//!
//! | start | α | 1 step | 10 | 30 | 100 |
//! | --- | --- | --- | --- | --- | --- |
//! | zero | 0 | -1.4 | -12.0 | -16.3 | -22.6 |
//! | zero | 0.99 | -1.4 | -14.9 | -23.0 | -30.5 |
//! | random | 0 | -4.4 | -13.2 | -16.9 | -22.6 |
//! | random | 0.99 | -4.4 | -16.1 | -23.2 | -29.5 |
//! | peaks | 0 | -16.0 | -20.8 | -23.1 | -25.8 |
//! | peaks | 0.99 | -16.0 | -23.2 | -26.3 | -30.6 |
//!
//! By hand, frames of 2 samples every sample with a window of ones (N = 2, so X_0 is the sum of two samples, X_1 their
//! difference, and a phase is a sign). The recording (1, 2, -1) has the frames (3, -1) and (1, 3), so A = (3, 1) and
//! (1, 3). With all signs positive the frames are (3 + 1)/2 = 2, (3 - 1)/2 = 1 and 2, -1. The middle sample is 1 in one
//! and 2 in the other: x = (2, 1.5, -1). Its transform is (3.5, 0.5) and (0.5, 2.5), d² = 4·0.25 = 1, ||A||² = 20 and D
//! = -13 dB. Its signs are positive again, so all further steps give the same. With the signs (+, -) and (+, +) the
//! first step finds (1, 2, -1), with (+, +) and (-, +) it finds (2, 1, -2), which has the same magnitudes. Of the 16
//! choices of signs, 4 end at a distance of 0, 4 at -13 dB and 8 at -7 dB. So the first phases decide where the
//! iteration ends.
//!
//! What the seed changes: it draws the first phases, and so decides which of the many recordings that fit nearly
//! equally well is found. From seed to seed, the D of one recording has a standard deviation of 2 dB. The other two
//! starts have no seed.
//!
//! The sign of a recording is never found: x and -x have the same magnitudes. The iteration runs on one thread in a
//! fixed order, and no sum of a transform depends on the number of threads, so that number changes no bit.
//!
//! Sources: D. Griffin and J. Lim, "Signal estimation from modified short-time Fourier transform", 1984; N. Perraudin,
//! P. Balazs and P. Søndergaard, "A fast Griffin-Lim algorithm", 2013; N. Sturmel and L. Daudet, "Signal reconstruction
//! from STFT magnitude: a state of the art", 2011 (spectral convergence); G. Beauregard, M. Harish and L. Wyse, "Single
//! pass spectrogram inversion", 2015 (phases from peaks).

use super::fourier::{Complex64, inverse_by_definition, real_by_definition};
use super::stft::Stft;
use crate::machine::Element;
use crate::matrix::Matrix;
use crate::number::sum::sum;
use crate::number::{Random, Real};
use alloc::vec;
use alloc::vec::Vec;

/// A transform of recordings with an inverse: a [`Stft`], or
/// [`ConstantQInverse`](super::inverse_constant_q::ConstantQInverse).
pub trait Analysis<T: Real> {
    /// G x: the real and the imaginary parts, each bins x frames.
    fn parts(&mut self, samples: &[T]) -> [Matrix<T>; 2];

    /// G⁺ u: the recording of `samples` samples with the nearest transform, in the norm with the weights g_k.
    fn inverse(&mut self, re: &Matrix<T>, im: &Matrix<T>, samples: usize) -> Vec<T>;

    /// g_k, above 0.
    fn weight(&self, bin: usize) -> f64;

    /// ν: the change of phase from frame to frame of a wave at this position between the bins, in units of π.
    fn phase_per_frame(&self, position: f64) -> f64;

    /// o: the change of phase within a frame of a wave, for this number of bins upward, in units of π.
    fn phase_per_bins(&self, bins: f64) -> f64;
}

impl<T: Real> Analysis<T> for Stft<T> {
    fn parts(&mut self, samples: &[T]) -> [Matrix<T>; 2] {
        Stft::parts(self, samples)
    }

    fn inverse(&mut self, re: &Matrix<T>, im: &Matrix<T>, samples: usize) -> Vec<T> {
        Stft::inverse(self, re, im, samples)
    }

    fn weight(&self, bin: usize) -> f64 {
        if bin == 0 || 2 * bin == self.settings().transform { 1.0 } else { 2.0 }
    }

    fn phase_per_frame(&self, position: f64) -> f64 {
        2.0 * position * self.settings().hop as f64 / self.settings().transform as f64
    }

    fn phase_per_bins(&self, bins: f64) -> f64 {
        -bins * self.settings().frame as f64 / self.settings().transform as f64
    }
}

/// The first phases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// All 0.
    Zero,
    /// Random, uniform, with this seed.
    Random(u64),
    /// Those of waves that continue the peaks of the frame before.
    Peaks,
}

impl Start {
    /// φ, bins x frames; random ones are drawn frame after frame from the lowest bin up, from -1 to below 1.
    ///
    /// # Panics
    /// If there is no memory for them.
    pub fn phases<T: Real, A: Analysis<T> + ?Sized>(self, analysis: &A, magnitude: &Matrix<T>) -> Matrix<f64> {
        let (bins, frames) = (magnitude.rows(), magnitude.columns());
        let mut phases = Matrix::zeros(bins, frames);
        let mut frame = vec![0.0; bins];
        let mut random = Random::new(if let Start::Random(seed) = self { seed } else { 0 });
        for t in 0..frames {
            match self {
                Start::Zero => {}
                Start::Random(_) => frame.iter_mut().for_each(|phase| *phase = random.uniform(-1.0, 1.0)),
                Start::Peaks => continue_peaks(analysis, &magnitude.column(t), &mut frame),
            }
            frame.iter().enumerate().for_each(|(k, &phase)| phases.row_mut(k)[t] = phase);
        }
        phases
    }
}

/// The phases of a frame with these magnitudes, from those of the frame before.
fn continue_peaks<T: Real, A: Analysis<T> + ?Sized>(analysis: &A, magnitude: &[T], phases: &mut [f64]) {
    let is_peak = |k: &usize| magnitude[*k] > magnitude[k - 1] && magnitude[*k] >= magnitude[k + 1];
    let peaks: Vec<usize> = (1..magnitude.len().saturating_sub(1)).filter(is_peak).collect();
    let before = phases.to_vec();
    let mut nearest = 0;
    for (j, phase) in phases.iter_mut().enumerate() {
        while nearest + 1 < peaks.len() && peaks[nearest + 1].abs_diff(j) < peaks[nearest].abs_diff(j) {
            nearest += 1;
        }
        // Without a peak, each bin is a wave of its own.
        let k = peaks.get(nearest).copied().unwrap_or(j);
        let delta = if peaks.is_empty() {
            0.0
        } else {
            // A neighbor may be 0.
            let ratio = |i: usize| Real::max((magnitude[i] / magnitude[k]).to_f64(), 1e-9);
            let (below, above) = (Real::ln(ratio(k - 1)), Real::ln(ratio(k + 1)));
            0.5 * (below - above) / (below + above) // (GL.7)
        };
        let per_frame = analysis.phase_per_frame(k as f64 + delta);
        *phase = (before[k] + per_frame + analysis.phase_per_bins(j as f64 - k as f64)) % 2.0; // (GL.8)
    }
}

/// The settings of the iteration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GriffinLim {
    /// The number of steps, at least 1.
    pub iterations: usize,
    /// α, from 0 (plain) to below 1.
    pub momentum: f64,
    /// The first phases.
    pub start: Start,
}

/// A recording made from magnitudes.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconstruction<T> {
    /// The recording of the last step.
    pub samples: Vec<T>,
    /// D after each step, in dB.
    pub convergence: Vec<f64>,
}

impl GriffinLim {
    /// 100 accelerated steps, α = 0.99, from random phases.
    pub fn accelerated(seed: u64) -> Self {
        GriffinLim { iterations: 100, momentum: 0.99, start: Start::Random(seed) }
    }

    /// 100 plain steps, α = 0, from random phases.
    pub fn plain(seed: u64) -> Self {
        GriffinLim { momentum: 0.0, ..Self::accelerated(seed) }
    }

    /// A recording of `samples` samples whose transform has about the magnitudes `magnitude`, bins x frames.
    ///
    /// ```
    /// use ossicle::audio::window::{Ends, Window};
    /// use ossicle::number::Real;
    /// use ossicle::spectrum::griffin_lim::GriffinLim;
    /// use ossicle::spectrum::stft::{Edges, Stft, StftSettings};
    ///
    /// let chirp: Vec<f64> = (0..2000).map(|i| (1e-4 * f64::from(i * i)).sin_cos_pi().0).collect();
    /// let (window, ends, edges) = (Window::Hann, Ends::Periodic, Edges::Zero);
    /// let mut stft = Stft::new(StftSettings { frame: 256, hop: 64, transform: 256, window, ends, edges });
    /// let magnitude = stft.magnitude(&chirp);
    /// let found = GriffinLim::accelerated(1).reconstruct(&mut stft, &magnitude, chirp.len());
    /// assert_eq!((found.samples.len(), found.convergence.len()), (2000, 100));
    /// assert!(found.convergence[99] < -25.0);
    /// ```
    ///
    /// # Panics
    /// If there is no step, if α is not from 0 to below 1, if `magnitude` does not have the shape of the transform of
    /// `samples` samples, or if there is no memory for four transforms.
    pub fn reconstruct<T: Real, A: Analysis<T> + ?Sized>(
        &self,
        analysis: &mut A,
        magnitude: &Matrix<T>,
        samples: usize,
    ) -> Reconstruction<T> {
        assert!(self.iterations > 0 && (0.0..1.0).contains(&self.momentum), "{self:?}");
        let phases = self.start.phases(analysis, magnitude);
        let mut u = [magnitude.clone(), magnitude.clone()];
        for (i, &phase) in phases.elements().iter().enumerate() {
            let (sine, cosine) = phase.sin_cos_pi();
            u[0].elements_mut()[i] *= T::from_f64(cosine); // (GL.1)
            u[1].elements_mut()[i] *= T::from_f64(sine); // (GL.1)
        }
        let momentum = T::from_f64(self.momentum);
        let mut last: Option<[Matrix<T>; 2]> = None;
        let mut found = Reconstruction { samples: Vec::new(), convergence: Vec::with_capacity(self.iterations) };
        for _ in 0..self.iterations {
            impose(magnitude, &mut u);
            found.samples = analysis.inverse(&u[0], &u[1], samples); // (GL.3)
            let next = analysis.parts(&found.samples); // (GL.3)
            found.convergence.push(spectral_convergence(analysis, &next, magnitude));
            u.clone_from(&next);
            if let Some(last) = &last
                && self.momentum > 0.0
            {
                for (u, last) in u.iter_mut().zip(last) {
                    let pairs = u.elements_mut().iter_mut().zip(last.elements());
                    pairs.for_each(|(u, &last)| *u += momentum * (*u - last)); // (GL.4)
                }
            }
            last = Some(next);
        }
        found
    }
}

/// Replaces the magnitudes of u by those given.
fn impose<T: Real>(magnitude: &Matrix<T>, [re, im]: &mut [Matrix<T>; 2]) {
    let parts = re.elements_mut().iter_mut().zip(im.elements_mut());
    for (&a, (re, im)) in magnitude.elements().iter().zip(parts) {
        // Divided first, so that no square vanishes or overflows.
        let larger = re.abs().max(im.abs());
        if larger == T::ZERO {
            (*re, *im) = (a, T::ZERO);
        } else {
            let (x, y) = (*re / larger, *im / larger);
            let scale = a / Element::sqrt(x * x + y * y);
            (*re, *im) = (x * scale, y * scale); // (GL.2)
        }
    }
}

/// D in dB, of the transform `parts` from the magnitudes: -∞ if they agree, +∞ if all magnitudes are 0 and the
/// transform is not.
///
/// # Panics
/// If the shapes differ.
pub fn spectral_convergence<T: Real, A: Analysis<T> + ?Sized>(
    analysis: &A,
    parts: &[Matrix<T>; 2],
    magnitude: &Matrix<T>,
) -> f64 {
    let [re, im] = parts;
    let shapes = [re, im].map(|part| (part.rows(), part.columns()));
    assert_eq!(shapes, [(magnitude.rows(), magnitude.columns()); 2], "bins and frames of transform and magnitudes");
    let (mut squares, mut all) = (Vec::with_capacity(re.rows()), Vec::with_capacity(re.rows()));
    for k in 0..re.rows() {
        let weight = analysis.weight(k);
        let row = || re.row(k).iter().zip(im.row(k)).zip(magnitude.row(k));
        let distances: Vec<f64> = row()
            .map(|((&re, &im), &a)| {
                let (re, im) = (re.to_f64(), im.to_f64());
                let distance = Element::sqrt(re * re + im * im) - a.to_f64();
                weight * (distance * distance)
            })
            .collect();
        let magnitudes: Vec<f64> = row().map(|(_, &a)| weight * (a.to_f64() * a.to_f64())).collect();
        squares.push(sum(&distances)); // (GL.5)
        all.push(sum(&magnitudes));
    }
    decibels(sum(&squares), sum(&all))
}

/// 10·log₁₀(a/b) of two sums of squares; -∞ if a = 0.
pub(super) fn decibels(a: f64, b: f64) -> f64 {
    // NaN stays NaN.
    if a == 0.0 { f64::NEG_INFINITY } else { 10.0 / core::f64::consts::LN_10 * Real::ln(a / b) } // (GL.6)
}

/// The recording after all steps, term by term, for whole frames of N = `window.len()` samples. `magnitude` and
/// `phases` have the bins 0, ..., ⌊N/2⌋ as rows.
pub fn by_definition(
    window: &[f64],
    hop: usize,
    magnitude: &Matrix<f64>,
    phases: &Matrix<f64>,
    samples: usize,
    iterations: usize,
    momentum: f64,
) -> Vec<f64> {
    let (length, bins, frames) = (window.len(), magnitude.rows(), magnitude.columns());
    let mut u = vec![vec![Complex64::default(); bins]; frames];
    for t in 0..frames {
        for k in 0..bins {
            let (sine, cosine) = phases.row(k)[t].sin_cos_pi();
            u[t][k] = Complex64::new(magnitude.row(k)[t] * cosine, magnitude.row(k)[t] * sine); // (GL.1)
        }
    }
    let (mut last, mut x) = (Vec::<Vec<Complex64>>::new(), vec![0.0; samples]);
    for step in 0..iterations {
        let (mut sums, mut squares) = (vec![0.0; samples], vec![0.0; samples]);
        for t in 0..frames {
            let mut v = vec![Complex64::default(); length];
            for k in 0..bins {
                let size = Element::sqrt(u[t][k].re * u[t][k].re + u[t][k].im * u[t][k].im);
                let a = magnitude.row(k)[t];
                v[k] = Complex64::new(a, 0.0);
                if size > 0.0 {
                    v[k] = Complex64::new(a * u[t][k].re / size, a * u[t][k].im / size); // (GL.2)
                }
                // The upper half is the conjugate of the lower one. A recording's bins 0 and N/2 are real.
                v[(length - k) % length] = v[k].conjugate();
                if (length - k) % length == k {
                    v[k].im = 0.0;
                }
            }
            let y = inverse_by_definition(&v);
            for n in 0..length {
                sums[t * hop + n] += window[n] * y[n].re; // (GL.3)
                squares[t * hop + n] += window[n] * window[n]; // (GL.3)
            }
        }
        for i in 0..samples {
            x[i] = if squares[i] > 0.0 { sums[i] / squares[i] } else { 0.0 }; // (GL.3)
        }
        let mut next = Vec::new();
        for t in 0..frames {
            let frame: Vec<f64> = (0..length).map(|n| window[n] * x[t * hop + n]).collect();
            next.push(real_by_definition(&frame)); // (GL.3)
        }
        u.clone_from(&next);
        for t in 0..frames {
            for k in 0..bins {
                if step > 0 {
                    u[t][k] = next[t][k] + Complex64::new(momentum, 0.0) * (next[t][k] - last[t][k]); // (GL.4)
                }
            }
        }
        last = next;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::window::{Ends, Window};
    use crate::spectrum::stft::{Edges, StftSettings};

    const SPEECH: StftSettings = StftSettings {
        frame: 256,
        hop: 80,
        transform: 256,
        window: Window::Hann,
        ends: Ends::Periodic,
        edges: Edges::Zero,
    };

    /// Harmonics of a gliding pitch, and a little noise.
    fn voice(samples: usize) -> Vec<f64> {
        let mut random = Random::new(4);
        let sample = |i: usize| {
            let t = i as f64 / 8000.0;
            let cycles = 120.0 * t + 40.0 * t * t;
            let tones = (1..12).fold(0.0, |sum, h| sum + (2.0 * f64::from(h) * cycles).sin_cos_pi().0 / f64::from(h));
            0.2 * tones + random.uniform::<f64>(-0.01, 0.01)
        };
        (0..samples).map(sample).collect()
    }

    #[test]
    fn three_samples_by_hand() {
        let settings = StftSettings {
            frame: 2,
            hop: 1,
            transform: 2,
            window: Window::Rectangular,
            ends: Ends::Periodic,
            edges: Edges::Whole,
        };
        let mut stft = Stft::new(settings);
        let magnitude = stft.magnitude(&[1.0, 2.0, -1.0]);
        assert_eq!(magnitude, Matrix::from_rows(2, 2, vec![3.0, 1.0, 1.0, 3.0]));
        for momentum in [0.0, 0.99] {
            let stuck = GriffinLim { iterations: 5, momentum, start: Start::Zero };
            let found = stuck.reconstruct(&mut stft, &magnitude, 3);
            assert_eq!(found.samples, [2.0, 1.5, -1.0]);
            // 10·log₁₀(1/20)
            assert!(found.convergence.iter().all(|d| (d + 13.010_299_956_639_813).abs() < 1e-12));
            for (signs, expected) in
                [([0.0, 0.0, 1.0, 0.0], [1.0, 2.0, -1.0]), ([0.0, 1.0, 0.0, 0.0], [2.0, 1.0, -2.0])]
            {
                let phases = Matrix::from_rows(2, 2, Vec::from(signs));
                for steps in [1, 5] {
                    let x = by_definition(&[1.0; 2], 1, &magnitude, &phases, 3, steps, momentum);
                    assert!(x.iter().zip(expected).all(|(x, e)| (x - e).abs() < 1e-14), "{x:?}");
                }
                assert_eq!(stft.magnitude(&expected), magnitude);
            }
        }
    }

    #[test]
    fn steps_are_the_definition() {
        for (frame, hop, samples) in [(12, 4, 60), (9, 2, 41), (8, 3, 8)] {
            let settings =
                StftSettings { frame, hop, transform: frame, window: Window::Hamming, edges: Edges::Whole, ..SPEECH };
            let mut stft = Stft::new(settings);
            let magnitude = stft.magnitude(&voice(samples));
            let window: Vec<f64> = Window::Hamming.weights(Ends::Periodic, frame);
            for start in [Start::Zero, Start::Random(3), Start::Peaks] {
                let phases = start.phases(&stft, &magnitude);
                for (iterations, momentum) in [(1, 0.0), (6, 0.0), (1, 0.9), (6, 0.9)] {
                    let settings = GriffinLim { iterations, momentum, start };
                    let got = settings.reconstruct(&mut stft, &magnitude, samples).samples;
                    let expected = by_definition(&window, hop, &magnitude, &phases, samples, iterations, momentum);
                    let near = got.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-11);
                    assert!(near, "{settings:?}, {frame}: {got:?}, {expected:?}");
                }
            }
        }
    }

    #[test]
    fn the_plain_distance_never_rises() {
        let x = voice(1500);
        for edges in [Edges::Whole, Edges::Zero] {
            for (frame, hop, transform) in [(256, 80, 256), (100, 30, 128), (51, 40, 75), (64, 64, 64)] {
                for window in [Window::Hann, Window::Hamming, Window::Rectangular] {
                    let mut stft = Stft::new(StftSettings { frame, hop, transform, window, edges, ..SPEECH });
                    // Of a recording, and of none.
                    let mut random = Random::new(8);
                    let real = stft.magnitude(&x);
                    let drawn = Matrix::from_function(real.rows(), real.columns(), |_, _| random.uniform(0.0, 1.0));
                    for magnitude in [real, drawn] {
                        for start in [Start::Zero, Start::Random(1)] {
                            let plain = GriffinLim { iterations: 15, momentum: 0.0, start };
                            let d = plain.reconstruct(&mut stft, &magnitude, 1500).convergence;
                            // A distance of 0 is rounded to anything below -250 dB.
                            let falls = |pair: &[f64]| pair[1] <= pair[0] + 1e-9 || pair[1] < -250.0;
                            assert!(d.windows(2).all(falls), "{edges:?}, {window:?}, {frame}, {start:?}: {d:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn momentum_ends_lower_and_the_seed_matters_little() {
        let x = voice(4000);
        let mut stft = Stft::new(SPEECH);
        let magnitude = stft.magnitude(&x);
        let mut ends = Vec::new();
        for seed in [1, 2] {
            let mut end = |settings: GriffinLim| settings.reconstruct(&mut stft, &magnitude, 4000).convergence[99];
            let [plain, accelerated] = [end(GriffinLim::plain(seed)), end(GriffinLim::accelerated(seed))];
            assert!(plain < -18.0 && accelerated < plain - 4.0, "{plain}, {accelerated}");
            ends.push(accelerated);
        }
        assert!(ends[0] != ends[1] && (ends[0] - ends[1]).abs() < 6.0, "{ends:?}");
    }

    #[test]
    fn waves_start_with_their_phases() {
        // Two waves, between bins, through a window that is half as long as the transform, and through a whole one.
        let wave = |bin: f64, i: i32| (2.0 * bin * f64::from(i) / 256.0 + 0.3).sin_cos_pi().1;
        let x: Vec<f64> = (0..3000).map(|i| wave(40.3, i) + 0.5 * wave(90.8, i)).collect();
        for frame in [128, 256] {
            let mut stft = Stft::new(StftSettings { frame, edges: Edges::Whole, ..SPEECH });
            let magnitude = stft.magnitude(&x);
            let phases = Start::Peaks.phases(&stft, &magnitude);
            let [re, im] = stft.parts(&x);
            // Compared with the true ones, at the peaks and beside them, all are shifted alike from the first frame on.
            for bins in [39..42, 90..93] {
                let mut shift = None;
                for t in 0..8 {
                    for k in bins.clone() {
                        let (sine, cosine) = phases.row(k)[t].sin_cos_pi();
                        let (re, im) = (re.row(k)[t], im.row(k)[t]);
                        let size = Element::sqrt(re * re + im * im);
                        let [a, b] = [(re * cosine + im * sine) / size, (im * cosine - re * sine) / size];
                        let (c, d) = *shift.get_or_insert((a, b));
                        assert!((a - c).abs() + (b - d).abs() < 0.4, "{frame}, bin {k}, frame {t}: {a}, {b}; {c}, {d}");
                    }
                }
            }
            let settings = GriffinLim { iterations: 1, momentum: 0.0, start: Start::Peaks };
            assert!(settings.reconstruct(&mut stft, &magnitude, 3000).convergence[0] < -20.0);
        }
    }

    #[test]
    fn the_inverse_of_these_frames_is_exact() {
        let x = voice(4321);
        let mut stft = Stft::new(SPEECH);
        let parts = stft.parts(&x);
        let back = stft.inverse(&parts[0], &parts[1], x.len());
        assert!(back.iter().zip(&x).all(|(a, b)| (a - b).abs() < 1e-12));
        assert!(spectral_convergence(&stft, &parts, &stft.clone().magnitude(&x)) < -300.0);
    }

    #[test]
    fn small_and_large_numbers_and_silence_have_a_sound() {
        let mut stft = Stft::<f32>::new(StftSettings { frame: 16, hop: 4, transform: 16, ..SPEECH });
        let x: Vec<f32> = voice(200).into_iter().map(|x| x as f32).collect();
        let magnitude = stft.magnitude(&x);
        let settings = GriffinLim { iterations: 20, ..GriffinLim::accelerated(1) };
        let convergence = |scale: f32| {
            let mut magnitude = magnitude.clone();
            magnitude.elements_mut().iter_mut().for_each(|a| *a *= scale);
            let mut stft = stft.clone();
            settings.reconstruct(&mut stft, &magnitude, 200).convergence[19]
        };
        // Powers of two change no digit.
        assert_eq!([convergence(1.0), convergence(1.0)], [convergence(2f32.powi(-70)), convergence(2f32.powi(70))]);
        let silent = Matrix::zeros(magnitude.rows(), magnitude.columns());
        let found = settings.reconstruct(&mut stft, &silent, 200);
        assert!(found.samples.iter().all(|&x| x == 0.0) && found.convergence[0] == f64::NEG_INFINITY);
        let none = settings.reconstruct(&mut stft, &Matrix::zeros(9, 0), 0);
        assert!(none.samples.is_empty());
        assert_eq!(decibels(1.0, 0.0), f64::INFINITY);
    }

    #[test]
    #[should_panic(expected = "GriffinLim")]
    fn no_step_panics() {
        let mut stft = Stft::<f64>::new(SPEECH);
        let magnitude = stft.magnitude(&[0.0; 300]);
        GriffinLim { iterations: 0, ..GriffinLim::plain(1) }.reconstruct(&mut stft, &magnitude, 300);
    }
}
