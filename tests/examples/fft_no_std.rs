//! The frequency of a tone by an FFT, without the standard library: `cargo run --example fft_no_std`.
//!
//! Everything here but the line that prints builds with `default-features = false`.

#![no_std]

extern crate alloc;
extern crate std;

use alloc::vec;
use ossicle::audio::window::{Ends, Window};
use ossicle::number::Real;
use ossicle::spectrum::fourier::RealFft;

/// The strongest frequency of samples at `rate` Hz: the peak of a parabola through the logarithms of three bins.
fn strongest(samples: &[f32], rate: f32) -> f32 {
    let weights: vec::Vec<f32> = Window::Hann.weights(Ends::Periodic, samples.len());
    let weighted: vec::Vec<f32> = samples.iter().zip(&weights).map(|(x, w)| x * w).collect();
    let mut fft = RealFft::new(samples.len());
    let (mut re, mut im) = (vec![0.0; fft.bins()], vec![0.0; fft.bins()]);
    fft.transform(&weighted, &mut re, &mut im);
    let level = |k: usize| Real::ln(re[k] * re[k] + im[k] * im[k] + 1e-20);
    let peak = (1..fft.bins() - 1).max_by(|&a, &b| level(a).total_cmp(&level(b))).unwrap_or(1);
    let [below, top, above] = [level(peak - 1), level(peak), level(peak + 1)];
    (peak as f32 + 0.5 * (below - above) / (below - 2.0 * top + above)) * rate / samples.len() as f32
}

fn main() {
    // 1024 samples at 16 kHz, so that bins are 15.6 Hz apart.
    let tone: vec::Vec<f32> = (0..1024).map(|i| (2.0 * 440.0 * i as f32 / 16_000.0).sin_cos_pi().0).collect();
    let hertz = strongest(&tone, 16_000.0);
    std::println!("{hertz:.2} Hz");
    assert!((hertz - 440.0).abs() < 0.5);
}
