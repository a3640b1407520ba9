//! The commands described for other readers: help within 80 columns, a manual page, and completions for shells. All
//! come from the same descriptions.

use super::arguments::{Flag, not_among};
use super::{COMMANDS, COMMON, Command, Failure};
use std::format;
use std::string::String;
use std::vec::Vec;

pub(super) const COMMAND: Command = Command {
    name: "completions",
    summary: "print completions for a shell, or the manual page",
    help: "\
Prints a script that completes the commands and options of ossicle in a shell, or the manual page.

usage: ossicle completions bash|zsh|fish|man

examples:
  ossicle completions bash > ~/.local/share/bash-completion/completions/ossicle
  ossicle completions fish > ~/.config/fish/completions/ossicle.fish
  ossicle completions man > ~/.local/share/man/man1/ossicle.1",
    flags: &[],
    run,
};

/// The columns of the help.
const COLUMNS: usize = 80;
/// The column at which the help of an option starts.
const OPTION: usize = 26;

fn run(args: &[String]) -> Result<(), Failure> {
    type Kind = (&'static str, fn() -> String);
    const KINDS: [Kind; 4] = [("bash", bash), ("zsh", zsh), ("fish", fish), ("man", man)];
    let arguments = super::parse(args, &[])?;
    let kind = match &arguments.others[..] {
        [kind] => kind,
        [] => return Err(Failure::Usage("bash, zsh, fish or man was expected".into())),
        [_, other, ..] => return Err(super::unexpected(other)),
    };
    match KINDS.iter().find(|(name, _)| name == kind) {
        Some((_, text)) => super::print(&text()),
        None => Err(Failure::Usage(not_among("completions", kind, &KINDS.map(|(name, _)| name)))),
    }
}

/// Text with lines of at most 80 columns. Lines without an indent are paragraphs. An indented line is kept if it fits;
/// otherwise the words after its first two spaces in a row hang below one another.
pub(super) fn fit(text: &str) -> String {
    let mut out = String::new();
    let mut paragraph: Vec<&str> = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let is_text = |line: &str| !line.is_empty() && !line.starts_with(' ') && !line.starts_with("usage:");
        if is_text(line) {
            paragraph.extend(line.split_whitespace());
            // A colon before an indent ends a paragraph, as everything else does that is no text.
            if !lines.peek().is_some_and(|next| is_text(next)) {
                fill(&mut out, "", 0, &paragraph);
                paragraph.clear();
            }
        } else if line.chars().count() <= COLUMNS {
            out += &format!("{line}\n");
        } else {
            let (head, rest) = item(line);
            fill(&mut out, head, head.chars().count(), &rest.split_whitespace().collect::<Vec<_>>());
        }
    }
    out
}

/// A line up to its description, with the spaces before it, and the description.
fn item(line: &str) -> (&str, &str) {
    let indent = line.len() - line.trim_start().len();
    match line[indent..].find("  ") {
        Some(gap) => {
            let spaces = line[indent + gap..].len() - line[indent + gap..].trim_start().len();
            line.split_at(indent + gap + spaces)
        }
        None => line.split_at(indent),
    }
}

/// Appends words to a line that begins with `head`, in lines that begin with `indent` spaces.
fn fill(out: &mut String, head: &str, indent: usize, words: &[&str]) {
    let mut line = String::from(head);
    let mut is_first = true;
    for word in words {
        let fits = line.chars().count() + 1 + word.chars().count() <= COLUMNS;
        if !is_first && !fits {
            *out += line.trim_end();
            *out += "\n";
            line = " ".repeat(indent);
            is_first = true;
        }
        line += if is_first { "" } else { " " };
        line += word;
        is_first = false;
    }
    *out += line.trim_end();
    *out += "\n";
}

/// An option as a line of the help, or as several.
pub(super) fn option(flag: &Flag) -> String {
    let name = format!("  {} {}", flag.name, flag.value);
    let mut text = String::new();
    let words: Vec<&str> = flag.help.split_whitespace().collect();
    if name.trim_end().chars().count() + 2 <= OPTION {
        fill(&mut text, &format!("{:<OPTION$}", name.trim_end()), OPTION, &words);
    } else {
        text = format!("{}\n", name.trim_end());
        fill(&mut text, &" ".repeat(OPTION), OPTION, &words);
    }
    text
}

/// All options of a command.
fn options(command: &Command) -> impl Iterator<Item = &'static Flag> {
    command.flags.iter().chain(COMMON)
}

fn bash() -> String {
    let names: Vec<&str> = COMMANDS.iter().map(|command| command.name).collect();
    let mut text =
        String::from("# Completions of ossicle for bash, written by `ossicle completions bash`.\n_ossicle() {\n");
    text += "    local word=${COMP_WORDS[COMP_CWORD]} options=\n    case ${COMP_WORDS[1]} in\n";
    for command in COMMANDS {
        let flags: Vec<&str> = options(&command).map(|flag| flag.name).collect();
        text += &format!("    {}) options='{}' ;;\n", command.name, flags.join(" "));
    }
    text += "    esac\n    if ((COMP_CWORD == 1)); then\n";
    text += &format!("        mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$word\")\n", names.join(" "));
    text +=
        "    elif [[ $word == -* ]]; then\n        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$word\")\n";
    text + "    else\n        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n    fi\n}\ncomplete -o filenames -F _ossicle ossicle\n"
}

/// Text in single quotes of a shell; brackets and colons, which zsh reads in a description, are escaped for it.
fn quoted(text: &str, special: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\'' => out += "'\\''",
            c if special.contains(c) => out += &format!("\\{c}"),
            c => out.push(c),
        }
    }
    out
}

