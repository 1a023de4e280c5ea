//! Archives, read in a stream and within limits: what they say about themselves is not believed.

use std::{
    cell::Cell,
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::Path,
    rc::Rc,
};

use flate2::read::MultiGzDecoder;
use gradus_exercise::Text;
use tar::EntryType;

use super::{
    Stop,
    paths::{Place, about},
    read::Taking,
};

/// The longest name of a file in an archive.
const LONGEST_NAME: u64 = 16 << 10;

/// The archives that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Zip,
    TarGz,
}

impl Kind {
    /// What a file is by its name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::split(name).map(|(_, kind)| kind)
    }

    /// The name without its ending, and what that says.
    pub(crate) fn split(name: &str) -> Option<(&str, Self)> {
        let endings = [
            (".zip", Self::Zip),
            (".tar.gz", Self::TarGz),
            (".tgz", Self::TarGz),
        ];
        endings.into_iter().find_map(|(ending, kind)| {
            let at = name.len().checked_sub(ending.len())?;
            let (stem, end) = name.split_at_checked(at)?;
            (end.eq_ignore_ascii_case(ending) && !stem.is_empty()).then_some((stem, kind))
        })
    }
}

pub(crate) fn read(path: &Path, kind: Kind, taking: &mut Taking<'_>) -> Result<(), Stop> {
    let file = File::open(path).map_err(|e| damaged(&e))?;
    match kind {
        Kind::Zip => read_zip(file, taking),
        Kind::TarGz => read_tar(file, taking),
    }
}

fn damaged(why: &dyn std::fmt::Display) -> Text {
    Text::new(
        format!("el archivo no se puede leer: está dañado o no es lo que dice su nombre ({why})"),
        format!("the archive cannot be read: it is damaged or not what its name says ({why})"),
    )
}

fn too_large(mib: u64) -> Text {
    Text::new(
        format!("el archivo ocupa más de {mib} MiB al descomprimirlo: no se ha tomado nada"),
        format!("the archive has more than {mib} MiB when unpacked: nothing was taken"),
    )
}

fn read_zip(file: File, taking: &mut Taking<'_>) -> Result<(), Stop> {
    let most = taking.limits.entries;
    let too_many = || {
        Text::new(
            format!("el archivo tiene más de {most} ficheros y carpetas: no se ha tomado nada"),
            format!("the archive has more than {most} files and folders: nothing was taken"),
        )
    };
    // The list of contents is read whole into memory, so it must not be long.
    let meter = Meter::new(taking.limits.listing);
    let from = Metered(BufReader::new(file), meter.clone());
    let mut archive = match zip::ZipArchive::new(from) {
        Ok(archive) => archive,
        Err(_) if meter.is_spent() => return Err(too_many().into()),
        Err(e) => return Err(damaged(&e).into()),
    };
    if archive.len() > most {
        return Err(too_many().into());
    }
    // From here on files are opened one by one, and `offer` reads no more of one than it may have.
    meter.0.set(Some(u64::MAX));
    for at in 0..archive.len() {
        taking.count()?;
        let entry = archive.by_index_data(at).map_err(|e| damaged(&e))?;
        let name = (entry.name()).map_or_else(
            |_| String::from_utf8_lossy(entry.name_raw()).into_owned(),
            |name| name.into_owned(),
        );
        let kind = entry.unix_mode().unwrap_or(0) & 0o170_000;
        let (is_link, is_file) = (kind == 0o120_000, matches!(kind, 0 | 0o100_000));
        let (is_dir, is_encrypted) = (entry.is_dir(), entry.encrypted());
        match taking.allowed.place(&name) {
            Place::Outside => taking.outside(&name),
            _ if is_link => taking.not_a_file(&name, true),
            _ if is_dir => (),
            _ if !is_file => taking.not_a_file(&name, false),
            Place::Other => (),
            Place::Exercise { .. } if is_encrypted => taking.remark(about(
                &name,
                "está cifrado con una contraseña: entrégalo sin ella",
                "it is encrypted with a password: hand it in without one",
            )),
            Place::Exercise { .. } => {
                let read = (archive.by_index(at).map_err(io::Error::other))
                    .and_then(|mut entry| taking.offer(&name, &mut entry));
                if let Err(e) = read {
                    taking.remark(about(
                        &name,
                        &format!("no se puede descomprimir ({e})"),
                        &format!("it cannot be unpacked ({e})"),
                    ));
                }
            }
        }
    }
    Ok(())
}

