//! What the process that runs the cells says on its standard output and error.
//!
//! Between the bytes that a cell prints stand
//! - evcxr's display blocks: `EVCXR_BEGIN_CONTENT <mime>`, the content, `EVCXR_END_CONTENT`;
//! - our own reports: U+001E, the word `gradus`, one JSON object, a line end.
//!
//! The parser takes bytes as they come, in pieces of any size, and lets text through at once, except
//! for a tail that may be the beginning of a mark.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::controls::Control;

/// Contents of one thing to show, by MIME type.
pub type Bundle = Map<String, Value>;

/// A form of a thing as Jupyter has it: what is JSON by its type is no text.
pub(crate) fn form(mime: &str, text: String) -> Value {
    let is_json = mime == "application/json" || mime.ends_with("+json");
    let json = is_json.then(|| serde_json::from_str(&text).ok()).flatten();
    json.unwrap_or(Value::String(text))
}

#[derive(Debug, PartialEq)]
pub(crate) enum Item {
    Text(String),
    Content {
        mime: String,
        text: String,
    },
    Report(Report),
    /// The cell waits for a line from the user (crate `evcxr_input`).
    Prompt {
        text: String,
        password: bool,
    },
}

/// Our own reports.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Report {
    /// How the cell ended, when its process did not.
    Outcome(Outcome),
    /// After that, on both streams.
    End,
    /// The other stream goes on.
    Turn,
    Panic(PanicReport),
    /// Something to show, in all its forms at once. What has an id can be updated later.
    Display {
        data: Bundle,
        #[serde(default)]
        id: Option<String>,
        #[serde(default)]
        update: bool,
    },
    /// Remove what the cell has shown: now, or when the next thing comes.
    Clear {
        #[serde(default)]
        wait: bool,
    },
    /// What follows depends on these.
    Controls(Vec<Control>),
}

/// How a cell ended.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) panicked: bool,
    /// What a `?` returned.
    #[serde(default)]
    pub(crate) error: Option<ReturnedError>,
    /// It did not begin: the loader's words.
    #[serde(default)]
    pub(crate) not_loaded: Option<String>,
    /// It did not end and never will.
    #[serde(default)]
    pub(crate) given_up: bool,
    /// The variables that it kept, and whether their types are `Copy`.
    #[serde(default)]
    pub(crate) kept: BTreeMap<String, bool>,
    /// The variables of earlier cells that it took and that are not there any more.
    #[serde(default)]
    pub(crate) missing: Vec<String>,
}

/// The error that a `?` returned.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(crate) struct ReturnedError {
    /// Its text, and those of its causes.
    pub(crate) chain: Vec<String>,
    pub(crate) file: String,
    pub(crate) line: usize,
}

/// Where a thread panicked, and what it said.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(crate) struct PanicReport {
    pub(crate) message: String,
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) thread: String,
    /// The thread that runs the cells, not one that a cell started.
    pub(crate) in_cell: bool,
}

const CONTENT: &str = "EVCXR_BEGIN_CONTENT ";
const CONTENT_BEGIN: &[u8] = b"\nEVCXR_BEGIN_CONTENT ";
const CONTENT_END: &[u8] = b"\nEVCXR_END_CONTENT\n";
const PROMPT: &str = "EVCXR_INPUT_REQUEST:";
const PROMPT_PASSWORD: &str = "EVCXR_INPUT_REQUEST_PASSWORD:";
const REPORT: &str = "\u{1e}gradus ";

/// A report that may stand inside of a display block.
const TURN: &str = "\u{1e}gradus {\"turn\":null}\n";

const MARKS: [&str; 4] = [CONTENT, PROMPT, PROMPT_PASSWORD, REPORT];

/// How the reports begin that the last thing of a cell is.
const OUTCOME: &[u8] = b"\x1egradus {\"outcome\"";
const END: &[u8] = b"\x1egradus {\"end\"";

/// A display block longer than this is taken for text: something wrote the mark by accident.
const CONTENT_LIMIT: usize = 256 << 20;
/// And so is a mark whose line is longer than this, but for reports.
const LINE_LIMIT: usize = 4 << 10;

/// The memory that is kept for what is not complete.
const PENDING: usize = 1 << 20;

#[derive(Default)]
pub(crate) struct Parser {
    pending: Vec<u8>,
    /// So many bytes of an unfinished display block, at the beginning of `pending`, hold no end of it.
    searched: usize,
}

