//! Equations: from lines of plain Unicode, as they stand in the heads, to HTML with italics, subscripts and
//! superscripts.
//!
//! The heads are read in editors, so their equations are lines of text: `ρ̂_j = (1/m) Σ_x a2_j`. HTML can set them as a
//! textbook does, and a reader can still select and copy them. The rules, in the order in which they apply:
//!
//! | in the head | on the page |
//! | --- | --- |
//! | a single letter, Latin or Greek | a variable, in italics; marks above it stay |
//! | several letters | a name, upright: `ln`, `max`, `KL` |
//! | `_j`, `_ji`, `_(k+1)` | a subscript; parentheses around it are dropped |
//! | `^2`, `^(-z)`, and Unicode's ² and ᵀ | a superscript |
//! | `'` after a letter or a closing parenthesis | a prime |
//! | `-`, `<=`, `>=`, `->`, `<-`, `...` | −, ≤, ≥, →, ←, … |
//!
//! A numbered line of a block starts with its label. Columns are two or more spaces apart; a column of words is a note,
//! such as the source of an equation.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// Escapes text for HTML, as content or as an attribute's value in double quotes.
pub fn escape(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, c| {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            _ => escaped.push(c),
        }
        escaped
    })
}

/// The label that a text starts with, such as `AE.4` of `(AE.4)`, and the text after it.
pub fn label(text: &str) -> Option<(&str, &str)> {
    let (label, rest) = text.strip_prefix('(')?.split_once(')')?;
    let (prefix, number) = label.split_once('.')?;
    let [first, second] = prefix.as_bytes() else { return None };
    let is_prefix = first.is_ascii_uppercase() && (second.is_ascii_uppercase() || second.is_ascii_digit());
    let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    (is_prefix && is_number).then_some((label, rest))
}

/// A label in parentheses, as a link if it has an address.
pub fn reference(label: &str, target: Option<String>) -> String {
    match target {
        Some(target) => format!("<a href=\"{}\">({label})</a>", escape(&target)),
        None => format!("({label})"),
    }
}

/// The HTML of a text with labels: each becomes a reference, and `html` sets the text between them.
pub fn with_references(text: &str, html: impl Fn(&str) -> String, address: &dyn Fn(&str) -> Option<String>) -> String {
    let (mut set, mut rest) = (String::new(), text);
    let next = |text: &str| text.match_indices('(').map(|(at, _)| at).find(|at| label(&text[*at..]).is_some());
    while let Some(at) = next(rest)
        && let Some((name, after)) = label(&rest[at..])
    {
        set += &(html(&rest[..at]) + &reference(name, address(name)));
        rest = after;
    }
    set + &html(rest)
}

/// The columns of a line: its parts that are two or more spaces apart.
pub fn columns(line: &str) -> Vec<&str> {
    line.trim().split("  ").map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// Whether a column consists of words, such as the source of an equation or a remark.
pub fn is_note(column: &str) -> bool {
    let words = column.split(|c: char| !c.is_alphabetic() && c != '-');
    let long = words.filter(|word| word.chars().count() > 3 && word.is_ascii()).count();
    let starts = ["source ", "UFLDL", "from ", "for ", "by ", "if "].iter().any(|start| column.starts_with(start));
    starts || (long >= 2 && !column.contains('=')) || column.contains("UFLDL")
}

/// Whether a block of text holds mathematics; other blocks are drawings and layouts of bytes, whose spaces matter.
pub fn is_math(lines: &[String]) -> bool {
    let is_drawn = |line: &String| line.contains("->") && !line.contains('=') || line.contains(['─', '╳', '│']);
    let is_code = |line: &String| ["fn ", "let ", "//"].iter().any(|word| line.contains(word));
    let is_equation = |line: &String| ["=", "<-", "ln ", "Σ"].iter().any(|sign| line.contains(sign));
    !lines.iter().any(|line| is_drawn(line) || is_code(line)) && lines.iter().any(is_equation)
}

/// A mark that belongs to the letter before it: accents, and raised and lowered letters.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1d2c}'..='\u{1dbf}' | '\u{2b0}'..='\u{2ff}' | '\u{2070}'..='\u{209f}' | '²' | '³' | '¹')
}

/// A letter of a name.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !is_mark(c)
}

