//! `gradus doctor`: is everything here that the course needs?

use std::process::ExitCode;

use gradus_kernel::doctor::{State, examine};

pub fn run() -> ExitCode {
    let mut broken = false;
    for finding in examine() {
        let (sign, fix) = match finding.state {
            State::Good => ("ok     ", String::new()),
            State::Lacking => ("lacking", format!("  ->  {}", finding.fix)),
            State::Broken => ("BROKEN ", format!("  ->  {}", finding.fix)),
        };
        broken |= finding.state == State::Broken;
        println!("{sign}  {:<9} {}{fix}", finding.about, finding.detail);
    }
    for set in gradus::data::catalogue() {
        match &set.found {
            Some(folder) => println!("ok       {:<9} {}", "data", folder.display()),
            None => println!(
                "lacking  {:<9} {} is not here  ->  gradus data list",
                "data", set.name
            ),
        }
    }
    if broken {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
