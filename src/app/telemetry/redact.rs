//! Recognises secrets by their shape.

use std::{borrow::Cow, sync::LazyLock};

use regex::{Captures, Regex};

const REDACTED: &str = "[redacted]";

/// API keys and keys of projects, whole or shortened; tokens of 45 characters; JSON Web Tokens;
/// credentials in headers and addresses; and values that are called a secret. A JSON Web Token begins
/// with `eyJ` in exactly this case (`{"` in Base64), a request id may have the same letters in lower case.
static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi)
          (?P<key> (?: ssk | pck | sak | sk | pk ) _ [0-9a-z]{8,} )
        | (?P<jwt> (?-i: eyJ ) [0-9a-z_-]{8,} (?: \. [0-9a-z_-]* )* )
        | (?P<scheme> \b (?: bearer | basic ) \s+ ) (?P<credentials> [0-9a-z+/_.~=-]{12,} )
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
        let part = |name| found.name(name).map(|found| found.as_str());
        if is_ordinary(text, found) {
            return found[0].to_owned();
        }
        match (part("scheme").or_else(|| part("name")), part("user")) {
            (Some(kept), _) => format!("{kept}{REDACTED}"),
            (None, Some(user)) => format!("{user}{REDACTED}@"),
            (None, None) => REDACTED.to_owned(),
        }
    })
}

/// Whether it only looks like a secret: the end of a word such as `task_…`, the word after “basic”, or
/// a long name or UUID, which has no long part without separators.
fn is_ordinary(text: &str, found: &Captures<'_>) -> bool {
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase());
    if let Some(key) = found.name("key") {
        let follows_word = text[..key.start()].ends_with(|c: char| c.is_ascii_alphabetic());
        follows_word && !key.as_str().contains(|c: char| c.is_ascii_digit())
    } else if let Some(credentials) = found.name("credentials") {
        is_word(credentials.as_str())
    } else if let Some(text) = found.name("text") {
        text.as_str().split(['-', '_']).all(|part| part.len() < 20)
    } else {
        false
    }
}
