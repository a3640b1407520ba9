//! Forward and backward through all layers of a network (back-propagation).
//!
//! Why: the cost is a function of a function of a function of θ. The chain rule differentiates it one layer at a time:
//! the derivative with respect to a layer's output gives those with respect to its parameters and its input, which is
//! the output of the layer below. So one backward pass gives all derivatives. It takes about twice as long as the
//! forward pass: where a layer has one product forward, it has two of that size backward, for W and for x.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x, a | the input and the output of a layer; a is x of the next layer |
//! | W, b, f | its weights, biases and [activation](crate::model::Activation) |
//! | J | in this file, the sum of J_x over the examples; (NN.8) divides its derivatives by their number |
//! | d, δ | ∂J/∂a and ∂J/∂z |
//! | μ | a mask: 0 with probability q, else 1/(1 - q) in dropout, 1 in masking |
//! | m, s, ε | the two halves of a Gaussian layer's input, means and log-variances; draws from N(0, 1) |
//! | D, κ | the divergence of a Gaussian layer and its weight; κ·D is added to J |
//! | P, Pᵀ | the [matrix of patches](crate::model::convolution::patches), and the adjoint |
//! | pool, poolᵀ | [means or maxima](crate::model::convolution::pooling), forward and backward |
//! | ∘, · | product element by element, matrix product |
//! | <A, B> | Σ A ∘ B over all elements |
//!
//! Forward. The plain program computes the network in use, without masks and noise: its lines for (NB.4) and (NB.11)
//! change nothing, its line for (NB.5) copies m, and its line for (NB.12) gives s the derivative 0 and m the derivative
//! d. The fast form has the masks and the noise; `kept` in [`shape`](super::shape) is the 1/(1 - q).
//!
//! ```text
//! (NB.1)   convolution, dense      a = f(z),  z = W·P(x) + b
//! (NB.2)   transposed convolution  a = f(z),  z = Pᵀ(Wᵀ·x) + b
//!
//! (NB.3)   pooling                 a = pool(x)
//! (NB.4)   dropout, masking        a = μ ∘ x
//! (NB.5)   Gaussian                a = m + e^(s/2) ∘ ε,  D = ½·Σ (m² + e^s - 1 - s)
//! ```
//!
//! Backward. (NB.6) and (NB.9) hold for all layers with weights; `f.slope` computes f'(z) from a = f(z). A softmax
//! layer is a dense layer with f(z) = z, and its d is (NN.5). poolᵀ takes d to the elements of the mean or the maximum:
//!
//! ```text
//! (NB.6)   convolutions, dense     δ = d ∘ f'(z)
//! (NB.7)   convolution, dense      ∂J/∂W = δ·P(x)ᵀ,  ∂J/∂x = Pᵀ(Wᵀ·δ)
//! (NB.8)   transposed convolution  ∂J/∂W = x·P(δ)ᵀ,  ∂J/∂x = W·P(δ)
//! (NB.9)   convolutions, dense     ∂J/∂b = the sums of δ's rows
//!
//! (NB.10)  pooling                 ∂J/∂x = poolᵀ(d)
//! (NB.11)  dropout, masking        ∂J/∂x = μ ∘ d
//! (NB.12)  Gaussian                ∂J/∂m = d + κ·m,  ∂J/∂s = ½·d ∘ ε ∘ e^(s/2) + ½·κ·(e^s - 1)
//! ```
//!
//! The residual layer has the δ, ∂J/∂W and ∂J/∂b of a dense layer, with f'(z) computed from f(z) = a - x:
//!
//! ```text
//! (NB.13)  residual                a = x + f(z),  z = W·x + b
//! (NB.14)                          ∂J/∂x = d + Wᵀ·δ
//! ```
//!
//! Derivation: (NB.7) are the [gradients of filters](crate::model::convolution::filters), (NB.10) those of pooling. For
//! the transposed convolution, changes dx and dW change z = Pᵀ(Wᵀ·x) + b by Pᵀ(Wᵀ·dx) and Pᵀ(dWᵀ·x), so that
//!
//! ```text
//! <δ, Pᵀ(Wᵀ·dx)> = <P(δ), Wᵀ·dx> = <W·P(δ), dx>    and    <δ, Pᵀ(dWᵀ·x)> = <P(δ), dWᵀ·x> = <x·P(δ)ᵀ, dW>,
//! ```
//!
//! by the definition of the adjoint, and by <A, B·C> = <Bᵀ·A, C> = <A·Cᵀ, B>. These are (NB.8). In dropout and
//! masking each element is multiplied by a constant of the mask. (NB.12) differentiates (NB.5), with ε fixed. In a
//! residual layer, x_i affects a_i directly, which contributes d_i, and every a_k through z_k, which contributes
//! Σ_k W_ki·δ_k: (NB.14). By hand, with tanh, x = ½, W = 2, b = -1 and d = 3: z = 0, a = ½ + 0, δ = 3·1, and ∂J/∂x =
//! 3 + 2·3 = 9.
//!
//! A few examples go through all layers before the next few do, so that a layer's output is still in cache when the
//! next layer reads it.
//!
//! Sources: source B, 8.4 "Backpropagation"; D. Rumelhart, G. Hinton and R. Williams, "Learning representations by
//! back-propagating errors", 1986.

