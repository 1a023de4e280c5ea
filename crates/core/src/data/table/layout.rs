//! How a table is laid out: what separates the fields, how numbers are written, where the names stand.

use std::path::Path;

use crate::error::{Error, Result};
use gradus_text::say;

/// How much of a file is looked at.
const SAMPLE_BYTES: usize = 1 << 16;
const SAMPLE_ROWS: usize = 100;
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Spaces at which no line breaks, which group digits in French and in Spanish.
pub(super) const HARD_SPACES: [char; 3] = ['\u{a0}', '\u{202f}', '\u{2009}'];

/// What the reader was told; the rest is found out.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) separator: Option<u8>,
    pub(super) decimal_comma: bool,
    pub(super) thousands: Option<u8>,
    pub(super) header: Option<bool>,
    pub(super) skip_lines: usize,
    pub(super) missing_words: Vec<String>,
}

/// How a table is laid out.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) separator: u8,
    pub(super) numbers: Numbers,
    pub(super) missing_words: Vec<String>,
    pub(super) comment: Option<u8>,
    /// Whether the first record holds names.
    pub(super) header: bool,
    /// The names in the first line; empty where there are none.
    pub(super) names: Vec<String>,
    pub(super) width: usize,
}

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numbers {
    pub(super) decimal_comma: bool,
    pub(super) thousands: Option<u8>,
}

impl Numbers {
    /// The number that a field stands for, if it is one. Words such as `inf` are none.
    pub(super) fn read(self, field: &[u8]) -> Option<f64> {
        let mark = if self.decimal_comma { b',' } else { b'.' };
        plain(field, mark).or_else(|| self.read_any(field))
    }

    fn read_any(self, field: &[u8]) -> Option<f64> {
        let start = usize::from(matches!(field.first(), Some(b'+' | b'-')));
        if !matches!(field.get(start), Some(b'0'..=b'9' | b'.' | b',')) {
            return None;
        }
        let plain = std::str::from_utf8(field).ok()?;
        if !self.decimal_comma && self.thousands.is_none() {
            return plain.parse().ok();
        }
        let spaced;
        let plain = if self.thousands == Some(b' ') && plain.contains(HARD_SPACES) {
            spaced = plain.replace(HARD_SPACES, " ");
            &spaced
        } else {
            plain
        };
        let decimal = if self.decimal_comma { ',' } else { '.' };
        let (whole, rest) = match plain.find([decimal, 'e', 'E']) {
            Some(at) => plain.split_at(at),
            None => (plain, ""),
        };
        let mut text = String::with_capacity(plain.len());
        let group = self.thousands.map(char::from);
        if let Some(group) = group.filter(|&group| whole.contains(group)) {
            // Groups of three behind the first: anything else is no number.
            let mut parts = whole.split(group);
            let first = parts.next()?.trim_start_matches(['+', '-']);
            if !(1..=3).contains(&first.len()) || parts.any(|part| part.len() != 3) {
                return None;
            }
            text.extend(whole.chars().filter(|&c| c != group));
        } else {
            text.push_str(whole);
        }
        if self.decimal_comma {
            if text.contains('.') || rest.contains('.') {
                return None;
            }
            text.push_str(&rest.replacen(',', ".", 1));
        } else {
            text.push_str(rest);
        }
        text.parse().ok()
    }
}

/// Digits with at most one mark, as nearly all numbers are. Fifteen digits and a power of ten up to 10¹⁵ are whole numbers in 64
/// bits, so the one division rounds right (W. D. Clinger, 1990).
fn plain(field: &[u8], mark: u8) -> Option<f64> {
    const TENS: [f64; 16] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ];
    let (negative, digits) = match field {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let (mut whole, mut count, mut behind) = (0_u64, 0_usize, None);
    for &byte in digits {
        if byte.is_ascii_digit() && count < 15 {
            whole = 10 * whole + u64::from(byte - b'0');
            count += 1;
        } else if byte == mark && behind.is_none() {
            behind = Some(count);
        } else {
            return None;
        }
    }
    if count == 0 {
        return None;
    }
    let value = whole as f64 / TENS[count - behind.unwrap_or(count)];
    Some(if negative { -value } else { value })
}

