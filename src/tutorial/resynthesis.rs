//! Resynthesis: from the frames of a front end back to sound, to hear what a model is given.
//!
//! Why: a picture of features says little about what they leave out, and the ear notices it at once. Each transform
//! forgets the phases. Some forget more: which bins within a band, the fine structure of the spectrum, the octave. The
//! sound that is made from what is left shows all of that. The frames need not come from a recording: those that a
//! hidden unit prefers make a sound too.
//!
//! The steps: logarithms become powers, bands become bins, and phases are found.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | L_t | frame t of the front end: logarithms of power without their mean, or cepstral coefficients |
//! | M | the largest of all logarithms |
//! | Y, p | the power of bands and of bins |
//! | A | the magnitudes of bins |
//! | x, y | the samples of the original, and those of the new sound |
//! | c | a level, above 0 |
//!
//! ```text
//! (RY.1)  Y = e^(L - M)
//! (RY.2)  A = √p
//! (RY.3)  c = √(Σ x² / Σ y²),   y ← c·y
//! ```
//!
//! | transform | from Y to A |
//! | --- | --- |
//! | fft | Y is the power of the bins that the front end keeps; the others are 0 |
//! | mel, bark, chroma | p has these bands: [`invert_bank`](crate::spectrum::invert_bank) |
//! | cepstrum | L are the logarithms of mel bands: (IB.9); then as mel |
//! | constant-q | Y is the power of the notes: [`inverse_constant_q`](crate::spectrum::inverse_constant_q) |
//!
//! Then [`griffin_lim`](crate::spectrum::griffin_lim) finds a sound with the magnitudes A, with the front end's frames
//! and its window. Two distances tell how good it is, both as (GL.6): that of its magnitudes from A, which says how
//! well phases were found, and that from the magnitudes of the original, which says what the transform left out.
//!
//! Why M: the front end subtracts the mean, so the level is unknown, and any other will do. With this one no power is
//! above 1, whatever the values. (RY.3) gives the new sound the energy of the original.
//!
//! Bands that no sound has. A recording's bands have a spectrum that fits, and the units of [`Units::Scaled`] lead to
//! it fastest. Frames of a hidden unit need not: a single loud Bark band, for instance, without what its neighbors
//! would let through. In those units the soft bands would win; with [`Units::One`] the loud ones do.
//!
//! Conventions. The recording has a frame of silence before and after it, so that every sample is in as many frames.
//! The floor that the front end adds to powers stays in: with frames of 256 samples it is noise of about -96 dB. Sounds
//! have no sample beyond ±1: if (RY.3) leads there, the whole sound is made softer, and the result says by how much.
//!
//! By hand, two frames of one bin, L = (1, -1): M = 1, Y = (1, e^-2) = (1, 0.135), A = (1, 0.37). The original (3, 4)
//! and y = (0, 1): c = 5.

use super::front_end::{FrontEnd, FrontEndError};
use super::settings::{FrontEndSettings, Transform};
use crate::audio::frames::Framing;
use crate::audio::window::{Ends, Window};
use crate::machine::{Element, size};
use crate::matrix::Matrix;
use crate::number::Real;
use crate::number::sum::{norm_inf, sum_of_squares};
use crate::spectrum::bank::Bank;
use crate::spectrum::bark;
use crate::spectrum::constant_q::ConstantQSettings;
use crate::spectrum::griffin_lim::{Analysis, GriffinLim, Reconstruction, spectral_convergence};
use crate::spectrum::inverse_constant_q::ConstantQInverse;
use crate::spectrum::invert_bank::{InvertBank, Units, bands_from_cepstrum};
use crate::spectrum::stft::{Edges, Stft, StftSettings};
use std::string::String;
use std::vec;
use std::vec::Vec;

/// The largest sample of 16 bits, as a number.
const LARGEST: f64 = 32_767.0 / 32_768.0;
/// The largest sample of a sound without an original.
const LEVEL: f64 = 0.5;

/// The way back from a front end's frames to sound.
#[derive(Clone, Debug)]
pub struct FrameSynthesis {
    kind: Kind,
    framing: Framing,
    /// The elements of a frame.
    values: usize,
}

