//! Convolution at the speed of the matrix product, forward and backward.
//!
//! Why: the loops of the definition wait for memory. A convolution and the gradients by its weights and by its input
//! are products with a matrix of patches, and a product can keep the processor busy.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x | the input maps |
//! | P, Pᵀ | the [matrix P(x) of all patches](super::patches), taps x positions, and its transpose |
//! | Pᵀ(D) | the adjoint of the map from x to P(x), (PA.2): maps of the shape of x |
//! | W, b | the weights, filters x taps; one bias per filter |
//! | f, a | the activation function; the output, filters x positions |
//! | δ | ∂J/∂z, filters x positions |
//! | k, e, n | a filter; a tap, (c, r, s) in (PA.1); a position, (n, i, j) in (PA.1), counted over all examples |
//! | C, h, v, t, t', p, p' | channels; rows and columns of a filter, of its stride, and of the padding |
//! | x̄, H̄, W̄ | the maps with their padding, one after the other in memory; the rows and columns of one |
//! | α, β | the offsets in x̄ of the taps and of the positions |
//! | ∘, · | product element by element, matrix product |
//! | <A, B> | Σ A ∘ B over all elements |
//!
//! ```text
//! (FI.1)  a = f(z),  z = W·P + b
//! (FI.2)  ∂J/∂W = δ·Pᵀ
//! (FI.3)  ∂J/∂b = the sums of δ's rows
//! (FI.4)  ∂J/∂x = Pᵀ(Wᵀ·δ)
//! ```
//!
//! Derivation: element by element, z(k, n) = b(k) + Σ_e W(k, e)·P(e, n). By the chain rule,
//!
//! ```text
//! ∂J/∂W(k, e) = Σ_n δ(k, n)·∂z(k, n)/∂W(k, e) = Σ_n δ(k, n)·P(e, n)
//! ∂J/∂b(k)    = Σ_n δ(k, n)·∂z(k, n)/∂b(k)    = Σ_n δ(k, n)
//! ∂J/∂P(e, n) = Σ_k δ(k, n)·∂z(k, n)/∂P(e, n) = Σ_k W(k, e)·δ(k, n)
//! ```
//!
//! A weight of filter k acts at every position of the row z(k, ·), and on no other row, so the first line, (FI.2), and
//! the second, (FI.3), are sums over n. In (FI.2), Pᵀ is the transpose. An element of P acts at one position, but on
//! every filter: the third line is Wᵀ·δ, the derivative with respect to the patches. In (FI.4), Pᵀ(·) is the adjoint.
//! It takes Wᵀ·δ to x, since a change dx changes J by <Wᵀ·δ, P(dx)> = <Pᵀ(Wᵀ·δ), dx>.
//!
//! By hand: x = (1, 2, 4) under one filter W = (3, 5) has the patches (1, 2) and (2, 4). For δ = (1, 10), ∂J/∂W = 1·(1,
//! 2) + 10·(2, 4) = (21, 42), ∂J/∂b = 11, and ∂J/∂x = (3·1, 5·1 + 3·10, 5·10) = (3, 35, 50).
//!
//! **P is not stored.** It repeats each element of x once for each tap, nine times for filters of 3 x 3, and each of
//! its elements is multiplied only as often as there are filters. To write these copies and to read them again would
//! take about as long as to multiply them. But every element of P lies somewhere in x̄. By (PA.1), the tap (c, r, s) at
//! the position (n, i, j) meets row i·t + r and column j·t' + s of channel c of example n, counted in x̄, where the
//! padding has moved everything by (p, p'). So the index of the element is a sum of two offsets, one of the tap and one
//! of the position:
//!
//! ```text
//! (FI.5)  P(e, n) = x̄[α_e + β_n],  α_e = (c·H̄ + r)·W̄ + s,  β_n = (n·C·H̄ + i·t)·W̄ + j·t'
//! ```
//!
//! A product with offsets (`matrix::indirect`) reads P through these offsets, in (FI.1) and, with α and β exchanged,
//! in (FI.2). It needs the copy x̄, which is hardly larger than x. Its sums have the order of the definition of the
//! [product](crate::matrix::product): over the taps in (FI.1), and over the positions in (FI.2).
//!
//! **The gradient of x is a convolution.** (FI.4) as it stands would store Wᵀ·δ, which is as large as P. Element by
//! element, the tap (r, s) meets row y and column u of x at the position i = (y + p - r)/t, j = (u + p' - s)/t', if
//! both are integers and there is such a position. So (FI.4) is
//!
//! ```text
//! (FI.6)  ∂J/∂x(n, c, y, u) = Σ_k Σ_r Σ_s W(k, c, r, s)·δ(n, k, (y + p - r)/t, (u + p' - s)/t')
//! ```
//!
//! With stride 1, i and j grow as r and s fall: the filters, turned by half a turn, are correlated with δ. Again each
//! factor δ has an index that is the sum of two offsets, if δ is surrounded by zeros for the positions that do not
//! exist. With stride t, only every t-th tap meets row y, and the same taps meet row y + t. So the rows form t classes,
//! and the columns t'. Each pair of classes is an indirect product of its own. The sum (FI.6) runs over k, and then
//! over r and s in descending order, so that the elements of δ are visited in ascending order.
//!
//! By hand, continued: x_1 is met by tap 1 at position 0 and by tap 0 at position 1. (FI.6) gives 5·1 + 3·10 = 35.
//!
//! Two kinds of convolutions are plain products, since P repeats nothing: filters of 1 x 1 with stride 1 and no
//! padding, for which P is x, and filters with a single position, as in a dense layer.
//!
//! Sources: K. Chellapilla, S. Puri and P. Simard, "High performance convolutional neural networks for document
//! processing", 2006, for the products; M. Dukhan, "The indirect convolution algorithm", 2019, for products that read P
//! in place.

