//! Connecting the sample tenants to their stand-ins by the use cases that a person's app calls: Xero by consent, whose
//! pages are asked over HTTP as a browser does, Xentral and PowerOffice GO by pasted keys.

use anyhow::Context;
use domain::{
    Env, Viewer,
    integration::{IntegrationChanges, connect, paste},
    port::connect::PastedKeys,
    sync,
};
use entity::{IntegrationId, IntegrationStatus, Provider, Scoped, integration};
use sandbox::{poweroffice, xentral};
use sea_orm::{ColumnTrait, QueryFilter};
use secrecy::SecretString;

use super::stand_ins::StandIns;

/// Minutes between two pulls: each is walked through when the clock is moved, and the weeks of a demo are to pass in
/// seconds. Before a letter leaves its invoice is looked at anyway.
const POLL_MINUTES: i32 = 720;

/// What connecting needs besides the product.
pub struct Joiner<'a> {
    /// The accounting systems.
    pub stand_ins: &'a StandIns,
    /// How browsers reach the product.
    pub url: &'a str,
}

impl Joiner<'_> {
    /// Connects a sample tenant to the system of its country, and pulls everything once.
    ///
    /// # Errors
    ///
    /// When a use case refuses.
    pub async fn connect(&self, env: &Env, viewer: &Viewer, country: &str) -> anyhow::Result<()> {
        let joined = match country {
            "NZ" => self.xero(env, viewer, None).await?,
            "DE" => self.xentral(env, viewer).await?,
            "NO" => self.poweroffice(env, viewer).await?,
            _ => None,
        };
        let Some(id) = joined else { return Ok(()) };
        let run = sync::request(env, viewer, id, true).await?;
        sync::run(env, viewer.tenant, run.id).await?;
        Ok(())
    }

    /// Consents anew after a restart: the stand-in of Xero forgets its tokens, as pasted keys are never forgotten.
    ///
    /// # Errors
    ///
    /// When the database fails. What the stand-in refuses is left to a person.
    pub async fn again(&self, env: &Env, viewer: &Viewer) -> anyhow::Result<()> {
        let joined = integration::Entity::of(viewer.tenant).filter(integration::Column::Provider.eq(Provider::Xero)).one(&env.db).await?;
        let lost = [IntegrationStatus::Active, IntegrationStatus::NeedsReauthorization];
        let Some(row) = joined.filter(|row| lost.contains(&row.status)) else { return Ok(()) };
        if let Err(error) = self.xero(env, viewer, Some(row.id)).await {
            tracing::warn!(error = %format!("{error:#}"), "the stand-in of Xero must be connected again by hand");
        }
        Ok(())
    }

    async fn xero(&self, env: &Env, viewer: &Viewer, reconnect: Option<IntegrationId>) -> anyhow::Result<Option<IntegrationId>> {
        let Some(running) = self.stand_ins.get(sandbox::Provider::Xero) else { return Ok(None) };
        let return_url = format!("{}/graphiql", self.url);
        let begin = connect::Begin { provider: Provider::Xero, settings: settings(), return_url, reconnect };
        let started = connect::start(env, viewer, &begin, &[self.url.to_owned()]).await?;
        let (state, code) = consented(&started.url).await.context("the consent page of Xero's stand-in")?;
        let chosen = [running.xero().first_organisation().to_string()];
        let finished = connect::finish(env, viewer, Provider::Xero, &state, &code, &chosen).await?;
        Ok(finished.integrations.first().map(|row| row.id))
    }

    async fn xentral(&self, env: &Env, viewer: &Viewer) -> anyhow::Result<Option<IntegrationId>> {
        let Some(running) = self.stand_ins.get(sandbox::Provider::Xentral) else { return Ok(None) };
        let keys = PastedKeys { address: Some(running.url()), key: xentral::TOKEN.to_owned().into() };
        // An instance has no name but its address.
        let settings = IntegrationChanges { name: Some("Xentral".into()), ..settings() };
        pasted(env, viewer, Provider::Xentral, &keys, &settings).await
    }

    async fn poweroffice(&self, env: &Env, viewer: &Viewer) -> anyhow::Result<Option<IntegrationId>> {
        if self.stand_ins.get(sandbox::Provider::PowerOffice).is_none() {
            return Ok(None);
        }
        let keys = PastedKeys { address: None, key: poweroffice::CLIENT_KEY.to_owned().into() };
        pasted(env, viewer, Provider::PowerOffice, &keys, &settings()).await
    }
}

fn settings() -> IntegrationChanges {
    IntegrationChanges { poll_minutes: Some(POLL_MINUTES), ..IntegrationChanges::default() }
}

async fn pasted(
    env: &Env,
    viewer: &Viewer,
    provider: Provider,
    keys: &PastedKeys,
    settings: &IntegrationChanges,
) -> anyhow::Result<Option<IntegrationId>> {
    Ok(Some(paste::connect(env, viewer, provider, keys, settings).await?.id))
}

/// Opens the consent page, which consents at once, and reads state and code off where it leads back to: the product does
/// not listen yet.
async fn consented(page: &str) -> anyhow::Result<(String, SecretString)> {
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let answer = browser.get(page).send().await?;
    let back = answer.headers().get(reqwest::header::LOCATION).context("it leads nowhere")?;
    let back = reqwest::Url::parse(back.to_str()?)?;
    let told = |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let state = told("state").context("it brings no state")?;
    let code = told("code").context("it brings no code")?;
    Ok((state, code.into()))
}
