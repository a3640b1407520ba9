//! E.6: depth. The gradient from layer to layer at the start of training, and the paths of points through plain and
//! residual layers.
//!
//! **Why.** The gradient of a deep network can be 10¹⁰ times smaller in its first layer than in its last, or larger.
//! Then no learning rate suits all layers, and the first ones do not learn. Source E lists vanishing and exploding
//! gradients among the challenges of optimization. This exercise measures them, and the effects of the initial weights,
//! the activation and residual layers on them.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | L, l | the number of hidden layers; one of them, counted from 1 |
//! | n | the units of each layer |
//! | v | the variance of the weights, which have the mean 0 |
//! | f'(z) | the slopes of the units of layer l at their pre-activations |
//! | δ, δ⁺ | the derivatives of the cost with respect to the pre-activations of layers l and l + 1 |
//! | s | the mean of f'(z)² over units and examples |
//! | g | the factor by which δ changes in a layer, as a root mean square |
//! | d, d⁺ | the derivatives of the cost with respect to the input and the output of a residual layer |
//!
//! A layer is plain, x⁺ = f(W·x + b), or residual, x⁺ = x + f(W·x + b):
//!
//! ```text
//! (DG.1)  plain      g = √(n·v·s)
//! (DG.2)  residual   g = √(1 + n·v·s)
//! ```
//!
//! **Derivation.** Back-propagation gives δ_i = f'(z_i)·Σ_j W_ji δ⁺_j. The weights are independent of one another, with
//! mean 0 and variance v. Assume that they are also independent of the slopes and of δ⁺, although both depend on them a
//! little. Then the expected square of the sum is v·Σ_j (δ⁺_j)² = v·|δ⁺|², and
//!
//! ```text
//! E|δ|² = Σ_i f'(z_i)²·v·|δ⁺|² = n·s·v·|δ⁺|²,   so |δ| is about g times |δ⁺|: (DG.1)
//! ```
//!
//! In a residual layer, d_i = d⁺_i + Σ_j W_ji δ_j with δ_j = f'(z_j)·d⁺_j. The weights have the mean 0, so the two
//! parts are uncorrelated, and the squares of their lengths add:
//!
//! ```text
//! E|d|² = |d⁺|² + n·v·E|δ|² = (1 + n·v·s)·|d⁺|²: (DG.2)
//! ```
//!
//! If s is about the same in all layers, |δ| changes by the same factor as |d|. Through all layers the factors
//! multiply: δ of layer 1 is g^(L-1) times that of layer L.
//!
//! **Cures.** (DG.1) is 1 if v = 1/(n·s). For tanh units near z = 0, s is 1 and v = 1/n (Glorot). For ReLU, half of the
//! slopes are 1 and half 0, so s = ½ and v = 2/n (He). For sigmoid units near 0, s = 1/16, and v would be 16/n; but
//! weights of that size move z away from 0, and s falls again. A residual layer needs no such choice: g is at least 1.
//!
//! **By hand.** Near z = 0 the sigmoid has the slope ¼, and source A's bound gives v ≈ 1/n: g = ¼. In 20 layers, ¼¹⁹ =
//! 3.6·10⁻¹².
//!
//! Sources: source E, "Challenges in optimization" and "Deep Learning & Representation Learning"; X. Glorot and Y.
//! Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010; K. He, X. Zhang, S. Ren
//! and J. Sun, "Delving deep into rectifiers", 2015; M. Hauser and A. Ray, "Principles of Riemannian geometry in neural
//! networks", 2017.

use super::context::ExerciseContext;
use super::playground::{PointSet, STARTS, network, points, train};
use crate::machine::Element;
use crate::matrix::Matrix;
use crate::model::Activation;
use crate::model::convolution::MapShape;
use crate::model::network::{InMemory, Layer, Network, Target};
use crate::number::sum::{dot, squared_distance, sum, sum_of_squares};
use crate::number::{Random, Real};
use crate::optimize::{Batched, Objective};
use crate::picture::axis::{Axis, Scale};
use crate::picture::chart::{Chart, Marker, Series, Style};
use crate::tutorial::error::TutorialError;
use crate::tutorial::examples::LabeledExamples;
use crate::tutorial::report::{Table, percent};
use crate::tutorial::training::{Batches, TrainedClassifier};
use std::format;
use std::string::String;
use std::vec;
use std::vec::Vec;

