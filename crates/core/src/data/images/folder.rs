//! Which pictures a folder has, and of which classes.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// More names than this are not listed.
const MOST: usize = 10;
/// Folders in folders, at most so deep.
const DEEPEST: usize = 16;

/// A file that may be a picture.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) path: PathBuf,
    pub(super) class: usize,
}

/// What is in a folder.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    /// What the folder is called.
    pub(super) name: String,
    pub(super) classes: Vec<String>,
    /// Class by class, each in the order of the names.
    pub(super) pictures: Vec<Picture>,
    /// Files that are no pictures, by their names.
    pub(super) others: Vec<String>,
}

impl Files {
    /// The pictures below each folder in `folder`, whose names are the classes; `known` says which there may be.
    pub(super) fn find(folder: &Path, known: Option<&[String]>) -> Result<Files> {
        let name = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let name = name
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let mut files = Files {
            folder: folder.to_owned(),
            name: name.unwrap_or_else(|| "images".to_owned()),
            classes: Vec::new(),
            pictures: Vec::new(),
            others: Vec::new(),
        };
        let (folders, loose) = content(folder)?;
        files.others = loose.iter().map(|path| files.inside(path)).collect();
        for folder in folders {
            let class = file_name(&folder);
            let before = files.pictures.len();
            files.look(&folder, files.classes.len(), 0)?;
            if files.pictures.len() == before {
                continue;
            }
            let Some(known) = known else {
                files.classes.push(class);
                continue;
            };
            let number = known.iter().position(|own| *own == class).ok_or_else(|| {
                let list = listed(known);
                Error::damaged(
                    &folder,
                    (
                        format!("no es ninguna de las clases de entrenamiento: {list}"),
                        format!("it is none of the classes of training: {list}"),
                    ),
                )
            })?;
            for picture in &mut files.pictures[before..] {
                picture.class = number;
            }
        }
        if let Some(known) = known {
            files.classes = known.to_vec();
        }
        let loose_pictures = loose.iter().filter(|path| is_picture(path)).count();
        if files.pictures.is_empty() {
            return Err(Error::damaged(
                folder,
                if loose_pictures > 0 {
                    (
                        format!(
                            "tiene {loose_pictures} imágenes sueltas; ponlas en una carpeta por clase: gatos/1.png, perros/2.png"
                        ),
                        format!(
                            "it has {loose_pictures} loose pictures; put them into a folder for each class: cats/1.png, dogs/2.png"
                        ),
                    )
                } else {
                    (
                    "no tiene carpetas con imágenes PNG o JPEG; hace falta una por clase: gatos/1.png, perros/2.png".to_owned(),
                    "it has no folders with PNG or JPEG pictures; there must be one for each class: cats/1.png, dogs/2.png".to_owned(),
                )
                },
            ));
        }
        if files.classes.len() < 2 {
            let only = files.classes.join("");
            return Err(Error::damaged(
                folder,
                (
                    format!(
                        "solo tiene una clase, {only}; hace falta una carpeta por clase: ¿es la carpeta correcta?"
                    ),
                    format!(
                        "it has one class alone, {only}; there must be a folder for each class: is it the right folder?"
                    ),
                ),
            ));
        }
        Ok(files)
    }

    /// Take the pictures below `folder`.
    fn look(&mut self, folder: &Path, class: usize, depth: usize) -> Result<()> {
        let (folders, files) = content(folder)?;
        for path in files {
            if is_picture(&path) {
                self.pictures.push(Picture { path, class });
            } else {
                self.others.push(self.inside(&path));
            }
        }
        for folder in folders {
            // A link to a folder may lead around in a circle.
            if depth < DEEPEST && !folder.is_symlink() {
                self.look(&folder, class, depth + 1)?;
            }
        }
        Ok(())
    }

    /// A path as it is seen from the folder.
    pub(super) fn inside(&self, path: &Path) -> String {
        path.strip_prefix(&self.folder)
            .unwrap_or(path)
            .display()
            .to_string()
    }
}

/// The folders and files in a folder, in the order of their names, without those that systems hide or leave behind.
fn content(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let io = |error: std::io::Error| Error::io(folder, error);
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(io)?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()
        .map_err(io)?;
    all.retain(|path| {
        let name = file_name(path);
        !name.starts_with('.') && !matches!(name.as_str(), "__MACOSX" | "Thumbs.db" | "desktop.ini")
    });
    all.sort();
    Ok(all.into_iter().partition(|path| path.is_dir()))
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// By its name; those of kinds that are not read are pictures too, so that they are not passed over in silence.
fn is_picture(path: &Path) -> bool {
    let kind = path
        .extension()
        .map(|kind| kind.to_string_lossy().to_lowercase());
    kind.is_some_and(|kind| {
        matches!(
            kind.as_str(),
            "png"
                | "jpg"
                | "jpeg"
                | "jpe"
                | "jfif"
                | "gif"
                | "bmp"
                | "webp"
                | "tif"
                | "tiff"
                | "heic"
                | "avif"
        )
    })
}

/// Whether a class may name a folder on any system, and be found again in it.
pub(super) fn can_be_a_folder(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && !name.ends_with(['.', ' '])
        && !name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|'])
        && !name.contains(char::is_control)
}

/// The first of some names.
pub(super) fn listed(names: &[String]) -> String {
    let first = names
        .iter()
        .take(MOST)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len() > MOST {
        true => format!("{first}, …"),
        false => first,
    }
}
