//! Who prints and posts letters, from the configuration to the postman and the herald.

use std::sync::Arc;

use adapters::delivery::post::{
    Limits, USUAL_MAX_PAGES,
    lob::{LobHerald, LobMail, LobPostman, LobSender, LobSettings},
    pingen::{PingenHerald, PingenPostman, PingenProduct, PingenSettings},
};
use anyhow::{Context, bail};
use domain::port::{Postman, receipt::Herald};

use crate::config::{self, PostEnvironment, PostProvider, PostSpeed};

/// The postman, and the herald with the path below `/webhooks/` that it reads.
pub type Provider = (Arc<dyn Postman>, (&'static str, Arc<dyn Herald>));

/// Builds them; none when a person posts.
///
/// # Errors
///
/// A setting that does not fit, named.
pub fn provider(section: &config::Post) -> anyhow::Result<Option<Provider>> {
    let limits = Limits {
        max_pages: section.max_pages.unwrap_or(USUAL_MAX_PAGES),
        countries: section.countries.iter().map(|country| country.to_ascii_uppercase()).collect(),
    };
    if let Some(odd) = limits.countries.iter().find(|country| country.len() != 2) {
        bail!("[post] countries: {odd:?} is no country code like NO");
    }
    match section.provider {
        PostProvider::None => Ok(None),
        PostProvider::Pingen => {
            let keys = section.pingen.as_ref().context("[post.pingen] is needed for provider = \"pingen\"")?;
            pingen(section, keys, limits).context("[post.pingen]").map(Some)
        }
        PostProvider::Lob => {
            let keys = section.lob.as_ref().context("[post.lob] is needed for provider = \"lob\"")?;
            lob(section, keys, limits).context("[post.lob]").map(Some)
        }
    }
}

fn pingen(section: &config::Post, keys: &config::Pingen, limits: Limits) -> anyhow::Result<Provider> {
    let (api_url, token_url) = match environment(section)? {
        PostEnvironment::Production => PingenSettings::PRODUCTION,
        PostEnvironment::Staging => PingenSettings::STAGING,
    };
    let secret = config::secret("client_secret", keys.client_secret.as_ref(), keys.client_secret_file.as_deref())?;
    let webhook = config::secret("webhook_key", keys.webhook_key.as_ref(), keys.webhook_key_file.as_deref())?;
    let postman = PingenPostman::new(PingenSettings {
        api_url: keys.api_url.clone().unwrap_or_else(|| api_url.into()),
        token_url: keys.token_url.clone().unwrap_or_else(|| token_url.into()),
        organisation: keys.organisation.clone(),
        client_id: keys.client_id.clone(),
        client_secret: secret.context("client_secret or client_secret_file is needed")?.into(),
        product: match section.speed {
            PostSpeed::Cheap => PingenProduct::Cheap,
            PostSpeed::Fast => PingenProduct::Fast,
            PostSpeed::Bulk => PingenProduct::Bulk,
            PostSpeed::Premium => PingenProduct::Premium,
        },
        duplex: section.duplex,
        colour: section.colour,
        limits,
    })?;
    // Without a key no webhook is believed.
    Ok((Arc::new(postman), ("pingen", Arc::new(PingenHerald::new(webhook.unwrap_or_default().into())))))
}

fn lob(section: &config::Post, keys: &config::Lob, limits: Limits) -> anyhow::Result<Provider> {
    let key = config::secret("api_key", keys.api_key.as_ref(), keys.api_key_file.as_deref())?;
    let key = key.context("api_key or api_key_file is needed")?;
    match (environment(section)?, key.starts_with("test_")) {
        (PostEnvironment::Production, true) => bail!("a key that begins with test_ posts nothing: it is not for production"),
        (PostEnvironment::Staging, false) => bail!("staging needs a key that begins with test_"),
        (PostEnvironment::Production, false) | (PostEnvironment::Staging, true) => {}
    }
    let webhook = config::secret("webhook_key", keys.webhook_key.as_ref(), keys.webhook_key_file.as_deref())?;
    let config::LobSender { name, line1, line2, city, state, zip } = keys.sender.clone();
    let postman = LobPostman::new(LobSettings {
        api_url: keys.api_url.clone().unwrap_or_else(|| LobSettings::API.into()),
        api_key: key.into(),
        sender: LobSender { name, line1, line2, city, state, zip },
        mail: match section.speed {
            PostSpeed::Cheap => LobMail::Standard,
            PostSpeed::Fast => LobMail::FirstClass,
            PostSpeed::Bulk | PostSpeed::Premium => bail!("speed is cheap or fast at Lob"),
        },
        duplex: section.duplex,
        colour: section.colour,
        limits,
    })?;
    Ok((Arc::new(postman), ("lob", Arc::new(LobHerald::new(webhook.unwrap_or_default().into())))))
}

fn environment(section: &config::Post) -> anyhow::Result<PostEnvironment> {
    section.environment.context("[post] environment is needed: \"production\", or \"staging\" where nothing is posted")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> anyhow::Result<Option<Provider>> {
        provider(&toml::from_str(text)?)
    }

    fn said(text: &str) -> String {
        read(text).err().map(|error| format!("{error:#}")).unwrap_or_default()
    }

    const PINGEN: &str = "[pingen]\norganisation = \"o\"\nclient_id = \"c\"\nclient_secret = \"s\"\n";
    const SENDER: &str = "[lob.sender]\nname = \"A\"\nline1 = \"1 St\"\ncity = \"C\"\nstate = \"CA\"\nzip = \"94107\"\n";

    #[test]
    fn without_a_provider_a_person_posts() {
        assert!(read("").is_ok_and(|provider| provider.is_none()));
        assert!(read(PINGEN).is_ok_and(|provider| provider.is_none()), "keys alone choose nobody");
    }

    #[test]
    fn a_provider_is_built_and_names_its_webhook() {
        let (_, (path, _)) =
            read(&format!("provider = \"pingen\"\nenvironment = \"staging\"\n{PINGEN}")).expect("fits").expect("a provider");
        assert_eq!(path, "pingen");
        let lob = format!("provider = \"lob\"\nspeed = \"fast\"\nenvironment = \"staging\"\n[lob]\napi_key = \"test_k\"\n{SENDER}");
        let (_, (path, _)) = read(&lob).expect("fits").expect("a provider");
        assert_eq!(path, "lob");
    }

    #[test]
    fn what_does_not_fit_is_named() {
        assert!(said(&format!("provider = \"pingen\"\n{PINGEN}")).contains("environment is needed"));
        assert!(said("provider = \"pingen\"\nenvironment = \"staging\"").contains("[post.pingen] is needed"));
        assert!(said("provider = \"post office\"").contains("provider"));
        assert!(said("countries = [\"Norway\"]").contains("no country code"));
        let lob = |environment: &str, key: &str, speed: &str| {
            said(&format!("provider = \"lob\"\nspeed = \"{speed}\"\nenvironment = \"{environment}\"\n[lob]\napi_key = \"{key}\"\n{SENDER}"))
        };
        assert!(lob("production", "test_k", "fast").contains("not for production"));
        assert!(lob("staging", "live_k", "fast").contains("begins with test_"));
        assert!(lob("staging", "test_k", "bulk").contains("cheap or fast"));
        assert!(said(&format!("provider = \"lob\"\nenvironment = \"staging\"\n[lob]\n{SENDER}")).contains("api_key"));
    }
}
