//! Whether what an access token claims still holds: asked at each request and every few seconds of a socket, so kept
//! for a moment. A revoked sign-in or a changed role is noticed within [`MAX_AGE`] by every process.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Env, Viewer, identity};
use entity::{Role, SessionId, TenantId, UserId};

/// How long an answer is believed.
pub const MAX_AGE: TimeDelta = TimeDelta::seconds(2);

/// Answers kept at once; it is only a cache, so it is emptied when full.
const MAX_KEPT: usize = 20_000;

type Claim = (TenantId, UserId, Role, Option<SessionId>);

/// The answers of the last moments.
#[derive(Default)]
pub struct Standings {
    kept: Mutex<HashMap<Claim, (DateTime<Utc>, bool)>>,
}

impl Standings {
    /// Whether the claim holds now.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    pub async fn holds(&self, env: &Env, viewer: &Viewer, session: Option<SessionId>) -> domain::Result<bool> {
        let claim = (viewer.tenant, viewer.user, viewer.role, session);
        let now = env.clock.machine();
        if let Some(answer) = self.recent(&claim, now) {
            return Ok(answer);
        }
        let answer = identity::standing(env, viewer, session).await?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(claim, (now, answer));
        Ok(answer)
    }

    /// Forgets what is known of a person: a sign-in was ended here.
    pub fn forget(&self, user: UserId) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).retain(|claim, _| claim.1 != user);
    }

    fn recent(&self, claim: &Claim, now: DateTime<Utc>) -> Option<bool> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (asked_at, answer) = kept.get(claim)?;
        (now < *asked_at + MAX_AGE && *asked_at <= now).then_some(*answer)
    }
}
