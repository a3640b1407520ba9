//! Recordings as pictures: every transform of every recording as a panel of one sheet.
//!
//! Frames are as long as the models' and closer together, and the sound is put between half a frame of silence on both
//! sides, so that frame t lies around sample t·hop. Levels are in decibels below the loudest of the panel,
//! 10·log₁₀(P/P_max), down to -80. Of a cepstrum, c₀ is left out: it is the level alone, and large; colors are for the
//! sizes of 19 of 20 of the others.

use super::front_end::{FrontEnd, FrontEndError};
use super::settings::{PipelineSettings, Transform};
use crate::audio::frames::Framing;
use crate::number::Real;
use crate::picture::bands::Bands;
use crate::picture::panels::Panel;
use std::string::String;
use std::vec;
use std::vec::Vec;

/// Levels below the loudest that are told apart, in dB.
const DEPTH: f64 = 80.0;
/// About so many frames are enough for a panel.
const MOST_FRAMES: usize = 1200;
/// 10/ln 10: decibels of a natural logarithm of power.
const DECIBELS: f64 = 10.0 / core::f64::consts::LN_10;

/// A recording by one transform, and what a user should know about it.
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
    let settings = PipelineSettings { transform, highest_bin: f64::INFINITY, ..PipelineSettings::default() };
    let length = settings.framing(rate).length;
    let hop = (rate as usize / 400).max(samples.len() / MOST_FRAMES).max(1);
    let framing = Framing { length, hop };
    let mut front = FrontEnd::<f64>::new(&settings, framing, rate, samples.len())?;
    let mut values = match transform {
        Transform::ConstantQ => front.frames(samples),
        _ => {
            let mut between = vec![0.0; samples.len() + length];
            between[length / 2..][..samples.len()].copy_from_slice(samples);
            front.frames(&between)
        }
    };
    let mut bands = front.bands().clone();
    let (range, unit) = if let Bands::Numbered(numbers) = &mut bands {
        values = values.chunks_exact(numbers.len()).flat_map(|frame| frame[1..].iter().copied()).collect();
        numbers.start = 1;
        let most = scale(&values);
        ([-most, most], "")
    } else {
        (decibels(&mut values), "dB")
    };
    let step = hop as f64 / f64::from(rate);
    let seconds = samples.len() as f64 / f64::from(rate);
    Ok((Panel { title, bands, values, step, seconds, range, unit }, front.remark().map(Into::into)))
}

/// Natural logarithms to decibels below the largest; from where to where they are worth showing: whole tens, at least one.
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

/// The size that 19 of 20 coefficients are below, at least 1: the lowest are so much larger than the others that these
/// would all look alike.
fn scale(coefficients: &[f64]) -> f64 {
    let mut sizes: Vec<f64> = coefficients.iter().map(|c| c.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.get(sizes.len() * 19 / 20).copied().filter(|&size| size > 1.0).unwrap_or(1.0)
}

/// The recording's panels in the order of the transforms.
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
    fn a_click_is_drawn_where_it_is_heard() {
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
    fn levels_are_below_the_loudest_and_short_sounds_have_panels() {
        for (panel, _) in panels(&TRANSFORMS[..5], "one sample", 8000, &[0.5]).unwrap() {
            assert!(panel.range[0] < panel.range[1] && !panel.values.is_empty(), "{}", panel.title);
        }
        let mut values = [0.0, -1.0, -3.0];
        assert_eq!(decibels(&mut values), [-20.0, 0.0]);
        assert!((values[1] + 4.342_944_819).abs() < 1e-9);
        assert_eq!([decibels(&mut [5.0; 3]), decibels(&mut [0.0, -100.0])], [[-10.0, 0.0], [-80.0, 0.0]]);
    }
}
