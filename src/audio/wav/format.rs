//! The `fmt ` chunk: how a sample is stored.
//!
//! | byte | size | field | requirement |
//! | --- | --- | --- | --- |
//! | 0 | 2 | codec: 1 PCM, 3 IEEE float, 6 A-law, 7 mu-law | one of these, or 65534 (see byte 24) |
//! | 2 | 2 | number of channels | at least 1 |
//! | 4 | 4 | rate, in frames per second | at least 1 |
//! | 8 | 4 | bytes per second | ignored: follows from the others |
//! | 12 | 2 | bytes per frame (block align) | channels · bytes of a sample's container |
//! | 14 | 2 | bits of a sample | 8 to 32 (PCM); 32, 64 (float); 8 (A-law, mu-law) |
//! | 16 | 2 | number of bytes that follow | ignored: the chunk has a length |
//! | 18 | 2 | valid bits | at most the container's; 0 means all |
//! | 20 | 4 | loudspeakers | ignored: channels are not assigned to loudspeakers here |
//! | 24 | 16 | codec (2 bytes), then a fixed GUID | a codec from above, and the fixed bytes |
//!
//! A chunk of 16 bytes is enough except for codec 65534 (`WAVE_FORMAT_EXTENSIBLE`), which takes 40; more, such as the
//! customary 18, are not read.
//!
//! An integer of PCM may lie in any container of 1 to 4 bytes that has room for it. It takes the upper bits of its
//! container, and is scaled by the container's size: 20 bits in 3 bytes are scaled as 24.

use super::error::WavError;
use crate::bytes::endian::{Order, Reader};
use core::fmt;

const EXTENSIBLE: u16 = 0xfffe;
/// The last 14 bytes of each GUID that wraps an old codec: xxxxxxxx-0000-0010-8000-00aa00389b71.
const WRAPPED_CODEC: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

/// What kind of number a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Integers of 8 bits (unsigned) or 9 to 32 bits (two's complement).
    Pcm,
    /// IEEE 754 floating-point numbers of 32 or 64 bits.
    Float,
    /// Logarithmic steps in 8 bits, as Europe's telephones use (G.711).
    ALaw,
    /// Logarithmic steps in 8 bits, as America's and Japan's telephones use (G.711).
    MuLaw,
}

impl Encoding {
    fn new(tag: u16, offset: u64) -> Result<Self, WavError> {
        match tag {
            1 => Ok(Encoding::Pcm),
            3 => Ok(Encoding::Float),
            6 => Ok(Encoding::ALaw),
            7 => Ok(Encoding::MuLaw),
            _ => Err(WavError::Codec { offset, found: tag }),
        }
    }

    /// The longest container of samples with this number of bits, in bytes; `None` if no sample has it.
    fn longest(self, bits: u16) -> Option<u16> {
        match (self, bits) {
            (Encoding::Pcm, 8..=32) => Some(4),
            (Encoding::Float, 32 | 64) => Some(bits / 8),
            (Encoding::ALaw | Encoding::MuLaw, 8) => Some(1),
            _ => None,
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Encoding::Pcm => "PCM",
            Encoding::Float => "float",
            Encoding::ALaw => "A-law",
            Encoding::MuLaw => "mu-law",
        })
    }
}

/// How samples are stored: the `fmt ` chunk, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    pub(super) encoding: Encoding,
    pub(super) order: Order,
    pub(super) channels: u16,
    pub(super) rate: u32,
    /// Of a container, 1 to 8.
    pub(super) bytes: u16,
    pub(super) valid_bits: u16,
}

impl Format {
    /// Reads the contents of a `fmt ` chunk, the first of which is byte `offset` of the file.
    pub(super) fn parse(contents: &[u8], offset: u64, order: Order) -> Result<Self, WavError> {
        let too_short = |expected| WavError::ShortFormat { offset, expected, found: contents.len() as u64 };
        let mut reader = Reader::new(contents);
        let u16 = |reader: &mut Reader<'_>| reader.array().map(|bytes| u16::from_le_bytes(order.to_little(bytes)));
        let u32 = |reader: &mut Reader<'_>| reader.array().map(|bytes| u32::from_le_bytes(order.to_little(bytes)));
        let (Some(tag), Some(channels), Some(rate), Some(_), Some(block_align), Some(bits)) = (
            u16(&mut reader),
            u16(&mut reader),
            u32(&mut reader),
            u32(&mut reader),
            u16(&mut reader),
            u16(&mut reader),
        ) else {
            return Err(too_short(16));
        };
        let (encoding, valid_bits) = if tag == EXTENSIBLE {
            let (Some(_), Some(valid_bits), Some(_), Some(guid)) =
                (u16(&mut reader), u16(&mut reader), u32(&mut reader), reader.array())
            else {
                return Err(too_short(40));
            };
            (Encoding::new(unwrap_codec(guid, offset + 24, order)?, offset + 24)?, valid_bits)
        } else {
            (Encoding::new(tag, offset)?, 0)
        };

        if channels == 0 {
            return Err(WavError::NoChannels { offset: offset + 2 });
        }
        if rate == 0 {
            return Err(WavError::NoRate { offset: offset + 4 });
        }
        let bit_depth = WavError::BitDepth { offset: offset + 14, encoding, found: bits };
        let longest = encoding.longest(bits).ok_or(bit_depth)?;
        let bytes = block_align / channels;
        let least = bits.div_ceil(8);
        if !block_align.is_multiple_of(channels) || bytes < least {
            let expected = u32::from(channels) * u32::from(least);
            return Err(WavError::BlockAlign { offset: offset + 12, expected, found: block_align });
        }
        if bytes > longest {
            let found = u32::from(bytes) * 8;
            return Err(WavError::Container { offset: offset + 12, encoding, expected: longest * 8, found });
        }
        if valid_bits > bytes * 8 {
            return Err(WavError::ValidBits { offset: offset + 18, expected: bytes * 8, found: valid_bits });
        }
        let valid_bits = if valid_bits == 0 { bits } else { valid_bits };
        Ok(Format { encoding, order, channels, rate, bytes, valid_bits })
    }

