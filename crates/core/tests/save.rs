//! Networks survive in files, and damage is told.

use gradus::prelude::*;

fn trained() -> (Sequential, Dataset) {
    let (train, test) = Dataset::digits().split(0.8, 0).unwrap();
    let mut net = Sequential::input([8, 8, 1])
        .conv2d(4, 3)
        .padding(Padding::Same)
        .stride(2)
        .activation(LeakyRelu(0.02))
        .max_pool2d(2)
        .dense(12)
        .batch_norm_with(BatchNorm::pytorch())
        .activation(Tanh)
        .dropout(0.2)
        .prelu()
        .maxout(6, 2)
        .dense(10)
        .init(Normal(0.3))
        .seed(4);
    net.fit(
        &train,
        CrossEntropy,
        Adam::new(1e-3),
        Fit::epochs(1).quiet(),
    )
    .unwrap();
    (net, test)
}

#[test]
fn a_loaded_network_answers_the_same_bits() {
    let (net, test) = trained();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.safetensors");
    net.save(&path).unwrap();
    let loaded = Sequential::load(&path).unwrap();
    assert_eq!(
        loaded.predict(&test).unwrap().as_vec(),
        net.predict(&test).unwrap().as_vec()
    );
    assert_eq!(loaded.summary().to_string(), net.summary().to_string());
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "no part of a file is left"
    );
}

#[test]
fn damaged_and_foreign_files_are_refused() {
    let (net, _) = trained();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.safetensors");
    net.save(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    for cut in [0, 5, 100, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..cut]).unwrap();
        let error = Sequential::load(&path).unwrap_err().to_string();
        assert!(error.contains("not a safetensors file"), "{cut}: {error}");
    }
    let other = String::from_utf8_lossy(&bytes[8..500]).replace("gradus", "gladus");
    let mut foreign = bytes.clone();
    foreign[8..8 + other.len()].copy_from_slice(other.as_bytes());
    std::fs::write(&path, foreign).unwrap();
    let error = Sequential::load(&path).unwrap_err().to_string();
    assert!(error.contains("no network of Gradus"), "{error}");
    assert!(Sequential::load(folder.path().join("none")).is_err());
    assert!(
        net.save(folder.path().join("no/such/folder.safetensors"))
            .is_err()
    );
    assert!(Sequential::input(0).save(&path).is_err());
}

#[test]
fn the_checkpoint_is_the_best_epoch() {
    let (train, test) = Dataset::digits().split(0.3, 0).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("best.safetensors");
    let mut net = Sequential::input(64)
        .dense(64)
        .activation(Relu)
        .init(He)
        .dense(10);
    let fit = Fit::epochs(30)
        .validate(&test)
        .callback(Checkpoint::new(&path))
        .quiet();
    let history = net.fit(&train, CrossEntropy, Adam::new(3e-2), fit).unwrap();
    let best = history.val_loss().into_iter().fold(f64::INFINITY, f64::min);
    assert!(
        best < history.last().val_loss.unwrap(),
        "the test needs a training that gets worse"
    );
    let loaded = Sequential::load(&path).unwrap();
    assert_eq!(loaded.evaluate(&test, CrossEntropy).unwrap().loss, best);
}

#[test]
fn sizes_that_no_memory_holds_are_errors() {
    for units in [usize::MAX, 99_999_999_999] {
        let data = Dataset::digits().take(10).unwrap();
        for net in [
            Sequential::input(64).dense(units),
            Sequential::input(64).maxout(units, 2),
            Sequential::input([8, 8, 1]).conv2d(units, 3),
        ] {
            let error = net.predict(&data).unwrap_err().to_string();
            assert!(error.contains("fit in memory"), "{error}");
        }
    }
}
