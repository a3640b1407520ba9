//! Whitening in two dimensions.

use crate::dataset::whiten::{Whitening, WhiteningForm, WhiteningSettings, by_definition};
use crate::machine::Element;
use crate::matrix::Matrix;
use crate::matrix::symmetric::eigen;
use crate::number::Random;
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// A matrix or examples, row by row.
type Rows = Vec<Vec<f64>>;

/// Examples of two values each, and what the chapter's definition makes of them.
#[derive(Clone, Debug)]
struct Input {
    examples: Rows,
    mean: Vec<f64>,
    covariance: Rows,
    lambda: Vec<f64>,
    /// The eigenvectors as columns, a rotation, so that V and Vᵀ differ.
    v: Rows,
    /// ε itself, not as a fraction of the mean λ.
    epsilon: f64,
    /// The first example, whitened.
    z: Vec<f64>,
}

impl Input {
    /// `epsilon` is a fraction of the mean λ.
    fn new(examples: Rows, epsilon: f64) -> Self {
        let x = Matrix::from_function(2, examples.len(), |i, j| examples[j][i]);
        // With ε = 0, the inverse of the whitening times its transpose is V·Λ·Vᵀ = C.
        let exact = WhiteningSettings { retained: 1.0, epsilon: 0.0, form: WhiteningForm::Pca };
        let Whitening { mean, inverse, .. } = Whitening::measure(&exact, &x);
        let element = |i: usize, l: usize| (0..2).fold(0.0, |sum, k| sum + inverse.row(i)[k] * inverse.row(l)[k]);
        let covariance = Matrix::from_function(2, 2, element);
        let eigen = eigen(&covariance);
        let first = eigen.vectors.row(0);
        let v = vec![vec![first[0], -first[1]], vec![first[1], first[0]]];
        let z = by_definition(&WhiteningSettings { epsilon, form: WhiteningForm::Zca, ..exact }, &x).column(0);
        let epsilon = epsilon * (eigen.values[0] + eigen.values[1]) / 2.0;
        let covariance = vec![covariance.row(0).to_vec(), covariance.row(1).to_vec()];
        Input { examples, mean, covariance, lambda: eigen.values, v, epsilon, z }
    }

    /// The first example, less the mean.
    fn point(&self) -> Vec<f64> {
        self.examples[0].iter().zip(&self.mean).map(|(x, mu)| x - mu).collect()
    }

    /// (WN.6) and (WN.7) with other directions in each, and another factor from λ_k and ε.
    fn zca(&self, along: Rows, back: Rows, factor: Factor) -> Vec<f64> {
        let x = self.point();
        let y = [0, 1].map(|k| (along[0][k] * x[0] + along[1][k] * x[1]) * factor(self.lambda[k], self.epsilon));
        [0, 1].map(|i| back[i][0] * y[0] + back[i][1] * y[1]).to_vec()
    }

    /// (WN.2) with another mean and another factor in place of 1/m.
    fn covariance(&self, mean: [f64; 2], factor: f64) -> Rows {
        let mut c = vec![vec![0.0; 2]; 2];
        for x in &self.examples {
            for i in 0..2 {
                for l in 0..2 {
                    c[i][l] += (x[i] - mean[i]) * (x[l] - mean[l]) * factor;
                }
            }
        }
        c
    }

    fn m(&self) -> f64 {
        self.examples.len() as f64
    }
}

fn transposed(v: &[Vec<f64>]) -> Rows {
    vec![vec![v[0][0], v[1][0]], vec![v[0][1], v[1][1]]]
}

fn parts(covariance: &[Vec<f64>], lambda: Vec<f64>, z: Vec<f64>) -> Vec<Part> {
    vec![("covariance", covariance.concat()), ("eigenvalues", lambda), ("zca", z)]
}

/// Another covariance.
type Covariance = fn(&Input) -> Rows;

/// Eigenvalues, from C_00, C_11 and C_01.
type Eigenvalues = fn(f64, f64, f64) -> [f64; 2];

/// What a coordinate is multiplied by, from λ_k and ε.
type Factor = fn(f64, f64) -> f64;

