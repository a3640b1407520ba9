//! Packing: a block of B copied into the order in which a tile reads it.
//!
//! A panel is as many columns of B as a tile is wide, one row of them after the other. Columns beyond the edge are zeros;
//! nothing that is computed of them is kept.
//!
//! If B lies row by row, registers are copied as they are. If it lies column by column (a transposed matrix), square blocks are
//! turned in registers on the way.

use super::dense::View;
use crate::machine::Lanes;
use crate::machine::lanes::{MOST_LANES, transpose};
use crate::number::Real;
use alloc::vec::Vec;

/// Registers load fastest from addresses that are multiples of their size, at most 64 bytes: within so many numbers there is one.
const ALIGNMENT: usize = 64;

/// Panels that are filled side by side: enough for long reads, few enough for the processor to follow the writes.
const GROUP: usize = 4;

/// Copies `b` into panels of `WIDE` registers' width, in memory that `to` keeps; returns the panels.
#[inline(always)]
pub(super) fn pack<'p, T: Real, L: Lanes<T>, const WIDE: usize>(lanes: L, b: View<T>, to: &'p mut Vec<T>) -> &'p [T] {
    let (depth, columns, wide) = (b.rows(), b.columns(), WIDE * L::WIDTH);
    let size = columns.div_ceil(wide) * wide * depth;
    if to.len() < size + ALIGNMENT {
        to.resize(size + ALIGNMENT, T::ZERO);
    }
    let start = to.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT);
    let to = &mut to[start..start + size];
    for (group, left) in to.chunks_mut((GROUP * wide * depth).max(1)).zip((0..columns).step_by(GROUP * wide)) {
        let here = (GROUP * wide).min(columns - left);
        if b.along_row(0, left, here).is_some() {
            copy_rows(lanes, b.part_columns(left, here), wide, group);
        } else {
            for (panel, left) in group.chunks_exact_mut(wide * depth).zip((left..columns).step_by(wide)) {
                turn_columns(lanes, b.part_columns(left, wide.min(columns - left)), wide, panel);
            }
        }
    }
    to
}

/// The rows of a few panels' columns, cut at the panels' edges.
#[inline(always)]
fn copy_rows<T: Real, L: Lanes<T>>(lanes: L, b: View<T>, wide: usize, panels: &mut [T]) {
    let (depth, columns) = (b.rows(), b.columns());
    for k in 0..depth {
        let Some(row) = b.along_row(k, 0, columns) else { return };
        for (from, panel) in row.chunks(wide).zip(panels.chunks_exact_mut(wide * depth)) {
            let to = &mut panel[k * wide..][..wide];
            if from.len() == wide {
                for (from, to) in from.chunks_exact(L::WIDTH).zip(to.chunks_exact_mut(L::WIDTH)) {
                    lanes.store(lanes.load(from), to);
                }
            } else {
                to[..from.len()].copy_from_slice(from);
                to[from.len()..].fill(T::ZERO);
            }
        }
    }
}

/// One panel from columns that lie one after the other in memory, in square blocks.
#[inline(always)]
fn turn_columns<T: Real, L: Lanes<T>>(lanes: L, b: View<T>, wide: usize, panel: &mut [T]) {
    let (depth, columns) = (b.rows(), b.columns());
    for left in (0..wide).step_by(L::WIDTH) {
        for k in (0..depth).step_by(L::WIDTH) {
            let deep = L::WIDTH.min(depth - k);
            let mut block = [lanes.splat(T::ZERO); MOST_LANES];
            for j in 0..L::WIDTH.min(columns.saturating_sub(left)) {
                if let Some(column) = b.down_column(k, left + j, deep) {
                    block[j] = lanes.load_any(column);
                }
            }
            transpose(lanes, &mut block);
            for (i, to) in panel[k * wide..].chunks_mut(wide).take(deep).enumerate() {
                lanes.store(block[i], &mut to[left..]);
            }
        }
    }
}