#[derive(Clone, Debug)]
enum Kind {
    /// The lowest bins.
    Bins(Stft<f64>),
    /// bands x bins.
    Bands(Stft<f64>, Matrix<f64>),
    /// Of mel bands, bands x bins.
    Cepstrum(Stft<f64>, Matrix<f64>),
    Notes(ConstantQInverse<f64>),
}

/// A sound made from what a transform keeps of a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Resynthesis {
    /// As many samples as the recording has, none beyond ±1.
    pub samples: Vec<f64>,
    /// The distance of its magnitudes from those it was made from, (GL.6), after each iteration, in dB.
    pub convergence: Vec<f64>,
    /// The distance of its magnitudes from those of the recording, (GL.6), in dB. Silence has 0 dB.
    pub distance: f64,
    /// The factor by which the sound is softer than the recording, so that no sample is beyond ±1; usually 1.
    pub softer: f64,
    /// A remark for the user, as a sentence.
    pub remark: Option<String>,
}

impl FrameSynthesis {
    /// The way back from the frames of the front end with these settings: [`FrontEnd::new`] describes them.
    ///
    /// # Errors
    /// As [`FrontEnd::new`].
    ///
    /// # Panics
    /// As [`FrontEnd::new`].
    pub fn new(
        settings: &FrontEndSettings,
        framing: Framing,
        rate: u32,
        shortest: usize,
    ) -> Result<Self, FrontEndError> {
        // The front end says whether there is one, and how many elements its frames have.
        let values = FrontEnd::<f64>::new(settings, framing, rate, shortest)?.bands().count();
        let Framing { length, hop } = framing;
        let (window, ends, edges) = (Window::Hann, Ends::Periodic, Edges::Whole);
        let stft = || Stft::new(StftSettings { frame: length, hop, transform: length, window, ends, edges });
        let hertz = f64::from(rate);
        let mel = || Bank::mel(&settings.mel(rate), length, hertz).map_err(FrontEndError::Mel);
        let kind = match settings.transform {
            Transform::Fft => Kind::Bins(stft()),
            Transform::Mel => Kind::Bands(stft(), mel()?.matrix()),
            Transform::Bark => Kind::Bands(stft(), Bank::bark(bark::default_bands(hertz), length, hertz).matrix()),
            Transform::Chroma => Kind::Bands(stft(), Bank::chroma(length, hertz).matrix()),
            Transform::Cepstrum => Kind::Cepstrum(stft(), mel()?.matrix()),
            Transform::ConstantQ => {
                let notes = ConstantQSettings { hop, ..ConstantQSettings::tutorial(rate) };
                Kind::Notes(ConstantQInverse::new(&notes, rate, shortest).map_err(FrontEndError::ConstantQ)?)
            }
        };
        Ok(FrameSynthesis { kind, framing, values })
    }

    /// A sound with these frames, one after the other as [`FrontEnd::frames`] has them. Its largest sample is ±½. It is
    /// empty if there is no frame.
    ///
    /// A context window that a hidden unit prefers is short. To listen to it, repeat it (`frames.repeat(20)`), or make
    /// it longer with [`stretched`].
    ///
    /// # Panics
    /// If there is no whole number of frames, a value is not finite, or the settings of the iteration are out of range.
    pub fn sound(&mut self, frames: &[f64], phases: &GriffinLim) -> Reconstruction<f64> {
        let count = frames.len() / self.values;
        let samples = match self.kind {
            // Frames of notes are centered at multiples of the hop, the first one at 0.
            Kind::Notes(_) => size::product([count, self.framing.hop]).saturating_sub(1),
            _ if count == 0 => 0,
            _ => size::sum([size::product([count - 1, self.framing.hop]), self.framing.length]),
        };
        if samples == 0 {
            return Reconstruction { samples: Vec::new(), convergence: Vec::new() };
        }
        let mut found = self.reconstruct(frames, Units::One, samples, phases);
        let largest = norm_inf(&found.samples);
        if largest > 0.0 {
            found.samples.iter_mut().for_each(|x| *x *= LEVEL / largest);
        }
        found
    }

    /// A sound of this number of samples, which has as many frames.
    fn reconstruct(
        &mut self,
        frames: &[f64],
        units: Units,
        samples: usize,
        phases: &GriffinLim,
    ) -> Reconstruction<f64> {
        let magnitude = self.magnitudes(frames, units);
        phases.reconstruct(self.analysis(), &magnitude, samples)
    }

