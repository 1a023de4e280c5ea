
// A list of structs with named fields, as a table. `{:#?}` writes each field on a line of its own, at a depth that tells
// what it belongs to; whoever writes a `Debug` of another form gets no table.

/// The table for a value that `{:?}` shows as `text`, if it is such a list.
fn records_html(text: &str, value: &dyn std::fmt::Debug) -> Option<String> {
    /// Longer ones take too long to look through.
    const LONGEST: usize = 50_000_000;
    let inside = text.strip_prefix('[')?;
    let name = inside.split(" { ").next()?;
    let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if text.len() > LONGEST || name.is_empty() || !is_name(name) {
        return None;
    }
    let mut records = Records { row: format!("    {name} {{"), ..Records::default() };
    // An error is its own, that it sees no such list.
    std::fmt::Write::write_fmt(&mut records, format_args!("{value:#?}\n")).ok()?;
    if records.state != State::Done || records.heads.is_empty() {
        return None;
    }
    let rows = records.count;
    let last = records.last;
    let value = |row: usize, column: usize| {
        let known = records.first.get(row).or_else(|| last.get((row + last.len()).checked_sub(rows)?));
        known.and_then(|row| row.get(column)).cloned().unwrap_or_default()
    };
    Some(table_html(&Table {
        text,
        heads: Some(&records.heads),
        rows,
        columns: records.heads.len(),
        value: &value,
        caption: &format!("{name}, {rows} × {}", records.heads.len()),
    }))
}

#[derive(Default, PartialEq)]
enum State {
    #[default]
    Begins,
    BetweenRows,
    InRow,
    Done,
}

/// Reads the text as it is written.
#[derive(Default)]
struct Records {
    /// How each of them begins.
    row: String,
    line: String,
    state: State,
    heads: Vec<[String; 2]>,
    names: Vec<String>,
    values: Vec<String>,
    count: usize,
    first: Vec<Vec<String>>,
    last: std::collections::VecDeque<Vec<String>>,
}

impl std::fmt::Write for Records {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('\n') {
            self.line.push_str(before);
            let line = std::mem::take(&mut self.line);
            self.take(&line).ok_or(std::fmt::Error)?;
            rest = after;
        }
        self.line.push_str(rest);
        Ok(())
    }
}

impl Records {
    /// One line; `None` when it does not belong to such a list.
    fn take(&mut self, line: &str) -> Option<()> {
        const FIELD: &str = "        ";
        match self.state {
            State::Begins if line == "[" => self.state = State::BetweenRows,
            State::BetweenRows if line == self.row => self.state = State::InRow,
            State::BetweenRows if line == "]" => self.state = State::Done,
            State::InRow if line == "    }," => return self.end_row(),
            State::InRow => {
                let line = line.strip_prefix(FIELD)?;
                let goes_on = line.starts_with([' ', '}', ']', ')']);
                match line.split_once(": ") {
                    _ if goes_on => join(self.values.last_mut()?, line.trim_start()),
                    Some((name, value)) => {
                        self.names.push(name.to_owned());
                        self.values.push(value.to_owned());
                    }
                    None => return None,
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn end_row(&mut self) -> Option<()> {
        let heads = std::mem::take(&mut self.names).into_iter().map(|name| [name, String::new()]);
        if self.count == 0 {
            self.heads = heads.collect();
        } else if !heads.eq(self.heads.iter().cloned()) {
            return None;
        }
        let values = std::mem::take(&mut self.values);
        let values = values.iter().map(|value| bare(value.strip_suffix(',').unwrap_or(value)));
        self.last.push_back(values.collect());
        if self.last.len() > MOST_SHOWN {
            let row = self.last.pop_front()?;
            if self.first.len() < MOST_SHOWN {
                self.first.push(row);
            }
        }
        self.count += 1;
        self.state = State::BetweenRows;
        Some(())
    }
}

/// Puts the next line of a value behind it, as if it stood in one.
fn join(value: &mut String, line: &str) {
    let closes = line.starts_with(['}', ']', ')']);
    if closes && value.ends_with(',') {
        value.pop();
    }
    let is_tight = value.ends_with(['[', '(']) || line.starts_with([']', ')']);
    value.push_str(if is_tight { "" } else { " " });
    value.push_str(line);
}

/// A text as it is, without the quotes and signs that `Debug` gives it.
fn bare(value: &str) -> String {
    let inside = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let Some(inside) = inside.filter(|_| value.len() > 1) else {
        return value.to_owned();
    };
    let mut text = String::new();
    let mut rest = inside.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match rest.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('0') => text.push('\0'),
            Some('u') => {
                let digits: String = rest.by_ref().take_while(|c| *c != '}').skip(1).collect();
                let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                text.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(c) => text.push(c),
            None => (),
        }
    }
    text
}
