//! The command line of Postgres, and the connection options.

use std::{ffi::OsString, fmt::Write, os::unix::ffi::OsStrExt, path::Path};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::endpoint::Endpoint;

/// The name of the user and of the database.
pub(super) const NAME: &str = "latchkey";

/// Locales for initializing a cluster, best first: sorted by code point, with Unicode case rules.
pub(super) fn locales(version: u32) -> &'static [&'static [&'static str]] {
    const BUILTIN: &[&str] = &[
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
    ];
    const LIBC: &[&str] = &["--locale=C.UTF-8"];
    const PLAIN: &[&str] = &["--locale=C"];
    if version >= 17 {
        &[BUILTIN, PLAIN]
    } else {
        &[LIBC, PLAIN]
    }
}

/// Settings for every start, on the command line, where they override the cluster's configuration
/// files.
///
/// The second part keeps statements and values out of the log. Errors of statements are not logged
/// at all (`log_min_messages=log`), because their messages quote values; the program receives them
/// as responses. `terse` drops the details of other messages, such as the statement that a crashed
/// process was running.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "port=5432",
    "unix_socket_permissions=0700",
    "ssl=off",
    "cluster_name=latchkey",
    "max_connections=60",
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    "restart_after_crash=on",
    "jit=off",
    "timezone=UTC",
    "lc_messages=C",
    // Logging.
    "logging_collector=off",
    "log_destination=stderr",
    "log_timezone=UTC",
    "log_line_prefix=%m [%p] ",
    "log_min_messages=log",
    "log_error_verbosity=terse",
    "log_min_error_statement=panic",
    "log_statement=none",
    "log_duration=off",
    "log_min_duration_statement=-1",
    "log_min_duration_sample=-1",
    "log_transaction_sample_rate=0",
    "log_parameter_max_length=0",
    "log_parameter_max_length_on_error=0",
    "log_lock_waits=off",
    "log_temp_files=-1",
    "log_autovacuum_min_duration=-1",
    "log_checkpoints=off",
    "log_connections=off",
    "log_disconnections=off",
    "shared_preload_libraries=",
    "session_preload_libraries=",
];

/// Returns the arguments of `postgres`.
pub(super) fn arguments(cluster: &Path, socket_dir: &Path) -> Vec<OsString> {
    let mut arguments = vec![OsString::from("-D"), cluster.into()];
    for setting in SETTINGS {
        arguments.extend(["-c".into(), setting.into()]);
    }
    arguments.extend(["-c".into(), socket_setting(socket_dir)]);
    arguments
}

/// Quoted, because Postgres parses this as a list, in which spaces and commas are separators.
fn socket_setting(socket_dir: &Path) -> OsString {
    let mut setting = OsString::from("unix_socket_directories=\"");
    for (index, part) in socket_dir
        .as_os_str()
        .as_bytes()
        .split(|byte| *byte == b'"')
        .enumerate()
    {
        if index > 0 {
            setting.push("\"\"");
        }
        setting.push(std::ffi::OsStr::from_bytes(part));
    }
    setting.push("\"");
    setting
}

pub(super) fn connect_options(endpoint: &Endpoint) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(&endpoint.socket_dir)
        .port(endpoint.port)
        .username(NAME)
        .database(NAME)
        .ssl_mode(PgSslMode::Disable)
}

pub(super) fn database_url(endpoint: &Endpoint) -> String {
    let mut url = format!("postgres://{NAME}@");
    for byte in endpoint.socket_dir.as_os_str().as_bytes() {
        // Writing to a string does not fail.
        let _ = write!(url, "%{byte:02X}");
    }
    let _ = write!(url, ":{}/{NAME}?sslmode=disable", endpoint.port);
    url
}
