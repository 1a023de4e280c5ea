//! Buffers that go back to a pool when nobody needs them: once the first steps have run, a step allocates nothing that grows with
//! the data or the network (the tape's own small lists come and go).

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use crate::kernels::Numbers;

/// Buffers waiting to be used again, by size: see [`class`]. Cloning gives another handle to the same pool.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool(Arc<Mutex<Vec<Vec<Numbers>>>>);

/// The number of the smallest size that holds `len` numbers, and that size: four sizes in each power of two, so that a buffer is
/// used for what needs nearly as much. All are whole lines of [`Numbers`], so that a buffer's room is its size.
fn class(len: usize) -> (usize, usize) {
    let len = len.max(64);
    let quarter = len.ilog2() - 2;
    let steps = len.div_ceil(1 << quarter); // 4 to 8
    (4 * (quarter as usize - 4) + steps - 4, steps << quarter)
}

impl Pool {
    /// A buffer of `len` numbers with *any* content: whoever takes it writes all of it.
    pub(crate) fn take(&self, len: usize) -> Buffer {
        let (class, size) = class(len);
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = waiting.get_mut(class).and_then(Vec::pop);
        drop(waiting);
        let mut data = found.unwrap_or_else(|| Numbers::with_room(size));
        data.resize(len);
        self.wrap(data)
    }

    /// A buffer of `len` zeros.
    pub(crate) fn zeros(&self, len: usize) -> Buffer {
        let mut buffer = self.take(len);
        buffer.fill(0.0);
        buffer
    }

    /// Make a buffer of numbers, to be put into the pool in the end.
    pub(crate) fn wrap(&self, data: impl Into<Numbers>) -> Buffer {
        Buffer {
            data: data.into(),
            pool: self.clone(),
        }
    }
}

/// Numbers that return to their [`Pool`] when dropped.
#[derive(Debug)]
pub(crate) struct Buffer {
    data: Numbers,
    pool: Pool,
}

impl Buffer {
    /// The numbers, out of reach of the pool.
    pub(crate) fn into_numbers(mut self) -> Numbers {
        std::mem::take(&mut self.data)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.data.capacity() > 0 {
            let data = std::mem::take(&mut self.data);
            // The largest size that it holds.
            let (class, size) = class(data.capacity());
            let class = class - usize::from(size > data.capacity() && class > 0);
            let mut waiting = self.pool.0.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.len() <= class {
                waiting.resize_with(class + 1, Vec::new);
            }
            waiting[class].push(data);
        }
    }
}

impl Deref for Buffer {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        &self.data
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.data
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_in_order_and_hold_what_they_say() {
        let mut before = class(0);
        for len in 1..10_000 {
            let now = class(len);
            assert!(
                now.1 >= len && now.1 <= (len + len / 4).max(64),
                "{len}: {now:?}"
            );
            assert!(
                now == before || now.0 == before.0 + 1 && before.1 < len,
                "{len}"
            );
            assert_eq!(class(now.1), now, "{len}");
            before = now;
        }
    }

    #[test]
    fn a_dropped_buffer_is_used_again() {
        let pool = Pool::default();
        let first = pool.take(100);
        let address = first.as_ptr();
        drop(first);
        // Of the same size: 112.
        let again = pool.take(105);
        assert_eq!((again.as_ptr(), again.len()), (address, 105));
        assert_ne!(pool.take(100).as_ptr(), address);
        drop(pool.take(1));
        let small = pool.take(2).as_ptr();
        assert_eq!(pool.take(9).as_ptr(), small);
    }
}
