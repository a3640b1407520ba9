//! Writing of PNG files: 8 bits a sample, red, green and blue, no interlacing.
//!
//! Of the standard's five filters, three are used here, where x is a byte, a the same color of the pixel to its left, b
//! of the one above (0 outside):
//!
//! | number | filter | byte written |
//! | --- | --- | --- |
//! | 0 | None | x |
//! | 1 | Sub | x - a |
//! | 2 | Up | x - b |
//!
//! Each row takes the filter with the least sum of absolute values, read as signed bytes: the rule of thumb that the
//! standard recommends (§12.8). The other two filters, which [`read`](super::read) explains, would make photographs
//! smaller; charts and tiles are mostly flat.

use alloc::vec;
use alloc::vec::Vec;

use super::SIGNATURE;
use crate::bytes::checksum::crc32;
use crate::bytes::deflate::zlib;
use crate::picture::image::Image;

const BYTES_A_POINT: usize = 3;
const LONGEST_CHUNK: usize = 0x7FFF_FFFF;

/// The bytes of a PNG file that shows `image`.
#[must_use]
pub fn png(image: &Image) -> Vec<u8> {
    let mut file = SIGNATURE.to_vec();

    let mut header = Vec::new();
    header.extend(four_bytes(image.width()));
    header.extend(four_bytes(image.height()));
    header.extend([8, 2, 0, 0, 0]);
    chunk(&mut file, *b"IHDR", &header);

    for data in zlib(&filtered(image)).chunks(LONGEST_CHUNK) {
        chunk(&mut file, *b"IDAT", data);
    }
    chunk(&mut file, *b"IEND", &[]);
    file
}

/// A number in four bytes, highest byte first; `Image` keeps its sides below 2³¹.
fn four_bytes(number: usize) -> [u8; 4] {
    (number as u32).to_be_bytes()
}

fn chunk(file: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    file.extend(four_bytes(data.len()));
    let start = file.len();
    file.extend(kind);
    file.extend(data);
    let checksum = crc32(&file[start..]);
    file.extend(checksum.to_be_bytes());
}

/// All rows, each with the number of its filter in front.
fn filtered(image: &Image) -> Vec<u8> {
    let row_bytes = BYTES_A_POINT * image.width();
    let mut out = Vec::with_capacity((row_bytes + 1) * image.height());
    let zeros = vec![0; row_bytes];
    let mut above = zeros.as_slice();
    for row in image.rows() {
        // The left neighbors of a row are the row itself, shifted by one pixel.
        let left = || zeros[..BYTES_A_POINT].iter().chain(row);
        let sums = [difference_sum(row, &zeros), difference_sum(row, left()), difference_sum(row, above)];
        let least = sums[0].min(sums[1]).min(sums[2]);
        if sums[2] == least {
            write_row(&mut out, 2, row, above);
        } else if sums[1] == least {
            write_row(&mut out, 1, row, left());
        } else {
            write_row(&mut out, 0, row, &zeros);
        }
        above = row;
    }
    out
}

/// Σ |x - p| over a row x and its prediction p, differences modulo 256 and read as signed.
fn difference_sum<'a>(row: &[u8], prediction: impl IntoIterator<Item = &'a u8>) -> u64 {
    let differences = row.iter().zip(prediction).map(|(x, p)| x.wrapping_sub(*p));
    differences.map(|difference| u64::from(difference.cast_signed().unsigned_abs())).sum::<u64>()
}

fn write_row<'a>(out: &mut Vec<u8>, filter: u8, row: &[u8], prediction: impl IntoIterator<Item = &'a u8>) {
    out.push(filter);
    out.extend(row.iter().zip(prediction).map(|(x, p)| x.wrapping_sub(*p)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::image::WHITE;

    /// Reverses the three filters, as in §9.2 of the standard.
    fn unfiltered(bytes: &[u8], width: usize) -> Vec<u8> {
        let row_bytes = 3 * width;
        let mut out: Vec<u8> = Vec::new();
        for line in bytes.chunks(row_bytes + 1) {
            let row_start = out.len();
            for (i, &byte) in line[1..].iter().enumerate() {
                let at = out.len();
                let a = if i >= 3 { out[at - 3] } else { 0 };
                let b = if row_start > 0 { out[at - row_bytes] } else { 0 };
                let prediction = [0, a, b][usize::from(line[0])];
                out.push(byte.wrapping_add(prediction));
            }
        }
        out
    }

    /// Rows in fours: a ramp, noise, the noise above plus 1, and 1 and -1 alternating.
    fn mixture(width: usize, height: usize) -> Image {
        let mut image = Image::new(width, height, WHITE);
        for y in 0..height {
            for x in 0..width {
                let place = (x + 1) * (y / 4 + 1);
                let [noise @ .., _] = (place as u32).wrapping_mul(2_654_435_761).to_be_bytes();
                let color = match y % 4 {
                    0 => [100 + x as u8, 2 * x as u8, 255 - x as u8],
                    1 => noise,
                    2 => noise.map(|byte| byte.wrapping_add(1)),
                    _ => [if x % 2 == 0 { 1 } else { 255 }; 3],
                };
                image.set(x, y, color);
            }
        }
        image
    }

    #[test]
    fn filters_can_be_undone_and_each_row_takes_the_one_that_suits_it() {
        let image = mixture(50, 16);
        let bytes = filtered(&image);
        assert_eq!(unfiltered(&bytes, 50), image.rgb());
        let chosen: Vec<u8> = bytes.chunks(151).map(|line| line[0]).collect();
        for four in chosen.chunks(4) {
            assert_eq!([four[0], four[2], four[3]], [1, 2, 0]);
        }
    }

    #[test]
    fn one_row_and_one_column_can_be_filtered() {
        for (width, height) in [(1, 1), (1, 9), (9, 1)] {
            let image = mixture(width, height);
            assert_eq!(unfiltered(&filtered(&image), width), image.rgb());
        }
    }

    #[test]
    fn the_file_is_a_signature_and_chunks_whose_checksums_hold() {
        let file = png(&mixture(31, 17));
        let mut rest = file.strip_prefix(b"\x89PNG\r\n\x1A\n").unwrap();
        let mut kinds = Vec::new();
        while !rest.is_empty() {
            let length = u32::from_be_bytes(*rest.first_chunk().unwrap()) as usize;
            let (body, after) = rest[4..].split_at(4 + length);
            let (sum, after) = after.split_first_chunk::<4>().unwrap();
            assert_eq!(u32::from_be_bytes(*sum), crc32(body));
            kinds.push(&body[..4]);
            rest = after;
        }
        assert_eq!(kinds, [b"IHDR", b"IDAT", b"IEND"]);
    }

    /// 1 by 1, white: header and end are fixed by the standard; the stream is the row 02 FF FF FF.
    #[test]
    fn the_smallest_file_has_the_expected_bytes() {
        let file = png(&Image::new(1, 1, WHITE));
        assert_eq!(file[8..33], *b"\0\0\0\x0DIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90\x77\x53\xDE");
        assert_eq!(file[file.len() - 12..], *b"\0\0\0\0IEND\xAE\x42\x60\x82");
        assert_eq!(filtered(&Image::new(1, 1, WHITE)), [2, 255, 255, 255]);
    }
}