/// The columns along which the point is measured, and those with which it is turned back.
type Directions = fn(&Input) -> (Rows, Rows);

fn judge() -> Judge<Input> {
    let four = [[3.0, 1.0], [1.0, 3.0], [-3.0, -1.0], [-1.0, -3.0]].map(|x| x.to_vec()).to_vec();
    let mut inputs = vec![("x = (3, 1), (1, 3), (-3, -1), (-1, -3), ε = 1".to_string(), Input::new(four, 0.2))];
    let mut random = Random::new(1);
    for (m, epsilon) in [(5, 0.1), (8, 0.4)] {
        let mut example = || {
            let [a, b]: [f64; 2] = [(); 2].map(|()| random.uniform(-1.0, 1.0));
            vec![2.0 + 1.5 * a, b + 0.8 * a - 1.0]
        };
        let input = Input::new((0..m).map(|_| example()).collect(), epsilon);
        inputs.push((format!("{m} random examples, ε = {:.4}", input.epsilon), input));
    }
    let mut judge = Judge::new(inputs, |x: &Input| parts(&x.covariance, x.lambda.clone(), x.z.clone()));
    let covariances: [(&str, Covariance); 6] = [
        ("the mean is not subtracted", |x| x.covariance([0.0; 2], 1.0 / x.m())),
        ("the mean is not divided by m", |x| x.covariance([0, 1].map(|i| x.mean[i] * x.m()), 1.0 / x.m())),
        ("m - 1 in place of m", |x| x.covariance([x.mean[0], x.mean[1]], 1.0 / (x.m() - 1.0))),
        ("the sum of the products is not divided by m", |x| x.covariance([x.mean[0], x.mean[1]], 1.0)),
        ("the elements off the diagonal are 0: value 0 times value 1 is forgotten", |x| {
            vec![vec![x.covariance[0][0], 0.0], vec![0.0, x.covariance[1][1]]]
        }),
        ("only the products of the last example: `=` in place of `+=`", |x| {
            let last = x.examples.len() - 1;
            let deviation = [0, 1].map(|i| x.examples[last][i] - x.mean[i]);
            deviation.map(|a| deviation.map(|b| a * b / x.m()).to_vec()).to_vec()
        }),
    ];
    for (what, covariance) in covariances {
        judge = judge.mistake(what, move |x: &Input| parts(&covariance(x), x.lambda.clone(), x.z.clone()));
    }
    let eigenvalues: [(&str, Eigenvalues); 11] = [
        ("the smaller eigenvalue comes first", |a, d, b| {
            let [first, second] = roots(a + d, a * d - b * b);
            [second, first]
        }),
        ("+ in place of - in the determinant", |a, d, b| roots(a + d, a * d + b * b)),
        ("the elements off the diagonal are not used", |a, d, _| roots(a + d, a * d)),
        ("the sum of the diagonal has the wrong sign", |a, d, b| roots(-a - d, a * d - b * b)),
        ("in the quadratic formula, the 4 under the root is forgotten", |a, d, b| roots(a + d, (a * d - b * b) / 4.0)),
        ("in the quadratic formula, nothing is divided by 2", |a, d, b| {
            roots(a + d, a * d - b * b).map(|root| 2.0 * root)
        }),
        ("in the quadratic formula, the root is not divided by 2", |a, d, b| {
            let [first, second] = roots(a + d, a * d - b * b);
            [first + (first - second) / 2.0, second - (first - second) / 2.0]
        }),
        ("outside the root, the sum of the diagonal is not divided by 2", |a, d, b| {
            roots(a + d, a * d - b * b).map(|root| root + (a + d) / 2.0)
        }),
        ("T in place of T/2 under the root: √(T² - D)", |a, d, b| {
            around((a + d) / 2.0, (a + d) * (a + d) - (a * d - b * b))
        }),
        ("C_00 - C_11 is not divided by 2 under the root", |a, d, b| around((a + d) / 2.0, (a - d) * (a - d) + b * b)),
        ("C_01 is not squared under the root", |a, d, b| around((a + d) / 2.0, (a - d) * (a - d) / 4.0 + b)),
    ];
    for (what, eigenvalues) in eigenvalues {
        judge = judge.mistake(what, move |x: &Input| {
            let c = &x.covariance;
            parts(c, eigenvalues(c[0][0], c[1][1], c[0][1]).to_vec(), x.z.clone())
        });
    }
    let right = |lambda: f64, epsilon: f64| 1.0 / Element::sqrt(lambda + epsilon);
    let factors: [(&str, Factor); 5] = [
        ("division by λ + ε in place of its square root", |lambda, epsilon| 1.0 / (lambda + epsilon)),
        ("multiplication by √(λ + ε) in place of division", |lambda, epsilon| Element::sqrt(lambda + epsilon)),
        ("ε is forgotten", |lambda, _| 1.0 / Element::sqrt(lambda)),
        ("ε is added outside the root", |lambda, epsilon| 1.0 / (Element::sqrt(lambda) + epsilon)),
        ("no division by √(λ + ε), so that z is the point itself", |_, _| 1.0),
    ];
    let identity = || vec![vec![1.0, 0.0], vec![0.0, 1.0]];
    for (what, factor) in factors {
        let z = move |x: &Input| x.zca(x.v.clone(), x.v.clone(), factor);
        judge = judge.mistake(what, move |x: &Input| parts(&x.covariance, x.lambda.clone(), z(x)));
    }
    let directions: [(&str, Directions); 3] = [
        ("V and Vᵀ are swapped", |x| (transposed(&x.v), transposed(&x.v))),
        ("rows of V in place of columns in y", |x| (transposed(&x.v), x.v.clone())),
        ("rows of V in place of columns in z", |x| (x.v.clone(), transposed(&x.v))),
    ];
    for (what, directions) in directions {
        judge = judge.mistake(what, move |x: &Input| {
            let (along, back) = directions(x);
            parts(&x.covariance, x.lambda.clone(), x.zca(along, back, right))
        });
    }
    judge =
        judge.mistake("λ_0 in place of λ_k: both coordinates are divided by the same number", move |x: &Input| {
            let z = x.point().iter().map(|u| u * right(x.lambda[0], x.epsilon)).collect();
            parts(&x.covariance, x.lambda.clone(), z)
        });
    judge.mistake("y in place of z: the point is not rotated back", move |x: &Input| {
        parts(&x.covariance, x.lambda.clone(), x.zca(x.v.clone(), identity(), right))
    })
}

