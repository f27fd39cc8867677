//! The outside world as configured: a channel without settings is served by the outbox folder, never by nothing.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use adapters::delivery::{DEFAULT_FROM_NAME, EmailPostman, Outbox, SmtpSettings, SmtpTls, TwilioPostman, TwilioSettings};
use adapters::vault::KeyringVault;
use anyhow::Context;
use domain::port::{Outside, Postman};
use entity::Channel;

use crate::{
    config::{self, Config, Smtp, Tls, Twilio},
    heralds, post, providers,
};

/// Connections to the mail server that are kept open.
const SMTP_POOL: usize = 8;

/// Longest wait for an answer of the mail server.
const SMTP_TIMEOUT: Duration = Duration::from_secs(30);

/// The outbox folder.
pub fn outbox(config: &Config) -> Outbox {
    Outbox::new(config.data.join("outbox"))
}

/// Builds it.
///
/// # Errors
///
/// A setting that does not fit, named.
pub fn build(config: &Config, outbox: &Outbox, vault: KeyringVault, signing_key: &[u8; 32]) -> anyhow::Result<Outside> {
    let shared: Arc<dyn Postman> = Arc::new(outbox.clone());
    let mut postmen: BTreeMap<Channel, Arc<dyn Postman>> =
        [Channel::Email, Channel::Sms, Channel::Post].into_iter().map(|channel| (channel, shared.clone())).collect();
    if let Some(smtp) = &config.smtp {
        postmen.insert(Channel::Email, Arc::new(EmailPostman::new(smtp_settings(smtp)?).context("[smtp]")?));
    }
    if let Some(twilio) = &config.twilio {
        postmen.insert(Channel::Sms, Arc::new(TwilioPostman::new(twilio_settings(config, twilio)?).context("[twilio]")?));
    }
    let mut heralds = heralds::of(config)?;
    if let Some((postman, (path, herald))) = post::provider(&config.post)? {
        postmen.insert(Channel::Post, postman);
        heralds.insert(path, herald);
    }
    let renderer = letters::Renderer::new(fonts(config)?).context("the fonts")?;
    let systems = adapters::connectors::registry(providers::settings(config)?)?;
    let agencies = adapters::agencies::registry(providers::amili(&config.amili))?;
    Ok(Outside {
        systems,
        postmen,
        heralds,
        unsubscribe: heralds::unsubscribe(config, signing_key),
        renderer: Arc::new(renderer),
        agencies,
        vault: Arc::new(vault),
    })
}

fn smtp_settings(smtp: &Smtp) -> anyhow::Result<SmtpSettings> {
    let (tls, port) = match smtp.tls {
        Tls::Upgraded => (SmtpTls::StartTls, 587),
        Tls::Implicit => (SmtpTls::Implicit, 465),
        Tls::None => (SmtpTls::None { anywhere: false }, 25),
    };
    let password = config::secret("smtp.password", smtp.password.as_ref(), smtp.password_file.as_deref())?;
    Ok(SmtpSettings {
        host: smtp.host.clone(),
        port: smtp.port.unwrap_or(port),
        tls,
        authority: None,
        username: smtp.username.clone(),
        password: password.map(Into::into),
        from_address: smtp.from.clone(),
        bounce_address: smtp.bounce_address.clone(),
        from_name: DEFAULT_FROM_NAME.into(),
        pool_size: SMTP_POOL,
        timeout: SMTP_TIMEOUT,
    })
}

fn twilio_settings(config: &Config, twilio: &Twilio) -> anyhow::Result<TwilioSettings> {
    Ok(TwilioSettings {
        base_url: twilio.base_url.clone(),
        account_sid: twilio.account_sid.clone(),
        auth_token: heralds::token(twilio)?.into(),
        from: twilio.from.clone(),
        public_url: heralds::world_url(config),
    })
}

/// The tenant's own fonts, for scripts that the built-in ones lack.
fn fonts(config: &Config) -> anyhow::Result<Vec<Vec<u8>>> {
    let Some(folder) = &config.fonts else { return Ok(Vec::new()) };
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read the fonts in {}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("ttf") || e.eq_ignore_ascii_case("otf")))
        .collect();
    // The order decides which font draws a character that several have.
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))).collect()
}
