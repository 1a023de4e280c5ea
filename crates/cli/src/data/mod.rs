//! `gradus data`: which data sets are on this machine, and where the others come from.

mod fetch;
mod sources;

use std::process::ExitCode;

use clap::Subcommand;
use comfy_table::{Table, presets};
use serde_json::{Value, json};

#[derive(Subcommand)]
pub enum Command {
    /// Show each data set and where it is, or where it is looked for
    List {
        /// As JSON: for each set its `name`, `about`, `files`, the folder it is in (`found`) and where it is looked for (`searched`)
        #[arg(long)]
        json: bool,
    },
    /// Download a data set, check it, and put it where it is looked for
    Fetch(fetch::Args),
}

pub fn run(command: &Command) -> ExitCode {
    match command {
        Command::List { json } => {
            match json {
                true => println!("{:#}", as_json()),
                false => list(),
            }
            ExitCode::SUCCESS
        }
        Command::Fetch(args) => fetch::run(args),
    }
}

/// The sets that do not come with the library.
pub fn as_json() -> Value {
    let sets = gradus_machine::catalogue().into_iter().map(|set| {
        json!({ "name": set.name, "about": set.about, "files": set.files, "found": set.found, "searched": set.searched })
    });
    Value::Array(sets.collect())
}

fn list() {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_header(["data set", "what", "where"]);
    table.add_row([
        "digits",
        "1,797 handwritten digits, 8x8 (E. Alpaydin, C. Kaynak; CC BY 4.0)",
        "inside gradus",
    ]);
    let mut missing = Vec::new();
    for set in gradus_machine::catalogue() {
        let place = match &set.found {
            Some(folder) => folder.display().to_string(),
            None => "not found".to_owned(),
        };
        table.add_row([set.name, set.about, &place]);
        if set.found.is_none() {
            missing.push(set);
        }
    }
    println!("{table}");
    for set in missing {
        println!("\n{} is looked for in", set.name);
        for folder in &set.searched {
            println!("  {}", folder.display());
        }
        println!("as {}", set.files.join(", "));
        println!("`gradus data fetch {}` downloads it", set.name);
    }
}
