//! A bitmap font of 5 by 7 dots, and horizontal and vertical text.
//!
//! The table below is the font itself: the printable characters of ASCII in their order, eight in a row, `#` for a dot.
//! Letters with a descender (g, p, q, y) are stored two dots too high, so that seven rows are enough, and are lowered
//! when they are drawn. The last glyph is the ellipsis `…`, which marks a shortened text. Any other character is drawn
//! as a hollow box.
//!
//! A character is 6 dots wide; the sixth is the space before the next one. A dot is a square of `scale` by `scale`
//! pixels: 1 is small print, 2 is comfortable on a screen.

use super::image::{Image, Rgb};
use crate::bytes::escape::shown;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const GLYPH_WIDTH: usize = 5;
const GLYPH_HEIGHT: usize = 7;
/// The dots by which a letter with a descender is lowered.
const DESCENDER: usize = 2;
/// Dots from the start of a character to the start of the next.
const ADVANCE: usize = GLYPH_WIDTH + 1;

const ELLIPSIS: char = '…';
const GLYPHS_IN_A_ROW: usize = 8;

#[rustfmt::skip]
const SHEET: [&str; 12 * GLYPH_HEIGHT] = [
    // space ! " # $ % & '
    "..... ..#.. .#.#. .#.#. ..#.. ##... .##.. ..#..",
    "..... ..#.. .#.#. .#.#. .#### ##..# #..#. ..#..",
    "..... ..#.. .#.#. ##### #.#.. ...#. #.#.. ..#..",
    "..... ..#.. ..... .#.#. .###. ..#.. .#... .....",
    "..... ..#.. ..... ##### ..#.# .#... #.#.# .....",
    "..... ..... ..... .#.#. ####. #..## #..#. .....",
    "..... ..#.. ..... .#.#. ..#.. ...## .##.# .....",
    // ( ) * + , - . /
    "...#. .#... ..... ..... ..... ..... ..... .....",
    "..#.. ..#.. ..#.. ..#.. ..... ..... ..... ....#",
    "..#.. ..#.. #.#.# ..#.. ..... ..... ..... ...#.",
    "..#.. ..#.. .###. ##### ..... .###. ..... ..#..",
    "..#.. ..#.. #.#.# ..#.. .##.. ..... ..... .#...",
    "..#.. ..#.. ..#.. ..#.. ..#.. ..... .##.. #....",
    "...#. .#... ..... ..... .#... ..... .##.. .....",
    // 0 1 2 3 4 5 6 7
    ".###. ..#.. .###. .###. ...#. ##### ..##. #####",
    "#...# .##.. #...# #...# ..##. #.... .#... ....#",
    "#...# ..#.. ....# ....# .#.#. ####. #.... ...#.",
    "#.#.# ..#.. ...#. ..##. #..#. ....# ####. ..#..",
    "#...# ..#.. ..#.. ....# ##### ....# #...# .#...",
    "#...# ..#.. .#... #...# ...#. #...# #...# .#...",
    ".###. .###. ##### .###. ...#. .###. .###. .#...",
    // 8 9 : ; < = > ?
    ".###. .###. ..... ..... ...#. ..... .#... .###.",
    "#...# #...# .##.. .##.. ..#.. ..... ..#.. #...#",
    "#...# #...# .##.. .##.. .#... ##### ...#. ....#",
    ".###. .#### ..... ..... #.... ..... ....# ...#.",
    "#...# ....# .##.. .##.. .#... ##### ...#. ..#..",
    "#...# ...#. .##.. ..#.. ..#.. ..... ..#.. .....",
    ".###. .##.. ..... .#... ...#. ..... .#... ..#..",
    // @ A B C D E F G
    ".###. ..#.. ####. .###. ####. ##### ##### .###.",
    "#...# .#.#. #...# #...# #...# #.... #.... #...#",
    "#.### #...# #...# #.... #...# #.... #.... #....",
    "#.#.# #...# ####. #.... #...# ####. ####. #.###",
    "#.##. ##### #...# #.... #...# #.... #.... #...#",
    "#.... #...# #...# #...# #...# #.... #.... #...#",
    ".#### #...# ####. .###. ####. ##### #.... .####",
    // H I J K L M N O
    "#...# .###. ..### #...# #.... #...# #...# .###.",
    "#...# ..#.. ...#. #..#. #.... ##.## #...# #...#",
    "#...# ..#.. ...#. #.#.. #.... #.#.# ##..# #...#",
    "##### ..#.. ...#. ##... #.... #.#.# #.#.# #...#",
    "#...# ..#.. ...#. #.#.. #.... #...# #..## #...#",
    "#...# ..#.. #..#. #..#. #.... #...# #...# #...#",
    "#...# .###. .##.. #...# ##### #...# #...# .###.",
    // P Q R S T U V W
    "####. .###. ####. .#### ##### #...# #...# #...#",
    "#...# #...# #...# #.... ..#.. #...# #...# #...#",
    "#...# #...# #...# #.... ..#.. #...# #...# #...#",
    "####. #...# ####. .###. ..#.. #...# #...# #.#.#",
    "#.... #.#.# #.#.. ....# ..#.. #...# .#.#. #.#.#",
    "#.... #..#. #..#. ....# ..#.. #...# .#.#. ##.##",
    "#.... .##.# #...# ####. ..#.. .###. ..#.. #...#",
    // X Y Z [ \ ] ^ _
    "#...# #...# ##### .###. ..... .###. ..#.. .....",
    "#...# #...# ....# .#... #.... ...#. .#.#. .....",
    ".#.#. .#.#. ...#. .#... .#... ...#. #...# .....",
    "..#.. ..#.. ..#.. .#... ..#.. ...#. ..... .....",
    ".#.#. ..#.. .#... .#... ...#. ...#. ..... .....",
    "#...# ..#.. #.... .#... ....# ...#. ..... .....",
    "#...# ..#.. ##### .###. ..... .###. ..... #####",
    // ` a b c d e f g
    ".#... ..... #.... ..... ....# ..... ..##. .####",
    "..#.. ..... #.... ..... ....# ..... .#... #...#",
    "...#. .###. ####. .###. .#### .###. ####. #...#",
    "..... ....# #...# #.... #...# #...# .#... #...#",
    "..... .#### #...# #.... #...# ##### .#... .####",
    "..... #...# #...# #.... #...# #.... .#... ....#",
    "..... .#### ####. .###. .#### .###. .#... .###.",
    // h i j k l m n o
    "#.... ..#.. ...#. #.... .##.. ..... ..... .....",
    "#.... ..... ..... #.... ..#.. ..... ..... .....",
    "####. .##.. ..##. #..#. ..#.. ##.#. ####. .###.",
    "#...# ..#.. ...#. #.#.. ..#.. #.#.# #...# #...#",
    "#...# ..#.. ...#. ##... ..#.. #.#.# #...# #...#",
    "#...# ..#.. #..#. #.#.. ..#.. #.#.# #...# #...#",
    "#...# .###. .##.. #..#. .###. #.#.# #...# .###.",
    // p q r s t u v w
    "####. .#### ..... ..... .#... ..... ..... .....",
    "#...# #...# ..... ..... .#... ..... ..... .....",
    "#...# #...# #.##. .#### ####. #...# #...# #...#",
    "#...# #...# ##..# #.... .#... #...# #...# #.#.#",
    "####. .#### #.... .###. .#... #...# .#.#. #.#.#",
    "#.... ....# #.... ....# .#... #...# .#.#. #.#.#",
    "#.... ....# #.... ####. ..##. .#### ..#.. .#.#.",
    // x y z { | } ~ …
    "..... #...# ..... ..##. ..#.. .##.. ..... .....",
    "..... #...# ..... ..#.. ..#.. ..#.. ..... .....",
    "#...# #...# ##### ..#.. ..#.. ..#.. .#... .....",
    ".#.#. #...# ...#. .#... ..#.. ...#. #.#.# .....",
    "..#.. .#### ..#.. ..#.. ..#.. ..#.. ...#. .....",
    ".#.#. ....# .#... ..#.. ..#.. ..#.. ..... .....",
    "#...# .###. ##### ..##. ..#.. .##.. ..... #.#.#",
];

