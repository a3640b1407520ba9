//! The blocked matrix product: the bits of the definition at the speed of the machine.
//!
//! This file divides the work. [`Product`] cuts C into one piece for each worker, and each worker runs loops 5, 4 and 3
//! over its piece: NC columns, KC steps of the inner index, MC rows. Loops 2 and 1 and the reasons for all five are in
//! [`macro_kernel`](super::macro_kernel).
//!
//! **The same bits.** Each element c_ij sits in one lane of one tile and goes through the definition's operations in
//! the definition's order. For a block of k, the tile runs the chain from +0, one fma after another; no sum is divided,
//! since the lanes and registers of a tile hold different elements. Loop 4 takes the blocks in ascending order: the
//! first is stored, and each later one is added. Loops 5, 3, 2 and 1, the shape of a tile, and the division of C among
//! the workers determine only when an element is computed, and together with which others. Packing copies, loading and
//! storing do not round, k is never padded, and KC is the same on every machine. So the only operations that round are
//! those of the definition.
//!
//! **Epilogues.** A model continues with each element of a product: it adds a bias, applies the sigmoid, forms an error
//! and sums it. In a pass of its own, each of these steps would read C from memory again. So a product takes an
//! [`Epilogue`], which is applied to each row of MC x NC elements of C as soon as they are complete, while they are in
//! the cache.

use super::dense::View;
use super::macro_kernel::{BlockProduct, MAX_MR, MC, Packing};
use super::product::check_shapes;
use crate::machine::isa::{Isa, isa};
use crate::machine::{Lanes, Operation, ViewMut, run_on, threads};
use crate::number::Real;
use alloc::vec::Vec;

/// Columns of C that an [`Epilogue`] gets at a time. The sums that an epilogue returns depend on it, so it is the same
/// for all types and machines. Loop 5 advances by NC columns in f64 and by 2·NC in f32.
pub const NC: usize = 400;

/// Products of fewer multiplications than this run on one thread: waking others would take longer.
const MIN_PARALLEL_WORK: usize = 1 << 21;

/// Up to this number of rows of A, packing B costs more than it saves.
const MAX_ROWS_IN_PLACE: usize = 100;

/// A step that follows a product, applied to each part of a row of C once it is complete and while it is in the cache.
pub trait Epilogue<T: Real>: Sync {
    /// False if `apply` does nothing.
    const IS_NEEDED: bool = true;

    /// Changes the part of row i that starts at column j, and returns two values, usually sums over the part.
    ///
    /// A part starts at a multiple of [`NC`] and has NC elements, or ends with the row. Implementations are
    /// `#[inline(always)]`.
    fn apply<L: Lanes<T>>(&self, lanes: L, i: usize, j: usize, part: &mut [T]) -> [T; 2];
}

/// The epilogue that does nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoEpilogue;

impl<T: Real> Epilogue<T> for NoEpilogue {
    const IS_NEEDED: bool = false;

    #[inline(always)]
    fn apply<L: Lanes<T>>(&self, _: L, _: usize, _: usize, _: &mut [T]) -> [T; 2] {
        [T::ZERO; 2]
    }
}

