//! E.4, D.11 and D.12: networks by hand. One unit and a small network, forward and back; the derivative of a composed
//! function, node by node; localist and distributed codes. (In the book, E.4 is in the chapter on back-propagation, and
//! D.12 in the one on codes of many units.)
//!
//! **Why.** All other exercises train models with too many numbers to follow. These exercises print every number next
//! to its formula. They also print the values computed by the [computation graph](crate::optimize::graph) and by the
//! engine, the [network](crate::model::network) that trains all larger models. A reader with a pocket calculator can
//! check every number.
//!
//! **Notation of E.4.** Source E writes i, j and k for a unit of the input, the hidden and the output layer. In E.4
//! these are the inputs 1 and 2, the hidden units p and q, and the outputs r and s. z_p is the weighted sum of unit p,
//! h_p its activation, f_r the activation of output r, y_r its target, and δ_p the derivative of the loss with respect
//! to z_p. As in the source there are no biases; in the engine they are 0.
//!
//! These exercises need no examples, and ignore those of their context.
//!
//! Sources: source E, "Back-propagation"; source D, "Building a Complicated Function" and "Localist Representations vs.
//! Distributed Representations"; D. Ackley, G. Hinton and T. Sejnowski, "A learning algorithm for Boltzmann machines",
//! 1985 (the encoder of one-hot examples, in D.12).

use super::context::ExerciseContext;
use crate::matrix::Matrix;
use crate::model::convolution::MapShape;
use crate::model::network::{InMemory, Layer, Network, Target};
use crate::model::softmax::most_likely;
use crate::model::{Activation, Autoencoder, Loss};
use crate::number::sum::sum_of_squares;
use crate::number::{Random, Real};
use crate::optimize::graph::{self, Dual, Function, Graph, Node};
use crate::optimize::{Objective, check};
use crate::picture::axis::Scale;
use crate::picture::chart::{Chart, Series, Style};
use crate::tutorial::error::TutorialError;
use crate::tutorial::report::Table;
use core::f64::consts::PI;
use std::format;
use std::string::String;
use std::vec;
use std::vec::Vec;

/// The inputs and the targets of the small network.
const X: [f64; 2] = [1.0, 0.5];
const Y: [f64; 2] = [1.0, 0.0];

/// The weights of units p and q, and those of r and s: one row for each unit.
const HIDDEN_WEIGHTS: [[f64; 2]; 2] = [[0.4, -0.6], [0.2, 0.8]];
const OUTPUT_WEIGHTS: [[f64; 2]; 2] = [[0.5, 1.0], [-1.0, 0.3]];

/// The learning rate of the step at the end of E.4.
const RATE: f64 = 0.5;

/// A number of the small network, with its formula.
struct Formula {
    quantity: &'static str,
    formula: &'static str,
}

const fn formula(quantity: &'static str, formula: &'static str) -> Formula {
    Formula { quantity, formula }
}

/// Forward, then back.
const FORMULAS: [Formula; 21] = [
    formula("z_p", "w_1p·x_1 + w_2p·x_2"),
    formula("z_q", "w_1q·x_1 + w_2q·x_2"),
    formula("h_p", "σ(z_p)"),
    formula("h_q", "σ(z_q)"),
    formula("z_r", "w_pr·h_p + w_qr·h_q"),
    formula("z_s", "w_ps·h_p + w_qs·h_q"),
    formula("f_r", "σ(z_r)"),
    formula("f_s", "σ(z_s)"),
    formula("Loss", "½·((f_r - y_r)² + (f_s - y_s)²)"),
    formula("δ_r", "(f_r - y_r)·f_r·(1 - f_r)"),
    formula("δ_s", "(f_s - y_s)·f_s·(1 - f_s)"),
    formula("∂Loss/∂w_pr", "δ_r·h_p"),
    formula("∂Loss/∂w_qr", "δ_r·h_q"),
    formula("∂Loss/∂w_ps", "δ_s·h_p"),
    formula("∂Loss/∂w_qs", "δ_s·h_q"),
    formula("δ_p", "(δ_r·w_pr + δ_s·w_ps)·h_p·(1 - h_p)"),
    formula("δ_q", "(δ_r·w_qr + δ_s·w_qs)·h_q·(1 - h_q)"),
    formula("∂Loss/∂w_1p", "δ_p·x_1"),
    formula("∂Loss/∂w_2p", "δ_p·x_2"),
    formula("∂Loss/∂w_1q", "δ_q·x_1"),
    formula("∂Loss/∂w_2q", "δ_q·x_2"),
];

