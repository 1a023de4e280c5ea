//! What the gradebook says.

use std::collections::BTreeMap;

use gradus_exercise::{Outcome, Text};
use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};

use super::{Gradebook, Late, LateBy};
use crate::{
    marking::{Identity, Level},
    submissions::Student,
};

/// An attempt that was marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its number.
    pub attempt: i64,
    /// What was marked: [`Taken::hash`](crate::submissions::Taken::hash).
    pub content: String,
    /// From which inputs.
    pub seed: u64,
    /// By what.
    pub identity: Identity,
    /// In which sandbox.
    pub level: Level,
}

/// What an instructor decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// For which exercise.
    pub exercise: String,
    /// More points, or fewer.
    pub points: i32,
    /// The reason.
    pub why: String,
}

/// Where a student stands in a lab.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// Who.
    pub student: Student,
    /// When it was handed in, in seconds since 1970.
    pub handed_in: Option<i64>,
    /// What was refused, and what else there is to know.
    pub remarks: Vec<Text>,
    /// Exercise by exercise.
    pub exercises: Vec<Outcome>,
    /// What lateness costs.
    pub late: LateBy,
    /// What an instructor decided.
    pub adjustments: Vec<Adjustment>,
    /// In which sandbox it was marked.
    pub level: Level,
    /// By what it was marked.
    pub identity: Identity,
    /// What its inputs were drawn from.
    pub seed: u64,
    /// What was marked.
    pub content: String,
    /// Fingerprints of the code.
    #[serde(skip)]
    pub prints: Vec<u64>,
}

impl Standing {
    /// The points that the exercises earned.
    pub fn earned(&self) -> u32 {
        self.exercises.iter().map(Outcome::earned).sum()
    }

    /// The most that can be earned.
    pub fn out_of(&self) -> u32 {
        self.exercises.iter().map(|outcome| outcome.points).sum()
    }

    /// The sum of the adjustments.
    pub fn adjusted(&self) -> i64 {
        self.adjustments.iter().map(|it| i64::from(it.points)).sum()
    }

    /// What counts: earned, less what lateness costs, and adjusted; from 0 to the most that can be earned.
    pub fn total(&self) -> u32 {
        let all = i64::from(self.earned()) - i64::from(self.late.points) + self.adjusted();
        u32::try_from(all.max(0))
            .unwrap_or(u32::MAX)
            .min(self.out_of())
    }
}

