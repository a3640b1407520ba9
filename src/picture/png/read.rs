//! Reading of PNG files: a photograph of any program as a matrix of shades of gray.
//!
//! Why: a program writes with the few filters that it likes, but a reader must undo all that others use. And a file is
//! foreign: it may be damaged, or made to exhaust memory. So every chunk is checked, and memory grows with the bytes
//! that are there, not with the size that the header claims.
//!
//! Idea: a filter predicts each byte from bytes that the reader already has, and the file holds the errors of the
//! predictions. The reader makes the same prediction and adds the error.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | r | a byte of a row in the file |
//! | x | the byte of the image at the same position |
//! | a | the byte of the image left of x, at a distance of one pixel |
//! | b | the byte of the image above x |
//! | c | the byte of the image above a |
//! | p | the prediction of x |
//! | R, G, B | red, green and blue of a pixel, 0 to 255 |
//! | Y | its shade of gray, 0 (black) to 1 (white) |
//!
//! Outside the image, a, b and c are 0. The number in front of a row, 0 to 4, chooses the prediction:
//!
//! ```text
//! (PN.1)  None:     p = 0
//! (PN.2)  Sub:      p = a
//! (PN.3)  Up:       p = b
//! (PN.4)  Average:  p = ⌊(a + b)/2⌋
//! (PN.5)  Paeth:    p = the one of a, b, c that is nearest to a + b - c; of equally near ones, the first
//! (PN.6)  x = (r + p) mod 256
//! (PN.7)  Y = (0.299·R + 0.587·G + 0.114·B)/255
//! ```
//!
//! Why a + b - c: if the shades near the pixel lie on a plane, the rise from b to x is that from c to a, x - b = a - c.
//! At a vertical edge, c = a, and a + b - c = b: the byte above lies on the same side of the edge. At a horizontal one,
//! c = b, and a + b - c = a. Elsewhere the shades lie on no plane, and a + b - c may even leave the range of a byte, so
//! Paeth takes the neighbor nearest to it. The file holds r = (x - p) mod 256, which (PN.6) undoes.
//!
//! By hand: a = 90, b = 60, c = 80 give a + b - c = 70. The distances are 20, 10 and 10; b comes before c, so p = 60.
//! With r = 250, x = (250 + 60) mod 256 = 54: the error was -6.
//!
//! Why these weights: eyes see green as brightest and blue as darkest. They are those of ITU-R BT.601, §2.5.1, for
//! values as they are stored (gamma-corrected). With R = G = B the shade is R/255, since the weights sum to 1.
//!
//! Conventions: 8 bits a sample; gray or RGB, each with or without opacity, or indices of a palette. The opacity
//! is not used, nor are chunks that the format allows to ignore (those whose types begin with a small letter).
//! Bytes after `IEND` are ignored. Other depths, and interlaced images, are errors.
//!
//! Sources: Portable Network Graphics, second edition (W3C and ISO/IEC 15948, 2003): §9.2 filters, §9.4 Paeth, §11
//! chunks; A. Paeth, "Image file compression made easy", Graphics Gems II, 1991.

use super::SIGNATURE;
use super::error::{Method, PngCause, PngError};
use crate::bytes::checksum::crc32;
use crate::bytes::endian::Reader;
use crate::bytes::inflate::{Cause, unzlib};
use crate::bytes::limits::PHOTOGRAPH;
use crate::matrix::Matrix;
use crate::number::Real;
use alloc::vec::Vec;

/// The bytes of a chunk's length, its type, and its checksum, together.
const AROUND: usize = 12;

