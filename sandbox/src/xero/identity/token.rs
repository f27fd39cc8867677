//! Tokens as they are handed out. Access and id tokens have the shape of a JWT with the claims that Xero puts in; their
//! signature is made with a key of the stand-in's and proves nothing to anybody.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;
use uuid::Uuid;

use super::grants::ACCESS_MINUTES;
use crate::chance::Chance;

/// The one person who signs in.
pub const PERSON: Uuid = Uuid::from_u128(0x4b5e_8a1c_3f2d_4c6b_9a7e_1d0c_2b3a_4958);

/// Seconds that an id token lives.
const ID_TOKEN_SECONDS: i64 = 300;

/// The answer of the token endpoint.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenSet {
    /// Who signed in; with the scope `openid` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// What calls are made with.
    pub access_token: String,
    /// Seconds that the access token lives.
    pub expires_in: i64,
    /// Bearer.
    pub token_type: String,
    /// What the next pair is fetched with; with the scope `offline_access` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// The scopes, separated by spaces.
    pub scope: String,
}

impl TokenSet {
    pub(super) fn new(event: Uuid, scopes: &[String], chance: &Chance, now: DateTime<Utc>) -> Self {
        let has = |scope: &str| scopes.iter().any(|granted| granted == scope);
        let expires_in = ACCESS_MINUTES * 60;
        let claims = json!({
            "nbf": now.timestamp(), "exp": now.timestamp() + expires_in, "iss": "https://identity.xero.com",
            "aud": "https://identity.xero.com/resources", "sub": PERSON, "xero_userid": PERSON, "auth_time": now.timestamp(),
            "authentication_event_id": event, "jti": chance.uuid(), "scope": scopes,
        });
        let id_claims = json!({
            "nbf": now.timestamp(), "exp": now.timestamp() + ID_TOKEN_SECONDS, "iss": "https://identity.xero.com", "sub": PERSON,
            "xero_userid": PERSON, "email": "mere.ngata@example.co.nz", "given_name": "Mere", "family_name": "Ngata",
        });
        Self {
            id_token: has("openid").then(|| jwt(&id_claims)),
            access_token: jwt(&claims),
            expires_in,
            token_type: "Bearer".to_owned(),
            refresh_token: has("offline_access").then(|| chance.token()),
            scope: scopes.join(" "),
        }
    }
}

fn jwt(claims: &Value) -> String {
    let head = json!({ "alg": "HS256", "typ": "JWT" });
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(head.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = sign(b"stand-in", signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The HMAC-SHA256 of bytes.
pub fn sign(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    // A key of any length is taken, so that there is always a signature.
    Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(bytes).finalize().into_bytes().to_vec()).unwrap_or_default()
}
