//! The fast Fourier transform.

use crate::number::{Random, Real};
use crate::spectrum::fourier::{Complex64, by_definition};
use crate::tutorial::workbook::judge::{Judge, Part, accept};
use std::format;
use std::string::ToString;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;
use std::vec;
use std::vec::Vec;

/// A row of complex numbers, each (re, im).
pub type Row = Vec<(f64, f64)>;

/// Joins the transforms of the even-numbered and of the odd-numbered samples.
pub type Join = fn(&[(f64, f64)], &[(f64, f64)]) -> Row;

/// Computes the transform of complex numbers.
pub type Transform = fn(&[(f64, f64)]) -> Row;

fn ours(x: &[(f64, f64)]) -> Row {
    let x: Vec<Complex64> = x.iter().map(|&(re, im)| Complex64::new(re, im)).collect();
    by_definition(&x).into_iter().map(|x| (x.re, x.im)).collect()
}

fn every_second(x: &[(f64, f64)], from: usize) -> Row {
    x.iter().skip(from).step_by(2).copied().collect()
}

fn parts(joined: Row, transformed: Row) -> Vec<Part> {
    let (join_re, join_im) = joined.into_iter().unzip();
    let (re, im) = transformed.into_iter().unzip();
    vec![("re of join", join_re), ("im of join", join_im), ("re of transform", re), ("im of transform", im)]
}

/// What `join` makes of the right E and O.
fn joined(x: &[(f64, f64)], join: Join) -> Row {
    join(&ours(&every_second(x, 0)), &ours(&every_second(x, 1)))
}

/// The transform by some `join`, halved until one number is left.
fn transformed(x: &[(f64, f64)], join: Join) -> Row {
    match x.len() {
        1 => x.to_vec(),
        _ => join(&transformed(&every_second(x, 0), join), &transformed(&every_second(x, 1), join)),
    }
}

/// E_k + t and E_k - t, where t is O_k times e^(-2πi·cycles).
fn butterfly(e: (f64, f64), o: (f64, f64), cycles: f64) -> [(f64, f64); 2] {
    let (sine, cosine) = (-2.0 * cycles).sin_cos_pi();
    let turned = (o.0 * cosine - o.1 * sine, o.0 * sine + o.1 * cosine);
    [(e.0 + turned.0, e.1 + turned.1), (e.0 - turned.0, e.1 - turned.1)]
}

/// The join with so many cycles in wᵏ, from k and N/2.
fn with_cycles(e: &[(f64, f64)], o: &[(f64, f64)], cycles: fn(f64, f64) -> f64) -> Row {
    let half = e.len();
    let mut x = vec![(0.0, 0.0); 2 * half];
    for k in 0..half {
        [x[k], x[k + half]] = butterfly(e[k], o[k], cycles(k as f64, half as f64));
    }
    x
}

fn right(e: &[(f64, f64)], o: &[(f64, f64)]) -> Row {
    with_cycles(e, o, |k, half| k / (2.0 * half))
}

