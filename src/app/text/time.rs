//! Times in words. The words are English, the times those of the reader's time zone.

use jiff::{
    Timestamp, Zoned,
    civil::DateTime,
    tz::{AmbiguousOffset, Offset, TimeZone},
};
use latchkey_model::expiry::{Millis, NEVER_MILLIS};

use super::text;
use crate::time_zone;

const MINUTE: Millis = 60 * 1000;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;

/// A time in the three forms that pages need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// For `<time datetime>` (RFC 3339, in UTC); empty outside the calendar.
    pub machine: String,
    /// “20 December 2026, 14:05 CET”.
    pub exact: String,
    /// “in 3 days”.
    pub relative: String,
}

/// Formats a time. `None` outside the calendar (years -9999 to 9999).
pub fn moment(at: Millis, now: Millis) -> Option<Moment> {
    let at_time = Timestamp::from_millisecond(at).ok()?;
    Some(Moment {
        machine: at_time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        exact: in_words(&at_time.to_zoned(time_zone::of_reader())),
        relative: relative(at, now),
    })
}

/// “20 December 2026, 14:05 CET”.
fn in_words(zoned: &Zoned) -> String {
    format!("{}, {}", date(zoned.datetime()), clock(zoned))
}

fn date(civil: DateTime) -> String {
    civil.strftime("%-d %B %Y").to_string()
}

/// “14:05 CET”; “14:05 UTC+05:45” where the zone's abbreviation is only a number.
fn clock(zoned: &Zoned) -> String {
    let zone = zoned.strftime("%Z").to_string();
    if !zone.is_empty() && zone.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        zoned.strftime("%H:%M %Z").to_string()
    } else {
        zoned.strftime("%H:%M UTC%:z").to_string()
    }
}

/// “Europe/Berlin”, “America/St Johns”.
pub fn zone_in_words(zone: &TimeZone) -> String {
    time_zone::name(zone).replace('_', " ")
}

/// Whether an expiry is so far away that it is shown as “Never”.
pub fn is_never(at: Millis, now: Millis) -> bool {
    at.saturating_sub(now) > NEVER_MILLIS
}

/// “20 December 2026, 14:05 CET”, or “Never” outside the calendar.
pub fn exact(at: Millis) -> String {
    moment(at, at).map_or_else(|| text().word.never.to_owned(), |moment| moment.exact)
}

