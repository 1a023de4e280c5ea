//! Buffers that go back to a pool when nobody needs them: once the first steps have run, a step allocates nothing that grows with
//! the data or the network (the tape's own small lists come and go).

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use super::kernels::with_room;

/// Buffers waiting to be used again, by capacity. Cloning gives another handle to the same pool.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool(Arc<Mutex<BTreeMap<usize, Vec<Vec<f32>>>>>);

impl Pool {
    /// A buffer of `len` numbers with *any* content: whoever takes it writes all of it.
    pub(crate) fn take(&self, len: usize) -> Buffer {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // One up to twice as large will do; a larger one would be missed where it is needed.
        let found = waiting
            .range_mut(len..=len.saturating_mul(2))
            .find_map(|(_, same)| same.pop());
        drop(waiting);
        let mut data = found.unwrap_or_else(|| with_room(len));
        data.resize(len, 0.0);
        self.wrap(data)
    }

    /// A buffer of `len` zeros.
    pub(crate) fn zeros(&self, len: usize) -> Buffer {
        let mut buffer = self.take(len);
        buffer.fill(0.0);
        buffer
    }

    /// Make a buffer of a vector, to be put into the pool in the end.
    pub(crate) fn wrap(&self, data: Vec<f32>) -> Buffer {
        Buffer {
            data,
            pool: self.clone(),
        }
    }
}

/// Numbers that return to their [`Pool`] when dropped.
#[derive(Debug)]
pub(crate) struct Buffer {
    data: Vec<f32>,
    pool: Pool,
}

impl Buffer {
    /// The numbers, out of reach of the pool.
    pub(crate) fn into_vec(mut self) -> Vec<f32> {
        std::mem::take(&mut self.data)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.data.capacity() > 0 {
            let data = std::mem::take(&mut self.data);
            let mut waiting = self.pool.0.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.entry(data.capacity()).or_default().push(data);
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
    fn a_dropped_buffer_is_used_again() {
        let pool = Pool::default();
        let first = pool.take(100);
        let address = first.as_ptr();
        drop(first);
        let again = pool.take(90);
        assert_eq!((again.as_ptr(), again.len()), (address, 90));
        assert_ne!(pool.take(90).as_ptr(), address);
    }
}
