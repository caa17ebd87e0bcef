//! Random numbers from the operating system.

use latchkey_model::key_text::{BASE32, SECRET_LENGTH};
use uuid::Uuid;

use crate::clock::Clock;

/// Fills an array from the operating system's generator.
///
/// # Panics
/// When the operating system has none: then nothing here is safe to do.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    bytes
}

/// 225 random bits as the 45 base32 characters that every secret of this program consists of.
pub fn secret() -> [u8; SECRET_LENGTH] {
    bytes().map(|byte: u8| byte & 31)
}

/// [`secret`] as text.
pub fn secret_text() -> String {
    secret()
        .iter()
        .map(|five_bits| char::from(BASE32[usize::from(*five_bits)]))
        .collect()
}

/// A new UUID of version 7 (RFC 9562, 5.7).
pub fn id(clock: Clock) -> Uuid {
    let millis = u64::try_from(clock.now_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes()).into_uuid()
}