/// The same in another time zone than the reader's.
pub fn exact_in(at: Millis, zone: &TimeZone) -> String {
    Timestamp::from_millisecond(at).map_or_else(
        |_| text().word.never.to_owned(),
        |instant| in_words(&instant.to_zoned(zone.clone())),
    )
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

/// Clocks that are changed, as the text of an error needs it.
pub struct ClockChange {
    pub zone: String,
    /// “29 March 2026”.
    pub date: String,
    /// What clocks show when they are changed, such as “02:00”.
    pub from: String,
    /// What they show after it.
    pub to: String,
}

/// Parses a date field: a time of clocks in this zone, or one with an offset.
///
/// # Errors
/// What is wrong, in words: it is no date, or clocks do not show it, or show it twice. It is never moved to another time.
pub fn parse(text_of_field: &str, zone: &TimeZone) -> Result<Millis, String> {
    let typed = text_of_field.trim();
    if let Ok(instant) = typed.parse::<Timestamp>() {
        return Ok(instant.as_millisecond());
    }
    let t = &text().problem;
    let no_date = || t.expiry.to_owned();
    let civil: DateTime = typed.parse().map_err(|_| no_date())?;
    let possible = zone.to_ambiguous_zoned(civil);
    let offset = possible.offset();
    let change = || clock_change(&possible.clone().later().ok()?, civil, offset);
    match offset {
        AmbiguousOffset::Unambiguous { offset } => Ok(millis(civil, offset)),
        AmbiguousOffset::Gap { .. } => {
            Err(change().map_or_else(no_date, |change| (t.time_skipped)(&change)))
        }
        AmbiguousOffset::Fold { .. } => {
            let (Ok(first), Ok(second)) = (possible.clone().earlier(), possible.clone().later())
            else {
                return Err(no_date());
            };
            Err(change().map_or_else(no_date, |change| {
                (t.time_twice)(&change, &clock(&first), &clock(&second))
            }))
        }
    }
}

/// Of any civil time: people choose the last day of the year 9999 for “never”, which is outside of [`Timestamp`].
fn millis(civil: DateTime, offset: Offset) -> Millis {
    let since_1970 = civil.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
    let seconds = since_1970.as_secs() - i64::from(offset.seconds());
    seconds * 1000 + Millis::from(since_1970.subsec_millis())
}

/// The change of clocks that a time falls into. `after` is the time by the offset that counts afterwards.
fn clock_change(after: &Zoned, typed: DateTime, offset: AmbiguousOffset) -> Option<ClockChange> {
    let (AmbiguousOffset::Gap {
        before,
        after: then,
    }
    | AmbiguousOffset::Fold {
        before,
        after: then,
    }) = offset
    else {
        return None;
    };
    let zone = after.time_zone();
    // Not the change itself, in case the time is just that.
    let later = after
        .timestamp()
        .checked_add(jiff::SignedDuration::from_secs(1))
        .ok()?;
    let at = zone.preceding(later).next()?.timestamp();
    let clock = |offset: jiff::tz::Offset| offset.to_datetime(at).strftime("%H:%M").to_string();
    Some(ClockChange {
        zone: zone_in_words(zone),
        date: date(typed),
        from: clock(before),
        to: clock(then),
    })
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

    fn zone(name: &str) -> TimeZone {
        time_zone::named(name).expect("a time zone")
    }

    #[test]
    fn the_zone_is_said_as_people_say_it() {
        for (name, words) in [
            ("UTC", "20 December 2026, 14:05 UTC"),
            ("Europe/Berlin", "20 December 2026, 15:05 CET"),
            ("America/St_Johns", "20 December 2026, 10:35 NST"),
            ("Asia/Kathmandu", "20 December 2026, 19:50 UTC+05:45"),
            ("Pacific/Apia", "21 December 2026, 03:05 UTC+13:00"),
            ("America/Sao_Paulo", "20 December 2026, 11:05 UTC-03:00"),
        ] {
            let instant = Timestamp::from_millisecond(NOW).expect("in the calendar");
            assert_eq!(in_words(&instant.to_zoned(zone(name))), words);
        }
        // By the offset that counts then, not by today's.
        let summer = "2026-07-01T12:00:00Z".parse::<Timestamp>().expect("a time");
        let summer = summer.to_zoned(zone("Europe/Berlin"));
        assert_eq!(in_words(&summer), "1 July 2026, 14:00 CEST");
        assert_eq!(zone_in_words(&zone("America/St_Johns")), "America/St Johns");
    }

    #[test]
    fn a_date_is_one_of_the_zone_s_clocks() {
        for (name, typed, instant) in [
            ("UTC", "2026-12-20T14:05", "2026-12-20T14:05:00Z"),
            (
                "America/St_Johns",
                "2026-12-20T18:00",
                "2026-12-20T21:30:00Z",
            ),
            ("Asia/Kathmandu", "2026-12-20T18:00", "2026-12-20T12:15:00Z"),
            ("Pacific/Apia", "2027-01-01T00:00", "2026-12-31T11:00:00Z"),
            ("Europe/Berlin", "2027-03-28T01:59", "2027-03-28T00:59:00Z"),
            ("Europe/Berlin", "2027-03-28T03:00", "2027-03-28T01:00:00Z"),
            ("Europe/Berlin", "2027-10-31T01:59", "2027-10-30T23:59:00Z"),
            ("Europe/Berlin", "2027-10-31T03:00", "2027-10-31T02:00:00Z"),
            // With an offset it needs no zone.
            (
                "Europe/Berlin",
                "2027-10-31T02:30:00+01:00",
                "2027-10-31T01:30:00Z",
            ),
        ] {
            let instant = instant.parse::<Timestamp>().expect("a time");
            assert_eq!(
                parse(typed, &zone(name)),
                Ok(instant.as_millisecond()),
                "{typed} {name}"
            );
        }
    }

    #[test]
    fn a_time_that_clocks_skip_is_told_and_not_moved() {
        for (name, typed, words) in [
            (
                "Europe/Berlin",
                "2027-03-28T02:30",
                "On 28 March 2027 clocks in Europe/Berlin skip from 02:00 to 03:00. Choose another time.",
            ),
            (
                "Europe/Berlin",
                "2027-03-28T02:00",
                "On 28 March 2027 clocks in Europe/Berlin skip from 02:00 to 03:00. Choose another time.",
            ),
            (
                "America/St_Johns",
                "2027-03-14T02:59",
                "On 14 March 2027 clocks in America/St Johns skip from 02:00 to 03:00. Choose another time.",
            ),
            (
                "Australia/Lord_Howe",
                "2027-10-03T02:15",
                "On 3 October 2027 clocks in Australia/Lord Howe skip from 02:00 to 02:30. Choose another time.",
            ),
        ] {
            assert_eq!(parse(typed, &zone(name)), Err(words.to_owned()));
        }
    }

    #[test]
    fn a_time_that_clocks_show_twice_is_told_and_not_chosen() {
        let berlin = "On 31 October 2027 clocks in Europe/Berlin go back from 03:00 to 02:00, so this time comes twice, as";
        for (name, typed, words) in [
            (
                "Europe/Berlin",
                "2027-10-31T02:30",
                format!("{berlin} 02:30 CEST and as 02:30 CET. Choose another time."),
            ),
            (
                "Europe/Berlin",
                "2027-10-31T02:00",
                format!("{berlin} 02:00 CEST and as 02:00 CET. Choose another time."),
            ),
            (
                "America/St_Johns",
                "2027-11-07T01:59",
                "On 7 November 2027 clocks in America/St Johns go back from 02:00 to 01:00, so this time comes twice, as 01:59 NDT and as 01:59 NST. Choose another time.".to_owned(),
            ),
        ] {
            assert_eq!(parse(typed, &zone(name)), Err(words));
        }
    }

    #[test]
    fn dates_are_read_with_and_without_a_zone() {
        let read = |typed| parse(typed, &TimeZone::UTC);
        assert_eq!(read("2026-12-20T14:05"), Ok(NOW));
        assert_eq!(read("2026-12-20T14:05:00"), Ok(NOW));
        assert_eq!(read("2026-12-20T16:05:00+02:00"), Ok(NOW));
        assert!(read("2028-02-29T00:00").is_ok());
        for typed in [
            "",
            "tomorrow",
            "2027-02-29T00:00",
            "300000-01-01T00:00",
            "2026-13-01T00:00",
            "2026-12-20T25:00",
        ] {
            assert_eq!(
                read(typed),
                Err("Enter a valid date and time.".to_owned()),
                "{typed}"
            );
        }
    }

    #[test]
    fn the_first_and_the_last_day_of_the_calendar_are_dates() {
        for (typed, name, millis) in [
            ("9999-12-31T12:00", "UTC", 253_402_257_600_000),
            ("9999-12-31T23:59", "America/Caracas", 253_402_315_140_000),
            (
                "9999-12-31T23:59",
                "Pacific/Kiritimati",
                253_402_250_340_000,
            ),
            ("-009999-01-01T00:00", "UTC", -377_705_116_800_000),
        ] {
            assert_eq!(parse(typed, &zone(name)), Ok(millis), "{typed} {name}");
        }
    }
}
