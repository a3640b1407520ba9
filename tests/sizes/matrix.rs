//! Matrices, their views and products, and rectangles.

use super::{Draw, Test, index_outcome, outcome, product, tolerances};
use ossicle::machine::ViewMut;
use ossicle::matrix::blocked::{Epilogue, NC};
use ossicle::matrix::product::by_definition;
use ossicle::matrix::symmetric::eigen;
use ossicle::matrix::{Matrix, Product, View};

pub const TESTS: &[(&str, Test)] = &[
    ("matrices", matrices),
    ("views", views),
    ("rectangles", rectangles),
    ("rectangles of nothing", rectangles_of_nothing),
    ("products", products),
    ("eigenvalues", eigenvalues),
];

/// A matrix of given or drawn sizes; none if they are too large.
fn matrix(draw: &mut Draw, rows: usize, columns: usize) -> Option<Matrix<f64>> {
    let mut random = draw.random();
    outcome((rows, columns), || Matrix::from_function(rows, columns, |_, _| random.uniform(-1.0, 1.0)))
}

fn matrices(draw: &mut Draw) {
    let (rows, columns) = (draw.size(), draw.size());
    let expected = product(&[rows, columns]);
    if let Some(mut zeros) = outcome(("zeros", rows, columns), || Matrix::<f32>::zeros(rows, columns)) {
        assert_eq!((zeros.rows(), zeros.columns(), zeros.elements().len() as u128), (rows, columns, expected));
        assert!(zeros.elements().iter().all(|&x| x == 0.0));
        let (i, j) = (draw.size(), draw.size());
        let (row, column) = (outcome(i, || zeros.row(i).len()), outcome(j, || zeros.column(j).len()));
        assert_eq!((row, column), ((i < rows).then_some(columns), (j < columns).then_some(rows)));
        assert_eq!(outcome(i, || zeros.row_mut(i).len()), row);
        let chosen: Vec<usize> = (0..draw.small()).map(|_| draw.size()).collect();
        let selected = outcome(("columns", &chosen), || zeros.select_columns(&chosen));
        if let Some(selected) = selected {
            assert!(chosen.iter().all(|&j| j < columns));
            assert_eq!((selected.rows(), selected.columns()), (rows, chosen.len()));
        }
        let (rows, columns) = (draw.size(), draw.size());
        if outcome(("reshape", rows, columns), || zeros.reshape(rows, columns)).is_some() {
            assert_eq!(zeros.elements().len() as u128, product(&[rows, columns]));
        }
        assert_eq!(zeros.elements().len() as u128, product(&[zeros.rows(), zeros.columns()]));
    } else {
        assert!(expected > 1000, "{rows} x {columns}");
    }
    let count = draw.small();
    let from_rows = outcome(("rows", rows, columns), || Matrix::from_rows(rows, columns, vec![1.0; count]));
    assert_eq!(from_rows.is_some(), expected == count as u128, "{rows} x {columns} of {count}");
    if let Some(made) = outcome((rows, columns), || Matrix::from_function(rows, columns, |i, j| (31 * i + j) as f64)) {
        let all = || made.elements().iter().enumerate();
        assert!(all().all(|(at, &x)| x == (31 * (at / columns) + at % columns) as f64));
        let at = [draw.size(), draw.size()];
        let found = outcome((rows, columns, at), || made[at]);
        assert_eq!(found, (at[0] < rows && at[1] < columns).then(|| (31 * at[0] + at[1]) as f64));
        if let Some(transpose) = outcome(("transpose", rows, columns), || made.transpose()) {
            assert_eq!((transpose.rows(), transpose.columns()), (columns, rows));
            assert!(all().all(|(at, &x)| x == transpose[[at % columns, at / columns]]));
        }
        assert!(outcome(("text", rows, columns), || format!("{made} {made:?}").len()).unwrap() < 4000);
        assert_eq!(made.into_vec().len() as u128, expected);
    }
}

