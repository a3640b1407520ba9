//! The discrete Fourier transform of real samples.
//!
//! X_k = Σ_n x_n·e^(-2πi·kn/N), k = 0, ..., N/2, unscaled: the other half is the conjugate of this one.
//!
//! The fast transform (radix 2, decimation in time; Cooley and Tukey 1965) halves the problem: with E and O the
//! transforms of the even and of the odd samples and w = e^(-2πi/N),
//!
//! X_k = E_k + wᵏ·O_k,  X_(k+N/2) = E_k - wᵏ·O_k.
//!
//! N real samples are taken as N/2 complex ones, z_n = x_2n + i·x_(2n+1); from their transform Z the even and odd parts are
//! E_k = (Z_k + Z*_(N/2-k))/2 and O_k = (Z_k - Z*_(N/2-k))/2i.
//!
//! Products and sums are rounded one by one; the factors wᵏ are computed in f64 and rounded once.

use crate::machine::{Lanes, Operation, run};
use crate::number::Real;
use alloc::vec;
use alloc::vec::Vec;

/// The definition, term by term, in f64: returns the real and the imaginary parts of X_0, ..., X_(N/2).
pub fn by_definition(x: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let n = x.len();
    (0..=n / 2)
        .map(|k| {
            x.iter().enumerate().fold((0.0, 0.0), |(re, im), (i, &x)| {
                // The angle is reduced before it is rounded.
                let (sine, cosine) = (-2.0 * ((k * i) % n) as f64 / n as f64).sin_cos_pi();
                (re + x * cosine, im + x * sine)
            })
        })
        .unzip()
}

/// The fast transform of N real samples, N a power of two; holds its factors and its work space.
#[derive(Clone, Debug)]
pub struct RealFft<T> {
    length: usize,
    /// wᵏ for each stage of the half-length transform, one stage after the other: 1, 2, 4, ... factors.
    stages: [Vec<T>; 2],
    /// e^(-2πi·k/N), k <= N/4.
    untangling: [Vec<T>; 2],
    /// Where each complex sample goes before the stages: its index with the bits reversed.
    order: Vec<u32>,
    work: [Vec<T>; 2],
}

impl<T: Real> RealFft<T> {
    /// Prepares transforms of N samples.
    ///
    /// # Panics
    /// If N is not a power of two, or is less than 2.
    pub fn new(length: usize) -> Self {
        assert!(length.is_power_of_two() && length >= 2, "{length} samples; a power of two from 2 on was expected");
        let half = length / 2;
        let mut stages = [Vec::with_capacity(half), Vec::with_capacity(half)];
        let mut size = 1;
        while size < half {
            push_factors(&mut stages, 0..size, 2 * size);
            size *= 2;
        }
        let mut untangling = [Vec::new(), Vec::new()];
        push_factors(&mut untangling, 0..half / 2 + 1, length);
        let bits = half.trailing_zeros();
        let order = (0..half as u32).map(|i| if bits == 0 { 0 } else { i.reverse_bits() >> (32 - bits) }).collect();
        RealFft { length, stages, untangling, order, work: [vec![T::ZERO; half], vec![T::ZERO; half]] }
    }

    /// The number of samples N.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Writes X_0, ..., X_(N/2).
    ///
    /// # Panics
    /// If there are not N samples, or not N/2 + 1 places for each part.
    pub fn transform(&mut self, samples: &[T], re: &mut [T], im: &mut [T]) {
        let half = self.length / 2;
        assert_eq!(
            (samples.len(), re.len(), im.len()),
            (self.length, half + 1, half + 1),
            "samples, real and imaginary parts"
        );
        run(Transform { fft: self, samples, re, im });
    }
}

fn push_factors<T: Real>(factors: &mut [Vec<T>; 2], k: core::ops::Range<usize>, n: usize) {
    for k in k {
        let (sine, cosine) = (-2.0 * k as f64 / n as f64).sin_cos_pi();
        factors[0].push(T::from_f64(cosine));
        factors[1].push(T::from_f64(sine));
    }
}

struct Transform<'a, T> {
    fft: &'a mut RealFft<T>,
    samples: &'a [T],
    re: &'a mut [T],
    im: &'a mut [T],
}