/// Whether a field says that there is no value.
pub(super) fn is_missing(field: &[u8], words: &[String]) -> bool {
    if field.first().is_some_and(u8::is_ascii_digit) && words.is_empty() {
        return false;
    }
    // None of the words below is longer.
    if field.len() > 4 && words.is_empty() {
        return false;
    }
    matches!(
        field,
        b"" | b"NA"
            | b"N/A"
            | b"n/a"
            | b"#N/A"
            | b"NaN"
            | b"nan"
            | b"NULL"
            | b"null"
            | b"None"
            | b"?"
            | b"-"
            | b"<NA>"
    ) || words.iter().any(|word| word.as_bytes() == field)
}

/// The separator in words.
pub(super) fn separator_name(separator: u8) -> String {
    match separator {
        b',' => say("coma", "comma").to_owned(),
        b';' => say("punto y coma", "semicolon").to_owned(),
        b'\t' => say("tabulador", "tab").to_owned(),
        b' ' => say("espacios", "spaces").to_owned(),
        other => format!("«{}»", char::from(other)),
    }
}

/// Find out how `text` is laid out, as far as it was not told.
pub(super) fn find(path: &Path, text: &str, told: &Told) -> Result<Layout> {
    let sample = sample(text);
    let first_line = sample.lines().find(|line| !line.trim().is_empty());
    let Some(first_line) = first_line else {
        return Err(Error::damaged(
            path,
            ("no tiene ningún ejemplo", "it has no example"),
        ));
    };
    let comment = match first_line.trim_start().as_bytes().first() {
        Some(&mark @ (b'#' | b'%')) => Some(mark),
        _ => None,
    };
    let separator = match told.separator {
        Some(separator) => separator,
        None => find_separator(path, sample, comment)?,
    };
    let spaced;
    let sample = if separator == b' ' {
        spaced = one_space(sample);
        &spaced
    } else {
        sample
    };
    let rows = rows(sample, separator, comment, SAMPLE_ROWS);
    let width = usual_width(&rows).0;
    let numbers = find_numbers(path, &rows, separator, told)?;
    let sees = Sees { numbers, told };
    // What R writes: the first column, with the names of the rows, has no name itself.
    let without_first = rows.first().filter(|first| {
        first.len() + 1 == width
            && told.header != Some(false)
            && first.iter().all(|f| sees.is_text(f))
    });
    let without_first: Option<Vec<String>> =
        without_first.map(|first| [&[String::new()], &first[..]].concat());
    let rows: Vec<&Vec<String>> = rows.iter().filter(|row| row.len() == width).collect();
    let header = match told.header {
        _ if without_first.is_some() => true,
        Some(header) => header,
        None => sees.header(path, &rows)?,
    };
    let first = without_first.as_ref().or(rows.first().copied());
    let mut names = match (header, first) {
        (true, Some(first)) => first.iter().map(|name| name.trim().to_owned()).collect(),
        _ => Vec::new(),
    };
    if let (true, Some(mark)) = (names.is_empty(), comment) {
        // What NumPy writes: the names in the last comment above the numbers.
        let lines = sample.lines().map(str::trim);
        let above = lines.take_while(|line| line.is_empty() || line.starts_with(char::from(mark)));
        let last = above.last().unwrap_or_default();
        let in_comment = split(last.trim_start_matches(char::from(mark)), separator);
        if in_comment.len() == width && in_comment.iter().all(|name| sees.is_text(name)) {
            names = in_comment;
        }
    }
    for i in 1..names.len() {
        // The second of two columns of one name, as pandas calls it.
        let same = names[..i].iter().filter(|name| **name == names[i]).count();
        if same > 0 && !names[i].is_empty() {
            names[i] = format!("{}.{same}", names[i]);
        }
    }
    Ok(Layout {
        separator,
        numbers,
        missing_words: told.missing_words.clone(),
        comment,
        header,
        names,
        width,
    })
}

fn sample(text: &str) -> &str {
    if text.len() <= SAMPLE_BYTES {
        return text;
    }
    let mut end = SAMPLE_BYTES;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    match text[..end].rfind('\n') {
        Some(line) => &text[..line],
        None => text, // one very long line
    }
}

fn rows(text: &str, separator: u8, comment: Option<u8>, most: usize) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .comment(comment)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let records = reader.records().filter_map(|record| record.ok()).take(most);
    records
        .map(|record| record.iter().map(str::to_owned).collect())
        .filter(|row: &Vec<String>| row.iter().any(|field| !field.is_empty()))
        .collect()
}

