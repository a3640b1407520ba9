//! The predictor's Fourier transform: in the caller's memory, one complex number after the other. It has the passes and
//! the butterflies of [`spectrum::fourier`](crate::spectrum::fourier::complex), and therefore the same bits.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | N, M | the number of real samples of a frame; N/2 |
//! | z_n, Z_k | the samples as M complex numbers, x_(2n) + i·x_(2n+1); their transform |
//! | X_k | the transform of the real samples |
//! | R, s | the radix of a pass; the product of the radices of the earlier passes |
//! | m, w | M/(R·s); e^(-2πi·s/M) |
//! | x, y | in (PX.1), the buffer that a pass reads and the one that it writes |
//!
//! ```text
//! (PX.1)  y_(q+s·(R·p+r)) = w^(p·r)·Σ_j x_(q+s·(p+m·j))·e^(-2πi·j·r/R)
//! (PX.2)  X_k = E_k + e^(-2πi·k/N)·O_k,  E_k = (Z_k + Z*_(M-k))/2,  O_k = (Z_k - Z*_(M-k))/2i
//! ```
//!
//! A pass (PX.1) reads one buffer and writes the other. In the last pass p is 0, so its twiddle factors are 1 and are
//! left out. (PX.2) separates the transform X of the real samples from the transform Z of the complex ones
//! ([`real`](crate::spectrum::fourier::real) derives it); the squares |X_k|² go to the buffer that is free.

use crate::machine::Lanes;
use crate::spectrum::fourier::butterfly::{Complex as Columns, Constants, butterfly, product};
use crate::spectrum::fourier::complex::radix;

/// A complex number.
pub type Complex = [f32; 2];

/// |X_k|² for k <= N/2, of the M complex samples `z`, which are overwritten, as is `work` of the same length.
/// `twiddles` are e^(-2πi·k/N) for k < N/2. `None` if the lengths do not fit, or M is not a power of two from 2 on.
#[inline(always)]
pub(super) fn power<'a, L: Lanes<f32>>(
    lanes: L,
    twiddles: &[Complex],
    z: &'a mut [Complex],
    work: &'a mut [Complex],
) -> Option<&'a [f32]> {
    let m = z.len();
    if !m.is_power_of_two() || m < 2 || work.len() != m || twiddles.len() != m {
        return None;
    }
    let (mut x, mut y) = (z, work);
    let mut stride = 1;
    while stride < m {
        // A power of two: a shift divides by it.
        let radix = radix(m >> stride.trailing_zeros(), stride == 1)?;
        match radix {
            2 => pass::<L, 2>(lanes, twiddles, stride, x, y)?,
            4 => pass::<L, 4>(lanes, twiddles, stride, x, y)?,
            8 => pass::<L, 8>(lanes, twiddles, stride, x, y)?,
            _ => pass::<L, 16>(lanes, twiddles, stride, x, y)?,
        }
        (x, y) = (y, x);
        stride *= radix;
    }
    let (z, power) = (x, y.as_flattened_mut());
    let square = |[re, im]: Complex| re * re + im * im;
    let [re, im] = *z.first()?;
    *power.first_mut()? = square([re + im, 0.0]);
    *power.get_mut(m)? = square([re - im, 0.0]);
    for k in 1..=m / 2 {
        let (a, b, w) = (*z.get(k)?, *z.get(m - k)?, *twiddles.get(k)?);
        let even = [(a[0] + b[0]) * 0.5, (a[1] - b[1]) * 0.5];
        let odd = [(a[1] + b[1]) * 0.5, (b[0] - a[0]) * 0.5];
        let rotated = [w[0] * odd[0] - w[1] * odd[1], w[0] * odd[1] + w[1] * odd[0]];
        // Both lines write X_(M/2) if k = M/2; the second one counts.
        *power.get_mut(m - k)? = square([even[0] - rotated[0], rotated[1] - even[1]]);
        *power.get_mut(k)? = square([even[0] + rotated[0], even[1] + rotated[1]]); // (PX.2)
    }
    Some(power)
}

