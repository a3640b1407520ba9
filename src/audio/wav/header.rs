//! The walk over the chunks, from the first byte of the file to the first sample.

use super::error::{ReadError, WavError};
use super::format::{Encoding, Format};
use super::source::{Cursor, Source};
use crate::bytes::endian::Order;
use crate::bytes::limits::WAV_CHUNKS;
use core::fmt;

/// A parsed WAV file: the fields of its header, and its samples, still as bytes of the file.
///
/// It borrows the file and takes a few words of memory, regardless of the header's claims. The top of this chapter
/// ([`super`]) describes how a file is read, and which errors are tolerated.
///
/// ```
/// use ossicle::audio::wav::Wav;
///
/// let file = std::fs::read("data/digits/0_awb_0.wav")?;
/// let wav = Wav::parse(&file)?;
/// assert_eq!((wav.rate(), wav.channels(), wav.bits()), (8000, 1, 16));
/// let samples: Vec<f64> = wav.mono();
/// assert_eq!(samples.len(), wav.frames());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Wav<'a> {
    pub(super) format: Format,
    /// Whole frames.
    pub(super) data: &'a [u8],
}

impl<'a> Wav<'a> {
    /// Parses the bytes of a WAV file. Nothing is allocated.
    ///
    /// # Errors
    ///
    /// The first thing found wrong; [`WavError`] lists all that can be. A `data` chunk that ends
    /// before its claimed length or within a frame is an error, and so is one that comes before the
    /// `fmt ` chunk.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, WavError> {
        let mut cursor = Cursor { source: bytes, position: 0 };
        let (format, claimed) = read(&mut cursor).map_err(|error| match error {
            ReadError::Wav(error) => error,
            ReadError::Source(never) => match never {},
        })?;
        let (start, rest) = (cursor.position, cursor.source);
        let data = match claimed {
            Some(claimed) => usize::try_from(claimed)
                .ok()
                .and_then(|n| rest.get(..n))
                .ok_or_else(|| truncated(&format, start, claimed, rest.len() as u64))?,
            None => &rest[..rest.len() / format.frame_bytes() * format.frame_bytes()],
        };
        Ok(Wav { format, data })
    }

    /// How the samples are stored.
    pub fn format(&self) -> &Format {
        &self.format
    }

    /// [`Format::rate`].
    pub fn rate(&self) -> u32 {
        self.format.rate()
    }

    /// [`Format::channels`].
    pub fn channels(&self) -> usize {
        self.format.channels()
    }

    /// [`Format::bits`].
    pub fn bits(&self) -> u16 {
        self.format.bits()
    }

    /// [`Format::valid_bits`].
    pub fn valid_bits(&self) -> u16 {
        self.format.valid_bits()
    }

    /// [`Format::encoding`].
    pub fn encoding(&self) -> Encoding {
        self.format.encoding()
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

/// The format, the number of frames, and the first samples.
impl fmt::Debug for Wav<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("Wav");
        fields.field("format", &self.format).field("frames", &self.frames());
        fields.field("samples", &self.samples()).finish()
    }
}

/// Reads up to the first sample: the format, and the number of bytes of samples, a multiple of a frame; `None` if the
/// samples extend to the end of the file.
pub(super) fn read<S: Source>(cursor: &mut Cursor<S>) -> Result<(Format, Option<u64>), ReadError<S::Error>> {
    let RiffHeader { order, length: riff_length } = riff_header(cursor)?;
    let mut format: Option<Format> = None;
    // The length of the samples by the chunk `ds64`, which precedes all others.
    let mut long_length = None;
    let mut odd = false;
    for _ in 0..WAV_CHUNKS.most {
        let Some((id, length)) = chunk_header(cursor, order, odd)? else {
            let end = cursor.position;
            return Err(match format {
                None => WavError::MissingFormat { end }.into(),
                Some(_) => WavError::MissingData { end }.into(),
            });
        };
        let offset = cursor.position;
        if &id == b"data" {
            let format = format.ok_or(WavError::DataBeforeFormat { offset })?;
            let claimed = claimed_length(&format, length, long_length, riff_length, offset);
            return Ok((format, whole_frames(&format, claimed, offset)?));
        }
        // What is read of any chunk is at its front.
        let mut front = [0; 40];
        let wanted = (length as usize).min(front.len());
        let filled = cursor.fill(&mut front[..wanted]).map_err(ReadError::Source)?;
        let rest = u64::from(length) - filled as u64;
        let passed = if filled < wanted { 0 } else { cursor.skip(rest).map_err(ReadError::Source)? };
        if passed < rest {
            let found = filled as u64 + passed;
            return Err(WavError::ChunkTooLong { id, offset, expected: length.into(), found }.into());
        }
        match &id {
            b"fmt " if format.is_none() => format = Some(Format::parse(&front[..filled], offset, order)?),
            b"ds64" if long_length.is_none() => match front[..filled].get(8..).and_then(|bytes| bytes.first_chunk()) {
                Some(bytes) => long_length = Some(u64::from_le_bytes(*bytes)),
                None => return Err(WavError::ShortLengths { offset, found: filled as u64 }.into()),
            },
            _ => {}
        }
        odd = length % 2 == 1;
    }
    Err(WavError::TooManyChunks { offset: cursor.position, expected: WAV_CHUNKS.most }.into())
}

