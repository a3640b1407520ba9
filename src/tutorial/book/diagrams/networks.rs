//! Diagrams of a unit, a layer, an autoencoder, and back-propagation.

use super::sketch::{BLUE, GRAY, ORANGE, Pen, Plot, Rect, Sketch, Stroke, between, cell, pale};
use crate::matrix::Matrix;
use crate::model::{Activation, Autoencoder};
use crate::number::Real;
use crate::picture::color::fraction;
use crate::picture::image::{BLACK, WHITE};
use std::format;
use std::string::String;
use std::vec;

/// A weighted sum, and its activation.
pub fn unit() -> String {
    let mut s = Sketch::new(280.0);
    let (sum, radius) = ([204.0, 118.0], 30.0);
    s.rounded(Rect::new(154.0, 48.0, 202.0, 140.0), 10.0, pale(GRAY), GRAY);
    s.write(Pen::CENTER, [255.0, 30.0], "one unit");

    for (i, label) in [[112.0, 56.0], [105.0, 104.0], [106.0, 178.0]].into_iter().enumerate() {
        let input = [34.0, 38.0 + 80.0 * i as f64];
        s.arrow(&between(input, 20.0, sum, radius), Stroke::new(BLACK));
        s.circle(input, 20.0, pale(BLUE), BLUE);
        s.write(Pen::CENTER, input, &format!("x_{}", i + 1));
        s.write(Pen::CENTER, label, &format!("w_{}", i + 1));
    }
    s.arrow(&[[sum[0], 216.0], [sum[0], sum[1] + radius]], Stroke::new(BLACK));
    s.write(Pen::CENTER, [sum[0], 228.0], "b");
    s.circle(sum, radius, WHITE, BLACK);
    s.write(Pen::CENTER, sum, "z");

    let plot = Plot::new(Rect::new(270.0, 84.0, 70.0, 68.0), [-6.0, 6.0], [-0.15, 1.15]);
    s.arrow(&[[sum[0] + radius, sum[1]], [270.0, sum[1]]], Stroke::new(BLACK));
    s.rect(plot.area, WHITE, BLACK);
    for level in [0.0, 1.0] {
        s.line(&plot.curve(1, |_| level), Stroke::thin(GRAY));
    }
    s.line(&plot.curve(48, |z| Activation::Sigmoid.value(z)), Stroke::thick(ORANGE));
    s.write(Pen::CENTER, [305.0, 68.0], "f = σ");
    s.arrow(&[[340.0, sum[1]], [386.0, sum[1]]], Stroke::new(BLACK));
    s.write(Pen::LEFT, [394.0, sum[1]], "a = f(z)");
    s.write(Pen::CENTER, [240.0, 258.0], "z = w_1 x_1 + w_2 x_2 + w_3 x_3 + b");
    s.finish()
}

/// A layer as matrices, and the same layer as units and lines.
pub fn layer() -> String {
    let mut s = Sketch::new(470.0);
    let (side, inputs, units, row) = (30.0, 5, 3, 1);
    let (middle, top) = (125.0, 80.0);
    let chosen = |text: &str, j: usize| {
        let mut cell = cell(if j == row { text } else { "" });
        cell.fill = if j == row { pale(BLUE) } else { WHITE };
        cell
    };
    // W, x, b, z, a, and between them the signs.
    s.cells([72.0, top], side, [units, inputs], |j, _| chosen("", j));
    s.rect(Rect::new(72.0, top + side, 150.0, side), pale(BLUE), GRAY);
    s.write(Pen::CENTER, [147.0, middle], "row j of W");
    s.cells([250.0, 50.0], side, [inputs, 1], |i, _| cell(format!("x_{}", i + 1)));
    for (x, text) in [(308.0, "b_j"), (366.0, "z_j"), (424.0, "a_j")] {
        s.cells([x, top], side, [units, 1], |j, _| chosen(text, j));
    }
    for (x, y, name) in
        [(147.0, 66.0, "W"), (265.0, 36.0, "x"), (323.0, 66.0, "b"), (381.0, 66.0, "z"), (439.0, 66.0, "a")]
    {
        s.write(Pen::CENTER, [x, y], name);
    }
    for (x, sign) in [(294.0, "+"), (352.0, "=")] {
        s.write(Pen::CENTER, [x, middle], sign);
    }
    s.dot([236.0, middle]);
    s.arrow(&[[398.0, middle], [422.0, middle]], Stroke::new(BLACK));
    s.write(Pen::CENTER, [409.0, middle - 14.0], "f");
    s.span([72.0, 184.0], [222.0, 184.0], Stroke::new(BLACK));
    s.write(Pen::CENTER, [147.0, 200.0], "n_{in}");
    s.span([58.0, top], [58.0, top + 90.0], Stroke::new(BLACK));
    s.write(Pen::RIGHT, [50.0, middle], "n_{out}");

    let input = |i: usize| [120.0, 258.0 + 46.0 * i as f64];
    let unit = |j: usize| [310.0, 280.0 + 70.0 * j as f64];
    for j in [0, 2, row] {
        let stroke = if j == row { Stroke::thick(BLUE) } else { Stroke::thin(GRAY) };
        (0..inputs).for_each(|i| s.line(&between(input(i), 17.0, unit(j), 20.0), stroke));
        s.circle(unit(j), 20.0, if j == row { pale(BLUE) } else { WHITE }, if j == row { BLUE } else { GRAY });
    }
    for i in 0..inputs {
        s.circle(input(i), 17.0, WHITE, GRAY);
        s.write(Pen::CENTER, input(i), &format!("x_{}", i + 1));
    }
    s.write(Pen::CENTER.over_lines(), [167.0, 281.0], "W_{j1}");
    s.write(Pen::CENTER.over_lines(), [167.0, 419.0], "W_{j5}");
    s.write(Pen::CENTER, unit(row), "j");
    s.write(Pen::LEFT, [342.0, unit(row)[1]], "a_j = f(z_j)");
    s.finish()
}

