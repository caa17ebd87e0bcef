//! How values of settings are read, and what is said about those that cannot be.

use std::{io, net::SocketAddr};

use tracing_subscriber::EnvFilter;

/// Treats empty environment variables as unset.
#[expect(
    clippy::disallowed_methods,
    reason = "the variables that clap reads, before it does"
)]
pub fn without_empty_variables(command: clap::Command) -> clap::Command {
    command
        .mut_args(|argument| {
            let is_empty = argument
                .get_env()
                .and_then(std::env::var_os)
                .is_some_and(|value| value.is_empty());
            if is_empty {
                argument.env(None::<&'static str>)
            } else {
                argument
            }
        })
        .mut_subcommands(without_empty_variables)
}

/// Parses `LATCHKEY_LISTEN`.
pub(super) fn listen_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "LATCHKEY_LISTEN takes an IP address and a port, such as 127.0.0.1:3000 or 0.0.0.0:3000"
            .to_owned()
    })
}

/// Says why the server cannot listen.
pub fn cannot_listen(address: SocketAddr, error: &io::Error) -> String {
    let remedy = match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another program uses the port: end it, or set LATCHKEY_LISTEN to another port"
        }
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 are for root: set LATCHKEY_LISTEN to a port from 1024 on"
        }
        io::ErrorKind::AddrNotAvailable => {
            "this machine does not have the address: set LATCHKEY_LISTEN to one that it has, or to 0.0.0.0 for all"
        }
        _ => return format!("cannot listen on {address}: {error}; check LATCHKEY_LISTEN"),
    };
    format!("cannot listen on {address}: {remedy}")
}

/// Checks `LATCHKEY_LOG`. A misspelt level would be taken for the name of a module, and nothing
/// would be logged.
pub(super) fn log_filter(text: &str) -> Result<String, String> {
    const LEVELS: &str = "error, warn, info, debug, trace or off";
    EnvFilter::try_new(text).map_err(|error| {
        format!("LATCHKEY_LOG takes {LEVELS}, or such a level for a module, as in latchkey=debug ({error})")
    })?;
    for word in text.split(',').map(str::trim) {
        let is_level = word.parse::<tracing::level_filters::LevelFilter>().is_ok();
        let is_module = word.contains(['=', '[', ':', '_']) || word.starts_with("latchkey");
        if !(word.is_empty() || is_level || is_module) {
            return Err(format!(
                "LATCHKEY_LOG: “{word}” is not a level ({LEVELS}); for a module, write {word}=debug"
            ));
        }
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_level_is_not_taken_for_a_module() {
        for good in [
            "info",
            "INFO",
            "warn,latchkey=debug",
            "off",
            "latchkey_api",
            "sqlx=trace,",
            "a::b",
        ] {
            assert!(log_filter(good).is_ok(), "{good}");
        }
        for bad in ["inof", "warn,loud", "latchkey=loud", "verbose"] {
            let said = log_filter(bad).expect_err(bad);
            assert!(
                said.contains("LATCHKEY_LOG") && said.contains("debug"),
                "{said}"
            );
        }
    }

    #[test]
    fn an_address_without_a_port_is_refused_with_an_example() {
        assert!(listen_address("[::1]:3000").is_ok());
        for bad in [
            "3000",
            ":3000",
            "localhost:3000",
            "127.0.0.1",
            "127.0.0.1:99999",
            "",
        ] {
            let said = listen_address(bad).expect_err(bad);
            assert!(said.contains("127.0.0.1:3000"), "{said}");
        }
    }
}
