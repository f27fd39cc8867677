//! Access tokens: JWT, HS256, signed and read by us alone. Their times are the machine's, not the product's.
//!
//! The header is compared whole before anything is parsed: a token with another algorithm, a key id or a URL in its
//! header is not ours, whatever it says.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Env, Error, Viewer};
use entity::{Role, SessionId, TenantId, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

use super::Keys;

/// How long a token lasts that a sign-in gives.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// How far the clocks of two of our machines may differ.
const LEEWAY: TimeDelta = TimeDelta::seconds(30);

/// Longest token that is looked at, in bytes.
const MAX_BYTES: usize = 2_048;

const ISSUER: &str = "dunwell";
const AUDIENCE: &str = "dunwell-api";

/// `{"typ":"JWT","alg":"HS256"}`
const HEADER: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.";

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    tenant: TenantId,
    role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<SessionId>,
    jti: String,
    iat: i64,
    exp: i64,
}

/// What a token proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proven {
    /// Who, where, in which role.
    pub viewer: Viewer,
    /// The sign-in that it belongs to; none for tokens that an operator made.
    pub session: Option<SessionId>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Makes a token.
///
/// # Errors
///
/// When the machine's clock is out of this world.
pub fn issue(env: &Env, keys: &Keys, viewer: &Viewer, session: Option<SessionId>, lifetime: TimeDelta) -> domain::Result<String> {
    let now = env.clock.machine();
    let mut unique = [0u8; 16];
    env.entropy.fill(&mut unique);
    let claims = Claims {
        iss: ISSUER.into(),
        aud: AUDIENCE.into(),
        sub: viewer.user,
        tenant: viewer.tenant,
        role: viewer.role,
        sid: session,
        jti: uuid::Uuid::from_bytes(unique).simple().to_string(),
        iat: now.timestamp(),
        exp: (now + lifetime).timestamp(),
    };
    encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(&keys.access))
        .map_err(|e| Error::Bug(format!("signing an access token: {e}")))
}

/// Reads a token; none when it is not ours, not for us, or not of this time. Why is nobody's business.
pub fn read(keys: &Keys, token: &str, now: DateTime<Utc>) -> Option<Proven> {
    if token.len() > MAX_BYTES || !token.starts_with(HEADER) {
        return None;
    }
    let mut rules = Validation::new(Algorithm::HS256);
    rules.set_audience(&[AUDIENCE]);
    rules.set_issuer(&[ISSUER]);
    rules.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    // Times are compared below, with the clock that we were given.
    rules.validate_exp = false;
    let claims = decode::<Claims>(token, &DecodingKey::from_secret(&keys.access), &rules).ok()?.claims;
    let expires_at = DateTime::from_timestamp(claims.exp, 0)?;
    let issued_at = DateTime::from_timestamp(claims.iat, 0)?;
    if now >= expires_at + LEEWAY || issued_at > now + LEEWAY {
        return None;
    }
    let viewer = Viewer { tenant: claims.tenant, user: claims.sub, role: claims.role };
    Some(Proven { viewer, session: claims.sid, expires_at })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::{Value, json};

    const NOW: i64 = 1_800_000_000;

    fn keys() -> Keys {
        Keys::new(&[7; 32])
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn claims(change: &Value) -> Value {
        let mut claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": UserId(uuid::Uuid::nil()), "tenant": TenantId(uuid::Uuid::max()),
            "role": "owner", "jti": "1", "iat": NOW, "exp": NOW + 600,
        });
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    }

    fn signed(header: &Header, claims: &Value, key: &[u8]) -> String {
        encode(header, claims, &EncodingKey::from_secret(key)).unwrap()
    }

    fn ours(change: &Value) -> String {
        signed(&Header::new(Algorithm::HS256), &claims(change), &keys().access)
    }

    #[test]
    fn our_token_is_read_until_it_ends() {
        let token = ours(&json!({}));
        assert!(token.starts_with(HEADER));
        assert_eq!(read(&keys(), &token, at(NOW)).unwrap().viewer.role, Role::Owner);
        assert!(read(&keys(), &token, at(NOW + 600 + 29)).is_some(), "within the leeway");
        assert!(read(&keys(), &token, at(NOW + 600 + 30)).is_none());
        assert!(read(&keys(), &token, at(NOW - 31)).is_none(), "issued in the future");
    }

    #[test]
    fn a_token_for_another_service_or_without_its_claims_is_none() {
        for change in [
            json!({ "aud": "elsewhere" }),
            json!({ "iss": "elsewhere" }),
            json!({ "sub": "42" }),
            json!({ "role": "root" }),
            json!({ "exp": i64::MAX }),
            json!({ "exp": "never" }),
        ] {
            assert!(read(&keys(), &ours(&change), at(NOW)).is_none(), "{change}");
        }
    }

    #[test]
    fn another_key_algorithm_or_header_is_none() {
        let plain = claims(&json!({}));
        let header = Header::new(Algorithm::HS256);
        assert!(read(&keys(), &signed(&header, &plain, b""), at(NOW)).is_none());
        assert!(read(&keys(), &signed(&header, &plain, &[7; 32]), at(NOW)).is_none(), "the signing key itself");
        assert!(read(&keys(), &signed(&Header::new(Algorithm::HS512), &plain, &keys().access), at(NOW)).is_none());
        for change in ["kid", "jku", "x5u"] {
            let mut header = header.clone();
            let value = Some("../../dev/null".to_owned());
            match change {
                "kid" => header.kid = value,
                "jku" => header.jku = value,
                _ => header.x5u = value,
            }
            assert!(read(&keys(), &signed(&header, &plain, &keys().access), at(NOW)).is_none(), "{change}");
        }
    }

    #[test]
    fn unsigned_cut_longer_and_changed_tokens_are_none() {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let token = ours(&json!({}));
        let payload = token.split('.').nth(1).unwrap();
        let mut bad = vec![
            String::new(),
            token[..token.len() - 1].to_owned(),
            format!("{token}A"),
            format!("{token}."),
            format!("{HEADER}{payload}"),
            format!("{HEADER}{payload}."),
            token.replace(payload, &URL_SAFE_NO_PAD.encode(claims(&json!({ "role": "viewer" })).to_string())),
            "x".repeat(8_192),
            "' OR 1=1 --".to_owned(),
        ];
        bad.extend(["none", "None", "NONE", "nOnE"].map(|alg| {
            let header = URL_SAFE_NO_PAD.encode(json!({ "typ": "JWT", "alg": alg }).to_string());
            format!("{header}.{payload}.")
        }));
        for token in bad {
            assert!(read(&keys(), &token, at(NOW)).is_none(), "{token}");
        }
    }
}
