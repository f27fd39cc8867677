//! Signing in through the API: limits on guessing in front of `domain::identity`, an access token behind it.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Env, Refusal, RefusalCode,
    identity::{SignedIn, session},
};
use entity::TenantId;

use super::{Keys, limiter::Limiter, token};

/// Attempts on one person from one address, before it has to wait.
pub const MAX_PER_PERSON_AND_PEER: u32 = 10;

/// Attempts on one person from anywhere.
pub const MAX_PER_PERSON: u32 = 100;

/// Attempts from one address on anybody. An office may sit behind one address.
pub const MAX_PER_PEER: u32 = 200;

/// The window of all three.
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// A sign-in with its access token.
#[derive(Debug, Clone)]
pub struct Session {
    /// The refresh token and who it is.
    pub signed_in: SignedIn,
    /// For the `Authorization` header.
    pub access_token: String,
    /// When the access token ends.
    pub expires_at: DateTime<Utc>,
}

/// Makes the access token of a sign-in.
///
/// # Errors
///
/// A fault when it cannot be signed.
pub fn equip(env: &Env, keys: &Keys, signed_in: SignedIn) -> domain::Result<Session> {
    let access_token = token::issue(env, keys, &signed_in.viewer, Some(signed_in.session), token::LIFETIME)?;
    Ok(Session { signed_in, access_token, expires_at: env.clock.machine() + token::LIFETIME })
}

/// Counts attempts to sign in.
pub struct Attempts {
    on_person_by_peer: Limiter<(String, Option<IpAddr>)>,
    on_person: Limiter<String>,
    by_peer: Limiter<Option<IpAddr>>,
}

impl Default for Attempts {
    fn default() -> Self {
        Self {
            on_person_by_peer: Limiter::new(MAX_PER_PERSON_AND_PEER, WINDOW),
            on_person: Limiter::new(MAX_PER_PERSON, WINDOW),
            by_peer: Limiter::new(MAX_PER_PEER, WINDOW),
        }
    }
}

impl Attempts {
    /// Signs in by password, unless there were too many attempts.
    ///
    /// # Errors
    ///
    /// `RATE_LIMITED`, whether the person exists or not; what [`session::sign_in`] refuses.
    pub async fn sign_in(
        &self,
        env: &Env,
        peer: Option<IpAddr>,
        email: &str,
        password: &str,
        tenant: Option<TenantId>,
    ) -> domain::Result<SignedIn> {
        let person = email.trim().to_lowercase();
        let both = (person.clone(), peer);
        let now = env.clock.machine();
        self.on_person_by_peer.attempt(&both, now).map_err(too_many)?;
        self.on_person.attempt(&person, now).map_err(too_many)?;
        self.by_peer.attempt(&peer, now).map_err(too_many)?;
        let signed_in = session::sign_in(env, email, password, tenant).await?;
        self.on_person_by_peer.forgive(&both);
        Ok(signed_in)
    }
}

fn too_many(wait: TimeDelta) -> Refusal {
    let minutes = wait.num_minutes() + 1;
    Refusal::new(RefusalCode::RateLimited, format!("too many attempts; try again in {minutes} min"))
}