/// The HTML of an equation.
pub fn math(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (mut html, mut i) = (String::new(), 0);
    while i < chars.len() {
        let rest: String = chars[i..].iter().take(3).collect();
        let c = chars[i];
        if is_letter(c) {
            let end = (i..chars.len()).find(|&k| !is_letter(chars[k]) && !is_mark(chars[k])).unwrap_or(chars.len());
            html += &name(&chars[i..end]);
            i = end;
        } else if let ('_' | '^', Some((inner, end))) = (c, script(&chars, i + 1)) {
            let tag = if c == '_' { "sub" } else { "sup" };
            let inner = subscript(&inner);
            html += &format!("<{tag}>{inner}</{tag}>");
            i = end;
        } else if rest == "..." {
            html.push('…');
            i += 3;
        } else if let Some(sign) =
            [("<=", "≤"), (">=", "≥"), ("->", "→"), ("<-", "←")].iter().find(|s| rest.starts_with(s.0))
        {
            html += sign.1;
            i += 2;
        } else {
            // A hyphen stands between words; a minus sign stands anywhere else.
            let word = |k: Option<usize>| k.and_then(|k| chars.get(k)).is_some_and(|c| is_letter(*c));
            let is_hyphen =
                c == '-' && word(i.checked_sub(1)) && word(i.checked_sub(2)) && word(Some(i + 1)) && word(Some(i + 2));
            let follows =
                i > 0 && (")'".contains(chars[i - 1]) || chars[i - 1].is_alphanumeric() || is_mark(chars[i - 1]));
            match c {
                '-' if !is_hyphen => html.push('−'),
                '*' => html.push('∗'),
                '\'' if follows => html.push('′'),
                _ => html += &escape(&c.to_string()),
            }
            i += 1;
        }
    }
    html
}

/// A run of letters and marks: one letter is a variable, several are a name.
fn name(run: &[char]) -> String {
    let letters = run.iter().filter(|c| is_letter(**c)).count();
    let text: String = run.iter().collect();
    // Capital sums and integrals are signs, not variables.
    if run.iter().all(|c| ('α'..='ω').contains(c)) {
        return format!("<i>{text}</i>");
    }
    if letters == 1 && !matches!(run[0], 'Σ' | 'Π' | '∫' | '∂' | '∇') { variable(run) } else { escape(&text) }
}

/// A letter in italics, with its accents; raised letters after it stay upright.
fn variable(run: &[char]) -> String {
    let end = run.iter().skip(1).position(|c| !('\u{300}'..='\u{36f}').contains(c)).map_or(run.len(), |k| k + 1);
    let [letter, raised]: [String; 2] = [run[..end].iter().collect(), run[end..].iter().collect()];
    format!("<i>{}</i>{}", escape(&letter), escape(&raised))
}

/// The text of a subscript or superscript at `start`, and its end: the contents of parentheses, or a run without
/// spaces.
fn script(chars: &[char], start: usize) -> Option<(String, usize)> {
    if chars.get(start) == Some(&'(') {
        let mut depth = 0;
        for (k, c) in chars.iter().enumerate().skip(start) {
            depth += i32::from(*c == '(') - i32::from(*c == ')');
            if depth == 0 {
                return Some((chars[start + 1..k].iter().collect(), k + 1));
            }
        }
        return None;
    }
    // Several indices, such as k,j+1: a run with a comma between two of them.
    let run = chars[start..].iter().take_while(|c| c.is_ascii_alphanumeric() || ",+-".contains(**c));
    let run: String = run.collect();
    let is_list = run.split(',').count() > 1 && run.split(',').all(|index| !index.is_empty());
    if is_list && !chars.get(start + run.len()).is_some_and(|c| "_(".contains(*c)) {
        return Some((run.clone(), start + run.len()));
    }
    let follows = |k: usize| chars.get(k + 1).is_some_and(|c| c.is_alphanumeric());
    let is_part = |k: usize| {
        let c = chars[k];
        c.is_alphanumeric() && !is_mark(c)
            || ('\u{300}'..='\u{36f}').contains(&c)
            || (c == '≠' || c == '-' && k == start) && follows(k)
            || c == '.' && k > start && chars[k - 1].is_ascii_digit() && follows(k)
    };
    let end = (start..chars.len()).find(|&k| !is_part(k)).unwrap_or(chars.len());
    (end > start).then(|| (chars[start..end].iter().collect(), end))
}

/// A subscript: indices such as `ji` are variables side by side; words such as `low` are upright.
fn subscript(text: &str) -> String {
    const WORDS: [&str; 9] = ["in", "out", "low", "high", "max", "min", "old", "new", "end"];
    let is_indices =
        text.chars().count() <= 3 && text.chars().all(|c| c.is_ascii_lowercase()) && !WORDS.contains(&text);
    if is_indices { format!("<i>{text}</i>") } else { math(text) }
}

