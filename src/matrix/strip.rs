//! The matrix product at the speed of the machine, with the bits of the definition.
//!
//! A processor multiplies far faster than memory delivers, so the work is cut until each number that was fetched is used
//! many times. Five loops, from the outside in (the names are those of Goto and van de Geijn, 2008, and of BLIS, 2015):
//!
//! | loop | steps over | so that |
//! | --- | --- | --- |
//! | 5 | strips of [`STRIP`](super::blocked::STRIP) columns of B and C | a packed piece of B stays in the second cache |
//! | 4 | blocks of `PRODUCT_BLOCK` of the inner index | the sums have the definition's order |
//! | 3 | bands of `BAND` rows of A and C | their piece of A stays there too |
//! | 2 | panels of B as wide as a tile | a panel stays in the first cache |
//! | 1 | as many rows of A as a tile is high | |
//!
//! and inside them the [`tile`]: 14 rows x 2 registers of C (with 32 registers; 6 x 2 with 16, 2 x 1 of plain arrays) are summed
//! over a whole block without leaving the registers. For each k it loads 2 registers of B and 14 numbers of A and does 28
//! fused multiply-adds.
//!
//! B is packed: copied, piece by piece, into the order in which the tile reads it, from addresses that suit the registers
//! (unaligned, the tile does a tenth less). That costs a pass over the piece, which is repaid because the piece is used once for each
//! tile's height of A. A is read where it lies: packing it too was no faster, since a tile takes single numbers of it.
//! Columns beyond the edge are packed as zeros, rows beyond it repeat the last one, and their results are dropped; the inner
//! index is never padded.
//!
//! Lanes run over columns of C, never along k, so the width of a register cannot change a sum.

use super::dense::View;
use super::packing::pack;
use crate::machine::tile::{Steps, tile};
use crate::machine::{Lanes, Operation, Rectangle};
use crate::number::Real;
use alloc::vec::Vec;

/// Rows of A that are worked on at a time.
pub(super) const BAND: usize = 28 * HIGHEST_TILE;

/// Rows of the highest tile.
pub(super) const HIGHEST_TILE: usize = 14;

/// The memory that a worker packs into.
#[derive(Clone, Debug, Default)]
pub(super) struct Packing<T> {
    pub b: Vec<T>,
}

/// Loop 5's inside: a product of at most [`STRIP`](super::blocked::STRIP) columns.
pub(super) struct Strip<'a, 'p, T> {
    pub a: View<'a, T>,
    pub b: View<'a, T>,
    pub c: Rectangle<'p, T>,
    pub keep: bool,
    pub packing: &'p mut Packing<T>,
}

impl<T: Real> Operation<T> for Strip<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        match L::REGISTERS {
            32.. => self.loops::<L, HIGHEST_TILE, 2>(lanes),
            1.. => self.loops::<L, 6, 2>(lanes),
            0 => self.loops::<L, 2, 1>(lanes),
        }
    }
}

impl<T: Real> Strip<'_, '_, T> {
    /// Loops 4 to 1, for tiles of `HIGH` rows and `WIDE` registers.
    #[inline(always)]
    fn loops<L: Lanes<T>, const HIGH: usize, const WIDE: usize>(self, lanes: L) {
        let Strip { a, b, mut c, keep, packing } = self;
        let (rows, columns, inner) = (c.rows(), c.columns(), a.columns());
        let wide = WIDE * L::WIDTH;
        if inner == 0 && !keep {
            (0..rows).for_each(|i| c.row(i).fill(T::ZERO));
        }
        for k4 in (0..inner).step_by(T::PRODUCT_BLOCK) {
            let depth = T::PRODUCT_BLOCK.min(inner - k4);
            let b_packed = pack::<T, L, WIDE>(lanes, b.part_rows(k4, depth), &mut packing.b);
            let add = keep || k4 > 0;
            for i3 in (0..rows).step_by(BAND) {
                let band = BAND.min(rows - i3);
                for (j2, b_panel) in b_packed.chunks_exact(depth * wide).enumerate() {
                    let j2 = j2 * wide;
                    let width = wide.min(columns - j2);
                    let b_steps = Steps { numbers: b_panel, along: 1, deep: wide };
                    for i1 in (0..band).step_by(HIGH) {
                        let high = HIGH.min(band - i1);
                        let a_steps = a.steps(i3 + i1, k4);
                        let top = i3 + i1;
                        if width <= L::WIDTH {
                            let s = tile::<T, L, HIGH, 1>(lanes, depth, high, a_steps, b_steps);
                            put_part(lanes, &s, add, &mut c, [top, j2], [high, width]);
                        } else {
                            let s = tile::<T, L, HIGH, WIDE>(lanes, depth, high, a_steps, b_steps);
                            if high == HIGH && width == wide {
                                put_whole(lanes, s, add, &mut c, [top, j2]);
                            } else {
                                put_part(lanes, &s, add, &mut c, [top, j2], [high, width]);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Stores a tile with its first element at `[i, j]`, or adds it to what is there.
#[inline(always)]
fn put_whole<T: Real, L: Lanes<T>, const HIGH: usize, const WIDE: usize>(
    lanes: L,
    s: [[L::Vector; WIDE]; HIGH],
    add: bool,
    c: &mut Rectangle<T>,
    [i, j]: [usize; 2],
) {
    for (di, s) in s.into_iter().enumerate() {
        let part = &mut c.row(i + di)[j..][..WIDE * L::WIDTH];
        for (dj, s) in s.into_iter().enumerate() {
            let to = &mut part[dj * L::WIDTH..][..L::WIDTH];
            let sum = if add { lanes.load(to) + s } else { s };
            lanes.store(sum, to);
        }
    }
}

/// The same for a tile of which only some rows and columns are wanted.
#[inline(always)]
fn put_part<T: Real, L: Lanes<T>, const HIGH: usize, const WIDE: usize>(
    lanes: L,
    s: &[[L::Vector; WIDE]; HIGH],
    add: bool,
    c: &mut Rectangle<T>,
    [i, j]: [usize; 2],
    [high, width]: [usize; 2],
) {
    for (di, s) in s.iter().take(high).enumerate() {
        let part = &mut c.row(i + di)[j..][..width];
        for (to, &s) in part.chunks_mut(L::WIDTH).zip(s) {
            let sum = if add { lanes.load_any(to) + s } else { s };
            lanes.store_any(sum, to);
        }
    }
}
