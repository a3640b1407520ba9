//! One small training run has the same pinned digest on every instruction set, with one, two and three threads, in each
//! precision.

mod common;

use common::{Folder, ossicle, tones};

/// Runs the tutorial on the sounds in the folder. Returns the digest, which the last row holds.
fn digest(folder: &Folder, isa: &str, threads: &str, precision: &str) -> String {
    let words = ["tutorial", folder.text(), "--tsv", "--no-pictures", "--hidden", "48", "--iterations", "12"];
    let more = ["--epochs", "1", "--threads", threads, "--precision", precision];
    let output = ossicle().args(words).args(more).env("OSSICLE_ISA", isa).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let last = text.lines().last().unwrap();
    last.strip_prefix("digest\t").unwrap().to_string()
}

#[test]
fn a_training_run_has_one_digest_on_all_instruction_sets_and_thread_counts() {
    let folder = tones("digest", &["high", "low", "mid"], 8);
    for (precision, pinned) in [("f32", "ef06c472d11aa420"), ("f64", "43df19d7a4fca397")] {
        for isa in ossicle::machine::Isa::here() {
            for threads in ["1", "2", "3"] {
                let found = digest(&folder, isa.name(), threads, precision);
                assert_eq!(found, pinned, "{precision}, {}, {threads} threads", isa.name());
            }
        }
    }
}
