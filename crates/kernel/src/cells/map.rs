//! Where each part of a program came from.

use std::ops::Range;

/// Where the parts of a program came from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Map {
    pub(super) parts: Vec<(Range<usize>, Origin)>,
    /// What stands in the code of the cells and is not of them.
    pub(super) added: Vec<Range<usize>>,
    pub(super) line_starts: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Origin {
    /// Byte `offset` of cell `cell` and what follows.
    Cell { cell: usize, offset: usize },
    /// One import of the `use` at this place.
    Import { cell: usize, range: Range<usize> },
    /// Loads a variable.
    Take(String),
    /// Keeps a new variable.
    Keep(String),
    /// Keeps a closure.
    Closure(String),
    /// Puts back an old variable.
    Back(String),
}

impl Map {
    /// The part that byte `at` belongs to, and how far into it.
    pub(crate) fn origin(&self, at: usize) -> Option<(&Origin, usize)> {
        let (range, origin) = self.parts.iter().find(|(range, _)| range.contains(&at))?;
        Some((origin, at - range.start))
    }

    /// The cell and the byte in it that byte `at` came from.
    pub(crate) fn in_cell(&self, at: usize) -> Option<(usize, usize)> {
        match self.origin(at)? {
            (Origin::Cell { cell, offset }, into) => Some((*cell, offset + into)),
            (Origin::Import { cell, range }, _) => Some((*cell, range.start)),
            _ => None,
        }
    }

    /// The cell and a byte of the line in it that line `number`, from 1, came from.
    pub(crate) fn line_in_cell(&self, number: usize) -> Option<(usize, usize)> {
        let start = *self.line_starts.get(number.checked_sub(1)?)?;
        let end = self.line_starts.get(number).copied();
        self.in_cell(self.clamp(&(start..end.unwrap_or(usize::MAX))).start)
    }

    /// How much code of the cells there is in a place.
    pub(crate) fn length(&self, place: &Range<usize>) -> usize {
        let inside = self.added.iter();
        let inside = inside.filter(|one| place.contains(&one.start) && place.contains(&one.end));
        place.len() - inside.map(Range::len).sum::<usize>()
    }

    /// What is of a cell in a place that begins between the parts, as the brackets around a value do, or in what was added.
    pub(crate) fn clamp(&self, place: &Range<usize>) -> Range<usize> {
        let added = self.added.iter().find(|one| one.contains(&place.start));
        if let Some(added) = added.filter(|added| added.end < place.end) {
            return self.clamp(&(added.end..place.end));
        }
        let starts_line = |at: usize| {
            let line = self.line_starts.partition_point(|start| *start <= at);
            self.line_starts[line - 1]
        };
        let inside = self.parts.iter().find(|(range, origin)| {
            matches!(origin, Origin::Cell { .. })
                && place.contains(&range.start)
                && starts_line(range.start) <= place.start
        });
        match inside {
            Some((range, _)) if self.origin(place.start).is_none() => {
                range.start..place.end.min(range.end)
            }
            _ => place.clone(),
        }
    }
}