/// Words mixed with formulas: a lone letter is a variable, unless it is a word, an initial, or a source's letter; its
/// digits, primes, subscripts and superscripts are set.
pub fn prose(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (mut html, mut i) = (String::new(), 0);
    // Whether the last letter named a source or a part, as in "sources C and D".
    let mut is_source = false;
    while i < chars.len() {
        let before = i.checked_sub(1).map(|k| chars[k]);
        let is_attached = before.is_some_and(|c| c.is_alphanumeric() || is_mark(c) || ")]|".contains(c));
        let raised = if chars[i] == '^' { "sup" } else { "sub" };
        if let (true, true, Some((inner, end))) = (is_attached, "^_".contains(chars[i]), script(&chars, i + 1)) {
            // A name such as snake_case is not a formula.
            let is_word = inner.len() > 3 && chars[i + 1] != '(';
            let is_name = chars[i] == '_' && is_word && before.is_some_and(|c| c.is_alphabetic() && !is_mark(c));
            html += &if is_name {
                format!("_{}", escape(&inner))
            } else {
                format!("<{raised}>{}</{raised}>", subscript(&inner))
            };
            i = end;
            continue;
        }
        // A factor may stand before a variable, as in 2z.
        let is_factor =
            before.is_some_and(|c| c.is_ascii_digit()) && !chars.get(i + 1).is_some_and(|c| c.is_alphanumeric());
        let is_start = is_factor || before.is_none_or(|c| !c.is_alphanumeric() && !is_mark(c) && c != '_' && c != '\'');
        if is_start && is_letter(chars[i]) {
            let letters = (i..chars.len()).find(|&k| !is_letter(chars[k]) && !is_mark(chars[k])).unwrap_or(chars.len());
            let run = &chars[i..letters];
            let end = (letters..chars.len()).find(|&k| !chars[k].is_ascii_digit()).unwrap_or(chars.len());
            let sources = ["source ", "sources ", "Source ", "Sources ", "Part ", "Parts "];
            let names_source = sources.iter().any(|word| ends_with(&chars[..i], word));
            let continues = is_source
                && chars[i].is_uppercase()
                && [" and ", ", ", " to "].iter().any(|word| ends_with(&chars[..i], word));
            // A product of Greek letters, such as βρ, is no word.
            let is_greek = run.iter().all(|c| ('α'..='ω').contains(c));
            let is_lone = is_greek || run.iter().filter(|c| is_letter(**c)).count() == 1;
            is_source = is_lone && (names_source || continues);
            if is_lone && is_times(&chars, i) {
                html.push('×');
                i += 1;
            } else if is_lone && !is_source && is_variable(&chars, i, end) {
                html += &name(run);
                html.extend(&chars[letters..end]);
                i = end;
                while chars.get(i) == Some(&'\'') && !chars.get(i + 1).is_some_and(|c| is_letter(*c)) {
                    html.push('′');
                    i += 1;
                }
            } else {
                html += &escape(&run.iter().collect::<String>());
                i = letters;
            }
            continue;
        }
        let rest: String = chars[i..].iter().take(3).collect();
        let signs = [("...", "…"), ("<=", "≤"), (">=", "≥"), ("->", "→")];
        if let Some((text, sign)) = signs.iter().find(|(text, _)| rest.starts_with(text)) {
            html += sign;
            i += text.len();
            continue;
        }
        // A minus sign stands after a space or an opening sign, and before a number or a formula.
        let after = chars.get(i + 1);
        if chars[i] == '\'' && before == Some(')') && !after.is_some_and(|c| is_letter(*c)) {
            html.push('′');
            i += 1;
            continue;
        }
        let is_minus = chars[i] == '-'
            && before
                .is_none_or(|c| " (=[,|".contains(c) || c.is_ascii_digit() && after.is_some_and(char::is_ascii_digit))
            && after.is_some_and(|c| !c.is_ascii_alphabetic() || chars.get(i + 2).is_none_or(|c| !c.is_alphabetic()));
        html += &if is_minus { "−".to_string() } else { escape(&chars[i].to_string()) };
        i += 1;
    }
    html
}

fn ends_with(chars: &[char], word: &str) -> bool {
    chars.len() >= word.len() && chars.iter().rev().zip(word.chars().rev()).take(word.len()).all(|(a, b)| *a == b)
}

/// Whether the letter at `i` is the x of "3 x 3", or of "n_h x n_v".
fn is_times(chars: &[char], i: usize) -> bool {
    let is_space = |k: Option<usize>| k.and_then(|k| chars.get(k)) == Some(&' ');
    let before = chars[..i].iter().rev().skip(1).take_while(|c| **c != ' ');
    let before: Vec<char> = before.copied().collect();
    let after: Vec<char> = chars[i + 1..].iter().skip(1).take_while(|c| **c != ' ').copied().collect();
    let is_size = |word: &[char]| word.iter().any(|c| c.is_ascii_digit() || *c == '_') && word.len() < 12;
    chars[i] == 'x' && is_space(i.checked_sub(1)) && is_space(Some(i + 1)) && is_size(&before) && is_size(&after)
}

