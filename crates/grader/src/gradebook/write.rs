//! What goes into the gradebook.

use gradus_exercise::{Outcome, State, Text, Verdict};
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::{Gradebook, Late};
use crate::{
    grading,
    marking::Mark,
    moment,
    submissions::{Student, Taken},
};

/// A submission to be written down.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Whose.
    pub student: &'a Student,
    /// What was taken of it.
    pub taken: &'a Taken,
    /// [`Taken::hash`].
    pub content: &'a str,
    /// Fingerprints of its code.
    pub prints: &'a [u64],
}

impl Gradebook {
    /// The seed of a lab's runs: the one given, the one that is kept, or else a new one. It is kept.
    ///
    /// # Errors
    /// When the gradebook cannot be written, or the system gives no random number.
    pub fn seed(&mut self, lab: &str, given: Option<u64>) -> Result<u64, String> {
        let kept = self.kept_seed(lab)?;
        let seed = match given.or(kept) {
            Some(seed) => seed,
            None => grading::new_seed()?,
        };
        if kept != Some(seed) {
            let write = "INSERT INTO labs (lab, seed) VALUES (?1, ?2)
                ON CONFLICT (lab) DO UPDATE SET seed = ?2";
            self.change(|db| db.execute(write, params![lab, seed.to_string()]))?;
        }
        Ok(seed)
    }

    fn kept_seed(&self, lab: &str) -> Result<Option<u64>, String> {
        let kept: Option<String> = self
            .db
            .query_row("SELECT seed FROM labs WHERE lab = ?1", [lab], |row| {
                row.get(0)
            })
            .optional()
            .map_err(|e| self.said(&e))?;
        Ok(kept.and_then(|seed| seed.parse().ok()))
    }

    /// Keeps the policy for late submissions.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_late(&mut self, lab: &str, late: &Late) -> Result<(), String> {
        let late = serde_json::to_string(late).map_err(|e| e.to_string())?;
        self.change(|db| {
            db.execute(
                "UPDATE labs SET late = ?2 WHERE lab = ?1",
                params![lab, late],
            )
        })
    }

    /// Writes down a submission and its mark; it is what counts from now on.
    ///
    /// # Errors
    /// When it cannot be written. Nothing of it is in the gradebook then.
    pub fn record(&mut self, lab: &str, entry: &Entry<'_>, mark: &Mark) -> Result<(), String> {
        let now = moment::now();
        self.change(|db| {
            known(db, entry.student)?;
            let identity = &mark.identity;
            let level = mark.level.to_string();
            let same = params![
                entry.student.id,
                lab,
                entry.content,
                mark.seed.to_string(),
                identity.toolchain,
                identity.material,
                level
            ];
            let before: Option<i64> = db
                .query_row(
                    "SELECT attempt FROM attempts WHERE student = ?1 AND lab = ?2 AND content = ?3
                     AND seed = ?4 AND toolchain = ?5 AND material = ?6 AND level = ?7",
                    same,
                    |row| row.get(0),
                )
                .optional()?;
            if let Some(attempt) = before {
                return point(db, lab, entry, attempt);
            }
            db.execute(
                "INSERT INTO attempts
                 (student, lab, content, seed, toolchain, material, level, marked_at, seconds)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![
                    entry.student.id,
                    lab,
                    entry.content,
                    mark.seed.to_string(),
                    identity.toolchain,
                    identity.material,
                    level,
                    now,
                    mark.seconds
                ],
            )?;
            let attempt = db.last_insert_rowid();
            for (position, outcome) in (0_u32..).zip(&mark.exercises) {
                result(db, attempt, position, outcome)?;
            }
            point(db, lab, entry, attempt)
        })
    }

    /// An attempt that is there already counts, maybe with other remarks.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&mut self, lab: &str, entry: &Entry<'_>, attempt: i64) -> Result<(), String> {
        self.change(|db| {
            known(db, entry.student)?;
            point(db, lab, entry, attempt)
        })
    }

    /// Adds points to an exercise, or takes some, whatever is marked later.
    ///
    /// # Errors
    /// When there is no such student or exercise, or it cannot be written.
    pub fn adjust(
        &mut self,
        student: &str,
        exercise: &str,
        points: i32,
        why: &str,
    ) -> Result<(), String> {
        let lab = exercise.split('.').next().unwrap_or(exercise).to_owned();
        let is_there = |db: &rusqlite::Connection| {
            db.query_row(
                "SELECT EXISTS (SELECT 1 FROM submissions JOIN results USING (attempt)
                 WHERE student = ?1 AND exercise = ?2)",
                [student, exercise],
                |row| row.get::<_, bool>(0),
            )
        };
        if !is_there(&self.db).map_err(|e| self.said(&e))? {
            return Err(self.unknown(student, exercise)?);
        }
        let now = moment::now();
        self.change(|db| {
            db.execute(
                "INSERT INTO adjustments (student, lab, exercise, points, why, made_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![student, lab, exercise, points, why, now],
            )
        })
    }

    /// The labs that hold something of a student.
    ///
    /// # Errors
    /// When there is no such student, or the gradebook cannot be read.
    pub fn labs_of(&self, student: &str) -> Result<Vec<String>, String> {
        self.stranger(student)?.map_or(Ok(()), Err)?;
        self.all(
            "SELECT DISTINCT lab FROM attempts WHERE student = ?1 ORDER BY lab",
            [student],
            |row| row.get(0),
        )
    }

    /// Removes a student with all their marks, and overwrites what stood there on the disk.
    ///
    /// # Errors
    /// When there is no such student, or it cannot be written: everything of theirs is still there then.
    pub fn forget(&mut self, student: &str) -> Result<(), String> {
        self.stranger(student)?.map_or(Ok(()), Err)?;
        let overwrite = self.db.pragma_update(None, "secure_delete", true);
        overwrite.map_err(|e| self.said(&e))?;
        self.change(|db| {
            for table in ["answers", "results"] {
                let theirs = "attempt IN (SELECT attempt FROM attempts WHERE student = ?1)";
                db.execute(&format!("DELETE FROM {table} WHERE {theirs}"), [student])?;
            }
            for table in ["submissions", "adjustments", "attempts", "students"] {
                db.execute(
                    &format!("DELETE FROM {table} WHERE student = ?1"),
                    [student],
                )?;
            }
            Ok(())
        })?;
        self.db.execute_batch("VACUUM").map_err(|e| self.said(&e))
    }

    fn change<T>(
        &mut self,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<(), String> {
        let changed = self.db.transaction().and_then(|transaction| {
            change(&transaction)?;
            transaction.commit()
        });
        changed.map_err(|e| self.said(&e))
    }
}

