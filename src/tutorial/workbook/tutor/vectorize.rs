//! From loops over examples to one product.

use crate::matrix::Matrix;
use crate::matrix::product::by_definition;
use crate::model::Activation;
use crate::model::layer::forward_by_definition;
use crate::model::stacked::DenseWeights;
use crate::number::Random;
use crate::tutorial::workbook::judge::{Judge, Part};
use core::ops::Range;
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// A layer and its examples.
#[derive(Clone, Debug)]
struct Input {
    /// W, units x inputs.
    w: Matrix<f64>,
    /// b, one value for each unit.
    b: Vec<f64>,
    /// X, inputs x examples.
    x: Matrix<f64>,
}

impl Input {
    /// The numbers of units, inputs, and examples.
    fn sizes(&self) -> [usize; 3] {
        [self.w.rows(), self.w.columns(), self.x.columns()]
    }

    /// W·X, by the definition of the product.
    fn product(&self) -> Vec<f64> {
        let mut c = Matrix::zeros(self.w.rows(), self.x.columns());
        by_definition(self.w.view(), self.x.view(), c.view_mut());
        c.elements().to_vec()
    }

    /// The activations, by the definition of a layer for one example after another.
    fn activations(&self) -> Vec<f64> {
        let layer = DenseWeights { weights: self.w.clone(), bias: self.b.clone() };
        let all: Vec<Vec<f64>> = (0..self.x.columns())
            .map(|n| forward_by_definition(&layer, Activation::Sigmoid, &self.x.column(n)))
            .collect();
        (0..self.b.len()).flat_map(|j| all.iter().map(move |a| a[j])).collect()
    }

    /// The activations from the elements of a product.
    fn activations_of(&self, product: &[f64]) -> Vec<f64> {
        let examples = self.x.columns();
        product.iter().enumerate().map(|(i, z)| sigmoid(z + self.b[i / examples])).collect()
    }
}

fn sigmoid(z: f64) -> f64 {
    Activation::Sigmoid.value(z)
}

fn parts(product: Vec<f64>, activations: Vec<f64>) -> Vec<Part> {
    vec![("product", product), ("activations", activations)]
}

/// The position of an element from its two indices and the numbers of rows, inner indices, and columns.
type Position = fn(usize, usize, [usize; 3]) -> usize;

/// Where the elements of A, B, and C are stored.
const STORED: [Position; 3] = [|i, k, [_, inner, _]| i * inner + k, by_rows, by_rows];

/// The position in a matrix whose rows have one element for each column of the product.
fn by_rows(i: usize, j: usize, [_, _, columns]: [usize; 3]) -> usize {
    i * columns + j
}

/// The product W·X with elements at other positions, or of some of the terms.
fn product_with([a, b, c]: [Position; 3], terms: fn(usize) -> Range<usize>, input: &Input) -> Vec<f64> {
    let sizes @ [rows, inner, columns] = input.sizes();
    let (w, x) = (input.w.elements(), input.x.elements());
    let mut product = vec![0.0; rows * columns];
    for i in 0..rows {
        for j in 0..columns {
            let sum = terms(inner).fold(0.0, |sum, k| sum + w[a(i, k, sizes)] * x[b(k, j, sizes)]);
            product[c(i, j, sizes)] += sum;
        }
    }
    product
}

