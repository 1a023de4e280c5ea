//! `gradus export`: the site it writes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

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
              {{"cell_type": "markdown", "id": "a", "metadata": {{}}, "source": "# {title}\n\n$\\sigma(z)$\n\n## Más"}},
              {{"cell_type": "code", "id": "b", "metadata": {{}}, "execution_count": 1, "source": "1 < 2", "outputs": [
                {{"output_type": "display_data", "metadata": {{}}, "data": {{"text/html": "<div id=\"live\"><script>1</script></div>", "text/plain": "x"}}}}]}}]}}"##
    );
    std::fs::write(path, notebook).unwrap();
}

/// Every file of a site, from its root.
struct Site {
    files: BTreeMap<PathBuf, String>,
}

impl Site {
    fn of(desk: &Path, notebooks: &str) -> Site {
        let folder = desk.join("site");
        let output = export(desk, &["--html", "site", notebooks]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let (mut files, mut folders) = (BTreeMap::new(), vec![folder.clone()]);
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&folder).unwrap().to_owned();
                    files.insert(name, std::fs::read_to_string(path).unwrap());
                }
            }
        }
        Site { files }
    }

    fn text(&self, name: &str) -> &str {
        let found = self.files.get(Path::new(name));
        found.unwrap_or_else(|| panic!("no {name} among {:?}", self.files.keys()))
    }

    fn pages(&self) -> impl Iterator<Item = (&Path, &str)> {
        let pages = self.files.iter();
        pages
            .filter(|(name, _)| name.extension().is_some_and(|kind| kind == "html"))
            .map(|(name, text)| (name.as_path(), text.as_str()))
    }

    /// What the search of a language looks through.
    fn index(&self, language: &str) -> Value {
        let script = self.text(&format!("{language}/search.js"));
        let pages = script
            .strip_prefix("gradusSearch(")
            .and_then(|rest| rest.trim_end().strip_suffix(");"));
        serde_json::from_str(pages.expect("one call")).unwrap()
    }

    /// A link leads to a file of the site and, behind `#`, to something in it.
    fn check(&self, page: &Path, link: &str) {
        let (file, place) = link.split_once('#').unwrap_or((link, ""));
        let mut target = page.to_owned();
        for part in Path::new(file) {
            if target == page {
                target.pop();
            }
            if part == ".." {
                assert!(target.pop(), "{page:?} links out of the site: {link}");
            } else {
                target.push(part);
            }
        }
        let text = self.files.get(&target);
        let text = text.unwrap_or_else(|| panic!("{page:?} links to {link}, which is not there"));
        assert!(
            place.is_empty() || text.contains(&format!(" id=\"{place}\"")),
            "{page:?} links to {link}, but nothing has this id"
        );
    }

    /// All links, pictures, scripts and styles are files of the site or addresses that a reader may choose to open.
    fn check_links(&self) {
        for (page, text) in self.pages() {
            for link in values(text, "href") {
                if !link.starts_with("https://") && !link.starts_with("http://") {
                    self.check(page, link);
                }
            }
            for source in values(text, "src") {
                if !source.starts_with("data:") {
                    self.check(page, source);
                }
            }
            let ids = values(text, "id");
            let different: BTreeSet<_> = ids.iter().collect();
            assert_eq!(ids.len(), different.len(), "{page:?} has an id twice");
        }
    }
}

/// What stands in an attribute, wherever it is.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let begin = format!(" {attribute}=\"");
    let pieces = html.split(begin.as_str()).skip(1);
    pieces.map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn a_site_has_covers_pages_in_both_languages_and_links_between_them() {
    let desk = tempfile::tempdir().unwrap();
    for (name, title) in [
        ("notebooks/es/01-costes.ipynb", "1. Costes"),
        ("notebooks/es/02-descenso.ipynb", "2. Descenso & más"),
        ("notebooks/en/01-costs.ipynb", "1. Costs"),
        ("notebooks/en/02-descent.ipynb", "2. Descent & more"),
    ] {
        notebook(desk.path(), name, title);
    }
    let index =
        "| | lesson | about |\n|---|---|---|\n| 1 | [Costs](01-costs.ipynb) | how wrong |\n";
    std::fs::write(desk.path().join("notebooks/en/README.md"), index).unwrap();
    let site = Site::of(desk.path(), "notebooks");
    site.check_links();
    let names: Vec<_> = site
        .files
        .keys()
        .map(|name| name.to_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "assets/icon.svg",
            "assets/site.css",
            "assets/site.js",
            "en/01-costs.html",
            "en/02-descent.html",
            "en/index.html",
            "en/search.js",
            "es/01-costes.html",
            "es/02-descenso.html",
            "es/index.html",
            "es/search.js",
            "index.html",
        ],
        "nothing else, and no temporary file"
    );
    for (name, wanted) in [
        ("index.html", "href=\"es/index.html\""),
        ("index.html", "href=\"en/index.html\""),
        (
            "en/index.html",
            "href=\"01-costs.html\">1. Costs</a> <span>how wrong</span>",
        ),
        ("en/index.html", "2. Descent &amp; more"),
        ("es/index.html", "href=\"../en/index.html\" lang=\"en\""),
        ("es/01-costes.html", "<html lang=\"es\">"),
        (
            "es/01-costes.html",
            "href=\"01-costes.html\" aria-current=\"page\"",
        ),
        (
            "es/01-costes.html",
            "<a rel=\"next\" href=\"02-descenso.html\">",
        ),
        (
            "es/02-descenso.html",
            "<a rel=\"prev\" href=\"01-costes.html\">",
        ),
        (
            "es/01-costes.html",
            "href=\"../en/01-costs.html\" lang=\"en\"",
        ),
        ("es/01-costes.html", "<a href=\"#a.2\">Más</a></li>"),
        (
            "es/01-costes.html",
            "<div id=\"live\"><script>1</script></div>",
        ),
        ("es/01-costes.html", "<mi>σ</mi>"),
        ("es/01-costes.html", "Lecciones"),
        ("en/01-costs.html", "Lessons"),
    ] {
        let text = site.text(name);
        assert!(text.contains(wanted), "no {wanted} in {name}:\n{text}");
    }
    let pages = site.index("es");
    assert_eq!(pages[0][0], "01-costes.html");
    assert_eq!(pages[0][1], "1. Costes");
    assert_eq!(pages[0][2][1][0], "a.2");
    assert_eq!(pages[0][2][1][1], "Más");
    assert_eq!(
        pages[0][2][1][2], "1 < 2",
        "code is found below its heading"
    );
}

