//! Large pages: advice to the operating system that makes access to large matrices faster.
//!
//! A processor translates addresses page by page, 4096 bytes each, and caches the translations of some two thousand
//! pages (the TLB). Each row of a matrix with 10000 columns lies on pages of its own, so an algorithm that walks down
//! the columns needs more translations than that. On request, Linux backs large allocations with pages of 2 MiB; NumPy
//! makes this request too. On other systems the function does nothing. No result depends on it.

/// Slices smaller than this, in bytes, stay on ordinary pages.
const LARGE: usize = 4 << 20;

/// Advises the system to back a large slice with large pages. It helps most before the first write to the slice.
pub fn prefer_large<T>(elements: &[T]) {
    let bytes = size_of_val(elements);
    if bytes < LARGE {
        return;
    }
    #[cfg(all(feature = "std", target_os = "linux", target_arch = "x86_64"))]
    {
        const PAGE: usize = 4096;
        const MADVISE: usize = 28;
        const HUGE_PAGES: usize = 14;
        let start = elements.as_ptr() as usize;
        let first = start.next_multiple_of(PAGE);
        let length = (start + bytes - first) / PAGE * PAGE;
        let _refused: usize;
        // SAFETY: this is the system call madvise(first, length, MADV_HUGEPAGE) on whole pages of a borrowed slice. The
        // advice changes no content and no permission. Linux overwrites only rax, rcx and r11.
        unsafe {
            core::arch::asm!(
                "syscall",
                inlateout("rax") MADVISE => _refused,
                in("rdi") first,
                in("rsi") length,
                in("rdx") HUGE_PAGES,
                out("rcx") _,
                out("r11") _,
                options(nostack),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::prefer_large;
    use alloc::vec;

    #[test]
    fn contents_stay() {
        let elements = vec![7u64; (super::LARGE + 5000) / 8];
        prefer_large(&elements[1..]);
        prefer_large(&elements[..3]);
        assert!(elements.iter().all(|&x| x == 7));
    }
}
