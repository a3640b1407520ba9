//! Fuzz targets of words: command lines, and names of files.

use crate::mutate::{damage, odd_number, one};
use crate::{Memory, Target};
use ossicle::bytes::escape::{field, shown, width};
use ossicle::cli;
use ossicle::dataset::recordings::Name;
use ossicle::dataset::split::Split;
use ossicle::number::Random;
use ossicle::storage::export_c;

pub const ARGUMENTS: Target = Target { name: "arguments", draw: draw_line, eat: eat_line };
pub const NAMES: Target = Target { name: "names", draw: draw_name, eat: eat_name };

/// Options with values, commands, and other words, of lines that are right, or nearly.
const WORDS: [&[u8]; 68] = [
    b"--hidden\n5",
    b"--iterations\n20",
    b"--deep=7",
    b"--tuning\n3",
    b"--epochs=1",
    b"--sparsity\n0.1",
    b"--sparsity-weight=3",
    b"--weight-decay\n1e-3",
    b"--tuning-decay=0",
    b"--coefficients\n12",
    b"--bands\n26",
    b"--regions\n4",
    b"--transform\ncepstrum",
    b"--transform=constant-q",
    b"--normalize\nsquash",
    b"--decoder\nlinear",
    b"--scale=htk",
    b"--precision\nf64",
    b"--split\nfolds:3",
    b"--seed\n7",
    b"--rate\n8000",
    b"--tsv",
    b"--threads\n2",
    b"--quiet",
    b"--no-pictures",
    b"--resume",
    b"--checkpoint\nf",
    b"--hiden",
    b"--transfrom",
    b"mel",
    b"digits",
    b"wav",
    b"predict",
    b"export",
    b"mnist",
    b"optimize",
    b"spectrogram",
    b"bench",
    b"exercise",
    b"workbook",
    b"check",
    b"--limit\n5",
    b"--ask",
    b"--",
    b"-",
    b"nan",
    b"-0",
    b"tutroial",
    b"-o\n-",
    b"-o=x.npy",
    b"--layer\n1",
    b"--unit=1",
    b"--windows",
    b"--changed",
    b"--plain",
    b"--transforms=mel,chroma",
    b"--methods\nraw-windows",
    b"--shape\n8x8",
    b"--labels=y.npy",
    b"--label-column\nlast",
    b"--batch\n10",
    b"--learning-rate=0.01",
    b"--filters\n4,8",
    b"--dropout=0.5",
    b"--hidden\n5,4",
    b"--unlabeled",
    b"--f64",
    b"x.npy",
];

/// Commands that an option may follow.
const COMMANDS: [&[u8]; 12] = [
    b"features",
    b"train\nautoencoder",
    b"train\nsoftmax",
    b"train\nnetwork",
    b"import",
    b"listen",
    b"resynthesize",
    b"inspect",
    b"report",
    b"compare",
    b"export",
    b"predict",
];

/// A word for each line.
fn draw_line(random: &mut Random, input: &mut Vec<u8>) {
    match random.index(8) {
        0..=2 => input.extend_from_slice(b"tutorial\n"),
        3 | 4 => {
            input.extend_from_slice(&one(&COMMANDS, random)[..]);
            input.push(b'\n');
        }
        _ => {}
    }
    for _ in 0..random.index(6) {
        match random.index(16) {
            0 => input.extend(odd_number(random).to_string().bytes()),
            1 => input.extend(format!("{:e}", f64::from_bits(random.next_u64())).bytes()),
            _ => input.extend_from_slice(&one(&WORDS, random)[..]),
        }
        let between = if random.index(16) == 0 { b'=' } else { b'\n' };
        input.push(between);
    }
    // What ends a word ends the line too: else the last word is empty.
    input.pop();
    if random.index(2) == 0 {
        damage(input, 3, b"--hidden\n5\n--scale=htk", &WORDS, random);
    }
    input.truncate(500);
}