/// The numbers of [`FORMULAS`], by these formulas.
fn by_formulas() -> Vec<f64> {
    let ([x_1, x_2], [y_r, y_s]) = (X, Y);
    let [[w_1p, w_2p], [w_1q, w_2q]] = HIDDEN_WEIGHTS;
    let [[w_pr, w_qr], [w_ps, w_qs]] = OUTPUT_WEIGHTS;
    let sigmoid = |z: f64| 1.0 / (1.0 + Real::exp(-z));

    let (z_p, z_q) = (w_1p * x_1 + w_2p * x_2, w_1q * x_1 + w_2q * x_2);
    let (h_p, h_q) = (sigmoid(z_p), sigmoid(z_q));
    let (z_r, z_s) = (w_pr * h_p + w_qr * h_q, w_ps * h_p + w_qs * h_q);
    let (f_r, f_s) = (sigmoid(z_r), sigmoid(z_s));
    let loss = 0.5 * ((f_r - y_r) * (f_r - y_r) + (f_s - y_s) * (f_s - y_s));
    let mut numbers = vec![z_p, z_q, h_p, h_q, z_r, z_s, f_r, f_s, loss];

    let (delta_r, delta_s) = ((f_r - y_r) * f_r * (1.0 - f_r), (f_s - y_s) * f_s * (1.0 - f_s));
    numbers.extend([delta_r, delta_s, delta_r * h_p, delta_r * h_q, delta_s * h_p, delta_s * h_q]);
    let delta_p = (delta_r * w_pr + delta_s * w_ps) * h_p * (1.0 - h_p);
    let delta_q = (delta_r * w_qr + delta_s * w_qs) * h_q * (1.0 - h_q);
    numbers.extend([delta_p, delta_q, delta_p * x_1, delta_p * x_2, delta_q * x_1, delta_q * x_2]);
    numbers
}

/// The small network as a computation graph.
struct LossGraph {
    graph: Graph,
    /// The values of its inputs, in the order of their nodes.
    inputs: Vec<f64>,
    /// z_p, z_q, z_r and z_s.
    sums: [usize; 4],
    /// h_p, h_q, f_r and f_s.
    activations: [usize; 4],
    /// The weights by rows, those of the hidden units first.
    weights: Vec<usize>,
}

impl LossGraph {
    fn new() -> Self {
        let mut built = LossGraph {
            graph: Graph::default(),
            inputs: Vec::new(),
            sums: [0; 4],
            activations: [0; 4],
            weights: Vec::new(),
        };
        let mut below = X.map(|x| built.input(x));
        for (layer, rows) in [HIDDEN_WEIGHTS, OUTPUT_WEIGHTS].into_iter().enumerate() {
            let mut above = [0; 2];
            for (i, row) in rows.into_iter().enumerate() {
                let weights = row.map(|w| built.input(w));
                built.weights.extend(weights);
                let [first, second] = [0, 1].map(|j| built.graph.push(Node::Product(weights[j], below[j])));
                let sum = built.graph.push(Node::Sum(first, second));
                above[i] = built.graph.push(Node::Apply(Function::Sigmoid, sum));
                (built.sums[2 * layer + i], built.activations[2 * layer + i]) = (sum, above[i]);
            }
            below = above;
        }
        let squares = [0, 1].map(|k| {
            let minus_y = built.input(-Y[k]);
            let error = built.graph.push(Node::Sum(below[k], minus_y));
            built.graph.push(Node::Apply(Function::Power(2), error))
        });
        let half = built.input(0.5);
        let sum = built.graph.push(Node::Sum(squares[0], squares[1]));
        built.graph.push(Node::Product(half, sum));
        built
    }

    fn input(&mut self, value: f64) -> usize {
        self.inputs.push(value);
        self.graph.push(Node::Input)
    }

    /// The number of its arrows.
    fn arrows(&self) -> usize {
        let values = self.graph.values(&self.inputs);
        (0..values.len()).map(|v| self.graph.arrows(v, &values).len()).sum::<usize>()
    }

    /// The numbers of [`FORMULAS`]: values forward, derivatives by reverse mode.
    fn numbers(&self) -> Vec<f64> {
        let values = self.graph.values(&self.inputs);
        let derivatives = self.graph.backward(&values);
        let ([p, q, r, s], [h_p, h_q, f_r, f_s]) = (self.sums, self.activations);
        let (hidden, output) = self.weights.split_at(4);
        let forward = [p, q, h_p, h_q, r, s, f_r, f_s, values.len() - 1].map(|node| values[node]);
        let back = [&[r, s], output, &[p, q], hidden].concat();
        forward.into_iter().chain(back.into_iter().map(|node| derivatives[node])).collect()
    }
}