impl<T: Real> Operation<T> for Transform<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, _lanes: L) {
        let Transform { fft, samples, re, im } = self;
        let half = fft.length / 2;
        let [zr, zi] = &mut fft.work;
        for (i, &from) in fft.order.iter().enumerate() {
            (zr[i], zi[i]) = (samples[2 * from as usize], samples[2 * from as usize + 1]);
        }

        let mut size = 1;
        while size < half {
            let (wr, wi) = (&fft.stages[0][size - 1..][..size], &fft.stages[1][size - 1..][..size]);
            for (r, i) in zr.chunks_exact_mut(2 * size).zip(zi.chunks_exact_mut(2 * size)) {
                butterflies(r.split_at_mut(size), i.split_at_mut(size), wr, wi);
            }
            size *= 2;
        }

        let half_of = T::HALF;
        (re[0], im[0]) = (zr[0] + zi[0], T::ZERO);
        (re[half], im[half]) = (zr[0] - zi[0], T::ZERO);
        for k in 1..half / 2 + 1 {
            let (a, b) = ((zr[k], zi[k]), (zr[half - k], zi[half - k]));
            let even = ((a.0 + b.0) * half_of, (a.1 - b.1) * half_of);
            let odd = ((a.1 + b.1) * half_of, (b.0 - a.0) * half_of);
            let (wr, wi) = (fft.untangling[0][k], fft.untangling[1][k]);
            let turned = (wr * odd.0 - wi * odd.1, wr * odd.1 + wi * odd.0);
            // X_(N/2-k) = E*_k - (wᵏ·O_k)*
            (re[half - k], im[half - k]) = (even.0 - turned.0, turned.1 - even.1);
            (re[k], im[k]) = (even.0 + turned.0, even.1 + turned.1);
        }
    }
}

/// (E, O) ← (E + w·O, E - w·O).
#[inline(always)]
fn butterflies<T: Real>(
    (even_r, odd_r): (&mut [T], &mut [T]),
    (even_i, odd_i): (&mut [T], &mut [T]),
    wr: &[T],
    wi: &[T],
) {
    let n = wr.len();
    let (even_r, odd_r, even_i, odd_i, wi) =
        (&mut even_r[..n], &mut odd_r[..n], &mut even_i[..n], &mut odd_i[..n], &wi[..n]);
    for k in 0..n {
        let tr = wr[k] * odd_r[k] - wi[k] * odd_i[k];
        let ti = wr[k] * odd_i[k] + wi[k] * odd_r[k];
        (odd_r[k], odd_i[k]) = (even_r[k] - tr, even_i[k] - ti);
        (even_r[k], even_i[k]) = (even_r[k] + tr, even_i[k] + ti);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;

    #[test]
    fn fast_equals_slow_for_every_length() {
        let mut random = Random::new(1);
        for bits in 1..12 {
            let n = 1 << bits;
            let x: Vec<f64> = (0..n).map(|_| random.uniform(-1.0, 1.0)).collect();
            let (re, im) = by_definition(&x);
            let (mut fast_re, mut fast_im) = (vec![f64::NAN; n / 2 + 1], vec![f64::NAN; n / 2 + 1]);
            RealFft::new(n).transform(&x, &mut fast_re, &mut fast_im);
            let scale = n as f64;
            for k in 0..=n / 2 {
                let error = (re[k] - fast_re[k]).abs().max((im[k] - fast_im[k]).abs());
                assert!(error <= 1e-15 * scale, "X({k}) of {n}: {error:e}");
            }
        }
    }

    #[test]
    fn a_cosine_of_four_samples_by_hand() {
        let (mut re, mut im) = ([0.0f32; 3], [0.0; 3]);
        RealFft::new(4).transform(&[1.0, 0.0, -1.0, 0.0], &mut re, &mut im);
        assert_eq!((re, im), ([0.0, 2.0, 0.0], [0.0; 3]));
    }

    #[test]
    #[should_panic(expected = "a power of two")]
    fn other_lengths_panic() {
        RealFft::<f32>::new(12);
    }
}