/// The shades of gray of a PNG file's pixels, rows x columns, from 0 (black) to 1 (white): (PN.7).
///
/// ```
/// use ossicle::matrix::Matrix;
/// use ossicle::picture::image::Image;
/// use ossicle::picture::png::{PngCause, PngError, png, read_gray};
///
/// let file = png(&Image::from_rgb(2, 1, vec![255, 255, 255, 51, 51, 51]).unwrap());
/// let shades: Matrix<f32> = read_gray(&file)?;
/// assert_eq!((shades.rows(), shades.columns(), shades.elements()), (1, 2, &[1.0, 0.2][..]));
///
/// let error = read_gray::<f32>(b"GIF89a: a picture").unwrap_err();
/// assert!(matches!(error.cause, PngCause::Signature(_)));
/// # Ok::<(), PngError>(())
/// ```
///
/// # Errors
/// [`PngCause`] lists the causes.
pub fn read_gray<T: Real>(file: &[u8]) -> Result<Matrix<T>, PngError> {
    let mut reader = Reader::new(file);
    let found = reader.array().ok_or(truncated(&reader, SIGNATURE.len()))?;
    if found != SIGNATURE {
        return Err(PngError { offset: 0, cause: PngCause::Signature(found) });
    }
    let header = Header::parse(&Chunk::next(&mut reader)?)?;
    let mut palette: Option<&[u8]> = None;
    // The position of the first chunk of pixels, and the data of all.
    let mut pixels: Option<(usize, Vec<u8>)> = None;
    let mut previous = *b"IHDR";
    let end = loop {
        let chunk = Chunk::next(&mut reader)?;
        match (&chunk.kind, &mut pixels) {
            (b"PLTE", None) if palette.is_none() => palette = Some(chunk.palette()?),
            (b"IDAT", None) => pixels = Some((chunk.offset, chunk.data.to_vec())),
            (b"IDAT", Some((_, stream))) if previous == *b"IDAT" => stream.extend_from_slice(chunk.data),
            (b"IEND", _) if chunk.data.is_empty() => break chunk.offset,
            (b"IEND", _) => return chunk.error(PngCause::Length { kind: chunk.kind, found: chunk.data.len() }),
            (b"IHDR" | b"PLTE" | b"IDAT", _) => return chunk.error(PngCause::Place(chunk.kind)),
            ([first, ..], _) if first.is_ascii_lowercase() => {}
            _ => return chunk.error(PngCause::Unknown(chunk.kind)),
        }
        previous = chunk.kind;
    };
    let (offset, stream) = pixels.ok_or(PngError { offset: end, cause: PngCause::NoPixels })?;
    let error = |cause| PngError { offset, cause };
    header.shades(&header.pixels(&stream).map_err(error)?, palette).map_err(error)
}

fn truncated(reader: &Reader, expected: usize) -> PngError {
    PngError { offset: reader.position(), cause: PngCause::Truncated { expected, found: reader.remaining() } }
}

/// A chunk whose checksum holds.
struct Chunk<'a> {
    /// The index of its first byte in the file.
    offset: usize,
    kind: [u8; 4],
    data: &'a [u8],
}

impl<'a> Chunk<'a> {
    fn next(reader: &mut Reader<'a>) -> Result<Self, PngError> {
        let offset = reader.position();
        let mut body = reader.clone();
        let length = body.array().map(u32::from_be_bytes).ok_or(truncated(reader, AROUND))? as usize;
        let ends = truncated(reader, length.saturating_add(AROUND));
        let (summed, kind) = (body.clone(), body.array().ok_or(ends)?);
        let data = body.take(length).ok_or(ends)?;
        let expected = body.array().map(u32::from_be_bytes).ok_or(ends)?;
        let found = crc32(summed.clone().take(4 + length).ok_or(ends)?);
        if found != expected {
            return Err(PngError { offset, cause: PngCause::Sum { kind, expected, found } });
        }
        *reader = body;
        Ok(Chunk { offset, kind, data })
    }

    fn error<U>(&self, cause: PngCause) -> Result<U, PngError> {
        Err(PngError { offset: self.offset, cause })
    }

    /// Its data as colors of three bytes, 1 to 256 of them.
    fn palette(&self) -> Result<&'a [u8], PngError> {
        let found = self.data.len();
        let is_palette = found.is_multiple_of(3) && (1..=256).contains(&(found / 3));
        if is_palette { Ok(self.data) } else { self.error(PngCause::Length { kind: self.kind, found }) }
    }
}

/// The samples of a pixel.
#[derive(Clone, Copy)]
enum Color {
    Gray,
    Rgb,
    Indexed,
    GrayWithOpacity,
    RgbWithOpacity,
}

