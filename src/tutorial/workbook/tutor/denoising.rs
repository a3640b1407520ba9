//! The cost of a denoising autoencoder.

use crate::matrix::Matrix;
use crate::model::autoencoder::reconstruction_by_definition;
use crate::model::denoising::{Corruption, Denoising};
use crate::model::layer::forward_by_definition;
use crate::model::stacked::DenseWeights;
use crate::model::{Activation, Autoencoder};
use crate::number::Random;
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// Examples, their masks, and an autoencoder.
#[derive(Clone, Debug)]
struct Input {
    /// A row for each example.
    examples: Vec<Vec<f64>>,
    /// x̃ of each example.
    corrupted: Vec<Vec<f64>>,
    w1: Vec<Vec<f64>>,
    b1: Vec<f64>,
    w2: Vec<Vec<f64>>,
    b2: Vec<f64>,
}

impl Input {
    /// 0 for each erased element, 1 for the others.
    fn masks(&self) -> Vec<Vec<f64>> {
        let mask = |x: &Vec<f64>| x.iter().map(|&x| if x == 0.0 { 0.0 } else { 1.0 }).collect();
        self.corrupted.iter().map(mask).collect()
    }

    /// Activations of the hidden units.
    fn encoded(&self, x: &[f64]) -> Vec<f64> {
        forward(&self.w1, &self.b1, Activation::Sigmoid, x)
    }

    /// The outputs.
    fn decoded(&self, a2: &[f64]) -> Vec<f64> {
        forward(&self.w2, &self.b2, Activation::Linear, a2)
    }

    /// Right copies, and a cost: the mean over the examples of an error from the example, its mask, and its copy.
    fn mean(&self, error: impl Fn(&[f64], &[f64], &[f64]) -> f64) -> Vec<Part> {
        let (m, masks) = (self.examples.len(), self.masks());
        let cost = (0..m).fold(0.0, |sum, n| sum + error(&self.examples[n], &masks[n], &self.corrupted[n]));
        parts(&self.corrupted, cost / m as f64)
    }

    /// Wrong copies, and the cost that follows from them.
    fn copied(&self, copy: impl Fn(f64, f64, &[f64]) -> f64) -> Vec<Part> {
        let masks = self.masks();
        let corrupt = |(x, mask): (&Vec<f64>, &Vec<f64>)| {
            x.iter().zip(mask).map(|(&x, &kept)| copy(x, kept, mask)).collect::<Vec<f64>>()
        };
        let corrupted: Vec<Vec<f64>> = self.examples.iter().zip(&masks).map(corrupt).collect();
        let cost = self.cost(&corrupted);
        parts(&corrupted, cost)
    }

    /// J by the definition of the autoencoder, from inputs in place of the corrupted examples.
    fn cost(&self, inputs: &[Vec<f64>]) -> f64 {
        let (v, h) = (self.b2.len(), self.b1.len());
        let model = Autoencoder { decoder: Activation::Linear, ..Autoencoder::new(v, h) };
        let theta = [self.w1.concat(), self.w2.concat(), self.b1.clone(), self.b2.clone()].concat();
        reconstruction_by_definition(&model, &theta, &columns(inputs), &columns(&self.examples)).0
    }
}

fn forward(w: &[Vec<f64>], b: &[f64], f: Activation, x: &[f64]) -> Vec<f64> {
    let weights = Matrix::from_rows(w.len(), x.len(), w.concat());
    forward_by_definition(&DenseWeights { weights, bias: b.to_vec() }, f, x)
}

/// A matrix with an example in each column.
fn columns(rows: &[Vec<f64>]) -> Matrix<f64> {
    Matrix::from_function(rows[0].len(), rows.len(), |i, n| rows[n][i])
}

/// ½ Σ_i c_i (y_i - x_i)².
fn error(y: &[f64], x: &[f64], counted: impl Fn(usize) -> f64) -> f64 {
    (0..x.len()).fold(0.0, |sum, i| sum + 0.5 * counted(i) * (y[i] - x[i]) * (y[i] - x[i]))
}

fn parts(corrupted: &[Vec<f64>], cost: f64) -> Vec<Part> {
    vec![("corrupted", corrupted.concat()), ("cost", vec![cost])]
}

fn right(input: &Input) -> Vec<Part> {
    parts(&input.corrupted, input.cost(&input.corrupted))
}

/// Our answer with the cost multiplied by a factor, which depends on the numbers of examples and of elements.
fn times(input: &Input, factor: impl Fn(f64, f64) -> f64) -> Vec<Part> {
    let mut answer = right(input);
    answer[1].1[0] *= factor(input.examples.len() as f64, input.b2.len() as f64);
    answer
}

