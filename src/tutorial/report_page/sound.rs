//! A recording on the page: its waveform, its spectrogram, and a player.
//!
//! A page must open in a browser and fit into a message, whatever the recordings are. So a picture has a bounded number
//! of pixels and colors: a pixel is the largest value of the frames and bands that it covers. The players share
//! [`MOST_SAMPLES`]; a recording that is too long for its part is played at a lower rate, and if that does not suffice,
//! only its start is played. The caption says so.

use super::html::{brief, image_url, name};
use crate::audio::resample::Resampler;
use crate::audio::wav::write_pcm16;
use crate::bytes::base64::base64;
use crate::dataset::recordings::Recording;
use crate::number::Real;
use crate::number::decimal::Short;
use crate::picture::axis::{Axis, Scale};
use crate::picture::color::level;
use crate::picture::image::{Image, WHITE};
use crate::picture::panels::Panel;
use crate::picture::svg::{Svg, number};
use crate::tutorial::panels::panel;
use crate::tutorial::settings::Transform;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// The most samples of all players together, two bytes each.
pub const MOST_SAMPLES: usize = 600_000;

/// The most pixels of a spectrogram, in time and in bands, and its colors.
const MOST_PIXELS: [usize; 2] = [200, 64];
/// Those of a small one.
const THUMBNAIL: [usize; 2] = [100, 32];
const COLORS: f64 = 47.0;
/// The columns of a waveform.
const WAVE_COLUMNS: usize = 240;

/// The area of a spectrogram, and the height of a waveform above it.
const AREA: [f64; 2] = [250.0, 110.0];
const WAVE: f64 = 44.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 56.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 32.0;

/// How the recordings of a page are drawn and played.
#[derive(Clone, Copy, Debug)]
pub struct SoundSettings {
    /// The transform of spectrograms.
    pub transform: Transform,
    /// The sampling rate of the recordings, in Hz.
    pub rate: u32,
    /// The most samples of a player.
    pub most_samples: usize,
}

/// The drawing of a recording: its spectrogram, below its waveform if that is wanted.
pub fn drawing(recording: &Recording, settings: SoundSettings, with_waveform: bool) -> String {
    let what = if with_waveform { "Waveform and spectrogram" } else { "Spectrogram" };
    let none = |cause: String| format!("<p>No spectrogram: {}.</p>\n", name(&cause));
    let samples = match recording.samples.read() {
        Ok(samples) => samples,
        Err(error) => return none(error.to_string()),
    };
    let drawn = match panel(settings.transform, String::new(), settings.rate, &samples) {
        Ok((panel, _)) => panel,
        Err(error) => return none(error.to_string()),
    };
    let [width, height] = AREA;
    let shift = if with_waveform { WAVE + 8.0 } else { 0.0 };
    let label = format!("{what} of {}", brief(&recording.name));
    let mut svg = Svg::inline(&label, LEFT + width + RIGHT, TOP + shift + height + BOTTOM);
    if with_waveform {
        svg.group("g", &[("transform", &place(LEFT, TOP))], |svg| waveform(svg, &samples));
    }
    svg.group("g", &[("transform", &place(LEFT, TOP + shift))], |svg| spectrogram(svg, &drawn));
    svg.finish()
}

fn place(x: f64, y: f64) -> String {
    format!("translate({} {})", number(x), number(y))
}

/// The waveform: for each column, the range of its samples. The scale is that of the loudest sample.
fn waveform(svg: &mut Svg, samples: &[f64]) {
    let columns = samples.len().clamp(1, WAVE_COLUMNS);
    let loudest = samples.iter().fold(0.0, |most, x| Real::max(most, x.abs()));
    let scale = if loudest > 0.0 { WAVE / 2.0 / loudest } else { 0.0 };
    let mut outline: Vec<[f64; 2]> = Vec::new();
    for sign in [1.0, -1.0] {
        let mut side: Vec<[f64; 2]> = (0..columns)
            .map(|c| {
                let of_column = &samples[c * samples.len() / columns..(c + 1) * samples.len() / columns];
                let extreme = of_column.iter().fold(f64::NEG_INFINITY, |most, x| Real::max(most, sign * x));
                let x = (c as f64 + 0.5) / columns as f64 * AREA[0];
                [x, WAVE / 2.0 - sign * scale * extreme]
            })
            .collect();
        if sign < 0.0 {
            side.reverse();
        }
        outline.extend(side);
    }
    let points: Vec<String> = outline.iter().map(|[x, y]| format!("{x:.1},{y:.1}")).collect();
    svg.element("polygon", &[("class", "wave"), ("points", &points.join(" "))]);
    let ends = [(0.0, format!("{loudest:.2}")), (WAVE, format!("-{loudest:.2}").replace('-', "−"))];
    for (y, text) in &ends {
        svg.text(text, &[("x", "-6"), ("y", &number(y + 4.0)), ("text-anchor", "end")]);
    }
    upward(svg, "amplitude", WAVE / 2.0);
}