use super::examples::Examples;
use super::shape::{Network, Stage, Step};
use crate::machine::lanes::Pointwise;
use crate::machine::{Lanes, Operation, run, size};
use crate::matrix::{Matrix, product};
use crate::model::Activation;
use crate::model::convolution::{Convolver, Filters, MapShape, PoolingMode, definition, filters, patches, pooling};
use crate::model::parameters::Block;
use crate::number::sum::sum;
use crate::number::{Random, Real};
use alloc::vec;
use alloc::vec::Vec;

/// The output of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerOutput {
    /// a: channels x elements of all examples' maps.
    pub a: Matrix<f64>,
    /// For maxima, the positions that [pooling](pooling::Pooled::argmax) found; otherwise empty.
    pub argmax: Vec<u32>,
}

/// The outputs of all layers for the maps x, element by element, without masks; those of a Gaussian layer are its
/// means.
///
/// # Panics
/// If the shapes do not fit.
pub fn by_definition(network: &Network, theta: &[f64], x: &Matrix<f64>) -> Vec<LayerOutput> {
    let mut outputs: Vec<LayerOutput> = Vec::new();
    for stage in network.stages() {
        let x = outputs.last().map_or(x, |below| &below.a);
        let mut output = LayerOutput { a: x.clone(), argmax: Vec::new() };
        match (&stage.step, &stage.parameters) {
            (Step::Convolve(shape, f), Some([w, b])) => {
                output.a = definition::by_definition(shape, w.view(theta), b.values(theta), x);
                output.a.elements_mut().iter_mut().for_each(|z| *z = f.value(*z)); // (NB.1)
            }
            (Step::TransposedConvolve(shape, f), Some([w, b])) => {
                let mut p = Matrix::zeros(shape.taps(), x.columns());
                product::by_definition(w.view(theta).transposed(), x.view(), p.view_mut());
                output.a = patches::adjoint_by_definition(shape, &p);
                for (c, &b) in b.values(theta).iter().enumerate() {
                    output.a.row_mut(c).iter_mut().for_each(|z| *z = f.value(*z + b)); // (NB.2)
                }
            }
            (Step::Residual(shape, f), Some([w, b])) => {
                let z = definition::by_definition(shape, w.view(theta), b.values(theta), x);
                output.a.elements_mut().iter_mut().zip(z.elements()).for_each(|(a, &z)| *a += f.value(z)); // (NB.13)
            }
            (Step::Pool(shape), _) => {
                let pooled = pooling::by_definition(shape, x); // (NB.3)
                output = LayerOutput { a: pooled.values, argmax: pooled.argmax };
            }
            (Step::Mask { .. }, _) => {} // (NB.4)
            (Step::Gaussian(_), _) => {
                output.a = Matrix::from_function(x.rows() / 2, x.columns(), |k, e| x.row(k)[e]) // (NB.5)
            }
            _ => unreachable!("a layer with weights has them"),
        }
        outputs.push(output);
    }
    outputs
}

