//! An image: a grid of colored pixels in memory, into which rectangles are drawn.
//!
//! Pixels are counted from the top left corner, x to the right and y downward. They are stored row by row, three bytes
//! each: red, green and blue, from 0 to 255, in the sRGB encoding that screens expect. Drawing outside the grid has no
//! effect, so that a label that is too long cannot stop a program.

use crate::machine::size;
use alloc::vec::Vec;
use core::fmt;

/// Red, green and blue, each from 0 to 255.
pub type Rgb = [u8; 3];

/// All three colors off.
pub const BLACK: Rgb = [0, 0, 0];
/// All three colors at their largest.
pub const WHITE: Rgb = [255, 255, 255];

/// The longest side that a PNG file can have, in pixels.
pub const LONGEST_SIDE: usize = 0x7FFF_FFFF;

/// An image of `width` by `height` pixels in 8-bit RGB; both sides are at least 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

/// Why there is no image of a given size or from given bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImageError {
    /// A side is 0 or longer than [`LONGEST_SIDE`], or the pixels do not fit in memory.
    Size {
        /// The requested number of pixels in a row.
        width: usize,
        /// The requested number of rows.
        height: usize,
    },
    /// The number of bytes is not 3 · width · height.
    Length {
        /// 3 · width · height.
        expected: usize,
        /// The number of bytes.
        found: usize,
    },
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImageError::Size { width, height } => write!(
                f,
                "an image must have sides of 1 to {LONGEST_SIDE} pixels and fit in memory; \
                 found {width} x {height}"
            ),
            ImageError::Length { expected, found } => {
                write!(f, "expected {expected} bytes of RGB, found {found}")
            }
        }
    }
}

impl core::error::Error for ImageError {}