fn split(line: &str, separator: u8) -> Vec<String> {
    rows(line, separator, None, 1).pop().unwrap_or_default()
}

/// The width that most rows have, and which part of them.
fn usual_width(rows: &[Vec<String>]) -> (usize, f64) {
    let mut counts = std::collections::BTreeMap::new();
    for row in rows {
        *counts.entry(row.len()).or_insert(0_usize) += 1;
    }
    let most = counts.into_iter().max_by_key(|&(_, count)| count);
    most.map_or((0, 0.0), |(width, count)| {
        (width, count as f64 / rows.len() as f64)
    })
}

fn find_separator(path: &Path, sample: &str, comment: Option<u8>) -> Result<u8> {
    let mut found: Vec<(u8, f64)> = Vec::new();
    for separator in SEPARATORS {
        let rows = rows(sample, separator, comment, SAMPLE_ROWS);
        let (width, share) = usual_width(&rows);
        if width < 2 || share < 0.75 {
            continue;
        }
        let fields = rows.iter().flatten();
        let clean = fields.clone().filter(|field| {
            let inside = |c: &u8| {
                // A comma between digits is a decimal comma; one in a sentence is a comma.
                let is_comma = *c == b',';
                field.as_bytes().contains(c) && !is_comma
            };
            !SEPARATORS.iter().filter(|c| **c != separator).any(inside)
        });
        found.push((
            separator,
            clean.count() as f64 / fields.count().max(1) as f64 * share,
        ));
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    match found[..] {
        [] => {
            let spaced = rows(&one_space(sample), b' ', comment, SAMPLE_ROWS);
            let (width, share) = usual_width(&spaced);
            let but_first = spaced.len() > 2 && usual_width(&spaced[1..]).1 == 1.0;
            if width >= 2 && (share >= 0.9 || but_first) {
                return Ok(b' ');
            }
            let line = sample.lines().map(str::trim).find(|line| !line.is_empty());
            let line: String = line.unwrap_or_default().chars().take(60).collect();
            Err(Error::damaged(
                path,
                (
                    format!(
                        "no se ve qué separa los campos de «{line}», o las filas no tienen el mismo número; una fila necesita \
                         una característica y un objetivo. Escribe, por ejemplo, `.separator(';')`; si sobran líneas al \
                         principio, `.skip_lines(1)`"
                    ),
                    format!(
                        "nothing separates the fields of “{line}”, or the rows do not have the same number of them; a row \
                         needs a feature and a target. Write, for example, `.separator(';')`; if there are extra lines at \
                         the top, `.skip_lines(1)`"
                    ),
                ),
            ))
        }
        [(best, a), (next, b), ..] if a - b < 0.02 => {
            let (best, next) = (
                char::from(best).escape_default(),
                char::from(next).escape_default(),
            );
            Err(Error::damaged(
                path,
                (
                    format!(
                        "los campos pueden estar separados por «{best}» o por «{next}»; escribe `.separator('{best}')` o `.separator('{next}')`"
                    ),
                    format!(
                        "“{best}” or “{next}” may separate the fields; write `.separator('{best}')` or `.separator('{next}')`"
                    ),
                ),
            ))
        }
        [(best, _), ..] => Ok(best),
    }
}

/// Runs of spaces as one, none at the ends of lines: a table in columns of fixed width.
pub(super) fn one_space(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let mut quoted = false;
        for c in line.trim().chars() {
            quoted ^= c == '"';
            if !quoted && c.is_whitespace() {
                if !out.ends_with([' ', '\n']) {
                    out.push(' ');
                }
            } else {
                out.push(c);
            }
        }
        out.push('\n');
    }
    out
}

/// Whether there are spaces between a separator and a quote: the quote then does what it looks like only without them.
pub(super) fn is_loose(text: &str, separator: u8) -> bool {
    let mut fields = sample(text).split(char::from(separator));
    fields.any(|field| field.starts_with(' ') && field.trim_start_matches(' ').starts_with('"'))
}

/// The text without spaces behind separators.
pub(super) fn tight(text: &str, separator: u8) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut begins) = (false, true);
    for c in text.chars() {
        if begins && c == ' ' {
            continue;
        }
        quoted ^= c == '"';
        out.push(c);
        begins = !quoted && (c == char::from(separator) || c == '\n');
    }
    out
}