/// The distribution of the initial weights, which are uniform between -r and r.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Start {
    /// A fifth of source A's r.
    Small,
    /// Source A: r = √(6/(n_in + n_out + 1)).
    SourceA,
    /// The r that suits the activation: He's √(6/n_in) for ReLU, Glorot's √(6/(n_in + n_out)) for tanh, four times that
    /// for the sigmoid, whose slope is a quarter of that of tanh.
    Scaled,
    /// Three times source A's r.
    Large,
}

const START: [Start; 4] = [Start::Small, Start::SourceA, Start::Scaled, Start::Large];

impl Start {
    fn name(self) -> &'static str {
        match self {
            Start::Small => "a fifth of A's",
            Start::SourceA => "source A's",
            Start::Scaled => "scaled to f",
            Start::Large => "three times A's",
        }
    }

    /// r.
    fn bound(self, activation: Activation, inputs: usize, outputs: usize) -> f64 {
        let [inputs, outputs] = [inputs, outputs].map(|count| count as f64);
        let of_source_a = Element::sqrt(6.0 / (inputs + outputs + 1.0));
        let glorot = Element::sqrt(6.0 / (inputs + outputs));
        match self {
            Start::Small => 0.2 * of_source_a,
            Start::SourceA => of_source_a,
            Start::Scaled => match activation {
                Activation::Rectified => Element::sqrt(6.0 / inputs),
                Activation::Sigmoid => 4.0 * glorot,
                _ => glorot,
            },
            Start::Large => 3.0 * of_source_a,
        }
    }

    /// Parameters: in the hidden layers, weights between -r and r; in the last layer, those of source A; biases 0.
    fn draw<T: Real>(self, model: &Network, activation: Activation, random: &mut Random) -> Vec<T> {
        let mut theta = vec![T::ZERO; model.dimension()];
        let blocks = model.blocks();
        let weights: Vec<_> = blocks.iter().step_by(2).collect();
        for (l, block) in weights.iter().enumerate() {
            let start = if l + 1 == weights.len() { Start::SourceA } else { self };
            let r = start.bound(activation, block.columns, block.rows);
            block.values_mut(&mut theta).iter_mut().for_each(|w| *w = random.uniform(-r, r));
        }
        theta
    }
}

/// The hidden layers of a network.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Depth {
    layers: usize,
    activation: Activation,
    is_residual: bool,
}

impl Depth {
    fn hidden(self, units: usize) -> Vec<Layer> {
        let Depth { layers, activation, is_residual } = self;
        let layer = if is_residual { Layer::Residual { activation } } else { Layer::Dense { units, activation } };
        vec![layer; layers]
    }
}

/// Inputs and units of each layer, and classes, of the networks whose gradients are measured.
const UNITS: usize = 64;
const CLASSES: usize = 10;

/// The examples on which they are measured.
const EXAMPLES: usize = 50;

/// The numbers of layers in the table; the charts have the last one.
const LAYERS: [usize; 4] = [1, 5, 10, 20];

/// The gradients of a network at its start, layer by layer.
struct Gradients {
    /// |∂J/∂W| of each hidden layer.
    weights: Vec<f64>,
    /// |δ| of each hidden layer, the root of the mean square over the examples.
    deltas: Vec<f64>,
    /// g of each hidden layer, by (DG.1) or (DG.2).
    factors: Vec<f64>,
}

