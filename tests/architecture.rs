//! Tests of the source text: the order of the rooms (the modules of the crate's root), where `unsafe` and `std` may
//! stand, escaped paths, sums of floating-point numbers, dependencies, heads of files, labels of equations, and
//! columns.
//!
//! The compiler enforces none of these rules: a crate's modules all see each other, and `extern crate std` makes
//! `std::` available in every file. So each rule is a checker, a function from a file's path (below `src/`) and text to
//! findings of the form `src/path:line: description`. Each checker has two tests: it finds nothing in the crate, and it
//! finds every fault in a few made-up lines.
//!
//! The checkers do not parse. They cut comments off at `//`, do not recognize strings, and rely on rustfmt's layout (an
//! inner line is indented further than the line that opens its block). A test module ends its file, as clippy demands.

#[path = "common/source_files.rs"]
mod source_files;

use source_files::{Source, files, root};
use std::fs;

/// The rooms in order of dependency, each with the rooms above it that it may not use either. No room uses one below.
const ROOMS: [(&str, &[&str]); 14] = [
    ("machine", &[]),
    ("number", &[]),
    ("bytes", &[]),
    ("matrix", &[]),
    ("audio", &[]),
    ("spectrum", &[]),
    ("dataset", &[]),
    // The optimizers do not depend on what they minimize.
    ("optimize", &["bytes", "matrix", "audio", "spectrum", "dataset"]),
    // The models do not depend on sound; the two branches meet in `tutorial`.
    ("model", &["audio", "spectrum"]),
    ("picture", &[]),
    // Sound and models meet here too, in fixed memory and without `std`. A stored model is a predictor's.
    ("predictor", &["picture"]),
    ("storage", &[]),
    ("tutorial", &[]),
    ("cli", &[]),
];

/// The files and folders that may name `std`. All others run on boards without an operating system.
const WITH_STD: [&str; 11] = [
    "machine/pool/",
    "machine/isa.rs",
    "machine/threads.rs",
    "bytes/read.rs",
    "bytes/path.rs",
    "audio/wav/input.rs",
    "dataset/",
    "storage/",
    "tutorial/",
    "cli/",
    "main.rs",
];

// Files.

/// All files of `src/`, sorted, except the tasks of the workbook: a student's files, which use the crate from outside.
fn sources() -> Vec<Source> {
    let mut sources = files("src");
    sources.retain(|source| !source.path.starts_with("tutorial/workbook/tasks/"));
    // A scan of the wrong folder would find nothing wrong.
    assert!(["lib.rs", "machine/mod.rs"].iter().all(|path| sources.iter().any(|source| source.path == *path)));
    sources
}

/// The files of `src/` without test modules, which are declared as `#[cfg(test)] mod name;`.
fn sources_without_tests() -> Vec<Source> {
    let mut sources = sources();
    let mut tests = Vec::new();
    for Source { path, text } in &sources {
        let folder = path.trim_end_matches("mod.rs").trim_end_matches("lib.rs").replace(".rs", "/");
        let lines: Vec<&str> = text.lines().collect();
        for pair in lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]") {
            let name = pair[1].split_once("mod ").and_then(|(_, rest)| rest.strip_suffix(';'));
            tests.extend(name.map(|name| format!("{folder}{name}.rs")));
        }
    }
    sources.retain(|source| !tests.contains(&source.path));
    sources
}

