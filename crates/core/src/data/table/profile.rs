//! The first reading of a table: what stands in each column. Numbers are not kept, so that the memory is that of the file.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;
use std::path::Path;

use csv::ByteRecord;

use super::layout::{Layout, is_missing};
use crate::error::{Error, Result};
use crate::kernels::team;

/// More different values than this are not told apart.
pub(super) const MOST_VALUES: usize = 1000;
/// Numbers that mean in many files that there is none.
const CODES: [f64; 4] = [-99.0, -999.0, -9999.0, -99999.0];
/// About this many bytes are read at once by one core.
const PART: usize = 1 << 20;

/// A table as text, in parts that cores read at once.
pub(super) struct Body<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
    pub(super) layout: &'a Layout,
    /// How many lines of the file stand above the text.
    above: u64,
    parts: Vec<Range<usize>>,
    /// Every line is a row, and every separator ends a field.
    is_plain: bool,
}

/// The fields of a row.
pub(super) struct Row<'a> {
    bytes: &'a [u8],
    places: &'a [Range<usize>],
}

impl Row<'_> {
    /// A field without spaces around; nothing past the end.
    pub(super) fn get(&self, place: usize) -> &[u8] {
        let field = self
            .places
            .get(place)
            .map(|place| &self.bytes[place.clone()]);
        field.unwrap_or_default().trim_ascii()
    }

    fn fields(&self) -> impl Iterator<Item = &[u8]> {
        let fields = self.places.iter().map(|place| &self.bytes[place.clone()]);
        fields.map(<[u8]>::trim_ascii)
    }
}

/// Texts and numbers that go with them.
pub(super) type Texts<K> = HashMap<K, usize, BuildHasherDefault<Quick>>;

/// A quick hash. There are never more than some thousand texts, so little is lost where many have the same.
#[derive(Default)]
pub(super) struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        for bytes in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            let mixed = self.0.rotate_left(5) ^ u64::from_le_bytes(word);
            // An odd number with its ones spread over all bits.
            self.0 = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

impl<'a> Body<'a> {
    pub(super) fn new(path: &'a Path, text: &'a str, layout: &'a Layout, above: u64) -> Body<'a> {
        let bytes = text.as_bytes();
        let mut parts = Vec::new();
        let mut start = 0;
        // A line end between quotes ends no row, so such a file is read in one part.
        let is_quoted = bytes.contains(&b'"');
        let in_parts = bytes.len() > 2 * PART && !is_quoted;
        let ends_by_return = bytes.contains(&b'\r')
            && bytes
                .windows(2)
                .any(|pair| pair[0] == b'\r' && pair[1] != b'\n');
        while in_parts && start + PART < bytes.len() {
            let line_end = bytes[start + PART..].iter().position(|&b| b == b'\n');
            let Some(more) = line_end else { break };
            parts.push(start..start + PART + more + 1);
            start += PART + more + 1;
        }
        if start < bytes.len() || parts.is_empty() {
            parts.push(start..bytes.len());
        }
        Body {
            path,
            text,
            layout,
            above,
            parts,
            is_plain: !is_quoted && !ends_by_return,
        }
    }

    /// The line in the file, counted from 1, of a position in a part.
    pub(super) fn line(&self, part: usize, line: u64) -> u64 {
        let before = &self.text.as_bytes()[..self.parts[part].start];
        self.above + line + before.iter().filter(|&&b| b == b'\n').count() as u64
    }

    /// Call `visit` with each row of a part that has a value, and its line.
    pub(super) fn rows(
        &self,
        part: usize,
        mut visit: impl FnMut(u64, &Row) -> Result<()>,
    ) -> Result<()> {
        let bytes = &self.text.as_bytes()[self.parts[part].clone()];
        let mut names = part == 0 && self.layout.header;
        let mut see = |line: u64, row: &Row| {
            if row.fields().all(<[u8]>::is_empty) || std::mem::take(&mut names) {
                return Ok(());
            }
            if row.places.len() != self.layout.width {
                return Err(self.unequal(self.line(part, line), row.places.len()));
            }
            visit(line, row)
        };
        let mut places = Vec::with_capacity(self.layout.width + 1);
        if self.is_plain {
            let (mut start, mut line) = (0, 0);
            while start < bytes.len() {
                line += 1;
                places.clear();
                let mut field = start;
                let mut end = bytes.len();
                for (i, &byte) in bytes[start..].iter().enumerate() {
                    let at = start + i;
                    if byte == self.layout.separator {
                        places.push(field..at);
                        field = at + 1;
                    } else if byte == b'\n' {
                        end = at;
                        break;
                    }
                }
                places.push(field..end);
                if self.layout.comment != Some(bytes[start]) {
                    let places = &places;
                    see(line, &Row { bytes, places })?;
                }
                start = end + 1;
            }
            return Ok(());
        }
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.layout.separator)
            .comment(self.layout.comment)
            .from_reader(bytes);
        let mut record = ByteRecord::new();
        loop {
            let read = reader.read_byte_record(&mut record);
            let more = read.map_err(|error| Error::damaged(self.path, error.to_string()))?;
            if !more {
                return Ok(());
            }
            places.clear();
            places.extend((0..record.len()).filter_map(|i| record.range(i)));
            let line = record.position().map_or(0, csv::Position::line);
            let (bytes, places) = (record.as_slice(), &*places);
            see(line, &Row { bytes, places })?;
        }
    }