/// What is wrong, the positions of A, B, and C, and the terms of the sum.
type WrongProduct = (&'static str, [Position; 3], fn(usize) -> Range<usize>);

fn wrong_products() -> [WrongProduct; 7] {
    let [a, b, c] = STORED;
    let all: fn(usize) -> Range<usize> = |inner| 0..inner;
    [
        ("A is read column by column, a[k * rows + i]", [|i, k, [rows, _, _]| k * rows + i, b, c], all),
        ("B is read column by column, b[j * inner + k]", [a, |k, j, [_, inner, _]| j * inner + k, c], all),
        ("C is written column by column, c[j * rows + i]", [a, b, |i, j, [rows, _, _]| j * rows + i], all),
        ("the rows of A are assumed to have `rows` elements", [|i, k, [rows, _, _]| i * rows + k, b, c], all),
        ("the rows of B are assumed to have `inner` elements", [a, |k, j, [_, inner, _]| k * inner + j, c], all),
        ("the rows of C are assumed to have `inner` elements", [a, b, |i, j, [_, inner, _]| i * inner + j], all),
        ("only the last term of the sum is kept: = in place of +=", STORED, |inner| inner - 1..inner),
    ]
}

fn judge() -> Judge<Input> {
    let by_hand = Input {
        w: Matrix::from_rows(1, 2, vec![1.0, 2.0]),
        b: vec![-1.0],
        x: Matrix::from_rows(2, 3, vec![1.0, 0.0, 2.0, 0.0, 1.0, -1.0]),
    };
    let mut inputs = vec![("W = (1, 2), b = -1, X = (1, 0, 2; 0, 1, -1)".to_string(), by_hand)];
    let mut random = Random::new(1);
    // In this order of the sizes, most of the wrong positions still lie within the vectors. So they are recognized by
    // what they compute, and do not panic.
    for [units, features, examples] in [[2, 3, 5], [3, 7, 11]] {
        let mut draw = |rows, columns| Matrix::from_function(rows, columns, |_, _| random.uniform(-1.0, 1.0));
        let (w, b, x) = (draw(units, features), draw(1, units).elements().to_vec(), draw(features, examples));
        inputs.push((format!("{units} random units, {features} inputs, {examples} examples"), Input { w, b, x }));
    }
    let mut judge = Judge::new(inputs, |input: &Input| parts(input.product(), input.activations()));
    for (what, positions, terms) in wrong_products() {
        judge = judge.mistake(what, move |input| {
            let product = product_with(positions, terms, input);
            let activations = input.activations_of(&product);
            parts(product, activations)
        });
    }
    let layer = |activation: fn(f64, f64) -> f64| {
        move |input: &Input| {
            let (product, examples) = (input.product(), input.x.columns());
            let a = product.iter().enumerate().map(|(i, &z)| activation(z, input.b[i / examples])).collect();
            parts(product, a)
        }
    };
    judge
        .mistake("the bias is forgotten", layer(|z, _| sigmoid(z)))
        .mistake("the sigmoid is forgotten", layer(|z, b| z + b))
        .mistake("the sigmoid has e^z in place of e^(-z)", layer(|z, b| sigmoid(-(z + b))))
        .mistake("the bias is added after the sigmoid", layer(|z, b| sigmoid(z) + b))
        .mistake(
            "b is repeated along the stored elements, b[i % n_h], as with j + n·n_h in place of j·m + n",
            |input| {
                let product = input.product();
                let a = product.iter().enumerate().map(|(i, z)| sigmoid(z + input.b[i % input.b.len()])).collect();
                parts(product, a)
            },
        )
        .mistake("b is added only to the first column", |input| {
            let (product, examples) = (input.product(), input.x.columns());
            let bias = |i: usize| if i.is_multiple_of(examples) { input.b[i / examples] } else { 0.0 };
            let a = product.iter().enumerate().map(|(i, z)| sigmoid(z + bias(i))).collect();
            parts(product, a)
        })
        .mistake("the activations are stored with an example in each row", |input| {
            let (a, [units, _, examples]) = (input.activations(), input.sizes());
            parts(input.product(), (0..a.len()).map(|i| a[i % units * examples + i / units]).collect())
        })
}

/// Computes a product from (A, B, rows, inner, columns).
pub type Product = fn(&[f64], &[f64], usize, usize, usize) -> Vec<f64>;

/// Computes activations from (W, b, X, units, inputs, examples).
pub type Activations = fn(&[f64], &[f64], &[f64], usize, usize, usize) -> Vec<f64>;

/// Checks a product, and the activations of a layer for all examples.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(product: Product, activations: Activations) {
    judge().check(|input| {
        let ([units, features, examples], w, x) = (input.sizes(), input.w.elements(), input.x.elements());
        let product = product(w, x, units, features, examples);
        parts(product, activations(w, &input.b, x, units, features, examples))
    });
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::judge().check_itself();
    }
}
