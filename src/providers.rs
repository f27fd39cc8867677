//! Settings of the accounting systems, from the configuration to what their connectors take.

use adapters::{
    agencies::amili,
    connectors::{self, poweroffice, xentral, xero},
};
use anyhow::Context;
use secrecy::SecretString;

use crate::config::{self, Config};

/// Translates them. A system whose section is missing cannot be connected; what is connected already waits.
///
/// # Errors
///
/// A secret that is missing or cannot be read, named.
pub fn settings(config: &Config) -> anyhow::Result<connectors::Settings> {
    Ok(connectors::Settings {
        xero: config.xero.as_ref().map(|section| xero(config, section)).transpose()?,
        xentral: xentral::Settings { allowed_hosts: config.xentral.allowed_hosts.clone() },
        poweroffice: config.poweroffice.as_ref().map(|section| poweroffice(config, section)).transpose()?,
    })
}

/// Amili's addresses; its production unless set.
pub fn amili(section: &config::Amili) -> amili::Settings {
    let mut settings = amili::Settings::default();
    put(&mut settings.token_url, section.token_url.as_ref());
    put(&mut settings.api_url, section.api_url.as_ref());
    settings
}

/// How browsers reach this server, without a slash at the end.
pub fn public_url(config: &Config) -> String {
    let url = config.public_url.clone().unwrap_or_else(|| format!("http://{}", config.listen));
    url.trim_end_matches('/').to_owned()
}

fn xero(config: &Config, section: &config::Xero) -> anyhow::Result<xero::Settings> {
    let secret = required("xero.client_secret", section.client_secret.as_ref(), section.client_secret_file.as_deref())?;
    // Without a key no webhook is believed.
    let webhook = config::secret("xero.webhook_key", section.webhook_key.as_ref(), section.webhook_key_file.as_deref())?;
    let redirect = section.redirect_url.clone().unwrap_or_else(|| format!("{}/integrations/xero/callback", public_url(config)));
    let mut settings = xero::Settings::new(&section.client_id, secret, redirect, webhook.unwrap_or_default().into());
    settings.write_notes = section.write_notes;
    put(&mut settings.authorize_url, section.authorize_url.as_ref());
    put(&mut settings.token_url, section.token_url.as_ref());
    put(&mut settings.revocation_url, section.revocation_url.as_ref());
    put(&mut settings.connections_url, section.connections_url.as_ref());
    put(&mut settings.api_url, section.api_url.as_ref());
    Ok(settings)
}

fn poweroffice(config: &Config, section: &config::PowerOffice) -> anyhow::Result<poweroffice::Settings> {
    let application = required("poweroffice.application_key", section.application_key.as_ref(), section.application_key_file.as_deref())?;
    let subscription =
        required("poweroffice.subscription_key", section.subscription_key.as_ref(), section.subscription_key_file.as_deref())?;
    let redirect = section.redirect_url.clone().unwrap_or_else(|| format!("{}/integrations/poweroffice/callback", public_url(config)));
    let mut settings = poweroffice::Settings::new(application, subscription, redirect);
    put(&mut settings.token_url, section.token_url.as_ref());
    put(&mut settings.api_url, section.api_url.as_ref());
    Ok(settings)
}

fn required(what: &str, value: Option<&String>, file: Option<&std::path::Path>) -> anyhow::Result<SecretString> {
    let secret = config::secret(what, value, file)?;
    Ok(secret.with_context(|| format!("{what} or {what}_file is needed"))?.into())
}

/// Every address defaults to the provider's own.
fn put(setting: &mut String, given: Option<&String>) {
    if let Some(given) = given {
        given.trim_end_matches('/').clone_into(setting);
    }
}
