//! The learned features in the order of their frequencies, and what excites each.
//!
//! A feature is drawn as the window to which its hidden unit responds most, less the mean: bright where energy excites
//! it, dark where energy inhibits it. That picture is computed from the weights alone. Next to it stands the window
//! among all recordings to which it does respond most: what the feature found in the data.
//!
//! Features are sorted by the band with the largest sum of squared weights, the lowest one first.

use super::html::{brief, figure, image_url, name, section};
use crate::dataset::context_windows::{ContextFraming, ContextWindows};
use crate::dataset::recordings::Collection;
use crate::model::Activation;
use crate::model::stacked::DenseWeights;
use crate::number::Real;
use crate::number::decimal::{Count, Fixed};
use crate::picture::bands::Bands;
use crate::picture::color::{level, signed};
use crate::picture::image::{Image, Rgb};
use crate::picture::svg::{Svg, number};
use crate::tutorial::figures::inputs;
use crate::tutorial::preprocessing::Normalizer;
use core::cmp::Ordering;
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// The most tiles of the sheet, their pixels together, and the features that are drawn large.
const MOST_TILES: usize = 400;
const MOST_PIXELS: usize = 80_000;
const LARGE: usize = 12;
/// The windows whose features are computed at a time.
const WINDOWS: usize = 2048;
/// The colors of a tile, so that the file is small: from -1 to 1 in steps of 1/16.
const STEPS: f64 = 16.0;
const LINE: Rgb = [22, 30, 66];

/// Learned features, from the lowest one.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnedFeatures {
    /// The bands of a frame.
    bands: Bands,
    /// Frames in a window.
    frames: usize,
    /// The number of features that were learned.
    learned: usize,
    features: Vec<Feature>,
}

#[derive(Clone, Debug, PartialEq)]
struct Feature {
    /// Its number among all, from 1.
    number: usize,
    /// The band with the largest weights.
    band: usize,
    /// The visualization, scaled to -1 to 1.
    filter: Vec<f64>,
    response: Option<Response>,
}

/// The window to which a feature responds most.
#[derive(Clone, Debug, PartialEq)]
struct Response {
    activation: f64,
    recording: usize,
    /// The start of the window.
    seconds: f64,
    window: Vec<f64>,
}

/// The windows to look for responses in.
#[derive(Clone, Copy, Debug)]
pub struct SearchedWindows<'a, T> {
    /// The windows of all recordings of a collection.
    pub windows: &'a ContextWindows<T>,
    /// How they are cut.
    pub context: ContextFraming,
    /// Seconds from one frame to the next.
    pub step: f64,
}

impl LearnedFeatures {
    /// The features of an encoder, and what excites them. Of many, as many as the page has room for, evenly chosen.
    ///
    /// # Panics
    /// If the encoder or the bands do not fit the windows.
    pub fn measure<T: Real>(
        normalizer: &Normalizer<T>,
        encoder: &DenseWeights<T>,
        bands: &Bands,
        searched: SearchedWindows<T>,
    ) -> Self {
        let filters = inputs(normalizer, encoder.weights.view());
        let size = bands.count() * searched.context.width;
        let mut features: Vec<Feature> =
            filters.chunks_exact(size).enumerate().map(|(k, f)| feature(k, f, bands)).collect();
        let learned = features.len();
        features.sort_by_key(|feature| feature.band);
        let room = (MOST_PIXELS / size).clamp(1, MOST_TILES).min(learned);
        let mut features: Vec<Feature> = (0..room).map(|i| features[i * learned / room].clone()).collect();
        let strongest = strongest(normalizer, encoder, &searched.windows.matrix);
        for feature in &mut features {
            feature.response = strongest[feature.number - 1].map(|(w, activation)| {
                let ranges = &searched.windows.ranges;
                let recording = ranges.partition_point(|range| range.end <= w);
                let first = (w - ranges[recording].start) * searched.context.step;
                let window = searched.windows.matrix.column(w).into_iter().map(Real::to_f64).collect();
                Response { activation, recording, seconds: first as f64 * searched.step, window }
            });
        }
        LearnedFeatures { bands: bands.clone(), frames: searched.context.width, learned, features }
    }

