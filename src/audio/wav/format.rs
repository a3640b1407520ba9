//! The `fmt ` chunk: how a sample is stored.
//!
//! ```text
//! byte  size  field                               what is asked of it
//!    0     2  codec: 1 PCM, 3 IEEE float          one of these, or 65534: see byte 24
//!    2     2  channels                            at least 1
//!    4     4  rate, frames a second               at least 1
//!    8     4  bytes a second                      ignored: it follows from the others
//!   12     2  bytes a frame (block align)         channels · bits / 8
//!   14     2  bits of a sample's container        8, 16, 24, 32 (PCM); 32, 64 (float)
//!   16     2  bytes that follow                   ignored: the chunk has a length
//!   18     2  valid bits                          at most the container's; 0 means all
//!   20     4  loudspeakers                        ignored: channels are channels here
//!   24    16  codec, then bytes of a fixed GUID   codec 1 or 3, and the fixed bytes
//! ```
//!
//! A chunk of 16 bytes is enough for codecs 1 and 3; more, such as the customary 18, are not read.
//! Codec 65534 (`WAVE_FORMAT_EXTENSIBLE`) takes 40. Valid bits are the upper ones of their
//! container: 20 bits in 24 are scaled as 24.

use super::error::WavError;
use crate::bytes::endian::Reader;
use core::fmt;

const EXTENSIBLE: u16 = 0xfffe;
/// The last 14 bytes of each GUID that wraps an old codec: xxxxxxxx-0000-0010-8000-00aa00389b71.
const WRAPPED_CODEC: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

/// What kind of number a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Integers of 8 bits (unsigned), 16, 24 or 32 bits (two's complement).
    Pcm,
    /// IEEE 754 floating-point numbers of 32 or 64 bits.
    Float,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Encoding::Pcm => "PCM",
            Encoding::Float => "float",
        })
    }
}

/// The six ways in which a sample is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Storage {
    Pcm8,
    Pcm16,
    Pcm24,
    Pcm32,
    Float32,
    Float64,
}

impl Storage {
    fn new(encoding: Encoding, bits: u16) -> Option<Self> {
        match (encoding, bits) {
            (Encoding::Pcm, 8) => Some(Storage::Pcm8),
            (Encoding::Pcm, 16) => Some(Storage::Pcm16),
            (Encoding::Pcm, 24) => Some(Storage::Pcm24),
            (Encoding::Pcm, 32) => Some(Storage::Pcm32),
            (Encoding::Float, 32) => Some(Storage::Float32),
            (Encoding::Float, 64) => Some(Storage::Float64),
            _ => None,
        }
    }

    pub(super) fn encoding(self) -> Encoding {
        match self {
            Storage::Pcm8 | Storage::Pcm16 | Storage::Pcm24 | Storage::Pcm32 => Encoding::Pcm,
            Storage::Float32 | Storage::Float64 => Encoding::Float,
        }
    }

    pub(super) fn bits(self) -> u16 {
        match self {
            Storage::Pcm8 => 8,
            Storage::Pcm16 => 16,
            Storage::Pcm24 => 24,
            Storage::Pcm32 | Storage::Float32 => 32,
            Storage::Float64 => 64,
        }
    }

    pub(super) fn bytes(self) -> usize {
        usize::from(self.bits() / 8)
    }
}

/// The `fmt ` chunk, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) storage: Storage,
    pub(super) channels: u16,
    pub(super) rate: u32,
    pub(super) valid_bits: u16,
}

impl Format {
    /// Reads the contents of a `fmt ` chunk, the first of which is byte `offset` of the file.
    pub(super) fn parse(contents: &[u8], offset: usize) -> Result<Self, WavError> {
        let too_short = |expected| WavError::ShortFormat { offset, expected, found: contents.len() };
        let mut reader = Reader::new(contents);
        let (Some(tag), Some(channels), Some(rate), Some(_), Some(block_align), Some(bits)) =
            (reader.u16_le(), reader.u16_le(), reader.u32_le(), reader.u32_le(), reader.u16_le(), reader.u16_le())
        else {
            return Err(too_short(16));
        };
        let (encoding, valid_bits) = if tag == EXTENSIBLE {
            let (Some(_), Some(valid_bits), Some(_), Some(guid)) =
                (reader.u16_le(), reader.u16_le(), reader.u32_le(), reader.array())
            else {
                return Err(too_short(40));
            };
            let tag = unwrap_codec(guid, offset + 24)?;
            (encoding(tag, offset + 24)?, valid_bits)
        } else {
            (encoding(tag, offset)?, 0)
        };

        if channels == 0 {
            return Err(WavError::NoChannels { offset: offset + 2 });
        }
        if rate == 0 {
            return Err(WavError::NoRate { offset: offset + 4 });
        }
        let storage =
            Storage::new(encoding, bits).ok_or(WavError::BitDepth { offset: offset + 14, encoding, found: bits })?;
        if valid_bits > bits {
            return Err(WavError::ValidBits { offset: offset + 18, expected: bits, found: valid_bits });
        }
        let frame_bytes = u32::from(channels) * u32::from(bits / 8);
        if u32::from(block_align) != frame_bytes {
            return Err(WavError::BlockAlign { offset: offset + 12, expected: frame_bytes, found: block_align });
        }
        Ok(Format { storage, channels, rate, valid_bits: if valid_bits == 0 { bits } else { valid_bits } })
    }

    /// Bytes of a frame, at least 1.
    pub(super) fn frame_bytes(&self) -> usize {
        usize::from(self.channels) * self.storage.bytes()
    }
}

fn unwrap_codec(guid: [u8; 16], offset: usize) -> Result<u16, WavError> {
    let [low, high, rest @ ..] = guid;
    if rest != WRAPPED_CODEC {
        return Err(WavError::Subformat { offset, found: guid });
    }
    Ok(u16::from_le_bytes([low, high]))
}

fn encoding(tag: u16, offset: usize) -> Result<Encoding, WavError> {
    match tag {
        1 => Ok(Encoding::Pcm),
        3 => Ok(Encoding::Float),
        _ => Err(WavError::Codec { offset, found: tag }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{extensible, fmt, join};
    use super::*;
    use alloc::string::ToString;

    fn parse(contents: &[u8]) -> Result<Format, WavError> {
        Format::parse(contents, 20)
    }

    #[test]
    fn six_ways_to_store_a_sample_are_read_and_no_other() {
        for tag in [1, 3] {
            for bits in 0..=80 {
                let known = match tag {
                    1 => [8, 16, 24, 32].contains(&bits),
                    _ => [32, 64].contains(&bits),
                };
                for contents in [fmt(tag, 2, 8000, bits), extensible(tag, 2, 8000, bits, 0)] {
                    match parse(&contents) {
                        Ok(format) => {
                            assert!(known, "tag {tag}, {bits} bits");
                            assert_eq!(format.storage.bits(), bits);
                            assert_eq!(format.storage.encoding() == Encoding::Pcm, tag == 1);
                            assert_eq!(format.frame_bytes(), usize::from(bits / 8) * 2);
                        }
                        Err(error) => {
                            assert!(!known, "tag {tag}, {bits} bits");
                            let expected =
                                WavError::BitDepth { offset: 34, encoding: encoding(tag, 20).unwrap(), found: bits };
                            assert_eq!(error, expected);
                        }
                    }
                }
            }
        }
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
        let found = 7;
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
    }
}