#[test]
fn one_language_alone_is_a_site_too() {
    let desk = tempfile::tempdir().unwrap();
    notebook(desk.path(), "es/01-costes.ipynb", "1. Costes");
    let site = Site::of(desk.path(), "es");
    site.check_links();
    assert!(!site.files.contains_key(Path::new("en/index.html")));
    assert!(!site.text("es/01-costes.html").contains("hreflang"));
}

#[test]
fn the_lessons_become_a_site_without_dead_links_or_untypeset_formulas() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let desk = tempfile::tempdir().unwrap();
    let notebooks = root.join("notebooks");
    let site = Site::of(desk.path(), notebooks.to_str().unwrap());
    site.check_links();
    for (page, text) in site.pages() {
        assert!(text.len() < 2_500_000, "{page:?} has {} bytes", text.len());
        let untypeset: Vec<_> = text
            .split("<code>\\")
            .skip(1)
            .map(|rest| &rest[..rest.find("</code>").unwrap_or(0)])
            .collect();
        assert!(untypeset.is_empty(), "{page:?}: {untypeset:?}");
        // The other language opens at the same cell and heading.
        if let Some(other) = values(text, "hreflang").first() {
            let twin = values(text, "href")
                .into_iter()
                .find_map(|link| link.strip_prefix(&format!("../{other}/")));
            let twin = site.text(&format!("{other}/{}", twin.unwrap_or("index.html")));
            let places = |html| -> BTreeSet<String> {
                let ids = values(html, "id").into_iter();
                ids.map(str::to_owned).collect()
            };
            let missing: Vec<_> = places(text).difference(&places(twin)).cloned().collect();
            assert!(missing.is_empty(), "the twin of {page:?} lacks {missing:?}");
        }
    }
    // The search knows every heading of every page, and each leads there.
    for language in ["es", "en"] {
        let pages = site.index(language);
        let pages = pages.as_array().unwrap();
        assert!(pages.len() > 15, "{}", pages.len());
        for page in pages {
            let file = page[0].as_str().unwrap();
            let parts = page[2].as_array().unwrap();
            // The glossary is one table.
            let least = if file == "glossary.html" { 1 } else { 6 };
            assert!(parts.len() >= least, "{file} has {} parts", parts.len());
            for part in parts {
                let link = format!("{file}#{}", part[0].as_str().unwrap());
                site.check(Path::new(&format!("{language}/index.html")), &link);
            }
        }
    }
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
        let args: Vec<&str> = ["--html", "site"].iter().chain(paths).copied().collect();
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

#[test]
fn the_glossary_is_the_last_page_of_each_language() {
    let desk = tempfile::tempdir().unwrap();
    notebook(desk.path(), "notebooks/es/01-costes.ipynb", "1. Costes");
    notebook(desk.path(), "notebooks/en/01-costs.ipynb", "1. Costs");
    let words = "# Glosario · Glossary\n\n| es | en |\n|---|---|\n| coste | cost, $C$ |\n";
    std::fs::write(desk.path().join("notebooks/glossary.md"), words).unwrap();
    let site = Site::of(desk.path(), "notebooks");
    site.check_links();
    for (page, other, title) in [
        ("es/glossary.html", "../en/glossary.html", "Glosario"),
        ("en/glossary.html", "../es/glossary.html", "Glossary"),
    ] {
        let text = site.text(page);
        assert!(text.contains("<td>coste</td>"), "{text}");
        assert!(text.contains("<math"), "{text}");
        assert!(values(text, "href").contains(&other), "{page}");
        let cover = site.text(&page.replace("glossary", "index"));
        assert!(
            cover.contains(&format!("<a href=\"glossary.html\">{title}</a>")),
            "{cover}"
        );
    }
    assert!(site.index("es").to_string().contains("glossary.html"));
    // A folder without one has none.
    let alone = tempfile::tempdir().unwrap();
    notebook(alone.path(), "en/01-costs.ipynb", "1. Costs");
    let site = Site::of(alone.path(), "en");
    assert!(!site.files.contains_key(Path::new("en/glossary.html")));
}
