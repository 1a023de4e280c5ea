//! Says in one line where the kernel cannot work, before the compiler says in a hundred what is missing there.

use std::env::var;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let of_target = |name: &str| var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    let (system, library, features) = (of_target("OS"), of_target("ENV"), of_target("FEATURE"));
    let problem = match system.as_str() {
        "linux" if library == "musl" && features.split(',').any(|one| one == "crt-static") => {
            "a static program loads no compiled cells: build it with RUSTFLAGS=\"-C target-feature=-crt-static\""
        }
        "linux" | "macos" => return,
        "windows" => {
            "the kernel forks and loads cells as Linux and macOS do: on Windows use WSL (`wsl --install`); the labs work without: `cargo labs check`"
        }
        _ => {
            "the kernel knows the processes of Linux and macOS only; the labs work without: `cargo labs check`"
        }
    };
    println!("cargo::error={problem}");
}
