//! The macro-kernel: a block of A times a block of B, tile by tile, and how the five loops use the caches.
//!
//! **The problem.** A processor multiplies far faster than memory delivers. A 1000 x 1000 product needs each element of
//! A and B 1000 times; fetched from memory each time, the product would run at the speed of memory, tens of times too
//! slow.
//!
//! **The idea** (K. Goto and R. van de Geijn, 2008; F. Van Zee and R. van de Geijn, BLIS, 2015). The product is cut so
//! that an element, once fetched, is used many times before it leaves a cache. Five loops, from the outside in, cut C
//! (columns by NC, rows by MC, then tiles of MR x NR registers) and the inner index (by KC):
//!
//! | loop | index | runs over | in steps of | so that |
//! | --- | --- | --- | --- | --- |
//! | 5 | jc | columns of B and C | [`NC`](super::blocked::NC) | a packed block of B, KC x NC, stays in the L2 cache |
//! | 4 | pc | the inner index | [`KC`](Real::KC) | the sums have the order of the definition |
//! | 3 | ic | rows of A and C | MC = 112 | a packed block of A, MC x KC, stays in the L2 cache too |
//! | 2 | jr | columns of that block of B | NR registers | a panel of B, KC x NR, stays in the L1 cache |
//! | 1 | ir | rows of that block of A | MR | each panel of A, MR x KC, passes through the L1 cache |
//!
//! Inside them the tile, or micro-kernel (`machine::tile`), sums MR rows x NR registers of C over KC steps without
//! leaving the registers. [`blocked`](super::blocked) has loops 5 to 3, because an epilogue is applied to MC rows of C
//! there. This file has loops 2 and 1.
//!
//! **The tile's shape.** For each step k it loads NR registers of B and MR elements of A, and does MR·NR fused
//! multiply-adds of whole registers. Sums, B and one element of A must fit the registers: MR·NR + NR + 1. Shapes that
//! nearly fill the registers load little for each multiplication and differ in speed by less than 5%: with 32
//! registers, for example, 8 x 3, 6 x 4, 5 x 5 and 14 x 2. Of these, 8 x 3 leaves the least work at the edges of C,
//! where few tiles are full.
//!
//! | registers | MR x NR | used | loads for each multiply-add |
//! | --- | --- | --- | --- |
//! | 32 (AVX-512, NEON) | 8 x 3 | 28 | 11/24 |
//! | 16 (AVX2) | 6 x 2 | 15 | 8/12 |
//! | plain arrays | 2 x 1 | | 3/2 |
//!
//! **The bytes, counted for AVX-512 in f64.** A register holds 8 elements, so NR = 3 registers hold 24. KC is 200 and
//! NC is 400:
//!
//! | piece | shape | elements | bytes | where |
//! | --- | --- | --- | --- | --- |
//! | panel of A | MR x KC | 8 x 200 | 12,800 | L1 |
//! | panel of B | KC x NR | 200 x 24 | 38,400 | L1 |
//! | block of A | MC x KC | 112 x 200 | 179,200 | L2 |
//! | block of B | KC x NC | 200 x 400 | 640,000 | L2 |
//! | their part of C | MC x NC | 112 x 400 | 358,400 | prefetched, tile by tile |
//!
//! The two blocks fill 78% of an L2 cache of 1 MiB. The panel of B fits an L1 cache of 48 KiB; of one of 32 KiB it
//! overflows by a seventh, which then comes from L2. In f32 a register holds 16 elements of half the size, and loop 5
//! takes 2·NC columns, so the bytes of B and C are the same.
//!
//! **Packing.** A and B are copied, block by block, into the order in which the tile reads them
//! ([`packing`](super::packing)). That costs one pass over each block, and each packed block is used many times: a
//! block of B by every panel of A, a block of A by every panel of B. A panel of B is packed right before the first
//! block of A needs it, so it is in the L1 cache then; while that block of A multiplies by it, the next panel is
//! prefetched. If A has only some tens of rows, packing B would take a third of the time. Then B is used in place,
//! provided that its rows are contiguous and consist of whole registers.
//!
//! **Edges.** A tile at an edge of C has fewer registers or half the rows. If it still reaches beyond the edge, it is
//! computed into a scratch tile, and the part inside is copied. The inner index is never padded, and the lanes, the
//! elements of a register, run over columns of C, never along k. So the width of a register cannot change a sum.

