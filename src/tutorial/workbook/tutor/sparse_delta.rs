//! δ2 with the sparsity penalty.

use crate::matrix::Matrix;
use crate::model::autoencoder::reconstruction_by_definition;
use crate::model::{Activation, Autoencoder};
use crate::number::{Random, Real};
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// What δ2 of all examples is computed from.
#[derive(Clone, Debug)]
struct Input {
    /// W2, a row for each output.
    w2: Vec<Vec<f64>>,
    /// δ3, a row for each example.
    delta3: Vec<Vec<f64>>,
    /// A row for each example.
    a2: Vec<Vec<f64>>,
    rho: f64,
    beta: f64,
}

impl Input {
    /// The numbers of outputs, hidden units, and examples.
    fn sizes(&self) -> [usize; 3] {
        [self.w2.len(), self.a2[0].len(), self.a2.len()]
    }

    fn mean(&self, j: usize) -> f64 {
        self.a2.iter().fold(0.0, |sum, a| sum + a[j]) / self.a2.len() as f64
    }

    /// (W2ᵀ δ3)_j of an example.
    fn back(&self, n: usize, j: usize) -> f64 {
        (0..self.w2.len()).fold(0.0, |sum, i| sum + self.w2[i][j] * self.delta3[n][i])
    }

    /// The slope g' of a unit on an example.
    fn slope(&self, n: usize, j: usize) -> f64 {
        Activation::Sigmoid.slope(self.a2[n][j])
    }

    /// s_j with ρ and ρ̂ in these places.
    fn s(&self, rho: f64, mean: f64) -> f64 {
        self.beta * ((1.0 - rho) / (1.0 - mean) - rho / mean)
    }

    /// s_j as it should be.
    fn push(&self, j: usize) -> f64 {
        self.s(self.rho, self.mean(j))
    }

    /// One value for each example and unit.
    fn each(&self, value: impl Fn(usize, usize) -> f64) -> Vec<Part> {
        let [_, h, m] = self.sizes();
        part((0..m * h).map(|k| value(k / h, k % h)).collect())
    }

    /// δ2 with another s.
    fn with_push(&self, push: impl Fn(usize, usize) -> f64) -> Vec<Part> {
        self.each(|n, j| (self.back(n, j) + push(n, j)) * self.slope(n, j))
    }
}

fn part(delta2: Vec<f64>) -> Vec<Part> {
    vec![("delta2", delta2)]
}

/// δ2 by the definition of the autoencoder, which returns gradients, not δ. Example n reads an input with a 1 in
/// element n and zeros elsewhere, so column n of m·∂J/∂W1 is its δ2, and W1 is chosen such that a2 is the one given.
/// The decoder is linear, and the targets are chosen such that δ3 is the one given; outputs beyond those given have
/// weights of 0.
fn right(input: &Input) -> Vec<Part> {
    let [v, h, m] = input.sizes();
    let visible = v.max(m);
    let linear = Autoencoder { decoder: Activation::Linear, ..Autoencoder::new(visible, h) };
    let model = Autoencoder { sparsity: input.rho, sparsity_weight: input.beta, ..linear };
    let mut theta = vec![0.0; model.dimension()];
    let [w1, w2, ..] = model.blocks();
    for j in 0..h {
        for n in 0..m {
            w1.values_mut(&mut theta)[j * visible + n] = Real::ln(input.a2[n][j] / (1.0 - input.a2[n][j]));
        }
        for i in 0..v {
            w2.values_mut(&mut theta)[i * h + j] = input.w2[i][j];
        }
    }
    let inputs = Matrix::from_function(visible, m, |i, n| if i == n { 1.0 } else { 0.0 });
    let targets = Matrix::from_function(visible, m, |i, n| {
        if i < v { (0..h).fold(-input.delta3[n][i], |y, j| y + input.w2[i][j] * input.a2[n][j]) } else { 0.0 }
    });
    let (_, gradient) = reconstruction_by_definition(&model, &theta, &inputs, &targets);
    input.each(|n, j| m as f64 * w1.values(&gradient)[j * visible + n])
}

