//! The fast transform of real samples, and its inverse.
//!
//! Why: real samples taken as complex numbers waste half of the work on imaginary parts that are 0. The idea: N real
//! samples, N even, are taken as M = N/2 complex numbers, the even-numbered samples as real parts and the odd-numbered
//! ones as imaginary parts. One transform of half the length gives the transforms of both halves, and one step of
//! [`radix2`](super::radix2) combines them.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x_n, N, M | the samples; their number, even; N/2 |
//! | z_n, Z_k | M complex numbers made of the samples, and their transform, Z_M = Z_0 |
//! | E_k, O_k | the transforms of the even-numbered and of the odd-numbered samples |
//! | w | e^(-2πi/N) |
//! | X* | the complex conjugate of X |
//! | k | an index from 0 to ⌊M/2⌋ |
//!
//! ```text
//! (RF.1)  z_n = x_(2n) + i·x_(2n+1)                    n = 0, ..., M - 1
//! (RF.2)  E_k = (Z_k + Z*_(M-k))/2
//! (RF.3)  O_k = (Z_k - Z*_(M-k))/2i
//! (RF.4)  X_k = E_k + wᵏ·O_k
//! (RF.5)  X_(M-k) = (E_k - wᵏ·O_k)*
//! ```
//!
//! Derivation. The transform is linear, so (RF.1) has the transform Z_k = E_k + i·O_k. E and O are transforms of M real
//! samples each, so
//!
//! ```text
//! E*_(M-k) = E_k
//! O*_(M-k) = O_k
//! Z*_(M-k) = E*_(M-k) - i·O*_(M-k) = E_k - i·O_k
//! ```
//!
//! Half the sum and half the difference with Z_k are (RF.2) and (RF.3). (RF.4) is (R2.3). At M - k it says X_(M-k) =
//! E_(M-k) + w^(M-k)·O_(M-k) = E*_k - (wᵏ·O_k)*, since w^M = e^(-πi) = -1 and w^(-k) is the conjugate of wᵏ: (RF.5).
//!
//! Cost, compared with a complex transform of length N, which takes N·log₂N additions and N/2·log₂N products with
//! twiddles by radix 2 (N a power of two). The transform of length M takes M·log₂M = N/2·(log₂N - 1) and
//! N/4·(log₂N - 1). (RF.2) to (RF.5) take four additions and one product for each of about M/2 pairs (k, M - k):
//!
//! ```text
//! additions = N/2·(log₂N - 1) + N   = N/2·(log₂N + 1)      of N·log₂N
//! products  = N/4·(log₂N - 1) + N/4 = N/4·log₂N            of N/2·log₂N, exactly half
//! ```
//!
//! For N = 256 these are 1152 additions instead of 2048, and 512 products instead of 1024.
//!
//! The inverse. The sum and the difference of (RF.4) and the conjugate of (RF.5) give E_k and O_k back. E_k and O_k
//! give Z_k, and their conjugates give Z_(M-k). The inverse transform of Z is z, whose parts are the samples:
//!
//! ```text
//! (RF.6)  E_k = (X_k + X*_(M-k))/2
//! (RF.7)  O_k = w^(-k)·(X_k - X*_(M-k))/2
//! (RF.8)  Z_k = E_k + i·O_k
//! (RF.9)  Z_(M-k) = E*_k + i·O*_k
//! ```
//!
//! By hand, x = (1, 2, 3, 4): M = 2, w = -i, and z = (1 + 2i, 3 + 4i), so Z = (4 + 6i, -2 - 2i).
//!
//! | k | E_k | O_k | X_k | X_(2-k) |
//! | --- | --- | --- | --- | --- |
//! | 0 | (4 + 6i + 4 - 6i)/2 = 4 | (4 + 6i - 4 + 6i)/2i = 6 | 4 + 6 = 10 | 4 - 6 = -2 |
//! | 1 | (-2 - 2i - 2 + 2i)/2 = -2 | (-2 - 2i + 2 - 2i)/2i = -2 | -2 + 2i | the same |
//!
//! An odd number of samples is taken as complex numbers without imaginary parts. The definition is
//! [`real_by_definition`](super::real_by_definition).

use super::butterfly::product;
use super::{ComplexFft, Parts, root_of_unity};
use crate::machine::isa::isa;
use crate::machine::lanes::MOST_LANES;
use crate::machine::{Isa, Lanes, Operation, Vector, run_on};
use crate::number::Real;
use alloc::vec::Vec;