/// Digits, one comma or point, digits: the part before and behind.
pub(super) fn halves(field: &str, mark: char) -> Option<(&str, &str)> {
    let (whole, rest) = field.trim_start_matches(['+', '-']).split_once(mark)?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    (digits(whole) && digits(rest)).then_some((whole, rest))
}

fn find_numbers(path: &Path, rows: &[Vec<String>], separator: u8, told: &Told) -> Result<Numbers> {
    let mut numbers = Numbers {
        decimal_comma: told.decimal_comma,
        thousands: told.thousands,
    };
    if told.decimal_comma || told.thousands.is_some() || separator == b',' {
        return Ok(numbers);
    }
    let fields = || rows.iter().flatten().map(String::as_str);
    let both = fields().any(|field| {
        let (dot, comma) = (field.find('.'), field.rfind(','));
        let digits = |c: char| c.is_ascii_digit() || ".,+-".contains(c);
        matches!((dot, comma), (Some(dot), Some(comma)) if dot < comma) && field.chars().all(digits)
    });
    let commas = fields().filter_map(|field| halves(field, ','));
    let dots = fields()
        .filter(|field| halves(field, '.').is_some())
        .count();
    let (mut some, mut as_thousands) = (0, 0);
    for (whole, rest) in commas {
        some += 1;
        as_thousands += usize::from(rest.len() == 3 && whole.len() <= 3 && whole != "0");
    }
    if both {
        numbers = Numbers {
            decimal_comma: true,
            thousands: Some(b'.'),
        };
    } else if some > 0 && (dots > 0 || as_thousands == some) {
        return Err(Error::damaged(
            path,
            (
                "las comas de los números pueden ser decimales o de los miles; escribe `.decimal_comma()` o `.thousands(',')`",
                "the commas in the numbers may be decimal commas or group thousands; write `.decimal_comma()` or `.thousands(',')`",
            ),
        ));
    } else if some > 0 {
        numbers.decimal_comma = true;
    }
    Ok(numbers)
}

struct Sees<'a> {
    numbers: Numbers,
    told: &'a Told,
}

impl Sees<'_> {
    fn is_number(&self, field: &str) -> bool {
        self.numbers.read(field.as_bytes()).is_some()
    }

    fn is_text(&self, field: &str) -> bool {
        !self.is_number(field) && !is_missing(field.as_bytes(), &self.told.missing_words)
    }

    /// Whether the first row holds names.
    fn header(&self, path: &Path, rows: &[&Vec<String>]) -> Result<bool> {
        let Some((first, below)) = rows.split_first() else {
            return Ok(false);
        };
        let (mut over_numbers, mut texts, mut comes_again) = (0, 0, false);
        for (j, name) in first
            .iter()
            .enumerate()
            .filter(|(_, name)| self.is_text(name))
        {
            texts += 1;
            let mut column = below.iter().map(|row| &row[j]);
            comes_again |= column.clone().any(|field| field == name);
            let has_numbers = column.clone().any(|field| self.is_number(field));
            over_numbers += usize::from(has_numbers && !column.any(|field| self.is_text(field)));
        }
        let counted: Vec<f64> = first
            .iter()
            .filter_map(|name| self.numbers.read(name.as_bytes()))
            .collect();
        let counts_up =
            counted.len() > 1 && counted.windows(2).all(|pair| pair[1] == pair[0] + 1.0);
        let has_numbers_below = below
            .iter()
            .any(|row| row.iter().any(|f| self.is_number(f)));
        let sure = match (over_numbers > 0, texts > 0, counted.is_empty()) {
            (true, _, true) => Some(true),
            (true, _, false) => counts_up.then_some(true),
            // Words over words.
            (false, true, true) if comes_again => Some(false),
            (false, true, true) if below.is_empty() || below.len() >= 5 || has_numbers_below => {
                Some(true)
            }
            (false, true, true) => None,
            // 0, 1, 2, ... is what pandas writes over columns without names.
            (false, _, false) if counts_up && counted[0] == 0.0 && counted.len() > 2 => None,
            (false, ..) => Some(false),
        };
        sure.ok_or_else(|| {
            let line = first.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
            Error::damaged(
                path,
                (
                    format!("la primera línea ({line}) puede tener nombres o datos; escribe `.header(true)` o `.header(false)`"),
                    format!("the first line ({line}) may hold names or data; write `.header(true)` or `.header(false)`"),
                ),
            )
        })
    }
}