use super::definition::{Convolution, MapShape};
use super::patches;
use crate::machine::indirect::Indirect;
use crate::machine::{Lanes, Operation, ViewMut, run, size, threads};
use crate::matrix::indirect::IndirectProduct;
use crate::matrix::{Matrix, Product, View};
use crate::model::Activation;
use crate::model::layer::{Forward, Summed};
use crate::number::Real;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// Positions that a worker takes at a time.
const FORWARD_POSITIONS: usize = 1536;

/// W, b and f of a convolutional layer.
#[derive(Clone, Copy, Debug)]
pub struct Filters<'a, T> {
    /// W: filters x taps.
    pub weights: View<'a, T>,
    /// b: an element for each filter.
    pub bias: &'a [T],
    /// f.
    pub activation: Activation,
}

/// The gradients of a convolution.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradients {
    /// ∂J/∂W: filters x taps.
    pub weights: Matrix<f64>,
    /// ∂J/∂b: an element for each filter.
    pub bias: Vec<f64>,
    /// ∂J/∂x: the shape of the maps.
    pub maps: Matrix<f64>,
}

/// The gradients from δ (filters x positions), element by element. The forward pass is defined in
/// [`definition::by_definition`](super::definition::by_definition).
///
/// # Panics
/// If the shapes do not fit.
pub fn gradients_by_definition(
    shape: &Convolution,
    weights: View<f64>,
    delta: &Matrix<f64>,
    maps: &Matrix<f64>,
) -> Gradients {
    let p = patches::by_definition(shape, maps);
    assert_eq!((delta.rows(), delta.columns()), (shape.filters, p.columns()), "filters and positions");
    let mut d_weights = Matrix::zeros(shape.filters, shape.taps());
    let (mut d_bias, mut d_p) = (vec![0.0; shape.filters], Matrix::zeros(p.rows(), p.columns()));
    for k in 0..shape.filters {
        for n in 0..p.columns() {
            d_bias[k] += delta.row(k)[n]; // (FI.3)
            for e in 0..shape.taps() {
                d_weights.row_mut(k)[e] += delta.row(k)[n] * p.row(e)[n]; // (FI.2)
                d_p.row_mut(e)[n] += weights.at(k, e) * delta.row(k)[n];
            }
        }
    }
    let d_maps = patches::adjoint_by_definition(shape, &d_p); // (FI.4)
    Gradients { weights: d_weights, bias: d_bias, maps: d_maps }
}

