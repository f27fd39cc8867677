//! `dunwell sandbox`: a stand-in provider on a port of its own, with a control page, to try connections against
//! without an account at the provider. Needs neither configuration nor database. What points the product at a
//! stand-in is written down here once: the command prints it, the demo uses it.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context;
use sandbox::{
    Options, Provider, Running,
    post::{lob, pingen},
    poweroffice, xentral,
    xero::App,
};

use crate::{cli::SandboxArgs, config, stop};

/// Where a product with the usual settings listens, by the one name that Xero allows without TLS.
const PRODUCT: &str = "http://localhost:8080";

/// Serves it until it is stopped.
///
/// # Errors
///
/// When the port is taken.
pub async fn run(args: &SandboxArgs) -> anyhow::Result<()> {
    let stop = stop::token()?;
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let options = Options {
        samples: !args.empty,
        limits: !args.no_limits,
        invoices: args.invoices,
        auto_consent: args.auto_consent,
        ..Options::default()
    };
    let running = sandbox::serve(args.provider, listen, options).await.with_context(|| format!("cannot serve on port {}", args.port))?;
    println!("a stand-in of {}\n  control page  {}\n\ndunwell.toml of a product that is to talk to it:\n", args.provider, running.url());
    println!("{}", section(args.provider, &running));
    stop.cancelled().await;
    running.stop().await;
    Ok(())
}

/// The section for a stand-in of Xero; `product` is how browsers reach the product.
pub fn xero(url: &str, app: &App, product: &str) -> config::Xero {
    config::Xero {
        client_id: app.client_id.clone(),
        client_secret: Some(app.client_secret.clone()),
        client_secret_file: None,
        authorize_url: Some(format!("{url}/identity/connect/authorize")),
        token_url: Some(format!("{url}/connect/token")),
        revocation_url: Some(format!("{url}/connect/revocation")),
        connections_url: Some(format!("{url}/connections")),
        api_url: Some(format!("{url}/api.xro/2.0")),
        webhook_key: Some(app.webhook_key.clone()),
        webhook_key_file: None,
        redirect_url: Some(format!("{product}/integrations/xero/callback")),
        write_notes: false,
    }
}

/// The section for a stand-in of PowerOffice GO.
pub fn poweroffice(url: &str, product: &str) -> config::PowerOffice {
    config::PowerOffice {
        application_key: Some(poweroffice::APPLICATION_KEY.to_owned()),
        application_key_file: None,
        subscription_key: Some(poweroffice::SUBSCRIPTION_KEY.to_owned()),
        subscription_key_file: None,
        token_url: Some(format!("{url}/OAuth/Token")),
        api_url: Some(format!("{url}/v2")),
        redirect_url: Some(format!("{product}/integrations/poweroffice/callback")),
    }
}

/// The section of `dunwell.toml` that points the product at a stand-in.
fn section(provider: Provider, running: &Running) -> String {
    let url = running.url();
    match provider {
        Provider::Xero => {
            let set = xero(&url, &Options::default().app, PRODUCT);
            let rows = [
                ("client_id", Some(set.client_id)),
                ("client_secret", set.client_secret),
                ("authorize_url", set.authorize_url),
                ("token_url", set.token_url),
                ("revocation_url", set.revocation_url),
                ("connections_url", set.connections_url),
                ("api_url", set.api_url),
                ("webhook_key", set.webhook_key),
                ("redirect_url", set.redirect_url),
            ];
            toml("xero", rows)
        }
        Provider::Xentral => {
            format!("[xentral]\nallowed_hosts = [\"{}\"]\n# connect with the address {url} and the key {}", running.addr, xentral::TOKEN)
        }
        Provider::PowerOffice => {
            let set = poweroffice(&url, PRODUCT);
            let rows = [
                ("application_key", set.application_key),
                ("subscription_key", set.subscription_key),
                ("token_url", set.token_url),
                ("api_url", set.api_url),
                ("redirect_url", set.redirect_url),
            ];
            format!("{}\n# connect with the client key {}", toml("poweroffice", rows), poweroffice::CLIENT_KEY)
        }
        Provider::Pingen => {
            let keys = [
                ("organisation", Some(pingen::ORGANISATION.to_owned())),
                ("client_id", Some(pingen::CLIENT_ID.to_owned())),
                ("client_secret", Some(pingen::CLIENT_SECRET.to_owned())),
                ("api_url", Some(url.clone())),
                ("token_url", Some(format!("{url}/auth/access-tokens"))),
            ];
            format!("[post]\nprovider = \"pingen\"\nenvironment = \"staging\"\n{}", toml("post.pingen", keys))
        }
        Provider::Lob => {
            let keys = [("api_key", Some(lob::API_KEY.to_owned())), ("api_url", Some(format!("{url}/v1")))];
            let sender = [("name", "Acme"), ("line1", "210 King St"), ("city", "San Francisco"), ("state", "CA"), ("zip", "94107")];
            let sender = sender.map(|(name, value)| (name, Some(value.to_owned())));
            let (keys, sender) = (toml("post.lob", keys), toml("post.lob.sender", sender));
            format!("[post]\nprovider = \"lob\"\nenvironment = \"staging\"\n{keys}\n{sender}")
        }
        Provider::Amili => toml("amili", [("token_url", Some(format!("{url}/token"))), ("api_url", Some(format!("{url}/collection/v1")))]),
    }
}

/// A section with what is set; none of the values has a character that TOML would read otherwise.
fn toml<const N: usize>(name: &str, rows: [(&str, Option<String>); N]) -> String {
    let rows = rows.into_iter().filter_map(|(key, value)| Some(format!("\n{key} = \"{}\"", value?)));
    format!("[{name}]{}", rows.collect::<String>())
}
