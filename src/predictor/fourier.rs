//! The Fourier transform in place, with a table that the caller keeps: the operations of
//! [`spectrum::fourier`](crate::spectrum::fourier), and so its bits, without work space of its own.
//!
//! N real samples are N/2 complex ones, z_n = x_2n + i·x_(2n+1). They are put in the order of their indices' reversed bits; stages
//! of butterflies (E, O) ← (E + w·O, E - w·O) of 1, 2, 4, ... pairs follow, with w = e^(-2πi·k/2s) in a stage of s pairs, which is
//! number k·N/2s of the table; and the transform of the real samples is taken out of that of the complex ones.

/// A complex number.
pub type Complex = [f32; 2];

/// Transforms z, the N/2 complex samples, and leaves the power in it: |X_k|² for k < N/2 in the real part of z_k, and |X_(N/2)|² in
/// the imaginary part of z_0. `turns` are e^(-2πi·k/N), k < N/2. `None` if the lengths do not fit; z is undefined then.
#[inline(always)]
pub(super) fn power(turns: &[Complex], z: &mut [Complex]) -> Option<()> {
    let half = z.len();
    if !half.is_power_of_two() || half < 2 {
        return None;
    }
    reverse_bits(z)?;
    let mut size = 1;
    while size < half {
        let stride = half / size;
        let mut rest = &mut z[..];
        while let Some((pair, more)) = rest.split_at_mut_checked(2 * size) {
            let (even, odd) = pair.split_at_mut_checked(size)?;
            for (k, (even, odd)) in even.iter_mut().zip(odd).enumerate() {
                let w = turns.get(k * stride)?;
                let t = [w[0] * odd[0] - w[1] * odd[1], w[0] * odd[1] + w[1] * odd[0]];
                *odd = [even[0] - t[0], even[1] - t[1]];
                *even = [even[0] + t[0], even[1] + t[1]];
            }
            rest = more;
        }
        size *= 2;
    }
    let square = |[re, im]: Complex| re * re + im * im;
    let first = z.first_mut()?;
    *first = [square([first[0] + first[1], 0.0]), square([first[0] - first[1], 0.0])];
    for k in 1..half / 2 + 1 {
        let (a, b, w) = (*z.get(k)?, *z.get(half - k)?, *turns.get(k)?);
        let even = [(a[0] + b[0]) * 0.5, (a[1] - b[1]) * 0.5];
        let odd = [(a[1] + b[1]) * 0.5, (b[0] - a[0]) * 0.5];
        let turned = [w[0] * odd[0] - w[1] * odd[1], w[0] * odd[1] + w[1] * odd[0]];
        *z.get_mut(half - k)? = [square([even[0] - turned[0], turned[1] - even[1]]), 0.0];
        *z.get_mut(k)? = [square([even[0] + turned[0], even[1] + turned[1]]), 0.0];
    }
    Some(())
}

/// |X_k|² out of what [`power`] left.
#[inline(always)]
pub(super) fn power_at(z: &[Complex], k: usize) -> Option<f32> {
    if k == z.len() { z.first().map(|z| z[1]) } else { z.get(k).map(|z| z[0]) }
}

/// Exchanges each number with that whose index has the bits reversed.
#[inline(always)]
fn reverse_bits(z: &mut [Complex]) -> Option<()> {
    let shift = usize::BITS - z.len().trailing_zeros();
    for i in 0..z.len() {
        let j = i.reverse_bits() >> shift;
        if i < j {
            let (front, back) = z.split_at_mut_checked(j)?;
            core::mem::swap(front.get_mut(i)?, back.first_mut()?);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::{Random, Real};
    use crate::spectrum::fourier::RealFft;
    use alloc::vec;
    use alloc::vec::Vec;

    #[test]
    fn the_power_is_that_of_the_library_to_the_bit() {
        let mut random = Random::new(3);
        for n in [4, 8, 64, 256, 1024] {
            let x: Vec<f32> = (0..n).map(|_| random.uniform(-1.0, 1.0)).collect();
            let (mut re, mut im) = (vec![f32::NAN; n / 2 + 1], vec![f32::NAN; n / 2 + 1]);
            RealFft::new(n).transform(&x, &mut re, &mut im);
            let expected: Vec<f32> = re.iter().zip(&im).map(|(re, im)| re * re + im * im).collect();
            let turns: Vec<Complex> = (0..n / 2)
                .map(|k| {
                    let (sine, cosine) = (-2.0 * k as f64 / n as f64).sin_cos_pi();
                    [cosine as f32, sine as f32]
                })
                .collect();
            let mut z: Vec<Complex> = x.chunks(2).map(|pair| [pair[0], pair[1]]).collect();
            power(&turns, &mut z).unwrap();
            let found: Vec<f32> = (0..=n / 2).map(|k| power_at(&z, k).unwrap()).collect();
            assert_eq!(found, expected, "{n} samples");
        }
    }

    #[test]
    fn lengths_that_do_not_fit_are_found() {
        assert_eq!(power(&[[1.0, 0.0]; 3], &mut [[0.0; 2]; 3]), None);
        assert_eq!(power(&[[1.0, 0.0]; 1], &mut [[0.0; 2]; 4]), None);
    }
}
