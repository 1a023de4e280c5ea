//! Numbers side by side, from the start of a line of the cache on.

use std::ops::{Deref, DerefMut};

/// Numbers of a line of the cache, and of the longest vector.
pub(crate) const LINE: usize = 16;

/// An empty vector with room for `len` of something; a large one on large pages, where the system has them: going through it then
/// misses fewer addresses, and its first use is not interrupted every 4 KiB.
pub(crate) fn with_room<T>(len: usize) -> Vec<T> {
    let room = Vec::with_capacity(len);
    #[cfg(target_os = "linux")]
    if size_of::<T>() * len >= 4 << 20 {
        const PAGE: usize = 4096;
        let start = room.as_ptr() as usize;
        let from = start.next_multiple_of(PAGE);
        let bytes = (start + size_of::<T>() * len - from) / PAGE * PAGE;
        // SAFETY: an advice that changes no content, on whole pages that belong to the vector. That it is not taken is no harm.
        unsafe { libc::madvise(from as *mut libc::c_void, bytes, libc::MADV_HUGEPAGE) };
    }
    room
}

#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Line([f32; LINE]);

/// A vector of numbers whose first one begins a line: a `Vec<f32>` begins anywhere, and then every load and store of a long vector
/// touches two lines. Products of few terms are twice as fast for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    lines: Vec<Line>,
    len: usize,
}

impl Numbers {
    /// None, with room for `len`.
    pub(crate) fn with_room(len: usize) -> Numbers {
        let lines = with_room(len.div_ceil(LINE));
        Numbers { lines, len: 0 }
    }

    pub(crate) fn zeros(len: usize) -> Numbers {
        let mut zeros = Numbers::with_room(len);
        zeros.resize(len);
        zeros
    }

    /// So many of any content: those that were there, and zeros, or what was there before them.
    pub(crate) fn resize(&mut self, len: usize) {
        self.lines.resize(len.div_ceil(LINE), Line([0.0; LINE]));
        self.len = len;
    }

    /// For how many there is room.
    pub(crate) fn capacity(&self) -> usize {
        LINE * self.lines.capacity()
    }
}

impl Deref for Numbers {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        // SAFETY: a line is 16 numbers and nothing else, the vector has lines for all, and each was written when it was made.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }
}

impl DerefMut for Numbers {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above, and the vector is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}

impl From<&[f32]> for Numbers {
    fn from(numbers: &[f32]) -> Numbers {
        let mut copy = Numbers::with_room(numbers.len());
        copy.resize(numbers.len());
        copy.copy_from_slice(numbers);
        copy
    }
}

impl From<Vec<f32>> for Numbers {
    fn from(numbers: Vec<f32>) -> Numbers {
        Numbers::from(&numbers[..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_begin_a_line_and_hold_what_was_put_in() {
        for len in [0, 1, 15, 16, 17, 1000, 3 << 20] {
            let from: Vec<f32> = (0..len).map(|i| i as f32).collect();
            let mut numbers = Numbers::from(&from[..]);
            assert!((numbers.as_ptr() as usize).is_multiple_of(64));
            assert_eq!(*numbers, from[..]);
            assert!(numbers.capacity() >= len);
            numbers.resize(len / 2);
            assert_eq!(*numbers, from[..len / 2]);
            numbers.iter_mut().for_each(|x| *x += 1.0);
            numbers.resize(len);
            let changed = from[..len / 2].iter().map(|x| x + 1.0);
            assert!(numbers.iter().zip(changed).all(|(x, y)| *x == y));
        }
    }
}