/// The small network for the engine.
fn network() -> Network {
    let layer = Layer::Dense { units: 2, activation: Activation::Sigmoid };
    let input = MapShape::vector(2);
    Network::new(input, vec![layer, layer])
}

/// Its parameters: the weights of a layer, then its biases.
fn parameters() -> Vec<f64> {
    [HIDDEN_WEIGHTS, OUTPUT_WEIGHTS].map(|rows| [rows[0], rows[1], [0.0; 2]].concat()).concat()
}

/// The example and its targets for the engine.
fn example() -> [Matrix<f64>; 2] {
    [X, Y].map(|values| Matrix::from_rows(2, 1, values.to_vec()))
}

/// The loss and its gradient by the engine.
fn engine_loss(theta: &[f64]) -> (f64, Vec<f64>) {
    let ([x, y], network) = (example(), network());
    let (examples, mut gradient) = (InMemory::from_columns(&x), vec![0.0; theta.len()]);
    let loss = network.cost(&examples, Target::Values(&y)).cost_and_gradient(theta, &mut gradient);
    (loss, gradient)
}

/// The numbers of [`FORMULAS`] by the engine. Sums are the outputs of a layer that is linear. A bias is added to its
/// sum, so its derivative is δ.
fn by_engine() -> Vec<f64> {
    let (theta, [x, _]) = (parameters(), example());
    let examples = InMemory::from_columns(&x);
    let mut numbers = Vec::new();
    for layer in 1..=2 {
        let network = network();
        let mut linear = network.clone();
        linear.layers[layer - 1] = Layer::Dense { units: 2, activation: Activation::Linear };
        for network in [linear, network] {
            numbers.extend(network.outputs(&theta, &examples, layer).elements());
        }
    }
    let (loss, gradient) = engine_loss(&theta);
    let (hidden, output) = gradient.split_at(6);
    numbers.push(loss);
    numbers.extend([&output[4..], &output[..4], &hidden[4..], &hidden[..4]].concat());
    numbers
}

/// The activations of E.4.
const ACTIVATIONS: [Activation; 5] =
    [Activation::Linear, Activation::Sigmoid, Activation::Tanh, Activation::Rectified, Activation::Softplus];

