//! Files, pipes and every other reader of the standard library as a source.

use super::source::Source;
use std::io::{self, ErrorKind, Read};

/// A [`Read`] as a [`Source`].
///
/// ```no_run
/// use ossicle::audio::wav::{Input, Stream};
///
/// let mut stream = Stream::open(Input(std::fs::File::open("speech.wav")?))?;
/// while let Some(block) = stream.block()? {
///     println!("{} frames", block.frames());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Input<R>(pub R);

impl<R: Read> Source for Input<R> {
    type Error = io::Error;

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}
