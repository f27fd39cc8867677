//! The evidence bundle of a case as one zip, for whoever holds a signed link. The role is the one of now, not the one of
//! when the link was made. The same files give the same archive: entries bear no time.

use std::io::{Cursor, Write};

use actix_web::{HttpResponse, http::header, web};
use domain::{
    Error, Refusal, Result,
    evidence::{self, EvidenceFile},
    identity,
};
use entity::{CaseId, TenantId, UserId};
use zip::{CompressionMethod, ZipWriter, result::ZipError, write::SimpleFileOptions};

use super::{
    Shared,
    reply::{self, bad_link},
};
use crate::{auth::link::Signed, graphql::id::decode};

/// Answers the archive.
pub(super) async fn get(shared: web::Data<Shared>, id: web::Path<String>, query: Option<web::Query<Signed>>) -> HttpResponse {
    let Some(query) = query else { return bad_link() };
    let Some(id) = decode::<CaseId>(&id) else { return bad_link() };
    let Some((tenant, user)) = shared.links.open_evidence(id, &query, shared.env.clock.machine()) else { return bad_link() };
    match packed(&shared, tenant, user, id).await {
        Err(error) => reply::of(error),
        Ok((reference, archive)) => HttpResponse::Ok()
            .content_type("application/zip")
            .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"evidence-{reference}.zip\"")))
            .insert_header((header::CACHE_CONTROL, "private, no-store"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .body(archive),
    }
}

async fn packed(shared: &Shared, tenant: TenantId, user: UserId, case: CaseId) -> Result<(String, Vec<u8>)> {
    let viewer = identity::member(&shared.env.db, tenant, user).await?.ok_or_else(|| Refusal::not_found("file"))?;
    let bundle = evidence::bundle(&shared.env, &viewer, case).await?;
    let archive = web::block(move || zip(&bundle.files)).await.map_err(|error| Error::Bug(format!("packing evidence: {error}")))?;
    Ok((bundle.reference, archive.map_err(|error| Error::Bug(format!("packing evidence: {error}")))?))
}

fn zip(files: &[EvidenceFile]) -> Result<Vec<u8>, ZipError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for file in files {
        zip.start_file(&file.path, options)?;
        zip.write_all(&file.bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}
