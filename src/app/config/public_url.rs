//! The addresses at which people open the pages.

use std::net::SocketAddr;

use super::given;
use crate::origin::{Origin, Origins};

#[derive(clap::Args, Clone, Default)]
pub struct PublicUrl {
    /// Public address of the pages, such as <https://keys.example.com>; several are separated by commas, and the first is shown [default: every address that leads here]
    #[arg(long, env = "LATCHKEY_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
}

impl PublicUrl {
    /// Returns the origins under which the pages are served.
    ///
    /// # Errors
    /// A message when a public address is not valid.
    pub fn origins(&self, bound: SocketAddr) -> Result<Origins, String> {
        let origins = given(self.public_url.as_ref())
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
            .filter(|url| !url.is_empty())
            .map(origin)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(if origins.is_empty() {
            Origins::local(bound)
        } else {
            Origins::Public(origins)
        })
    }
}

fn origin(url: &str) -> Result<Origin, String> {
    let path = url.splitn(4, '/').nth(3).unwrap_or_default();
    if !path.is_empty() {
        return Err(format!(
            "LATCHKEY_PUBLIC_URL: {url} has a path; give only scheme, host and port"
        ));
    }
    Origin::of(url).ok_or_else(|| {
        format!("LATCHKEY_PUBLIC_URL: {url} is not an address such as https://keys.example.com")
    })
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::*;

    fn origins(url: Option<&str>) -> Result<Origins, String> {
        let settings = PublicUrl {
            public_url: url.map(str::to_owned),
        };
        settings.origins(([127, 0, 0, 1], 3000).into())
    }

    fn sent_from(origin: &str) -> HeaderMap {
        let origin = HeaderValue::from_str(origin).expect("a header");
        [(header::ORIGIN, origin)].into_iter().collect()
    }

    #[test]
    fn a_public_address_is_scheme_host_and_port() {
        for unset in [None, Some(""), Some(" , ")] {
            let local = origins(unset).expect("origins");
            assert_eq!(local.shown(), "http://127.0.0.1:3000");
            assert!(!local.is_https());
        }
        let public = origins(Some("https://keys.example.com")).expect("origins");
        assert!(public.is_https());
        assert!(public.check(&sent_from("http://localhost:3000")).is_err());
        assert!(origins(Some("https://keys.example.com/")).is_ok());
        for url in [
            "keys.example.com",
            "ftp://x",
            "https://keys.example.com/sub",
            "https://",
            "https://keys.example.com, x",
        ] {
            assert!(origins(Some(url)).is_err(), "{url}");
        }
    }

    #[test]
    fn there_may_be_several_public_addresses() {
        let both = origins(Some(
            "https://keys.example.com, https://keys.internal:8443,",
        ));
        let both = both.expect("origins");
        assert_eq!(both.shown(), "https://keys.example.com");
        assert!(both.is_https() && !both.is_mixed());
        for own in ["https://keys.example.com", "https://keys.internal:8443"] {
            assert!(both.check(&sent_from(own)).is_ok(), "{own}");
        }
        assert!(both.check(&sent_from("https://keys.internal")).is_err());
        let mixed = origins(Some("https://keys.example.com,http://192.168.1.7:3000"));
        let mixed = mixed.expect("origins");
        assert!(mixed.is_mixed() && !mixed.is_https());
        assert!(mixed.check(&sent_from("http://192.168.1.7:3000")).is_ok());
    }
}
