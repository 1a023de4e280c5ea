//! The help of the student's command: in their language, and without what only instructors can do.

use clap::Command;
use gradus_text::Language;

/// What `--help` says in Spanish: a subcommand (`""` for the command itself), an argument of it (`""` for the subcommand), the words.
const SPANISH: [(&str, &str, &str); 17] = [
    (
        "",
        "",
        "Prueba los ejercicios de los laboratorios, da pistas y trae las novedades del curso",
    ),
    (
        "check",
        "",
        "Prueba los ejercicios de los laboratorios y dice qué toca ahora",
    ),
    (
        "check",
        "what",
        "Un laboratorio o un ejercicio, como lab1 o lab1.3; si falta, todos los laboratorios",
    ),
    (
        "check",
        "watch",
        "Vuelve a probar cada vez que se guarda un fichero de los laboratorios y pasa al ejercicio siguiente, hasta Ctrl-C",
    ),
    ("check", "statement", "Enseña también qué pide el ejercicio"),
    (
        "check",
        "full",
        "Enseña todo lo que está mal y todo lo que dice el compilador",
    ),
    (
        "check",
        "json",
        "Un documento JSON con todos los resultados, para otros programas",
    ),
    (
        "check",
        "lang",
        "El idioma, si no es el de GRADUS_LANG o el del sistema",
    ),
    ("hint", "", "La siguiente pista de un ejercicio"),
    ("hint", "exercise", "El ejercicio, como lab1.3"),
    ("hint", "statement", "Enseña antes el enunciado"),
    ("hint", "again", "Olvida qué pistas se han visto"),
    (
        "hint",
        "lang",
        "El idioma, si no es el de GRADUS_LANG o el del sistema",
    ),
    (
        "update",
        "",
        "Trae una versión más nueva del curso a este espacio de trabajo; nada tuyo se pierde",
    ),
    (
        "update",
        "path",
        "La versión más nueva: una carpeta, un tar.gz o un zip",
    ),
    (
        "update",
        "lang",
        "El idioma, si no es el de GRADUS_LANG o el del sistema",
    ),
    ("help", "", "Enseña esta ayuda, o la de una orden"),
];

/// What stands below the help of a subcommand, in Spanish.
const BELOW: [(&str, &str); 2] = [
    (
        "check",
        "Al terminar: 0 si está resuelto todo lo que se ha pedido, 1 si falta algo, 2 si la orden no es correcta.",
    ),
    (
        "update",
        "Lo que has editado se queda: un ejercicio, tal como está; un cuaderno, junto con lo nuevo, celda por celda. Donde han\n\
         cambiado los dos, lo nuevo se pone al lado de lo tuyo.",
    ),
];

/// The command with its help in `language`; with `students`, without what is for instructors.
pub fn spoken(command: Command, language: Language, students: bool) -> Command {
    let mut command = command.disable_help_subcommand(true);
    for name in ["release", "lint", "new", "grade", "grades"] {
        if students && command.find_subcommand(name).is_some() {
            command = command.mut_subcommand(name, |one| one.hide(true));
        }
    }
    if language != Language::Es {
        return command;
    }
    command = in_spanish(command, "").subcommand_help_heading("Órdenes");
    for name in ["check", "hint", "update"] {
        if command.find_subcommand(name).is_some() {
            command = command.mut_subcommand(name, |one| in_spanish(one, name));
        }
    }
    command
}

fn in_spanish(command: Command, name: &str) -> Command {
    let own = |argument: &str| {
        let mut all = SPANISH.iter();
        let found = all.find(|(of, what, _)| *of == name && *what == argument);
        found.map(|(_, _, words)| *words)
    };
    let mut command = command
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(
            clap::Arg::new("help")
                .short('h')
                .long("help")
                .help("Enseña esta ayuda")
                .action(clap::ArgAction::Help),
        )
        .help_template("{about-with-newline}\nUso: {usage}\n\n{all-args}{after-help}");
    if name.is_empty() {
        command = command.arg(
            clap::Arg::new("version")
                .short('V')
                .long("version")
                .help("Enseña la versión")
                .action(clap::ArgAction::Version),
        );
    }
    if let Some(about) = own("") {
        command = command.about(about).long_about(None);
    }
    if let Some((_, below)) = BELOW.iter().find(|(of, _)| *of == name) {
        command = command.after_help(*below);
    }
    let named: Vec<clap::Id> = (command.get_arguments())
        .map(|argument| argument.get_id().clone())
        .collect();
    for id in named {
        command = command.mut_arg(id.clone(), |argument| {
            let heading = match argument.is_positional() {
                true => "Argumentos",
                false => "Opciones",
            };
            let argument = argument.help_heading(heading);
            match own(id.as_str()) {
                Some(words) => argument
                    .help(words)
                    .long_help(None)
                    .hide_possible_values(false),
                None => argument,
            }
        });
    }
    command
}
