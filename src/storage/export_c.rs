//! Export as plain C99: a header with the sizes, and a source file with the tables and the code.
//!
//! The code is the file `predictor.c` in this folder. It does the operations of [`predictor`](crate::predictor) one by
//! one, in the same order, and therefore gives the same bits. It needs `stdint.h` and no library. Fused multiply-adds
//! are the processor's where the compiler says that those are fast, and software elsewhere.
//!
//! Floats are written in hexadecimal, so that every compiler reads the same bits. The constants of exp and ln come from
//! [`Real::FORMULAS`], as in Rust. In labels, all bytes but letters, digits and a few signs are written in octal, so
//! that every label compiles to itself.

use super::self_test::SelfTest;
use crate::bytes::escape::shown;
use crate::machine::Element;
use crate::model::convolution::MapShape;
use crate::number::Real;
use crate::predictor::{Classifier, ClassifierSizes, ConvolutionalTables, Model, PooledTables, PredictorSizes};
use crate::spectrum::fourier::butterfly::{EIGHTH, SIXTEENTH};
use crate::spectrum::fourier::complex::radix;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// Why a predictor cannot be exported as C.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CError {
    /// The name of the header has this character, which C forbids in an `#include`, or leaves to the compiler.
    Header(String, char),
    /// The label with this index has the character NUL, which ends a string in C.
    Nul(usize),
}

impl fmt::Display for CError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CError::Header(name, found) => {
                let (name, found) = (shown(name), found.escape_debug());
                write!(
                    f,
                    "the source would include \"{name}\", and some C compilers do not accept the character '{found}' there"
                )
            }
            CError::Nul(index) => {
                write!(f, "label {index}, counted from 0, holds the character NUL, which ends a string in C")
            }
        }
    }
}

impl core::error::Error for CError {}

/// Checks that a C source can include a header of this name. In an `#include`, the meaning of quotes and backslashes is
/// up to the compiler; a question mark may begin a trigraph; and a character that [`shown`] escapes may end the line or
/// hide a part of it.
///
/// # Errors
/// If the name has such a character.
pub fn check_header(name: &str) -> Result<(), CError> {
    let is_plain = |c: char| !"\"'\\?".contains(c) && shown(c.encode_utf8(&mut [0; 4])).to_string().starts_with(c);
    match name.chars().find(|&c| !is_plain(c)) {
        Some(c) => Err(CError::Header(name.into(), c)),
        None => Ok(()),
    }
}

