//! The file of settings in which a new key can be saved: its name, and that of the variable in it.

const FILE: &str = "latchkey";
const VARIABLE: &str = "LATCHKEY";
/// Longer names are cut: shells and file systems accept more, people do not read it.
const LONGEST: usize = 40;

/// The names, after the project's. They need no quotes anywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvFile {
    /// “acme.env”. Browsers change a name that begins with a dot.
    pub file: String,
    /// “`ACME_API_KEY`”.
    pub variable: String,
}

impl EnvFile {
    /// Keeps what is a letter or digit of ASCII. A variable cannot begin with a digit; then, and where nothing is left, the
    /// names are the product's.
    pub fn of_project(name: &str) -> Self {
        // “Bob's” is one word.
        let name = name.replace(['\'', '’'], "");
        let mut words: Vec<&str> = name
            .split(|character: char| !character.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        while words.len() > 1 && words.iter().map(|word| word.len() + 1).sum::<usize>() > LONGEST {
            words.pop();
        }
        let is_usable = words
            .first()
            .is_some_and(|word| word.starts_with(|first: char| first.is_ascii_alphabetic()));
        let [file, variable] = if is_usable {
            [
                words.join("-").to_ascii_lowercase(),
                words.join("_").to_ascii_uppercase(),
            ]
        } else {
            [FILE.to_owned(), VARIABLE.to_owned()]
        };
        Self {
            file: format!("{}.env", first(&file)),
            variable: format!("{}_API_KEY", first(&variable)),
        }
    }
}

/// The first characters; the text is ASCII.
fn first(text: &str) -> &str {
    text.get(..LONGEST).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use latchkey_model::key_text::BASE32;

    use super::*;

    #[test]
    fn names_follow_the_project() {
        for (project, file, variable) in [
            ("Acme", "acme.env", "ACME_API_KEY"),
            (
                "Acme Cloud, Inc.",
                "acme-cloud-inc.env",
                "ACME_CLOUD_INC_API_KEY",
            ),
            ("Bob’s 3D shop", "bobs-3d-shop.env", "BOBS_3D_SHOP_API_KEY"),
            ("🚀 Acme", "acme.env", "ACME_API_KEY"),
            ("../../etc/passwd", "etc-passwd.env", "ETC_PASSWD_API_KEY"),
            ("a\nb=c", "a-b-c.env", "A_B_C_API_KEY"),
        ] {
            let names = EnvFile::of_project(project);
            assert_eq!(
                (names.file.as_str(), names.variable.as_str()),
                (file, variable),
                "{project}"
            );
        }
    }

    #[test]
    fn a_name_that_cannot_be_used_is_replaced() {
        for project in ["", " ", "🚀", "東京", "***", "3M", "=", "\u{202e}"] {
            let names = EnvFile::of_project(project);
            assert_eq!(
                (names.file.as_str(), names.variable.as_str()),
                ("latchkey.env", "LATCHKEY_API_KEY"),
                "{project}"
            );
        }
    }

    #[test]
    fn a_long_name_is_cut() {
        for project in ["x".repeat(255), "long ".repeat(51)] {
            let names = EnvFile::of_project(&project);
            assert!(names.file.len() <= LONGEST + 4, "{}", names.file);
            assert!(names.variable.len() <= LONGEST + 8, "{}", names.variable);
            assert!(!names.file.contains("-."), "{}", names.file);
        }
    }

    #[test]
    fn a_key_needs_no_quotes() {
        assert!(BASE32.iter().all(u8::is_ascii_alphanumeric));
    }
}
