//! Aligned memory: vectors of elements that start at a multiple of 64 bytes.
//!
//! 64 bytes is the length of a cache line, and no register is longer. A load or store at a multiple of the register's
//! size touches one cache line; at another address it may touch two. An allocator guarantees less, so one more line is
//! allocated and the start is moved.

use crate::machine::pages::prefer_large;
use crate::machine::size;
use crate::number::Real;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};

const LINE: usize = 64;

/// Elements in memory of their own: `length` of them, from index `start` of the allocation on.
#[derive(Debug)]
pub(super) struct Aligned<T> {
    memory: Vec<T>,
    start: usize,
    length: usize,
}

impl<T: Real> Aligned<T> {
    /// Zeros.
    ///
    /// # Panics
    /// If there is no memory for them.
    pub fn zeros(length: usize) -> Self {
        let with_line = size::sum([length, LINE / size_of::<T>()]);
        size::claim::<T>(with_line);
        let memory = vec![T::ZERO; with_line];
        prefer_large(&memory); // the system has not yet provided memory for these zeros
        let start = memory.as_ptr().align_offset(LINE).min(LINE / size_of::<T>());
        Aligned { memory, start, length }
    }

    /// Makes it at least `length` long. If it grows, its contents are lost.
    ///
    /// # Panics
    /// As [`zeros`](Self::zeros).
    pub fn reserve(&mut self, length: usize) {
        if self.length < length {
            *self = Self::zeros(length);
        }
    }

    /// Changes the length and keeps the memory, which grows if necessary. The contents are then arbitrary.
    ///
    /// # Panics
    /// As [`zeros`](Self::zeros).
    pub fn resize(&mut self, length: usize) {
        if length <= self.memory.len() - self.start {
            self.length = length;
        } else {
            *self = Self::zeros(length);
        }
    }

    /// The elements as a vector, in the same memory.
    pub fn into_vec(mut self) -> Vec<T> {
        self.memory.truncate(self.start + self.length);
        self.memory.drain(..self.start);
        self.memory
    }
}

impl<T> Default for Aligned<T> {
    fn default() -> Self {
        Aligned::from(Vec::new())
    }
}

/// A vector without a copy, aligned or not.
impl<T> From<Vec<T>> for Aligned<T> {
    fn from(memory: Vec<T>) -> Self {
        let length = memory.len();
        Aligned { memory, start: 0, length }
    }
}

impl<T> Deref for Aligned<T> {
    type Target = [T];
    #[inline(always)]
    fn deref(&self) -> &[T] {
        &self.memory[self.start..][..self.length]
    }
}

impl<T> DerefMut for Aligned<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.memory[self.start..][..self.length]
    }
}

impl<T: Clone> Clone for Aligned<T> {
    fn clone(&self) -> Self {
        let mut memory: Vec<T> = Vec::with_capacity(self.length + LINE / size_of::<T>());
        let start = memory.as_ptr().align_offset(LINE).min(LINE / size_of::<T>());
        memory.extend(self.first().cloned().into_iter().cycle().take(start)); // never read
        let start = memory.len();
        memory.extend_from_slice(self);
        Aligned { memory, start, length: self.length }
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
            let mut elements = Aligned::<f32>::zeros(length);
            elements.fill(1.0);
            let copy = elements.clone();
            assert_eq!((elements.as_ptr() as usize % LINE, copy.as_ptr() as usize % LINE), (0, 0));
            assert!(copy == elements && copy.len() == length);
        }
    }

    #[test]
    fn another_length_keeps_the_memory_if_it_can() {
        let mut elements = Aligned::<f64>::zeros(100);
        let start = elements.as_ptr();
        for length in [0, 7, 100] {
            elements.resize(length);
            assert_eq!((elements.len(), elements.as_ptr()), (length, start));
        }
        elements.resize(1000);
        assert_eq!((elements.len(), elements.as_ptr() as usize % LINE), (1000, 0));
        let mut none = Aligned::<f64>::default();
        none.resize(3);
        assert_eq!(*none, [0.0; 3]);
    }
}
