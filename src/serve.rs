//! `dunwell serve`: the API, and the jobs unless other processes run them.

use std::time::Duration;

use actix_web::{App, HttpServer};
use anyhow::Context;
use tokio_util::sync::CancellationToken;

use crate::{banner, cli::ServeArgs, config::Config, listen, pages, start, start::Started, stop, trusted};

/// Time for open requests to end after the signal, in seconds.
const SHUTDOWN_S: u64 = 10;

/// Longest operation in the demo: moving the clock by weeks works through each day.
const WALK: Duration = Duration::from_mins(5);

/// Runs until it is told to stop.
///
/// # Errors
///
/// When something cannot be opened.
pub async fn run(config: &Config, args: &ServeArgs) -> anyhow::Result<()> {
    let stop = stop::token()?;
    let started = start::open(config, false).await?;
    let listener = bind(&config.listen)?;
    let address = listener.local_addr()?;
    let url = public_url(config, address);
    let server = server(config, &started, listener, &url, Extras::default(), &stop)?;
    let behind = config.public_url.is_some().then(|| ("listens on", format!("http://{address}")));
    banner::print(config, &started, &url, behind.as_slice());
    let jobs = (!args.no_jobs).then_some(&started);
    until_stopped(server, jobs, &stop).await
}

/// Takes the address, before anything is printed about it.
///
/// # Errors
///
/// When the address is taken.
pub fn bind(address: &str) -> anyhow::Result<std::net::TcpListener> {
    std::net::TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))
}

/// How the world reaches this server.
pub fn public_url(config: &Config, address: impl std::fmt::Display) -> String {
    config.public_url.clone().unwrap_or_else(|| format!("http://{address}")).trim_end_matches('/').to_owned()
}

/// What only the demo serves.
#[derive(Clone, Default)]
pub struct Extras {
    /// Moves the clock.
    pub demo: Option<std::sync::Arc<dyn api::DemoControl>>,
    /// GraphiQL's tabs.
    pub graphiql: Option<pages::graphiql::Settings>,
    /// The outbox page.
    pub outbox: Option<pages::outbox::Settings>,
}

/// Builds the server; it serves when it is awaited.
///
/// # Errors
///
/// When the schema does not hold together or the socket cannot be used.
pub fn server(
    config: &Config,
    started: &Started,
    listener: std::net::TcpListener,
    url: &str,
    extras: Extras,
    stop: &CancellationToken,
) -> anyhow::Result<actix_web::dev::Server> {
    let mut settings = api::ApiSettings::new(started.signing_key, url);
    settings.allowed_origins.clone_from(&config.allowed_origins);
    settings.trusted_proxies.clone_from(&config.trusted_proxies);
    settings.introspection = config.introspection;
    settings.trusted = trusted::read(config)?;
    settings.limits.holder_connections = config.connections_per_person;
    if extras.demo.is_some() {
        settings.limits.execution_timeout = WALK;
    }
    settings.demo = extras.demo;
    listen::spawn(&started.env().db, &started.env().doorbell, stop);
    let tail = api::tail::EventTail::start(started.env().clone(), stop.clone());
    let schema = api::schema(started.env().clone(), tail, &settings);
    let routes = api::routes(&schema, started.env().clone(), &settings, stop.clone())?;
    let graphiql = config.graphiql.then(|| extras.graphiql.unwrap_or_else(crate::demo::tour::examples));
    let outbox = extras.outbox;
    let server = HttpServer::new(move || {
        let (routes, graphiql, outbox) = (routes.clone(), graphiql.clone(), outbox.clone());
        App::new().configure(move |service| {
            if let Some(settings) = graphiql {
                pages::graphiql::configure(settings)(service);
            }
            if let Some(settings) = outbox {
                pages::outbox::configure(settings)(service);
            }
            routes(service);
        })
    });
    Ok(server.on_connect(transport::on_connect).disable_signals().shutdown_timeout(SHUTDOWN_S).listen(listener)?.run())
}

/// Serves and works until it is told to stop, then ends both in order.
///
/// # Errors
///
/// When the server fails.
pub async fn until_stopped(server: actix_web::dev::Server, jobs: Option<&Started>, stop: &CancellationToken) -> anyhow::Result<()> {
    let handle = server.handle();
    let serving = tokio::spawn(server);
    let working = match jobs {
        Some(started) => {
            if started.sole_process {
                jobs::recover(&started.jobs).await?;
            }
            let runtime = jobs::runtime(&started.jobs, jobs::Settings::default());
            Some(tokio::spawn(runtime.run(stop.clone().cancelled_owned())))
        }
        None => None,
    };
    stop.cancelled().await;
    handle.stop(true).await;
    serving.await??;
    if let Some(working) = working {
        working.await?;
    }
    Ok(())
}
