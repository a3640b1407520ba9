//! A chapter's page: its opening, the heads of its files with their code, its exercises, and its questions.

use super::contents::{Chapter, Source, chapters};
use super::equation::escape;
use super::inline::{inline, plain};
use super::listing::definitions;
use super::markdown::{Block, blocks, head};
use super::page::{BookLinks, definition, figure, html, id};
use crate::number::decimal::Count;
use crate::tutorial::exercise::EXERCISES;
use crate::tutorial::exercise::output::Output;
use crate::tutorial::report::filled;
use crate::tutorial::workbook::{Numbered, tasks};
use std::format;
use std::string::String;
use std::vec::Vec;

/// The sections of a companion text.
#[derive(Debug, Default)]
pub struct Companion {
    /// Before the first heading.
    pub opening: Vec<Block>,
    /// What to predict before each exercise, or command.
    pub predict: Vec<(String, Vec<Block>)>,
    /// What to see in the output of each exercise, or command.
    pub see: Vec<(String, Vec<Block>)>,
    /// Questions and their answers.
    pub questions: Vec<(String, Vec<Block>)>,
    /// Where to read more.
    pub elsewhere: Vec<Block>,
}

impl Companion {
    /// The sections of a text. Sections with other headings belong to the opening, headings included.
    pub fn parse(text: &str) -> Self {
        let mut companion = Companion::default();
        let mut section = String::new();
        for block in blocks(text) {
            if let Block::Heading(2, title) = &block {
                section = title.clone();
            }
            let is_title = matches!(&block, Block::Heading(2, _));
            match section.as_str() {
                "Predict" if !is_title => push(&mut companion.predict, block),
                "You should see" if !is_title => push(&mut companion.see, block),
                "Questions" if !is_title => push(&mut companion.questions, block),
                "Elsewhere" if !is_title => companion.elsewhere.push(block),
                "Predict" | "You should see" | "Questions" | "Elsewhere" => {}
                _ => companion.opening.push(block),
            }
        }
        companion
    }
}

/// Adds a block to the entry that the last heading of level 3 opened.
fn push(entries: &mut Vec<(String, Vec<Block>)>, block: Block) {
    match (block, entries.last_mut()) {
        (Block::Heading(_, title), _) => entries.push((title, Vec::new())),
        (block, Some((_, blocks))) => blocks.push(block),
        (_, None) => {}
    }
}

/// What to see in the output of an exercise with `--quick` on the bundled digits, as paragraphs for a terminal.
pub fn see(number: &str) -> Option<String> {
    paragraphs(number, |companion| companion.see)
}

/// What to predict before an exercise, as paragraphs for a terminal.
pub fn predict(number: &str) -> Option<String> {
    paragraphs(number, |companion| companion.predict)
}

/// The entry of an exercise in a section of its chapter's companion text.
fn paragraphs(number: &str, section: fn(Companion) -> Vec<(String, Vec<Block>)>) -> Option<String> {
    let chapter = chapters().find(|chapter| chapter.exercises.contains(&number))?;
    let (_, blocks) = section(Companion::parse(chapter.companion)).into_iter().find(|(name, _)| name == number)?;
    let paragraphs = blocks.iter().filter_map(|block| match block {
        Block::Paragraph(text) => Some(filled(&plain(text))),
        _ => None,
    });
    Some(paragraphs.collect::<Vec<_>>().join("\n\n"))
}

/// The HTML of a chapter without its frame.
pub fn body(chapter: &Chapter, outputs: &[Output]) -> String {
    let own = BookLinks { path: "" };
    let companion = Companion::parse(chapter.companion);
    let mut body = html(&companion.opening, &own, None);
    for source in chapter.sources {
        body += &section(source, chapter.sources.len() > 1);
    }
    for number in chapter.exercises {
        let text = |section: &[(String, Vec<Block>)]| {
            let entry = section.iter().find(|(name, _)| name == number);
            entry.map_or(String::new(), |(_, blocks)| html(blocks, &own, None))
        };
        let (predict, see) = (text(&companion.predict), text(&companion.see));
        body += &exercise(number, outputs.iter().find(|output| output.number == *number), &predict, &see);
    }
    for (name, blocks) in companion.see.iter().filter(|(name, _)| !chapter.exercises.contains(&name.as_str())) {
        body += &format!("<section>\n<h2>What <code>ossicle {name}</code> shows</h2>\n");
        body += &format!("<div class=\"see\">\n{}</div>\n</section>\n", html(blocks, &own, None));
    }
    body += &tasks_of(chapter);
    if !companion.questions.is_empty() {
        body += "<section>\n<h2>Questions</h2>\n";
        for (question, answer) in &companion.questions {
            let question = inline(question, &own);
            body += &format!("<details><summary>{question}</summary>\n{}</details>\n", html(answer, &own, None));
        }
        body += "</section>\n";
    }
    if !companion.elsewhere.is_empty() {
        body += &format!("<section>\n<h2>Elsewhere</h2>\n{}</section>\n", html(&companion.elsewhere, &own, None));
    }
    body
}

