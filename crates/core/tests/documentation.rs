//! The documentation names tests: they exist.

use std::path::Path;

#[test]
fn every_test_that_the_table_of_claims_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_to_string(root.join("src/lib.rs")).unwrap();
    let table = docs.split("# What the slides claim").nth(1).unwrap();
    let claims = table
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with("//!") || line.is_empty());
    let mut named = 0;
    for name in claims.flat_map(|line| line.split('`').skip(1).step_by(2)) {
        let (file, test) = name.split_once("::").unwrap();
        let places = [
            format!("tests/{file}.rs"),
            format!("src/{file}.rs"),
            format!("src/{file}/mod.rs"),
        ];
        let found = places.iter().any(|place| {
            std::fs::read_to_string(root.join(place))
                .is_ok_and(|text| text.contains(&format!("fn {test}(")))
        });
        assert!(found, "{name}: no such test in {places:?}");
        named += 1;
    }
    assert!(named > 20, "{named} tests are named");
}
