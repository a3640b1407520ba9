//! A computation graph: any composed function, and its derivatives by forward and by reverse mode.
//!
//! **Why.** A network is a function composed of a few simple ones, and training needs its derivatives. The chapters of
//! the models derive them by hand, layer by layer. That is not necessary: a rule that knows only sums, products and
//! single functions differentiates all that is composed of them. This chapter states the rule once, without any layer,
//! and the back-propagation of every other chapter is a case of it.
//!
//! **Idea.** Write the function as a list of nodes. Each node is an input, or is computed from earlier nodes, its
//! operands. Draw an arrow from each operand to the node, and two if the node uses an operand twice. Each arrow has a
//! local derivative that is known in closed form. Forward mode carries a derivative along the arrows, from one input to
//! all nodes. Reverse mode carries one against the arrows, from the last node to all inputs.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x | an input |
//! | u, v | nodes; v_i is the node at the end of the i-th arrow that leaves u |
//! | L | the last node, a single number |
//! | ∂L/∂u | how fast L changes if u changes and every later node is computed again |
//! | a, b | operands of a node |
//! | a', b' | their derivatives with respect to the chosen input |
//! | ε | a symbol with ε² = 0 and ε ≠ 0 |
//! | φ | a function from the library: sin, cos, exp, ln, σ (the sigmoid), powers |
//! | ∂v_i/∂u | the local derivative of an arrow: how fast v_i changes with this operand, its other operands fixed |
//!
//! **Forward mode: dual numbers.** A dual number a + a'ε is a value with its derivative. The chosen input is x + 1ε,
//! and every other input has 0ε. Arithmetic as usual, with ε² = 0, computes both parts of every node:
//!
//! ```text
//! (GR.1)  (a + a'ε) + (b + b'ε) = (a + b) + (a' + b')ε
//! (GR.2)  (a + a'ε)·(b + b'ε)   = ab + (a'b + ab')ε
//! (GR.3)  φ(a + a'ε)            = φ(a) + φ'(a)·a'ε
//! ```
//!
//! **Reverse mode.** The values of all nodes are computed first. Then the derivative of L with respect to each node
//! follows from the derivatives with respect to the nodes that are computed from it:
//!
//! ```text
//! (GR.4)  ∂L/∂L = 1
//! (GR.5)  ∂L/∂u = Σ_i ∂L/∂v_i · ∂v_i/∂u        source E, "Back-propagation"
//!
//! (GR.6)  ∂(a + b)/∂a = 1,  ∂(a·b)/∂a = b,  ∂φ(a)/∂a = φ'(a)
//! ```
//!
//! The example is source D's complicated function, composed of a library of simple ones:
//!
//! ```text
//! (GR.7)  f(x)  = ln(cos(exp(sin³ x)))         source D, "Building a Complicated Function"
//! (GR.8)  f'(x) = -tan(e^(s³))·e^(s³)·3s²·cos x,  s = sin x
//! ```
//!
//! **Derivation.** (GR.2): the product is ab + (a'b + ab')ε + a'b'ε², and the last term is 0; what remains is the
//! product rule. (GR.3): in Taylor's series φ(a) + φ'(a)·a'ε + ½φ''(a)·(a'ε)² + ..., all terms from the third on
//! contain ε²; what remains is the chain rule. The inputs start with the right derivatives, 1 or 0, and each rule turns
//! the right derivatives of the operands into that of the node, so every node has the right one. (GR.8) is the product
//! of the local derivatives, 1/k·(-sin p)·p·3s²·cos x with p = e^(s³) and k = cos p.
//!
//! (GR.5): change u by a small h, and keep all that does not depend on u. To first order in h, the effects of several
//! small changes add up:
//!
//! ```text
//! each v_i moves by   ∂v_i/∂u·h               on account of u alone
//! L moves by          Σ_i ∂L/∂v_i·(∂v_i/∂u·h)  since a change reaches L through some v_i
//! divide by h:        ∂L/∂u = Σ_i ∂L/∂v_i·∂v_i/∂u
//! ```
//!
//! Suppose that u is an operand of v_1 and of v_2, and v_1 is an operand of v_2 as well. The change along u → v_1 → v_2
//! is a part of ∂L/∂v_1. The term of v_2 counts only the arrow from u to v_2. So each path is counted once.
//!
//! **By hand.** L = (x + y)·x at x = 2, y = 3. The nodes are v = x + y = 5 and L = v·x = 10. Reverse: ∂L/∂L = 1, and
//! ∂L/∂v = 1·x = 2. Two arrows leave x, one to v and one to L: ∂L/∂x = ∂L/∂v·1 + ∂L/∂L·v = 2 + 5 = 7. One leaves y:
//! ∂L/∂y = ∂L/∂v·1 = 2. Forward, for x: v is 5 + 1ε, and L is (5 + 1ε)·(2 + 1ε) = 10 + (5 + 2)ε.
//!
//! (GR.7) at x = π/6 (radians), each line one node; the local derivative is the one with respect to the node above.
//! Read the values and the forward column from the top to the bottom, and the reverse column from the bottom to the
//! top. Both end with f'(x): the forward column in the last row, the reverse column in the first. (Numbers are rounded
//! for the page; the products are not.)
//!
//! | node | value | local derivative | forward, ∂u/∂x | reverse, ∂L/∂u |
//! | --- | --- | --- | --- | --- |
//! | x | π/6 | | 1 | -1.816·0.8660 = -1.573 |
//! | s = sin x | 0.5 | cos x = 0.8660 | 0.8660 | -2.422·0.75 = -1.816 |
//! | c = s³ | 0.125 | 3s² = 0.75 | 0.6495 | -2.137·1.133 = -2.422 |
//! | p = eᶜ | 1.133 | eᶜ = 1.133 | 0.7360 | 2.360·(-0.9058) = -2.137 |
//! | k = cos p | 0.4238 | -sin p = -0.9058 | -0.6666 | 1·2.360 = 2.360 |
//! | L = ln k | -0.8585 | 1/k = 2.360 | -1.573 | 1 |
//!
//! **Cost.** Each pass visits every arrow once and takes about as long as computing the values. One forward pass gives
//! the derivatives of all nodes with respect to one input; one reverse pass gives the derivatives of one node with
//! respect to all inputs. A cost has n parameters and is one number, so its gradient takes n forward passes or one
//! reverse pass. The price is memory: the values of all nodes must be kept until the reverse pass uses them.
//!
//! `by_definition` follows (GR.5) literally, from u to the nodes v_i, and computes ∂L/∂v anew each time that it meets
//! v. That is one term for each path from u to L; if each of k nodes is the previous one plus itself, there are 2ᵏ
//! paths. The reverse pass goes through the list from the last node to the first, and at node v adds v's term of (GR.5)
//! to the sums of its operands. Every node that uses v has had its turn before, so the sum for v is complete.
//!
//! The logarithm's domain limits (GR.7) to cos(e^(s³)) > 0, that is, sin x < (ln(π/2))^(1/3) = 0.767.
//!
//! Sources: source E, "Back-propagation"; source D, "Building a Complicated Function" and "Hierarchical
//! Compositionality"; R. Wengert, "A simple automatic derivative evaluation program", 1964 (forward mode); S.
//! Linnainmaa, "Taylor expansion of the accumulated rounding error", 1976 (reverse mode).

