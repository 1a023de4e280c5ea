//! Files of every format, damaged by chance: an error or numbers, never a panic, and no more memory than a few times the file.
//! Alone in its process, since it measures what the whole of it allocates.
//!
//! `GRADUS_MUTATIONS=10000 cargo test --release -p gradus --features jpeg --test damaged -- --nocapture` tries that many of each
//! format.

#![allow(unsafe_code)] // An allocator that counts.

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use gradus::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

mod reference;
use reference::bytes;

struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

fn more(bytes: usize) {
    MOST.fetch_max(NOW.fetch_add(bytes, Relaxed) + bytes, Relaxed);
}

// SAFETY: the system's allocator does all; beside it numbers are added up.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        more(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        more(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // What is large grows by pages, without a copy.
        NOW.fetch_sub(layout.size(), Relaxed);
        more(size);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn mutated(rng: &mut ChaCha8Rng, file: &[u8]) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for _ in 0..rng.gen_range(1..=4) {
        let at = rng.gen_range(0..bytes.len());
        match rng.gen_range(0..6) {
            0 => bytes[at] = rng.r#gen(),
            1 => bytes[at] ^= 1 << rng.gen_range(0..8),
            2 => bytes.truncate(at.max(1)),
            3 => drop(bytes.remove(at)),
            // What stands at the beginning decides most.
            4 => bytes[at % 64] = rng.r#gen(),
            _ => bytes.insert(at, b",;\t\"\n\0-9N"[rng.gen_range(0..9)]),
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
    bytes
}

/// A kind of file: the undamaged ones, and how one is read.
struct Format {
    name: &'static str,
    seeds: Vec<Vec<u8>>,
    /// What is unpacked may be so many times the file.
    unpacks: usize,
    read: fn(&Path) -> Result<usize>,
}

fn formats() -> Vec<Format> {
    let json = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    let data = json(include_str!("reference/data.json"));
    let tables = json(include_str!("reference/tables.json"));
    let images = json(include_str!("reference/images.json"));
    let pictures = |jpeg: bool| {
        let all = images.as_array().unwrap().iter();
        let all = all.filter(|case| case["name"].as_str().unwrap().starts_with("jpeg") == jpeg);
        all.map(|case| bytes(&case["file"])).collect()
    };
    let mut tables: Vec<Vec<u8>> = tables
        .as_array()
        .unwrap()
        .iter()
        .map(|t| bytes(&t["file"]))
        .collect();
    let long = data["files"].as_object().unwrap().values();
    tables.extend(long.map(|file| file["text"].as_str().unwrap().as_bytes().to_vec()));
    let arrays = data["arrays"].as_object().unwrap().values();
    let mut arrays: Vec<Vec<u8>> = arrays.map(|array| bytes(&array["npy"])).collect();
    // Larger ones beside, in which little would be seen of what readers always take.
    let written = |name: &str, write: &dyn Fn(&Path) -> Result<()>| {
        let path = tempfile::tempdir().unwrap().keep().join(name);
        write(&path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
        bytes
    };
    let digits = Dataset::digits();
    tables.push(written("a.csv", &|path| digits.to_csv(path)));
    let mut pixels = written("a.npy", &|path| digits.arrays().0.save(path));
    let at = pixels.iter().position(|&b| b == b'<').unwrap();
    pixels[at..at + 3].copy_from_slice(b"|u1");
    let header = pixels.iter().position(|&b| b == b'\n').unwrap() + 1;
    pixels.truncate(header + 1797 * 64);
    arrays.push(pixels);
    let (x, y) = digits.arrays();
    let both = |path: &Path| {
        let names = ["x_train", "y_train", "x_test", "y_test"];
        Array::save_all(path, names.into_iter().zip([&x, &y, &x, &y]))
    };
    let mut idx = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    idx.write_all(&[0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6])
        .unwrap();
    idx.write_all(&[7; 120]).unwrap();
    let picture: fn(&Path) -> Result<usize> = |path| {
        // Beside the damaged one a small whole one, so that there are two classes.
        let folder = path.parent().unwrap().parent().unwrap();
        let read = Dataset::images(folder).size(8, 8).quiet().read();
        read.map(|data| data.features().len())
    };
    vec![
        Format {
            name: "csv",
            seeds: tables,
            unpacks: 1,
            read: |path| {
                let table = Dataset::csv(path).quiet().missing(Missing::Median);
                table.read().map(|data| data.features().len())
            },
        },
        Format {
            name: "npy",
            seeds: arrays,
            unpacks: 1,
            read: |path| Array::read(path).map(|array| array.values().len()),
        },
        Format {
            name: "npz",
            seeds: vec![bytes(&data["npz"]), written("a.npz", &both)],
            unpacks: 1,
            read: |path| Dataset::npz(path).map(|(a, b)| a.features().len() + b.features().len()),
        },
        Format {
            name: "safetensors",
            seeds: vec![bytes(&data["safetensors"]), written("a.safetensors", &both)],
            unpacks: 1,
            read: |path| Dataset::npz(path).map(|(a, b)| a.features().len() + b.features().len()),
        },
        Format {
            name: "idx",
            seeds: vec![idx.finish().unwrap()],
            unpacks: 1,
            read: |path| {
                let labels = path.with_extension("labels");
                Dataset::from_idx(path, labels).map(|data| data.features().len())
            },
        },
        Format {
            name: "cifar",
            seeds: vec![
                (0..3 * 3073)
                    .map(|i| (i / 3073 + i % 3073) as u8 % 10)
                    .collect(),
            ],
            unpacks: 1,
            read: |path| Dataset::from_cifar10(&[path]).map(|data| data.features().len()),
        },
        Format {
            name: "png",
            seeds: pictures(false),
            unpacks: 1032,
            read: picture,
        },
        Format {
            name: "jpeg",
            seeds: pictures(true),
            unpacks: 1032,
            read: picture,
        },
    ]
}

#[test]
fn damaged_files_end_in_an_error_or_in_numbers_and_take_little_memory() {
    let many: usize = std::env::var("GRADUS_MUTATIONS").map_or(150, |n| n.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/damaged.png");
    for class in ["a", "b"] {
        std::fs::create_dir(folder.path().join(class)).unwrap();
    }
    let mut whole = Vec::new();
    let encoder = png::Encoder::new(&mut whole, 1, 1);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[9]).unwrap();
    drop(writer);
    std::fs::write(folder.path().join("b/whole.png"), whole).unwrap();
    let mut labels = flate2::write::GzEncoder::new(
        std::fs::File::create(path.with_extension("labels")).unwrap(),
        flate2::Compression::fast(),
    );
    labels
        .write_all(&[0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 3, 4])
        .unwrap();
    labels.finish().unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for format in formats() {
        let (mut refused, mut read, mut largest) = (0, 0, (0, 0));
        for seed in format.seeds.iter().cycle().take(many) {
            let bytes = mutated(&mut rng, seed);
            std::fs::write(&path, &bytes).unwrap();
            let before = NOW.load(Relaxed);
            MOST.store(before, Relaxed);
            let result = (format.read)(&path);
            let took = MOST.load(Relaxed) - before;
            // What readers always have beside: buffers, tables of codes, the words of the report.
            let most = 4 * format.unpacks * bytes.len() + FIXED;
            largest = largest.max((took, bytes.len()));
            assert!(
                took <= most,
                "{}: {took} bytes for a file of {}: {:?}",
                format.name,
                bytes.len(),
                &bytes[..bytes.len().min(500)]
            );
            match result {
                Ok(_) => read += 1,
                Err(error) => {
                    assert!(!error.to_string().is_empty());
                    refused += 1;
                }
            }
        }
        let (took, length) = largest;
        eprintln!(
            "{}: {refused} refused, {read} read; at most {took} bytes, for a file of {length}",
            format.name
        );
        assert!(refused * 10 > read, "{}: {refused} of {read}", format.name);
    }
}

const FIXED: usize = 1 << 18;
