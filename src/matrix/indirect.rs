//! The product with an indirect matrix: the bits of the definition, and no copy of the matrix.
//!
//! C = G·P, where P is [`Indirect`]: its elements are read where they lie. The definition is that of
//! [`product`](super::product): for each element of C a chain of fused multiply-adds for each block of the inner index,
//! and the blocks added in ascending order.
//!
//! **Why not pack P?** [`blocked`](super::blocked) copies blocks of both operands into the order in which the tile
//! reads them. That pays where each copied element is multiplied hundreds of times. The matrix of a convolution's
//! patches is multiplied only as often as there are filters, and it repeats each element of the input once for each tap
//! of a filter. So here the tile reads P through its offsets, one element at a time, and takes its registers from Gᵀ.
//! The offset costs one load in each step of the tile, beside MR + NR others.
//!
//! **The work space.** The tile has MR columns of P and NR registers of rows of G, so it computes a part of Cᵀ.
//! [`CHUNK`] columns of C are summed in memory that stays in the cache, go through an epilogue (a bias for each row,
//! and a function), are transposed in registers, and are stored.

use super::aligned::Aligned;
use super::dense::View;
use super::macro_kernel::MAX_MR;
use super::packing::pack;
use crate::machine::indirect::Indirect;
use crate::machine::isa::{Isa, isa};
use crate::machine::lanes::{MOST_LANES, Pointwise, transpose};
use crate::machine::tile::indirect_tile;
use crate::machine::{Lanes, Operation, ViewMut, run, run_on, size};
use crate::number::Real;

/// Columns of C at a time: whole tiles, and whole registers.
const CHUNK: usize = 96;

/// The memory of one thread for Gᵀ and for Cᵀ.
#[derive(Clone, Debug, Default)]
pub struct IndirectProduct<T> {
    g_transposed: Aligned<T>,
    /// The rows and columns of G.
    shape: [usize; 2],
    c_transposed: Aligned<T>,
}

impl<T: Real> IndirectProduct<T> {
    /// Takes G, for any number of products with it.
    ///
    /// # Panics
    /// If there is no memory for a copy.
    pub fn take(&mut self, g: View<T>) {
        let transposed = self.reserve(g.rows(), g.columns());
        if g.rows() > 0 && g.columns() > 0 {
            let step = dense_step::<T>(g.rows());
            run(Pack { g, step, transposed: &mut transposed[..g.columns() * step] });
        }
    }

    /// Takes a G of `rows` x `columns` whose transpose is written by `fill`: it gets the elements of Gᵀ and the
    /// distance from a row of Gᵀ to the next.
    ///
    /// # Panics
    /// If there is no memory.
    pub fn fill(&mut self, [rows, columns]: [usize; 2], fill: impl FnOnce(&mut [T], usize)) {
        fill(self.reserve(rows, columns), dense_step::<T>(rows));
    }

    fn reserve(&mut self, rows: usize, columns: usize) -> &mut [T] {
        self.shape = [rows, columns];
        self.g_transposed.resize(size::sum([size::product([columns, dense_step::<T>(rows)]), 3 * MOST_LANES]));
        &mut self.g_transposed
    }

    /// C ← f(G·P + b), with an element of the bias b for each row; without a bias, C ← f(G·P).
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn store<F: Pointwise<T>>(&mut self, p: Indirect<T>, bias: Option<&[T]>, f: F, c: ViewMut<T>) {
        self.store_on(isa(), p, bias, f, c);
    }

    fn store_on<F: Pointwise<T>>(&mut self, isa: Isa, p: Indirect<T>, bias: Option<&[T]>, f: F, c: ViewMut<T>) {
        let [rows, inner] = self.shape;
        assert_eq!((p.rows().len(), p.columns().len(), rows), (inner, c.columns(), c.rows()), "an indirect product");
        assert!(bias.is_none_or(|bias| bias.len() == rows), "a bias for each of {rows} rows");
        if rows == 0 || c.columns() == 0 {
            return;
        }
        self.c_transposed.reserve((CHUNK + MAX_MR) * step::<T>(rows));
        let (g_transposed, c_transposed) = (&self.g_transposed, &mut self.c_transposed);
        run_on(isa, Multiply { g_transposed, p, bias, f, c, c_transposed });
    }
}

/// The distance of two rows of n elements: whole registers, and an odd number of cache lines, so that rows do not
/// compete for the same places of a cache.
fn step<T>(n: usize) -> usize {
    let line = 64 / size_of::<T>();
    let whole_registers = size::sum([n, MOST_LANES - 1]) / MOST_LANES * MOST_LANES;
    ((whole_registers / line) | 1) * line
}

/// The distance of two rows of n elements of Gᵀ. The tiles read one after the other, and the block of them that a tile
/// reads should fit in the cache, so it is hardly more than n: a multiple of eight elements, but not of two cache
/// lines.
fn dense_step<T>(n: usize) -> usize {
    let line = 64 / size_of::<T>();
    let eights = (size::sum([n, 7]) / 8 * 8).max(MOST_LANES);
    if eights % (2 * line) == 0 { eights + line } else { eights }
}

