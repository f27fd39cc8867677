//! The file of a print batch, and the list of what stands where in it, for whoever holds a signed link. The role is the one
//! of now, not the one of when the link was made.

use actix_web::{HttpResponse, http::header, web};
use async_graphql::resolver_utils::enum_value;
use domain::{
    Action, Refusal, Result, identity,
    print::{self, Entry, PrintFile},
};
use entity::{PrintBatchId, TenantId, UserId};
use serde_json::{Value, json};

use super::{
    Shared,
    reply::{self, bad_link},
};
use crate::{
    auth::link::{PrintPart, Signed},
    graphql::{
        id::{decode, encode},
        kind::LetterStatus,
    },
};

/// Answers the PDF.
pub(super) async fn pdf(shared: web::Data<Shared>, id: web::Path<String>, query: Option<web::Query<Signed>>) -> HttpResponse {
    let Some((batch, tenant, user)) = opened(&shared, &id, query, PrintPart::Pdf) else { return bad_link() };
    match drawn(&shared, tenant, user, batch).await {
        Err(error) => reply::of(error),
        Ok(file) => HttpResponse::Ok()
            .content_type("application/pdf")
            .insert_header((header::CONTENT_DISPOSITION, format!("inline; filename=\"{}.pdf\"", encode(batch).as_str())))
            .insert_header((header::CACHE_CONTROL, "private, no-store"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .insert_header((header::ETAG, format!("\"{}\"", file.sha256)))
            .body(file.pdf),
    }
}

/// Answers the list; the file is drawn first, so that the list says where each letter stands.
pub(super) async fn manifest(shared: web::Data<Shared>, id: web::Path<String>, query: Option<web::Query<Signed>>) -> HttpResponse {
    let Some((batch, tenant, user)) = opened(&shared, &id, query, PrintPart::Manifest) else { return bad_link() };
    match listed(&shared, tenant, user, batch).await {
        Err(error) => reply::of(error),
        Ok(list) => HttpResponse::Ok()
            .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.json\"", encode(batch).as_str())))
            .insert_header((header::CACHE_CONTROL, "private, no-store"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .json(list),
    }
}

fn opened(shared: &Shared, id: &str, query: Option<web::Query<Signed>>, part: PrintPart) -> Option<(PrintBatchId, TenantId, UserId)> {
    let batch = decode::<PrintBatchId>(id)?;
    let (tenant, user) = shared.links.open_print(batch, part, &query?.into_inner(), shared.env.clock.machine())?;
    Some((batch, tenant, user))
}

async fn drawn(shared: &Shared, tenant: TenantId, user: UserId, batch: PrintBatchId) -> Result<PrintFile> {
    let viewer = identity::member(&shared.env.db, tenant, user).await?.ok_or_else(|| Refusal::not_found("file"))?;
    viewer.require(Action::Read)?;
    print::document(&shared.env, tenant, batch).await
}

async fn listed(shared: &Shared, tenant: TenantId, user: UserId, batch: PrintBatchId) -> Result<Value> {
    let file = drawn(shared, tenant, user, batch).await?;
    let row = print::find(&shared.env.db, tenant, batch).await?;
    let entries = print::manifest(&shared.env.db, tenant, batch).await?;
    Ok(json!({
        "batch": encode(batch).as_str(),
        "duplex": row.duplex,
        "pages": row.pages,
        "sha256": file.sha256,
        "letters": entries.iter().map(entry).collect::<Vec<_>>(),
    }))
}

fn entry(entry: &Entry) -> Value {
    json!({
        "letter": encode(entry.letter).as_str(),
        "status": enum_value(LetterStatus::from(entry.status)),
        "firstPage": entry.first_page,
        "pages": entry.pages,
        "reference": entry.reference,
        "recipient": entry.recipient,
        "addressLines": entry.address_lines,
        "country": entry.country,
        "sha256": entry.sha256,
    })
}