fn known(db: &Transaction<'_>, student: &Student) -> rusqlite::Result<usize> {
    let Student {
        id,
        name,
        email,
        moodle,
    } = student;
    db.execute(
        "INSERT INTO students (student, name, email, moodle) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (student) DO UPDATE SET name = ?2, email = ?3, moodle = ?4",
        params![id, name, email, moodle],
    )
}

/// From now on this attempt counts for the submission.
fn point(
    db: &Transaction<'_>,
    lab: &str,
    entry: &Entry<'_>,
    attempt: i64,
) -> rusqlite::Result<usize> {
    let prints: Vec<u8> = entry
        .prints
        .iter()
        .flat_map(|print| print.to_le_bytes())
        .collect();
    db.execute(
        "INSERT INTO submissions (student, lab, handed_in, content, remarks, prints, attempt)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (student, lab) DO UPDATE
         SET handed_in = ?3, content = ?4, remarks = ?5, prints = ?6, attempt = ?7",
        params![
            entry.student.id,
            lab,
            entry.taken.handed_in,
            entry.content,
            json(&entry.taken.remarks)?,
            prints,
            attempt
        ],
    )
}

fn result(
    db: &Transaction<'_>,
    attempt: i64,
    position: u32,
    outcome: &Outcome,
) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO results (attempt, position, exercise, points, out_of, outcome)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            attempt,
            position,
            outcome.id,
            outcome.earned(),
            outcome.points,
            json(outcome)?
        ],
    )?;
    for (position, verdict) in (0_u32..).zip(&outcome.verdicts) {
        let (state, mistake, says) = state(outcome, verdict);
        db.execute(
            "INSERT INTO answers
             (attempt, position, exercise, question, points, out_of, state, mistake, es, en)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                attempt,
                position,
                outcome.id,
                verdict.question,
                verdict.earned(),
                verdict.points,
                state,
                mistake,
                says.map(|says| &says.es),
                says.map(|says| &says.en)
            ],
        )?;
    }
    Ok(())
}

/// In a word, with the name of the mistake and what is said of it.
fn state<'a>(
    outcome: &'a Outcome,
    verdict: &'a Verdict,
) -> (&'static str, Option<&'a str>, Option<&'a Text>) {
    if let Some(why) = &outcome.uncompiled {
        return ("does not compile", None, Some(&why.message));
    }
    match &verdict.state {
        State::Right => ("right", None, None),
        State::NotDone(_) => ("not done", None, None),
        State::Wrong(complaint) => {
            let mistake = complaint.mistake.as_ref();
            let says = mistake.map(|(_, says)| says).or(complaint.says.as_ref());
            ("wrong", mistake.map(|(name, _)| name.as_str()), says)
        }
    }
}

fn json(value: &impl serde::Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))
}
