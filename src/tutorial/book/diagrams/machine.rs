//! Diagrams of the line search, the matrix product's loops, and a board's memory.

use super::sketch::{BLUE, GRAY, ORANGE, Pen, Plot, Rect, Sketch, Stroke, pale, with_commas};
use crate::dataset::normalize::StandardScaler;
use crate::matrix::Matrix;
use crate::model::stacked::DenseWeights;
use crate::number::Real;
use crate::optimize::line_search::{LineSearch, Point, Wolfe};
use crate::picture::image::{BLACK, Rgb, WHITE};
use crate::predictor::deployed::{DeployedClassifier, DeployedModel, PooledClassifier};
use crate::predictor::{Classifier, ClassifierSizes, PredictorSizes};
use crate::tutorial::settings::PipelineSettings;
use core::f64::consts::PI;
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// The constants of the line search's diagram, chosen so that the conditions are visible, and its first step.
const WOLFE: Wolfe = Wolfe { decrease: 0.1, curvature: 0.12, evaluations: 25 };
const FIRST_STEP: f64 = 0.6;

/// φ(α) = (α - 3.5)²/5 + cos(3.25α)/4 and its slope.
fn along_the_line(step: f64) -> Point<f64> {
    let (sine, cosine) = (3.25 * step / PI).sin_cos_pi();
    let (far, cost) = (step - 3.5, 0.25 * cosine);
    Point { step, cost: 0.2 * far * far + cost, slope: 0.4 * far - 0.8125 * sine }
}

/// The steps that the line search tries, in order.
fn trial_steps() -> Vec<Point<f64>> {
    let mut steps = Vec::new();
    let evaluate = |step| {
        steps.push(along_the_line(step));
        along_the_line(step)
    };
    // The last step evaluated is the result.
    let _ = LineSearch::Zoom(WOLFE).search(along_the_line(0.0), FIRST_STEP, evaluate);
    steps
}

/// The two phases of a line search.
pub fn bracket_and_zoom() -> String {
    let mut s = Sketch::new(416.0);
    let start = along_the_line(0.0);
    let plot = Plot::new(Rect::new(44.0, 16.0, 420.0, 280.0), [0.0, 7.0], [-0.35, 2.9]);
    let top = plot.area.y;
    let bottom = top + plot.area.height;
    let points: Vec<Point<f64>> = (0..=700).map(|i| along_the_line(0.01 * f64::from(i))).collect();
    let is_acceptable = |p: &Point<f64>| WOLFE.satisfies_armijo(&start, p) && WOLFE.satisfies_curvature(&start, p);
    for run in points.chunk_by(|a, b| is_acceptable(a) == is_acceptable(b)).filter(|run| is_acceptable(&run[0])) {
        let [x, end] = [run[0], run[run.len() - 1]].map(|point| plot.at(point.step, 0.0)[0]);
        s.area(&[[x, top], [end, top], [end, bottom], [x, bottom]], pale(BLUE));
    }
    s.line(&[[44.0, top], [44.0, bottom], [464.0, bottom]], Stroke::new(GRAY));
    plot.draw_ticks(&mut s, 8);
    s.line(&plot.curve(1, |step| start.cost + WOLFE.decrease * step * start.slope), Stroke::new(ORANGE).dashed());
    s.line(&plot.curve(220, |step| along_the_line(step).cost), Stroke::thick(BLACK));
    s.write(Pen::CENTER, [290.0, 56.0], "φ(0) + c_1 α φ'(0)");
    s.write(Pen::RIGHT, [36.0, top + 6.0], "φ");
    s.write(Pen::CENTER, [254.0, bottom + 36.0], "step α");

    // While it brackets, a step is longer than all before.
    let mut longest = 0.0;
    for (i, point) in trial_steps().into_iter().enumerate() {
        let ink = if point.step > longest { BLUE } else { ORANGE };
        longest = Real::max(longest, point.step);
        let [x, y] = plot.at(point.step, point.cost);
        s.circle([x, y], 5.0, ink, BLACK);
        // Off the curve: at the left where it falls, at the right where it rises, and above its minimum.
        let aside = (50.0 * point.slope).clamp(-10.0, 10.0);
        let label = [x + aside, if aside.abs() < 10.0 { y - 18.0 } else { y + 13.0 }];
        s.write(Pen::CENTER, label, &(i + 1).to_string());
    }
    for (x, ink, text) in [(60.0, BLUE, "bracket"), (180.0, ORANGE, "zoom")] {
        s.circle([x, 364.0], 5.0, ink, BLACK);
        s.write(Pen::LEFT, [x + 12.0, 364.0], text);
    }
    s.rect(Rect::new(274.0, 356.0, 24.0, 16.0), pale(BLUE), pale(BLUE));
    s.write(Pen::LEFT, [306.0, 364.0], "both conditions");
    let constants = format!("c_1 = {}, c_2 = {}", WOLFE.decrease, WOLFE.curvature);
    s.write(Pen::CENTER, [254.0, 396.0], &constants);
    s.finish()
}

