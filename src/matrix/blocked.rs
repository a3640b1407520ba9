//! The matrix product at the speed of the machine, with the bits of the definition: who does what.
//!
//! A product is cut into a piece for each worker, a piece into strips of columns. A strip is multiplied (`strip` tells
//! how) and, while it is in cache, finished: what a model does to each row of a product next, and sums of it, is given
//! along as a [`Epilogue`].

use super::dense::View;
use super::product::check_shapes;
use super::strip::{HIGHEST_TILE, MC, Packing, RowBlock};
use crate::machine::isa::{Isa, isa};
use crate::machine::{Lanes, Operation, ViewMut, run_on, threads};
use crate::number::Real;
use alloc::vec::Vec;

/// Columns of C that are finished at a time; they are computed so many, or twice as many, at a time. What [`Epilogue`]
/// sums depends on it, so it is the same everywhere.
pub const NC: usize = 400;

/// Products of fewer multiplications than this are not worth starting threads for.
const WORTH_SHARING: usize = 1 << 21;

/// For so few rows packing B costs more than it gives.
const FEW_ROWS: usize = 100;

/// What is done to a row's part of C once it is complete and while it is in cache.
pub trait Epilogue<T: Real>: Sync {
    /// Whether there is anything to do.
    const IS_NEEDED: bool = true;

    /// Changes the part of row i that starts at column j, and returns two numbers, usually sums over it.
    ///
    /// A part is a strip's: it starts at a multiple of [`NC`] and is as long, or ends with the row. Mark the
    /// implementation `#[inline(always)]`.
    fn apply<L: Lanes<T>>(&self, lanes: L, i: usize, j: usize, part: &mut [T]) -> [T; 2];
}

/// Leaves the product as it is.
#[derive(Clone, Copy, Debug)]
pub struct NoEpilogue;

impl<T: Real> Epilogue<T> for NoEpilogue {
    const IS_NEEDED: bool = false;

    #[inline(always)]
    fn apply<L: Lanes<T>>(&self, _: L, _: usize, _: usize, _: &mut [T]) -> [T; 2] {
        [T::ZERO; 2]
    }
}

/// Multiplies matrices; keeps the memory that packing needs, one piece for each worker.
#[derive(Clone, Debug, Default)]
pub struct Product<T> {
    workers: Vec<Packing<T>>,
    single_threaded: bool,
}

impl<T: Real> Product<T> {
    /// A multiplier that owns no memory yet.
    pub fn new() -> Self {
        Product { workers: Vec::new(), single_threaded: false }
    }

    /// A multiplier that starts no threads, for use within a worker.
    pub fn single_threaded() -> Self {
        Product { workers: Vec::new(), single_threaded: true }
    }

    /// C ← A·B.
    ///
    /// # Panics
    /// If the shapes do not fit; the message has them.
    pub fn store(&mut self, a: View<T>, b: View<T>, c: ViewMut<T>) {
        self.run(Job { a, b, accumulate: false, finish: &NoEpilogue, row: 0, column: 0 }, c, None);
    }

    /// C ← C + A·B, each block of the inner index added in its turn.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn accumulate(&mut self, a: View<T>, b: View<T>, c: ViewMut<T>) {
        self.run(Job { a, b, accumulate: true, finish: &NoEpilogue, row: 0, column: 0 }, c, None);
    }

    /// C ← A·B, then `finish` on each row's part of each strip; its two results for row i and strip s go to elements
    /// (i, 2s) and (i, 2s + 1) of `sums`.
    ///
    /// # Panics
    /// If the shapes do not fit; `sums` has as many rows as C and two columns for each strip.
    pub fn store_with_sums<F: Epilogue<T>>(
        &mut self,
        a: View<T>,
        b: View<T>,
        c: ViewMut<T>,
        epilogue: &F,
        sums: ViewMut<T>,
    ) {
        let expected = (c.rows(), 2 * c.columns().div_ceil(NC));
        assert_eq!((sums.rows(), sums.columns()), expected, "rows and columns of the sums");
        self.run(Job { a, b, accumulate: false, finish: epilogue, row: 0, column: 0 }, c, Some(sums));
    }

    /// C ← A·B, then `finish` on each row's part of each strip, whose results are dropped.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn store_with<F: Epilogue<T>>(&mut self, a: View<T>, b: View<T>, c: ViewMut<T>, finish: &F) {
        self.run(Job { a, b, accumulate: false, finish, row: 0, column: 0 }, c, None);
    }

    /// Cuts C into a piece for each worker and computes the pieces.
    fn run<F: Epilogue<T>>(&mut self, job: Job<T, F>, c: ViewMut<T>, sums: Option<ViewMut<T>>) {
        check_shapes(&job.a, &job.b, &c);
        if c.rows() == 0 || c.columns() == 0 {
            return;
        }
        let work = c.rows().saturating_mul(c.columns()).saturating_mul(job.a.columns());
        let workers = if self.single_threaded || work < WORTH_SHARING {
            1
        } else {
            threads::count().min(c.rows().max(c.columns()))
        };
        if self.workers.len() < workers {
            self.workers.resize_with(workers, Packing::default);
        }
        let spaces = &mut self.workers[..workers];
        if workers == 1 {
            compute(isa(), job, c, sums, &mut spaces[0]);
        } else {
            run_parts(spaces, cut(job, c, sums, workers));
        }
    }
}

