//! When API keys expire.

/// Milliseconds since 1 January 1970, UTC. Negative before.
pub type Millis = i64;

/// The latest instant that a JavaScript `Date` can represent (ECMA-262, "Time Values and Time
/// Range").
pub const LATEST_MILLIS: Millis = 8_640_000_000_000_000;

/// An expiry further away than this (50 years) is shown as "Never".
pub const NEVER_MILLIS: Millis = 50 * 31_556_952_000;

/// When a new key expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    Never,
    /// This long after the creation.
    After(Millis),
    At(Millis),
}

/// A lifetime that a form offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// The value in the form.
    pub value: &'static str,
    /// Days of 24 hours.
    pub days: i64,
}

/// Shortest first.
pub const LIFETIMES: [Lifetime; 5] = [
    Lifetime {
        value: "1d",
        days: 1,
    },
    Lifetime {
        value: "7d",
        days: 7,
    },
    Lifetime {
        value: "30d",
        days: 30,
    },
    Lifetime {
        value: "90d",
        days: 90,
    },
    Lifetime {
        value: "365d",
        days: 365,
    },
];

/// The form's initial choice.
pub const DEFAULT_LIFETIME: &str = "30d";
/// The form's value for a custom date.
pub const CUSTOM: &str = "custom";
/// The form's value for a key that does not expire.
pub const NEVER: &str = "never";

pub const DAY_MILLIS: Millis = 24 * 60 * 60 * 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid expiry")]
pub struct InvalidExpiry;

impl Expiry {
    /// Parses a form's choice; `custom` is the instant for [`CUSTOM`].
    ///
    /// # Errors
    /// [`InvalidExpiry`] for an unknown choice, or a custom one whose instant is missing or beyond [`LATEST_MILLIS`].
    pub fn from_choice(choice: &str, custom: Option<Millis>) -> Result<Self, InvalidExpiry> {
        if choice == NEVER {
            return Ok(Self::Never);
        }
        if choice == CUSTOM {
            return custom
                .filter(|at| (-LATEST_MILLIS..=LATEST_MILLIS).contains(at))
                .map(Self::At)
                .ok_or(InvalidExpiry);
        }
        LIFETIMES
            .iter()
            .find(|lifetime| lifetime.value == choice)
            .map(|lifetime| Self::After(lifetime.days * DAY_MILLIS))
            .ok_or(InvalidExpiry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_read() {
        assert_eq!(Expiry::from_choice("never", None), Ok(Expiry::Never));
        assert_eq!(
            Expiry::from_choice("30d", None),
            Ok(Expiry::After(2_592_000_000))
        );
        assert_eq!(Expiry::from_choice("custom", Some(5)), Ok(Expiry::At(5)));
        assert_eq!(
            Expiry::from_choice(DEFAULT_LIFETIME, None),
            Expiry::from_choice("30d", None)
        );
    }

    #[test]
    fn what_was_not_offered_is_refused() {
        for (choice, custom) in [
            ("", None),
            ("2d", None),
            ("custom", None),
            ("custom", Some(LATEST_MILLIS + 1)),
            ("custom", Some(-LATEST_MILLIS - 1)),
        ] {
            assert_eq!(
                Expiry::from_choice(choice, custom),
                Err(InvalidExpiry),
                "{choice}"
            );
        }
    }
}
