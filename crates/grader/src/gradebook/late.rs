//! What a late submission costs.

use gradus_text::Text;
use serde::{Deserialize, Serialize};

use crate::moment;

const DAY: i64 = 24 * 3600;

/// The policy for one lab. It is applied when grades are read, so it can change without marking anything again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Late {
    /// The end, in seconds since 1970; without it nothing is late.
    pub due: Option<i64>,
    /// How many percent of the points earned each day costs that has begun.
    pub per_day: u32,
    /// The most that lateness costs, in percent.
    pub cap: u32,
    /// So many seconds late are not late.
    pub grace: i64,
}

/// How late something was, and what that costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateBy {
    /// Days that have begun.
    pub days: u32,
    /// Percent of what was earned.
    pub percent: u32,
    /// Points.
    pub points: u32,
}

/// As the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    due: toml::Value,
    #[serde(default)]
    per_day: u32,
    #[serde(default = "all")]
    cap: u32,
    #[serde(default)]
    grace: Option<String>,
}

fn all() -> u32 {
    100
}

impl Late {
    /// Reads a file such as
    ///
    /// ```toml
    /// due = "2026-11-20 23:59"  # this machine's clock; or a time of TOML with an offset
    /// per_day = 10              # percent of the points earned, for each day that has begun
    /// grace = "30m"             # m, h or d
    /// cap = 50                  # percent that lateness costs at most
    /// ```
    ///
    /// # Errors
    /// What is wrong, with the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let written: Written = toml::from_str(text).map_err(|e| {
            let line = e
                .span()
                .map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            format!("{line}: {}", e.message())
        })?;
        let due = match &written.due {
            toml::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let grace = written.grace.as_deref().unwrap_or("0m");
        Self::new(Some(&due), written.per_day, grace, written.cap)
    }

    /// The same from its parts.
    ///
    /// # Errors
    /// What of it makes no sense.
    pub fn new(due: Option<&str>, per_day: u32, grace: &str, cap: u32) -> Result<Self, String> {
        if per_day > 100 || cap > 100 {
            return Err("`per_day` and `cap` are percent, from 0 to 100".to_owned());
        }
        Ok(Self {
            due: due.map(|due| moment::parse(due, true)).transpose()?,
            per_day,
            cap,
            grace: span(grace)?,
        })
    }

    /// What a submission of then loses of these points. Half a point is not lost.
    pub fn by(&self, handed_in: Option<i64>, earned: u32) -> LateBy {
        let late = match (self.due, handed_in) {
            (Some(due), Some(at)) => at.saturating_sub(due),
            _ => 0,
        };
        if late <= self.grace.max(0) {
            return LateBy::default();
        }
        let days = u32::try_from(late.saturating_add(DAY - 1) / DAY).unwrap_or(u32::MAX);
        let percent = days.saturating_mul(self.per_day).min(self.cap).min(100);
        let points = (u64::from(earned) * u64::from(percent) + 49) / 100;
        LateBy {
            days,
            percent,
            points: u32::try_from(points).unwrap_or(earned),
        }
    }
}

impl LateBy {
    /// In words.
    pub fn says(&self) -> Text {
        let Self {
            days,
            percent,
            points,
        } = self;
        Text::new(
            format!(
                "con {days} {} de retraso: −{points} puntos (−{percent} %)",
                if *days == 1 { "día" } else { "días" }
            ),
            format!(
                "{days} {} late: −{points} points (−{percent}%)",
                if *days == 1 { "day" } else { "days" }
            ),
        )
    }
}

/// `30m`, `2h`, `1d`.
fn span(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is no span of time; write it as 30m, 2h or 1d");
    let text = text.trim();
    let (number, unit) = text
        .split_at_checked(text.len().saturating_sub(1))
        .ok_or_else(wrong)?;
    let seconds = match unit {
        "m" => 60,
        "h" => 3600,
        "d" => DAY,
        _ => return Err(wrong()),
    };
    let number: u32 = number.trim().parse().map_err(|_| wrong())?;
    Ok(i64::from(number) * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_day_that_has_begun_costs_up_to_the_cap() {
        let late = Late::parse(
            "due = 2026-11-20T23:59:00+01:00\nper_day = 10\ngrace = \"2h\"\ncap = 45\n",
        )
        .unwrap();
        let due = late.due.unwrap();
        let by = |seconds| late.by(Some(due + seconds), 83);
        assert_eq!(by(0), LateBy::default());
        assert_eq!(by(2 * 3600), LateBy::default());
        assert_eq!(
            by(2 * 3600 + 1),
            LateBy {
                days: 1,
                percent: 10,
                points: 8
            }
        );
        assert_eq!(by(DAY), by(2 * 3600 + 1));
        assert_eq!(by(DAY + 1).days, 2);
        assert_eq!(
            by(365 * DAY),
            LateBy {
                days: 365,
                percent: 45,
                points: 37
            }
        );
        assert_eq!(late.by(Some(due + DAY), 5).points, 0);
        assert_eq!(late.by(None, 100), LateBy::default());
        assert_eq!(Late::default().by(Some(0), 100), LateBy::default());
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (text, says) in [
            ("per_day = 10", "due"),
            ("due = \"soon\"", "is no time"),
            ("due = 2026-11-20\nper_day = 101", "from 0 to 100"),
            (
                "due = 2026-11-20\ngrace = \"2 weeks\"",
                "is no span of time",
            ),
            ("due = 2026-11-20\nperday = 3", "2: unknown field `perday`"),
        ] {
            let problem = Late::parse(text).unwrap_err();
            assert!(problem.contains(says), "{text}: {problem}");
        }
        assert!(Late::parse("due = 2026-11-20").unwrap().due.is_some());
    }
}