    fn unequal(&self, line: u64, got: usize) -> Error {
        let width = self.layout.width;
        Error::damaged(
            self.path,
            (
                format!(
                    "línea {line}: se esperaban {width} campos y hay {got}; corrige esa línea, o escribe `.separator(';')` si los \
                     separa otro signo, o `.skip_lines(n)` si sobran líneas al principio"
                ),
                format!(
                    "line {line}: expected {width} fields, got {got}; mend that line, or write `.separator(';')` if something \
                     else separates them, or `.skip_lines(n)` if there are extra lines at the top"
                ),
            ),
        )
    }

    /// What stands in each column, and how many rows each part has.
    pub(super) fn profile(&self) -> Result<(Vec<usize>, Vec<Column>)> {
        let mut found: Vec<(usize, Result<Vec<Column>>)> =
            (0..self.parts.len()).map(|_| (0, Ok(Vec::new()))).collect();
        team::for_each(&mut found, |part, (rows, columns)| {
            let mut all = vec![Column::default(); self.layout.width];
            let read = self.rows(part, |line, row| {
                for (column, field) in all.iter_mut().zip(row.fields()) {
                    column.see(field, line, self.layout);
                }
                *rows += 1;
                Ok(())
            });
            *columns = read.map(|()| all);
        });
        let mut counts = Vec::new();
        let mut all = vec![Column::default(); self.layout.width];
        for (part, (rows, columns)) in found.into_iter().enumerate() {
            for (column, mut next) in all.iter_mut().zip(columns?) {
                // Counting lines goes through all that stands above: only for the one that is kept.
                if let (None, Some((line, _))) = (&column.first_text, &mut next.first_text) {
                    *line = self.line(part, *line);
                }
                column.join(next);
            }
            counts.push(rows);
        }
        Ok((counts, all))
    }
}

/// What stands in a column.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) numbers: usize,
    pub(super) missing: usize,
    pub(super) texts: usize,
    /// The first text and its line.
    pub(super) first_text: Option<(u64, String)>,
    /// All numbers are whole.
    pub(super) whole: bool,
    /// A number begins with a zero that says nothing: codes, not quantities.
    pub(super) codes: bool,
    /// Each number is the one before and 1.
    pub(super) counts: bool,
    /// Each number is larger than the one before.
    pub(super) rises: bool,
    /// A number is too large to stand in an `f32` with all its digits.
    pub(super) long: bool,
    /// A number that often stands for a missing one, such as -999, in a column that has no other below 0.
    pub(super) code: Option<String>,
    /// A number is below 0 and no such code.
    pub(super) negative: bool,
    pub(super) first: f64,
    pub(super) last: f64,
    pub(super) largest: f64,
    /// The different values with how often they come; nothing when there are more than [`MOST_VALUES`].
    pub(super) values: Option<Texts<Vec<u8>>>,
}

/// Quicker than by the fraction, which is a call on processors that may be old.
fn is_whole(number: f64) -> bool {
    const ALL_ARE: f64 = (1_u64 << f64::MANTISSA_DIGITS) as f64;
    number.abs() >= ALL_ARE || number as i64 as f64 == number
}

