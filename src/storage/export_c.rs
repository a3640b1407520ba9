//! A predictor as plain C99: a header, and a source of constants and of the same operations as
//! [`predictor`](crate::predictor), one by one. It needs `stdint.h` and no library; its multiply-add is the processor's
//! where the compiler says that it is fast, else software. The code itself is in the file `predictor.c` beside this
//! one.
//!
//! Numbers are written in hexadecimal, so that every compiler reads the same bits. Constants of the functions come from
//! [`Real::FORMULAS`], where Rust's come from. Labels are written byte by byte, in octal but for letters, digits and a
//! few signs, so that every label compiles to itself.

use super::self_test::SelfTest;
use crate::bytes::escape::shown;
use crate::machine::Element;
use crate::number::Real;
use crate::predictor::{Model, PredictorSizes};
use crate::spectrum::fourier::butterfly::{EIGHTH, SIXTEENTH};
use crate::spectrum::fourier::complex::radix;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// Why a predictor cannot be written as C.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CError {
    /// The header's name holds this character, which C leaves open or forbids in the name of an included file.
    Header(String, char),
    /// The label at this place, counted from 0, holds the character NUL, with which a string ends in C.
    Nul(usize),
}

impl fmt::Display for CError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CError::Header(name, found) => {
                let (name, found) = (shown(name), found.escape_debug());
                write!(
                    f,
                    "the source would include \"{name}\", and a C compiler may not read the character '{found}' in it"
                )
            }
            CError::Nul(place) => {
                write!(f, "label {place}, counted from 0, holds the character NUL, which ends a string in C")
            }
        }
    }
}

impl core::error::Error for CError {}

/// Whether a source may include a header of this name: C leaves open what quotes and backslashes in it mean, a question
/// mark may begin a trigraph, and what is not [`shown`] as itself may end the line or hide a part of it.
///
/// # Errors
/// If it holds such a character.
pub fn check_header(name: &str) -> Result<(), CError> {
    let is_plain = |c: char| !"\"'\\?".contains(c) && shown(c.encode_utf8(&mut [0; 4])).to_string().starts_with(c);
    match name.chars().find(|&c| !is_plain(c)) {
        Some(c) => Err(CError::Header(name.into(), c)),
        None => Ok(()),
    }
}

