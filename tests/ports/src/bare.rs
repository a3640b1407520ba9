//! A program for Linux (x86-64, aarch64) without the standard library and without a C library.

#![no_std]
#![no_main]

extern crate alloc;
mod heap;
#[cfg(not(feature = "proof"))]
mod keyword;
#[cfg(feature = "proof")]
mod proof;

use core::arch::{asm, global_asm};

#[global_allocator]
static HEAP: heap::Heap<{ if cfg!(feature = "proof") { 64 << 20 } else { 64 } }> = heap::Heap::new();

#[cfg(target_arch = "x86_64")]
global_asm!(".globl _start", "_start:", "and rsp, -16", "call {start}", start = sym start);
#[cfg(target_arch = "aarch64")]
global_asm!(".globl _start", "_start:", "bl {start}", start = sym start);

fn call(number: [usize; 2], a: usize, b: usize, c: usize) {
    // SAFETY: writes to a file, or ends the program.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        asm!("syscall", inlateout("rax") number[0] => _, in("rdi") a, in("rsi") b, in("rdx") c, out("rcx") _, out("r11") _);
        #[cfg(target_arch = "aarch64")]
        asm!("svc 0", in("x8") number[1], inlateout("x0") a => _, in("x1") b, in("x2") c);
    }
}

fn print(text: &[u8]) {
    call([1, 64], 1, text.as_ptr() as usize, text.len());
}

fn end(status: usize) -> ! {
    loop {
        call([60, 93], status, 0, 0);
    }
}

extern "C" fn start() -> ! {
    #[cfg(feature = "proof")]
    {
        proof::all(&mut |name, digest| print(alloc::format!("{name} {digest:016x}\n").as_bytes()));
        end(0)
    }
    #[cfg(not(feature = "proof"))]
    {
        let passes = keyword::passes();
        print(if passes { b"same bits\n" } else { b"other bits\n" });
        end(usize::from(!passes))
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    end(101)
}

#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() {}
