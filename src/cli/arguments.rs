//! Parsing of command-line arguments.
//!
//! A command declares each option once, with its help. From this declaration come the parser, the list of options in
//! `--help`, and the suggestion for a mistyped option.

use crate::bytes::escape::shown;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// An option that a command takes.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// Its name with the dashes.
    pub name: &'static str,
    /// The placeholder for its value in the help; empty for an option without a value.
    pub value: &'static str,
    /// Its effect, in one line, with the default at the end.
    pub help: &'static str,
}

/// The parsed arguments of a command.
#[derive(Debug, Default)]
pub struct Arguments {
    options: Vec<(&'static str, String)>,
    /// The arguments that are not options, in order.
    pub others: Vec<String>,
}

/// Separates the declared options from the other arguments. `--name value` and `--name=value` are the same; arguments
/// after `--` are never options.
///
/// # Errors
/// A message if an option is not declared, lacks its value, has a value but takes none, or is given twice.
pub fn parse(args: &[String], flags: &[&[Flag]]) -> Result<Arguments, String> {
    let declared = || flags.iter().flat_map(|flags| flags.iter());
    let mut arguments = Arguments::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg == "--" {
            arguments.others.extend(args.by_ref().cloned());
        } else if arg.starts_with('-') && arg.len() > 1 {
            let (name, given) = match arg.split_once('=') {
                Some((name, value)) => (name, Some(value.into())),
                None => (arg.as_str(), None),
            };
            let Some(flag) = declared().find(|flag| flag.name == name) else {
                let names: Vec<&str> = declared().map(|flag| flag.name).collect();
                return Err(format!("there is no option '{}'{}", brief(name), suggestion(name, &names)));
            };
            let value = match (flag.value.is_empty(), given) {
                (true, None) => String::new(),
                (true, Some(_)) => return Err(format!("{name} takes no value")),
                (false, Some(value)) => value,
                // A value that looks like an option means that the value was forgotten, unless it is `--name=--value`.
                (false, None) => args.next().filter(|value| !value.starts_with("--")).cloned().unwrap_or_default(),
            };
            if value.is_empty() && !flag.value.is_empty() {
                return Err(format!("{name} needs a value: {name} {}", flag.value));
            }
            if arguments.options.iter().any(|(seen, _)| *seen == flag.name) {
                return Err(format!("{name} is given twice"));
            }
            arguments.options.push((flag.name, value));
        } else if arg.is_empty() {
            return Err("an argument is empty".into());
        } else {
            arguments.others.push(arg.clone());
        }
    }
    Ok(arguments)
}

impl Arguments {
    /// Whether an option was given.
    pub fn has(&self, name: &str) -> bool {
        self.text(name).is_some()
    }

    /// Replaces the value of an option, if it was given as `from`.
    pub fn replace(&mut self, name: &str, from: &str, to: &str) {
        let given = self.options.iter_mut().filter(|(given, value)| *given == name && value == from);
        given.for_each(|(_, value)| *value = to.into());
    }

    /// The value of an option, as it was written.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(given, _)| *given == name).map(|(_, value)| value.as_str())
    }

    /// Parses the value of an option as a number that meets a condition. If the option was given, stores the number in
    /// `to`.
    ///
    /// # Errors
    /// A message that names the option, its value, and the expected kind of value.
    pub fn number<T: core::str::FromStr>(
        &self,
        name: &str,
        expected: &str,
        meets: impl Fn(&T) -> bool,
        to: &mut T,
    ) -> Result<(), String> {
        if let Some(text) = self.text(name) {
            *to = text.parse().ok().filter(meets).ok_or_else(|| {
                let text = brief(text);
                format!("{name} {text}: {expected} was expected")
            })?;
        }
        Ok(())
    }

    /// Looks up the value of an option in a list of names. If the option was given, stores the choice with that name in
    /// `to`.
    ///
    /// # Errors
    /// A message that lists the names.
    pub fn choice<T: Clone>(&self, name: &str, choices: &[(&str, T)], to: &mut T) -> Result<(), String> {
        if let Some(text) = self.text(name) {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            let Some((_, choice)) = choices.iter().find(|(name, _)| *name == text) else {
                return Err(not_among(name, text, &names));
            };
            *to = choice.clone();
        }
        Ok(())
    }
}

