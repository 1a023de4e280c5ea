//! What the command tells other programs about itself: completions for shells, manual pages.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Command;
use clap_complete::Shell;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gradus completions bash > ~/.local/share/bash-completion/completions/gradus
  gradus completions zsh > ~/.zfunc/_gradus       with ~/.zfunc in fpath
  gradus completions fish > ~/.config/fish/completions/gradus.fish")]
pub struct Completions {
    shell: Shell,
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gradus man --out ~/.local/share/man/man1    then: man gradus, man gradus-run")]
pub struct Man {
    /// The folder to write into, a page for each command
    #[arg(long)]
    out: PathBuf,
}

/// Prints what `shell` reads.
pub fn completions(args: &Completions, command: &mut Command) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "gradus", &mut script);
    // A reader that is gone needs no more.
    let _ = std::io::stdout().write_all(&script);
    ExitCode::SUCCESS
}

/// Writes a page for the command and each of its own.
pub fn man(args: &Man, command: Command) -> ExitCode {
    let written = std::fs::create_dir_all(&args.out)
        .and_then(|()| clap_mangen::generate_to(command.name("gradus"), &args.out));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gradus: {}: {error}", args.out.display());
            ExitCode::from(2)
        }
    }
}
