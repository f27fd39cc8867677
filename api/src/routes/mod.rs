//! The HTTP routes: GraphQL (the transport's), files by signed links ([`upload`], [`letter`], [`print`], [`evidence`], [`export`]), the way back from a
//! provider's consent ([`callback`]), what providers ([`webhook`]) and channels tell ([`news`]), the page that ends e-mails ([`unsubscribe`]), and whether the process lives and is ready
//! ([`health`]). Everything else is 404, in JSON.

mod callback;
mod evidence;
mod export;
mod health;
mod letter;
mod news;
mod print;
mod reply;
mod unsubscribe;
mod upload;
mod webhook;

use std::sync::Arc;

use actix_web::web::{self, ServiceConfig};
use domain::Env;
use tokio_util::sync::CancellationToken;
use transport::{Endpoint, NotServable};

use crate::{
    ApiSettings,
    auth::{Keys, gate::Door, link::Links, standing::Standings},
    graphql::schema::{AppSchema, scales},
};

/// What the handlers of files and health share.
pub(crate) struct Shared {
    pub(crate) env: Env,
    pub(crate) links: Links,
    pub(crate) origins: Vec<String>,
    pub(crate) shutdown: CancellationToken,
}

/// The routes of the API, for `App::configure` in each worker.
///
/// # Errors
///
/// When the schema's own SDL does not hold together, or a trusted document does not fit it.
pub fn routes(
    schema: &AppSchema,
    env: Env,
    settings: &ApiSettings,
    shutdown: CancellationToken,
) -> Result<impl Fn(&mut ServiceConfig) + Clone + Send + 'static, NotServable> {
    let keys = Keys::new(&settings.signing_key);
    // The schema's mutations end sign-ins: they and the gate share what is known of them.
    let standings = schema.data::<Arc<Standings>>().cloned().unwrap_or_default();
    let endpoint = Endpoint::builder(schema, Door::new(env.clone(), keys.clone(), standings))
        .origins(settings.allowed_origins.iter().map(String::as_str))
        .proxies(settings.trusted_proxies.iter().copied())
        .introspection(settings.introspection)
        .limits(settings.limits.clone())
        .trusted(settings.trusted.clone())
        .scales(scales())
        .shutdown(shutdown.clone())
        .build()?;
    let links = Links::new(&keys, &settings.public_url);
    let shared = web::Data::new(Shared { env, links, origins: settings.allowed_origins.clone(), shutdown });
    Ok(move |config: &mut ServiceConfig| {
        config
            .app_data(shared.clone())
            .configure(endpoint.routes())
            .service(
                web::resource("/uploads/{id}").route(web::put().to(upload::put)).route(web::method(http_options()).to(upload::preflight)),
            )
            .service(web::resource("/letters/{id}.pdf").route(web::get().to(letter::get)))
            .service(web::resource("/evidence/{id}.zip").route(web::get().to(evidence::get)))
            .service(web::resource("/prints/{id}.pdf").route(web::get().to(print::pdf)))
            .service(web::resource("/prints/{id}.json").route(web::get().to(print::manifest)))
            .service(web::resource("/exports/{id}.zip").route(web::get().to(export::get)))
            .service(web::resource("/unsubscribe/{id}").route(web::get().to(unsubscribe::get)).route(web::post().to(unsubscribe::post)))
            .route("/integrations/xero/callback", web::get().to(callback::xero))
            .route("/integrations/poweroffice/callback", web::get().to(callback::power_office))
            .route("/webhooks/xero", web::post().to(webhook::xero))
            .route("/webhooks/amili", web::post().to(webhook::amili))
            .route("/webhooks/{name}", web::post().to(news::take))
            .route("/webhooks/{name}/{what}", web::post().to(news::take))
            .route("/livez", web::get().to(health::live))
            .route("/readyz", web::get().to(health::ready))
            .default_service(web::to(reply::not_found));
    })
}

fn http_options() -> actix_web::http::Method {
    actix_web::http::Method::OPTIONS
}
