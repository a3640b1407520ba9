//! Pooling: what a filter found, region by region, instead of at each place.
//!
//! A map is cut into regions R of rows and columns, which may overlap and need not cover it. Of each map and region:
//!
//! mean: p(R) = (1/|R|)·Σ a(i, j) over (i, j) in R;  max: p(R) = the largest a(i, j).
//!
//! The terms of the mean are added row by row; then the sum is divided. Of equal largest numbers the first one in the
//! region is taken (row by row), and a NaN before it or none, as the comparison a > largest has it: a region whose
//! first number is NaN gives NaN.
//!
//! Backward, with δ the derivative of the cost by p: the mean gives each place of R δ/|R|, the maximum gives δ to the
//! place that it took. A place in several regions gets the sum, the regions in ascending order.
//!
//! Sources: source B, 8.4 "Pooling"; UFLDL, "Pooling".

use super::definition::MapShape;
use crate::machine::lanes::{MOST_LANES, Vector};
use crate::machine::{Lanes, Operation, run, size};
use crate::matrix::Matrix;
use crate::number::Real;
use alloc::vec::Vec;
use core::ops::Range;

/// The most numbers of a map whose largest are sought: f32 holds integers up to 2²⁴.
const MOST_PLACES: usize = 1 << 24;

/// What is kept of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolingMode {
    /// Its mean.
    Mean,
    /// Its largest number.
    Max,
}

/// How rows, or columns, are cut into regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regions {
    /// So many at a time, at so many from one to the next; what is left over at the end is in none.
    Sliding {
        /// Rows, or columns, of a region.
        size: usize,
        /// From the start of one to that of the next.
        step: usize,
    },
    /// So many regions r of R over all n: from ⌊r·n/R⌋ to ⌈(r+1)·n/R⌉ - 1. They overlap by one where R does not divide n.
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
                (length - size) / step + 1
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
    /// If its place is more than a size can count, or there are 0 parts.
    pub fn region(self, r: usize, length: usize) -> Range<usize> {
        match self {
            Regions::Sliding { size: count, step } => {
                let start = size::product([r, step]);
                start..size::sum([start, count])
            }
            Regions::Adaptive(parts) => {
                let end = size::product([size::sum([r, 1]), length]);
                (end - length) / parts..end.div_ceil(parts)
            }
        }
    }
}

/// The shape of a pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pooling {
    /// What is kept.
    pub mode: PoolingMode,
    /// The shape of the maps that come in.
    pub input: MapShape,
    /// How rows and columns are cut.
    pub regions: [Regions; 2],
}

impl Pooling {
    /// The shape of the maps that go out: a number for each region.
    ///
    /// # Panics
    /// If there is no region.
    pub fn output(&self) -> MapShape {
        let MapShape { channels, rows, columns } = self.input;
        MapShape { channels, rows: self.regions[0].count(rows), columns: self.regions[1].count(columns) }
    }

    /// The regions of each place, as numbers of the output's places: what a drawing of them needs.
    ///
    /// # Panics
    /// If there is no region, or no memory for them.
    pub fn region_map(&self) -> Vec<Vec<usize>> {
        let places = self.input.plane();
        size::claim::<Vec<usize>>(places);
        size::claim::<usize>(size::product([2, self.output().plane()]));
        let mut map = alloc::vec![Vec::new(); places];
        self.regions(|region, rows, columns| {
            for i in rows {
                columns.clone().for_each(|j| map[i * self.input.columns + j].push(region));
            }
        });
        map
    }

    fn regions(&self, mut visit: impl FnMut(usize, Range<usize>, Range<usize>)) {
        let (input, output) = (self.input, self.output());
        for i in 0..output.rows {
            let rows = self.regions[0].region(i, input.rows);
            for j in 0..output.columns {
                visit(i * output.columns + j, rows.clone(), self.regions[1].region(j, input.columns));
            }
        }
    }

    /// Pools all maps of all examples. `places` gets, for a maximum, which number of its example's map was taken.
    ///
    /// # Panics
    /// If `maps` are not of the input's shape, of a maximum if a map has more than 2²⁴ numbers, or if there is no memory.
    pub fn forward<T: Real>(&self, maps: &Matrix<T>, pooled: &mut Matrix<T>, places: &mut Vec<u32>) {
        let (input, output) = (self.input, self.output());
        let examples = maps.columns() / input.plane();
        assert_eq!((maps.rows(), maps.columns()), (input.channels, examples * input.plane()), "maps for {input:?}");
        assert!(self.mode == PoolingMode::Mean || input.plane() <= MOST_PLACES, "the largest numbers of {input:?}");
        pooled.reshape(input.channels, size::product([examples, output.plane()]));
        places.clear();
        places.resize(if self.mode == PoolingMode::Max { pooled.rows() * pooled.columns() } else { 0 }, 0);
        run(Pool { shape: self, maps, pooled, places });
    }