/// E.4: one unit and a small network, forward and back.
pub fn passes(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    context.say(
        "One unit. Its inputs are x = (½, -1), its weights w = (2, 1), its target is y = 1, and its activation \
         function is the sigmoid σ, whose slope is σ·(1 - σ). Forward: the weighted sum is z = 2·½ + 1·(-1) = 0 (the \
         lectures call it in), the output a = σ(z) = ½, and Loss = ½·(½ - 1)² = 0.125. Back: δ = ∂Loss/∂z = (a - \
         y)·a·(1 - a) = -½·½·½ = -0.125, and ∂Loss/∂w = δ·x = (-0.0625, 0.125). δ is negative: the output is too low, \
         so z must rise. Gradient descent therefore raises w_1, since x_1 > 0, and lowers w_2, since x_2 < 0. The \
         output exceeds ½ on one side of the line w·x = 0 and is below ½ on the other, so one unit is a linear \
         classifier.\n",
    );
    context.say(
        "The choice of the activation function: its value f(z) and its slope at three weighted sums z. The slope of \
         ReLU at 0 is 0 by convention. The charts show both.\n",
    );
    let mut table = Table::new(&["activation", "f(-1)", "f(0)", "f(1)", "slope at -1", "at 0", "at 1"]);
    for activation in ACTIVATIONS {
        let values = [-1.0, 0.0, 1.0].map(|z| activation.value(z));
        let row = values.into_iter().chain(values.map(|a| activation.slope(a))).map(|number| format!("{number:.4}"));
        table.row(&[String::from(activation.name())].into_iter().chain(row).collect::<Vec<_>>());
    }
    context.table(&table);
    context.say(&format!(
        "A small network: inputs x = ({}, {}), hidden units p and q, outputs r and s with the targets y = ({}, {}), \
         all of them sigmoid units without a bias. The weights: w_1p = {}, w_2p = {}, w_1q = {}, w_2q = {}, w_pr = \
         {}, w_qr = {}, w_ps = {}, w_qs = {}. Each quantity is computed in three ways: from its formula, with a \
         computation graph (`optimize::graph`), and with the code that trains the networks of all other exercises.\n",
        X[0],
        X[1],
        Y[0],
        Y[1],
        HIDDEN_WEIGHTS[0][0],
        HIDDEN_WEIGHTS[0][1],
        HIDDEN_WEIGHTS[1][0],
        HIDDEN_WEIGHTS[1][1],
        OUTPUT_WEIGHTS[0][0],
        OUTPUT_WEIGHTS[0][1],
        OUTPUT_WEIGHTS[1][0],
        OUTPUT_WEIGHTS[1][1],
    ));
    let (graph, mut table) =
        (LossGraph::new(), Table::new(&["quantity", "formula", "from the formula", "graph", "network"]));
    let numbers = by_formulas().into_iter().zip(graph.numbers()).zip(by_engine());
    for (Formula { quantity, formula }, ((by_formula, by_graph), by_engine)) in FORMULAS.iter().zip(numbers) {
        let [by_formula, by_graph, by_engine] = [by_formula, by_graph, by_engine].map(|x| format!("{x:.6}"));
        table.cells(&[quantity, formula, &by_formula, &by_graph, &by_engine]);
    }
    context.table(&table);
    let (theta, (loss, gradient)) = (parameters(), engine_loss(&parameters()));
    // The biases stay 0, as in the source.
    let is_bias = |i: usize| i % 6 >= 4;
    let gradient: Vec<f64> = gradient.iter().enumerate().map(|(i, &g)| if is_bias(i) { 0.0 } else { g }).collect();
    let stepped: Vec<f64> = theta.iter().zip(&gradient).map(|(w, g)| w - RATE * g).collect();
    context.say(&format!(
        "What to see: apart from inputs, weights and targets, each formula uses only values from the rows above it: \
         first forward, then back. δ of a hidden unit is a sum over both outputs, because the unit affects the loss \
         through both. The derivative with respect to a weight is δ of the unit that receives the product, times the \
         activation that the weight multiplies. The graph has no notion of layers, only {} edges, yet gives the same \
         values. One reverse pass yields the derivatives with respect to all 8 weights; in forward mode, which \
         exercise D.11 shows, each weight would take a pass of its own.\n\n\
         One step of gradient descent with the learning rate {RATE} lowers the loss from {loss:.6} to {:.6}. To first \
         order it would fall by {RATE}·|∇Loss|² = {:.6}; it falls by {:.6}.",
        graph.arrows(),
        engine_loss(&stepped).0,
        RATE * sum_of_squares(&gradient),
        loss - engine_loss(&stepped).0,
    ));
    let curve = |activation: Activation, of: fn(Activation, f64) -> f64| {
        let points = (-80..=80).map(|i| 0.05 * f64::from(i)).map(|z| [z, of(activation, z)]).collect();
        Series { name: activation.name().into(), points, style: Style::Line }
    };
    let values = ACTIVATIONS.map(|f| curve(f, Activation::value)).into();
    let slopes = ACTIVATIONS.map(|f| curve(f, |f, z| f.slope(f.value(z)))).into();
    let saturation = "The sigmoid and tanh saturate: far from 0 they hardly change. The others grow without bound.";
    let vanishing = "Where a slope is near 0, hardly any gradient passes: far from 0 for the sigmoid and tanh, below 0 \
                     for the rectifier. The slope of the sigmoid is at most 1/4.";
    for (title, what, name, caption, curves) in [
        ("activations", "f(z)", "E.4-activations.svg", saturation, values),
        ("slopes of activations", "f'(z)", "E.4-slopes.svg", vanishing, slopes),
    ] {
        let chart = Chart::new(title, ["z, the weighted sum", what], [Scale::Linear; 2], curves);
        context.put_chart(title, name, caption, chart);
    }
    Ok(())
}

/// The x of D.11.
const AT: f64 = PI / 6.0;

/// The nodes of [`graph::composed_function`].
const NODES: [&str; 6] = ["x", "s = sin x", "c = s³", "p = exp(c)", "k = cos p", "L = ln k"];

