//! Arrays and tables give the numbers that NumPy and pandas give (`reference/data.py`), and are written as they read them.

use std::path::Path;

use gradus::prelude::*;
use serde_json::Value;

mod reference;
use reference::bytes;

fn reference() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/data.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn floats(value: &Value) -> Vec<f32> {
    let numbers = value.as_array().unwrap().iter();
    numbers.map(|x| x.as_f64().unwrap() as f32).collect()
}

#[track_caller]
fn close(got: &[f32], expected: &[f32]) {
    assert_eq!(got.len(), expected.len());
    for (i, (a, b)) in got.iter().zip(expected).enumerate() {
        assert!(
            (a - b).abs() <= 2e-6 * b.abs().max(1.0),
            "{i}: {a} instead of {b}"
        );
    }
}

#[test]
fn tables_give_the_numbers_of_pandas() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("penguins.csv");
    for (name, file) in reference()["files"].as_object().unwrap() {
        std::fs::write(&path, file["text"].as_str().unwrap()).unwrap();
        let read = |rule| Dataset::csv(&path).quiet().missing(rule).read().unwrap();
        let median = read(Missing::Median);
        let columns: Vec<&str> = file["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c.as_str().unwrap())
            .collect();
        assert_eq!(median.feature_names(), columns, "{name}");
        close(median.features(), &floats(&file["median"]));
        let labels: Vec<usize> = file["labels"]
            .as_array()
            .unwrap()
            .iter()
            .map(|l| l.as_u64().unwrap() as usize)
            .collect();
        assert_eq!(median.labels(), labels);
        let kept = read(Missing::Keep);
        let (train, _) = kept.split_in_order(0.75).unwrap();
        let prep = train.prepare().fill(Missing::Mean).standardise();
        close(
            prep.apply(&kept).unwrap().features(),
            &floats(&file["standardised"]),
        );
        let correlation = median.describe().correlation("bill", "mass").unwrap();
        assert!((correlation - file["correlation"].as_f64().unwrap()).abs() < 1e-6);
    }
}

#[test]
fn arrays_give_the_numbers_of_numpy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npy");
    let reference = reference();
    for (name, array) in reference["arrays"].as_object().unwrap() {
        std::fs::write(&path, bytes(&array["npy"])).unwrap();
        let read = Array::read(&path).unwrap();
        let shape: Vec<usize> = array["shape"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s.as_u64().unwrap() as usize)
            .collect();
        assert_eq!(read.shape(), shape, "{name}");
        assert_eq!(read.values(), floats(&array["values"]), "{name}");
        read.save(&path).unwrap();
        assert_eq!(Array::read(&path).unwrap(), read, "{name}");
    }
    for format in ["npz", "safetensors"] {
        let path = folder.path().join(format!("keras.{format}"));
        std::fs::write(&path, bytes(&reference[format])).unwrap();
        let (train, test) = Dataset::npz(&path).unwrap();
        assert_eq!(
            (train.shape().sizes(), train.classes(), test.classes()),
            (&[2, 2, 1][..], 3, 3)
        );
        assert_eq!(
            (train.labels(), test.labels()),
            (&[0, 2, 1, 2][..], &[1, 0][..])
        );
        close(train.features(), &floats(&reference["pixels"]));
    }
    let digits = Dataset::digits().take(20).unwrap();
    let path = folder.path().join("digits.npz");
    digits.to_npz(&path).unwrap();
    let all = Array::read_all(&path).unwrap();
    assert_eq!(
        Dataset::from_arrays(&all["x"], &all["y"])
            .unwrap()
            .features(),
        digits.features()
    );
    let path = folder.path().join("digits.safetensors");
    digits.to_safetensors(&path).unwrap();
    let all = Array::read_all(&path).unwrap();
    assert_eq!(
        (all["x"].shape(), all["y"].shape()),
        (&[20, 8, 8, 1][..], &[20][..])
    );
    assert_eq!(
        Dataset::from_arrays(&all["x"], &all["y"]).unwrap(),
        digits.clone().with_classes(10).unwrap()
    );
    let error = Dataset::npz(&path).unwrap_err().to_string();
    assert!(
        error.contains("x_train") && error.contains("x, y"),
        "{error}"
    );
}

#[test]
fn a_description_tells_what_there_is() {
    let digits = Dataset::digits().describe();
    assert!(digits.to_string().contains("1797"), "{digits}");
    assert!(digits.plot().unwrap().svg().unwrap().starts_with("<svg"));
    let x = vec![1.0, 2.0, 2.0, 4.0, 3.0, 6.5, 4.0, 8.0];
    let data = Dataset::classification(x, 2, vec![0, 0, 1, 1], 2).unwrap();
    let data = data
        .with_feature_names(["size", "weight"])
        .unwrap()
        .with_class_names(["cat", "dog"])
        .unwrap();
    let table = data.describe();
    let text = table.to_string();
    for part in ["size", "weight", "cat 2, dog 2", "2.5"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(table.correlation("size", "weight").unwrap() > 0.99);
    assert!(table.plot().unwrap().to_string().contains("weight"));
    assert!(!table.plot().unwrap().to_string().contains("Correlations"));
    let text = "a,b,c,class\n1,2,9,u\n2,4,NA,v\n3,6,7,u\n4,8,6.5,v\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("four.csv");
    std::fs::write(&path, text).unwrap();
    let four = Dataset::csv(&path).missing(Missing::Keep).quiet().read();
    let figure = four.unwrap().describe().plot().unwrap();
    let words = figure.to_string();
    for part in [
        "Missing values",
        "Correlations: a and b 1.00, a and c -0.99",
    ] {
        assert!(words.contains(part), "{words}");
    }
    assert!(figure.svg().unwrap().contains("-0.99"));
}
