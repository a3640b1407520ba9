//! Packing: a block of A or B copied into the order in which a tile reads it.
//!
//! A panel is as many columns of B (or rows of A, which are columns of Aᵀ) as a tile takes, one row of them after the
//! other. Its width is that number made up to whole registers; nothing that is computed of columns beyond the edge
//! is kept.
//!
//! If the columns' numbers lie side by side, row by row, they are copied as they are. If each column lies by itself (a
//! transposed matrix, or A as it is), square blocks are turned in registers on the way.

use super::aligned::Aligned;
use super::dense::View;
use crate::machine::Lanes;
use crate::machine::lanes::turn;
use crate::number::Real;

/// Copies `b` into panels of `taken` of its columns each, made up to `wide`, a multiple of a register.
#[inline(always)]
pub(super) fn pack<T: Real, L: Lanes<T>>(lanes: L, b: View<T>, taken: usize, wide: usize, to: &mut Aligned<T>) {
    let (depth, columns) = (b.rows(), b.columns());
    let size = columns.div_ceil(taken) * wide * depth;
    to.reserve(size);
    let panels = &mut to[..size];
    if size == 0 {
        return;
    }
    if b.along_row(0, 0, columns).is_some() {
        copy_rows(lanes, b, taken, wide, panels);
    } else {
        for (panel, left) in panels.chunks_exact_mut(wide * depth).zip((0..columns).step_by(taken)) {
            turn_columns(lanes, b.part_columns(left, taken.min(columns - left)), wide, panel);
        }
    }
}

/// Rows, cut at the panels' edges: all panels are filled side by side, so that each row is read in one go.
#[inline(always)]
fn copy_rows<T: Real, L: Lanes<T>>(lanes: L, b: View<T>, taken: usize, wide: usize, panels: &mut [T]) {
    let (depth, columns) = (b.rows(), b.columns());
    // The length of all but the last is a constant, which is worth a branch.
    let whole = taken / L::WIDTH * L::WIDTH;
    for k in 0..depth {
        let Some(row) = b.along_row(k, 0, columns) else { return };
        for (from, panel) in row.chunks(taken).zip(panels.chunks_exact_mut(wide * depth)) {
            let to = &mut panel[k * wide..][..wide];
            if from.len() == taken {
                for (from, to) in from[..whole].chunks_exact(L::WIDTH).zip(to.chunks_exact_mut(L::WIDTH)) {
                    lanes.store(lanes.load(from), to);
                }
                to[whole..taken].copy_from_slice(&from[whole..taken]);
                to[taken..].fill(T::ZERO);
            } else {
                to[..from.len()].copy_from_slice(from);
                to[from.len()..].fill(T::ZERO);
            }
        }
    }
}

/// One panel from columns that lie one after the other in memory, in square blocks. Beyond the edge the last column is repeated.
#[inline(always)]
fn turn_columns<T: Real, L: Lanes<T>>(lanes: L, b: View<T>, wide: usize, panel: &mut [T]) {
    let (depth, last) = (b.rows(), b.columns() - 1);
    if depth < L::WIDTH {
        for (k, to) in panel.chunks_exact_mut(wide).enumerate() {
            for (j, to) in to.iter_mut().enumerate() {
                *to = b.at(k, j.min(last));
            }
        }
        return;
    }
    for left in (0..wide).step_by(L::WIDTH) {
        let first = left.min(last);
        for k in (0..depth).step_by(L::WIDTH) {
            // The last block may overlap the one before it: the same numbers are written twice.
            let k = k.min(depth - L::WIDTH);
            let Some((columns, apart)) = b.columns_from(k, first) else { return };
            turn(lanes, columns, apart, last - first, &mut panel[k * wide + left..], wide);
        }
    }
}