/// Asserts that the checker finds nothing in the files.
#[track_caller]
fn find_nothing(sources: &[Source], checker: fn(&str, &str) -> Vec<String>) {
    let findings: Vec<String> = sources.iter().flat_map(|Source { path, text }| checker(path, text)).collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

// Text.

/// The text without its comments, in the same lines.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// The lines before the test module.
fn lines_without_tests(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    let opens_tests =
        |pair: &[&str]| (pair[0] == "#[cfg(test)]" || pair[0].starts_with("#[cfg(all(test,")) && is_module(pair[1]);
    let end = lines.windows(2).position(opens_tests).unwrap_or(lines.len());
    lines.truncate(end);
    lines
}

/// The code before the test module.
fn code_without_tests(text: &str) -> String {
    lines_without_tests(&code(text)).join("\n")
}

/// Whether the line opens an inline module.
fn is_module(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.contains(&"mod") && words.last() == Some(&"{")
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The name that the text starts with, perhaps empty.
fn leading_name(text: &str) -> &str {
    text.split(|c| !is_of_name(c)).next().unwrap_or("")
}

/// The bytes of the text at which `word` starts, not as a part of a longer name.
fn positions(text: &str, word: &str) -> Vec<usize> {
    let is_part = |&at: &usize| {
        let after = &text[at + word.len()..];
        text[..at].ends_with(is_of_name) || word.ends_with(is_of_name) && after.starts_with(is_of_name)
    };
    text.match_indices(word).map(|(at, _)| at).filter(|at| !is_part(at)).collect()
}

/// `src/path:line: what`, the line being that of the byte `at`.
fn finding(path: &str, text: &str, at: usize, what: &str) -> String {
    format!("src/{path}:{}: {what}", 1 + text[..at].matches('\n').count())
}

// Rooms.

/// The names after `crate::`, which one path or a group in braces may follow.
fn first_names(after: &str) -> Vec<&str> {
    let Some(group) = after.strip_prefix('{') else { return vec![leading_name(after)] };
    let (mut names, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in group.char_indices() {
        if depth == 0 && (c == ',' || c == '}') {
            names.push(leading_name(group[start..at].trim_start()));
            start = at + 1;
        }
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            _ => {}
        }
    }
    // The comma after the last name leaves an empty one.
    names.retain(|name| !name.is_empty());
    names
}

/// How many modules lie between the crate's root and the byte `at` of a file.
fn depth(path: &str, code: &str, at: usize) -> usize {
    let of_file = path.trim_end_matches("/mod.rs").trim_end_matches(".rs").split('/').count();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let start = code[..at].rfind('\n').map_or(0, |end| end + 1);
    let mut innermost = indent(code[start..].lines().next().unwrap_or(""));
    let mut inline = 0;
    for line in code[..start].lines().rev().filter(|line| !line.trim().is_empty()) {
        if indent(line) < innermost {
            innermost = indent(line);
            inline += usize::from(is_module(line));
        }
    }
    of_file + inline
}

/// What the code names from the root of the crate: the byte where it starts, and the first name.
fn from_the_root<'a>(path: &str, code: &'a str) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    for at in positions(code, "crate::") {
        found.extend(first_names(&code[at + "crate::".len()..]).into_iter().map(|name| (at, name)));
    }
    // `super::super::` as far up as the root is `crate::` in disguise.
    for at in positions(code, "super::").into_iter().filter(|&at| !code[..at].ends_with("super::")) {
        let after = code[at..].trim_start_matches("super::");
        if (code.len() - at - after.len()) / "super::".len() >= depth(path, code, at) {
            found.extend(first_names(after).into_iter().map(|name| (at, name)));
        }
    }
    found
}

fn rooms_out_of_order(path: &str, text: &str) -> Vec<String> {
    let room = path.split('/').next().unwrap_or("").trim_end_matches(".rs");
    if room == "lib" || room == "main" {
        return Vec::new();
    }
    let order = |name: &str| ROOMS.iter().position(|(room, _)| *room == name);
    let Some(here) = order(room) else { return vec![finding(path, text, 0, "is in no room of the table")] };
    let code = code(text);
    let mut findings = Vec::new();
    for (at, name) in from_the_root(path, &code) {
        let what = match order(name) {
            None => format!("`{name}` is no room; name an item by its room"),
            Some(there) if there > here => format!("{room} uses {name}, a room below it"),
            Some(_) if ROOMS[here].1.contains(&name) => format!("{room} may not use {name}"),
            Some(_) => continue,
        };
        findings.push(finding(path, &code, at, &what));
    }
    findings
}

#[test]
fn a_room_uses_only_rooms_above_it() {
    find_nothing(&sources(), rooms_out_of_order);
}