/// The first block of a matrix, as fractions of the matrix, in the color of the memory that holds it.
#[derive(Clone, Copy)]
struct Block {
    width: f64,
    height: f64,
    memory: Rgb,
}

/// A loop of the matrix product, and the blocks that it selects anew for the loops inside it.
struct Loop {
    number: &'static str,
    step: &'static str,
    /// Of C, A, and B.
    blocks: [Option<Block>; 3],
    notes: &'static [&'static str],
}

/// The memories of the matrix product, from the largest to the fastest.
const MEMORY: Rgb = GRAY;
const L2: Rgb = BLUE;
const L1: Rgb = ORANGE;
const REGISTERS: Rgb = BLACK;

/// Steps of the loops as fractions of the matrices. Real ones are smaller; the order of their sizes is the same.
const NC: f64 = 0.7;
const KC: f64 = 0.5;
const MC: f64 = 0.4;
const NR: f64 = 0.16;
const MR: f64 = 0.14;

const fn block(width: f64, height: f64, memory: Rgb) -> Option<Block> {
    Some(Block { width, height, memory })
}

const LOOPS: [Loop; 5] = [
    Loop {
        number: "loop 5",
        step: "NC",
        blocks: [block(NC, 1.0, MEMORY), block(1.0, 1.0, MEMORY), block(NC, 1.0, MEMORY)],
        notes: &["NC columns", "of B and C"],
    },
    Loop {
        number: "loop 4",
        step: "KC",
        blocks: [None, block(KC, 1.0, MEMORY), block(NC, KC, L2)],
        notes: &["KC × NC of B", "in L2"],
    },
    Loop {
        number: "loop 3",
        step: "MC",
        blocks: [block(NC, MC, MEMORY), block(KC, MC, L2), None],
        notes: &["MC × KC of A", "in L2"],
    },
    Loop {
        number: "loop 2",
        step: "NR",
        blocks: [block(NR, MC, MEMORY), None, block(NR, KC, L1)],
        notes: &["KC × NR of B", "in L1"],
    },
    Loop {
        number: "loop 1",
        step: "MR",
        blocks: [block(NR, MR, REGISTERS), block(KC, MR, L1), None],
        notes: &["MR × KC of A", "through L1", "MR × NR of C", "in registers"],
    },
];

