
// Which variables of earlier cells a running cell has moved. The kernel asks the compiler where a cell moves one, and puts
// `out` there: the variable stays where it is, and a bit says that nothing is in it. So whichever way the cell ends, what it
// has not moved comes back. A twin of the cell with real moves, which never runs, has the compiler check the rest.

/// What a cell has moved out of one variable: a bit for each part.
#[derive(Default)]
pub struct Moved(std::cell::Cell<u64>);

/// Moves a part of a variable out. The twin does so as well, so nobody uses it again before it is set.
#[inline(always)]
pub fn out<T>(moved: &Moved, part: u64, place: *const T) -> T {
    moved.0.set(moved.0.get() | part);
    // SAFETY: see above.
    unsafe { ptr::read(place) }
}

/// Assigns to a variable, or to a part of it, whose old value has an end only if nothing of it was moved.
#[inline(always)]
pub fn set<T>(moved: &Moved, parts: u64, place: *mut T, value: T) {
    let before = moved.0.get();
    // SAFETY: in the twin this is an assignment.
    unsafe {
        if before & parts == 0 {
            *place = value;
        } else {
            place.write(value);
            moved.0.set(before & !parts);
        }
    }
}

/// Puts back what the cell has not moved; where the variable ends with the cell, that is its end.
#[inline(never)]
pub fn back<T: 'static>(name: &'static str, moved: &Moved, ends: bool, value: T) {
    let value = ManuallyDrop::new(value);
    if moved.0.get() != 0 {
        return;
    }
    let value = ManuallyDrop::into_inner(value);
    if ends {
        let _ = std::panic::catch_unwind(AssertUnwindSafe(|| drop(value)));
    } else {
        give_back(name, value);
    }
}