#[test]
fn a_use_of_a_lower_room_is_found() {
    let text = "//! Unlike [`crate::model`].\n\
        use crate::{\n    bytes::{self, endian},\n    audio::wav::{Wav, model},\n    machine::run,\n};\n\
        use crate::number::Real; // crate::cli\n\
        fn f() {\n    super::super::model::g(crate::Real);\n}\n\
        mod tests {\n    use super::super::spectrum::mel;\n    use super::super::super::spectrum::mel;\n}\n";
    assert_eq!(
        rooms_out_of_order("matrix/dense.rs", text),
        [
            "src/matrix/dense.rs:2: matrix uses audio, a room below it",
            "src/matrix/dense.rs:9: `Real` is no room; name an item by its room",
            "src/matrix/dense.rs:9: matrix uses model, a room below it",
            "src/matrix/dense.rs:13: matrix uses spectrum, a room below it",
        ]
    );
    assert_eq!(rooms_out_of_order("cellar/wine.rs", text), ["src/cellar/wine.rs:1: is in no room of the table"]);
    assert_eq!(
        rooms_out_of_order("number/mod.rs", "use super::{machine, model};"),
        ["src/number/mod.rs:1: number uses model, a room below it"]
    );
}

#[test]
fn the_branches_of_sound_and_of_models_are_kept_apart() {
    let used = |path: &str, name: &str| rooms_out_of_order(path, &format!("use crate::{name}::x;")).is_empty();
    let of = |path: &str| ROOMS.map(|(name, _)| name).into_iter().filter(|name| used(path, name)).collect::<Vec<_>>();
    assert_eq!(of("optimize/lbfgs.rs"), ["machine", "number", "optimize"]);
    assert_eq!(of("spectrum/mel.rs"), ["machine", "number", "bytes", "matrix", "audio", "spectrum"]);
    assert_eq!(of("model/softmax.rs"), ["machine", "number", "bytes", "matrix", "dataset", "optimize", "model"]);
}

// Unsafe code.

fn unsafe_code(path: &str, text: &str) -> Vec<String> {
    if path.starts_with("machine/") {
        return Vec::new();
    }
    let code = code(text);
    // A web page's policy has a word of its own.
    let found = positions(&code, "unsafe").into_iter().filter(|&at| !code[at..].starts_with("unsafe-inline"));
    found.map(|at| finding(path, &code, at, "`unsafe` outside of machine/")).collect()
}

#[test]
fn all_unsafe_code_is_in_machine() {
    find_nothing(&sources(), unsafe_code);
}

#[test]
fn unsafe_code_elsewhere_is_found() {
    let text = "#![deny(unsafe_code)] // unsafe\n#[unsafe(no_mangle)]\nfn f() {\n    unsafe { g() }\n}\n";
    let findings = ["src/lib.rs:2: `unsafe` outside of machine/", "src/lib.rs:4: `unsafe` outside of machine/"];
    assert_eq!(unsafe_code("lib.rs", text), findings);
    assert!(unsafe_code("machine/x86.rs", text).is_empty());
}

/// Differences between the list in the head of machine/mod.rs, `//! - `file` (uses): ...`, and the uses of `unsafe` in
/// the files.
fn unlisted_unsafe_code(sources: &[Source]) -> Vec<String> {
    let in_machine = |path: &str| {
        let name = path.strip_prefix("machine/")?.strip_suffix(".rs")?;
        Some(name.strip_suffix("/mod").unwrap_or(name).to_string())
    };
    let head = sources.iter().find(|source| source.path == "machine/mod.rs").map_or("", |source| &source.text);
    let listed = |line: &str| {
        let (name, rest) = line.strip_prefix("//! - `")?.split_once("` (")?;
        Some((name.to_string(), rest.split_once("): ")?.0.parse::<usize>().ok()?))
    };
    let mut listed: Vec<(String, usize)> = head.lines().filter_map(listed).collect();
    let mut findings = Vec::new();
    for Source { path, text } in sources {
        let Some(name) = in_machine(path) else { continue };
        let found = positions(&code(text), "unsafe").len();
        let entry = listed.iter().position(|(listed, _)| *listed == name);
        let expected = entry.map_or(0, |entry| listed.swap_remove(entry).1);
        if found != expected {
            findings.push(format!("src/{path}: `unsafe` stands {found} times, and {expected} in machine/mod.rs"));
        }
    }
    findings.extend(listed.into_iter().map(|(name, _)| format!("src/machine/mod.rs: there is no {name}.rs")));
    findings
}

