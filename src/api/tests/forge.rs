//! Tokens as a forger, or this server with another mind, would write them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::http::Api;

/// A pair of keys, and the name by which tokens call it.
pub struct Signer {
    pub kid: Uuid,
    pair: EcdsaKeyPair,
}

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

/// What stands in the parts of a token that are JSON.
pub fn parts(token: &str) -> [Value; 2] {
    let mut parts = token.split('.');
    [(); 2].map(|()| {
        let part = decode(parts.next().expect("a part"));
        serde_json::from_slice(&part).expect("JSON")
    })
}

fn read(pkcs8: &[u8]) -> EcdsaKeyPair {
    EcdsaKeyPair::from_pkcs8(
        &ECDSA_P256_SHA256_FIXED_SIGNING,
        pkcs8,
        &SystemRandom::new(),
    )
    .expect("a key pair")
}

impl Signer {
    /// Somebody's own keys, under the name of others.
    pub fn stranger(kid: Uuid) -> Self {
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
                .expect("a key pair");
        Self {
            kid,
            pair: read(document.as_ref()),
        }
    }

    /// The server's own, opened with the secret that the tests seal them with.
    pub async fn of(api: &Api) -> Self {
        let (kid, sealed): (Uuid, Vec<u8>) =
            sqlx::query_as("SELECT key_id, sealed FROM signing_keys")
                .fetch_one(&api.world.pool)
                .await
                .expect("the signing key");
        let key = hmac::Key::new(hmac::HMAC_SHA256, &Sha256::digest("test"));
        let mut context = hmac::Context::with_key(&key);
        for part in ["seal", "signing key"] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let key = UnboundKey::new(&CHACHA20_POLY1305, context.sign().as_ref()).expect("a key");
        let (nonce, text) = sealed.split_at(NONCE_LEN);
        let mut text = text.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).expect("a nonce");
        let plain = LessSafeKey::new(key)
            .open_in_place(nonce, Aad::from(kid.as_bytes()), &mut text)
            .expect("sealed with this secret");
        Self {
            kid,
            pair: read(plain),
        }
    }

    /// Signs claims as the server does.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_as(
            &json!({ "typ": "JWT", "alg": "ES256", "kid": self.kid }),
            claims,
        )
    }

    /// Signs claims under this header.
    pub fn sign_as(&self, header: &Value, claims: &Value) -> String {
        let message = format!(
            "{}.{}",
            encode(header.to_string()),
            encode(claims.to_string())
        );
        let signature = self
            .pair
            .sign(&SystemRandom::new(), message.as_bytes())
            .expect("a signature");
        format!("{message}.{}", encode(signature))
    }
}

/// A token signed with HMAC-SHA-256 by this key.
pub fn sign_hs256(header: &Value, claims: &Value, key: &[u8]) -> String {
    let message = format!(
        "{}.{}",
        encode(header.to_string()),
        encode(claims.to_string())
    );
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message.as_bytes());
    format!("{message}.{}", encode(tag))
}
