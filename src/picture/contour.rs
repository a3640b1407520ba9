//! Contour lines: the lines along which a function has a given value, computed from its values on a grid.
//!
//! The method is marching squares. A contour at level c crosses a side of a grid cell if the function is below c at one
//! end (value f₀) and above c at the other (value f₁). Linear interpolation gives the point:
//!
//! ```text
//! (CN.1)  t = (c - f₀)/(f₁ - f₀)        the fraction of the side from the first end to the crossing
//! ```
//!
//! A cell has two crossings, which a piece of the contour joins, or none. If high and low corners alternate, there are
//! four crossings; the mean of the corners decides which ones to join. The neighboring cell has the same crossing on
//! the common side, so the pieces form lines, which are closed or end at the border. A cell with a corner that is not
//! finite has no piece.
//!
//! Source: W. Lorensen and H. Cline, "Marching cubes", 1987, in two dimensions.

use crate::machine::size;
use alloc::vec;
use alloc::vec::Vec;

/// Values at the nodes of a grid: node (i, j) has index j·columns + i.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    columns: usize,
    rows: usize,
    values: Vec<f64>,
}

impl Grid {
    /// The grid of a function of column and row.
    ///
    /// # Panics
    /// If there are fewer than two columns or rows, or there is no memory for them.
    pub fn from_function(columns: usize, rows: usize, at: impl Fn(usize, usize) -> f64) -> Self {
        assert!(columns > 1 && rows > 1, "a grid of {columns} x {rows} nodes");
        let count = size::product([columns, rows]);
        size::claim::<f64>(count);
        let values = (0..count).map(|n| at(n % columns, n / columns)).collect();
        Grid { columns, rows, values }
    }

    /// All values, row by row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    fn at(&self, i: usize, j: usize) -> f64 {
        self.values[j * self.columns + i]
    }

    /// The contours at a level, as points (column, row) between the nodes; a closed line ends where it starts.
    pub fn contours(&self, level: f64) -> Vec<Vec<[f64; 2]>> {
        // Side 2n goes from node n to the right, side 2n + 1 downward. Each is crossed in at most two cells.
        let mut partners = vec![[NONE; 2]; 2 * self.values.len()];
        for j in 0..self.rows - 1 {
            for i in 0..self.columns - 1 {
                self.join_sides(i, j, level, &mut partners);
            }
        }
        let mut lines = Vec::new();
        // Lines that end at a border come first: starting inside would split them in two.
        for ends in [1, 2] {
            for side in 0..partners.len() {
                if partners[side].iter().filter(|&&partner| partner != NONE).count() == ends {
                    lines.push(self.follow(side, level, &mut partners));
                }
            }
        }
        lines
    }

    /// Records which sides of a cell the contour at a level joins.
    fn join_sides(&self, i: usize, j: usize, level: f64, partners: &mut [[usize; 2]]) {
        // Clockwise: the corners from the top left one, and the side from each corner to the next.
        let corners = [self.at(i, j), self.at(i + 1, j), self.at(i + 1, j + 1), self.at(i, j + 1)];
        if !corners.iter().all(|corner| corner.is_finite()) {
            return;
        }
        let node = j * self.columns + i;
        let sides = [2 * node, 2 * (node + 1) + 1, 2 * (node + self.columns), 2 * node + 1];
        let high = corners.map(|corner| corner > level);
        let crossed: Vec<usize> = (0..4).filter(|&k| high[k] != high[(k + 1) % 4]).collect();
        let mut join = |a: usize, b: usize| {
            for (one, other) in [(sides[a], sides[b]), (sides[b], sides[a])] {
                let [first, second] = &mut partners[one];
                *(if *first == NONE { first } else { second }) = other;
            }
        };
        match crossed[..] {
            [a, b] => join(a, b),
            [_, _, _, _] => {
                let mean = corners.iter().fold(0.0, |sum, corner| sum + corner / 4.0);
                // If the center is like the top left corner, both belong together, and the other two corners are cut
                // off.
                if (mean > level) == high[0] {
                    join(0, 1);
                    join(2, 3);
                } else {
                    join(3, 0);
                    join(1, 2);
                }
            }
            _ => {}
        }
    }

    /// The line that starts at a side; its sides are removed from `partners`.
    fn follow(&self, start: usize, level: f64, partners: &mut [[usize; 2]]) -> Vec<[f64; 2]> {
        let mut line = vec![self.crossing(start, level)];
        let mut side = start;
        while let Some(k) = partners[side].iter().position(|&partner| partner != NONE) {
            let next = core::mem::replace(&mut partners[side][k], NONE);
            if let Some(back) = partners[next].iter_mut().find(|partner| **partner == side) {
                *back = NONE;
            }
            line.push(self.crossing(next, level));
            side = next;
        }
        line
    }

    /// The crossing on a side (CN.1).
    fn crossing(&self, side: usize, level: f64) -> [f64; 2] {
        let (i, j) = (side / 2 % self.columns, side / 2 / self.columns);
        let from = self.at(i, j);
        let (x, y) = (i as f64, j as f64);
        if side.is_multiple_of(2) {
            [x + (level - from) / (self.at(i + 1, j) - from), y] // (CN.1)
        } else {
            [x, y + (level - from) / (self.at(i, j + 1) - from)] // (CN.1)
        }
    }
}