/// ∂J/∂θ from d = ∂J/∂a of the last layer, element by element, without dropout and divergences.
///
/// # Panics
/// If the shapes do not fit.
pub fn backward_by_definition(
    network: &Network,
    theta: &[f64],
    x: &Matrix<f64>,
    outputs: &[LayerOutput],
    mut d: Matrix<f64>,
) -> Vec<f64> {
    let mut gradient = vec![0.0; theta.len()];
    for (l, stage) in network.stages().iter().enumerate().rev() {
        let (x, output) = (if l == 0 { x } else { &outputs[l - 1].a }, &outputs[l]);
        if let Step::Convolve(_, f) | Step::TransposedConvolve(_, f) = &stage.step {
            let a = output.a.elements();
            d.elements_mut().iter_mut().zip(a).for_each(|(d, &a)| *d *= f.slope(a)); // (NB.6)
        }
        let d_output = d.clone();
        if let (Step::Residual(shape, f), Some([w, b])) = (&stage.step, &stage.parameters) {
            let z = definition::by_definition(shape, w.view(theta), b.values(theta), x);
            d.elements_mut().iter_mut().zip(z.elements()).for_each(|(d, &z)| *d *= f.slope(f.value(z))); // (NB.6)
        }
        if let Some([_, b]) = &stage.parameters {
            b.values_mut(&mut gradient).iter_mut().enumerate().for_each(|(k, to)| *to = sum(d.row(k))); // (NB.9)
        }
        match (&stage.step, &stage.parameters) {
            (Step::Convolve(shape, _), Some([w, _])) => {
                let gradients = filters::gradients_by_definition(shape, w.view(theta), &d, x); // (NB.7)
                w.values_mut(&mut gradient).copy_from_slice(gradients.weights.elements());
                d = gradients.maps;
            }
            (Step::Residual(shape, _), Some([w, _])) => {
                let gradients = filters::gradients_by_definition(shape, w.view(theta), &d, x); // (NB.7)
                w.values_mut(&mut gradient).copy_from_slice(gradients.weights.elements());
                d = d_output;
                add(&mut d, &gradients.maps); // (NB.14)
            }
            (Step::TransposedConvolve(shape, _), Some([w, _])) => {
                let p = patches::by_definition(shape, &d);
                product::by_definition(x.view(), p.view().transposed(), w.view_mut(&mut gradient)); // (NB.8)
                d = Matrix::zeros(x.rows(), x.columns());
                product::by_definition(w.view(theta), p.view(), d.view_mut());
            }
            (Step::Pool(shape), _) => d = pooling::backward_by_definition(shape, &d, &output.argmax), // (NB.10)
            (Step::Mask { .. }, _) => {}                                                              // (NB.11)
            (Step::Gaussian(_), _) => {
                let (latent, means) = (d.rows(), d);
                d = Matrix::zeros(2 * latent, means.columns());
                (0..latent).for_each(|k| d.row_mut(k).copy_from_slice(means.row(k))); // (NB.12)
            }
            _ => unreachable!("a layer with weights has them"),
        }
    }
    gradient
}

/// A few examples on their way through the layers.
#[derive(Clone, Debug)]
pub(super) struct Pass<T> {
    /// The number of layers of the network before these.
    first: usize,
    /// The input: channels x elements of all examples' maps.
    pub x: Matrix<T>,
    /// The output of each layer.
    pub a: Vec<Matrix<T>>,
    /// For each layer, the positions of its maxima.
    argmax: Vec<Vec<u32>>,
    /// μ or ε of each layer; f(z) of a residual layer.
    masks: Vec<Matrix<T>>,
    /// Whether the last forward pass had masks and noise.
    is_masked: bool,
    /// Σ κ·D over the examples and the Gaussian layers of the last forward pass with masks.
    pub divergence: T,
}

/// The work space of one thread.
#[derive(Clone, Debug)]
pub(super) struct Workspace<T> {
    convolver: Convolver<T>,
    /// d of the present layer, then δ.
    pub delta: Matrix<T>,
    /// d of the layer below.
    below: Matrix<T>,
    /// d of a residual layer.
    skipped: Matrix<T>,
    example: Vec<T>,
}

impl<T: Real> Default for Workspace<T> {
    fn default() -> Self {
        Workspace::with(Convolver::default())
    }
}

impl<T: Real> Workspace<T> {
    /// A work space for dense layers on all threads.
    pub fn on_all_threads() -> Self {
        Workspace::with(Convolver::on_all_threads())
    }

    fn with(convolver: Convolver<T>) -> Self {
        let [delta, below, skipped] = [Matrix::empty(), Matrix::empty(), Matrix::empty()];
        Workspace { convolver, delta, below, skipped, example: Vec::new() }
    }
}

