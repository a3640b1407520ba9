//! The fast transform of complex numbers, as passes of short transforms (T. G. Stockham 1966).
//!
//! Why: [`radix2`](super::radix2) halves a transform until one number is left, with a pass over the memory for each
//! halving. Splitting into R = 8 or 16 parts at once takes a third or a quarter of the passes, and the short transforms
//! stay in registers.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | N, R, M | the number of samples, N = R·M, and the number of parts |
//! | p, m | indices from 0 to M - 1 |
//! | j, r | indices from 0 to R - 1 |
//! | x_n, X_k, w | samples, coefficients, and e^(-2πi/N) as in [`fourier`](super) |
//!
//! ```text
//! (SK.1)  A_pr = Σ_j x_(p+M·j)·e^(-2πi·jr/R)
//! (SK.2)  B_pr = w^(pr)·A_pr
//! (SK.3)  X_(R·m+r) = Σ_p B_pr·e^(-2πi·pm/M)
//! ```
//!
//! (SK.1) are M transforms of R numbers each, the butterflies. (SK.2) multiplies each result by a twiddle factor.
//! (SK.3) are R transforms of M numbers each, which are computed in the same way.
//!
//! Derivation. Write n = p + M·j and k = R·m + r; each n and each k is reached once. The exponent of w in (FT.1) is
//!
//! ```text
//! k·n = (R·m + r)·(p + M·j) = R·m·p + R·M·m·j + r·p + M·r·j
//! w^(R·m·p) = e^(-2πi·pm/M)    w^(R·M·m·j) = (wᴺ)^(m·j) = 1    w^(M·r·j) = e^(-2πi·jr/R)
//! X_(R·m+r) = Σ_p Σ_j x_(p+M·j)·w^(pr)·e^(-2πi·jr/R)·e^(-2πi·pm/M)
//! ```
//!
//! where the twiddles that do not depend on j leave the inner sum. Radix 2 is the case M = 2, R = N/2: A_0r is E_r and
//! A_1r is O_r, so (SK.3) is (R2.3) for m = 0 and (R2.4) for m = 1.
//!
//! By hand, N = 4 = 2·2, w = -i, x = (1, 2, 3, 4):
//!
//! ```text
//! p = 0, x_0 and x_2:    A_00 = 1 + 3 = 4    A_01 = 1 - 3 = -2    B_00 = 4    B_01 = -2
//! p = 1, x_1 and x_3:    A_10 = 2 + 4 = 6    A_11 = 2 - 4 = -2    B_10 = 6    B_11 = -i·(-2) = 2i
//! r = 0:    X_0 = B_00 + B_10 = 10         X_2 = B_00 - B_10 = -2
//! r = 1:    X_1 = B_01 + B_11 = -2 + 2i    X_3 = B_01 - B_11 = -2 - 2i
//! ```
//!
//! Cost. If N is a power of R, there are log_R N passes. Each has N/R butterflies and N - N/R products with twiddles
//! (those with r = 0 are 1). With R·log₂R additions and subtractions of complex numbers in a butterfly, as for R = 2,
//! 4, 8, 16:
//!
//! ```text
//! additions = log_R N·(N/R)·(R·log₂R) = N·log₂N        twiddles = log_R N·(1 - 1/R)·N
//! ```
//!
//! So a larger R saves no additions, but it saves passes and twiddles. For N = 256, radix 2 takes 8 passes of 128
//! products each, 1024 in all. Radix 16 takes 2 passes of 240 products with twiddles, and each of its 32 butterflies
//! has 8 products of its own: 736 in all.
//!
//! Order in memory. After passes of radices R₁, R₂, ... there are s = R₁·R₂·... transforms, of N/s numbers each; number
//! p of transform q is stored at q + s·p. A pass of radix R, M = N/(s·R), reads its R numbers at q + s·(p + M·j) and
//! leaves s·R transforms; the new ones are q + s·r:
//!
//! ```text
//! (SK.4)  y_(q+s·(R·p+r)) = w_s^(pr)·Σ_j x_(q+s·(p+M·j))·e^(-2πi·jr/R)          w_s = e^(-2πi·s/N), q = 0, ..., s - 1
//! ```
//!
//! from one buffer to the other. In the end s = N, and X_k is at q = r₁ + R₁·(r₂ + R₂·(...)) = k: the results are in
//! order, without a bit reversal. Registers hold neighboring q. In the first pass, s = 1, they hold neighboring p; the
//! R registers of results are then interleaved, since y has r = 0, ..., R - 1 side by side.
//!
//! A row of s numbers may end inside a register. Buffers are one register longer than N. The surplus that is read is
//! never used. The surplus that is written lands on the start of the next row, which is written afterwards.
//!
//! The passes: 16 first if 16 divides N (otherwise the largest power of two that does), then 2s, 4s, 8s and 16s, 5s,
//! 3s. A length with another prime factor is left to the [`chirp`](super::chirp).

