//! The residuals r_i(x) of the 35 problems, pushed onto `r`. i counts from 1 as in the paper.

use super::dual::{Dual, c};
use ossicle::machine::Element;
use ossicle::number::Real;

type R = Vec<Dual>;

const BARD: [f64; 15] = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39];
const GAUSS: [f64; 15] = [
    0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989, 0.3521, 0.2420, 0.1295, 0.0540, 0.0175, 0.0044,
    0.0009,
];
const MEYER: [f64; 16] = [
    34780.0, 28610.0, 23650.0, 19630.0, 16370.0, 13720.0, 11540.0, 9744.0, 8261.0, 7030.0, 6005.0, 5147.0, 4427.0,
    3820.0, 3307.0, 2872.0,
];
const KOWALIK_Y: [f64; 11] = [0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246];
const KOWALIK_U: [f64; 11] = [4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625];
const OSBORNE_1: [f64; 33] = [
    0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628, 0.603,
    0.580, 0.558, 0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411,
    0.406,
];
const OSBORNE_2: [f64; 65] = [
    1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608, 0.655, 0.616, 0.606,
    0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661, 0.612, 0.558, 0.533, 0.495, 0.500, 0.423,
    0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428, 0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668,
    0.645, 0.632, 0.591, 0.559, 0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098,
    0.054,
];

fn sum(terms: impl Iterator<Item = Dual>) -> Dual {
    terms.fold(c(0.0), |sum, x| sum + x)
}

/// 1, 2, ..., m.
fn to(m: usize) -> impl Iterator<Item = f64> {
    (1..=m).map(|i| i as f64)
}

fn square(x: Dual) -> Dual {
    x * x
}

fn sqrt(x: f64) -> f64 {
    Element::sqrt(x)
}

pub fn rosenbrock(x: &[Dual], r: &mut R) {
    for x in x.chunks(2) {
        r.extend([10.0 * (x[1] - square(x[0])), 1.0 - x[0]]);
    }
}

pub fn freudenstein_roth(x: &[Dual], r: &mut R) {
    let (a, b) = (x[0], x[1]);
    r.extend([-13.0 + a + ((5.0 - b) * b - 2.0) * b, -29.0 + a + ((b + 1.0) * b - 14.0) * b]);
}

pub fn powell_badly_scaled(x: &[Dual], r: &mut R) {
    let (a, b) = (x[0], x[1]);
    r.extend([1e4 * a * b - 1.0, (-a).exp() + (-b).exp() - 1.0001]);
}

pub fn brown_badly_scaled(x: &[Dual], r: &mut R) {
    let (a, b) = (x[0], x[1]);
    r.extend([a - 1e6, b - 2e-6, a * b - 2.0]);
}

pub fn beale(x: &[Dual], r: &mut R) {
    let (a, b) = (x[0], x[1]);
    r.extend([1.5 - a * (1.0 - b), 2.25 - a * (1.0 - b * b), 2.625 - a * (1.0 - b * b * b)]);
}

pub fn jennrich_sampson(x: &[Dual], r: &mut R) {
    r.extend(to(10).map(|i| 2.0 + 2.0 * i - ((i * x[0]).exp() + (i * x[1]).exp())));
}

pub fn helical_valley(x: &[Dual], r: &mut R) {
    let half_cycle = if x[0].value < 0.0 { 0.5 } else { 0.0 };
    let cycles = (x[1] / x[0]).arctan() / (2.0 * std::f64::consts::PI) + half_cycle;
    let radius = (square(x[0]) + square(x[1])).sqrt();
    r.extend([10.0 * (x[2] - 10.0 * cycles), 10.0 * (radius - 1.0), x[2]]);
}

pub fn bard(x: &[Dual], r: &mut R) {
    for (u, y) in to(15).zip(BARD) {
        let v = 16.0 - u;
        r.push(y - (x[0] + u / (v * x[1] + u.min(v) * x[2])));
    }
}

pub fn gaussian(x: &[Dual], r: &mut R) {
    for (i, y) in to(15).zip(GAUSS) {
        let t = (8.0 - i) / 2.0;
        r.push(x[0] * (-x[1] * square(t - x[2]) / 2.0).exp() - y);
    }
}

pub fn meyer(x: &[Dual], r: &mut R) {
    for (i, y) in to(16).zip(MEYER) {
        r.push(x[0] * (x[1] / (45.0 + 5.0 * i + x[2])).exp() - y);
    }
}

