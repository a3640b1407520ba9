//! The discrete Fourier transform.

use crate::machine::Element;
use crate::number::{Random, Real};
use crate::spectrum::fourier::real_by_definition;
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// A spectrum: pairs (re, im).
type Spectrum = Vec<(f64, f64)>;

fn ours(x: &[f64]) -> Spectrum {
    real_by_definition(x).into_iter().map(|x| (x.re, x.im)).collect()
}

/// |X_k|², from (re, im).
fn square((re, im): (f64, f64)) -> f64 {
    re * re + im * im
}

fn parts(spectrum: &[(f64, f64)], power: Vec<f64>) -> Vec<Part> {
    let (re, im) = spectrum.iter().copied().unzip();
    vec![("re of transform", re), ("im of transform", im), ("power", power)]
}

/// The parts with another spectrum, and the right powers.
fn with_spectrum(x: &[f64], spectrum: &[(f64, f64)]) -> Vec<Part> {
    parts(spectrum, ours(x).into_iter().map(square).collect())
}

/// The cosine and the negative sine of so many cycles.
fn wave(cycles: f64) -> (f64, f64) {
    let (sine, cosine) = (2.0 * cycles).sin_cos_pi();
    (cosine, -sine)
}

/// The cycles of the wave at sample n, from k, n and N.
type Cycles = fn(usize, usize, usize) -> f64;

/// Another coefficient, from ours, x, and k.
type Coefficient = fn((f64, f64), &[f64], usize) -> (f64, f64);

/// A power, from (re, im).
type Power = fn((f64, f64)) -> f64;

fn inputs() -> Vec<(String, Vec<f64>)> {
    let mut random = Random::new(1);
    let mut inputs = vec![("x = (1, 2, 3, 4)".to_string(), vec![1.0, 2.0, 3.0, 4.0])];
    for n in [7, 10] {
        inputs.push((format!("{n} random samples"), (0..n).map(|_| random.uniform(-1.0, 1.0)).collect::<Vec<f64>>()));
    }
    inputs
}

/// The number of pairs, which comes first: without it, the pairs cannot be compared.
fn judge_of_length() -> Judge<Vec<f64>> {
    let length = |length: usize| vec![("the number of pairs", vec![length as f64])];
    Judge::new(inputs(), move |x: &Vec<f64>| length(ours(x).len()))
        .mistake("k stops before ⌊N/2⌋, which should be included: 3 pairs for N = 4", move |x| length(x.len() / 2))
        .mistake("k runs over all N values; it should end at ⌊N/2⌋: 3 pairs for N = 4", move |x| length(x.len()))
        .mistake(
            "(N + 1)/2 pairs in `transform`: k runs to ⌊N/2⌋, which is included, so 3 pairs for N = 4",
            move |x| length(x.len().div_ceil(2)),
        )
}

fn judge() -> Judge<Vec<f64>> {
    let mut judge = Judge::new(inputs(), |x: &Vec<f64>| with_spectrum(x, &ours(x)));
    // This one comes before the others, since a division that rounds down makes im 0 too.
    judge = judge.mistake("im is always 0, as if the sine were left out", |x| {
        with_spectrum(x, &ours(x).into_iter().map(|(re, _)| (re, 0.0)).collect::<Spectrum>())
    });
    let cycles: [(&str, Cycles); 5] = [
        ("π in place of 2π in the angle", |k, n, length| (k * n) as f64 / (2 * length) as f64),
        ("kn/N is a division of whole numbers, which rounds down", |k, n, length| ((k * n) / length) as f64),
        ("the samples are counted from 1, not from 0", |k, n, length| (k * (n + 1)) as f64 / length as f64),
        ("the frequencies are counted from 1, not from 0", |k, n, length| ((k + 1) * n) as f64 / length as f64),
        ("the number of coefficients in place of N in the angle", |k, n, length| {
            (k * n) as f64 / (length / 2 + 1) as f64
        }),
    ];
    for (what, cycles) in cycles {
        judge = judge.mistake(what, move |x| {
            let sum = |k: usize| {
                (0..x.len()).fold((0.0, 0.0), |(re, im), n| {
                    let (cosine, sine) = wave(cycles(k, n, x.len()));
                    (re + x[n] * cosine, im + x[n] * sine)
                })
            };
            with_spectrum(x, &(0..=x.len() / 2).map(sum).collect::<Spectrum>())
        });
    }
    let coefficients: [(&str, Coefficient); 6] = [
        ("+i in place of -i: the sine has the wrong sign", |(re, im), _, _| (re, -im)),
        ("the pair (im, re) in place of (re, im)", |(re, im), _, _| (im, re)),
        ("the sine in re and the cosine in im", |(re, im), _, _| (-im, -re)),
        ("the sine in re and the cosine in im, both added", |(re, im), _, _| (-im, re)),
        ("the sums are divided by N", |(re, im), x, _| (re / x.len() as f64, im / x.len() as f64)),
        ("the sums hold only the last sample: `=` in place of `+=`", |_, x, k| {
            let n = x.len() - 1;
            let (cosine, sine) = wave((k * n) as f64 / x.len() as f64);
            (x[n] * cosine, x[n] * sine)
        }),
    ];
    for (what, coefficient) in coefficients {
        judge = judge.mistake(what, move |x| {
            let changed = |(k, c): (usize, (f64, f64))| coefficient(c, x, k);
            with_spectrum(x, &ours(x).into_iter().enumerate().map(changed).collect::<Spectrum>())
        });
    }
    let powers: [(&str, Power); 4] = [
        ("|X|, with the square root, in place of |X|²", |c| Element::sqrt(square(c))),
        ("re² - im², the real part of X², in place of re² + im²", |(re, im)| re * re - im * im),
        ("(re + im)² in place of re² + im²", |(re, im)| (re + im) * (re + im)),
        ("only re², without im²", |(re, _)| re * re),
    ];
    for (what, power) in powers {
        judge = judge.mistake(what, move |x| parts(&ours(x), ours(x).into_iter().map(power).collect()));
    }
    judge
}

/// Checks the transform of samples, and the powers of a spectrum.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(transform: fn(&[f64]) -> Vec<(f64, f64)>, power: fn(&[(f64, f64)]) -> Vec<f64>) {
    judge_of_length().check(|x| vec![("the number of pairs", vec![transform(x).len() as f64])]);
    judge().check(|x| parts(&transform(x), power(&ours(x))));
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::judge_of_length().check_itself();
        super::judge().check_itself();
    }
}