fn read_tar(file: File, taking: &mut Taking<'_>) -> Result<(), Stop> {
    let most = taking.limits.unpacked;
    let meter = Meter::new(most);
    let unpacked = MultiGzDecoder::new(BufReader::new(file));
    let mut archive = tar::Archive::new(Metered(unpacked, meter.clone()));
    match entries(&mut archive, taking) {
        Err(Ended::Stop(stop)) => Err(stop),
        Err(Ended::Io(_)) if meter.is_spent() => Err(too_large(most >> 20).into()),
        Err(Ended::Io(e)) => Err(damaged(&e).into()),
        Ok(()) => Ok(()),
    }
}

enum Ended {
    Stop(Stop),
    Io(io::Error),
}

impl From<io::Error> for Ended {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}

/// Raw entries: long names are read here, within limits, and not by the crate, which takes them as long as they are.
fn entries(archive: &mut tar::Archive<impl Read>, taking: &mut Taking<'_>) -> Result<(), Ended> {
    let mut long_name: Option<Vec<u8>> = None;
    for entry in archive.entries()?.raw(true) {
        taking.count().map_err(Ended::Stop)?;
        let mut entry = entry?;
        let kind = entry.header().entry_type();
        if matches!(kind, EntryType::GNULongName | EntryType::XHeader) {
            let mut bytes = Vec::new();
            if entry.size() > LONGEST_NAME {
                return Err(io::Error::other("a name without end").into());
            }
            entry.read_to_end(&mut bytes)?;
            if kind == EntryType::GNULongName {
                bytes.truncate(bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len()));
                long_name = Some(bytes);
            } else if let Some(name) = pax_path(&bytes) {
                long_name = Some(name);
            }
            continue;
        }
        if matches!(kind, EntryType::GNULongLink | EntryType::XGlobalHeader) {
            continue;
        }
        let name = long_name
            .take()
            .unwrap_or_else(|| entry.path_bytes().into_owned());
        let name = String::from_utf8_lossy(&name).into_owned();
        match kind {
            EntryType::Regular | EntryType::Continuous => taking.offer(&name, &mut entry)?,
            EntryType::Directory => {
                if taking.allowed.place(&name) == Place::Outside {
                    taking.outside(&name);
                }
            }
            EntryType::Symlink | EntryType::Link => taking.not_a_file(&name, true),
            _ => taking.not_a_file(&name, false),
        }
    }
    Ok(())
}

/// The path of the next entry in a record such as `30 path=labs/lab2/…`.
fn pax_path(bytes: &[u8]) -> Option<Vec<u8>> {
    let records = tar::PaxExtensions::new(bytes);
    let path = records
        .filter_map(Result::ok)
        .filter(|record| record.key_bytes() == b"path")
        .last()?;
    Some(path.value_bytes().to_owned())
}

/// How many bytes may still be read; nothing when it were more.
#[derive(Clone)]
struct Meter(Rc<Cell<Option<u64>>>);

impl Meter {
    fn new(bytes: u64) -> Self {
        Self(Rc::new(Cell::new(Some(bytes))))
    }

    fn is_spent(&self) -> bool {
        self.0.get().is_none()
    }
}

/// A reader that gives what its meter allows, and then an error.
struct Metered<R>(R, Meter);

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(to)?;
        let left = self
            .1
            .0
            .get()
            .and_then(|left| left.checked_sub(read as u64));
        self.1.0.set(left);
        match left {
            Some(_) => Ok(read),
            None => Err(io::Error::other("larger than allowed")),
        }
    }
}

impl<R: Seek> Seek for Metered<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}