use super::butterfly::{Complex, Constants, butterfly, product};
use super::chirp::Chirp;
use super::{Parts, root_of_unity};
use crate::machine::isa::isa;
use crate::machine::lanes::MOST_LANES;
use crate::machine::{Isa, Lanes, Operation, Vector, run_on, size};
use crate::number::Real;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// The fast transform of N complex numbers; holds its twiddle factors and its work space.
///
/// ```
/// use ossicle::spectrum::fourier::ComplexFft;
///
/// // A wave with one cycle, e^(2πi·n/8), has all its power in bin 1.
/// let wave = |n: usize| (2.0 * std::f64::consts::PI * n as f64 / 8.0).sin_cos();
/// let (mut im, mut re): (Vec<f64>, Vec<f64>) = (0..8).map(wave).unzip();
/// let mut fft = ComplexFft::new(8);
/// fft.transform(&mut re, &mut im);
/// assert!((0..8).all(|k| (re[k] - if k == 1 { 8.0 } else { 0.0 }).abs() < 1e-14 && im[k].abs() < 1e-14));
///
/// // With the parts exchanged, the transform goes back, times 8.
/// fft.transform(&mut im, &mut re);
/// assert!((re[0] - 8.0).abs() < 1e-14);
/// ```
#[doc(alias = "FFT")]
#[derive(Clone, Debug)]
pub struct ComplexFft<T> {
    length: usize,
    method: Method<T>,
    /// Transformed in place; one register longer than N.
    data: Parts<T>,
}

#[derive(Clone, Debug)]
enum Method<T> {
    Passes { passes: Vec<Pass<T>>, work: Parts<T> },
    Chirp(Box<Chirp<T>>),
}

#[derive(Clone, Debug)]
struct Pass<T> {
    /// R.
    radix: usize,
    /// s.
    stride: usize,
    /// w_s^(pr) for r = 1, ..., R - 1: in the first pass one r after the other, later one p after the other. Empty in
    /// the last pass.
    twiddles: Parts<T>,
}

/// Room for n numbers and one register more.
fn buffers<T: Real>(n: usize) -> Parts<T> {
    let length = size::sum([n, MOST_LANES]);
    size::claim::<T>(length);
    [vec![T::ZERO; length], vec![T::ZERO; length]]
}

impl<T: Real> ComplexFft<T> {
    /// Prepares transforms of N numbers.
    ///
    /// # Panics
    /// If N is 0, or there is no memory for them.
    pub fn new(length: usize) -> Self {
        assert!(length > 0, "a transform of no numbers");
        let numbers = buffers(length);
        let Some(radices) = radices(length) else {
            return ComplexFft { length, method: Method::Chirp(Box::new(Chirp::new(length))), data: numbers };
        };
        let (mut passes, mut stride) = (Vec::new(), 1);
        for radix in radices {
            passes.push(Pass::new(length, radix, stride));
            stride *= radix;
        }
        ComplexFft { length, method: Method::Passes { passes, work: buffers(length) }, data: numbers }
    }