/// The example that the autoencoder's diagram reconstructs.
const EXAMPLE: [f64; 8] = [0.15, 0.9, 0.55, 0.1, 0.05, 0.5, 0.95, 0.3];

/// The sparse autoencoder, and the terms of its cost. Each hidden unit knows a bump at one place; the activations and
/// the reconstruction are the model's.
pub fn autoencoder() -> String {
    let (visible, hidden) = (EXAMPLE.len(), 6);
    let model = Autoencoder { decoder: Activation::Linear, ..Autoencoder::new(visible, hidden) };
    let bump = |i: usize, j: usize| Real::max(0.0, 1.0 - (i as f64 - 1.4 * j as f64).abs() / 1.6);
    let mut theta = vec![0.0; model.dimension()];
    let [w1, w2, b1, b2] = model.blocks();
    for j in 0..hidden {
        let total = (0..visible).fold(0.0, |sum, i| sum + bump(i, j));
        for i in 0..visible {
            theta[w1.range.start + j * visible + i] = 14.0 * bump(i, j);
            theta[w2.range.start + i * hidden + j] = bump(i, j);
        }
        theta[b1.range.start + j] = -14.0 * (0.45 * total + 0.2);
    }
    b2.values_mut(&mut theta).fill(0.08);
    let a2 = model.encode(&theta, &Matrix::from_rows(visible, 1, EXAMPLE.to_vec()));
    let y = model.decode(&theta, &a2);

    let mut s = Sketch::new(510.0);
    let row = |i: usize| 46.0 + 26.0 * i as f64;
    let unit = |j: usize| [240.0, 52.0 + 34.0 * j as f64];
    for (i, j) in (0..visible).flat_map(|i| (0..hidden).map(move |j| (i, j))) {
        s.line(&between([118.0, row(i)], 3.0, unit(j), 13.0), Stroke::thin(GRAY));
        s.line(&between(unit(j), 13.0, [362.0, row(i)], 3.0), Stroke::thin(GRAY));
    }
    for i in 0..visible {
        for (x, value) in [(40.0, EXAMPLE[i]), (370.0, y.row(i)[0])] {
            s.rect(Rect::new(x, row(i) - 9.0, 70.0, 18.0), WHITE, pale(GRAY));
            s.rect(Rect::new(x, row(i) - 9.0, 70.0 * value.clamp(0.0, 1.0), 18.0), GRAY, GRAY);
        }
        [118.0, 362.0].into_iter().for_each(|x| s.circle([x, row(i)], 3.0, GRAY, GRAY));
    }
    (0..hidden).for_each(|j| s.circle(unit(j), 13.0, fraction(0.75 * a2.row(j)[0]), BLACK));
    for (x, name) in [(75.0, "x"), (172.0, "W_1, b_1"), (240.0, "a_2"), (308.0, "W_2, b_2"), (405.0, "y")] {
        s.write(Pen::CENTER, [x, 20.0], name);
    }

    let term = |s: &mut Sketch, rect: Rect, ink, name: &str, formula: &str| {
        s.rounded(rect, 6.0, pale(ink), ink);
        let [x, y] = rect.center();
        s.write(Pen::CENTER.small(), [x, y - 11.0], name);
        s.write(Pen::CENTER, [x, y + 11.0], formula);
    };
    s.arrow(&[[240.0, 270.0], [240.0, 240.0]], Stroke::new(BLUE));
    term(&mut s, Rect::new(166.0, 270.0, 148.0, 52.0), BLUE, "sparsity", "β Σ_j KL(ρ‖ρ\u{302}_j)");
    for x in [147.0, 333.0] {
        s.arrow(&[[x, 346.0], [x, 238.0]], Stroke::new(GRAY));
    }
    term(&mut s, Rect::new(126.0, 346.0, 228.0, 52.0), GRAY, "weight decay", "(λ/2) (|W_1|^2 + |W_2|^2)");
    s.arrow(&[[166.0, 448.0], [75.0, 448.0], [75.0, 244.0]], Stroke::new(ORANGE));
    s.arrow(&[[314.0, 448.0], [405.0, 448.0], [405.0, 244.0]], Stroke::new(ORANGE));
    term(&mut s, Rect::new(166.0, 422.0, 148.0, 52.0), ORANGE, "error", "(1/m) Σ_x E(x)");
    [334.0, 410.0].into_iter().for_each(|y| s.write(Pen::CENTER, [240.0, y], "+"));
    s.write(Pen::CENTER, [240.0, 494.0], "J = their sum");
    s.finish()
}

