//! Images, letters, sheets of tiles, tables, axes.

use super::{Draw, Test, outcome, product};
use ossicle::picture::axis::{Axis, Scale};
use ossicle::picture::bands::Bands;
use ossicle::picture::confusion::confusion;
use ossicle::picture::contour::Grid;
use ossicle::picture::font::{cut, text_height, text_width};
use ossicle::picture::heat::HeatSheet;
use ossicle::picture::image::{BLACK, Image, WHITE};
use ossicle::picture::panels::{Panel, Sheet};
use ossicle::picture::png::png;
use ossicle::picture::tile_sheet::{TileAxes, TileSheet};
use ossicle::picture::tiles::{SheetOptions, TileShape, tiles, upright};

pub const TESTS: &[(&str, Test)] = &[
    ("images", images),
    ("letters", letters),
    ("tiles", all_tiles),
    ("confusion", tables),
    ("grids", grids),
    ("ticks", ticks),
    ("panels", panels),
];

fn images(draw: &mut Draw) {
    let (width, height) = (draw.size(), draw.size());
    let count = draw.small();
    let from = outcome((width, height, count), || Image::from_rgb(width, height, vec![7; count])).unwrap();
    assert_eq!(from.is_ok(), width > 0 && height > 0 && product(&[3, width, height]) == count as u128);
    let Some(mut image) = outcome((width, height), || Image::new(width, height, WHITE)) else {
        assert!(width == 0 || height == 0 || product(&[width, height]) > 1 << 20);
        return;
    };
    assert_eq!(image.rgb().len() as u128, product(&[3, width, height]));
    if image.rgb().len() > 10_000 {
        return;
    }
    let [x, y, wide, high] = [(); 4].map(|()| draw.size());
    outcome((x, y, wide, high), || image.fill_rect(x, y, wide, high, BLACK)).unwrap();
    let inside = |at: usize, from: usize, length: usize| from <= at && ((at - from) as u128) < length as u128;
    for (i, row) in image.rows().enumerate() {
        for (j, point) in row.chunks(3).enumerate() {
            assert_eq!(point == BLACK, inside(i, y, high) && inside(j, x, wide));
        }
    }
    assert_eq!(outcome((x, y), || image.get(x, y)).unwrap().is_some(), x < width && y < height);
    outcome((x, y), || image.set(x, y, WHITE)).unwrap();
    let other = image.clone();
    outcome((x, y), || image.paste(x, y, &other)).unwrap();
    assert!(outcome((width, height), || png(&image)).unwrap().len() > 50);
}

fn letters(draw: &mut Draw) {
    let text = "agéy".repeat(draw.small());
    let [x, y, scale, width] = [(); 4].map(|()| draw.size());
    let length = outcome((&text, scale), || text_width(&text, scale)).unwrap() as u128;
    let expected = product(&[(6 * text.chars().count()).saturating_sub(1), scale]);
    assert_eq!(length, expected.min(usize::MAX as u128));
    outcome(scale, || text_height(scale)).unwrap();
    let short = outcome((&text, width, scale), || cut(&text, width, scale)).unwrap();
    assert!(text_width(&short, scale) <= width);
    let mut image = Image::new(20, 20, WHITE);
    outcome((x, y, scale, &text), || image.text(x, y, scale, BLACK, &text)).unwrap();
    outcome((x, y, scale, &text), || image.text_upward(x, y, scale, BLACK, &text)).unwrap();
    if x >= 20 || y >= 20 || scale == 0 {
        assert_eq!(image, Image::new(20, 20, WHITE));
    }
}