    /// The number of complex numbers N.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Replaces x by its transform. Exchanging `re` and `im` in the call gives the transform back, times N.
    ///
    /// # Panics
    /// If there are not N numbers in each part.
    pub fn transform(&mut self, re: &mut [T], im: &mut [T]) {
        assert_eq!((re.len(), im.len()), (self.length, self.length), "real and imaginary parts");
        let [x, y] = self.data();
        x.copy_from_slice(re);
        y.copy_from_slice(im);
        self.transform_on(isa());
        let [x, y] = self.data();
        re.copy_from_slice(x);
        im.copy_from_slice(y);
    }

    /// The N numbers that [`transform_on`](Self::transform_on) replaces by their transform.
    pub(super) fn data(&mut self) -> [&mut [T]; 2] {
        self.data.each_mut().map(|part| &mut part[..self.length])
    }

    /// Replaces the numbers by their transform, on an instruction set.
    pub(super) fn transform_on(&mut self, isa: Isa) {
        match &mut self.method {
            Method::Passes { passes, work } => {
                run_on(isa, Passes { length: self.length, passes, x: &mut self.data, work });
            }
            Method::Chirp(chirp) => {
                let [re, im] = self.data.each_mut().map(|part| &mut part[..self.length]);
                chirp.transform_on(isa, re, im);
            }
        }
    }
}

/// All passes, back and forth between two buffers; the results of the last are left in `x`.
struct Passes<'a, T> {
    length: usize,
    passes: &'a [Pass<T>],
    x: &'a mut Parts<T>,
    work: &'a mut Parts<T>,
}

impl<T: Real> Operation<T> for Passes<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        let constants = Constants::new(lanes);
        let Passes { length, passes, x, work } = self;
        for pass in passes {
            pass.run(lanes, &constants, length, x, work); // (SK.3)
            core::mem::swap(x, work);
        }
    }
}

/// The passes of a transform of n numbers; none if n has a prime factor above 5.
fn radices(n: usize) -> Option<Vec<usize>> {
    let (mut radices, mut remaining) = (Vec::new(), n);
    while remaining > 1 {
        let radix = radix(remaining, remaining == n)?;
        radices.push(radix);
        remaining /= radix;
    }
    Some(radices)
}

/// The radix of the first pass, or of a later one, where transforms of `remaining` numbers are left to do. None if all
/// prime factors of `remaining` are above 5.
pub(crate) const fn radix(remaining: usize, first: bool) -> Option<usize> {
    match remaining.trailing_zeros() {
        0 if remaining.is_multiple_of(5) => Some(5),
        0 if remaining.is_multiple_of(3) => Some(3),
        0 => None,
        // The fewest passes: after the first, 8s until 16s divide the rest.
        twos @ 1..=3 => Some(1 << twos),
        twos if first || twos.is_multiple_of(4) => Some(16),
        5 => Some(4),
        _ => Some(8),
    }
}

impl<T: Real> Pass<T> {
    fn new(length: usize, radix: usize, stride: usize) -> Self {
        let current = length / stride;
        let groups = current / radix;
        let mut twiddles = [Vec::new(), Vec::new()];
        let mut push = |p: usize, r: usize| {
            let (cosine, sine) = root_of_unity(p * r, current);
            twiddles[0].push(T::from_f64(cosine));
            twiddles[1].push(T::from_f64(sine));
        };
        // In the last pass p is 0 and all twiddles are 1.
        if groups > 1 && stride == 1 && radix.is_power_of_two() {
            (1..radix).for_each(|r| (0..groups).for_each(|p| push(p, r)));
        } else if groups > 1 {
            (0..groups).for_each(|p| (1..radix).for_each(|r| push(p, r)));
        }
        twiddles.iter_mut().for_each(|part| part.resize(part.len() + MOST_LANES, T::ZERO));
        Pass { radix, stride, twiddles }
    }

