//! From bands back to bins: non-negative least squares, and the cosine transform back.
//!
//! Why: a sound needs the power of each bin, and a bank of bands has added bins up. 40 mel bands are 40 equations for
//! 129 bins: many spectra have the same bands. What is known besides is that no power is negative. The pseudo-inverse
//! of the bank ignores that and finds negative powers; cut off at 0, they give other bands than those given.
//!
//! The idea: among the spectra without a negative power, find one whose bands are nearest to those given, by gradient
//! steps that stop at 0. Start from a smooth spectrum, since the steps change only what the bands contradict.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | w_bk | the weight of bin k in band b, >= 0 |
//! | Y_b | the given power of band b, >= 0 |
//! | p_k | the power of bin k that is sought, >= 0 |
//! | m_b | the unit of band b's squared residual: 1 or Y_b ([`Units`]) |
//! | J, g_k | half the sum of squared residuals, and its derivative by p_k |
//! | a_b, s_k | the sum of band b's weights; a smooth first guess of p_k |
//! | d_k | the unit of bin k's power: 1 or s_k |
//! | x_k, y_k, t | p_k/d_k; the point ahead of x where the derivative is taken; the number that sets the momentum |
//! | H_kj | the second derivative of J by x_k and x_j |
//! | λ, e_k, z_k | the largest eigenvalue of H, its eigenvector, and any positive numbers |
//! | L | a bound of λ |
//! | v, v_k | the violation of the optimality conditions, and that of bin k, which s_k brings to the unit of J |
//! | B, K | the number of bands, and of cepstral coefficients |
//! | c_i, n_i | cepstral coefficient i, and its norm: √(1/B) for i = 0, else √(2/B) |
//! | x̂_b | the logarithm of band b from the first K coefficients |
//!
//! ```text
//! (IB.1)  J = ½·Σ_b (Σ_k w_bk·p_k - Y_b)²/m_b,   p_k >= 0
//! (IB.2)  g_k = Σ_b w_bk·(Σ_j w_bj·p_j - Y_b)/m_b
//! (IB.3)  v = max_k v_k / Σ_b Y_b²/m_b,   v_k = s_k·|g_k| if p_k > 0, and s_k·max(-g_k, 0) if p_k = 0
//!
//! (IB.4)  s_k = Σ_b w_bk·(Y_b/a_b) / Σ_b w_bk                        the start: x_k = y_k = s_k/d_k, t = 1
//! (IB.5)  x'_k = max(0, y_k - d_k·g_k/L)                             g at p_k = d_k·y_k
//! (IB.6)  if Σ_k (y_k - x'_k)·(x'_k - x_k) > 0:  t ← 1
//! (IB.7)  t' = (1 + √(1 + 4t²))/2,   y'_k = x'_k + (t - 1)/t'·(x'_k - x_k)
//! (IB.8)  L = max over k of Σ_j H_kj·z_j/z_k
//!
//! (IB.9)  x̂_b = Σ_(i<K) n_i·c_i·cos(π·i·(2b + 1)/2B)                 n_i as in (CE.1)
//! ```
//!
//! Why v = 0 is a minimum (the conditions of Karush, Kuhn and Tucker). J is a sum of squares of linear functions, so it
//! is nowhere below its tangent planes. Let p satisfy g_k = 0 where p_k > 0 and g_k >= 0 where p_k = 0, and let q be
//! any spectrum without a negative power:
//!
//! ```text
//! J(q) >= J(p) + Σ_k g_k·(q_k - p_k) = J(p) + Σ_(p_k = 0) g_k·q_k >= J(p)
//! ```
//!
//! Where a condition fails, moving p_k alone lowers J: against the sign of g_k if p_k > 0, upward if p_k = 0 and g_k <
//! 0. So the conditions hold at minima and nowhere else. There are many minima if there are more bins than bands, but
//! their bands agree: J is strictly convex in Σ_k w_bk·p_k.
//!
//! Why (IB.5): J is quadratic, and no direction has a curvature above λ <= L, so
//!
//! ```text
//! J(x) <= J(y) + Σ_k d_k·g_k·(x_k - y_k) + ½·L·Σ_k (x_k - y_k)²
//! ```
//!
//! with equality at x = y. Each coordinate of the right side has a parabola of its own. Its minimum is at y_k -
//! d_k·g_k/L, and if that is negative, the least value at x_k >= 0 is at 0. (IB.6) and (IB.7) are the restart and the
//! momentum of FISTA (the chapter `optimize::fista` derives them; there a threshold takes the place of the maximum).
//!
//! Why (IB.8) is a bound. H_kj = d_k·d_j·Σ_b w_bk·w_bj/m_b is never negative. Let Σ_j H_kj·e_j = λ·e_k, and let k be
//! the bin where |e_k|/z_k is largest, r. Then |e_j| <= r·z_j for all j:
//!
//! ```text
//! λ·r·z_k = |λ·e_k| = |Σ_j H_kj·e_j| <= Σ_j H_kj·r·z_j,   so   λ <= Σ_j H_kj·z_j/z_k <= L
//! ```
//!
//! It is tight if z is the eigenvector itself, to which z ← H·z leads. Five such steps from z = 1 are enough here.
//!
//! Why the units. They decide which of the many minima is found. d_k changes no minimum, and m_b changes none as long
//! as some spectrum fits exactly, which is so if the Y_b come from a spectrum; but both change the way there. A step
//! changes p_k by d_k²·g_k/L. In units d_k = s_k loud bins move first, and soft ones stay near the smooth start. In
//! units m_b = Y_b an error counts relative to its band.
//!
//! The table has two measures of 1300 frames of spoken digits after 100 steps. The first is the root of the mean
//! squared error of a band, in dB. The second is the distance of √p from the true magnitudes, 20·log₁₀ of its ratio to
//! their size. A third column has multiplicative updates, p_k ← p_k·Σ_b w_bk·Y_b / Σ_b w_bk·Σ_j w_bj·p_j (D. Lee and H.
//! Seung 2001), which need no L.
//!
//! | bank | multiplicative | m_b = d_k = 1 | m_b = Y_b, d_k = s_k |
//! | --- | --- | --- | --- |
//! | 40 mel bands of 129 bins | 0.85 dB, -10.7 dB | 0.07 dB, -10.8 dB | 0.65 dB, -11.5 dB |
//! | 17 Bark bands of 129 bins | 1.7 dB, -5.1 dB | 1.3 dB, -4.9 dB | 0.67 dB, -6.1 dB |
//! | 12 pitch classes of 257 bins | 0.24 dB, 0.4 dB | 0.02 dB, 0.5 dB | 0.01 dB, 0.4 dB |
//!
//! For mel and Bark bands the scaled units end nearer to the true spectrum, though the mel bands, whose soft ones move
//! slowly, do not fit as exactly yet. All three take the same time per step. Pitch classes hold nothing about the
//! octave, and a spectrum made from them is no nearer to the true one than silence is (0 dB).
//!
//! By hand, two bins, the bands (1, 1) and (0, 1), Y = (1, 2): over all numbers p = (-1, 2). With p_k >= 0 and m_b = 1,
//! p_0 = 0 and p_1 minimizes (p_1 - 1)² + (p_1 - 2)²: p_1 = 1.5, g_0 = 0.5 >= 0, g_1 = 0.5 - 0.5 = 0. One band (1, ½),
//! Y = 2: a = 1.5, so s = (4/3, 4/3), whose band is 4/3 + 2/3 = 2. The start is a minimum, and the steps leave it
//! alone.
//!
//! Why (IB.9): the rows of the cosine transform are orthonormal, so its transpose is its inverse. With the first K
//! coefficients alone, the missing ones count as 0: the squared error is Σ_(i>=K) c_i², and fast changes from band to
//! band are lost. By hand, x = (1, 3) has c_0 = 2.83 and c_1 = -1.41; from c_0 alone x̂ = (2, 2), the mean, and the
//! squared error is 1 + 1 = c_1².
//!
//! Conventions. A bin in no band (such as bin 0 of mel bands), or only in bands of power 0, has the power 0. m_b = Y_b
//! is at least 10⁻⁹ of the largest Y_b. Frames do not affect each other.
//!
//! Sources: W. Karush 1939, H. Kuhn and A. Tucker 1951; A. Beck and M. Teboulle 2009; B. O'Donoghue and E. Candès 2015;
//! L. Collatz 1942 (the bound (IB.8)); C. Lawson and R. Hanson, "Solving least squares problems", 1974 (the problem).

