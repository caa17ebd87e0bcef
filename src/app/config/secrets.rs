//! The secrets: the one that seals, and former ones that still open what they have sealed.

use std::{collections::BTreeSet, fmt};

use latchkey_domain::secret::MasterKey;

/// The command that makes a secret.
const COMMAND: &str = "openssl rand -base64 32";
/// 32 bytes have 43 characters in base64 without padding, and 64 in hexadecimal.
const CHARACTERS: usize = 43;
const HEX_DIGITS: usize = 64;
/// The lengths that random letters of one case, and random digits, need.
const LETTERS: usize = 55;
const DIGITS: usize = 77;
/// Random words from a list of 7,776.
const WORDS: usize = 20;
/// Random text of that length has more in all but one of a million cases.
const DISTINCT: usize = 14;
const DISTINCT_HEX: usize = 10;
const DISTINCT_DIGITS: usize = 7;

/// Settings of secrets other than the current one.
#[derive(clap::Args, Clone, Default)]
pub struct FormerSecrets {
    /// Former secrets, separated by commas or line breaks, that open what they have sealed, until “latchkey signing-keys rotate” has sealed it anew
    #[arg(
        long,
        env = "LATCHKEY_OLD_SECRETS",
        hide_env_values = true,
        global = true,
        value_name = "TEXT"
    )]
    pub old_secrets: Option<String>,
}

/// A secret that could be guessed.
#[derive(Debug, thiserror::Error)]
pub struct Weak {
    /// The setting or the file.
    place: String,
    problem: &'static str,
}

impl fmt::Display for Weak {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, problem } = self;
        write!(
            formatter,
            "{place} is weaker than 32 random bytes: {problem}. Make a secret with “{COMMAND}”, and if the database \
             was used with the present one, set LATCHKEY_OLD_SECRETS to that"
        )
    }
}

impl FormerSecrets {
    /// Reads the text of `LATCHKEY_SECRET`: the secret and, after commas or line breaks, former
    /// ones.
    ///
    /// # Errors
    /// When the secret could be guessed. Former ones may be weak, so that they can be replaced.
    pub fn master_key(&self, text: &str, place: &str) -> Result<MasterKey, Weak> {
        let whole = text.trim();
        let mut parts = split(whole);
        let first = parts.next().unwrap_or_default();
        // A secret may itself contain commas.
        let (secret, others) = match (weakness(first), weakness(whole)) {
            (None, _) => (
                first,
                parts.chain((first != whole).then_some(whole)).collect(),
            ),
            (Some(_), None) => (whole, Vec::new()),
            (Some(problem), Some(_)) => {
                return Err(Weak {
                    place: place.to_owned(),
                    problem,
                });
            }
        };
        let old = self.old_secrets.as_deref().unwrap_or_default().trim();
        let former = others
            .into_iter()
            .chain(split(old))
            .chain(old.contains(SEPARATORS).then_some(old));
        Ok(MasterKey::with_former(secret, former))
    }
}

const SEPARATORS: [char; 2] = [',', '\n'];

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(SEPARATORS)
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// Says why a secret could be guessed. It cannot be known how a text was made; this finds what
/// cannot have been made from 32 random bytes.
fn weakness(secret: &str) -> Option<&'static str> {
    let text = secret.trim_end_matches('=');
    let all = |holds: fn(&char) -> bool| text.chars().all(|character| holds(&character));
    let words: BTreeSet<&str> = text.split_whitespace().collect();
    if words.len() >= WORDS {
        return None;
    }
    let (length, distinct) = if all(char::is_ascii_digit) {
        (DIGITS, DISTINCT_DIGITS)
    } else if all(char::is_ascii_hexdigit) {
        (HEX_DIGITS, DISTINCT_HEX)
    } else if all(char::is_ascii_lowercase) || all(char::is_ascii_uppercase) {
        (LETTERS, DISTINCT)
    } else {
        (CHARACTERS, DISTINCT)
    };
    let characters: Vec<char> = text.chars().collect();
    if characters.len() < length {
        Some("it is too short")
    } else if characters.iter().collect::<BTreeSet<_>>().len() < distinct {
        Some("it has too few different characters")
    } else if words.len() > 1 {
        Some("it has too few words")
    } else if repeats(&characters) || ascends(&characters) {
        Some("it repeats itself")
    } else {
        None
    }
}

