//! `gradus data fetch`: a data set from a mirror, a folder, or a package of the system.
//!
//! Each file is downloaded by `curl` to a name of its own beside the others, goes on where it stopped, is checked, and only then
//! takes its name.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args as ClapArgs;
use flate2::read::GzDecoder;
use flate2::{Compression, write::GzEncoder};
use gradus_text::say;
use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};

use super::sources::{Contents, Download, SOURCES, Source};

const EXAMPLES: &str = "\
Examples:
  gradus data fetch mnist                          from the public mirrors, one after the other
  gradus data fetch mnist --from ~/Downloads       files that are on this machine already
  gradus data fetch mnist --from http://10.0.0.5   a mirror of your own
  gradus data fetch fashion-mnist --from debian    the package of Debian and Ubuntu, without installing it

What was cut off goes on where it stopped. Exit status: 0 it is here, 1 it could not be had.";

#[derive(ClapArgs)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The data set
    #[arg(value_parser = SOURCES.iter().map(|source| source.name).collect::<Vec<_>>())]
    name: String,
    /// An address, a folder, or `debian`, instead of the public mirrors; several are tried in turn
    #[arg(long, value_name = "PLACE")]
    from: Vec<String>,
    /// Give a place up after so many seconds without data
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    patience: u64,
}

/// Ctrl-C was pressed, or the system wants an end.
static STOPPED: AtomicBool = AtomicBool::new(false);

