//! `gradus export`: the site it writes.

use std::path::Path;
use std::process::{Command, Output};

fn export(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gradus"));
    command.current_dir(folder).arg("export").args(args);
    command.output().expect("gradus starts")
}

fn notebook(folder: &Path, name: &str, title: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let notebook = format!(
        r##"{{"nbformat": 4, "nbformat_minor": 5,
            "metadata": {{"kernelspec": {{"name": "gradus", "display_name": "Rust", "language": "rust"}}}},
            "cells": [
              {{"cell_type": "markdown", "id": "a", "metadata": {{}}, "source": "# {title}\n\n$\\sigma(z)$"}},
              {{"cell_type": "code", "id": "b", "metadata": {{}}, "execution_count": 1, "source": "1 < 2", "outputs": [
                {{"output_type": "display_data", "metadata": {{}}, "data": {{"text/html": "<div id=\"live\"><script>1</script></div>", "text/plain": "x"}}}}]}}]}}"##
    );
    std::fs::write(path, notebook).unwrap();
}

#[test]
fn a_site_has_an_index_both_languages_and_links_between_them() {
    let desk = tempfile::tempdir().unwrap();
    for (name, title) in [
        ("notebooks/es/01-costes.ipynb", "1. Costes"),
        ("notebooks/es/02-descenso.ipynb", "2. Descenso & más"),
        ("notebooks/en/01-costs.ipynb", "1. Costs"),
        ("notebooks/en/02-descent.ipynb", "2. Descent & more"),
    ] {
        notebook(desk.path(), name, title);
    }
    let output = export(desk.path(), &["--built-in", "--html", "site", "notebooks"]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let read = |name: &str| std::fs::read_to_string(desk.path().join("site").join(name)).unwrap();
    let index = read("index.html");
    for wanted in [
        "es/01-costes.html",
        "en/02-descent.html",
        "2. Descenso &amp; más",
        "lang=\"es\"",
        "gradus.css",
    ] {
        assert!(index.contains(wanted), "no {wanted} in {index}");
    }
    let page = read("es/01-costes.html");
    for wanted in [
        "<html lang=\"es\">",
        "href=\"../index.html\"",
        "href=\"../es/02-descenso.html\" rel=\"next\"",
        "href=\"../en/01-costs.html\" lang=\"en\"",
        "<div id=\"live\"><script>1</script></div>",
        "1 &lt; 2",
        "<mi>σ</mi>",
    ] {
        assert!(page.contains(wanted), "no {wanted} in {page}");
    }
    // Every link leads to a page of the site.
    for name in ["index.html", "es/01-costes.html", "en/02-descent.html"] {
        let text = read(name);
        for link in text
            .split("href=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
        {
            let target = desk
                .path()
                .join("site")
                .join(name)
                .parent()
                .unwrap()
                .join(link);
            assert!(target.exists(), "{name} links to {link}");
        }
    }
    let parts = std::fs::read_dir(desk.path().join("site/es")).unwrap();
    assert_eq!(parts.count(), 2, "no temporary file stays");
}

#[test]
fn what_cannot_be_exported_is_said() {
    let desk = tempfile::tempdir().unwrap();
    std::fs::write(desk.path().join("bad.ipynb"), "{").unwrap();
    std::fs::create_dir(desk.path().join("empty")).unwrap();
    notebook(desk.path(), "a/01-x.ipynb", "one");
    notebook(desk.path(), "b/01-x.ipynb", "two");
    for (paths, wanted) in [
        (&["missing.ipynb"][..], "missing.ipynb"),
        (&["bad.ipynb"], "not JSON"),
        (&["empty"], "no notebooks"),
        (&["a", "b"], "would both become"),
    ] {
        let args: Vec<&str> = ["--built-in", "--html", "site"]
            .iter()
            .chain(paths)
            .copied()
            .collect();
        let output = export(desk.path(), &args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(wanted), "{said}");
    }
    assert!(
        !desk.path().join("site").exists(),
        "nothing is written before everything is read"
    );
}