fn judge() -> Judge<Input> {
    let by_hand = Input {
        examples: vec![vec![0.6, 0.2]],
        corrupted: vec![vec![0.6, 0.0]],
        w1: vec![vec![0.0, 1.0]],
        b1: vec![0.0],
        w2: vec![vec![1.0], vec![2.0]],
        b2: vec![0.0, 0.0],
    };
    let mut inputs = vec![("x = (0.6, 0.2), mask (1, 0), the chapter's weights".to_string(), by_hand)];
    let mut random = Random::new(7);
    // Fewer hidden units than elements, so that a mask applied to the hidden units is long enough.
    for [v, h, m] in [[5, 3, 2], [7, 4, 3]] {
        let mut draw = |rows: usize, columns: usize, low, high| -> Vec<Vec<f64>> {
            (0..rows).map(|_| (0..columns).map(|_| random.uniform(low, high)).collect()).collect()
        };
        let (examples, w1, w2) = (draw(m, v, 0.1, 0.9), draw(h, v, -1.0, 1.0), draw(v, h, -1.0, 1.0));
        let (b1, b2) = (draw(1, h, -1.0, 1.0).concat(), draw(1, v, -1.0, 1.0).concat());
        // The masks are those that the chapter's model draws.
        let model = Denoising::new(Autoencoder::new(v, h), Corruption::Masking { rate: 0.4 });
        let drawn = model.corrupt(0, &columns(&examples));
        let corrupted = (0..m).map(|n| drawn.column(n)).collect();
        inputs.push((
            format!("{m} random examples of {v} elements, {h} hidden units"),
            Input { examples, corrupted, w1, b1, w2, b2 },
        ));
    }
    Judge::new(inputs, right)
        .mistake("y is compared with the corrupted x̃ in place of the clean x", |input| {
            input.mean(|_, _, copy| error(&input.decoded(&input.encoded(copy)), copy, |_| 1.0))
        })
        .mistake("the encoder reads the clean example", |input| {
            input.mean(|x, _, _| error(&input.decoded(&input.encoded(x)), x, |_| 1.0))
        })
        .mistake("the mask is applied to the hidden units in place of the example", |input| {
            input.mean(|x, mask, _| {
                let a2: Vec<f64> = input.encoded(x).iter().zip(mask).map(|(a, kept)| a * kept).collect();
                error(&input.decoded(&a2), x, |_| 1.0)
            })
        })
        .mistake("the kept elements are divided by the fraction that is kept, as in dropout", |input| {
            input.copied(|x, kept, mask| x * kept * mask.len() as f64 / mask.iter().fold(0.0, |sum, kept| sum + kept))
        })
        .mistake("the mask is inverted, so that 1 erases", |input| input.copied(|x, kept, _| x * (1.0 - kept)))
        .mistake("the outputs also pass through the sigmoid", |input| {
            input.mean(|x, _, copy| {
                let z3 = input.decoded(&input.encoded(copy));
                let y: Vec<f64> = z3.iter().map(|&z| Activation::Sigmoid.value(z)).collect();
                error(&y, x, |_| 1.0)
            })
        })
        .mistake("the hidden units lack their sigmoid", |input| {
            input.mean(|x, _, copy| {
                let z2 = forward(&input.w1, &input.b1, Activation::Linear, copy);
                error(&input.decoded(&z2), x, |_| 1.0)
            })
        })
        .mistake("the sigmoid has e^z in place of e^(-z)", |input| {
            input.mean(|x, _, copy| {
                let a2: Vec<f64> = input.encoded(copy).iter().map(|a| 1.0 - a).collect();
                error(&input.decoded(&a2), x, |_| 1.0)
            })
        })
        .mistake("the ½ is missing", |input| times(input, |_, _| 2.0))
        .mistake("only the erased elements count in the error", |input| {
            input.mean(|x, mask, copy| error(&input.decoded(&input.encoded(copy)), x, |i| 1.0 - mask[i]))
        })
        .mistake("the error is also divided by the number of elements", |input| times(input, |_, v| 1.0 / v))
        .mistake("the cost is a sum over the examples, not divided by m", |input| times(input, |m, _| m))
}

/// Computes the cost from (examples, masks, W1, b1, W2, b2).
pub type Cost = fn(&[Vec<f64>], &[Vec<f64>], &[Vec<f64>], &[f64], &[Vec<f64>], &[f64]) -> f64;

/// Checks x̃ from (x, mask), and the cost.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(corrupted: fn(&[f64], &[f64]) -> Vec<f64>, cost: Cost) {
    judge().check(|input| {
        let masks = input.masks();
        let copies: Vec<Vec<f64>> = input.examples.iter().zip(&masks).map(|(x, mask)| corrupted(x, mask)).collect();
        parts(&copies, cost(&input.examples, &masks, &input.w1, &input.b1, &input.w2, &input.b2))
    });
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::judge().check_itself();
    }
}
