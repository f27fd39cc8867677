//! A letter's PDF, for whoever holds a signed link.

use actix_web::{HttpResponse, http::header, web};
use domain::letter;
use entity::LetterId;

use super::{
    Shared,
    reply::{self, bad_link},
};
use crate::{auth::link::Signed, graphql::id::decode};

/// Answers the file.
pub(super) async fn get(shared: web::Data<Shared>, id: web::Path<String>, query: Option<web::Query<Signed>>) -> HttpResponse {
    let Some(query) = query else { return bad_link() };
    let Some(id) = decode::<LetterId>(&id) else { return bad_link() };
    let Some(tenant) = shared.links.open_letter(id, &query, shared.env.clock.machine()) else { return bad_link() };
    match letter::document(&shared.env, tenant, id).await {
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