/// Convolves on one thread; owns its work space.
#[derive(Clone, Debug)]
pub struct Convolver<T> {
    product: Product<T>,
    /// P of a dense layer.
    patches: Matrix<T>,
    indirect: IndirectProduct<T>,
    /// Maps between zeros, and perhaps old elements after them.
    padded: Vec<T>,
    taps: Vec<usize>,
    places: Vec<usize>,
    strided: Matrix<T>,
}

impl<T: Real> Default for Convolver<T> {
    fn default() -> Self {
        Convolver {
            product: Product::single_threaded(),
            patches: Matrix::empty(),
            indirect: IndirectProduct::default(),
            padded: Vec::new(),
            taps: Vec::new(),
            places: Vec::new(),
            strided: Matrix::empty(),
        }
    }
}

impl<T: Real> Convolver<T> {
    /// One whose products for filters as large as the maps, or of 1 x 1, use all threads.
    pub(crate) fn on_all_threads() -> Self {
        Convolver { product: Product::new(), ..Convolver::default() }
    }

    /// a = f(z) of each filter at a range of positions, counted over all examples of `maps`.
    ///
    /// # Panics
    /// If the shapes do not fit; `a` is filters x positions.
    pub fn forward(
        &mut self,
        shape: &Convolution,
        filters: Filters<T>,
        maps: &Matrix<T>,
        positions: Range<usize>,
        a: ViewMut<T>,
    ) {
        let Filters { weights, bias, activation } = filters;
        let rows = a.rows();
        assert_eq!((rows, a.columns(), bias.len()), (shape.filters, positions.len(), rows), "filters and positions");
        if rows == 0 || positions.is_empty() {
            return;
        }
        if is_one_product(shape) {
            let epilogue = Forward { activation, bias, least: T::ZERO, summed: Summed::Nothing };
            let p = patches_of(shape, maps, positions, &mut self.patches);
            self.product.store_with(weights, p, a, &epilogue); // (FI.1)
            return;
        }
        self.indirect.take(weights);
        self.surround(shape, maps, positions);
        let p = Indirect::new(&self.padded, &self.taps, &self.places); // (FI.5)
        self.indirect.store(p, Some(bias), activation, a); // (FI.1)
    }

