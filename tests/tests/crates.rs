//! Crates that people bring, as their guides use them: the lists in `crates/kernel/tests/cells`.
//!
//! Their crates are built, so this is not part of the usual tests:
//! `cargo test --release -p gradus-tests --test crates -- --ignored --nocapture`; `GRADUS_CELLS=zstd` takes one of them.

use gradus_tests::lists::{lists, name, read, run};

#[test]
#[ignore = "builds crates for minutes; see above"]
fn crates_that_people_bring_work() {
    let only = std::env::var("GRADUS_CELLS").unwrap_or_default();
    let without_crates =
        |name: &str| name.starts_with("stock-") && !name.starts_with("stock-crates");
    let lists = lists(|name| name.contains(&only) && !without_crates(name));
    assert!(!lists.is_empty());
    let mut wrong = Vec::new();
    for list in lists {
        let cells = read(&list);
        let (first, seconds) = run(&cells);
        let (second, again) = run(&cells);
        let name = name(&list);
        println!(
            "{name}: {seconds:.1} s, again {again:.1} s, {} cells wrong",
            first.len()
        );
        wrong.extend(
            first
                .into_iter()
                .chain(second)
                .map(|one| format!("{name}: {one}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