/// Whether `character` has a dot in `column` (0 to 4) and `row` (0 to 6).
fn has_dot(character: char, column: usize, row: usize) -> bool {
    let place = match character {
        ' '..='~' => character as usize - ' ' as usize,
        ELLIPSIS => SHEET.len() / GLYPH_HEIGHT * GLYPHS_IN_A_ROW - 1,
        _ => {
            let on_the_edge = |dot, dots| dot == 0 || dot == dots - 1;
            return on_the_edge(column, GLYPH_WIDTH) || on_the_edge(row, GLYPH_HEIGHT);
        }
    };
    let line = SHEET[place / GLYPHS_IN_A_ROW * GLYPH_HEIGHT + row].as_bytes();
    line[place % GLYPHS_IN_A_ROW * ADVANCE + column] == b'#'
}

/// The width of a line of `text`, in pixels; 0 for no text. It saturates at `usize::MAX`.
#[must_use]
pub fn text_width(text: &str, scale: usize) -> usize {
    (text.chars().count() * ADVANCE).saturating_sub(1).saturating_mul(scale)
}

/// The height of a line of text, in pixels, from the top of a capital to the baseline. Descenders reach 2·scale below.
#[must_use]
pub const fn text_height(scale: usize) -> usize {
    GLYPH_HEIGHT.saturating_mul(scale)
}