fn views(draw: &mut Draw) {
    let (rows, columns) = (draw.size(), draw.size());
    let count = if draw.coin() { rows.wrapping_mul(columns).min(100) } else { draw.small() };
    let numbers: Vec<usize> = (0..count).collect();
    let view = outcome(("view", count, rows, columns), || View::new(&numbers, rows, columns));
    assert_eq!(view.is_some(), product(&[rows, columns]) == count as u128);
    // (0, 0) of the part is (top, left) of the whole.
    let Some(mut view) = view else { return };
    let (mut top, mut left, mut turned) = (0, 0, false);
    for _ in 0..4 {
        let (from, length) = (draw.mostly_small(), draw.mostly_small());
        let by_rows = draw.coin();
        let all = if by_rows { view.rows() } else { view.columns() };
        let part = outcome((from, length, by_rows), || {
            if by_rows { view.part_rows(from, length) } else { view.part_columns(from, length) }
        });
        assert_eq!(part.is_some(), from as u128 + length as u128 <= all as u128, "{length} from {from} of {all}");
        if let Some(part) = part {
            view = part;
            *(if by_rows != turned { &mut top } else { &mut left }) += from;
        }
        if draw.coin() {
            (view, turned) = (view.transposed(), !turned);
        }
        let (i, j) = (draw.mostly_small(), draw.mostly_small());
        let found = outcome(("at", i, j), || view.at(i, j));
        assert_eq!(found.is_some(), i < view.rows() && j < view.columns());
        if let Some(found) = found {
            let (i, j) = if turned { (j, i) } else { (i, j) };
            assert_eq!(found, (top + i) * columns + left + j);
        }
    }
}

fn rectangles(draw: &mut Draw) {
    let (rows, columns, stride) = (draw.mostly_small(), draw.mostly_small(), draw.mostly_small());
    let length = if draw.coin() { rows.wrapping_mul(stride).wrapping_add(columns).min(200) } else { draw.small() };
    let mut numbers = vec![0_usize; length];
    let whole =
        outcome(("rectangle", length, rows, columns, stride), || ViewMut::new(&mut numbers, rows, columns, stride));
    let needed = match rows {
        0 => 0,
        _ => (rows as u128 - 1) * stride as u128 + columns as u128,
    };
    let fits = (columns <= stride || rows <= 1) && needed <= length as u128;
    assert_eq!(whole.is_some(), fits, "{rows} x {columns} by {stride} in {length}");
    let Some(mut whole) = whole else { return };
    let ([i, j], [high, wide]) =
        ([draw.mostly_small(), draw.mostly_small()], [draw.mostly_small(), draw.mostly_small()]);
    let inside = |at: usize, length: usize, all: usize| at as u128 + length as u128 <= all as u128;
    let part = outcome(("part", i, j, high, wide), || {
        let mut part = whole.part([i, j], [high, wide]);
        // Rows without numbers may be very many.
        for row in (0..part.rows()).take(100) {
            part.row(row).iter_mut().for_each(|x| *x += 1);
        }
    });
    assert_eq!(part.is_some(), inside(i, high, rows) && inside(j, wide, columns));
    let at = draw.mostly_small();
    assert_eq!(outcome(("row", at), || whole.row(at).len()), (at < rows).then_some(columns));
    let halves = outcome(("split", at), || {
        let (mut one, mut two) =
            if i % 2 == 0 { whole.reborrow().split_rows(at) } else { whole.reborrow().split_columns(at) };
        for half in [&mut one, &mut two] {
            for row in (0..half.rows()).take(100) {
                half.row(row).iter_mut().for_each(|x| *x += 10);
            }
        }
    });
    assert_eq!(halves.is_some(), at <= if i % 2 == 0 { rows } else { columns });
    for (place, &x) in numbers.iter().enumerate() {
        let (row, column) = match stride {
            0 => (0, place),
            _ if rows == 1 => (0, place),
            _ => (place / stride, place % stride),
        };
        let of_whole = halves.is_some() && row < rows && column < columns;
        let of_part = part.is_some()
            && (i..i.saturating_add(high)).contains(&row)
            && (j..j.saturating_add(wide)).contains(&column);
        let expected = if of_whole { 10 } else { 0 } + usize::from(of_part);
        assert_eq!(x, expected, "place {place} of {rows} x {columns} by {stride}, {i} {j} {high} {wide}");
    }
}

fn rectangles_of_nothing(draw: &mut Draw) {
    let (rows, columns, stride, length) = (draw.size(), draw.size(), draw.size(), draw.size());
    let mut nothing = vec![(); length];
    let Some(mut whole) =
        outcome(("nothing", rows, columns, stride, length), || ViewMut::new(&mut nothing, rows, columns, stride))
    else {
        return;
    };
    assert!(rows == 0 || (rows as u128 - 1) * stride as u128 + columns as u128 <= length as u128);
    let (i, j) = (draw.size(), draw.size());
    if outcome(("row", i), || whole.row(i).len() == columns) == Some(true) {
        assert!(i < rows);
    }
    let part = outcome(("part", i, j), || whole.part([i, j], [1, 1]).row(0).len());
    assert_eq!(part.is_some(), i < rows && j < columns);
}