struct RiffHeader {
    order: Order,
    length: u32,
}

fn riff_header<S: Source>(cursor: &mut Cursor<S>) -> Result<RiffHeader, ReadError<S::Error>> {
    let mut header = [0; 12];
    let found = cursor.fill(&mut header).map_err(ReadError::Source)? as u64;
    let [r, i, f, x, length @ .., w, a, v, e] = header;
    let (riff, form) = ([r, i, f, x], [w, a, v, e]);
    if found == 0 {
        return Err(WavError::Empty.into());
    }
    if found < 12 {
        return Err(WavError::ShortHeader { found }.into());
    }
    let order = order_of(&riff).ok_or(WavError::NotRiff { found: riff })?;
    if &form != b"WAVE" {
        return Err(WavError::NotWave { found: form }.into());
    }
    Ok(RiffHeader { order, length: u32::from_le_bytes(order.to_little(length)) })
}

/// The order of bytes in the containers that begin with these four.
fn order_of(riff: &[u8; 4]) -> Option<Order> {
    match riff {
        b"RIFF" | b"RF64" | b"BW64" => Some(Order::Little),
        b"RIFX" => Some(Order::Big),
        _ => None,
    }
}

/// Whether a file that begins with these bytes is one of the containers.
pub fn is_container(first: &[u8]) -> bool {
    first.first_chunk().is_some_and(|riff| order_of(riff).is_some())
}

/// A chunk's name and its length.
type ChunkHeader = ([u8; 4], u32);

/// The head of the next chunk; `None` at the end of the file and before a last few
/// stray bytes.
///
/// After a chunk of odd length comes a pad byte, which some programs leave out. Names are of printable letters: it was
/// left out if such a name stands in its place.
fn chunk_header<S: Source>(
    cursor: &mut Cursor<S>,
    order: Order,
    odd: bool,
) -> Result<Option<ChunkHeader>, ReadError<S::Error>> {
    let mut header = [0; 8];
    let mut found = cursor.fill(&mut header).map_err(ReadError::Source)?;
    if odd && !header[..4].iter().all(|byte| (b' '..=b'~').contains(byte)) {
        header.rotate_left(1);
        found = found.saturating_sub(1) + cursor.fill(&mut header[7..]).map_err(ReadError::Source)?;
    }
    let [a, b, c, d, length @ ..] = header;
    Ok((found == 8).then(|| ([a, b, c, d], u32::from_le_bytes(order.to_little(length)))))
}

/// The number of bytes of samples by the header; `None` if they extend to the end of the file.
///
/// A program that writes to a pipe does not know the length when it writes the header. It leaves 0, 2³²-1, or the bytes
/// of the frames that fit in 0x7FFFF000. A length of 0 is true if the length in the RIFF header leaves room for more
/// chunks after it.
fn claimed_length(format: &Format, length: u32, long: Option<u64>, riff: u32, offset: u64) -> Option<u64> {
    const PIPE: u32 = 0x7fff_f000;
    let of_a_pipe = PIPE - PIPE % format.frame_bytes() as u32;
    let riff_end = u64::from(riff) + 8;
    match (length, long) {
        (u32::MAX, Some(0 | u64::MAX) | None) => None,
        (u32::MAX, Some(long)) => Some(long),
        (PIPE, _) => None,
        (length, _) if length == of_a_pipe => None,
        (0, _) if riff == u32::MAX || riff_end <= offset => None,
        (length, _) => Some(length.into()),
    }
}

fn whole_frames(format: &Format, claimed: Option<u64>, offset: u64) -> Result<Option<u64>, WavError> {
    let frame_bytes = format.frame_bytes() as u64;
    match claimed {
        Some(found) if !found.is_multiple_of(frame_bytes) => Err(WavError::PartialFrame { offset, found, frame_bytes }),
        claimed => Ok(claimed),
    }
}

