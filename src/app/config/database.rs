//! Settings of the connections to the database.

use std::time::Duration;

use latchkey_store::{ConnectOptions, LaneSettings, PoolSettings};

use super::scan::ScanSettings;

/// How many connections the program opens, and how long a statement may take.
#[derive(clap::Args, Clone)]
pub struct DatabaseSettings {
    /// Connections for checks of API keys, which nothing else uses
    #[arg(long, env = "LATCHKEY_CHECK_CONNECTIONS", default_value = "8", value_parser = connections, global = true, value_name = "NUMBER")]
    pub check_connections: usize,
    /// Connections for pages and the API
    #[arg(long, env = "LATCHKEY_REQUEST_CONNECTIONS", default_value = "8", value_parser = connections, global = true, value_name = "NUMBER")]
    pub request_connections: usize,
    /// Seconds that the database has for a check of an API key
    #[arg(long, env = "LATCHKEY_CHECK_DEADLINE", default_value = "2", value_parser = seconds, global = true, value_name = "SECONDS")]
    pub check_deadline: Duration,
    /// Seconds that the database has for a statement of a page or the API
    #[arg(long, env = "LATCHKEY_REQUEST_DEADLINE", default_value = "5", value_parser = seconds, global = true, value_name = "SECONDS")]
    pub request_deadline: Duration,
    /// Seconds that the database has for a list of keys on a page, or a search in it
    #[arg(long, env = "LATCHKEY_LIST_DEADLINE", default_value = "1", value_parser = seconds, global = true, value_name = "SECONDS")]
    pub list_deadline: Duration,
    /// Seconds that the database has for a statement of a command, such as an import
    #[arg(long, env = "LATCHKEY_OPERATOR_DEADLINE", default_value = "15", value_parser = seconds, global = true, value_name = "SECONDS")]
    pub operator_deadline: Duration,
    #[command(flatten)]
    pub scan: ScanSettings,
}

impl DatabaseSettings {
    /// The same for a command, of which every statement is an operator's.
    #[must_use]
    pub fn for_operator(self) -> Self {
        Self {
            request_deadline: self.operator_deadline,
            ..self
        }
    }

    pub(super) fn pool(&self) -> PoolSettings {
        let default = PoolSettings::default();
        PoolSettings {
            checks: LaneSettings {
                connections: self.check_connections,
                deadline: self.check_deadline,
            },
            requests: LaneSettings {
                connections: self.request_connections,
                deadline: self.request_deadline,
            },
            lists: LaneSettings {
                deadline: self.list_deadline,
                ..default.lists
            },
            background: LaneSettings {
                deadline: self.operator_deadline,
                ..default.background
            },
            scan_deadline: self.scan.scan_deadline,
            ..default
        }
    }
}

fn connections(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if (1..=1000).contains(&number) => Ok(number),
        _ => Err("not a number from 1 to 1000".to_owned()),
    }
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds) if (0.1..=3600.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err("not a number of seconds from 0.1 to 3600".to_owned()),
    }
}

/// The address, as the driver takes it.
///
/// # Errors
/// What is wrong with it, without repeating it: it may contain a password.
pub(super) fn parse_address(url: &str) -> Result<ConnectOptions, String> {
    // The driver takes any scheme for Postgres.
    match url.split_once("://") {
        Some(("postgres" | "postgresql", _)) => url
            .parse::<ConnectOptions>()
            .map_err(|error| error.to_string()),
        Some((scheme, _))
            if scheme.len() <= 16
                && scheme
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '+') =>
        {
            Err(format!(
                "it begins with {scheme}://, and Latchkey needs Postgres"
            ))
        }
        _ => Err("it does not begin with postgres://".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[test]
    fn an_address_of_another_database_is_named_and_never_repeated() {
        assert!(parse_address("postgres://ada:canary@db.internal/latchkey").is_ok());
        assert!(parse_address("postgresql:///latchkey?host=/run/postgresql").is_ok());
        for (address, says) in [
            ("mysql://ada:canary@db.internal/latchkey", "mysql://"),
            ("sqlite://canary", "sqlite://"),
            ("jdbc:postgresql://ada:canary@db/latchkey", "postgres://"),
            ("canary", "postgres://"),
            ("ada:canary@://x", "postgres://"),
        ] {
            let why = parse_address(address).expect_err(address);
            assert!(why.contains(says) && !why.contains("canary"), "{why}");
        }
    }

    #[test]
    fn deadlines_and_sizes_are_as_documented_or_set() {
        #[derive(clap::Parser)]
        struct Command {
            #[command(flatten)]
            settings: DatabaseSettings,
        }
        let settings = |flags: &str| {
            let command =
                Command::try_parse_from(flags.split(' ')).unwrap_or_else(|error| panic!("{error}"));
            command.settings
        };
        let seconds = |lane: LaneSettings| lane.deadline.as_secs();
        let default = settings("serve").pool();
        assert_eq!(default, PoolSettings::default());
        let lanes = [
            default.checks,
            default.requests,
            default.lists,
            default.background,
        ];
        assert_eq!(lanes.map(seconds), [2, 5, 1, 15]);
        assert_eq!(lanes.map(|lane| lane.connections), [8, 8, 4, 3]);
        assert_eq!(default.queue, Duration::from_millis(100));
        let of_command = settings("import").for_operator().pool();
        assert_eq!(seconds(of_command.requests), 15);
        let set = "serve --check-deadline 3 --request-deadline 4 --list-deadline 6 --operator-deadline 7 \
                   --check-connections 9 --request-connections 10";
        let set = settings(set).pool();
        let lanes = [set.checks, set.requests, set.lists, set.background];
        assert_eq!(lanes.map(seconds), [3, 4, 6, 7]);
        assert_eq!(lanes.map(|lane| lane.connections), [9, 10, 4, 3]);
    }

    #[test]
    fn deadlines_and_sizes_are_numbers_that_make_sense() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for wrong in ["", "0", "-1", "NaN", "inf", "3601", "5s"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "0", "-1", "1001", "1.5"] {
            assert!(connections(wrong).is_err(), "{wrong}");
        }
    }
}
