//! Recognises secrets by their shape.

use std::{borrow::Cow, sync::LazyLock};

use regex::{Captures, Regex};

const REDACTED: &str = "[redacted]";

/// API keys and keys of projects, whole or shortened; tokens of 45 characters; JSON Web Tokens;
/// credentials in headers and addresses; and values that are called a secret.
static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi)
          (?P<key> (?: ssk | pck | sak | sk | pk ) _ [0-9a-z]{8,} )
        | (?P<jwt> eyJ [0-9a-z_-]{8,} (?: \. [0-9a-z_-]* )* )
        | (?P<scheme> \b (?: bearer | basic ) \s+ ) [0-9a-z+/_.~=-]{12,}
        | (?P<user> \b [a-z][0-9a-z+.-]* :// [^\s:/@"']* : ) [^\s"'<>]* @
        | (?P<name> (?: password | passwd | secret | token ) [a-z_]* (?: = \\?["']? | \\?["'] : \s? \\?["'] | : \s \\?["'] ) ) [^\s"'\\&,;)}\]]+
        | (?P<text> [0-9a-z_-]{40,} )
        "#,
    )
    .expect("a valid expression")
});

/// Replaces everything in a text that has the shape of a secret.
pub fn redact(text: &str) -> Cow<'_, str> {
    SECRET.replace_all(text, |found: &Captures<'_>| {
        let whole = &found[0];
        let name = |name| found.name(name).map(|found| found.as_str());
        if let Some(kept) = name("scheme").or_else(|| name("name")) {
            format!("{kept}{REDACTED}")
        } else if let Some(kept) = name("user") {
            format!("{kept}{REDACTED}@")
        } else if let Some(text) = name("text")
            && !is_random(text)
        {
            text.to_owned()
        } else if name("key").is_some()
            && !is_key(text, found.get(0).map_or(0, |at| at.start()), whole)
        {
            whole.to_owned()
        } else {
            REDACTED.to_owned()
        }
    })
}

/// Whether a long text has a long part without separators, unlike names and UUIDs.
fn is_random(text: &str) -> bool {
    text.split(['-', '_']).any(|part| part.len() >= 20)
}

/// Whether it is a key and not the end of a word such as `task_…`.
fn is_key(text: &str, at: usize, key: &str) -> bool {
    let follows_word = text[..at].ends_with(|before: char| before.is_ascii_alphabetic());
    !follows_word || key.contains(|c: char| c.is_ascii_digit())
}
