//! Packing: blocks of A and B copied into the order in which a tile reads them.
//!
//! A tile reads, for each step k of the inner index, MR elements of A and NR registers of B. In a matrix these lie far
//! from those of step k + 1: on different cache lines (the 64 bytes that memory delivers at once), and often on
//! different pages of 4096 bytes. The processor has to translate each page's address, and remembers only some of them,
//! in the TLB. In a panel, the elements of all steps lie one after another:
//!
//! ```text
//! panel of B     b_k,j  b_k,j+1  ...  b_k,j+w-1     then the same for k + 1; w = NR registers
//! panel of A     a_i,k  a_i+1,k  ...  a_i+w-1,k     then the same for k + 1; w = MR, but at least a register
//! ```
//!
//! Since rows of A are columns of the transpose of A, one function packs both: it copies up to w columns of a view. If
//! the rows of the view are contiguous (B, or a transposed A), it copies rows. If the columns are contiguous (A, or a
//! transposed B), it transposes square blocks in registers. So a panel of A is at least a register wide; where that is
//! 2·MR (16 elements of f32 with AVX-512), it holds the rows of two tiles.
//!
//! At the edge of a matrix a panel has columns with arbitrary contents. The tile computes with them, and the results
//! are dropped.

use super::dense::View;
use crate::machine::Lanes;
use crate::machine::lanes::transpose_block;
use crate::number::Real;

/// Copies `b`, of at most `width` columns, into a panel of that width. A register may not be wider.
///
/// # Panics
/// If the panel is too short.
#[inline(always)]
pub(super) fn pack<T: Real, L: Lanes<T>>(lanes: L, b: View<T>, width: usize, panel: &mut [T]) {
    match b.rows_from(0, 0) {
        Some((from, step)) => copy_rows(lanes, from, step, b.columns(), width, panel),
        None => transpose_columns(lanes, b, width, panel),
    }
}

/// Copies rows of `columns` elements, `step` elements apart. Where the slice continues, the elements after a row fill
/// up the panel's width; elsewhere zeros do.
#[inline(always)]
fn copy_rows<T: Real, L: Lanes<T>>(lanes: L, from: &[T], step: usize, columns: usize, width: usize, panel: &mut [T]) {
    let mut start = 0;
    for to in panel.chunks_exact_mut(width) {
        match from.get(start..start + width) {
            Some(from) => {
                for at in (0..width).step_by(L::WIDTH) {
                    let at = at.min(width - L::WIDTH);
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

/// Transposes contiguous columns in square blocks. Beyond the edge it repeats the last column.
#[inline(always)]
fn transpose_columns<T: Real, L: Lanes<T>>(lanes: L, b: View<T>, width: usize, panel: &mut [T]) {
    let (depth, last) = (b.rows(), b.columns() - 1);
    if depth < L::WIDTH {
        for (k, to) in panel.chunks_exact_mut(width).enumerate() {
            for (j, to) in to.iter_mut().enumerate() {
                *to = b.at(k, j.min(last));
            }
        }
        return;
    }
    for left in (0..width).step_by(L::WIDTH) {
        let left = left.min(width - L::WIDTH);
        let first = left.min(last);
        for k in (0..depth).step_by(L::WIDTH) {
            // The last block may overlap the one before it, and then writes some elements a second time.
            let k = k.min(depth - L::WIDTH);
            let Some((columns, distance)) = b.columns_from(k, first) else { return };
            transpose_block(lanes, columns, distance, last - first, &mut panel[k * width + left..], width);
        }
    }
}
