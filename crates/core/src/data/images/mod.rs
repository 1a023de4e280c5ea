//! Pictures in folders: a folder for each class, PNG or JPEG files in them, as Keras's `image_dataset_from_directory` and
//! PyTorch's `ImageFolder` read.
//!
//! ```
//! use gradus::prelude::*;
//! # let folder = std::env::temp_dir().join(format!("gradus-doc-images-{}", std::process::id()));
//! // digits/0/00000.png, digits/0/00010.png, ... digits/9/01796.png
//! Dataset::digits().to_images(&folder)?;
//! let digits = Dataset::images(&folder).size(16, 16).grey().read()?;
//! assert_eq!((digits.len(), digits.shape().sizes()), (1797, &[16, 16, 1][..]));
//! assert_eq!(digits.class_names()[..3], ["0", "1", "2"]);
//! # std::fs::remove_dir_all(folder).unwrap();
//! # Ok::<(), gradus::Error>(())
//! ```
//!
//! PNG is read always; JPEG by the feature `jpeg`, so that who needs none does not build its decoder: in a notebook
//! `:dep gradus = { features = ["jpeg"] }`. Sizes are changed as Pillow's bilinear filter does it (`tests/reference/images.py`),
//! numbers are scaled to `[0, 1]`.

mod decode;
mod folder;
mod resize;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::names::Info;
use super::{Dataset, Targets};
use crate::error::{Error, Result};
use crate::interrupt::Watch;
use crate::kernels::team;
use decode::Problem;
use folder::{Files, Picture};
use gradus_text::display;
use gradus_text::say;

/// A progress bar comes after this time.
const PATIENCE: Duration = Duration::from_secs(1);
/// So many pictures are read between two looks at the clock.
const AT_ONCE: usize = 64;
/// No file of a picture is larger.
const MOST_BYTES: u64 = 1 << 28;

/// Pictures to read: made by [`Dataset::images`], read by [`Images::read`].
#[derive(Clone, Debug)]
pub struct Images {
    folder: PathBuf,
    size: Option<(usize, usize)>,
    grey: bool,
    classes: Option<Vec<String>>,
    skip_broken: bool,
    quiet: bool,
    mistake: Option<String>,
}

impl Dataset {
    /// Pictures in a folder that has a folder for each class, to be read by [`Images::read`]:
    /// `Dataset::images("flowers").size(28, 28).grey().read()?`.
    pub fn images(folder: impl AsRef<Path>) -> Images {
        Images {
            folder: folder.as_ref().to_owned(),
            size: None,
            grey: false,
            classes: None,
            skip_broken: false,
            quiet: false,
            mistake: None,
        }
    }
}

impl Images {
    /// Bring all to this size, whatever their shape: they are stretched, not cut. Not needed where all have one size.
    pub fn size(mut self, height: usize, width: usize) -> Images {
        if height == 0 || width == 0 {
            self.mistake = Some(say(
                format!(
                    "`.size({height}, {width})`: una imagen tiene al menos un píxel de alto y de ancho"
                ),
                format!(
                    "`.size({height}, {width})`: a picture is at least one pixel high and wide"
                ),
            ));
        }
        self.size = Some((height, width));
        self
    }

    /// One channel, `0.299 R + 0.587 G + 0.114 B`. Where nothing is said there are three, as in Keras and PyTorch.
    pub fn grey(mut self) -> Images {
        self.grey = true;
        self
    }

    /// Leave out files that are broken, and tell which. Where nothing is said, the first one is an error.
    pub fn skip_broken(mut self) -> Images {
        self.skip_broken = true;
        self
    }

    /// The size, the channels and the classes of `train`, which other pictures were read to: a class without pictures here
    /// keeps its number.
    pub fn like(mut self, train: &Dataset) -> Images {
        match train.shape().image() {
            Some((height, width, channels @ (1 | 3))) if !train.class_names().is_empty() => {
                self.grey = channels == 1;
                self.classes = Some(train.class_names().to_vec());
                self.size(height, width)
            }
            _ => {
                let text = say(
                    "`.like(&train)` necesita imágenes con nombres de clases, leídas con `Dataset::images`",
                    "`.like(&train)` needs pictures with names of classes, which `Dataset::images` read",
                );
                self.mistake = Some(text.to_owned());
                self
            }
        }
    }

    /// Do not tell what was found, and show no progress.
    pub fn quiet(mut self) -> Images {
        self.quiet = true;
        self
    }

