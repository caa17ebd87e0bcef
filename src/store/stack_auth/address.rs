//! The address of a source: a Postgres URL, as Prisma writes it too.

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

/// The supported parameters. Others, such as Prisma's `connection_limit`, configure another
/// program's pool: they are dropped and not logged.
const KNOWN: [&str; 11] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "port",
    "dbname",
    "user",
    "password",
    "options",
];

/// The address of the source. It contains a password, so it cannot be printed.
pub struct Address {
    pub(super) options: PgConnectOptions,
    /// Prisma's parameter `schema`, if the tables are not on the role's search path.
    pub(super) schema: Option<String>,
}

impl Address {
    /// # Errors
    /// Describes the problem without quoting the address.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        if !base.starts_with("postgres://") && !base.starts_with("postgresql://") {
            return Err("it does not begin with postgres://".to_owned());
        }
        let known: Vec<_> = query
            .split('&')
            .filter(|parameter| {
                let name = parameter.split('=').next().unwrap_or_default();
                KNOWN.contains(&name)
            })
            .collect();
        let options = PgConnectOptions::from_str(&format!("{base}?{}", known.join("&")))
            .map_err(|error| error.to_string())?;
        let schema = query
            .split('&')
            .find_map(|parameter| parameter.strip_prefix("schema="))
            .filter(|schema| !schema.is_empty())
            .map(str::to_owned);
        Ok(Self { options, schema })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_prisma_program_is_understood() {
        let text = "postgresql://ada:p%40ss@db.internal:6543/stack?schema=auth&connection_limit=20\
                    &sslpassword=canary&sslmode=require&pgbouncer=true";
        let address = Address::parse(text).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(address.options.get_host(), "db.internal");
        assert_eq!(address.options.get_port(), 6543);
        assert_eq!(address.options.get_username(), "ada");
        assert_eq!(address.options.get_database(), Some("stack"));
        assert_eq!(address.schema.as_deref(), Some("auth"));
        assert!(matches!(
            address.options.get_ssl_mode(),
            sqlx::postgres::PgSslMode::Require
        ));
    }

    #[test]
    fn what_is_wrong_with_an_address_is_said_without_repeating_it() {
        for text in [
            "",
            "canary",
            "mysql://canary:canary@canary/canary",
            "postgres://user:canary@host:canary/db",
            "postgres://user:can/ary@host/db",
            "postgres://user:canary@host/db?sslmode=canary-no",
            "postgres://user:canary@[::1/db",
        ] {
            if let Err(why) = Address::parse(text) {
                assert!(!why.contains("canary:"), "{why}");
                assert!(!why.contains("user:"), "{why}");
            }
        }
        assert!(Address::parse("canary").is_err());
        assert!(Address::parse("postgres://user:canary@host:canary/db").is_err());
    }
}