/// Whether the lone letter from `i`, whose digits end at `end`, is a variable.
fn is_variable(chars: &[char], i: usize, end: usize) -> bool {
    let next = chars.get(end).copied().unwrap_or(' ');
    let rest: String = chars[end..].iter().take(3).collect();
    let is_in_formula = [" = ", " - ", " + ", " ∘ ", " · ", " > ", " < ", " (1"].contains(&rest.as_str());
    match chars[i] {
        // The article is a word; so is "I", and "A" before a word. A number type is a name.
        'a' if end == i + 1 => end == chars.len() || "_')·,.;²".contains(next) || is_in_formula,
        'A' | 'I' if end == i + 1 && next == ' ' => is_in_formula,
        'f' if ["64", "32"].contains(&String::from_iter(&chars[i + 1..end]).as_str()) => false,
        // An initial, a number such as D.5, or the letter of a word such as L-BFGS.
        c if c.is_ascii_uppercase() && next == '.' => false,
        _ => next != '-' || !chars.iter().skip(end + 1).take(2).all(|c| c.is_alphabetic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_italic_and_names_upright() {
        assert_eq!(math("y = max(x, ln z)"), "<i>y</i> = max(<i>x</i>, ln <i>z</i>)");
        assert_eq!(math("Wᵀ δ3"), "<i>W</i>ᵀ <i>δ</i>3");
        assert_eq!(math("cross-entropy - b"), "cross-entropy − <i>b</i>");
    }

    #[test]
    fn scripts_are_set() {
        assert_eq!(math("ρ̂_j"), "<i>ρ̂</i><sub><i>j</i></sub>");
        assert_eq!(
            math("Σ_x a2_j x_(k+1)"),
            "Σ<sub><i>x</i></sub> <i>a</i>2<sub><i>j</i></sub> <i>x</i><sub><i>k</i>+1</sub>"
        );
        assert_eq!(math("e^(-z) n_in"), "<i>e</i><sup>−<i>z</i></sup> <i>n</i><sub>in</sub>");
        assert_eq!(math("f'(z) <= 1 -> ..."), "<i>f</i>′(<i>z</i>) ≤ 1 → …");
        assert_eq!(
            math("b_k,j+1 x_i, y"),
            "<i>b</i><sub><i>k</i>,<i>j</i>+1</sub> <i>x</i><sub><i>i</i></sub>, <i>y</i>"
        );
        assert_eq!(math("x_(1"), "<i>x</i>_(1");
    }

    #[test]
    fn words_stay_words() {
        assert_eq!(
            prose("a row of n_h x n_v, by source C, L-BFGS, A. Ng"),
            "a row of <i>n</i><sub><i>h</i></sub> × <i>n</i><sub><i>v</i></sub>, by source C, L-BFGS, A. Ng"
        );
        assert_eq!(
            prose("(W2 d)_j is g'(z2_j), W's"),
            "(<i>W</i>2 <i>d</i>)<sub><i>j</i></sub> is <i>g</i>′(<i>z</i>2<sub><i>j</i></sub>), <i>W</i>'s"
        );
        assert_eq!(
            prose("a row of W1_ji - 3, not snake_case"),
            "a row of <i>W</i>1<sub><i>ji</i></sub> − 3, not snake_case"
        );
        assert_eq!(prose("λ < 1 & so on"), "<i>λ</i> &lt; 1 &amp; so on");
        assert_eq!(prose("Part I, e^0.5."), "Part I, <i>e</i><sup>0.5</sup>.");
        assert_eq!(prose("w^(kd) and 2^-3"), "<i>w</i><sup><i>kd</i></sup> and 2<sup>−3</sup>");
        assert_eq!(prose("x_(i-1) well-known"), "<i>x</i><sub><i>i</i>−1</sub> well-known");
    }

    #[test]
    fn columns_and_notes() {
        assert_eq!(columns("a = b   UFLDL, \"X\""), ["a = b", "UFLDL, \"X\""]);
        assert!(is_note("UFLDL, \"X\"") && is_note("neither is masked") && !is_note("x = y") && !is_note("t² = 2"));
        assert_eq!(label("(AE.4)  y"), Some(("AE.4", "  y")));
        assert!(label("(x + y)").is_none() && label("(8.1.2)").is_none());
    }
}
