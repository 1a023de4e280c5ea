//! Times as people write them.

use chrono::{DateTime, Local, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _};

/// Reads `2026-11-20`, `2026-11-20 23:59`, with seconds or without, `T` in the middle or a blank, and an offset such as `Z` or
/// `+01:00` or none, which is this machine's. A day alone is its beginning or, where `ends`, its last second. Seconds since 1970.
///
/// # Errors
/// When it is none of these; the message shows one.
pub fn parse(text: &str, ends: bool) -> Result<i64, String> {
    let wrong = || {
        format!(
            "`{text}` is no time; write it as 2026-11-20, 2026-11-20 23:59 or 2026-11-20T23:59:00+01:00"
        )
    };
    let text = text.trim();
    for format in [
        "%Y-%m-%dT%H:%M:%S%.f%#z",
        "%Y-%m-%d %H:%M:%S%.f%#z",
        "%Y-%m-%d %H:%M:%S%.f %#z",
        "%Y-%m-%dT%H:%M%#z",
        "%Y-%m-%d %H:%M%#z",
        "%Y-%m-%d %H:%M %#z",
    ] {
        let zoned = text.strip_suffix('Z').map(|begin| format!("{begin}+00:00"));
        let zoned = zoned.as_deref().unwrap_or(text);
        if let Ok(time) = DateTime::parse_from_str(zoned, format) {
            return Ok(time.timestamp());
        }
    }
    let local = |time: NaiveDateTime| {
        // An hour that a change of clocks leaves out or has twice: the later one, in favour of who hands in.
        (Local.from_local_datetime(&time).latest())
            .or_else(|| {
                Local
                    .from_local_datetime(&(time + chrono::Duration::hours(1)))
                    .latest()
            })
            .map(|time| time.timestamp())
            .ok_or_else(wrong)
    };
    for format in [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
    ] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
            return local(time);
        }
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| wrong())?;
    let end = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
    local(day.and_time(if ends { end } else { NaiveTime::MIN }))
}

/// The time as this machine's clock shows it: `2026-11-20 23:59`.
pub fn shown(seconds: i64) -> String {
    match Local.timestamp_opt(seconds, 0).latest() {
        Some(time) => time.format("%Y-%m-%d %H:%M").to_string(),
        None => seconds.to_string(),
    }
}

/// The time with its offset from UTC, which is the same on every machine: `2026-11-20T22:59:00Z`.
pub fn exact(seconds: i64) -> String {
    match DateTime::from_timestamp(seconds, 0) {
        Some(time) => time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        None => seconds.to_string(),
    }
}

/// Now, in seconds since 1970. Nothing is ordered by it: clocks jump.
pub fn now() -> i64 {
    Local::now().timestamp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_and_platforms_write_them() {
        let at = 1_795_302_000; // 2026-11-21T23:00:00Z
        for text in [
            "2026-11-21T23:00:00Z",
            "2026-11-22T00:00:00+01:00",
            "2026-11-22 00:00 +0100",
            "2026-11-21 23:00:00.133010000 Z",
            "2026-11-21 23:00:00 UTC",
        ] {
            let text = text.replace(" UTC", "Z");
            assert_eq!(parse(&text, false), Ok(at), "{text}");
        }
        assert_eq!(exact(at), "2026-11-21T23:00:00Z");
        let day = parse("2026-11-20", false).unwrap();
        assert_eq!(parse("2026-11-20", true), Ok(day + 24 * 3600 - 1));
        assert_eq!(parse("2026-11-20 12:00", false), Ok(day + 12 * 3600));
        assert!(
            parse("20/11/2026", false)
                .unwrap_err()
                .contains("2026-11-20")
        );
    }
}
