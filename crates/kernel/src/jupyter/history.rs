//! What was executed in this session.

use serde_json::{Value, json};

/// The number of the one session that is remembered.
const SESSION: i64 = 1;

#[derive(Default)]
pub(super) struct History {
    entries: Vec<(i64, String, Option<String>)>,
}

impl History {
    pub(super) fn add(&mut self, line: i64, input: &str) {
        self.entries.push((line, input.to_owned(), None));
    }

    /// The result of the newest entry, as text.
    pub(super) fn set_output(&mut self, text: &str) {
        if let Some((_, _, output)) = self.entries.last_mut() {
            *output = Some(text.to_owned());
        }
    }

    /// Answers a `history_request`.
    pub(super) fn answer(&self, request: &Value) -> Value {
        let number = |key: &str| request[key].as_i64();
        let newest = |wanted: Option<i64>, of: Vec<&(i64, String, Option<String>)>| {
            let keep = wanted
                .and_then(|n| usize::try_from(n).ok())
                .unwrap_or(of.len());
            of[of.len() - keep.min(of.len())..]
                .iter()
                .copied()
                .cloned()
                .collect::<Vec<_>>()
        };
        let found = match request["hist_access_type"].as_str() {
            Some("range") => {
                // A session that is not positive counts back from this one.
                let session = number("session").unwrap_or(0);
                let here = session == 0 || session == SESSION;
                let start = number("start").unwrap_or(0);
                let stop = number("stop").unwrap_or(i64::MAX);
                let within = self
                    .entries
                    .iter()
                    .filter(|(line, _, _)| here && (start..stop).contains(line));
                newest(None, within.collect())
            }
            Some("search") => {
                let pattern = request["pattern"].as_str().unwrap_or("*");
                let mut found: Vec<_> = self
                    .entries
                    .iter()
                    .filter(|(_, input, _)| glob(pattern, input))
                    .collect();
                if request["unique"].as_bool() == Some(true) {
                    let mut seen = std::collections::HashSet::new();
                    found.reverse();
                    found.retain(|(_, input, _)| seen.insert(input));
                    found.reverse();
                }
                newest(number("n"), found)
            }
            _ => newest(number("n"), self.entries.iter().collect()),
        };
        let with_output = request["output"].as_bool() == Some(true);
        let history: Vec<Value> = found
            .into_iter()
            .map(|(line, input, output)| {
                if with_output {
                    json!([SESSION, line, [input, output]])
                } else {
                    json!([SESSION, line, input])
                }
            })
            .collect();
        json!({"status": "ok", "history": history})
    }
}

/// Whether `text` as a whole matches `pattern`, in which `*` stands for anything and `?` for one character.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && (pattern[p] == '?' || (pattern[p] == text[t] && pattern[p] != '*'))
        {
            p += 1;
            t += 1;
        } else if p < pattern.len() && pattern[p] == '*' {
            star = Some((p, t));
            p += 1;
        } else if let Some((at, from)) = star {
            // The star takes one character more.
            star = Some((at, from + 1));
            p = at + 1;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, text, matches) in [
            ("*", "", true),
            ("let*", "let x = 1;", true),
            ("*x*=*2*", "let x = 12;", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("x", "xx", false),
        ] {
            assert_eq!(glob(pattern, text), matches, "{pattern} {text}");
        }
    }

    #[test]
    fn tail_range_and_search() {
        let mut history = History::default();
        for (line, input) in [(1, "a"), (2, "b"), (3, "a")] {
            history.add(line, input);
        }
        history.set_output("42");
        let lines = |request: Value| history.answer(&request)["history"].clone();
        assert_eq!(
            lines(json!({"hist_access_type": "tail", "n": 2})),
            json!([[1, 2, "b"], [1, 3, "a"]])
        );
        assert_eq!(
            lines(json!({"hist_access_type": "range", "session": 0, "start": 1, "stop": 3})),
            json!([[1, 1, "a"], [1, 2, "b"]])
        );
        assert_eq!(
            lines(json!({"hist_access_type": "range", "session": 7, "start": 1, "stop": 3})),
            json!([])
        );
        assert_eq!(
            lines(
                json!({"hist_access_type": "search", "pattern": "a", "unique": true, "output": true})
            ),
            json!([[1, 3, ["a", "42"]]])
        );
    }
}
