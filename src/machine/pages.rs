//! Large pages: a request to the system that costs nothing and spares the processor work.
//!
//! A processor finds memory by page, 4096 bytes each, and remembers some two thousand pages. A matrix of 10000 columns
//! has each row on pages of its own, so walking down its columns outruns that memory. Where Linux is asked, it backs
//! large blocks by pages of 2 MiB; NumPy asks too. Elsewhere nothing is done. Results cannot depend on it.

/// Slices smaller than this, in bytes, are left as they are.
const LARGE: usize = 4 << 20;

/// Asks that the memory of a large slice, best not yet written to, be backed by large pages.
pub fn prefer_large<T>(numbers: &[T]) {
    let bytes = size_of_val(numbers);
    if bytes < LARGE {
        return;
    }
    #[cfg(all(feature = "std", target_os = "linux", target_arch = "x86_64"))]
    {
        const PAGE: usize = 4096;
        const MADVISE: usize = 28;
        const HUGE_PAGES: usize = 14;
        let start = numbers.as_ptr() as usize;
        let first = start.next_multiple_of(PAGE);
        let length = (start + bytes - first) / PAGE * PAGE;
        let _refused: usize;
        // SAFETY: the system call madvise(first, length, MADV_HUGEPAGE) on whole pages of a slice that is ours to read; this advice
        // changes no content and no permission. The kernel overwrites rax, rcx and r11 only.
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
        let numbers = vec![7u64; (super::LARGE + 5000) / 8];
        prefer_large(&numbers[1..]);
        prefer_large(&numbers[..3]);
        assert!(numbers.iter().all(|&x| x == 7));
    }
}