fn all_tiles(draw: &mut Draw) {
    let shape = TileShape { bands: draw.mostly_small(), frames: draw.mostly_small() };
    let count = if draw.coin() { 3 * shape.bands.wrapping_mul(shape.frames).min(100) } else { draw.small() };
    let values = draw.numbers(count);
    let mut option = || draw.coin().then(|| draw.mostly_small());
    let options = SheetOptions { columns: option(), cell: option(), stretch: option() };
    let size = product(&[shape.bands, shape.frames]);
    let is_whole = size > 0 && (count as u128).is_multiple_of(size);
    let image = outcome((count, shape, options), || tiles(&values, shape, options));
    let is_small = [options.cell, options.stretch].iter().flatten().all(|&n| n < 10);
    assert!(image.is_some() == is_whole || is_whole && !is_small, "{count} of {shape:?}, {options:?}");
    let turned = outcome((count, shape), || upright(&values, shape));
    assert_eq!(turned.map(|values| values.len()), is_whole.then_some(count));
    if shape.bands > 100 {
        return;
    }
    let tile = if is_whole { (count as u128 / size) as usize } else { draw.small() };
    let (labels, bands) = (vec!["é"; tile], Bands::Numbered(1..shape.bands + 1));
    let sheet = HeatSheet {
        title: "title",
        caption: "é",
        labels: &labels,
        bands: &bands,
        step: 0.01,
        range: None,
        unit: "dB",
        shape,
        options,
    };
    let image = outcome((count, shape, options), || sheet.image(&values));
    assert!(image.is_some() == is_whole || is_whole && !is_small, "{count} of {shape:?}, {options:?}");
    let axes = TileAxes::Spectrum { bands: &bands, step: 0.01 };
    let sheet = TileSheet { title: "title", caption: "é", axes, rows: &[], columns: &[], shape, options };
    let image = outcome((count, shape, options), || sheet.image(&values));
    assert!(image.is_some() == is_whole || is_whole && !is_small, "{count} of {shape:?}, {options:?}");
}

fn tables(draw: &mut Draw) {
    let (labels, count) = (vec!["a"; draw.small()], draw.small());
    let count = if draw.coin() { labels.len() * labels.len() } else { count };
    let counts: Vec<usize> = (0..count).map(|_| draw.below(1 << 20)).collect();
    assert_eq!(
        outcome((&labels, &counts), || confusion(&labels, &counts)).is_some(),
        labels.len() * labels.len() == count
    );
}

fn grids(draw: &mut Draw) {
    let (columns, rows) = (draw.size(), draw.size());
    let Some(grid) = outcome((columns, rows), || Grid::from_function(columns, rows, |i, j| (i + j) as f64)) else {
        assert!(columns < 2 || rows < 2 || product(&[columns, rows]) > 1 << 20);
        return;
    };
    assert_eq!(grid.values().len() as u128, product(&[columns, rows]));
    if grid.values().len() < 1000 {
        assert_eq!(outcome((columns, rows), || grid.contours(0.5)).unwrap().len(), 1);
    }
}

fn ticks(draw: &mut Draw) {
    let most = draw.size();
    let (low, high) = ([0.1, 1.0, 1e-9][draw.below(3)], [2.0, 1e9][draw.below(2)]);
    let axis = Axis::new(low, high, if draw.coin() { Scale::Linear } else { Scale::Logarithmic });
    let found = outcome((axis, most), || axis.ticks(most)).unwrap();
    assert!(found.len() <= 2000 && found.iter().all(|tick| tick.value <= high * 1.01));
    let (start, end) = (draw.size(), draw.size());
    let few = draw.small();
    let bands = Bands::Numbered(start..end);
    let found = outcome((start, end, few), || bands.ticks(few)).unwrap();
    let is_inside = found.first().is_none_or(|(place, _)| *place <= bands.count() as f64);
    assert!(found.len() <= few.max(1) + 1 && is_inside, "{start}, {end}, {few}: {found:?}");
}

fn panels(draw: &mut Draw) {
    if draw.below(20) > 0 {
        return; // a sheet takes some milliseconds
    }
    let bands = draw.small();
    let panel = |values: Vec<f64>| Panel {
        title: "é".into(),
        bands: Bands::Numbered(0..bands),
        values,
        step: 0.01,
        seconds: 1.0,
        range: [0.0, 1.0],
        unit: "dB",
    };
    let panels: Vec<Panel> = (0..draw.below(3)).map(|_| panel(vec![0.5; bands * draw.small()])).collect();
    let sheet = Sheet { panels, columns: draw.size() };
    let is_odd = bands == 0 || sheet.panels.is_empty() || !(1..100).contains(&sheet.columns);
    let found = outcome((bands, sheet.columns, sheet.panels.len()), || sheet.image());
    assert!(found.is_some() || is_odd);
    let found = outcome((bands, sheet.columns, sheet.panels.len()), || sheet.svg());
    assert!(found.is_some() || is_odd);
}
