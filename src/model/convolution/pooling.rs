//! Pooling: the mean or the maximum of each region of a map.
//!
//! Why: a filter's output says where in the input its pattern occurs, to the element. For a label it matters whether
//! and roughly where the pattern occurs. One element per region says that, ignores shifts within the region, and leaves
//! fewer inputs for the next layer. With maxima of two columns each, (4, 0, 0, 0) and, shifted by one, (0, 4, 0, 0)
//! both give (4, 0). Shifted again, (0, 0, 4, 0) has crossed a border and gives (0, 4).
//!
//! | symbol | meaning |
//! | --- | --- |
//! | a(i, j) | an element of a map |
//! | R | a region: a set of rows and columns; regions may overlap and need not cover the map |
//! | p(R), δ(R) | its pooled element, and ∂J/∂p(R) |
//! | n | the number of rows (or columns) of the map |
//!
//! The number of elements of R is written |R|. (i*, j*) is the first position in R, row by row, of its largest element.
//! The mean and the maximum of a region:
//!
//! ```text
//! (PO.1)  p(R) = (1/|R|)·Σ a(i, j) over (i, j) in R
//! (PO.2)  p(R) = a(i*, j*)
//! ```
//!
//! The rows (or columns) of region r: sliding regions of size h at step t, for r = 0 to ⌊(n - h)/t⌋, and N adaptive
//! regions, for r = 0 to N - 1:
//!
//! ```text
//! (PO.3)  r·t to r·t + h - 1
//! (PO.4)  ⌊r·n/N⌋ to ⌈(r + 1)·n/N⌉ - 1
//! ```
//!
//! The derivatives for the mean and for the maximum:
//!
//! ```text
//! (PO.5)  ∂J/∂a(i, j) = Σ δ(R)/|R| over all R that hold (i, j)
//! (PO.6)  ∂J/∂a(i, j) = Σ δ(R) over all R with (i*, j*) = (i, j)
//! ```
//!
//! Derivation: J depends on a(i, j) through each p(R) whose region holds it, so ∂J/∂a(i, j) = Σ_R δ(R)·∂p(R)/∂a(i, j).
//! For the mean, ∂p(R)/∂a(i, j) = 1/|R| in R. For the maximum, p(R) equals a(i*, j*) and, as long as no other element
//! overtakes it, depends on no other: the derivative is 1 at (i*, j*) and 0 elsewhere.
//!
//! Ties: where two elements are equal and largest, raising either one raises p(R), but lowering it does not lower p(R).
//! So p(R) has a kink and no derivative. Instead, give the largest elements weights w(i, j) >= 0 that add up to 1. Then
//! p(R) >= Σ w(i, j)·a(i, j) for all values of a, since a maximum is at least as large as any weighted mean, and at the
//! tie both are equal: the plane Σ w·a touches p(R) from below. Its slopes w are a subgradient and take the place of
//! the derivative. (PO.6) gives the first one weight 1, and so all of δ(R). Other weights would do as well, if they add
//! up to 1: when all elements rise by ε, so does p(R).
//!
//! Adjoints: the mean is linear, p = A·a, with A = 1/|R| where a region holds a position and 0 elsewhere. (PO.5) is
//! Aᵀ·δ, so that Σ δ·p = Σ (Aᵀ·δ)·a, as for [patches](super::patches). The maximum is linear as long as no (i*, j*)
//! moves: A = 1 at (R, (i*, j*)) and 0 elsewhere, and (PO.6) is Aᵀ·δ again.
//!
//! By hand: of the region (1, 5; 3, 5) the mean is 3.5 and the maximum 5, at the second element. δ = 10 gives each
//! element 2.5 for the mean, and (0, 10; 0, 0) for the maximum.
//!
//! Conventions: the terms of (PO.1) are added row by row and the sum is divided; those of (PO.5) and (PO.6) are added
//! in ascending order of the regions. Comparisons with NaN are false: a NaN is a region's maximum only if it is its
//! first element. In the listings, `rows` and `columns` are those of R, `best` is (i*, j*), `argmax` holds it for all
//! regions, and n is an example. At (PO.3) and (PO.4), `length`, `size`, `step` and `parts` are n, h, t and N.
//!
//! Sources: source B, 8.4 "Pooling"; UFLDL, "Pooling". PyTorch calls the regions of (PO.4) adaptive pooling.

use super::definition::MapShape;
use crate::machine::lanes::{MOST_LANES, Vector};
use crate::machine::{Lanes, Operation, run, size};
use crate::matrix::Matrix;
use crate::number::Real;
use alloc::vec::Vec;
use core::ops::Range;