impl Gradients {
    fn measure(depth: Depth, start: Start, examples: &LabeledExamples<f64>, random: &mut Random) -> Self {
        let (n, count) = (examples.matrix.rows(), examples.count());
        let layers = [depth.hidden(n), vec![Layer::Softmax { classes: CLASSES }]].concat();
        let input = MapShape::vector(n);
        let model = Network::new(input, layers);
        let theta: Vec<f64> = start.draw(&model, depth.activation, random);
        let (blocks, inputs) = (model.blocks(), InMemory::from_columns(&examples.matrix));
        let mut cost = model.cost(&inputs, Target::Labels(&examples.labels));
        let mut gradient = vec![0.0; theta.len()];
        cost.cost_and_gradient(&theta, &mut gradient);
        let norm = |values: &[f64]| Element::sqrt(sum_of_squares(values));
        let weights = (0..depth.layers).map(|l| norm(blocks[2 * l].values(&gradient))).collect();
        // On one example, ∂J/∂b is δ.
        let mut squares = vec![0.0; depth.layers];
        for j in 0..count {
            cost.cost_and_gradient_on(&[j], &theta, &mut gradient);
            for (l, square) in squares.iter_mut().enumerate() {
                *square += sum_of_squares(blocks[2 * l + 1].values(&gradient)) / count as f64;
            }
        }
        let r = start.bound(depth.activation, n, n);
        let factor = |l: usize| {
            let mut f = model.outputs(&theta, &inputs, l + 1);
            if depth.is_residual {
                let x = model.outputs(&theta, &inputs, l);
                f.elements_mut().iter_mut().zip(x.elements()).for_each(|(a, x)| *a -= x);
            }
            let slopes: Vec<f64> = f.elements().iter().map(|&f| depth.activation.slope(f)).collect();
            let (v, s) = (r * r / 3.0, sum_of_squares(&slopes) / slopes.len() as f64);
            match depth.is_residual {
                false => Element::sqrt(n as f64 * v * s),      // (DG.1)
                true => Element::sqrt(1.0 + n as f64 * v * s), // (DG.2)
            }
        };
        let factors = (0..depth.layers).map(factor).collect();
        Gradients { weights, deltas: squares.into_iter().map(Element::sqrt).collect(), factors }
    }

    /// The factor by which δ changes in a layer on the way from the last to the first: measured, as a geometric mean.
    fn measured_factor(&self) -> f64 {
        let last = self.deltas.len() - 1;
        Real::exp(Real::ln(self.deltas[0] / self.deltas[last]) / last as f64)
    }

    /// The same, predicted.
    fn predicted_factor(&self) -> f64 {
        let logarithms: Vec<f64> = self.factors[..self.factors.len() - 1].iter().map(|&g| Real::ln(g)).collect();
        Real::exp(sum(&logarithms) / logarithms.len() as f64)
    }
}

/// Examples of independent N(0, 1) elements with random labels.
fn random_examples(seed: u64) -> LabeledExamples<f64> {
    let mut random = Random::stream(seed, &[2]);
    let matrix = Matrix::from_function(UNITS, EXAMPLES, |_, _| random.normal());
    LabeledExamples { labels: (0..EXAMPLES).map(|_| random.index(CLASSES)).collect(), matrix }
}

/// The activations, with their names and their charts.
const UNIT_KINDS: [(&str, Activation, &str); 3] = [
    ("sigmoid", Activation::Sigmoid, "E.6-sigmoid.svg"),
    ("tanh", Activation::Tanh, "E.6-tanh.svg"),
    ("ReLU", Activation::Rectified, "E.6-relu.svg"),
];

/// E.6: depth.
pub fn depth(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    gradients(context);
    learning(context);
    trajectories(context);
    Ok(())
}