/// The chapter's tasks in the workbook.
fn tasks_of(chapter: &Chapter) -> String {
    let tasks: Vec<Numbered> = tasks().into_iter().filter(|n| n.task.chapter == chapter.slug).collect();
    if tasks.is_empty() {
        return String::new();
    }
    let line = |n: &Numbered| {
        let title = escape(n.task.title());
        format!("<li>Task {}, {title} (<code>{}</code>, {} minutes)</li>\n", n.id, n.path(), n.task.minutes)
    };
    let lines: String = tasks.iter().map(line).collect();
    format!("<section>\n<h2>In the workbook</h2>\n<ul>\n{lines}</ul>\n</section>\n")
}

/// The head of a file, its first paragraph as a lead, and its definitions.
fn section(source: &Source, has_title: bool) -> String {
    let links = BookLinks { path: source.path };
    let blocks = blocks(&head(source.text));
    let mut body = format!("<section id=\"{}\">\n", id(source.path));
    let rest = match blocks.split_first() {
        Some((Block::Paragraph(lead), rest)) => {
            if has_title {
                body += &format!("<h2>{}</h2>\n", inline(&title(lead), &links));
            }
            body += &format!("<p class=\"lead\">{}</p>\n", inline(lead, &links));
            rest
        }
        _ => &blocks[..],
    };
    body += &html(rest, &links, Some(source));
    let definitions = definitions(source.text);
    if !definitions.is_empty() {
        let listings: String = definitions.iter().map(|listing| definition(listing, &links)).collect();
        let lines: usize = definitions.iter().map(|listing| listing.lines.len()).sum::<usize>();
        body += &format!(
            "<details class=\"listing\" open><summary>The definition in plain loops, {}</summary>\n{listings}</details>\n",
            Count(lines, "line")
        );
    }
    let lines = source.text.lines().count();
    body + &format!("<p class=\"path\"><code>src/{}</code>, {}</p>\n</section>\n", source.path, Count(lines, "line"))
}

/// The characters of the longest title that stays whole.
const LONGEST: usize = 70;

/// The title of a section: the start of its first sentence, without the number of an exercise.
fn title(lead: &str) -> String {
    let is_number =
        |text: &str| text.chars().next().is_some_and(char::is_uppercase) && text.chars().nth(1) == Some('.');
    let text = if is_number(lead) { lead.split_once(": ").map_or(lead, |(_, text)| text) } else { lead };
    let cut =
        |text: &'_ str, signs: &[&str]| signs.iter().filter_map(|sign| text.find(sign)).min().unwrap_or(text.len());
    let text = text[..cut(text, &[": ", ". ", "; "])].trim_end_matches('.');
    // A long sentence is named after its first part.
    let text = if text.chars().count() > LONGEST { &text[..cut(text, &[", "])] } else { text };
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// An exercise: what to predict, its output, its pictures, and what to see.
fn exercise(number: &str, output: Option<&Output>, predict: &str, see: &str) -> String {
    let asks = EXERCISES.iter().find(|exercise| exercise.number == number).map_or("", |exercise| exercise.asks);
    let mut body = format!(
        "<section id=\"exercise-{number}\">\n<h2>Exercise {number}: {}</h2>\n",
        inline(asks, &BookLinks { path: "" })
    );
    body += &format!("<p class=\"meta\"><code>cargo run --release -- exercise {number} --quick</code></p>\n");
    if !predict.is_empty() {
        body += &format!("<div class=\"see\">\n<p><strong>Predict, then look.</strong></p>\n{predict}</div>\n");
    }
    if let Some(output) = output {
        body += &format!("<pre><code>{}</code></pre>\n", escape(output.page.trim_end()));
        for picture in &output.pictures {
            let caption = format!("Exercise {number}: {}", picture.what);
            body += &figure(&caption, &escape(&caption), &format!("pictures/{}", picture.file));
        }
    }
    if !see.is_empty() {
        body += &format!("<div class=\"see\">\n{see}</div>\n");
    }
    body + "</section>\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn every_exercise_says_what_to_predict_and_what_to_see_in_lines_of_a_terminal() {
        for exercise in &EXERCISES {
            let [text, predict] = [see(exercise.number), predict(exercise.number)].map(Option::unwrap);
            assert!(text.contains("ou should see") && text.contains("\n\nNow try"), "{text}");
            assert!(predict.contains('?') && !predict.contains("ou should see"), "{predict}");
            let text = text + "\n" + &predict;
            assert!(!text.contains("]("), "{text}");
            // A mark above a letter, as in ρ̂, takes no column.
            let columns = |line: &str| line.chars().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).count();
            assert!(text.lines().all(|line| columns(line) <= 100), "{text}");
        }
    }

    #[test]
    fn a_section_is_named_after_its_first_words() {
        assert_eq!(title("Mel bands: the power of"), "Mel bands");
        assert_eq!(title("E.12: the noise of batches, and schedules."), "The noise of batches, and schedules");
        assert_eq!(title("The L1 penalty."), "The L1 penalty");
    }

    #[test]
    fn a_companion_has_four_sections() {
        let text = "Opening.\n\n## Own\n\nx\n\n## You should see\n\n### 8.1.1\n\na\n\nb\n\n## Questions\n\n### Why?\n\nc\n\n## Elsewhere\n\n- d\n";
        let companion = Companion::parse(text);
        assert_eq!(companion.opening.len(), 3);
        assert_eq!(
            (companion.see.len(), companion.see[0].0.to_string(), companion.see[0].1.len()),
            (1, "8.1.1".into(), 2)
        );
        assert_eq!((companion.questions.len(), companion.elsewhere.len()), (1, 1));
    }
}
