//! A request: who asks, and what it carries.

use serde_json::Value;

/// Who asks: the headers of a request.
#[derive(Debug, Clone, Default)]
pub struct As(pub Vec<(String, Vec<u8>)>);

impl As {
    /// With `x-stack-` and this name, in place of what was there.
    pub fn with(&self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.header(&format!("x-stack-{name}"), value)
    }

    /// With this header, in place of what was there.
    pub fn header(&self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let mut headers = self.0.clone();
        headers.retain(|(other, _)| other != name);
        headers.push((name.to_owned(), value.as_ref().to_vec()));
        Self(headers)
    }

    /// Without `x-stack-` and this name.
    pub fn without(&self, name: &str) -> Self {
        let mut headers = self.0.clone();
        headers.retain(|(other, _)| *other != format!("x-stack-{name}"));
        Self(headers)
    }

    /// Whether a server asks.
    pub fn is_server(&self) -> bool {
        self.0.iter().any(|(_, value)| value == b"server")
    }

    /// With the other prefix for the headers that this says yes to.
    pub fn hexclave(&self, which: impl Fn(usize) -> bool) -> Self {
        let renamed = self.0.iter().enumerate().map(|(at, (name, value))| {
            let name = match name.strip_prefix("x-stack-") {
                Some(rest) if which(at) => format!("x-hexclave-{rest}"),
                _ => name.clone(),
            };
            (name, value.clone())
        });
        Self(renamed.collect())
    }
}

/// What a request carries.
#[derive(Debug, Clone)]
pub enum Sent {
    Nothing,
    Json(Value),
    Raw(String, Vec<u8>),
}

impl From<()> for Sent {
    fn from((): ()) -> Self {
        Self::Nothing
    }
}

impl From<Value> for Sent {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

/// A content type and a text.
impl From<(&str, &str)> for Sent {
    fn from((kind, text): (&str, &str)) -> Self {
        Self::Raw(kind.to_owned(), text.as_bytes().to_vec())
    }
}