/// The message for a word that is none of the names: "--option 'word': one of a, b was expected".
pub fn not_among(option: &str, word: &str, names: &[&str]) -> String {
    let word_or_nothing = if word.is_empty() { "with an empty name".into() } else { format!("'{}'", brief(word)) };
    format!("{option} {word_or_nothing}: one of {} was expected{}", names.join(", "), suggestion(word, names))
}

/// The word, escaped and cut off after 60 characters.
pub fn brief<N: AsRef<[u8]> + ?Sized>(word: &N) -> String {
    const MOST: usize = 60;
    let word = shown(word).to_string();
    match word.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &word[..end]),
        None => word,
    }
}

/// "; did you mean 'name'?" with the name nearest to a mistyped one, or an empty text if none is near.
pub fn suggestion(mistyped: &str, names: &[&str]) -> String {
    let mistyped = &mistyped.to_lowercase();
    let letters = mistyped.chars().count();
    let most = 1 + mistyped.trim_start_matches('-').chars().count() / 4;
    // The distance is at least the difference of the lengths, so names of other lengths need not be compared.
    let likely = names.iter().filter(|name| name.chars().count().abs_diff(letters) <= most);
    match likely.map(|name| (distance(mistyped, name), name)).min() {
        Some((distance, name)) if distance <= most => format!("; did you mean '{name}'?"),
        _ => String::new(),
    }
}

/// The edit distance: the smallest number of letters to insert, delete, replace, or swap with their neighbor, so that
/// one word becomes the other (V. Levenshtein 1965, F. Damerau 1964).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // The table's rows for the first i - 2, i - 1 and i letters of a.
    let mut rows: [Vec<usize>; 3] = [Vec::new(), Vec::new(), (0..=b.len()).collect()];
    for i in 1..=a.len() {
        rows.rotate_left(1);
        let [before, above, row] = &mut rows;
        row.clear();
        row.push(i);
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
    }
    rows[2][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: &[Flag] =
        &[Flag { name: "--hidden", value: "N", help: "" }, Flag { name: "--tsv", value: "", help: "" }];

    fn parsed(line: &str) -> Result<Arguments, String> {
        parse(&line.split_whitespace().map(ToString::to_string).collect::<Vec<_>>(), &[FLAGS])
    }

    #[test]
    fn options_are_separated_from_other_arguments() {
        let arguments = parsed("dir --hidden 5 --tsv -- --odd -").unwrap();
        assert_eq!(arguments.others, ["dir", "--odd", "-"]);
        assert!(arguments.has("--tsv") && arguments.text("--hidden") == Some("5"));
        assert_eq!(parsed("--hidden=7").unwrap().text("--hidden"), Some("7"));
    }

    #[test]
    fn mistakes_are_explained() {
        let error = |line: &str| parsed(line).unwrap_err();
        assert_eq!(error("--hiden 5"), "there is no option '--hiden'; did you mean '--hidden'?");
        assert_eq!(error("--frequency"), "there is no option '--frequency'");
        assert_eq!(error("--\x1b[2J"), "there is no option '--\\u{1b}[2J'");
        assert_eq!(error("--hidden"), "--hidden needs a value: --hidden N");
        assert_eq!(error("--hidden --tsv"), "--hidden needs a value: --hidden N");
        assert_eq!(error("--hidden="), "--hidden needs a value: --hidden N");
        assert_eq!(error("--tsv=1"), "--tsv takes no value");
        assert_eq!(error("--tsv --tsv"), "--tsv is given twice");
        let mut n = 1usize;
        let result = parsed("--hidden x").unwrap().number("--hidden", "a count", |&n| n > 0, &mut n);
        assert_eq!(result.unwrap_err(), "--hidden x: a count was expected");
        assert_eq!(
            not_among("--methods", "STAKCED", &["conv", "stacked"]),
            "--methods 'STAKCED': one of conv, stacked was expected; did you mean 'stacked'?"
        );
        assert_eq!(not_among("--methods", "", &["conv"]), "--methods with an empty name: one of conv was expected");
        assert_eq!(brief(&"\n".repeat(1000)), r"\n".repeat(30) + "...");
    }

    #[test]
    fn letters_may_be_exchanged() {
        assert_eq!(distance("tutroial", "tutorial"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(suggestion("tutroial", &["wav", "tutorial"]), "; did you mean 'tutorial'?");
    }
}
