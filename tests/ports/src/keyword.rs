//! The predictor alone, in memory of its own.

#[allow(dead_code)]
mod digits {
    include!(env!("OSSICLE_EXPORT"));
}

/// Whether the self-test passes.
pub fn passes() -> bool {
    static mut MEMORY: [f32; digits::MEMORY] = [0.0; digits::MEMORY];
    // SAFETY: called once, by the one thread.
    let memory = unsafe { &mut *(&raw mut MEMORY) };
    digits::self_test(memory)
}
