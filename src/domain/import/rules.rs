//! Adapts values of the source that cannot be stored unchanged.

use latchkey_model::{
    account::{DisplayName, Email, MAX_URL},
    description::AppDescription,
    expiry::{LATEST_MILLIS, Millis},
};
use serde_json::Value;

/// The highest bcrypt cost that is imported: each step doubles the work of a sign-in, and 15 takes seconds.
const MAX_BCRYPT_COST: u8 = 15;

/// An adapted value, and whether it differs from the source.
pub(super) struct Fitted<T> {
    pub value: T,
    pub changed: bool,
}

/// A name: trimmed, without invisible characters, truncated; `None` if nothing is left.
pub(super) fn name(text: Option<&str>) -> Fitted<Option<DisplayName>> {
    let given = text.unwrap_or_default().trim();
    let kept = DisplayName::salvage(given);
    let changed = kept.as_ref().map_or("", DisplayName::as_str) != given;
    Fitted {
        value: kept,
        changed,
    }
}

/// The name of something without a name.
///
/// # Panics
/// When the text is not a valid name: it is a constant of this program.
pub(super) fn placeholder(text: &'static str) -> DisplayName {
    DisplayName::parse(text).expect("a valid name")
}

/// A key's description, truncated.
pub(super) fn description(text: Option<&str>) -> Fitted<AppDescription> {
    let given = text.unwrap_or_default();
    let kept = AppDescription::salvage(given);
    Fitted {
        changed: kept.as_str() != given,
        value: kept,
    }
}

/// The URL of a picture; `None` if it is too long.
pub(super) fn picture(text: Option<String>) -> Fitted<Option<String>> {
    let text = text.filter(|text| !text.is_empty());
    let fits = text
        .as_ref()
        .is_none_or(|text| text.chars().count() <= MAX_URL);
    Fitted {
        value: text.filter(|_| fits),
        changed: !fits,
    }
}