/// The norm of the gradient by layer, at the start.
fn gradients(context: &mut ExerciseContext) {
    let (seed, examples) = (context.settings.seed, random_examples(context.settings.seed));
    let mut table =
        Table::new(&["units", "layers", "weights", "L = 1", "L = 5", "L = 10", "L = 20", "factor", "predicted"]);
    let mut charts = Vec::new();
    for (name, activation, file) in UNIT_KINDS {
        let mut curves = Vec::new();
        let plain = START.map(|start| (false, start));
        for (is_residual, start) in plain.into_iter().chain([(true, Start::SourceA)]) {
            let all = LAYERS.map(|layers| {
                let depth = Depth { layers, activation, is_residual };
                Gradients::measure(depth, start, &examples, &mut Random::stream(seed, &[3]))
            });
            let [.., deepest] = &all;
            let kind = if is_residual { "residual" } else { "plain" };
            let [one, five, ten, twenty] = all.each_ref().map(|found| format!("{:.0e}", found.weights[0]));
            table.cells(&[
                &name,
                &kind,
                &start.name(),
                &one,
                &five,
                &ten,
                &twenty,
                &format_args!("{:.3}", deepest.measured_factor()),
                &format_args!("{:.3}", deepest.predicted_factor()),
            ]);
            let points = deepest.weights.iter().enumerate().map(|(l, &norm)| [(l + 1) as f64, norm]).collect();
            let suffix = if is_residual { ", residual" } else { "" };
            curves.push(Series { name: format!("{}{suffix}", start.name()), points, style: Style::Path });
        }
        let axes = ["hidden layer, 1 is the first", "norm of the gradient with respect to its weights"];
        let title = format!("{} hidden layers of {name} units at the start", LAYERS[LAYERS.len() - 1]);
        charts.push((file, Chart::new(&title, axes, [Scale::Linear, Scale::Logarithmic], curves)));
    }
    context.say(&format!(
        "The gradient at the start of training. Networks of L hidden layers with {UNITS} units each, and softmax on \
         top, are evaluated on {EXAMPLES} examples of random values with random labels. Weights are uniform between \
         -r and r. `source A's` is the range that the ATIAM tutorial gives, r = √(6/(n_in + n_out + 1)); `scaled to \
         f` suits the activation function f: the range of He et al. (2015) for ReLU, that of Glorot and Bengio (2010) \
         for tanh, and four times the latter for the sigmoid. The columns L = 1 to L = 20 hold the norm of the \
         gradient with respect to the weights of the first layer.\n\n\
         Let δ be the derivative of the cost with respect to the pre-activations of a layer. For L = 20, `factor` is \
         the ratio of the norms of δ in a layer and in the layer above it, a geometric mean over the layers. \
         `predicted` is √(n·v·s) for plain layers: backward, each of n units collects δ from n weights of variance v, \
         which multiplies the mean square by n·v, and its own slope multiplies it by s, the mean squared slope. \
         Source A's weights have v = r²/3, so that n·v is about 1, and the factor is about √s. For residual layers \
         `predicted` is √(1 + n·v·s). s is measured in each network.\n"
    ));
    context.table(&table);
    context.say(
        "What to see: the gradient of the first layer contains one factor for each layer above it, so it vanishes or \
         explodes exponentially with the depth unless the factor is close to 1. The prediction agrees with the \
         measurement for plain layers. For residual layers, above all with ReLU, the measured factor exceeds the \
         prediction, which assumes that δ and the weights are independent. They are not quite, since the same weights \
         computed the activations.\n\n\
         Sigmoid: the slope is at most ¼, so source A's weights give a factor of about ¼, and the gradient vanishes. \
         Weights four times as large do not make up for it: activations have the mean ½ instead of 0, so \
         pre-activations are large, and units saturate.\n\n\
         Tanh: the slope is 1 at 0, so source A's weights, which match Glorot's except for the 1 that counts the \
         bias, have a factor near 1. Weights three times as large lower the slopes, so the factor is not three times \
         as large; still the gradient explodes. With small weights it vanishes.\n\n\
         ReLU: half of the units have the slope 1, the others 0, so s is ½, and source A's weights multiply δ by √½ \
         in each layer. He's weights have twice the variance, so the factor is 1. ReLU does not saturate, so nothing \
         limits the gradient if weights are too large: it explodes.\n\n\
         The charts show all layers of the deepest networks. With plain sigmoid layers the curves fall toward the \
         first layer, as δ does. With plain ReLU layers they are flat, at a low, a middle or a high level: the \
         gradient with respect to a layer's weights is the product of its δ and of the activations of the layer \
         below, and the activations shrink or grow toward the last layer by the same factor as δ toward the first. So \
         every layer has the same small or large gradient. The same holds for tanh with small weights.\n\n\
         In a residual layer the identity adds 1 to the square of the factor, so δ cannot vanish, not even with \
         sigmoid units. It grows toward the first layer, by a small factor with sigmoid units, by a larger one with \
         ReLU. (The curves of residual layers fall even so: activations grow toward the last layer, too, and faster.)\n",
    );
    for (file, chart) in charts {
        let caption = "Gradients pass from right to left. Where a curve is very low, a layer hardly learns; where it is \
                       very high, a step changes its weights too much.";
        context.put_chart(&chart.title.clone(), file, caption, chart);
    }
}