/// The center plus and minus a square root.
fn around(center: f64, square: f64) -> [f64; 2] {
    let root = Element::sqrt(square);
    [center + root, center - root]
}

/// The solutions of λ² - T·λ + D = 0, the larger one first.
fn roots(t: f64, d: f64) -> [f64; 2] {
    let root = Element::sqrt(t * t - 4.0 * d);
    [(t + root) / 2.0, (t - root) / 2.0]
}

/// Whitens a point from (x - μ, λ, V, ε).
pub type Zca = fn(&[f64], &[f64], &[Vec<f64>], f64) -> Vec<f64>;

/// Checks the covariance of examples, the eigenvalues of a 2 x 2 matrix, and the ZCA whitening of a point.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(covariance: fn(&[Vec<f64>]) -> Vec<Vec<f64>>, eigenvalues: fn(&[Vec<f64>]) -> Vec<f64>, zca: Zca) {
    judge().check(|x| {
        parts(&covariance(&x.examples), eigenvalues(&x.covariance), zca(&x.point(), &x.lambda, &x.v, x.epsilon))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named() {
        judge().check_itself();
    }

    /// Our covariance and eigenvalues, computed back from the chapter's whitening, are those of its equations.
    #[test]
    fn the_equations_give_the_same() {
        let answer = |x: &Input| {
            let c = x.covariance([x.mean[0], x.mean[1]], 1.0 / x.m());
            let lambda = roots(c[0][0] + c[1][1], c[0][0] * c[1][1] - c[0][1] * c[1][0]);
            let z = x.zca(x.v.clone(), x.v.clone(), |lambda, epsilon| 1.0 / Element::sqrt(lambda + epsilon));
            parts(&c, lambda.to_vec(), z)
        };
        assert_eq!(judge().verdict(answer), None);
    }
}
