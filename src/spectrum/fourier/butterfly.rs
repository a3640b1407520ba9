//! Butterflies: the transforms of 2, 3, 4, 5, 8 and 16 complex numbers, written out.
//!
//! Why: for a fixed small R, most powers of w = e^(-2πi/R) are simple. Products with 1, -1, i and -i take no
//! multiplication, products with (1 - i)/√2 take two.
//!
//! ```text
//! (BU.1)  X_k = Σ_j x_j·w^(jk)                                                                R = 2, 3, 4, 5
//! (BU.2)  X_(k₀+4k₁) = Σ_j₀ [ w^(j₀·k₀)·Σ_j₁ x_(j₀+S·j₁)·e^(-2πi·j₁k₀/4) ]·e^(-2πi·j₀k₁/S)      R = 4·S, S = 2, 4
//! ```
//!
//! (BU.2) is (SK.1) to (SK.3) with j = j₀ + S·j₁ and k = k₀ + 4·k₁: 8 = 2·4, 16 = 4·4 (J. Cooley and J. Tukey 1965).
//!
//! By hand, R = 4: with e = a + c, f = a - c, g = b + d, h = b - d, the transform of (a, b, c, d) is (e + g, f - i·h,
//! e - g, f + i·h): eight additions of complex numbers, no product.
//!
//! Why 3 and 5 have so few products: w^(-k) is the conjugate of wᵏ, so x_1 and x_(R-1) share their cosines and, up to
//! the sign, their sines. The sums go with the cosines, the differences with the sines. For R = 3, w = -½ - i·√3/2 and
//! w² = -½ + i·√3/2:
//!
//! ```text
//! X_0 = x_0 + (x_1 + x_2)
//! X_1 = x_0 - ½·(x_1 + x_2) - i·√3/2·(x_1 - x_2)
//! X_2 = x_0 - ½·(x_1 + x_2) + i·√3/2·(x_1 - x_2)
//! ```
//!
//! Each number is in a register together with its neighbors, which are transformed alike.

use crate::machine::{Lanes, Vector};
use crate::number::Real;

/// Complex numbers in registers: the real parts, the imaginary parts.
pub type Complex<V, const R: usize> = [[V; R]; 2];

/// cos π/8, sin π/8.
pub(crate) const SIXTEENTH: [f64; 2] = [0.923_879_532_511_286_7, 0.382_683_432_365_089_8];

/// 1/√2.
pub(crate) const EIGHTH: f64 = core::f64::consts::FRAC_1_SQRT_2;

/// Cosines and sines of a sixteenth, an eighth, a fifth and a third of a circle, in every element of a register.
#[derive(Clone, Copy)]
pub struct Constants<V> {
    /// [`SIXTEENTH`].
    sixteenth: [V; 2],
    /// [`EIGHTH`].
    eighth: V,
    /// cos 2π/5, sin 2π/5, cos 4π/5, sin 4π/5.
    fifths: [V; 4],
    /// sin 2π/3.
    third: V,
    half: V,
}

impl<V: Copy> Constants<V> {
    /// The constants on these lanes.
    #[inline(always)]
    pub fn new<T: Real, L: Lanes<T, Vector = V>>(lanes: L) -> Self {
        let splat = |x| lanes.splat(T::from_f64(x));
        Constants {
            sixteenth: [splat(SIXTEENTH[0]), splat(SIXTEENTH[1])],
            eighth: splat(EIGHTH),
            fifths: [
                splat(0.309_016_994_374_947_45),
                splat(0.951_056_516_295_153_5),
                splat(-0.809_016_994_374_947_5),
                splat(0.587_785_252_292_473_1),
            ],
            third: splat(0.866_025_403_784_438_6),
            half: lanes.splat(T::HALF),
        }
    }
}

/// A complex number in registers.
type Pair<V> = (V, V);

#[inline(always)]
fn add<T, V: Vector<T>>(a: Pair<V>, b: Pair<V>) -> Pair<V> {
    (a.0 + b.0, a.1 + b.1)
}

#[inline(always)]
fn sub<T, V: Vector<T>>(a: Pair<V>, b: Pair<V>) -> Pair<V> {
    (a.0 - b.0, a.1 - b.1)
}

/// a - i·b.
#[inline(always)]
fn sub_i_times<T, V: Vector<T>>(a: Pair<V>, b: Pair<V>) -> Pair<V> {
    (a.0 + b.1, a.1 - b.0)
}

/// a + i·b.
#[inline(always)]
fn add_i_times<T, V: Vector<T>>(a: Pair<V>, b: Pair<V>) -> Pair<V> {
    (a.0 - b.1, a.1 + b.0)
}

#[inline(always)]
fn scale<T, V: Vector<T>>(a: Pair<V>, factor: V) -> Pair<V> {
    (a.0 * factor, a.1 * factor)
}

/// The product of two complex numbers.
#[inline(always)]
pub fn product<T, V: Vector<T>>(a: Pair<V>, w: Pair<V>) -> Pair<V> {
    (a.0 * w.0 - a.1 * w.1, a.0 * w.1 + a.1 * w.0)
}

#[inline(always)]
fn four<T, V: Vector<T>>([a, b, c, d]: [Pair<V>; 4]) -> [Pair<V>; 4] {
    let (e, f) = (add(a, c), sub(a, c));
    let (g, h) = (add(b, d), sub(b, d));
    [add(e, g), sub_i_times(f, h), sub(e, g), add_i_times(f, h)]
}