/// Where files come from.
enum Place {
    Mirror(String),
    Folder(PathBuf),
    Debian(&'static str),
}

pub fn run(args: &Args) -> ExitCode {
    let source = SOURCES.iter().find(|source| source.name == args.name);
    let source = source.expect("clap has checked the name");
    // Without it the line of the progress would stay, and nobody would say that half a file is worth something.
    let _ = ctrlc::set_handler(|| STOPPED.store(true, Ordering::SeqCst));
    match places(source, &args.from).and_then(|places| {
        let folder = folder(source.name)?;
        let places = usable(places)?;
        for download in source.downloads {
            fetch(download, &places, &folder, args.patience)?;
        }
        Ok(folder)
    }) {
        Ok(folder) => {
            println!("{}: {}", source.name, folder.display());
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("{}: {reason}", source.name);
            ExitCode::FAILURE
        }
    }
}

/// Where the set belongs: the first folder in which it is looked for, in which this user may write.
fn folder(name: &str) -> Result<PathBuf, String> {
    let mut reasons = Vec::new();
    for folder in gradus_machine::folders(name) {
        let made = fs::create_dir_all(&folder).and_then(|()| tempfile::tempfile_in(&folder));
        match made {
            Ok(_) => return Ok(folder),
            Err(error) => reasons.push(format!("{}: {error}", folder.display())),
        }
    }
    if reasons.is_empty() {
        return Err(say(
            "GRADUS_DATA está puesta y vacía, que quiere decir que no hay datos: quítala, o pon en ella una carpeta",
            "GRADUS_DATA is set and empty, which means that there are no data sets: unset it, or set it to a folder",
        )
        .to_owned());
    }
    Err(say(
        format!(
            "no se puede escribir en ninguna carpeta ({}); pon en GRADUS_DATA una en la que puedas",
            reasons.join("; ")
        ),
        format!(
            "there is no folder to write into ({}); set GRADUS_DATA to one where you may",
            reasons.join("; ")
        ),
    ))
}

/// Where its files can be had, in order.
fn places(source: &Source, from: &[String]) -> Result<Vec<Place>, String> {
    let package = source.package.map(Place::Debian);
    if from.is_empty() {
        let mirrors = source
            .mirrors
            .iter()
            .map(|one| Place::Mirror((*one).to_owned()));
        return Ok(mirrors.chain(package.filter(|_| has("apt-get"))).collect());
    }
    let place = |from: &String| {
        if from == "debian" {
            return source.package.map(Place::Debian).ok_or_else(|| {
                say(
                    "Debian no tiene ningún paquete con este conjunto de datos",
                    "Debian has no package with this data set",
                )
                .to_owned()
            });
        }
        if from.starts_with("http://") || from.starts_with("https://") {
            return Ok(Place::Mirror(from.trim_end_matches('/').to_owned()));
        }
        let folder = PathBuf::from(from);
        if folder.is_dir() {
            return Ok(Place::Folder(folder));
        }
        Err(say(
            format!("{from} no es ni una carpeta ni una dirección http:// o https://"),
            format!("{from} is neither a folder nor an address http:// or https://"),
        ))
    };
    from.iter().map(place).collect()
}

/// Those places that this machine can get something from.
fn usable(mut places: Vec<Place>) -> Result<Vec<Place>, String> {
    let is_mirror = |place: &Place| matches!(place, Place::Mirror(_));
    if places.iter().any(is_mirror) && !has("curl") {
        let words = say(
            "hace falta el programa curl: instálalo, o descarga los archivos y usa `--from CARPETA`",
            "the program curl is needed: install it, or download the files and use `--from FOLDER`",
        );
        places.retain(|place| !is_mirror(place));
        if places.is_empty() {
            return Err(words.to_owned());
        }
        eprintln!("{words}");
    }
    Ok(places)
}

/// Whether a program is on this machine.
fn has(program: &str) -> bool {
    let mut asked = Command::new(program);
    asked
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    asked.status().is_ok_and(|status| status.success())
}

/// Get one file, from the first place that has it.
fn fetch(
    download: &Download,
    places: &[Place],
    folder: &Path,
    patience: u64,
) -> Result<(), String> {
    if is_here(download, folder) {
        return Ok(());
    }
    for place in places {
        let (name, got) = match place {
            Place::Mirror(address) => {
                let url = format!("{address}/{}", download.name);
                (
                    address.clone(),
                    from_mirror(download, &url, folder, patience),
                )
            }
            Place::Folder(from) => (
                from.display().to_string(),
                from_folder(download, from, folder),
            ),
            Place::Debian(package) => (
                (*package).to_owned(),
                from_debian(download, package, folder),
            ),
        };
        match got {
            Ok(()) => return Ok(()),
            Err(_) if STOPPED.load(Ordering::SeqCst) => {
                return Err(say(
                    "interrumpido; la misma orden sigue donde lo has dejado",
                    "stopped; the same command goes on from here",
                )
                .to_owned());
            }
            Err(reason) => eprintln!("{name}: {reason}"),
        }
    }
    let by_hand = folder.display();
    Err(say(
        format!(
            "no se ha podido conseguir {}; si lo consigues de otra forma, `--from CARPETA` lo comprueba y lo pone en {by_hand}",
            download.name
        ),
        format!(
            "{} could not be had; if you get it in another way, `--from FOLDER` checks it and puts it into {by_hand}",
            download.name
        ),
    ))
}

/// Whether what it brings is in the folder already, and right.
fn is_here(download: &Download, folder: &Path) -> bool {
    match &download.contents {
        Contents::Gzip(_) => {
            let file = folder.join(download.name);
            file.is_file() && check(download, &file).is_ok()
        }
        Contents::Archive(files, length) => files
            .iter()
            .all(|file| fs::metadata(folder.join(file)).is_ok_and(|found| found.len() == *length)),
    }
}

/// Check a file that has come, and give it, or what is in it, its place.
fn settle(download: &Download, part: &Path, folder: &Path) -> Result<(), String> {
    if let Err(reason) = check(download, part) {
        let _ = fs::remove_file(part);
        return Err(reason);
    }
    let settled = match &download.contents {
        Contents::Gzip(_) => fs::rename(part, folder.join(download.name)),
        Contents::Archive(files, _) => {
            unpack(part, files, folder).and_then(|()| fs::remove_file(part))
        }
    };
    settled.map_err(|error| format!("{}: {error}", folder.display()))
}

/// Whether the contents are what they should be.
fn check(download: &Download, file: &Path) -> Result<(), String> {
    let file = File::open(file).map_err(|error| error.to_string())?;
    let mut sum = Sum(Sha256::new());
    let read = match download.contents {
        // A byte more than there should be is enough to know.
        Contents::Gzip(length) => io::copy(&mut GzDecoder::new(file).take(length + 1), &mut sum),
        Contents::Archive(..) => io::copy(&mut io::BufReader::new(file), &mut sum),
    };
    let sum: String = sum
        .0
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    match read {
        Ok(_) if sum == download.sha256 => Ok(()),
        Ok(_) => Err(say(
            format!(
                "{} no es lo que debería ser (su SHA-256 es otro)",
                download.name
            ),
            format!(
                "{} is not what it should be (its SHA-256 differs)",
                download.name
            ),
        )),
        Err(error) => Err(say(
            format!("{} está dañado: {error}", download.name),
            format!("{} is damaged: {error}", download.name),
        )),
    }
}

/// A sum that is written to.
struct Sum(Sha256);

impl Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The named files of an archive, wherever they lie in it.
fn unpack(archive: &Path, files: &[&str], folder: &Path) -> io::Result<()> {
    let mut missing: Vec<&str> = files.to_vec();
    let mut archive = tar::Archive::new(GzDecoder::new(File::open(archive)?));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let Some(at) = missing
            .iter()
            .position(|file| path.file_name() == Some(file.as_ref()))
        else {
            continue;
        };
        let mut part = tempfile::NamedTempFile::new_in(folder)?;
        io::copy(&mut entry, &mut part)?;
        part.persist(folder.join(missing.swap_remove(at)))?;
    }
    match missing.first() {
        Some(file) => Err(io::Error::other(format!("no {file}"))),
        None => Ok(()),
    }
}

