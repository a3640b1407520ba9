//! The book: the chapters of the crate as HTML pages, in a learner's order.
//!
//! The text of a chapter is in the heads of its files, next to the code that it explains, so that neither changes
//! without the other. A page adds four things that a file cannot hold: an opening that connects it to the chapters
//! before, the output of its exercises with their pictures, questions with answers, and where to read more (`text/`,
//! one file for each chapter). The text of the files is part of the program, so the book needs no source tree.
//!
//! 1. [`contents`]: the parts and chapters, in the order of reading;
//! 2. [`markdown`]: text to blocks;
//! 3. [`equation`]: equations to HTML;
//! 4. [`inline`]: words, links and code within a block;
//! 5. [`listing`]: lines of code that compute an equation, and definitions;
//! 6. [`page`](mod@page): the frame of a page, and blocks to HTML;
//! 7. [`chapter`]: a chapter's page;
//! 8. [`appendix`]: the contents, the notes, the equations, the glossary, and the index;
//! 9. [`diagrams`]: the diagrams.

// The head lists the modules that only the crate sees, too.
#![allow(rustdoc::private_intra_doc_links)]

pub(crate) mod appendix;
pub(crate) mod chapter;
pub(crate) mod contents;
pub(crate) mod diagrams;
pub(crate) mod equation;
pub(crate) mod inline;
pub(crate) mod listing;
pub(crate) mod markdown;
pub(crate) mod page;

use super::exercise::output::Output;
use contents::{Chapter, chapters};
use page::{minutes, page, words_of};
use std::format;
use std::string::String;
use std::vec::Vec;

/// A file of the book.
#[derive(Clone, Debug)]
pub struct File {
    /// Its name within the book's folder.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// All files of the book except the pictures of exercises: the outputs name these, in the folder `pictures`.
pub fn files(outputs: &[Output]) -> Vec<File> {
    let appendix = appendix::pages();
    let mut pages: Vec<(String, String, String)> =
        Vec::from([("index.html".into(), "Ossicle: the book".into(), appendix::contents(&appendix))]);
    for (number, chapter) in chapters().enumerate() {
        let body = format!("<p class=\"meta\">{}</p>\n{}", about(chapter, number), chapter::body(chapter, outputs));
        pages.push((format!("{}.html", chapter.slug), chapter.title.into(), body));
    }
    for (slug, title, body) in appendix {
        pages.push((format!("{slug}.html"), title.into(), body));
    }
    let mut files: Vec<File> = Vec::new();
    for (k, (name, title, body)) in pages.iter().enumerate() {
        let neighbor = |k: Option<usize>| k.and_then(|k| pages.get(k)).map(|page| (page.0.as_str(), page.1.as_str()));
        let text = page(title, body, neighbor(k.checked_sub(1)), neighbor(Some(k + 1)));
        files.push(File { name: name.clone(), text });
    }
    files.push(File { name: "style.css".into(), text: include_str!("style.css").into() });
    files.extend(diagrams::DIAGRAMS.iter().map(|d| File { name: format!("{}.svg", d.name), text: (d.draw)() }));
    files
}

/// A chapter's part, number, and reading time in minutes.
fn about(chapter: &Chapter, number: usize) -> String {
    let part = contents::PARTS.iter().find(|part| part.chapters.iter().any(|other| other.slug == chapter.slug));
    let title = part.map_or("", |part| part.title);
    format!("{title} · chapter {} · {} minutes of reading", number + 1, minutes(words_of(chapter)))
}

#[cfg(test)]
mod tests {
    use super::appendix::{PATHS, duration, path, terms};
    use super::chapter::Companion;
    use super::contents::PARTS;
    use super::page::displayed;
    use super::*;
    use crate::tutorial::exercise::EXERCISES;
    use crate::tutorial::exercise::output::Picture;
    use std::collections::{HashMap, HashSet};
    use std::string::ToString;

    /// The files of a book whose exercises have the pictures that they declare, and a dummy output.
    fn all() -> Vec<File> {
        let pictures = |names: &[&str]| {
            names.iter().map(|name| Picture { file: name.to_string(), what: "a <picture>".into() }).collect()
        };
        let output = |exercise: &crate::tutorial::exercise::Exercise| Output {
            number: exercise.number,
            page: "1 < 2\n".into(),
            pictures: pictures(exercise.pictures),
        };
        files(&EXERCISES.iter().map(output).collect::<Vec<_>>())
    }

    /// The values of an attribute.
    fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
        let start = format!(" {attribute}=\"");
        html.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
    }