/// The most elements of a map for the maximum: the fast form counts positions in T, and f32 holds integers up to 2²⁴.
const MOST_POSITIONS: usize = 1 << 24;

/// The value of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolingMode {
    /// The mean of its elements.
    Mean,
    /// The largest of its elements.
    Max,
}

/// How rows, or columns, are cut into regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regions {
    /// Regions of equal size at equal steps; rows left over at the end are in none.
    Sliding {
        /// h: rows, or columns, of a region.
        size: usize,
        /// t: from the start of one region to that of the next.
        step: usize,
    },
    /// N regions that cover all rows, or columns; they overlap by one where N does not divide n.
    Adaptive(usize),
}

impl Regions {
    /// Regions of this size side by side.
    pub fn by(size: usize) -> Self {
        Regions::Sliding { size, step: size }
    }

    /// The number of regions of `length` rows, or columns.
    ///
    /// # Panics
    /// If there is none, or the step is 0.
    pub fn count(self, length: usize) -> usize {
        match self {
            Regions::Sliding { size, step } => {
                assert!((1..=length).contains(&size) && step > 0, "regions of {size} at steps of {step} in {length}");
                (length - size) / step + 1 // (PO.3)
            }
            Regions::Adaptive(parts) => {
                assert!(parts > 0 && length > 0, "{parts} regions of {length}");
                parts
            }
        }
    }

    /// Region r of `length`.
    ///
    /// # Panics
    /// If its end is more than a size can count, or there are 0 adaptive regions.
    pub fn region(self, r: usize, length: usize) -> Range<usize> {
        match self {
            Regions::Sliding { size, step } => {
                let start = size::product([r, step]);
                start..size::sum([start, size])
            }
            Regions::Adaptive(parts) => {
                let end = size::product([size::sum([r, 1]), length]);
                (end - length) / parts..end.div_ceil(parts) // (PO.4)
            }
        }
    }
}

/// The shape of a pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pooling {
    /// The value of a region.
    pub mode: PoolingMode,
    /// The shape of the input maps.
    pub input: MapShape,
    /// How rows and columns are cut.
    pub regions: [Regions; 2],
}

impl Pooling {
    /// The shape of the output maps: an element for each region.
    ///
    /// # Panics
    /// If there is no region.
    pub fn output(&self) -> MapShape {
        let MapShape { channels, rows, columns } = self.input;
        MapShape { channels, rows: self.regions[0].count(rows), columns: self.regions[1].count(columns) }
    }

    /// For each position of a map, the regions that hold it, as indices into the output map.
    ///
    /// # Panics
    /// If there is no region, or no memory for them.
    pub fn region_map(&self) -> Vec<Vec<usize>> {
        let positions = self.input.plane();
        size::claim::<Vec<usize>>(positions);
        size::claim::<usize>(size::product([2, self.output().plane()]));
        let mut map = alloc::vec![Vec::new(); positions];
        self.for_each_region(|region, rows, columns| {
            for i in rows {
                columns.clone().for_each(|j| map[i * self.input.columns + j].push(region));
            }
        });
        map
    }

    /// Calls `visit(region, rows, columns)` for each region of a map, row by row.
    fn for_each_region(&self, mut visit: impl FnMut(usize, Range<usize>, Range<usize>)) {
        let (input, output) = (self.input, self.output());
        for i in 0..output.rows {
            let rows = self.regions[0].region(i, input.rows);
            for j in 0..output.columns {
                visit(i * output.columns + j, rows.clone(), self.regions[1].region(j, input.columns));
            }
        }
    }

    /// Pools all maps of all examples. `argmax` gets, for the maximum, the index of (i*, j*) in its map, region after
    /// region; for the mean it is emptied.
    ///
    /// # Panics
    /// If `maps` are not of the input's shape, for the maximum if a map has more than 2²⁴ elements, or if there is no
    /// memory.
    pub fn forward<T: Real>(&self, maps: &Matrix<T>, pooled: &mut Matrix<T>, argmax: &mut Vec<u32>) {
        let (input, output) = (self.input, self.output());
        let examples = maps.columns() / input.plane();
        assert_eq!((maps.rows(), maps.columns()), (input.channels, examples * input.plane()), "maps for {input:?}");
        assert!(self.mode == PoolingMode::Mean || input.plane() <= MOST_POSITIONS, "the largest elements of {input:?}");
        pooled.reshape(input.channels, size::product([examples, output.plane()]));
        argmax.resize(if self.mode == PoolingMode::Max { pooled.rows() * pooled.columns() } else { 0 }, 0);
        run(Pool { shape: self, maps, pooled, argmax });
    }