/// No side.
const NONE: usize = usize::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_has_a_straight_line() {
        let grid = Grid::from_function(4, 3, |i, j| i as f64 + 2.0 * j as f64);
        let lines = grid.contours(2.5);
        assert_eq!(lines.len(), 1);
        for [x, y] in &lines[0] {
            assert!((x + 2.0 * y - 2.5).abs() < 1e-15, "{lines:?}");
        }
        // From border to border.
        let ends = [lines[0][0], lines[0][lines[0].len() - 1]];
        assert!(ends.contains(&[2.5, 0.0]) && ends.contains(&[0.0, 1.25]), "{ends:?}");
        assert!(
            grid.contours(-1.0).is_empty() && grid.contours(100.0).is_empty() && grid.contours(f64::NAN).is_empty()
        );
    }

    #[test]
    fn a_bowl_has_a_closed_circle() {
        let f = |i: usize, j: usize| {
            let (x, y) = (i as f64 - 20.0, j as f64 - 20.0);
            x * x + y * y
        };
        let lines = Grid::from_function(41, 41, f).contours(150.0);
        assert_eq!(lines.len(), 1);
        let line = &lines[0];
        assert!(line.len() > 40 && line[0] == line[line.len() - 1]);
        let radius = 150.0f64.sqrt();
        for [x, y] in line {
            assert!(((x - 20.0).hypot(y - 20.0) - radius).abs() < 0.02, "{x} {y}");
        }
        // It goes around once.
        let length =
            line.windows(2).fold(0.0, |sum, pair| sum + (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]));
        assert!((length - 2.0 * core::f64::consts::PI * radius).abs() < 0.2, "{length}");
    }

    #[test]
    fn across_a_saddle_the_middle_decides() {
        // High at top left and bottom right.
        let saddle = |high: f64| Grid::from_function(2, 2, move |i, j| if i == j { high } else { 0.0 }).contours(1.0);
        let touches = |line: &[[f64; 2]], a: [f64; 2], b: [f64; 2]| line.contains(&a) && line.contains(&b);
        // Mean 2: the high corners are joined, the line cuts off the low ones.
        let lines = saddle(4.0);
        assert!(lines.len() == 2 && lines.iter().any(|line| touches(line, [0.75, 0.0], [1.0, 0.25])), "{lines:?}");
        // Mean 0.625: the low corners are joined.
        let lines = saddle(1.25);
        assert!(lines.len() == 2 && lines.iter().any(|line| touches(line, [0.0, 0.2], [0.2, 0.0])), "{lines:?}");
    }

    #[test]
    fn what_is_not_finite_has_no_line() {
        let grid = Grid::from_function(5, 5, |i, j| if i == 2 && j == 2 { f64::NAN } else { i as f64 });
        let points = grid.contours(1.5).concat();
        assert!(points.iter().all(|p| p[0] == 1.5 && !(p[1] > 1.0 && p[1] < 3.0)), "{points:?}");
        assert!(!points.is_empty());
    }

    #[test]
    fn every_crossed_side_is_visited_once() {
        let mut random = crate::number::Random::new(4);
        let noise: Vec<f64> = (0..30 * 20).map(|_| random.uniform(0.0, 1.0)).collect();
        let grid = Grid::from_function(30, 20, |i, j| noise[j * 30 + i]);
        let differ = |a: f64, b: f64| usize::from((a > 0.5) != (b > 0.5));
        let mut crossed = 0;
        for j in 0..20 {
            for i in 0..30 {
                crossed += if i + 1 < 30 { differ(grid.at(i, j), grid.at(i + 1, j)) } else { 0 };
                crossed += if j + 1 < 20 { differ(grid.at(i, j), grid.at(i, j + 1)) } else { 0 };
            }
        }
        let lines = grid.contours(0.5);
        let visits = lines.iter().map(|line| line.len() - usize::from(line[0] == line[line.len() - 1])).sum::<usize>();
        assert_eq!(visits, crossed);
    }
}
