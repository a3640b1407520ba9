//! A WAV file as it comes in, block by block, in a constant amount of memory.

use super::error::ReadError;
use super::format::Format;
use super::header::{self, Wav};
use super::source::{Cursor, Source};
use alloc::vec::Vec;

/// Bytes requested at a time.
const PIECE: usize = 16_384;

/// A WAV file whose header was parsed and whose samples are still to come.
///
/// It holds one block of some 16 KiB, or one frame if that is longer (at most 64 KiB), regardless of the header's
/// claims. Header and samples are those of [`Wav`] for the same bytes; missing samples are only noticed at the end of
/// the file.
///
/// ```
/// use ossicle::audio::wav::{Stream, write_pcm16};
///
/// let file = write_pcm16(8000, 1, &[0.5, -0.5]);
/// let mut stream = Stream::open(&file[..])?; // or any Source; with std, Input(file)
/// assert_eq!((stream.format().rate(), stream.frames()), (8000, Some(2)));
/// let block = stream.block()?.unwrap();
/// assert_eq!(block.mono(), [0.5, -0.5]);
/// assert!(stream.block()?.is_none());
/// # Ok::<(), ossicle::audio::wav::ReadError<core::convert::Infallible>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stream<S> {
    cursor: Cursor<S>,
    format: Format,
    /// The first byte of the samples, and their number of bytes by the header; `None` if they end with the file.
    start: u64,
    claimed: Option<u64>,
    /// The present block: `filled` bytes of the buffer, of which the first `whole` were handed out.
    buffer: Vec<u8>,
    filled: usize,
    whole: usize,
}

impl<S: Source> Stream<S> {
    /// Reads up to the first sample.
    ///
    /// # Errors
    /// The first thing found wrong, as [`Wav::parse`], or an error of the source.
    pub fn open(source: S) -> Result<Self, ReadError<S::Error>> {
        let mut cursor = Cursor { source, position: 0 };
        let (format, claimed) = header::read(&mut cursor)?;
        let start = cursor.position;
        Ok(Stream { cursor, format, start, claimed, buffer: Vec::new(), filled: 0, whole: 0 })
    }

    /// How the samples are stored.
    pub fn format(&self) -> &Format {
        &self.format
    }

    /// The frames that the header claims; `None` if it leaves that to the end of the file.
    pub fn frames(&self) -> Option<u64> {
        self.claimed.map(|bytes| bytes / self.format.frame_bytes() as u64)
    }

