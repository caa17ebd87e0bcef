//! Display names, e-mail addresses and passwords.

use serde::Serialize;

use crate::line::{self, InvalidLine};

pub const MAX_DISPLAY_NAME: usize = 255;
/// Of the URL of a profile image, in characters.
pub const MAX_URL: usize = 2000;
/// In characters.
pub const MIN_PASSWORD: usize = 8;
/// In characters.
pub const MAX_PASSWORD: usize = 70;
/// In octets (RFC 5321, section 4.5.3.1.3, without the angle brackets).
const MAX_EMAIL: usize = 254;

/// The name of a person, a team or a project: trimmed, 1 to [`MAX_DISPLAY_NAME`] visible characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct DisplayName(String);

impl DisplayName {
    /// # Errors
    /// The first rule of [`line::clean`] that is broken.
    pub fn parse(text: &str) -> Result<Self, InvalidLine> {
        line::clean(text, MAX_DISPLAY_NAME).map(Self)
    }

    /// Salvages a name from another system; see [`line::salvage`].
    pub fn salvage(text: &str) -> Option<Self> {
        line::salvage(text, MAX_DISPLAY_NAME).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An e-mail address, trimmed and in lower case, so that equal addresses compare equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Email(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid e-mail address")]
pub struct InvalidEmail;

impl Email {
    /// Checks the format of an address. Only a message sent to it proves that it exists.
    ///
    /// # Errors
    /// [`InvalidEmail`] when it is not `local@label.label`, with a last label of at least two letters.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmail)?;
        let local_is_fine = !local.is_empty()
            && local.len() <= 64
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local
                .chars()
                .all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
        let label_is_fine = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        let mut labels = domain.rsplit('.');
        let top_is_fine = labels.next().is_some_and(|top| {
            label_is_fine(top)
                && top.chars().count() >= 2
                && !top.chars().all(|c| c.is_ascii_digit())
        });
        let mut rest = labels.peekable();
        let fine = text.len() <= MAX_EMAIL
            && local_is_fine
            && top_is_fine
            && rest.peek().is_some()
            && rest.all(label_is_fine);
        if fine {
            Ok(Self(text))
        } else {
            Err(InvalidEmail)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    /// Fewer than [`MIN_PASSWORD`] characters.
    #[error("too short: at least {} characters are needed", MIN_PASSWORD)]
    TooShort,
    /// More than [`MAX_PASSWORD`] characters.
    #[error("too long: at most {} characters are allowed", MAX_PASSWORD)]
    TooLong,
}

/// Checks the length of a new password, and nothing else (NIST SP 800-63B, 3.1.1.2).
pub fn check_new_password(password: &str) -> Result<(), InvalidPassword> {
    match password.chars().count() {
        0..MIN_PASSWORD => Err(InvalidPassword::TooShort),
        MIN_PASSWORD..=MAX_PASSWORD => Ok(()),
        _ => Err(InvalidPassword::TooLong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_in_one_form() {
        assert_eq!(
            Email::parse("  Ada.L+keys@Example.COM ")
                .map(|e| e.0)
                .as_deref(),
            Ok("ada.l+keys@example.com")
        );
        assert!(Email::parse("jörg@müller.example").is_ok());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "a",
            "@",
            "a@",
            "@b.co",
            "a@localhost",
            "a@b.c",
            "a@b..co",
            "a b@c.de",
            "a@-b.co",
            "a@b.co\0",
            ".a@b.co",
            "a..b@c.de",
            "a@b.12",
            "a@b@c.de\n.",
            "<a@b.co>",
        ] {
            assert_eq!(Email::parse(text), Err(InvalidEmail), "{text:?}");
        }
        assert_eq!(
            Email::parse(&format!("{}@b.co", "a".repeat(65))),
            Err(InvalidEmail)
        );
    }

    #[test]
    fn passwords_are_counted_in_characters() {
        assert_eq!(
            check_new_password("1234567"),
            Err(InvalidPassword::TooShort)
        );
        assert_eq!(check_new_password("pässwört"), Ok(()));
        assert_eq!(check_new_password(&"x".repeat(70)), Ok(()));
        assert_eq!(
            check_new_password(&"x".repeat(71)),
            Err(InvalidPassword::TooLong)
        );
    }
}