impl Color {
    /// The bytes of a pixel.
    fn samples(self) -> usize {
        match self {
            Color::Gray | Color::Indexed => 1,
            Color::GrayWithOpacity => 2,
            Color::Rgb => 3,
            Color::RgbWithOpacity => 4,
        }
    }
}

/// The data of the chunk `IHDR`.
struct Header {
    width: usize,
    height: usize,
    color: Color,
}

impl Header {
    fn parse(chunk: &Chunk) -> Result<Self, PngError> {
        if chunk.kind != *b"IHDR" {
            return chunk.error(PngCause::Place(chunk.kind));
        }
        let mut reader = Reader::new(chunk.data);
        let mut side = || reader.array().map(u32::from_be_bytes);
        let sides = (side(), side());
        let (Some(width), Some(height), Some([depth, color, compression, filters, interlacing]), 0) =
            (sides.0, sides.1, reader.array(), reader.remaining())
        else {
            return chunk.error(PngCause::Length { kind: chunk.kind, found: chunk.data.len() });
        };
        if width == 0 || height == 0 {
            return chunk.error(PngCause::Empty { width, height });
        }
        let count = u64::from(width) * u64::from(height);
        PHOTOGRAPH.check(count).or_else(|error| chunk.error(PngCause::Limit(error)))?;
        if depth != 8 {
            return chunk.error(PngCause::Depth(depth));
        }
        let color = match color {
            0 => Color::Gray,
            2 => Color::Rgb,
            3 => Color::Indexed,
            4 => Color::GrayWithOpacity,
            6 => Color::RgbWithOpacity,
            found => return chunk.error(PngCause::Color(found)),
        };
        for (method, found) in
            [(Method::Compression, compression), (Method::Filters, filters), (Method::Interlacing, interlacing)]
        {
            if found != 0 {
                return chunk.error(PngCause::Method { method, found });
            }
        }
        Ok(Header { width: width as usize, height: height as usize, color })
    }

    /// The bytes of a row without the number of its filter.
    fn row_bytes(&self) -> usize {
        self.width * self.color.samples()
    }

    /// The samples of all pixels, row by row: the stream inflated, and its filters undone.
    fn pixels(&self, stream: &[u8]) -> Result<Vec<u8>, PngCause> {
        let row_bytes = self.row_bytes();
        let expected = self.height * (1 + row_bytes);
        let mut rows = match unzlib(stream, expected) {
            Err(error) if matches!(error.cause, Cause::TooLong(_)) => return Err(PngCause::Long(expected)),
            result => result.map_err(PngCause::Stream)?,
        };
        if rows.len() < expected {
            return Err(PngCause::Short { expected, found: rows.len() });
        }
        // Each row moves forward, over the numbers of the filters.
        for row in 0..self.height {
            let (from, to) = (row * (1 + row_bytes), row * row_bytes);
            let filter = rows[from];
            let prediction = PREDICTIONS.get(usize::from(filter)).ok_or(PngCause::Filter { row, found: filter })?;
            rows.copy_within(from + 1..from + 1 + row_bytes, to);
            let (before, after) = rows.split_at_mut(to);
            let above = before.len().checked_sub(row_bytes).map(|start| &before[start..]);
            undo(*prediction, self.color.samples(), above, &mut after[..row_bytes]);
        }
        rows.truncate(self.height * row_bytes);
        Ok(rows)
    }

    /// The shade of each pixel.
    fn shades<T: Real>(&self, pixels: &[u8], palette: Option<&[u8]>) -> Result<Matrix<T>, PngCause> {
        let palette = match (self.color, palette) {
            (Color::Indexed, None) => return Err(PngCause::NoPalette),
            (Color::Indexed, Some(palette)) => {
                let expected = palette.len() / 3;
                if let Some(&found) = pixels.iter().find(|&&index| usize::from(index) >= expected) {
                    return Err(PngCause::Index { expected, found });
                }
                palette
            }
            _ => &[],
        };
        let samples = self.color.samples();
        let shade = |row: usize, column: usize| match &pixels[(row * self.width + column) * samples..][..samples] {
            [index] if !palette.is_empty() => luma(&palette[3 * usize::from(*index)..][..3]),
            [red, green, blue, ..] => luma(&[*red, *green, *blue]),
            [gray, ..] => luma(&[*gray; 3]),
            [] => T::ZERO,
        };
        Ok(Matrix::from_function(self.height, self.width, shade))
    }
}

