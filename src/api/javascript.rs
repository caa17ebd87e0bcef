//! JavaScript values: how they are cast to other types, and how messages display them. The rules
//! are those of yup, the validation library whose messages this API reproduces.

use serde_json::Value;
use uuid::Uuid;

/// A UUID in its usual form, with dashes.
pub fn uuid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|_| text.len() == 36)
}

/// Formats a number like JavaScript (ECMA-262, `Number::toString`).
pub fn number(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let text = format!("{value:e}");
        return match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => {
                format!("{digits}e+{exponent}")
            }
            _ => text,
        };
    }
    if value == 0.0 {
        "0".to_owned()
    } else {
        value.to_string()
    }
}

/// Converts a text to a number like JavaScript's unary plus; `NaN` if it is not a number.
pub fn to_number(text: &str) -> f64 {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let radix = |digits: &str, radix| {
        u64::from_str_radix(digits, radix)
            .ok()
            .filter(|_| !digits.starts_with('+'))
            .and_then(|value| value.to_string().parse().ok())
            .unwrap_or(f64::NAN)
    };
    match text.get(..2) {
        Some("0x" | "0X") => return radix(&text[2..], 16),
        Some("0o" | "0O") => return radix(&text[2..], 8),
        Some("0b" | "0B") => return radix(&text[2..], 2),
        _ => {}
    }
    match text.as_str() {
        "Infinity" | "+Infinity" => f64::INFINITY,
        "-Infinity" => f64::NEG_INFINITY,
        text if text
            .chars()
            .any(|c| c.is_alphabetic() && !matches!(c, 'e' | 'E')) =>
        {
            f64::NAN
        }
        text => text.parse().unwrap_or(f64::NAN),
    }
}

/// Formats a value for messages. A text has no quotes.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("null".to_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(number(value.as_f64().unwrap_or(f64::NAN))),
        Value::String(text) => Some(format!("\"{text}\"")),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// Formats a value inside lists and objects for messages, where everything is a text.
pub fn display(value: &Value) -> String {
    fn texts(value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(texts).collect(),
            Value::Object(fields) => fields
                .iter()
                .map(|(name, value)| (name.clone(), texts(value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            value => scalar(value).map_or(Value::Null, Value::String),
        }
    }
    scalar(value).unwrap_or_else(|| {
        serde_json::to_string_pretty(&texts(value)).unwrap_or_else(|_| "[object]".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (0.1, "0.1"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e-7, "1.5e-7"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn texts_are_read_as_numbers_as_javascript_reads_them() {
        for (text, value) in [
            ("1", 1.0),
            (" 1 2 ", 12.0),
            ("-1.5e3", -1500.0),
            ("0x10", 16.0),
            (".5", 0.5),
            ("Infinity", f64::INFINITY),
        ] {
            assert!(
                (to_number(text) - value).abs() < 1e-9 || value.is_infinite(),
                "{text}"
            );
        }
        for text in ["", "abc", "1a", "inf", "nan", "0x", "0xg", "--1", "1e", "é"] {
            assert!(to_number(text).is_nan(), "{text}");
        }
    }

    #[test]
    fn values_are_displayed_as_clients_expect() {
        assert_eq!(display(&json!("yes")), "\"yes\"");
        assert_eq!(display(&json!(true)), "true");
        assert_eq!(display(&json!([])), "[]");
        assert_eq!(display(&json!({ "a": 1 })), "{\n  \"a\": \"1\"\n}");
    }
}