    /// The derivative of the cost by the maps, from that by what was pooled and the places that
    /// [`forward`](Self::forward) took.
    ///
    /// # Panics
    /// If the shapes do not fit.
    /// Also if there is no memory for the maps.
    pub fn backward<T: Real>(&self, delta: &Matrix<T>, places: &[u32], d_maps: &mut Matrix<T>) {
        let (input, output) = (self.input, self.output());
        let examples = delta.columns() / output.plane();
        assert_eq!((delta.rows(), delta.columns()), (input.channels, examples * output.plane()), "δ for {output:?}");
        d_maps.reshape(input.channels, size::product([examples, input.plane()]));
        d_maps.elements_mut().fill(T::ZERO);
        let mut places = places.chunks_exact(output.plane());
        for c in 0..input.channels {
            let all = d_maps.row_mut(c).chunks_exact_mut(input.plane()).zip(delta.row(c).chunks_exact(output.plane()));
            for (map, delta) in all {
                match self.mode {
                    PoolingMode::Mean => self.regions(|region, rows, columns| {
                        let share = delta[region] / T::from_usize(rows.len() * columns.len());
                        for i in rows {
                            map[i * input.columns..][columns.clone()].iter_mut().for_each(|d| *d += share);
                        }
                    }),
                    PoolingMode::Max => {
                        let places = places.next().expect("a place for each region");
                        places.iter().zip(delta).for_each(|(&place, &delta)| map[place as usize] += delta);
                    }
                }
            }
        }
    }
}

/// Pools map by map, and of each map an output row at a time. Where columns are cut into windows, as many regions as a
/// register holds all take their first number, then all their second, and so on: which number is the largest cannot be
/// foretold, so nothing branches on it.
struct Pool<'a, T> {
    shape: &'a Pooling,
    maps: &'a Matrix<T>,
    pooled: &'a mut Matrix<T>,
    places: &'a mut [u32],
}

impl<T: Real> Operation<T> for Pool<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        let Pool { shape, maps, pooled, places } = self;
        let (input, output) = (shape.input, shape.output());
        let mut places = places.chunks_exact_mut(output.columns);
        for c in 0..input.channels {
            let maps = maps.row(c).chunks_exact(input.plane());
            for (map, pooled) in maps.zip(pooled.row_mut(c).chunks_exact_mut(output.plane())) {
                for (i, pooled) in pooled.chunks_exact_mut(output.columns).enumerate() {
                    let rows = shape.regions[0].region(i, input.rows);
                    let places =
                        if shape.mode == PoolingMode::Max { places.next().unwrap_or_default() } else { &mut [] };
                    match shape.regions[1] {
                        Regions::Sliding { size, step } => {
                            windows(lanes, shape, map, rows, [size, step], pooled, places);
                        }
                        Regions::Adaptive(_) => parts(shape, map, rows, pooled, places),
                    }
                }
            }
        }
    }
}

/// A row of regions that are windows.
#[inline(always)]
fn windows<T: Real, L: Lanes<T>>(
    lanes: L,
    shape: &Pooling,
    map: &[T],
    rows: Range<usize>,
    [size, step]: [usize; 2],
    pooled: &mut [T],
    places: &mut [u32],
) {
    let columns = shape.input.columns;
    let count = lanes.splat(T::from_usize(rows.len() * size));
    for j in (0..pooled.len()).step_by(L::WIDTH) {
        let regions = L::WIDTH.min(pooled.len() - j);
        let mut line = [T::ZERO; MOST_LANES];
        // Places are counted in T, which holds integers up to 2²⁴ and more.
        let (mut kept, mut place) = (lanes.splat(T::ZERO), lanes.splat(T::ZERO));
        let mut paired = false;
        for y in rows.clone() {
            let mut pair = (kept, kept);
            for s in 0..size {
                let first = y * columns + j * step + s;
                let a = match map.get(first..first + 2 * L::WIDTH) {
                    // The usual pairs, both numbers of each in one go.
                    Some(near) if s == 0 && (size, step) == (2, 2) => {
                        pair = lanes.load(near).deinterleave(lanes.load(&near[L::WIDTH..]));
                        paired = true;
                        pair.0
                    }
                    _ if s == 1 && paired => pair.1,
                    _ => {
                        for r in 0..regions {
                            line[r] = map[first + r * step];
                        }
                        paired = false;
                        lanes.load(&line)
                    }
                };
                match shape.mode {
                    PoolingMode::Mean => kept = kept + a,
                    PoolingMode::Max => {
                        let at = lanes.splat(T::from_usize(first));
                        let start = y == rows.start && s == 0;
                        (kept, place) = if start {
                            (a, at)
                        } else {
                            (kept.select_less(a, a, kept), kept.select_less(a, at, place))
                        };
                    }
                }
            }
        }
        match shape.mode {
            PoolingMode::Mean => lanes.store_any(kept / count, &mut pooled[j..][..regions]),
            PoolingMode::Max => {
                lanes.store_any(kept, &mut pooled[j..][..regions]);
                lanes.store(place, &mut line);
                for r in 0..regions {
                    places[j + r] = line[r].to_f64() as u32 + (r * step) as u32;
                }
            }
        }
    }
}

