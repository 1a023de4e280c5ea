//! What students read in a Spanish notebook: this program runs in a folder called `es`.

use gradus::Text;
use gradus::prelude::*;

/// Every test calls it, so that all agree on the folder.
fn in_spanish() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("es");
    std::fs::create_dir_all(&folder).unwrap();
    std::env::set_current_dir(folder).unwrap();
}

#[test]
fn the_same_cell_says_the_spanish_one_of_two_texts() {
    in_spanish();
    assert_eq!(say("coste", "cost"), "coste");
    assert_eq!(Text::from(("paso", "step".to_owned())), Text::from("paso"));
    let chart = plot::curves(
        ("El coste baja", "The cost goes down"),
        ("paso", "step"),
        "C",
        [(("prueba", "test"), [1.0, 0.5])],
    );
    let figure = Figure::from(chart);
    let svg = figure.svg().unwrap();
    for (text, other) in [("El coste baja", "goes down"), ("paso", "step")] {
        assert!(svg.contains(text) && !svg.contains(other), "{text}");
    }
    assert!(figure.to_string().contains("prueba"));
    let titled = figure.panel_titles([("Otro", "Another")]);
    assert!(titled.to_string().starts_with("Otro"), "{titled}");
}