/// The random numbers of masks and of Gaussian layers in training.
#[derive(Clone, Copy, Debug)]
pub(super) struct MaskStream {
    pub seed: u64,
    /// The number of the draw.
    pub draw: u64,
}

/// How far back a backward pass goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Until {
    /// ∂J/∂θ alone.
    Parameters,
    /// ∂J/∂x in `delta`, too.
    Input,
}

impl<T: Real> Pass<T> {
    /// A pass through a number of layers, after the `first` ones.
    pub fn new(first: usize, layers: usize) -> Self {
        Pass {
            first,
            x: Matrix::empty(),
            a: vec![Matrix::empty(); layers],
            argmax: vec![Vec::new(); layers],
            masks: vec![Matrix::empty(); layers],
            is_masked: false,
            divergence: T::ZERO,
        }
    }

    /// Reads the chosen examples into x.
    pub fn load(
        &mut self,
        work: &mut Workspace<T>,
        input: MapShape,
        examples: &dyn Examples<T>,
        draw: u64,
        chosen: impl ExactSizeIterator<Item = usize>,
    ) {
        let plane = input.plane();
        self.x.reshape(input.channels, size::product([chosen.len(), plane]));
        work.example.resize(input.elements(), T::ZERO);
        for (n, i) in chosen.enumerate() {
            examples.write(i, draw, &mut work.example);
            for (c, map) in work.example.chunks_exact(plane).enumerate() {
                self.x.row_mut(c)[n * plane..][..plane].copy_from_slice(map);
            }
        }
    }

    /// Forward through all stages, with masks and draws of Gaussian layers if there is a stream; `chosen` gives the
    /// index of an example.
    pub fn forward(
        &mut self,
        work: &mut Workspace<T>,
        stages: &[Stage],
        theta: &[T],
        masks: Option<MaskStream>,
        chosen: &dyn Fn(usize) -> usize,
    ) {
        let count = self.x.columns() / stages.first().map_or(1, |first| first.input.plane());
        self.divergence = T::ZERO;
        self.is_masked = masks.is_some();
        for (l, stage) in stages.iter().enumerate() {
            let (below, rest) = self.a.split_at_mut(l);
            let (x, a) = (below.last().unwrap_or(&self.x), &mut rest[0]);
            match (&stage.step, &stage.parameters) {
                (Step::Convolve(shape, activation), Some([w, b])) => {
                    a.reshape(stage.output.channels, count * stage.output.plane());
                    let filters = Filters { weights: w.view(theta), bias: b.values(theta), activation: *activation };
                    work.convolver.forward(shape, filters, x, 0..a.columns(), a.view_mut()); // (NB.1)
                }
                (Step::TransposedConvolve(shape, activation), Some([w, b])) => {
                    a.reshape(stage.output.channels, count * stage.output.plane());
                    work.convolver.maps_gradient(shape, w.view(theta), x.view(), a);
                    for (c, &bias) in b.values(theta).iter().enumerate() {
                        run(Activate { activation: *activation, bias, z: a.row_mut(c) }); // (NB.2)
                    }
                }
                (Step::Residual(shape, activation), Some([w, b])) => {
                    let f = &mut self.masks[l];
                    f.reshape(x.rows(), x.columns());
                    let filters = Filters { weights: w.view(theta), bias: b.values(theta), activation: *activation };
                    work.convolver.forward(shape, filters, x, 0..f.columns(), f.view_mut());
                    a.reshape(x.rows(), x.columns());
                    a.elements_mut().copy_from_slice(x.elements());
                    add(a, f); // (NB.13)
                }
                (Step::Pool(pooling), _) => pooling.forward(x, a, &mut self.argmax[l]), // (NB.3)
                (&Step::Mask { rate, kept }, _) => {
                    a.reshape(x.rows(), x.columns());
                    a.elements_mut().copy_from_slice(x.elements());
                    if let Some(MaskStream { seed, draw }) = masks {
                        let (mask, kept) = (&mut self.masks[l], T::from_f64(kept));
                        let element = |random: &mut Random| if random.uniform01() < rate { T::ZERO } else { kept };
                        let layer = (self.first + l) as u64;
                        fill_mask(mask, stage.output, count, element, |n| [seed, draw, layer, chosen(n) as u64]);
                        multiply(a, mask); // (NB.4)
                    }
                }
                (&Step::Gaussian(weight), _) => {
                    let latent = stage.output.channels;
                    a.reshape(latent, x.columns());
                    a.elements_mut().copy_from_slice(&x.elements()[..latent * x.columns()]);
                    if let Some(MaskStream { seed, draw }) = masks {
                        let noise = &mut self.masks[l];
                        let stream = |n| [seed, draw, (self.first + l) as u64, chosen(n) as u64];
                        fill_mask(noise, stage.output, count, Random::normal, stream);
                        let variances = &x.elements()[a.elements().len()..];
                        let mut sum = T::ZERO;
                        for ((a, &s), &noise) in a.elements_mut().iter_mut().zip(variances).zip(noise.elements()) {
                            sum += *a * *a + s.exp() - T::ONE - s;
                            *a += (T::HALF * s).exp() * noise; // (NB.5)
                        }
                        self.divergence += T::from_f64(weight) * T::HALF * sum;
                    }
                }
                _ => unreachable!("a layer with weights has them"),
            }
        }
    }