    /// ∂J/∂a, written over `d_maps`, from δ and the positions that [`forward`](Self::forward) found.
    ///
    /// # Panics
    /// If the shapes do not fit, or there is no memory for the maps.
    pub fn backward<T: Real>(&self, delta: &Matrix<T>, argmax: &[u32], d_maps: &mut Matrix<T>) {
        let (input, output) = (self.input, self.output());
        let examples = delta.columns() / output.plane();
        assert_eq!((delta.rows(), delta.columns()), (input.channels, examples * output.plane()), "δ for {output:?}");
        d_maps.reshape(input.channels, size::product([examples, input.plane()]));
        let mut argmax = argmax.chunks_exact(output.plane());
        for c in 0..input.channels {
            let all = d_maps.row_mut(c).chunks_exact_mut(input.plane()).zip(delta.row(c).chunks_exact(output.plane()));
            for (map, delta) in all {
                map.fill(T::ZERO);
                match self.mode {
                    PoolingMode::Mean => self.for_each_region(|region, rows, columns| {
                        let part = delta[region] / T::from_usize(rows.len() * columns.len());
                        for i in rows {
                            map[i * input.columns..][columns.clone()].iter_mut().for_each(|d| *d += part);
                        }
                    }),
                    PoolingMode::Max => {
                        let argmax = argmax.next().expect("a position for each region");
                        for (r, &delta) in delta.iter().enumerate() {
                            map[argmax[r] as usize] += delta;
                        }
                    }
                }
            }
        }
    }
}

/// The pooled elements of maps, with the positions of the maxima.
#[derive(Clone, Debug, PartialEq)]
pub struct Pooled {
    /// p: channels x regions of all examples.
    pub values: Matrix<f64>,
    /// For the maximum, the index of (i*, j*) in its map for each element of `values`; empty for the mean.
    pub argmax: Vec<u32>,
}

/// Pools all maps of all examples, element by element.
///
/// # Panics
/// If there is no region, or `maps` are not of the input's shape.
pub fn by_definition(pooling: &Pooling, maps: &Matrix<f64>) -> Pooled {
    let (input, output) = (pooling.input, pooling.output());
    let examples = maps.columns() / input.plane();
    let mut values = Matrix::zeros(input.channels, size::product([examples, output.plane()]));
    let mut argmax = Vec::new();
    for c in 0..input.channels {
        for n in 0..examples {
            let a = |i: usize, j: usize| maps.row(c)[n * input.plane() + i * input.columns + j];
            pooling.for_each_region(|region, rows, columns| {
                let (mut sum, mut best) = (0.0, [rows.start, columns.start]);
                for i in rows.clone() {
                    for j in columns.clone() {
                        sum += a(i, j);
                        if a(i, j) > a(best[0], best[1]) {
                            best = [i, j];
                        }
                    }
                }
                values.row_mut(c)[n * output.plane() + region] = match pooling.mode {
                    PoolingMode::Mean => sum / (rows.len() * columns.len()) as f64, // (PO.1)
                    PoolingMode::Max => a(best[0], best[1]),                        // (PO.2)
                };
                if pooling.mode == PoolingMode::Max {
                    argmax.push((best[0] * input.columns + best[1]) as u32);
                }
            });
        }
    }
    Pooled { values, argmax }
}

/// ∂J/∂a of all maps of all examples, from δ and the positions of the maxima.
///
/// # Panics
/// If there is no region, or the shapes do not fit.
pub fn backward_by_definition(pooling: &Pooling, delta: &Matrix<f64>, argmax: &[u32]) -> Matrix<f64> {
    let (input, output) = (pooling.input, pooling.output());
    let examples = delta.columns() / output.plane();
    let mut d_maps = Matrix::zeros(input.channels, size::product([examples, input.plane()]));
    for c in 0..input.channels {
        for n in 0..examples {
            let d = &mut d_maps.row_mut(c)[n * input.plane()..][..input.plane()];
            pooling.for_each_region(|region, rows, columns| {
                let delta = delta.row(c)[n * output.plane() + region];
                let elements = (rows.len() * columns.len()) as f64;
                for i in rows {
                    for j in columns.clone() {
                        let position = i * input.columns + j;
                        let largest = argmax.get((c * examples + n) * output.plane() + region);
                        d[position] += match pooling.mode {
                            PoolingMode::Mean => delta / elements,                            // (PO.5)
                            PoolingMode::Max if largest == Some(&(position as u32)) => delta, // (PO.6)
                            PoolingMode::Max => 0.0,
                        };
                    }
                }
            });
        }
    }
    d_maps
}