/// The blocks that each loop of the matrix product selects, and the memories that hold them.
pub fn five_loops() -> String {
    let mut s = Sketch::new(504.0);
    let (xs, width, height) = ([68.0, 168.0, 268.0], 74.0, 68.0);
    for (x, name) in xs.into_iter().zip(["C", "A", "B"]) {
        s.write(Pen::CENTER, [x + width / 2.0, 18.0], name);
    }
    for (row, Loop { number, step, notes, .. }) in LOOPS.iter().enumerate() {
        let y = 36.0 + 86.0 * row as f64;
        let middle = y + height / 2.0;
        s.write(Pen::LEFT.small(), [8.0, middle - 10.0], number);
        s.write(Pen::LEFT, [8.0, middle + 12.0], step);
        for (k, x) in xs.into_iter().enumerate() {
            s.rect(Rect::new(x, y, width, height), WHITE, GRAY);
            let selected: Vec<Block> = LOOPS[..=row].iter().filter_map(|outer| outer.blocks[k]).collect();
            for (i, block) in selected.iter().enumerate() {
                let fill = if i + 1 == selected.len() { block.memory } else { pale(block.memory) };
                s.rect(Rect::new(x, y, block.width * width, block.height * height), fill, GRAY);
            }
        }
        s.write(Pen::CENTER, [155.0, middle], "=");
        s.dot([255.0, middle]);
        for (i, note) in notes.iter().enumerate() {
            let offset = i as f64 - 0.5 * (notes.len() as f64 - 1.0);
            s.write(Pen::LEFT.small(), [356.0, middle + 19.0 * offset], note);
        }
    }
    for (x, memory, name) in
        [(20.0, MEMORY, "memory"), (136.0, L2, "L2"), (220.0, L1, "L1"), (304.0, REGISTERS, "registers")]
    {
        s.rect(Rect::new(x, 474.0, 16.0, 16.0), memory, GRAY);
        s.write(Pen::LEFT, [x + 24.0, 482.0], name);
    }
    s.finish()
}

/// The number of components that hold 99% of the variance of the bundled digits' windows. The other sizes of the
/// default model are settings.
const COMPONENTS: usize = 61;
const CLASSES: usize = 10;
const RATE: u32 = 8000;
/// The longest sound, in seconds: the default of `ossicle export`.
const SECONDS: f64 = 2.5;

/// A part of a memory.
struct MemoryPart {
    name: &'static str,
    bytes: usize,
}

/// The contents of a board's memories.
struct BoardMemory {
    flash: Vec<MemoryPart>,
    ram: Vec<MemoryPart>,
}

fn total(parts: &[MemoryPart]) -> usize {
    parts.iter().map(|part| part.bytes).sum::<usize>()
}

/// A model of the default sizes, with parameters 0.
fn default_model() -> DeployedModel {
    let settings = PipelineSettings::default();
    let mel = settings.front_end.mel(RATE);
    let window = settings.context_window.width * mel.bands;
    let pooled = settings.regions * settings.hidden;
    let classifier = DeployedClassifier::Pooled(PooledClassifier {
        context_window: settings.context_window,
        mean: vec![0.0; window],
        basis: Matrix::zeros(COMPONENTS, window),
        layers: vec![DenseWeights {
            weights: Matrix::zeros(settings.hidden, COMPONENTS),
            bias: vec![0.0; settings.hidden],
        }],
        regions: settings.regions,
        scaling: StandardScaler { means: vec![0.0; pooled], deviations: vec![0.0; pooled] },
    });
    DeployedModel {
        rate: RATE,
        framing: settings.front_end.framing(RATE),
        mel,
        floor: settings.front_end.floor as f32,
        labels: (0..CLASSES).map(|class| class.to_string()).collect(),
        classifier,
        class_weights: Matrix::zeros(CLASSES, pooled),
        class_biases: vec![0.0; CLASSES],
    }
}

/// The bytes of a model's tables and buffers, large parts first.
fn parts_of(model: &DeployedModel) -> BoardMemory {
    let tables = model.tables(SECONDS).expect("the default sizes fit together");
    let m = tables.model();
    let s: PredictorSizes = m.sizes;
    let (ClassifierSizes::Pooled(sizes), Classifier::Pooled(pooled)) = (s.classifier, m.classifier) else {
        unreachable!("the default model is pooled")
    };
    let part = |(name, elements)| MemoryPart { name, bytes: 4 * elements };
    let softmax = pooled.means.len() + pooled.deviations.len() + m.class_weights.len() + m.class_biases.len();
    let features = pooled.layers.iter().fold(0, |n, layer| n + layer.weights.len() + layer.biases.len());
    let flash = [
        ("softmax", softmax),
        ("features", features),
        ("whitening", pooled.mean.len() + pooled.basis.len()),
        ("mel bands", m.bands.len() + m.band_weights.len()),
        ("Hann window", m.hann.len()),
        ("twiddles", 2 * m.twiddles.len()),
    ];
    let ram = [
        ("log-mel", s.max_frames * s.bands),
        ("sums", sizes.partial_sums(s.max_frames) * sizes.features()),
        ("frame", s.frame),
        ("window", sizes.window(s.bands) + sizes.hidden()),
        ("scores", 3 * s.classes),
    ];
    BoardMemory { flash: flash.map(part).into(), ram: ram.map(part).into() }
}