use super::cepstrum::dct;
use crate::machine::Element;
use crate::matrix::{Matrix, Product};
use crate::number::Real;
use alloc::vec;
use alloc::vec::Vec;

/// Steps z ← H·z.
const EIGENVECTOR_STEPS: usize = 5;

/// The least unit m_b, as a fraction of the largest Y_b.
const LEAST_UNIT: f64 = 1e-9;

/// The units of powers and of residuals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Units {
    /// m_b = 1 and d_k = 1: least squares. Loud bands count most.
    One,
    /// m_b = Y_b and d_k = s_k: an error counts in proportion to √Y_b.
    Scaled,
}

/// The settings of the inversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvertBank {
    /// The number of steps.
    pub iterations: usize,
    /// m_b and d_k.
    pub units: Units,
}

impl Default for InvertBank {
    /// 200 steps in scaled units.
    fn default() -> Self {
        InvertBank { iterations: 200, units: Units::Scaled }
    }
}

/// The power of bins with given bands.
#[derive(Clone, Debug, PartialEq)]
pub struct Inversion<T> {
    /// p, bins x frames.
    pub power: Matrix<T>,
    /// v of each frame; 0 for a frame of silence.
    pub violation: Vec<T>,
}

impl InvertBank {
    /// The power of the bins from that of the bands. `weights` is a bank's [matrix](super::bank::Bank::matrix), bands x
    /// bins, and `bands` holds Y, bands x frames.
    ///
    /// ```
    /// use ossicle::matrix::Matrix;
    /// use ossicle::spectrum::invert_bank::{InvertBank, Units};
    ///
    /// let weights = Matrix::from_rows(2, 2, vec![1.0, 1.0, 0.0, 1.0]);
    /// let bands = Matrix::from_rows(2, 1, vec![1.0, 2.0]);
    /// let found = InvertBank { iterations: 200, units: Units::One }.power(&weights, &bands);
    /// assert!(found.power.row(0)[0] == 0.0 && (found.power.row(1)[0] - 1.5_f64).abs() < 1e-12);
    /// ```
    ///
    /// # Panics
    /// If the number of bands differs, a weight or a band is negative or NaN, or there is no memory for three spectra.
    pub fn power<T: Real>(&self, weights: &Matrix<T>, bands: &Matrix<T>) -> Inversion<T> {
        assert_eq!(weights.rows(), bands.rows(), "bands of the bank and of the frames");
        let is_positive = |matrix: &Matrix<T>| matrix.elements().iter().all(|&x| x >= T::ZERO);
        assert!(is_positive(weights) && is_positive(bands), "a weight or a band is not >= 0");
        let (bins, frames) = (weights.columns(), bands.columns());
        let mut problem = Problem::new(self.units, weights, bands);
        let rates = problem.rates();
        let mut x = problem.start.clone();
        let (mut y, mut g) = (x.clone(), Matrix::zeros(bins, frames));
        let mut t = vec![T::ONE; frames];
        let [two, four] = [2.0, 4.0].map(T::from_f64);
        for _ in 0..self.iterations {
            problem.slope(&y, Some(bands), &mut g);
            let mut climb = vec![T::ZERO; frames];
            for k in 0..bins {
                let steps = g.row_mut(k).iter_mut().zip(y.row(k)).zip(x.row(k));
                for (((next, &y), &x), (climb, &rate)) in steps.zip(climb.iter_mut().zip(&rates)) {
                    *next = T::ZERO.max(y - *next * rate); // (IB.5)
                    *climb += (y - *next) * (*next - x); // (IB.6)
                }
            }
            let mut factors = vec![T::ZERO; frames];
            for ((t, factor), &climb) in t.iter_mut().zip(&mut factors).zip(&climb) {
                if climb > T::ZERO {
                    *t = T::ONE; // (IB.6)
                }
                let next = (T::ONE + Element::sqrt(T::ONE + four * *t * *t)) / two; // (IB.7)
                (*factor, *t) = ((*t - T::ONE) / next, next); // (IB.7)
            }
            for k in 0..bins {
                let points = y.row_mut(k).iter_mut().zip(x.row_mut(k)).zip(g.row(k));
                for (((y, x), &next), &factor) in points.zip(&factors) {
                    *y = next + factor * (next - *x); // (IB.7)
                    *x = next;
                }
            }
        }
        problem.slope(&x, Some(bands), &mut g);
        let violation = problem.violations(&x, &g);
        times(&mut x, &problem.bin_units);
        Inversion { power: x, violation }
    }
}

