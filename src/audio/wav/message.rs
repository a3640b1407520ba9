//! Error messages: each error as one sentence, for a line that begins with the name of the file.

use super::error::{ReadError, WavError};
use super::format::Encoding;
use crate::number::decimal::Count;
use core::fmt;

impl fmt::Display for WavError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            WavError::Empty => write!(f, "the file is empty"),
            WavError::ShortHeader { found } => {
                write!(f, "the file ends after {}, within the 12 bytes of a RIFF header", Count(found, "byte"))
            }
            WavError::NotRiff { found } => {
                write!(f, "the file begins with \"{}\"", found.escape_ascii())?;
                if let Some(name) = format_name(found) {
                    write!(f, " ({name})")?;
                }
                write!(f, ", not with the \"RIFF\" of a WAV file")
            }
            WavError::NotWave { found } => {
                write!(f, "the RIFF file is of the form \"{}\" at byte 8, not \"WAVE\"", found.escape_ascii())
            }
            WavError::ChunkTooLong { id, offset, expected, found } => write!(
                f,
                "the chunk \"{}\" claims {} from byte {offset} on, \
                 but the file has only {found} more",
                id.escape_ascii(),
                Count(expected, "byte")
            ),
            WavError::ShortFormat { offset, expected, found } => {
                write!(f, "the fmt chunk at byte {offset} has {}, but needs {expected}", Count(found, "byte"))
            }
            WavError::Codec { offset, found } => write!(
                f,
                "the samples are stored as {} (codec {found:#06x} at byte {offset}), \
                 not as PCM (0x0001), IEEE float (0x0003), A-law (0x0006) or mu-law (0x0007)",
                codec_name(found).unwrap_or("something unknown")
            ),
            WavError::Subformat { offset, found } => write!(
                f,
                "the codec's GUID at byte {offset}, {}, \
                 is none of those of PCM, IEEE float, A-law and mu-law",
                Guid(found)
            ),
            WavError::NoChannels { offset } => {
                write!(f, "the number of channels at byte {offset} is 0, but at least 1 is needed")
            }
            WavError::NoRate { offset } => {
                write!(f, "the sample rate at byte {offset} is 0 Hz, but at least 1 is needed")
            }
            WavError::BitDepth { offset, encoding, found } => write!(
                f,
                "the {encoding} samples have {} (byte {offset}), but only {} are read",
                Count(found, "bit"),
                match encoding {
                    Encoding::Pcm => "8 to 32",
                    Encoding::Float => "32 and 64",
                    Encoding::ALaw | Encoding::MuLaw => "8",
                }
            ),
            WavError::ValidBits { offset, expected, found } => write!(
                f,
                "the header calls {found} bits of a sample valid (byte {offset}), \
                 but its container has only {expected}"
            ),
            WavError::BlockAlign { offset, expected, found } => write!(
                f,
                "the length of a frame at byte {offset} is {}, \
                 but channels and bits make it {expected}",
                Count(found, "byte")
            ),
            WavError::Container { offset, encoding, expected, found } => write!(
                f,
                "the length of a frame at byte {offset} gives each {encoding} sample {}, but at most {expected} are read",
                Count(found, "bit")
            ),
            WavError::ShortLengths { offset, found } => {
                write!(f, "the ds64 chunk at byte {offset} has {}, but needs 16", Count(found, "byte"))
            }
            WavError::TooManyChunks { offset, expected } => {
                write!(f, "the file has more than {expected} chunks before its samples (up to byte {offset})")
            }
            WavError::MissingFormat { end } => {
                write!(f, "the file ends after {} without a fmt chunk", Count(end, "byte"))
            }
            WavError::DataBeforeFormat { offset } => {
                write!(f, "the data chunk at byte {offset} comes without a fmt chunk before it")
            }
            WavError::MissingData { end } => {
                write!(f, "the file ends after {} without a data chunk", Count(end, "byte"))
            }
            WavError::Truncated { offset, expected, expected_frames, found, found_frames } => write!(
                f,
                "the data chunk claims {} ({}) from byte {offset} on, \
                 but the file has only {found} more ({})",
                Count(expected, "byte"),
                Count(expected_frames, "frame"),
                Count(found_frames, "whole frame")
            ),
            WavError::PartialFrame { offset, found, frame_bytes } => write!(
                f,
                "the data chunk at byte {offset} has {}, which is no multiple of the {} of a frame",
                Count(found, "byte"),
                Count(frame_bytes, "byte")
            ),
        }
    }
}