impl Default for Column {
    fn default() -> Column {
        Column {
            numbers: 0,
            missing: 0,
            texts: 0,
            first_text: None,
            whole: true,
            codes: false,
            counts: true,
            rises: true,
            long: false,
            code: None,
            negative: false,
            first: 0.0,
            last: 0.0,
            largest: 0.0,
            values: Some(Texts::default()),
        }
    }
}

impl Column {
    fn see(&mut self, field: &[u8], line: u64, layout: &Layout) {
        if is_missing(field, &layout.missing_words) {
            self.missing += 1;
            return;
        }
        match layout.numbers.read(field) {
            Some(number) => {
                if self.numbers == 0 {
                    self.first = number;
                } else {
                    self.counts &= number == self.last + 1.0;
                    self.rises &= number > self.last;
                }
                self.numbers += 1;
                self.last = number;
                self.largest = self.largest.max(number.abs());
                if number < 0.0 && CODES.contains(&number) {
                    self.code
                        .get_or_insert_with(|| String::from_utf8_lossy(field).into_owned());
                } else {
                    self.negative |= number < 0.0;
                }
                self.whole = self.whole && is_whole(number);
                let digits = field.strip_prefix(b"-").unwrap_or(field);
                self.codes |= matches!(digits, [b'0', b'0'..=b'9', ..]);
                self.long |= self.whole && number.abs() > 16_777_216.0;
            }
            None => {
                self.texts += 1;
                if self.first_text.is_none() {
                    self.first_text = Some((line, String::from_utf8_lossy(field).into_owned()));
                }
            }
        }
        if let Some(values) = &mut self.values {
            if let Some(count) = values.get_mut(field) {
                *count += 1;
            } else if values.len() < MOST_VALUES {
                values.insert(field.to_vec(), 1);
            } else {
                self.values = None;
            }
        }
    }

    /// Add what the next part of the file has.
    fn join(&mut self, next: Column) {
        if self.numbers == 0 {
            self.first = next.first;
        } else if next.numbers > 0 {
            self.counts &= next.first == self.last + 1.0;
            self.rises &= next.first > self.last;
        }
        self.counts &= next.counts;
        self.rises &= next.rises;
        if next.numbers > 0 {
            self.last = next.last;
        }
        self.numbers += next.numbers;
        self.missing += next.missing;
        self.texts += next.texts;
        self.first_text = self.first_text.take().or(next.first_text);
        self.whole &= next.whole;
        self.codes |= next.codes;
        self.long |= next.long;
        self.negative |= next.negative;
        self.code = self.code.take().or(next.code);
        self.largest = self.largest.max(next.largest);
        match (&mut self.values, next.values) {
            (Some(values), Some(more)) => {
                for (value, count) in more {
                    *values.entry(value).or_insert(0) += count;
                }
                if values.len() > MOST_VALUES {
                    self.values = None;
                }
            }
            (values, _) => *values = None,
        }
    }

    /// The different values, in no order.
    pub(super) fn different_texts(&self) -> impl Iterator<Item = String> {
        let values = self.values.iter().flatten();
        values.map(|(value, _)| String::from_utf8_lossy(value).into_owned())
    }

    /// How many different values there are, up to [`MOST_VALUES`].
    pub(super) fn different(&self) -> Option<usize> {
        self.values.as_ref().map(HashMap::len)
    }

    pub(super) fn is_numbers(&self) -> bool {
        self.texts == 0 && self.numbers > 0 && !self.codes
    }

    /// Whole numbers that follow each other or an order: those of rows, people, passengers.
    pub(super) fn is_row_numbers(&self, rows: usize) -> bool {
        self.is_numbers()
            && self.whole
            && self.missing == 0
            && self.counts
            && rows > 1
            && matches!(self.first, 0.0 | 1.0)
    }

    /// The different values in order: numbers by size, texts by the alphabet.
    pub(super) fn sorted(&self, layout: &Layout) -> Vec<String> {
        let mut values: Vec<String> = self.different_texts().collect();
        let number = |text: &String| layout.numbers.read(text.as_bytes());
        let numbers = self.is_numbers();
        values.sort_by(|a, b| match (numbers, number(a), number(b)) {
            (true, Some(x), Some(y)) => x.total_cmp(&y).then_with(|| a.cmp(b)),
            _ => a.cmp(b),
        });
        values
    }
}
