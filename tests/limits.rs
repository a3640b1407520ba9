//! Memory follows the contents of a file, not the sizes that it claims: a claim beyond a limit is an error that names
//! the limit, before memory is allocated for it.

#[path = "common/memory.rs"]
mod memory;

use memory::measured;
use ossicle::bytes::checksum::crc32;
use ossicle::bytes::deflate::{deflate, zlib};
use ossicle::bytes::json::Json;
use ossicle::bytes::limits::{
    BANDS, FRAME, LABELS, Limit, NETWORKS, OVERLAP, PREDICTOR, REGIONS, SAMPLING_RATE, SOUND, WINDOW,
};
use ossicle::dataset::idx;
use ossicle::picture::png::{PngCause, SIGNATURE, read_gray};
use ossicle::predictor::PredictorError;
use ossicle::predictor::deployed::{DeployedClassifier, DeployedModel, PooledClassifier, example};
use ossicle::storage::array::{Array, Elements};
use ossicle::storage::checkpoint::{self, CheckpointError};
use ossicle::storage::csv::{LabelColumn, Settings, Table};
use ossicle::storage::model::{ModelError, ModelFile};
use ossicle::storage::self_test::SelfTest;
use ossicle::storage::{npy, safetensors};
use ossicle::tutorial::classifier_file;

/// The error of the changed example model for sounds of the given length, which must be found within 4 KiB.
fn problem(seconds: f64, change: impl Fn(&mut DeployedModel)) -> PredictorError {
    let mut trained = example();
    change(&mut trained);
    let (tables, held) = measured(|| trained.tables(seconds).map(|_| ()));
    assert!(held < 4096, "{held} bytes");
    tables.unwrap_err()
}

/// The classifier of the example.
fn pooled(trained: &mut DeployedModel) -> &mut PooledClassifier {
    let DeployedClassifier::Pooled(pooled) = &mut trained.classifier else { panic!("the example is pooled") };
    pooled
}

/// The exceeded limit.
fn limit(problem: PredictorError) -> Limit {
    let PredictorError::Limit(error) = problem else { panic!("{problem}") };
    error.limit
}

#[test]
fn a_model_beyond_a_limit_is_an_error_that_names_the_limit() {
    let tables = [
        (SAMPLING_RATE, limit(problem(1.0, |t| t.rate = 4_194_304))),
        (OVERLAP, limit(problem(1.0, |t| t.framing.hop = 3))),
        (WINDOW, limit(problem(1.0, |t| pooled(t).context_window.width = usize::MAX))),
        (REGIONS, limit(problem(1.0, |t| pooled(t).regions = 1001))),
        (SOUND, limit(problem(3601.0, |_| {}))),
        (SOUND, limit(problem(f64::INFINITY, |_| {}))),
        // A frame every four samples.
        (
            PREDICTOR,
            limit(problem(3600.0, |t| {
                (t.framing.hop, t.mel.bands) = (4, 60);
                pooled(t).context_window.width = 1;
            })),
        ),
        (PREDICTOR, limit(problem(3600.0, |t| t.mel.bands = usize::MAX))),
    ];
    for (expected, found) in tables {
        assert_eq!(found, expected);
    }
    assert_eq!(problem(1.0, |t| pooled(t).regions = 0), PredictorError::Zero { size: "regions" });
    assert_eq!(problem(1.0, |t| t.framing.hop = 257), PredictorError::Hop { frame: 256, found: 257 });
    assert_eq!(problem(0.0, |_| {}), PredictorError::TooShort { min_frames: 3, frames: 0 });
    assert_eq!(problem(f64::NAN, |_| {}), PredictorError::TooShort { min_frames: 3, frames: 0 });
    assert!(matches!(
        problem(1.0, |t| pooled(t).mean.push(0.0)),
        PredictorError::Table { name: "mean", expected: 60, found: 61 }
    ));
    assert!(matches!(problem(1.0, |t| t.mel.highest = 5000.0), PredictorError::Mel(_)));

    for (name, value, limit) in [
        ("rate", "4294967295", SAMPLING_RATE),
        ("frame", "65537", FRAME),
        ("hop", "3", OVERLAP),
        ("bands", "129", BANDS),
        ("sparse-pooled.regions", "1001", REGIONS),
    ] {
        let mut file = classifier_file::example(&["a", "b"]);
        let setting = file.settings.iter_mut().find(|(found, _)| found == name).unwrap();
        setting.1 = value.into();
        let (decoded, held) = measured(|| classifier_file::decode::<f32>(&file).map(|_| ()));
        let error = decoded.unwrap_err();
        assert!(matches!(error, ModelError::Limit(error) if error.limit == limit), "{name}: {error}");
        assert!(held < 1 << 20, "{name}: {held} bytes");
    }
}

