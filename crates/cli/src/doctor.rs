//! `gradus doctor`: is everything here that the course needs?

use std::process::ExitCode;

use gradus_kernel::doctor::{State, examine};
use gradus_text::Language;

pub fn run() -> ExitCode {
    let (lacking, bad, put) = match Language::current() {
        Language::Es => ("falta  ", "MAL    ", "pon sus archivos en"),
        Language::En => ("lacking", "BROKEN ", "put its files into"),
    };
    let mut broken = false;
    for finding in examine() {
        let (sign, fix) = match finding.state {
            State::Good => ("ok     ", String::new()),
            State::Lacking => (lacking, format!("  ->  {}", finding.fix)),
            State::Broken => (bad, format!("  ->  {}", finding.fix)),
        };
        broken |= finding.state == State::Broken;
        println!("{sign}  {:<9} {}{fix}", finding.about, finding.detail);
    }
    println!(
        "ok       {:<9} {}",
        "processor",
        gradus_machine::vector_instructions()
    );
    for set in gradus_machine::catalogue() {
        let about = "data";
        match (&set.found, set.searched.first()) {
            (Some(folder), _) => println!("ok       {about:<9} {}", folder.display()),
            (None, folder) => {
                let folder = folder.map_or(String::new(), |folder| folder.display().to_string());
                let files = set.files.join(", ");
                println!(
                    "{lacking}  {about:<9} {}  ->  {put} {folder}: {files}",
                    set.name
                );
            }
        }
    }
    if broken {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
