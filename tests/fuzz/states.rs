//! Fuzz targets with a checksum, which is corrected after the damage: models, their arrays, and checkpoints.

use crate::mutate::{damage, odd_number, one};
use crate::{Memory, Target};
use ossicle::bytes::checksum::crc32;
use ossicle::number::{Random, Real};
use ossicle::optimize::outcome::Iterate;
use ossicle::optimize::state::State;
use ossicle::storage::array::Array;
use ossicle::storage::exchange::{self, Description, ExchangeError, SETTINGS_FILE, npy_name};
use ossicle::storage::model::{ModelFile, Tensor, Values};
use ossicle::storage::self_test::SelfTest;
use ossicle::storage::{checkpoint, export_c, export_rust, model, safetensors};
use ossicle::tutorial::methods::{ENSEMBLE, METHODS, Method};
use ossicle::tutorial::settings::TRANSFORMS;
use ossicle::tutorial::{classifier_file, export_torch, run_checkpoint, save};
use std::collections::BTreeMap;

pub const MODELS: Target = Target { name: "models", draw: draw_model, eat: eat_model };
pub const IMPORTS: Target = Target { name: "imports", draw: draw_import, eat: eat_import };
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

/// A model of any method whose tensors mostly fit its settings, of 1 to some 5 kB.
fn model(random: &mut Random) -> ModelFile {
    let size = |most: usize, random: &mut Random| 1 + random.index(most);
    let (_, method) = *one(&METHODS, random);
    let precision = *one(&["f32", "f32", "f64"], random);
    let (transform, _) = *one(&TRANSFORMS, random);
    let rate = *one(&[200, 1000, 8000, 8000], random);
    let frame = *one(&[2, 8, 64, 256], random);
    let hop = size(frame, random).max(frame / 8);
    let mut file = ModelFile::default();
    file.set("method", method.name());
    file.set("precision", precision);
    for (name, value) in [("rate", rate), ("frame", frame), ("hop", hop)] {
        file.set(name, value);
    }
    file.set("transform", transform);
    file.set("floor", one(&["0.000001", "0.000001", "0", "NaN"], random));
    let mut bands = size(3, random);
    match transform {
        "mel" | "cepstrum" => {
            file.set("scale", one(&["slaney", "htk"], random));
            file.set("bands", bands);
            if transform == "cepstrum" {
                file.set("coefficients", bands);
            }
        }
        "fft" => {
            file.set("highest-bin", rate / 4);
            bands = (0..=frame / 2).take_while(|k| k * rate <= rate / 4 * frame).count();
        }
        "constant-q" => {
            file.set("front-end-shortest", size(2000, random));
            bands = random.index(150);
        }
        "bark" => bands = ossicle::spectrum::bark::default_bands(rate as f64),
        _ => bands = 12,
    }
    let names = ["a", "", "no", "\u{e9}", "x\ty", "\"\\", "n\0"];
    let classes = size(3, random);
    for k in 0..classes {
        file.set(format!("label.{k}"), one(&names, random));
    }
    let width = size(2, random);
    file.set("context.width", width);
    file.set("context.step", size(2, random));
    let members = if method == Method::Ensemble { ENSEMBLE.to_vec() } else { vec![method] };
    let put = |file: &mut ModelFile, name: String, shape: &[usize], random: &mut Random| {
        let values = floats(shape.iter().product(), random);
        match precision {
            "f32" => file.put(name, shape, &values),
            _ => file.put(name, shape, &values.iter().map(|&x| f64::from(x)).collect::<Vec<_>>()),
        }
    };
    for member in members {
        let name = |rest: &str| format!("{}.{rest}", member.name());
        let features = match member {
            Method::ConvolvedPooled => {
                let (units, rows, columns) = (size(2, random), size(3, random), size(2, random));
                file.set(name("regions"), "2,1");
                file.set(name("pooling"), one(&["max", "mean"], random));
                put(&mut file, name("patches.weight"), &[units, 1, rows, columns], random);
                put(&mut file, name("patches.bias"), &[units], random);
                2 * units
            }
            Method::Convolutional => {
                let (rows, columns) = (size(6, random), size(6, random));
                file.set(name("networks"), 1);
                file.set(name("image"), format!("{rows},{columns}"));
                file.set(name("range"), one(&["9", "inf"], random));
                let (mut maps, mut area) = (1, [rows, columns]);
                for l in 1..=3 {
                    let filters = size(2, random);
                    put(&mut file, name(&format!("1.conv.{l}.weight")), &[filters, maps, 3, 3], random);
                    put(&mut file, name(&format!("1.conv.{l}.bias")), &[filters], random);
                    (maps, area) = (filters, area.map(|n| if n < 4 { n } else { n / 2 }));
                }
                put(&mut file, name("1.softmax.weight"), &[classes, maps * area[0] * area[1]], random);
                put(&mut file, name("1.softmax.bias"), &[classes], random);
                continue;
            }
            _ => {
                let mut units = width * bands;
                if random.index(4) == 0 {
                    file.set(name("normalizer"), "squash");
                    put(&mut file, name("squash.deviation"), &[], random);
                } else {
                    file.set(name("normalizer"), "whiten");
                    put(&mut file, name("whitening.mean"), &[units], random);
                    let components = size(2, random);
                    put(&mut file, name("whitening.basis"), &[components, units], random);
                    units = components;
                }
                let layers = match member {
                    Method::RawWindows => 0,
                    Method::SparseWindows | Method::SparsePooled => 1,
                    _ => 2,
                };
                for l in 1..=layers {
                    let outputs = size(3, random);
                    put(&mut file, name(&format!("encoder.{l}.weight")), &[outputs, units], random);
                    put(&mut file, name(&format!("encoder.{l}.bias")), &[outputs], random);
                    units = outputs;
                }
                if !matches!(member, Method::SparsePooled | Method::StackedPooled) {
                    put(&mut file, name("softmax.weight"), &[classes, units], random);
                    put(&mut file, name("softmax.bias"), &[classes], random);
                    continue;
                }
                file.set(name("regions"), 2);
                2 * units
            }
        };
        put(&mut file, name("scaler.mean"), &[features], random);
        put(&mut file, name("scaler.deviation"), &[features], random);
        put(&mut file, name("softmax.weight"), &[classes, features], random);
        put(&mut file, name("softmax.bias"), &[classes], random);
    }
    if random.index(4) == 0 {
        file.set("reject.farthest", one(&["1.5", "NaN", "inf", "-1"], random));
        file.put("reject.mean", &[3 * bands], &vec![0.5f64; 3 * bands]);
        file.put("reject.basis", &[1, 3 * bands], &vec![0.5f64; 3 * bands]);
    }
    if random.index(3) == 0 {
        let at = random.index(file.settings.len());
        file.settings[at].1 = match random.index(3) {
            0 => odd_number(random).to_string(),
            1 => (*one(&["", "-1", "inf", "mel", "1,1", "0"], random)).into(),
            _ => random.index(300).to_string(),
        };
    }
    file
}

