//! The format of an API key: formatting, parsing and checking.
//!
//! `<prefix>_<secret 45><id 32><type 4><scanner 1>574ck4u7h<crc 8>`: 102 ASCII characters.
//! The checksum lets secret scanners, and this server without a query, tell keys from other texts.

use std::fmt::Write as _;

use uuid::Uuid;

use crate::{id::ApiKeyId, owner::OwnerKind};

/// Lower-case Crockford base32: no `i`, `l`, `o` or `u`.
pub const BASE32: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Characters of the random part: 225 bits.
pub const SECRET_LENGTH: usize = 45;

/// Characters of a whole key.
pub const KEY_LENGTH: usize = 102;

/// What secret scanners look for.
const MARKER: &str = "574ck4u7h";

const ID_AT: usize = 3 + SECRET_LENGTH;
const KIND_AT: usize = ID_AT + 32;
const SCANNER_AT: usize = KIND_AT + 4;
const MARKER_AT: usize = SCANNER_AT + 1;
const CRC_AT: usize = MARKER_AT + MARKER.len();

/// The parts of a key without the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyParts {
    /// The key's ID when its text was generated.
    pub id: ApiKeyId,
    pub kind: OwnerKind,
    /// `pk_` instead of `sk_`: may be published.
    pub is_public: bool,
}

/// `sk_` or `pk_`.
pub const fn prefix(is_public: bool) -> &'static str {
    if is_public { "pk_" } else { "sk_" }
}

/// Formats a key. `secret` has one number below 32 for each random character; higher bits are
/// ignored.
pub fn write(parts: KeyParts, secret: &[u8; SECRET_LENGTH]) -> String {
    let mut key = String::with_capacity(KEY_LENGTH);
    key.push_str(prefix(parts.is_public));
    key.extend(
        secret
            .iter()
            .map(|five_bits| char::from(BASE32[usize::from(five_bits & 31)])),
    );
    let mut id = Uuid::encode_buffer();
    key.push_str(parts.id.uuid().simple().encode_lower(&mut id));
    key.push_str(parts.kind.as_str());
    key.push(scanner(parts.is_public));
    key.push_str(MARKER);
    let crc = crc32fast::hash(key.as_bytes());
    write!(key, "{crc:08x}").ok();
    key
}

/// Parses a key that this server could have generated, or that was imported from a server that is
/// not self-hosted. `None` for anything else, including a wrong checksum.
pub fn read(text: &str) -> Option<KeyParts> {
    let bytes = text.as_bytes();
    if bytes.len() != KEY_LENGTH || !bytes.is_ascii() {
        return None;
    }
    let is_public = match &text[..3] {
        "sk_" => false,
        "pk_" => true,
        _ => return None,
    };
    let kind = match &text[KIND_AT..SCANNER_AT] {
        "user" => OwnerKind::User,
        "team" => OwnerKind::Team,
        _ => return None,
    };
    let lower_hex = |part: &str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let id = &text[ID_AT..KIND_AT];
    let crc = &text[CRC_AT..];
    let well_formed = bytes[3..ID_AT].iter().all(|b| BASE32.contains(b))
        && lower_hex(id)
        && lower_hex(crc)
        && matches!(
            (&text[SCANNER_AT..MARKER_AT], is_public),
            ("0" | "1", false) | ("2" | "3", true)
        )
        && &text[MARKER_AT..CRC_AT] == MARKER;
    let checksum = u32::from_str_radix(crc, 16).ok()?;
    (well_formed && checksum == crc32fast::hash(&bytes[..CRC_AT])).then_some(KeyParts {
        id: ApiKeyId::new(Uuid::try_parse(id).ok()?),
        kind,
        is_public,
    })
}

/// The four characters by which people recognise a key: the end of the checksum, which reveals
/// nothing about the secret.
pub fn last_four(key: &str) -> &str {
    key.get(key.len().saturating_sub(4)..).unwrap_or_default()
}

/// The digit for secret scanners: whether the key comes from a self-hosted server, and whether it
/// is public.
const fn scanner(is_public: bool) -> char {
    if is_public { '3' } else { '1' }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn alphabet_repeated() -> [u8; SECRET_LENGTH] {
        std::array::from_fn(|i| u8::try_from(i % 32).expect("below 32"))
    }

    fn example(kind: OwnerKind, is_public: bool) -> KeyParts {
        KeyParts {
            id: "11111111-2222-4333-8444-555555555555"
                .parse()
                .expect("a UUID"),
            kind,
            is_public,
        }
    }

    #[test]
    fn the_published_examples_come_out_to_the_letter() {
        let secret = alphabet_repeated();
        let key = write(example(OwnerKind::User, false), &secret);
        assert_eq!(
            key,
            "sk_0123456789abcdefghjkmnpqrstvwxyz0123456789abc\
             11111111222243338444555555555555user1574ck4u7h697e6bb1"
        );
        assert_eq!(last_four(&key), "6bb1");
        assert!(
            write(example(OwnerKind::Team, false), &secret).ends_with("team1574ck4u7hde9bf8b2")
        );
        let public = write(example(OwnerKind::User, true), &secret);
        assert!(public.starts_with("pk_") && public.ends_with("user3574ck4u7hc1c510e2"));
    }

    #[test]
    fn a_key_of_a_hosted_server_is_read_as_well() {
        let secret = alphabet_repeated();
        for (is_public, ours, theirs) in [(false, "user1", "user0"), (true, "user3", "user2")] {
            let parts = example(OwnerKind::User, is_public);
            let ours_and_theirs = write(parts, &secret).replacen(ours, theirs, 1);
            let body = &ours_and_theirs[..CRC_AT];
            let key = format!("{body}{:08x}", crc32fast::hash(body.as_bytes()));
            assert_eq!(read(&key), Some(parts));
        }
    }

    #[test]
    fn a_key_with_any_single_character_changed_is_refused() {
        let key = write(example(OwnerKind::User, false), &alphabet_repeated());
        for at in 0..key.len() {
            let mut other = key.clone().into_bytes();
            other[at] = if other[at] == b'0' { b'1' } else { b'0' };
            let other = String::from_utf8(other).expect("ASCII");
            assert_eq!(read(&other), None, "changed at {at}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            secret in prop::array::uniform32(0u8..32),
            rest in prop::array::uniform13(0u8..32),
            id in any::<u128>(),
            team in any::<bool>(),
            is_public in any::<bool>(),
        ) {
            let secret = std::array::from_fn(|i| if i < 32 { secret[i] } else { rest[i - 32] });
            let parts = KeyParts {
                id: ApiKeyId::new(Uuid::from_u128(id)),
                kind: if team { OwnerKind::Team } else { OwnerKind::User },
                is_public,
            };
            let key = write(parts, &secret);
            prop_assert_eq!(key.len(), KEY_LENGTH);
            prop_assert_eq!(read(&key), Some(parts));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            prop_assert_eq!(read(&text), None);
        }

        #[test]
        fn no_text_of_the_right_length_makes_the_reader_panic(text in "\\PC{30,102}") {
            prop_assert_eq!(read(&text), None);
            let _ = last_four(&text);
        }
    }
}