fn eat_line(input: &[u8], memory: &mut Memory) -> bool {
    let text = String::from_utf8_lossy(input);
    let words: Vec<String> = text.split('\n').map(String::from).collect();
    let result = memory.within("a line", 128 * input.len() + (4 << 10), || cli::sorted(&words));
    let accepted = result.is_ok();
    if let Err(message) = result {
        assert!(!message.is_empty() && message.chars().all(|c| !c.is_control()), "{message:?}");
    }
    accepted
}

fn draw_name(random: &mut Random, input: &mut Vec<u8>) {
    const PIECES: [&[u8]; 28] = [
        b"7_theo_12",
        b"snare_drum_kit1_0",
        b"_",
        b"__",
        b"0",
        b"18446744073709551615",
        b"18446744073709551616",
        b"official",
        b"group:",
        b"groups",
        b"folds:",
        b"random:",
        b"1e-400",
        b"nan",
        b"-1",
        b".5",
        b"\"",
        b"\\",
        b"??/",
        b"*/",
        b"\n",
        b"\x1b[2J",
        b"\t",
        b"\0",
        "\u{202e}".as_bytes(),
        "e\u{301}".as_bytes(),
        "\u{85}".as_bytes(),
        b"\xff",
    ];
    for _ in 0..random.index(6) {
        input.extend_from_slice(&one(&PIECES, random)[..]);
    }
    if random.index(2) == 0 {
        damage(input, 4, b"a_b_1", &PIECES, random);
    }
    input.truncate(200);
}

/// The bytes of a C string literal, or nothing if it is not one.
fn compiled(literal: &str) -> Option<Vec<u8>> {
    let inside = literal.strip_prefix('"')?.strip_suffix('"')?.as_bytes();
    let (mut bytes, mut rest) = (Vec::new(), inside);
    while let [first, after @ ..] = rest {
        rest = after;
        bytes.push(*first);
        match first {
            b'"' | b'?' => return None,
            b'\\' => {
                let (digits, after) = after.split_at_checked(3)?;
                let value = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()?;
                *bytes.last_mut()? = u8::try_from(value).ok()?;
                rest = after;
            }
            b' '..=b'~' => {}
            _ => return None,
        }
    }
    Some(bytes)
}

fn eat_name(input: &[u8], memory: &mut Memory) -> bool {
    let allowed = 32 * input.len() + 1024;
    let people = memory.within("for people", allowed, || shown(input).to_string());
    let programs = memory.within("for programs", allowed, || field(input).to_string());
    for text in [&people, &programs] {
        assert!(text.chars().all(|c| !c.is_control()), "{text:?}");
    }
    assert_eq!(shown(&people).to_string(), people, "what is shown is shown as it is");
    assert!(width(&people) <= 2 * people.len());

    let text = String::from_utf8_lossy(input);
    let literal = memory.within("a label in C", allowed, || export_c::string(&text));
    assert_eq!(compiled(&literal).as_deref(), Some(text.as_bytes()), "{literal}");

    if export_c::check_header(&text).is_ok() {
        assert!(shown(&*text).to_string() == text && !text.contains(['"', '\'', '\\', '?']), "{text:?}");
    }

    let name = memory.within("a name", allowed, || Name::parse(&text));
    if let Some(Name { label, group, index }) = &name {
        assert!(!label.is_empty() && !group.is_empty() && !group.contains('_'));
        assert_eq!(Name::parse(&format!("{label}_{group}_{index}")), name);
    }
    let split = memory.within("a split", allowed, || text.parse::<Split>());
    match &split {
        Ok(split) => {
            // A group is printed as names are.
            let is_escaped = matches!(split, Split::Group(name) if shown(name).to_string() != *name);
            assert!(is_escaped || split.to_string().parse::<Split>().as_ref() == Ok(split), "{split}");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    name.is_some() || split.is_ok()
}