fn from_folder(download: &Download, from: &Path, folder: &Path) -> Result<(), String> {
    let told = |error: io::Error| error.to_string();
    let part = folder.join(format!("{}.part", download.name));
    let packed = from.join(download.name);
    let plain = from.join(download.name.trim_end_matches(".gz"));
    if packed.is_file() {
        fs::copy(&packed, &part).map_err(told)?;
    } else if plain.is_file() && matches!(download.contents, Contents::Gzip(_)) {
        let mut packer = GzEncoder::new(File::create(&part).map_err(told)?, Compression::default());
        let mut plain = File::open(&plain).map_err(told)?;
        io::copy(&mut plain, &mut packer).map_err(told)?;
        packer
            .finish()
            .and_then(|mut file| file.flush())
            .map_err(told)?;
    } else {
        return Err(say(
            format!("no está {}", download.name),
            format!("there is no {}", download.name),
        ));
    }
    settle(download, &part, folder)
}

/// From the system's package, unpacked beside the system and not into it.
fn from_debian(download: &Download, package: &str, folder: &Path) -> Result<(), String> {
    let told = |error: io::Error| error.to_string();
    let place = tempfile::tempdir().map_err(told)?;
    let run = |command: &mut Command| -> Result<(), String> {
        let output = command.current_dir(place.path()).output().map_err(told)?;
        let said = String::from_utf8_lossy(&output.stderr);
        match output.status.success() {
            true => Ok(()),
            false => Err(said.lines().last().unwrap_or_default().to_owned()),
        }
    };
    run(Command::new("apt-get").args(["download", package]))?;
    let files = fs::read_dir(place.path()).map_err(told)?.flatten();
    let mut packages = files.map(|file| file.path());
    let deb = packages.find(|path| path.extension().is_some_and(|end| end == "deb"));
    let deb = deb.ok_or("apt-get has left no package")?;
    run(Command::new("dpkg-deb")
        .arg("--extract")
        .arg(deb)
        .arg("unpacked"))?;
    let name = folder.file_name().unwrap_or_default();
    from_folder(
        download,
        &place.path().join("unpacked/usr/share/datasets").join(name),
        folder,
    )
}

fn from_mirror(download: &Download, url: &str, folder: &Path, patience: u64) -> Result<(), String> {
    // Half of a file is half of this address's file.
    let address = Sha256::digest(url.as_bytes());
    let part = folder.join(format!(
        "{}.{:02x}{:02x}{:02x}.part",
        download.name, address[0], address[1], address[2]
    ));
    let length = || fs::metadata(&part).map_or(0, |part| part.len());
    let mut begun_again = false;
    loop {
        let before = length();
        let reason = match curl(download, url, &part, patience)? {
            Ended::Well => return settle(download, &part, folder),
            // A server that cannot go on in the middle begins again, once.
            Ended::NoRange if !begun_again => {
                begun_again = true;
                fs::remove_file(&part).map_err(|error| error.to_string())?;
                continue;
            }
            Ended::NoRange => None,
            Ended::Cut(reason) => reason,
        };
        // Each time that some of it came it is worth another try.
        if length() <= before || begun_again {
            return Err(reason.unwrap_or_else(|| {
                say("la conexión se corta", "the connection breaks off").to_owned()
            }));
        }
    }
}

