//! `gradus doctor`: is everything here that the course needs?

use std::process::ExitCode;

use gradus_kernel::doctor::{State, examine};
use gradus_text::Language;

pub fn run() -> ExitCode {
    let (lacking, bad) = match Language::current() {
        Language::Es => ("falta  ", "MAL    "),
        Language::En => ("lacking", "BROKEN "),
    };
    let lang = Language::current();
    let mut broken = None;
    for finding in examine() {
        let (sign, fix) = match finding.state {
            State::Good => ("ok     ", String::new()),
            State::Lacking => (lacking, format!("  ->  {}", finding.fix)),
            State::Broken => (bad, format!("  ->  {}", finding.fix)),
        };
        if finding.state == State::Broken && broken.is_none() {
            broken = Some(finding.fix);
        }
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
    match broken {
        Some(fix) => {
            println!("\n{}: {fix}", lang.pick("Lo primero", "Next"));
            ExitCode::FAILURE
        }
        None => {
            println!(
                "\n{}",
                lang.pick(
                    "Todo listo. `gradus notebook` abre el curso en JupyterLab; `gradus run notebooks` lo ejecuta aquí.",
                    "Ready. `gradus notebook` opens the course in JupyterLab; `gradus run notebooks` executes it here."
                )
            );
            ExitCode::SUCCESS
        }
    }
}
