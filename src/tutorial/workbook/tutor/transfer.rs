//! Weight transfer.

use crate::matrix::Matrix;
use crate::model::stacked::DenseWeights;
use crate::model::{Autoencoder, Stacked};
use crate::number::Random;
use crate::tutorial::workbook::judge::{Judge, Part, accept};
use core::cell::RefCell;
use std::format;
use std::string::{String, ToString};
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
const BLOCKS: [&str; 6] = ["W_1", "b_1", "W_2", "b_2", "Θ", "b"];

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

    /// The blocks of the network, cut from a θ. One of another length is wrong for that alone, before its blocks are.
    fn parts(&self, mut theta: Vec<f64>) -> Vec<Part> {
        let model = self.model();
        theta.resize(model.dimension(), 0.0);
        BLOCKS.iter().zip(model.blocks()).map(|(name, block)| (*name, block.values(&theta).to_vec())).collect()
    }

    /// The right θ.
    fn transferred(&self) -> Vec<f64> {
        let layer = |(weights, bias): Layer| DenseWeights {
            weights: Matrix::from_rows(bias.len(), weights.len() / bias.len(), weights),
            bias,
        };
        self.model().pack(&self.encoders(encoder).map(layer), &self.softmax)
    }
}

/// W1 and b1 of an encoder.
fn encoder_parts((w1, b1): Layer) -> Vec<Part> {
    vec![("W1 from encoder", w1), ("b1 from encoder", b1)]
}

fn encoder(theta: &[f64], n_v: usize, n_h: usize) -> Layer {
    let [w1, _, b1, _] = Autoencoder::new(n_v, n_h).blocks();
    (w1.values(theta).to_vec(), b1.values(theta).to_vec())
}

/// `theta[start..][..length]`, as far as it reaches.
fn cut(theta: &[f64], start: usize, length: usize) -> Vec<f64> {
    theta.iter().skip(start).take(length).copied().collect()
}

/// The inputs, with names. Only in the last one are there more inputs than units in the first layer.
fn inputs() -> Vec<(String, Input)> {
    let counted = |from: u32, to: u32| (from..=to).map(f64::from).collect::<Vec<f64>>();
    let by_hand = Input { sizes: [1, 2, 1, 2], first: counted(1, 7), second: counted(8, 14), softmax: counted(15, 18) };
    let name = "n_v = 1, n_1 = 2, n_2 = 1, 2 classes, and the parameters 1 to 7, 8 to 14, and 15 to 18";
    let mut inputs = vec![(name.to_string(), by_hand)];
    let mut random = Random::new(1);
    for sizes in [[4, 7, 3, 2], [2, 3, 5, 3], [5, 3, 2, 4]] {
        let [n_v, n_1, n_2, classes] = sizes;
        let name = format!("n_v = {n_v}, n_1 = {n_1}, n_2 = {n_2}, {classes} classes, and random parameters");
        inputs.push((name, Input::draw(&mut random, sizes)));
    }
    inputs
}

/// The judge of encoders.
fn encoders() -> Judge<(Vec<f64>, usize, usize)> {
    let mut each = Vec::new();
    for (_, Input { sizes: [n_v, n_1, n_2, _], first, second, .. }) in inputs() {
        for (theta, n_v, n_h) in [(first, n_v, n_1), (second, n_1, n_2)] {
            // Those by hand have seven values each.
            let values = if theta.len() == 7 { format!("{} to {}", theta[0], theta[6]) } else { "random".into() };
            each.push((format!("n_v = {n_v}, n_h = {n_h}, and {values} parameters"), (theta, n_v, n_h)));
        }
    }
    // W1 is right, and b1 begins elsewhere.
    let starts = |start: fn(&[f64], usize, usize) -> usize| {
        move |(theta, n_v, n_h): &(Vec<f64>, usize, usize)| {
            encoder_parts((encoder(theta, *n_v, *n_h).0, cut(theta, start(theta, *n_v, *n_h), *n_h)))
        }
    };
    Judge::new(each, |(theta, n_v, n_h)| encoder_parts(encoder(theta, *n_v, *n_h)))
        .mistake("b1 is read right after W1, where W2 begins", starts(|_, n_v, n_h| n_h * n_v))
        .mistake(
            "b1 is read from the end of the vector, as if b2 came first",
            starts(|theta, _, n_h| theta.len() - n_h),
        )
        .mistake("W2, the weights of the decoder, in place of W1", |(theta, n_v, n_h)| {
            encoder_parts((cut(theta, n_h * n_v, n_h * n_v), encoder(theta, *n_v, *n_h).1))
        })
}