    /// The section on them.
    pub fn section(&self, collection: &Collection) -> String {
        let shown = match self.features.len() {
            shown if shown < self.learned => format!("{shown} of the {}", Count(self.learned, "feature")),
            shown => Count(shown, "feature").to_string(),
        };
        let text = format!(
            "<p>What the autoencoder learned without labels: {shown}, sorted by {}. Each tile is a window of {}, time to \
             the right and {} up. It is bright where energy excites the feature, dark where energy inhibits it, gray \
             where it does not matter.</p>\n",
            self.key(),
            Count(self.frames, "frame"),
            self.key()
        );
        let sheet = figure(
            "sheet",
            &self.sheet(collection),
            "The features row by row, the lowest at the top left. Point at a tile for what excites it. Horizontal stripes are \
             steady sounds; a change from left to right is the start or the end of one.",
        );
        let large: String = self.large().map(|feature| self.pair(feature, collection)).collect();
        let pairs = format!(
            "<p>Some of them, from low to high: on the left the feature, on the right the window of the recordings to \
             which it responds most (dark blue little energy, yellow much). An activation of 1 is the largest \
             possible.</p>\n<div class=\"pairs\">\n{large}</div>\n"
        );
        section("features", "Features", &format!("{text}{sheet}{pairs}"))
    }

    fn key(&self) -> &'static str {
        match self.bands {
            Bands::Hertz(_) => "frequency",
            Bands::Named(_) => "pitch class",
            Bands::Numbered(_) => "coefficient",
        }
    }

    /// Features that are drawn large, evenly chosen.
    fn large(&self) -> impl Iterator<Item = &Feature> {
        let (count, large) = (self.features.len(), self.features.len().min(LARGE));
        (0..large).map(move |i| &self.features[(2 * i + 1) * count / (2 * large)])
    }

    /// The band of the largest weights, in words.
    fn place(&self, band: usize) -> String {
        match &self.bands {
            Bands::Hertz(centers) => format!("{} Hz", Fixed(centers[band], 0)),
            Bands::Named(names) => names[band].clone(),
            Bands::Numbered(numbers) => format!("coefficient {}", numbers.start + band),
        }
    }

    /// What excites a feature most, in words.
    fn response(&self, feature: &Feature, collection: &Collection) -> String {
        let Some(response) = &feature.response else { return "no response".into() };
        let recording = &collection.recordings[response.recording];
        format!(
            "{} at {:.2} s (label {}), activation {:.2}",
            brief(&recording.name),
            response.seconds,
            brief(&collection.labels[recording.label]),
            response.activation
        )
    }

    /// All tiles, with tooltips.
    fn sheet(&self, collection: &Collection) -> String {
        let [frames, bands] = [self.frames, self.bands.count()];
        let stretch = (bands / 2 / frames).clamp(1, 4);
        // As wide as one and a half times its height.
        let count = self.features.len();
        let tile = [frames * stretch + 1, bands + 1];
        let columns = (1..=count).find(|c| 2 * c * tile[0] >= 3 * count.div_ceil(*c) * tile[1]).unwrap_or(count).max(1);
        let rows = count.div_ceil(columns);
        let mut image = Image::new(columns * (frames + 1), rows * (bands + 1), LINE);
        let mut svg_tiles = Vec::new();
        for (i, feature) in self.features.iter().enumerate() {
            let [x, y] = [i % columns, i / columns];
            paint(&mut image, [x * (frames + 1), y * (bands + 1)], bands, &feature.filter, grey);
            svg_tiles.push(([x, y], feature));
        }
        // A tile is drawn `stretch` times as wide as its pixels, the lines between tiles too.
        let [width, height] = [columns * (frames + 1) * stretch, rows * (bands + 1)].map(|n| n as f64);
        let mut svg = Svg::inline("The learned features as tiles", width, height);
        let size = [number(width), number(height)];
        let data = image_url(&image);
        svg.element(
            "image",
            &[
                ("href", &data),
                ("width", &size[0]),
                ("height", &size[1]),
                ("preserveAspectRatio", "none"),
                ("class", "pixels"),
            ],
        );
        for ([x, y], feature) in svg_tiles {
            let corner = [x * (frames + 1) * stretch, y * (bands + 1)].map(|n| n.to_string());
            let [width, height] = [frames * stretch, bands].map(|n| n.to_string());
            let tip = format!(
                "feature {}, {}: {}",
                feature.number,
                self.place(feature.band),
                self.response(feature, collection)
            );
            svg.group("g", &[("class", "tile")], |svg| {
                svg.tooltip(&tip);
                svg.element("rect", &[("x", &corner[0]), ("y", &corner[1]), ("width", &width), ("height", &height)]);
            });
        }
        svg.finish()
    }

    /// A feature, large, next to the window that excites it most.
    fn pair(&self, feature: &Feature, collection: &Collection) -> String {
        const TILE: [f64; 2] = [54.0, 112.0];
        const LEFT: f64 = 44.0;
        let bands = self.bands.count();
        let drawn = |values: &[f64], color: &dyn Fn(f64) -> Rgb| {
            let mut image = Image::new(self.frames, bands, LINE);
            paint(&mut image, [0, 0], bands, values, color);
            image_url(&image)
        };
        let mut urls = vec![drawn(&feature.filter, &grey)];
        if let Some(Response { window, .. }) = &feature.response {
            let low = window.iter().copied().fold(f64::INFINITY, Real::min);
            let high = window.iter().copied().fold(f64::NEG_INFINITY, Real::max);
            let range = if high > low { high - low } else { 1.0 };
            urls.push(drawn(window, &|value| level((value - low) / range)));
        }
        let label = format!("Feature {} and the window that excites it most", feature.number);
        let mut svg = Svg::inline(&label, LEFT + 2.0 * TILE[0] + 12.0, TILE[1] + 22.0);
        for (i, url) in urls.iter().enumerate() {
            let x = number(LEFT + i as f64 * (TILE[0] + 10.0));
            let [width, height] = TILE.map(number);
            svg.element(
                "image",
                &[
                    ("href", url),
                    ("x", &x),
                    ("y", "6"),
                    ("width", &width),
                    ("height", &height),
                    ("preserveAspectRatio", "none"),
                    ("class", "pixels"),
                ],
            );
        }
        for (row, text) in self.bands.ticks(5) {
            let y = 6.0 + TILE[1] - (row + 0.5) / bands as f64 * TILE[1];
            svg.text(
                &text,
                &[("x", &number(LEFT - 4.0)), ("y", &number(y + 3.0)), ("text-anchor", "end"), ("font-size", "11")],
            );
        }
        let below = number(TILE[1] + 19.0);
        if matches!(self.bands, Bands::Hertz(_)) {
            svg.text("Hz", &[("x", &number(LEFT - 4.0)), ("y", &below), ("text-anchor", "end"), ("font-size", "11")]);
        }
        svg.text("time →", &[("x", &number(LEFT)), ("y", &below), ("font-size", "11")]);
        let text = format!(
            "<b>{}</b> (feature {}): {}",
            name(&self.place(feature.band)),
            feature.number,
            name(&self.response(feature, collection))
        );
        figure("pair", &svg.finish(), &text)
    }
}