use crate::number::Real;
use alloc::vec;
use alloc::vec::Vec;
use core::f64::consts::PI;
use core::ops::{Add, Mul};

/// The library: functions of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// sin a.
    Sine,
    /// cos a.
    Cosine,
    /// eᵃ.
    Exponential,
    /// ln a, for a > 0.
    Logarithm,
    /// 1/(1 + e⁻ᵃ).
    Sigmoid,
    /// a to a power of at least 1.
    Power(u32),
}

impl Function {
    /// φ(a).
    pub fn value(self, a: f64) -> f64 {
        match self {
            Function::Sine => Real::sin_cos_pi(a / PI).0,
            Function::Cosine => Real::sin_cos_pi(a / PI).1,
            Function::Exponential => Real::exp(a),
            Function::Logarithm => Real::ln(a),
            Function::Sigmoid => Real::sigmoid(a),
            Function::Power(n) => (0..n).fold(1.0, |product, _| product * a),
        }
    }

    /// φ'(a).
    pub fn derivative(self, a: f64) -> f64 {
        match self {
            Function::Sine => Function::Cosine.value(a),
            Function::Cosine => -Function::Sine.value(a),
            Function::Exponential => Real::exp(a),
            Function::Logarithm => 1.0 / a,
            Function::Sigmoid => Real::sigmoid(a) * (1.0 - Real::sigmoid(a)),
            Function::Power(n) => f64::from(n) * Function::Power(n - 1).value(a),
        }
    }
}

