//! Where bytes come from: a slice, a file, a pipe, the flash memory of a board.
//!
//! A file is read once, front to back, and bytes that are not needed are skipped. So one parser serves all sources, in
//! a constant amount of memory.

use core::convert::Infallible;

/// Something that hands out bytes, front to back.
pub trait Source {
    /// What can go wrong.
    type Error;

    /// Puts the next bytes at the front of `buffer` and returns their number: at least one unless the buffer is empty
    /// or there are no more.
    ///
    /// # Errors
    /// If the bytes cannot be read; none is lost then.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error>;

    /// Skips the next `n` bytes; returns how many there were.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn skip(&mut self, n: u64) -> Result<u64, Self::Error> {
        let mut passed = 0;
        let mut buffer = [0; 4096];
        while passed < n {
            let wanted = usize::try_from(n - passed).unwrap_or(usize::MAX).min(buffer.len());
            match self.read(&mut buffer[..wanted])? {
                0 => break,
                found => passed += found as u64,
            }
        }
        Ok(passed)
    }
}

impl Source for &[u8] {
    type Error = Infallible;

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let (head, rest) = self.split_at(self.len().min(buffer.len()));
        buffer[..head.len()].copy_from_slice(head);
        *self = rest;
        Ok(head.len())
    }

    fn skip(&mut self, n: u64) -> Result<u64, Infallible> {
        let n = usize::try_from(n).unwrap_or(usize::MAX).min(self.len());
        *self = &self[n..];
        Ok(n as u64)
    }
}

/// A source, and how many bytes lie behind.
#[derive(Clone, Debug)]
pub(super) struct Cursor<S> {
    pub(super) source: S,
    pub(super) position: u64,
}

impl<S: Source> Cursor<S> {
    /// [`Source::read`].
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, S::Error> {
        // A source that claims more than the buffer holds is not believed.
        let found = self.source.read(buffer)?.min(buffer.len());
        self.position = self.position.saturating_add(found as u64);
        Ok(found)
    }

    /// Fills the buffer as far as there are bytes; returns how far that is.
    pub(super) fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, S::Error> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read(&mut buffer[filled..])? {
                0 => break,
                found => filled += found,
            }
        }
        Ok(filled)
    }

    /// Passes over `n` bytes; returns how many there were.
    pub(super) fn skip(&mut self, n: u64) -> Result<u64, S::Error> {
        let passed = self.source.skip(n)?.min(n);
        self.position = self.position.saturating_add(passed);
        Ok(passed)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Hands out at most this number of bytes at a time.
    pub(crate) struct Piecewise<'a>(pub &'a [u8], pub usize);

    impl Source for Piecewise<'_> {
        type Error = Infallible;
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
            let most = buffer.len().min(self.1);
            self.0.read(&mut buffer[..most])
        }
    }

    #[test]
    fn pieces_of_any_size_fill_a_buffer() {
        for size in 1..9 {
            let mut cursor = Cursor { source: Piecewise(&[1, 2, 3, 4, 5, 6, 7, 8], size), position: 0 };
            let mut buffer = [0; 3];
            assert_eq!((cursor.fill(&mut buffer), buffer), (Ok(3), [1, 2, 3]));
            assert_eq!(cursor.skip(3), Ok(3));
            assert_eq!((cursor.fill(&mut buffer), buffer), (Ok(2), [7, 8, 3]));
            assert_eq!((cursor.skip(u64::MAX), cursor.position), (Ok(0), 8));
        }
    }

    #[test]
    fn a_slice_skips_as_far_as_it_goes() {
        let mut source: &[u8] = &[1, 2, 3];
        assert_eq!((source.skip(2), source.skip(u64::MAX), source.len()), (Ok(2), Ok(1), 0));
    }
}