/// A product to be computed, or the part of it that starts at `row` and `column` of the whole.
#[derive(Debug)]
struct Job<'a, T, F> {
    a: View<'a, T>,
    b: View<'a, T>,
    accumulate: bool,
    finish: &'a F,
    row: usize,
    column: usize,
}

impl<T: Copy, F> Clone for Job<'_, T, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Copy, F> Copy for Job<'_, T, F> {}

type Part<'a, T, F> = (Job<'a, T, F>, ViewMut<'a, T>, Option<ViewMut<'a, T>>);

fn run_parts<T: Real, F: Epilogue<T>>(spaces: &mut [Packing<T>], parts: Vec<Part<T, F>>) {
    threads::for_each(spaces, parts.into_iter(), |packing, (job, c, sums)| compute(isa(), job, c, sums, packing));
}

/// One piece for each worker. Where rows are cut, each worker packs all of B, and where columns are, all of A, which
/// takes longer for each number, since it is turned: so columns are cut if there are more of them, and enough; but sums
/// are over whole strips, and a cut between strips must leave the pieces about equal.
fn cut<'a, T: Real, F>(
    mut job: Job<'a, T, F>,
    mut c: ViewMut<'a, T>,
    mut sums: Option<ViewMut<'a, T>>,
    workers: usize,
) -> Vec<Part<'a, T, F>> {
    let unit = if sums.is_some() { NC } else { 16 };
    let by_columns = c.columns() > c.rows() && c.columns() >= 4 * workers * unit.max(64);
    let (length, unit) = if by_columns { (c.columns(), unit) } else { (c.rows(), HIGHEST_TILE) };
    let piece = length.div_ceil(workers).next_multiple_of(unit);
    let mut parts = Vec::with_capacity(workers);
    for _ in 1..length.div_ceil(piece) {
        let (this, rest) = if by_columns { c.split_columns(piece) } else { c.split_rows(piece) };
        let (these, others) = match sums {
            None => (None, None),
            Some(sums) => {
                let (these, others) =
                    if by_columns { sums.split_columns(2 * piece / NC) } else { sums.split_rows(piece) };
                (Some(these), Some(others))
            }
        };
        let mut part = job;
        if by_columns {
            part.b = job.b.part_columns(0, piece);
            job.b = job.b.part_columns(piece, job.b.columns() - piece);
            job.column += piece;
        } else {
            part.a = job.a.part_rows(0, piece);
            job.a = job.a.part_rows(piece, job.a.rows() - piece);
            job.row += piece;
        }
        parts.push((part, this, these));
        (c, sums) = (rest, others);
    }
    parts.push((job, c, sums));
    parts
}

/// Computes a part of a product as one worker does it: loops 5, 4 and 3.
fn compute<T: Real, F: Epilogue<T>>(
    isa: Isa,
    job: Job<T, F>,
    mut c: ViewMut<T>,
    mut sums: Option<ViewMut<T>>,
    packing: &mut Packing<T>,
) {
    let (rows, columns, inner) = (c.rows(), c.columns(), job.a.columns());
    // A row of a strip has as many bytes in f32 as in f64.
    let wide = NC * size_of::<f64>() / size_of::<T>();
    let mut j = 0;
    while j < columns {
        // A last strip of few columns is not worth packing A for: the one before takes it along.
        let rest = columns - j;
        let strip = if rest < wide + NC / 2 { rest } else { wide };
        for k in (0..inner.max(1)).step_by(T::KC) {
            let depth = T::KC.min(inner - k);
            let b = job.b.part_rows(k, depth).part_columns(j, strip);
            for i in (0..rows).step_by(MC) {
                let band = MC.min(rows - i);
                let mut c = c.part([i, j], [band, strip]);
                let a = job.a.part_rows(i, band).part_columns(k, depth);
                let (first, few) = (i == 0, rows <= FEW_ROWS);
                run_on(
                    isa,
                    RowBlock {
                        a,
                        b,
                        first,
                        b_in_place: few,
                        c: c.reborrow(),
                        accumulate: job.accumulate || k > 0,
                        packing,
                    },
                );
                if !F::IS_NEEDED || k + depth < inner {
                    continue;
                }
                for s in (0..strip).step_by(NC) {
                    let c = c.part([0, s], [band, NC.min(strip - s)]);
                    let sums = sums.as_mut().map(|sums| sums.part([i, 2 * ((j + s) / NC)], [band, 2]));
                    let (row, column) = (job.row + i, job.column + j + s);
                    run_on(isa, ApplyEpilogue { epilogue: job.finish, row, column, c, sums });
                }
            }
        }
        j += strip;
    }
}