/// The hidden layers and units of the networks that are trained.
const DEEP: usize = 10;
const DEEP_UNITS: usize = 16;

/// Whether deep networks learn from each start.
fn learning(context: &mut ExerciseContext) {
    let [examples, _] = points(context, PointSet::Circles);
    let mut table =
        Table::new(&["units", Start::Small.name(), Start::SourceA.name(), Start::Scaled.name(), Start::Large.name()]);
    for (name, activation, _) in UNIT_KINDS {
        let mut cells = vec![String::from(name)];
        cells.extend(START.map(|start| percent(trained_from(context, name, activation, start, &examples))));
        table.row(&cells);
    }
    context.say(&format!(
        "The effect on training. Networks of {DEEP} plain layers of {DEEP_UNITS} units learn to separate the disk \
         from the ring of E.5, by Adam (see E.9), with weights in the same ranges. Their accuracy on the training \
         points:\n"
    ));
    context.table(&table);
    context.say(
        "What to see: an accuracy near 50% means that the network has not learned. Adam divides each step by the size \
         of the gradients, so a gradient that grows from layer to layer did no harm here. One that vanishes does: the \
         factors that shrink δ on the way down also shrink, on the way up, the dependence of the activations on the \
         point, and the last layer computes almost the same for all points.\n",
    );
}

/// The training accuracy of a deep network after training from this start.
fn trained_from(
    context: &mut ExerciseContext,
    name: &str,
    activation: Activation,
    start: Start,
    examples: &LabeledExamples<f32>,
) -> f64 {
    let model = network(&vec![Layer::Dense { units: DEEP_UNITS, activation }; DEEP]);
    let seed = context.settings.seed;
    let theta = start.draw(&model, activation, &mut Random::stream(seed, &[4]));
    let mut trained = TrainedClassifier { model, theta };
    let batches = Batches { epochs: if context.quick { 40 } else { 100 }, batch: 20, rate: 3e-3 };
    let inputs = InMemory::from_columns(&examples.matrix);
    let stage = format!("{DEEP} layers, {name}, {}", start.name());
    context.run.train(&stage, &mut trained, &inputs, &examples.labels, batches, seed);
    context.run.learned(&trained.theta);
    trained.accuracy(examples)
}

/// The layers of the networks whose trajectories are drawn, and the trajectories of each class.
const STEPS: usize = 10;
const PATHS: usize = 12;

/// How often the spirals of the trajectories wind around the origin.
const WINDINGS: f64 = 0.5;