struct Pack<'a, 't, T> {
    g: View<'a, T>,
    step: usize,
    transposed: &'t mut [T],
}

impl<T: Real> Operation<T> for Pack<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        pack(lanes, self.g.transposed(), self.step, self.transposed);
    }
}

struct Multiply<'a, 'c, T, F> {
    g_transposed: &'a [T],
    p: Indirect<'a, T>,
    bias: Option<&'a [T]>,
    f: F,
    c: ViewMut<'c, T>,
    c_transposed: &'a mut [T],
}

impl<T: Real, F: Pointwise<T>> Operation<T> for Multiply<'_, '_, T, F> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        match L::REGISTERS {
            32.. => self.multiply::<L, MAX_MR, { MAX_MR / 2 }, 3, MAX_MR, 3>(lanes),
            1.. => self.multiply::<L, 6, 3, 2, 3, 3>(lanes),
            0 => self.multiply::<L, 2, 1, 1, 2, 1>(lanes),
        }
    }
}

impl<T: Real, F: Pointwise<T>> Multiply<'_, '_, T, F> {
    /// With tiles of MR x NR, and of LAST_MR x LAST_NR where that many registers are left.
    #[inline(always)]
    fn multiply<
        L: Lanes<T>,
        const MR: usize,
        const MR_HALF: usize,
        const NR: usize,
        const LAST_MR: usize,
        const LAST_NR: usize,
    >(
        mut self,
        lanes: L,
    ) {
        let (rows, columns, inner) = (self.c.rows(), self.c.columns(), self.p.rows().len());
        let (step, g_step) = (step::<T>(rows), dense_step::<T>(rows));
        let registers = rows.div_ceil(L::WIDTH);
        for from in (0..columns).step_by(CHUNK) {
            let to = columns.min(from + CHUNK);
            for k in (0..inner.max(1)).step_by(T::KC) {
                let p = self.p.part(k..inner.min(k + T::KC), from..to);
                let g = &self.g_transposed[k * g_step..];
                let mut sums = ViewMut::new(self.c_transposed, CHUNK + MAX_MR, step, step);
                let mut first = 0;
                while first < registers {
                    let left = first * L::WIDTH;
                    let panel = Panel { p, g: g.get(left..).unwrap_or_default(), step: g_step, accumulate: k > 0 };
                    let sums = sums.part([0, left], [CHUNK + MAX_MR, step - left]);
                    first += match registers - first {
                        here if here == LAST_NR && LAST_NR > NR => {
                            panel.tiles::<L, LAST_MR, LAST_MR, LAST_NR>(lanes, sums)
                        }
                        // Two and two are better than three and one.
                        here if here > NR && here < 2 * NR => panel.tiles::<L, MR, MR_HALF, 2>(lanes, sums),
                        1 => panel.tiles::<L, MR, MR_HALF, 1>(lanes, sums),
                        2 if NR > 2 => panel.tiles::<L, MR, MR_HALF, 2>(lanes, sums),
                        _ => panel.tiles::<L, MR, MR_HALF, NR>(lanes, sums),
                    };
                }
            }
            self.finish(lanes, from..to, step);
        }
    }

    /// The epilogue on a chunk of Cᵀ, and its transpose to C, in square blocks.
    #[inline(always)]
    fn finish<L: Lanes<T>>(&mut self, lanes: L, columns: core::ops::Range<usize>, step: usize) {
        let rows = self.c.rows();
        for left in (0..rows).step_by(L::WIDTH) {
            let bias = match self.bias {
                Some(bias) => lanes.load_any(&bias[left..]),
                None => lanes.splat(T::ZERO),
            };
            for top in (0..columns.len()).step_by(L::WIDTH) {
                let mut block = [lanes.splat(T::ZERO); MOST_LANES];
                for j in 0..L::WIDTH {
                    let z = lanes.load(&self.c_transposed[(top + j) * step + left..]);
                    block[j] = self.f.at(lanes, if self.bias.is_some() { z + bias } else { z });
                }
                transpose(lanes, &mut block);
                let width = L::WIDTH.min(columns.len() - top);
                for i in 0..L::WIDTH {
                    if left + i < rows {
                        lanes.store_any(block[i], &mut self.c.row(left + i)[columns.start + top..][..width]);
                    }
                }
            }
        }
    }
}

/// The operands of the tiles in the same columns of Cᵀ.
#[derive(Clone, Copy)]
struct Panel<'a, T> {
    p: Indirect<'a, T>,
    g: &'a [T],
    step: usize,
    accumulate: bool,
}

