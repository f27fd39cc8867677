//! Connecting an accounting system by keys that a person pastes, and putting new ones in their place. A key goes in and
//! never comes out again; its last characters do, to tell it from others.

use async_graphql::{Context, ID, InputObject, Object, Result};
use domain::{
    integration::{paste, rotate},
    port::connect::PastedKeys,
};
use entity::Provider;

use super::{
    integration::{IntegrationSettingsInput, payload, settings},
    payload::{IntegrationPayload, answer},
    place::placed,
};
use crate::graphql::{
    access::{env, viewer},
    id,
    scalars::Url,
};

/// What Xentral is connected with.
#[derive(InputObject)]
pub struct XentralConnectInput {
    /// The instance's address, e.g. `https://example.xentral.biz`.
    pub base_url: Url,
    /// A personal access token of Xentral. Kept sealed, and never shown again.
    pub api_key: String,
    /// Settings of the integration to be made.
    pub settings: Option<IntegrationSettingsInput>,
}

/// What `PowerOffice` GO is connected with when a person pastes the key.
#[derive(InputObject)]
pub struct PowerOfficeConnectInput {
    /// The client key that `PowerOffice` GO showed when our extension was added. Kept sealed, and never shown again.
    pub client_key: String,
    /// Settings of the integration to be made.
    pub settings: Option<IntegrationSettingsInput>,
}

async fn connect(
    ctx: &Context<'_>,
    provider: Provider,
    keys: PastedKeys,
    wanted: Option<IntegrationSettingsInput>,
    key_place: &str,
) -> Result<IntegrationPayload> {
    let (env, viewer) = (env(ctx)?, viewer(ctx)?);
    let connected = async { paste::connect(env, &viewer, provider, &keys, &settings(env, &viewer, wanted).await?).await };
    let places = [("key", key_place), ("baseUrl", "input.baseUrl"), ("provider", "")];
    answer(placed(connected.await, "input.settings", &places), payload)
}

/// Connecting by keys.
#[derive(Default)]
pub struct KeyMutations;

#[Object]
impl KeyMutations {
    /// Connects Xentral by its key, which is tried at once; the first pull begins right away. For owners.
    async fn xentral_connect(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where the instance is, its key, and settings.")] input: XentralConnectInput,
    ) -> Result<IntegrationPayload> {
        let keys = PastedKeys { address: Some(input.base_url.0), key: input.api_key.into() };
        connect(ctx, Provider::Xentral, keys, input.settings, "input.apiKey").await
    }

    /// Connects a client of `PowerOffice` GO by its key, which is tried at once; the first pull begins right away. For
    /// owners.
    async fn power_office_connect(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The client's key, and settings.")] input: PowerOfficeConnectInput,
    ) -> Result<IntegrationPayload> {
        let keys = PastedKeys { address: None, key: input.client_key.into() };
        connect(ctx, Provider::PowerOffice, keys, input.settings, "input.clientKey").await
    }

    /// Puts a new key in the place of the old one, which was replaced at the provider or is refused. It is tried first, and
    /// must open the same books. For owners.
    async fn integration_rotate_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which integration; it was connected by a key.")] id: ID,
        #[graphql(desc = "The new key. Kept sealed, and never shown again.")] key: String,
        #[graphql(desc = "The instance's new address, when it moved.")] base_url: Option<Url>,
    ) -> Result<IntegrationPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let rotated = async {
            let keys = PastedKeys { address: base_url.map(|url| url.0), key: key.into() };
            rotate::keys(env, &viewer, id::named(&id, "id")?, keys).await
        };
        answer(placed(rotated.await, "", &[("integrationId", "id"), ("provider", "id")]), payload)
    }
}
