//! The file of an agency without an API, for whoever holds a signed link. The role is the one of now, not the one of when
//! the link was made.

use actix_web::{HttpResponse, http::header, web};
use domain::{Refusal, Result, handover, identity};
use entity::{AgencyExportId, TenantId, UserId, agency_export};

use super::{
    Shared,
    reply::{self, bad_link},
};
use crate::{
    auth::link::Signed,
    graphql::id::{decode, encode},
};

/// Answers the file.
pub(super) async fn get(shared: web::Data<Shared>, id: web::Path<String>, query: Option<web::Query<Signed>>) -> HttpResponse {
    let Some(query) = query else { return bad_link() };
    let Some(id) = decode::<AgencyExportId>(&id) else { return bad_link() };
    let Some((tenant, user)) = shared.links.open_export(id, &query, shared.env.clock.machine()) else { return bad_link() };
    match find(&shared, tenant, user, id).await {
        Err(error) => reply::of(error),
        Ok(export) => HttpResponse::Ok()
            .content_type("application/zip")
            .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.zip\"", encode(id).as_str())))
            .insert_header((header::CACHE_CONTROL, "private, no-store"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .insert_header((header::ETAG, format!("\"{}\"", export.sha256)))
            .body(export.bytes),
    }
}

async fn find(shared: &Shared, tenant: TenantId, user: UserId, id: AgencyExportId) -> Result<agency_export::Model> {
    let viewer = identity::member(&shared.env.db, tenant, user).await?.ok_or_else(|| Refusal::not_found("file"))?;
    handover::export(&shared.env, &viewer, id).await
}
