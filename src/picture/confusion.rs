//! The confusion matrix as a picture: for each true class, how often each class was predicted.
//!
//! Row i is a true class, column j a predicted one, and the cell has the number n_ij of examples of class i that were
//! classified as j. The diagonal counts the correct ones:
//!
//! ```text
//! (CM.1)  accuracy = Σ_i n_ii / Σ_ij n_ij
//! (CM.2)  color of a cell: its fraction of the row, n_ij / Σ_j n_ij
//! ```
//!
//! Colors are relative to the row, so that a rare class can be read like a frequent one. Every count above zero has at
//! least a tint, so that few errors among many examples are visible. Counts are printed if all of them fit. With more
//! classes the cells become smaller, down to a size at which a label still fits next to each row.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::color::{fraction, text_color_on};
use super::font::{cut, text_height, text_width};
use super::image::{BLACK, Image, Rgb, WHITE};
use super::tiles::no_data;

/// The side of the table in pixels, within the limits of a cell.
const TABLE: usize = 880;
const LARGEST_CELL: usize = 72;
const SMALLEST_CELL: usize = 9;
/// The longest label, in pixels; longer ones are cut.
const LONGEST_LABEL: usize = 220;

const MARGIN: usize = 16;
const SCALE: usize = 2;
const LINE: usize = text_height(SCALE);
const GAP: usize = 8;

const GRID: Rgb = [200, 204, 210];
/// The color of a row without examples, where (CM.2) is 0/0.
const EMPTY_ROW: Rgb = [236, 236, 236];
/// Zeros are printed paler than other counts, which stand out this way.
const ZERO_TEXT: Rgb = [176, 182, 190];

/// The matrix of `counts` (row by row: truth · classes + prediction), with the labels on both axes, axis titles, and
/// the accuracy as the title. Without classes the picture says "no data".
///
/// # Panics
/// If `counts` does not have classes² elements.
#[must_use]
pub fn confusion<L: AsRef<str>>(labels: &[L], counts: &[usize]) -> Image {
    let classes = labels.len();
    assert_eq!(counts.len(), classes * classes, "a count for each pair of {classes} classes");
    if classes == 0 {
        return no_data();
    }
    let cell = (TABLE / classes).clamp(SMALLEST_CELL, LARGEST_CELL);
    let side = classes * cell;
    let label_scale = if cell > LINE + 2 { 2 } else { 1 };
    let labels: Vec<String> = labels.iter().map(|label| cut(label.as_ref(), LONGEST_LABEL, label_scale)).collect();
    let longest_label = longest(&labels, label_scale);
    // The labels below the table are horizontal if all of them fit, else vertical.
    let labels_lie = longest_label + GAP <= cell;
    let labels_height = if labels_lie { text_height(label_scale) } else { longest_label };

    let title = title(counts, classes);
    let left = MARGIN + LINE + 2 * GAP + longest_label + GAP;
    let top = MARGIN + LINE + 2 * GAP;
    let bottom = top + side;
    let width = (left + side).max(MARGIN + text_width(&title, SCALE)) + MARGIN;
    let height = bottom + GAP + labels_height + 2 * GAP + LINE + MARGIN;
    let mut image = Image::new(width, height, WHITE);

    image.text(MARGIN, MARGIN, SCALE, BLACK, &title);
    let middle = |length: usize| (side / 2).saturating_sub(length / 2);
    let along = top + middle(text_width("truth", SCALE));
    image.text_upward(MARGIN, along, SCALE, BLACK, "truth");
    let along = left + middle(text_width("predicted", SCALE));
    image.text(along, height - MARGIN - LINE, SCALE, BLACK, "predicted");

    for (class, label) in labels.iter().enumerate() {
        let length = text_width(label, label_scale);
        let across = (cell - text_height(label_scale)) / 2;
        let (x, y) = (left - GAP - length, top + class * cell + across);
        image.text(x, y, label_scale, BLACK, label);
        if labels_lie {
            let x = left + class * cell + (cell - length) / 2;
            image.text(x, bottom + GAP, label_scale, BLACK, label);
        } else {
            let x = left + class * cell + across;
            image.text_upward(x, bottom + GAP, label_scale, BLACK, label);
        }
    }

    image.fill_rect(left - 1, top - 1, side + 1, side + 1, GRID);
    let count_scale = count_scale(counts, cell);
    for (truth, row) in counts.chunks_exact(classes).enumerate() {
        let examples = total(row);
        for (prediction, &count) in row.iter().enumerate() {
            let (x, y) = (left + prediction * cell, top + truth * cell);
            let ground = shade(count, examples);
            image.fill_rect(x, y, cell - 1, cell - 1, ground);
            if let Some(scale) = count_scale {
                let text = count.to_string();
                let x = x + (cell - text_width(&text, scale)) / 2;
                let y = y + (cell - text_height(scale)) / 2;
                let color = if count == 0 { ZERO_TEXT } else { text_color_on(ground) };
                image.text(x, y, scale, color, &text);
            }
        }
    }
    image
}

