//! `dunwell sandbox`: a stand-in provider on a port of its own, with a control page, to try connections against
//! without an account at the provider. Needs neither configuration nor database.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context;
use sandbox::{Options, Provider, Running};

use crate::{cli::SandboxArgs, stop};

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

/// The section of `dunwell.toml` that points the product at a stand-in.
pub fn section(provider: Provider, running: &Running) -> String {
    let url = running.url();
    match provider {
        Provider::Xero => {
            let app = Options::default().app;
            format!(
                "[xero]\nclient_id = \"{}\"\nclient_secret = \"{}\"\nwebhook_key = \"{}\"\n\
                 authorize_url = \"{url}/identity/connect/authorize\"\ntoken_url = \"{url}/connect/token\"\n\
                 revocation_url = \"{url}/connect/revocation\"\nconnections_url = \"{url}/connections\"\n\
                 api_url = \"{url}/api.xro/2.0\"\nredirect_url = \"http://localhost:8080/integrations/xero/callback\"",
                app.client_id, app.client_secret, app.webhook_key
            )
        }
        Provider::Xentral => format!(
            "[xentral]\nallowed_hosts = [\"{}\"]\n# connect with the address {url} and the key {}",
            running.addr,
            sandbox::xentral::TOKEN
        ),
        Provider::PowerOffice => format!(
            "[poweroffice]\napplication_key = \"{}\"\nsubscription_key = \"{}\"\ntoken_url = \"{url}/OAuth/Token\"\n\
             api_url = \"{url}/v2\"\nredirect_url = \"http://localhost:8080/integrations/poweroffice/callback\"\n\
             # connect with the client key {}",
            sandbox::poweroffice::APPLICATION_KEY,
            sandbox::poweroffice::SUBSCRIPTION_KEY,
            sandbox::poweroffice::CLIENT_KEY
        ),
        Provider::Amili => format!("[amili]\ntoken_url = \"{url}/token\"\napi_url = \"{url}/collection/v1\""),
    }
}