/// The header.
pub fn header(model: &Model, test: &SelfTest) -> String {
    let s = model.sizes;
    let PredictorSizes { rate, frame, hop, max_frames, bands, width, step, components, features, regions, classes } = s;
    let sizes = [
        ("RATE", rate as usize, "samples a second"),
        ("FRAME", frame, "samples of a frame"),
        ("HOP", hop, "samples between frames"),
        ("MAX_FRAMES", max_frames, "frames of the longest sound"),
        ("BANDS", bands, "mel bands"),
        ("WIDTH", width, "frames of a window"),
        ("STEP", step, "frames between windows"),
        ("WINDOW", s.window(), "numbers of a window"),
        ("COMPONENTS", components, "numbers of a whitened window"),
        ("FEATURES", features, "features of a window"),
        ("REGIONS", regions, "regions of time"),
        ("MAX_WINDOWS", s.max_windows(), "windows of a region"),
        ("CLASSES", classes, "sounds that are told apart"),
        ("SAMPLES", test.samples.len(), "samples of the self-test"),
    ];
    let mut out = format!(
        "/* A recognizer of {classes} sounds, made by `ossicle export`. Memory: {} bytes; flash: {} bytes and the code.\n\
         \n\
         \x20   static struct ossicle o;                     zeros: nothing was heard\n\
         \x20   ossicle_push_samples(&o, samples, count);            as often as samples come\n\
         \x20   word = ossicle_labels[ossicle_classify(&o)];\n\
         \x20   ossicle_reset(&o);                          a new sound begins\n\
         */\n#ifndef OSSICLE_PREDICTOR_H\n#define OSSICLE_PREDICTOR_H\n\n#include <stdint.h>\n\n",
        memory(model),
        model.flash(),
    );
    for (name, size, what) in sizes {
        let _ = writeln!(out, "#define OSSICLE_{name} {size}u /* {what} */");
    }
    out + "\n/* All the memory that there is. */\nstruct ossicle {\n    \
        uint32_t filled, frames;\n    \
        float frame[OSSICLE_FRAME];\n    \
        float spectrum[OSSICLE_FRAME];\n    \
        float work[OSSICLE_FRAME];\n    \
        float log_mel[OSSICLE_MAX_FRAMES * OSSICLE_BANDS];\n    \
        float window[OSSICLE_WINDOW];\n    \
        float white[OSSICLE_MAX_WINDOWS * OSSICLE_COMPONENTS];\n    \
        float feature[OSSICLE_MAX_WINDOWS];\n    \
        float scores[OSSICLE_CLASSES];\n    \
        float chains[OSSICLE_CLASSES];\n    \
        float log_probabilities[OSSICLE_CLASSES];\n};\n\n\
        extern const char *const ossicle_labels[OSSICLE_CLASSES];\n\
        extern const int16_t ossicle_samples[OSSICLE_SAMPLES];\n\n\
        /* A new sound begins. */\nvoid ossicle_reset(struct ossicle *o);\n\n\
        /* Hears samples that follow those heard before. -1: the sound is longer than OSSICLE_MAX_FRAMES; the rest is lost. */\n\
        int ossicle_push_samples(struct ossicle *o, const int16_t *samples, uint32_t count);\n\n\
        /* The same for samples between -1 and 1. */\n\
        int ossicle_push_floats(struct ossicle *o, const float *samples, uint32_t count);\n\n\
        /* The place of the most likely label; log_probabilities has all. -1: not even one window was heard. */\n\
        int ossicle_classify(struct ossicle *o);\n\n\
        /* 1 if this machine answers ossicle_samples with the bits of the one that learned, else 0. */\n\
        int ossicle_self_test(struct ossicle *o);\n\n#endif\n"
}

/// Bytes of the predictor's memory in C: that of Rust, and two counts.
pub fn memory(model: &Model) -> usize {
    model.sizes.memory().saturating_mul(4).saturating_add(8)
}

/// The source, which includes the header by this name.
///
/// # Errors
/// As [`CError`] tells.
pub fn source(model: &Model, labels: &[String], test: &SelfTest, header: &str) -> Result<String, CError> {
    check_header(header)?;
    if let Some(place) = labels.iter().position(|label| label.contains('\0')) {
        return Err(CError::Nul(place));
    }
    let c = f32::FORMULAS;
    let (sixteenth, eighth) = (SIXTEENTH.map(f32::from_f64), f32::from_f64(EIGHTH));
    let mut out = format!("/* Made by `ossicle export`: the constants, then the code. */\n#include \"{header}\"\n\n");
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
    for (name, numbers) in constants.into_iter().chain(model.named_tables()) {
        list(&mut out, &format!("static const float {name}[{}]", numbers.len()), 6, numbers.iter().map(number));
    }
    Ok(out + include_str!("predictor.c"))
}

/// A definition with its items, so many a line.
fn list(out: &mut String, name: &str, a_line: usize, items: impl Iterator<Item = String>) {
    let _ = write!(out, "{name} = {{");
    for (i, item) in items.enumerate() {
        let _ = write!(
            out,
            "{}{item}",
            if i == 0 {
                "\n    "
            } else if i % a_line == 0 {
                ",\n    "
            } else {
                ", "
            }
        );
    }
    *out += "\n};\n";
}

/// A finite number in C's hexadecimal notation: ±0x1.ffffffp±e.
fn number(x: &f32) -> String {
    let bits = x.to_bits();
    let sign = if bits >> 31 == 1 { "-" } else { "" };
    // The fraction has 23 bits; six digits have 24.
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
        // A digit after an escape is none of its digits: it has three.
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
