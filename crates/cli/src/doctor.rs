//! `gradus doctor`: is everything here that the course needs?

use std::process::ExitCode;

use gradus_kernel::doctor::{Finding, State, examine};
use gradus_text::Language;
use serde_json::json;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gradus doctor                          ends with `Ready`, or with the one thing to do next
  gradus doctor --json | jq .ready       for a script; what it says is in the language of GRADUS_LANG or the locale

Exit status: 0 ready, 1 something is broken.")]
pub struct Args {
    /// What was found, as JSON: `ready`, `findings` with `about`, `state` (good, lacking, broken), `detail` and `fix`, `processor`, `data`
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> ExitCode {
    let findings = examine();
    let is_ready = findings.iter().all(|it| it.state != State::Broken);
    if args.json {
        println!("{:#}", as_json(&findings, is_ready));
    } else {
        show(findings);
    }
    match is_ready {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn as_json(findings: &[Finding], is_ready: bool) -> serde_json::Value {
    let findings = findings.iter().map(|it| {
        let state = match it.state {
            State::Good => "good",
            State::Lacking => "lacking",
            State::Broken => "broken",
        };
        json!({ "about": it.about, "state": state, "detail": it.detail, "fix": it.fix })
    });
    json!({
        "ready": is_ready,
        "findings": findings.collect::<Vec<_>>(),
        "processor": gradus_machine::vector_instructions(),
        "data": super::data::as_json(),
    })
}

fn show(findings: Vec<Finding>) {
    let (lacking, bad) = match Language::current() {
        Language::Es => ("falta  ", "MAL    "),
        Language::En => ("lacking", "BROKEN "),
    };
    let lang = Language::current();
    let mut broken = None;
    for finding in findings {
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
        Some(fix) => println!("\n{}: {fix}", lang.pick("Lo primero", "Next")),
        None => println!(
            "\n{}",
            lang.pick(
                "Todo listo. `gradus notebook` abre el curso en JupyterLab; `gradus run notebooks` lo ejecuta aquí.",
                "Ready. `gradus notebook` opens the course in JupyterLab; `gradus run notebooks` executes it here."
            )
        ),
    }
}