impl<E: fmt::Display> fmt::Display for ReadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Wav(error) => error.fmt(f),
            ReadError::Source(error) => error.fmt(f),
        }
    }
}

/// A GUID as it is commonly written: three little-endian integers, then bytes.
struct Guid([u8; 16]);

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, at) in [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].iter().enumerate() {
            let dash = if [4, 6, 8, 10].contains(&i) { "-" } else { "" };
            write!(f, "{dash}{:02x}", self.0[*at])?;
        }
        Ok(())
    }
}

/// What a file that begins with these bytes usually is.
fn format_name(first: [u8; 4]) -> Option<&'static str> {
    match &first {
        b"fLaC" => Some("a FLAC file"),
        b"OggS" => Some("an Ogg file"),
        b"FORM" => Some("an AIFF file"),
        b"riff" => Some("a Sony Wave64 file"),
        b"caff" => Some("a Core Audio file"),
        [b'I', b'D', b'3', _] => Some("an MP3 file with an ID3 tag"),
        // An MPEG audio frame begins with eleven bits set.
        [0xff, 0xe0..=0xff, ..] => Some("an MP3 or other MPEG audio file"),
        _ => None,
    }
}

/// The common codecs among the hundreds that were registered.
fn codec_name(tag: u16) -> Option<&'static str> {
    match tag {
        0x0002 => Some("Microsoft ADPCM"),
        0x0006 => Some("A-law"),
        0x0007 => Some("mu-law"),
        0x0011 => Some("IMA ADPCM"),
        0x0031 => Some("GSM 6.10"),
        0x0040 => Some("G.721 ADPCM"),
        0x0050 => Some("MPEG layer 1 or 2"),
        0x0055 => Some("MP3"),
        0x0092 => Some("Dolby AC-3"),
        0x00ff => Some("AAC"),
        0x0161 => Some("Windows Media Audio 2"),
        0xf1ac => Some("FLAC"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn other_formats_are_named() {
        for (found, name) in [
            (b"fLaC", "\"fLaC\" (a FLAC file)"),
            (b"OggS", "\"OggS\" (an Ogg file)"),
            (b"FORM", "\"FORM\" (an AIFF file)"),
            (b"ID3\x03", "\"ID3\\x03\" (an MP3 file with an ID3 tag)"),
            (b"\xff\xfb\x90d", "\"\\xff\\xfb\\x90d\" (an MP3 or other MPEG audio file)"),
            (b"riff", "\"riff\" (a Sony Wave64 file)"),
            (b"caff", "\"caff\" (a Core Audio file)"),
            (b"<htm", "\"<htm\""),
        ] {
            let found = *found;
            assert_eq!(
                WavError::NotRiff { found }.to_string(),
                alloc::format!("the file begins with {name}, not with the \"RIFF\" of a WAV file")
            );
        }
    }

    #[test]
    fn codecs_are_named_by_name_and_number() {
        for (found, name) in [
            (0x0002, "Microsoft ADPCM (codec 0x0002"),
            (0x0006, "A-law (codec 0x0006"),
            (0x0007, "mu-law (codec 0x0007"),
            (0x0055, "MP3 (codec 0x0055"),
            (0x1234, "something unknown (codec 0x1234"),
        ] {
            let offset = 20;
            assert_eq!(
                WavError::Codec { offset, found }.to_string(),
                alloc::format!(
                    "the samples are stored as {name} at byte 20), \
                     not as PCM (0x0001), IEEE float (0x0003), A-law (0x0006) or mu-law (0x0007)"
                )
            );
        }
    }

    #[test]
    fn a_guid_is_written_as_everybody_writes_it() {
        let found = *b"\x01\x00\x00\x00\x21\x07\xd3\x11\x86\x44\xc8\xc1\xca\x00\x00\x00";
        assert_eq!(
            WavError::Subformat { offset: 44, found }.to_string(),
            "the codec's GUID at byte 44, 00000001-0721-11d3-8644-c8c1ca000000, \
             is none of those of PCM, IEEE float, A-law and mu-law"
        );
    }

    #[test]
    fn one_byte_is_singular() {
        assert_eq!(
            WavError::ShortHeader { found: 1 }.to_string(),
            "the file ends after 1 byte, within the 12 bytes of a RIFF header"
        );
        assert_eq!(
            WavError::PartialFrame { offset: 44, found: 1, frame_bytes: 2 }.to_string(),
            "the data chunk at byte 44 has 1 byte, which is no multiple of the 2 bytes of a frame"
        );
    }
}
