//! The rules of the house, checked in the text of `src/`: which room may use which, where `unsafe` and `std` may stand,
//! how paths are printed, how floating-point numbers may not be summed, and that nothing is depended on.
//!
//! A compiler enforces none of these: a crate's modules all see each other, and `extern crate std` lets `std::` through
//! in every file. So each rule here is a checker, a function from a path (below `src/`) and a text to findings of the form
//! `src/path:line: what is wrong`. Each is tested twice: it finds nothing in the crate, and it finds what is wrong in
//! a few made-up lines.
//!
//! The checkers read text and no syntax: comments are cut off at `//`, strings are not known, and the code is taken to
//! be formatted by rustfmt (an inner line is indented further than the line that opens its block). A test module
//! ends its file, as clippy demands.

use std::fs;
use std::path::Path;

/// The rooms in reading order, and the rooms above each that it still may not use. It never uses a room below.
const ROOMS: [(&str, &[&str]); 14] = [
    ("machine", &[]),
    ("number", &[]),
    ("bytes", &[]),
    ("matrix", &[]),
    ("audio", &[]),
    ("spectrum", &[]),
    ("dataset", &[]),
    // Minimizing knows nothing of what is minimized.
    ("optimize", &["bytes", "matrix", "audio", "spectrum", "dataset"]),
    // Models know nothing of sound; the two branches meet in `tutorial`.
    ("model", &["audio", "spectrum"]),
    ("picture", &[]),
    // Sound and models meet here too, but in fixed memory and without `std`; what is stored is made of it.
    ("predictor", &["picture"]),
    ("storage", &[]),
    ("tutorial", &[]),
    ("cli", &[]),
];

/// What may name `std`: files, and rooms with all their files. All else is for boards without an operating system.
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

/// A file of `src/`.
struct Source {
    /// Below `src/`, with `/` on every system.
    path: String,
    text: String,
}

// Files.

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files of `src/`, sorted.
fn sources() -> Vec<Source> {
    let (mut folders, mut sources) = (vec![root().join("src")], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(root().join("src")).unwrap();
                let path = path.iter().map(|part| part.to_str().unwrap()).collect::<Vec<_>>().join("/");
                sources.push(Source { path, text });
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    // A scan of the wrong folder would find nothing wrong.
    assert!(["lib.rs", "machine/mod.rs"].iter().all(|path| sources.iter().any(|source| source.path == *path)));
    sources
}

/// The files of `src/` that are no test modules: not declared as `#[cfg(test)] mod name;`.
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

/// The code before the test module.
fn code_without_tests(text: &str) -> String {
    let code = code(text);
    let lines: Vec<&str> = code.lines().collect();
    let opens_tests =
        |pair: &[&str]| (pair[0] == "#[cfg(test)]" || pair[0].starts_with("#[cfg(all(test,")) && is_module(pair[1]);
    let end = lines.windows(2).position(opens_tests).unwrap_or(lines.len());
    lines[..end].join("\n")
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

/// Where `word` stands in the text, not as a part of a longer name.
fn places(text: &str, word: &str) -> Vec<usize> {
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
    for at in places(code, "crate::") {
        found.extend(first_names(&code[at + "crate::".len()..]).into_iter().map(|name| (at, name)));
    }
    // `super::super::` as far up as the root is `crate::` in disguise.
    for at in places(code, "super::").into_iter().filter(|&at| !code[..at].ends_with("super::")) {
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
    let place = |name: &str| ROOMS.iter().position(|(room, _)| *room == name);
    let Some(here) = place(room) else { return vec![finding(path, text, 0, "is in no room of the table")] };
    let code = code(text);
    let mut findings = Vec::new();
    for (at, name) in from_the_root(path, &code) {
        let what = match place(name) {
            None => format!("`{name}` is no room; name what is used by the room that it is in"),
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
            "src/matrix/dense.rs:9: `Real` is no room; name what is used by the room that it is in",
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
    places(&code, "unsafe").into_iter().map(|at| finding(path, &code, at, "`unsafe` outside of machine/")).collect()
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

/// Where the list in the head of machine/mod.rs, `//! - `file` (uses): ...`, differs from the uses of `unsafe` in the files.
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
        let found = places(&code(text), "unsafe").len();
        let place = listed.iter().position(|(listed, _)| *listed == name);
        let expected = place.map_or(0, |place| listed.swap_remove(place).1);
        if found != expected {
            findings.push(format!("src/{path}: `unsafe` stands {found} times, and {expected} in machine/mod.rs"));
        }
    }
    findings.extend(listed.into_iter().map(|(name, _)| format!("src/machine/mod.rs: there is no {name}.rs")));
    findings
}

#[test]
fn every_unsafe_block_is_entered_with_its_invariant() {
    let findings = unlisted_unsafe_code(&sources());
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn an_unsafe_block_that_is_not_entered_is_found() {
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
    if WITH_STD.iter().any(|place| path.starts_with(place)) {
        return Vec::new();
    }
    let code = code_without_tests(text);
    places(&code, "std::").into_iter().map(|at| finding(path, &code, at, "`std::` in a room for boards")).collect()
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

/// A path is printed through `bytes::path::shown_path`, which escapes what would change the text around it.
fn raw_paths(path: &str, text: &str) -> Vec<String> {
    let code = code_without_tests(text);
    let found = places(&code, "display()").into_iter();
    found.map(|at| finding(path, &code, at, "`.display()` prints a path as it is; `shown_path` escapes it")).collect()
}

#[test]
fn paths_are_printed_escaped() {
    find_nothing(&sources_without_tests(), raw_paths);
}

#[test]
fn a_path_that_is_printed_as_it_is_is_found() {
    let text = "//! path.display()\nfn f() {\n    format!(\"{}\", path.display())\n}\n";
    let findings = ["src/cli/a.rs:3: `.display()` prints a path as it is; `shown_path` escapes it"];
    assert_eq!(raw_paths("cli/a.rs", text), findings);
}

// Sums.

const INTEGERS: [&str; 12] = ["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize"];

/// The order of a floating-point sum is a part of what it is: such sums are those of `number::sum`, or loops. An integer
/// sum may be the iterator's if it names its type.
fn unordered_sums(path: &str, text: &str) -> Vec<String> {
    let code = code_without_tests(text);
    let mut findings = Vec::new();
    for word in [".sum::<", ".sum()", "Iterator::sum", ".product::<", ".product()", "Iterator::product"] {
        for at in places(&code, word) {
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

/// A file without a head, and a page of a room that passes over one of the room's public modules.
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