/// The title of a vertical axis, whose middle is at `y`.
fn upward(svg: &mut Svg, title: &str, y: f64) {
    let turned = format!("translate({} {}) rotate(-90)", number(10.0 - LEFT), number(y));
    svg.text(title, &[("transform", &turned), ("text-anchor", "middle"), ("font-size", "11")]);
}

fn spectrogram(svg: &mut Svg, panel: &Panel) {
    let [width, height] = AREA;
    let [right, low] = [width, height].map(number);
    let [lowest, highest] = panel.range;
    let fraction = |value: f64| (value - lowest) / (highest - lowest);
    let bands = panel.bands.count();
    let stretched = [("preserveAspectRatio", "none"), ("class", "pixels")];
    // Frame t is centered on t·step, so the first half frame lies before 0 and is cut off.
    let frames = (panel.values.len() / bands).max(1);
    let data = image_url(&pixels(&panel.values, bands, MOST_PIXELS, fraction));
    let size = [("width", &*right), ("height", &*low)];
    let image = [&[("href", &*data)], &size[..], &stretched].concat();
    svg.element("image", &image);
    let seconds = Axis::new(0.0, panel.seconds.min(frames as f64 * panel.step), Scale::Linear);
    for tick in seconds.ticks(5) {
        let x = number(seconds.fraction(tick.value) * width);
        svg.element("line", &[("class", "tick"), ("x1", &x), ("x2", &x), ("y1", &low), ("y2", &number(height + 4.0))]);
        svg.text(&tick.text, &[("x", &x), ("y", &number(height + 15.0)), ("text-anchor", "middle")]);
    }
    svg.text("time (s)", &[("x", &right), ("y", &number(height + 28.0)), ("text-anchor", "end")]);
    for (row, text) in panel.bands.ticks(6) {
        let y = height - (row + 0.5) / bands as f64 * height;
        let line = number(y);
        svg.element("line", &[("class", "tick"), ("x1", "-4"), ("y1", &line), ("y2", &line)]);
        svg.text(&text, &[("x", "-6"), ("y", &number(y + 4.0)), ("text-anchor", "end")]);
    }
    upward(svg, panel.bands.title(), height / 2.0);
    svg.element("rect", &[("class", "frame"), size[0], size[1]]);
    let levels: Vec<f64> = (0..32).map(|y| f64::from(y) / 31.0).collect();
    let bar = image_url(&pixels(&levels, 32, MOST_PIXELS, |value| value));
    let x = number(width + 8.0);
    let image = [&[("href", &*bar), ("x", &*x), ("width", "8"), size[1]][..], &stretched].concat();
    svg.element("image", &image);
    for (value, y) in [(highest, 8.0), (lowest, height)] {
        let text = format!("{}{}{}", Short(value), if panel.unit.is_empty() { "" } else { " " }, panel.unit);
        svg.text(&text.replace('-', "−"), &[("x", &number(width + 19.0)), ("y", &number(y)), ("font-size", "11")]);
    }
}

/// A small spectrogram without axes; nothing if the recording has none.
pub fn thumbnail(recording: &Recording, settings: SoundSettings) -> String {
    let Ok(samples) = recording.samples.read() else { return String::new() };
    let Ok((panel, _)) = panel(settings.transform, String::new(), settings.rate, &samples) else {
        return String::new();
    };
    let [lowest, highest] = panel.range;
    let fraction = |value: f64| (value - lowest) / (highest - lowest);
    let image = pixels(&panel.values, panel.bands.count(), THUMBNAIL, fraction);
    let label = format!("Spectrogram of {}", brief(&recording.name));
    format!("<img class=\"pixels\" alt=\"{}\" src=\"{}\"/>\n", name(&label), image_url(&image))
}

/// Frames of `bands` values as at most so many pixels, each the largest of the values that it covers.
fn pixels(values: &[f64], bands: usize, most: [usize; 2], fraction: impl Fn(f64) -> f64) -> Image {
    let frames = values.len() / bands;
    let [columns, rows] = [frames.clamp(1, most[0]), bands.clamp(1, most[1])];
    let mut image = Image::new(columns, rows, WHITE);
    for x in 0..columns {
        for y in 0..rows {
            let of_rows = (y * bands / rows)..((y + 1) * bands / rows);
            let of_columns = (x * frames / columns)..((x + 1) * frames / columns);
            let covered = of_columns.flat_map(|t| values[t * bands..][of_rows.clone()].iter());
            let value = fraction(covered.fold(f64::NEG_INFINITY, |most, v| Real::max(most, *v))).clamp(0.0, 1.0);
            let color = f64::from((value * COLORS + 0.5) as u32) / COLORS;
            image.set(x, rows - 1 - y, level(color));
        }
    }
    image
}