/// Multiplies matrices. It owns the workers' memory for packed blocks and reuses it from call to call.
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

    /// A multiplier that uses no other threads, for a caller that is a worker itself.
    pub fn single_threaded() -> Self {
        Product { workers: Vec::new(), single_threaded: true }
    }

    /// C ← A·B.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn store(&mut self, a: View<T>, b: View<T>, c: ViewMut<T>) {
        self.run(Job { a, b, accumulate: false, epilogue: &NoEpilogue, row: 0, column: 0 }, c, None);
    }

    /// C ← C + A·B. The blocks of the inner index are added one after another, in ascending order.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn accumulate(&mut self, a: View<T>, b: View<T>, c: ViewMut<T>) {
        self.run(Job { a, b, accumulate: true, epilogue: &NoEpilogue, row: 0, column: 0 }, c, None);
    }

    /// C ← A·B, then the epilogue. Its two results for row i and columns s·NC to (s + 1)·NC go to elements (i, 2s) and
    /// (i, 2s + 1) of `sums`.
    ///
    /// # Panics
    /// If the shapes do not fit. `sums` has the rows of C, and two columns for each NC columns of C or fewer at the
    /// end.
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
        self.run(Job { a, b, accumulate: false, epilogue, row: 0, column: 0 }, c, Some(sums));
    }

    /// C ← A·B, then the epilogue, whose results are dropped.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn store_with<F: Epilogue<T>>(&mut self, a: View<T>, b: View<T>, c: ViewMut<T>, epilogue: &F) {
        self.run(Job { a, b, accumulate: false, epilogue, row: 0, column: 0 }, c, None);
    }

    /// Cuts C into a piece for each worker and computes the pieces.
    fn run<F: Epilogue<T>>(&mut self, job: Job<T, F>, c: ViewMut<T>, sums: Option<ViewMut<T>>) {
        check_shapes(&job.a, &job.b, &c);
        if c.rows() == 0 || c.columns() == 0 {
            return;
        }
        let work = c.rows().saturating_mul(c.columns()).saturating_mul(job.a.columns());
        let workers = if self.single_threaded || work < MIN_PARALLEL_WORK {
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
            run_pieces(spaces, cut(job, c, sums, workers));
        }
    }
}

/// A product, or the piece of one that starts at `row` and `column` of the whole.
#[derive(Debug)]
struct Job<'a, T, F> {
    a: View<'a, T>,
    b: View<'a, T>,
    accumulate: bool,
    epilogue: &'a F,
    row: usize,
    column: usize,
}

impl<T: Copy, F> Clone for Job<'_, T, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Copy, F> Copy for Job<'_, T, F> {}

type Piece<'a, T, F> = (Job<'a, T, F>, ViewMut<'a, T>, Option<ViewMut<'a, T>>);

fn run_pieces<T: Real, F: Epilogue<T>>(spaces: &mut [Packing<T>], pieces: Vec<Piece<T, F>>) {
    threads::for_each(spaces, pieces.into_iter(), |packing, (job, c, sums)| compute(isa(), job, c, sums, packing));
}

/// Cuts a product into at most one piece for each worker.
///
/// If C is cut between rows, each worker packs all of B; if it is cut between columns, each worker packs all of A,
/// which takes longer per element because A is transposed. So C is cut between columns only if it has more columns than
/// rows, and enough of them: with `sums`, a cut is at a multiple of NC, and the pieces must still be about equal.
fn cut<'a, T: Real, F>(
    mut job: Job<'a, T, F>,
    mut c: ViewMut<'a, T>,
    mut sums: Option<ViewMut<'a, T>>,
    workers: usize,
) -> Vec<Piece<'a, T, F>> {
    let unit = if sums.is_some() { NC } else { 16 };
    let by_columns = c.columns() > c.rows() && c.columns() >= 4 * workers * unit.max(64);
    let (length, unit) = if by_columns { (c.columns(), unit) } else { (c.rows(), MAX_MR) };
    let size = length.div_ceil(workers).next_multiple_of(unit);
    let mut pieces = Vec::with_capacity(workers);
    for _ in 1..length.div_ceil(size) {
        let (c_piece, c_rest) = if by_columns { c.split_columns(size) } else { c.split_rows(size) };
        let (sums_piece, sums_rest) = match sums {
            None => (None, None),
            Some(sums) => {
                let (piece, rest) = if by_columns { sums.split_columns(2 * size / NC) } else { sums.split_rows(size) };
                (Some(piece), Some(rest))
            }
        };
        let mut piece = job;
        if by_columns {
            piece.b = job.b.part_columns(0, size);
            job.b = job.b.part_columns(size, job.b.columns() - size);
            job.column += size;
        } else {
            piece.a = job.a.part_rows(0, size);
            job.a = job.a.part_rows(size, job.a.rows() - size);
            job.row += size;
        }
        pieces.push((piece, c_piece, sums_piece));
        (c, sums) = (c_rest, sums_rest);
    }
    pieces.push((job, c, sums));
    pieces
}

