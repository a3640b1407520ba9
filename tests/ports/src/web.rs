//! A program for wasm32: `web.mjs` calls `lines`, which reports each name and digest through `say`.

#![no_std]
#![no_main]

extern crate alloc;
mod heap;
mod proof;

#[global_allocator]
static HEAP: heap::Heap<{ 32 << 20 }> = heap::Heap::new();

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    fn say(name: *const u8, length: usize, digest: u64);
}

#[unsafe(no_mangle)]
pub extern "C" fn lines() {
    // SAFETY: the host reads the name before it returns.
    proof::all(&mut |name, digest| unsafe { say(name.as_ptr(), name.len(), digest) });
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