/// Values forward through two layers, and δ backward through the same connections.
pub fn backpropagation() -> String {
    let mut s = Sketch::new(330.0);
    let (forward, backward) = (80.0, 196.0);
    let xs = [40.0, 140.0, 240.0, 340.0, 440.0];
    for x in [xs[1], xs[3]] {
        s.rounded(Rect::new(x - 27.0, forward - 27.0, 54.0, backward - forward + 54.0), 12.0, pale(GRAY), pale(GRAY));
    }
    s.write(Pen::LEFT.ink(BLUE), [8.0, 18.0], "forward");
    s.write(Pen::LEFT.ink(ORANGE), [8.0, backward], "backward");

    let edges = |from: f64, to: f64, y: f64| between([from, y], 22.0, [to, y], 22.0);
    for (k, label) in ["W_1, b_1", "g", "W_2, b_2", "f"].into_iter().enumerate() {
        s.arrow(&edges(xs[k], xs[k + 1], forward), Stroke::thick(BLUE));
        s.write(Pen::CENTER.small(), [(xs[k] + xs[k + 1]) / 2.0, forward - 36.0], label);
    }
    for (x, name) in xs.into_iter().zip(["x", "z_2", "a_2", "z_3", "y"]) {
        s.circle([x, forward], 22.0, pale(BLUE), BLUE);
        s.write(Pen::CENTER, [x, forward], name);
    }

    for (k, label) in [(4, "∘ f'(z_3)"), (3, "W_2^T ·"), (2, "∘ g'(z_2)")] {
        s.arrow(&edges(xs[k], xs[k - 1], backward), Stroke::thick(ORANGE));
        s.write(Pen::CENTER.small(), [(xs[k] + xs[k - 1]) / 2.0, backward - 36.0], label);
    }
    s.arrow(&[[xs[2], backward + 46.0], [xs[2], backward + 22.0]], Stroke::new(ORANGE));
    s.write(Pen::CENTER, [xs[2], backward + 56.0], "s");
    for (x, name) in xs.into_iter().zip(["", "δ_2", "+", "δ_3", "y−x"]).skip(1) {
        s.circle([x, backward], 22.0, pale(ORANGE), ORANGE);
        s.write(Pen::CENTER, [x, backward], name);
    }
    let labels = [(xs[1], "(AE.11)", "δ_2 x^T → ∂J/∂W_1"), (xs[3], "(AE.8)", "δ_3 a_2^T → ∂J/∂W_2")];
    for (x, label, product) in labels {
        s.arrow(&[[x, backward + 22.0], [x, 280.0]], Stroke::new(BLACK));
        s.write(Pen::RIGHT.small(), [x - 32.0, backward + 34.0], label);
        s.rounded(Rect::new(x - 88.0, 280.0, 176.0, 34.0), 6.0, WHITE, BLACK);
        s.write(Pen::CENTER, [x, 297.0], product);
    }
    s.finish()
}