/// Pools map after map, and of each map one output row after the other.
struct Pool<'a, T> {
    shape: &'a Pooling,
    maps: &'a Matrix<T>,
    pooled: &'a mut Matrix<T>,
    argmax: &'a mut [u32],
}

impl<T: Real> Operation<T> for Pool<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        let Pool { shape: &Pooling { mode, input, regions }, maps, pooled, argmax } = self;
        let output = self.shape.output();
        let mut from = 0;
        for c in 0..input.channels {
            let pooled = pooled.row_mut(c);
            for (n, map) in maps.row(c).chunks_exact(input.plane()).enumerate() {
                for i in 0..output.rows {
                    let row = OutputRow {
                        mode,
                        map,
                        columns: input.columns,
                        rows: regions[0].region(i, input.rows),
                        count: output.columns,
                        pooled: &mut pooled[(n * output.rows + i) * output.columns..],
                        argmax: argmax.get_mut(from..).unwrap_or_default(),
                    };
                    from += output.columns;
                    match regions[1] {
                        Regions::Sliding { size: 2, step: 2 } => row.pool_pairs(lanes),
                        Regions::Sliding { size, step } => row.pool_sliding(lanes, size, step),
                        Regions::Adaptive(_) => row.pool_any(regions[1]),
                    }
                }
            }
        }
    }
}

/// One row of regions, and where their values go.
struct OutputRow<'a, T> {
    mode: PoolingMode,
    map: &'a [T],
    /// Of the map.
    columns: usize,
    /// Of the regions.
    rows: Range<usize>,
    /// The number of regions.
    count: usize,
    /// From the first region of the row to the last of all rows: where more than `count` are left, a whole register is
    /// stored, and the next rows overwrite what does not belong to this one. So is `argmax`.
    pooled: &'a mut [T],
    argmax: &'a mut [u32],
}

impl<T: Real> OutputRow<'_, T> {
    /// The fast path of the usual regions, two columns at steps of two: adjacent registers hold both columns of
    /// neighboring regions.
    #[inline(always)]
    fn pool_pairs<L: Lanes<T>>(self, lanes: L) {
        let OutputRow { mode, map, columns, rows, count, pooled, argmax } = self;
        for j in (0..count).step_by(L::WIDTH) {
            let regions = L::WIDTH.min(count - j);
            let mut values = RegionValues::new(lanes, mode);
            for i in rows.clone() {
                let first = i * columns + 2 * j;
                let (left, right) = match map.get(first..first + 2 * L::WIDTH) {
                    Some(near) => lanes.load(near).deinterleave(lanes.load(&near[L::WIDTH..])),
                    None => (gather(lanes, map, first, 2, regions), gather(lanes, map, first + 1, 2, regions)),
                };
                values.add(left, first);
                values.add(right, first + 1);
            }
            values.store(2 * rows.len(), 2, &mut pooled[j..], argmax.get_mut(j..).unwrap_or_default());
        }
    }

    /// As many regions as a register has lanes, each lane one region: all compare their first element, then all their
    /// second. Which element is largest cannot be predicted, so nothing branches on it.
    #[inline(always)]
    fn pool_sliding<L: Lanes<T>>(self, lanes: L, size: usize, step: usize) {
        let OutputRow { mode, map, columns, rows, count, pooled, argmax } = self;
        for j in (0..count).step_by(L::WIDTH) {
            let regions = L::WIDTH.min(count - j);
            let mut values = RegionValues::new(lanes, mode);
            for i in rows.clone() {
                for s in 0..size {
                    let first = i * columns + j * step + s;
                    values.add(gather(lanes, map, first, step, regions), first);
                }
            }
            values.store(rows.len() * size, step, &mut pooled[j..], argmax.get_mut(j..).unwrap_or_default());
        }
    }

    /// Regions of any columns, one after the other.
    #[inline(always)]
    fn pool_any(self, regions: Regions) {
        for (j, pooled) in self.pooled[..self.count].iter_mut().enumerate() {
            let columns = regions.region(j, self.columns);
            let mut best = self.rows.start * self.columns + columns.start;
            let mut value = if self.mode == PoolingMode::Mean { T::ZERO } else { self.map[best] };
            for i in self.rows.clone() {
                for position in i * self.columns + columns.start..i * self.columns + columns.end {
                    match self.mode {
                        PoolingMode::Mean => value += self.map[position],
                        PoolingMode::Max if self.map[position] > value => {
                            (value, best) = (self.map[position], position)
                        }
                        PoolingMode::Max => {}
                    }
                }
            }
            match self.mode {
                PoolingMode::Mean => *pooled = value / T::from_usize(self.rows.len() * columns.len()),
                PoolingMode::Max => (*pooled, self.argmax[j]) = (value, best as u32),
            }
        }
    }
}

