//! Opening a submission: folders, archives, files.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read},
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use gradus_exercise::Text;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    Allowed, Limits, Stop, Submission,
    archive::{self, Kind},
    paths::{Place, about, is_passed_over, shown},
};

/// More remarks than this are only counted.
const REMARKS: usize = 12;

/// What was taken of a submission.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The exercises, such as `src/exercises/e1_dense.rs`, and what they say.
    pub files: BTreeMap<String, String>,
    /// What was refused and why, and what else a student should know.
    pub remarks: Vec<Text>,
    /// When it was handed in, in seconds since 1970: as a list says, or the newest of the files' times.
    pub handed_in: Option<i64>,
    /// The exercises for which nothing, or nothing that can be read, was handed in.
    pub missing: Vec<String>,
}

impl Taken {
    /// A name for the contents of the files (SHA-256): the same files have the same name.
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for (file, text) in &self.files {
            for part in [file, text] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
        hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// Takes the files that the lab allows. Nothing that a student can hand in is an error: what is wrong is said in the remarks.
pub fn read(submission: &Submission, allowed: &Allowed, limits: &Limits) -> Taken {
    let mut taking = Taking::new(allowed, limits);
    for source in &submission.sources {
        if let Err(Stop::Refused(why)) = taking.source(source) {
            taking.remark(why);
        }
    }
    taking.end(submission.handed_in)
}

/// A file that may be an exercise.
struct Candidate {
    order: (u8, usize, String),
    text: Option<String>,
}

/// Reading in progress.
pub(crate) struct Taking<'a> {
    pub(crate) allowed: &'a Allowed,
    pub(crate) limits: &'a Limits,
    found: BTreeMap<String, Candidate>,
    remarks: Vec<Text>,
    unsaid: usize,
    entries: usize,
    newest: Option<i64>,
}

impl<'a> Taking<'a> {
    pub(crate) fn new(allowed: &'a Allowed, limits: &'a Limits) -> Self {
        Self {
            allowed,
            limits,
            found: BTreeMap::new(),
            remarks: Vec::new(),
            unsaid: 0,
            entries: 0,
            newest: None,
        }
    }

    pub(crate) fn remark(&mut self, remark: Text) {
        if self.remarks.contains(&remark) {
        } else if self.remarks.len() < REMARKS {
            self.remarks.push(remark);
        } else {
            self.unsaid += 1;
        }
    }

    /// One entry more.
    pub(crate) fn count(&mut self) -> Result<(), Stop> {
        self.entries += 1;
        let most = self.limits.entries;
        match self.entries > most {
            true => Err(Stop::Refused(Text::new(
                format!("más de {most} ficheros y carpetas: no se ha tomado nada"),
                format!("more than {most} files and folders: nothing was taken"),
            ))),
            false => Ok(()),
        }
    }

    /// A file at `path`, read only if it may be an exercise.
    pub(crate) fn offer(&mut self, path: &str, from: &mut dyn Read) -> io::Result<()> {
        match self.allowed.place(path) {
            Place::Other => Ok(()),
            Place::Outside => {
                self.outside(path);
                Ok(())
            }
            Place::Exercise { file, rank } => {
                let text = self.text(path, from)?;
                self.put(path, file, rank, text);
                Ok(())
            }
        }
    }

    pub(crate) fn outside(&mut self, path: &str) {
        self.remark(about(
            path,
            "la ruta es absoluta o sale de su carpeta (`..`): no se ha tomado",
            "the path is absolute or leaves its folder (`..`): not taken",
        ));
    }

    /// What is neither a file nor a folder.
    pub(crate) fn not_a_file(&mut self, path: &str, is_link: bool) {
        self.remark(match is_link {
            true => about(
                path,
                "es un enlace y los enlaces no se siguen: entrega el fichero",
                "this is a link, and links are not followed: hand in the file itself",
            ),
            false => about(
                path,
                "no es un fichero normal: no se ha tomado",
                "this is not a regular file: not taken",
            ),
        });
    }

    fn text(&mut self, path: &str, from: &mut dyn Read) -> io::Result<Option<String>> {
        let most = self.limits.file;
        let mut bytes = Vec::new();
        from.take(most + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most {
            let kib = most >> 10;
            self.remark(about(
                path,
                &format!("tiene más de {kib} KiB: no se ha tomado"),
                &format!("it has more than {kib} KiB: not taken"),
            ));
            return Ok(None);
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => {
                self.remark(about(
                    path,
                    "no es texto en UTF-8: guárdalo con esa codificación",
                    "this is not text in UTF-8: save it with that encoding",
                ));
                Ok(None)
            }
        }
    }

    /// Of two files with one name the surest place counts, then the shortest way.
    fn put(&mut self, path: &str, file: String, rank: u8, text: Option<String>) {
        let depth = path.split(['/', '\\']).count();
        let new = Candidate {
            order: (rank, depth, path.to_owned()),
            text,
        };
        let Some(old) = self.found.remove(&file) else {
            self.found.insert(file, new);
            return;
        };
        let (kept, other) = match (new.text.is_some(), old.text.is_some()) {
            (true, false) => (new, old),
            (false, true) => (old, new),
            _ if new.order < old.order => (new, old),
            _ => (old, new),
        };
        if kept.text != other.text && other.text.is_some() {
            let (kept, other) = (shown(&kept.order.2), shown(&other.order.2));
            self.remark(Text::new(
                format!("{other}: hay otro fichero con ese nombre y cuenta el otro, {kept}"),
                format!("{other}: there is another file of that name, and that one counts: {kept}"),
            ));
        }
        self.found.insert(file, kept);
    }

    fn source(&mut self, path: &Path) -> Result<(), Stop> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let unread = |e: io::Error| {
            about(
                &name,
                &format!("no se puede leer ({e})"),
                &format!("it cannot be read ({e})"),
            )
        };
        let is = fs::symlink_metadata(path).map_err(unread)?;
        if is.is_dir() {
            return self.folder(path, "", 0);
        }
        if !is.is_file() {
            self.not_a_file(&name, is.is_symlink());
            return Ok(());
        }
        let modified = is.modified().ok();
        match Kind::of(&name) {
            Some(kind) => {
                self.seen_at(modified);
                self.archive(path, &name, kind)
            }
            None => {
                // Moodle puts the participant before the name.
                let inner = super::layout::moodle_file(&name).map(|(_, file)| file.to_owned());
                let inner = inner.unwrap_or_else(|| name.into_owned());
                self.file(path, &inner, modified)
            }
        }
    }

