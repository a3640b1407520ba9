//! Checkpoints: a run that is killed and resumed ends in the same bits, and a checkpoint of another run is refused.

mod common;

use common::{Folder, ossicle, tones};
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

fn tutorial(folder: &Folder, words: &[&str]) -> std::process::Command {
    let mut command = ossicle();
    command.args(["tutorial", folder.text(), "--tsv", "--no-pictures", "--quiet"]).args(words).stdin(Stdio::null());
    command
}

fn digest(output: Output) -> String {
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    text.lines().last().unwrap().strip_prefix("digest\t").unwrap().to_string()
}

#[test]
fn a_killed_run_resumes_to_the_same_digest() {
    let sounds = tones("resume-killed", &["high", "low"], 6);
    let shape = ["--hidden", "60", "--iterations", "150", "--epochs", "1"];
    let uninterrupted = digest(tutorial(&sounds, &shape).output().unwrap());
    let file = sounds.0.join("work.ossicle");
    let saving = [&shape[..], &["--checkpoint", file.to_str().unwrap()]].concat();
    let mut child = tutorial(&sounds, &saving).stdout(Stdio::null()).spawn().unwrap();
    // The kill may come at any moment, even after the end.
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |data| data.len());
    for _ in 0..2000 {
        if size(&file) > 300_000 || child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = child.kill();
    child.wait().unwrap();
    assert!(size(&file) > 0);
    let resuming = [&saving[..], &["--resume"]].concat();
    assert_eq!(digest(tutorial(&sounds, &resuming).output().unwrap()), uninterrupted);
    // Once more, from the checkpoint of the finished run.
    assert_eq!(digest(tutorial(&sounds, &resuming).output().unwrap()), uninterrupted);
}

#[test]
fn a_checkpoint_of_another_run_is_refused_with_the_difference() {
    let sounds = tones("resume-refused", &["high", "low"], 6);
    let file = sounds.0.join("work.ossicle");
    let name = file.to_str().unwrap().to_string();
    let run = |words: &[&str]| {
        let output = tutorial(&sounds, words).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let small = ["--hidden", "9", "--iterations", "3", "--epochs", "1", "--checkpoint", &name];
    assert_eq!(run(&small).0, Some(0));
    let refused = |words: &[&str], expected: &str| {
        let (status, error) = run(&[&small[..], &["--resume"], words].concat());
        assert!(status == Some(1) && error.contains(expected), "{error}");
        assert!(error.starts_with("ossicle: ") && !error.contains("panicked"), "{error}");
    };
    refused(&["--seed", "2"], "it has 'seed: 1', this run has 'seed: 2'");
    refused(&["--precision", "f64"], "it has 'precision: f32', this run has 'precision: f64'");
    refused(&["--split", "folds:3"], "this run has 'split: folds:3'");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    refused(&[], "damaged");
    std::fs::write(&file, b"notes").unwrap();
    refused(&[], "not a checkpoint");
    std::fs::remove_file(&file).unwrap();
    refused(&[], "work.ossicle");
    assert_eq!(run(&["--resume"]).0, Some(2));
}