    fn analysis(&mut self) -> &mut dyn Analysis<f64> {
        match &mut self.kind {
            Kind::Bins(stft) | Kind::Bands(stft, _) | Kind::Cepstrum(stft, _) => stft,
            Kind::Notes(notes) => notes,
        }
    }

    /// A, bins x frames.
    fn magnitudes(&self, frames: &[f64], units: Units) -> Matrix<f64> {
        assert!(frames.len().is_multiple_of(self.values), "{} values in frames of {}", frames.len(), self.values);
        assert!(frames.iter().all(|x| x.is_finite()), "a value that is not finite");
        let count = frames.len() / self.values;
        let mut logarithms = Matrix::from_function(self.values, count, |k, t| frames[t * self.values + k]);
        if let Kind::Cepstrum(_, weights) = &self.kind {
            logarithms = bands_from_cepstrum(&logarithms, weights.rows());
        }
        let most = logarithms.elements().iter().fold(f64::NEG_INFINITY, |most, &x| Real::max(most, x));
        let power = logarithms.map(|x| Real::exp(x - most)); // (RY.1)
        let power = match &self.kind {
            Kind::Bands(_, weights) | Kind::Cepstrum(_, weights) => {
                InvertBank { units, ..InvertBank::default() }.power(weights, &power).power
            }
            Kind::Notes(_) => power,
            Kind::Bins(stft) => {
                let kept = |k: usize, t: usize| if k < self.values { power.row(k)[t] } else { 0.0 };
                Matrix::from_function(stft.bins(), count, kept)
            }
        };
        power.map(Element::sqrt) // (RY.2)
    }
}

/// The frames, each `times` times in succession: the sound stands still in each.
///
/// # Panics
/// If `values`, the number of elements of a frame, is 0, or there is no memory for the result.
pub fn stretched(frames: &[f64], values: usize, times: usize) -> Vec<f64> {
    size::claim::<f64>(size::product([frames.len(), times]));
    frames.chunks(values).flat_map(|frame| frame.repeat(times)).collect()
}

/// A sound made from what a transform keeps of a recording at `rate` Hz, with its level. The power spectrum is kept up
/// to half the rate.
///
/// # Errors
/// If the transform does not fit the rate or the length.
///
/// # Panics
/// If `rate` is 0, there is no sample, a sample is not finite, or the settings of the iteration are out of range.
pub fn resynthesize(
    transform: Transform,
    rate: u32,
    samples: &[f64],
    phases: &GriffinLim,
) -> Result<Resynthesis, FrontEndError> {
    assert!(rate > 0 && !samples.is_empty(), "{} samples at {rate} Hz", samples.len());
    let settings = FrontEndSettings { transform, highest_bin: f64::INFINITY, ..FrontEndSettings::default() };
    let framing = settings.framing(rate);
    // Frames of notes are centered, and reach into silence by themselves.
    let margin = if transform == Transform::ConstantQ { 0 } else { framing.length };
    let mut padded = vec![0.0; samples.len() + 2 * margin];
    padded[margin..][..samples.len()].copy_from_slice(samples);
    let mut front = FrontEnd::<f64>::new(&settings, framing, rate, samples.len())?;
    let mut synthesis = FrameSynthesis::new(&settings, framing, rate, samples.len())?;
    let frames = front.frames(&padded);
    let Reconstruction { samples: mut sound, convergence } =
        synthesis.reconstruct(&frames, Units::Scaled, padded.len(), phases);
    let [energy, found] = [samples, &sound[margin..][..samples.len()]].map(sum_of_squares);
    let level = if found > 0.0 { Element::sqrt(energy / found) } else { 0.0 };
    sound.iter_mut().for_each(|x| *x *= level); // (RY.3)
    let analysis = synthesis.analysis();
    let [original, new] = [&padded, &sound].map(|sound| analysis.parts(sound));
    let distance = spectral_convergence(analysis, &new, &magnitudes_of(&original));
    sound = sound[margin..][..samples.len()].to_vec();
    let largest = norm_inf(&sound);
    let softer = if largest > LARGEST { LARGEST / largest } else { 1.0 };
    if softer < 1.0 {
        sound.iter_mut().for_each(|x| *x *= softer);
    }
    let remark = front.remark().map(String::from);
    Ok(Resynthesis { samples: sound, convergence, distance, softer, remark })
}