pub fn gulf(x: &[Dual], r: &mut R) {
    for i in to(99) {
        let t = i / 100.0;
        let y = 25.0 + Real::exp(2.0 / 3.0 * Real::ln(-50.0 * Real::ln(t)));
        let d = if y < x[1].value { x[1] - y } else { y - x[1] };
        // |d| to the power x₃.
        r.push((-(x[2] * d.ln()).exp() / x[0]).exp() - t);
    }
}

pub fn box_3d(x: &[Dual], r: &mut R) {
    for i in to(10) {
        let t = i / 10.0;
        r.push((-t * x[0]).exp() - (-t * x[1]).exp() - x[2] * (Real::exp(-t) - Real::exp(-10.0 * t)));
    }
}

pub fn powell_singular(x: &[Dual], r: &mut R) {
    for x in x.chunks(4) {
        r.extend([x[0] + 10.0 * x[1], sqrt(5.0) * (x[2] - x[3])]);
        r.extend([square(x[1] - 2.0 * x[2]), sqrt(10.0) * square(x[0] - x[3])]);
    }
}

pub fn wood(x: &[Dual], r: &mut R) {
    r.extend([10.0 * (x[1] - square(x[0])), 1.0 - x[0], sqrt(90.0) * (x[3] - square(x[2])), 1.0 - x[2]]);
    r.extend([sqrt(10.0) * (x[1] + x[3] - 2.0), (x[1] - x[3]) / sqrt(10.0)]);
}

pub fn kowalik_osborne(x: &[Dual], r: &mut R) {
    for (y, u) in KOWALIK_Y.into_iter().zip(KOWALIK_U) {
        r.push(y - x[0] * (u * u + u * x[1]) / (u * u + u * x[2] + x[3]));
    }
}

pub fn brown_dennis(x: &[Dual], r: &mut R) {
    for i in to(20) {
        let t = i / 5.0;
        let (sin, cos) = c(t).sin_cos();
        r.push(square(x[0] + t * x[1] - Real::exp(t)) + square(x[2] + x[3] * sin - cos));
    }
}

pub fn osborne_1(x: &[Dual], r: &mut R) {
    for (i, y) in to(33).zip(OSBORNE_1) {
        let t = 10.0 * (i - 1.0);
        r.push(y - (x[0] + x[1] * (-t * x[3]).exp() + x[2] * (-t * x[4]).exp()));
    }
}

pub fn biggs_exp6(x: &[Dual], r: &mut R) {
    for i in to(13) {
        let t = i / 10.0;
        let y = Real::exp(-t) - 5.0 * Real::exp(-10.0 * t) + 3.0 * Real::exp(-4.0 * t);
        r.push(x[2] * (-t * x[0]).exp() - x[3] * (-t * x[1]).exp() + x[5] * (-t * x[4]).exp() - y);
    }
}

pub fn osborne_2(x: &[Dual], r: &mut R) {
    for (i, y) in to(65).zip(OSBORNE_2) {
        let t = (i - 1.0) / 10.0;
        let peaks = (1..4).map(|k| x[k] * (-square(t - x[k + 7]) * x[k + 4]).exp());
        r.push(y - (x[0] * (-t * x[4]).exp() + sum(peaks)));
    }
}

pub fn watson(x: &[Dual], r: &mut R) {
    for i in to(29) {
        let t = i / 29.0;
        // Σ (j - 1)·x_j·t^(j-2) and Σ x_j·t^(j-1), the powers one after the other.
        let (mut derivative, mut value, mut before, mut power) = (c(0.0), c(0.0), 0.0, 1.0);
        for (j, &x) in x.iter().enumerate() {
            derivative = derivative + j as f64 * before * x;
            value = value + power * x;
            (before, power) = (power, power * t);
        }
        r.push(derivative - square(value) - 1.0);
    }
    r.extend([x[0], x[1] - square(x[0]) - 1.0]);
}

pub fn penalty_1(x: &[Dual], r: &mut R) {
    r.extend(x.iter().map(|&x| sqrt(1e-5) * (x - 1.0)));
    r.push(sum(x.iter().map(|&x| square(x))) - 0.25);
}

pub fn penalty_2(x: &[Dual], r: &mut R) {
    let n = x.len();
    let e = |j: usize| (x[j] / 10.0).exp();
    r.push(x[0] - 0.2);
    for j in 1..n {
        let y = Real::exp((j as f64 + 1.0) / 10.0) + Real::exp(j as f64 / 10.0);
        r.push(sqrt(1e-5) * (e(j) + e(j - 1) - y));
    }
    r.extend((1..n).map(|j| sqrt(1e-5) * (e(j) - Real::exp(-0.1))));
    r.push(sum((0..n).map(|j| (n - j) as f64 * square(x[j]))) - 1.0);
}

