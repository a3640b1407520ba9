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
//! and inside them the [`tile`]: 14 rows x 2 registers of C (with 32 registers; 6 x 2 with 16, 2 x 1 of plain arrays)
//! are summed over a whole block without leaving the registers. For each k it loads 2 registers of B and 14 numbers of
//! A and does 28 fused multiply-adds.
//!
//! A and B are packed: copied, block by block, into the order in which the tile reads them, from addresses that suit
//! the registers. That costs a pass over each, which is repaid because a block of B is used once for each panel of A
//! and a band of A once for each panel of B. A panel of B is packed right before the first band needs it, so it is in
//! the first cache then; while that band multiplies by it, memory is asked for the next one. For some tens of rows it
//! would take a third of the time: then B is read where it lies, if its rows are whole registers side by side. Rows and
//! columns beyond the edge are made up and their results dropped; the inner index is never padded.
//!
//! Loops 5 to 3 are in [`blocked`](super::blocked), since what a model does next to a band of C is done there. Lanes run over
//! columns of C, never along k, so the width of a register cannot change a sum.

use super::aligned::Aligned;
use super::dense::View;
use super::packing::pack;
use crate::machine::lanes::MOST_LANES;
use crate::machine::tile::{Ahead, tile};
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
}

/// Loop 3's inside: a band of rows of A, one block of the inner index deep, times a block of B, the columns of a strip;
/// C is overwritten or added to.
pub(super) struct Band<'a, 'p, T> {
    pub a: View<'a, T>,
    pub b: View<'a, T>,
    /// Whether this is the first band for this block of B, which is to be packed.
    pub first: bool,
    /// Whether so few rows of A are to come in all that B may stay where it is, if it lies well.
    pub few: bool,
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
        let Band { a, b, first, few, mut c, add, packing: Packing { a: a_packed, b: b_packed } } = self;
        let (rows, columns, depth) = (c.rows(), c.columns(), a.columns());
        let (a_wide, b_wide) = (if HIGH < L::WIDTH { L::WIDTH } else { HIGH }, WIDE * L::WIDTH);
        let (a_size, b_size) = (depth * a_wide, depth * b_wide);
        let tiles = rows.div_ceil(HIGH);
        a_packed.reserve(tiles * a_size);
        for (i1, top) in (0..rows).step_by(HIGH).enumerate() {
            let panel = a.part_rows(top, HIGH.min(rows - top)).transposed();
            pack(lanes, panel, a_wide, &mut a_packed[i1 * a_size..][..a_size]);
        }
        let as_it_is = few && columns.is_multiple_of(b_wide) && depth > 0;
        b_packed.reserve(columns.div_ceil(b_wide) * b_size);
        for (j2, left) in (0..columns).step_by(b_wide).enumerate() {
            let width = b_wide.min(columns - left);
            let panel = b.part_columns(left, width);
            let (mut next, packed) = (None, &mut b_packed[j2 * b_size..][..b_size]);
            let b = match panel.rows_from(0, 0) {
                Some(rows) if as_it_is => rows,
                _ => {
                    if first {
                        pack(lanes, panel, b_wide, packed);
                        let from = left + width;
                        next = (from + b_wide <= columns).then(|| b.part_columns(from, b_wide));
                    }
                    (&*packed, b_wide)
                }
            };
            for (i1, top) in (0..rows).step_by(HIGH).enumerate() {
                let high = HIGH.min(rows - top);
                let a = (&a_packed[i1 * a_size..][..a_size], a_wide);
                let ahead = next.map(|next| share_of(next, i1, tiles));
                let mut part = c.part([top, left], [high, width]);
                if high == HIGH && width == b_wide {
                    tile::<T, L, HIGH, WIDE>(lanes, depth, a, b, ahead, add, part);
                    continue;
                }
                // At an edge a whole tile is computed aside, and what there is room for is taken.
                let mut aside = [T::ZERO; HIGHEST_TILE * 2 * MOST_LANES];
                let whole = Rectangle::new(&mut aside, HIGH, b_wide, b_wide);
                if width <= L::WIDTH {
                    tile::<T, L, HIGH, 1>(lanes, depth, a, b, ahead, false, whole);
                } else {
                    tile::<T, L, HIGH, WIDE>(lanes, depth, a, b, ahead, false, whole);
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

/// What tile `part` of `parts` is to ask for of the panel that will be packed next.
#[inline(always)]
fn share_of<T: Real>(panel: View<T>, part: usize, parts: usize) -> Ahead<T> {
    const LINE: usize = 64;
    let line = LINE / size_of::<T>();
    if let Some((numbers, step)) = panel.rows_from(0, 0) {
        // A row of the panel is two lines long: the tiles take turns at them. Of a line that the panel shares with its
        // neighbor to the left, it asks for the next one.
        let rows = panel.rows().div_ceil(parts.div_ceil(2));
        return Ahead { numbers, first: part / 2 * rows * step + (part % 2 + 1) * line - 1, step };
    }
    // Columns: every second line of each, since processors fetch lines in pairs.
    let (numbers, step) = panel.columns_from(0, 0).unwrap_or((&[], 0));
    Ahead { numbers, first: 2 * part * line, step }
}