/// The player of a recording, with a remark if it does not play all of it.
pub fn player(recording: &Recording, settings: SoundSettings) -> String {
    let samples = match recording.samples.read() {
        Ok(samples) => samples,
        Err(error) => return format!("<span class=\"meta\">{}</span>", name(&error.to_string())),
    };
    let whole = samples.len() as f64 / f64::from(settings.rate);
    let (rate, samples) = played(&samples, settings);
    let seconds = samples.len() as f64 / f64::from(rate);
    let mut remarks: Vec<String> = Vec::new();
    if seconds < 0.99 * whole {
        remarks.push(format!("the first {seconds:.1} of {whole:.1} s"));
    }
    if rate != settings.rate {
        remarks.push(format!("at {rate} Hz instead of {} Hz", settings.rate));
    }
    let remark =
        if remarks.is_empty() { String::new() } else { format!("<span class=\"meta\">{}</span>", remarks.join(", ")) };
    format!(
        "<audio controls preload=\"none\" aria-label=\"{}\" src=\"data:audio/wav;base64,{}\"></audio>{remark}\n",
        name(&recording.name),
        base64(&write_pcm16(rate, 1, &samples))
    )
}

/// The samples to play, and their rate: the highest rate at which the whole recording has few enough samples, or the
/// lowest one and the start of the recording.
fn played(samples: &[f64], settings: SoundSettings) -> (u32, Vec<f64>) {
    let SoundSettings { rate, most_samples, .. } = settings;
    if samples.len() <= most_samples {
        return (rate, samples.to_vec());
    }
    let lower: Vec<u32> = [22_050, 16_000, 11_025, 8000].into_iter().filter(|&lower| lower < rate).collect();
    let length = |to: u32| samples.len() as u64 * u64::from(to) / u64::from(rate);
    let to = lower.iter().copied().find(|&to| length(to) <= most_samples as u64).or(lower.last().copied());
    let mut found = match to.map(|to| (to, Resampler::new(rate, to))) {
        Some((to, Ok(resampler))) => {
            // No more is resampled than is played.
            let needed = most_samples as u64 * u64::from(rate) / u64::from(to) + u64::from(rate / to) + 1;
            let start = usize::try_from(needed).map_or(samples, |needed| &samples[..needed.min(samples.len())]);
            (to, resampler.resample(start))
        }
        _ => (rate, samples[..most_samples].to_vec()),
    };
    found.1.truncate(most_samples);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::recordings::Samples;
    use crate::number::Random;
    use crate::picture::svg::check;
    use std::vec;

    fn recording(samples: usize) -> Recording {
        let mut random = Random::new(1);
        let samples = (0..samples).map(|_| random.uniform(-0.5, 0.5)).collect();
        Recording {
            name: "<script>\"\n".into(),
            label: 0,
            group: String::new(),
            index: None,
            samples: Samples::Held(samples),
        }
    }

    fn settings(rate: u32, most_samples: usize) -> SoundSettings {
        SoundSettings { transform: Transform::Mel, rate, most_samples }
    }

    #[test]
    fn drawings_are_well_formed_and_small() {
        for (rate, length) in [(8000, 4000), (8000, 1), (44_100, 441_000)] {
            for transform in [Transform::Mel, Transform::Fft, Transform::Cepstrum, Transform::Chroma] {
                let settings = SoundSettings { transform, ..settings(rate, 10) };
                for with_waveform in [false, true] {
                    let svg = drawing(&recording(length), settings, with_waveform);
                    assert_eq!(check(&svg), Ok(()), "{svg}");
                    assert!(svg.len() < 50_000, "{transform:?} {rate} {length}: {}", svg.len());
                    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
                }
            }
        }
        let low = SoundSettings { transform: Transform::ConstantQ, ..settings(8000, 10) };
        assert!(drawing(&recording(2), low, true).starts_with("<p>No spectrogram: "));
    }

    #[test]
    fn a_pixel_is_the_largest_value_that_it_covers() {
        let mut values = vec![0.0; 400 * 128];
        values[3 * 128 + 5] = 1.0;
        let image = pixels(&values, 128, MOST_PIXELS, |value| value);
        assert_eq!((image.width(), image.height()), (200, 64));
        let found: Vec<(usize, usize)> =
            (0..200 * 64).map(|i| (i % 200, i / 200)).filter(|&(x, y)| image.get(x, y) == Some(level(1.0))).collect();
        assert_eq!(found, [(1, 61)]);
    }

    #[test]
    fn long_recordings_are_played_at_a_lower_rate_and_then_cut() {
        let lengths = |rate, samples, most| {
            let (rate, samples) = played(&recording(samples).samples.read().unwrap(), settings(rate, most));
            (rate, samples.len())
        };
        assert_eq!(lengths(8000, 4000, 4000), (8000, 4000));
        assert_eq!(lengths(8000, 4001, 4000), (8000, 4000));
        assert_eq!(lengths(44_100, 44_100, 30_000), (22_050, 22_050));
        assert_eq!(lengths(44_100, 441_000, 10_000), (8000, 10_000));
        let html = player(&recording(44_100), settings(44_100, 4000));
        assert!(
            html.contains("the first 0.5 of 1.0 s, at 8000 Hz instead of 44100 Hz"),
            "{}",
            &html[html.len() - 200..]
        );
        assert!(html.starts_with(
            "<audio controls preload=\"none\" aria-label=\"&lt;script&gt;&quot;\\n\" src=\"data:audio/wav;base64,UklGR"
        ));
    }
}