    /// Back from the last of the stages, whose d is in `delta` of the work space, to the first; writes the sums of
    /// ∂J/∂θ over the examples over `gradient`, if there is one.
    pub fn backward(
        &self,
        work: &mut Workspace<T>,
        stages: &[Stage],
        theta: &[T],
        mut gradient: Option<&mut [T]>,
        until: Until,
    ) {
        let Workspace { convolver, delta, below, skipped, .. } = work;
        let mut has_delta = false;
        for (l, stage) in stages.iter().enumerate().rev() {
            let (x, a) = (if l == 0 { &self.x } else { &self.a[l - 1] }, &self.a[l]);
            let needs_input = l > 0 || until == Until::Input;
            match (&stage.step, &stage.parameters) {
                (Step::Convolve(shape, activation) | Step::Residual(shape, activation), Some([w, b])) => {
                    let is_residual = matches!(stage.step, Step::Residual(..));
                    if is_residual {
                        skipped.reshape(x.rows(), x.columns());
                        skipped.elements_mut().copy_from_slice(delta.elements());
                    }
                    let f = if is_residual { &self.masks[l] } else { a };
                    if !core::mem::take(&mut has_delta) {
                        to_delta(delta, *activation, f, b, gradient.as_deref_mut());
                    }
                    if let Some(gradient) = gradient.as_deref_mut() {
                        convolver.weights_gradient(shape, delta.view(), x, w.view_mut(gradient)); // (NB.7)
                    }
                    if needs_input {
                        below.reshape(x.rows(), x.columns());
                        convolver.maps_gradient(shape, w.view(theta), delta.view(), below);
                        if is_residual {
                            add(below, skipped); // (NB.14)
                        }
                    }
                }
                (Step::TransposedConvolve(shape, activation), Some([w, b])) => {
                    if !core::mem::take(&mut has_delta) {
                        to_delta(delta, *activation, a, b, gradient.as_deref_mut());
                    }
                    if let Some(gradient) = gradient.as_deref_mut() {
                        convolver.weights_gradient(shape, x.view(), delta, w.view_mut(gradient)); // (NB.8)
                    }
                    if needs_input {
                        below.reshape(x.rows(), x.columns());
                        let bias = vec![T::ZERO; x.rows()];
                        let filters = Filters { weights: w.view(theta), bias: &bias, activation: Activation::Linear };
                        convolver.forward(shape, filters, delta, 0..x.columns(), below.view_mut());
                    }
                }
                (Step::Pool(pooling), _) => {
                    // Each element of d goes to one element of the layer below, so its δ and the sums of its δ are
                    // computed here, where elements are few.
                    if let (PoolingMode::Max, Some((activation, bias))) = (pooling.mode, filters_below(&stages[..l])) {
                        to_delta(delta, activation, a, bias, gradient.as_deref_mut());
                        has_delta = true;
                    }
                    pooling.backward(delta, &self.argmax[l], below); // (NB.10)
                }
                (Step::Mask { .. }, _) => {
                    if self.is_masked {
                        multiply(delta, &self.masks[l]); // (NB.11)
                    }
                    continue;
                }
                (&Step::Gaussian(weight), _) => {
                    below.reshape(x.rows(), x.columns());
                    let (of_means, of_variances) = below.elements_mut().split_at_mut(x.elements().len() / 2);
                    of_means.copy_from_slice(delta.elements());
                    of_variances.fill(T::ZERO);
                    if self.is_masked {
                        let (means, variances) = x.elements().split_at(of_means.len());
                        let kappa = T::from_f64(weight);
                        for (k, &noise) in self.masks[l].elements().iter().enumerate() {
                            let deviation = (T::HALF * variances[k]).exp();
                            let divergence = kappa * (deviation * deviation - T::ONE);
                            of_variances[k] = T::HALF * (of_means[k] * noise * deviation + divergence); // (NB.12)
                            of_means[k] += kappa * means[k];
                        }
                    }
                }
                _ => unreachable!("a layer with weights has them"),
            }
            if needs_input {
                core::mem::swap(delta, below);
            }
        }
    }

