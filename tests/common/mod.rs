//! What several tests need: the reference files.

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

/// |got - expected| within `tolerance` of the largest expected number, for every element; NaN is not.
pub fn assert_close(name: &str, got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len(), "{name}");
    let scale = expected.iter().fold(f64::MIN_POSITIVE, |most, x| most.max(x.abs()));
    for (i, (g, e)) in got.iter().zip(expected).enumerate() {
        assert!((g - e).abs() <= tolerance * scale, "{name}, element {i}: {g:e}, expected {e:e}");
    }
}
