//! Values that appear as a table, a matrix or a picture beside their text.

use gradus_tests::client::{Cell, Kernel};
use gradus_tests::root;

/// The form of a cell's value that a page shows.
fn html(cell: &Cell) -> &str {
    form(cell, "text/html")
        .unwrap_or_else(|| panic!("no page: {:?} {:?}", cell.value(), cell.reply))
}

fn form<'a>(cell: &'a Cell, mime: &str) -> Option<&'a str> {
    cell.of_kind("execute_result")
        .find_map(|content| content["data"][mime].as_str())
}

#[test]
fn a_list_of_structs_is_a_table() {
    let mut kernel = Kernel::start();
    let cell = kernel.run(
        "#[derive(Debug, Clone, Default)] struct City { name: String, people: u32, inner: Option<Inner> }\n\
         #[derive(Debug, Clone, Default)] struct Inner { at: (f64, f64), tags: Vec<String> }\n\
         let inner = Inner { at: (1.0, -2.5), tags: vec![\"a, b\".into(), \"c: d\".into()] };\n\
         let cities = vec![City { name: \"<b>\\\"Ñ\\\"</b>\\n&\".into(), people: 10, inner: Some(inner) }, City::default()];",
    );
    assert!(cell.is_ok(), "{:?}", cell.reply);
    let cell = kernel.run("cities.clone()");
    let page = html(&cell);
    for part in [
        "left\">name</th><th>people</th><th style=\"text-align:left\">inner</th>",
        ">&lt;b&gt;&quot;Ñ&quot;&lt;/b&gt;\n&amp;</td><td>10</td>",
        ">Some(Inner { at: (1.0, -2.5), tags: [&quot;a, b&quot;, &quot;c: d&quot;] })</td>",
        "<td>0</td>",
        ">None</td>",
        "City, 2 × 3",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    let text = cell.value().unwrap_or_default();
    assert!(text.starts_with("[City { name: \"<b>\\\"Ñ"), "{text}");

    let cell = kernel
        .run("(0..1000).map(|people| City { people, ..City::default() }).collect::<Vec<_>>()");
    let page = html(&cell);
    for (row, is_shown) in [
        (0, true),
        (4, true),
        (5, false),
        (994, false),
        (995, true),
        (999, true),
    ] {
        let line = format!("<th>{row}</th><td style=\"text-align:left\"></td><td>{row}</td>");
        assert_eq!(page.contains(&line), is_shown, "{row}: {page}");
    }
    assert!(page.contains("⋮") && page.contains("1000 × 3"), "{page}");

    // What is no such list stays text, and so does everything where a format is asked for.
    for code in [
        "#[derive(Debug)] enum E { A { x: i32 }, B { y: i32 } }\nvec![E::A { x: 1 }, E::B { y: 2 }]",
        "#[derive(Debug)] enum V { A { x: i32 }, B { x: i32 } }\nvec![V::A { x: 1 }, V::B { x: 2 }]",
        "struct Odd(i32);\nimpl std::fmt::Debug for Odd { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {\n\
         write!(f, \"Odd {{ x: {}\", self.0) } }\nvec![Odd(1), Odd(2)]",
        "Vec::<City>::new()",
        "vec![(1, 2)]",
        "cities[0].clone()",
        ":fmt {:?}\ncities.clone()",
    ] {
        let cell = kernel.run(code);
        assert!(
            cell.is_ok() && cell.value().is_some(),
            "{code}: {:?}",
            cell.reply
        );
        assert_eq!(form(&cell, "text/html"), None, "{code}");
    }
    // The type's own way goes first.
    let cell = kernel.run(
        ":fmt\nstruct All(Vec<City>);\nimpl All { fn evcxr_display(&self) {\n\
         println!(\"EVCXR_BEGIN_CONTENT text/html\\n<p>own</p>\\nEVCXR_END_CONTENT\"); } }\nAll(cities.clone())",
    );
    assert_eq!(html(&cell), "<p>own</p>");
}

#[test]
fn a_tensor_is_a_matrix() {
    let mut kernel = Kernel::start();
    let library = root().join("crates/core");
    let cell = kernel.run(&format!(
        ":dep gradus = {{ path = {:?} }}\nuse gradus::dfdx::prelude::*;\nlet dev = Cpu::default();\n\
         let t = dev.tensor([[1.0f32, 2.0, 1.0 / 3.0], [3.0, 4.25, -6.0]]);",
        library.display().to_string()
    ));
    assert!(cell.is_ok(), "{:?}", cell.reply);
    let cell = kernel.run("t.clone()");
    let page = html(&cell);
    for part in [
        "<th>0</th><td>1.0000</td><td>2.0000</td><td>0.3333</td>",
        "<td>4.2500</td>",
        "(2, 3) f32",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    assert_eq!(
        cell.value(),
        Some("(2, 3) f32: [[1.0, 2.0, 0.33333334], [3.0, 4.25, -6.0]]")
    );
    let cell = kernel.run("let zeros: Tensor<Rank2<100, 50>, f32, _> = dev.zeros();\n&zeros");
    let page = html(&cell);
    assert!(
        page.contains("<th>…</th>") && page.contains("<th>99</th>"),
        "{page}"
    );
    assert!(
        !page.contains("<th>50</th>") && page.contains("(100, 50) f32"),
        "{page}"
    );
    // A trait of the notebook says how it is shown: that is meant.
    let cell = kernel.run(
        "use gradus::dfdx::shapes::Shape;\ntrait Own { fn evcxr_display(&self); }\n\
         impl<S: Shape> Own for Tensor<S, f32, Cpu> { fn evcxr_display(&self) { println!(\"own\"); } }\nt",
    );
    assert!(cell.is_ok(), "{:?}", cell.reply);
    assert_eq!(cell.stream("stdout"), "own\n");
}

#[test]
fn a_library_that_only_has_the_name_is_shown_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("image");
    std::fs::create_dir_all(root.join("src")).unwrap();
    let manifest = "[package]\nname = \"image\"\nversion = \"0.25.0\"\nedition = \"2024\"\n";
    std::fs::write(root.join("Cargo.toml"), manifest).unwrap();
    let code = "#[derive(Debug)] pub struct DynamicImage(pub u8);";
    std::fs::write(root.join("src/lib.rs"), code).unwrap();
    let cache = folder.path().join("cache").display().to_string();
    let mut kernel = Kernel::start_with(|command| {
        command.env("GRADUS_CACHE", &cache);
    });
    let cell = kernel.run(&format!(
        ":dep image = {{ path = {:?} }}\nimage::DynamicImage(7)",
        root.display().to_string()
    ));
    assert_eq!(cell.value(), Some("DynamicImage(7)"), "{:?}", cell.reply);
    assert_eq!(cell.stream("stderr"), "");
}
