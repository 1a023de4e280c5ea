// The part of Gradus that lives inside the process that runs the cells. It is compiled by the
// student's own rustc into a small library, because a cell links the *dynamic* standard library:
// only code linked the same way shares its panic hook and its buffer of standard output.
//
// It reports on standard error in lines that start with U+001E and `gradus `, see `wire.rs`.

use std::io::Write;
use std::panic::PanicHookInfo;
use std::sync::OnceLock;
use std::thread::ThreadId;
use std::time::Duration;

static CELL_THREAD: OnceLock<ThreadId> = OnceLock::new();

/// Called once, by the thread that will run the cells.
#[unsafe(no_mangle)]
pub extern "C" fn gradus_runtime_start() {
    let _ = CELL_THREAD.set(std::thread::current().id());
    std::panic::set_hook(Box::new(report_panic));
    // What `print!` leaves without a line end is shown soon, not at the next line end.
    let _ = std::thread::Builder::new().name("gradus-flush".to_owned()).spawn(|| loop {
        std::thread::sleep(Duration::from_millis(40));
        let _ = std::io::stdout().flush();
    });
}

/// Called after each cell.
#[unsafe(no_mangle)]
pub extern "C" fn gradus_runtime_flush() {
    let _ = std::io::stdout().flush();
}

fn report_panic(info: &PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let in_cell = CELL_THREAD.get() == Some(&thread.id());
    let message = info.payload_as_str().unwrap_or("(the panic carries no message)");
    let (file, line, column) = info
        .location()
        .map_or(("", 0, 0), |location| (location.file(), location.line(), location.column()));
    let mut report = String::from("\u{1e}gradus {\"panic\":{\"message\":");
    push_json_string(&mut report, message);
    report.push_str(",\"file\":");
    push_json_string(&mut report, file);
    report.push_str(",\"thread\":");
    push_json_string(&mut report, thread.name().unwrap_or("?"));
    report.push_str(&format!(",\"line\":{line},\"column\":{column},\"in_cell\":{in_cell}}}}}\n"));
    let _ = std::io::stderr().write_all(report.as_bytes());
}

fn push_json_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}
