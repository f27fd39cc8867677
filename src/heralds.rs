//! Who is believed when it tells what became of mails and short messages, as configured.

use std::{collections::BTreeMap, sync::Arc};

use adapters::delivery::{MailHerald, TwilioCaller, TwilioInbound, TwilioStatus};
use anyhow::Context;
use api::auth::{Keys, link::Links};
use domain::port::{Unsubscribe, receipt::Herald};

use crate::config::{self, Config, Smtp, Twilio};

/// By the path below `/webhooks/` that they call.
pub type Heralds = BTreeMap<&'static str, Arc<dyn Herald>>;

/// The ones of e-mail and short messages.
///
/// # Errors
///
/// A secret that cannot be read, named.
pub fn of(config: &Config) -> anyhow::Result<Heralds> {
    let mut heralds = Heralds::new();
    if let Some(secret) = config.smtp.as_ref().map(bounce_secret).transpose()?.flatten() {
        heralds.insert("mail", Arc::new(MailHerald { secret: secret.into() }));
    }
    if let (Some(twilio), Some(public_url)) = (&config.twilio, world_url(config)) {
        let caller = TwilioCaller { public_url, auth_token: token(twilio)?.into() };
        heralds.insert("twilio/status", Arc::new(TwilioStatus(caller.clone())));
        heralds.insert("twilio/inbound", Arc::new(TwilioInbound(caller)));
    }
    Ok(heralds)
}

/// The links that end e-mails; none where the world cannot reach us.
pub fn unsubscribe(config: &Config, signing_key: &[u8; 32]) -> Option<Arc<dyn Unsubscribe>> {
    let url = world_url(config)?;
    Some(Arc::new(Links::new(&Keys::new(signing_key), &url)))
}

/// How the world reaches this server: only an address that was configured, and by TLS.
pub fn world_url(config: &Config) -> Option<String> {
    let url = config.public_url.as_deref()?.trim_end_matches('/');
    url.starts_with("https://").then(|| url.to_owned())
}

/// The SMS account's token.
///
/// # Errors
///
/// When it is missing or cannot be read.
pub fn token(twilio: &Twilio) -> anyhow::Result<String> {
    let token = config::secret("twilio.auth_token", twilio.auth_token.as_ref(), twilio.auth_token_file.as_deref())?;
    token.context("[twilio] needs auth_token or auth_token_file")
}

fn bounce_secret(smtp: &Smtp) -> anyhow::Result<Option<String>> {
    config::secret("smtp.bounce_secret", smtp.bounce_secret.as_ref(), smtp.bounce_secret_file.as_deref())
}
