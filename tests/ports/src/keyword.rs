//! Keyword spotting: the exported predictor alone, in static memory.

use ossicle::predictor::Predictor;

#[allow(dead_code)]
mod digits {
    include!(env!("OSSICLE_EXPORT"));
}

/// The predictor's memory, for one caller at a time.
fn memory() -> &'static mut [f32] {
    static mut MEMORY: [f32; digits::MEMORY] = [0.0; digits::MEMORY];
    // SAFETY: there is one thread, and no function below keeps the reference.
    unsafe { &mut *(&raw mut MEMORY) }
}

/// Whether the self-test passes.
pub fn passes() -> bool {
    digits::self_test(memory())
}

/// Classifies one second of sound, the self-test's samples repeated; returns whether that succeeded.
#[allow(dead_code)] // Only the board measures the time it takes.
pub fn a_second() -> bool {
    let Ok(mut predictor) = Predictor::new(&digits::MODEL, memory()) else { return false };
    let samples = digits::SAMPLES.iter().cycle().take(digits::MODEL.sizes.rate as usize);
    predictor.push_samples(samples.map(|&sample| f32::from(sample) / 32768.0)).is_ok() && predictor.classify().is_ok()
}