    /// Frames a second, in Hz; at least 1.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Samples in a frame, 1 to 65535.
    pub fn channels(&self) -> usize {
        usize::from(self.channels)
    }

    /// Bits of the container in which a sample is stored: 8, 16, 24, 32 or 64. This is what integers are scaled by.
    pub fn bits(&self) -> u16 {
        self.bytes * 8
    }

    /// Bits of the container that carry the sound, counted from the most significant; 1 to [`bits`](Self::bits).
    ///
    /// The others are normally zero, but they are not masked: scaling by the container leaves them where they are.
    pub fn valid_bits(&self) -> u16 {
        self.valid_bits
    }

    /// What kind of number a sample is.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Bytes of a frame, 1 to 65535.
    pub fn frame_bytes(&self) -> usize {
        usize::from(self.channels) * usize::from(self.bytes)
    }
}

/// The codec that a GUID wraps.
///
/// A GUID is a number of 32 bits, two of 16, and eight bytes. In a big-endian file libsndfile reverses the bytes of the
/// three numbers, sox those of the codec alone, the first 16 bits.
fn unwrap_codec(mut guid: [u8; 16], offset: u64, order: Order) -> Result<u16, WavError> {
    let [first, second, rest @ ..] = guid;
    if rest == WRAPPED_CODEC {
        return Ok(u16::from_le_bytes(order.to_little([first, second])));
    }
    if order == Order::Big {
        [0..4, 4..6, 6..8].into_iter().for_each(|number| guid[number].reverse());
    }
    match guid {
        [low, high, rest @ ..] if rest == WRAPPED_CODEC => Ok(u16::from_le_bytes([low, high])),
        found => Err(WavError::Subformat { offset, found }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{extensible, fmt, join};
    use super::*;
    use alloc::string::ToString;

    fn parse(contents: &[u8]) -> Result<Format, WavError> {
        Format::parse(contents, 20, Order::Little)
    }

    #[test]
    fn bits_and_containers_that_fit_are_read_and_no_others() {
        for tag in [1, 3, 6, 7] {
            for bits in 0..=80 {
                for bytes in 0..=10 {
                    let fits = match tag {
                        1 => (8..=32).contains(&bits) && bits <= bytes * 8 && bytes <= 4,
                        3 => [32, 64].contains(&bits) && bits == bytes * 8,
                        _ => bits == 8 && bytes == 1,
                    };
                    for mut contents in [fmt(tag, 2, 8000, bits), extensible(tag, 2, 8000, bits, 0)] {
                        contents[12..14].copy_from_slice(&(2 * bytes).to_le_bytes());
                        let found = parse(&contents).map(|f| (f.bits(), f.valid_bits(), f.frame_bytes()));
                        match found {
                            Ok(found) => assert_eq!(found, (bytes * 8, bits, usize::from(2 * bytes))),
                            Err(WavError::BitDepth { offset: 34, found, .. }) => assert_eq!(found, bits),
                            Err(WavError::BlockAlign { offset: 32, expected, found }) => {
                                assert_eq!(found, 2 * bytes);
                                assert!(u32::from(found) < expected && expected == 2 * u32::from(bits.div_ceil(8)));
                            }
                            Err(WavError::Container { offset: 32, expected, found, .. }) => {
                                assert!(found == u32::from(bytes) * 8 && found > u32::from(expected));
                            }
                            Err(error) => panic!("tag {tag}, {bits} bits in {bytes} bytes: {error}"),
                        }
                        assert_eq!(found.is_ok(), fits, "tag {tag}, {bits} bits in {bytes} bytes");
                    }
                }
            }
        }
    }

    #[test]
    fn the_other_order_of_bytes_reads_the_same() {
        for little in [fmt(1, 2, 44_100, 24), extensible(3, 1, 8000, 32, 0)] {
            let mut big = little.clone();
            let fields = [2, 2, 4, 4, 2, 2, 2, 2, 4, 4, 2, 2];
            let mut at = 0;
            for field in fields {
                if at < little.len() {
                    big[at..at + field].reverse();
                }
                at += field;
            }
            let found = Format::parse(&big, 20, Order::Big).unwrap();
            assert_eq!(Format { order: Order::Little, ..found }, parse(&little).unwrap());
            // As sox writes a GUID.
            if let Some(guid) = big.get_mut(24..) {
                guid.copy_from_slice(&little[24..]);
                guid[..2].reverse();
            }
            assert_eq!(Format::parse(&big, 20, Order::Big).unwrap(), found);
        }
    }

    #[test]
    fn a_container_of_64_bits_is_named() {
        let mut contents = fmt(1, 1, 8000, 32);
        contents[12] = 8;
        let expected = WavError::Container { offset: 32, encoding: Encoding::Pcm, expected: 32, found: 64 };
        assert_eq!(parse(&contents), Err(expected));
        assert_eq!(
            expected.to_string(),
            "the length of a frame at byte 32 gives each PCM sample 64 bits, but at most 32 are read"
        );
    }

    #[test]
    fn eighteen_bytes_are_read_as_sixteen() {
        let short = fmt(1, 1, 8000, 16);
        let long = join(&[&short, &[0, 0]]);
        assert_eq!(parse(&long), parse(&short));
    }

    #[test]
    fn fifteen_bytes_are_too_few_and_an_extensible_header_needs_forty() {
        assert_eq!(
            parse(&fmt(1, 1, 8000, 16)[..15]),
            Err(WavError::ShortFormat { offset: 20, expected: 16, found: 15 })
        );
        let contents = extensible(1, 1, 8000, 16, 16);
        assert_eq!(contents.len(), 40);
        assert_eq!(parse(&contents[..39]), Err(WavError::ShortFormat { offset: 20, expected: 40, found: 39 }));
    }

    #[test]
    fn valid_bits_may_be_fewer_than_the_container_but_not_more() {
        let valid = |bits| parse(&extensible(1, 1, 8000, 24, bits)).map(|f| f.valid_bits);
        assert_eq!(valid(20), Ok(20));
        assert_eq!(valid(24), Ok(24));
        assert_eq!(valid(0), Ok(24));
        assert_eq!(valid(25), Err(WavError::ValidBits { offset: 38, expected: 24, found: 25 }));
    }

    #[test]
    fn another_codec_is_an_error_in_both_kinds_of_header() {
        let found = 2;
        assert_eq!(parse(&fmt(found, 1, 8000, 8)), Err(WavError::Codec { offset: 20, found }));
        assert_eq!(parse(&extensible(found, 1, 8000, 8, 8)), Err(WavError::Codec { offset: 44, found }));
    }

    #[test]
    fn a_foreign_guid_is_an_error_even_if_it_begins_with_a_known_codec() {
        let mut contents = extensible(1, 4, 8000, 16, 16);
        contents[39] ^= 1;
        assert!(matches!(
            parse(&contents),
            Err(WavError::Subformat { offset: 44, found }) if found[..] == contents[24..]
        ));
    }

    #[test]
    fn no_channels_and_no_rate_are_errors() {
        assert_eq!(parse(&fmt(1, 0, 8000, 16)), Err(WavError::NoChannels { offset: 22 }));
        assert_eq!(parse(&fmt(1, 1, 0, 16)), Err(WavError::NoRate { offset: 24 }));
    }

    #[test]
    fn bytes_a_frame_must_agree_and_bytes_a_second_need_not() {
        let mut contents = fmt(1, 2, 8000, 16);
        contents[8..12].copy_from_slice(&[0xff; 4]);
        assert!(parse(&contents).is_ok());
        contents[12] = 2;
        assert_eq!(parse(&contents), Err(WavError::BlockAlign { offset: 32, expected: 4, found: 2 }));
        contents[12] = 5;
        assert_eq!(parse(&contents), Err(WavError::BlockAlign { offset: 32, expected: 4, found: 5 }));
    }

    #[test]
    fn a_frame_too_large_for_its_field_is_no_match() {
        assert_eq!(
            parse(&fmt(1, 65_535, 8000, 32)),
            Err(WavError::BlockAlign { offset: 32, expected: 262_140, found: 65_532 })
        );
    }

    #[test]
    fn encodings_have_names() {
        assert_eq!(Encoding::Pcm.to_string(), "PCM");
        assert_eq!(Encoding::Float.to_string(), "float");
        assert_eq!(Encoding::ALaw.to_string(), "A-law");
        assert_eq!(Encoding::MuLaw.to_string(), "mu-law");
    }
}