/// D.11: log(cos(exp(sin³ x))) and its derivative, node by node.
pub fn composition(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let composed = graph::composed_function();
    let (duals, values) = (composed.forward(&[Dual::variable(AT)]), composed.values(&[AT]));
    let derivatives = composed.backward(&values);
    let mut table = Table::new(&["node", "value", "local derivative", "forward, ∂node/∂x", "reverse, ∂L/∂node"]);
    for (v, name) in NODES.iter().enumerate() {
        let local = composed.arrows(v, &values).first().map_or("-".into(), |arrow| format!("{:.6}", arrow.derivative));
        let [value, forward, reverse] = [values[v], duals[v].derivative, derivatives[v]].map(|x| format!("{x:.6}"));
        table.cells(&[name, &value, &local, &forward, &reverse]);
    }
    context.say(
        "The lectures build a complicated function from a library of simple ones: f(x) = ln(cos(exp(sin³ x))). Here \
         it is computed at x = π/6, one node of its graph after the other; the last node is L = f(x). The local \
         derivative of a node is its derivative with respect to the node in the row above.\n",
    );
    context.table(&table);
    let value = |x: &[f64]| composed.values(x)[NODES.len() - 1];
    context.say(&format!(
        "What to see: forward mode starts with ∂x/∂x = 1 in the first row and goes down: each entry is the entry \
         above times the local derivative of its own row. Reverse mode starts with ∂L/∂L = 1 in the last row and goes \
         up: each entry is the entry below times the local derivative of the row below. Both end with the product of \
         all local derivatives, {:.6}. The closed form, -tan(p)·p·3s²·cos x, is {:.6}; a numerical derivative is \
         {:.6}. Neither mode needs the closed form: the library's derivatives and the chain rule are enough for any \
         composition. With one input, both modes take one pass. With many inputs and one output, as a network has, \
         reverse mode still takes one, forward mode one for each input.\n\n\
         In the chart, f' is 0 where a factor is 0: at sin x = 0 and at cos x = 0. It ends before the x at which \
         cos(exp(sin³ x)) is 0 and the logarithm undefined.",
        derivatives[0],
        graph::composed_derivative(AT),
        check::by_definition(value, &[AT], 0, 1e-3),
    ));
    let points = |of: &dyn Fn(f64) -> f64| (-160..=35).map(|i| 0.02 * f64::from(i)).map(|x| [x, of(x)]).collect();
    let derivative = |x: f64| composed.backward(&composed.values(&[x]))[0];
    let curve = |name: &str, points| Series { name: name.into(), points, style: Style::Line };
    let curves = vec![curve("f", points(&|x| value(&[x]))), curve("f'", points(&derivative))];
    let chart = Chart::new("log(cos(exp(sin³ x)))", ["x", "f, f'"], [Scale::Linear; 2], curves);
    let caption = "f' is 0 where f is level, and negative where f falls.";
    context.put_chart("the composed function and its derivative", "D.11-function.svg", caption, chart);
    Ok(())
}

/// The things of D.12, each an example of which one value is 1.
const THINGS: usize = 8;

/// What an autoencoder of one-hot examples has learned.
struct LearnedCodes {
    /// Units x things.
    codes: Matrix<f64>,
    /// The things that are decoded correctly, from the codes, and from the codes rounded to 0 and 1.
    correct: usize,
    correct_rounded: usize,
}

/// Learns codes of the things. With this weight decay the codes approach 0 and 1; without any, some stay near ½.
fn learned_codes(context: &mut ExerciseContext, units: usize) -> LearnedCodes {
    let x: Matrix<f64> = Matrix::from_function(THINGS, THINGS, |i, j| if i == j { 1.0 } else { 0.0 });
    let model = Autoencoder {
        loss: Loss::CrossEntropy,
        weight_decay: 1e-3,
        sparsity_weight: 0.0,
        ..Autoencoder::new(THINGS, units)
    };
    let mut theta = model.draw(&mut Random::new(context.settings.seed));
    context.run.minimize(&format!("{units} units"), 150, &mut model.cost(&x), &mut theta);
    context.run.learned(&theta);
    let codes = model.encode(&theta, &x);
    let correct = |codes: &Matrix<f64>| {
        let decoded = most_likely(&model.decode(&theta, codes));
        decoded.iter().enumerate().filter(|(thing, found)| thing == *found).count()
    };
    let rounded = Matrix::from_function(units, THINGS, |i, j| if codes.row(i)[j] < 0.5 { 0.0 } else { 1.0 });
    LearnedCodes { correct: correct(&codes), correct_rounded: correct(&rounded), codes }
}

