//! What is one system's own stands in one place of each crate, so that whoever brings Gradus to another system reads that.
//!
//! Who may name it is written down here; the rest of a crate's source names neither `libc`, nor the name of a system, nor the
//! folders in which Linux shows its processes, nor, but for the kernel, which is for Unix as a whole, what the standard library
//! has for Unix alone.

use std::fs;
use std::path::{Path, PathBuf};

use gradus_tests::root;
use ra_ap_syntax::ast::{self, AstNode as _, HasAttrs as _};
use ra_ap_syntax::{Edition, SourceFile, SyntaxKind, SyntaxNode};

/// Where each crate asks the system in its own words.
const PLACES: &[(&str, &[&str])] = &[
    // The socket where kernels meet.
    ("analysis", &["serve.rs"]),
    // Who may read a file; a process group of JupyterLab's own.
    ("cli", &["bundle.rs", "notebook/server.rs"]),
    // Large pages.
    ("core", &["kernels/numbers.rs"]),
    // A copy of a process; limits of programs.
    ("exercise", &["fork.rs", "system.rs"]),
    ("gemm", &[]),
    // Who may read a file; and the sandboxes.
    (
        "grader",
        &[
            "marking/sandbox/launch.rs",
            "marking/sandbox/mod.rs",
            "marking/sandbox/rights.rs",
            "marking/sandbox/room.rs",
            "marking/system.rs",
            "release.rs",
        ],
    ),
    ("hints", &[]),
    // `runtime.rs` is a program of its own, which the student's compiler compiles.
    (
        "kernel",
        &[
            "system/linux.rs",
            "system/macos.rs",
            "system/mod.rs",
            "cells/runtime.rs",
        ],
    ),
    ("labs", &[]),
    ("lessons", &[]),
    ("machine", &["memory.rs"]),
    ("text", &[]),
];

/// What of a file is one system's own, but for its tests.
fn own_words(text: &str, unix_is_own: bool) -> Vec<String> {
    let file = SourceFile::parse(text, Edition::Edition2024).tree();
    let mut found = Vec::new();
    look(file.syntax(), unix_is_own, &mut found);
    found
}

fn look(node: &SyntaxNode, unix_is_own: bool, found: &mut Vec<String>) {
    let is_test = ast::Module::cast(node.clone()).is_some_and(|module| {
        let mut attributes = module.attrs().map(|it| it.syntax().to_string());
        attributes.any(|attribute| attribute == "#[cfg(test)]")
    });
    if is_test {
        return;
    }
    for child in node.children_with_tokens() {
        let Some(token) = child.as_token() else {
            look(child.as_node().expect("not a token"), unix_is_own, found);
            continue;
        };
        let text = token.text();
        let is_own = match token.kind() {
            SyntaxKind::IDENT => {
                matches!(text, "libc" | "target_os" | "target_env" | "prctl")
                    || unix_is_own && text == "unix"
            }
            SyntaxKind::STRING | SyntaxKind::C_STRING => ["/proc", "/sys/"]
                .iter()
                .any(|folder| text[1..].trim_start_matches('"').starts_with(folder)),
            _ => false,
        };
        if is_own {
            found.push(text.to_owned());
        }
    }
}

/// But for files of tests.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && !path.ends_with("tests.rs")
        {
            found.push(path);
        }
    }
    found
}

#[test]
fn what_is_one_systems_own_stands_where_this_says() {
    let crates = root().join("crates");
    let mut named: Vec<_> = fs::read_dir(&crates).unwrap().flatten().collect();
    named.sort_by_key(fs::DirEntry::file_name);
    let named: Vec<_> = named.iter().map(|entry| entry.file_name()).collect();
    assert_eq!(
        named,
        PLACES.iter().map(|(name, _)| *name).collect::<Vec<_>>()
    );
    for (name, places) in PLACES {
        let folder = crates.join(name).join("src");
        for path in sources(&folder) {
            let place = path.strip_prefix(&folder).unwrap().to_str().unwrap();
            let words = own_words(&fs::read_to_string(&path).unwrap(), *name != "kernel");
            assert_eq!(
                !words.is_empty(),
                places.contains(&place),
                "crates/{name}/src/{place} has {words:?}"
            );
        }
        let is_there = |place: &&str| folder.join(place).is_file();
        assert!(places.iter().all(is_there), "{name}: {places:?}");
    }
}

#[test]
fn words_of_a_system_are_found_wherever_they_stand() {
    let own = |text| own_words(text, true).join(" ");
    assert_eq!(own("fn f() { unsafe { libc::kill(1, 9) }; }"), "libc");
    assert_eq!(own("#[cfg(target_os = \"linux\")]\nfn f() {}"), "target_os");
    assert_eq!(own("use std::os::unix::fs::symlink;"), "unix");
    assert_eq!(
        own("fn f() { read(c\"/proc/self/stat\") }"),
        "c\"/proc/self/stat\""
    );
    assert_eq!(own("fn f() { println!(\"{}\", cfg!(unix)) }"), "unix");
    assert_eq!(
        own("// libc, /proc\nfn f() { g(\"a/proc\") }\n#[cfg(test)]\nmod t { use libc; }"),
        ""
    );
    assert_eq!(
        own_words("use std::os::unix::fs::symlink;", false).join(" "),
        ""
    );
}