/// JSON, unchanged; `None` if the column cannot store it, and for null.
pub(super) fn metadata(text: Option<String>) -> Fitted<Option<String>> {
    let Some(text) = text else {
        return Fitted {
            value: None,
            changed: false,
        };
    };
    match serde_json::from_str::<Value>(&text) {
        Ok(Value::Null) => Fitted {
            value: None,
            changed: false,
        },
        Ok(value) if !has_nul(&value) => Fitted {
            value: Some(text),
            changed: false,
        },
        Ok(_) | Err(_) => Fitted {
            value: None,
            changed: true,
        },
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// An e-mail address; `None` if it is invalid.
pub(super) fn email(text: Option<&str>) -> Fitted<Option<Email>> {
    let kept = text.and_then(|text| Email::parse(text).ok());
    Fitted {
        changed: kept.is_none() && text.is_some(),
        value: kept,
    }
}

/// A bcrypt hash; `None` if it cannot be verified or is too slow.
pub(super) fn password_hash(text: Option<String>) -> Fitted<Option<String>> {
    let Some(text) = text else {
        return Fitted {
            value: None,
            changed: false,
        };
    };
    let fits = is_bcrypt(&text);
    Fitted {
        value: Some(text).filter(|_| fits),
        changed: !fits,
    }
}

/// `$2b$10$` and 53 characters of bcrypt's own base64.
fn is_bcrypt(hash: &str) -> bool {
    let mut parts = hash.split('$');
    let [
        Some(""),
        Some("2a" | "2b" | "2x" | "2y"),
        Some(cost),
        Some(rest),
        None,
    ] = [(); 5].map(|()| parts.next())
    else {
        return false;
    };
    // The parser accepts a sign too.
    let cost_is_fine = cost.len() == 2
        && cost.bytes().all(|b| b.is_ascii_digit())
        && cost
            .parse::<u8>()
            .is_ok_and(|cost| (4..=MAX_BCRYPT_COST).contains(&cost));
    cost_is_fine
        && rest.len() == 53
        && rest
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/'))
}

/// The nearest time within the range of a date, and whether it differs.
pub(super) fn time(millis: Option<Millis>) -> (Option<Millis>, bool) {
    let kept = millis.map(|millis| millis.clamp(-LATEST_MILLIS, LATEST_MILLIS));
    (kept, kept != millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_deceives_and_what_is_too_long() {
        for (text, kept, changed) in [
            (None, None, false),
            (Some(""), None, false),
            (Some("  "), None, false),
            (Some(" Ada "), Some("Ada"), false),
            (Some("Ada\u{202e}"), Some("Ada"), true),
            (Some("\u{200b}"), None, true),
        ] {
            let name = name(text);
            let value = name.value.as_ref().map(DisplayName::as_str);
            assert_eq!((value, name.changed), (kept, changed));
        }
        let long = name(Some(&"é".repeat(300)));
        let value = long.value.as_ref().map(DisplayName::as_str);
        assert_eq!(value, Some(&*"é".repeat(255)));
        assert!(long.changed);
    }

    #[test]
    fn descriptions_are_kept_as_they_are_up_to_a_thousand_characters() {
        let fits = "é\u{202e}".repeat(500);
        let kept = description(Some(&fits));
        assert!(kept.value.as_str() == fits && !kept.changed);
        let kept = description(Some(&format!("{fits}x")));
        assert!(kept.value.as_str() == fits && kept.changed);
        assert!(description(None).value.as_str().is_empty());
    }

    #[test]
    fn metadata_is_kept_to_the_letter_or_left_out() {
        for text in [
            "{}",
            r#"{"n": 123456789012345678901234567890}"#,
            "[1.50]",
            "\"x\"",
        ] {
            let kept = metadata(Some(text.to_owned()));
            assert_eq!(kept.value.as_deref(), Some(text));
        }
        for text in [
            r#"{"a":"\u0000"}"#,
            r#"{"\u0000":1}"#,
            r#"[{"a":["\u0000"]}]"#,
            r#""\ud800""#,
            "1e999999",
            "{",
        ] {
            let kept = metadata(Some(text.to_owned()));
            assert!(kept.value.is_none() && kept.changed, "{text}");
        }
        let escaped = r#""\\u0000""#;
        assert_eq!(
            metadata(Some(escaped.to_owned())).value.as_deref(),
            Some(escaped)
        );
        let null = metadata(Some("null".to_owned()));
        assert!(null.value.is_none() && !null.changed);
    }

    #[test]
    fn only_bcrypt_of_a_bearable_cost_is_taken_over() {
        let rest = "CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        for (start, fits) in [
            ("$2a$05$", true),
            ("$2b$10$", true),
            ("$2y$15$", true),
            ("$2b$16$", false),
            ("$2b$31$", false),
            ("$2b$03$", false),
            ("$2b$5$", false),
            ("$2b$+5$", false),
            ("$2c$10$", false),
            ("$argon2id$", false),
            ("", false),
            ("x$2b$10$", false),
        ] {
            let hash = format!("{start}{rest}");
            assert_eq!(password_hash(Some(hash)).value.is_some(), fits, "{start}");
        }
        assert!(!is_bcrypt(&format!("$2b$10${rest}x")));
        assert!(!is_bcrypt(&format!("$2b$10${}", &rest[1..])));
        assert!(!is_bcrypt(&format!("$2b$10$é{}", &rest[2..])));
        assert!(!is_bcrypt(&format!("$2b$10${rest}$")));
    }

    #[test]
    fn times_stay_within_what_a_date_can_hold() {
        for (millis, kept, changed) in [
            (None, None, false),
            (Some(0), Some(0), false),
            (Some(LATEST_MILLIS), Some(LATEST_MILLIS), false),
            (Some(i64::MAX), Some(LATEST_MILLIS), true),
            (Some(-i64::MAX), Some(-LATEST_MILLIS), true),
        ] {
            assert_eq!(time(millis), (kept, changed));
        }
    }
}
