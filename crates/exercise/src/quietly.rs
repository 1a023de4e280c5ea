//! Calls to a student's code, whose panics end with the call.

use std::{
    backtrace::Backtrace,
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Once,
};

use crate::{Complaint, shapes};

/// Why a call gave no answer.
pub(crate) enum Stop {
    /// It reached `todo!("<id>")`.
    NotDone(String),
    /// It panicked: message and place.
    Panic(String),
    /// Its process ended, and with it all other calls.
    Ended(Box<Complaint>),
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<Option<(String, Option<Backtrace>)>> = const { RefCell::new(None) };
}

/// Runs student code without letting a panic reach the screen or the caller.
pub(crate) fn quietly<T>(run: impl FnOnce() -> T) -> Result<T, Stop> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if QUIET.get() {
                let place = info
                    .location()
                    .map(|at| format!("{}:{}", at.file(), at.line()));
                PLACE.set(place.map(|place| {
                    // In a tensor's own source the line that matters is the student's.
                    let trace = place.contains("dfdx-").then(Backtrace::force_capture);
                    (place, trace)
                }));
            } else {
                others(info);
            }
        }));
    });
    let before = QUIET.replace(true);
    let result = catch_unwind(AssertUnwindSafe(run));
    QUIET.set(before);
    result.map_err(|payload| {
        let payload = match payload.downcast::<Complaint>() {
            Ok(complaint) => return Stop::Ended(complaint),
            Err(payload) => payload,
        };
        let message = payload
            .downcast_ref::<&str>()
            .map(|s| (*s).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        let said = message.clone();
        match message.strip_prefix("not yet implemented") {
            // `todo!("lab1.3")` panics with "not yet implemented: lab1.3".
            Some(rest) => Stop::NotDone(rest.trim_start_matches([':', ' ']).to_owned()),
            None => Stop::Panic(match PLACE.take() {
                Some((place, None)) => format!("{message} ({place})"),
                Some((place, Some(trace))) => {
                    let message = shapes::of_dfdx(&message, &place, &trace.to_string());
                    let place = shapes::students_line(&trace).unwrap_or(place);
                    format!("{} ({place})", message.unwrap_or(said))
                }
                None => message,
            }),
        }
    })
}