/// m_b of each frame.
fn band_units<T: Real>(units: Units, bands: &Matrix<T>) -> Matrix<T> {
    let mut most = vec![T::ZERO; bands.columns()];
    for b in 0..bands.rows() {
        most.iter_mut().zip(bands.row(b)).for_each(|(most, &y)| *most = most.max(y));
    }
    let least = T::from_f64(LEAST_UNIT);
    Matrix::from_function(bands.rows(), bands.columns(), |b, t| match units {
        Units::Scaled if most[t] > T::ZERO => bands.row(b)[t].max(least * most[t]),
        _ => T::ONE,
    })
}

/// s, bins x frames.
fn smooth<T: Real>(weights: &Matrix<T>, bands: &Matrix<T>) -> Matrix<T> {
    let areas: Vec<T> = (0..weights.rows()).map(|b| plain_sum(weights.row(b).iter().copied())).collect();
    let all: Vec<T> =
        (0..weights.columns()).map(|k| plain_sum((0..weights.rows()).map(|b| weights.row(b)[k]))).collect();
    let means = Matrix::from_function(bands.rows(), bands.columns(), |b, t| {
        if areas[b] > T::ZERO { bands.row(b)[t] / areas[b] } else { T::ZERO }
    });
    let mut s = Matrix::zeros(weights.columns(), bands.columns());
    Product::new().store(weights.view().transposed(), means.view(), s.view_mut());
    for (k, &all) in all.iter().enumerate() {
        let scale = if all > T::ZERO { T::ONE / all } else { T::ZERO };
        s.row_mut(k).iter_mut().for_each(|s| *s *= scale); // (IB.4)
    }
    s
}

