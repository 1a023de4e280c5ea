//! The commands that there are, and what each does.

/// Name, arguments, and what it does in Spanish and English.
pub(crate) type Described = (&'static str, &'static str, &'static str, &'static str);

pub(crate) const COMMANDS: [Described; 25] = [
    (
        ":dep",
        "NAME = VALUE",
        "usar una biblioteca: `:dep gradus` (la del curso), `:dep rand = \"0.8\"`, `:dep ./carpeta`, `:dep x = { git = \"…\" }`",
        "use a library: `:dep gradus` (that of the course), `:dep rand = \"0.8\"`, `:dep ./folder`, `:dep x = { git = \"…\" }`",
    ),
    (
        ":deps",
        "",
        "las bibliotecas en uso (también `:show_deps`)",
        "the libraries in use (also `:show_deps`)",
    ),
    (
        ":offline",
        "0|1",
        "no descargar nada para las bibliotecas",
        "download nothing for libraries",
    ),
    (
        ":build_env",
        "NAME=VALUE",
        "una variable de entorno para compilar",
        "an environment variable for compiling",
    ),
    (
        ":env",
        "NAME=VALUE",
        "una variable de entorno para las celdas",
        "an environment variable for the cells",
    ),
    (
        ":opt",
        "0|1|2|3",
        "optimizar esta celda, o, si está sola en la suya, todas las siguientes (3 es lo más rápido al ejecutar)",
        "optimise this cell, or, alone in its cell, all that follow (3 runs fastest)",
    ),
    (
        ":vars",
        "",
        "las variables y sus tipos",
        "the variables and their types",
    ),
    (
        ":stale",
        "on|off",
        "las celdas que ya no valen, porque usaron lo que otra ha cambiado después, y por qué; `off`: no avisar de resultados cuyo código ya no está",
        "the cells that are out of date, because they used what another has changed since, and why; `off`: say nothing of results whose code is gone",
    ),
    (
        ":type",
        "EXPRESSION",
        "el tipo de una variable o expresión (también `:t`)",
        "the type of a variable or expression (also `:t`)",
    ),
    (
        ":doc",
        "NAME",
        "la documentación de una variable, un tipo, una función o un módulo",
        "the documentation of a variable, type, function or module",
    ),
    (
        ":explain",
        "[E0382]",
        "qué significa el último error, o uno por su código",
        "what the last error means, or one by its code",
    ),
    (
        ":last_error_json",
        "",
        "el último error como lo da rustc",
        "the last error as rustc gives it",
    ),
    (
        ":fmt",
        "{:?}",
        "con qué formato se muestran los valores; `:fmt` vuelve al habitual",
        "the format in which values are shown; `:fmt` goes back to the usual one",
    ),
    (
        ":efmt",
        "{}|{:?}|{:#?}",
        "con qué formato se muestran los errores que devuelve `?`",
        "the format in which errors that `?` returns are shown",
    ),
    (
        ":types",
        "",
        "mostrar también el tipo de cada valor, o dejar de hacerlo",
        "show the type of each value too, or stop doing so",
    ),
    (
        ":time",
        "on|off|auto",
        "cuánto tardan en compilarse y ejecutarse las celdas: siempre, nunca, o cuando es mucho (auto)",
        "how long cells take to compile and to run: always, never, or when it is long (auto)",
    ),
    (
        ":timing",
        "",
        "lo mismo: siempre, o dejar de hacerlo",
        "the same: always, or stop doing so",
    ),
    (
        ":export",
        "FOLDER",
        "escribir lo ejecutado hasta aquí como un proyecto de cargo",
        "write what was executed so far as a cargo project",
    ),
    (
        ":clear",
        "",
        "olvidar todas las variables y definiciones",
        "forget all variables and definitions",
    ),
    (
        ":restart",
        "",
        "empezar con otro proceso: se pierden las variables, no las definiciones",
        "start another process: variables are lost, definitions are not",
    ),
    (
        ":load_config",
        "",
        "leer otra vez init.evcxr, prelude.rs y evcxr.toml",
        "read init.evcxr, prelude.rs and evcxr.toml again",
    ),
    (
        ":last_compile_dir",
        "",
        "dónde se compilan las celdas",
        "where the cells are compiled",
    ),
    (
        ":version",
        "",
        "las versiones de gradus y de Rust",
        "the versions of gradus and of Rust",
    ),
    (":help", "", "esta ayuda", "this help"),
    (
        "!",
        "COMMAND",
        "ejecutar una orden del sistema: `!ls`",
        "run a command of the system: `!ls`",
    ),
];

