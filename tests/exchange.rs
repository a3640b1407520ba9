//! Files exchanged with NumPy, the Python package safetensors, and Python's json and csv.
//!
//! `tests/reference/exchange.txt` holds files that these programs wrote. `tests/exchange.py` made it, and checks many
//! more files in both directions with the last test here.

use ossicle::bytes::json::Json;
use ossicle::storage::csv::{self, Cell, Settings, Table};
use ossicle::storage::{npy, safetensors};
use std::path::Path;

/// Reads a file of the format that its name ends with, and writes its contents again.
fn rewritten(name: &str, file: &[u8]) -> Result<Vec<u8>, String> {
    match name.rsplit('.').next() {
        Some("npy") => npy::decode(file).map(|array| npy::encode(&array)).map_err(|error| error.to_string()),
        Some("safetensors") => {
            let tensors = safetensors::decode(file);
            tensors.and_then(|tensors| safetensors::encode(&tensors)).map_err(|error| error.to_string())
        }
        Some("json") => Json::parse(file).map(|json| json.to_string().into_bytes()).map_err(|error| error.to_string()),
        Some("csv") => {
            let table = Table::parse(file, &Settings { header: Some(false), ..Settings::default() });
            let table = table.map_err(|error| error.to_string())?;
            let row = |i| (0..table.columns()).map(|j| Cell::Text(table.text(i, j))).collect::<Vec<_>>();
            Ok(csv::encode(table.separator(), (0..table.rows()).map(row)).into_bytes())
        }
        _ => panic!("{name}: unknown format"),
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes().chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

#[test]
fn files_of_other_programs_are_read_and_written_as_they_write_them() {
    let text = include_str!("reference/exchange.txt");
    let mut count = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let [name, file, expected] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let file = bytes(file);
        // The same array in C order, little-endian, and in a type that is written.
        let expected = if expected == "=" { file.clone() } else { bytes(expected) };
        assert_eq!(rewritten(name, &file), Ok(expected), "{name}");
        count += 1;
    }
    assert!(count >= 25, "{count} files");
}

#[test]
#[ignore = "started by tests/exchange.py"]
fn a_folder_of_files_is_rewritten() {
    let folder = std::env::var("OSSICLE_EXCHANGE").expect("OSSICLE_EXCHANGE names a folder");
    let ours = Path::new(&folder).join("ours");
    std::fs::create_dir_all(&ours).unwrap();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let name = path.file_name().unwrap().to_str().unwrap();
            match rewritten(name, &std::fs::read(&path).unwrap()) {
                Ok(file) => std::fs::write(ours.join(name), file).unwrap(),
                Err(error) => std::fs::write(ours.join(format!("{name}.error")), error).unwrap(),
            }
        }
    }
}
