//! One hint: when it is given, what it says, and a cell that it is for.

use gradus_text::Language;

use crate::Problem;

/// What the compiler says, and the line at which it points.
pub(super) struct Said<'a> {
    pub(super) problem: &'a Problem,
    pub(super) message: &'a str,
    pub(super) line: &'a str,
}

impl Said<'_> {
    /// Whether the compiler advises something in these words.
    pub(super) fn advises(&self, words: &str) -> bool {
        let mut advice = self.problem.advice.iter();
        advice.any(|advice| advice.text.contains(words))
    }

    /// Whether a line that the compiler proposes begins so.
    pub(super) fn proposes(&self, begin: &str) -> bool {
        let mut lines = self.problem.advice.iter().flat_map(|advice| &advice.lines);
        lines.any(|line| line.starts_with(begin))
    }

    /// Whether this word stands in the line.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words().any(|one| one == word)
    }

    /// Whether the line begins with this word.
    pub(super) fn begins(&self, word: &str) -> bool {
        self.words().next() == Some(word)
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        self.line.split(|c: char| !c.is_alphanumeric() && c != '_')
    }

    /// Whether the compiler does not understand the line at all: then it may be of another language.
    pub(super) fn is_syntax(&self) -> bool {
        let begins = [
            "expected",
            "unknown",
            "unexpected",
            "invalid",
            "missing",
            "found",
            "`in`",
        ];
        begins.iter().any(|word| self.message.starts_with(word))
            || self.message.contains(" is not ")
    }
}

/// A hint.
pub(super) struct Entry {
    when: When,
    es: &'static str,
    en: &'static str,
    /// A wrong cell that it is for: the tests run it.
    pub(super) cell: &'static str,
}

/// When a hint is given.
enum When {
    /// For errors with one of these codes.
    Code(&'static [&'static str]),
    /// When this is so.
    Is(fn(&Said) -> bool),
}

impl Entry {
    /// For errors with one of these codes.
    pub(super) const fn code(
        codes: &'static [&'static str],
        es: &'static str,
        en: &'static str,
        cell: &'static str,
    ) -> Entry {
        let when = When::Code(codes);
        Entry { when, es, en, cell }
    }

    /// When this is so.
    pub(super) const fn when(
        is: fn(&Said) -> bool,
        es: &'static str,
        en: &'static str,
        cell: &'static str,
    ) -> Entry {
        let when = When::Is(is);
        Entry { when, es, en, cell }
    }

    pub(super) fn is_for(&self, said: &Said) -> bool {
        match self.when {
            When::Code(codes) => codes
                .iter()
                .any(|code| said.problem.code.as_deref() == Some(code)),
            When::Is(is) => is(said),
        }
    }

    pub(super) fn text(&self, language: Language) -> &'static str {
        language.pick(self.es, self.en)
    }
}