impl Gradebook {
    /// The labs in it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn labs(&self) -> Result<Vec<String>, String> {
        self.all("SELECT lab FROM labs ORDER BY lab", [], |row| row.get(0))
    }

    /// The policy for late submissions.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn late(&self, lab: &str) -> Result<Late, String> {
        let all: Vec<String> = self.all("SELECT late FROM labs WHERE lab = ?1", [lab], |row| {
            row.get(0)
        })?;
        let late = all.first().map(|text| serde_json::from_str(text));
        // What a lab has before one is set is `{}`.
        Ok(late.and_then(Result::ok).unwrap_or_default())
    }

    /// All attempts of a lab, by student, the newest last.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn attempts(&self, lab: &str) -> Result<BTreeMap<String, Vec<Attempt>>, String> {
        let rows: Vec<(String, Attempt)> = self.all(
            "SELECT student, attempt, content, seed, toolchain, material, level FROM attempts
             WHERE lab = ?1 ORDER BY attempt",
            [lab],
            |row| {
                let attempt = Attempt {
                    attempt: row.get("attempt")?,
                    content: row.get("content")?,
                    seed: parsed(row, "seed")?,
                    identity: identity(row)?,
                    level: parsed(row, "level")?,
                };
                Ok((row.get("student")?, attempt))
            },
        )?;
        let mut all: BTreeMap<String, Vec<Attempt>> = BTreeMap::new();
        for (student, attempt) in rows {
            all.entry(student).or_default().push(attempt);
        }
        Ok(all)
    }

    /// Where the students stand in a lab, by their ids; only one of them where `student` says so.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn standings(&self, lab: &str, student: Option<&str>) -> Result<Vec<Standing>, String> {
        let late = self.late(lab)?;
        let mut all = self.all(
            "SELECT student, name, email, moodle, handed_in, content, remarks, prints,
                    seed, toolchain, material, level
             FROM submissions JOIN students USING (student)
             JOIN attempts USING (attempt, student, lab, content)
             WHERE lab = ?1 AND (?2 IS NULL OR student = ?2) ORDER BY student",
            params![lab, student],
            |row| {
                let prints: Vec<u8> = row.get("prints")?;
                let (prints, _) = prints.as_chunks();
                Ok(Standing {
                    student: Student {
                        id: row.get("student")?,
                        name: row.get("name")?,
                        email: row.get("email")?,
                        moodle: row.get("moodle")?,
                    },
                    handed_in: row.get("handed_in")?,
                    remarks: from_json(&row.get::<_, String>("remarks")?)?,
                    exercises: Vec::new(),
                    late: LateBy::default(),
                    adjustments: Vec::new(),
                    level: parsed(row, "level")?,
                    identity: identity(row)?,
                    seed: parsed(row, "seed")?,
                    content: row.get("content")?,
                    prints: prints
                        .iter()
                        .map(|bytes| u64::from_le_bytes(*bytes))
                        .collect(),
                })
            },
        )?;
        let mut outcomes: BTreeMap<String, Vec<Outcome>> = BTreeMap::new();
        let rows: Vec<(String, Outcome)> = self.all(
            "SELECT student, outcome FROM submissions JOIN results USING (attempt)
             WHERE lab = ?1 AND (?2 IS NULL OR student = ?2) ORDER BY student, position",
            params![lab, student],
            |row| Ok((row.get(0)?, from_json(&row.get::<_, String>(1)?)?)),
        )?;
        for (student, outcome) in rows {
            outcomes.entry(student).or_default().push(outcome);
        }
        let mut adjustments: BTreeMap<String, Vec<Adjustment>> = BTreeMap::new();
        let rows: Vec<(String, Adjustment)> = self.all(
            "SELECT student, exercise, points, why FROM adjustments
             WHERE lab = ?1 AND (?2 IS NULL OR student = ?2) ORDER BY adjustment",
            params![lab, student],
            |row| {
                let adjustment = Adjustment {
                    exercise: row.get(1)?,
                    points: row.get(2)?,
                    why: row.get(3)?,
                };
                Ok((row.get(0)?, adjustment))
            },
        )?;
        for (student, adjustment) in rows {
            adjustments.entry(student).or_default().push(adjustment);
        }
        for standing in &mut all {
            let id = &standing.student.id;
            standing.exercises = outcomes.remove(id).unwrap_or_default();
            standing.adjustments = adjustments.remove(id).unwrap_or_default();
            standing.late = late.by(standing.handed_in, standing.earned());
        }
        Ok(all)
    }

    /// Why there is nothing to adjust.
    pub(super) fn unknown(&self, student: &str, exercise: &str) -> Result<String, String> {
        if let Some(problem) = self.stranger(student)? {
            return Ok(problem);
        }
        let exercises: Vec<String> = self.all(
            "SELECT exercise FROM submissions JOIN results USING (attempt)
             WHERE student = ?1 ORDER BY lab, position",
            [student],
            |row| row.get(0),
        )?;
        Ok(format!(
            "{student} has no exercise `{exercise}`; there are {}",
            exercises.join(", ")
        ))
    }

    /// What to say of somebody whom the gradebook does not know.
    pub(super) fn stranger(&self, student: &str) -> Result<Option<String>, String> {
        let students: Vec<String> =
            self.all("SELECT student FROM students ORDER BY student", [], |row| {
                row.get(0)
            })?;
        if students.iter().any(|it| it == student) {
            return Ok(None);
        }
        let wanted = student.to_lowercase();
        let near: Vec<_> = (students.into_iter())
            .filter(|it| it.to_lowercase().contains(&wanted))
            .take(5)
            .collect();
        Ok(Some(match near.is_empty() {
            true => {
                format!("there is no student `{student}` in the gradebook: `grades` lists them")
            }
            false => format!(
                "there is no student `{student}`; did you mean {}?",
                near.join(", ")
            ),
        }))
    }

    pub(super) fn all<T>(
        &self,
        query: &str,
        params: impl rusqlite::Params,
        row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, String> {
        let read = || self.db.prepare(query)?.query_map(params, row)?.collect();
        let read: rusqlite::Result<Vec<T>> = read();
        read.map_err(|e| self.said(&e))
    }
}

fn identity(row: &Row<'_>) -> rusqlite::Result<Identity> {
    Ok(Identity {
        toolchain: row.get("toolchain")?,
        material: row.get("material")?,
    })
}

fn parsed<T: std::str::FromStr>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    text.parse()
        .map_err(|_| conversion(format!("`{text}` in the column {column}")))
}

fn from_json<T: for<'a> Deserialize<'a>>(text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(|e| conversion(e.to_string()))
}

fn conversion(problem: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, problem.into())
}