/// The sum in the order of the terms.
fn plain_sum<T: Real>(terms: impl Iterator<Item = T>) -> T {
    terms.fold(T::ZERO, |sum, x| sum + x)
}

/// Multiplies element by element.
fn times<T: Real>(to: &mut Matrix<T>, factors: &Matrix<T>) {
    to.elements_mut().iter_mut().zip(factors.elements()).for_each(|(x, &factor)| *x *= factor);
}

/// What does not change from step to step.
struct Problem<'a, T> {
    weights: &'a Matrix<T>,
    bands: &'a Matrix<T>,
    /// m_b, bands x frames.
    band_units: Matrix<T>,
    /// d_k, bins x frames.
    bin_units: Matrix<T>,
    /// s_k/d_k, bins x frames; 0 where s_k is 0.
    start: Matrix<T>,
    product: Product<T>,
}

impl<'a, T: Real> Problem<'a, T> {
    fn new(units: Units, weights: &'a Matrix<T>, bands: &'a Matrix<T>) -> Self {
        let s = smooth(weights, bands);
        let sign = |k: usize, t: usize| if s.row(k)[t] > T::ZERO { T::ONE } else { T::ZERO };
        let ones = Matrix::from_function(s.rows(), s.columns(), sign);
        let (bin_units, start) = if units == Units::Scaled { (s, ones) } else { (ones, s) };
        Problem { weights, bands, band_units: band_units(units, bands), bin_units, start, product: Product::new() }
    }

    /// Writes d_k·g_k at p_k = d_k·y_k; without `bands`, as if they were 0: H·y.
    fn slope(&mut self, y: &Matrix<T>, bands: Option<&Matrix<T>>, slope: &mut Matrix<T>) {
        let mut p = y.clone();
        times(&mut p, &self.bin_units);
        let mut residuals = Matrix::zeros(self.weights.rows(), y.columns());
        self.product.store(self.weights.view(), p.view(), residuals.view_mut());
        if let Some(bands) = bands {
            residuals.elements_mut().iter_mut().zip(bands.elements()).for_each(|(r, &y)| *r -= y);
        }
        residuals.elements_mut().iter_mut().zip(self.band_units.elements()).for_each(|(r, &m)| *r /= m);
        self.product.store(self.weights.view().transposed(), residuals.view(), slope.view_mut()); // (IB.2)
        times(slope, &self.bin_units);
    }