/// Feature k, from its visualization.
fn feature(k: usize, filter: &[f64], bands: &Bands) -> Feature {
    let count = bands.count();
    let energy = |band: usize| filter.iter().skip(band).step_by(count).fold(0.0, |sum, w| sum + w * w);
    let energies: Vec<f64> = (0..count).map(energy).collect();
    let band = (0..count).fold(0, |best, band| if energies[band] > energies[best] { band } else { best });
    let largest = filter.iter().fold(0.0, |most, w| Real::max(most, w.abs()));
    let scale = if largest > 0.0 && largest.is_finite() { 1.0 / largest } else { 0.0 };
    Feature { number: k + 1, band, filter: filter.iter().map(|w| w * scale).collect(), response: None }
}

/// For each unit, the window of its largest activation, and that activation; `None` without a finite one.
fn strongest<T: Real>(
    normalizer: &Normalizer<T>,
    encoder: &DenseWeights<T>,
    windows: &crate::matrix::Matrix<T>,
) -> Vec<Option<(usize, f64)>> {
    let mut best: Vec<Option<(usize, f64)>> = vec![None; encoder.bias.len()];
    let columns: Vec<usize> = (0..windows.columns()).collect();
    for part in columns.chunks(WINDOWS) {
        let activations = encoder.outputs(Activation::Sigmoid, &normalizer.apply(windows.select_columns(part)));
        for (row, best) in activations.row_iter().zip(&mut best) {
            for (&w, activation) in part.iter().zip(row) {
                let activation = activation.to_f64();
                let is_larger = best.is_none_or(|(_, most)| activation.partial_cmp(&most) == Some(Ordering::Greater));
                if activation.is_finite() && is_larger {
                    *best = Some((w, activation));
                }
            }
        }
    }
    best
}

fn grey(weight: f64) -> Rgb {
    let steps = weight * STEPS;
    let rounded = if steps < 0.0 { (steps - 0.5) as i32 } else { (steps + 0.5) as i32 };
    signed(f64::from(rounded) / STEPS)
}

/// Paints a window: frame t, band f is element t·bands + f; time to the right, bands upward.
fn paint(image: &mut Image, [x, y]: [usize; 2], bands: usize, values: &[f64], color: impl Fn(f64) -> Rgb) {
    for (i, &value) in values.iter().enumerate() {
        image.set(x + i / bands, y + bands - 1 - i % bands, color(value));
    }
}

