//! Times in words. The words are English, the numbers UTC.

use jiff::{Timestamp, tz::TimeZone};
use latchkey_model::expiry::{Millis, NEVER_MILLIS};

use super::text;

const MINUTE: Millis = 60 * 1000;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;

/// A time in the three forms that pages need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// For `<time datetime>` (RFC 3339); empty outside the calendar.
    pub machine: String,
    /// “20 December 2026, 14:05 UTC”.
    pub exact: String,
    /// “in 3 days”.
    pub relative: String,
}

/// Formats a time. `None` outside the calendar (years -9999 to 9999).
pub fn moment(at: Millis, now: Millis) -> Option<Moment> {
    let zoned = Timestamp::from_millisecond(at)
        .ok()?
        .to_zoned(TimeZone::UTC);
    Some(Moment {
        machine: zoned.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        exact: zoned.strftime("%-d %B %Y, %H:%M UTC").to_string(),
        relative: relative(at, now),
    })
}

/// Whether an expiry is so far away that it is shown as “Never”.
pub fn is_never(at: Millis, now: Millis) -> bool {
    at.saturating_sub(now) > NEVER_MILLIS
}

/// “20 December 2026, 14:05 UTC”, or “Never” outside the calendar.
pub fn exact(at: Millis) -> String {
    moment(at, at).map_or_else(|| text().word.never.to_owned(), |moment| moment.exact)
}

fn relative(at: Millis, now: Millis) -> String {
    let distance = at.saturating_sub(now);
    let ahead = distance > 0;
    let distance = distance.saturating_abs();
    // To the nearest: a key made for 30 days a second ago ends “in 30 days”.
    let rounded = |unit: Millis| distance.saturating_add(unit / 2) / unit;
    let (count, unit) = if distance < MINUTE {
        return if ahead {
            "in less than a minute"
        } else {
            "just now"
        }
        .to_owned();
    } else if rounded(MINUTE) < 60 {
        (rounded(MINUTE), "minute")
    } else if rounded(HOUR) < 24 {
        (rounded(HOUR), "hour")
    } else if rounded(DAY) < 60 {
        (rounded(DAY), "day")
    } else if rounded(30 * DAY) < 24 {
        (rounded(30 * DAY), "month")
    } else {
        (rounded(365 * DAY), "year")
    };
    let plural = if count == 1 { "" } else { "s" };
    if ahead {
        format!("in {count} {unit}{plural}")
    } else {
        format!("{count} {unit}{plural} ago")
    }
}

/// Parses a date field. A time without an offset is UTC.
pub fn parse(text: &str) -> Option<Millis> {
    let text = text.trim();
    text.parse::<Timestamp>()
        .or_else(|_| {
            text.parse::<jiff::civil::DateTime>()
                .and_then(|civil| civil.to_zoned(TimeZone::UTC))
                .map(|zoned| zoned.timestamp())
        })
        .ok()
        .map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_797_775_500_000;

    #[test]
    fn instants_are_written_out() {
        let moment = moment(NOW, NOW - 3 * DAY).expect("in the calendar");
        assert_eq!(moment.exact, "20 December 2026, 14:05 UTC");
        assert_eq!(moment.machine, "2026-12-20T14:05:00Z");
        assert_eq!(moment.relative, "in 3 days");
    }

    #[test]
    fn distances_read_naturally() {
        for (distance, words) in [
            (0, "just now"),
            (30_000, "in less than a minute"),
            (-MINUTE, "1 minute ago"),
            (-2 * HOUR, "2 hours ago"),
            (DAY, "in 1 day"),
            (-59 * DAY, "59 days ago"),
            (90 * DAY, "in 3 months"),
            (30 * DAY - 1, "in 30 days"),
            (-HOUR + 1, "1 hour ago"),
            (-1000 * DAY, "3 years ago"),
        ] {
            assert_eq!(relative(NOW + distance, NOW), words);
        }
    }

    #[test]
    fn no_instant_is_too_far_away() {
        for at in [
            Millis::MIN,
            -8_640_000_000_000_000,
            8_640_000_000_000_000,
            Millis::MAX,
        ] {
            assert_eq!(moment(at, NOW), None);
            let _ = (is_never(at, NOW), exact(at), relative(at, NOW));
        }
        assert!(is_never(8_640_000_000_000_000, NOW));
    }

    #[test]
    fn dates_are_read_with_and_without_a_zone() {
        assert_eq!(parse("2026-12-20T14:05"), Some(NOW));
        assert_eq!(parse("2026-12-20T14:05:00"), Some(NOW));
        assert_eq!(parse("2026-12-20T16:05:00+02:00"), Some(NOW));
        assert!(parse("2028-02-29T00:00").is_some());
        for text in [
            "",
            "tomorrow",
            "2027-02-29T00:00",
            "300000-01-01T00:00",
            "2026-13-01T00:00",
            "2026-12-20T25:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