    #[test]
    fn every_link_and_every_picture_has_its_target() {
        let files = all();
        let ids: HashMap<&str, HashSet<&str>> =
            files.iter().map(|file| (file.name.as_str(), values(&file.text, "id").into_iter().collect())).collect();
        let declared: HashSet<String> =
            EXERCISES.iter().flat_map(|e| e.pictures).map(|name| format!("pictures/{name}")).collect();
        let mut wrong = Vec::new();
        for file in files.iter().filter(|file| file.name.ends_with(".html")) {
            for target in values(&file.text, "href").into_iter().chain(values(&file.text, "src")) {
                let (page, fragment) = target.split_once('#').unwrap_or((target, ""));
                let page = if page.is_empty() { file.name.as_str() } else { page };
                let is_there = target.starts_with("https://")
                    || target.starts_with("http://")
                    || target == "data:,"
                    || declared.contains(page)
                    || ids.get(page).is_some_and(|ids| fragment.is_empty() || ids.contains(fragment));
                if !is_there {
                    wrong.push(format!("{}: {target}", file.name));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn every_page_is_well_formed_and_no_id_stands_twice() {
        const VOID: [&str; 6] = ["!DOCTYPE", "meta", "link", "img", "br", "hr"];
        for file in all().iter().filter(|file| file.name.ends_with(".html")) {
            let mut open: Vec<&str> = Vec::new();
            for tag in file.text.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or("")) {
                let name = tag.split_whitespace().next().unwrap_or("");
                match name.strip_prefix('/') {
                    Some(name) => assert_eq!(open.pop(), Some(name), "{}: {open:?}", file.name),
                    None if VOID.contains(&name) => {}
                    None => open.push(name),
                }
            }
            assert!(open.is_empty(), "{}: {open:?}", file.name);
            let ids = values(&file.text, "id");
            let twice: Vec<&&str> =
                ids.iter().filter(|id| ids.iter().filter(|other| other == id).count() > 1).collect();
            assert!(twice.is_empty(), "{}: {twice:?}", file.name);
        }
    }

    #[test]
    fn every_file_with_equations_and_every_exercise_is_in_one_chapter() {
        let sources: Vec<&str> = chapters().flat_map(|chapter| chapter.sources).map(|source| source.path).collect();
        let exercises: Vec<&str> = chapters().flat_map(|chapter| chapter.exercises).copied().collect();
        for names in [&sources, &exercises] {
            assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
        }
        let numbers: HashSet<&str> = EXERCISES.iter().map(|exercise| exercise.number).collect();
        assert_eq!(exercises.iter().copied().collect::<HashSet<_>>(), numbers);
        let mut folders = Vec::from([std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))]);
        let mut missing = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|name| name == "rs") {
                    let name = path.to_string_lossy().rsplit_once("/src/").unwrap().1.to_string();
                    let has_equations = !displayed(&std::fs::read_to_string(path).unwrap()).is_empty();
                    if has_equations && !sources.contains(&name.as_str()) {
                        missing.push(name);
                    }
                }
            }
        }
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn every_chapter_has_what_a_reader_needs() {
        let mut wrong = Vec::new();
        for chapter in PARTS[1..].iter().flat_map(|part| part.chapters) {
            let companion = Companion::parse(chapter.companion);
            let mut check = |is_right: bool, what: &str| {
                if !is_right {
                    wrong.push(format!("{}: {what}", chapter.slug));
                }
            };
            check(!companion.opening.is_empty(), "no opening");
            check(companion.questions.len() >= 2, "fewer than two questions");
            check(companion.questions.iter().all(|(_, answer)| !answer.is_empty()), "a question without an answer");
            check(!companion.elsewhere.is_empty(), "nothing under Elsewhere");
            let seen: Vec<&str> = companion.see.iter().map(|(number, _)| number.as_str()).collect();
            check(chapter.exercises.iter().all(|number| seen.contains(number)), "an exercise without what to see");
            check(minutes(words_of(chapter)) <= 15, "more than 15 minutes of reading");
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn the_glossary_is_sorted_and_points_to_chapters() {
        let terms = terms();
        assert!(terms.len() > 100, "{}", terms.len());
        let known: HashSet<&str> = chapters().map(|chapter| chapter.slug).collect();
        let lost: Vec<_> = terms.iter().filter(|(_, _, slug)| !known.contains(slug.as_str())).collect();
        assert!(lost.is_empty(), "{lost:?}");
        let key = |term: &str| term.to_lowercase().replace(|c: char| !c.is_alphanumeric(), "");
        for pair in terms.windows(2) {
            assert!(key(&pair[0].0) < key(&pair[1].0), "{} before {}", pair[0].0, pair[1].0);
        }
        for (_, _, slugs) in PATHS {
            assert!(path(slugs).len() >= slugs.len().max(5));
        }
    }

    #[test]
    fn the_readme_has_the_reading_paths_and_their_times() {
        let readme = include_str!("../../../README.md");
        let found: Vec<String> = PATHS
            .iter()
            .map(|(title, _, _)| {
                let row = readme.lines().find(|line| line.starts_with(&format!("| {title} |"))).unwrap_or("");
                format!("{title}: {}", row.trim_end_matches(" |").rsplit("| ").next().unwrap_or(""))
            })
            .collect();
        let expected: Vec<String> =
            PATHS.iter().map(|(title, _, slugs)| format!("{title}: {}", duration(&path(slugs)))).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_sources_are_those_of_the_symbols_page() {
        let symbols = chapters().find(|chapter| chapter.slug == "symbols").unwrap().companion;
        for chapter in chapters() {
            let texts = chapter.sources.iter().map(|source| source.text).chain([chapter.companion]);
            for text in texts {
                for (at, _) in text.match_indices("source ") {
                    let name: String = text[at + 7..].chars().take_while(|c| c.is_alphanumeric()).collect();
                    let is_letter = name.len() == 1 && name.chars().all(|c| c.is_ascii_uppercase());
                    assert!(!is_letter || ("A"..="E").contains(&name.as_str()), "{}: source {name}", chapter.slug);
                }
            }
        }
        assert!(
            ["A", "B", "C", "D", "E"]
                .iter()
                .all(|name| symbols.contains(&format!("| {name} |")) || symbols.contains(&format!("**{name}**"))),
            "{symbols}"
        );
    }
}