#[test]
fn every_unsafe_block_is_listed_with_its_invariant() {
    let findings = unlisted_unsafe_code(&sources());
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn an_unlisted_unsafe_block_is_found() {
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let sources = [
        source(
            "machine/mod.rs",
            "//! Text.\n//! - `a` (1): why.\n//! - `b` (2): why\n//!   at length.\n//! - `d` (1): why.\n",
        ),
        source("machine/a.rs", "// unsafe\nfn f() {\n    unsafe { g() }\n}\n"),
        source("machine/b.rs", "unsafe fn f() {}\n"),
        source("machine/c.rs", "unsafe fn f() {}\n"),
    ];
    assert_eq!(
        unlisted_unsafe_code(&sources),
        [
            "src/machine/b.rs: `unsafe` stands 1 times, and 2 in machine/mod.rs",
            "src/machine/c.rs: `unsafe` stands 1 times, and 0 in machine/mod.rs",
            "src/machine/mod.rs: there is no d.rs",
        ]
    );
}

// The standard library.

fn standard_library(path: &str, text: &str) -> Vec<String> {
    if WITH_STD.iter().any(|allowed| path.starts_with(allowed)) {
        return Vec::new();
    }
    let code = code_without_tests(text);
    positions(&code, "std::").into_iter().map(|at| finding(path, &code, at, "`std::` in a room for boards")).collect()
}

#[test]
fn rooms_for_boards_do_not_name_std() {
    find_nothing(&sources_without_tests(), standard_library);
}

#[test]
fn a_use_of_std_is_found() {
    let text = "//! See std::fs.\nuse core::fmt;\nuse std::fs;\nfn f(x: ::std::io::Error, y: my_std::Z) {}\n\
        #[cfg(test)]\nmod tests {\n    use std::vec;\n}\n";
    let findings = ["src/audio/a.rs:3: `std::` in a room for boards", "src/audio/a.rs:4: `std::` in a room for boards"];
    assert_eq!(standard_library("audio/a.rs", text), findings);
    assert!(standard_library("cli/a.rs", text).is_empty());
}

// Names.

/// Paths printed without `bytes::path::shown_path`, which escapes control characters and the like.
fn raw_paths(path: &str, text: &str) -> Vec<String> {
    let code = code_without_tests(text);
    let found = positions(&code, "display()").into_iter();
    found.map(|at| finding(path, &code, at, "`.display()` prints a path unescaped; `shown_path` escapes it")).collect()
}

#[test]
fn paths_are_printed_escaped() {
    find_nothing(&sources_without_tests(), raw_paths);
}

#[test]
fn an_unescaped_path_is_found() {
    let text = "//! path.display()\nfn f() {\n    format!(\"{}\", path.display())\n}\n";
    let findings = ["src/cli/a.rs:3: `.display()` prints a path unescaped; `shown_path` escapes it"];
    assert_eq!(raw_paths("cli/a.rs", text), findings);
}

// Sums.

const INTEGERS: [&str; 12] = ["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize"];

/// Iterator sums and products of floats. The order of a floating-point sum is part of its definition, so such sums are
/// loops or functions of `number::sum`. An integer sum may be the iterator's if it names its type.
fn unordered_sums(path: &str, text: &str) -> Vec<String> {
    let code = code_without_tests(text);
    let mut findings = Vec::new();
    for word in [".sum::<", ".sum()", "Iterator::sum", ".product::<", ".product()", "Iterator::product"] {
        for at in positions(&code, word) {
            if !INTEGERS.contains(&leading_name(&code[at + word.len()..])) {
                findings.push(finding(path, &code, at, &format!("`{word}` of floats, or of integers of unnamed type")));
            }
        }
    }
    findings
}

#[test]
fn floating_point_sums_have_a_written_order() {
    find_nothing(&sources_without_tests(), unordered_sums);
}

#[test]
fn an_iterators_sum_is_found() {
    let text = "let n = a.iter().sum::<usize>() + dot.sums() + m.product(&b);\n\
        let x: f64 = a\n    .iter()\n    .sum();\nlet y = a.iter().sum::<f32>();\nlet z = b.map(Iterator::product);\n\
        #[cfg(all(test, feature = \"std\"))]\nmod tests {\n    .sum()\n}\n";
    assert_eq!(
        unordered_sums("bytes/a.rs", text),
        [
            "src/bytes/a.rs:5: `.sum::<` of floats, or of integers of unnamed type",
            "src/bytes/a.rs:4: `.sum()` of floats, or of integers of unnamed type",
            "src/bytes/a.rs:6: `Iterator::product` of floats, or of integers of unnamed type",
        ]
    );
}

// Dependencies.

/// What the manifest depends on, and a missing `autobenches = false`.
fn dependencies(path: &str, text: &str) -> Vec<String> {
    let depends = |part: &str| part.trim().replace('_', "-").ends_with("dependencies");
    let (mut section, mut findings, mut without_benches) = (String::new(), Vec::new(), false);
    for (i, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or("").trim();
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        if line.starts_with('[') && line.ends_with(']') {
            section = line.trim_matches(['[', ']']).into();
            // `[dependencies.name]` needs no key to be a dependency.
            if section.rsplit('.').skip(1).any(depends) {
                findings.push(format!("{path}:{}: [{section}]", i + 1));
            }
        } else if section.split('.').chain(key.split('.')).any(depends) {
            if !line.is_empty() {
                findings.push(format!("{path}:{}: `{}` of [{section}]", i + 1, key.trim()));
            }
        } else if section == "package" && key.trim() == "autobenches" {
            without_benches = value.trim() == "false";
        }
    }
    if !without_benches {
        findings.push(format!("{path}: no `autobenches = false`; benches/ is a package of its own"));
    }
    findings
}

#[test]
fn the_crate_depends_on_nothing() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let findings = dependencies("Cargo.toml", &manifest);
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn a_dependency_is_found() {
    let text = "[package]\nautobenches = false\ndev-dependencies.a = \"1\"\n\n[dependencies] # none\n\n# a = \"1\"\n\
        [features]\nstd = []\n[dev-dependencies]\nb = \"1\"\n[build-dependencies.c]\n\
        [target.'cfg(unix)'.dependencies]\nd = { path = \"d\" }\n";
    assert_eq!(
        dependencies("Cargo.toml", text),
        [
            "Cargo.toml:3: `dev-dependencies.a` of [package]",
            "Cargo.toml:11: `b` of [dev-dependencies]",
            "Cargo.toml:12: [build-dependencies.c]",
            "Cargo.toml:14: `d` of [target.'cfg(unix)'.dependencies]",
        ]
    );
    let findings = ["Cargo.toml: no `autobenches = false`; benches/ is a package of its own"];
    assert_eq!(dependencies("Cargo.toml", "[package]\nautobenches = true\n[dependencies]\n"), findings);
}

// Pages.

/// Files without a head, and rooms' pages that omit a public module of the room.
fn heads(path: &str, text: &str) -> Vec<String> {
    if !text.starts_with("//!") {
        return vec![finding(path, text, 0, "does not start with `//!`")];
    }
    if !path.ends_with("/mod.rs") {
        return Vec::new();
    }
    let head: String = text.lines().take_while(|line| line.starts_with("//!")).collect();
    let mut findings = Vec::new();
    for (i, line) in text.lines().enumerate() {
        if let Some(name) = line.strip_prefix("pub mod ").map(leading_name)
            && !head.contains(&format!("`{name}`"))
        {
            findings.push(format!("src/{path}:{}: the head does not say when to read `{name}`", i + 1));
        }
    }
    findings
}

#[test]
fn every_file_has_a_head_and_every_room_a_reading_order() {
    find_nothing(&sources(), heads);
}

#[test]
fn a_missing_head_and_an_unmentioned_module_are_found() {
    assert_eq!(heads("main.rs", "fn main() {}\n"), ["src/main.rs:1: does not start with `//!`"]);
    let text = "//! Sound.\n//!\n//! 1. [`wav`], not the window.\n\nmod a;\npub mod wav;\npub mod window;\n";
    assert_eq!(heads("audio/mod.rs", text), ["src/audio/mod.rs:7: the head does not say when to read `window`"]);
}

// Equations.

/// The files whose heads must display labels; others may.
const WITH_LABELS: &[&str] = &[
    "audio/frames.rs",
    "audio/resample.rs",
    "audio/window.rs",
    "dataset/augment.rs",
    "dataset/context_windows.rs",
    "dataset/dead_leaves.rs",
    "dataset/normalize.rs",
    "dataset/whiten.rs",
    "machine/pool/mod.rs",
    "matrix/divide.rs",
    "matrix/jacobi.rs",
    "matrix/reflections.rs",
    "matrix/secular.rs",
    "matrix/symmetric.rs",
    "model/autoencoder.rs",
    "model/contractive.rs",
    "model/convolution/cost.rs",
    "model/convolution/definition.rs",
    "model/convolution/filters.rs",
    "model/convolution/patches.rs",
    "model/convolution/pooling.rs",
    "model/convolution/sobel.rs",
    "model/convolved_features.rs",
    "model/deep_autoencoder.rs",
    "model/denoising.rs",
    "model/layer.rs",
    "model/multimodal.rs",
    "model/network/activation_maximization.rs",
    "model/network/objective.rs",
    "model/network/pass.rs",
    "model/network/pretrain.rs",
    "model/predictive.rs",
    "model/softmax.rs",
    "model/sparse_coding.rs",
    "model/stacked.rs",
    "model/variational.rs",
    "optimize/check.rs",
    "optimize/fista.rs",
    "optimize/graph.rs",
    "optimize/lbfgs.rs",
    "optimize/line_search/backtracking.rs",
    "optimize/line_search/mod.rs",
    "optimize/line_search/more_thuente.rs",
    "optimize/rule.rs",
    "optimize/schedule.rs",
    "optimize/training.rs",
    "optimize/two_loop.rs",
    "picture/axis.rs",
    "picture/bands.rs",
    "picture/confusion.rs",
    "picture/contour.rs",
    "picture/heat.rs",
    "picture/png/read.rs",
    "picture/regions.rs",
    "predictor/classify.rs",
    "predictor/convolutional.rs",
    "predictor/fourier.rs",
    "predictor/front_end.rs",
    "predictor/pooled.rs",
    "spectrum/bank.rs",
    "spectrum/bark.rs",
    "spectrum/cepstrum.rs",
    "spectrum/chroma.rs",
    "spectrum/constant_q.rs",
    "spectrum/decibel.rs",
    "spectrum/descriptors.rs",
    "spectrum/fourier/butterfly.rs",
    "spectrum/fourier/chirp.rs",
    "spectrum/fourier/complex.rs",
    "spectrum/fourier/mod.rs",
    "spectrum/fourier/radix2.rs",
    "spectrum/fourier/real.rs",
    "spectrum/mel.rs",
    "spectrum/mfcc.rs",
    "spectrum/spectrogram.rs",
    "spectrum/stft.rs",
];

/// The label of an equation or a rule, such as `(AE.4)`: a capital letter, a capital letter or a digit, and a number.
#[derive(Clone, Copy, PartialEq)]
struct Label<'a> {
    prefix: &'a str,
    number: usize,
}