fn zsh() -> String {
    let mut text = String::from(
        "#compdef ossicle\n# Completions of ossicle for zsh, written by `ossicle completions zsh`.\n_ossicle() {\n",
    );
    text += "    local -a commands\n    commands=(\n";
    for command in COMMANDS {
        text += &format!("        '{}:{}'\n", command.name, quoted(command.summary, ":"));
    }
    text += "    )\n    if ((CURRENT == 2)); then\n        _describe command commands\n        return\n    fi\n";
    text += "    local name=$words[2]\n    shift words\n    ((CURRENT--))\n    case $name in\n";
    for command in COMMANDS {
        text += &format!("    {})\n        _arguments \\\n", command.name);
        for flag in options(&command) {
            let value =
                if flag.value.is_empty() { String::new() } else { format!(":{}:_files", quoted(flag.value, ":")) };
            text += &format!("            '{}[{}]{value}' \\\n", flag.name, quoted(flag.help, "[]:"));
        }
        text += "            '*:file:_files'\n        ;;\n";
    }
    text + "    esac\n}\n_ossicle \"$@\"\n"
}

fn fish() -> String {
    let mut text = String::from("# Completions of ossicle for fish, written by `ossicle completions fish`.\n");
    for command in COMMANDS {
        let name = command.name;
        text += &format!("complete -c ossicle -n __fish_use_subcommand -a {name} -d '{}'\n", command.summary);
        for flag in options(&command) {
            let value = if flag.value.is_empty() { "" } else { " -r" };
            let (long, help) =
                (flag.name.trim_start_matches('-'), flag.help.replace('\\', "\\\\").replace('\'', "\\'"));
            text +=
                &format!("complete -c ossicle -n '__fish_seen_subcommand_from {name}' -l {long}{value} -d '{help}'\n");
        }
    }
    text
}

/// Text for a manual page: no line begins a request, and no backslash an escape.
fn roff(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let guard = if line.starts_with(['.', '\'']) { "\\&" } else { "" };
        out += &format!("{guard}{}\n", line.replace('\\', "\\e").replace('-', "\\-"));
    }
    out
}

fn man() -> String {
    let mut text = format!(".TH OSSICLE 1 \"\" \"ossicle {}\" \"User Commands\"\n", env!("CARGO_PKG_VERSION"));
    text += ".SH NAME\nossicle \\- train classifiers of sounds on features learned without labels\n";
    text += ".SH SYNOPSIS\n.B ossicle\n[\\fICOMMAND\\fR] [\\fIOPTIONS\\fR]\n.SH DESCRIPTION\n.nf\n";
    text += &roff(&fit(super::ABOUT));
    text += ".fi\n";
    for command in COMMANDS {
        text += &format!(".SH \"OSSICLE {}\"\n.nf\n", command.name.to_uppercase().replace('-', "\\-"));
        text += &roff(&fit(command.help));
        text += ".fi\n";
        for flag in command.flags {
            text += &format!(".TP\n\\fB{}\\fR \\fI{}\\fR\n", flag.name.replace('-', "\\-"), flag.value);
            text += &roff(flag.help);
        }
    }
    text += ".SH \"OPTIONS OF EVERY COMMAND\"\n";
    for flag in COMMON {
        text += &format!(".TP\n\\fB{}\\fR \\fI{}\\fR\n", flag.name.replace('-', "\\-"), flag.value);
        text += &roff(flag.help);
    }
    text += ".SH \"ENVIRONMENT, EXIT STATUS, EXAMPLES\"\n.nf\n";
    text += &roff(&fit(super::EXAMPLES));
    text + ".fi\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_help_is_within_80_columns() {
        for command in COMMANDS {
            for line in super::super::help(&command).lines() {
                assert!(line.chars().count() <= COLUMNS, "{}: {line}", command.name);
            }
        }
        for line in super::super::about().lines() {
            assert!(line.chars().count() <= COLUMNS, "{line}");
        }
    }

    #[test]
    fn paragraphs_are_filled_and_descriptions_hang() {
        let word = "word ".repeat(12);
        let text = format!("{word}\n{word}\n\n  name    {}\n  kept    as it is\n", "next ".repeat(20));
        let line = |indent: usize, word: &str, count: usize| {
            format!("{}{}", " ".repeat(indent), [word; 64][..count].join(" "))
        };
        let expected = [
            line(0, "word", 16),
            line(0, "word", 8),
            String::new(),
            format!("  name    {}", line(0, "next", 14)),
            line(10, "next", 6),
            "  kept    as it is\n".into(),
        ];
        assert_eq!(fit(&text), expected.join("\n"));
        let flag = Flag { name: "--a-very-long-option", value: "VALUE", help: "does this" };
        assert_eq!(option(&flag), format!("  --a-very-long-option VALUE\n{}does this\n", " ".repeat(26)));
    }

    #[test]
    fn every_command_and_option_is_in_every_description() {
        for text in [bash(), zsh(), fish(), man()] {
            for command in COMMANDS {
                let title = command.name.to_uppercase().replace('-', "\\-");
                assert!(text.contains(command.name) || text.contains(&title), "{}", command.name);
                for flag in options(&command) {
                    let [name, escaped] = [flag.name.trim_start_matches('-').into(), flag.name.replace('-', "\\-")];
                    assert!(text.contains(&*name) || text.contains(&escaped), "{}", flag.name);
                }
            }
        }
    }
}