impl Parser {
    /// Takes the next bytes and hands over everything that is complete.
    pub(crate) fn feed(&mut self, bytes: &[u8], items: &mut Vec<Item>) {
        self.pending.extend_from_slice(bytes);
        let mut start = 0;
        while let Some(offset) = find_mark_start(&self.pending[start..]) {
            let mark = start + offset;
            let searched = std::mem::take(&mut self.searched);
            match parse_mark(&self.pending[mark..], searched) {
                Mark::Complete(item, length) => {
                    push_text(&self.pending[start..mark], items);
                    items.push(item);
                    start = mark + length;
                }
                Mark::Incomplete => {
                    push_text(&self.pending[start..mark], items);
                    self.pending.drain(..mark);
                    self.searched = self.pending.len();
                    return;
                }
                Mark::Text => {
                    push_text(&self.pending[start..=mark], items);
                    start = mark + 1;
                }
            }
        }
        // A character may still lack its last bytes.
        let end = start + complete_utf8(&self.pending[start..]);
        push_text(&self.pending[start..end], items);
        self.pending.drain(..end);
        self.pending.shrink_to(PENDING);
    }

    /// The stream has ended: what is left is text.
    pub(crate) fn finish(&mut self, items: &mut Vec<Item>) {
        push_text(&std::mem::take(&mut self.pending), items);
    }
}

enum Mark {
    Complete(Item, usize),
    Incomplete,
    Text,
}

fn find_mark_start(bytes: &[u8]) -> Option<usize> {
    memchr::memchr2_iter(b'E', 0x1e, bytes).find(|&at| {
        let rest = &bytes[at..];
        MARKS.iter().any(|mark| {
            let mark = mark.as_bytes();
            let common = mark.len().min(rest.len());
            mark[..common] == rest[..common]
        })
    })
}

/// `bytes` starts like a mark; in the first `searched` of them there is no end of a display block.
fn parse_mark(bytes: &[u8], searched: usize) -> Mark {
    if MARKS
        .iter()
        .any(|mark| mark.len() > bytes.len() && mark.as_bytes().starts_with(bytes))
    {
        return Mark::Incomplete;
    }
    let Some(line_end) = memchr::memchr(b'\n', bytes) else {
        let is_report = bytes.starts_with(REPORT.as_bytes());
        let limit = if is_report { CONTENT_LIMIT } else { LINE_LIMIT };
        return if bytes.len() > limit {
            Mark::Text
        } else {
            Mark::Incomplete
        };
    };
    let line = String::from_utf8_lossy(&bytes[..line_end]);
    let length = line_end + 1;
    if let Some(json) = line.strip_prefix(REPORT) {
        return match serde_json::from_str(json) {
            Ok(report) => Mark::Complete(Item::Report(report), length),
            Err(_) => Mark::Text,
        };
    }
    if let Some(mime) = line.strip_prefix(CONTENT) {
        // A mark may have been there in part.
        let from = searched.saturating_sub(CONTENT_BEGIN.len());
        // An empty content ends on the line end of the mark itself.
        let found = memchr::memmem::find(&bytes[from.max(line_end)..], CONTENT_END);
        let end = found.map(|at| at + from.max(line_end));
        let block = &bytes[from..end.unwrap_or(bytes.len())];
        // A block in a block: the outer one was never closed.
        let again = mime.contains(CONTENT) || memchr::memmem::find(block, CONTENT_BEGIN).is_some();
        if again || holds_the_end_of_a_cell(block) {
            return Mark::Text;
        }
        let Some(end) = end else {
            return if bytes.len() > CONTENT_LIMIT {
                Mark::Text
            } else {
                Mark::Incomplete
            };
        };
        let text = bytes.get(length..end).unwrap_or_default();
        let item = Item::Content {
            mime: mime.trim().to_owned(),
            text: String::from_utf8_lossy(text).replace(TURN, ""),
        };
        return Mark::Complete(item, end + CONTENT_END.len());
    }
    for (mark, password) in [(PROMPT, false), (PROMPT_PASSWORD, true)] {
        if let Some(text) = line.strip_prefix(mark)
            && !holds_the_end_of_a_cell(line.as_bytes())
        {
            let text = text.to_owned();
            return Mark::Complete(Item::Prompt { text, password }, length);
        }
    }
    Mark::Text
}

/// Whatever a cell began and did not finish, it ends there.
fn holds_the_end_of_a_cell(bytes: &[u8]) -> bool {
    [OUTCOME, END]
        .iter()
        .any(|end| memchr::memmem::find(bytes, end).is_some())
}

fn push_text(bytes: &[u8], items: &mut Vec<Item>) {
    if bytes.is_empty() {
        return;
    }
    let text = String::from_utf8_lossy(bytes);
    match items.last_mut() {
        Some(Item::Text(last)) => last.push_str(&text),
        _ => items.push(Item::Text(text.into_owned())),
    }
}