/// The fast transform of N real samples; holds its twiddle factors and its work space.
///
/// ```
/// use ossicle::spectrum::fourier::RealFft;
///
/// let (mut re, mut im) = ([0.0; 3], [0.0; 3]);
/// let mut fft = RealFft::new(4);
/// fft.transform(&[1.0, 0.0, -1.0, 0.0], &mut re, &mut im);
/// assert_eq!((re, im), ([0.0, 2.0, 0.0], [0.0; 3]));
///
/// let mut back = [0.0; 4];
/// fft.inverse(&re, &im, &mut back);
/// assert_eq!(back, [1.0, 0.0, -1.0, 0.0]);
/// ```
#[derive(Clone, Debug)]
pub struct RealFft<T> {
    length: usize,
    /// For N/2 numbers, or for N if N is odd.
    complex: ComplexFft<T>,
    /// wᵏ, k <= N/4; empty if N is odd.
    twiddles: Parts<T>,
}

impl<T: Real> RealFft<T> {
    /// Prepares transforms of N samples.
    ///
    /// # Panics
    /// If N is 0, or there is no memory for N numbers.
    pub fn new(length: usize) -> Self {
        assert!(length > 0, "a transform of no samples");
        let complex = ComplexFft::new(if length.is_multiple_of(2) { length / 2 } else { length });
        let mut twiddles = [Vec::new(), Vec::new()];
        if length.is_multiple_of(2) {
            for k in 0..=length / 4 {
                let (cosine, sine) = root_of_unity(k, length);
                twiddles[0].push(T::from_f64(cosine));
                twiddles[1].push(T::from_f64(sine));
            }
        }
        RealFft { length, complex, twiddles }
    }

    /// The number of samples N.
    pub fn length(&self) -> usize {
        self.length
    }

    /// The number of frequencies, ⌊N/2⌋ + 1.
    pub fn bins(&self) -> usize {
        self.length / 2 + 1
    }

    /// Writes X_0, ..., X_⌊N/2⌋.
    ///
    /// # Panics
    /// If there are not N samples, or a part does not have ⌊N/2⌋ + 1 elements.
    pub fn transform(&mut self, samples: &[T], re: &mut [T], im: &mut [T]) {
        self.check(samples, re, im);
        self.transform_on(isa(), samples, None, SpectrumOutput::Parts(re, im));
    }

    /// Writes the samples that have this transform. The imaginary parts of X_0 and, if N is even, of X_(N/2) are taken
    /// as 0.
    ///
    /// # Panics
    /// As [`transform`](Self::transform).
    pub fn inverse(&mut self, re: &[T], im: &[T], samples: &mut [T]) {
        self.check(samples, re, im);
        self.inverse_on(isa(), re, im, samples);
    }

    fn check(&self, samples: &[T], re: &[T], im: &[T]) {
        let found = (samples.len(), re.len(), im.len());
        assert_eq!(found, (self.length, self.bins(), self.bins()), "samples, real and imaginary parts");
    }

    /// [`transform`](Self::transform) on an instruction set, of the products x_n·weight_n.
    pub(in crate::spectrum) fn transform_on(
        &mut self,
        isa: Isa,
        samples: &[T],
        weights: Option<&[T]>,
        mut spectrum: SpectrumOutput<T>,
    ) {
        let RealFft { length, complex, twiddles } = self;
        let [zr, zi] = complex.data();
        if length.is_multiple_of(2) {
            run_on(isa, PackPairs { samples, weights, zr, zi });
            complex.transform_on(isa);
            let [zr, zi] = complex.data();
            run_on(isa, Untangle { zr, zi, twiddles, spectrum });
        } else {
            for (i, &x) in samples.iter().enumerate() {
                (zr[i], zi[i]) = (weights.map_or(x, |weights| x * weights[i]), T::ZERO);
            }
            complex.transform_on(isa);
            let [zr, zi] = complex.data();
            for k in 0..length.div_ceil(2) {
                spectrum.set(k, (zr[k], zi[k]));
            }
        }
    }

