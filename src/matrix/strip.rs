//! The matrix product at the speed of the machine, with the bits of the definition: how it is done.
//!
//! A processor multiplies far faster than memory delivers, so the work is cut until each number that was fetched is used
//! many times. Five loops, from the outside in (the names are those of Goto and van de Geijn, 2008, and of BLIS, 2015):
//!
//! | loop | steps over | so that |
//! | --- | --- | --- |
//! | 5 | strips of [`NC`](super::blocked::NC) columns of B and C | a packed block of B stays in the second cache |
//! | 4 | blocks of `KC` of the inner index | the sums have the definition's order |
//! | 3 | bands of `MC` rows of A and C | a packed band of A and its part of C stay there too |
//! | 2 | panels of B as wide as a tile | a panel stays in the first cache |
//! | 1 | panels of A as high as a tile | each passes through the first cache |
//!
//! and inside them the [`tile`]: 8 rows x 3 registers of C (with 32 registers; 6 x 2 with 16, 2 x 1 of plain arrays) are
//! summed over a whole block without leaving the registers. For each k it loads 3 registers of B and 8 numbers of A and
//! does 24 fused multiply-adds. Of all shapes that fit, those near a square (a number of A is a register too, once it is
//! loaded) load least for each multiplication. At an edge a tile has fewer registers or half the rows; what is still
//! beyond the edge is computed aside and dropped. The inner index is never padded.
//!
//! A and B are packed: copied, block by block, into the order in which the tile reads them, from addresses that suit the
//! registers. That costs a pass over each, which is repaid because a block of B is used once for each panel of A and a
//! band of A once for each panel of B. A panel of B is packed right before the first band needs it, so it is in the
//! first cache then; while that band multiplies by it, memory is asked for the next one. For some tens of rows packing B
//! would take a third of the time: then it is read where it lies, if its rows are whole registers side by side.
//!
//! Loops 5 to 3 are in [`blocked`](super::blocked), since what a model does next to a band of C is done there. Lanes run over
//! columns of C, never along k, so the width of a register cannot change a sum.

use super::aligned::Aligned;
use super::dense::View;
use super::packing::pack;
use crate::machine::lanes::MOST_LANES;
use crate::machine::tile::{Panels, Prefetch, tile};
use crate::machine::{Lanes, Operation, ViewMut};
use crate::number::Real;

/// Rows of A that are worked on at a time.
pub(super) const MC: usize = 14 * HIGHEST_TILE;

/// Rows of the highest tile.
pub(super) const HIGHEST_TILE: usize = 8;

/// Registers of the widest tile.
const WIDEST_TILE: usize = 3;

/// The memory that a worker packs into.
#[derive(Clone, Debug, Default)]
pub(super) struct Packing<T> {
    pub a: Aligned<T>,
    pub b: Aligned<T>,
}

/// Loop 3's inside: a band of rows of A, one block of the inner index deep, times a block of B, the columns of a strip;
/// C is overwritten or added to.
pub(super) struct RowBlock<'a, 'p, T> {
    pub a: View<'a, T>,
    pub b: View<'a, T>,
    /// Whether this is the first band for this block of B, which is to be packed.
    pub first: bool,
    /// Whether so few rows of A are to come in all that B may stay where it is, if it lies well.
    pub b_in_place: bool,
    pub c: ViewMut<'p, T>,
    pub accumulate: bool,
    pub packing: &'p mut Packing<T>,
}

impl<T: Real> Operation<T> for RowBlock<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        match L::REGISTERS {
            32.. => self.loops::<L, HIGHEST_TILE, { HIGHEST_TILE / 2 }, WIDEST_TILE>(lanes),
            1.. => self.loops::<L, 6, 3, 2>(lanes),
            0 => self.loops::<L, 2, 1, 1>(lanes),
        }
    }
}