/// The color of `count` among the `examples` of its row: white for zero, at least a tint for any other count, and dark
/// for all examples.
fn shade(count: usize, examples: u128) -> Rgb {
    const FAINTEST: f64 = 0.05;
    match (count, examples) {
        (_, 0) => EMPTY_ROW,
        (0, _) => WHITE,
        _ => fraction(FAINTEST + (1.0 - FAINTEST) * (count as f64 / examples as f64)), // (CM.2)
    }
}

/// The sum of counts, in a type that no table can overflow.
fn total(counts: &[usize]) -> u128 {
    counts.iter().map(|&count| count as u128).sum::<u128>()
}

fn title(counts: &[usize], classes: usize) -> String {
    let examples = total(counts);
    if examples == 0 {
        return "no examples".into();
    }
    let correct: u128 = counts.iter().step_by(classes + 1).map(|&count| count as u128).sum::<u128>();
    let percent = 100.0 * correct as f64 / examples as f64; // (CM.1)
    format!("accuracy {percent:.1}% ({correct} of {examples})")
}

fn longest(texts: &[String], scale: usize) -> usize {
    texts.iter().map(|text| text_width(text, scale)).max().unwrap_or(0)
}

/// The largest text size, up to 3, at which the largest count fits in a cell; `None` if no size does.
fn count_scale(counts: &[usize], cell: usize) -> Option<usize> {
    let largest = counts.iter().max()?.to_string();
    let room = cell.saturating_sub(4);
    let fits = |scale: &usize| text_width(&largest, *scale) <= room && text_height(*scale) <= room;
    (1..=3).rev().find(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn holds(image: &Image, color: Rgb) -> bool {
        image.rgb().chunks(3).any(|point| *point == color)
    }

    fn names(classes: usize, name: &str) -> Vec<String> {
        (0..classes).map(|class| format!("{name}{class}")).collect()
    }

    #[test]
    fn rows_are_truths_and_columns_predictions() {
        // Both examples of the first class were classified as the second.
        let image = confusion(&["a", "b"], &[0, 2, 0, 4]);
        let cell = LARGEST_CELL;
        let left = MARGIN + LINE + 2 * GAP + text_width("a", 2) + GAP;
        let top = MARGIN + LINE + 2 * GAP;
        let corner = |row, column| image.get(left + column * cell, top + row * cell);
        assert_eq!(corner(0, 0), Some(fraction(0.0)));
        assert_eq!(corner(0, 1), Some(fraction(1.0)));
        assert_eq!(corner(1, 0), Some(fraction(0.0)));
        assert_eq!(corner(1, 1), Some(fraction(1.0)));
    }

    #[test]
    fn the_title_says_the_accuracy() {
        assert_eq!(title(&[3, 1, 0, 4], 2), "accuracy 87.5% (7 of 8)");
        assert_eq!(title(&[0; 9], 3), "no examples");
        let largest = title(&[usize::MAX; 4], 2);
        assert!(largest.starts_with("accuracy 50.0%"), "{largest}");
    }

    #[test]
    fn a_color_is_a_share_of_its_row_alone() {
        assert_eq!(shade(1, 4), shade(250, 1000));
        assert_eq!(shade(7, 7), fraction(1.0));
        let image = confusion(&["a", "b"], &[1, 3, 250, 750]);
        assert!(holds(&image, shade(1, 4)) && holds(&image, shade(3, 4)));
        assert!(!holds(&image, EMPTY_ROW));
        assert!(holds(&confusion(&["a", "b"], &[1, 3, 0, 0]), EMPTY_ROW));
    }

    #[test]
    fn one_error_among_a_million_is_not_white() {
        assert_eq!(shade(0, 1_000_000), WHITE);
        assert!(shade(1, 1_000_000)[0] < 245);
    }

    #[test]
    fn counts_are_written_while_they_have_room() {
        assert_eq!(count_scale(&[7], 72), Some(3));
        assert_eq!(count_scale(&[1000], 72), Some(2));
        assert_eq!(count_scale(&[99], 15), Some(1));
        assert_eq!(count_scale(&[100], 15), None);
        assert_eq!(count_scale(&[usize::MAX], 40), None);
        assert!(holds(&confusion(&["a", "b"], &[9, 0, 0, 9]), ZERO_TEXT));
        assert!(!holds(&confusion(&names(60, "c"), &[1234; 3600]), ZERO_TEXT));
    }

    #[test]
    fn ten_classes_are_large_and_many_stay_manageable() {
        let ten = confusion(&names(10, "class "), &[1; 100]);
        assert!(ten.width() > 10 * 44 && ten.height() > 10 * 44);
        for (classes, name) in [(1, ""), (3, "x"), (35, "a rather long name of a class ")] {
            let counts = vec![1; classes * classes];
            let image = confusion(&names(classes, name), &counts);
            assert!(image.width() < 1300 && image.height() < 1300);
        }
        let crowd = confusion(&names(200, "a rather long name of a class "), &[1; 40_000]);
        assert!(crowd.width() < 200 * SMALLEST_CELL + 300);
    }

    #[test]
    fn no_class_gives_a_picture_that_says_so() {
        assert_eq!(confusion::<String>(&[], &[]), no_data());
    }

    #[test]
    #[should_panic(expected = "a count for each pair of 2 classes")]
    fn a_missing_count_panics() {
        let _ = confusion(&["a", "b"], &[1, 2, 3]);
    }
}
