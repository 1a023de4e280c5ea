//! The compiled part that lives beside the cells, called from the process that runs them.
#![allow(unsafe_code)] // functions of a library

use std::ffi::OsString;

/// The functions of the cells' runtime, see `cells/runtime.rs` and `cells/stop.rs`.
#[derive(Clone)]
pub(crate) struct Runtime {
    /// The threads of this process that no cell started.
    pub(crate) threads: Vec<i32>,
    pub(crate) start: extern "C" fn(),
    pub(crate) flush: extern "C" fn(),
    pub(crate) begin: extern "C" fn(),
    pub(crate) give_up: extern "C" fn(),
    pub(crate) stop: extern "C" fn(),
    pub(crate) flushes: extern "C" fn() -> u64,
    pub(crate) unwind: extern "C-unwind" fn(),
}

impl Runtime {
    /// # Safety
    /// The library must be the compiled runtime, whose functions have these signatures.
    pub(crate) unsafe fn load(path: &OsString) -> Result<Runtime, libloading::Error> {
        // SAFETY: see above.
        unsafe {
            let library = libloading::Library::new(path)?;
            let runtime = Runtime {
                threads: Vec::new(),
                start: *library.get(b"gradus_runtime_start")?,
                flush: *library.get(b"gradus_runtime_flush")?,
                begin: *library.get(b"gradus_runtime_begin")?,
                give_up: *library.get(b"gradus_runtime_give_up")?,
                stop: *library.get(b"gradus_runtime_stop")?,
                flushes: *library.get(b"gradus_runtime_flushes")?,
                unwind: *library.get(b"gradus_runtime_unwind")?,
            };
            std::mem::forget(library);
            Ok(runtime)
        }
    }
}