    /// ∂J/∂W over all positions of all examples; δ is filters x positions.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn weights_gradient(&mut self, shape: &Convolution, delta: View<T>, maps: &Matrix<T>, d_weights: ViewMut<T>) {
        let positions = size::product([shape.examples(maps), shape.output().plane()]);
        assert_eq!((delta.rows(), delta.columns()), (shape.filters, positions), "filters and positions");
        if shape.filters == 0 {
            return; // at any number of positions
        }
        if is_one_product(shape) {
            let p = patches_of(shape, maps, 0..positions, &mut self.patches).transposed();
            self.product.store(delta, p, d_weights); // (FI.2)
            return;
        }
        self.indirect.take(delta);
        self.surround(shape, maps, 0..positions);
        let p = Indirect::new(&self.padded, &self.places, &self.taps);
        self.indirect.store(p, None, Activation::Linear, d_weights); // (FI.2)
    }

    /// ∂J/∂x, written over `d_maps`.
    ///
    /// # Panics
    /// If the shapes do not fit; `d_maps` has the shape of the maps, δ is filters x their positions. Also if there is
    /// no memory for the patches of an example.
    pub fn maps_gradient(&mut self, shape: &Convolution, weights: View<T>, delta: View<T>, d_maps: &mut Matrix<T>) {
        let (examples, output) = (shape.examples(d_maps), shape.output());
        assert_eq!(
            (delta.rows(), delta.columns()),
            (shape.filters, size::product([examples, output.plane()])),
            "filters and positions"
        );
        assert_eq!((weights.rows(), weights.columns()), (shape.filters, shape.taps()), "filters and taps");
        if examples == 0 {
            return;
        }
        if patches_are_maps(shape) {
            self.product.store(weights.transposed(), delta, d_maps.view_mut());
            return;
        }
        if is_one_product(shape) {
            self.patches.reshape(shape.taps(), examples);
            self.product.store(weights.transposed(), delta, self.patches.view_mut());
            d_maps.elements_mut().fill(T::ZERO);
            for tap in 0..shape.taps() {
                let (c, at) = shape.tap(tap);
                let element = at[0] * shape.input.columns + at[1];
                let to = d_maps.row_mut(c)[element..].iter_mut().step_by(shape.input.plane());
                to.zip(self.patches.row(tap)).for_each(|(to, &d)| *to = d);
            }
            return;
        }
        let axes = [0, 1].map(|axis| BackwardAxis::of(shape, axis));
        let frame = Frame { map: output, before: axes.map(|axis| axis.before), size: axes.map(|axis| axis.length) };
        frame.fill(delta, 0..examples, 0..frame.size[0], &mut self.padded);
        for down in 0..shape.stride[0].min(shape.input.rows) {
            for across in 0..shape.stride[1].min(shape.input.columns) {
                let classes = [axes[0].class(down), axes[1].class(across)];
                self.class_gradient(shape, weights, &frame, classes, d_maps); // (FI.6)
            }
        }
    }

    /// The elements of ∂J/∂x in the rows and columns of two classes.
    fn class_gradient(
        &mut self,
        shape: &Convolution,
        weights: View<T>,
        frame: &Frame,
        [down, across]: [Class; 2],
        d_maps: &mut Matrix<T>,
    ) {
        let (channels, examples) = (shape.input.channels, shape.examples(d_maps));
        let ([h, v], [t, u]) = (shape.size, shape.stride);
        let [band, width] = frame.size;
        self.taps.clear();
        let inner = size::product([shape.filters, down.taps, across.taps]);
        self.indirect.fill([channels, inner], |g, step| {
            let mut rows = g.chunks_exact_mut(step.max(1));
            for k in 0..shape.filters {
                for i in 0..down.taps {
                    for j in 0..across.taps {
                        self.taps.push((k * band + i) * width + j);
                        let (r, s) = (down.last_tap - i * t, across.last_tap - j * u);
                        let Some(row) = rows.next() else { return };
                        for c in 0..channels {
                            row[c] = weights.at(k, (c * h + r) * v + s);
                        }
                    }
                }
            }
        });
        self.places.clear();
        for n in 0..examples {
            for i in 0..down.count {
                let row = (n * shape.filters * band + down.start + i) * width + across.start;
                self.places.extend(row..row + across.count);
            }
        }
        let p = Indirect::new(&self.padded, &self.taps, &self.places);
        if shape.stride == [1, 1] {
            self.indirect.store(p, None, Activation::Linear, d_maps.view_mut());
            return;
        }
        self.strided.reshape(channels, self.places.len());
        self.indirect.store(p, None, Activation::Linear, self.strided.view_mut());
        for c in 0..channels {
            let mut from = self.strided.row(c).iter();
            for map in d_maps.row_mut(c).chunks_exact_mut(shape.input.plane()) {
                for row in map.chunks_exact_mut(shape.input.columns).skip(down.first).step_by(t) {
                    let to = row[across.first..].iter_mut().step_by(u);
                    to.zip(&mut from).for_each(|(to, &d)| *to = d);
                }
            }
        }
    }

    /// Puts the maps that these positions meet between zeros, and finds the offsets of the taps and of the positions.
    fn surround(&mut self, shape: &Convolution, maps: &Matrix<T>, positions: Range<usize>) {
        let (output, examples) = (shape.output(), shape.examples(maps));
        let all = size::product([examples, output.plane()]);
        assert!(positions.end <= all, "position {} of {all}", positions.end);
        let ([h, v], [t, u], channels) = (shape.size, shape.stride, shape.input.channels);
        let chosen = positions.start / output.plane()..positions.end.div_ceil(output.plane());
        let size = [0, 1].map(|axis| {
            let length = [shape.input.rows, shape.input.columns][axis];
            size::sum([length, shape.padding[axis], shape.padding[axis]])
        });
        let frame = Frame { map: shape.input, before: shape.padding, size };
        // Of a single example, only the rows that the positions meet.
        let first = chosen.start * output.plane();
        let band = if chosen.len() == 1 {
            let [top, bottom] = [positions.start, positions.end - 1].map(|at| (at - first) / output.columns);
            top * t..bottom * t + h
        } else {
            0..size[0]
        };
        frame.fill(maps.view(), chosen.clone(), band.clone(), &mut self.padded);
        let (rows, width) = (band.len(), size[1]);
        self.taps.clear();
        for c in 0..channels {
            for r in 0..h {
                let row = size::product([size::sum([size::product([c, rows]), r]), width]);
                self.taps.extend((0..v).map(|s| size::sum([row, s])));
            }
        }
        self.places.clear();
        for n in chosen {
            let here = [positions.start, positions.end].map(|at| at.saturating_sub(n * output.plane()));
            let [from, to] = here.map(|at| at.min(output.plane()));
            for i in from / output.columns..to.div_ceil(output.columns) {
                let row = ((n - first / output.plane()) * channels * rows + i * t - band.start) * width;
                let [left, right] = [from, to].map(|at| at.saturating_sub(i * output.columns).min(output.columns));
                self.places.extend((left..right).map(|j| row + j * u));
            }
        }
    }
}