/// Elements `first`, `first + step`, ... of a map, one for each region.
#[inline(always)]
fn gather<T: Real, L: Lanes<T>>(lanes: L, map: &[T], first: usize, step: usize, regions: usize) -> L::Vector {
    let mut elements = [T::ZERO; MOST_LANES];
    for (r, element) in elements[..regions].iter_mut().enumerate() {
        *element = map[first + r * step];
    }
    lanes.load(&elements)
}

/// The values of a register of regions, one in each lane: their sums so far, or their largest elements so far.
struct RegionValues<T: Real, L: Lanes<T>> {
    lanes: L,
    mode: PoolingMode,
    value: L::Vector,
    /// The first region's position of the largest element, in T, which holds the integers in question.
    position: L::Vector,
    is_empty: bool,
}

impl<T: Real, L: Lanes<T>> RegionValues<T, L> {
    #[inline(always)]
    fn new(lanes: L, mode: PoolingMode) -> Self {
        let zero = lanes.splat(T::ZERO);
        RegionValues { lanes, mode, value: zero, position: zero, is_empty: true }
    }

    /// Takes in an element of each region; that of the first region is at `position`.
    #[inline(always)]
    fn add(&mut self, a: L::Vector, position: usize) {
        match self.mode {
            PoolingMode::Mean => self.value = self.value + a,
            PoolingMode::Max => {
                let (largest, position) = (self.value, self.lanes.splat(T::from_usize(position)));
                self.value = if self.is_empty { a } else { largest.select_less(a, a, largest) };
                self.position = if self.is_empty { position } else { largest.select_less(a, position, self.position) };
                self.is_empty = false;
            }
        }
    }

    /// Writes the values of the regions, each of `elements` elements, at steps of `step` columns.
    #[inline(always)]
    fn store(self, elements: usize, step: usize, pooled: &mut [T], argmax: &mut [u32]) {
        match self.mode {
            PoolingMode::Mean => {
                self.lanes.store_any(self.value / self.lanes.splat(T::from_usize(elements)), pooled);
            }
            PoolingMode::Max => {
                self.lanes.store_any(self.value, pooled);
                let mut positions = [T::ZERO; MOST_LANES];
                self.lanes.store(self.position, &mut positions);
                match argmax.get_mut(..L::WIDTH) {
                    Some(argmax) => store_positions(&positions, step, argmax),
                    None => store_positions(&positions, step, argmax),
                }
            }
        }
    }
}

