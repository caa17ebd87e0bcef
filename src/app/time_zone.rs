//! The reader's time zone. The page's script keeps its name in a cookie; without script it is UTC.

use axum::{extract::Request, http::HeaderMap, middleware::Next, response::Response};
use jiff::tz::TimeZone;

use crate::{browser::time_zone::COOKIE, session_cookie::cookies};

/// No name in the IANA database is as long.
const LONGEST_NAME: usize = 64;

tokio::task_local! {
    /// The zone of the request that is answered.
    static READERS: TimeZone;
}

/// Answers a request in the time zone of its reader.
pub async fn set_time_zone(request: Request, next: Next) -> Response {
    let zone = in_cookie(request.headers()).unwrap_or(TimeZone::UTC);
    READERS.scope(zone, next.run(request)).await
}

/// Returns the reader's time zone; UTC outside of a request.
pub fn of_reader() -> TimeZone {
    READERS.try_with(Clone::clone).unwrap_or(TimeZone::UTC)
}

/// Returns the time zone with this name in the IANA database.
pub fn named(name: &str) -> Option<TimeZone> {
    if name.len() > LONGEST_NAME {
        return None;
    }
    TimeZone::get(name)
        .ok()
        .filter(|zone| !zone.is_unknown() && zone.iana_name().is_some())
}

/// Returns the name in the IANA database.
pub fn name(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("UTC")
}

/// Anybody can write anything into the cookie; the first that names a time zone counts.
fn in_cookie(headers: &HeaderMap) -> Option<TimeZone> {
    cookies(headers, COOKIE).find_map(|cookie| named(cookie.value()))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header::COOKIE};

    use super::*;

    fn zone_of(cookie: &str) -> Option<String> {
        let value = HeaderValue::from_str(cookie).expect("a header");
        let headers: HeaderMap = [(COOKIE, value)].into_iter().collect();
        in_cookie(&headers).map(|zone| name(&zone).to_owned())
    }

    #[test]
    fn a_cookie_names_the_time_zone() {
        for zone in [
            "UTC",
            "Etc/GMT+5",
            "Europe/Berlin",
            "America/St_Johns",
            "America/Argentina/ComodRivadavia",
            // As browsers call them, by their former names.
            "Asia/Katmandu",
            "Asia/Calcutta",
            "Europe/Kiev",
        ] {
            let cookie = format!("a=b; latchkey_time_zone={zone}; c=d");
            assert_eq!(zone_of(&cookie).as_deref(), Some(zone));
        }
        let cookie = "latchkey_time_zone=x; latchkey_time_zone=Asia/Tokyo";
        assert_eq!(zone_of(cookie).as_deref(), Some("Asia/Tokyo"));
    }

    #[test]
    fn what_names_no_time_zone_is_ignored() {
        let long = "x".repeat(4096);
        for value in [
            "",
            "Mars/Phobos",
            "Etc/Unknown",
            "localtime",
            "EST5EDT,M3.2.0,M11.1.0",
            "../../etc/passwd",
            "<script>alert(1)</script>",
            "Europe/Berlin%00",
            &long,
        ] {
            let cookie = format!("latchkey_time_zone={value}");
            assert_eq!(zone_of(&cookie), None, "{value}");
        }
        assert_eq!(zone_of("latchkey_time_zone_x=Asia/Tokyo"), None);
    }
}