    /// The branch that each rectified unit (active or not) and each maximum (its position) is on.
    pub fn branches(&self, stages: &[Stage]) -> Vec<u32> {
        let mut branches = Vec::new();
        for (l, stage) in stages.iter().enumerate() {
            let rectified = match stage.step {
                Step::Convolve(_, Activation::Rectified) | Step::TransposedConvolve(_, Activation::Rectified) => {
                    self.a[l].elements()
                }
                Step::Residual(_, Activation::Rectified) => self.masks[l].elements(),
                _ => &[],
            };
            branches.extend(rectified.iter().map(|&f| u32::from(f > T::ZERO)));
            branches.extend(&self.argmax[l]);
        }
        branches
    }
}

/// The activation and the biases of the last of the stages, if it is convolutional or dense.
fn filters_below(stages: &[Stage]) -> Option<(Activation, &Block)> {
    let Stage { step, parameters, .. } = stages.last()?;
    match (step, parameters) {
        (Step::Convolve(_, f) | Step::TransposedConvolve(_, f), Some([_, bias])) => Some((*f, bias)),
        _ => None,
    }
}

/// Draws the elements of a mask, for each example from a stream of its own.
fn fill_mask<T: Real>(
    mask: &mut Matrix<T>,
    shape: MapShape,
    count: usize,
    mut element: impl FnMut(&mut Random) -> T,
    stream: impl Fn(usize) -> [u64; 4],
) {
    let plane = shape.plane();
    mask.reshape(shape.channels, count * plane);
    for n in 0..count {
        let mut random = Random::stream(0, &stream(n));
        for c in 0..shape.channels {
            mask.row_mut(c)[n * plane..][..plane].fill_with(|| element(&mut random));
        }
    }
}

fn multiply<T: Real>(a: &mut Matrix<T>, by: &Matrix<T>) {
    a.elements_mut().iter_mut().zip(by.elements()).for_each(|(a, &by)| *a *= by);
}

fn add<T: Real>(to: &mut Matrix<T>, from: &Matrix<T>) {
    to.elements_mut().iter_mut().zip(from.elements()).for_each(|(to, &from)| *to += from);
}

/// Makes δ of d, from a = f(z), and writes the derivatives with respect to the biases.
fn to_delta<T: Real>(d: &mut Matrix<T>, f: Activation, a: &Matrix<T>, bias: &Block, gradient: Option<&mut [T]>) {
    if f != Activation::Linear {
        run(Slope { activation: f, delta: d.elements_mut(), a: a.elements() }); // (NB.6)
    }
    if let Some(gradient) = gradient {
        for (k, to) in bias.values_mut(gradient).iter_mut().enumerate() {
            *to = sum(d.row(k)); // (NB.9)
        }
    }
}

/// δ ← δ·f'(z).
struct Slope<'a, T> {
    activation: Activation,
    delta: &'a mut [T],
    a: &'a [T],
}

impl<T: Real> Operation<T> for Slope<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        for j in (0..self.a.len()).step_by(L::WIDTH) {
            let (d, a) = (lanes.load_any(&self.delta[j..]), lanes.load_any(&self.a[j..]));
            lanes.store_any(self.activation.times_slope(lanes, d, a), &mut self.delta[j..]);
        }
    }
}

/// z ← f(z + b).
struct Activate<'a, T> {
    activation: Activation,
    bias: T,
    z: &'a mut [T],
}

impl<T: Real> Operation<T> for Activate<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        let bias = lanes.splat(self.bias);
        for j in (0..self.z.len()).step_by(L::WIDTH) {
            let a = self.activation.at(lanes, lanes.load_any(&self.z[j..]) + bias);
            lanes.store_any(a, &mut self.z[j..]);
        }
    }
}
