//! Runs interrupted at every state that is written, and damaged or foreign checkpoints.

use super::*;
use crate::matrix::Matrix;
use crate::model::convolution::MapShape;
use crate::model::network::{InMemory, Layer, Network};
use crate::number::Random;
use crate::optimize::objective::FromFunction;
use crate::tutorial::progress::Silent;
use crate::tutorial::training::{Batches, Run, TrainedClassifier};
use std::string::ToString;
use std::vec;

/// Collects all contents of the file.
struct Every {
    writer: CheckpointWriter<Silent>,
    path: PathBuf,
    seen: Vec<Vec<u8>>,
}

impl Progress for Every {
    fn stage(&mut self, _: &str, _: usize) {}
    fn step(&mut self, _: usize, _: f64) {}
    fn ended(&mut self, _: &str, _: Reason) {}
    fn saved_state(&mut self) -> Option<Vec<u8>> {
        self.writer.saved_state()
    }
    fn state(&mut self, is_last: bool, encode: &dyn Fn() -> Vec<u8>) {
        self.writer.state(is_last, encode);
        self.seen.push(fs::read(&self.path).unwrap());
    }
}

/// Three minimizations, each of which starts where the one before ended.
fn work(progress: &mut dyn Progress) -> (Vec<f64>, Vec<Reason>) {
    let mut theta = vec![-1.2; 20];
    let mut reasons = Vec::new();
    for (stiffness, iterations) in [(10.0, 70), (100.0, 1000), (1000.0, 45)] {
        let mut valley = FromFunction::new(20, |x: &[f64], g: &mut [f64]| {
            let mut cost = 0.0;
            g.fill(0.0);
            for i in 1..x.len() {
                let (a, b) = (x[i] - x[i - 1] * x[i - 1], 1.0 - x[i - 1]);
                cost += stiffness * a * a + b * b;
                g[i] += 2.0 * stiffness * a;
                g[i - 1] -= 4.0 * stiffness * a * x[i - 1] + 2.0 * b;
            }
            cost
        });
        reasons.push(Run::new(progress).minimize("valley", iterations, &mut valley, &mut theta).reason);
        theta[0] -= 0.5;
    }
    (theta, reasons)
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("ossicle-checkpoint-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_run_interrupted_anywhere_ends_in_the_same_bits() {
    let folder = folder("anywhere");
    let path = folder.join("a");
    let about = about::<f64>(&[("task", "test".into())]);
    let uninterrupted = work(&mut Silent);
    let writer = CheckpointWriter::begin(Silent, &path, &about).unwrap();
    let mut every = Every { writer, path: path.clone(), seen: vec![fs::read(&path).unwrap()] };
    assert_eq!(work(&mut every), uninterrupted);
    let mut all = every.seen;
    all.dedup();
    assert!(all.len() > 6, "{} checkpoints", all.len());
    for bytes in all {
        fs::write(&path, bytes).unwrap();
        let mut writer = CheckpointWriter::resume::<f64>(Silent, &path, &about).unwrap();
        assert_eq!(work(&mut writer), uninterrupted);
        assert!(writer.error.is_none());
    }
    fs::remove_dir_all(folder).unwrap();
}

/// Collects warnings.
struct Warned(Vec<String>);

impl Progress for Warned {
    fn stage(&mut self, _: &str, _: usize) {}
    fn step(&mut self, _: usize, _: f64) {}
    fn ended(&mut self, _: &str, _: Reason) {}
    fn warn(&mut self, what: &str) {
        self.0.push(what.into());
    }
}

#[test]
fn a_failed_write_is_reported_once_and_the_run_continues() {
    let folder = folder("lost");
    let mut writer = CheckpointWriter::begin(Warned(Vec::new()), &folder.join("a"), "").unwrap();
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(work(&mut writer), work(&mut Silent));
    let [warning] = &writer.inner.0[..] else { panic!("{:?}", writer.inner.0) };
    assert!(warning.contains("No such file") && warning.contains("was not saved"), "{warning}");
    assert!(writer.error.is_some());
}

#[test]
fn a_checkpoint_is_recognized_by_its_first_bytes() {
    let folder = folder("look");
    let path = folder.join("a");
    assert_eq!(look(&path).unwrap(), Found::Nothing);
    for (bytes, found) in [(&b""[..], Found::Empty), (b"OSSLBOO", Found::Other), (b"OSSLBOOK...", Found::Checkpoint)] {
        fs::write(&path, bytes).unwrap();
        assert_eq!(look(&path).unwrap(), found);
    }
    assert!(look(&path.join("b")).is_err());
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn foreign_and_damaged_checkpoints_are_refused() {
    let folder = folder("refused");
    let path = folder.join("a");
    let about = |hidden: &str| about::<f64>(&[("hidden", hidden.into()), ("seed", "1".into())]);
    work(&mut CheckpointWriter::begin(Silent, &path, &about("48")).unwrap());
    let error = |about: &str| CheckpointWriter::resume::<f64>(Silent, &path, about).unwrap_err().to_string();
    let other = "the checkpoint belongs to a different run: it has 'hidden: 48', this run has 'hidden: 64'";
    assert_eq!(error(&about("64")), other);
    assert!(error(&(about("48") + "more: 1\n")).ends_with("it has 'nothing', this run has 'more: 1'"));
    assert!(error(&(about("48") + &"x".repeat(100_000))).len() < 1000);
    let error = |bytes: &[u8]| decode(bytes, &about("48")).unwrap_err();
    let bytes = fs::read(&path).unwrap();
    for length in 0..bytes.len() {
        error(&bytes[..length]);
    }
    for at in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        error(&bytes);
    }
    assert!(CheckpointWriter::resume::<f32>(Silent, &path, &about("48")).is_err());
    fs::remove_file(&path).unwrap();
    assert!(matches!(
        CheckpointWriter::resume::<f64>(Silent, &path, ""),
        Err(RunCheckpointError::Read(ReadError::Io(_)))
    ));
    assert!(CheckpointWriter::begin(Silent, &folder.join("no/such"), "").is_err());
    fs::remove_dir_all(folder).unwrap();
}

/// Counts the steps of training.
struct Steps {
    writer: CheckpointWriter<Silent>,
    steps: usize,
}

impl Progress for Steps {
    fn stage(&mut self, _: &str, _: usize) {}
    fn step(&mut self, _: usize, _: f64) {
        self.steps += 1;
    }
    fn ended(&mut self, _: &str, _: Reason) {}
    fn saved_state(&mut self) -> Option<Vec<u8>> {
        self.writer.saved_state()
    }
    fn state(&mut self, is_last: bool, encode: &dyn Fn() -> Vec<u8>) {
        self.writer.state(is_last, encode);
    }
}

#[test]
fn a_network_that_is_trained_is_not_trained_again() {
    let folder = folder("networks");
    let path = folder.join("a");
    let input = MapShape { channels: 1, rows: 1, columns: 2 };
    let network = Network::new(input, vec![Layer::Softmax { classes: 2 }]);
    let examples = InMemory::from_columns(&Matrix::from_rows(2, 4, vec![0.1, 0.9, 0.2, 0.8, 0.5, 0.1, 0.4, 0.3]));
    let train = |writer: CheckpointWriter<Silent>, networks: u64| {
        let mut progress = Steps { writer, steps: 0 };
        let mut thetas = Vec::new();
        for seed in 0..networks {
            let mut one = TrainedClassifier::<Network, f64>::draw(network.clone(), &mut Random::new(seed));
            let batches = Batches { epochs: 3, batch: 2, rate: 0.1 };
            Run::new(&mut progress).train("network", &mut one, &examples, &[0, 1, 0, 1], batches, seed);
            thetas.push(one.theta);
        }
        (thetas, progress.steps)
    };
    let (two, steps) = train(CheckpointWriter::begin(Silent, &path, "").unwrap(), 2);
    assert_eq!(steps, 6);
    // Two of three are in the checkpoint, then all.
    let resume = || CheckpointWriter::resume::<f64>(Silent, &path, "").unwrap();
    let (three, steps) = train(resume(), 3);
    assert_eq!((&three[..2], steps), (&two[..], 3));
    assert_eq!(train(resume(), 3), (three, 0));
    fs::remove_dir_all(folder).unwrap();
}