/// The prediction of a byte from a, b and c.
type Prediction = fn(u8, u8, u8) -> u8;

/// The prediction of each filter, by its number.
const PREDICTIONS: [Prediction; 5] = [
    |_, _, _| 0,                  // (PN.1)
    |a, _, _| a,                  // (PN.2)
    |_, b, _| b,                  // (PN.3)
    |a, b, _| u8::midpoint(a, b), // (PN.4)
    paeth,                        // (PN.5)
];

fn paeth(a: u8, b: u8, c: u8) -> u8 {
    let plane = i16::from(a) + i16::from(b) - i16::from(c);
    let distance = |neighbor: u8| (plane - i16::from(neighbor)).abs();
    let nearest = if distance(a) <= distance(b) { a } else { b };
    if distance(nearest) <= distance(c) { nearest } else { c } // (PN.5)
}

/// Replaces the bytes of a row by those of the image.
fn undo(prediction: Prediction, samples: usize, above: Option<&[u8]>, row: &mut [u8]) {
    for i in 0..row.len() {
        let left = i.checked_sub(samples);
        let a = left.map_or(0, |left| row[left]);
        let b = above.map_or(0, |above| above[i]);
        let c = left.and_then(|left| Some(above?[left])).unwrap_or(0);
        row[i] = row[i].wrapping_add(prediction(a, b, c)); // (PN.6)
    }
}