impl Image {
    /// An image of one color.
    ///
    /// # Panics
    /// If a side is 0 or above [`LONGEST_SIDE`], or there is no memory for 3 · width · height bytes.
    #[must_use]
    pub fn new(width: usize, height: usize, color: Rgb) -> Self {
        match byte_count(width, height) {
            Ok(count) => {
                size::claim::<u8>(count);
                Image { width, height, rgb: color.repeat(count / 3) }
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// An image from its pixels: rows from the top, pixels from the left, and for each red, green, blue.
    ///
    /// # Errors
    /// [`ImageError::Size`] if no image has these sides, [`ImageError::Length`] if `rgb` does not
    /// have 3 · width · height bytes.
    pub fn from_rgb(width: usize, height: usize, rgb: Vec<u8>) -> Result<Self, ImageError> {
        let expected = byte_count(width, height)?;
        let found = rgb.len();
        if found != expected {
            return Err(ImageError::Length { expected, found });
        }
        Ok(Image { width, height, rgb })
    }

    /// The number of pixels in a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// The number of rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// All pixels, 3 · width · height bytes.
    #[must_use]
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The rows from the top, 3 · width bytes each.
    pub fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.rgb.chunks_exact(3 * self.width)
    }

    /// The color of the pixel (x, y), if it is inside.
    #[must_use]
    pub fn get(&self, x: usize, y: usize) -> Option<Rgb> {
        if x >= self.width {
            return None;
        }
        let row = self.rows().nth(y)?;
        row[3 * x..].first_chunk().copied()
    }

    /// Colors the pixel (x, y); outside, has no effect.
    pub fn set(&mut self, x: usize, y: usize, color: Rgb) {
        self.fill_rect(x, y, 1, 1, color);
    }

    /// Draws another image, its top left pixel at (x, y); the part outside is left out.
    pub fn paste(&mut self, x: usize, y: usize, other: &Image) {
        let count = other.width.min(self.width.saturating_sub(x));
        let left = x.min(self.width);
        let rows = self.rgb.chunks_exact_mut(3 * self.width);
        for (row, from) in rows.skip(y).zip(other.rows()) {
            row[3 * left..3 * (left + count)].copy_from_slice(&from[..3 * count]);
        }
    }

    /// Fills the rectangle whose top left point is (x, y); points outside the image are left out.
    pub fn fill_rect(&mut self, x: usize, y: usize, width: usize, height: usize, color: Rgb) {
        let right = x.saturating_add(width).min(self.width);
        let left = x.min(right);
        let rows = self.rgb.chunks_exact_mut(3 * self.width);
        for row in rows.skip(y).take(height) {
            for point in row[3 * left..3 * right].chunks_exact_mut(3) {
                point.copy_from_slice(&color);
            }
        }
    }
}

/// 3 · width · height, if an image can have these sides.
fn byte_count(width: usize, height: usize) -> Result<usize, ImageError> {
    let side = 1..=LONGEST_SIDE;
    width
        .checked_mul(height)
        .and_then(|points| points.checked_mul(3))
        .filter(|&bytes| isize::try_from(bytes).is_ok())
        .filter(|_| side.contains(&width) && side.contains(&height))
        .ok_or(ImageError::Size { width, height })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec;

    const RED: Rgb = [255, 0, 0];

    #[test]
    fn points_lie_row_after_row() {
        let image = Image::from_rgb(2, 2, (1..=12).collect()).unwrap();
        assert_eq!(image.get(1, 0), Some([4, 5, 6]));
        assert_eq!(image.get(0, 1), Some([7, 8, 9]));
        assert_eq!(image.get(2, 0), None);
        assert_eq!(image.get(0, 2), None);
    }

    #[test]
    fn bytes_that_are_not_an_image_are_refused_with_the_reason() {
        let short = Image::from_rgb(2, 2, vec![0; 11]).unwrap_err();
        assert_eq!(short.to_string(), "expected 12 bytes of RGB, found 11");
        for (width, height) in [(0, 5), (5, 0), (usize::MAX, 2), (LONGEST_SIDE + 1, 1)] {
            let error = Image::from_rgb(width, height, vec![]).unwrap_err();
            assert_eq!(error, ImageError::Size { width, height });
        }
    }

    #[test]
    #[should_panic(expected = "found 0 x 3")]
    fn a_side_of_no_points_panics() {
        let _ = Image::new(0, 3, WHITE);
    }

    #[test]
    fn a_rectangle_covers_its_points_and_no_others() {
        let mut image = Image::new(7, 6, WHITE);
        image.fill_rect(2, 1, 3, 4, RED);
        for y in 0..6 {
            for x in 0..7 {
                let inside = (2..5).contains(&x) && (1..5).contains(&y);
                assert_eq!(image.get(x, y), Some(if inside { RED } else { WHITE }));
            }
        }
    }

    #[test]
    fn an_image_is_pasted_and_what_lies_outside_is_cut_off() {
        let red = Image::new(2, 2, RED);
        let mut image = Image::new(4, 3, WHITE);
        for (x, y) in [(3, 1), (4, 0), (usize::MAX, 0), (0, usize::MAX)] {
            image.paste(x, y, &red);
        }
        let reds: Vec<(usize, usize)> =
            (0..12).map(|i| (i % 4, i / 4)).filter(|&(x, y)| image.get(x, y) == Some(RED)).collect();
        assert_eq!(reds, [(3, 1), (3, 2)]);
    }

    #[test]
    fn what_lies_outside_is_cut_off() {
        let mut image = Image::new(4, 3, WHITE);
        image.fill_rect(3, 2, usize::MAX, usize::MAX, RED);
        let corner_only = image.clone();
        assert_eq!(image.get(3, 2), Some(RED));
        assert_eq!(image.rgb().iter().filter(|&&byte| byte == 0).count(), 2);
        image.fill_rect(4, 0, 2, 2, RED);
        image.fill_rect(0, 3, 2, 2, RED);
        image.fill_rect(0, 0, 0, 3, RED);
        image.set(usize::MAX, usize::MAX, RED);
        assert_eq!(image, corner_only);
    }
}
