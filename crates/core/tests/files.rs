//! Fifty small tables of the kinds that people have: each is read to what pandas reads (`reference/tables.py`), or refused with
//! the line that mends it, and then read so.

use std::collections::BTreeMap;

use gradus::data::Table;
use gradus::prelude::*;
use serde::Deserialize;
use serde_json::Value;

mod reference;
use reference::bytes;

#[derive(Deserialize)]
struct Case {
    name: String,
    file: Value,
    names: Vec<String>,
    features: Vec<Option<f32>>,
    targets: Vec<Value>,
}

type Build = fn(Table) -> Table;

/// What has to be said of each file, and what the refusal says where nothing is; empty where nothing has to be.
fn said(name: &str) -> (&'static str, Build) {
    match name {
        "ways to say missing" => (".missing(Missing::Keep)", |t| t.missing(Missing::Keep)),
        "a word for missing" => (".missing_words([\"unknown\"])", |t| {
            t.missing_words(["unknown"]).missing(Missing::Keep)
        }),
        "a dot for missing" => (".missing_words([\".\"])", |t| {
            t.missing_words(["."]).missing(Missing::Keep)
        }),
        "-999 for missing" => (".missing_words([\"-999\"])", |t| {
            t.missing_words(["-999"]).missing(Missing::Keep)
        }),
        "Latin-1" => (".target(", |t| t.target("opción")),
        "classes from 1, first, without names" => (".target(", |t| t.target(0)),
        "no names, numbers alone" => (".target(2)", |t| t.target(2)),
        "dates" => (".skip([\"date\"])", |t| t.skip(["date"])),
        "percent signs" => (".skip([\"share\"])", |t| t.skip(["share"])),
        "a currency" => (".skip([\"price\"])", |t| t.skip(["price"])),
        "thousands by commas" => (".thousands(',')", |t| t.thousands(',')),
        "thousands by spaces" | "thousands by hard spaces" => {
            (".decimal_comma().thousands(' ')", |t| {
                t.decimal_comma().thousands(' ')
            })
        }
        "titles above" => (".skip_lines(", |t| t.skip_lines(2)),
        "a row of units" => (".missing_words([\"cm\"])", |t| {
            t.missing_words(["cm"]).missing(Missing::Drop)
        }),
        "names that are years apart" => (".header(true)", |t| t.header(true)),
        "a number to predict" => (".target(\"price\")", |t| t.target("price")),
        "a whole number to predict" => (".target(\"price\")", |t| t.target("price").regression()),
        "a row without its class" => (".missing(Missing::", |t| t.missing(Missing::Drop)),
        _ => ("", |t| t),
    }
}

#[test]
fn fifty_files_are_read_right_or_refused_with_the_line_that_mends_them() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("reference/tables.json")).unwrap();
    assert!(cases.len() >= 50);
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = BTreeMap::new();
    for case in &cases {
        let path = folder.path().join("table.csv");
        std::fs::write(&path, bytes(&case.file)).unwrap();
        let (says, build) = said(&case.name);
        let plain = Dataset::csv(&path).quiet().read();
        let told = build(Dataset::csv(&path).quiet()).read();
        if let Some(why) = judged(case, says, &plain, &told) {
            wrong.insert(&case.name, why);
        }
    }
    let wrong: Vec<String> = wrong
        .iter()
        .map(|(name, why)| format!("{name}: {why}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with how a file was read.
fn judged(
    case: &Case,
    says: &str,
    plain: &Result<Dataset>,
    told: &Result<Dataset>,
) -> Option<String> {
    match plain {
        Ok(data) if !says.is_empty() => return Some(format!("not refused\n{}", data.report())),
        Err(error) if says.is_empty() || !error.to_string().contains(says) => {
            return Some(format!("refused: {error}"));
        }
        _ => {}
    }
    let data = match told {
        Ok(data) => data,
        Err(error) => return Some(format!("refused although {says} was said: {error}")),
    };
    let has_names = !case.names[0].starts_with(['0', '1']) || case.names[0].len() > 1;
    if has_names && data.feature_names() != case.names {
        return Some(format!(
            "{:?}, {:?} in pandas",
            data.feature_names(),
            case.names
        ));
    }
    let same = |(a, b): (&f32, &Option<f32>)| match b {
        Some(b) => (a - b).abs() <= 1e-6 * b.abs(),
        None => a.is_nan(),
    };
    let x = data.features();
    if x.len() != case.features.len() || !x.iter().zip(&case.features).all(same) {
        return Some(format!("{x:?}, {:?} in pandas", case.features));
    }
    let targets: Vec<serde_json::Value> = match data.targets() {
        Targets::Classes { labels, .. } => {
            let names = labels.iter().map(|&label| data.class_name(label).into());
            names.collect()
        }
        Targets::Values { values, .. } => values.iter().map(|&value| value.into()).collect(),
    };
    (targets != case.targets).then(|| format!("{targets:?}, {:?} in pandas", case.targets))
}
