//! Fuzz targets with a checksum, which is corrected after the damage: models and checkpoints.

use crate::mutate::{damage, odd_number, one};
use crate::{Memory, Target};
use ossicle::audio::frames::Framing;
use ossicle::bytes::checksum::crc32;
use ossicle::dataset::context_windows::ContextFraming;
use ossicle::dataset::normalize::StandardScaler;
use ossicle::matrix::Matrix;
use ossicle::number::{Random, Real};
use ossicle::optimize::outcome::Iterate;
use ossicle::optimize::state::State;
use ossicle::predictor::deployed::DeployedModel;
use ossicle::spectrum::mel::{MelSettings, Norm, Scale};
use ossicle::storage::self_test::SelfTest;
use ossicle::storage::{checkpoint, export_c, export_rust, model};
use ossicle::tutorial::run_checkpoint;

pub const MODELS: Target = Target { name: "models", draw: draw_model, eat: eat_model };
pub const CHECKPOINTS: Target = Target { name: "checkpoints", draw: draw_checkpoint, eat: eat_checkpoint };

/// Makes the checksum of the last four bytes that of all before.
fn seal(bytes: &mut [u8]) {
    if let Some((body, end)) = bytes.split_last_chunk_mut::<4>() {
        *end = crc32(body).to_le_bytes();
    }
}

/// A small number, or at times any 32 bits.
fn float(random: &mut Random) -> f32 {
    match random.index(100) {
        0 => f32::from_bits(random.next_u64() as u32),
        1 => f32::from_bits(odd_number(random) as u32),
        _ => random.uniform(-2.0, 2.0),
    }
}

fn floats(n: usize, random: &mut Random) -> Vec<f32> {
    (0..n).map(|_| float(random)).collect()
}

/// Sizes that fit one another, of models of 130 to some 400 bytes.
fn draw_model(random: &mut Random, input: &mut Vec<u8>) {
    let size = |most: usize, random: &mut Random| 1 + random.index(most);
    let [bands, width, components, features] = [4, 3, 3, 3].map(|most| size(most, random));
    let (regions, labels) = (size(3, random), size(3, random));
    let length = [4, 8, 16, 32, 64, 256][random.index(6)];
    let hop = size(length, random);
    let rate = [200, 1000, 2000, 8000, 44_100][random.index(5)];
    let names = ["a", "", "no", "\u{e9}", "x\ty", "\"\\", "n\0"];
    let trained = DeployedModel {
        rate,
        framing: Framing { length, hop },
        mel: MelSettings {
            scale: *one(&[Scale::Slaney, Scale::Htk], random),
            norm: *one(&[Norm::Peak, Norm::Area], random),
            bands,
            lowest: *one(&[0.0, 0.0, 100.0, -1.0, f64::NAN], random),
            highest: f64::from(rate) * *one(&[0.5, 0.5, 0.25, 1.0, f64::INFINITY], random),
        },
        floor: *one(&[1e-6, 1e-6, 0.0, -1.0, f32::NAN], random),
        context_window: ContextFraming { width, step: size(3, random) },
        labels: (0..labels).map(|_| (*one(&names, random)).into()).collect(),
        mean: floats(width * bands, random),
        basis: Matrix::from_rows(components, width * bands, floats(components * width * bands, random)),
        weights: Matrix::from_rows(features, components, floats(features * components, random)),
        biases: floats(features, random),
        regions,
        pooled: StandardScaler {
            means: floats(regions * features, random),
            deviations: floats(regions * features, random),
        },
        class_weights: Matrix::from_rows(labels, regions * features, floats(labels * regions * features, random)),
        class_biases: floats(labels, random),
    };
    *input = model::encode(&trained);
    if random.index(2) == 0 {
        // One of the sizes is another, the others as they were.
        let at = 8 + 4 * random.index(12);
        let size = odd_number(random) as u32;
        input[at..at + 4].copy_from_slice(&size.to_le_bytes());
    }
    if random.index(2) == 0 {
        damage(input, 3, b"OSSICLE\x01", &[], random);
    }
    if random.index(8) != 0 {
        seal(input);
    }
}

