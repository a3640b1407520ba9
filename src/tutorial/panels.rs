//! Panels: each transform of a recording as a picture.
//!
//! Frames have the length of the models' frames and a smaller hop. The sound is padded by half a frame of zeros on
//! both sides, so that frame t is centered on sample t·hop. Levels are in decibels below the panel's maximum,
//! 10·log₁₀(P/P_max), down to -80. A cepstrum is drawn without c₀, which is large and encodes the level alone; the
//! colors cover 95% of the other coefficients. Pitch classes are drawn from C upward, as on a keyboard; in a frame they
//! start at A.

use super::front_end::{FrontEnd, FrontEndError};
use super::settings::{FrontEndSettings, Transform};
use crate::audio::frames::Framing;
use crate::number::Real;
use crate::picture::bands::Bands;
use crate::picture::panels::Panel;
use std::string::String;
use std::vec;
use std::vec::Vec;

/// The range of the colors, in dB.
const DEPTH: f64 = 80.0;
/// The approximate largest number of frames in a panel.
const MOST_FRAMES: usize = 1200;
/// 10/ln 10: decibels of a natural logarithm of power.
const DECIBELS: f64 = 10.0 / core::f64::consts::LN_10;

/// A recording's panel for one transform, and a remark for the user.
///
/// # Errors
/// If the transform does not fit the rate or the length.
///
/// # Panics
/// If `rate` is 0 or there is no sample.
pub fn panel(
    transform: Transform,
    title: String,
    rate: u32,
    samples: &[f64],
) -> Result<(Panel, Option<String>), FrontEndError> {
    assert!(rate > 0 && !samples.is_empty(), "{} samples at {rate} Hz", samples.len());
    let settings = FrontEndSettings { transform, highest_bin: f64::INFINITY, ..FrontEndSettings::default() };
    let length = settings.framing(rate).length;
    let hop = (rate as usize / 400).max(samples.len() / MOST_FRAMES).max(1);
    let framing = Framing { length, hop };
    let mut front = FrontEnd::<f64>::new(&settings, framing, rate, samples.len())?;
    let values = match transform {
        Transform::ConstantQ => front.frames(samples),
        _ => {
            let mut between = vec![0.0; samples.len() + length];
            between[length / 2..][..samples.len()].copy_from_slice(samples);
            front.frames(&between)
        }
    };
    let Shown { bands, values, range, unit, .. } = Shown::new(front.bands(), values);
    let step = hop as f64 / f64::from(rate);
    let seconds = samples.len() as f64 / f64::from(rate);
    Ok((Panel { title, bands, values, step, seconds, range, unit }, front.remark().map(Into::into)))
}

/// Frames as they are drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The meaning of the rows.
    pub bands: Bands,
    /// The frames, one after the other.
    pub values: Vec<f64>,
    /// The values of the first and the last color.
    pub range: [f64; 2],
    /// The unit of the values.
    pub unit: &'static str,
    /// The meaning of the colors, in a sentence.
    pub remark: &'static str,
}

impl Shown {
    /// Frames of a front end with these bands, one after the other.
    pub fn new(bands: &Bands, mut values: Vec<f64>) -> Self {
        let mut bands = bands.clone();
        match &mut bands {
            Bands::Numbered(numbers) => {
                values = values.chunks_exact(numbers.len()).flat_map(|frame| frame[1..].iter().copied()).collect();
                numbers.start += 1;
                let most = scale(&values);
                let remark = "c0, the level alone, is left out; the colors cover 95% of the other coefficients.";
                return Shown { bands, values, range: [-most, most], unit: "", remark };
            }
            Bands::Named(names) => {
                let first = names.iter().position(|name| name == "C").unwrap_or(0);
                values.chunks_exact_mut(names.len()).for_each(|frame| frame.rotate_left(first));
                names.rotate_left(first);
            }
            Bands::Hertz(_) => {}
        }
        let range = decibels(&mut values);
        Shown { bands, values, range, unit: "dB", remark: "0 dB is the largest value." }
    }

    /// Whitened frames, whose values are near 1 in size.
    pub fn whitened(bands: &Bands, values: Vec<f64>) -> Self {
        let (bands, most) = (bands.clone(), scale(&values));
        Shown { bands, values, range: [-most, most], unit: "", remark: "The colors cover 95% of the values." }
    }
}