/// Columns `positions` of P, in `space` unless P is x.
fn patches_of<'a, T: Real>(
    shape: &Convolution,
    maps: &'a Matrix<T>,
    positions: Range<usize>,
    space: &'a mut Matrix<T>,
) -> View<'a, T> {
    if patches_are_maps(shape) {
        return maps.view().part_columns(positions.start, positions.len());
    }
    space.reshape(shape.taps(), positions.len());
    shape.patches(maps, positions, space.view_mut());
    space.view()
}

/// Maps between zeros: a map's first element stands in row `before[0]` and column `before[1]` of its frame.
struct Frame {
    map: MapShape,
    before: [usize; 2],
    /// Rows and columns of a frame.
    size: [usize; 2],
}

impl Frame {
    /// Writes rows `band` of the frames, example after example, and of each example channel after channel, to the start
    /// of `memory`, which only grows.
    fn fill<T: Real>(&self, maps: View<T>, examples: Range<usize>, band: Range<usize>, memory: &mut Vec<T>) {
        let length = size::product([examples.len(), self.map.channels, band.len(), self.size[1]]);
        size::claim::<T>(length);
        if memory.len() < length {
            memory.resize(length, T::ZERO);
        }
        run(FillFrames { frame: self, maps, examples, band, to: &mut memory[..length] });
    }
}

/// Rows are filled in the order of memory, by whole registers, which may reach into the next part: that is written
/// after them.
struct FillFrames<'a, 'm, T> {
    frame: &'a Frame,
    maps: View<'a, T>,
    examples: Range<usize>,
    band: Range<usize>,
    to: &'m mut [T],
}

