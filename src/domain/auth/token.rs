//! Access tokens: ES256 JWTs (RFC 7519) that name a session. A token alone proves nothing: every
//! statement reads the session, and the token ends with it.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::time::{Duration, Instant};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use latchkey_model::{
    expiry::Millis,
    id::{ProjectId, SessionId, UserId},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::es256;
use crate::{Domain, Error, signing_keys::SigningKey};
use latchkey_model::{caller::TokenSubject, user::User};

/// Ten minutes.
pub const LIFETIME_SECONDS: i64 = 10 * 60;

/// How long an instance goes on signing with a key that another has replaced.
const KEYS_LAST: Duration = Duration::from_mins(1);

/// Maximum length in bytes. A longer text is not parsed.
const MAX_LENGTH: usize = 4096;

/// The claims of a token, all of which are always present. Some may be null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the claims that clients expect"
)]
struct Claims {
    sub: UserId,
    iat: i64,
    exp: i64,
    iss: String,
    aud: ProjectId,
    project_id: ProjectId,
    branch_id: String,
    refresh_token_id: SessionId,
    role: String,
    #[serde(deserialize_with = "Option::deserialize")]
    name: Option<String>,
    #[serde(deserialize_with = "Option::deserialize")]
    email: Option<String>,
    email_verified: bool,
    #[serde(deserialize_with = "Option::deserialize")]
    selected_team_id: Option<Uuid>,
    signed_up_at: i64,
    is_anonymous: bool,
    is_restricted: bool,
    #[serde(deserialize_with = "Option::deserialize")]
    restricted_reason: Option<String>,
    requires_totp_mfa: bool,
}

/// A public key, as in a JSON Web Key Set (RFC 7517).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicKey {
    pub kid: Uuid,
    /// The x coordinate, in base64url.
    pub x: String,
    /// The y coordinate, in base64url.
    pub y: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an access token of this server")]
pub struct Unparsable;

/// The content of a token that this server has issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadToken {
    pub project: ProjectId,
    pub subject: TokenSubject,
}

struct Key {
    id: Uuid,
    /// Whether new tokens are signed with it.
    is_signer: bool,
    signs: EncodingKey,
    verifies: DecodingKey,
    public: PublicKey,
}

impl From<SigningKey> for Key {
    fn from(key: SigningKey) -> Self {
        let coordinates = key.public.get(1..).unwrap_or_default();
        let (x, y) = coordinates.split_at(coordinates.len() / 2);
        Self {
            id: key.id,
            is_signer: key.signs,
            signs: EncodingKey::from_ec_der(&key.private),
            verifies: DecodingKey::from_ec_der(&key.public),
            public: PublicKey {
                kid: key.id,
                x: URL_SAFE_NO_PAD.encode(x),
                y: URL_SAFE_NO_PAD.encode(y),
            },
        }
    }
}

/// Issues and verifies tokens. Cheap to clone.
#[derive(Clone)]
pub struct Tokens {
    domain: Domain,
    /// Scheme, host and port of the API.
    origin: Arc<str>,
    keys: Arc<RwLock<Keys>>,
}

/// The keys, newest first. A key never changes, so they are cached; an unknown one is looked up in
/// the database.
#[derive(Clone, Default)]
struct Keys {
    all: Vec<Arc<Key>>,
    read_at: Option<Instant>,
}

impl Tokens {
    pub fn new(domain: Domain, origin: &str) -> Self {
        es256::install();
        Self {
            domain,
            origin: origin.into(),
            keys: Arc::default(),
        }
    }

    /// Issues a token for a session, by the database's clock.
    pub async fn issue(
        &self,
        project: ProjectId,
        session: SessionId,
        user: &User,
    ) -> Result<String, Error> {
        let now = self.domain.database_now().await?;
        self.issue_as_of(now, project, session, user).await
    }

