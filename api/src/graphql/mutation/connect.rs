//! Connecting an accounting system by a person's consent in a browser: start sends the browser to the provider, the
//! provider sends it back to us and we to the page that began, and that page brings what came back to finish. Each
//! provider has its own fields, because each hands over something else; what they do is one.

use async_graphql::{Context, ID, Object, Result};
use domain::{
    integration::connect::{self, Begin, Finished},
    port::vault::SecretString,
};
use entity::Provider;

use super::{
    integration::{IntegrationSettingsInput, settings},
    payload::{ConnectPayload, ConnectStartPayload, answer},
    place::placed,
};
use crate::{
    graphql::{
        access::{env, viewer},
        accounting_system::Organisation,
        id,
        scalars::Url,
    },
    settings::ReturnOrigins,
};

async fn start(
    ctx: &Context<'_>,
    provider: Provider,
    return_url: Url,
    wanted: Option<IntegrationSettingsInput>,
    reconnect: Option<ID>,
) -> Result<ConnectStartPayload> {
    let (env, viewer, origins) = (env(ctx)?, viewer(ctx)?, ctx.data::<ReturnOrigins>()?);
    let started = async {
        let reconnect = reconnect.map(|id| id::named(&id, "reconnectId")).transpose()?;
        let settings = settings(env, &viewer, wanted).await?;
        connect::start(env, &viewer, &Begin { provider, settings, return_url: return_url.0, reconnect }, &origins.0).await
    };
    let placed = placed(started.await, "settings", &[("integrationId", "reconnectId"), ("provider", "")]);
    answer(placed, |started| ConnectStartPayload {
        authorization_url: Some(Url(started.url)),
        authorization_id: Some(id::encode(started.authorization)),
        user_errors: Vec::new(),
    })
}

async fn finish(
    ctx: &Context<'_>,
    provider: Provider,
    state: String,
    code: (&str, String),
    chosen: Option<Vec<ID>>,
) -> Result<ConnectPayload> {
    let (env, viewer) = (env(ctx)?, viewer(ctx)?);
    let (name, secret) = (code.0, SecretString::from(code.1));
    let finished = connect::finish(env, &viewer, provider, &state, &secret, &external(chosen.unwrap_or_default())).await;
    let places = [("code", name), ("accounts", "organisationIds"), ("provider", "")];
    answer(placed(finished, "", &places), ConnectPayload::of)
}

async fn choose(ctx: &Context<'_>, authorization: ID, chosen: Vec<ID>) -> Result<ConnectPayload> {
    let (env, viewer) = (env(ctx)?, viewer(ctx)?);
    let chosen = async {
        let authorization = id::named(&authorization, "authorizationId")?;
        let integrations = connect::choose(env, &viewer, authorization, &external(chosen)).await?;
        Ok(Finished { authorization, integrations, choose: Vec::new() })
    };
    answer(placed(chosen.await, "", &[("accounts", "organisationIds")]), ConnectPayload::of)
}

/// Ids of the provider's, not ours: taken as they are.
fn external(ids: Vec<ID>) -> Vec<String> {
    ids.into_iter().map(|id| id.0).collect()
}

impl ConnectPayload {
    fn of(finished: Finished) -> Self {
        let waits = finished.integrations.is_empty();
        Self {
            integrations: Some(finished.integrations.into_iter().map(Into::into).collect()),
            organisations: Some(finished.choose.into_iter().map(Organisation::from).collect()),
            authorization_id: waits.then(|| id::encode(finished.authorization)),
            user_errors: Vec::new(),
        }
    }
}

/// Connecting by consent in a browser.
#[derive(Default)]
pub struct ConnectMutations;

#[Object]
impl ConnectMutations {
    /// Begins to connect Xero: send the browser to `authorizationUrl`. Within ten minutes it comes back to `returnUrl`
    /// with `state` and `code`, or with `error`, for `xeroConnectFinish`. For owners.
    async fn xero_connect_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where the browser is sent back to: a page of an origin that this server allows.")] return_url: Url,
        #[graphql(desc = "Settings of the integrations to be made; one that comes back gets them as well.")] settings: Option<
            IntegrationSettingsInput,
        >,
        #[graphql(desc = "The integration to connect again, to its own organisation; new ones are made when left out.")]
        reconnect_id: Option<ID>,
    ) -> Result<ConnectStartPayload> {
        start(ctx, Provider::Xero, return_url, settings, reconnect_id).await
    }

    /// Ends to connect Xero with what the browser brought back, once, by the person who began. One organisation becomes an
    /// integration at once and is pulled from; of several, `organisations` are to be chosen from with `xeroConnectChoose`.
    /// For owners.
    async fn xero_connect_finish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "As the browser brought it.")] state: String,
        #[graphql(desc = "As the browser brought it.")] code: String,
        #[graphql(desc = "Organisations to connect, when they are known already.")] organisation_ids: Option<Vec<ID>>,
    ) -> Result<ConnectPayload> {
        finish(ctx, Provider::Xero, state, ("code", code), organisation_ids).await
    }

    /// Makes integrations of the chosen organisations, within ten minutes after `xeroConnectFinish`. For owners.
    async fn xero_connect_choose(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "As `xeroConnectFinish` answered it.")] authorization_id: ID,
        #[graphql(desc = "Ids of `organisations`, at least one.")] organisation_ids: Vec<ID>,
    ) -> Result<ConnectPayload> {
        choose(ctx, authorization_id, organisation_ids).await
    }

    /// Begins to connect `PowerOffice` GO: send the browser to `authorizationUrl`. Within ten minutes it comes back to
    /// `returnUrl` with `state` and `token`, or with `error`, for `powerOfficeConnectFinish`. For owners.
    async fn power_office_connect_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where the browser is sent back to: a page of an origin that this server allows.")] return_url: Url,
        #[graphql(desc = "Settings of the integrations to be made; one that comes back gets them as well.")] settings: Option<
            IntegrationSettingsInput,
        >,
        #[graphql(desc = "The integration to connect again, to its own client; new ones are made when left out.")] reconnect_id: Option<ID>,
    ) -> Result<ConnectStartPayload> {
        start(ctx, Provider::PowerOffice, return_url, settings, reconnect_id).await
    }

    /// Ends to connect `PowerOffice` GO with what the browser brought back, once, by the person who began. One client
    /// becomes an integration at once and is pulled from; of several, `organisations` are to be chosen from with
    /// `powerOfficeConnectChoose`. For owners.
    async fn power_office_connect_finish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "As the browser brought it.")] state: String,
        #[graphql(desc = "As the browser brought it.")] token: String,
        #[graphql(desc = "Clients to connect, when they are known already.")] organisation_ids: Option<Vec<ID>>,
    ) -> Result<ConnectPayload> {
        finish(ctx, Provider::PowerOffice, state, ("token", token), organisation_ids).await
    }

    /// Makes integrations of the chosen clients, within ten minutes after `powerOfficeConnectFinish`. For owners.
    async fn power_office_connect_choose(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "As `powerOfficeConnectFinish` answered it.")] authorization_id: ID,
        #[graphql(desc = "Ids of `organisations`, at least one.")] organisation_ids: Vec<ID>,
    ) -> Result<ConnectPayload> {
        choose(ctx, authorization_id, organisation_ids).await
    }
}