impl<T: Real> RowBlock<'_, '_, T> {
    /// Loops 2 and 1, for tiles of `HIGH` rows, or `LOW` where no more are left, and at most `WIDE` registers.
    #[inline(always)]
    fn loops<L: Lanes<T>, const MR: usize, const MR_HALF: usize, const NR: usize>(self, lanes: L) {
        let RowBlock {
            a,
            b,
            first,
            b_in_place: few,
            mut c,
            accumulate: add,
            packing: Packing { a: a_packed, b: b_packed },
        } = self;
        let (rows, columns, depth) = (c.rows(), c.columns(), a.columns());
        // A panel of A is turned in registers, so it is at least as wide as one, and may hold the rows of two tiles.
        let (a_wide, b_wide) = (if MR < L::WIDTH { L::WIDTH } else { MR }, NR * L::WIDTH);
        let (a_size, b_size) = (depth * a_wide, depth * b_wide);
        let (tiles, tiles_per_panel) = (rows.div_ceil(MR), a_wide / MR);
        a_packed.reserve(rows.div_ceil(tiles_per_panel * MR) * a_size);
        for (i2, top) in (0..rows).step_by(tiles_per_panel * MR).enumerate() {
            let panel = a.part_rows(top, (tiles_per_panel * MR).min(rows - top)).transposed();
            pack(lanes, panel, a_wide, &mut a_packed[i2 * a_size..][..a_size]);
        }
        let as_it_is = few && columns.is_multiple_of(L::WIDTH) && depth > 0;
        b_packed.reserve(columns.div_ceil(b_wide) * b_size);
        let mut scratch_tile = [T::ZERO; HIGHEST_TILE * WIDEST_TILE * MOST_LANES];
        for (j2, left) in (0..columns).step_by(b_wide).enumerate() {
            let width = b_wide.min(columns - left);
            let registers = width.div_ceil(L::WIDTH);
            let panel = b.part_columns(left, width);
            let (mut next, packed) = (None, &mut b_packed[j2 * b_size..][..b_size]);
            let (b, b_step) = match panel.rows_from(0, 0) {
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
            for (i1, top) in (0..rows).step_by(MR).enumerate() {
                let a = a_packed[i1 / tiles_per_panel * a_size..].get(i1 % tiles_per_panel * MR..).unwrap_or(&[]);
                let panels = Panels {
                    depth,
                    a,
                    a_wide,
                    b,
                    b_wide: b_step,
                    prefetch: next.map(|next| share_of(next, i1, tiles)),
                };
                let high = MR.min(rows - top);
                let low = high <= MR_HALF;
                let mut part = c.part([top, left], [high, width]);
                // At an edge a whole tile is computed aside, and what there is room for is taken.
                let fits = high == (if low { MR_HALF } else { MR }) && width == registers * L::WIDTH;
                let to = if fits { part.reborrow() } else { ViewMut::new(&mut scratch_tile, MR, b_wide, b_wide) };
                if low {
                    tile_of::<T, L, MR_HALF, NR>(lanes, registers, panels, add && fits, to);
                } else {
                    tile_of::<T, L, MR, NR>(lanes, registers, panels, add && fits, to);
                }
                if fits {
                    continue;
                }
                for (i, s) in scratch_tile.chunks(b_wide).take(high).enumerate() {
                    for (c, &s) in part.row(i).iter_mut().zip(s) {
                        *c = if add { *c + s } else { s };
                    }
                }
            }
        }
    }
}

/// A tile of so many registers, at most `WIDE`.
#[inline(always)]
fn tile_of<T: Real, L: Lanes<T>, const MR: usize, const NR: usize>(
    lanes: L,
    registers: usize,
    panels: Panels<T>,
    add: bool,
    c: ViewMut<T>,
) {
    match registers {
        1 => tile::<T, L, MR, 1>(lanes, panels, add, c),
        2 if NR > 2 => tile::<T, L, MR, 2>(lanes, panels, add, c),
        _ => tile::<T, L, MR, NR>(lanes, panels, add, c),
    }
}

/// What tile `part` of `parts` is to ask for of the panel that will be packed next.
#[inline(always)]
fn share_of<T: Real>(panel: View<T>, part: usize, parts: usize) -> Prefetch<T> {
    const LINE: usize = 64;
    let line = LINE / size_of::<T>();
    if let Some((numbers, step)) = panel.rows_from(0, 0) {
        // A row of the panel is some lines long: the tiles take turns at them. Of a line that the panel shares with its
        // neighbor to the left, it asks for the next one.
        let lines = panel.columns().div_ceil(line);
        let rows = panel.rows().div_ceil(parts.div_ceil(lines));
        return Prefetch { elements: numbers, first: part / lines * rows * step + (part % lines + 1) * line - 1, step };
    }
    // Columns: every second line of each, since processors fetch lines in pairs.
    let (numbers, step) = panel.columns_from(0, 0).unwrap_or((&[], 0));
    Prefetch { elements: numbers, first: 2 * part * line, step }
}