    #[inline(always)]
    fn run<L: Lanes<T>>(&self, lanes: L, constants: &Constants<L::Vector>, n: usize, x: &Parts<T>, y: &mut Parts<T>) {
        match (self.radix, self.stride) {
            (2, 1) => self.first_pass::<L, 2>(lanes, constants, n, x, y),
            (4, 1) => self.first_pass::<L, 4>(lanes, constants, n, x, y),
            (8, 1) => self.first_pass::<L, 8>(lanes, constants, n, x, y),
            (16, 1) => self.first_pass::<L, 16>(lanes, constants, n, x, y),
            (2, _) => self.later_pass::<L, 2>(lanes, constants, n, x, y),
            (3, _) => self.later_pass::<L, 3>(lanes, constants, n, x, y),
            (4, _) => self.later_pass::<L, 4>(lanes, constants, n, x, y),
            (5, _) => self.later_pass::<L, 5>(lanes, constants, n, x, y),
            (8, _) => self.later_pass::<L, 8>(lanes, constants, n, x, y),
            _ => self.later_pass::<L, 16>(lanes, constants, n, x, y),
        }
    }

    /// A pass with neighboring p side by side.
    #[inline(always)]
    fn first_pass<L: Lanes<T>, const R: usize>(
        &self,
        lanes: L,
        constants: &Constants<L::Vector>,
        n: usize,
        x: &Parts<T>,
        y: &mut Parts<T>,
    ) {
        let groups = n / R;
        for p in (0..groups).step_by(L::WIDTH) {
            let mut z: Complex<L::Vector, R> = [[lanes.splat(T::ZERO); R]; 2];
            for part in 0..2 {
                for j in 0..R {
                    z[part][j] = lanes.load(&x[part][p + groups * j..]);
                }
            }
            butterfly(constants, &mut z); // (SK.1)
            if groups > 1 {
                for r in 1..R {
                    let at = p + groups * (r - 1);
                    let w = (lanes.load(&self.twiddles[0][at..]), lanes.load(&self.twiddles[1][at..]));
                    (z[0][r], z[1][r]) = product((z[0][r], z[1][r]), w); // (SK.2)
                }
            }
            for part in 0..2 {
                interleave_rows::<T, L::Vector, R>(&mut z[part]);
                // After interleaving, the surplus elements are the last.
                let end = R * groups.min(p + L::WIDTH);
                for r in 0..R {
                    if R * p + L::WIDTH * r < end {
                        lanes.store(z[part][r], &mut y[part][R * p + L::WIDTH * r..]);
                    }
                }
            }
        }
    }

    /// A pass with neighboring q side by side.
    #[inline(always)]
    fn later_pass<L: Lanes<T>, const R: usize>(
        &self,
        lanes: L,
        constants: &Constants<L::Vector>,
        n: usize,
        x: &Parts<T>,
        y: &mut Parts<T>,
    ) {
        let s = self.stride;
        let groups = n / (R * s);
        let mut w: Complex<L::Vector, R> = [[lanes.splat(T::ZERO); R]; 2];
        for p in 0..groups {
            if groups > 1 {
                for part in 0..2 {
                    let twiddles = &self.twiddles[part][p * (R - 1)..][..R - 1];
                    for r in 1..R {
                        w[part][r] = lanes.splat(twiddles[r - 1]);
                    }
                }
            }
            // Each row from its end, since the surplus of a store lands on the start of the next row.
            for q in (0..s).step_by(L::WIDTH).rev() {
                let mut z: Complex<L::Vector, R> = [[lanes.splat(T::ZERO); R]; 2];
                for part in 0..2 {
                    for j in 0..R {
                        z[part][j] = lanes.load(&x[part][q + s * (p + groups * j)..]);
                    }
                }
                butterfly(constants, &mut z); // (SK.1)
                if groups > 1 {
                    for r in 1..R {
                        (z[0][r], z[1][r]) = product((z[0][r], z[1][r]), (w[0][r], w[1][r])); // (SK.2)
                    }
                }
                for part in 0..2 {
                    for r in 0..R {
                        lanes.store(z[part][r], &mut y[part][q + s * (R * p + r)..]); // (SK.4)
                    }
                }
            }
        }
    }
}