impl<T: Real> Operation<T> for FillFrames<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        let FillFrames { frame, maps, examples, band, to } = self;
        let (MapShape { channels, rows, columns }, [above, left], [_, width]) = (frame.map, frame.before, frame.size);
        let mut at = 0;
        for n in examples {
            for c in 0..channels {
                for i in band.clone() {
                    let row = &mut to[at..];
                    at += width;
                    if i < above || i >= above + rows {
                        fill_zeros(lanes, width, row);
                        continue;
                    }
                    let first = (n * rows + i - above) * columns;
                    fill_zeros(lanes, left, row);
                    match maps.rows_from(c, first) {
                        Some((from, _)) => copy(lanes, from, columns, &mut row[left..]),
                        None => (0..columns).for_each(|j| row[left + j] = maps.at(c, first + j)),
                    }
                    fill_zeros(lanes, width - left - columns, &mut row[left + columns..]);
                }
            }
        }
    }
}

/// Sets `count` elements to 0, and perhaps some after them.
#[inline(always)]
fn fill_zeros<T: Real, L: Lanes<T>>(lanes: L, count: usize, to: &mut [T]) {
    for j in (0..count).step_by(L::WIDTH) {
        match to.get_mut(j..j + L::WIDTH) {
            Some(to) => lanes.store(lanes.splat(T::ZERO), to),
            None => to[j..count].fill(T::ZERO),
        }
    }
}

/// Copies `count` elements, and perhaps some after them.
#[inline(always)]
fn copy<T: Real, L: Lanes<T>>(lanes: L, from: &[T], count: usize, to: &mut [T]) {
    for j in (0..count).step_by(L::WIDTH) {
        match (from.get(j..j + L::WIDTH), to.get_mut(j..j + L::WIDTH)) {
            (Some(from), Some(to)) => lanes.store(lanes.load(from), to),
            _ => to[j..count].copy_from_slice(&from[j..count]),
        }
    }
}

/// How the rows, or the columns, of ∂J/∂x meet those of δ.
#[derive(Clone, Copy)]
struct BackwardAxis {
    /// Of the maps.
    length_of_maps: usize,
    taps: usize,
    stride: usize,
    padding: usize,
    /// Zeros before δ, and the length of a frame.
    before: usize,
    length: usize,
}

/// The rows, or columns, of the maps that are met by the same taps: every t-th.
#[derive(Clone, Copy)]
struct Class {
    /// The first of them, and their number.
    first: usize,
    count: usize,
    /// The number of taps, t apart, and the last of them, which meets the first of the elements.
    taps: usize,
    last_tap: usize,
    /// The row, or column, of the frame that the last tap meets at the first element.
    start: usize,
}

impl BackwardAxis {
    fn of(shape: &Convolution, axis: usize) -> Self {
        let lengths = |map: MapShape| [map.rows, map.columns][axis];
        let (taps, stride, padding) = (shape.size[axis], shape.stride[axis], shape.padding[axis]);
        let length_of_maps = lengths(shape.input);
        let before = (taps - 1) / stride;
        let met = (length_of_maps - 1 + padding) / stride + 1;
        let length = size::sum([before, met.max(lengths(shape.output()))]);
        BackwardAxis { length_of_maps, taps, stride, padding, before, length }
    }

    /// The elements `first`, `first` + t, ...
    fn class(&self, first: usize) -> Class {
        let BackwardAxis { length_of_maps, taps, stride, padding, before, .. } = *self;
        let count = (length_of_maps - first).div_ceil(stride);
        // Position i meets the element y by the tap y + p - i·t.
        let least = (first + padding) % stride;
        if least >= taps {
            return Class { first, count, taps: 0, last_tap: 0, start: 0 };
        }
        let last_tap = least + (taps - 1 - least) / stride * stride;
        let start = (before * stride + first + padding - last_tap) / stride;
        Class { first, count, taps: (last_tap - least) / stride + 1, last_tap, start }
    }
}

/// Whether P is x: a filter has one weight for each channel and meets each element once.
fn patches_are_maps(shape: &Convolution) -> bool {
    (shape.size, shape.stride, shape.padding) == ([1, 1], [1, 1], [0, 0])
}