    /// [`inverse`](Self::inverse) on an instruction set.
    fn inverse_on(&mut self, isa: Isa, re: &[T], im: &[T], samples: &mut [T]) {
        let RealFft { length, complex, twiddles } = self;
        let scale = T::ONE / T::from_usize(complex.length());
        // With its parts exchanged, the transform is the inverse.
        let [zi, zr] = complex.data();
        if !length.is_multiple_of(2) {
            (zr[0], zi[0]) = (re[0], T::ZERO);
            for k in 1..re.len() {
                (zr[k], zi[k]) = (re[k], im[k]);
                (zr[*length - k], zi[*length - k]) = (re[k], -im[k]);
            }
            complex.transform_on(isa);
            let [_, zr] = complex.data();
            samples.iter_mut().zip(&*zr).for_each(|(x, &z)| *x = z * scale);
            return;
        }
        let m = *length / 2;
        (zr[0], zi[0]) = ((re[0] + re[m]) * T::HALF, (re[0] - re[m]) * T::HALF);
        for k in 1..=m / 2 {
            let (a, b) = ((re[k], im[k]), (re[m - k], im[m - k]));
            let even = ((a.0 + b.0) * T::HALF, (a.1 - b.1) * T::HALF); // (RF.6)
            let twiddled = ((a.0 - b.0) * T::HALF, (a.1 + b.1) * T::HALF);
            let (wr, wi) = (twiddles[0][k], -twiddles[1][k]);
            let odd = (twiddled.0 * wr - twiddled.1 * wi, twiddled.0 * wi + twiddled.1 * wr); // (RF.7)
            (zr[m - k], zi[m - k]) = (even.0 + odd.1, odd.0 - even.1); // (RF.9)
            (zr[k], zi[k]) = (even.0 - odd.1, even.1 + odd.0); // (RF.8)
        }
        complex.transform_on(isa);
        let [zi, zr] = complex.data();
        for (pair, (&even, &odd)) in samples.chunks_exact_mut(2).zip(zr.iter().zip(&*zi)) {
            (pair[0], pair[1]) = (even * scale, odd * scale);
        }
    }
}

/// Where a spectrum goes, and in which form.
pub(in crate::spectrum) enum SpectrumOutput<'a, T> {
    /// Both parts.
    Parts(&'a mut [T], &'a mut [T]),
    /// |X_k|².
    Power(&'a mut [T]),
}

impl<T: Real> SpectrumOutput<'_, T> {
    #[inline(always)]
    fn set(&mut self, k: usize, x: (T, T)) {
        match self {
            SpectrumOutput::Parts(re, im) => (re[k], im[k]) = x,
            SpectrumOutput::Power(power) => power[k] = x.0 * x.0 + x.1 * x.1,
        }
    }
}

/// Pairs of samples, each multiplied by its weight, as complex numbers: (RF.1).
struct PackPairs<'a, T> {
    samples: &'a [T],
    weights: Option<&'a [T]>,
    zr: &'a mut [T],
    zi: &'a mut [T],
}

impl<T: Real> Operation<T> for PackPairs<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        let PackPairs { samples, weights, zr, zi } = self;
        let whole = zr.len() / L::WIDTH * L::WIDTH;
        for n in (0..whole).step_by(L::WIDTH) {
            let (x, y) = (&samples[2 * n..], &samples[2 * n + L::WIDTH..]);
            let (mut x, mut y) = (lanes.load(x), lanes.load(y));
            if let Some(weights) = weights {
                x = x * lanes.load(&weights[2 * n..]);
                y = y * lanes.load(&weights[2 * n + L::WIDTH..]);
            }
            let (even, odd) = x.deinterleave(y);
            lanes.store(even, &mut zr[n..]); // (RF.1)
            lanes.store(odd, &mut zi[n..]);
        }
        let weight = |i: usize| weights.map_or(samples[i], |weights| samples[i] * weights[i]);
        for n in whole..zr.len() {
            (zr[n], zi[n]) = (weight(2 * n), weight(2 * n + 1)); // (RF.1)
        }
    }
}

/// From Z to X.
struct Untangle<'a, T> {
    zr: &'a [T],
    zi: &'a [T],
    twiddles: &'a Parts<T>,
    spectrum: SpectrumOutput<'a, T>,
}