use super::aligned::Aligned;
use super::dense::View;
use super::packing::pack;
use crate::machine::lanes::MOST_LANES;
use crate::machine::tile::{Panels, Prefetch, tile};
use crate::machine::{Lanes, Operation, ViewMut};
use crate::number::Real;

/// The largest MR of an instruction set.
pub(super) const MAX_MR: usize = 8;

/// The largest NR of an instruction set.
const MAX_NR: usize = 3;

/// Rows of A in a block.
pub(super) const MC: usize = 14 * MAX_MR;

/// A worker's memory for packed blocks.
#[derive(Clone, Debug, Default)]
pub(super) struct Packing<T> {
    pub a: Aligned<T>,
    pub b: Aligned<T>,
}

/// A block of A times a block of B, which overwrites its part of C or is added to it.
pub(super) struct BlockProduct<'a, 'p, T> {
    /// At most MC x KC.
    pub a: View<'a, T>,
    /// At most KC rows.
    pub b: View<'a, T>,
    /// Whether this is the first block of A for this block of B, which is then packed.
    pub is_first: bool,
    /// Whether A has so few rows that packing B does not pay. B is then used in place if its layout allows that.
    pub b_in_place: bool,
    pub c: ViewMut<'p, T>,
    pub accumulate: bool,
    pub packing: &'p mut Packing<T>,
}

impl<T: Real> Operation<T> for BlockProduct<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        match L::REGISTERS {
            32.. => self.multiply::<L, MAX_MR, { MAX_MR / 2 }, MAX_NR>(lanes),
            1.. => self.multiply::<L, 6, 3, 2>(lanes),
            0 => self.multiply::<L, 2, 1, 1>(lanes),
        }
    }
}

impl<T: Real> BlockProduct<'_, '_, T> {
    /// Loops 2 and 1.
    #[inline(always)]
    fn multiply<L: Lanes<T>, const MR: usize, const MR_HALF: usize, const NR: usize>(self, lanes: L) {
        let BlockProduct { a, b, is_first, b_in_place, mut c, accumulate, packing } = self;
        let (rows, columns, depth) = (c.rows(), c.columns(), a.columns());
        // A panel of A is transposed in registers, so it is at least a register wide, and may hold the rows of two
        // tiles.
        let (a_step, b_step) = (if MR < L::WIDTH { L::WIDTH } else { MR }, NR * L::WIDTH);
        let tiles_per_panel = a_step / MR;
        pack_a(lanes, a, tiles_per_panel * MR, a_step, &mut packing.a);
        let (a_size, b_size) = (depth * a_step, depth * b_step);
        packing.b.reserve(columns.div_ceil(b_step) * b_size);
        let b_in_place = b_in_place && columns.is_multiple_of(L::WIDTH) && depth > 0 && b.rows_from(0, 0).is_some();
        let mut scratch_tile = [T::ZERO; MAX_MR * MAX_NR * MOST_LANES];
        for (panel, jr) in (0..columns).step_by(b_step).enumerate() {
            let width = b_step.min(columns - jr);
            let registers = width.div_ceil(L::WIDTH);
            let packed = &mut packing.b[panel * b_size..][..b_size];
            let panel_of_b = b.part_columns(jr, width);
            if is_first && !b_in_place {
                pack(lanes, panel_of_b, b_step, packed);
            }
            let (b_panel, b_step_here) = match panel_of_b.rows_from(0, 0) {
                Some(rows) if b_in_place => rows,
                _ => (&*packed, b_step),
            };
            let next = jr + width;
            let next = (is_first && !b_in_place && next + b_step <= columns).then(|| b.part_columns(next, b_step));
            for (tile, ir) in (0..rows).step_by(MR).enumerate() {
                let a_panel = &packing.a[tile / tiles_per_panel * a_size..];
                let panels = Panels {
                    depth,
                    a: a_panel.get(tile % tiles_per_panel * MR..).unwrap_or(&[]),
                    a_step,
                    b: b_panel,
                    b_step: b_step_here,
                    prefetch: next.map(|next| part_to_prefetch(next, tile, rows.div_ceil(MR))),
                };
                let height = MR.min(rows - ir);
                let is_half = height <= MR_HALF;
                let mut c = c.part([ir, jr], [height, width]);
                let is_whole = height == (if is_half { MR_HALF } else { MR }) && width == registers * L::WIDTH;
                let to = if is_whole { c.reborrow() } else { ViewMut::new(&mut scratch_tile, MR, b_step, b_step) };
                if is_half {
                    tile_of::<T, L, MR_HALF, NR>(lanes, registers, panels, accumulate && is_whole, to);
                } else {
                    tile_of::<T, L, MR, NR>(lanes, registers, panels, accumulate && is_whole, to);
                }
                if !is_whole {
                    copy_edge(&scratch_tile, b_step, accumulate, c);
                }
            }
        }
    }
}