/// A row of any regions.
#[inline(always)]
fn parts<T: Real>(shape: &Pooling, map: &[T], rows: Range<usize>, pooled: &mut [T], places: &mut [u32]) {
    let width = shape.input.columns;
    for (j, pooled) in pooled.iter_mut().enumerate() {
        let columns = shape.regions[1].region(j, width);
        let mut best = rows.start * width + columns.start;
        let mut kept = if shape.mode == PoolingMode::Mean { T::ZERO } else { map[best] };
        for y in rows.clone() {
            for at in y * width + columns.start..y * width + columns.end {
                match shape.mode {
                    PoolingMode::Mean => kept += map[at],
                    PoolingMode::Max if map[at] > kept => (kept, best) = (map[at], at),
                    PoolingMode::Max => {}
                }
            }
        }
        match shape.mode {
            PoolingMode::Mean => *pooled = kept / T::from_usize(rows.len() * columns.len()),
            PoolingMode::Max => (*pooled, places[j]) = (kept, best as u32),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;
    use crate::number::sum::dot;
    use alloc::vec;

    fn pooling(kind: PoolingMode, rows: usize, columns: usize, cuts: [Regions; 2]) -> Pooling {
        Pooling { mode: kind, input: MapShape { channels: 1, rows, columns }, regions: cuts }
    }

    #[test]
    fn means_and_maxima_by_hand() {
        let x = Matrix::from_rows(1, 12, vec![1.0, 5.0, 2.0, 0.0, 3.0, 5.0, 8.0, 1.0, 7.0, 7.0, 7.0, 7.0]);
        let cuts = [Regions::by(2), Regions::by(2)]; // the third row is left over
        let (mut pooled, mut places) = (Matrix::empty(), vec![7]);
        pooling(PoolingMode::Mean, 3, 4, cuts).forward(&x, &mut pooled, &mut places);
        assert_eq!((pooled.elements(), &places[..]), (&[3.5, 2.75][..], &[][..]));
        let max = pooling(PoolingMode::Max, 3, 4, cuts);
        max.forward(&x, &mut pooled, &mut places);
        assert_eq!((pooled.elements(), &places[..]), (&[5.0, 8.0][..], &[1, 6][..])); // the first of two 5s
        let mut back = Matrix::empty();
        max.backward(&Matrix::from_rows(1, 2, vec![10.0, 20.0]), &places, &mut back);
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
    fn backward_is_the_adjoint_of_the_mean_and_of_the_maximum_where_it_stands() {
        let mut random = Random::new(1);
        let input = MapShape { channels: 3, rows: 7, columns: 8 };
        for kind in [PoolingMode::Mean, PoolingMode::Max] {
            for cuts in
                [[Regions::by(2), Regions::by(3)], [Regions::Sliding { size: 3, step: 2 }, Regions::Adaptive(3)]]
            {
                let shape = Pooling { mode: kind, input, regions: cuts };
                let x: Matrix<f64> = Matrix::from_function(3, 2 * 56, |_, _| random.uniform(-1.0, 1.0));
                let (mut pooled, mut places, mut back) = (Matrix::empty(), Vec::new(), Matrix::empty());
                shape.forward(&x, &mut pooled, &mut places);
                assert_eq!(pooled.columns(), 2 * shape.output().plane());
                let delta = Matrix::from_function(3, pooled.columns(), |_, _| random.uniform(-1.0, 1.0));
                shape.backward(&delta, &places, &mut back);
                let (one, other) = (dot(delta.elements(), pooled.elements()), dot(back.elements(), x.elements()));
                assert!((one - other).abs() < 1e-13, "{shape:?}: {one} {other}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "regions of 3 at steps of 1 in 2")]
    fn a_region_larger_than_the_map_panics() {
        pooling(PoolingMode::Mean, 2, 2, [Regions::Sliding { size: 3, step: 1 }, Regions::by(1)]).output();
    }
}
