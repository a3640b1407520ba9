//! Diagrams of convolution as a product, and of pooling.

use super::sketch::{BLUE, Cell, GRAY, ORANGE, Pen, SKY, Sketch, Stroke, cell, pale};
use crate::matrix::Matrix;
use crate::model::convolution::pooling::{self, Regions};
use crate::model::convolution::{Convolution, MapShape, Pooling, PoolingMode, patches};
use crate::picture::image::{BLACK, Rgb, WHITE};
use std::format;
use std::string::{String, ToString};

/// The colors of the four positions.
const POSITIONS: [Rgb; 4] = [pale(BLUE), pale(ORANGE), pale(GRAY), SKY];

/// The positions of a filter as the columns of a matrix.
pub fn im2col() -> String {
    let mut s = Sketch::new(452.0);
    let input = MapShape { channels: 1, rows: 3, columns: 3 };
    let shape = Convolution::new(input, 1, [2, 2]);
    let x = Matrix::from_function(1, input.plane(), |_, at| at as f64 + 1.0);
    let p = patches::by_definition(&shape, &x);

    s.write(Pen::CENTER, [150.0, 18.0], "input x");
    s.cells([105.0, 34.0], 30.0, [3, 3], |i, j| cell(x.row(0)[3 * i + j]));
    s.write(Pen::CENTER, [330.0, 18.0], "filter w");
    s.cells([300.0, 49.0], 30.0, [2, 2], |r, t| cell(format!("w_{}", 2 * r + t + 1)));

    for position in 0..4 {
        let left = 24.0 + 120.0 * position as f64;
        s.write(Pen::CENTER.small(), [left + 36.0, 152.0], &format!("position {}", position + 1));
        s.cells([left, 166.0], 24.0, [3, 3], |i, j| {
            let (row, column) = (position / 2, position % 2);
            let is_met = (row..row + 2).contains(&i) && (column..column + 2).contains(&j);
            Cell { text: x.row(0)[3 * i + j].to_string(), fill: if is_met { POSITIONS[position] } else { WHITE } }
        });
    }

    let (side, top) = (34.0, 304.0);
    let middle = top + 2.0 * side;
    s.write(Pen::CENTER, [80.0, middle - 34.0], "weights");
    s.cells([12.0, middle - side / 2.0], side, [1, 4], |_, t| cell(format!("w_{}", t + 1)));
    s.write(Pen::CENTER, [240.0, top - 18.0], "patches P");
    s.cells([172.0, top], side, [4, 4], |i, j| Cell { text: p.row(i)[j].to_string(), fill: POSITIONS[j] });
    s.write(Pen::CENTER, [400.0, middle - 34.0], "output");
    s.cells([332.0, middle - side / 2.0], side, [1, 4], |_, j| Cell {
        text: format!("z_{}", j + 1),
        fill: POSITIONS[j],
    });
    s.dot([160.0, middle]);
    s.write(Pen::CENTER, [320.0, middle], "=");
    s.finish()
}

/// The input of the pooling diagram, and the gradient δ of its four pooled elements.
const MAP: [f64; 16] = [1.0, 5.0, 2.0, 0.0, 3.0, 7.0, 4.0, 6.0, 8.0, 2.0, 1.0, 3.0, 4.0, 2.0, 9.0, 7.0];
const DELTA: [f64; 4] = [4.0, 8.0, -4.0, 12.0];

/// The maxima and the means of four regions, and the way back of a gradient.
pub fn pooling() -> String {
    let mut s = Sketch::new(396.0);
    let input = MapShape { channels: 1, rows: 4, columns: 4 };
    let (map, delta) = (Matrix::from_rows(1, 16, MAP.to_vec()), Matrix::from_rows(1, 4, DELTA.to_vec()));
    let side = 30.0;
    for (mode, name, y) in [(PoolingMode::Max, "maximum", 18.0), (PoolingMode::Mean, "mean", 216.0)] {
        let shape = Pooling { mode, input, regions: [Regions::by(2); 2] };
        let pooled = pooling::by_definition(&shape, &map);
        let back = pooling::backward_by_definition(&shape, &delta, &pooled.argmax);
        // Regions alternate in color; the maxima and their gradients stand out.
        let cell_of = |values: &[f64], at: usize, region: usize| {
            let is_maximum = values.len() == 16 && pooled.argmax.contains(&(at as u32));
            let shade = if region == 0 || region == 3 { pale(BLUE) } else { WHITE };
            let text = values[at].to_string().replace('-', "−");
            Cell { text, fill: if is_maximum { pale(ORANGE) } else { shade } }
        };
        let large = |i: usize, j: usize| (4 * i + j, i / 2 * 2 + j / 2);

        s.write(Pen::LEFT, [8.0, y], name);
        let (top, middle) = (y + 46.0, y + 46.0 + 2.0 * side);
        for (x, name) in [(68.0, "a"), (192.0, "p"), (288.0, "δ"), (412.0, "∂J/∂a")] {
            s.write(Pen::CENTER, [x, y + 30.0], name);
        }
        s.cells([8.0, top], side, [4, 4], |i, j| cell_of(&MAP, large(i, j).0, large(i, j).1));
        s.arrow(&[[132.0, middle], [158.0, middle]], Stroke::new(BLACK));
        s.cells([162.0, middle - side], side, [2, 2], |i, j| cell_of(pooled.values.row(0), 2 * i + j, 2 * i + j));
        s.cells([258.0, middle - side], side, [2, 2], |i, j| cell_of(&DELTA, 2 * i + j, 2 * i + j));
        s.arrow(&[[322.0, middle], [348.0, middle]], Stroke::new(BLACK));
        s.cells([352.0, top], side, [4, 4], |i, j| cell_of(back.row(0), large(i, j).0, large(i, j).1));
    }
    s.finish()
}