/// How many bytes remain when an unfinished character at the end is left out.
fn complete_utf8(bytes: &[u8]) -> usize {
    // A character has at most four bytes, so only the last three can start an unfinished one.
    let tail = bytes.len().saturating_sub(3);
    for (at, &byte) in bytes.iter().enumerate().skip(tail) {
        let length = match byte {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => continue,
        };
        if at + length > bytes.len() {
            return at;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: &str = "one\ntwEVCXR_BEGIN_CONTENT text/html\n<b>E</b>\nñ\nEVCXR_END_CONTENT\nEVCXR is \
         a word, EVCXR_PANIC too\n\u{1e}gradus {\"panic\":{\"message\":\"a\\nb\",\
         \"file\":\"src/lib.rs\",\"line\":3,\"column\":1,\"thread\":\"?\",\"in_cell\":true}}\nlast ñ\u{1e}gradus {\"end\":null}\n\
         \u{1e}gradus {\"outcome\":{\"panicked\":true,\"kept\":{\"x\":true}}}\nEVCXR_BEGIN_CONTENT text/plain\n\nEVCXR_END_CONTENT\nE";

    fn parse(pieces: &[&[u8]]) -> Vec<Item> {
        let mut parser = Parser::default();
        let mut items = Vec::new();
        for piece in pieces {
            parser.feed(piece, &mut items);
        }
        parser.finish(&mut items);
        items
    }

    fn expected() -> Vec<Item> {
        let text = |text: &str| Item::Text(text.to_owned());
        let content = |mime: &str, text: &str| Item::Content {
            mime: mime.to_owned(),
            text: text.to_owned(),
        };
        vec![
            text("one\ntw"),
            content("text/html", "<b>E</b>\nñ"),
            text("EVCXR is a word, EVCXR_PANIC too\n"),
            Item::Report(Report::Panic(PanicReport {
                message: "a\nb".to_owned(),
                file: "src/lib.rs".to_owned(),
                line: 3,
                column: 1,
                thread: "?".to_owned(),
                in_cell: true,
            })),
            text("last ñ"),
            Item::Report(Report::End),
            Item::Report(Report::Outcome(Outcome {
                panicked: true,
                error: None,
                kept: [("x".to_owned(), true)].into(),
                missing: Vec::new(),
                given_up: false,
                not_loaded: None,
            })),
            content("text/plain", ""),
            text("E"),
        ]
    }

    #[test]
    fn everything_at_once() {
        assert_eq!(parse(&[SESSION.as_bytes()]), expected());
    }

    #[test]
    fn cut_anywhere_means_the_same() {
        let bytes = SESSION.as_bytes();
        for cut in 0..bytes.len() {
            assert_eq!(
                parse(&[&bytes[..cut], &bytes[cut..]]),
                expected(),
                "cut at {cut}"
            );
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(parse(&single), expected());
    }

    #[test]
    fn what_a_cell_leaves_open_ends_with_it() {
        let outcome = "\u{1e}gradus {\"outcome\":{\"panicked\":false,\"kept\":{}}}\n";
        for open in [
            "EVCXR_BEGIN_CONTENT x\nabc\nEVCXR_BEGIN_CONTENT y\n",
            "EVCXR_BEGIN_CONTENT x",
            "EVCXR_BEGIN_CONTENT xEVCXR_BEGIN_CONTENT y\n",
            "EVCXR_INPUT_REQUEST:name",
            "\u{1e}gradus {\"display\"",
        ] {
            let session = format!("{open}{outcome}EVCXR_BEGIN_CONTENT t\n\nEVCXR_END_CONTENT\n");
            let wanted = [
                Item::Text(open.to_owned()),
                Item::Report(Report::Outcome(Outcome::default())),
                Item::Content {
                    mime: "t".to_owned(),
                    text: String::new(),
                },
            ];
            for cut in 0..session.len() {
                let (before, after) = session.as_bytes().split_at(cut);
                let mut items = parse(&[before, after]);
                // Text may come in pieces.
                if let (Item::Text(one), Item::Text(two)) = (&items[0], &items[1]) {
                    let joined = format!("{one}{two}");
                    items.splice(..2, [Item::Text(joined)]);
                }
                assert_eq!(items, wanted, "{open:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn json_arrives_as_json() {
        let text = || "{\"data\": [1]}".to_owned();
        assert_eq!(form("application/vnd.plotly.v1+json", text())["data"][0], 1);
        assert_eq!(form("application/json", text())["data"][0], 1);
        assert!(form("text/html", text()).is_string());
        assert!(form("application/geo+json", "{".to_owned()).is_string());
    }

    #[test]
    fn text_does_not_wait_for_its_line_end() {
        let mut items = Vec::new();
        Parser::default().feed(b"loss 0.3", &mut items);
        assert_eq!(items, [Item::Text("loss 0.3".to_owned())]);
    }

    #[test]
    fn bytes_that_are_no_text_do_not_stop_it() {
        let items = parse(&[b"a\xff\xfeb\xc3", b"\xb1"]);
        assert_eq!(items, [Item::Text("a\u{fffd}\u{fffd}bñ".to_owned())]);
    }
}
