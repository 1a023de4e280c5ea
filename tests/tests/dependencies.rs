//! Every crate that this workspace names has a row in `CONTRIBUTING.md`: what for, why this one, under which licence. And the
//! crates that cells need are built with the command.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use gradus_tests::root;
use serde_json::Value;

/// What cargo answers, without the network and without a change to `Cargo.lock`.
fn cargo(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(root())
        .args(arguments)
        .args(["--locked", "--offline"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    output.stdout
}

/// What `cargo metadata` says, as this machine builds.
fn metadata() -> Value {
    let version = Command::new("rustc").arg("-vV").output().unwrap().stdout;
    let version = String::from_utf8(version).unwrap();
    let mut lines = version.lines();
    let host = lines.find_map(|line| line.strip_prefix("host: ")).unwrap();
    let said = cargo(&["metadata", "--format-version=1", "--filter-platform", host]);
    serde_json::from_slice(&said).unwrap()
}

/// The licences of the crates from elsewhere that members of the workspace name.
fn named(metadata: &Value) -> BTreeMap<String, String> {
    let packages = metadata["packages"].as_array().unwrap();
    let is_ours = |package: &&Value| package["source"].is_null();
    let ours = packages.iter().filter(is_ours);
    let dependencies = ours.flat_map(|package| package["dependencies"].as_array().unwrap());
    let names: BTreeSet<_> = dependencies
        .filter(|dependency| !dependency["source"].is_null())
        .map(|dependency| dependency["name"].as_str().unwrap())
        .collect();
    // Of two versions, the one that is named: they have one licence.
    let licence = |name: &str| {
        let mut all = packages.iter().filter(|package| package["name"] == name);
        all.find_map(|package| package["license"].as_str())
            .unwrap_or_default()
            .to_owned()
    };
    names
        .into_iter()
        .map(|name| (name.to_owned(), licence(name)))
        .collect()
}

/// The crates of the table, with the licence of the row.
fn rows(text: &str) -> BTreeMap<String, String> {
    let mut table = text
        .lines()
        .skip_while(|line| !line.starts_with("| crate | what for |"))
        .take_while(|line| line.starts_with('|'));
    assert!(table.next().is_some() && table.next().is_some(), "no table");
    let mut rows = BTreeMap::new();
    for line in table {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        assert!(
            cells.len() == 8 && cells[1..7].iter().all(|cell| !cell.is_empty()),
            "{line}"
        );
        for name in cells[1].split(", ") {
            let name = name.trim_matches('`').to_owned();
            assert_eq!(rows.insert(name, cells[4].to_owned()), None, "{line}");
        }
    }
    rows
}

#[test]
fn every_crate_has_a_row_with_its_licence_and_every_row_a_crate() {
    let text = std::fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    let (rows, named) = (rows(&text), named(&metadata()));
    assert!(named.len() > 40, "{named:?}");
    let of_row = |name: &String| rows.get(name).map(String::as_str);
    for (name, licence) in &named {
        assert_eq!(of_row(name), Some(licence.as_str()), "the row of `{name}`");
    }
    let without: Vec<_> = rows
        .keys()
        .filter(|name| !named.contains_key(*name))
        .collect();
    assert!(without.is_empty(), "nobody names {without:?}");
}

/// The crates that are built for these packages, with their features.
fn built(packages: &[&str]) -> BTreeSet<String> {
    let mut arguments = vec!["tree", "-e=normal,build", "--prefix=none", "-f={p} {f}"];
    arguments.extend(packages.iter().flat_map(|package| ["-p", package]));
    let said = String::from_utf8(cargo(&arguments)).unwrap();
    let lines = said.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| line.trim_end_matches(" (*)").to_owned())
        .collect()
}

#[test]
fn the_command_is_built_with_the_library_that_cells_will_ask_for() {
    let first = built(&["gradus-cli"]);
    let library = |crates: &BTreeSet<String>| {
        let mut lines = crates.iter();
        lines.find(|line| line.starts_with("gradus v")).cloned()
    };
    let found = library(&first);
    assert!(found.is_some() && found == library(&built(&["gradus"])));
    // As the kernel asks for it: another feature of one crate, and the first cell waits for all that stand on it.
    assert_eq!(built(&["gradus", "gradus-cli"]), first);
}
