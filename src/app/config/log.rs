//! Settings of the log.

use crate::telemetry::LogFormat;

/// How every command logs.
#[derive(clap::Args, Clone)]
pub struct LogSettings {
    /// Format of the log: text or json, one object for each line [default: text]
    #[arg(
        long,
        env = "LATCHKEY_LOG_FORMAT",
        default_value = "text",
        hide_default_value = true,
        global = true,
        value_name = "FORMAT"
    )]
    pub log_format: LogFormat,
}

/// What the server logs of a request.
#[derive(clap::Args, Clone, Default)]
pub struct RequestLogSettings {
    /// Log the network address of the visitor with each request
    #[arg(long, env = "LATCHKEY_LOG_ADDRESSES", value_parser = log_addresses)]
    pub log_addresses: bool,
}

fn log_addresses(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" | "y" | "t" => Ok(true),
        "" | "false" | "no" | "off" | "0" | "n" | "f" => Ok(false),
        _ => Err("LATCHKEY_LOG_ADDRESSES takes true or false".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_neither_yes_nor_no_is_refused() {
        for (text, expected) in [
            ("true", Some(true)),
            ("On", Some(true)),
            ("0", Some(false)),
            ("", Some(false)),
        ] {
            assert_eq!(log_addresses(text).ok(), expected, "{text}");
        }
        for text in ["maybe", "2", "tru", "disabled"] {
            let said = log_addresses(text).expect_err(text);
            assert!(said.contains("true or false"), "{said}");
        }
    }
}
