//! `gradus doctor`: is everything here that the course needs?

use std::process::ExitCode;

use gradus_kernel::doctor::{State, examine};
use gradus_text::Language;

pub fn run() -> ExitCode {
    let (lacking, bad) = match Language::current() {
        Language::Es => ("falta  ", "MAL    "),
        Language::En => ("lacking", "BROKEN "),
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
        match &set.found {
            Some(folder) => println!("ok       {about:<9} {}", folder.display()),
            None => println!(
                "{lacking}  {about:<9} {0}  ->  gradus data fetch {0}",
                set.name
            ),
        }
    }
    if broken {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
