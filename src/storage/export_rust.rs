//! A predictor as a Rust module: constants that stay in flash, and a self-test.
//!
//! The module needs this crate for the code (`default-features = false` will do), and nothing else. Numbers are written
//! with as many digits as lead back to the same bits. That all tables fit their shape is checked when the module is
//! compiled.

use super::self_test::SelfTest;
use crate::predictor::{Model, PredictorSizes};
use alloc::format;
use alloc::string::String;
use core::fmt::Write;

/// The source of the module.
pub fn rust(model: &Model, labels: &[String], test: &SelfTest) -> String {
    let PredictorSizes { rate, frame, hop, max_frames, bands, width, step, components, features, regions, classes } =
        model.sizes;
    let mut out = format!(
        "// A recognizer of {classes} sounds, made by `ossicle export`. Memory: {} bytes; flash: {} bytes and the code.\n\
         //\n\
         // let mut memory = [0.0; MEMORY];\n\
         // let mut predictor = Predictor::new(&MODEL, &mut memory)?;\n\
         // predictor.push_samples(samples)?;                     // between -1 and 1, at {rate} Hz\n\
         // let word = LABELS[predictor.classify()?.class];\n\n\
         use ossicle::predictor::{{Band, Model, Predictor, PredictorSizes}};\n\n\
         /// Numbers of memory that a predictor needs.\n\
         pub const MEMORY: usize = MODEL.shape.memory();\n\n\
         /// The classes' names.\n\
         pub static LABELS: [&str; {classes}] = {labels:?};\n\n\
         /// The tables and the learned numbers.\n\
         pub static MODEL: Model<'static> = Model {{\n    \
             sizes: PredictorSizes {{\n        \
                 rate: {rate},\n        frame: {frame},\n        hop: {hop},\n        max_frames: {max_frames},\n        \
                 bands: {bands},\n        width: {width},\n        step: {step},\n        components: {components},\n        \
                 features: {features},\n        regions: {regions},\n        classes: {classes},\n    \
             }},\n    \
             floor: {:?},\n",
        4 * model.sizes.memory(),
        model.flash(),
        model.floor,
    );
    let band = |b: &crate::predictor::Band| format!("Band {{ first: {}, length: {} }}", b.first, b.length);
    list(&mut out, "    hann: &[", "],", 12, model.hann.iter().map(number));
    list(&mut out, "    twiddles: &[", "],", 6, model.twiddles.iter().map(|w| format!("[{:?}, {:?}]", w[0], w[1])));
    list(&mut out, "    bands: &[", "],", 4, model.bands.iter().map(band));
    for (name, numbers) in model.named_tables() {
        list(&mut out, &format!("    {name}: &["), "],", 12, numbers.iter().map(number));
    }
    out += "};\n\n// A table that does not fit the shape does not compile.\nconst _: () = assert!(MODEL.check().is_ok());\n\n";
    out += "/// The sound of the self-test, to be divided by 32768.\n";
    let n = test.samples.len();
    let samples = test.samples.iter().map(|x| format!("{x}"));
    list(&mut out, &format!("pub static SAMPLES: [i16; {n}] = ["), "];", 20, samples);
    out += "\n/// The bits of ln p of each class that it must be answered with.\n";
    let bits = test.log_probabilities.iter().map(|p| format!("0x{:08x}", p.to_bits()));
    list(&mut out, &format!("pub static EXPECTED: [u32; {classes}] = ["), "];", 10, bits);
    out += "\n/// Whether this machine has the bits of the one that learned. The memory has at least `MEMORY` numbers.\n\
        pub fn self_test(memory: &mut [f32]) -> bool {\n    \
            let Ok(mut predictor) = Predictor::new(&MODEL, memory) else { return false };\n    \
            let heard = predictor.push_samples(SAMPLES.iter().map(|&sample| f32::from(sample) / 32768.0));\n    \
            let Ok(answer) = predictor.classify() else { return false };\n    \
            heard.is_ok() && answer.log_probabilities.iter().zip(&EXPECTED).all(|(p, &bits)| p.to_bits() == bits)\n\
        }\n";
    out
}

fn number(x: &f32) -> String {
    format!("{x:?}")
}

/// `open`, the items, so many a line, and `close`.
fn list(out: &mut String, open: &str, close: &str, a_line: usize, items: impl Iterator<Item = String>) {
    *out += open;
    for (i, item) in items.enumerate() {
        let before = if i % a_line == 0 { "\n        " } else { " " };
        // Writing to a string cannot fail.
        let _ = write!(out, "{before}{item},");
    }
    *out += "\n    ";
    *out += close;
    *out += "\n";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predictor::deployed::example;
    use alloc::vec::Vec;

    #[test]
    fn numbers_lead_back_to_the_same_bits() {
        for bits in (0..0x7f80_0000u32).step_by(104_729) {
            let text = number(&f32::from_bits(bits));
            assert_eq!(text.parse::<f32>().map(f32::to_bits), Ok(bits), "{text}");
        }
    }

    #[test]
    fn every_number_is_there_once() {
        let trained = example();
        let tables = trained.tables(0.3).unwrap();
        let text = rust(&tables.model(), &trained.labels, &SelfTest::new(&tables).unwrap());
        let after = &text[text.find("    weights: &[").unwrap()..];
        let inside = &after[after.find('[').unwrap() + 1..after.find(']').unwrap()];
        let numbers: Vec<f32> =
            inside.split(',').map(str::trim).filter(|x| !x.is_empty()).map(|x| x.parse().unwrap()).collect();
        assert_eq!(numbers, trained.weights.elements());
        assert!(text.contains(r#"["no", "yes", "perhaps"]"#));
    }

    #[test]
    fn labels_compile_to_themselves() {
        let trained = example();
        let tables = trained.tables(0.3).unwrap();
        let labels = ["\"] /* */ // \\", "a\n\r\t\0\u{1b}\u{7f}{}", "\u{202e}\u{2066}\u{200b}\u{feff}'\u{301}é日本🎵"];
        let text = rust(&tables.model(), &labels.map(String::from), &SelfTest::new(&tables).unwrap());
        let line = text.lines().find(|line| line.starts_with("pub static LABELS: [&str; 3] = [")).unwrap();
        // What rustc does with the strings of the line.
        let (mut read, mut rest) = (Vec::new(), line);
        while let Some((_, mut inside)) = rest.split_once('"') {
            let mut label = String::new();
            while let Some(c) = inside.chars().next().filter(|&c| c != '"') {
                inside = &inside[c.len_utf8()..];
                assert!(!c.is_control() && !"\u{202e}\u{2066}\u{200b}\u{feff}".contains(c), "{line}");
                if c != '\\' {
                    label.push(c);
                    continue;
                }
                let (escape, after) = inside.split_at(1);
                inside = after;
                label.push(match escape {
                    "n" => '\n',
                    "r" => '\r',
                    "t" => '\t',
                    "0" => '\0',
                    "\\" => '\\',
                    "\"" => '"',
                    "u" => {
                        let (digits, after) = inside[1..].split_once('}').unwrap();
                        inside = after;
                        char::from_u32(u32::from_str_radix(digits, 16).unwrap()).unwrap()
                    }
                    _ => panic!("\\{escape}: {line}"),
                });
            }
            read.push(label);
            rest = &inside[1..];
        }
        assert_eq!((read, rest), (Vec::from(labels.map(String::from)), "];"));
    }
}