/// The text of the header.
pub fn header(model: &Model, test: &SelfTest) -> String {
    let s = model.sizes;
    let PredictorSizes { rate, frame, hop, max_frames, bands, classifier, classes } = s;
    let mut sizes = Vec::from([
        ("RATE", rate as usize, "samples per second"),
        ("FRAME", frame, "samples in a frame"),
        ("HOP", hop, "samples from one frame to the next"),
        ("MAX_FRAMES", max_frames, "frames in the longest sound"),
        ("BANDS", bands, "mel bands"),
    ]);
    let (kind, buffers) = match classifier {
        ClassifierSizes::Pooled(pooled) => {
            sizes.extend([
                ("WIDTH", pooled.width, "frames in a window"),
                ("STEP", pooled.step, "frames from one window to the next"),
                ("WINDOW", pooled.window(bands), "elements of a window"),
                ("COMPONENTS", pooled.components, "elements of a whitened window"),
                ("LAYERS", pooled.depth(), "encoders"),
                ("HIDDEN", pooled.hidden(), "elements of a whitened window, and features of all encoders but the last"),
                ("FEATURES", pooled.features(), "features of the last encoder"),
                ("REGIONS", pooled.regions, "regions of time"),
                ("LEVELS", pooled.levels(max_frames), "levels of the tree that adds running sums"),
                ("SUMS", pooled.partial_sums(max_frames), "partial sums of a feature"),
            ]);
            let buffers = [("window", "WINDOW"), ("hidden", "HIDDEN"), ("sums", "FEATURES * OSSICLE_SUMS")];
            ("POOLED", buffers)
        }
        ClassifierSizes::Convolutional(image) => {
            sizes.extend([
                ("ROWS", image.rows, "rows of the spectrogram image"),
                ("COLUMNS", image.columns, "columns of the spectrogram image"),
                ("LAYERS", image.depth(), "convolutional layers"),
                ("PATCH", image.max_taps(), "weights of a filter, at most"),
                ("RINGS", image.rings(), "elements of three columns of the input maps of all layers"),
            ]);
            ("CONVOLUTIONAL", [("patch", "PATCH"), ("rings", "RINGS"), ("maps", "INPUTS")])
        }
    };
    sizes.extend([
        ("INPUTS", s.features(), "elements that the softmax reads"),
        ("CLASSES", classes, "labels"),
        ("SAMPLES", test.samples.len(), "samples of the self-test"),
    ]);
    let mut out = format!(
        "/* A classifier of sounds, {classes} labels, generated by `ossicle export`.\n   \
            Memory: {} bytes, plus the stack. Flash: {} bytes, plus the code.\n\n\
         \x20   static struct ossicle o;                     all zeros: no samples yet\n\
         \x20   ossicle_push_samples(&o, samples, count);    whenever samples arrive\n\
         \x20   class = ossicle_classify(&o);                -1 if they are too few\n\
         \x20   label = ossicle_labels[class];\n\
         \x20   ossicle_reset(&o);                           the next sound begins\n\
         */\n#ifndef OSSICLE_PREDICTOR_H\n#define OSSICLE_PREDICTOR_H\n\n#include <stdint.h>\n\n\
         #define OSSICLE_{kind} 1 /* the kind of the classifier */\n",
        memory(model),
        model.flash(),
    );
    for (name, size, what) in sizes {
        let _ = writeln!(out, "#define OSSICLE_{name} {size}u /* {what} */");
    }
    out += "\n/* All memory of the predictor; it keeps nothing elsewhere. */\nstruct ossicle {\n    \
        uint32_t filled, frames;\n    \
        float frame[OSSICLE_FRAME];\n    \
        float log_mel[OSSICLE_MAX_FRAMES * OSSICLE_BANDS];\n    \
        float log_probabilities[OSSICLE_CLASSES];\n    \
        /* Work space: a frame's transform, or a classification. */\n    \
        union {\n        \
            struct {\n            \
                float spectrum[OSSICLE_FRAME];\n            \
                float other[OSSICLE_FRAME];\n        \
            } transform;\n        \
            struct {\n            \
                float scores[OSSICLE_CLASSES];\n            \
                float chains[OSSICLE_CLASSES];\n";
    for (name, size) in buffers {
        let _ = writeln!(out, "            float {name}[OSSICLE_{size}];");
    }
    out + "        } classification;\n    \
        } work;\n};\n\n\
        extern const char *const ossicle_labels[OSSICLE_CLASSES];\n\
        extern const int16_t ossicle_samples[OSSICLE_SAMPLES];\n\n\
        /* Discards all samples: a new sound begins. */\nvoid ossicle_reset(struct ossicle *o);\n\n\
        /* Appends samples to those pushed before. Returns 0, or -1 if the sound is longer than OSSICLE_MAX_FRAMES frames:\n   \
            the samples so far can still be classified, the rest is lost. */\n\
        int ossicle_push_samples(struct ossicle *o, const int16_t *samples, uint32_t count);\n\n\
        /* The same, for samples between -1 and 1. */\n\
        int ossicle_push_floats(struct ossicle *o, const float *samples, uint32_t count);\n\n\
        /* Returns the index of the most likely label, and sets log_probabilities; or returns -1 if the samples are too few\n   \
            to be classified. More samples may follow. */\n\
        int ossicle_classify(struct ossicle *o);\n\n\
        /* Returns 1 if this machine computes the same bits as the one that exported the model, else 0. */\n\
        int ossicle_self_test(struct ossicle *o);\n\n#endif\n"
}

/// Bytes of the predictor's memory in C: those in Rust, and two counters.
pub fn memory(model: &Model) -> usize {
    model.sizes.memory().saturating_mul(4).saturating_add(8)
}