/// What is wrong, and the vectors that the network's θ then consists of, one after the other.
type WrongTransfer = (&'static str, fn(&Input, [Layer; 2]) -> Vec<Vec<f64>>);

/// Mistakes that leave θ as long as it should be.
const WRONG_ORDER: [WrongTransfer; 4] = [
    ("the block order of an autoencoder: first W_1 and W_2, then b_1 and b_2", |input, [(w_1, b_1), (w_2, b_2)]| {
        vec![w_1, w_2, b_1, b_2, input.softmax.clone()]
    }),
    ("each bias stands before its weights", |input, [(w_1, b_1), (w_2, b_2)]| {
        vec![b_1, w_1, b_2, w_2, input.softmax.clone()]
    }),
    ("the second encoder stands before the first", |input, [(w_1, b_1), (w_2, b_2)]| {
        vec![w_2, b_2, w_1, b_1, input.softmax.clone()]
    }),
    ("the softmax regression stands before the encoders", |input, [(w_1, b_1), (w_2, b_2)]| {
        vec![input.softmax.clone(), w_1, b_1, w_2, b_2]
    }),
];

/// Mistakes that make θ too long or too short.
const WRONG_LENGTH: [WrongTransfer; 13] = [
    ("the softmax regression is forgotten", |_, [(w_1, b_1), (w_2, b_2)]| vec![w_1, b_1, w_2, b_2]),
    ("b_1 and b_2 are forgotten", |input, [(w_1, _), (w_2, _)]| vec![w_1, w_2, input.softmax.clone()]),
    ("b_1 is forgotten", |input, [(w_1, _), (w_2, b_2)]| vec![w_1, w_2, b_2, input.softmax.clone()]),
    ("b_2 is forgotten", |input, [(w_1, b_1), (w_2, _)]| vec![w_1, b_1, w_2, input.softmax.clone()]),
    ("the first encoder is forgotten", |input, [_, (w_2, b_2)]| vec![w_2, b_2, input.softmax.clone()]),
    ("the second encoder is forgotten", |input, [(w_1, b_1), _]| vec![w_1, b_1, input.softmax.clone()]),
    ("the autoencoders are transferred as a whole, with their decoders", |input, _| {
        vec![input.first.clone(), input.second.clone(), input.softmax.clone()]
    }),
    ("the first autoencoder is transferred as a whole, with its decoder", |input, [_, (w_2, b_2)]| {
        vec![input.first.clone(), w_2, b_2, input.softmax.clone()]
    }),
    ("theta begins with all of `first` in place of w_1", |input, [(_, b_1), (w_2, b_2)]| {
        vec![input.first.clone(), b_1, w_2, b_2, input.softmax.clone()]
    }),
    ("the second encoder is cut out with the sizes n_v and n_2", |input, [(w_1, b_1), _]| {
        let [n_v, _, n_2, _] = input.sizes;
        let (w_2, b_2) = (cut(&input.second, 0, n_v * n_2), cut(&input.second, 2 * n_v * n_2, n_2));
        vec![w_1, b_1, w_2, b_2, input.softmax.clone()]
    }),
    (
        "the second encoder is cut out with the sizes n_2 and n_1, in the wrong order",
        |input, [(w_1, b_1), (w_2, _)]| {
            let [_, n_1, n_2, _] = input.sizes;
            vec![w_1, b_1, w_2, cut(&input.second, 2 * n_1 * n_2, n_1), input.softmax.clone()]
        },
    ),
    ("the first encoder is cut out with the sizes n_1 and n_v, in the wrong order", |input, [(w_1, _), (w_2, b_2)]| {
        let [n_v, n_1, _, _] = input.sizes;
        vec![w_1, cut(&input.first, 2 * n_v * n_1, n_v), w_2, b_2, input.softmax.clone()]
    }),
    ("both encoders are cut out with their two sizes in the wrong order", |input, [(w_1, _), (w_2, _)]| {
        let [n_v, n_1, n_2, _] = input.sizes;
        let (b_1, b_2) = (cut(&input.first, 2 * n_v * n_1, n_v), cut(&input.second, 2 * n_1 * n_2, n_1));
        vec![w_1, b_1, w_2, b_2, input.softmax.clone()]
    }),
];

/// The judge of networks of the right length.
fn networks() -> Judge<Input> {
    let judge = Judge::new(inputs(), |input: &Input| input.parts(input.transferred()));
    WRONG_ORDER.into_iter().fold(judge, |judge, (what, wrong)| {
        judge.mistake(what, move |input| input.parts(wrong(input, input.encoders(encoder)).concat()))
    })
}

/// What is wrong with the network's θ, if it is.
fn verdict(transfer: impl Fn(&Input) -> Vec<f64>) -> Option<String> {
    let found = RefCell::new(Vec::new());
    let verdict = networks().verdict(|input| {
        let theta = transfer(input);
        found.borrow_mut().push(theta.clone());
        input.parts(theta)
    });
    let (found, inputs) = (found.into_inner(), inputs());
    let expected = |input: &Input| input.model().dimension();
    let Some(((name, input), theta)) = inputs.iter().zip(&found).find(|((_, i), theta)| theta.len() != expected(i))
    else {
        return verdict;
    };
    let (length, expected) = (theta.len(), expected(input));
    let (by, how) = (length.abs_diff(expected), if length < expected { "short" } else { "long" });
    let mut text = format!("With {name}: transfer returns {length} values; expected {expected}: {by} too {how}.");
    let is_known = |wrong: fn(&Input, [Layer; 2]) -> Vec<Vec<f64>>| {
        inputs.iter().zip(&found).all(|((_, input), theta)| wrong(input, input.encoders(encoder)).concat() == *theta)
    };
    if let Some((what, _)) = WRONG_LENGTH.iter().find(|(_, wrong)| is_known(*wrong)) {
        text = format!("The values are exactly those of a known mistake: {what}.\n{text}");
    }
    if let (Some(verdict), true) = (verdict, found.len() < inputs.len()) {
        let stop = verdict.lines().last().unwrap_or_default();
        text = format!("{text}\n{stop}");
    }
    Some(text)
}

/// Checks the encoder of an autoencoder, and the parameters of the stacked network.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(encoder: Encoder, transfer: Transfer) {
    encoders().check(|(theta, n_v, n_h)| encoder_parts(encoder(theta, *n_v, *n_h)));
    let theta = |input: &Input| {
        let [n_v, n_1, n_2, _] = input.sizes;
        transfer(&input.first, &input.second, &input.softmax, n_v, n_1, n_2)
    };
    accept(verdict(theta));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named() {
        encoders().check_itself();
        networks().check_itself();
        for (what, wrong) in WRONG_LENGTH {
            let verdict = verdict(|input| wrong(input, input.encoders(encoder)).concat()).unwrap();
            let first = format!("The values are exactly those of a known mistake: {what}.");
            assert_eq!(verdict.lines().next(), Some(first.as_str()));
        }
    }

    #[test]
    fn a_wrong_length_is_told() {
        let verdict = verdict(|input| [input.transferred(), vec![0.0; 3]].concat()).unwrap();
        assert!(verdict.ends_with("transfer returns 14 values; expected 11: 3 too long."), "{verdict}");
    }
}