fn judge() -> Judge<Row> {
    let four = [1.0, 2.0, 3.0, 4.0].map(|x| (x, 0.0)).to_vec();
    let mut inputs = vec![("x = (1, 2, 3, 4)".to_string(), four)];
    let mut random = Random::new(1);
    for n in [2, 8, 16] {
        let numbers = (0..n).map(|_| (random.uniform(-1.0, 1.0), random.uniform(-1.0, 1.0))).collect::<Row>();
        inputs.push((format!("{n} random complex numbers"), numbers));
    }
    let mut judge = Judge::new(inputs, |x: &Row| parts(ours(x), ours(x)));
    let joins: [(&str, Join); 8] = [
        ("+i in place of -i in wᵏ: the sine has the wrong sign", |e, o| {
            with_cycles(e, o, |k, half| -k / (2.0 * half))
        }),
        ("N/2 in place of N in the angle of wᵏ", |e, o| with_cycles(e, o, |k, half| k / half)),
        ("π in place of 2π in the angle of wᵏ", |e, o| with_cycles(e, o, |k, half| k / (4.0 * half))),
        ("wᵏ is always 1: it is forgotten, or k/N is a division of whole numbers, which rounds down", |e, o| {
            with_cycles(e, o, |_, _| 0.0)
        }),
        ("wᵏ multiplies E_k in place of O_k", |e, o| {
            let mut x = right(o, e);
            let half = e.len();
            x[half..].iter_mut().for_each(|x| *x = (-x.0, -x.1));
            x
        }),
        ("+ in both halves, in place of - in the second", |e, o| {
            let mut x = right(e, o);
            let half = e.len();
            x.copy_within(..half, half);
            x
        }),
        ("X_k and X_(k+N/2) are written side by side, at 2k and 2k + 1", |e, o| {
            let x = right(e, o);
            (0..x.len()).map(|i| x[i / 2 + i % 2 * e.len()]).collect()
        }),
        ("each part of wᵏ·O_k is a single product: a complex product has two terms in each part", |e, o| {
            let half = e.len();
            let mut x = vec![(0.0, 0.0); 2 * half];
            for k in 0..half {
                let (sine, cosine) = (-(k as f64) / half as f64).sin_cos_pi();
                let turned = (cosine * o[k].0, sine * o[k].1);
                x[k] = (e[k].0 + turned.0, e[k].1 + turned.1);
                x[k + half] = (e[k].0 - turned.0, e[k].1 - turned.1);
            }
            x
        }),
    ];
    for (what, join) in joins {
        judge = judge.mistake(what, move |x: &Row| parts(joined(x, join), transformed(x, join)));
    }
    let transforms: [(&str, Transform); 4] = [
        ("the first and the second half of the samples in place of the even and the odd ones", in_halves),
        ("E and O are not transformed before they are joined", |x| right(&every_second(x, 0), &every_second(x, 1))),
        ("E and O are swapped", exchanged),
        ("two numbers are returned as they are, but only a single number is its own transform", down_to_two),
    ];
    for (what, transform) in transforms {
        judge = judge.mistake(what, move |x: &Row| parts(ours(x), transform(x)));
    }
    judge
}

fn in_halves(x: &[(f64, f64)]) -> Row {
    match x.split_at(x.len() / 2) {
        ([], _) => x.to_vec(),
        (first, second) => right(&in_halves(first), &in_halves(second)),
    }
}

fn exchanged(x: &[(f64, f64)]) -> Row {
    match x.len() {
        1 => x.to_vec(),
        _ => right(&exchanged(&every_second(x, 1)), &exchanged(&every_second(x, 0))),
    }
}

fn down_to_two(x: &[(f64, f64)]) -> Row {
    match x.len() {
        1 | 2 => x.to_vec(),
        _ => right(&down_to_two(&every_second(x, 0)), &down_to_two(&every_second(x, 1))),
    }
}

/// Checks the transform of all samples from E and O, and the transform of complex numbers.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(join: Join, transform: Transform) {
    judge().check(|x| parts(joined(x, join), transform(x)));
    accept(too_slow(transform));
}

/// What to say if a transform of many numbers takes too long: the definition gives the right values, too, but its time
/// grows with N². A fast transform takes a fraction of a second, the definition minutes.
fn too_slow(transform: Transform) -> Option<&'static str> {
    let (send, receive) = channel();
    // The thread is not joined: it would keep the student waiting.
    thread::spawn(move || {
        // Nobody receives it after six seconds.
        let _ = send.send(transform(&vec![(1.0, -1.0); 1 << 17]).len());
    });
    match receive.recv_timeout(Duration::from_secs(6)) {
        Err(RecvTimeoutError::Timeout) => Some(
            "The values are right, but 131,072 numbers take more than 6 seconds: `transform` takes N² products, as \
             the definition does. Halve the numbers, and join the two transforms.",
        ),
        Err(RecvTimeoutError::Disconnected) => Some("The values are right, but with 131,072 numbers, the code stops."),
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::judge().check_itself();
    }

    #[test]
    fn a_fast_transform_is_fast_enough() {
        assert_eq!(super::too_slow(|x| super::transformed(x, super::right)), None);
    }
}