/// The text of the source file, which includes the header by this name.
///
/// # Errors
/// If C cannot represent a label or the name of the header: see [`CError`].
pub fn source(model: &Model, labels: &[String], test: &SelfTest, header: &str) -> Result<String, CError> {
    check_header(header)?;
    if let Some(index) = labels.iter().position(|label| label.contains('\0')) {
        return Err(CError::Nul(index));
    }
    let c = f32::FORMULAS;
    let (sixteenth, eighth) = (SIXTEENTH.map(f32::from_f64), f32::from_f64(EIGHTH));
    let mut out =
        format!("/* Generated by `ossicle export`: constants and tables, then the code. */\n#include \"{header}\"\n\n");
    let constants = [
        ("SHIFTER", f32::SHIFTER),
        ("PER_LN2", c.per_ln2),
        ("LN2_HIGH", c.ln2[0]),
        ("LN2_LOW", c.ln2[1]),
        ("EXP_LOW", c.exp_range[0]),
        ("EXP_HIGH", c.exp_range[1]),
        ("SMALLEST", f32::MIN_POSITIVE),
        ("LIFT", c.lift[0]),
        ("LIFT_EXPONENT", c.lift[1]),
        ("FLOOR", model.floor),
        ("SIXTEENTH_COSINE", sixteenth[0]),
        ("SIXTEENTH_SINE", sixteenth[1]),
        ("EIGHTH", eighth),
    ];
    for (name, x) in constants {
        let _ = writeln!(out, "#define {name} ({})", number(&x));
    }
    let counts = [("BLOCK", f32::KC), ("EXP_TERMS", c.exp_series.len()), ("LN_TERMS", c.ln_series.len())];
    for (name, n) in counts {
        let unsigned = if name == "BLOCK" { "u" } else { "" };
        let _ = writeln!(out, "#define {name} {n}{unsigned}");
    }
    let quoted: Vec<String> = labels.iter().map(|label| string(label)).collect();
    list(&mut out, "const char *const ossicle_labels[OSSICLE_CLASSES]", 4, quoted.into_iter());
    let samples = test.samples.iter().map(|x| format!("{x}"));
    list(&mut out, "const int16_t ossicle_samples[OSSICLE_SAMPLES]", 20, samples);
    let bits = test.log_probabilities.iter().map(|p| format!("0x{:08x}u", p.to_bits()));
    list(&mut out, "static const uint32_t expected[OSSICLE_CLASSES]", 10, bits);
    let (mut radices, mut left) = (Vec::new(), model.sizes.frame / 2);
    while let Some(radix) = radix(left, radices.is_empty()) {
        left /= radix;
        radices.push(radix);
    }
    let name = format!("static const uint32_t radices[{}]", radices.len());
    list(&mut out, &name, 10, radices.iter().map(|radix| format!("{radix}")));
    let twiddles = model.twiddles.iter().map(|w| format!("{{{}, {}}}", number(&w[0]), number(&w[1])));
    list(&mut out, "static const float twiddles[OSSICLE_FRAME / 2][2]", 4, twiddles);
    let bands = model.bands.iter().map(|b| format!("{{{}, {}}}", b.first, b.length));
    list(&mut out, "static const uint16_t bands[OSSICLE_BANDS][2]", 10, bands);
    let constants = [("exp_series", c.exp_series), ("ln_series", c.ln_series), ("hann", model.hann)];
    for (name, table) in constants {
        numbers(&mut out, name, table);
    }
    numbers(&mut out, "band_weights", model.band_weights);
    let layers = match model.classifier {
        Classifier::Pooled(PooledTables { mean, basis, layers, means, deviations }) => {
            for (name, table) in [("mean", mean), ("basis", basis), ("means", means), ("deviations", deviations)] {
                numbers(&mut out, name, table);
            }
            layers
        }
        Classifier::Convolutional(ConvolutionalTables { range, layers }) => {
            let _ = writeln!(out, "#define RANGE ({})", number(&range));
            layers
        }
    };
    for (i, layer) in layers.iter().enumerate() {
        numbers(&mut out, &format!("weights{}", i + 1), layer.weights);
        numbers(&mut out, &format!("biases{}", i + 1), layer.biases);
    }
    for table in ["weights", "biases"] {
        let names = (1..=layers.len()).map(|i| format!("{table}{i}"));
        list(&mut out, &format!("static const float *const {table}[OSSICLE_LAYERS]"), 10, names);
    }
    match model.sizes.classifier {
        ClassifierSizes::Pooled(pooled) => {
            let sizes = (0..=pooled.depth()).map(|layer| format!("{}", pooled.inputs(layer)));
            list(&mut out, "static const uint32_t units[OSSICLE_LAYERS + 1]", 10, sizes);
        }
        ClassifierSizes::Convolutional(image) => {
            let shapes = (0..=image.depth()).map(|layer| {
                let MapShape { channels, rows, columns } = image.maps(layer);
                format!("{{{channels}, {rows}, {columns}}}")
            });
            out += "/* Maps: their number, and the rows and columns of each. */\n\
                typedef struct { uint32_t channels, rows, columns; } shape;\n";
            list(&mut out, "static const shape shapes[OSSICLE_LAYERS + 1]", 10, shapes);
        }
    }
    numbers(&mut out, "class_weights", model.class_weights);
    numbers(&mut out, "class_biases", model.class_biases);
    Ok(out + include_str!("predictor.c"))
}