/// D.12: localist against distributed codes.
pub fn codes(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    context.say(
        "A localist code dedicates one unit to each thing. A distributed code represents each thing by the pattern of \
         all units, zeros included, and each unit takes part in representing many things. With units that are 0 or 1:\n",
    );
    let mut table = Table::new(&["units", "things, localist", "things, distributed"]);
    for units in [1, 2, 3, 8, 16, 32] {
        table.cells(&[&units, &units, &(1u64 << units)]);
    }
    context.table(&table);
    let learned = [1, 2, 3].map(|units| learned_codes(context, units));
    let mut table = Table::new(&["thing", "localist, 8 units", "distributed, 3 units", "learned, 3 units"]);
    for thing in 0..THINGS {
        let digits = |bits: Vec<bool>| bits.iter().map(|&bit| if bit { " 1" } else { " 0" }).collect::<String>();
        let code: String = learned[2].codes.column(thing).iter().map(|a| format!(" {a:.2}")).collect();
        table.cells(&[
            &(thing + 1),
            &digits((0..THINGS).map(|unit| unit == thing).collect()),
            &digits((0..3).map(|unit| thing >> (2 - unit) & 1 == 1).collect()),
            &code,
        ]);
    }
    context.say(
        "The next table shows eight things in each code, and in a learned code: an autoencoder with 8 inputs, 3 \
         hidden units and 8 outputs reconstructs each localist code word from its 3 hidden activations. (Weight decay \
         keeps the weights small, and with them the activations away from exactly 0 and 1.)\n",
    );
    context.table(&table);
    let mut table = Table::new(&["hidden units", "things reconstructed", "from rounded codes", "2^units"]);
    for (units, learned) in (1..).zip(&learned) {
        table.cells(&[&units, &learned.correct, &learned.correct_rounded, &(1u64 << units)]);
    }
    context.say(
        "The same autoencoder with 1, 2 and 3 hidden units. A thing counts as reconstructed if its own output is the \
         largest; rounded codes have each activation replaced with 0 or 1.\n",
    );
    context.table(&table);
    context.say(
        "What to see: a distributed code needs 3 units where a localist code needs 8, and 32 units where a localist \
         code needs 4 billion. The autoencoder is forced to invent a distributed code, because its hidden layer is \
         too small to give each thing a unit of its own. Rounded codes of n units distinguish at most 2^n things. \
         Activations between 0 and 1 can distinguish more: compare the last table, where one unit distinguishes 4 \
         things, but 2 when rounded.\n\n\
         The localist code has its merits: it is easy to read and to write by hand. But any two of its code words \
         differ in exactly two units, so it cannot show that some things are alike. In a distributed code, things \
         that are alike can share units, as a dog and a cat share `has fur` and `has four legs`: this is what the \
         lectures call componential structure.",
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::exercise::regularizers::tests::context;
    use crate::tutorial::progress::Silent;

    #[test]
    fn formulas_graph_and_engine_agree_in_every_number() {
        let (graph, formulas) = (LossGraph::new(), by_formulas());
        let (by_graph, by_engine) = (graph.numbers(), by_engine());
        assert_eq!([formulas.len(), by_graph.len(), by_engine.len()], [FORMULAS.len(); 3]);
        for (i, Formula { quantity, .. }) in FORMULAS.iter().enumerate() {
            for other in [by_graph[i], by_engine[i]] {
                assert!((formulas[i] - other).abs() < 1e-15, "{quantity}: {} {other}", formulas[i]);
            }
        }
        // z_p = 0.4 - 0.3 and z_q = 0.2 + 0.4; σ(0.1) and σ(0.6) from a table.
        for (number, expected) in formulas.iter().zip([0.1, 0.6, 0.524979, 0.645656]) {
            assert!((number - expected).abs() < 5e-7, "{number} {expected}");
        }
    }

    #[test]
    fn gradients_of_the_small_network_are_differences_of_its_loss() {
        let (theta, (_, gradient)) = (parameters(), engine_loss(&parameters()));
        for (i, g) in gradient.iter().enumerate() {
            let numerical = check::by_definition(|theta| engine_loss(theta).0, &theta, i, 1e-3);
            assert!((g - numerical).abs() < 1e-12, "{i}: {g} {numerical}");
        }
    }

    #[test]
    fn three_units_learn_a_code_of_eight_things() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        for units in [1, 2, 3] {
            let learned = learned_codes(&mut context, units);
            assert_eq!(learned.correct_rounded, 1 << units, "{units}");
            assert!(units == 1 || learned.correct == THINGS, "{units}: {}", learned.correct);
        }
    }
}