/// Each label and each network is looked up among all names: their numbers must not grow with the file.
#[test]
fn a_model_has_as_many_labels_and_networks_as_can_be_trained() {
    let limit_of = |file: &ModelFile| match classifier_file::decode::<f32>(file) {
        Err(ModelError::Limit(error)) => Some(error.limit),
        _ => None,
    };
    let names: Vec<String> = (0..=LABELS.most).map(|k| k.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let [too_many, most] = [&names[..], &names[1..]].map(classifier_file::example);
    assert_eq!(limit_of(&too_many), Some(LABELS));
    assert_eq!(classifier_file::decode::<f32>(&most).unwrap().labels, names[1..]);
    let twice = classifier_file::decode::<f32>(&classifier_file::example(&["a", "b", "a"])).unwrap_err();
    assert_eq!(twice, ModelError::Twice("label a".into()));

    for (count, expected) in [("101", Some(NETWORKS)), ("100", None)] {
        let mut file = classifier_file::example(&["a", "b"]);
        file.settings[0].1 = "convolutional".into();
        for (name, value) in [("networks", count), ("image", "8,8"), ("range", "9")] {
            file.set(format!("convolutional.{name}"), value);
        }
        assert_eq!(limit_of(&file), expected);
    }
}

#[test]
fn the_frames_of_a_model_leave_no_gap() {
    // With the longest hop, a window of three frames needs more samples than the model's shortest sound has.
    for (hop, cause) in [("256", "shortest"), ("257", "hop")] {
        let mut file = classifier_file::example(&["a", "b"]);
        file.settings.iter_mut().find(|(found, _)| found == "hop").unwrap().1 = hop.into();
        assert_eq!(classifier_file::decode::<f32>(&file).map(|_| ()), Err(ModelError::Value(cause.into())));
    }
}

#[test]
fn a_self_test_has_at_most_a_thousand_frames() {
    let mut trained = example();
    (trained.rate, trained.framing.length, trained.framing.hop) = (768_000, 4096, 64);
    trained.mel.highest = 384_000.0;
    let tables = trained.tables(1.0).unwrap();
    assert_eq!(SelfTest::new(&tables).unwrap().samples.len(), 4096 + 999 * 64);
}

#[test]
fn stored_pairs_of_no_parameters_take_no_memory() {
    // The head of a state in f32, its cost, and the checksum.
    let mut bytes = [&b"OSSLBFGS"[..], &1_u32.to_le_bytes(), &32_u32.to_le_bytes()].concat();
    for count in [0, 1_u64 << 33, 0, 0, 0, 0] {
        bytes.extend(count.to_le_bytes());
    }
    bytes.extend(1_f32.to_le_bytes());
    bytes.extend(crc32(&bytes).to_le_bytes());
    let (state, held) = measured(|| checkpoint::decode::<f32>(&bytes).map(|_| ()));
    // 2³³ is beyond a counter of 32 bits.
    let steps = usize::try_from(1_u64 << 33);
    let expected = steps.map_or(CheckpointError::Counter, |steps| CheckpointError::NoParameters { steps });
    assert_eq!((state, held), (Err(expected), 0));
}

#[test]
fn a_gzip_file_is_not_unpacked_beyond_the_size_in_its_header() {
    let header = [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 28, 0, 0, 0, 28];
    let message = [&header[..], &vec![0; 50_000_000]].concat();
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    file.extend(deflate(&message));
    file.extend(crc32(&message).to_le_bytes());
    file.extend((message.len() as u32).to_le_bytes());
    let path = std::env::temp_dir().join(format!("ossicle-limits-{}", std::process::id()));
    std::fs::write(&path, &file).unwrap();
    let (idx, held) = measured(|| idx::read(&path));
    std::fs::remove_file(&path).unwrap();
    let error = idx.unwrap_err().to_string();
    assert!(error.ends_with("3 x 28 x 28, make 2352 values, but from byte 16 on there are more"), "{error}");
    assert!(held < 4 * file.len() + (1 << 18), "{held} bytes held for {}", file.len());
}

#[test]
fn a_png_file_is_not_unpacked_beyond_the_size_in_its_header() {
    let chunk = |kind: &[u8], data: &[u8]| {
        let body = [kind, data].concat();
        [&(data.len() as u32).to_be_bytes()[..], &body, &crc32(&body).to_be_bytes()].concat()
    };
    let file = |width: u32, height: u32, rows: &[u8]| {
        let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
        let chunks = [chunk(b"IHDR", &header), chunk(b"IDAT", &zlib(rows)), chunk(b"IEND", &[])];
        [&SIGNATURE[..], &chunks.concat()].concat()
    };
    // More rows than the header claims; fewer; more pixels than the limit.
    for (file, is_expected) in [
        (file(3, 2, &vec![0; 50_000_000]), (|cause| matches!(cause, PngCause::Long(8))) as fn(PngCause) -> bool),
        (file(5000, 5000, &[0; 100]), |cause| matches!(cause, PngCause::Short { expected: 25_005_000, found: 100 })),
        (file(10_000, 10_000, &[0; 100]), |cause| matches!(cause, PngCause::Limit(_))),
    ] {
        let (picture, held) = measured(|| read_gray::<f32>(&file).map(|_| ()));
        let error = picture.unwrap_err();
        assert!(is_expected(error.cause), "{error}");
        assert!(held < 4 * file.len() + (1 << 18), "{held} bytes held for {}", file.len());
    }
}

#[test]
fn exchange_formats_hold_a_multiple_of_their_bytes() {
    // The texts with the most values for their length.
    for piece in ["0", "[]", "[0]", "[[[[0]]]]", "{\"\":0}", "\"\"", "\"\\n\"", "1e5"] {
        let text = format!("[{}{piece}]", format!("{piece},").repeat(20_000));
        let (value, held) = measured(|| Json::parse(text.as_bytes()));
        assert!(value.is_ok() && held <= 100 * text.len(), "{piece}: {held} bytes for {}", text.len());
    }
    for row in [",\n", ",,,,,,,,,,\n", "\"\"\n", "0,a\n"] {
        let text = row.repeat(20_000);
        let (table, held) = measured(|| Table::parse(text.as_bytes(), &Settings::default()));
        assert!(held <= 64 * text.len(), "{row:?}: {held} bytes for {}", text.len());
        let (_, held) = measured(|| table.unwrap().examples::<f64>(LabelColumn::Last).is_ok());
        assert!(held <= 64 * text.len(), "{row:?}: {held} bytes for {}", text.len());
    }
    for texts in [vec!["a"; 20_000], vec!["日本"; 20_000], vec![""; 20_000]] {
        let file = npy::encode(&Array::from_texts(&texts));
        let (array, held) = measured(|| npy::decode(&file));
        assert!(array.is_ok() && held <= 32 * file.len(), "{held} bytes for {}", file.len());
    }
    let array = Array::new(&vec![1; 100_000], Elements::U8(vec![7]));
    let file = npy::encode(&array);
    let (read, held) = measured(|| npy::decode(&file));
    assert!(read == Ok(array) && held <= 32 * file.len(), "{held} bytes for {}", file.len());
    let entry = |i: usize| format!("\"{i}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}");
    let header = format!("{{{}}}", (0..20_000).map(entry).collect::<Vec<_>>().join(","));
    let file = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat();
    let (tensors, held) = measured(|| safetensors::decode(&file));
    assert!(tensors.is_ok() && held <= 100 * file.len(), "{held} bytes for {}", file.len());
}
