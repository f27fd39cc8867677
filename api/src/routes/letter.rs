//! A letter's PDF, for whoever holds a signed link. The role is the one of now, not the one of when the link was made.

use actix_web::{HttpResponse, http::header, web};
use domain::{
    Action, Refusal, Result, identity,
    letter::{self, Document},
};
use entity::{LetterId, TenantId, UserId};

use super::{
    Shared,
    reply::{self, bad_link},
};
use crate::{auth::link::Signed, graphql::id::decode};

/// Answers the file.
pub(super) async fn get(shared: web::Data<Shared>, id: web::Path<String>, query: Option<web::Query<Signed>>) -> HttpResponse {
    let Some(query) = query else { return bad_link() };
    let Some(id) = decode::<LetterId>(&id) else { return bad_link() };
    let Some((tenant, user)) = shared.links.open_letter(id, &query, shared.env.clock.machine()) else { return bad_link() };
    match drawn(&shared, tenant, user, id).await {
        Err(error) => reply::of(error),
        Ok(document) => HttpResponse::Ok()
            .content_type("application/pdf")
            .insert_header((header::CONTENT_DISPOSITION, format!("inline; filename=\"{}\"", document.file_name)))
            .insert_header((header::CACHE_CONTROL, "private, max-age=300"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .insert_header((header::ETAG, format!("\"{}\"", document.sha256)))
            .body(document.pdf),
    }
}

async fn drawn(shared: &Shared, tenant: TenantId, user: UserId, id: LetterId) -> Result<Document> {
    let viewer = identity::member(&shared.env.db, tenant, user).await?.ok_or_else(|| Refusal::not_found("file"))?;
    viewer.require(Action::Read)?;
    letter::document(&shared.env, tenant, id).await
}