    /// Issues a token as at another time, in milliseconds since 1970, UTC.
    pub async fn issue_as_of(
        &self,
        now: Millis,
        project: ProjectId,
        session: SessionId,
        user: &User,
    ) -> Result<String, Error> {
        let key = self.signing_key().await?;
        let now = now.div_euclid(1000);
        let claims = Claims {
            sub: user.id,
            iat: now,
            exp: now + LIFETIME_SECONDS,
            iss: self.issuer(project),
            aud: project,
            project_id: project,
            branch_id: "main".to_owned(),
            refresh_token_id: session,
            role: "authenticated".to_owned(),
            name: user.display_name.clone(),
            email: user.primary_email.clone(),
            email_verified: user.primary_email_verified,
            selected_team_id: user.selected_team.as_ref().map(|team| team.id.uuid()),
            signed_up_at: user.signed_up_at_millis.div_euclid(1000),
            is_anonymous: false,
            is_restricted: false,
            restricted_reason: None,
            requires_totp_mfa: false,
        };
        let header = Header {
            kid: Some(key.id.to_string()),
            ..Header::new(Algorithm::ES256)
        };
        jsonwebtoken::encode(&header, &claims, &key.signs).map_err(Error::internal)
    }

    /// Verifies that this server has signed a token. An expired token passes: the database's clock
    /// decides.
    pub async fn read(&self, token: &str) -> Result<Result<ReadToken, Unparsable>, Error> {
        let Some(id) = key_id(token) else {
            return Ok(Err(Unparsable));
        };
        let Some(key) = self.key(id).await? else {
            return Ok(Err(Unparsable));
        };
        let mut validation = Validation::new(Algorithm::ES256);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let Ok(read) = jsonwebtoken::decode::<Claims>(token, &key.verifies, &validation) else {
            return Ok(Err(Unparsable));
        };
        let claims = read.claims;
        let consistent = claims.aud == claims.project_id
            && claims.iss == self.issuer(claims.project_id)
            && claims.branch_id == "main"
            && claims.role == "authenticated";
        Ok(if consistent {
            Ok(ReadToken {
                project: claims.project_id,
                subject: TokenSubject {
                    session: claims.refresh_token_id,
                    user: claims.sub,
                    ends_at: claims.exp.saturating_mul(1000),
                },
            })
        } else {
            Err(Unparsable)
        })
    }

    /// Whether a token has expired. Only for error messages: the statement that acts decides.
    pub async fn has_ended(&self, ends_at: Millis) -> Result<bool, Error> {
        Ok(ends_at <= self.domain.database_now().await?)
    }

    /// Returns the public keys for verifying tokens.
    pub async fn public_keys(&self) -> Result<Vec<PublicKey>, Error> {
        // Another instance may have added a key.
        self.load().await?;
        Ok(self.known().iter().map(|key| key.public.clone()).collect())
    }

    fn issuer(&self, project: ProjectId) -> String {
        format!("{}/api/v1/projects/{project}", self.origin)
    }

    fn known(&self) -> Vec<Arc<Key>> {
        self.keys
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .all
            .clone()
    }

    async fn load(&self) -> Result<(), Error> {
        let keys = self.domain.signing_keys().await?;
        let keys = Keys {
            all: keys.into_iter().map(|key| Arc::new(key.into())).collect(),
            read_at: Some(Instant::now()),
        };
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    /// Returns the key that signs.
    async fn signing_key(&self) -> Result<Arc<Key>, Error> {
        let read_at = self
            .keys
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .read_at;
        if read_at.is_none_or(|read_at| read_at.elapsed() > KEYS_LAST)
            && let Err(error) = self.load().await
        {
            // The keys of this instance stay valid.
            if self.known().is_empty() {
                return Err(error);
            }
            tracing::warn!(%error, "cannot read the signing keys again");
        }
        self.known()
            .into_iter()
            .find(|key| key.is_signer)
            .ok_or_else(|| Error::internal("no signing key"))
    }

    async fn key(&self, id: Uuid) -> Result<Option<Arc<Key>>, Error> {
        let find = || self.known().into_iter().find(|key| key.id == id);
        if let Some(key) = find() {
            return Ok(Some(key));
        }
        self.load().await?;
        Ok(find())
    }
}

/// Returns the key that a token's header names.
fn key_id(token: &str) -> Option<Uuid> {
    if token.len() > MAX_LENGTH {
        return None;
    }
    let header = jsonwebtoken::decode_header(token).ok()?;
    if header.alg != Algorithm::ES256 {
        return None;
    }
    header.kid?.parse().ok()
}