/// Commands of the stock kernel that change nothing here, and why.
pub(crate) const NOT_NEEDED: [Described; 11] = [
    (
        ":sccache",
        "0|1",
        "no hace falta: las bibliotecas se construyen una sola vez y se guardan",
        "not needed: libraries are built only once and kept",
    ),
    (
        ":cache",
        "MIB",
        "no hace falta: lo compilado se guarda siempre, y lo más antiguo se borra",
        "not needed: what was compiled is always kept, and the oldest is removed",
    ),
    (
        ":clear_cache",
        "",
        "no hace falta: lo más antiguo se borra solo; `gradus doctor` dice dónde está la caché",
        "not needed: the oldest is removed by itself; `gradus doctor` says where the cache is",
    ),
    (
        ":linker",
        "NAME",
        "no hace falta: una celda se enlaza en milisegundos, con el enlazador de rustc o, si no, con el del sistema",
        "not needed: a cell is linked in milliseconds, by the linker of rustc or else that of the system",
    ),
    (
        ":codegen_backend",
        "NAME",
        "no hace falta: las celdas se compilan en décimas de segundo con el compilador estable",
        "not needed: cells are compiled in tenths of a second by the stable compiler",
    ),
    (
        ":toolchain",
        "NAME",
        "se elige al iniciar el kernel, con la variable RUSTUP_TOOLCHAIN: las variables de un compilador no sirven a otro",
        "chosen when the kernel starts, by the variable RUSTUP_TOOLCHAIN: variables of one compiler are of no use to another",
    ),
    (
        ":preserve_vars_on_panic",
        "0|1",
        "no hace falta: un pánico nunca pierde las variables",
        "not needed: a panic never loses the variables",
    ),
    (
        ":allow_static_linking",
        "0|1",
        "no hace falta: cada biblioteca se enlaza como mejor va",
        "not needed: each library is linked as suits it best",
    ),
    (
        ":time_passes",
        "",
        "necesita un compilador nocturno; `:time on` dice cuánto tarda cada celda",
        "needs a nightly compiler; `:time on` says how long each cell takes",
    ),
    (
        ":internal_debug",
        "",
        "aquí no hay nada que depurar por dentro: `:last_error_json` da el último error entero",
        "there is nothing to debug inside here: `:last_error_json` gives the whole last error",
    ),
    (
        ":quit",
        "",
        "el kernel se cierra desde el menú, Kernel → Shut Down",
        "the kernel is ended from the menu, Kernel → Shut Down",
    ),
];

/// Other names of commands.
pub(crate) const ALIASES: [(&str, &str); 2] = [(":t", ":type"), (":show_deps", ":deps")];

/// All of them.
pub(crate) fn described() -> impl Iterator<Item = &'static Described> {
    COMMANDS.iter().chain(&NOT_NEEDED)
}

/// Whether there is a command of this name, with its colon.
pub(crate) fn exists(name: &str) -> bool {
    described().any(|(known, ..)| *known == name) || ALIASES.iter().any(|(alias, _)| *alias == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_of_the_stock_kernel_is_known() {
        for name in [
            ":allow_static_linking",
            ":build_env",
            ":cache",
            ":clear",
            ":clear_cache",
            ":codegen_backend",
            ":dep",
            ":doc",
            ":efmt",
            ":env",
            ":explain",
            ":fmt",
            ":help",
            ":internal_debug",
            ":last_compile_dir",
            ":last_error_json",
            ":linker",
            ":load_config",
            ":offline",
            ":opt",
            ":preserve_vars_on_panic",
            ":quit",
            ":restart",
            ":sccache",
            ":show_deps",
            ":t",
            ":time_passes",
            ":timing",
            ":toolchain",
            ":type",
            ":types",
            ":vars",
            ":version",
        ] {
            assert!(exists(name), "{name}");
        }
        assert!(!exists(":param") && !exists(":"));
    }
}
