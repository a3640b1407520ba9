//! Reads a WAV file as a slice and as a stream, asserts that both agree, and measures their memory.

#[path = "../../src/audio/wav/fixture.rs"]
#[allow(dead_code)] // each test uses a part
pub mod fixture;

use super::memory::measured;
use ossicle::audio::wav::{Encoding, ReadError, Source, Stream, Wav};
use std::convert::Infallible;

/// Hands out a few bytes at a time.
struct Pieces<'a>(&'a [u8]);

impl Source for Pieces<'_> {
    type Error = Infallible;
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let most = buffer.len().min(7);
        self.0.read(&mut buffer[..most])
    }
}

/// The result of reading a file. Memory is without the file itself.
pub struct Read {
    /// Whether it is a WAV file.
    pub is_wav: bool,
    /// Bytes held at most.
    pub held: usize,
}

/// Reads a file at once and as a stream, and checks that both agree.
pub fn read(bytes: &[u8]) -> Read {
    let (result, at_once) = measured(|| {
        Wav::parse(bytes).inspect(|wav| {
            let mono = wav.mono();
            assert_eq!(mono.len(), wav.frames());
            assert_eq!(wav.samples().len(), wav.frames() * wav.channels());
            if wav.encoding() != Encoding::Float {
                assert!(mono.iter().all(|x| (-1.0..1.0).contains(x)));
            }
        })
    });
    let (streamed, in_pieces) = measured(|| {
        let mut stream = Stream::open(Pieces(bytes))?;
        let mut frames = 0;
        while let Some(block) = stream.block()? {
            frames += block.frames();
        }
        Ok(frames)
    });
    match (&result, streamed) {
        (Ok(wav), Ok(frames)) => assert_eq!(wav.frames(), frames),
        (Err(error), Err(ReadError::Wav(found))) => assert_eq!(*error, found),
        (_, streamed) => panic!("at once: {result:?}, streamed: {streamed:?}"),
    }
    Read { is_wav: result.is_ok(), held: at_once.max(in_pieces) }
}
