//! Fuzz targets of exchange formats: .npy, safetensors, JSON, CSV.

use crate::mutate::{damage, odd_number, one};
use crate::{Memory, Target};
use ossicle::bytes::json::Json;
use ossicle::number::Random;
use ossicle::storage::array::{Array, Elements};
use ossicle::storage::csv::{self, Cell, LabelColumn, Separator, Settings, Table};
use ossicle::storage::npy;
use ossicle::storage::safetensors::{self, Tensors};

pub const NPY: Target = Target { name: "npy", draw: draw_npy, eat: eat_npy };
pub const SAFETENSORS: Target = Target { name: "safetensors", draw: draw_tensors, eat: eat_tensors };
pub const JSON: Target = Target { name: "json", draw: draw_json, eat: eat_json };
pub const CSV: Target = Target { name: "csv", draw: draw_table, eat: eat_table };

/// An array of any type, of up to 27 elements.
fn array(random: &mut Random) -> Array {
    let shape: Vec<usize> = (0..random.index(4)).map(|_| random.index(4)).collect();
    let n: usize = shape.iter().product();
    macro_rules! numbers {
        ($name:ident, $type:ty) => {
            Elements::$name((0..n).map(|_| random.next_u64() as $type).collect())
        };
    }
    let elements = match random.index(12) {
        0 => Elements::Bool((0..n).map(|_| random.index(2) == 1).collect()),
        1 => numbers!(I8, i8),
        2 => numbers!(I16, i16),
        3 => numbers!(I32, i32),
        4 => numbers!(I64, i64),
        5 => numbers!(U8, u8),
        6 => numbers!(U16, u16),
        7 => numbers!(U32, u32),
        8 => numbers!(U64, u64),
        9 => Elements::F32((0..n).map(|_| f32::from_bits(random.next_u64() as u32)).collect()),
        10 => Elements::F64((0..n).map(|_| f64::from_bits(random.next_u64())).collect()),
        _ => {
            Elements::Text((0..n).map(|_| (*one(&["", "a", "no", "\u{e9}\u{1f3b5}", "a\0b"], random)).into()).collect())
        }
    };
    Array::new(&shape, elements)
}

fn draw_npy(random: &mut Random, input: &mut Vec<u8>) {
    const WORDS: [&[u8]; 24] = [
        b"'descr'",
        b"'fortran_order'",
        b"'shape'",
        b"True ",
        b"False",
        b"'<f8'",
        b"'>f4'",
        b"'<U1'",
        b"'<U99'",
        b"'|b1'",
        b"'>i2'",
        b"'<u8'",
        b"'|O'",
        b"(1,)",
        b"(0, 3)",
        b"(2, 3)",
        b"(3, 2)",
        b"()",
        b"18446744073709551615",
        b"4294967296",
        b"\", ",
        b"\x93NUMPY\x02\0",
        b"\x93NUMPY\x03\0",
        b"\n",
    ];
    *input = npy::encode(&array(random));
    match random.index(4) {
        // Another order of the elements, of their bytes, or both.
        0 => {
            let text = String::from_utf8_lossy(&input[10..]).find("False").map(|at| at + 10);
            text.into_iter().for_each(|at| input[at..at + 5].copy_from_slice(b"True "));
        }
        1 => input.iter_mut().take(24).filter(|byte| **byte == b'<').for_each(|byte| *byte = b'>'),
        _ => {}
    }
    let other = npy::encode(&array(random));
    // Most of the changes are in the header, which the first bytes are.
    let elements = input.split_off(if random.index(2) == 0 { input.len().min(75) } else { input.len() });
    damage(input, 3, &other, &WORDS, random);
    input.extend(elements);
}

fn eat_npy(input: &[u8], memory: &mut Memory) -> bool {
    let allowed = 32 * input.len() + 4096;
    let Ok(array) = memory.within("an array", allowed, || npy::decode(input)) else { return false };
    let product = array.shape().iter().try_fold(1usize, |product, &size| product.checked_mul(size));
    assert!(product.is_none_or(|product| product == array.elements().len()));
    let matrix = memory.within("a matrix", allowed, || array.to_matrix::<f64>().map(|m| m.elements().len()));
    assert!(matrix.is_err() || matrix == Ok(array.elements().len()));
    let file = npy::encode(&array);
    assert_eq!(npy::encode(&npy::decode(&file).unwrap()), file, "what is written reads as the same");
    true
}

fn draw_tensors(random: &mut Random, input: &mut Vec<u8>) {
    const WORDS: [&[u8]; 18] = [
        b"\"F32\"",
        b"\"F16\"",
        b"\"BF16\"",
        b"\"F8_E4M3\"",
        b"\"BOOL\"",
        b"\"__metadata__\":",
        b"\"data_offsets\"",
        b"\"shape\"",
        b"\"dtype\"",
        b"[0,0]",
        b"[0,8]",
        b"[8,0]",
        b"18446744073709551615",
        b"4294967296",
        b"{",
        b"}",
        b",",
        b"    ",
    ];
    let metadata = (0..random.index(3)).map(|i| (format!("k{i}"), "v\u{2028}".into())).collect();
    let mut arrays: Vec<(String, Array)> = (0..random.index(4)).map(|i| (format!("a{i}"), array(random))).collect();
    arrays.retain(|(_, array)| array.elements().element_type().is_some());
    let file = safetensors::encode(&Tensors { metadata, arrays }).unwrap();
    let length = u64::from_le_bytes(*file.first_chunk().unwrap()) as usize;
    let (header, data) = file[8..].split_at(length);
    let mut header = header.to_vec();
    if random.index(4) == 0 {
        let half = if random.index(2) == 0 { "F16" } else { "BF16" };
        header = String::from_utf8_lossy(&header).replace("U16", half).replace("I16", half).into_bytes();
    }
    if random.index(4) != 0 {
        damage(&mut header, 2, &file[8..], &WORDS, random);
    }
    // The length is usually that of the damaged header.
    let claimed = if random.index(16) == 0 { odd_number(random) } else { header.len() as u64 };
    input.extend(claimed.to_le_bytes());
    input.extend(header);
    input.extend(data);
    if random.index(8) == 0 {
        damage(input, 2, &file, &WORDS, random);
    }
}