impl<T: Real> Operation<T> for Untangle<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        let Untangle { zr, zi, twiddles, mut spectrum } = self;
        let m = zr.len();
        spectrum.set(0, (zr[0] + zi[0], T::ZERO));
        spectrum.set(m, (zr[0] - zi[0], T::ZERO));
        let half = lanes.splat(T::HALF);
        let end = m / 2 + 1;
        let mut k = 1;
        while k < end {
            let width = L::WIDTH.min(end - k);
            let mirror = m + 1 - k - width;
            if width == L::WIDTH {
                let a = (lanes.load(&zr[k..]), lanes.load(&zi[k..]));
                let b = (lanes.load(&zr[mirror..]).reverse(), lanes.load(&zi[mirror..]).reverse());
                let w = (lanes.load(&twiddles[0][k..]), lanes.load(&twiddles[1][k..]));
                let (low, high) = pair(half, a, b, w);
                // The upper half first: X_(M/2), where both meet, is taken from the lower.
                match &mut spectrum {
                    SpectrumOutput::Parts(re, im) => {
                        lanes.store(high.0.reverse(), &mut re[mirror..]);
                        lanes.store(high.1.reverse(), &mut im[mirror..]);
                        lanes.store(low.0, &mut re[k..]);
                        lanes.store(low.1, &mut im[k..]);
                    }
                    SpectrumOutput::Power(power) => {
                        lanes.store((high.0 * high.0 + high.1 * high.1).reverse(), &mut power[mirror..]);
                        lanes.store(low.0 * low.0 + low.1 * low.1, &mut power[k..]);
                    }
                }
            } else {
                let mut mirrored = [[T::ZERO; MOST_LANES]; 2];
                for i in 0..width {
                    (mirrored[0][i], mirrored[1][i]) = (zr[m - k - i], zi[m - k - i]);
                }
                let range = k..k + width;
                let a = (lanes.load_part(&zr[range.clone()]), lanes.load_part(&zi[range.clone()]));
                let b = (lanes.load(&mirrored[0]), lanes.load(&mirrored[1]));
                let w = (lanes.load_part(&twiddles[0][range.clone()]), lanes.load_part(&twiddles[1][range]));
                let (low, high) = pair(half, a, b, w);
                let mut out = [[T::ZERO; MOST_LANES]; 4];
                for (v, out) in [low.0, low.1, high.0, high.1].into_iter().zip(&mut out) {
                    lanes.store(v, out);
                }
                for i in 0..width {
                    spectrum.set(m - k - i, (out[2][i], out[3][i]));
                    spectrum.set(k + i, (out[0][i], out[1][i]));
                }
            }
            k += width;
        }
    }
}

/// X_k and X_(M-k) from Z_k, Z_(M-k) and wᵏ.
#[inline(always)]
fn pair<T: Real, V: Vector<T>>(half: V, a: (V, V), b: (V, V), w: (V, V)) -> ((V, V), (V, V)) {
    let even = ((a.0 + b.0) * half, (a.1 - b.1) * half); // (RF.2)
    let odd = ((a.1 + b.1) * half, (b.0 - a.0) * half); // (RF.3)
    let twiddled = product(odd, w);
    let low = (even.0 + twiddled.0, even.1 + twiddled.1); // (RF.4)
    let high = (even.0 - twiddled.0, twiddled.1 - even.1); // (RF.5)
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::super::real_by_definition;
    use super::*;
    use crate::number::Random;
    use alloc::vec;

    fn noise<T: Real>(n: usize) -> Vec<T> {
        let mut random = Random::new(n as u64);
        (0..n).map(|_| random.uniform(-1.0, 1.0)).collect()
    }

    #[test]
    fn fast_equals_slow_for_every_length_and_back() {
        for n in (1..200).chain([256, 400, 441, 509, 512, 882, 1000, 1024, 2048]) {
            let x = noise::<f64>(n);
            let expected = real_by_definition(&x);
            let mut fft = RealFft::new(n);
            let (mut fast_re, mut fast_im) = (vec![f64::NAN; fft.bins()], vec![f64::NAN; fft.bins()]);
            fft.transform(&x, &mut fast_re, &mut fast_im);
            for k in 0..=n / 2 {
                let error = (expected[k].re - fast_re[k]).abs().max((expected[k].im - fast_im[k]).abs());
                assert!(error <= 2e-15 * n as f64, "X({k}) of {n}: {error:e}");
            }
            let mut back = vec![f64::NAN; n];
            fft.inverse(&fast_re, &fast_im, &mut back);
            for i in 0..n {
                assert!((x[i] - back[i]).abs() <= 1e-14, "x({i}) of {n}");
            }
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits_and_power_is_that_of_the_parts() {
        fn bits<T: Real>(isa: Isa, n: usize) -> Vec<u64> {
            let (x, mut fft) = (noise::<T>(n), RealFft::new(n));
            let weights: Vec<T> = x.iter().rev().copied().collect();
            let mut parts = [0, 1, 2].map(|_| vec![T::NAN; fft.bins()]);
            let [re, im, power] = &mut parts;
            fft.transform_on(isa, &x, Some(&weights), SpectrumOutput::Parts(re, im));
            fft.transform_on(isa, &x, Some(&weights), SpectrumOutput::Power(power));
            for k in 0..fft.bins() {
                assert_eq!(power[k], re[k] * re[k] + im[k] * im[k]);
            }
            parts.iter().flatten().map(|x| x.canonical_bits()).collect()
        }
        for n in [1, 2, 3, 4, 6, 8, 14, 16, 20, 32, 50, 64, 100, 128, 256, 500, 512, 1024] {
            let (f32, f64) = (bits::<f32>(Isa::Portable, n), bits::<f64>(Isa::Portable, n));
            for isa in Isa::here() {
                assert!(bits::<f32>(isa, n) == f32, "f32, {n} on {}", isa.name());
                assert!(bits::<f64>(isa, n) == f64, "f64, {n} on {}", isa.name());
            }
        }
    }
}
