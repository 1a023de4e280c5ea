//! The notebooks exist in Spanish and in English, with the same code.

use std::collections::BTreeMap;

use gradus_kernel::notebook::Notebook;

/// The code cells of each notebook of a language, by the number that its file name starts with.
fn lessons(language: &str) -> BTreeMap<String, Vec<String>> {
    let folder = gradus_tests::root().join("notebooks").join(language);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        return BTreeMap::new();
    };
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "ipynb")
        })
        .map(|path| {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let number = name.split('-').next().unwrap_or_default().to_owned();
            let notebook = Notebook::read(&path).unwrap_or_else(|error| panic!("{error}"));
            (number, notebook.code_cells())
        })
        .collect()
}

#[test]
fn both_languages_have_the_same_code() {
    let (spanish, english) = (lessons("es"), lessons("en"));
    let numbers =
        |lessons: &BTreeMap<String, Vec<String>>| lessons.keys().cloned().collect::<Vec<_>>();
    assert_eq!(numbers(&spanish), numbers(&english), "the same lessons");
    for (number, cells) in &spanish {
        let others = &english[number];
        assert_eq!(
            cells.len(),
            others.len(),
            "lesson {number}: as many code cells"
        );
        for (index, (es, en)) in cells.iter().zip(others).enumerate() {
            assert_eq!(es, en, "lesson {number}, code cell {}", index + 1);
        }
    }
}
