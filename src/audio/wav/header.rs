//! The walk over the chunks, from the first byte of the file to the first sample.

use super::error::WavError;
use super::format::{Encoding, Format};
use crate::bytes::endian::Reader;

/// A WAV file that was understood: what its header says, and its samples, still as bytes of the
/// file.
///
/// It borrows the file and is as large as a few numbers, whatever the header claims. How a file is
/// read, and what is tolerated, stands at the top of this chapter ([`super`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wav<'a> {
    pub(super) format: Format,
    /// Whole frames.
    pub(super) data: &'a [u8],
}

impl<'a> Wav<'a> {
    /// Understands the bytes of a WAV file. Nothing is allocated.
    ///
    /// Samples may be PCM of 8, 16, 24 or 32 bits or IEEE floating point of 32 or 64, in a `fmt `
    /// chunk of the plain or of the extensible kind.
    ///
    /// # Errors
    ///
    /// The first thing found wrong; [`WavError`] lists all that can be. A `data` chunk that ends
    /// before its claimed length or within a frame is an error, and so is one that comes before the
    /// `fmt ` chunk.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, WavError> {
        let mut reader = Reader::new(bytes);
        riff_header(&mut reader)?;
        let mut format = None;
        while let Some((id, length)) = chunk_header(&mut reader) {
            let offset = reader.position();
            let available = reader.remaining();
            let contents = usize::try_from(length).ok().and_then(|n| reader.take(n));
            match (&id, contents) {
                (b"data", _) => {
                    let format: Format = format.ok_or(WavError::DataBeforeFormat { offset })?;
                    return match contents {
                        Some(data) => whole_frames(format, data, offset),
                        None => Err(truncated(format, offset, length, available)),
                    };
                }
                (_, None) => {
                    return Err(WavError::ChunkTooLong { id, offset, expected: length, found: available });
                }
                (b"fmt ", Some(contents)) if format.is_none() => {
                    format = Some(Format::parse(contents, offset)?);
                }
                _ => {}
            }
            // A pad byte that is missing at the end of the file is not missed: nothing follows it.
            let _ = reader.skip((length % 2) as usize);
        }
        let end = bytes.len();
        match format {
            None => Err(WavError::MissingFormat { end }),
            Some(_) => Err(WavError::MissingData { end }),
        }
    }

    /// Frames a second, in Hz; at least 1.
    pub fn rate(&self) -> u32 {
        self.format.rate
    }

    /// Samples in a frame, 1 to 65535.
    pub fn channels(&self) -> usize {
        usize::from(self.format.channels)
    }

    /// Bits of the container in which a sample is stored: 8, 16, 24, 32 or 64. This is what
    /// integers are scaled by.
    pub fn bits(&self) -> u16 {
        self.format.storage.bits()
    }

    /// Bits of the container that carry the sound, counted from the most significant; 1 to
    /// [`Wav::bits`].
    ///
    /// Only an extensible header can tell them apart; elsewhere all are valid. The others are
    /// normally zero, but they are not masked: scaling by the container leaves them where they are.
    pub fn valid_bits(&self) -> u16 {
        self.format.valid_bits
    }

    /// Whether samples are integers or floating-point numbers.
    pub fn encoding(&self) -> Encoding {
        self.format.storage.encoding()
    }

    /// The number of frames, that is of samples in each channel; may be 0.
    pub fn frames(&self) -> usize {
        self.data.len() / self.format.frame_bytes()
    }

    /// The duration in seconds: frames / rate.
    pub fn seconds(&self) -> f64 {
        self.frames() as f64 / f64::from(self.rate())
    }
}

fn riff_header(reader: &mut Reader<'_>) -> Result<(), WavError> {
    let found = reader.remaining();
    if found == 0 {
        return Err(WavError::Empty);
    }
    let (Some(riff), Some(_length), Some(form)) = (reader.array::<4>(), reader.u32_le(), reader.array::<4>()) else {
        return Err(WavError::ShortHeader { found });
    };
    if &riff != b"RIFF" {
        return Err(WavError::NotRiff { found: riff });
    }
    if &form != b"WAVE" {
        return Err(WavError::NotWave { found: form });
    }
    Ok(())
}

/// The name and the length of the next chunk; `None` at the end of the file and before a last few
/// stray bytes.
fn chunk_header(reader: &mut Reader<'_>) -> Option<([u8; 4], u32)> {
    let id = reader.array()?;
    let length = reader.u32_le()?;
    Some((id, length))
}

fn whole_frames(format: Format, data: &[u8], offset: usize) -> Result<Wav<'_>, WavError> {
    if !data.len().is_multiple_of(format.frame_bytes()) {
        return Err(WavError::PartialFrame { offset, found: data.len(), frame_bytes: format.frame_bytes() });
    }
    Ok(Wav { format, data })
}

