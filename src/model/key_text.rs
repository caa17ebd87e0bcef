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

/// What somebody typed or pasted into a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchText {
    /// A key, or what can be a part of one. It must not get into an address.
    Key(String),
    /// A key as lists show it, `sk_…6bb1`: its last four characters.
    LastFour(String),
    /// Anything else.
    Words,
}

/// The shortest part of a key that counts as one: with less, most of the secret is still unknown.
const SHORTEST_PART: usize = 24;

/// Decides what a search is for.
pub fn read_search(text: &str) -> SearchText {
    if let Some(key) = find_key(text) {
        SearchText::Key(key)
    } else if let Some(end) = shown_end(text) {
        SearchText::LastFour(end.to_owned())
    } else {
        SearchText::Words
    }
}

/// Returns the key in a text, or what can be a part of one. It is found among other text, such as quotes,
/// `Bearer` or the name of a variable, and with line breaks in it. The checksum is not looked at: a
/// mistyped key is as secret.
pub fn find_key(text: &str) -> Option<String> {
    let compact: Vec<u8> = text.bytes().filter(u8::is_ascii_graphic).collect();
    let whole = compact
        .windows(KEY_LENGTH)
        .find(|key| starts_key(key) && &key[MARKER_AT..CRC_AT] == MARKER.as_bytes());
    let part = || {
        text.as_bytes()
            .split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
            .find(|word| is_part(word))
    };
    let key = whole.or_else(part)?;
    Some(key.iter().map(|byte| char::from(*byte)).collect())
}

/// Whether this is a prefix, and nothing but letters and digits after it.
fn starts_key(text: &[u8]) -> bool {
    matches!(text, [b's' | b'p', b'k', b'_', rest @ ..] if rest.iter().all(u8::is_ascii_alphanumeric))
}

/// Whether a word has a part that can be random: that many characters without a digit are words.
fn is_part(word: &[u8]) -> bool {
    let mut starts = word.windows(3 + SHORTEST_PART);
    let mut marks = word.windows(MARKER.len());
    starts.any(|part| starts_key(part) && part.iter().any(u8::is_ascii_digit))
        || marks.any(|part| part == MARKER.as_bytes())
}

/// The last four characters of a key as lists show it.
fn shown_end(text: &str) -> Option<&str> {
    let text = text.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let hidden = text
        .strip_prefix(prefix(false))
        .or_else(|| text.strip_prefix(prefix(true)))?;
    let end = hidden.trim_start_matches(['…', '.', '*', '•']);
    (end.len() < hidden.len()
        && end.len() == 4
        && end.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    .then_some(end)
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

    #[test]
    fn a_pasted_key_is_recognised_among_other_text() {
        let key = write(example(OwnerKind::User, false), &alphabet_repeated());
        let (start, end) = key.split_at(50);
        for text in [
            key.clone(),
            format!("  {key}\n"),
            format!("Bearer {key}"),
            format!("authorization: bearer {key}"),
            format!("\"{key}\""),
            format!("`{key}`"),
            format!("“{key}”,"),
            format!("LATCHKEY_API_KEY={key}"),
            format!("export KEY='{key}'"),
            format!("{start}\n{end}"),
            format!("{start}\u{200b}  {end}"),
            format!("https://keys.example/?q={key}&size=10"),
        ] {
            assert_eq!(read_search(&text), SearchText::Key(key.clone()), "{text}");
        }
    }

    #[test]
    fn a_part_of_a_key_is_no_word_either() {
        let key = write(example(OwnerKind::Team, true), &alphabet_repeated());
        let mistyped = key.replacen('0', "O", 1);
        for text in [&key[..40], &key[30..], &key[..101], mistyped.as_str()] {
            assert!(matches!(read_search(text), SearchText::Key(_)), "{text}");
        }
        for text in [
            "",
            "sk_",
            "deploy",
            "6bb1",
            "sk_production",
            "sk_thenightlybackupofalldatabases",
            "task_0123456789",
            "a key with sk_ and then quite a lot of words 1 2 3 4 5 6 7 8 9",
            "01900000-0000-7000-8000-0000000000ac",
        ] {
            assert_eq!(read_search(text), SearchText::Words, "{text}");
        }
    }

    #[test]
    fn a_key_as_lists_show_it_is_its_end() {
        for text in ["sk_…6bb1", " pk_…6bb1 ", "`sk_...6bb1`", "sk_****6bb1"] {
            assert_eq!(
                read_search(text),
                SearchText::LastFour("6bb1".to_owned()),
                "{text}"
            );
        }
        for text in ["…6bb1", "sk_6bb1", "sk_…6bb12", "sk_…6b"] {
            assert_eq!(read_search(text), SearchText::Words, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_search_hides_a_key(before in "[^0-9A-Za-z_]{0,20}", after in "[^0-9A-Za-z_]{0,20}", at in 0usize..102) {
            let key = write(example(OwnerKind::User, false), &alphabet_repeated());
            let whole = format!("{before}{key}{after}");
            prop_assert_eq!(read_search(&whole), SearchText::Key(key.clone()));
            let broken = format!("{before}{}\n {}{after}", &key[..at], &key[at..]);
            prop_assert_eq!(read_search(&broken), SearchText::Key(key));
        }

        #[test]
        fn no_search_makes_the_reader_panic(text in any::<String>(), key in "[sp]k_[0-9a-zé…_]{0,110}") {
            let _ = (read_search(&text), read_search(&key));
        }

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
