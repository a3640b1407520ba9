//! Weight transfer.

use crate::matrix::Matrix;
use crate::model::stacked::DenseWeights;
use crate::model::{Autoencoder, Stacked};
use crate::number::Random;
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// The sizes of a stacked network, and the parameters of its parts.
#[derive(Debug)]
struct Input {
    /// Inputs, units of both layers, classes.
    sizes: [usize; 4],
    first: Vec<f64>,
    second: Vec<f64>,
    softmax: Vec<f64>,
}

/// Weights and biases of a layer.
type Layer = (Vec<f64>, Vec<f64>);

/// Cuts W1 and b1 out of the parameters of an autoencoder, which has so many inputs and hidden units.
pub type Encoder = fn(&[f64], usize, usize) -> Layer;

/// Assembles the parameters of a stacked network, from those of both autoencoders and of the softmax regression; the
/// number of inputs, and those of the units of both layers, are the last arguments.
pub type Transfer = fn(&[f64], &[f64], &[f64], usize, usize, usize) -> Vec<f64>;

/// The names of the network's blocks.
const BLOCKS: [&str; 6] = ["W_1", "b_1", "W_2", "b_2", "Theta", "b"];

impl Input {
    /// Draws the parameters of networks of these sizes.
    fn draw(random: &mut Random, sizes: [usize; 4]) -> Self {
        let [n_v, n_1, n_2, classes] = sizes;
        let mut draw = |n: usize| (0..n).map(|_| random.uniform(-1.0, 1.0)).collect();
        let [first, second] =
            [Autoencoder::new(n_v, n_1), Autoencoder::new(n_1, n_2)].map(|model| draw(model.dimension()));
        Input { sizes, first, second, softmax: draw(classes * (n_2 + 1)) }
    }

    fn model(&self) -> Stacked {
        let [visible, n_1, n_2, classes] = self.sizes;
        Stacked { visible, layers: vec![n_1, n_2], classes, bias: true, weight_decay: 0.0 }
    }

    /// Both encoders.
    fn encoders(&self, encoder: Encoder) -> [Layer; 2] {
        let [n_v, n_1, n_2, _] = self.sizes;
        [encoder(&self.first, n_v, n_1), encoder(&self.second, n_1, n_2)]
    }

    /// The blocks of an answer. They are cut from values of another number as far as these reach, so that the number
    /// alone does not hide which blocks are right.
    fn parts(&self, (w1, b1): Layer, mut theta: Vec<f64>) -> Vec<Part> {
        let model = self.model();
        let mut parts = vec![("W1 of the encoder", w1), ("b1 of the encoder", b1)];
        parts.push(("number of the network's parameters", vec![theta.len() as f64]));
        theta.resize(model.dimension(), 0.0);
        parts.extend(BLOCKS.iter().zip(model.blocks()).map(|(name, block)| (*name, block.values(&theta).to_vec())));
        parts
    }

    /// The answer of these encoders, transferred in the right way.
    fn transferred(&self, encoder: Encoder) -> Vec<Part> {
        let [first, second] = self.encoders(encoder);
        let model = self.model();
        let layer = |(weights, bias): Layer| DenseWeights {
            weights: Matrix::from_rows(bias.len(), weights.len() / bias.len(), weights),
            bias,
        };
        let theta = model.pack(&[layer(first.clone()), layer(second)], &self.softmax);
        self.parts(first, theta)
    }

    /// The answer with the right encoders and the vectors that `choose` makes of them, one after the other.
    fn concatenated(&self, choose: fn(&Input, [Layer; 2]) -> Vec<Vec<f64>>) -> Vec<Part> {
        let encoders = self.encoders(encoder);
        self.parts(encoders[0].clone(), choose(self, encoders).concat())
    }
}

fn encoder(theta: &[f64], n_v: usize, n_h: usize) -> Layer {
    let [w1, _, b1, _] = Autoencoder::new(n_v, n_h).blocks();
    (w1.values(theta).to_vec(), b1.values(theta).to_vec())
}

fn judge() -> Judge<Input> {
    let counted = |from: u32, to: u32| (from..=to).map(f64::from).collect::<Vec<f64>>();
    let by_hand = Input { sizes: [2, 1, 1, 2], first: counted(1, 7), second: counted(8, 11), softmax: counted(12, 15) };
    let mut inputs = vec![("the parameters 1 to 7, 8 to 11, and 12 to 15".to_string(), by_hand)];
    let mut random = Random::new(1);
    for sizes in [[5, 3, 2, 4], [4, 7, 3, 2], [3, 2, 5, 3]] {
        let [n_v, n_1, n_2, classes] = sizes;
        let name = format!("{n_v} inputs, {n_1} and {n_2} units, and {classes} classes");
        inputs.push((name, Input::draw(&mut random, sizes)));
    }
    Judge::new(inputs, |input| input.transferred(encoder))
        .mistake("b1 is read right after W1, where W2 begins", |input| {
            input.transferred(|theta, n_v, n_h| (encoder(theta, n_v, n_h).0, theta[n_h * n_v..][..n_h].to_vec()))
        })
        .mistake("b1 is read from the end of the vector, as if b2 came first", |input| {
            input.transferred(|theta, n_v, n_h| (encoder(theta, n_v, n_h).0, theta[theta.len() - n_h..].to_vec()))
        })
        .mistake("W2 in place of W1: the weights of the decoder", |input| {
            input.transferred(|theta, n_v, n_h| (theta[n_h * n_v..][..n_h * n_v].to_vec(), encoder(theta, n_v, n_h).1))
        })
        .mistake("the order of an autoencoder, first W_1 and W_2, then b_1 and b_2", |input| {
            input.concatenated(|input, [(w_1, b_1), (w_2, b_2)]| vec![w_1, w_2, b_1, b_2, input.softmax.clone()])
        })
        .mistake("each bias stands before its weights", |input| {
            input.concatenated(|input, [(w_1, b_1), (w_2, b_2)]| vec![b_1, w_1, b_2, w_2, input.softmax.clone()])
        })
        .mistake("the second encoder stands before the first", |input| {
            input.concatenated(|input, [(w_1, b_1), (w_2, b_2)]| vec![w_2, b_2, w_1, b_1, input.softmax.clone()])
        })
        .mistake("the softmax regression is forgotten", |input| {
            input.concatenated(|_, [(w_1, b_1), (w_2, b_2)]| vec![w_1, b_1, w_2, b_2])
        })
        .mistake("the autoencoders are transferred as a whole, with their decoders", |input| {
            input.concatenated(|input, _| vec![input.first.clone(), input.second.clone(), input.softmax.clone()])
        })
}

/// Checks the encoder of an autoencoder, and the parameters of the stacked network.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(encoder: Encoder, transfer: Transfer) {
    judge().check(|input| {
        let [n_v, n_1, n_2, _] = input.sizes;
        let theta = transfer(&input.first, &input.second, &input.softmax, n_v, n_1, n_2);
        input.parts(encoder(&input.first, n_v, n_1), theta)
    });
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::judge().check_itself();
    }
}