fn eat_tensors(input: &[u8], memory: &mut Memory) -> bool {
    let read = memory.within("arrays", 100 * input.len() + 4096, || safetensors::decode(input));
    let Ok(tensors) = read else { return false };
    let file = safetensors::encode(&tensors).unwrap();
    assert_eq!(safetensors::encode(&safetensors::decode(&file).unwrap()).unwrap(), file);
    true
}

const DOCUMENTS: [&str; 4] = [
    "{\"label\": \"caf\\u00e9\", \"scores\": [0.25, 1e-3, -17], \"next\": null, \"deep\": {\"a\": [[], {}, true]}}",
    "[\"\\ud83c\\udfb5\", \"\\\"\\\\\\/\\b\\f\\n\\r\\t\", false, 18446744073709551615, -0.0E+5]",
    "\r\n\t \"é🎵\"",
    "[[[[1],[2]],[[3],[4]]],{\"\":{\"\":{\"\":0}}}]",
];

fn draw_json(random: &mut Random, input: &mut Vec<u8>) {
    const WORDS: [&[u8]; 16] = [
        b"\\u",
        b"\\ud83c",
        b"\\udfb5",
        b"\"",
        b"[",
        b"]",
        b"{\"a\":",
        b"}",
        b",",
        b"1e999",
        b"-0.5",
        b"null",
        b"\n",
        b"\\",
        b"0",
        b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    ];
    input.extend(one(&DOCUMENTS, random).bytes());
    damage(input, 3, one(&DOCUMENTS, random).as_bytes(), &WORDS, random);
}

fn eat_json(input: &[u8], memory: &mut Memory) -> bool {
    let read = memory.within("a value", 100 * input.len() + 4096, || Json::parse(input));
    match read {
        Ok(json) => {
            let text = json.to_string();
            assert_eq!(Json::parse(text.as_bytes()), Ok(json), "what is written reads as the same");
            true
        }
        Err(error) => {
            assert!(error.line >= 1 && error.column >= 1 && error.line + error.column <= input.len() + 2);
            false
        }
    }
}

const TABLES: [&str; 5] = [
    "x,y,kind\r\n1,2.5,snare\r\n-3,4e1,kick\r\n",
    "\u{feff}kind;\"a \"\"b\"\"\";y\na;1;2\nb;3;nan\n",
    "1\t2\ta\n3\t4\t\"b\nc\"\n",
    "\"\"\n\"1,5\"\n",
    "1,a",
];

fn draw_table(random: &mut Random, input: &mut Vec<u8>) {
    const WORDS: [&[u8]; 12] =
        [b",", b";", b"\t", b"\"", b"\"\"", b"\n", b"\r\n", b"\r", b"inf", b"1e999", b"\xe9", b","];
    input.extend(one(&TABLES, random).bytes());
    damage(input, 3, one(&TABLES, random).as_bytes(), &WORDS, random);
}

fn eat_table(input: &[u8], memory: &mut Memory) -> bool {
    let allowed = 64 * input.len() + 4096;
    let mut is_read = false;
    for settings in [Settings::default(), Settings { separator: Some(Separator::Comma), header: Some(true) }] {
        let Ok(table) = memory.within("a table", allowed, || Table::parse(input, &settings)) else { continue };
        is_read = true;
        for labels in [LabelColumn::Last, LabelColumn::Named("kind")] {
            let examples = memory.within("examples", allowed, || table.examples::<f32>(labels));
            if let Ok(examples) = examples {
                assert_eq!((examples.labels.len(), examples.inputs.columns()), (table.rows(), table.rows()));
                assert_eq!(examples.inputs.rows(), table.columns() - 1);
                assert!(examples.labels.iter().all(|&label| label < examples.classes.len()));
            }
        }
        let rows = (0..table.rows()).map(|i| (0..table.columns()).map(move |j| (i, j)));
        let texts = |row: &mut dyn Iterator<Item = (usize, usize)>| {
            row.map(|(i, j)| Cell::Text(table.text(i, j))).collect::<Vec<_>>()
        };
        let text = csv::encode(table.separator(), rows.map(|mut row| texts(&mut row)));
        if table.rows() > 0 {
            let stated = Settings { separator: Some(table.separator()), header: Some(false) };
            let again = Table::parse(text.as_bytes(), &stated).unwrap();
            assert_eq!((again.rows(), again.columns()), (table.rows(), table.columns()));
            for i in 0..table.rows() {
                assert!((0..table.columns()).all(|j| again.text(i, j) == table.text(i, j)));
            }
        }
    }
    is_read
}