/// A dual number a + a'ε: a value and its derivative by the chosen input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dual {
    /// a.
    pub value: f64,
    /// a'.
    pub derivative: f64,
}

impl Dual {
    /// The input that the derivatives are taken by: x + 1ε.
    pub const fn variable(x: f64) -> Self {
        Dual { value: x, derivative: 1.0 }
    }

    /// Any other input: x + 0ε.
    pub const fn constant(x: f64) -> Self {
        Dual { value: x, derivative: 0.0 }
    }

    /// φ of a dual number.
    pub fn apply(self, function: Function) -> Self {
        let Dual { value: a, derivative } = self;
        Dual { value: function.value(a), derivative: function.derivative(a) * derivative } // (GR.3)
    }
}

impl Add for Dual {
    type Output = Dual;

    fn add(self, b: Dual) -> Dual {
        Dual { value: self.value + b.value, derivative: self.derivative + b.derivative } // (GR.1)
    }
}

impl Mul for Dual {
    type Output = Dual;

    fn mul(self, b: Dual) -> Dual {
        let derivative = self.derivative * b.value + self.value * b.derivative; // (GR.2)
        Dual { value: self.value * b.value, derivative }
    }
}

/// A node, with its operands as indices of earlier nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// An input of the graph, or a constant.
    Input,
    /// a + b.
    Sum(usize, usize),
    /// a·b.
    Product(usize, usize),
    /// φ(a).
    Apply(Function, usize),
}

/// An arrow from an operand to the node that is computed from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrow {
    /// The operand, u.
    pub operand: usize,
    /// ∂v/∂u.
    pub derivative: f64,
}

/// A function as a list of nodes. The last node is its value, L.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    nodes: Vec<Node>,
}

