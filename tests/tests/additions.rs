//! What `CONTRIBUTING.md` says of adding an activation and an optimiser works as it stands there, and touches one file and one
//! list.

use std::path::Path;
use std::process::Command;

use gradus_tests::root;

/// The commands of a section, from its blocks that are marked `sh`.
fn commands(text: &str, title: &str) -> String {
    let start = text.find(&format!("\n## {title}\n")).expect("the section");
    let section = &text[start + 4..];
    let section = &section[..section.find("\n## ").unwrap_or(section.len())];
    let blocks = section.split("\n```sh\n").skip(1);
    blocks
        .map(|block| block.split("\n```").next().unwrap_or(block))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Runs `script` in `folder`; what it printed.
fn shell(folder: &Path, script: &str) -> String {
    let output = Command::new("sh")
        .args(["-ec", script])
        .current_dir(folder)
        // Built once, and again only where the library has changed.
        .env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("additions"),
        )
        .output()
        .expect("a shell");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{script}\n{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

#[test]
fn an_activation_and_an_optimiser_are_one_file_and_one_line_of_a_list_each() {
    let clone = tempfile::tempdir().unwrap();
    let copy = "cp -R Cargo.toml Cargo.lock crates labs tests \"$0\"";
    let copied = Command::new("sh")
        .args(["-c", copy])
        .arg(clone.path())
        .current_dir(root())
        .status();
    assert!(copied.unwrap().success());
    let folder = clone.path();
    shell(
        folder,
        "git init -q . && git add . && git -c user.name=me -c user.email=me@localhost commit -qm start",
    );
    let text = std::fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    for (title, list) in [
        ("An activation", "crates/core/src/activation/functions.rs"),
        ("An optimiser", "crates/core/src/optim/rules.rs"),
    ] {
        shell(
            folder,
            "git add . && git -c user.name=me -c user.email=me@localhost commit -qm so-far --allow-empty",
        );
        let commands = commands(&text, title);
        let (edits, tests) = commands.split_once("cargo test").expect("it is tested");
        shell(folder, edits);
        let changed = shell(folder, "git add . && git diff --cached --name-only");
        let changed: Vec<&str> = changed.lines().collect();
        assert_eq!(changed.len(), 2, "{title}: {changed:?}");
        assert!(changed.contains(&list), "{title}: {changed:?}");
        shell(folder, "cargo fmt --all --check");
        let said = shell(folder, &format!("cargo test --locked --offline{tests}"));
        assert!(
            said.contains("test result: ok") && !said.contains(" 0 passed"),
            "{said}"
        );
    }
}