    fn folder(&mut self, folder: &Path, at: &str, depth: usize) -> Result<(), Stop> {
        let unread = |e: io::Error| {
            about(
                at,
                &format!("no se puede leer ({e})"),
                &format!("it cannot be read ({e})"),
            )
        };
        if depth > self.limits.depth {
            return Err(Stop::Refused(about(
                at,
                "demasiadas carpetas dentro de carpetas",
                "too many folders within folders",
            )));
        }
        // Not sorted: a folder of a million files must not be read to its end. `put` makes the order not matter.
        for entry in fs::read_dir(folder).map_err(unread)? {
            self.count()?;
            let entry = entry.map_err(unread)?;
            let is = entry.file_type().map_err(unread)?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let path = match at {
                "" => name.to_string(),
                at => format!("{at}/{name}"),
            };
            if is.is_dir() {
                if !is_passed_over(&name) {
                    self.folder(&entry.path(), &path, depth + 1)?;
                }
            } else if !is.is_file() {
                self.not_a_file(&path, is.is_symlink());
            } else if let Some(kind) = Kind::of(&name) {
                self.seen_at(entry.metadata().ok().and_then(|is| is.modified().ok()));
                if let Err(Stop::Refused(why)) = self.archive(&entry.path(), &path, kind) {
                    self.remark(why);
                }
            } else {
                let modified = entry.metadata().ok().and_then(|is| is.modified().ok());
                self.file(&entry.path(), &path, modified)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, from: &Path, path: &str, modified: Option<SystemTime>) -> Result<(), Stop> {
        if self.allowed.place(path) == Place::Other {
            return Ok(());
        }
        self.seen_at(modified);
        let read = File::open(from).and_then(|mut file| self.offer(path, &mut file));
        Ok(read.map_err(|e| {
            about(
                path,
                &format!("no se puede leer ({e})"),
                &format!("it cannot be read ({e})"),
            )
        })?)
    }

    /// An archive is taken whole or, where it is too large or damaged, not at all.
    fn archive(&mut self, path: &Path, name: &str, kind: Kind) -> Result<(), Stop> {
        let mut inside = Taking::new(self.allowed, self.limits);
        let ended = archive::read(path, kind, &mut inside);
        self.unsaid += inside.unsaid;
        for remark in inside.remarks {
            self.remark(remark);
        }
        if let Err(Stop::Refused(why)) = ended {
            let name = shown(name);
            let es = format!("{name}: {}", why.es);
            return Err(Stop::Refused(Text::new(es, format!("{name}: {}", why.en))));
        }
        for (file, candidate) in inside.found {
            let (rank, _, path) = candidate.order;
            self.put(&path, file, rank, candidate.text);
        }
        Ok(())
    }

    fn seen_at(&mut self, time: Option<SystemTime>) {
        let seconds = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let seconds = seconds.map(|since| since.as_secs().cast_signed());
        self.newest = self.newest.max(seconds);
    }

    fn end(mut self, stated: Option<i64>) -> Taken {
        // The order in which a folder is read is the file system's.
        self.remarks.sort_by(|a, b| a.en.cmp(&b.en));
        if self.unsaid > 0 {
            let n = self.unsaid;
            self.remarks.push(Text::new(
                format!("y {n} avisos más como estos"),
                format!("and {n} more remarks like these"),
            ));
        }
        let files: BTreeMap<_, _> = (self.found.into_iter())
            .filter_map(|(file, candidate)| Some((file, candidate.text?)))
            .collect();
        if files.is_empty() {
            let names: Vec<_> = self.allowed.names().collect();
            let names = names.join(", ");
            self.remarks.push(Text::new(
                format!("no hay ningún fichero del laboratorio; se esperan: {names}"),
                format!("there is no file of the lab; these are looked for: {names}"),
            ));
        }
        let missing = self.allowed.all().filter(|file| !files.contains_key(*file));
        Taken {
            missing: missing.map(str::to_owned).collect(),
            files,
            remarks: self.remarks,
            handed_in: stated.or(self.newest),
        }
    }
}