/// The paths of points through plain and residual layers of two units.
fn trajectories(context: &mut ExerciseContext) {
    let [examples, tests] = points(context, PointSet::Spirals { windings: WINDINGS });
    let mut table = Table::new(&["layers", "parameters", "training accuracy", "test accuracy", "mean step", "cosine"]);
    let iterations = if context.quick { 150 } else { 400 };
    for (name, is_residual, file) in [("plain", false, "E.6-plain.svg"), ("residual", true, "E.6-residual.svg")] {
        let depth = Depth { layers: STEPS, activation: Activation::Tanh, is_residual };
        let trained = train(context, &format!("{name} layers"), network(&depth.hidden(2)), iterations, &examples);
        let paths = paths(&trained, &examples.first(2 * PATHS));
        let smoothness = Smoothness::of(&paths);
        table.cells(&[
            &name,
            &trained.theta.len(),
            &percent(trained.accuracy(&examples)),
            &percent(trained.accuracy(&tests)),
            &format_args!("{:.2}", smoothness.step),
            &format_args!("{:.2}", smoothness.cosine),
        ]);
        let class = |class: usize| {
            // A point that is not finite ends a path.
            let points =
                paths.iter().skip(class).step_by(2).flat_map(|path| path.iter().copied().chain([[f64::NAN; 2]]));
            Series { name: format!("class {class}"), points: points.collect(), style: Style::Path }
        };
        let inputs = paths.iter().map(|path| path[0]).collect();
        let inputs = Series { name: "inputs".into(), points: inputs, style: Style::Mark(Marker::Circle) };
        let title = format!("paths of points through {STEPS} {name} layers");
        let mut chart = Chart::new(&title, ["x1", "x2"], [Scale::Linear; 2], vec![class(0), class(1), inputs]);
        chart.axes[0] = Axis::over(paths.iter().flatten().map(|position| position[0]), Scale::Linear, 0.04);
        let caption = "A path begins at an input (black disk), and has a marker after each layer, unless it would \
                       cover the one before. Compare the lengths of the steps, and the turns, with those of the other \
                       kind of layers.";
        context.put_chart(&title, file, caption, chart);
    }
    context.say(&format!(
        "Trajectories, after M. Hauser and A. Ray (2017): {STEPS} layers of two tanh units move each point of the \
         plane {STEPS} times, and softmax regression separates the classes in the end. A plain layer moves x to f(W·x \
         + b), a residual layer to x + f(W·x + b). Both learn the same two spirals, which wind around the origin \
         {WINDINGS} times, by L-BFGS, each from {STARTS} random starts. `mean step` is the mean distance from one \
         layer to the next; `cosine` is the mean cosine of the angle between successive steps: 1 if the path is \
         straight, -1 if it doubles back.\n"
    ));
    context.table(&table);
    context.say(
        "What to see: in the charts, each line is the path of a point from its black dot to the last layer. (The \
         charts have different scales.) A plain layer maps the plane anew: points jump, and often turn back. A \
         residual layer adds a change to the position: successive steps tend to have the same direction. Hauser and \
         Ray compare residual layers to the steps of a numerical solution of a differential equation. Both networks \
         classify the points; the difference is in the way there.",
    );
}

/// The positions of each example (column) at the input and after each hidden layer.
fn paths(trained: &TrainedClassifier<Network, f32>, examples: &LabeledExamples<f32>) -> Vec<Vec<[f64; 2]>> {
    let inputs = InMemory::from_columns(&examples.matrix);
    let layers = trained.model.layers.len() - 1;
    let positions: Vec<Matrix<f32>> =
        (0..=layers).map(|layer| trained.model.outputs(&trained.theta, &inputs, layer)).collect();
    let path = |j: usize| positions.iter().map(|x| [0, 1].map(|i| f64::from(x.row(i)[j]))).collect();
    (0..examples.count()).map(path).collect()
}

/// How smooth paths are.
struct Smoothness {
    /// The mean length of a step.
    step: f64,
    /// The mean cosine of the angle between successive steps.
    cosine: f64,
}