#[inline(always)]
fn three<T, V: Vector<T>>(c: &Constants<V>, [x, y, z]: [Pair<V>; 3]) -> [Pair<V>; 3] {
    let (sum, difference) = (add(y, z), scale(sub(y, z), c.third));
    let middle = sub(x, scale(sum, c.half));
    [add(x, sum), sub_i_times(middle, difference), add_i_times(middle, difference)]
}

#[inline(always)]
fn five<T, V: Vector<T>>(c: &Constants<V>, [x, y1, y2, y3, y4]: [Pair<V>; 5]) -> [Pair<V>; 5] {
    let [cos1, sin1, cos2, sin2] = c.fifths;
    let (sum1, sum2, odd1, odd2) = (add(y1, y4), add(y2, y3), sub(y1, y4), sub(y2, y3));
    let even1 = add(add(x, scale(sum1, cos1)), scale(sum2, cos2));
    let even2 = add(add(x, scale(sum1, cos2)), scale(sum2, cos1));
    let sines1 = add(scale(odd1, sin1), scale(odd2, sin2));
    let sines2 = sub(scale(odd1, sin2), scale(odd2, sin1));
    [
        add(add(x, sum1), sum2),
        sub_i_times(even1, sines1),
        sub_i_times(even2, sines2),
        add_i_times(even2, sines2),
        add_i_times(even1, sines1),
    ]
}

/// a·(1 - i)/√2.
#[inline(always)]
fn times_w8<T, V: Vector<T>>(c: &Constants<V>, a: Pair<V>) -> Pair<V> {
    scale((a.0 + a.1, a.1 - a.0), c.eighth)
}

/// a·(-1 - i)/√2.
#[inline(always)]
fn times_w8_cubed<T, V: Vector<T>>(c: &Constants<V>, a: Pair<V>) -> Pair<V> {
    scale((a.1 - a.0, -(a.0 + a.1)), c.eighth)
}

/// -i·a.
#[inline(always)]
fn times_minus_i<T, V: Vector<T>>(a: Pair<V>) -> Pair<V> {
    (a.1, -a.0)
}

#[inline(always)]
fn eight<T, V: Vector<T>>(c: &Constants<V>, [x0, x1, x2, x3, x4, x5, x6, x7]: [Pair<V>; 8]) -> [Pair<V>; 8] {
    let [a0, a1, a2, a3] = four([x0, x2, x4, x6]);
    let [b0, b1, b2, b3] = four([x1, x3, x5, x7]);
    let (b1, b2, b3) = (times_w8(c, b1), times_minus_i(b2), times_w8_cubed(c, b3));
    [add(a0, b0), add(a1, b1), add(a2, b2), add(a3, b3), sub(a0, b0), sub(a1, b1), sub(a2, b2), sub(a3, b3)]
}

#[inline(always)]
fn sixteen<T, V: Vector<T>>(c: &Constants<V>, x: [Pair<V>; 16]) -> [Pair<V>; 16] {
    let [cosine, sine] = c.sixteenth;
    let (w1, w3, w9) = ((cosine, -sine), (sine, -cosine), (-cosine, sine));
    let [a0, a1, a2, a3] = four([x[0], x[4], x[8], x[12]]);
    let [b0, b1, b2, b3] = four([x[1], x[5], x[9], x[13]]);
    let [c0, c1, c2, c3] = four([x[2], x[6], x[10], x[14]]);
    let [d0, d1, d2, d3] = four([x[3], x[7], x[11], x[15]]);
    let [y0, y4, y8, y12] = four([a0, b0, c0, d0]);
    let [y1, y5, y9, y13] = four([a1, product(b1, w1), times_w8(c, c1), product(d1, w3)]);
    let [y2, y6, y10, y14] = four([a2, times_w8(c, b2), times_minus_i(c2), times_w8_cubed(c, d2)]);
    let [y3, y7, y11, y15] = four([a3, product(b3, w3), times_w8_cubed(c, c3), product(d3, w9)]);
    [y0, y1, y2, y3, y4, y5, y6, y7, y8, y9, y10, y11, y12, y13, y14, y15]
}

/// Replaces R numbers by their transform.
///
/// # Panics
/// If R is none of 2, 3, 4, 5, 8, 16.
#[inline(always)]
pub fn butterfly<T: Real, V: Vector<T>, const R: usize>(c: &Constants<V>, x: &mut Complex<V, R>) {
    // R is a constant: one arm is left. (No closures: they would not be compiled for the instruction set.)
    match R {
        2 => {
            let [a, b] = pairs(x);
            store(x, [add(a, b), sub(a, b)]);
        }
        3 => store(x, three(c, pairs(x))),
        4 => store(x, four(pairs(x))), // (BU.1)
        5 => store(x, five(c, pairs(x))),
        8 => store(x, eight(c, pairs(x))),    // (BU.2)
        16 => store(x, sixteen(c, pairs(x))), // (BU.2)
        _ => panic!("no butterfly of {R}"),
    }
}

/// The first S of R numbers.
#[inline(always)]
fn pairs<V: Copy, const R: usize, const S: usize>(x: &Complex<V, R>) -> [Pair<V>; S] {
    let mut pairs = [(x[0][0], x[1][0]); S];
    for i in 1..S {
        pairs[i] = (x[0][i], x[1][i]);
    }
    pairs
}

#[inline(always)]
fn store<V: Copy, const R: usize, const S: usize>(x: &mut Complex<V, R>, pairs: [Pair<V>; S]) {
    for i in 0..S {
        (x[0][i], x[1][i]) = pairs[i];
    }
}
