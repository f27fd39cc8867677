//! Signing in and out.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use domain::{
    Refusal, RefusalCode,
    identity::{link, session},
};

use super::payload::{SessionPayload, SessionRevokePayload, answer};
use crate::{
    auth::{
        Keys,
        sign_in::{Attempts, Session, equip},
        standing::Standings,
    },
    graphql::{
        access::{CurrentSession, Peer, env, viewer},
        id,
        scalars::EmailAddress,
        viewer::Viewer,
    },
};

/// Signing in and out.
#[derive(Default)]
pub struct SessionMutations;

impl From<Session> for SessionPayload {
    fn from(session: Session) -> Self {
        Self {
            access_token: Some(session.access_token),
            expires_at: Some(session.expires_at),
            refresh_token: Some(session.signed_in.refresh_token),
            viewer: Some(Viewer(session.signed_in.viewer)),
            user_errors: Vec::new(),
        }
    }
}

#[Object]
impl SessionMutations {
    /// Signs in by e-mail address and password. Needs no access token. Refused with `BAD_CREDENTIALS`, the same for
    /// an unknown address and a wrong password; with `RATE_LIMITED` after too many attempts.
    async fn session_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The sign-in name.")] email: EmailAddress,
        #[graphql(desc = "The password.", secret)] password: String,
        #[graphql(desc = "Which tenant, for a person who belongs to several; the one joined first when left out.")] tenant_id: Option<ID>,
    ) -> Result<SessionPayload> {
        let (env, attempts, keys) = (env(ctx)?, ctx.data::<Attempts>()?, ctx.data::<Keys>()?);
        let peer = ctx.data_opt::<Peer>().and_then(|peer| peer.0);
        let signed_in = async {
            let tenant = tenant_id.as_ref().map(|id| id::named(id, "tenantId")).transpose()?;
            equip(env, keys, attempts.sign_in(env, peer, &email.0, &password, tenant).await?)
        };
        answer(signed_in.await, SessionPayload::from)
    }

    /// Signs in by a one-time link. Needs no access token; the link works once.
    async fn session_from_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token of the link.", secret)] token: String,
    ) -> Result<SessionPayload> {
        let (env, keys) = (env(ctx)?, ctx.data::<Keys>()?);
        let signed_in = async { equip(env, keys, link::redeem(env, &token).await?) };
        answer(signed_in.await, SessionPayload::from)
    }

    /// Exchanges a refresh token for a new pair. Needs no access token. A refresh token works once: when an older one
    /// turns up again, the whole sign-in is ended.
    async fn session_refresh(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The newest refresh token of the sign-in.", secret)] refresh_token: String,
    ) -> Result<SessionPayload> {
        let (env, keys) = (env(ctx)?, ctx.data::<Keys>()?);
        let signed_in = async { equip(env, keys, session::refresh(env, &refresh_token).await?) };
        answer(signed_in.await, SessionPayload::from)
    }

    /// Signs out: ends this sign-in, or every one of the person. Open sockets and streams close within seconds.
    async fn session_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Every sign-in of the person, on all devices and in all tenants.", default)] all_devices: bool,
    ) -> Result<SessionRevokePayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let current = ctx.data_opt::<CurrentSession>();
        let ended = async {
            if all_devices {
                return session::revoke_all(env, viewer.user).await;
            }
            let current = current.ok_or_else(|| Refusal::new(RefusalCode::Invalid, "this access token belongs to no sign-in"))?;
            session::revoke(env, &viewer, current.0).await.map(|()| 1)
        }
        .await;
        ctx.data::<Arc<Standings>>()?.forget(viewer.user);
        let ended_count = |count| SessionRevokePayload { ended: Some(i32::try_from(count).unwrap_or(i32::MAX)), user_errors: Vec::new() };
        answer(ended, ended_count)
    }
}
