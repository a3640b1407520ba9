//! The pages around the chapters: the contents, the notes on settings, errors and results, the equations, the glossary,
//! and the index.

use super::chapter::Companion;
use super::contents::{Chapter, PARTS, chapters};
use super::equation::{columns, escape, is_note};
use super::inline::{inline, plain};
use super::markdown::{Block, blocks, head};
use super::page::{BookLinks, displayed, html, minutes, name, words_of};
use crate::tutorial::exercise::EXERCISES;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// The text of NOTES.md, whose sections are pages of the appendix.
const NOTES: &str = include_str!("../../../NOTES.md");

/// The entries of the glossary.
const GLOSSARY: &str = include_str!("text/glossary.md");

/// The reading paths: a name, and the chapters.
pub const PATHS: [(&str, &str, &[&str]); 3] = [
    (
        "An evening",
        "from one unit to a trained autoencoder",
        &["how-to-read", "unit", "descent", "check", "backpropagation", "autoencoder", "features"],
    ),
    ("A week", "Parts I to V, the whole course", &[]),
    (
        "I only port it",
        "what runs on a board, and why its bits are the same",
        &["same-bits", "sums", "functions", "product", "lanes", "threads", "wav", "board"],
    ),
];

/// The chapters of a reading path; an empty list stands for all up to Part V.
pub fn path(slugs: &[&str]) -> Vec<&'static Chapter> {
    if slugs.is_empty() {
        return PARTS[..6].iter().flat_map(|part| part.chapters).collect();
    }
    slugs.iter().filter_map(|slug| chapters().find(|chapter| chapter.slug == *slug)).collect()
}

/// The reading time of chapters, in words, rounded to ten minutes or to an hour.
pub fn duration(chapters: &[&Chapter]) -> String {
    let total = chapters.iter().map(|chapter| minutes(words_of(chapter))).sum::<usize>();
    if total < 115 { format!("{} minutes", (total + 5) / 10 * 10) } else { format!("{} hours", (total + 30) / 60) }
}

/// The body of the first page, which lists the pages of the appendix too.
pub fn contents(appendix: &[Page]) -> String {
    let mut body = String::from(
        "<p class=\"lead\">How a program learns features of sound without labels, and classifies with them: every step \
         from the bytes of a WAV file to the predicted label, every equation next to the lines of code that compute it.</p>\n",
    );
    body += "<section>\n<h2>Three ways through</h2>\n<ul>\n";
    for (title, about, slugs) in PATHS {
        let chapters = path(slugs);
        let first = chapters.first().map_or("", |chapter| chapter.slug);
        body += &format!(
            "<li><a href=\"{}#paths\"><strong>{title}</strong></a>: {about}; {} of reading. \
             <a href=\"{first}.html\">Start.</a></li>\n",
            "how-to-read.html",
            duration(&chapters)
        );
    }
    body += "</ul>\n</section>\n";
    let mut number = 0;
    for part in &PARTS {
        body += &format!("<section>\n<h2>{}</h2>\n<p>{}</p>\n", escape(part.title), escape(part.about));
        body += &format!("<ol class=\"contents\" start=\"{}\">\n", number + 1);
        for chapter in part.chapters {
            let minutes = minutes(words_of(chapter));
            body += &format!(
                "<li><a href=\"{}.html\">{}</a> <span class=\"meta\">{minutes} min</span></li>\n",
                chapter.slug,
                escape(chapter.title)
            );
            number += 1;
        }
        body += "</ol>\n</section>\n";
    }
    body += "<section>\n<h2>Appendix</h2>\n<ul class=\"contents\">\n";
    for (slug, title, _) in appendix {
        body += &format!("<li><a href=\"{slug}.html\">{}</a></li>\n", escape(title));
    }
    body + "</ul>\n</section>\n"
}

/// A page of the appendix: its name without `.html`, its title, and its body.
pub type Page = (&'static str, &'static str, String);

/// The pages after the chapters.
pub fn pages() -> Vec<Page> {
    let notes = |title: &str| html(&section(title), &BookLinks { path: "" }, None);
    Vec::from([
        ("notation", "Names in the code and in the sources", notes("Notation")),
        ("settings", "Settings, and why", notes("Settings, and why")),
        ("errors", "Errors in the tutorial", notes("Errors in the tutorial")),
        ("contract", "The numerical contract", notes("The numerical contract") + &notes("Conventions")),
        ("results", "Measurements", notes("Results")),
        ("equations", "All equations", equations()),
        ("glossary", "Glossary", glossary()),
        ("index-of-terms", "Index", index()),
    ])
}

/// The blocks of a section of the notes, without its title.
fn section(title: &str) -> Vec<Block> {
    let all = blocks(NOTES);
    let is_start = |block: &&Block| matches!(block, Block::Heading(2, text) if text == title);
    let start = all.iter().position(|block| is_start(&block)).map_or(all.len(), |k| k + 1);
    let end =
        all[start..].iter().position(|block| matches!(block, Block::Heading(2, _))).map_or(all.len(), |k| start + k);
    // Pictures of the notes are not part of the book.
    all[start..end].iter().filter(|block| !matches!(block, Block::Figure(..))).cloned().collect()
}

