//! Pictures in folders: the pixels that Pillow gives (`reference/images.py`), and what is said of folders that are not clear.

use std::path::Path;

use gradus::data::Images;
use gradus::prelude::*;
use serde::Deserialize;
use serde_json::Value;

mod reference;
use reference::bytes;

#[derive(Deserialize)]
struct Case {
    name: String,
    file: Value,
    shown: Vec<Shown>,
}

#[derive(Deserialize)]
struct Shown {
    height: usize,
    width: usize,
    grey: bool,
    levels: Value,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("reference/images.json")).unwrap()
}

fn file(name: &str) -> Vec<u8> {
    let case = cases().into_iter().find(|case| case.name == name);
    bytes(&case.unwrap().file)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// A folder with these files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        write(folder.path(), name, bytes);
    }
    folder
}

fn read(folder: &tempfile::TempDir, build: impl FnOnce(Images) -> Images) -> Result<Dataset> {
    build(Dataset::images(folder.path()).quiet()).read()
}

#[track_caller]
fn refused(data: Result<Dataset>, says: &[&str]) {
    let error = data.unwrap_err().to_string();
    assert!(says.iter().all(|part| error.contains(part)), "{error}");
}

#[test]
fn pixels_are_those_of_pillow() {
    let mut seen = 0;
    for case in cases() {
        let is_jpeg = case.name.starts_with("jpeg");
        if is_jpeg && cfg!(not(feature = "jpeg")) {
            continue;
        }
        let file = bytes(&case.file);
        let folder = folder(&[("a/1.png", &file), ("b/2.png", &file)]);
        for shown in &case.shown {
            let data = read(&folder, |images| {
                let images = images.size(shown.height, shown.width);
                if shown.grey { images.grey() } else { images }
            });
            let data = data.unwrap();
            let channels = if shown.grey { 1 } else { 3 };
            assert_eq!(data.shape().sizes(), [shown.height, shown.width, channels]);
            let levels = data.example(1).unwrap().iter().map(|x| x * 255.0);
            let expected = bytes(&shown.levels);
            let far = levels.zip(&expected);
            let far = far.map(|(level, expected)| (level - f32::from(*expected)).abs());
            let far = far.fold(0.0, f32::max);
            // How the waves of a JPEG add up, and how halved colours are spread, is left to decoders within limits.
            let same_size = data.shape().sizes()[0] == 25;
            let most = match (is_jpeg, same_size) {
                (false, _) => 1e-4,
                (true, true) => 3.001,
                (true, false) => 1.001,
            };
            assert!(
                far <= most,
                "{} {}x{}: {far}",
                case.name,
                shown.height,
                shown.width
            );
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn classes_are_the_folders_in_the_order_of_the_alphabet() {
    let (grey, colour) = (file("grey"), file("colour"));
    let folder = folder(&[
        ("dog/b.png", &grey),
        ("dog/a.PNG", &colour),
        ("cat/more/of them/z.png", &grey),
        ("cat/notes.txt", b"not a picture"),
        ("cat/.DS_Store", b"\0"),
        (".git/x.png", &grey),
        ("__MACOSX/x.png", &grey),
        ("empty/readme.md", b"nothing"),
        ("list.csv", b"a,b"),
    ]);
    let data = read(&folder, |images| images).unwrap();
    assert_eq!(data.class_names(), ["cat", "dog"]);
    assert_eq!(data.labels(), [0, 1, 1]);
    assert_eq!(data.shape().sizes(), [25, 34, 3]);
    // `a.PNG` goes before `b.png`; three equal channels of a grey one.
    assert_ne!(data.example(1), data.example(2));
    assert_eq!(data.example(0), data.example(2));
    assert!(data.features().iter().all(|x| (0.0..=1.0).contains(x)));
    for part in [
        "3 pictures in 2 folders, 25x34 → 25x34x3",
        "classes: cat (1), dog (2)",
        "no pictures (3): list.csv, cat/notes.txt, empty/readme.md",
    ] {
        assert!(data.report().contains(part), "{}", data.report());
    }
    let grey = read(&folder, |images| images.size(8, 6).grey()).unwrap();
    assert_eq!(grey.shape().sizes(), [8, 6, 1]);
    assert!(grey.report().contains("25x34 → 8x6x1"), "{}", grey.report());
    // A network takes them, and the test folder may lack a class.
    let mut net = Sequential::input([8, 6, 1]).dense(2);
    net.fit(&grey, CrossEntropy, Sgd::new(0.1), Fit::epochs(1).quiet())
        .unwrap();
    std::fs::remove_dir_all(folder.path().join("cat")).unwrap();
    let test = read(&folder, |images| images.like(&grey)).unwrap();
    assert_eq!(
        (test.len(), test.classes(), test.labels()),
        (2, 2, &[1, 1][..])
    );
    assert!(net.evaluate(&test, CrossEntropy).is_ok());
    write(folder.path(), "horse/a.png", &file("grey"));
    refused(
        read(&folder, |images| images.like(&grey)),
        &["horse", "cat, dog"],
    );
}

#[test]
fn what_is_not_clear_is_refused_with_the_line_to_write() {
    let picture = file("colour");
    let mut small = Vec::new();
    let mut encoder = png::Encoder::new(&mut small, 2, 1);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[0, 255]).unwrap();
    drop(writer);
    let sizes = folder(&[("a/1.png", &picture), ("b/2.png", &small)]);
    refused(
        read(&sizes, |images| images),
        &["2.png", "1x2", ".size(25, 34)"],
    );
    let data = read(&sizes, |images| images.size(2, 2)).unwrap();
    assert!(
        data.report().contains("1x2 … 25x34 → 2x2x3"),
        "{}",
        data.report()
    );
    assert_eq!(
        data.example(1).unwrap()[..6],
        [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]
    );
    refused(read(&sizes, |images| images.size(0, 2)), &[".size(0, 2)"]);
    refused(
        read(&sizes, |images| images.size(usize::MAX, 2)),
        &["smaller `.size(…)`"],
    );
    refused(
        read(&sizes, |images| images.size(1 << 22, 1 << 22)),
        &["smaller `.size(…)`"],
    );
    let loose = folder(&[("1.png", &picture), ("2.png", &picture)]);
    refused(
        read(&loose, |images| images),
        &["2 loose pictures", "cats/1.png"],
    );
    refused(
        read(&folder(&[]), |images| images),
        &["no folders with PNG or JPEG"],
    );
    let one = folder(&[("train/1.png", &picture)]);
    refused(read(&one, |images| images), &["one class alone, train"]);
    assert!(Dataset::images("/nowhere/at/all").read().is_err());
    let blobs = Dataset::blobs(10, 2, 0.1, 0).unwrap();
    refused(
        read(&sizes, |images| images.like(&blobs)),
        &[".like(&train)"],
    );
}

#[test]
fn a_broken_file_is_named_and_left_out_where_that_is_wished() {
    let picture = file("colour");
    let half = &picture[..picture.len() / 2];
    let folder = folder(&[
        ("a/1.png", &picture),
        ("a/2.png", half),
        ("b/3.png", b""),
        ("b/4.png", &picture),
        ("b/5.gif", b"GIF89a..."),
        ("b/6.png", b"just text"),
    ]);
    refused(
        read(&folder, |images| images),
        &["2.png", "damaged", ".skip_broken()"],
    );
    let data = read(&folder, Images::skip_broken).unwrap();
    assert_eq!((data.len(), data.labels()), (2, &[0, 1][..]));
    let report = data.report();
    for part in [
        "left out because broken (4)",
        "a/2.png",
        "b/3.png (it is empty)",
        "it is GIF",
        "b/6.png",
    ] {
        assert!(report.contains(part), "{report}");
    }
    for name in ["a/1.png", "b/4.png"] {
        std::fs::remove_file(folder.path().join(name)).unwrap();
    }
    refused(read(&folder, Images::skip_broken), &["all 4 are broken"]);
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let digits = Dataset::digits().take(300).unwrap();
    digits.to_images(folder.path()).unwrap();
    let back = Dataset::images(folder.path())
        .grey()
        .quiet()
        .read()
        .unwrap();
    assert_eq!((back.len(), back.classes()), (300, 10));
    // Written in the order of the examples, read class by class.
    let mut rows: Vec<usize> = (0..300).collect();
    rows.sort_by_key(|&row| digits.labels()[row]);
    let same = digits.select(&rows).unwrap();
    assert_eq!(back.labels(), same.labels());
    for (a, b) in back.features().iter().zip(same.features()) {
        assert!((a - b).abs() <= 0.5001 / 255.0, "{a} {b}");
    }
    let blobs = Dataset::blobs(10, 2, 0.1, 0).unwrap();
    assert!(blobs.to_images(folder.path()).is_err());
    let named = digits.with_class_names((0..10).map(|i| format!("../{i}")));
    assert!(named.unwrap().to_images(folder.path()).is_err());
}

#[cfg(not(feature = "jpeg"))]
#[test]
fn without_the_feature_a_jpeg_says_what_to_write() {
    let folder = folder(&[("a/1.jpg", &file("jpeg grey")), ("b/2.png", &file("grey"))]);
    let says = ["1.jpg", ":dep gradus = { features = [\"jpeg\"] }"];
    refused(read(&folder, |images| images), &says);
    // It is not the file that is broken.
    refused(read(&folder, Images::skip_broken), &says);
}

#[cfg(feature = "jpeg")]
#[test]
fn a_jpeg_is_known_by_its_content_and_cut_ones_are_broken() {
    let jpeg = file("jpeg 4:2:0");
    let folder = folder(&[("a/1.png", &jpeg), ("b/2.jpeg", &file("colour"))]);
    assert_eq!(read(&folder, |images| images).unwrap().len(), 2);
    write(folder.path(), "b/3.jpg", &jpeg[..jpeg.len() * 2 / 3]);
    refused(read(&folder, |images| images), &["3.jpg", ".skip_broken()"]);
}