fn draw_model(random: &mut Random, input: &mut Vec<u8>) {
    *input = model::encode(&model(random)).unwrap();
    if random.index(2) == 0 {
        damage(input, 3, b"OSSICLE\x02", &[], random);
    }
    if random.index(8) != 0 {
        seal(input);
    }
}

fn eat_model(input: &[u8], memory: &mut Memory) -> bool {
    let read = memory.within("to read", 40 * input.len() + 4096, || model::decode(input));
    let Ok(file) = read else { return false };
    if input[7] == 2 {
        assert_eq!(model::encode(&file).as_deref(), Ok(input), "what was read is written as it was");
    }
    match file.find("precision") {
        Some("f64") => classify::<f64>(&file, input, memory),
        _ => classify::<f32>(&file, input, memory),
    }
}

/// Decodes a model. If it is small, classifies a sound with it, and exports it.
fn classify<T: Real>(file: &ModelFile, input: &[u8], memory: &mut Memory) -> bool {
    let Ok(classifier) = classifier_file::decode::<T>(file) else { return false };
    // The checksum is as good as any random number.
    let choice = crc32(input) as usize;
    if !choice.is_multiple_of(8) || classifier.shortest > 4000 || classifier.rate > 8000 {
        return true;
    }
    let Ok(mut front) = classifier.front_end() else { panic!("a front end that was made before") };
    let samples: Vec<T> = (0..classifier.shortest).map(|i| T::from_f64((i % 7) as f64 / 9.0 - 0.3)).collect();
    let (frames, bands) = (front.frames(&samples), front.bands().count());
    let prediction = classifier.scores(&frames, bands).prediction();
    assert!(prediction.class < classifier.labels.len());
    assert_eq!(prediction.log_probabilities.len(), classifier.labels.len());
    if let Some(rejection) = &classifier.rejection {
        let _ = rejection.rejects(rejection.distance(&frames, bands), prediction.probability(prediction.class));
    }
    let program = export_torch::program(&classifier);
    assert!(program.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~')), "{program}");
    let Ok(deployed) = save::deployed(&classifier) else { return true };
    let seconds = [1.0, 0.01, 3600.0, 60.0][choice / 8 % 4];
    let (length, bands) = (deployed.framing.length, deployed.mel.bands);
    // A window and twiddle factors; three matrices of bands and bins while the bank is made.
    let allowed = 16 * length * (1 + bands) + 64 * input.len() + 8192;
    let tables = memory.within("tables", allowed, || deployed.tables(seconds));
    let Ok(tables) = tables else { return true };
    let shape = tables.model().sizes;
    if shape.memory() > 1 << 14 || shape.frame > 64 || shape.rate > 2000 {
        return true;
    }
    let test =
        memory.within("the self-test", 4 * shape.memory() + 16 * shape.rate as usize + 4096, || SelfTest::new(&tables));
    let Ok(test) = test else { return true };
    assert!(test.class < deployed.labels.len());
    assert_eq!(test.log_probabilities.len(), deployed.labels.len());
    let header = export_c::header(&tables.model(), &test);
    let source = export_c::source(&tables.model(), &deployed.labels, &test, "x.h");
    let module = export_rust::rust(&tables.model(), &deployed.labels, &test);
    let has_nul = deployed.labels.iter().any(|label| label.contains('\0'));
    assert_eq!(source.is_err(), has_nul, "C's strings end at a NUL");
    for text in [Ok(header), source].into_iter().flatten() {
        assert!(text.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~')), "{text}");
    }
    assert!(module.chars().all(|c| c == '\n' || !c.is_control()), "{module}");
    true
}

/// What the first byte of an import says: the arrays are a folder, not one file; they may be changed.
const FOLDER: u8 = 1;
const CHANGED: u8 = 2;

/// Changes a stretch of a file. The limit on a damaged file's length is that of the stretch.
fn damage_stretch(file: &mut Vec<u8>, words: &[&[u8]], random: &mut Random) {
    let start = random.index(file.len() + 1);
    let end = file.len().min(start + 400);
    let mut stretch = file[start..end].to_vec();
    damage(&mut stretch, 2, b"\"tensors\": [\n\"a\", \"run.accuracy\": \"1\"", words, random);
    file.splice(start..end, stretch);
}

/// A model as arrays, of which some are changed before the digest is computed, and some after it.
fn draw_import(random: &mut Random, input: &mut Vec<u8>) {
    const WORDS: [&[u8]; 16] = [
        b"\"format\": \"ossicle model 1\"",
        b"\"digest\"",
        b"\"settings\"",
        b"\"tensors\"",
        b"\"label.0\": \"a\",",
        b"\"run.changed\": \"\",",
        b"\"reject.farthest\": \"1.5\",",
        b"\"norm\": \"area\",",
        b"../",
        b"[",
        b"}",
        b"\\u0000",
        b"\"f32\"",
        b"\"f64\"",
        b"1e999",
        b"4294967296",
    ];
    let mut file = model(random);
    if random.index(4) == 0 {
        let shapes =
            [Vec::new(), vec![0], vec![1, 0], vec![0, 1 << 40], vec![1], vec![2, 3], vec![2, 1, 3, 3], vec![1; 40]];
        let shape = one(&shapes, random).clone();
        let values = floats(shape.iter().product(), random);
        let count = file.tensors.len();
        let at = random.index(count + 1).min(count.saturating_sub(1));
        match random.index(5) {
            0 if count > 0 => drop(file.tensors.remove(at)),
            1 if count > 0 => {
                file.tensors[at] = Tensor { shape, values: Values::F32(values), ..file.tensors[at].clone() }
            }
            2 if count > 0 => file.tensors[at].values = Values::F64(file.tensors[at].values.to_f64()),
            3 => file.put(*one(&["reject.mean", "a", "run.a", "z.-"], random), &shape, &values),
            _ => file.set(*one(&["run.\u{0}", "run.accuracy", "a", "norm", "label.9", ""], random), "\n\u{202e}\"\\"),
        }
    }
    let (is_folder, mut mode) = (random.index(2) == 0, random.index(4) as u8 & CHANGED);
    if is_folder {
        mode |= FOLDER;
        input.push(mode);
        let Ok(mut files) = exchange::to_npy(&file) else { return };
        if random.index(2) == 0 {
            let at = if random.index(2) == 0 { 0 } else { random.index(files.len()) };
            damage_stretch(&mut files[at].1, &WORDS, random);
        }
        if random.index(16) == 0 {
            let at = random.index(files.len());
            files.remove(at);
        }
        for (name, bytes) in files {
            for part in [name.as_bytes(), &bytes] {
                input.extend((part.len() as u32).to_le_bytes());
                input.extend(part);
            }
        }
        return;
    }
    input.push(mode);
    let Ok(bytes) = exchange::to_safetensors(&file) else { return };
    let mut tensors = safetensors::decode(&bytes).unwrap();
    match random.index(8) {
        // The settings are a text within a text: changes of them are written so that the outer text stays valid.
        0 | 1 => {
            let mut text = tensors.metadata[1].1.clone().into_bytes();
            damage_stretch(&mut text, &WORDS, random);
            tensors.metadata[1].1 = String::from_utf8_lossy(&text).into_owned();
        }
        2 => {
            let element = Array::from_slice(&[1.0f32]);
            tensors.arrays.push(((*one(&["a", "", "../a", "\u{0}"], random)).into(), element));
        }
        3 => drop(tensors.arrays.pop()),
        _ => {}
    }
    let Ok(bytes) = safetensors::encode(&tensors) else { return };
    let (length, rest) = bytes.split_first_chunk().unwrap();
    let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let (mut header, mut data) = (header.to_vec(), data.to_vec());
    if random.index(4) == 0 {
        damage_stretch(&mut header, &WORDS, random);
    }
    if random.index(8) == 0 {
        damage_stretch(&mut data, &[], random);
    }
    let claimed = if random.index(16) == 0 { odd_number(random) } else { header.len() as u64 };
    input.extend(claimed.to_le_bytes());
    input.extend(header);
    input.extend(data);
}

/// The files of a folder.
fn files(mut rest: &[u8]) -> BTreeMap<&[u8], &[u8]> {
    let mut files = BTreeMap::new();
    let mut part = || {
        let (length, after) = rest.split_first_chunk()?;
        let (part, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        rest = after;
        Some(part)
    };
    while let Some((name, bytes)) = part().and_then(|name| Some((name, part()?))) {
        files.insert(name, bytes);
    }
    files
}

fn eat_import(input: &[u8], memory: &mut Memory) -> bool {
    let Some((mode, rest)) = input.split_first() else { return false };
    let may_be_changed = mode & CHANGED != 0;
    let allowed = 32 * input.len() + 4096;
    let missing = |name: &str| ExchangeError::Missing(name.into());
    let read = memory.within("arrays", allowed, || {
        if mode & FOLDER == 0 {
            return exchange::from_safetensors(rest);
        }
        let files = files(rest);
        let description = Description::parse(files.get(SETTINGS_FILE.as_bytes()).copied().unwrap_or_default())?;
        let mut arrays = BTreeMap::new();
        for name in &description.tensors {
            let bytes = files.get(npy_name(name).as_bytes()).ok_or_else(|| missing(name))?;
            arrays.insert(name.clone(), exchange::from_npy(name, bytes)?);
        }
        Ok((description, arrays))
    });
    let Ok((description, mut arrays)) = read else { return false };
    let mut get = |name: &str| arrays.remove(name).ok_or_else(|| missing(name));
    let listed = description.tensors.clone();
    let imported = classifier_file::import(description, may_be_changed, &mut get);
    let Ok(file) = imported else { return false };
    assert!(file.tensors.iter().all(|tensor| listed.contains(&tensor.name)));
    let bytes = model::encode(&file).expect("what was imported is a model file");
    assert_eq!(model::decode(&bytes).and_then(|file| model::encode(&file)).as_ref(), Ok(&bytes));
    let again = exchange::to_safetensors(&file).expect("what was imported is exported");
    let (description, mut arrays) = exchange::from_safetensors(&again).unwrap();
    let get = |name: &str| arrays.remove(name).ok_or_else(|| missing(name));
    let same = classifier_file::import(description, false, get).expect("what was exported is imported");
    assert_eq!(model::encode(&same).as_ref(), Ok(&bytes), "what was imported is exported as it was");
    match file.find("precision") {
        Some("f64") => classify::<f64>(&file, &bytes, memory),
        _ => classify::<f32>(&file, &bytes, memory),
    }
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