impl std::fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "({}.{})", self.prefix, self.number)
    }
}

/// The label that the text starts with, and the text after it.
fn leading_label(text: &str) -> Option<(Label<'_>, &str)> {
    let (label, rest) = text.strip_prefix('(')?.split_once(')')?;
    let (prefix, number) = label.split_once('.')?;
    let [first, second] = prefix.as_bytes() else { return None };
    let is_prefix = first.is_ascii_uppercase() && (second.is_ascii_uppercase() || second.is_ascii_digit());
    let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    (is_prefix && is_number).then(|| (Label { prefix, number: number.parse().unwrap() }, rest))
}

/// The labels of a comment that consists of labels: `(AE.4)` or `(AE.4), (AE.5)`.
fn only_labels(comment: &str) -> Option<Vec<Label<'_>>> {
    let (first, mut rest) = leading_label(comment.trim())?;
    let mut labels = vec![first];
    while !rest.is_empty() {
        let (label, after) = leading_label(rest.strip_prefix(", ")?)?;
        labels.push(label);
        rest = after;
    }
    Some(labels)
}

/// The labels that a head displays, each with its line, counted from 1: at the start of a line of a ```text block, or
/// in the first cell of a table's row.
fn displayed_labels(text: &str) -> Vec<(usize, Label<'_>)> {
    let (mut labels, mut fence) = (Vec::new(), None);
    for (i, line) in text.lines().map_while(|line| line.strip_prefix("//!")).enumerate() {
        let line = line.trim_start();
        let equation = match (line.strip_prefix("```"), fence) {
            (Some(_), Some(_)) => {
                fence = None;
                continue;
            }
            (Some(kind), None) => {
                fence = Some(kind);
                continue;
            }
            (None, Some("text")) => line,
            (None, Some(_)) => continue,
            (None, None) => line.strip_prefix("| ").unwrap_or(""),
        };
        labels.extend(leading_label(equation).map(|(label, _)| (i + 1, label)));
    }
    labels
}