/// Appends the definition of a table of floats.
fn numbers(out: &mut String, name: &str, table: &[f32]) {
    list(out, &format!("static const float {name}[{}]", table.len()), 6, table.iter().map(number));
}

/// Appends a definition with its items, `per_line` of them in a line.
fn list(out: &mut String, name: &str, per_line: usize, items: impl Iterator<Item = String>) {
    let _ = write!(out, "{name} = {{");
    for (i, item) in items.enumerate() {
        let _ = write!(
            out,
            "{}{item}",
            if i == 0 {
                "\n    "
            } else if i % per_line == 0 {
                ",\n    "
            } else {
                ", "
            }
        );
    }
    *out += "\n};\n";
}

/// A finite float in C's hexadecimal notation: ±0x1.ffffffp±e.
fn number(x: &f32) -> String {
    let bits = x.to_bits();
    let sign = if bits >> 31 == 1 { "-" } else { "" };
    // The fraction has 23 bits, but six hexadecimal digits have 24.
    let (exponent, digits) = ((bits >> 23 & 0xff) as i32, (bits & 0x7f_ffff) << 1);
    match (exponent, digits) {
        (0, 0) => format!("{sign}0x0p+0f"),
        (0, _) => format!("{sign}0x0.{digits:06x}p-126f"),
        _ => format!("{sign}0x1.{digits:06x}p{:+}f", exponent - 127),
    }
}

/// A string literal in which only letters, digits and a few signs stand for themselves (`?` may begin a trigraph).
pub fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for &byte in text.as_bytes() {
        let _ = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b' ' | b'_' | b'-' | b'.' => write!(out, "{}", char::from(byte)),
            _ => write!(out, "\\{byte:03o}"),
        };
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predictor::deployed::example;

    #[test]
    fn numbers_in_hexadecimal() {
        let shown = [0.0, -0.0, 1.0, -1.5, 0.1, f32::MAX, f32::MIN_POSITIVE, -f32::from_bits(3)].map(|x| number(&x));
        let expected = [
            "0x0p+0f",
            "-0x0p+0f",
            "0x1.000000p+0f",
            "-0x1.800000p+0f",
            "0x1.99999ap-4f",
            "0x1.fffffep+127f",
            "0x1.000000p-126f",
            "-0x0.000006p-126f",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn strings_cannot_end_early() {
        assert_eq!(string("a \"b\"\\??/\né"), "\"a \\042b\\042\\134\\077\\077\\057\\012\\303\\251\"");
        // An escape has exactly three digits, so a digit that follows is not a part of it.
        assert_eq!(string("*/\u{1}7"), "\"\\052\\057\\0017\"");
    }

    #[test]
    fn what_c_cannot_hold_is_refused() {
        for name in ["digits.h", "a b-c_1.2.h", "größe.h", "数字.h", "x+y=z!.h"] {
            assert_eq!(check_header(name), Ok(()), "{name}");
        }
        for c in ['"', '\'', '\\', '?', '\n', '\r', '\t', '\0', '\x1b', '\u{202e}', '\u{200b}', '\u{2028}'] {
            let name = format!("a{c}.h");
            let error = check_header(&name).unwrap_err();
            assert_eq!(error, CError::Header(name, c));
            assert!(!error.to_string().contains(char::is_control), "{error}");
        }
        let trained = example();
        let tables = trained.tables(0.3).unwrap();
        let (model, test) = (tables.model(), SelfTest::new(&tables).unwrap());
        let with = |label: &str| source(&model, &["a".into(), label.into(), "c".into()], &test, "x.h");
        assert_eq!(with("b\0"), Err(CError::Nul(1)));
        assert!(with("*/ \"\n").unwrap().contains(r#""a", "\052\057 \042\012", "c""#));
    }
}