/// `text`, escaped by [`shown`], if it is at most `width` pixels wide; else its beginning and an ellipsis; empty if not
/// even that fits.
#[must_use]
pub fn cut(text: &str, width: usize, scale: usize) -> String {
    let text = shown(text).to_string();
    if text_width(&text, scale) <= width {
        return text;
    }
    // k characters are (6k - 1)·scale pixels wide.
    let room = (width / scale.max(1) + 1) / ADVANCE;
    let Some(kept) = room.checked_sub(1) else {
        return String::new();
    };
    let beginning: String = text.chars().take(kept).collect();
    let mut cut_short = String::from(beginning.trim_end());
    cut_short.push(ELLIPSIS);
    cut_short
}

/// The lines of a paragraph, escaped by [`shown`], none wider than `width` pixels: as many words in each as fit. A word
/// that is wider than a line is cut.
#[must_use]
pub fn wrapped(text: &str, width: usize, scale: usize) -> Vec<String> {
    wrapped_to(text, (width / scale.max(1) + 1) / ADVANCE)
}

/// The lines of a paragraph, escaped by [`shown`], each of at most `most` characters.
pub(super) fn wrapped_to(text: &str, most: usize) -> Vec<String> {
    let text = shown(text).to_string();
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        // k characters are (6k - 1) dots wide.
        let word = cut(word, (most.saturating_mul(ADVANCE)).saturating_sub(1), 1);
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= most => {
                *line += &(" ".to_string() + &word)
            }
            _ => lines.push(word),
        }
    }
    lines
}

impl Image {
    /// Draws `text` from left to right. (x, y) is the top left corner of its box, which is [`text_width`] wide and
    /// [`text_height`] high.
    pub fn text(&mut self, x: usize, y: usize, scale: usize, color: Rgb, text: &str) {
        for_each_dot(text, |column, row| {
            let (left, top) = (beyond(x, column, scale), beyond(y, row, scale));
            self.fill_rect(left, top, scale, scale, color);
        });
    }

    /// Draws `text` from bottom to top, rotated by 90° to the left, as on a vertical axis. (x, y) is the top left
    /// corner of its box, which is [`text_height`] wide and [`text_width`] high.
    pub fn text_upward(&mut self, x: usize, y: usize, scale: usize, color: Rgb, text: &str) {
        let last = text_width(text, 1).saturating_sub(1);
        for_each_dot(text, |column, row| {
            let (left, top) = (beyond(x, row, scale), beyond(y, last - column, scale));
            self.fill_rect(left, top, scale, scale, color);
        });
    }
}

/// start + dots·scale, saturating.
fn beyond(start: usize, dots: usize, scale: usize) -> usize {
    start.saturating_add(dots.saturating_mul(scale))
}