/// A column of memory parts, drawn from the bottom of the last one upward.
struct Column {
    x: f64,
    width: f64,
    bottom: f64,
    points_per_byte: f64,
}

impl Column {
    fn top(&self, parts: &[MemoryPart]) -> f64 {
        self.bottom - total(parts) as f64 * self.points_per_byte
    }

    /// Draws the parts, and with `labels` their names and sizes at the right.
    fn draw(&self, s: &mut Sketch, parts: &[MemoryPart], has_labels: bool) {
        let right = self.x + self.width;
        let (mut y, mut label) = (self.top(parts), 0.0);
        for (i, part) in parts.iter().enumerate() {
            let height = part.bytes as f64 * self.points_per_byte;
            let fill = [pale(BLUE), pale(ORANGE), pale(GRAY)][i % 3];
            s.rect(Rect::new(self.x, y, self.width, height), fill, GRAY);
            if has_labels {
                // Labels stay apart where parts are thin.
                let remaining = (parts.len() - i - 1) as f64;
                let middle = y + height / 2.0;
                label = Real::max(label + 22.0, Real::min(middle, self.bottom - 6.0 - 22.0 * remaining));
                s.line(&[[right, middle], [right + 12.0, label]], Stroke::thin(GRAY));
                let text = format!("{} {}", part.name, with_commas(part.bytes));
                s.write(Pen::LEFT.small(), [right + 16.0, label], &text);
            }
            y += height;
        }
    }
}

/// The memory of the predictor for the default model.
pub fn board_memory() -> String {
    let BoardMemory { flash, ram } = parts_of(&default_model());
    let mut s = Sketch::new(420.0);
    let bottom = 400.0;
    let points_per_byte = 334.0 / total(&flash) as f64;
    let factor = total(&flash) / total(&ram);
    let flash_column = Column { x: 12.0, width: 44.0, bottom, points_per_byte };
    let small = Column { x: 222.0, width: 26.0, ..flash_column };
    let large = Column { x: 290.0, width: 42.0, bottom, points_per_byte: factor as f64 * points_per_byte };
    s.write(Pen::LEFT, [12.0, 20.0], "flash");
    s.write(Pen::LEFT.small(), [12.0, 42.0], &format!("{} bytes", with_commas(total(&flash))));
    s.write(Pen::LEFT, [222.0, 20.0], "RAM");
    s.write(Pen::LEFT.small(), [222.0, 42.0], &format!("{} bytes", with_commas(total(&ram))));
    flash_column.draw(&mut s, &flash, true);
    small.draw(&mut s, &ram, false);
    large.draw(&mut s, &ram, true);
    s.line(&[[248.0, small.top(&ram)], [290.0, large.top(&ram)]], Stroke::thin(BLACK).dashed());
    s.line(&[[248.0, bottom], [290.0, bottom]], Stroke::thin(BLACK).dashed());
    s.write(Pen::CENTER.small(), [311.0, large.top(&ram) - 14.0], &format!("enlarged {factor}×"));
    s.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_the_memories_are_all_there_is() {
        let model = default_model();
        let parts = parts_of(&model);
        let tables = model.tables(SECONDS).unwrap();
        assert_eq!(total(&parts.flash), tables.model().flash());
        assert_eq!(total(&parts.ram), 4 * tables.model().sizes.memory());
    }

    #[test]
    fn the_line_search_brackets_and_zooms_to_an_acceptable_step() {
        let (start, steps) = (along_the_line(0.0), trial_steps());
        let longer = steps.windows(2).take_while(|pair| pair[1].step > pair[0].step).count() + 1;
        assert!(longer > 1 && longer < steps.len(), "{steps:?}");
        for (i, point) in steps.iter().enumerate() {
            let is_accepted = WOLFE.satisfies_armijo(&start, point) && WOLFE.satisfies_curvature(&start, point);
            assert_eq!(is_accepted, i + 1 == steps.len(), "{point:?}");
        }
    }
}
