//! The matrix product at the speed of the machine, with the bits of the definition: how it is done.
//!
//! A processor multiplies far faster than memory delivers, so the work is cut until each number that was fetched is used
//! many times. Five loops, from the outside in (the names are those of Goto and van de Geijn, 2008, and of BLIS, 2015):
//!
//! | loop | steps over | so that |
//! | --- | --- | --- |
//! | 5 | strips of [`STRIP`](super::blocked::STRIP) columns of B and C | a packed block of B stays in the second cache |
//! | 4 | blocks of `PRODUCT_BLOCK` of the inner index | the sums have the definition's order |
//! | 3 | bands of `BAND` rows of A and C | a packed band of A and its part of C stay there too |
//! | 2 | panels of B as wide as a tile | a panel stays in the first cache |
//! | 1 | panels of A as high as a tile | each passes through the first cache |
//!
//! and inside them the [`tile`]: 14 rows x 2 registers of C (with 32 registers; 6 x 2 with 16, 2 x 1 of plain arrays) are summed
//! over a whole block without leaving the registers. For each k it loads 2 registers of B and 14 numbers of A and does 28
//! fused multiply-adds.
//!
//! A and B are packed: copied, block by block, into the order in which the tile reads them, from addresses that suit the
//! registers. That costs a pass over each, which is repaid because a block of B is used once for each panel of A and a band of A
//! once for each panel of B. For some tens of rows it would take a third of the time: then B is read where it lies, if its rows are
//! whole registers side by side. Rows and columns beyond the edge are made
//! up and their results dropped; the inner index is never padded.
//!
//! Loops 5 to 3 are in [`blocked`](super::blocked), since what a model does next to a band of C is done there. Lanes run over
//! columns of C, never along k, so the width of a register cannot change a sum.

use super::aligned::Aligned;
use super::dense::View;
use super::packing::pack;
use crate::machine::lanes::MOST_LANES;
use crate::machine::tile::tile;
use crate::machine::{Lanes, Operation, Rectangle};
use crate::number::Real;

/// Rows of A that are worked on at a time.
pub(super) const BAND: usize = 8 * HIGHEST_TILE;

/// Rows of the highest tile.
pub(super) const HIGHEST_TILE: usize = 14;

/// The memory that a worker packs into.
#[derive(Clone, Debug, Default)]
pub(super) struct Packing<T> {
    pub a: Aligned<T>,
    pub b: Aligned<T>,
    /// Whether the present block of B was not packed.
    pub b_as_it_is: bool,
}

/// Packs a block of B: the rows of one block of the inner index, the columns of a strip.
pub(super) struct PackB<'a, 'p, T> {
    pub b: View<'a, T>,
    /// Whether so few rows of A are to come that B may stay where it is, if it lies well.
    pub few: bool,
    pub packing: &'p mut Packing<T>,
}

impl<T: Real> Operation<T> for PackB<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        let wide = if L::REGISTERS == 0 { L::WIDTH } else { 2 * L::WIDTH };
        let whole = self.b.columns().is_multiple_of(wide) && self.b.rows() > 0;
        self.packing.b_as_it_is = self.few && whole && self.b.along_row(0, 0, 1).is_some();
        if !self.packing.b_as_it_is {
            pack(lanes, self.b, wide, wide, &mut self.packing.b);
        }
    }
}

/// Loop 3's inside: a band of rows of A, one block of the inner index deep, times the packed block of B; C is overwritten or
/// added to.
pub(super) struct Band<'a, 'p, T> {
    pub a: View<'a, T>,
    pub b: View<'a, T>,
    pub c: Rectangle<'p, T>,
    pub add: bool,
    pub packing: &'p mut Packing<T>,
}

impl<T: Real> Operation<T> for Band<'_, '_, T> {
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

impl<T: Real> Band<'_, '_, T> {
    /// Loops 2 and 1, for tiles of `HIGH` rows and `WIDE` registers.
    #[inline(always)]
    fn loops<L: Lanes<T>, const HIGH: usize, const WIDE: usize>(self, lanes: L) {
        let Band { a, b, mut c, add, packing: Packing { a: a_packed, b: b_packed, b_as_it_is } } = self;
        let (rows, columns, depth) = (c.rows(), c.columns(), a.columns());
        let (a_wide, b_wide) = (HIGH.next_multiple_of(L::WIDTH), WIDE * L::WIDTH);
        pack(lanes, a.transposed(), HIGH, a_wide, a_packed);
        for (j2, left) in (0..columns).step_by(b_wide).enumerate() {
            let width = b_wide.min(columns - left);
            let b = match b.rows_from(0, left) {
                Some(rows) if *b_as_it_is => rows,
                _ => (&b_packed[j2 * depth * b_wide..][..depth * b_wide], b_wide),
            };
            for (i1, top) in (0..rows).step_by(HIGH).enumerate() {
                let high = HIGH.min(rows - top);
                let a = (&a_packed[i1 * depth * a_wide..][..depth * a_wide], a_wide);
                let mut part = c.part([top, left], [high, width]);
                if high == HIGH && width == b_wide {
                    tile::<T, L, HIGH, WIDE>(lanes, depth, a, b, add, part);
                    continue;
                }
                // At an edge a whole tile is computed aside, and what there is room for is taken.
                let mut aside = [T::ZERO; HIGHEST_TILE * 2 * MOST_LANES];
                let whole = Rectangle::new(&mut aside, HIGH, b_wide, b_wide);
                if width <= L::WIDTH {
                    tile::<T, L, HIGH, 1>(lanes, depth, a, b, false, whole);
                } else {
                    tile::<T, L, HIGH, WIDE>(lanes, depth, a, b, false, whole);
                }
                for (i, s) in aside.chunks(b_wide).take(high).enumerate() {
                    for (c, &s) in part.row(i).iter_mut().zip(s) {
                        *c = if add { *c + s } else { s };
                    }
                }
            }
        }
    }
}
