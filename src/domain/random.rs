//! Random numbers from the operating system.

use latchkey_model::key_text::{BASE32, SECRET_LENGTH};
use uuid::Uuid;

use crate::clock::Clock;

/// Fills an array from the operating system's generator.
///
/// # Panics
/// When the operating system's generator fails: continuing would be unsafe.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    bytes
}

/// Returns 225 random bits as 45 base32 characters, the form of every secret of this program.
pub fn secret() -> [u8; SECRET_LENGTH] {
    bytes().map(|byte: u8| byte & 31)
}

/// Returns [`secret`] as text.
pub fn secret_text() -> String {
    base32(&secret())
}

/// Returns 130 random bits as 26 base32 characters. It is much shorter than a secret, so that the
/// log can tell them apart.
pub fn request_id() -> String {
    base32(&bytes::<26>())
}

fn base32(five_bits: &[u8]) -> String {
    five_bits
        .iter()
        .map(|five_bits| char::from(BASE32[usize::from(*five_bits & 31)]))
        .collect()
}

/// Returns a new UUID of version 7 (RFC 9562, 5.7).
pub fn id(clock: Clock) -> Uuid {
    let millis = u64::try_from(clock.now_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes()).into_uuid()
}
