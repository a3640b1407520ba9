//! Shared by several test files: the reference files, the program, folders of sounds, and the table of tolerances.

#![allow(dead_code)] // each test uses a part

pub mod tolerances;

use ossicle::matrix::Matrix;
use std::collections::HashMap;

/// Named matrices of a file under `tests/reference/`: a line `# name rows columns`, then the rows.
pub fn reference(file: &str) -> HashMap<String, Matrix<f64>> {
    let path = format!("{}/tests/reference/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut matrices = HashMap::new();
    let mut lines = text.lines().filter(|line| !line.starts_with("##"));
    while let Some(line) = lines.next() {
        let head: Vec<&str> = line.split_whitespace().collect();
        let ["#", name, rows, columns] = head[..] else { panic!("{path}: expected a name, found {line}") };
        let (rows, columns) = (rows.parse().unwrap(), columns.parse().unwrap());
        let numbers: Vec<f64> =
            lines.by_ref().take(rows).flat_map(|row| row.split_whitespace().map(|x| x.parse().unwrap())).collect();
        matrices.insert(name.to_string(), Matrix::from_rows(rows, columns, numbers));
    }
    matrices
}

/// Asserts |got - expected| <= `tolerance` times the largest expected element, for every element. NaN fails.
pub fn assert_close(name: &str, got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len(), "{name}");
    let scale = expected.iter().fold(f64::MIN_POSITIVE, |most, x| most.max(x.abs()));
    for (i, (g, e)) in got.iter().zip(expected).enumerate() {
        assert!((g - e).abs() <= tolerance * scale, "{name}, element {i}: {g:e}, expected {e:e}");
    }
}

/// The program under test.
pub fn ossicle() -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ossicle"));
    command.env_remove("OSSICLE_ISA");
    command
}

/// Standard error without the lines of the log, `12 s: ...`, which only a slow machine prints.
pub fn without_log(error: &[u8]) -> String {
    let is_log = |line: &&str| {
        line.split_once(" s: ")
            .is_some_and(|(time, _)| !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let text = String::from_utf8_lossy(error);
    text.split_inclusive('\n').filter(|line| !is_log(line)).collect()
}

/// A folder that is removed when it is dropped.
pub struct Folder(pub std::path::PathBuf);

impl Folder {
    /// An empty folder.
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ossicle-test-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// Its path.
    pub fn text(&self) -> &str {
        self.0.to_str().unwrap()
    }

    /// Writes a file into it.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Harmonic tones with noise, a pitch for each label, `takes` of each, by two speakers, computed without the standard
/// library's functions.
pub fn tones(name: &str, labels: &[&str], takes: usize) -> Folder {
    tones_by(name, labels, &["ann", "bob"], takes)
}

/// The same, by other speakers.
pub fn tones_by(name: &str, labels: &[&str], speakers: &[&str], takes: usize) -> Folder {
    let folder = Folder::new(name);
    let mut random = ossicle::number::Random::new(1);
    for (k, label) in labels.iter().enumerate() {
        for (s, speaker) in speakers.iter().enumerate() {
            for take in 0..takes {
                let pitch = 150.0 * (k + 2) as f64 + 10.0 * s as f64 + take as f64;
                let samples: Vec<f64> = (0..4000)
                    .map(|i| {
                        let half_cycles = 2.0 * pitch * f64::from(i) / 8000.0;
                        let tone = |n: f64| ossicle::number::Real::sin_cos_pi(n * half_cycles).0 / n;
                        0.2 * (tone(1.0) + tone(2.0) + tone(3.0)) + random.uniform::<f64>(-0.05, 0.05)
                    })
                    .collect();
                folder.put(
                    &format!("{label}_{speaker}_{take}.wav"),
                    &ossicle::audio::wav::write_pcm16(8000, 1, &samples),
                );
            }
        }
    }
    folder
}