/// The error of samples that end before their time.
pub(super) fn truncated(format: &Format, offset: u64, expected: u64, found: u64) -> WavError {
    let frame_bytes = format.frame_bytes() as u64;
    let (expected_frames, found_frames) = (expected / frame_bytes, found / frame_bytes);
    WavError::Truncated { offset, expected, expected_frames, found, found_frames }
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
        let end = file.len() as u64;
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
        let file = join(&[&riff(&[stereo_fmt()]), b"data\xfc\xff\xff\xff", &[0; 16]]);
        assert_eq!(file.len(), 60);
        assert_eq!(
            Wav::parse(&file),
            Err(WavError::Truncated {
                offset: 44,
                expected: 0xffff_fffc,
                expected_frames: 1_073_741_823,
                found: 16,
                found_frames: 4
            })
        );
    }

    #[test]
    fn samples_that_were_written_to_a_pipe_go_to_the_end_of_the_file() {
        let six_bytes = [1, 2, 3, 4, 5, 6];
        for (riff_length, length) in [
            (0, 0),
            (36, 0),
            (u32::MAX, 0),
            (u32::MAX, u32::MAX),
            (0x7fff_f024, 0x7fff_f000),
            // As many frames of 4 bytes as fit.
            (7, 0x7fff_f000 / 4 * 4),
        ] {
            let mut file = join(&[&riff(&[stereo_fmt()]), b"data", &u32::to_le_bytes(length), &six_bytes]);
            file[4..8].copy_from_slice(&riff_length.to_le_bytes());
            assert_eq!(Wav::parse(&file).unwrap().data, &six_bytes[..4], "{riff_length:#x} {length:#x}");
        }
        let three = chunk(b"fmt ", &fmt(1, 1, 8000, 24));
        let file = join(&[&riff(&[three]), b"data\xff\xef\xff\x7f", &six_bytes]);
        assert_eq!(Wav::parse(&file).unwrap().data, six_bytes);
    }

    #[test]
    fn no_samples_before_other_chunks_are_no_samples() {
        let file = riff(&[stereo_fmt(), chunk(b"data", b""), chunk(b"LIST", b"INFO")]);
        assert_eq!(Wav::parse(&file).unwrap().frames(), 0);
    }

    #[test]
    fn an_odd_chunk_may_lack_its_pad_byte() {
        for pad in [&b""[..], b"\0", b"\xff"] {
            let file = join(&[b"RIFF\0\0\0\0WAVEnote\x03\0\0\0odd", pad, &stereo_fmt(), &chunk(b"data", &STEREO)]);
            assert_eq!(Wav::parse(&file).unwrap().data, STEREO, "{pad:?}");
        }
    }

    #[test]
    fn lengths_of_64_bits_stand_in_a_chunk_of_their_own() {
        for (long, frames) in [(8, Some(2)), (4, Some(1)), (0, Some(2)), (u64::MAX, Some(2)), (1 << 40, None)] {
            let lengths = join(&[&[0; 8], &u64::to_le_bytes(long), &[0; 12]]);
            let chunks = join(&[&chunk(b"ds64", &lengths), &stereo_fmt(), b"data\xff\xff\xff\xff", &STEREO]);
            for name in [b"RF64", b"BW64"] {
                let file = join(&[name, b"\xff\xff\xff\xffWAVE", &chunks]);
                match (Wav::parse(&file), frames) {
                    (Ok(wav), Some(frames)) => assert_eq!(wav.frames(), frames),
                    (Err(WavError::Truncated { expected, found: 8, .. }), None) => assert_eq!(expected, long),
                    (other, _) => panic!("{long}: {other:?}"),
                }
            }
        }
        let file = join(&[b"RF64\xff\xff\xff\xffWAVE", &chunk(b"ds64", &[0; 15])]);
        assert_eq!(Wav::parse(&file), Err(WavError::ShortLengths { offset: 20, found: 15 }));
    }

    #[test]
    fn a_big_endian_file_is_big_endian_throughout() {
        let file = b"RIFX\0\0\0\x28WAVEfmt \0\0\0\x10\0\x01\0\x01\0\0\x1f\x40\0\0\x3e\x80\0\x02\0\x10\
            data\0\0\0\x04\x40\0\x80\0";
        let wav = Wav::parse(file).unwrap();
        assert_eq!((wav.rate(), wav.mono()), (8000, alloc::vec![0.5, -1.0]));
    }

    #[test]
    fn chunks_without_an_end_have_one() {
        let file = join(&[b"RIFF\0\0\0\0WAVE", &[0; 40_000]]);
        assert_eq!(Wav::parse(&file), Err(WavError::TooManyChunks { offset: 32_780, expected: 4096 }));
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