fn truncated(format: Format, offset: usize, expected: u32, found: usize) -> WavError {
    WavError::Truncated {
        offset,
        expected,
        expected_frames: usize::try_from(expected).unwrap_or(usize::MAX) / format.frame_bytes(),
        found,
        found_frames: found / format.frame_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{chunk, fmt, join, riff};
    use super::*;
    use alloc::vec::Vec;

    const STEREO: [u8; 8] = [1, 0, 2, 0, 3, 0, 4, 0];

    fn stereo_fmt() -> Vec<u8> {
        chunk(b"fmt ", &fmt(1, 2, 44_100, 16))
    }

    #[test]
    fn the_header_is_reported_as_written() {
        let file = riff(&[stereo_fmt(), chunk(b"data", &STEREO)]);
        let wav = Wav::parse(&file).unwrap();
        assert_eq!(wav.rate(), 44_100);
        assert_eq!(wav.channels(), 2);
        assert_eq!((wav.bits(), wav.valid_bits()), (16, 16));
        assert_eq!(wav.encoding(), Encoding::Pcm);
        assert_eq!(wav.frames(), 2);
        assert_eq!(wav.seconds(), 2.0 / 44_100.0);
    }

    #[test]
    fn unknown_chunks_of_even_and_odd_length_are_passed_over_wherever_they_stand() {
        let list = chunk(b"LIST", b"INFOodd");
        let fact = chunk(b"fact", &[2, 0, 0, 0]);
        let file = riff(&[
            list.clone(),
            fact.clone(),
            stereo_fmt(),
            list.clone(),
            chunk(b"JUNK", b""),
            chunk(b"data", &STEREO),
            list,
            fact,
        ]);
        assert_eq!(Wav::parse(&file).unwrap().data, STEREO);
    }

    #[test]
    fn the_samples_may_be_odd_and_lack_their_pad_byte() {
        let mono = chunk(b"fmt ", &fmt(1, 1, 8000, 8));
        let mut file = riff(&[mono, chunk(b"data", &[1, 2, 3])]);
        assert_eq!(file.pop(), Some(0));
        assert_eq!(Wav::parse(&file).unwrap().frames(), 3);
    }

    #[test]
    fn a_last_chunk_without_its_pad_byte_is_the_end_of_the_file() {
        let mut file = riff(&[stereo_fmt(), chunk(b"LIST", b"odd")]);
        assert_eq!(file.pop(), Some(0));
        let end = file.len();
        assert_eq!(Wav::parse(&file), Err(WavError::MissingData { end }));
    }

    #[test]
    fn what_follows_the_samples_is_not_read() {
        let mut file = riff(&[stereo_fmt(), chunk(b"data", &STEREO)]);
        file.extend_from_slice(b"LIST\xff\xff\xff\xff and an unfinished tag");
        assert_eq!(Wav::parse(&file).unwrap().data, STEREO);
    }

    #[test]
    fn the_length_in_the_riff_header_may_lie() {
        for length in [0u32, 1, 4, 1000, u32::MAX] {
            let mut file = riff(&[stereo_fmt(), chunk(b"data", &STEREO)]);
            file[4..8].copy_from_slice(&length.to_le_bytes());
            assert_eq!(Wav::parse(&file).unwrap().data, STEREO);
        }
    }

    #[test]
    fn the_first_of_two_fmt_chunks_and_of_two_data_chunks_counts() {
        let other = chunk(b"fmt ", &fmt(1, 1, 8000, 8));
        let data = chunk(b"data", &STEREO);
        let file = riff(&[stereo_fmt(), other, data, chunk(b"data", &[9; 4])]);
        let wav = Wav::parse(&file).unwrap();
        assert_eq!((wav.rate(), wav.data), (44_100, &STEREO[..]));
    }

    #[test]
    fn zero_frames_are_a_valid_file() {
        let file = riff(&[stereo_fmt(), chunk(b"data", b"")]);
        let wav = Wav::parse(&file).unwrap();
        assert_eq!((wav.frames(), wav.seconds()), (0, 0.0));
    }

    #[test]
    fn an_empty_or_too_short_file_is_told_apart_from_another_format() {
        assert_eq!(Wav::parse(b""), Err(WavError::Empty));
        assert_eq!(Wav::parse(b"RIFF\0\0\0\0WAV"), Err(WavError::ShortHeader { found: 11 }));
        assert_eq!(Wav::parse(b"fLaC\0\0\0\x22\x10\0\x10\0"), Err(WavError::NotRiff { found: *b"fLaC" }));
        assert_eq!(Wav::parse(b"RIFF\0\0\0\0AVI "), Err(WavError::NotWave { found: *b"AVI " }));
    }

    #[test]
    fn missing_chunks_are_named() {
        assert_eq!(Wav::parse(&riff(&[])), Err(WavError::MissingFormat { end: 12 }));
        assert_eq!(Wav::parse(&riff(&[stereo_fmt()])), Err(WavError::MissingData { end: 36 }));
        let reversed = riff(&[chunk(b"data", &STEREO), stereo_fmt()]);
        assert_eq!(Wav::parse(&reversed), Err(WavError::DataBeforeFormat { offset: 20 }));
    }

    #[test]
    fn a_chunk_longer_than_the_file_is_named_with_both_lengths() {
        let file = join(&[&riff(&[stereo_fmt()]), b"LIST\xe8\x03\0\0abc"]);
        assert_eq!(
            Wav::parse(&file),
            Err(WavError::ChunkTooLong { id: *b"LIST", offset: 44, expected: 1000, found: 3 })
        );
    }

    #[test]
    fn four_gigabytes_claimed_in_sixty_bytes_are_an_error_and_nothing_else() {
        let file = join(&[&riff(&[stereo_fmt()]), b"data\xff\xff\xff\xff", &[0; 16]]);
        assert_eq!(file.len(), 60);
        assert_eq!(
            Wav::parse(&file),
            Err(WavError::Truncated {
                offset: 44,
                expected: u32::MAX,
                expected_frames: 1_073_741_823,
                found: 16,
                found_frames: 4
            })
        );
    }

    #[test]
    fn neither_the_file_nor_its_errors_own_memory() {
        fn is_copy<T: Copy>() {}
        is_copy::<Wav<'static>>();
        is_copy::<WavError>();
    }

    #[test]
    fn samples_that_end_within_a_frame_are_an_error() {
        let file = riff(&[stereo_fmt(), chunk(b"data", &STEREO[..6])]);
        assert_eq!(Wav::parse(&file), Err(WavError::PartialFrame { offset: 44, found: 6, frame_bytes: 4 }));
    }
}