/// (PN.7) of red, green and blue: an integer until the one division, so that equal colors of n give n/255 exactly.
fn luma<T: Real>(color: &[u8]) -> T {
    let weighted = color.iter().zip([299, 587, 114]).map(|(&value, weight)| weight * usize::from(value));
    T::from_usize(weighted.sum::<usize>()) / T::from_usize(255_000) // (PN.7)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::deflate::zlib;
    use crate::bytes::limits::Exceeded;
    use crate::picture::image::Image;
    use crate::picture::png::png;
    use alloc::string::ToString;

    /// A chunk with its checksum.
    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let body = [kind, data].concat();
        [&(data.len() as u32).to_be_bytes()[..], &body, &crc32(&body).to_be_bytes()].concat()
    }

    fn header(width: u32, height: u32, rest: [u8; 5]) -> Vec<u8> {
        chunk(b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &rest].concat())
    }

    fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
        [&SIGNATURE[..], &chunks.concat()].concat()
    }

    /// A file of 3 x 2 pixels of this color type and these rows.
    fn rows(color: u8, rows: &[u8]) -> Vec<u8> {
        file(&[header(3, 2, [8, color, 0, 0, 0]), chunk(b"IDAT", &zlib(rows)), chunk(b"IEND", &[])])
    }

    fn cause(file: &[u8]) -> PngCause {
        read_gray::<f64>(file).unwrap_err().cause
    }

    /// The shades in units of 1/255.
    fn shades(file: &[u8]) -> Vec<f64> {
        read_gray::<f64>(file).unwrap_or_else(|error| panic!("{error}")).elements().iter().map(|y| 255.0 * y).collect()
    }

    #[test]
    fn each_filter_by_hand() {
        for (filter, expected) in [
            (0, [10, 20, 30, 5, 250, 1]),
            (1, [10, 30, 60, 5, 255, 0]),
            (2, [10, 20, 30, 15, 14, 31]),
            (3, [10, 25, 42, 10, 11, 27]),
            // In the second row, b is nearest to a + b - c = 10, 35 and 54.
            (4, [10, 30, 60, 15, 24, 61]),
        ] {
            let found = shades(&rows(0, &[filter, 10, 20, 30, filter, 5, 250, 1]));
            assert!(found.iter().zip(expected).all(|(y, x)| (y - f64::from(x)).abs() < 1e-12), "{filter}: {found:?}");
        }
        assert_eq!([paeth(90, 60, 80), paeth(7, 7, 3), paeth(1, 9, 5), paeth(0, 255, 255)], [60, 7, 5, 0]);
    }

    #[test]
    fn what_is_written_is_read() {
        for (width, height) in [(1, 1), (1, 7), (7, 1), (31, 17)] {
            let rgb = (0..3 * width * height).map(|k| (k * k % 251) as u8).collect();
            let image = Image::from_rgb(width, height, rgb).unwrap();
            let found = read_gray::<f64>(&png(&image)).unwrap();
            assert_eq!((found.rows(), found.columns()), (height, width));
            for (y, color) in found.elements().iter().zip(image.rgb().chunks(3)) {
                let [r, g, b] = [0, 1, 2].map(|k| f64::from(color[k]));
                assert!((y - (0.299 * r + 0.587 * g + 0.114 * b) / 255.0).abs() < 1e-15);
            }
        }
    }

    /// 3 x 2 pixels of each color type, with the filters 4, 3 and 1, written by a program in Python with its zlib.
    #[test]
    fn files_of_another_program_are_read() {
        let files: [(&str, &[u8], [u32; 6]); 5] = [
            (
                "gray",
                b"\
                \x89PNG\x0d\x0a\x1a\x0a\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02\x08\0\0\0\0\xb8\x1f9\xc6\0\0\0\x10\
                IDATx\xdacfH\x99\xc6bdd\x04\0\x06\xa2\x01\x98doa\x85\0\0\0\0IEND\xaeB`\x82",
                [0, 100000, 200000, 50000, 150000, 250000],
            ),
            (
                "red, green, blue",
                b"\
                \x89PNG\x0d\x0a\x1a\x0a\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0\x12\x16\xf1M\0\0\0\
                \x19IDATx\xdac\xfc\xcf\xc0\xc0\x08\xc6,\xdc\x22r'RE\xec}7\x01\x008\x16\x05\xc1Q\xca\xfd8\0\0\0\
                \0IEND\xaeB`\x82",
                [76245, 149685, 29070, 18150, 124200, 67470],
            ),
            (
                "indices",
                b"\
                \x89PNG\x0d\x0a\x1a\x0a\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02\x08\x03\0\0\0\xaa\xaa\x96(\0\0\0\
                \x09PLTE\xff\0\0\0\0\0\0\xff\0Y\x08\x18\xf9\0\0\0\x10IDATx\xdac``dbbb\xf8\x07\0\x01$\x01\x06\
                ?\x18\x157\0\0\0\0IEND\xaeB`\x82",
                [76245, 0, 149685, 149685, 0, 76245],
            ),
            (
                "gray with opacity",
                b"\
                \x89PNG\x0d\x0a\x1a\x0a\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02\x08\x04\0\0\x007}\xae\x91\0\0\0\x16I\
                DATx\xdaca\xf8\x9f\xc2\x98\xc2\xc9l\xd4\xe4\xcd\xe4\xfd\x0f\0\x1a\xed\x04#\xc4\x92\xa1\xfa\0\
                \0\0\0IEND\xaeB`\x82",
                [0, 100000, 200000, 50000, 150000, 250000],
            ),
            (
                "red, green, blue with opacity",
                b"\
                \x89PNG\x0d\x0a\x1a\x0a\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02\x08\x06\0\0\0\x9dtf\x1a\0\0\0!IDAT\
                x\xdac\xf9\xcf\xc0\xc0\xc0\xf8\x9fA\x03Hh\xb0p\x8b\xc8U\x9cH\x15\xd1\xb0\xf7\xdd\xa4\x01\0V\
                \x15\x06\xdc\xd6#\xcb\x7f\0\0\0\0IEND\xaeB`\x82",
                [76245, 149685, 29070, 18150, 124200, 67470],
            ),
        ];
        for (name, file, thousandths) in files {
            let found = read_gray::<f64>(file).unwrap_or_else(|error| panic!("{name}: {error}"));
            let expected = thousandths.map(|y| f64::from(y) / 255_000.0);
            assert_eq!((found.rows(), found.columns(), found.elements()), (2, 3, &expected[..]), "{name}");
        }
    }

    #[test]
    fn chunks_are_joined_and_those_to_ignore_are_ignored() {
        let stream = zlib(&[0, 1, 2, 3, 0, 4, 5, 6]);
        let (one, two) = stream.split_at(5);
        let [text, start, end] = [chunk(b"tEXt", b"Title"), header(3, 2, [8, 0, 0, 0, 0]), chunk(b"IEND", &[])];
        let parts = [start, text.clone(), chunk(b"IDAT", one), chunk(b"IDAT", &[]), chunk(b"IDAT", two), text, end];
        let whole = [file(&parts), b"after the end".to_vec()].concat();
        assert!(shades(&whole).iter().zip(1..).all(|(y, x)| (y - f64::from(x)).abs() < 1e-12));
    }

    #[test]
    fn chunks_out_of_place_are_errors() {
        let [start, end] = [header(3, 2, [8, 3, 0, 0, 0]), chunk(b"IEND", &[])];
        let [colors, pixels] = [chunk(b"PLTE", &[0; 6]), chunk(b"IDAT", &zlib(&[0, 0, 1, 0, 0, 1, 0, 1]))];
        let text = chunk(b"tEXt", b"");
        let of = |chunks: &[&Vec<u8>]| cause(&file(&chunks.iter().map(|chunk| chunk.to_vec()).collect::<Vec<_>>()));
        assert!(read_gray::<f32>(&file(&[start.clone(), colors.clone(), pixels.clone(), end.clone()])).is_ok());
        assert_eq!(of(&[&colors, &start, &pixels, &end]), PngCause::Place(*b"PLTE"));
        assert_eq!(of(&[&start, &start, &colors, &pixels, &end]), PngCause::Place(*b"IHDR"));
        assert_eq!(of(&[&start, &colors, &colors, &pixels, &end]), PngCause::Place(*b"PLTE"));
        assert_eq!(of(&[&start, &pixels, &colors, &end]), PngCause::Place(*b"PLTE"));
        assert_eq!(of(&[&start, &colors, &pixels, &text, &pixels, &end]), PngCause::Place(*b"IDAT"));
        assert_eq!(of(&[&start, &pixels, &end]), PngCause::NoPalette);
        assert_eq!(of(&[&start, &colors, &end]), PngCause::NoPixels);
        assert_eq!(of(&[&start, &colors, &pixels]), PngCause::Truncated { expected: 12, found: 0 });
        assert_eq!(of(&[&start, &chunk(b"WHAT", b""), &end]), PngCause::Unknown(*b"WHAT"));
        for (kind, length) in [(b"PLTE", 0), (b"PLTE", 5), (b"PLTE", 771), (b"IEND", 1)] {
            let found = of(&[&start, &chunk(kind, &[0; 771][..length])]);
            assert_eq!(found, PngCause::Length { kind: *kind, found: length });
        }
        for length in [0, 12, 14] {
            let found = of(&[&chunk(b"IHDR", &[1; 14][..length]), &end]);
            assert_eq!(found, PngCause::Length { kind: *b"IHDR", found: length });
        }
    }

    #[test]
    fn headers_that_are_not_read_say_why() {
        let of = |width, height, rest| {
            read_gray::<f32>(&file(&[header(width, height, rest), chunk(b"IEND", &[])])).unwrap_err()
        };
        let gray = [8, 0, 0, 0, 0];
        assert_eq!(of(0, 5, gray).cause, PngCause::Empty { width: 0, height: 5 });
        assert_eq!(of(5, 0, gray).cause, PngCause::Empty { width: 5, height: 0 });
        let pixels = u64::from(u32::MAX) * u64::from(u32::MAX);
        let limit = Exceeded { limit: PHOTOGRAPH, found: Some(pixels) };
        assert_eq!(of(u32::MAX, u32::MAX, gray).cause, PngCause::Limit(limit));
        for (rest, sentence) in [
            ([16, 0, 0, 0, 0], "at byte 8, the samples have 16 bits; only 8 are read"),
            ([1, 3, 0, 0, 0], "at byte 8, the samples have 1 bit; only 8 are read"),
            ([8, 5, 0, 0, 0], "at byte 8, the color type is 5; there are only 0, 2, 3, 4 and 6"),
            ([8, 0, 1, 0, 0], "at byte 8, the compression has the number 1; only 0 is known"),
            ([8, 0, 0, 2, 0], "at byte 8, the family of filters has the number 2; only 0 is known"),
            (
                [8, 0, 0, 0, 1],
                "at byte 8, the image is interlaced (Adam7); only images that are not interlaced are read",
            ),
            ([8, 0, 0, 0, 7], "at byte 8, the interlacing has the number 7; only 0 is known"),
        ] {
            assert_eq!(of(1, 1, rest).to_string(), sentence);
        }
    }

    #[test]
    fn pixels_that_do_not_fit_say_why() {
        let sound = [0, 1, 2, 3, 4, 5, 6, 7];
        assert_eq!(cause(&rows(0, &sound[..7])), PngCause::Short { expected: 8, found: 7 });
        assert_eq!(cause(&rows(0, &[&sound[..], &[0]].concat())), PngCause::Long(8));
        // A bomb: two megabytes in two kilobytes.
        assert_eq!(cause(&rows(0, &[0; 2_000_000])), PngCause::Long(8));
        assert_eq!(cause(&rows(0, &[0, 1, 2, 3, 5, 5, 6, 7])), PngCause::Filter { row: 1, found: 5 });
        assert_eq!(cause(&rows(0, &[255, 1, 2, 3, 0, 5, 6, 7])), PngCause::Filter { row: 0, found: 255 });
        let end = chunk(b"IEND", &[]);
        let start = |color| header(3, 2, [8, color, 0, 0, 0]);
        let pixels = chunk(b"IDAT", &zlib(&[0, 0, 1, 2, 0, 1, 1, 0]));
        let colors = chunk(b"PLTE", &[0; 6]);
        assert_eq!(cause(&file(&[start(3), colors, pixels, end.clone()])), PngCause::Index { expected: 2, found: 2 });
        let torn = chunk(b"IDAT", &zlib(&sound)[..9]);
        let error = read_gray::<f32>(&file(&[start(0), torn, end])).unwrap_err().to_string();
        assert!(
            error.starts_with("at byte 33, the stream of pixels, all chunks IDAT together, is not sound: at byte 9, ")
        );
        let damaged = [&rows(0, &sound)[..30], &[1], &rows(0, &sound)[31..]].concat();
        assert!(matches!(cause(&damaged), PngCause::Sum { kind: [b'I', b'H', b'D', b'R'], .. }));
    }

    #[test]
    fn no_truncation_and_no_changed_byte_gives_a_wrong_picture() {
        let parts = [
            header(2, 2, [8, 3, 0, 0, 0]),
            chunk(b"PLTE", &[0, 0, 0, 255, 255, 255]),
            chunk(b"IDAT", &zlib(&[0, 0, 1, 1, 1, 255])),
            chunk(b"IEND", &[]),
        ];
        let sound = [file(&parts), b"more".to_vec()].concat();
        let picture = read_gray::<f32>(&sound).unwrap();
        assert_eq!(picture.elements(), [0.0, 1.0, 1.0, 0.0]);
        for length in 0..sound.len() - 4 {
            assert!(matches!(cause(&sound[..length]), PngCause::Truncated { .. }), "{length}");
        }
        let mut changed = sound.clone();
        for at in 0..sound.len() {
            for difference in 1..=255 {
                changed[at] = sound[at] ^ difference;
                let found = read_gray::<f32>(&changed);
                let is_ignored = at >= sound.len() - 4;
                assert!(if is_ignored { found.as_ref() == Ok(&picture) } else { found.is_err() }, "{at}: {found:?}");
            }
            changed[at] = sound[at];
        }
    }
}