impl Smoothness {
    fn of(paths: &[Vec<[f64; 2]>]) -> Self {
        let (mut lengths, mut cosines) = (Vec::new(), Vec::new());
        for path in paths {
            let steps: Vec<[f64; 2]> = path.windows(2).map(|pair| [0, 1].map(|i| pair[1][i] - pair[0][i])).collect();
            let length = |step: &[f64; 2]| Element::sqrt(squared_distance(step, &[0.0; 2]));
            lengths.extend(steps.iter().map(length));
            cosines.extend(steps.windows(2).filter_map(|pair| {
                let lengths = length(&pair[0]) * length(&pair[1]);
                (lengths > 0.0).then(|| dot(&pair[0], &pair[1]) / lengths)
            }));
        }
        let mean = |values: &[f64]| sum(values) / values.len() as f64;
        Smoothness { step: mean(&lengths), cosine: mean(&cosines) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::exercise::regularizers::tests::context;
    use crate::tutorial::progress::Silent;

    fn measured(layers: usize, activation: Activation, is_residual: bool, start: Start) -> Gradients {
        let depth = Depth { layers, activation, is_residual };
        Gradients::measure(depth, start, &random_examples(1), &mut Random::new(2))
    }

    #[test]
    fn weights_lie_within_their_bounds() {
        let model = network(&[Layer::Dense { units: 50, activation: Activation::Rectified }; 2]);
        let theta: Vec<f64> = Start::Scaled.draw(&model, Activation::Rectified, &mut Random::new(1));
        let blocks = model.blocks();
        let he = Element::sqrt(6.0 / 50.0);
        let largest = blocks[2].values(&theta).iter().fold(0.0, |most, w| Real::max(most, Real::abs(*w)));
        assert!((0.99 * he..=he).contains(&largest), "{largest} {he}");
        assert!(blocks.iter().skip(1).step_by(2).all(|b| b.values(&theta).iter().all(|&b| b == 0.0)));
        let ratio = |start: Start, f| start.bound(f, 64, 64) / Start::SourceA.bound(f, 64, 64);
        assert!((ratio(Start::Scaled, Activation::Sigmoid) - 4.0).abs() < 0.02);
        assert!((ratio(Start::Large, Activation::Tanh) - 3.0).abs() < 1e-12);
    }

    #[test]
    fn the_factor_of_a_layer_is_the_predicted_one() {
        for (_, activation, _) in UNIT_KINDS {
            for start in START {
                let found = measured(10, activation, false, start);
                let ratio = found.measured_factor() / found.predicted_factor();
                assert!((0.8..1.25).contains(&ratio), "{activation:?} {start:?}: {ratio}");
            }
            let found = measured(10, activation, true, Start::SourceA);
            let ratio = found.measured_factor() / found.predicted_factor();
            assert!((0.8..1.25).contains(&ratio), "residual {activation:?}: {ratio}");
        }
    }

    #[test]
    fn gradients_vanish_and_explode_and_the_right_start_prevents_it() {
        let ratio = |activation, is_residual, start| {
            let deltas = measured(12, activation, is_residual, start).deltas;
            deltas[0] / deltas[11]
        };
        assert!(ratio(Activation::Sigmoid, false, Start::SourceA) < 1e-5);
        assert!(ratio(Activation::Tanh, false, Start::Small) < 1e-5);
        assert!(ratio(Activation::Rectified, false, Start::Large) > 1e3);
        for (activation, start) in [(Activation::Rectified, Start::Scaled), (Activation::Tanh, Start::SourceA)] {
            assert!((0.1..10.0).contains(&ratio(activation, false, start)), "{activation:?}");
        }
        assert!(ratio(Activation::Sigmoid, true, Start::SourceA) > 0.5);
    }

    #[test]
    fn straight_paths_have_the_cosine_one_and_right_angles_zero() {
        let straight = vec![vec![[0.0, 0.0], [1.0, 0.0], [3.0, 0.0]]];
        let bent = vec![vec![[0.0, 0.0], [0.0, 2.0], [1.0, 2.0], [1.0, 2.0]]];
        let [straight, bent] = [straight, bent].map(|paths| Smoothness::of(&paths));
        assert_eq!([straight.step, straight.cosine], [1.5, 1.0]);
        assert_eq!([bent.step, bent.cosine], [1.0, 0.0]);
    }

    #[test]
    fn residual_paths_are_smoother() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        let [examples, _] = points(&context, PointSet::Spirals { windings: WINDINGS });
        let [plain, residual] = [false, true].map(|is_residual| {
            let depth = Depth { layers: 6, activation: Activation::Tanh, is_residual };
            let trained = train(&mut context, "test", network(&depth.hidden(2)), 60, &examples);
            let paths = paths(&trained, &examples.first(20));
            assert_eq!((paths.len(), paths[0].len()), (20, 7));
            assert_eq!(paths[3][0], [0, 1].map(|i| f64::from(examples.matrix.row(i)[3])));
            Smoothness::of(&paths)
        });
        assert!(residual.cosine > plain.cosine, "{} {}", residual.cosine, plain.cosine);
    }

    #[test]
    fn a_vanishing_gradient_prevents_learning() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        let [examples, _] = points(&context, PointSet::Circles);
        let [vanishing, scaled] = [(Activation::Sigmoid, Start::SourceA), (Activation::Rectified, Start::Scaled)]
            .map(|(activation, start)| trained_from(&mut context, "test", activation, start, &examples));
        assert!(vanishing < 0.65 && scaled > 0.9, "{vanishing} {scaled}");
    }
}