/// Interleaves the elements of R registers: with R = 4, a0 b0 c0 d0 a1 b1 c1 d1 ...
///
/// Interleaving the first half of the row with the second rotates the bits of an element's index by one. After log₂R
/// rounds the bits of r, which were the highest, are the lowest.
#[inline(always)]
fn interleave_rows<T: Real, V: Vector<T>, const R: usize>(rows: &mut [V; R]) {
    let mut round = 1;
    while round < R {
        let before = *rows;
        for i in 0..R / 2 {
            (rows[2 * i], rows[2 * i + 1]) = before[i].interleave(before[i + R / 2]);
        }
        round *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Complex64, by_definition};
    use super::*;
    use crate::number::Random;

    fn noise(n: usize) -> [Vec<f64>; 2] {
        let mut random = Random::new(n as u64);
        [0, 1].map(|_| (0..n).map(|_| random.uniform(-1.0, 1.0)).collect())
    }

    #[test]
    fn fast_equals_slow_for_every_length_and_back() {
        for n in (1..=130).chain([160, 192, 225, 240, 256, 251, 257, 300, 441, 512, 720, 1000, 1024]) {
            let [re, im] = noise(n);
            let x: Vec<Complex64> = re.iter().zip(&im).map(|(&re, &im)| Complex64 { re, im }).collect();
            let expected = by_definition(&x);
            let (mut fast_re, mut fast_im) = (re.clone(), im.clone());
            let mut fft = ComplexFft::new(n);
            fft.transform(&mut fast_re, &mut fast_im);
            for k in 0..n {
                let error = (expected[k].re - fast_re[k]).abs().max((expected[k].im - fast_im[k]).abs());
                assert!(error <= 2e-15 * (n as f64), "X({k}) of {n}: {error:e}");
            }
            fft.transform(&mut fast_im, &mut fast_re);
            for j in 0..n {
                let error = (fast_re[j] / n as f64 - re[j]).abs().max((fast_im[j] / n as f64 - im[j]).abs());
                assert!(error <= 1e-14, "x({j}) of {n}: {error:e}");
            }
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        fn bits<T: Real>(isa: Isa, n: usize) -> Vec<u64> {
            let mut fft = ComplexFft::<T>::new(n);
            for (part, noise) in fft.data().into_iter().zip(noise(n)) {
                part.iter_mut().zip(noise).for_each(|(to, x)| *to = T::from_f64(x));
            }
            fft.transform_on(isa);
            fft.data().iter().flat_map(|part| part.iter()).map(|x| x.canonical_bits()).collect()
        }
        for n in [2, 4, 8, 16, 32, 48, 60, 64, 100, 128, 200, 250, 256, 400, 512, 1024, 2048, 4096] {
            let (f32, f64) = (bits::<f32>(Isa::Portable, n), bits::<f64>(Isa::Portable, n));
            for isa in Isa::here() {
                assert!(bits::<f32>(isa, n) == f32, "f32, {n} on {}", isa.name());
                assert!(bits::<f64>(isa, n) == f64, "f64, {n} on {}", isa.name());
            }
        }
    }

    #[test]
    fn the_passes_multiply_to_the_length() {
        for n in 1..=5000usize {
            let smooth = [2, 3, 5].iter().fold(n, |mut rest, &prime| {
                while rest.is_multiple_of(prime) {
                    rest /= prime;
                }
                rest
            }) == 1;
            let product = radices(n).map(|radices| radices.iter().product::<usize>());
            assert_eq!(product, if smooth { Some(n) } else { None }, "{n}");
        }
        assert_eq!(radices(512).unwrap(), [16, 4, 8]);
        assert_eq!(radices(2048).unwrap(), [16, 8, 16]);
        assert_eq!(radices(1 << 17).unwrap(), [16, 8, 8, 8, 16]);
        assert_eq!(radices(720).unwrap(), [16, 5, 3, 3]);
    }
}