/// A pass of radix R, from x to y.
#[inline(always)]
fn pass<L: Lanes<f32>, const R: usize>(
    lanes: L,
    twiddles: &[Complex],
    stride: usize,
    x: &[Complex],
    y: &mut [Complex],
) -> Option<()> {
    let constants = Constants::new(lanes);
    let groups = (x.len() / R) >> stride.trailing_zeros();
    for p in 0..groups {
        for q in 0..stride {
            let mut z: Columns<L::Vector, R> = [[lanes.splat(0.0); R]; 2];
            for j in 0..R {
                let [re, im] = *x.get(q + stride * (p + groups * j))?;
                (z[0][j], z[1][j]) = (lanes.splat(re), lanes.splat(im));
            }
            butterfly(&constants, &mut z);
            for r in 0..R {
                if groups > 1 && r > 0 {
                    let [re, im] = twiddle(twiddles, 2 * stride * p * r)?;
                    (z[0][r], z[1][r]) = product((z[0][r], z[1][r]), (lanes.splat(re), lanes.splat(im)));
                }
                let out = y.get_mut(q + stride * (R * p + r))?; // (PX.1)
                lanes.store_any(z[0][r], &mut out[..1]);
                lanes.store_any(z[1][r], &mut out[1..]);
            }
        }
    }
    Some(())
}

/// e^(-2πi·k/N), k < N: the second half of the circle is the first, negated.
#[inline(always)]
fn twiddle(twiddles: &[Complex], k: usize) -> Option<Complex> {
    match twiddles.get(k) {
        Some(&w) => Some(w),
        None => twiddles.get(k - twiddles.len()).map(|w| [-w[0], -w[1]]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Operation;
    use crate::machine::run_single;
    use crate::number::{Random, Real};
    use crate::spectrum::fourier::RealFft;
    use alloc::vec;
    use alloc::vec::Vec;

    struct Power<'a>(&'a [Complex], &'a mut [Complex], &'a mut [Complex]);

    impl<'a> Operation<f32> for Power<'a> {
        type Output = Option<&'a [f32]>;

        fn run<L: Lanes<f32>>(self, lanes: L) -> Self::Output {
            power(lanes, self.0, self.1, self.2)
        }
    }

    #[test]
    fn the_power_is_that_of_the_library_to_the_bit() {
        let mut random = Random::new(3);
        // All sequences of passes up to 16, 8, 8, 8, 8.
        for n in (2..=17).map(|twos| 1 << twos) {
            let x: Vec<f32> = (0..n).map(|_| random.uniform(-1.0, 1.0)).collect();
            let (mut re, mut im) = (vec![f32::NAN; n / 2 + 1], vec![f32::NAN; n / 2 + 1]);
            RealFft::new(n).transform(&x, &mut re, &mut im);
            let expected: Vec<f32> = re.iter().zip(&im).map(|(re, im)| re * re + im * im).collect();
            let twiddles: Vec<Complex> = (0..n / 2)
                .map(|k| {
                    let (sine, cosine) = (-2.0 * k as f64 / n as f64).sin_cos_pi();
                    [cosine as f32, sine as f32]
                })
                .collect();
            let mut z: Vec<Complex> = x.chunks(2).map(|pair| [pair[0], pair[1]]).collect();
            let mut work = vec![[f32::NAN; 2]; n / 2];
            let found = run_single(Power(&twiddles, &mut z, &mut work)).unwrap();
            assert_eq!(found[..=n / 2], expected, "{n} samples");
        }
    }

    #[test]
    fn lengths_that_do_not_fit_are_found() {
        for (twiddles, z, work) in [(3, 3, 3), (1, 4, 4), (4, 4, 3), (1, 1, 1), (0, 0, 0)] {
            let (twiddles, mut z, mut work) = (vec![[1.0, 0.0]; twiddles], vec![[0.0; 2]; z], vec![[0.0; 2]; work]);
            assert_eq!(run_single(Power(&twiddles, &mut z, &mut work)), None);
        }
    }
}