/// |X| of a transform's parts.
fn magnitudes_of([re, im]: &[Matrix<f64>; 2]) -> Matrix<f64> {
    Matrix::from_function(re.rows(), re.columns(), |k, t| {
        let (re, im) = (re.row(k)[t], im.row(k)[t]);
        Element::sqrt(re * re + im * im)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::threads;
    use crate::number::Random;
    use crate::spectrum::griffin_lim::Start;
    use crate::tutorial::settings::TRANSFORMS;

    const QUICK: GriffinLim = GriffinLim { iterations: 20, momentum: 0.99, start: Start::Peaks };

    /// Harmonics of a gliding pitch that fade in and out twice, and a little noise.
    fn voice(samples: usize) -> Vec<f64> {
        let mut random = Random::new(4);
        let sample = |i: usize| {
            let t = i as f64 / 8000.0;
            let cycles = 150.0 * t + 60.0 * t * t;
            let tones = (1..15).fold(0.0, |sum, h| {
                let phase = 2.0 * f64::from(h) * cycles;
                sum + phase.sin_cos_pi().0 / (1.0 + (f64::from(h) - 4.0).abs())
            });
            let (fade, _) = (2.0 * i as f64 / samples as f64).sin_cos_pi();
            0.1 * tones * fade * fade + random.uniform::<f64>(-0.003, 0.003)
        };
        (0..samples).map(sample).collect()
    }

    fn synthesis(transform: Transform) -> (FrameSynthesis, FrontEnd<f64>) {
        let settings = FrontEndSettings { transform, ..FrontEndSettings::default() };
        let framing = settings.framing(8000);
        let front = FrontEnd::new(&settings, framing, 8000, 2000).unwrap();
        (FrameSynthesis::new(&settings, framing, 8000, 2000).unwrap(), front)
    }

    fn correlation(a: &[f64], b: &[f64]) -> f64 {
        let centered = |x: &[f64]| -> Vec<f64> {
            let mean = crate::number::sum::sum(x) / x.len() as f64;
            x.iter().map(|x| x - mean).collect()
        };
        let (a, b) = (centered(a), centered(b));
        crate::number::sum::dot(&a, &b) / Element::sqrt(sum_of_squares(&a) * sum_of_squares(&b))
    }

    #[test]
    fn two_frames_by_hand() {
        let settings = FrontEndSettings { transform: Transform::Fft, ..FrontEndSettings::default() };
        let synthesis = FrameSynthesis::new(&settings, Framing { length: 2, hop: 1 }, 8000, 2).unwrap();
        let magnitudes = synthesis.magnitudes(&[1.0, 1.0, -1.0, 1.0], Units::One);
        let expected = [1.0, Real::exp(-1.0), 1.0, 1.0];
        assert!(magnitudes.elements().iter().zip(expected).all(|(a, e)| (a - e).abs() < 1e-15), "{magnitudes:?}");
    }

    #[test]
    fn the_new_sound_has_the_frames_of_the_original_and_its_level() {
        let x = voice(4000);
        // How alike the frames are, and the distance of the magnitudes in dB.
        let bounds = [
            (Transform::Fft, 0.95, -20.0),
            (Transform::Mel, 0.98, -10.0),
            (Transform::Bark, 0.98, -1.5),
            (Transform::Cepstrum, 0.98, -1.0),
            (Transform::Chroma, 0.95, 1.0),
            (Transform::ConstantQ, 0.97, -20.0),
        ];
        assert!(bounds.iter().zip(TRANSFORMS).all(|(bound, (_, transform))| bound.0 == transform));
        for (transform, alike, most) in bounds {
            let found = resynthesize(transform, 8000, &x, &QUICK).unwrap();
            assert_eq!((found.samples.len(), found.convergence.len(), found.softer), (4000, 20, 1.0));
            let ratio = sum_of_squares(&found.samples) / sum_of_squares(&x);
            assert!((ratio - 1.0).abs() < 1e-9, "{transform:?}: {ratio}");
            assert!(found.distance < most, "{transform:?}: {} dB", found.distance);
            let mut front = synthesis(transform).1;
            let [a, b] = [&x, &found.samples].map(|sound| front.frames(sound));
            let found = correlation(&a, &b);
            assert!(found > alike, "{transform:?}: {found}");
        }
    }

    #[test]
    fn a_frame_sounds_where_its_bands_say() {
        for (name, transform) in TRANSFORMS {
            let (mut synthesis, mut front) = synthesis(transform);
            let values = synthesis.values;
            // Ten frames of one loud band; of a cepstrum, those of a tone.
            let frame: Vec<f64> = match transform {
                Transform::Cepstrum => {
                    let tone: Vec<f64> =
                        (0..256).map(|i| (2.0 * 880.0 * f64::from(i) / 8000.0).sin_cos_pi().0).collect();
                    front.frames(&tone)
                }
                _ => (0..values).map(|k| if k == values / 3 { 6.0 } else { -6.0 }).collect(),
            };
            let found = synthesis.sound(&stretched(&frame, values, 10), &QUICK);
            assert!((norm_inf(&found.samples) - 0.5).abs() < 1e-12, "{name}");
            let frames = front.frames(&found.samples);
            let middle = &frames[frames.len() / values / 2 * values..][..values];
            let loudest = |frame: &[f64]| (0..values).max_by(|&a, &b| frame[a].total_cmp(&frame[b])).unwrap();
            if transform == Transform::Cepstrum {
                // c₀ is the level alone.
                let alike = correlation(&middle[1..], &frame[1..]);
                assert!(alike > 0.8, "{alike}");
            } else {
                assert!(loudest(middle).abs_diff(loudest(&frame)) <= 1, "{name}: {middle:?}");
            }
        }
    }

    #[test]
    fn frames_are_stretched_one_by_one() {
        assert_eq!(stretched(&[1.0, 2.0, 3.0, 4.0], 2, 2), [1.0, 2.0, 1.0, 2.0, 3.0, 4.0, 3.0, 4.0]);
        let (mut synthesis, _) = synthesis(Transform::Mel);
        assert!(synthesis.sound(&[], &QUICK).samples.is_empty());
        assert_eq!(synthesis.sound(&[1.0; 120], &QUICK).samples.len(), 256 + 2 * 80);
        // Values of any size.
        let wild: Vec<f64> = (0..400).map(|i| f64::from(i % 7) * 1e4).collect();
        assert!(synthesis.sound(&wild, &QUICK).samples.iter().all(|x| x.is_finite()));
    }

    #[test]
    fn loud_sounds_do_not_clip_and_silence_stays_silent() {
        let square: Vec<f64> = (0..3000).map(|i| if i % 80 < 40 { 1.0 } else { -1.0 }).collect();
        let found = resynthesize(Transform::Mel, 8000, &square, &QUICK).unwrap();
        assert!(norm_inf(&found.samples) <= LARGEST && found.softer < 1.0);
        let found = resynthesize(Transform::Mel, 8000, &[0.0; 3000], &QUICK).unwrap();
        assert!(found.samples.iter().all(|&x| x == 0.0));
        // One sample.
        for (_, transform) in &TRANSFORMS[..5] {
            assert_eq!(resynthesize(*transform, 8000, &[0.5], &QUICK).unwrap().samples.len(), 1);
        }
        let short = resynthesize(Transform::ConstantQ, 8000, &voice(1000), &QUICK).unwrap();
        assert!(short.remark.unwrap().contains("instead of 27.5 Hz"));
        assert!(resynthesize(Transform::ConstantQ, 8000, &[0.5], &QUICK).is_err());
    }

    #[test]
    fn threads_change_no_bit_and_seeds_do() {
        let x = voice(2500);
        for (name, transform) in TRANSFORMS {
            let settings = |seed| GriffinLim { iterations: 3, momentum: 0.99, start: Start::Random(seed) };
            let sound = |threads: usize, seed: u64| {
                threads::set_count(threads);
                resynthesize(transform, 8000, &x, &settings(seed)).unwrap()
            };
            let [one, three, other] = [sound(1, 1), sound(3, 1), sound(1, 2)];
            threads::set_count(2);
            assert!(one == three && one != other, "{name}");
        }
    }
}