/// A judge with inputs of these numbers of outputs, hidden units, and examples, after one to follow by hand.
fn judge(sizes: &[[usize; 3]]) -> Judge<Input> {
    let (delta3, a2) = (vec![vec![0.05], vec![-0.05]], vec![vec![0.2], vec![0.4]]);
    let by_hand = Input { w2: vec![vec![2.0]], delta3, a2, rho: 0.1, beta: 3.0 };
    let mut inputs = vec![("W2 = 2, δ3 = 0.05 and -0.05, a2 = 0.2 and 0.4, ρ = 0.1, β = 3".to_string(), by_hand)];
    let mut random = Random::new(4);
    for &[v, h, m] in sizes {
        let mut draw = |rows: usize, columns: usize, low, high| -> Vec<Vec<f64>> {
            (0..rows).map(|_| (0..columns).map(|_| random.uniform(low, high)).collect()).collect()
        };
        let (w2, delta3, a2) = (draw(v, h, -1.0, 1.0), draw(m, v, -0.5, 0.5), draw(m, h, 0.1, 0.9));
        let input = Input { w2, delta3, a2, rho: random.uniform(0.05, 0.4), beta: random.uniform(1.5, 5.0) };
        inputs.push((format!("{v} random outputs, {h} hidden units, {m} examples"), input));
    }
    Judge::new(inputs, right)
        .mistake("the sparsity term is missing, or s is computed at ρ̂ = ρ, where it is 0", |input| {
            input.with_push(|_, _| 0.0)
        })
        .mistake("s is added after the multiplication by g'(z2)", |input| {
            input.each(|n, j| input.back(n, j) * input.slope(n, j) + input.push(j))
        })
        .mistake("ρ̂ is the activation of the single example, not the mean over all examples", |input| {
            input.with_push(|n, j| input.s(input.rho, input.a2[n][j]))
        })
        .mistake("ρ̂ is a sum over the examples, not divided by m", |input| {
            input.with_push(|_, j| input.s(input.rho, input.mean(j) * input.a2.len() as f64))
        })
        .mistake("ρ̂ is divided by n_h in place of m", |input| {
            let [_, h, m] = input.sizes();
            input.with_push(|_, j| input.s(input.rho, input.mean(j) * m as f64 / h as f64))
        })
        .mistake("ρ̂ is not set to 0 again before each unit, so the means add up", |input| {
            input.with_push(|_, j| input.s(input.rho, (0..=j).fold(0.0, |sum, k| sum + input.mean(k))))
        })
        .mistake("s is added inside the sum over i, once for each output", |input| {
            input.with_push(|_, j| input.push(j) * input.w2.len() as f64)
        })
        .mistake("δ2 is divided by m, although the mean over the examples divides by m later", |input| {
            let m = input.a2.len() as f64;
            input.each(|n, j| (input.back(n, j) + input.push(j)) * input.slope(n, j) / m)
        })
        .mistake("β multiplies only the first term of s: brackets are missing", |input| {
            let s = |r: f64| input.beta * (1.0 - input.rho) / (1.0 - r) - input.rho / r;
            input.with_push(|_, j| s(input.mean(j)))
        })
        .mistake("β is forgotten", |input| input.with_push(|_, j| input.push(j) / input.beta))
        .mistake("-s in place of s", |input| input.with_push(|_, j| -input.push(j)))
        .mistake("ρ and ρ̂ are swapped in s", |input| input.with_push(|_, j| input.s(input.mean(j), input.rho)))
        .mistake("s is divided by m, although the mean over the examples divides by m later", |input| {
            input.with_push(|_, j| input.push(j) / input.a2.len() as f64)
        })
        .mistake("the slope g'(z2) is forgotten", |input| input.each(|n, j| input.back(n, j) + input.push(j)))
        .mistake("W2 is read transposed, w2[j][i] in place of w2[i][j]", |input| {
            let (all, v) = (input.w2.concat(), input.w2.len());
            let back = |n: usize, j: usize| (0..v).fold(0.0, |sum, i| sum + all[j * v + i] * input.delta3[n][i]);
            input.each(|n, j| (back(n, j) + input.push(j)) * input.slope(n, j))
        })
}

/// As many outputs as hidden units: a W2 read transposed is recognized here, since it leads beyond the end elsewhere.
const SQUARE: &[[usize; 3]] = &[[2, 2, 3], [3, 3, 5]];

/// Other sizes.
const UNEQUAL: &[[usize; 3]] = &[[5, 3, 4], [2, 5, 3]];

/// Computes δ2 of all examples from (W2, δ3, a2, ρ, β).
pub type Delta2 = fn(&[Vec<f64>], &[Vec<f64>], &[Vec<f64>], f64, f64) -> Vec<Vec<f64>>;

/// Checks δ2 of all examples.
///
/// # Panics
/// If it is wrong.
#[track_caller]
pub fn check(delta2: Delta2) {
    let yours = |i: &Input| part(delta2(&i.w2, &i.delta3, &i.a2, i.rho, i.beta).concat());
    judge(SQUARE).check(yours);
    judge(UNEQUAL).check(yours);
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::judge(super::SQUARE).check_itself();
        super::judge(super::UNEQUAL).check_itself();
    }
}