    /// Read the pictures, on all cores, and tell what was found. The classes are the names of the folders in the order of the
    /// alphabet, as in Keras and PyTorch; the examples come class by class, so shuffle them with [`Dataset::split`].
    ///
    /// # Errors
    /// When the folder has no folders with pictures, a file is broken or has another size than the others, there is a JPEG and
    /// this build does not read them, or memory does not hold them all: the error then has the line to write.
    pub fn read(&self) -> Result<Dataset> {
        if let Some(mistake) = &self.mistake {
            return Err(Error::misuse(mistake.clone()));
        }
        let files = Files::find(&self.folder, self.classes.as_deref())?;
        let read = self.read_all(&files)?;
        let report = read.report(&files);
        let Read {
            features,
            labels,
            size: Some((height, width)),
            ..
        } = read
        else {
            let n = read.broken.len();
            return Err(Error::damaged(
                &self.folder,
                (
                    format!("no queda ninguna imagen: las {n} están dañadas"),
                    format!("no picture is left: all {n} are broken"),
                ),
            ));
        };
        let n = labels.len();
        let targets = Targets::Classes {
            labels,
            classes: files.classes.len(),
        };
        let shape = [height, width, self.channels()];
        let data = Dataset::counted(features, shape.into(), targets, n)?;
        if !self.quiet {
            // A closed pipe is no reason to end a student's program.
            let _ = writeln!(std::io::stdout(), "{report}");
        }
        Ok(data.named(files.name.clone()).with_info(Info {
            classes: files.classes,
            report,
            ..Info::default()
        }))
    }

    fn channels(&self) -> usize {
        if self.grey { 1 } else { 3 }
    }

    fn read_all<'a>(&self, files: &'a Files) -> Result<Read<'a>> {
        let (all, started) = (files.pictures.len(), Instant::now());
        let (mut read, mut watch, mut shows) = (Read::default(), Watch::new(), false);
        if let Some(size) = self.size {
            read.reserve(all, size, self.channels())?;
        }
        let mut done = 0;
        for pictures in files.pictures.chunks(AT_ONCE) {
            let mut work: Vec<_> = pictures.iter().map(|picture| (picture, None)).collect();
            team::for_each(&mut work, |_, (picture, decoded)| {
                *decoded = Some(self.decode(&picture.path));
            });
            for (picture, decoded) in work {
                match decoded {
                    Some(Ok(decoded)) => read.add(picture, &decoded, all)?,
                    Some(Err(Problem::Broken(why))) if self.skip_broken => {
                        read.broken.push((picture, why));
                    }
                    Some(Err(problem)) => return Err(refusal(&picture.path, problem)),
                    None => {}
                }
            }
            done += pictures.len();
            watch.check(("la lectura de las imágenes", "reading the pictures"), done)?;
            shows |= started.elapsed() > PATIENCE && done < all;
            if shows && !self.quiet {
                display::progress(done, all);
            }
        }
        Ok(read)
    }

    fn decode(&self, path: &Path) -> Result<Decoded, Problem> {
        let io = |error: std::io::Error| Problem::Broken(error.to_string());
        let about = std::fs::metadata(path).map_err(io)?;
        if !about.is_file() {
            // A pipe would be waited for.
            let text = say("no es un archivo", "it is no file");
            return Err(Problem::Broken(text.to_owned()));
        }
        let length = about.len();
        if length > MOST_BYTES {
            return Err(Problem::Broken(say(
                format!("ocupa {} MB: demasiado para una imagen", length >> 20),
                format!("it has {} MB: too much for a picture", length >> 20),
            )));
        }
        let pixels = decode::decode(&std::fs::read(path).map_err(io)?)?;
        let was = (pixels.height, pixels.width);
        let (is_grey, transparent) = (pixels.channels == 1, pixels.transparent);
        let pixels = match self.grey {
            true => pixels.grey(),
            false => pixels.colour(),
        };
        let bytes = match self.size {
            Some(size) if size != was => {
                resize::resize(&pixels, size.0, size.1).ok_or_else(|| {
                    Problem::Broken(say(
                        format!(
                            "mide {}x{}: no cabe en la memoria con `.size({}, {})`",
                            was.0, was.1, size.0, size.1
                        ),
                        format!(
                            "it is {}x{}: memory does not hold it with `.size({}, {})`",
                            was.0, was.1, size.0, size.1
                        ),
                    ))
                })?
            }
            _ => pixels.bytes,
        };
        Ok(Decoded {
            was,
            size: self.size.unwrap_or(was),
            is_grey,
            transparent,
            bytes,
        })
    }
}