/// How a download ended.
enum Ended {
    Well,
    /// The server does not know how to go on in the middle.
    NoRange,
    /// Before its end, with what curl says.
    Cut(Option<String>),
}

fn curl(download: &Download, url: &str, part: &Path, patience: u64) -> Result<Ended, String> {
    let mut command = Command::new("curl");
    command
        .args([
            "--silent",
            "--show-error",
            "--fail",
            "--location",
            "--max-redirs",
            "5",
        ])
        .args(["--proto", "=http,https", "--continue-at", "-"])
        .args(["--connect-timeout", &patience.to_string()])
        .args(["--speed-limit", "1", "--speed-time", &patience.to_string()])
        .arg("--output")
        .arg(part)
        .arg(url)
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("curl: {error}"))?;
    let bar = ProgressBar::new(download.size);
    let style =
        ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}");
    bar.set_style(style.expect("the template is right"));
    bar.set_message(download.name);
    let status = loop {
        let came = fs::metadata(part).map_or(0, |part| part.len());
        bar.set_length(download.size.max(came));
        bar.set_position(came);
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if STOPPED.load(Ordering::SeqCst) => {
                let _ = child.kill();
                break child.wait().map_err(|error| error.to_string())?;
            }
            Ok(None) => std::thread::sleep(Duration::from_millis(100)),
            Err(error) => return Err(error.to_string()),
        }
    };
    bar.finish_and_clear();
    let mut said = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        let _ = stderr.read_to_string(&mut said);
    }
    let said = said.lines().last().map(str::to_owned);
    if STOPPED.load(Ordering::SeqCst) {
        return Err(status.to_string());
    }
    // 18: less came than was announced; 28: nothing for too long; 33: no ranges; 56: the line broke.
    match status.code() {
        Some(0) => Ok(Ended::Well),
        Some(33) => Ok(Ended::NoRange),
        Some(18 | 28 | 56) => Ok(Ended::Cut(said)),
        _ => Err(said.unwrap_or_else(|| status.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive as CIFAR-10's, and its sum.
    fn archive(folder: &Path) -> (PathBuf, String) {
        let path = folder.join("set.tar.gz");
        let mut tar = tar::Builder::new(GzEncoder::new(
            File::create(&path).unwrap(),
            Compression::fast(),
        ));
        for (name, content) in [
            ("set/readme.html", "no"),
            ("set/a.bin", "first"),
            ("set/b.bin", "other"),
        ] {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            tar.append_data(&mut header, name, content.as_bytes())
                .unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap();
        let sum = Sha256::digest(fs::read(&path).unwrap());
        (path, sum.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    #[test]
    fn an_archive_gives_its_files_and_nothing_else() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (path, sum) = archive(from.path());
        let download = |sha256: String, files: &'static [&'static str]| Download {
            name: "set.tar.gz",
            size: 0,
            sha256: sha256.leak(),
            contents: Contents::Archive(files, 5),
        };
        let right = download(sum.clone(), &["a.bin", "b.bin"]);
        assert!(!is_here(&right, to.path()));
        from_folder(&right, from.path(), to.path()).unwrap();
        assert!(is_here(&right, to.path()));
        assert_eq!(fs::read(to.path().join("b.bin")).unwrap(), b"other");
        assert_eq!(fs::read_dir(to.path()).unwrap().count(), 2);
        // One that lacks a file, and one that is another.
        assert!(from_folder(&download(sum, &["c.bin"]), from.path(), to.path()).is_err());
        assert!(
            from_folder(
                &download("00".to_owned(), &["a.bin"]),
                from.path(),
                to.path()
            )
            .is_err()
        );
        assert!(path.is_file(), "what was given stays");
    }

    #[test]
    fn every_file_that_the_library_reads_is_fetched() {
        for set in gradus_machine::catalogue() {
            let source = SOURCES
                .iter()
                .find(|source| source.name == set.name)
                .unwrap();
            let fetched: Vec<&str> = source
                .downloads
                .iter()
                .flat_map(|download| match &download.contents {
                    Contents::Gzip(_) => vec![download.name],
                    Contents::Archive(files, _) => files.to_vec(),
                })
                .collect();
            assert!(
                set.files.iter().all(|file| fetched.contains(file)),
                "{}",
                set.name
            );
            assert!(
                source
                    .downloads
                    .iter()
                    .all(|download| download.sha256.len() == 64)
            );
        }
    }
}
