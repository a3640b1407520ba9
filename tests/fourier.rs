//! Errors of the fast Fourier transform: ‖X̃ - X‖/‖X‖ for random samples, against a transform in double-double
//! arithmetic, in units of u·√(log₂ N) with u = 2⁻²⁴ (f32) or 2⁻⁵³ (f64). Rounding errors of fast transforms grow like
//! √(log₂ N) (J. C. Schatzman 1996).
//!
//! The ordinary run takes a few inputs. The ignored test takes more:
//!
//! `cargo test --release --test fourier -- --ignored --nocapture`

#![allow(clippy::disallowed_methods)] // square roots of errors

#[path = "common/double.rs"]
mod double;
#[path = "common/tolerances.rs"]
mod tolerances;

use double::{Double, exact_sin_cos};
use ossicle::number::{Random, Real};
use ossicle::spectrum::fourier::RealFft;

type Complex = [Double; 2];

/// e^(-2πi·k/n) for k < n/2 and n a power of two. The angle is reduced to an eighth of a circle, exactly.
fn root_of_one(k: usize, n: usize) -> Complex {
    let half_cycles = 2.0 * k as f64 / n as f64;
    let (upper, sign) = if half_cycles > 0.5 { (1.0 - half_cycles, -1.0) } else { (half_cycles, 1.0) };
    let (sine, cosine) = if upper > 0.25 {
        let (cosine, sine) = exact_sin_cos(0.5 - upper);
        (sine, cosine)
    } else {
        exact_sin_cos(upper)
    };
    [cosine.scaled(sign), sine.scaled(-1.0)]
}

/// The transform by recursion into even and odd samples, for powers of two. `roots` are those of the whole transform.
fn exact(x: &[Double], roots: &[Complex]) -> Vec<Complex> {
    if let [x] = x {
        return vec![[*x, Double::of(0.0)]];
    }
    let half = x.len() / 2;
    let every_other = |first: usize| x.iter().skip(first).step_by(2).copied().collect::<Vec<_>>();
    let (even, odd) = (exact(&every_other(0), roots), exact(&every_other(1), roots));
    let mut out = vec![[Double::of(0.0); 2]; x.len()];
    for k in 0..half {
        let [a, b] = odd[k];
        let [c, s] = roots[k * (roots.len() / half)];
        let rotated = [a.times(c).plus(b.times(s).scaled(-1.0)), a.times(s).plus(b.times(c))];
        for part in 0..2 {
            out[k][part] = even[k][part].plus(rotated[part]);
            out[k + half][part] = even[k][part].plus(rotated[part].scaled(-1.0));
        }
    }
    out
}

/// Mean and largest error over random inputs.
fn errors<T: Real>(n: usize, inputs: usize) -> (f64, f64) {
    let roots: Vec<Complex> = (0..n / 2).map(|k| root_of_one(k, n)).collect();
    let (mut random, mut fft) = (Random::new(n as u64), RealFft::<T>::new(n));
    let (mut total, mut worst) = (0.0, 0.0f64);
    for _ in 0..inputs {
        let x: Vec<T> = (0..n).map(|_| random.uniform(-1.0, 1.0)).collect();
        let exact = exact(&x.iter().map(|x| Double::of(x.to_f64())).collect::<Vec<_>>(), &roots);
        let (mut re, mut im) = (vec![T::NAN; fft.bins()], vec![T::NAN; fft.bins()]);
        fft.transform(&x, &mut re, &mut im);
        let (mut wrong, mut norm) = (0.0, 0.0);
        for k in 0..fft.bins() {
            for (part, got) in [re[k], im[k]].into_iter().enumerate() {
                let difference = exact[k][part].plus(Double::of(-got.to_f64())).0;
                wrong += difference * difference;
                norm += exact[k][part].0 * exact[k][part].0;
            }
        }
        let unit = T::EPSILON.to_f64() / 2.0 * f64::from(n.ilog2()).sqrt();
        let error = (wrong / norm).sqrt() / unit;
        total += error;
        // NaN becomes the worst.
        worst = if error < worst { worst } else { error };
    }
    (total / inputs as f64, worst)
}

fn check<T: Real>(bits: std::ops::RangeInclusive<u32>, inputs: usize) {
    for bits in bits {
        let (mean, worst) = errors::<T>(1 << bits, inputs);
        println!("{} {:6}: mean {mean:.3}, largest {worst:.3}", T::NAME, 1 << bits);
        assert!(
            mean <= tolerances::FOURIER_MEAN && worst <= tolerances::FOURIER_LARGEST,
            "{}, {} samples: {mean}, {worst}",
            T::NAME,
            1 << bits
        );
    }
}

#[test]
fn errors_of_transforms_up_to_1024_samples_are_within_their_bounds() {
    check::<f32>(4..=10, 5);
    check::<f64>(4..=10, 5);
}

#[test]
#[ignore = "some seconds"]
fn errors_of_transforms_up_to_65536_samples_are_within_their_bounds() {
    check::<f32>(4..=16, 20);
    check::<f64>(4..=16, 20);
}