/// Where labels in heads and labels at lines of code differ. In each file, every label that the head displays must
/// stand at a line of code before the tests, as a trailing comment, and every label at a line must be displayed in the
/// head. The numbers of a prefix ascend from 1, and a prefix belongs to one file. A label that any other comment
/// mentions must be displayed somewhere.
fn labels_astray(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    let displayed: Vec<(&str, Vec<(usize, Label)>)> =
        sources.iter().map(|source| (&*source.path, displayed_labels(&source.text))).collect();
    for (file, (path, labels)) in displayed.iter().enumerate() {
        for (i, (line, label)) in labels.iter().enumerate() {
            let before = labels[..i].iter().filter(|(_, other)| other.prefix == label.prefix).count();
            if label.number != before + 1 {
                findings.push(format!("src/{path}:{line}: {label} is number {} of its prefix", before + 1));
            }
            let first = displayed[..file].iter().find(|(_, all)| all.iter().any(|(_, l)| l.prefix == label.prefix));
            if let Some((first, _)) = first {
                findings.push(format!("src/{path}:{line}: the prefix of {label} belongs to src/{first}"));
            }
        }
    }
    let everywhere: Vec<Label> = displayed.iter().flat_map(|(_, all)| all.iter().map(|(_, label)| *label)).collect();
    for (Source { path, text }, (_, displayed)) in sources.iter().zip(&displayed) {
        let (mut at_lines, end) = (Vec::new(), lines_without_tests(text).len());
        for (i, line) in text.lines().enumerate() {
            let (code, comment) = line.split_once("//").unwrap_or((line, ""));
            let labels = only_labels(comment);
            if labels.is_some() && code.trim().is_empty() {
                findings.push(format!("src/{path}:{}: `//{comment}` stands at no code", i + 1));
            } else if let Some(labels) = labels {
                let unknown = labels.iter().filter(|label| displayed.iter().all(|(_, other)| other != *label));
                findings
                    .extend(unknown.map(|label| format!("src/{path}:{}: the head does not display {label}", i + 1)));
                at_lines.extend(labels.into_iter().filter(|_| i < end));
            } else {
                let mentioned = comment.match_indices('(').filter_map(|(at, _)| leading_label(&comment[at..]));
                let unknown = mentioned.map(|(label, _)| label).filter(|label| !everywhere.contains(label));
                findings.extend(unknown.map(|label| format!("src/{path}:{}: no head displays {label}", i + 1)));
            }
        }
        let without_code = displayed.iter().filter(|(_, label)| !at_lines.contains(label));
        findings.extend(without_code.map(|(line, label)| format!("src/{path}:{line}: no line of code has {label}")));
        if displayed.is_empty() && WITH_LABELS.contains(&path.as_str()) {
            findings.push(format!("src/{path}: the head displays no label"));
        }
    }
    findings
}