/// Inlined with the length of a register, it converts all positions at once; and it does so through i32, to which every
/// processor can. The lanes of no region may wrap.
#[inline(always)]
fn store_positions<T: Real>(positions: &[T], step: usize, argmax: &mut [u32]) {
    for r in 0..argmax.len() {
        argmax[r] = (positions[r].to_f64() as i32 as u32).wrapping_add(r.wrapping_mul(step) as u32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;
    use crate::number::sum::dot;
    use alloc::vec;

    fn pooling(mode: PoolingMode, rows: usize, columns: usize, regions: [Regions; 2]) -> Pooling {
        Pooling { mode, input: MapShape { channels: 1, rows, columns }, regions }
    }

    #[test]
    fn means_and_maxima_by_hand() {
        let x = Matrix::from_rows(1, 12, vec![1.0, 5.0, 2.0, 0.0, 3.0, 5.0, 8.0, 1.0, 7.0, 7.0, 7.0, 7.0]);
        let regions = [Regions::by(2), Regions::by(2)]; // the third row is left over
        let (mut pooled, mut argmax) = (Matrix::empty(), vec![7]);
        pooling(PoolingMode::Mean, 3, 4, regions).forward(&x, &mut pooled, &mut argmax);
        assert_eq!((pooled.elements(), &argmax[..]), (&[3.5, 2.75][..], &[][..]));
        let max = pooling(PoolingMode::Max, 3, 4, regions);
        max.forward(&x, &mut pooled, &mut argmax);
        assert_eq!((pooled.elements(), &argmax[..]), (&[5.0, 8.0][..], &[1, 6][..])); // the first of two 5s
        let mut back = Matrix::empty();
        max.backward(&Matrix::from_rows(1, 2, vec![10.0, 20.0]), &argmax, &mut back);
        assert_eq!(back.elements(), [0.0, 10.0, 0.0, 0.0, 0.0, 0.0, 20.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn overlapping_regions_and_parts() {
        let windows = pooling(PoolingMode::Mean, 1, 5, [Regions::by(1), Regions::Sliding { size: 3, step: 2 }]);
        assert_eq!(windows.region_map(), [vec![0], vec![0], vec![0, 1], vec![1], vec![1]]);
        let parts = pooling(PoolingMode::Mean, 1, 5, [Regions::Adaptive(1), Regions::Adaptive(2)]);
        assert_eq!(parts.region_map(), [vec![0], vec![0], vec![0, 1], vec![1], vec![1]]);
        let more = pooling(PoolingMode::Max, 1, 2, [Regions::Adaptive(1), Regions::Adaptive(3)]);
        assert_eq!(more.region_map(), [vec![0, 1], vec![1, 2]]);
        let mut back = Matrix::empty();
        windows.backward(&Matrix::from_rows(1, 2, vec![3.0, 6.0]), &[], &mut back);
        assert_eq!(back.elements(), [1.0, 1.0, 3.0, 2.0, 2.0]);
    }

    #[test]
    fn forward_and_backward_are_their_definitions_and_adjoint() {
        let mut random = Random::new(1);
        let input = MapShape { channels: 3, rows: 7, columns: 50 };
        for mode in [PoolingMode::Mean, PoolingMode::Max] {
            let (overlapping, adaptive) = (Regions::Sliding { size: 3, step: 2 }, Regions::Adaptive(3));
            for regions in [
                [Regions::by(2), Regions::by(3)],
                [overlapping, adaptive],
                [adaptive, overlapping],
                [Regions::by(3), Regions::by(2)],
                [Regions::by(2), Regions::Sliding { size: 2, step: 1 }],
            ] {
                let shape = Pooling { mode, input, regions };
                let x: Matrix<f64> = Matrix::from_function(3, 2 * 350, |_, _| random.uniform(-1.0, 1.0));
                let (mut pooled, mut argmax, mut back) = (Matrix::empty(), Vec::new(), Matrix::empty());
                shape.forward(&x, &mut pooled, &mut argmax);
                assert_eq!(
                    by_definition(&shape, &x),
                    Pooled { values: pooled.clone(), argmax: argmax.clone() },
                    "{shape:?}"
                );
                let delta = Matrix::from_function(3, pooled.columns(), |_, _| random.uniform(-1.0, 1.0));
                shape.backward(&delta, &argmax, &mut back);
                assert_eq!(backward_by_definition(&shape, &delta, &argmax), back, "{shape:?}");
                let (one, other) = (dot(delta.elements(), pooled.elements()), dot(back.elements(), x.elements()));
                assert!((one - other).abs() < 1e-12, "{shape:?}: {one} {other}");
            }
        }
    }

    #[test]
    fn a_nan_is_the_maximum_only_where_it_comes_first() {
        let x = Matrix::from_rows(1, 8, vec![f64::NAN, 1.0, 2.0, f64::NAN, 3.0, 4.0, 5.0, 6.0]);
        let apart = Regions::Sliding { size: 2, step: 3 };
        for (regions, second) in [(Regions::by(2), false), (Regions::Adaptive(4), false), (apart, true)] {
            let shape = pooling(PoolingMode::Max, 1, 8, [Regions::by(1), regions]);
            let (mut pooled, mut argmax) = (Matrix::empty(), Vec::new());
            shape.forward(&x, &mut pooled, &mut argmax);
            let defined = by_definition(&shape, &x);
            let bits = |m: &Matrix<f64>| m.elements().iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert_eq!((bits(&pooled), &argmax), (bits(&defined.values), &defined.argmax));
            assert_eq!([0, 1].map(|i| pooled.elements()[i].is_nan()), [true, second], "{regions:?}");
        }
    }

    #[test]
    #[should_panic(expected = "regions of 3 at steps of 1 in 2")]
    fn a_region_larger_than_the_map_panics() {
        pooling(PoolingMode::Mean, 2, 2, [Regions::Sliding { size: 3, step: 1 }, Regions::by(1)]).output();
    }
}