/// Whether P repeats no element: it is x, or each filter has a single position.
fn is_one_product(shape: &Convolution) -> bool {
    patches_are_maps(shape) || (shape.output().plane() == 1 && shape.padding == [0, 0])
}

/// a = f(W·P + b) on all examples of `maps`, on all threads: filters x positions.
///
/// # Panics
/// If the shapes do not fit, or there is no memory for a.
pub fn apply_filters<T: Real>(shape: &Convolution, filters: Filters<T>, maps: &Matrix<T>) -> Matrix<T> {
    let MapShape { channels, .. } = shape.output();
    let positions = size::product([shape.examples(maps), shape.output().plane()]);
    let mut a = Matrix::zeros(channels, positions);
    let workers = threads::count().min(positions.div_ceil(FORWARD_POSITIONS)).max(1);
    apply_filters_into(shape, filters, maps, &mut a, &mut vec![Convolver::default(); workers]);
    a
}

/// [`apply_filters`] into an existing matrix, on one thread for each of the `workers`.
///
/// # Panics
/// If the shapes do not fit, or there is no worker.
pub fn apply_filters_into<T: Real>(
    shape: &Convolution,
    filters: Filters<T>,
    maps: &Matrix<T>,
    a: &mut Matrix<T>,
    workers: &mut [Convolver<T>],
) {
    let positions = size::product([shape.examples(maps), shape.output().plane()]);
    assert_eq!(a.columns(), positions, "positions");
    let found = (filters.weights.rows(), filters.weights.columns(), filters.bias.len());
    assert_eq!(found, (shape.filters, shape.taps(), shape.filters), "filters");
    if shape.filters == 0 {
        return; // at any number of positions
    }
    let parts = (0..positions).step_by(FORWARD_POSITIONS).zip(a.view_mut().column_chunks(FORWARD_POSITIONS));
    threads::for_each(workers, parts, |convolver: &mut Convolver<T>, (from, part)| {
        convolver.forward(shape, filters, maps, from..from + part.columns(), part);
    });
}

#[cfg(test)]
mod tests {
    use super::super::definition::by_definition;
    use super::super::patches::tests::{draw, shapes};
    use super::*;
    use crate::matrix::product;

    #[test]
    fn forward_equals_the_definition() {
        for shape in shapes() {
            let x = draw(1, shape.input.channels, 30 * shape.input.plane());
            let (w, b) = (draw(2, shape.filters, shape.taps()), draw(3, 1, shape.filters));
            let expected = by_definition(&shape, w.view(), b.elements(), &x);
            let filters = Filters { weights: w.view(), bias: b.elements(), activation: Activation::Linear };
            assert_eq!(apply_filters(&shape, filters, &x), expected, "{shape:?}");
            for workers in 1..4 {
                let mut a = Matrix::from_function(expected.rows(), expected.columns(), |_, _| f64::NAN);
                let mut workers = vec![Convolver::default(); workers];
                apply_filters_into(&shape, filters, &x, &mut a, &mut workers);
                assert_eq!(a, expected, "{shape:?}");
            }
        }
    }

