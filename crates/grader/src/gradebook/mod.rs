//! The gradebook: one SQLite file with everything that was marked, and with what an instructor decided.
//!
//! Each mark is one transaction: a process that is killed, or a disk that is full, leaves the marks before it whole.

mod export;
mod late;
mod read;
mod write;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

pub use export::{csv, gradescope, json, moodle};
pub use late::{Late, LateBy};
pub use read::{Adjustment, Attempt, Standing};
pub use write::Entry;

const SCHEMA: &str = include_str!("schema.sql");
const APPLICATION: i64 = 1_198_678_372;
const VERSION: i64 = 1;

/// A gradebook that was found whole.
#[derive(Debug)]
pub struct Gradebook {
    db: Connection,
    path: PathBuf,
}

impl Gradebook {
    /// Opens the gradebook at `path`, or begins one.
    ///
    /// # Errors
    /// When it is damaged, is no gradebook, is of a newer version, or cannot be written. It is left as it is then.
    pub fn open(path: &Path) -> Result<Self, String> {
        if path.exists() {
            return Self::existing(path);
        }
        // Made under another name: a gradebook that is there has all its tables.
        let draft = path.with_extension("new");
        for ending in ["new", "new-wal", "new-shm", "new-journal"] {
            let left = path.with_extension(ending);
            if left.exists() {
                fs::remove_file(&left).map_err(|e| format!("{}: {e}", left.display()))?;
            }
        }
        let made = || {
            let db = Connection::open(&draft)?;
            db.execute_batch(&format!("BEGIN; {SCHEMA} COMMIT;"))?;
            db.close().map_err(|(_, e)| e)
        };
        made().map_err(|e| said(path, &e))?;
        fs::rename(&draft, path).map_err(|e| format!("{}: {e}", path.display()))?;
        Self::existing(path)
    }

    /// Opens a gradebook that is there.
    ///
    /// # Errors
    /// As [`open`](Self::open), and when there is none.
    pub fn existing(path: &Path) -> Result<Self, String> {
        if !path.is_file() {
            return Err(format!(
                "{}: there is no gradebook; `grade SUBMISSIONS --lab LAB` begins one",
                path.display()
            ));
        }
        look(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = || {
            let db = Connection::open_with_flags(path, flags)?;
            db.busy_timeout(Duration::from_secs(30))?;
            db.pragma_update(None, "journal_mode", "wal")?;
            db.pragma_update(None, "synchronous", "full")?;
            db.pragma_update(None, "foreign_keys", true)?;
            Ok(db)
        };
        let db = opened().map_err(|e| said(path, &e))?;
        Ok(Self {
            db,
            path: path.to_owned(),
        })
    }

    /// Opens a gradebook that is there to read it, also where nothing can be written: in a folder of somebody else's, on a full disk.
    ///
    /// # Errors
    /// As [`existing`](Self::existing), and when the last marks are not in the one file yet and cannot be brought there.
    pub fn to_read(path: &Path) -> Result<Self, String> {
        Self::existing(path).or_else(|problem| {
            let mut log = path.as_os_str().to_owned();
            log.push("-wal");
            if fs::metadata(log).is_ok_and(|about| about.len() > 0) {
                return Err(problem);
            }
            // Without the files beside it that SQLite makes even for a reader.
            let place = std::path::absolute(path).map_err(|_| problem.clone())?;
            let place: String = (place.as_os_str().as_encoded_bytes().iter())
                .map(|&byte| match byte {
                    b'/' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
                    byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
                    byte => format!("%{byte:02X}"),
                })
                .collect();
            let uri = format!("file:{place}?immutable=1");
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
                | OpenFlags::SQLITE_OPEN_NO_MUTEX
                | OpenFlags::SQLITE_OPEN_URI;
            let db = Connection::open_with_flags(uri, flags).map_err(|_| problem)?;
            check(path, &db)?;
            Ok(Self {
                db,
                path: path.to_owned(),
            })
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Brings everything into the one file, so that it can be copied.
    ///
    /// # Errors
    /// When it cannot be written. Nothing is lost then: it is done at the next opening.
    pub fn close(self) -> Result<(), String> {
        let Self { db, path } = self;
        let closed = db
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .and_then(|()| db.close().map_err(|(_, e)| e));
        closed.map_err(|e| said(&path, &e))
    }

    fn said(&self, e: &rusqlite::Error) -> String {
        said(&self.path, e)
    }
}

/// Looks without writing: what is damaged must stay as it is, for whoever can mend it.
fn look(path: &Path) -> Result<(), String> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || {
        let db = Connection::open_with_flags(path, flags)?;
        db.busy_timeout(Duration::from_secs(30))?;
        Ok(db)
    };
    check(path, &open().map_err(|e| said(path, &e))?)
}

/// Whether it is a gradebook of this version, and whole.
fn check(path: &Path, db: &Connection) -> Result<(), String> {
    let look = || {
        let number = |pragma: &str| db.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
        let (application, version) = (number("application_id")?, number("user_version")?);
        let whole: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        Ok((application, version, whole))
    };
    let (application, version, whole) = look().map_err(|e| said(path, &e))?;
    let shown = path.display();
    if application != APPLICATION {
        return Err(format!(
            "{shown}: an SQLite file, but no gradebook: it is left as it is"
        ));
    }
    if version != VERSION {
        return Err(format!(
            "{shown}: of version {version}; this program knows version {VERSION}: use the program that wrote it"
        ));
    }
    match whole.as_str() {
        "ok" => Ok(()),
        problem => Err(damaged(path, problem)),
    }
}

fn damaged(path: &Path, problem: &str) -> String {
    let (shown, problem) = (path.display(), problem.replace('\n', " "));
    format!(
        "{shown}: the gradebook is damaged ({problem}). It is left as it is. Take your last copy of it, or move it away and grade again; \
         `sqlite3 {shown} .recover` saves what can be read, adjustments among it"
    )
}

/// What SQLite says, with what to do.
fn said(path: &Path, e: &rusqlite::Error) -> String {
    let shown = path.display();
    match e.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => damaged(path, &e.to_string()),
        Some(ErrorCode::DiskFull) => format!(
            "{shown}: the disk is full. What was marked before is in the gradebook; make room and run it again"
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => format!(
            "{shown}: the gradebook cannot be written ({e}): is the folder there, and may you write into it? --out names another"
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            format!("{shown}: another program has the gradebook open")
        }
        Some(ErrorCode::SystemIoFailure) => format!(
            "{shown}: the disk does not take or give it ({e}). What was marked before is in the gradebook; see that there is room, and run it again"
        ),
        _ => format!("{shown}: {e}"),
    }
}

#[cfg(test)]
mod tests;
