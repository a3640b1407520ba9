//! A program for a Cortex-M4F without an operating system; it prints by semihosting.

#![no_std]
#![no_main]

extern crate alloc;
mod heap;
#[cfg(not(feature = "proof"))]
mod keyword;
#[cfg(feature = "proof")]
mod proof;

use core::arch::asm;

#[global_allocator]
static HEAP: heap::Heap<{ if cfg!(feature = "proof") { 2 << 20 } else { 8 } }> = heap::Heap::new();

fn semihost(operation: usize, argument: usize) {
    // SAFETY: the debugger, or QEMU, reads a string or ends the run.
    unsafe { asm!("bkpt 0xab", inout("r0") operation => _, in("r1") argument, options(nostack)) }
}

/// Prints a text that ends with a zero.
fn print(text: &[u8]) {
    semihost(4, text.as_ptr() as usize);
}

fn end(reason: usize) -> ! {
    loop {
        semihost(0x18, reason);
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    end(0x20024)
}

#[unsafe(link_section = ".vectors")]
#[used]
static VECTORS: [unsafe extern "C" fn() -> !; 3] = [reset, fault, fault];

unsafe extern "C" fn fault() -> ! {
    end(0x20023)
}

unsafe extern "C" {
    static mut data_start: u8;
    static data_end: u8;
    static data_load: u8;
}

#[unsafe(no_mangle)]
unsafe extern "C" fn reset() -> ! {
    // SAFETY: the FPU is switched on before any float, and the data copied before any static is read.
    unsafe {
        asm!("ldr {a}, =0xE000ED88", "ldr {b}, [{a}]", "orr {b}, {b}, #0xf00000", "str {b}, [{a}]", "dsb", "isb",
            a = out(reg) _, b = out(reg) _);
        let length = (&raw const data_end as usize) - (&raw const data_start as usize);
        core::ptr::copy_nonoverlapping(&raw const data_load, &raw mut data_start, length);
    }
    main()
}

#[cfg(feature = "proof")]
#[inline(never)]
fn main() -> ! {
    proof::all(&mut |name, digest| print(alloc::format!("{name} {digest:016x}\n\0").as_bytes()));
    end(0x20026)
}

/// The self-test, and the time for one second of sound. With `-icount shift=0` an instruction takes a nanosecond, and
/// the board's timer counts down once every 40.
#[cfg(not(feature = "proof"))]
#[inline(never)]
fn main() -> ! {
    let timer = 0xE000_E010 as *mut u32;
    paint();
    let passes = keyword::passes();
    // SAFETY: the registers of SysTick: control, reload, value.
    let (classified, ticks) = unsafe {
        timer.add(1).write_volatile(0xff_ffff);
        timer.add(2).write_volatile(0);
        timer.write_volatile(5);
        let classified = keyword::a_second();
        (classified, 0xff_ffff - timer.add(2).read_volatile())
    };
    print_number(*b"second         \n\0", ticks);
    print_number(*b"stack          \n\0", touched());
    let passes = passes && classified;
    print(if passes { b"same bits\n\0" } else { b"other bits\n\0" });
    end(if passes { 0x20026 } else { 0x20024 })
}

/// The address where the stack begins (it grows downward), and the number of bytes to paint.
#[cfg(not(feature = "proof"))]
const STACK: (usize, usize) = (0x2040_0000, 1 << 16);
#[cfg(not(feature = "proof"))]
const PAINT: u32 = 0xa5a5_a5a5;

/// Fills the free stack with a pattern, so that its use can be measured.
#[cfg(not(feature = "proof"))]
#[inline(never)]
fn paint() {
    let end: usize;
    // SAFETY: below the stack pointer nothing is in use.
    unsafe {
        asm!("mov {}, sp", out(reg) end);
        for at in (STACK.0 - STACK.1..end - 64).step_by(4) {
            (at as *mut u32).write_volatile(PAINT);
        }
    }
}

/// The number of bytes of the stack that have been used.
#[cfg(not(feature = "proof"))]
#[inline(never)]
fn touched() -> u32 {
    // SAFETY: memory of the board.
    let is_free = |at: usize| unsafe { (at as *const u32).read_volatile() == PAINT };
    let mut at = STACK.0 - STACK.1;
    while at < STACK.0 && is_free(at) {
        at += 4;
    }
    (STACK.0 - at) as u32
}

/// Prints a line, with the number in the blanks at its end.
#[cfg(not(feature = "proof"))]
fn print_number(mut line: [u8; 17], number: u32) {
    let (mut left, mut index) = (number, 14);
    while index > 6 && (left > 0 || index == 14) {
        if let Some(digit) = line.get_mut(index) {
            *digit = b'0' + (left % 10) as u8;
        }
        (left, index) = (left / 10, index - 1);
    }
    print(&line);
}