/// Finishes each row of a band in a strip.
struct ApplyEpilogue<'a, T, F> {
    epilogue: &'a F,
    row: usize,
    column: usize,
    c: ViewMut<'a, T>,
    sums: Option<ViewMut<'a, T>>,
}

impl<T: Real, F: Epilogue<T>> Operation<T> for ApplyEpilogue<'_, T, F> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(mut self, lanes: L) {
        for i in 0..self.c.rows() {
            let both = self.epilogue.apply(lanes, self.row + i, self.column, self.c.row(i));
            if let Some(sums) = &mut self.sums {
                sums.row(i)[..2].copy_from_slice(&both);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::product::by_definition;
    use super::*;
    use crate::matrix::Matrix;
    use crate::number::Random;

    fn random<T: Real>(random: &mut Random, rows: usize, columns: usize) -> Matrix<T> {
        Matrix::from_function(rows, columns, |_, _| random.uniform(-1.0, 1.0))
    }

    /// On every kernel, all layouts, stored and accumulated, with sentinels around the output.
    fn equals_definition<T: Real>(m: usize, k: usize, n: usize) {
        let mut draw = Random::new((m * 1000 + k * 10 + n) as u64);
        let (a, b): (Matrix<T>, Matrix<T>) = (random(&mut draw, m, k), random(&mut draw, k, n));
        let (at, bt) = (
            Matrix::from_function(k, m, |i, j| a.view().at(j, i)),
            Matrix::from_function(n, k, |i, j| b.view().at(j, i)),
        );
        let mut expected = Matrix::zeros(m, n);
        by_definition(a.view(), b.view(), expected.view_mut());
        for isa in Isa::here() {
            for (layout, a, b) in [
                ("nn", a.view(), b.view()),
                ("nt", a.view(), bt.view().transposed()),
                ("tn", at.view().transposed(), b.view()),
                ("tt", at.view().transposed(), bt.view().transposed()),
            ] {
                let sentinel = T::from_f64(77.0);
                let stride = n + 3;
                let mut room = alloc::vec![sentinel; m * stride + 5];
                // Memory from another product must not matter.
                let mut packing = Packing::default();
                for dirty in [&mut packing.a, &mut packing.b] {
                    dirty.reserve(5000);
                    dirty.fill(T::NAN);
                }
                let c = ViewMut::new(&mut room, m, n, stride);
                let job = Job { a, b, accumulate: false, finish: &NoEpilogue, row: 0, column: 0 };
                compute(isa, job, c, None, &mut packing);
                for i in 0..m {
                    assert_eq!(
                        &room[i * stride..][..n],
                        expected.row(i),
                        "row {i} of {m} x {k} x {n} {layout}, {}",
                        isa.name()
                    );
                    assert_eq!(&room[i * stride + n..][..3], [sentinel; 3], "beyond row {i}");
                }
            }
        }
    }

    #[test]
    fn equal_to_the_definition_around_every_edge() {
        for size in [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 23, 24, 25, 47, 48, 49] {
            equals_definition::<f64>(size, 5, 9);
            equals_definition::<f64>(9, size, 5);
            equals_definition::<f64>(5, 9, size);
            equals_definition::<f32>(size, 9, 5);
            equals_definition::<f32>(5, size, 9);
            equals_definition::<f32>(9, 5, size);
        }
    }

    #[test]
    fn equal_to_the_definition_around_blocks_bands_and_strips() {
        for near in [-1, 0, 1] {
            let around = |size: usize| size.wrapping_add_signed(near);
            equals_definition::<f64>(3, around(f64::KC), 26);
            equals_definition::<f32>(3, around(2 * f32::KC), 50);
            equals_definition::<f64>(around(MC), 3, 7);
            equals_definition::<f32>(around(MC), 7, 3);
            equals_definition::<f64>(9, 3, around(NC));
            equals_definition::<f32>(9, 3, around(NC));
        }
    }

    #[test]
    fn without_an_inner_index_it_is_zero() {
        let mut c = Matrix::<f32>::from_function(25, 3, |_, _| 7.0);
        Product::new().store(Matrix::zeros(25, 0).view(), Matrix::zeros(0, 3).view(), c.view_mut());
        assert_eq!(c, Matrix::zeros(25, 3));
    }

    #[test]
    fn the_number_of_workers_does_not_matter() {
        let mut draw = Random::new(5);
        for (m, k, n) in [(7, 450, 2 * NC + 1), (450, 30, 300), (33, 40, 4 * NC + 7)] {
            let (a, b): (Matrix<f64>, Matrix<f64>) = (random(&mut draw, m, k), random(&mut draw, k, n));
            let mut expected = Matrix::zeros(m, n);
            by_definition(a.view(), b.view(), expected.view_mut());
            for workers in 1..6 {
                for with_sums in [false, true] {
                    let strips = n.div_ceil(NC);
                    let (mut c, mut sums) = (Matrix::zeros(m, n), Matrix::zeros(m, 2 * strips));
                    let job = Job { a: a.view(), b: b.view(), accumulate: false, finish: &Place, row: 0, column: 0 };
                    let sums_part = with_sums.then(|| sums.view_mut());
                    for (job, c, sums) in cut(job, c.view_mut(), sums_part, workers) {
                        compute(isa(), job, c, sums, &mut Packing::default());
                    }
                    assert_eq!(c, expected, "{workers} workers");
                    for i in 0..m {
                        for s in 0..strips {
                            let place = if with_sums { [i as f64, (s * NC) as f64] } else { [0.0; 2] };
                            assert_eq!(sums.row(i)[2 * s..][..2], place);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn workers_that_run_at_once_give_the_same() {
        let mut draw = Random::new(7);
        let (a, b): (Matrix<f32>, Matrix<f32>) = (random(&mut draw, 60, 70), random(&mut draw, 70, 5 * NC + 3));
        let mut expected = Matrix::zeros(60, b.columns());
        by_definition(a.view(), b.view(), expected.view_mut());
        for workers in 2..6 {
            let mut c = Matrix::zeros(60, b.columns());
            let job = Job { a: a.view(), b: b.view(), accumulate: false, finish: &NoEpilogue, row: 0, column: 0 };
            let mut spaces = alloc::vec![Packing::default(); workers];
            run_parts(&mut spaces, cut(job, c.view_mut(), None, workers));
            assert_eq!(c, expected, "{workers} workers");
        }
    }

    /// Returns where it was called.
    struct Place;

    impl Epilogue<f64> for Place {
        fn apply<L: Lanes<f64>>(&self, _: L, i: usize, j: usize, _: &mut [f64]) -> [f64; 2] {
            [i as f64, j as f64]
        }
    }

    #[test]
    fn accumulating_pieces_of_whole_blocks_equals_one_product() {
        let mut draw = Random::new(6);
        let inner = 2 * f32::KC + 10;
        let (a, b): (Matrix<f32>, Matrix<f32>) = (random(&mut draw, 5, inner), random(&mut draw, inner, 6));
        let (mut whole, mut pieces) = (Matrix::zeros(5, 6), Matrix::zeros(5, 6));
        let mut product = Product::new();
        product.store(a.view(), b.view(), whole.view_mut());
        for from in (0..inner).step_by(f32::KC) {
            let count = f32::KC.min(inner - from);
            let (a, b) = (a.view().part_columns(from, count), b.view().part_rows(from, count));
            match from {
                0 => product.store(a, b, pieces.view_mut()),
                _ => product.accumulate(a, b, pieces.view_mut()),
            }
        }
        assert_eq!(whole, pieces);
    }

    #[test]
    fn nan_and_infinity_pass_through() {
        let a = Matrix::from_rows(1, 2, [0.0, 1.0].to_vec());
        let b = Matrix::from_rows(2, 2, [f64::INFINITY, 1.0, 2.0, f64::INFINITY].to_vec());
        let mut c = Matrix::zeros(1, 2);
        Product::new().store(a.view(), b.view(), c.view_mut());
        assert!(c.elements()[0].is_nan() && c.elements()[1] == f64::INFINITY);
    }
}
