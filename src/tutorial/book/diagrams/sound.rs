//! Diagrams of the fast Fourier transform, mel bands, and frames.

use super::sketch::{BLUE, GRAY, ORANGE, Pen, Plot, Rect, Sketch, Stroke, pale};
use crate::audio::frames::Framing;
use crate::audio::window::{Ends, Window};
use crate::number::Real;
use crate::number::decimal::Fixed;
use crate::picture::image::{BLACK, WHITE};
use crate::spectrum::mel::{self, MelSettings, Norm, Scale};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// The numbers of the butterfly diagram's transform, and its stages.
const LENGTH: usize = 8;
const STAGES: usize = 3;

/// A butterfly of the whole transform: rows `top` and `bottom` become top ± w^`exponent`·bottom.
#[derive(Clone, Copy, Debug)]
struct Butterfly {
    stage: usize,
    top: usize,
    bottom: usize,
    exponent: usize,
}

/// The butterflies, stage by stage, with w = e^(-2πi/8).
fn butterflies() -> Vec<Butterfly> {
    let mut all = Vec::new();
    for stage in 0..STAGES {
        let half = 1 << stage;
        for start in (0..LENGTH).step_by(2 * half) {
            for k in 0..half {
                let exponent = k * LENGTH / (2 * half);
                all.push(Butterfly { stage, top: start + k, bottom: start + k + half, exponent });
            }
        }
    }
    all
}

/// The input of a row: the row's number with its three bits reversed.
fn reversed(row: usize) -> usize {
    (row & 1) << 2 | row & 2 | row >> 2
}

/// The transform of eight numbers.
pub fn butterfly() -> String {
    let mut s = Sketch::new(414.0);
    let x = |stage: usize| 62.0 + 122.0 * stage as f64;
    let y = |row: usize| 84.0 + 36.0 * row as f64 + if row < LENGTH / 2 { 0.0 } else { 50.0 };
    for (row, text) in [(0, "E_k: even-numbered samples"), (4, "O_k: odd-numbered samples")] {
        s.rounded(
            Rect::new(x(0) - 10.0, y(row) - 42.0, x(2) - x(0) + 20.0, y(3) - y(0) + 58.0),
            8.0,
            pale(GRAY),
            WHITE,
        );
        s.write(Pen::CENTER.small(), [x(1), y(row) - 28.0], text);
    }
    for stage in 0..STAGES {
        s.write(Pen::CENTER, [(x(stage) + x(stage + 1)) / 2.0, 20.0], &format!("stage {}", stage + 1));
    }
    for Butterfly { stage, top, bottom, .. } in butterflies() {
        let (from, bend, to) = (x(stage), x(stage) + 46.0, x(stage + 1));
        s.line(&[[from, y(top)], [to, y(top)]], Stroke::new(BLUE));
        s.line(&[[bend, y(top)], [to, y(bottom)]], Stroke::new(BLUE));
        s.line(&[[from, y(bottom)], [to, y(bottom)]], Stroke::new(ORANGE));
        s.line(&[[bend, y(bottom)], [to, y(top)]], Stroke::new(ORANGE));
    }
    for Butterfly { stage, bottom, exponent, .. } in butterflies() {
        s.write(Pen::CENTER.small(), [x(stage) + 24.0, y(bottom) - 11.0], &format!("w^{exponent}"));
        let minus = [x(stage + 1) - 21.0, y(bottom)];
        s.circle(minus, 6.0, WHITE, ORANGE);
        s.line(&[[minus[0] - 3.5, minus[1]], [minus[0] + 3.5, minus[1]]], Stroke::new(BLACK));
    }
    for row in 0..LENGTH {
        (0..=STAGES).for_each(|stage| s.circle([x(stage), y(row)], 3.5, BLACK, BLACK));
        s.write(Pen::RIGHT, [x(0) - 16.0, y(row)], &format!("x_{}", reversed(row)));
        s.write(Pen::LEFT, [x(STAGES) + 10.0, y(row)], &format!("X_{row}"));
    }
    s.finish()
}

/// Ten mel bands by both norms.
pub fn mel_triangles() -> String {
    let mut s = Sketch::new(390.0);
    // A bin every 2 Hz.
    let (length, rate) = (4000, 8000.0);
    let titles = ["area norm: every area is 1", "peak norm: every peak is 1"];
    for (k, norm) in [Norm::Area, Norm::Peak].into_iter().enumerate() {
        let settings = MelSettings { scale: Scale::Slaney, norm, bands: 10, lowest: 0.0, highest: rate / 2.0 };
        let weights = mel::by_definition(&settings, length, rate);
        let highest = if norm == Norm::Peak { 1.0 } else { weights.elements().iter().copied().fold(0.0, Real::max) };
        let area = Rect::new(72.0, 40.0 + 178.0 * k as f64, 390.0, 110.0);
        let plot = Plot::new(area, [0.0, rate / 2.0], [0.0, highest]);
        s.write(Pen::CENTER, [267.0, area.y - 18.0], titles[k]);
        for band in 0..weights.rows() {
            // The corners are enough: the last zero before the peak, the peak, and the first zero after it.
            let row = weights.row(band);
            let peak = (0..row.len()).fold(0, |best, bin| if row[bin] > row[best] { bin } else { best });
            let first = (0..peak).rfind(|&bin| row[bin] == 0.0).unwrap_or(0);
            let last = (peak..row.len()).find(|&bin| row[bin] == 0.0).unwrap_or(row.len() - 1);
            let corners = [first, peak, last].map(|bin| plot.at(bin as f64 * rate / length as f64, row[bin]));
            s.line(&corners, Stroke::thick(if band % 2 == 0 { BLUE } else { ORANGE }));
        }
        s.line(&[[area.x, area.y], [area.x, area.y + area.height], [462.0, area.y + area.height]], Stroke::new(GRAY));
        plot.draw_ticks(&mut s, 5);
        let text = if norm == Norm::Peak { "1".into() } else { Fixed(highest, 4).to_string() };
        s.write(Pen::RIGHT.small(), [64.0, plot.at(0.0, highest)[1]], &text);
        s.write(Pen::RIGHT.small(), [64.0, area.y + area.height], "0");
    }
    s.write(Pen::CENTER, [267.0, 368.0], "frequency in Hz");
    s.finish()
}

