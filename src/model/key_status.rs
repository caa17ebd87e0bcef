//! The status of a key.

use serde::{Deserialize, Serialize};

use crate::expiry::Millis;

/// A key that expires within 7 days is shown as expiring soon.
pub const SOON_MILLIS: Millis = 7 * 24 * 60 * 60 * 1000;

/// The result of checking a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    Valid,
    Expired,
    /// Takes precedence over [`KeyStatus::Expired`].
    Revoked,
}

impl KeyStatus {
    /// The status at the instant `now`. A key is expired at exactly its expiry.
    pub fn at(now: Millis, expires_at: Option<Millis>, revoked_at: Option<Millis>) -> Self {
        if revoked_at.is_some() {
            Self::Revoked
        } else if expires_at.is_some_and(|end| end <= now) {
            Self::Expired
        } else {
            Self::Valid
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_expires_at_its_instant_and_not_before() {
        assert_eq!(KeyStatus::at(999, Some(1000), None), KeyStatus::Valid);
        assert_eq!(KeyStatus::at(1000, Some(1000), None), KeyStatus::Expired);
        assert_eq!(KeyStatus::at(1001, Some(1000), None), KeyStatus::Expired);
        assert_eq!(KeyStatus::at(Millis::MAX, None, None), KeyStatus::Valid);
    }

    #[test]
    fn revoked_wins_over_expired() {
        assert_eq!(
            KeyStatus::at(2000, Some(1000), Some(1500)),
            KeyStatus::Revoked
        );
        assert_eq!(KeyStatus::at(0, None, Some(1500)), KeyStatus::Revoked);
    }
}