/// Calls `draw` with the column and row, in dots, of every dot of `text`.
fn for_each_dot(text: &str, mut draw: impl FnMut(usize, usize)) {
    for (index, character) in text.chars().enumerate() {
        let lowered = if matches!(character, 'g' | 'p' | 'q' | 'y') { DESCENDER } else { 0 };
        for row in 0..GLYPH_HEIGHT {
            for column in 0..GLYPH_WIDTH {
                if has_dot(character, column, row) {
                    draw(index * ADVANCE + column, row + lowered);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::image::{BLACK, WHITE};

    fn dots(character: char) -> Vec<(usize, usize)> {
        let mut dots = Vec::new();
        let mut text = [0; 4];
        for_each_dot(character.encode_utf8(&mut text), |column, row| dots.push((column, row)));
        dots
    }

    #[test]
    fn every_line_of_the_sheet_holds_eight_glyphs() {
        for line in SHEET {
            assert_eq!(line.len(), GLYPHS_IN_A_ROW * ADVANCE - 1);
            for (column, dot) in line.bytes().enumerate() {
                let between = column % ADVANCE == GLYPH_WIDTH;
                assert_eq!(dot == b' ', between);
                assert!(b" .#".contains(&dot));
            }
        }
    }

    #[test]
    fn no_two_characters_look_the_same_and_the_unknown_is_a_box() {
        let mut shapes: Vec<_> = (' '..='~').chain(['…', 'é']).map(dots).collect();
        assert_eq!(dots('é'), dots('\n'));
        shapes.sort_unstable();
        shapes.dedup();
        assert_eq!(shapes.len(), 97);
    }

    #[test]
    fn a_letter_stands_where_it_was_put() {
        let mut image = Image::new(20, 20, WHITE);
        image.text(3, 2, 2, BLACK, "L");
        // The foot of the L: 5 dots wide, in the lowest of 7 rows.
        assert_eq!(image.get(3, 2), Some(BLACK));
        assert_eq!(image.get(12, 15), Some(BLACK));
        assert_eq!(image.get(13, 15), Some(WHITE));
        assert_eq!(image.get(12, 13), Some(WHITE));
        assert_eq!(image.get(12, 16), Some(WHITE));
    }

    #[test]
    fn upward_text_is_text_turned_a_quarter_to_the_left() {
        let text = "Hz, 5 qy…";
        let (long, short) = (text_width(text, 3), text_height(3) + 3 * DESCENDER);
        let mut flat = Image::new(long, short, WHITE);
        flat.text(0, 0, 3, BLACK, text);
        let mut upward = Image::new(short, long, WHITE);
        upward.text_upward(0, 0, 3, BLACK, text);
        for x in 0..long {
            for y in 0..short {
                assert_eq!(flat.get(x, y), upward.get(y, long - 1 - x));
            }
        }
    }

    #[test]
    fn a_cut_text_fits_and_is_as_long_as_it_can_be() {
        for scale in 1..4 {
            for width in 0..200 {
                let short = cut("xylophone", width, scale);
                assert!(text_width(&short, scale) <= width);
                let one_more = short.chars().count() + 1;
                let whole = one_more == 10;
                assert!(whole || (one_more * ADVANCE - 1) * scale > width);
                assert!(whole || short.is_empty() || short.ends_with('…'));
            }
        }
    }

    #[test]
    fn a_paragraph_is_broken_between_words() {
        let width = text_width("five + six", 2);
        assert_eq!(wrapped("one two  three five + six", width, 2), ["one two", "three five", "+ six"]);
        assert_eq!(wrapped("incomprehensibilities", width, 2), ["incompreh…"]);
        assert!(wrapped(" ", width, 2).is_empty() && wrapped("a", 0, 0).iter().all(String::is_empty));
    }

    #[test]
    fn text_past_the_edge_is_cut_off() {
        let mut image = Image::new(4, 4, WHITE);
        image.text(2, 2, 1, BLACK, "MMMM");
        image.text_upward(2, 2, 1, BLACK, "MMMM");
        image.text(0, 0, 1, BLACK, "");
        image.text(0, 0, 0, BLACK, "scale 0");
        assert_eq!(image.get(0, 0), Some(WHITE));
    }
}