/// Packs a block of A: panels of `height` rows, transposed, so that a panel's elements for step k are contiguous and
/// `step` elements from those for step k + 1.
#[inline(always)]
fn pack_a<T: Real, L: Lanes<T>>(lanes: L, a: View<T>, height: usize, step: usize, packed: &mut Aligned<T>) {
    let size = a.columns() * step;
    packed.reserve(a.rows().div_ceil(height) * size);
    for (panel, top) in (0..a.rows()).step_by(height).enumerate() {
        let rows = a.part_rows(top, height.min(a.rows() - top)).transposed();
        pack(lanes, rows, step, &mut packed[panel * size..][..size]);
    }
}

/// A tile of MR rows and 1 to NR registers.
#[inline(always)]
fn tile_of<T: Real, L: Lanes<T>, const MR: usize, const NR: usize>(
    lanes: L,
    registers: usize,
    panels: Panels<T>,
    accumulate: bool,
    c: ViewMut<T>,
) {
    match registers {
        1 => tile::<T, L, MR, 1>(lanes, panels, accumulate, c),
        2 if NR > 2 => tile::<T, L, MR, 2>(lanes, panels, accumulate, c),
        _ => tile::<T, L, MR, NR>(lanes, panels, accumulate, c),
    }
}

/// Copies, or adds, the part of a scratch tile that lies inside C. The tile's rows are `step` elements apart.
#[inline(always)]
fn copy_edge<T: Real>(scratch_tile: &[T], step: usize, accumulate: bool, mut c: ViewMut<T>) {
    for (i, sums) in scratch_tile.chunks(step).take(c.rows()).enumerate() {
        for (c, &sum) in c.row(i).iter_mut().zip(sums) {
            *c = if accumulate { *c + sum } else { sum };
        }
    }
}

/// The part of the next panel of B that tile number `tile` of `tiles` prefetches.
#[inline(always)]
fn part_to_prefetch<T: Real>(panel: View<T>, tile: usize, tiles: usize) -> Prefetch<T> {
    const LINE: usize = 64;
    let line = LINE / size_of::<T>();
    if let Some((elements, step)) = panel.rows_from(0, 0) {
        // A row of the panel spans a few cache lines. Successive tiles prefetch successive lines, each in some of the
        // rows. If the panel starts inside a line, that line came with the previous panel: the address of the last
        // element of 64 bytes skips it.
        let lines = panel.columns().div_ceil(line);
        let rows = panel.rows().div_ceil(tiles.div_ceil(lines));
        return Prefetch { elements, first: tile / lines * rows * step + (tile % lines + 1) * line - 1, step };
    }
    // Contiguous columns: every second line of each, since processors fetch lines in pairs.
    let (elements, step) = panel.columns_from(0, 0).unwrap_or((&[], 0));
    Prefetch { elements, first: 2 * tile * line, step }
}