fn eat_model(input: &[u8], memory: &mut Memory) -> bool {
    let read = memory.within("to read", 24 * input.len() + 4096, || model::decode(input));
    let Ok(trained) = read else { return false };
    assert_eq!(model::encode(&trained), input, "what was read is written as it was");
    // The checksum is as good as any random number.
    let choice = crc32(input) as usize;
    let seconds = [1.0, 0.01, 3600.0, 60.0][choice % 4];
    let (length, bands) = (trained.framing.length, trained.mel.bands);
    // A window and twiddle factors; three matrices of bands and bins while the bank is made.
    let allowed = 16 * length.min(1 << 16) * (1 + bands.min(input.len())) + 64 * input.len() + 4096;
    let tables = memory.within("tables", allowed, || trained.tables(seconds));
    let Ok(tables) = tables else { return false };
    let shape = tables.model().sizes;
    if !(choice / 4).is_multiple_of(8) || shape.memory() > 1 << 14 || shape.frame > 64 || shape.rate > 2000 {
        return true;
    }
    let test =
        memory.within("the self-test", 4 * shape.memory() + 16 * shape.rate as usize + 4096, || SelfTest::new(&tables));
    let Ok(test) = test else { return true };
    assert!(test.class < trained.labels.len());
    assert_eq!(test.log_probabilities.len(), trained.labels.len());
    if (choice / 32).is_multiple_of(8) {
        let header = export_c::header(&tables.model(), &test);
        let source = export_c::source(&tables.model(), &trained.labels, &test, "x.h");
        let module = export_rust::rust(&tables.model(), &trained.labels, &test);
        let has_nul = trained.labels.iter().any(|label| label.contains('\0'));
        assert_eq!(source.is_err(), has_nul, "C's strings end at a NUL");
        for text in [Ok(header), source].into_iter().flatten() {
            assert!(text.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~')), "{text}");
        }
        assert!(module.chars().all(|c| c == '\n' || !c.is_control()), "{module}");
    }
    true
}

/// What the work of the tutorial's checkpoint is.
const ABOUT: &str = "ossicle\nseed: 1\n";

/// A minimization of so few parameters that most counts are met, and states that no minimization has.
fn draw_state<T: Real>(random: &mut Random) -> Vec<u8> {
    let n = random.index(4);
    let numbers =
        |n: usize, random: &mut Random| -> Vec<T> { (0..n).map(|_| T::from_f64(f64::from(float(random)))).collect() };
    let place = |random: &mut Random| Iterate {
        theta: numbers(n, random),
        gradient: numbers(n, random),
        cost: numbers(1, random)[0],
    };
    // y = s has a positive curvature, if s is not 0.
    let steps = if random.index(16) == 0 { random.index(100) } else { random.index(4) };
    let step = |random: &mut Random| {
        let s = numbers(n, random);
        let y = if random.index(8) == 0 { numbers(n, random) } else { s.clone() };
        (s, y)
    };
    let state = State {
        iterations: random.index(100),
        evaluations: random.index(200),
        flat_steps: random.index(5),
        current: place(random),
        lowest: (random.index(2) == 0).then(|| place(random)),
        pairs: (0..steps).map(|_| step(random)).collect(),
    };
    let mut bytes = checkpoint::encode(&state);
    if random.index(4) == 0 {
        // One of the six counts is another.
        let at = 16 + 8 * random.index(6);
        let count = odd_number(random);
        bytes[at..at + 8].copy_from_slice(&count.to_le_bytes());
    }
    if random.index(4) == 0 {
        damage(&mut bytes, 2, b"OSSLBFGS\x01", &[], random);
    }
    if random.index(8) != 0 {
        seal(&mut bytes);
    }
    bytes
}

/// States of one precision or the other; or some of them within a checkpoint of the tutorial.
fn draw_checkpoint(random: &mut Random, input: &mut Vec<u8>) {
    let state =
        |random: &mut Random| if random.index(2) == 0 { draw_state::<f32>(random) } else { draw_state::<f64>(random) };
    if random.index(2) == 0 {
        *input = state(random);
        return;
    }
    let count = random.index(4);
    input.extend_from_slice(b"OSSLBOOK");
    input.extend_from_slice(&1u32.to_le_bytes());
    input.extend_from_slice(&(count as u32).to_le_bytes());
    let about = if random.index(4) == 0 { "ossicle\nseed: 2\n" } else { ABOUT };
    for part in [about.as_bytes().to_vec()].into_iter().chain((0..count).map(|_| state(random)).collect::<Vec<_>>()) {
        let length = if random.index(16) == 0 { odd_number(random) } else { part.len() as u64 };
        input.extend_from_slice(&length.to_le_bytes());
        input.extend_from_slice(&part);
    }
    input.extend_from_slice(&[0; 4]);
    if random.index(4) == 0 {
        damage(input, 2, b"OSSLBOOK\x01", &[], random);
    }
    if random.index(8) != 0 {
        seal(input);
    }
}

fn eat_state<T: Real>(input: &[u8], memory: &mut Memory) -> bool {
    // A pair of one element is two vectors of 24 bytes, and their elements.
    let decoded = memory.within("a state", 32 * input.len() + 4096, || checkpoint::decode::<T>(input));
    let Ok(state) = decoded else { return false };
    assert_eq!(state.check().as_ref(), Ok(&state.current.theta.len()));
    if state.lowest.is_none() || input[56..64] == 1u64.to_le_bytes() {
        assert_eq!(checkpoint::encode(&state), input, "what was decoded is encoded as it was");
    }
    true
}

fn eat_checkpoint(input: &[u8], memory: &mut Memory) -> bool {
    let states = memory.within("states", 32 * input.len() + 4096, || run_checkpoint::decode(input, ABOUT));
    let of_tutorial = states.is_ok();
    for state in states.iter().flatten() {
        eat_state::<f32>(state, memory);
        eat_state::<f64>(state, memory);
    }
    eat_state::<f32>(input, memory) | eat_state::<f64>(input, memory) | of_tutorial
}