impl<T: Real> Panel<'_, T> {
    /// Tiles of MR rows, or of MR_HALF where so few are left, from top to bottom. Returns NR.
    #[inline(always)]
    fn tiles<L: Lanes<T>, const MR: usize, const MR_HALF: usize, const NR: usize>(
        self,
        lanes: L,
        mut sums: ViewMut<T>,
    ) -> usize {
        let Panel { p, g, step, accumulate } = self;
        let (rows, columns) = (p.rows().len(), p.columns().len());
        for top in (0..columns).step_by(MR) {
            let p = p.part(0..rows, top..columns.min(top + MR));
            let c = sums.part([top, 0], [MR, NR * L::WIDTH]);
            if p.columns().len() <= MR_HALF {
                indirect_tile::<T, L, MR_HALF, NR>(lanes, p, g, step, accumulate, c);
            } else {
                indirect_tile::<T, L, MR, NR>(lanes, p, g, step, accumulate, c);
            }
        }
        NR
    }
}

#[cfg(test)]
mod tests {
    use super::super::product::by_definition;
    use super::*;
    use crate::matrix::Matrix;
    use crate::number::Random;
    use crate::number::exponential::Sigmoid;
    use alloc::vec::Vec;

    #[derive(Clone, Copy)]
    struct Same;

    impl<T: Real> Pointwise<T> for Same {
        #[inline(always)]
        fn at<L: Lanes<T>>(self, _: L, x: L::Vector) -> L::Vector {
            x
        }
    }

    /// Checks a product of random offsets on every instruction set, with sentinels around the output.
    fn equals_definition<T: Real>(rows: usize, inner: usize, columns: usize) {
        let mut random = Random::new((rows * 10_000 + inner * 100 + columns) as u64);
        let elements: Vec<T> = (0..500).map(|_| random.uniform(-1.0, 1.0)).collect();
        let mut offsets = |count: usize| -> Vec<usize> { (0..count).map(|_| random.index(250)).collect() };
        let (u, v) = (offsets(inner), offsets(columns));
        let g: Matrix<T> = Matrix::from_function(rows, inner, |_, _| random.uniform(-1.0, 1.0));
        let bias: Vec<T> = (0..rows).map(|_| random.uniform(-1.0, 1.0)).collect();
        let p = Matrix::from_function(inner, columns, |k, n| elements[u[k] + v[n]]);
        let mut plain = Matrix::zeros(rows, columns);
        by_definition(g.view(), p.view(), plain.view_mut());
        let after = Matrix::from_function(rows, columns, |i, j| (plain.row(i)[j] + bias[i]).sigmoid());
        let p = Indirect::new(&elements, &u, &v);
        for isa in Isa::here() {
            // Memory from another product must not matter.
            let mut product = IndirectProduct::default();
            product.c_transposed.reserve(10_000);
            product.c_transposed.fill(T::NAN);
            for from_fill in [false, true] {
                if from_fill {
                    product.fill([rows, inner], |to, step| {
                        for (k, row) in to.chunks_exact_mut(step.max(1)).take(inner).enumerate() {
                            row[..rows].iter_mut().enumerate().for_each(|(i, to)| *to = g.row(i)[k]);
                        }
                    });
                } else {
                    product.take(g.view());
                }
                for (has_epilogue, expected) in [(false, &plain), (true, &after)] {
                    let stride = columns + 3;
                    let mut room = alloc::vec![T::from_f64(77.0); rows * stride + 5];
                    let c = ViewMut::new(&mut room, rows, columns, stride);
                    if has_epilogue {
                        product.store_on(isa, p, Some(&bias), Sigmoid, c);
                    } else {
                        product.store_on(isa, p, None, Same, c);
                    }
                    for (i, room) in room.chunks(stride).enumerate() {
                        let (row, rest) = room.split_at(if i < rows { columns } else { 0 });
                        let name = isa.name();
                        assert!(i >= rows || row == expected.row(i), "row {i} of {rows} x {inner} x {columns}, {name}");
                        assert!(rest.iter().all(|&x| x == T::from_f64(77.0)), "{rows} x {inner} x {columns}, {name}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_shape_equals_the_definition() {
        for rows in [1, 2, 3, 4, 7, 8, 9, 16, 17, 24, 25, 33, 40, 48, 49, 64, 70] {
            for (inner, columns) in [(0, 5), (1, 1), (9, 7), (25, 96), (200, 13), (201, 97), (450, 20), (30, 205)] {
                equals_definition::<f32>(rows, inner, columns);
                equals_definition::<f64>(rows, inner, columns);
            }
        }
        equals_definition::<f64>(0, 3, 4);
        equals_definition::<f32>(5, 3, 0);
    }

    #[test]
    #[should_panic(expected = "an indirect product")]
    fn another_number_of_inner_indices_panics() {
        let mut product = IndirectProduct::default();
        product.take(Matrix::<f64>::zeros(2, 3).view());
        let mut c = Matrix::zeros(2, 1);
        product.store(Indirect::new(&[1.0; 9], &[0; 4], &[0]), None, Same, c.view_mut());
    }
}