/// One picture, in the size that is wanted.
struct Decoded {
    /// Height and width in the file, and now.
    was: (usize, usize),
    size: (usize, usize),
    is_grey: bool,
    transparent: bool,
    bytes: Vec<u8>,
}

/// What was read so far.
#[derive(Default)]
struct Read<'a> {
    features: Vec<f32>,
    labels: Vec<usize>,
    /// Height and width of all.
    size: Option<(usize, usize)>,
    first: Option<&'a Path>,
    /// The smallest and the largest picture, by height and width.
    sizes: Option<[(usize, usize); 2]>,
    colours: usize,
    channels: usize,
    transparent: usize,
    broken: Vec<(&'a Picture, String)>,
}

impl<'a> Read<'a> {
    /// Take the memory for `n` pictures, or tell that there is not so much.
    fn reserve(
        &mut self,
        n: usize,
        (height, width): (usize, usize),
        channels: usize,
    ) -> Result<()> {
        let numbers = [height, width, channels]
            .iter()
            .fold(n, |n, &size| n.saturating_mul(size));
        if self.features.try_reserve_exact(numbers).is_ok() {
            return Ok(());
        }
        let gb = numbers.saturating_mul(size_of::<f32>()) >> 30;
        Err(Error::misuse((
            format!(
                "{n} imágenes de {height}x{width} ocupan {gb} GB, que no caben en la memoria; elige un `.size(…)` menor"
            ),
            format!(
                "{n} pictures of {height}x{width} take {gb} GB, which memory does not hold; choose a smaller `.size(…)`"
            ),
        )))
    }

    fn add(&mut self, picture: &'a Picture, decoded: &Decoded, all: usize) -> Result<()> {
        let (height, width) = decoded.size;
        match (self.size, self.first) {
            (Some(size), Some(first)) if size != decoded.size => {
                return Err(Error::damaged(
                    &picture.path,
                    (
                        format!(
                            "mide {height}x{width} y {} mide {}x{}; escribe el tamaño para todas, por ejemplo `.size({}, {})`",
                            first.display(),
                            size.0,
                            size.1,
                            size.0,
                            size.1
                        ),
                        format!(
                            "it is {height}x{width} and {} is {}x{}; write a size for all, for example `.size({}, {})`",
                            first.display(),
                            size.0,
                            size.1,
                            size.0,
                            size.1
                        ),
                    ),
                ));
            }
            (None, _) => {
                let channels = decoded.bytes.len() / (height * width);
                self.reserve(all, decoded.size, channels)?;
                (self.size, self.first) = (Some(decoded.size), Some(&*picture.path));
                self.channels = channels;
            }
            _ => {}
        }
        let levels = decoded.bytes.iter();
        self.features
            .extend(levels.map(|&level| f32::from(level) / 255.0));
        self.labels.push(picture.class);
        let [smallest, largest] = self.sizes.get_or_insert([decoded.was; 2]);
        let area = |(height, width): (usize, usize)| height * width;
        if area(decoded.was) < area(*smallest) {
            *smallest = decoded.was;
        }
        if area(decoded.was) > area(*largest) {
            *largest = decoded.was;
        }
        self.colours += usize::from(!decoded.is_grey);
        self.transparent += usize::from(decoded.transparent);
        Ok(())
    }