struct Count;

impl Epilogue<f64> for Count {
    fn apply<L: ossicle::machine::Lanes<f64>>(&self, _: L, i: usize, j: usize, part: &mut [f64]) -> [f64; 2] {
        part.iter_mut().for_each(|x| *x += 1.0);
        [i as f64, (j + part.len()) as f64]
    }
}

fn products(draw: &mut Draw) {
    let [m, k, n] = [draw.mostly_small(), draw.mostly_small(), draw.mostly_small()];
    // Mostly shapes that fit one another.
    let mut vary = |size: usize| if draw.below(12) == 0 { draw.size() } else { size };
    let (a, b, c, s) =
        ((vary(m), vary(k)), (vary(k), vary(n)), (vary(m), vary(n)), (vary(m), vary(2 * n.div_ceil(NC).min(9))));
    let [a, b, c, s] = [a, b, c, s].map(|(rows, columns)| matrix(draw, rows, columns));
    let (Some(a), Some(b), Some(c), Some(mut s)) = (a, b, c, s) else { return };
    let fits = a.columns() == b.rows() && (a.rows(), b.columns()) == (c.rows(), c.columns());
    let shapes = [&a, &b, &c, &s].map(|m| (m.rows(), m.columns()));
    let [mut expected, mut stored, mut added, mut finished, mut summed] = [(); 5].map(|()| c.clone());
    let defined = outcome(("definition", shapes), || by_definition(a.view(), b.view(), expected.view_mut()));
    assert_eq!(defined.is_some(), fits, "{shapes:?}");
    let mut product = if draw.coin() { Product::new() } else { Product::single_threaded() };
    let mut call = |what: &str, call: &mut dyn FnMut(&mut Product<f64>)| {
        assert_eq!(outcome((what, shapes), || call(&mut product)).is_some(), fits, "{what}, {shapes:?}");
    };
    call("store", &mut |product| product.store(a.view(), b.view(), stored.view_mut()));
    call("accumulate", &mut |product| product.accumulate(a.view(), b.view(), added.view_mut()));
    call("store_then", &mut |product| product.store_with(a.view(), b.view(), finished.view_mut(), &Count));
    let with_sums = outcome(("store_and", shapes), || {
        product.store_with_sums(a.view(), b.view(), summed.view_mut(), &Count, s.view_mut());
    });
    let sums_fit = s.rows() == c.rows() && s.columns() as u128 == 2 * c.columns().div_ceil(NC) as u128;
    assert_eq!(with_sums.is_some(), fits && sums_fit, "{shapes:?}");
    if !fits {
        return;
    }
    assert_eq!(stored, expected);
    for (at, &x) in expected.elements().iter().enumerate() {
        // Of more than a block of the inner index, each block's sum is added to C by itself.
        assert!(a.columns() > 64 || added.elements()[at] == c.elements()[at] + x);
        assert_eq!(finished.elements()[at], x + 1.0);
    }
    if with_sums.is_some() {
        assert_eq!(summed, finished);
        for i in 0..if s.columns() == 0 { 0 } else { s.rows() } {
            assert_eq!(s.row(i), [i as f64, c.columns() as f64]);
        }
    }
}

fn eigenvalues(draw: &mut Draw) {
    let n = draw.small();
    let (rows, columns) = if draw.coin() { (n, n) } else { (draw.mostly_small(), draw.mostly_small()) };
    let Some(a) = matrix(draw, rows, columns) else { return };
    let found = outcome(("eigen", rows, columns), || eigen(&a));
    assert_eq!(found.is_some(), rows == columns);
    let Some(found) = found else { return };
    for i in 0..rows {
        for k in 0..rows {
            let av = (0..rows).fold(0.0, |sum, j| sum + a.row(k.min(j))[k.max(j)] * found.vectors.row(i)[j]);
            assert!((av - found.values[i] * found.vectors.row(i)[k]).abs() <= tolerances::EIGENVECTOR);
        }
    }
    let at = draw.size();
    assert_eq!(index_outcome(at, || found.values[at]).is_some(), at < rows);
}
