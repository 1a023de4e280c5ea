//! What is not Rust in the libraries of a kit: code of C and the like, that crates bring.
//!
//! rustc keeps such symbols to itself when it links a shared object, and leaves out what no library calls. But a cell calls
//! some of them by itself, through functions that are generic or inlined. So the linker is told to take all of them in and
//! to show them: they are there once, with one state.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use object::elf;
use object::read::archive::ArchiveFile;
use object::read::elf::Sym as _;
use object::{Object, ObjectSymbol, SymbolScope};

/// Stands between rustc and the linker: `native.list` goes into the list of what is shown, `native.ld` asks for it.
const LINKER: &str = r#"#!/bin/sh
here=$(dirname "$0")
for argument in "$@"; do
    case "$argument" in
    -Wl,--version-script=*)
        list=${argument#-Wl,--version-script=}
        sed "/global:/r $here/native.list" "$list" > "$here/native.version" && cat "$here/native.version" > "$list"
        ;;
    esac
done
case "$*" in
*lld*) exec cc "$here/native.ld" "$@" -Wl,--undefined-version ;;
*) exec cc "$here/native.ld" "$@" ;;
esac
"#;

/// Writes a linker for the libraries in `folder` that shows what is not Rust in them; `None` where there is no such thing.
pub(crate) fn linker(folder: &Path) -> io::Result<Option<PathBuf>> {
    let mut symbols = BTreeSet::new();
    for library in libraries(folder) {
        show_hidden(&library)?;
        each_object(&library, &mut |name, object| {
            if !is_of_rustc(name) {
                let shown = object.symbols().filter(|symbol| {
                    symbol.is_definition() && symbol.scope() == SymbolScope::Dynamic
                });
                symbols.extend(shown.filter_map(|symbol| symbol.name().map(str::to_owned).ok()));
            }
        });
    }
    if symbols.is_empty() {
        return Ok(None);
    }
    let lines: String = symbols
        .iter()
        .map(|name| format!("    \"{name}\";\n"))
        .collect();
    fs::write(folder.join("native.list"), lines)?;
    let names: Vec<String> = symbols.iter().map(|name| format!("\"{name}\"")).collect();
    fs::write(
        folder.join("native.ld"),
        format!("EXTERN({})\n", names.join(" ")),
    )?;
    let linker = folder.join("linker");
    fs::write(&linker, LINKER)?;
    fs::set_permissions(&linker, fs::Permissions::from_mode(0o755))?;
    Ok(Some(linker))
}

/// Some are compiled so that nothing of them can be seen from outside of the shared object. They become what is seen, but
/// cannot be replaced: code that was compiled for the former fits that.
fn show_hidden(library: &Path) -> io::Result<()> {
    let mut bytes = fs::read(library)?;
    let mut places = Vec::new();
    if let Ok(archive) = ArchiveFile::parse(&*bytes) {
        let members = archive.members().flatten();
        for member in members.filter(|member| !is_of_rustc(&String::from_utf8_lossy(member.name())))
        {
            if let Ok(data) = member.data(&*bytes)
                && let Ok(object::File::Elf64(object)) = object::File::parse(data)
            {
                let symbols = object.elf_symbol_table().symbols().iter();
                let hidden = symbols.filter(|symbol| {
                    symbol.st_visibility() == elf::STV_HIDDEN
                        && symbol.st_bind() != elf::STB_LOCAL
                        && !symbol.is_undefined(object.endian())
                });
                places.extend(hidden.map(|symbol| {
                    std::ptr::from_ref(&symbol.st_other).addr() - bytes.as_ptr().addr()
                }));
            }
        }
    }
    if places.is_empty() {
        return Ok(());
    }
    for place in places {
        // `STV_HIDDEN` is 2, `STV_PROTECTED` 3.
        bytes[place] |= 1;
    }
    // cargo's own file may be the same one.
    let new = library.with_extension("new");
    fs::write(&new, bytes)?;
    fs::rename(new, library)
}

/// The libraries in `folder` that call this symbol, by the names of their crates.
pub(crate) fn callers(folder: &Path, symbol: &str) -> Vec<String> {
    let calls = |library: &PathBuf| {
        let mut found = false;
        each_object(library, &mut |_, object| {
            found |= object
                .symbols()
                .any(|one| one.is_undefined() && one.name() == Ok(symbol));
        });
        found
    };
    let name = |library: PathBuf| {
        let stem = library.file_stem()?.to_str()?.strip_prefix("lib")?;
        Some(
            stem.rsplit_once('-')
                .map_or(stem, |(name, _)| name)
                .to_owned(),
        )
    };
    libraries(folder).filter(calls).filter_map(name).collect()
}

fn libraries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = files.map(|file| file.path());
    paths.filter(|path| path.extension().is_some_and(|end| end == "rlib"))
}

fn is_of_rustc(member: &str) -> bool {
    member.ends_with(".rcgu.o") || member.ends_with(".rmeta")
}

/// The parts of a library that can be read, with their names.
fn each_object(library: &Path, look: &mut dyn FnMut(&str, &object::File)) {
    let Ok(bytes) = fs::read(library) else { return };
    let Ok(archive) = ArchiveFile::parse(&*bytes) else {
        return;
    };
    for member in archive.members().flatten() {
        let name = String::from_utf8_lossy(member.name()).into_owned();
        if let Ok(data) = member.data(&*bytes)
            && let Ok(object) = object::File::parse(data)
        {
            look(&name, &object);
        }
    }
}