impl Graph {
    /// Adds a node, and returns its index.
    ///
    /// # Panics
    /// If an operand is not an earlier node, or a power is 0.
    pub fn push(&mut self, node: Node) -> usize {
        let exists = |operand: usize| operand < self.nodes.len();
        assert!(match node {
            Node::Input => true,
            Node::Sum(a, b) | Node::Product(a, b) => exists(a) && exists(b),
            Node::Apply(function, a) => exists(a) && function != Function::Power(0),
        });
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// The nodes, in the order in which they were added.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Forward mode: the value of each node and its derivative by the input that is a [variable](Dual::variable). The
    /// inputs are in the order of their nodes.
    ///
    /// # Panics
    /// If there are fewer numbers than inputs.
    pub fn forward(&self, inputs: &[Dual]) -> Vec<Dual> {
        let (mut duals, mut inputs) = (Vec::<Dual>::with_capacity(self.nodes.len()), inputs.iter());
        for node in &self.nodes {
            duals.push(match *node {
                Node::Input => *inputs.next().expect("a number for each input"),
                Node::Sum(a, b) => duals[a] + duals[b],
                Node::Product(a, b) => duals[a] * duals[b],
                Node::Apply(function, a) => duals[a].apply(function),
            });
        }
        duals
    }

    /// The value of each node.
    ///
    /// # Panics
    /// If there are fewer numbers than inputs.
    pub fn values(&self, inputs: &[f64]) -> Vec<f64> {
        let constants: Vec<Dual> = inputs.iter().map(|&x| Dual::constant(x)).collect();
        self.forward(&constants).into_iter().map(|node| node.value).collect()
    }

    /// The arrows to node v, one for each operand.
    ///
    /// # Panics
    /// If there is no node v, or no value of an operand.
    pub fn arrows(&self, v: usize, values: &[f64]) -> Vec<Arrow> {
        let arrow = |operand, derivative| Arrow { operand, derivative };
        match self.nodes[v] {
            Node::Input => Vec::new(),
            Node::Sum(a, b) => vec![arrow(a, 1.0), arrow(b, 1.0)],
            Node::Product(a, b) => vec![arrow(a, values[b]), arrow(b, values[a])],
            Node::Apply(function, a) => vec![arrow(a, function.derivative(values[a]))], // (GR.6)
        }
    }

    /// Reverse mode: ∂L/∂u for each node u, from the values of the nodes.
    ///
    /// # Panics
    /// If the graph is empty, or a node has no value.
    pub fn backward(&self, values: &[f64]) -> Vec<f64> {
        let last = self.nodes.len() - 1;
        let mut derivatives = vec![0.0; self.nodes.len()];
        derivatives[last] = 1.0; // (GR.4)
        for v in (0..=last).rev() {
            for Arrow { operand, derivative } in self.arrows(v, values) {
                derivatives[operand] += derivatives[v] * derivative; // (GR.5)
            }
        }
        derivatives
    }
}

/// ∂L/∂u by (GR.5) alone: one term for each path from u to L.
///
/// # Panics
/// If the graph is empty, or a node has no value.
pub fn by_definition(graph: &Graph, values: &[f64], u: usize) -> f64 {
    let last = graph.nodes.len() - 1;
    if u == last {
        return 1.0; // (GR.4)
    }
    let mut sum = 0.0;
    for v in u + 1..=last {
        for arrow in graph.arrows(v, values) {
            if arrow.operand == u {
                sum += by_definition(graph, values, v) * arrow.derivative; // (GR.5)
            }
        }
    }
    sum
}

/// The nodes of ln(cos(exp(sin³ x))), in this order: x, the sine, its cube, the exponential, the cosine, the logarithm.
pub fn composed_function() -> Graph {
    let mut graph = Graph::default();
    let mut node = graph.push(Node::Input);
    let sine = [Function::Sine, Function::Power(3)];
    for function in [&sine[..], &[Function::Exponential, Function::Cosine, Function::Logarithm]].concat() {
        node = graph.push(Node::Apply(function, node)); // (GR.7)
    }
    graph
}

/// The derivative of ln(cos(exp(sin³ x))) in closed form.
pub fn composed_derivative(x: f64) -> f64 {
    let (sine, cosine) = Real::sin_cos_pi(x / PI);
    let power = Real::exp(sine * sine * sine);
    let (sine_of_power, cosine_of_power) = Real::sin_cos_pi(power / PI);
    -sine_of_power / cosine_of_power * power * 3.0 * sine * sine * cosine // (GR.8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::check;

    /// The derivatives by all inputs, by one forward pass for each.
    fn by_forward_passes(graph: &Graph, inputs: &[f64]) -> Vec<f64> {
        let pass = |chosen: usize| {
            let mut duals: Vec<Dual> = inputs.iter().map(|&x| Dual::constant(x)).collect();
            duals[chosen] = Dual::variable(inputs[chosen]);
            graph.forward(&duals).last().unwrap().derivative
        };
        (0..inputs.len()).map(pass).collect()
    }

    #[test]
    fn a_product_by_hand() {
        let mut graph = Graph::default();
        let [x, y] = [0, 1].map(|_| graph.push(Node::Input));
        let v = graph.push(Node::Sum(x, y));
        graph.push(Node::Product(v, x));
        let values = graph.values(&[2.0, 3.0]);
        assert_eq!(values, [2.0, 3.0, 5.0, 10.0]);
        assert_eq!(graph.backward(&values), [7.0, 2.0, 2.0, 1.0]);
        assert_eq!(by_forward_passes(&graph, &[2.0, 3.0]), [7.0, 2.0]);
    }

    #[test]
    fn the_composed_function_has_the_values_of_the_table() {
        let (graph, x) = (composed_function(), PI / 6.0);
        let (duals, values) = (graph.forward(&[Dual::variable(x)]), graph.values(&[x]));
        let backward = graph.backward(&values);
        let close = |found: f64, expected: f64| {
            assert!((found - expected).abs() <= 5.1e-4 * expected.abs(), "{found}, not {expected}");
        };
        let table = [
            (x, 1.0, -1.573),
            (0.5, 0.8660, -1.816),
            (0.125, 0.6495, -2.422),
            (1.133, 0.7360, -2.137),
            (0.4238, -0.6666, 2.360),
            (-0.8585, -1.573, 1.0),
        ];
        for (i, (value, forward, reverse)) in table.into_iter().enumerate() {
            close(values[i], value);
            close(duals[i].derivative, forward);
            close(backward[i], reverse);
        }
    }

    #[test]
    fn both_modes_agree_with_the_closed_form_and_with_differences() {
        let graph = composed_function();
        let cost = |x: &[f64]| *graph.values(x).last().unwrap();
        for i in -30..=8 {
            let x = 0.1 * f64::from(i);
            let closed = composed_derivative(x);
            let forward = graph.forward(&[Dual::variable(x)])[5].derivative;
            let values = graph.values(&[x]);
            let reverse = graph.backward(&values)[0];
            assert!((forward - closed).abs() <= 1e-14 * closed.abs(), "{x}: {forward} {closed}");
            assert!((reverse - closed).abs() <= 1e-14 * closed.abs(), "{x}: {reverse} {closed}");
            assert_eq!(reverse, by_definition(&graph, &values, 0));
            let numerical = check::by_definition(cost, &[x], 0, 1e-4);
            assert!((numerical - closed).abs() < 1e-8 * closed.abs().max(1.0), "{x}: {numerical} {closed}");
        }
    }

    /// σ(w·x + b)·(w·x + b) + sin(x)·ln(b)², where w·x + b is shared.
    fn shared() -> Graph {
        let mut graph = Graph::default();
        let [w, x, b] = [0, 1, 2].map(|_| graph.push(Node::Input));
        let product = graph.push(Node::Product(w, x));
        let z = graph.push(Node::Sum(product, b));
        let sigmoid = graph.push(Node::Apply(Function::Sigmoid, z));
        let gated = graph.push(Node::Product(sigmoid, z));
        let sine = graph.push(Node::Apply(Function::Sine, x));
        let ln = graph.push(Node::Apply(Function::Logarithm, b));
        let square = graph.push(Node::Product(ln, ln));
        let second = graph.push(Node::Product(sine, square));
        graph.push(Node::Sum(gated, second));
        graph
    }

    #[test]
    fn a_shared_node_sums_over_all_its_arrows() {
        let (graph, inputs) = (shared(), [0.7, -1.3, 1.8]);
        let values = graph.values(&inputs);
        let reverse = graph.backward(&values);
        for (i, forward) in by_forward_passes(&graph, &inputs).into_iter().enumerate() {
            let numerical = check::by_definition(|inputs| *graph.values(inputs).last().unwrap(), &inputs, i, 1e-3);
            assert!((reverse[i] - forward).abs() < 1e-14, "{i}: {} {forward}", reverse[i]);
            assert!((reverse[i] - numerical).abs() < 1e-11, "{i}: {} {numerical}", reverse[i]);
        }
        for u in 0..values.len() {
            assert!((reverse[u] - by_definition(&graph, &values, u)).abs() < 1e-14, "{u}");
        }
    }

    #[test]
    fn one_reverse_pass_equals_a_forward_pass_for_each_input() {
        // The product of 20 inputs: the derivative by each is the product of the others.
        let mut graph = Graph::default();
        let inputs: Vec<f64> = (0..20).map(|i| 1.0 + 0.05 * f64::from(i)).collect();
        let nodes: Vec<usize> = inputs.iter().map(|_| graph.push(Node::Input)).collect();
        let last = nodes[1..].iter().fold(nodes[0], |product, &x| graph.push(Node::Product(product, x)));
        let values = graph.values(&inputs);
        let reverse = graph.backward(&values);
        for (i, forward) in by_forward_passes(&graph, &inputs).into_iter().enumerate() {
            assert!((reverse[i] / forward - 1.0).abs() < 1e-14);
            assert!((reverse[i] * inputs[i] / values[last] - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn doubling_a_node_again_and_again_doubles_the_paths_but_adds_two_arrows() {
        let mut graph = Graph::default();
        let mut node = graph.push(Node::Input);
        for _ in 0..12 {
            node = graph.push(Node::Sum(node, node));
        }
        let values = graph.values(&[1.0]);
        let arrows: usize = (0..=node).map(|v| graph.arrows(v, &values).len()).sum();
        assert_eq!(arrows, 2 * 12);
        // Each path contributes 1.
        assert_eq!(graph.backward(&values)[0], 4096.0);
        assert_eq!(by_definition(&graph, &values, 0), 4096.0);
    }

    #[test]
    #[should_panic]
    fn an_operand_must_be_an_earlier_node() {
        let mut graph = Graph::default();
        graph.push(Node::Sum(0, 0));
    }
}