    /// 1/L of each frame; 0 for a frame of silence.
    fn rates(&mut self) -> Vec<T> {
        let (bins, frames) = (self.weights.columns(), self.bands.columns());
        let mut z = Matrix::from_function(bins, frames, |_, _| T::ONE);
        let mut next = z.clone();
        let mut bounds = vec![T::ZERO; frames];
        for _ in 0..=EIGENVECTOR_STEPS {
            self.slope(&z, None, &mut next);
            bounds.fill(T::ZERO);
            let mut most = bounds.clone();
            for k in 0..bins {
                for (t, (&next, &z)) in next.row(k).iter().zip(z.row(k)).enumerate() {
                    if z > T::ZERO {
                        bounds[t] = bounds[t].max(next / z); // (IB.8)
                    }
                    most[t] = most[t].max(next);
                }
            }
            for k in 0..bins {
                let pairs = z.row_mut(k).iter_mut().zip(next.row(k)).zip(&most);
                pairs.for_each(|((z, &next), &most)| *z = if most > T::ZERO { next / most } else { T::ZERO });
            }
        }
        bounds.into_iter().map(|bound| if bound > T::ZERO { T::ONE / bound } else { T::ZERO }).collect()
    }

    /// v of each frame, from x and d_k·g_k.
    fn violations(&self, x: &Matrix<T>, slope: &Matrix<T>) -> Vec<T> {
        let violation = |t: usize| {
            let most = (0..x.rows()).fold(T::ZERO, |most, k| {
                let (x, g) = (x.row(k)[t], slope.row(k)[t] * self.start.row(k)[t]);
                most.max(if x > T::ZERO { g.abs() } else { (-g).max(T::ZERO) }) // (IB.3)
            });
            let square = |b: usize| self.bands.row(b)[t] * (self.bands.row(b)[t] / self.band_units.row(b)[t]);
            let all = plain_sum((0..self.bands.rows()).map(square));
            if all > T::ZERO { most / all } else { T::ZERO } // (IB.3)
        };
        (0..x.columns()).map(violation).collect()
    }
}

/// The logarithms of `bands` bands from the first cepstral coefficients, coefficients x frames: bands x frames.
///
/// # Panics
/// If there are more coefficients than bands, or there is no memory for the result.
pub fn bands_from_cepstrum<T: Real>(coefficients: &Matrix<T>, bands: usize) -> Matrix<T> {
    let dct = dct::<T>(coefficients.rows(), bands);
    let mut logarithms = Matrix::zeros(bands, coefficients.columns());
    Product::new().store(dct.view().transposed(), coefficients.view(), logarithms.view_mut()); // (IB.9)
    logarithms
}

/// The power of the bins of one frame, equation by equation.
pub fn by_definition(settings: &InvertBank, weights: &Matrix<f64>, bands: &[f64]) -> Vec<f64> {
    let (bins, most) = (weights.columns(), bands.iter().fold(0.0, |most, &y| Real::max(most, y)));
    let w = |b: usize, k: usize| weights.row(b)[k];
    let unit = |b: usize| match settings.units {
        Units::Scaled if most > 0.0 => Real::max(bands[b], LEAST_UNIT * most),
        _ => 1.0,
    };
    let gradient = |p: &[f64], bands: &[f64]| -> Vec<f64> {
        let mut g = vec![0.0; bins];
        for b in 0..bands.len() {
            let band = (0..bins).fold(0.0, |sum, j| sum + w(b, j) * p[j]);
            for k in 0..bins {
                g[k] += w(b, k) * (band - bands[b]) / unit(b); // (IB.2)
            }
        }
        g
    };
    let mut s = vec![0.0; bins];
    for k in 0..bins {
        let (mut means, mut all) = (0.0, 0.0);
        for b in 0..bands.len() {
            let area = (0..bins).fold(0.0, |sum, j| sum + w(b, j));
            if area > 0.0 {
                means += w(b, k) * (bands[b] / area);
                all += w(b, k);
            }
        }
        s[k] = if all > 0.0 { means / all } else { 0.0 }; // (IB.4)
    }
    let sign: Vec<f64> = s.iter().map(|&s| if s > 0.0 { 1.0 } else { 0.0 }).collect();
    let (d, start) = if settings.units == Units::Scaled { (s, sign) } else { (sign, s) };
    let scaled = |y: &[f64]| -> Vec<f64> { y.iter().zip(&d).map(|(y, d)| y * d).collect() };
    let (mut z, mut bound) = (vec![1.0; bins], 0.0);
    for _ in 0..=EIGENVECTOR_STEPS {
        // H·z: the gradient for bands of 0, times d.
        let next = scaled(&gradient(&scaled(&z), &vec![0.0; bands.len()]));
        bound = (0..bins).filter(|&k| z[k] > 0.0).fold(0.0, |most, k| Real::max(most, next[k] / z[k])); // (IB.8)
        let most = next.iter().fold(0.0, |most, &x| Real::max(most, x));
        z = next.iter().map(|x| if most > 0.0 { x / most } else { 0.0 }).collect();
    }
    let (mut x, mut y, mut t) = (start.clone(), start, 1.0);
    for _ in 0..settings.iterations {
        let g = gradient(&scaled(&y), bands);
        let step = |k: usize| if bound > 0.0 { d[k] * g[k] / bound } else { 0.0 };
        let next: Vec<f64> = (0..bins).map(|k| Real::max(0.0, y[k] - step(k))).collect(); // (IB.5)
        if (0..bins).fold(0.0, |sum, k| sum + (y[k] - next[k]) * (next[k] - x[k])) > 0.0 {
            t = 1.0; // (IB.6)
        }
        let longer = (1.0 + Element::sqrt(1.0 + 4.0 * t * t)) / 2.0; // (IB.7)
        for k in 0..bins {
            y[k] = next[k] + (t - 1.0) / longer * (next[k] - x[k]); // (IB.7)
        }
        (x, t) = (next, longer);
    }
    scaled(&x)
}

