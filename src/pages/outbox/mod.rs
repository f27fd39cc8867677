//! The demo's outbox page at `/outbox`: each e-mail, short message and letter as the person who gets it would see it,
//! newest first, live, with buttons that move the product's clock.
//!
//! Here is what is mounted and with which headers. `reader` finds the messages, `view` says what is shown of them,
//! `assets/outbox.html` how. What debtors and creditors wrote is escaped everywhere; a mail's own HTML is shown in a
//! frame that may run nothing and load nothing.

pub mod reader;
mod view;

use std::sync::Arc;

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
    middleware::Compress,
    web,
};
use adapters::delivery::{Outbox, OutboxMessage};
use domain::Env;
use entity::{DeliveryId, TenantId};
use serde::Deserialize;
use uuid::Uuid;

use super::{answer, asset::Asset};
use reader::{Kept, OutboxReader, ReadError};
use view::{Page, Templates};

/// Messages of one page.
const PAGE_SIZE: usize = 30;

/// The page: its own files, frames of its own, nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A mail: it carries its styles with it, and may run, load or send nothing, also when it is opened by itself.
const MAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
                           frame-ancestors 'self'; sandbox";

/// A PDF: browsers draw it with styles of their own.
const PDF_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; object-src 'self'; \
                          frame-ancestors 'self'";

const ASSETS: [Asset; 2] = [
    Asset { name: "/outbox.js", content_type: "text/javascript; charset=utf-8", bytes: include_bytes!("../assets/outbox.js") },
    Asset { name: "/outbox.css", content_type: "text/css; charset=utf-8", bytes: include_bytes!("../assets/outbox.css") },
];

/// What the page shows and as whom it moves the clock. Cheap to clone.
#[derive(Clone)]
pub struct Settings {
    reader: Arc<dyn OutboxReader>,
    token: Arc<str>,
}

impl Settings {
    /// The messages of `outbox`, explained by the database of `env`; `token` is an owner's, who may move the clock.
    pub fn new(env: &Env, outbox: Outbox, token: impl Into<Arc<str>>) -> Self {
        Self::reading(Arc::new(Kept { db: env.db.clone(), clock: Arc::clone(&env.clock), outbox }), token)
    }

    /// The messages of a reader.
    pub fn reading(reader: Arc<dyn OutboxReader>, token: impl Into<Arc<str>>) -> Self {
        Self { reader, token: token.into() }
    }
}

struct State {
    settings: Settings,
    templates: Templates,
}

/// Mounts the page; for `App::configure`.
pub fn configure(settings: Settings) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        let state = web::Data::new(State { settings, templates: Templates::default() });
        let mut scope = web::scope("/outbox")
            .wrap(Compress::default())
            .app_data(state)
            .route("", web::get().to(page))
            .route("/messages", web::get().to(messages))
            .route("/mail/{tenant}/{delivery}", web::get().to(mail))
            .route("/letter/{tenant}/{delivery}.pdf", web::get().to(letter));
        for asset in ASSETS {
            scope = scope.service(asset.resource());
        }
        config.service(scope);
    }
}

/// Which messages are asked for.
#[derive(Debug, Clone, Default, Deserialize)]
struct Asked {
    #[serde(default, deserialize_with = "empty_is_none")]
    tenant: Option<Uuid>,
    #[serde(default, deserialize_with = "empty_is_none")]
    before: Option<Uuid>,
}

/// A form without a choice sends an empty text.
fn empty_is_none<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Uuid>, D::Error> {
    let text = String::deserialize(from)?;
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(serde::de::Error::custom) }
}

async fn page(state: web::Data<State>, asked: web::Query<Asked>) -> Result<HttpResponse, Failed> {
    let page = gather(&state, &asked).await?;
    Ok(answer("text/html; charset=utf-8", POLICY, state.templates.page(&page)?))
}

/// The part of the page that changes, for its script.
async fn messages(state: web::Data<State>, asked: web::Query<Asked>) -> Result<HttpResponse, Failed> {
    let page = gather(&state, &asked).await?;
    Ok(answer("text/html; charset=utf-8", POLICY, state.templates.messages(&page)?))
}

async fn gather(state: &State, asked: &Asked) -> Result<Page, ReadError> {
    let reader = &state.settings.reader;
    let (tenant, before) = (asked.tenant.map(TenantId), asked.before.map(DeliveryId));
    let tenants = reader.tenants().await?;
    let mut found = reader.list(tenant, before, PAGE_SIZE + 1).await?;
    let more = found.len() > PAGE_SIZE;
    found.truncate(PAGE_SIZE);
    Ok(Page::new(&tenants, &found, tenant, before, more, reader.now(), &state.settings.token))
}

async fn mail(state: web::Data<State>, path: web::Path<(Uuid, Uuid)>) -> Result<HttpResponse, Failed> {
    let (tenant, delivery) = path.into_inner();
    let message = state.settings.reader.message(TenantId(tenant), DeliveryId(delivery)).await?;
    let html = message.and_then(|OutboxMessage { html, .. }| html).ok_or(Failed::Unknown)?;
    Ok(answer("text/html; charset=utf-8", MAIL_POLICY, html))
}

async fn letter(state: web::Data<State>, path: web::Path<(Uuid, Uuid)>) -> Result<HttpResponse, Failed> {
    let (tenant, delivery) = path.into_inner();
    let pdf = state.settings.reader.pdf(TenantId(tenant), DeliveryId(delivery)).await?.ok_or(Failed::Unknown)?;
    let mut response = answer("application/pdf", PDF_POLICY, pdf);
    let inline = header::HeaderValue::from_static("inline; filename=\"letter.pdf\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, inline);
    Ok(response)
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("There is no such message.")]
    Unknown,
    #[error("The outbox cannot be read; the log says why.")]
    Read(#[from] ReadError),
    #[error("The page cannot be drawn; the log says why.")]
    Draw(#[from] minijinja::Error),
}

impl ResponseError for Failed {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Read(_) | Self::Draw(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Unknown => {}
            Self::Read(error) => tracing::error!(%error, "the outbox page cannot read its messages"),
            Self::Draw(error) => tracing::error!(%error, "the outbox page cannot be drawn"),
        }
        HttpResponse::build(self.status_code()).content_type("text/plain; charset=utf-8").body(self.to_string())
    }
}

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
