//! Marks of hostile submissions, see `marking/attacks.md`: each earns what it must, and none gets anywhere.
//!
//! `cargo test --release -p gradus-grader --test marking [-- WORDS OF A NAME]`; as root submissions run as other users. At the highest
//! level of the sandbox that the machine reaches, or at that which `GRADUS_SANDBOX` names.

#[cfg(target_os = "linux")]
#[path = "marking/corpus.rs"]
mod corpus;

fn main() -> std::process::ExitCode {
    #[cfg(target_os = "linux")]
    return corpus::main();
    // There are no sandboxes elsewhere, and nothing is marked.
    #[cfg(not(target_os = "linux"))]
    std::process::ExitCode::SUCCESS
}
