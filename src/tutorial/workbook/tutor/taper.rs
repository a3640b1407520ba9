//! Frames and a taper.

use crate::audio::frames::Framing;
use crate::audio::window::{Ends, Window};
use crate::number::{Random, Real};
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// A recording, how it is cut, and the frame that is asked for if the recording has one.
#[derive(Clone, Debug)]
struct Input {
    x: Vec<f64>,
    framing: Framing,
    t: usize,
}

impl Input {
    fn count(&self) -> usize {
        self.framing.count(self.x.len())
    }

    fn window(&self) -> Vec<f64> {
        Window::Hann.weights(Ends::Periodic, self.framing.length)
    }

    /// The frame, empty if there is none.
    fn frame(&self) -> Vec<f64> {
        let product = |frame: &[f64]| frame.iter().zip(self.window()).map(|(x, w)| x * w).collect();
        self.framing.frames(&self.x).nth(self.t).map_or(Vec::new(), product)
    }

    /// A frame from another sample on, where the recording has it; empty if there is none.
    fn frame_from(&self, start: usize) -> Vec<f64> {
        let length = if self.t < self.count() { self.framing.length } else { 0 };
        let sample = |i: usize| self.x.get(start + i).copied().unwrap_or(0.0);
        self.window().iter().take(length).enumerate().map(|(i, w)| sample(i) * w).collect()
    }

    fn parts(&self, window: Vec<f64>, count: usize, frame: Vec<f64>) -> Vec<Part> {
        vec![("hann", window), ("count", vec![count as f64]), ("frame", frame)]
    }
}

/// sin²(π·phase).
fn hann(phase: f64) -> f64 {
    let (sine, _) = phase.sin_cos_pi();
    sine * sine
}

/// Computes frame t of x from (x, w, hop, t).
pub type Frame = fn(&[f64], &[f64], usize, usize) -> Vec<f64>;

/// A weight, from i and N.
type Weight = fn(f64, f64) -> f64;

/// Computes the number of frames from (samples, length, hop).
pub type Count = fn(usize, usize, usize) -> usize;

/// The first sample of the frame.
type Start = fn(&Input) -> usize;

fn judge() -> Judge<Input> {
    let x = (1..=10).map(f64::from).collect();
    let ten = Input { x, framing: Framing { length: 4, hop: 3 }, t: 1 };
    let mut inputs = vec![("samples 1, 2, ..., 10, frames of 4 every 3, frame 1".to_string(), ten)];
    let mut random = Random::new(1);
    for (n, length, hop, t) in [(24, 5, 2, 3), (7, 7, 3, 1), (31, 6, 8, 2), (5, 8, 2, 0)] {
        let framing = Framing { length, hop };
        let x: Vec<f64> = (0..n).map(|_| random.uniform(-1.0, 1.0)).collect();
        let frame = if framing.count(n) > t { format!(", frame {t}") } else { String::new() };
        inputs.push((format!("{n} random samples, frames of {length} every {hop}{frame}"), Input { x, framing, t }));
    }
    let mut judge = Judge::new(inputs, |input: &Input| input.parts(input.window(), input.count(), input.frame()));
    let weights: [(&str, Weight); 9] = [
        ("the symmetric taper: N - 1 in place of N", |i, n| hann(i / (n - 1.0))),
        ("the open taper: i + 1 in place of i, and N + 1 in place of N", |i, n| hann((i + 1.0) / (n + 1.0))),
        ("the samples are counted from 1, not from 0", |i, n| hann((i + 1.0) / n)),
        ("2π in place of π in φ: the taper has two humps", |i, n| hann(2.0 * i / n)),
        ("the sine is not squared", |i, n| (i / n).sin_cos_pi().0),
        ("cos² in place of sin²: the taper is 1 at its start", |i, n| 1.0 - hann(i / n)),
        ("the sine of φ², not the square of the sine", |i, n| {
            (core::f64::consts::PI * (i / n) * (i / n)).sin_cos_pi().0
        }),
        ("Hamming's taper in place of Hann's", |i, n| 0.08 + 0.92 * hann(i / n)),
        ("the weights are all 0: i/N is a division of whole numbers, or nothing is written", |_, _| 0.0),
    ];
    for (what, weight) in weights {
        judge = judge.mistake(what, move |input: &Input| {
            let n = input.framing.length;
            input.parts((0..n).map(|i| weight(i as f64, n as f64)).collect(), input.count(), input.frame())
        });
    }
    let counts: [(&str, Count); 10] = [
        ("frame 0 is not counted: `1 +` is missing", |n, length, hop| n.saturating_sub(length) / hop),
        ("1 is added before the division by the hop, not after it", |n, length, hop| {
            if n < length { 0 } else { (n - length + 1) / hop }
        }),
        (
            "an incomplete last frame is counted",
            |n, length, hop| {
                if n < length { 0 } else { 1 + (n - length).div_ceil(hop) }
            },
        ),
        ("samples/hop: every hop is counted as a frame, and the length is forgotten", |n, length, hop| {
            if n < length { 0 } else { n / hop }
        }),
        ("samples/hop, even of a recording that is shorter than a frame", |n, _, hop| n / hop),
        ("1 + samples/hop: the length is not subtracted", |n, length, hop| if n < length { 0 } else { 1 + n / hop }),
        ("samples/length: the frames do not overlap", |n, length, _| n / length),
        ("the length and the hop are swapped", |n, length, hop| if n < hop { 0 } else { 1 + (n - hop) / length }),
        ("no frame is counted in a recording that is exactly as long as one", |n, length, hop| {
            if n <= length { 0 } else { 1 + (n - length) / hop }
        }),
        ("one frame is counted in a recording that is shorter than one", |n, length, hop| {
            1 + n.saturating_sub(length) / hop
        }),
    ];
    for (what, count) in counts {
        judge = judge.mistake(what, move |input: &Input| {
            let Framing { length, hop } = input.framing;
            input.parts(input.window(), count(input.x.len(), length, hop), input.frame())
        });
    }
    let starts: [(&str, Start); 4] = [
        ("frame t begins at sample t: the hop is forgotten", |input| input.t),
        ("frame t begins at t·length in place of t·hop", |input| input.t * input.framing.length),
        ("frame t begins at (t + 1)·hop, but the frames are counted from 0", |input| {
            (input.t + 1) * input.framing.hop
        }),
        ("it is always frame 0: t is not used", |_| 0),
    ];
    for (what, start) in starts {
        judge = judge.mistake(what, move |input: &Input| {
            input.parts(input.window(), input.count(), input.frame_from(start(input)))
        });
    }
    judge.mistake("the frame is not multiplied by the taper", |input| {
        let frame = input.framing.frames(&input.x).nth(input.t).map_or(Vec::new(), <[f64]>::to_vec);
        input.parts(input.window(), input.count(), frame)
    })
}

/// Checks Hann's window, the number of frames from (samples, length, hop), and a frame times a taper.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(hann: fn(usize) -> Vec<f64>, count: Count, frame: Frame) {
    judge().check(|input| {
        let Framing { length, hop } = input.framing;
        let exists = input.t < input.count();
        let frame = if exists { frame(&input.x, &input.window(), hop, input.t) } else { Vec::new() };
        input.parts(hann(length), count(input.x.len(), length, hop), frame)
    });
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::judge().check_itself();
    }
}