    fn report(&self, files: &Files) -> String {
        let (n, k) = (self.labels.len(), files.classes.len());
        let mut sizes = String::new();
        if let (Some((height, width)), Some([smallest, largest])) = (self.size, self.sizes) {
            sizes = format!("{}x{}", smallest.0, smallest.1);
            if largest != smallest {
                sizes += &format!(" … {}x{}", largest.0, largest.1);
            }
            sizes += &format!(" → {height}x{width}x{}", self.channels);
        }
        let mut lines = vec![say(
            format!("{}: {n} imágenes en {k} carpetas, {sizes}", files.name),
            format!("{}: {n} pictures in {k} folders, {sizes}", files.name),
        )];
        let mut counts = vec![0_usize; k];
        self.labels.iter().for_each(|&label| counts[label] += 1);
        let each = files.classes.iter().zip(&counts);
        let each: Vec<String> = each.map(|(class, n)| format!("{class} ({n})")).collect();
        lines.push(format!(
            "  {}: {}",
            say("clases", "classes"),
            folder::listed(&each)
        ));
        let mut note = |n: usize, spanish: String, english: String| {
            if n > 0 {
                lines.push(format!("  {}", say(spanish, english)));
            }
        };
        let broken: Vec<String> = self
            .broken
            .iter()
            .map(|(picture, why)| format!("{} ({why})", files.inside(&picture.path)))
            .collect();
        let (n, list) = (broken.len(), folder::listed(&broken));
        note(
            n,
            format!("fuera por estar dañadas ({n}): {list}"),
            format!("left out because broken ({n}): {list}"),
        );
        let (n, list) = (files.others.len(), folder::listed(&files.others));
        note(
            n,
            format!("no son imágenes ({n}): {list}"),
            format!("no pictures ({n}): {list}"),
        );
        let n = self.transparent;
        note(
            n,
            format!("con píxeles transparentes ({n}): cuentan con el color que tengan debajo"),
            format!("with transparent pixels ({n}): they count with the colour that is under them"),
        );
        note(
            usize::from(self.channels == 3 && self.colours == 0),
            "todas son grises: con `.grey()` tendrían un canal en lugar de tres iguales".to_owned(),
            "all are grey: with `.grey()` they would have one channel instead of three equal ones"
                .to_owned(),
        );
        lines.join("\n")
    }
}

fn refusal(path: &Path, problem: Problem) -> Error {
    match problem {
        Problem::Broken(why) => Error::damaged(
            path,
            (
                format!("{why}; escribe `.skip_broken()` para dejar fuera los archivos dañados"),
                format!("{why}; write `.skip_broken()` to leave broken files out"),
            ),
        ),
        Problem::NeedsJpeg => Error::damaged(
            path,
            (
                "es un JPEG, y la biblioteca se ha construido sin ellos; escribe `:dep gradus = { features = [\"jpeg\"] }` en la \
                 primera celda, o `gradus = { features = [\"jpeg\"], … }` en Cargo.toml",
                "it is a JPEG, and the library was built without them; write `:dep gradus = { features = [\"jpeg\"] }` in the \
                 first cell, or `gradus = { features = [\"jpeg\"], … }` in Cargo.toml",
            ),
        ),
    }
}

impl Dataset {
    /// Write pictures as PNG files, in a folder for each class: `folder/class/00000.png`, by the number of the example.
    /// [`Dataset::images`] reads them back; what is outside of `[0, 1]` becomes black or white.
    ///
    /// # Errors
    /// When the examples are no pictures of one or three channels with classes, a class has no name that a folder can have, or
    /// a file cannot be written.
    pub fn to_images(&self, folder: impl AsRef<Path>) -> Result<()> {
        let folder = folder.as_ref();
        let (Some((height, width, channels @ (1 | 3))), true) =
            (self.shape().image(), self.classes() > 0)
        else {
            return Err(Error::misuse((
                format!("to_images necesita imágenes con clases, pero son {self:?}"),
                format!("to_images needs pictures with classes, but these are {self:?}"),
            )));
        };
        let color = match channels {
            1 => png::ColorType::Grayscale,
            _ => png::ColorType::Rgb,
        };
        for class in 0..self.classes() {
            let name = self.class_name(class);
            if !folder::can_be_a_folder(&name) {
                return Err(Error::misuse((
                    format!("ninguna carpeta puede llamarse {name:?}; usa `with_class_names`"),
                    format!("no folder can be called {name:?}; use `with_class_names`"),
                )));
            }
            let inside = folder.join(name);
            std::fs::create_dir_all(&inside).map_err(|error| Error::io(&inside, error))?;
        }
        let pixels = self.features().chunks_exact(height * width * channels);
        for (i, (pixels, &label)) in pixels.zip(self.labels()).enumerate() {
            let path = folder
                .join(self.class_name(label))
                .join(format!("{i:05}.png"));
            let levels = pixels.iter().map(|x| (x * 255.0).round() as u8);
            let levels: Vec<u8> = levels.collect();
            let mut bytes = Vec::new();
            // The sizes of a data set fit: its pixels are in memory.
            let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
            encoder.set_color(color);
            encoder
                .write_header()
                .and_then(|mut writer| writer.write_image_data(&levels))
                .map_err(|error| Error::io(&path, std::io::Error::other(error)))?;
            crate::files::write(&path, &bytes)?;
        }
        Ok(())
    }
}
