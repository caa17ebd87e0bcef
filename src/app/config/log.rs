//! Settings of the log.

use clap::builder::FalseyValueParser;

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
    #[arg(long, env = "LATCHKEY_LOG_ADDRESSES", value_parser = FalseyValueParser::new())]
    pub log_addresses: bool,
}