/// Computes one worker's piece of a product: loops 5, 4 and 3.
fn compute<T: Real, F: Epilogue<T>>(
    isa: Isa,
    job: Job<T, F>,
    mut c: ViewMut<T>,
    mut sums: Option<ViewMut<T>>,
    packing: &mut Packing<T>,
) {
    let (rows, columns, inner) = (c.rows(), c.columns(), job.a.columns());
    // As many bytes in f32 as in f64.
    let step = NC * size_of::<f64>() / size_of::<T>();
    let mut jc = 0;
    while jc < columns {
        // Packing A for a few last columns does not pay: they are merged into the step before.
        let rest = columns - jc;
        let nc = if rest < step + NC / 2 { rest } else { step };
        for pc in (0..inner.max(1)).step_by(T::KC) {
            let kc = T::KC.min(inner - pc);
            let b = job.b.part_rows(pc, kc).part_columns(jc, nc);
            for ic in (0..rows).step_by(MC) {
                let mc = MC.min(rows - ic);
                let a = job.a.part_rows(ic, mc).part_columns(pc, kc);
                let mut c = c.part([ic, jc], [mc, nc]);
                let block = BlockProduct {
                    a,
                    b,
                    is_first: ic == 0,
                    b_in_place: rows <= MAX_ROWS_IN_PLACE,
                    c: c.reborrow(),
                    accumulate: job.accumulate || pc > 0,
                    packing,
                };
                run_on(isa, block);
                if !F::IS_NEEDED || pc + kc < inner {
                    continue;
                }
                for s in (0..nc).step_by(NC) {
                    let c = c.part([0, s], [mc, NC.min(nc - s)]);
                    let sums = sums.as_mut().map(|sums| sums.part([ic, 2 * ((jc + s) / NC)], [mc, 2]));
                    let (row, column) = (job.row + ic, job.column + jc + s);
                    run_on(isa, ApplyEpilogue { epilogue: job.epilogue, row, column, c, sums });
                }
            }
        }
        jc += nc;
    }
}

/// Applies an epilogue to each row of at most MC x NC elements of C.
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

    /// Checks all layouts on every instruction set, stored and accumulated, with sentinels around the output.
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
                let job = Job { a, b, accumulate: false, epilogue: &NoEpilogue, row: 0, column: 0 };
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
    fn equal_to_the_definition_around_kc_mc_and_nc() {
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
                    let parts = n.div_ceil(NC);
                    let (mut c, mut sums) = (Matrix::zeros(m, n), Matrix::zeros(m, 2 * parts));
                    let job =
                        Job { a: a.view(), b: b.view(), accumulate: false, epilogue: &Position, row: 0, column: 0 };
                    let sums_part = with_sums.then(|| sums.view_mut());
                    for (job, c, sums) in cut(job, c.view_mut(), sums_part, workers) {
                        compute(isa(), job, c, sums, &mut Packing::default());
                    }
                    assert_eq!(c, expected, "{workers} workers");
                    for i in 0..m {
                        for s in 0..parts {
                            let expected = if with_sums { [i as f64, (s * NC) as f64] } else { [0.0; 2] };
                            assert_eq!(sums.row(i)[2 * s..][..2], expected);
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
            let job = Job { a: a.view(), b: b.view(), accumulate: false, epilogue: &NoEpilogue, row: 0, column: 0 };
            let mut spaces = alloc::vec![Packing::default(); workers];
            run_pieces(&mut spaces, cut(job, c.view_mut(), None, workers));
            assert_eq!(c, expected, "{workers} workers");
        }
    }

    /// Returns the row and the column that it was called with.
    struct Position;

    impl Epilogue<f64> for Position {
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