/// Converts natural logarithms to decibels below the largest; returns the range of the colors, a multiple of 10 dB.
fn decibels(values: &mut [f64]) -> [f64; 2] {
    let loudest = values.iter().fold(f64::NEG_INFINITY, |most, &x| Real::max(most, x));
    values.iter_mut().for_each(|x| *x = (*x - loudest) * DECIBELS);
    let softest = values.iter().fold(0.0, |least, &x| Real::min(least, x));
    let mut low = -10.0;
    while low > softest && low > -DEPTH {
        low -= 10.0;
    }
    [low, 0.0]
}

/// The magnitude that 95% of the coefficients do not exceed, at least 1: the first ones are larger by far, and a
/// range up to the maximum would make the others look alike.
fn scale(coefficients: &[f64]) -> f64 {
    let mut sizes: Vec<f64> = coefficients.iter().map(|c| c.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.get(sizes.len() * 19 / 20).copied().filter(|&size| size > 1.0).unwrap_or(1.0)
}

/// The panels of a recording in the order of the transforms.
///
/// # Errors
/// As [`panel`], for the first transform that does not fit.
pub fn panels(
    transforms: &[(&str, Transform)],
    name: &str,
    rate: u32,
    samples: &[f64],
) -> Result<Vec<(Panel, Option<String>)>, FrontEndError> {
    transforms
        .iter()
        .map(|(transform_name, transform)| panel(*transform, std::format!("{transform_name}: {name}"), rate, samples))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::settings::TRANSFORMS;

    #[test]
    fn a_click_is_drawn_at_its_time() {
        // After 0.3 of 0.8 s, at three rates.
        for rate in [8000, 11_025, 44_100] {
            let mut samples = vec![0.0; rate as usize * 4 / 5];
            samples[rate as usize * 3 / 10] = 1.0;
            for (panel, remark) in panels(&TRANSFORMS, "click", rate, &samples).unwrap() {
                let bands = panel.bands.count();
                let energy: Vec<f64> = panel
                    .values
                    .chunks_exact(bands)
                    .map(|frame| frame.iter().fold(0.0, |sum, &x| sum + if panel.unit == "dB" { x } else { x.abs() }))
                    .collect();
                let most = energy.iter().fold(f64::NEG_INFINITY, |most, &x| Real::max(most, x));
                // The middle of the loudest stretch.
                let loud: Vec<usize> = (0..energy.len()).filter(|&t| energy[t] >= most - 1e-9 * most.abs()).collect();
                let center = (loud[0] + loud[loud.len() - 1]) as f64 / 2.0 * panel.step;
                assert!(panel.title.contains("cepstrum") || (center - 0.3).abs() < 0.01, "{}: {center}", panel.title);
                assert!(remark.is_none() && (panel.seconds - 0.8).abs() < 1e-3, "{remark:?}");
                let last = (energy.len() - 1) as f64 * panel.step;
                assert!((last - panel.seconds).abs() <= panel.step, "{}: {last}", panel.title);
            }
        }
    }

    #[test]
    fn pitch_classes_start_at_c_and_coefficients_at_one() {
        let names = ["A", "B", "C"].map(String::from).to_vec();
        let shown = Shown::new(&Bands::Named(names), vec![-1.0, -2.0, 0.0, -3.0, -4.0, -5.0]);
        assert_eq!(shown.bands, Bands::Named(["C", "A", "B"].map(String::from).to_vec()));
        let expected = [0.0, -1.0, -2.0, -5.0, -3.0, -4.0].map(|x| x * DECIBELS);
        assert_eq!((shown.values, shown.range, shown.unit), (expected.to_vec(), [-30.0, 0.0], "dB"));
        let shown = Shown::new(&Bands::Numbered(0..3), vec![9.0, 2.0, -3.0, 8.0, 1.0, 0.5]);
        assert_eq!((shown.bands, shown.values), (Bands::Numbered(1..3), vec![2.0, -3.0, 1.0, 0.5]));
        assert_eq!(shown.range, [-3.0, 3.0]);
    }

    #[test]
    fn levels_are_relative_to_the_loudest_and_short_sounds_have_panels() {
        for (panel, _) in panels(&TRANSFORMS[..5], "one sample", 8000, &[0.5]).unwrap() {
            assert!(panel.range[0] < panel.range[1] && !panel.values.is_empty(), "{}", panel.title);
        }
        let mut values = [0.0, -1.0, -3.0];
        assert_eq!(decibels(&mut values), [-20.0, 0.0]);
        assert!((values[1] + 4.342_944_819).abs() < 1e-9);
        assert_eq!([decibels(&mut [5.0; 3]), decibels(&mut [0.0, -100.0])], [[-10.0, 0.0], [-80.0, 0.0]]);
    }
}