    /// The next frames, at least one; `None` after the last. A frame that the end of the file cuts is left out where
    /// the header leaves the length to the end of the file.
    ///
    /// # Errors
    /// If there are fewer samples than the header claims (all of them were handed out before), or an error of the
    /// source, after which this can be called again.
    pub fn block(&mut self) -> Result<Option<Wav<'_>>, ReadError<S::Error>> {
        let frame_bytes = self.format.frame_bytes();
        // The beginning of a frame that the last block cut comes to the front.
        self.buffer.copy_within(self.whole..self.filled, 0);
        self.filled -= self.whole;
        self.whole = 0;
        while self.filled < frame_bytes {
            let end = self.filled + usize::try_from(self.left()).unwrap_or(usize::MAX).min(PIECE);
            if self.buffer.len() < end {
                self.buffer.resize(end, 0);
            }
            let found = self.cursor.read(&mut self.buffer[self.filled..end]).map_err(ReadError::Source)?;
            if found == 0 {
                self.end()?;
                return Ok(None);
            }
            self.filled += found;
        }
        self.whole = self.filled / frame_bytes * frame_bytes;
        Ok(Some(Wav { format: self.format, data: &self.buffer[..self.whole] }))
    }

    /// Passes over the samples that are left; returns how many frames there were in all.
    ///
    /// # Errors
    /// As [`block`](Self::block).
    pub fn count(mut self) -> Result<u64, ReadError<S::Error>> {
        let left = self.left();
        self.cursor.skip(left).map_err(ReadError::Source)?;
        self.end()?;
        Ok((self.cursor.position - self.start) / self.format.frame_bytes() as u64)
    }

    /// Bytes of samples that were not read yet, as far as is known.
    fn left(&self) -> u64 {
        self.claimed.map_or(u64::MAX, |claimed| claimed - (self.cursor.position - self.start))
    }

    /// No more bytes came: were there to be more?
    fn end(&self) -> Result<(), ReadError<S::Error>> {
        let found = self.cursor.position - self.start;
        match self.claimed {
            Some(claimed) if claimed > found => Err(header::truncated(&self.format, self.start, claimed, found).into()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{chunk, fmt, riff};
    use super::super::source::tests::Piecewise;
    use super::super::{WavError, write_pcm16};
    use super::*;

    /// The samples of a stream, and how it ended.
    fn drain<S: Source>(source: S) -> (Vec<f64>, Result<(), ReadError<S::Error>>) {
        let mut samples = Vec::new();
        let mut stream = match Stream::open(source) {
            Ok(stream) => stream,
            Err(error) => return (samples, Err(error)),
        };
        loop {
            match stream.block() {
                Ok(Some(block)) => samples.extend(block.samples()),
                Ok(None) => return (samples, Ok(())),
                Err(error) => return (samples, Err(error)),
            }
        }
    }

    #[test]
    fn blocks_joined_are_the_file_whatever_the_size_of_the_pieces() {
        let samples: Vec<f64> = (0..30_000).map(|i| f64::from(i % 1000) / 1024.0).collect();
        let file = write_pcm16(8000, 3, &samples);
        for size in [1, 7, 4096, usize::MAX] {
            let (found, end) = drain(Piecewise(&file, size));
            assert_eq!((found.as_slice(), end), (&samples[..], Ok(())));
            assert_eq!(Stream::open(Piecewise(&file, size)).unwrap().count(), Ok(10_000));
        }
    }

    #[test]
    fn a_frame_longer_than_a_block_is_one_block() {
        let file = write_pcm16(8000, 32_767, &[0.25; 3 * 32_767]);
        let mut stream = Stream::open(&file[..]).unwrap();
        let mut frames = 0;
        while let Some(block) = stream.block().unwrap() {
            frames += block.frames();
            assert!(block.mono().iter().all(|&x| x == 0.25));
        }
        assert_eq!(frames, 3);
    }

    #[test]
    fn what_is_there_of_a_truncated_file_comes_before_the_error() {
        let file = write_pcm16(8000, 2, &[0.5; 10]);
        let expected = WavError::Truncated { offset: 44, expected: 20, expected_frames: 5, found: 15, found_frames: 3 };
        let (samples, end) = drain(&file[..59]);
        assert_eq!((samples, end), (alloc::vec![0.5; 6], Err(ReadError::Wav(expected))));
        assert_eq!(Stream::open(&file[..59]).unwrap().count(), Err(ReadError::Wav(expected)));
    }

    #[test]
    fn samples_without_an_end_are_read_in_one_block_of_memory() {
        struct Endless(Vec<u8>);
        impl Source for Endless {
            type Error = core::convert::Infallible;
            fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
                for byte in buffer.iter_mut() {
                    *byte = self.0.pop().unwrap_or(64);
                }
                Ok(buffer.len())
            }
        }
        let mut head = riff(&[chunk(b"fmt ", &fmt(1, 3, 8000, 8)), b"data\xff\xff\xff\xff".to_vec()]);
        head.reverse();
        let mut stream = Stream::open(Endless(head)).unwrap();
        for _ in 0..1000 {
            assert!(stream.block().unwrap().unwrap().frames() > 0);
            assert!(stream.buffer.capacity() <= 2 * PIECE);
        }
    }

    #[test]
    fn an_error_of_the_source_is_passed_on_and_nothing_is_lost() {
        struct Hiccup<'a>(&'a [u8], bool);
        impl Source for Hiccup<'_> {
            type Error = &'static str;
            fn read(&mut self, buffer: &mut [u8]) -> Result<usize, &'static str> {
                self.1 = !self.1 || self.0.len() > 20;
                if !self.1 {
                    return Err("hiccup");
                }
                let most = buffer.len().min(8);
                Ok(self.0.read(&mut buffer[..most]).unwrap_or(0))
            }
        }
        let file = write_pcm16(8000, 1, &[0.5; 30]);
        let mut stream = Stream::open(Hiccup(&file, true)).unwrap();
        let (mut frames, mut hiccups) = (0, 0);
        loop {
            match stream.block() {
                Ok(Some(block)) => frames += block.frames(),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(error, ReadError::Source("hiccup"));
                    hiccups += 1;
                }
            }
        }
        assert_eq!(frames, 30);
        assert!(hiccups > 0);
    }
}
