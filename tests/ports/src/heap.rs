//! An allocator that never frees memory, which is enough for a small training run.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicUsize, Ordering};

/// `SIZE` bytes.
#[repr(align(64))]
pub struct Heap<const SIZE: usize> {
    bytes: UnsafeCell<MaybeUninit<[u8; SIZE]>>,
    used: AtomicUsize,
}

// SAFETY: there is one thread.
unsafe impl<const SIZE: usize> Sync for Heap<SIZE> {}

impl<const SIZE: usize> Heap<SIZE> {
    pub const fn new() -> Self {
        Heap { bytes: UnsafeCell::new(MaybeUninit::uninit()), used: AtomicUsize::new(0) }
    }

    #[allow(dead_code)]
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }
}

// SAFETY: each block begins after the end of the one before.
unsafe impl<const SIZE: usize> GlobalAlloc for Heap<SIZE> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let at = self.used().next_multiple_of(layout.align());
        if layout.size() > SIZE - at.min(SIZE) {
            return core::ptr::null_mut();
        }
        self.used.store(at + layout.size(), Ordering::Relaxed);
        // SAFETY: just checked.
        unsafe { self.bytes.get().cast::<u8>().add(at) }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}
