//! `gradus update`: a newer release comes into the student's workspace.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use gradus_grader::Course;
use gradus_grader::renew::{self, Fate, Renewed};
use gradus_text::Language;

use crate::{LanguageArg, language, refuse};

/// What was asked for.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gradus update ~/Downloads/course.zip
  gradus update ../course-2

What you have edited stays: an exercise as it is, a notebook together with what is new, cell by cell. Where both were \
changed, the new one is put beside yours.")]
pub struct Args {
    /// The newer release: a folder, a tar.gz or a zip
    path: PathBuf,
    /// The language, when not that of GRADUS_LANG or the locale
    #[arg(long, value_enum)]
    lang: Option<LanguageArg>,
}

/// Renews the workspace that the current folder lies in.
pub fn run(args: &Args) -> ExitCode {
    let lang = language(args.lang);
    let renewed = Course::find(Path::new(".")).and_then(|root| renew::from(&root, &args.path));
    match renewed {
        Err(problem) => refuse(&[problem]),
        Ok(renewed) => {
            tell(&renewed, lang);
            let files = renewed.files;
            println!(
                "{}",
                match lang {
                    Language::Es => format!("{files} ficheros nuevos o renovados"),
                    Language::En => format!("{files} files new or renewed"),
                }
            );
            ExitCode::SUCCESS
        }
    }
}

/// What became of the files that were edited.
pub(crate) fn tell(renewed: &Renewed, lang: Language) {
    for edited in &renewed.edited {
        let path = &edited.path;
        let fate = match &edited.fate {
            Fate::Stays => lang.pick("se queda como está", "stays as it is").to_owned(),
            Fate::Merged => lang
                .pick(
                    "tus celdas y las nuevas, juntas",
                    "your cells and the new ones, together",
                )
                .to_owned(),
            Fate::Saved(saved) => match lang {
                Language::Es => format!("renovado; el tuyo está en {saved}"),
                Language::En => format!("renewed; yours is in {saved}"),
            },
            Fate::Beside { new, statement } => {
                let changed = match statement {
                    true => lang.pick("; EL ENUNCIADO HA CAMBIADO", "; THE STATEMENT HAS CHANGED"),
                    false => "",
                };
                match lang {
                    Language::Es => format!("se queda el tuyo; el nuevo está en {new}{changed}"),
                    Language::En => format!("yours stays; the new one is in {new}{changed}"),
                }
            }
        };
        println!("{path}: {fate}");
    }
    let removed = renewed.removed.len();
    if removed > 0 {
        println!(
            "{}",
            match lang {
                Language::Es => format!("{removed} ficheros que ya no son parte del curso"),
                Language::En => format!("{removed} files that are no longer part of the course"),
            }
        );
    }
}
