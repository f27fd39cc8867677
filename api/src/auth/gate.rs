//! The transport's gate: reads the access token, asks whether it still holds, and equips the request for its viewer.
//! Without a token a plain request is let in as nobody, to sign in; sockets and streams are not.

use std::{net::IpAddr, sync::Arc};

use async_graphql::Data;
use async_trait::async_trait;
use chrono::TimeDelta;
use domain::Env;
use transport::{Admission, Channel, Credentials, Denied, Gate, TraceId};

use super::{
    Keys,
    limiter::Limiter,
    standing::Standings,
    token::{self, Proven},
};
use crate::graphql::{
    access::{CurrentSession, Peer},
    loader,
};

/// Wrong tokens from one address before it is told to wait. Right ones always pass: an office behind one address must
/// not be locked out by one of its machines.
pub const MAX_WRONG_TOKENS: u32 = 60;

/// The window for them.
const WRONG_WINDOW: TimeDelta = TimeDelta::minutes(1);

/// The gate of the API.
pub struct Door {
    env: Env,
    keys: Keys,
    standings: Arc<Standings>,
    wrong: Limiter<Option<IpAddr>>,
}

impl Door {
    /// A gate over the surroundings of the use cases.
    pub fn new(env: Env, keys: Keys, standings: Arc<Standings>) -> Self {
        Self { env, keys, standings, wrong: Limiter::new(MAX_WRONG_TOKENS, WRONG_WINDOW) }
    }

    fn turn_away(&self, peer: Option<IpAddr>) -> Denied {
        match self.wrong.attempt(&peer, self.env.clock.machine()) {
            Ok(()) => Denied::Unauthenticated("The access token is not valid.".to_owned()),
            Err(wait) => Denied::Throttled(wait.to_std().unwrap_or_default()),
        }
    }

    async fn identified(&self, proven: Proven, peer: Option<IpAddr>) -> Result<Admission, Denied> {
        let holds = self.standings.holds(&self.env, &proven.viewer, proven.session).await.map_err(|error| {
            tracing::error!(%error, "a sign-in could not be checked");
            Denied::Unavailable
        })?;
        if !holds {
            return Err(Denied::Unauthenticated("The access token is not valid.".to_owned()));
        }
        let remaining = proven.expires_at - self.env.clock.machine();
        let (env, standings) = (self.env.clone(), Arc::clone(&self.standings));
        let admission = self
            .admission(move |data| {
                data.insert(proven.viewer);
                data.insert(Peer(peer));
                if let Some(session) = proven.session {
                    data.insert(CurrentSession(session));
                }
            })
            // By person, not by token: each sign-in gives another one, and each is renewed every few minutes.
            .held_by(format!("{}/{}", proven.viewer.tenant, proven.viewer.user))
            .expires_after(remaining.to_std().unwrap_or_default())
            .recheck(move || {
                let (env, standings) = (env.clone(), Arc::clone(&standings));
                // A database that does not answer for a moment must not hang up on everybody.
                async move { standings.holds(&env, &proven.viewer, proven.session).await.unwrap_or(true) }
            });
        Ok(admission)
    }

    fn admission(&self, equip: impl Fn(&mut Data) + Send + Sync + 'static) -> Admission {
        let db = self.env.db.clone();
        Admission::new(move |data| {
            data.insert(loader::loaders(&db));
            equip(data);
        })
    }
}

#[async_trait]
impl Gate for Door {
    async fn admit(&self, credentials: Credentials<'_>) -> Result<Admission, Denied> {
        let peer = credentials.peer;
        match credentials.authorization {
            None if credentials.channel == Channel::Http => Ok(self.admission(move |data| {
                data.insert(Peer(peer));
            })),
            None => Err(Denied::Unauthenticated("Sign in first.".to_owned())),
            Some(header) => {
                let token = header.strip_prefix("Bearer ").ok_or_else(|| self.turn_away(peer))?;
                let proven = token::read(&self.keys, token, self.env.clock.machine()).ok_or_else(|| self.turn_away(peer))?;
                self.identified(proven, peer).await
            }
        }
    }

    fn trace_id(&self, offered: Option<&str>) -> TraceId {
        let fits = |text: &&str| (8..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if let Some(offered) = offered.filter(fits) {
            return TraceId(offered.into());
        }
        let mut random = [0u8; 16];
        self.env.entropy.fill(&mut random);
        TraceId(uuid::Uuid::from_bytes(random).simple().to_string().into())
    }
}
