//! Packing: a block of A or B copied into the order in which a tile reads it.
//!
//! A panel is as many columns of B (or rows of A, which are columns of Aᵀ) as a tile takes, one row of them after the
//! other. It is as wide as the tile reads, and at least a register; nothing that is computed of columns beyond the edge
//! is kept.
//!
//! If the columns' numbers lie side by side, row by row, they are copied as they are. If each column lies by itself (a
//! transposed matrix, or A as it is), square blocks are turned in registers on the way.

use super::dense::View;
use crate::machine::Lanes;
use crate::machine::lanes::transpose_block;
use crate::number::Real;

/// Copies `b`, of at most `wide` columns, into a panel; no register may be wider than that.
///
/// # Panics
/// If the panel is too short.
#[inline(always)]
pub(super) fn pack<T: Real, L: Lanes<T>>(lanes: L, b: View<T>, wide: usize, panel: &mut [T]) {
    match b.rows_from(0, 0) {
        Some((from, step)) => copy_rows(lanes, from, step, b.columns(), wide, panel),
        None => transpose_columns(lanes, b, wide, panel),
    }
}

/// Rows of `columns` numbers, `step` apart. What follows a row is copied too as far as the panel is wide.
#[inline(always)]
fn copy_rows<T: Real, L: Lanes<T>>(lanes: L, from: &[T], step: usize, columns: usize, wide: usize, panel: &mut [T]) {
    let mut start = 0;
    for to in panel.chunks_exact_mut(wide) {
        match from.get(start..start + wide) {
            Some(from) => {
                for at in (0..wide).step_by(L::WIDTH) {
                    let at = at.min(wide - L::WIDTH);
                    lanes.store(lanes.load(&from[at..]), &mut to[at..]);
                }
            }
            None => {
                to[..columns].copy_from_slice(&from[start..][..columns]);
                to[columns..].fill(T::ZERO);
            }
        }
        start += step;
    }
}

/// One panel from columns that lie one after the other in memory, in square blocks. Beyond the edge the last column is
/// repeated.
#[inline(always)]
fn transpose_columns<T: Real, L: Lanes<T>>(lanes: L, b: View<T>, wide: usize, panel: &mut [T]) {
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
        let left = left.min(wide - L::WIDTH);
        let first = left.min(last);
        for k in (0..depth).step_by(L::WIDTH) {
            // The last block may overlap the one before it: the same numbers are written twice.
            let k = k.min(depth - L::WIDTH);
            let Some((columns, apart)) = b.columns_from(k, first) else { return };
            transpose_block(lanes, columns, apart, last - first, &mut panel[k * wide + left..], wide);
        }
    }
}
