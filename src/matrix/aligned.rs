//! Numbers that start at a multiple of 64 bytes.
//!
//! That is the length of a cache line, and no register is longer: one that is loaded from or stored to a place at a
//! multiple of its size touches one line, any other may touch two. An allocator promises less, so a little more is asked for.

use crate::machine::pages::prefer_large;
use crate::machine::size;
use crate::number::Real;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};

const LINE: usize = 64;

/// A slice of its own memory.
#[derive(Debug)]
pub(super) struct Aligned<T> {
    room: Vec<T>,
    start: usize,
    length: usize,
}

impl<T: Real> Aligned<T> {
    /// As many zeros.
    ///
    /// # Panics
    /// If there is no memory for them.
    pub fn zeros(length: usize) -> Self {
        let with_line = size::sum([length, LINE / size_of::<T>()]);
        size::claim::<T>(with_line);
        let room = vec![T::ZERO; with_line];
        prefer_large(&room); // the system has not yet given the memory of these zeros
        let start = room.as_ptr().align_offset(LINE).min(LINE / size_of::<T>());
        Aligned { room, start, length }
    }

    /// Makes it at least as long; what it held is lost then.
    ///
    /// # Panics
    /// As [`zeros`](Self::zeros).
    pub fn reserve(&mut self, length: usize) {
        if self.length < length {
            *self = Self::zeros(length);
        }
    }

    /// Takes on another length and keeps the memory, which grows if it must; what it holds is then any.
    ///
    /// # Panics
    /// As [`zeros`](Self::zeros).
    pub fn resize(&mut self, length: usize) {
        if length <= self.room.len() - self.start {
            self.length = length;
        } else {
            *self = Self::zeros(length);
        }
    }
}

impl<T> Default for Aligned<T> {
    fn default() -> Self {
        Aligned::from(Vec::new())
    }
}

/// A vector as it is, wherever it starts.
impl<T> From<Vec<T>> for Aligned<T> {
    fn from(room: Vec<T>) -> Self {
        let length = room.len();
        Aligned { room, start: 0, length }
    }
}

impl<T> Deref for Aligned<T> {
    type Target = [T];
    #[inline(always)]
    fn deref(&self) -> &[T] {
        &self.room[self.start..][..self.length]
    }
}

impl<T> DerefMut for Aligned<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.room[self.start..][..self.length]
    }
}

impl<T: Clone> Clone for Aligned<T> {
    fn clone(&self) -> Self {
        let mut room: Vec<T> = Vec::with_capacity(self.length + LINE / size_of::<T>());
        let start = room.as_ptr().align_offset(LINE).min(LINE / size_of::<T>());
        room.extend(self.first().cloned().into_iter().cycle().take(start)); // never read
        let start = room.len();
        room.extend_from_slice(self);
        Aligned { room, start, length: self.length }
    }
}

impl<T: PartialEq> PartialEq for Aligned<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_and_its_copies_start_at_a_line() {
        for length in [1, 100, 10_000] {
            let mut numbers = Aligned::<f32>::zeros(length);
            numbers.fill(1.0);
            let copy = numbers.clone();
            assert_eq!((numbers.as_ptr() as usize % LINE, copy.as_ptr() as usize % LINE), (0, 0));
            assert!(copy == numbers && copy.len() == length);
        }
    }

    #[test]
    fn another_length_keeps_the_memory_if_it_can() {
        let mut numbers = Aligned::<f64>::zeros(100);
        let start = numbers.as_ptr();
        for length in [0, 7, 100] {
            numbers.resize(length);
            assert_eq!((numbers.len(), numbers.as_ptr()), (length, start));
        }
        numbers.resize(1000);
        assert_eq!((numbers.len(), numbers.as_ptr() as usize % LINE), (1000, 0));
        let mut none = Aligned::<f64>::default();
        none.resize(3);
        assert_eq!(*none, [0.0; 3]);
    }
}