/// Whether the second half repeats what came before.
fn repeats(characters: &[char]) -> bool {
    (1..=characters.len() / 2)
        .any(|period| characters[period..] == characters[..characters.len() - period])
}

/// Whether most characters follow the one before, as in an alphabet.
fn ascends(characters: &[char]) -> bool {
    let steps = characters
        .windows(2)
        .filter(|pair| u32::from(pair[0]).abs_diff(u32::from(pair[1])) <= 1);
    steps.count() * 2 > characters.len()
}

#[cfg(test)]
mod tests {
    use latchkey_domain::random;

    use super::*;

    #[test]
    fn random_secrets_of_every_form_are_accepted() {
        for _ in 0..200 {
            let bytes: [u8; 32] = random::bytes();
            let hex = bytes
                .iter()
                .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
            for secret in [random::secret_text(), hex.to_uppercase(), hex] {
                assert_eq!(weakness(&secret), None, "{secret}");
            }
        }
        for secret in [
            "k3Jq8wYx0ZP5uTn1bVf7mHc2sGd9eRa4LiOoXyQ6zWA=",
            "k3Jq8wYx0ZP5uTn1bVf7mHc2sGd9eRa4LiOoXyQ6zWA",
            "MZXW6YTBOI3DQNZSGEZTINJWG44DSOJQGEYTSMJTGI2TGNRTGU2A====",
            "cab ode fig hub jot key lid mop nut oak pad quo rim sun tip urn vat wig yak zip",
        ] {
            assert_eq!(weakness(secret), None, "{secret}");
        }
    }

    #[test]
    fn what_could_be_guessed_is_refused() {
        let short_hex = "0123456789abcdef".repeat(2);
        for secret in [
            "a",
            "secret",
            "changeme",
            "correct horse battery staple",
            "correct horse battery staple and some more words",
            "correcthorsebatterystaplecorrecthorsebattery",
            &short_hex,
            &"0123456789abcdef".repeat(4),
            &"x".repeat(100),
            &"k3Jq8wYx0ZP5uTn1".repeat(3),
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
            // 31 bytes, in hexadecimal and in base64.
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a",
            "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCg==",
        ] {
            assert!(weakness(secret).is_some(), "{secret}");
        }
    }

    #[test]
    fn a_weak_secret_is_refused_with_a_command_and_not_repeated() {
        let Err(weak) = FormerSecrets::default().master_key("canary", "LATCHKEY_SECRET") else {
            panic!("it was accepted");
        };
        let said = weak.to_string();
        assert!(
            said.contains(COMMAND) && said.contains("LATCHKEY_SECRET"),
            "{said}"
        );
        assert!(!said.contains("canary") && !said.contains('\n'), "{said}");
    }

    #[test]
    fn a_secret_may_be_followed_by_weak_former_ones_and_by_a_line_break() {
        let strong = random::secret_text();
        for text in [
            format!("{strong}\n"),
            format!("{strong},old"),
            format!("{strong}\nold\nolder\n"),
            format!(" {strong} , old"),
        ] {
            let former = FormerSecrets::default();
            assert!(former.master_key(&text, "").is_ok(), "{text}");
        }
        let swapped = FormerSecrets::default().master_key(&format!("old,{strong}"), "");
        assert!(swapped.is_ok(), "a secret of its own that contains a comma");
        assert!(
            FormerSecrets::default()
                .master_key("old,older", "")
                .is_err()
        );
    }
}
