//! What can stand at a place in the code, and what stands there: the program that the kernels ask.
//!
//! [rust-analyzer](https://rust-analyzer.github.io) answers. It takes seconds to read libraries in and hundreds of megabytes
//! to remember them, so it lives in a process of its own, one for all the kernels of a user that have the same libraries.
//!
//! ```sh
//! gradus-analysis FOLDER SOCKET   # for everybody who connects to this Unix socket
//! gradus-analysis FOLDER          # for whoever has started it, over its input and output
//! ```
//!
//! FOLDER holds a package with a `lib.rs` and the libraries of the session as its dependencies: other libraries, another process.
//! One line of JSON goes each way. A question:
//!
//! ```json
//! {"number": 7, "items": "fn f() {}", "code": "let x: i32 = todo!();\nx.", "at": 24, "what": "completion"}
//! ```
//!
//! `items` stand in the file, `code` in a function behind them; `at` is a byte of `code`. `what` is `completion` or `documentation`.
//! A question says all that its answer depends on: nothing of one kernel is left for the next. An answer:
//!
//! ```json
//! {"number": 7, "matches": [{"code": "abs()", "kind": "function", "label": "fn(self) -> i32"}], "range": [24, 24]}
//! {"number": 8, "text": "fn abs(self) -> i32", "html": "<p>..."}
//! ```
//!
//! A question is not answered when the same kernel has asked another one since: nobody waits for that any more. Kernels take turns,
//! and a question that takes long is given up when others wait. The program ends when nobody has been connected or nobody has
//! asked for a while, and when memory gets short.

mod engine;
mod project;
mod public;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use engine::Engine;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(folder), socket) = (arguments.next(), arguments.next()) else {
        eprintln!("gradus-analysis: a kernel starts this, with the folder of a package");
        return ExitCode::from(2);
    };
    // It panics now and then about code that is being written; nobody needs to read that.
    std::panic::set_hook(Box::new(|_| {}));
    let listening = match socket {
        Some(socket) => serve::listen(socket),
        None => Ok(Some(serve::stdio())),
    };
    let mut events = match listening {
        Ok(Some(events)) => events,
        // Another one is there already.
        Ok(None) => return ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gradus-analysis: {error}");
            return ExitCode::from(2);
        }
    };
    match Engine::load(&folder) {
        Ok(engine) => {
            events.serve(engine);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("gradus-analysis: {error}");
            ExitCode::FAILURE
        }
    }
}