/// Every numbered equation, with its chapter.
fn equations() -> String {
    let mut body = String::from("<p>Every numbered equation and rule, in the order of reading.</p>\n");
    for chapter in chapters() {
        let labels: Vec<(String, String)> = chapter.sources.iter().flat_map(|source| displayed(source.text)).collect();
        if labels.is_empty() {
            continue;
        }
        body += &format!(
            "<h3><a href=\"{}.html\">{}</a></h3>\n<div class=\"equations\">\n",
            chapter.slug,
            escape(chapter.title)
        );
        for (label, text) in labels {
            let all = columns(&text);
            let mut formulas: Vec<&str> = all.iter().copied().filter(|column| !is_note(column)).collect();
            if formulas.is_empty() {
                formulas = all;
            }
            let text: Vec<String> = formulas.into_iter().map(super::equation::math).collect();
            body += &format!(
                "<div class=\"row\"><div class=\"math\"><a class=\"label\" href=\"{}.html#{label}\">({label})</a><span>{}</span></div></div>\n",
                chapter.slug,
                text.join("  ")
            );
        }
        body += "</div>\n";
    }
    body
}

/// The entries of the glossary: a term, its definition in Markdown, and the page of the chapter that defines it.
pub fn terms() -> Vec<(String, String, String)> {
    let entries = blocks(GLOSSARY).into_iter().filter_map(|block| match block {
        Block::List(_, items) => Some(items),
        _ => None,
    });
    let entry = |item: String| {
        let (term, rest) = item.strip_prefix("**")?.split_once("**:")?;
        let (definition, link) = rest.trim().rsplit_once('[')?;
        let slug = link.split_once(']')?.0;
        Some((term.to_string(), definition.trim().to_string(), slug.to_string()))
    };
    entries.flatten().filter_map(entry).collect()
}

fn glossary() -> String {
    let mut body = String::from("<dl>\n");
    for (term, definition, slug) in terms() {
        let title = chapters().find(|chapter| chapter.slug == slug).map_or("", |chapter| chapter.title);
        body += &format!(
            "<dt id=\"{}\">{}</dt>\n<dd>{} <a href=\"{slug}.html\">{}</a></dd>\n",
            name(&term),
            escape(&term),
            inline(&definition, &BookLinks { path: "" }),
            escape(title)
        );
    }
    body + "</dl>\n"
}

/// The words of a chapter, lowercase: for the index.
fn text_of(chapter: &Chapter) -> String {
    let mut all: Vec<Block> = chapter.sources.iter().flat_map(|source| blocks(&head(source.text))).collect();
    let companion = Companion::parse(chapter.companion);
    all.extend(companion.opening);
    all.extend(companion.questions.into_iter().flat_map(|(_, answer)| answer));
    let texts: Vec<String> = all.iter().flat_map(Block::texts).map(plain).collect();
    texts.join(" ").to_lowercase()
}

/// Whether a text has a word or phrase, with no letter directly before or after it; a plural counts.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let after = &text[at + word.len()..];
        let after = after.strip_prefix('s').unwrap_or(after);
        !text[..at].ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric)
    })
}

/// The most chapters that the index lists for a term, besides the one that defines it.
const MOST_PLACES: usize = 24;

/// The index: the chapters in which each term of the glossary occurs, and the chapter of each exercise and file.
fn index() -> String {
    let texts: Vec<(&Chapter, String)> = chapters().map(|chapter| (chapter, text_of(chapter))).collect();
    let link = |chapter: &Chapter| format!("<a href=\"{}.html\">{}</a>", chapter.slug, escape(chapter.title));
    let mut body = String::from(
        "<h2>Terms</h2>\n<p>The numbers are those of chapters; the chapter that defines a term comes first, in bold.</p>\n<ul>\n",
    );
    let place = |(number, (chapter, _)): (usize, &(&Chapter, String))| {
        let title = escape(chapter.title);
        format!("<a href=\"{}.html\" title=\"{title}\">{}</a>", chapter.slug, number + 1)
    };
    for (term, _, slug) in terms() {
        // "L2 norm (Euclidean)" is looked up without what is in parentheses.
        let word = term.split(" (").next().unwrap_or(&term).to_lowercase();
        let numbered = || texts.iter().enumerate();
        let own = numbered().filter(|(_, (chapter, _))| chapter.slug == slug);
        let mut places: Vec<String> = own.map(|own| format!("<strong>{}</strong>", place(own))).collect();
        let others: Vec<String> =
            numbered().filter(|(_, (c, text))| c.slug != slug && has_word(text, &word)).map(place).collect();
        // Nobody looks up a term of every other chapter by its places.
        if others.len() <= MOST_PLACES {
            places.extend(others)
        } else {
            places.push("and in many others".into())
        }
        let places = places.join(", ");
        body += &format!("<li><a href=\"glossary.html#{}\">{}</a>: {places}</li>\n", name(&term), escape(&term));
    }
    body += "</ul>\n<h2>Exercises</h2>\n<ul>\n";
    for exercise in &EXERCISES {
        let place = chapters().find(|chapter| chapter.exercises.contains(&exercise.number));
        let place = place.map_or(String::new(), |chapter| format!("{}.html", chapter.slug));
        body += &format!(
            "<li><a href=\"{place}#exercise-{0}\">{0}</a>: {1}</li>\n",
            exercise.number,
            escape(exercise.asks)
        );
    }
    body += "</ul>\n<h2>Files</h2>\n<ul>\n";
    let mut files: Vec<(&str, &Chapter)> =
        chapters().flat_map(|chapter| chapter.sources.iter().map(move |source| (source.path, chapter))).collect();
    files.sort_unstable_by_key(|(path, _)| *path);
    for (path, chapter) in files {
        body += &format!("<li><code>src/{path}</code>: {}</li>\n", link(chapter));
    }
    body + "</ul>\n"
}
