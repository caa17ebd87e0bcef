//! The file descriptors of the process, of which each connection needs one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors for everything else: the database, the log, files.
const RESERVED: u64 = 256;

/// Raises the process's own limit if so many connections need more, as far as the system allows.
/// Returns how many connections it is enough for.
pub fn for_connections(connections: usize) -> usize {
    let needed = u64::try_from(connections).unwrap_or(u64::MAX) + RESERVED;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // `None` is no limit.
    let mut available = current.unwrap_or(u64::MAX);
    if available < needed {
        let raised = maximum.map_or(needed, |maximum| maximum.min(needed));
        let limit = Rlimit {
            current: Some(raised),
            maximum,
        };
        if setrlimit(Resource::Nofile, limit).is_ok() {
            available = raised;
        }
    }
    let possible = usize::try_from(available.saturating_sub(RESERVED).max(available / 2))
        .unwrap_or(usize::MAX);
    connections.min(possible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_connections_are_promised_than_there_are_descriptors() {
        assert_eq!(for_connections(16), 16);
        let maximum = getrlimit(Resource::Nofile).maximum;
        let possible = for_connections(usize::MAX / 2);
        if let Some(maximum) = maximum {
            assert_eq!(getrlimit(Resource::Nofile).current, Some(maximum));
            assert!(u64::try_from(possible).is_ok_and(|possible| possible < maximum));
        }
    }
}