    #[test]
    fn gradients_equal_their_definitions() {
        for shape in shapes() {
            let examples = 30;
            let positions = examples * shape.output().plane();
            let x = draw(4, shape.input.channels, examples * shape.input.plane());
            let (w, delta) = (draw(5, shape.filters, shape.taps()), draw(6, shape.filters, positions));
            let mut patches = Matrix::zeros(shape.taps(), positions);
            shape.patches(&x, 0..positions, patches.view_mut());
            let mut expected = Matrix::zeros(shape.filters, shape.taps());
            product::by_definition(delta.view(), patches.view().transposed(), expected.view_mut());

            let mut convolver = Convolver::default();
            let mut got = Matrix::from_function(shape.filters, shape.taps(), |_, _| f64::NAN);
            convolver.weights_gradient(&shape, delta.view(), &x, got.view_mut());
            assert_eq!(got, expected, "{shape:?}");
            let gradients = gradients_by_definition(&shape, w.view(), &delta, &x);
            agree(&got, &gradients.weights);

            let expected = maps_gradient_by_products(&shape, &w, &delta);
            let mut got = Matrix::from_function(x.rows(), x.columns(), |_, _| f64::NAN);
            convolver.maps_gradient(&shape, w.view(), delta.view(), &mut got);
            assert_eq!(got, expected, "{shape:?}");
            agree(&got, &gradients.maps);

            got.elements_mut().fill(f64::NAN);
            convolver.maps_gradient(&shape, w.view(), delta.transpose().view().transposed(), &mut got);
            assert_eq!(got, expected, "{shape:?}, δ in columns");
            let nothing = Matrix::zeros(shape.filters, 0);
            convolver.maps_gradient(&shape, w.view(), nothing.view(), &mut Matrix::zeros(shape.input.channels, 0));
        }
    }

    /// (FI.6), a product of a row and a column for each element of x.
    fn maps_gradient_by_products(shape: &Convolution, w: &Matrix<f64>, delta: &Matrix<f64>) -> Matrix<f64> {
        let (output, [h, v]) = (shape.output(), shape.size);
        let examples = delta.columns() / output.plane();
        // i·t = y + p - r for a tap r, which may be negative or beyond the positions; none where there is a rest.
        let position = |axis: usize, y: usize, r: usize| {
            let [y, p, r, t] = [y, shape.padding[axis], r, shape.stride[axis]].map(|length| length as i64);
            ((y + p - r) % t == 0).then_some((y + p - r) / t)
        };
        Matrix::from_function(shape.input.channels, examples * shape.input.plane(), |c, e| {
            let (n, at) = (e / shape.input.plane(), e % shape.input.plane());
            let (y, u) = (at / shape.input.columns, at % shape.input.columns);
            let (mut row, mut column) = (Vec::new(), Vec::new());
            for k in 0..shape.filters {
                for r in (0..h).rev() {
                    for s in (0..v).rev() {
                        let Some((i, j)) = position(0, y, r).zip(position(1, u, s)) else { continue };
                        let exists = (0..output.rows as i64).contains(&i) && (0..output.columns as i64).contains(&j);
                        let at = n * output.plane() + (i * output.columns as i64 + j).max(0) as usize;
                        row.push(w.row(k)[(c * h + r) * v + s]);
                        column.push(if exists { delta.row(k)[at] } else { 0.0 });
                    }
                }
            }
            let mut sum = Matrix::zeros(1, 1);
            product::by_definition(View::new(&row, 1, row.len()), View::new(&column, column.len(), 1), sum.view_mut());
            sum[[0, 0]]
        })
    }

    /// The definition adds in another order than the product.
    #[track_caller]
    fn agree(got: &Matrix<f64>, expected: &Matrix<f64>) {
        assert_eq!((got.rows(), got.columns()), (expected.rows(), expected.columns()));
        for (g, e) in got.elements().iter().zip(expected.elements()) {
            assert!((g - e).abs() < 1e-12, "{g} {e}");
        }
    }

    #[test]
    fn gradients_by_hand() {
        let shape = Convolution::new(MapShape { channels: 1, rows: 1, columns: 3 }, 1, [1, 2]);
        let row = |elements: &[f64]| Matrix::from_rows(1, elements.len(), elements.to_vec());
        let (w, delta, x) = (row(&[3.0, 5.0]), row(&[1.0, 10.0]), row(&[1.0, 2.0, 4.0]));
        let expected = Gradients { weights: row(&[21.0, 42.0]), bias: vec![11.0], maps: row(&[3.0, 35.0, 50.0]) };
        assert_eq!(gradients_by_definition(&shape, w.view(), &delta, &x), expected);
    }
}