#[test]
fn labels_of_equations_in_heads_and_at_lines_of_code_agree() {
    let sources = sources();
    assert!(WITH_LABELS.iter().all(|path| sources.iter().any(|source| source.path == *path)));
    let findings = labels_astray(&sources);
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn a_label_without_its_counterpart_is_found() {
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let right = "//! A chapter, not (in a block) but on one: (AA.1).\n//!\n//! ```text\n//! (AA.1)  y = x\n//!\n\
        //!   (AA.2)  z = (y)\n//! ```\n//!\n//! | rule |\n//! | (B2.1) | first |\n\
        /// (AA.1), (AA.2)\nfn f() {\n    let y = x; // (AA.1)\n    // By (AA.1), and (A 8.1).\n\
        let z = y; // (AA.2), (B2.1)\n    let x = z; // not (x)\n}\n";
    assert_eq!(labels_astray(&[source("model/a.rs", right)]), [""; 0]);
    let wrong = "//! ```text\n//! (AA.1)  y = x\n//! ```\n//! ```\n//! (AA.9)\n//! ```\n//! ```text\n//! (CC.1)\n\
        //! (CC.1)\n//! (CC.3)\n//! (CC.4)\n//! ```\n\
        fn g() {\n    // (CC.1)\n    f(); // (CC.2)\n    f(); // (AA.1), (CC.4)\n    f(); // see (AA.3)\n}\n\
        #[cfg(test)]\nmod tests {\n    f(); // (CC.3)\n}\n";
    assert_eq!(
        labels_astray(&[source("model/a.rs", right), source("model/b.rs", wrong), source("machine/pool/mod.rs", "")]),
        [
            "src/model/b.rs:2: the prefix of (AA.1) belongs to src/model/a.rs",
            "src/model/b.rs:9: (CC.1) is number 2 of its prefix",
            "src/model/b.rs:5: no head displays (AA.9)",
            "src/model/b.rs:14: `// (CC.1)` stands at no code",
            "src/model/b.rs:15: the head does not display (CC.2)",
            "src/model/b.rs:17: no head displays (AA.3)",
            "src/model/b.rs:8: no line of code has (CC.1)",
            "src/model/b.rs:9: no line of code has (CC.1)",
            "src/model/b.rs:10: no line of code has (CC.3)",
            "src/machine/pool/mod.rs: the head displays no label",
        ]
    );
}

// Links.

#[test]
fn links_of_the_documents_lead_to_files() {
    let mut broken = Vec::new();
    for document in ["README.md", "NOTES.md", "CHANGELOG.md", "data/README.md", "benches/README.md", "tests/README.md"]
    {
        let root = root();
        let text = fs::read_to_string(root.join(document)).unwrap();
        let folder = root.join(document).parent().unwrap().to_path_buf();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap();
            if !path.is_empty() && !path.starts_with("http") && !folder.join(path).exists() {
                broken.push(format!("{document}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

// Columns.

/// Lines with a comment that are longer than 120 characters. rustfmt breaks code, but no comments.
fn long_comments(path: &str, text: &str) -> Vec<String> {
    let has_comment =
        |line: &str| line.match_indices("//").any(|(at, _)| line[..at].matches('"').count().is_multiple_of(2));
    let long = text.lines().enumerate().filter(|(_, line)| line.chars().count() > 120 && has_comment(line));
    long.map(|(i, line)| format!("{path}:{}: {} columns", i + 1, line.chars().count())).collect()
}

/// Files and folders of `src/` whose comments may be longer.
const WITH_LONG_COMMENTS: [&str; 3] = ["tutorial/front_end.rs", "tutorial/mnist.rs", "tutorial/time_pooling.rs"];

#[test]
fn comments_end_within_120_columns() {
    let mut sources = sources();
    sources.retain(|source| !WITH_LONG_COMMENTS.iter().any(|allowed| source.path.starts_with(allowed)));
    sources.extend(files("tests"));
    find_nothing(&sources, long_comments);
}

#[test]
fn a_comment_beyond_120_columns_is_found() {
    let (long, fits) = ("é".repeat(117), "é".repeat(116));
    let text = format!("// {fits}é\n// {fits}éé\nlet a = \"// {long}\";\nlet a = \"// {long}\"; // b\n\"{long}\"\n");
    assert_eq!(long_comments("a.rs", &text), ["a.rs:2: 121 columns", "a.rs:4: 136 columns"]);
}