/// The most features that a page shows, of noise.
#[cfg(test)]
pub(super) fn noise(random: &mut crate::number::Random) -> LearnedFeatures {
    let bands = Bands::Hertz((0..50).map(f64::from).collect());
    let mut values = || (0..200).map(|_| random.uniform(-1.0, 1.0)).collect::<Vec<f64>>();
    let features = (0..MOST_TILES).map(|number| Feature {
        number,
        band: 3,
        filter: values(),
        response: Some(Response { activation: 1.0, recording: number % 60, seconds: 1.0, window: values() }),
    });
    let features = features.collect();
    LearnedFeatures { bands, frames: 4, learned: MOST_TILES, features }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::normalize::Squash;
    use crate::matrix::Matrix;
    use crate::picture::svg::check;
    use crate::tutorial::fixture;

    #[test]
    fn features_are_sorted_by_band_with_the_window_that_excites_each() {
        // Two frames of three bands; windows of recordings 0 (two windows) and 1.
        let bands = Bands::Hertz(Vec::from([100.0, 200.0, 400.0]));
        let weights = [[0.0, 0.0, 1.0, 0.0, 0.0, 3.0], [0.0, -2.0, 0.0, 0.0, 1.0, 0.0], [4.0, 0.0, 0.0, 0.0, 0.0, 0.0]];
        let encoder = DenseWeights { weights: Matrix::from_rows(3, 6, weights.concat()), bias: [0.0; 3].to_vec() };
        let columns = [[1.0, 5.0, 1.0, 1.0, 1.0, 2.0], [2.0, 3.0, 1.0, 1.0, 1.0, 9.0], [7.0, 4.0, 1.0, 1.0, 8.0, 1.0]];
        let matrix = Matrix::from_function(6, 3, |i, j| columns[j][i]);
        let windows = ContextWindows { matrix, ranges: [0..2, 2..3].into() };
        let context = ContextFraming { width: 2, step: 1 };
        let searched = SearchedWindows { windows: &windows, context, step: 0.01 };
        let normalizer = Normalizer::Squash(Squash::measure(&windows.matrix));
        let found = LearnedFeatures::measure(&normalizer, &encoder, &bands, searched);
        let numbers: Vec<(usize, usize)> = found.features.iter().map(|f| (f.number, f.band)).collect();
        assert_eq!(numbers, [(3, 0), (2, 1), (1, 2)]);
        assert_eq!(found.features[1].filter, [0.0, -1.0, 0.0, 0.0, 0.5, 0.0]);
        let responses: Vec<(usize, f64)> =
            found.features.iter().map(|f| f.response.as_ref().map(|r| (r.recording, r.seconds)).unwrap()).collect();
        assert_eq!(responses, [(1, 0.0), (1, 0.0), (0, 0.01)]);
        assert_eq!(found.features[2].response.as_ref().unwrap().window, columns[1]);

        let settings = fixture::settings();
        let mut collection = fixture::collection(&settings);
        collection.recordings[1].name = "</title><script>".into();
        let html = found.section(&collection);
        assert!(!html.contains("<script") && html.contains("feature 1, 400 Hz: 0 at 0.01 s (label low)"), "{html}");
        for svg in html.split("<svg ").skip(1) {
            assert_eq!(check(&format!("<svg {}</svg>", svg.split("</svg>").next().unwrap())), Ok(()));
        }
    }

    #[test]
    fn of_many_features_there_is_a_choice_and_dead_ones_are_gray() {
        let bands = Bands::Named((0..50).map(|k| format!("b{k}")).collect());
        let (units, size) = (3000, 100);
        let weights = Matrix::from_function(units, size, |i, j| if i == j { 1.0 } else { 0.0 });
        let encoder = DenseWeights { weights, bias: vec![f64::NAN; units] };
        let windows = ContextWindows { matrix: Matrix::zeros(size, 1), ranges: std::iter::once(0..1).collect() };
        let searched = SearchedWindows { windows: &windows, context: ContextFraming { width: 2, step: 1 }, step: 0.01 };
        let normalizer = Normalizer::Squash(Squash { deviation: 1.0 });
        let found = LearnedFeatures::measure(&normalizer, &encoder, &bands, searched);
        assert_eq!((found.features.len(), found.learned), (400, 3000));
        assert!(found.features.iter().all(|feature| feature.response.is_none()));
        let html = found.section(&fixture::collection(&fixture::settings()));
        assert!(html.contains("400 of the 3000 features, sorted by pitch class") && html.len() < 200_000);
        assert_eq!([-1.0, 0.0, 1.0].map(grey), [[0; 3], [128; 3], [255; 3]]);
    }
}