/// A waveform, its frames, and one frame under its taper.
pub fn frames() -> String {
    let mut s = Sketch::new(420.0);
    let framing = Framing { length: 120, hop: 60 };
    let chosen = 2;
    // Two harmonics under a slow swell.
    let wave = |i: usize| {
        let t = i as f64 / 400.0;
        let tone = (32.0 * t).sin_cos_pi().0 + 0.5 * (64.0 * t + 0.3).sin_cos_pi().0;
        tone * (0.25 + 0.45 * (1.3 * t - 0.05).sin_cos_pi().0.abs())
    };
    let samples: Vec<f64> = (0..400).map(wave).collect();
    let plot = Plot::new(Rect::new(20.0, 14.0, 440.0, 100.0), [0.0, 399.0], [-1.0, 1.0]);
    let x = |sample: usize| plot.at(sample as f64, 0.0)[0];
    let bar = |t: usize| {
        let left = x(t * framing.hop);
        Rect::new(left, 128.0 + 24.0 * t as f64, x(t * framing.hop + framing.length) - left, 20.0)
    };
    s.rect(Rect { y: 10.0, height: bar(chosen).y - 10.0, ..bar(chosen) }, pale(BLUE), pale(BLUE));
    s.line(&plot.series(&samples), Stroke::new(BLACK));
    for t in 0..framing.count(samples.len()) {
        let (fill, ink) = if t == chosen { (BLUE, WHITE) } else { (pale(GRAY), BLACK) };
        s.rect(bar(t), fill, GRAY);
        s.write(Pen::CENTER.small().ink(ink), bar(t).center(), &format!("frame {t}"));
    }
    let span = |s: &mut Sketch, from: f64, to: f64, y: f64, name: &str| {
        s.span([from, y], [to, y], Stroke::new(BLACK));
        s.write(Pen::CENTER, [(from + to) / 2.0, y + 14.0], name);
    };
    span(&mut s, x(0), x(framing.hop), bar(1).y + 10.0, "hop H");
    span(&mut s, bar(4).x, bar(4).x + bar(4).width, bar(4).y + 28.0, "length N");

    let frame = framing.frames(&samples).nth(chosen).unwrap_or_default();
    let taper = Window::Hann.weights::<f64>(Ends::Periodic, framing.length);
    let tapered: Vec<f64> = frame.iter().zip(&taper).map(|(x, w)| x * w).collect();
    let parts = [("frame 2", frame, BLUE), ("Hann taper", &taper, ORANGE), ("product", &tapered, BLACK)];
    for (k, (name, values, ink)) in parts.into_iter().enumerate() {
        let plot = Plot::new(Rect::new(20.0 + 160.0 * k as f64, 296.0, 120.0, 84.0), [0.0, 119.0], [-1.05, 1.05]);
        s.rect(plot.area, WHITE, pale(GRAY));
        s.line(&plot.curve(1, |_| 0.0), Stroke::thin(GRAY));
        s.line(&plot.series(values), Stroke::new(ink));
        s.write(Pen::CENTER, [plot.area.center()[0], 396.0], name);
    }
    [(160.0, "×"), (320.0, "=")].into_iter().for_each(|(x, sign)| s.write(Pen::CENTER, [x, 338.0], sign));
    s.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::fourier::{Complex64, by_definition};

    #[test]
    fn the_drawn_butterflies_compute_the_transform() {
        let number = |n: usize| Complex64 { re: 1.0 + n as f64, im: (n * n) as f64 / 7.0 };
        let mut rows: Vec<Complex64> = (0..LENGTH).map(|row| number(reversed(row))).collect();
        for Butterfly { top, bottom, exponent, .. } in butterflies() {
            let (im, re) = (-2.0 * exponent as f64 / LENGTH as f64).sin_cos_pi();
            let twiddled = Complex64 { re, im } * rows[bottom];
            (rows[top], rows[bottom]) = (rows[top] + twiddled, rows[top] - twiddled);
        }
        let expected = by_definition(&(0..LENGTH).map(number).collect::<Vec<_>>());
        for (row, expected) in rows.iter().zip(expected) {
            assert!((row.re - expected.re).abs() + (row.im - expected.im).abs() < 1e-12, "{row:?} {expected:?}");
        }
    }
}