pub fn variably_dimensioned(x: &[Dual], r: &mut R) {
    r.extend(x.iter().map(|&x| x - 1.0));
    let s = sum(to(x.len()).zip(x).map(|(j, &x)| j * (x - 1.0)));
    r.extend([s, square(s)]);
}

pub fn trigonometric(x: &[Dual], r: &mut R) {
    let n = x.len() as f64;
    let cosines = sum(x.iter().map(|x| x.sin_cos().1));
    for (i, x) in to(x.len()).zip(x) {
        let (sin, cos) = x.sin_cos();
        r.push(n - cosines + i * (1.0 - cos) - sin);
    }
}

pub fn brown_almost_linear(x: &[Dual], r: &mut R) {
    let (n, all) = (x.len(), sum(x.iter().copied()));
    r.extend(x[..n - 1].iter().map(|&x| x + all - (n as f64 + 1.0)));
    r.push(x.iter().fold(c(1.0), |product, &x| product * x) - 1.0);
}

/// x_i, 0 beyond either end.
fn or_zero(x: &[Dual], i: usize) -> Dual {
    if (1..=x.len()).contains(&i) { x[i - 1] } else { c(0.0) }
}

pub fn boundary_value(x: &[Dual], r: &mut R) {
    let h = 1.0 / (x.len() as f64 + 1.0);
    for i in 1..=x.len() {
        let s = x[i - 1] + h * i as f64 + 1.0;
        r.push(2.0 * x[i - 1] - or_zero(x, i - 1) - or_zero(x, i + 1) + h * h * (s * s * s) / 2.0);
    }
}

pub fn integral_equation(x: &[Dual], r: &mut R) {
    let h = 1.0 / (x.len() as f64 + 1.0);
    let t = |j: usize| h * (j as f64 + 1.0);
    let cube = |j: usize| (x[j] + t(j) + 1.0) * square(x[j] + t(j) + 1.0);
    for i in 0..x.len() {
        let before = sum((0..=i).map(|j| t(j) * cube(j)));
        let after = sum((i + 1..x.len()).map(|j| (1.0 - t(j)) * cube(j)));
        r.push(x[i] + h * ((1.0 - t(i)) * before + t(i) * after) / 2.0);
    }
}

pub fn broyden_tridiagonal(x: &[Dual], r: &mut R) {
    for i in 1..=x.len() {
        let z = x[i - 1];
        r.push((3.0 - 2.0 * z) * z - or_zero(x, i - 1) - 2.0 * or_zero(x, i + 1) + 1.0);
    }
}

pub fn broyden_banded(x: &[Dual], r: &mut R) {
    for i in 0..x.len() {
        let neighbors = (i.saturating_sub(5)..x.len().min(i + 2)).filter(|&j| j != i);
        r.push(x[i] * (2.0 + 5.0 * square(x[i])) + 1.0 - sum(neighbors.map(|j| x[j] * (1.0 + x[j]))));
    }
}

/// The linear problems have 20 residuals.
const M: usize = 20;

pub fn linear_full_rank(x: &[Dual], r: &mut R) {
    let rest = -2.0 / M as f64 * sum(x.iter().copied()) - 1.0;
    r.extend((0..M).map(|i| if i < x.len() { x[i] + rest } else { rest }));
}

pub fn linear_rank_1(x: &[Dual], r: &mut R) {
    let s = sum(to(x.len()).zip(x).map(|(j, &x)| j * x));
    r.extend(to(M).map(|i| i * s - 1.0));
}

pub fn linear_rank_1_zeros(x: &[Dual], r: &mut R) {
    let s = sum(to(x.len()).zip(x).take(x.len() - 1).skip(1).map(|(j, &x)| j * x));
    r.extend((0..M).map(|i| if i < M - 1 { i as f64 * s - 1.0 } else { c(-1.0) }));
}

pub fn chebyquad(x: &[Dual], r: &mut R) {
    let n = x.len();
    // T_0 and T_1 of 2x - 1, then each from the two before.
    let mut before = vec![c(1.0); n];
    let mut this: Vec<Dual> = x.iter().map(|&x| 2.0 * x - 1.0).collect();
    for i in 1..=n {
        let integral = if i % 2 == 0 { 1.0 / (i as f64 * i as f64 - 1.0) } else { 0.0 };
        r.push(sum(this.iter().copied()) / n as f64 + integral);
        for j in 0..n {
            let next = 2.0 * (2.0 * x[j] - 1.0) * this[j] - before[j];
            (before[j], this[j]) = (this[j], next);
        }
    }
}