/// J of one frame in units of 1, at the power p.
pub fn cost(weights: &Matrix<f64>, bands: &[f64], p: &[f64]) -> f64 {
    let residual = |b: usize| weights.row(b).iter().zip(p).fold(0.0, |sum, (w, p)| sum + w * p) - bands[b];
    0.5 * (0..bands.len()).fold(0.0, |sum, b| sum + residual(b) * residual(b)) // (IB.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;
    use crate::number::sum::squared_distance;
    use crate::spectrum::bank::Bank;
    use crate::spectrum::mel::{MelSettings, Norm, Scale};

    fn column(values: &[f64]) -> Matrix<f64> {
        Matrix::from_rows(values.len(), 1, values.to_vec())
    }

    fn banks() -> [Matrix<f64>; 3] {
        let mel = MelSettings { scale: Scale::Slaney, norm: Norm::Area, bands: 40, lowest: 0.0, highest: 4000.0 };
        let mel = Bank::mel(&mel, 256, 8000.0).unwrap();
        [mel, Bank::bark(17, 256, 8000.0), Bank::chroma(512, 8000.0)].map(|bank| bank.matrix())
    }

    /// Bands of drawn spectra with a few strong bins.
    fn drawn(weights: &Matrix<f64>, frames: usize) -> Matrix<f64> {
        let mut random = Random::new(2);
        let power = Matrix::from_function(weights.columns(), frames, |_, _| {
            let x: f64 = random.normal();
            Real::exp(3.0 * x)
        });
        let mut bands = Matrix::zeros(weights.rows(), frames);
        Product::new().store(weights.view(), power.view(), bands.view_mut());
        bands
    }

    fn applied(weights: &Matrix<f64>, p: &[f64]) -> Vec<f64> {
        (0..weights.rows()).map(|b| plain_sum(weights.row(b).iter().zip(p).map(|(w, p)| w * p))).collect()
    }

    #[test]
    fn two_bins_by_hand() {
        let weights = Matrix::from_rows(2, 2, vec![1.0, 1.0, 0.0, 1.0]);
        let settings = InvertBank { iterations: 100, units: Units::One };
        let p = settings.power(&weights, &column(&[1.0, 2.0])).power.column(0);
        assert!(p[0] == 0.0 && (p[1] - 1.5).abs() < 1e-13, "{p:?}");
        assert!((cost(&weights, &[1.0, 2.0], &p) - 0.25).abs() < 1e-13);
        let p = settings.power(&Matrix::from_rows(1, 2, vec![1.0, 0.5]), &column(&[2.0])).power.column(0);
        assert!(p.iter().all(|p| (p - 4.0 / 3.0).abs() < 1e-15), "{p:?}");
    }

    #[test]
    fn minima_are_those_of_scipy() {
        // scipy.optimize.nnls, version 1.17: weights, bands, the bands of its minimum, and the root of 2·J.
        type Case = (usize, &'static [f64], &'static [f64], &'static [f64], f64);
        const CASES: [Case; 3] = [
            (
                3,
                &[0.35, 0.08, 0.12, 0.12, 0.98, 0.49, 0.54, 0.06, 0.55, 0.0, 0.0, 0.79],
                &[0.02, 1.96, 1.65, 1.57],
                &[0.4276178771094274, 1.9426645270654612, 1.3896555551182312, 1.7000882040123613],
                0.5011536921594199,
            ),
            (
                5,
                &[0.0, 0.0, 0.79, 0.21, 0.48, 0.0, 0.0, 0.3, 0.66, 0.36, 0.0, 0.81, 0.0, 0.22, 0.42],
                &[0.64, 0.84, 1.77],
                &[0.64, 0.84, 1.77],
                0.0,
            ),
            (
                5,
                &[
                    0.24, 0.35, 0.96, 0.0, 0.85, 0.11, 0.04, 0.83, 0.0, 0.81, 0.76, 0.85, 0.0, 0.0, 0.69, 0.21, 0.0,
                    0.57, 0.72, 0.96, 0.0, 0.0, 0.78, 0.0, 0.0,
                ],
                &[0.9, 0.84, 1.09, 1.74, 1.26],
                &[1.2295526111779393, 0.9383931423687887, 0.9716896416535895, 1.74, 0.7496963911577996],
                0.6266524140931977,
            ),
        ];
        let settings = InvertBank { iterations: 3000, units: Units::One };
        for (bins, weights, bands, expected, norm) in CASES {
            let weights = Matrix::from_rows(bands.len(), bins, weights.to_vec());
            let found = settings.power(&weights, &column(bands));
            let p = found.power.column(0);
            // The bins need not agree, where there are more of them than bands.
            assert!(applied(&weights, &p).iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-7), "{p:?}");
            assert!((2.0 * cost(&weights, bands, &p) - norm * norm).abs() < 1e-12);
            assert!(found.violation[0] < 1e-9, "{:?}", found.violation);
        }
    }

    #[test]
    fn steps_are_the_definition_and_frames_do_not_affect_each_other() {
        for weights in banks() {
            for units in [Units::One, Units::Scaled] {
                let settings = InvertBank { iterations: 12, units };
                let bands = drawn(&weights, 3);
                let together = settings.power(&weights, &bands);
                for t in 0..3 {
                    let alone = settings.power(&weights, &column(&bands.column(t)));
                    assert_eq!(alone.power.column(0), together.power.column(t));
                    assert_eq!(alone.violation[0], together.violation[t]);
                    let expected = by_definition(&settings, &weights, &bands.column(t));
                    let loudest = expected.iter().fold(0.0, |most, &p| Real::max(most, p));
                    let near = alone.power.column(0).iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-9 * loudest);
                    assert!(near, "{units:?}, {} bands", weights.rows());
                }
            }
        }
    }

    #[test]
    fn steps_lower_the_cost_to_bands_that_are_right() {
        for weights in banks() {
            let bands = drawn(&weights, 4);
            for units in [Units::One, Units::Scaled] {
                let at = |iterations: usize| InvertBank { iterations, units }.power(&weights, &bands);
                let [none, some, many] = [0, 50, 1000].map(at);
                for t in 0..4 {
                    let cost = |found: &Inversion<f64>| cost(&weights, &bands.column(t), &found.power.column(t));
                    assert!(cost(&some) < 0.1 * cost(&none) && cost(&many) < 0.1 * cost(&some), "{units:?}");
                    assert!(many.violation[t] < 1e-4 && many.violation[t] < 0.1 * none.violation[t]);
                }
                let p = many.power.column(0);
                let given = bands.column(0);
                let error = squared_distance(&applied(&weights, &p), &given)
                    / squared_distance(&given, &[0.0; 40][..given.len()]);
                assert!(error < 1e-6 && p.iter().all(|&p| p >= 0.0), "{units:?}: {error:e}");
            }
        }
    }

    #[test]
    fn the_conditions_hold_at_the_minimum_and_nowhere_near() {
        let weights = Matrix::from_rows(2, 2, vec![1.0, 1.0, 0.0, 1.0]);
        let bands = column(&[1.0, 2.0]);
        let problem = Problem::new(Units::One, &weights, &bands);
        let violation = |p: [f64; 2]| {
            let [first, second] = applied(&weights, &p)[..] else { unreachable!() };
            let slope = column(&[first - 1.0, first - 1.0 + second - 2.0]);
            problem.violations(&column(&p), &slope)[0]
        };
        assert_eq!(violation([0.0, 1.5]), 0.0);
        for wrong in [[0.1, 1.5], [0.0, 1.4], [0.0, 1.6], [-1.0, 2.0 + 1e-3], [0.0, 0.0]] {
            assert!(violation(wrong) > 1e-4, "{wrong:?}");
        }
        // Every minimum is at least as good as all points around it.
        let best = cost(&weights, &[1.0, 2.0], &[0.0, 1.5]);
        let mut random = Random::new(1);
        for _ in 0..1000 {
            let p = [random.uniform(0.0, 0.5), random.uniform(1.0, 2.0)];
            assert!(cost(&weights, &[1.0, 2.0], &p) >= best);
        }
    }

    #[test]
    fn the_bound_is_above_the_largest_eigenvalue_and_near_it() {
        for weights in banks() {
            let bands = drawn(&weights, 2);
            for units in [Units::One, Units::Scaled] {
                let mut problem = Problem::new(units, &weights, &bands);
                let rates = problem.rates();
                // The eigenvalue by many more steps, from below: the quotient of Rayleigh.
                let d = &problem.bin_units;
                for t in 0..2 {
                    let mut z = vec![1.0; weights.columns()];
                    let mut eigenvalue = 0.0;
                    for _ in 0..300 {
                        let p: Vec<f64> = (0..z.len()).map(|k| d.row(k)[t] * z[k]).collect();
                        let r: Vec<f64> = applied(&weights, &p)
                            .iter()
                            .enumerate()
                            .map(|(b, r)| r / problem.band_units.row(b)[t])
                            .collect();
                        let next: Vec<f64> = (0..z.len())
                            .map(|k| d.row(k)[t] * plain_sum((0..r.len()).map(|b| weights.row(b)[k] * r[b])))
                            .collect();
                        let square = |x: &[f64], y: &[f64]| plain_sum(x.iter().zip(y).map(|(x, y)| x * y));
                        eigenvalue = square(&z, &next) / square(&z, &z);
                        let norm = Element::sqrt(square(&next, &next));
                        z = next.iter().map(|x| x / norm).collect();
                    }
                    let bound = 1.0 / rates[t];
                    assert!(bound >= eigenvalue * (1.0 - 1e-12) && bound < 5.0 * eigenvalue, "{bound}, {eigenvalue}");
                }
            }
        }
    }

    #[test]
    fn silence_and_bins_in_no_band_have_no_power() {
        let [mel, ..] = banks();
        let mut bands = drawn(&mel, 2);
        (0..40).for_each(|b| bands.row_mut(b)[1] = 0.0);
        let found = InvertBank::default().power(&mel, &bands);
        assert!((0..129).all(|k| found.power.row(k)[1] == 0.0) && found.violation[1] == 0.0);
        assert_eq!((found.power.row(0)[0], found.power.row(128)[0]), (0.0, 0.0));
        // One band of 0 between others.
        bands.row_mut(20)[0] = 0.0;
        let found = InvertBank::default().power(&mel, &bands);
        assert!(found.power.elements().iter().all(|p| p.is_finite()) && found.violation[0].is_finite());
        let f = InvertBank::default().power(&mel.map(|x| x as f32), &drawn(&mel, 1).map(|x| x as f32));
        assert!(f.power.elements().iter().all(|p| *p >= 0.0 && p.is_finite()));
    }

    #[test]
    fn first_coefficients_give_smooth_bands() {
        let root_half = Element::sqrt(0.5);
        let mean = bands_from_cepstrum(&column(&[4.0 * root_half]), 2);
        assert!(mean.elements().iter().all(|x| (x - 2.0).abs() < 1e-15));
        let mut random = Random::new(3);
        let x: Vec<f64> = (0..7).map(|_| random.uniform(-1.0, 1.0)).collect();
        let c = crate::spectrum::cepstrum::by_definition(&x, 7);
        for count in 0..=7 {
            let back = bands_from_cepstrum(&column(&c[..count]), 7).column(0);
            let missing = plain_sum(c[count..].iter().map(|c| c * c));
            assert!((squared_distance(&back, &x) - missing).abs() < 1e-14, "{count}");
        }
    }

    #[test]
    #[should_panic(expected = "not >= 0")]
    fn a_negative_band_panics() {
        InvertBank::default().power(&Matrix::from_rows(1, 1, vec![1.0]), &column(&[-1.0]));
    }
}
