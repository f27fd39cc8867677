//! A file's bytes, from whoever holds a signed link: streamed into the database piece by piece, never held whole.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use domain::{Env, Viewer, identity, import};
use entity::UploadId;
use futures_util::StreamExt;
use serde_json::json;

use super::{
    Shared,
    reply::{self, bad_link, refuse},
};
use crate::{
    auth::link::Signed,
    graphql::id::{decode, encode},
};

/// Longest silence while bytes are sent.
const PATIENCE: Duration = Duration::from_secs(30);

/// Takes the bytes of an announced file.
pub(super) async fn put(
    shared: web::Data<Shared>,
    request: HttpRequest,
    id: web::Path<String>,
    query: Option<web::Query<Signed>>,
    body: web::Payload,
) -> HttpResponse {
    let mut response = take(&shared, &id, query, body).await;
    allow_origin(&shared, &request, &mut response);
    response
}

async fn take(shared: &Shared, id: &str, query: Option<web::Query<Signed>>, body: web::Payload) -> HttpResponse {
    let (Some(query), Some(id)) = (query, decode::<UploadId>(id)) else { return bad_link() };
    let Some((tenant, user)) = shared.links.open_upload(id, &query, shared.env.clock.machine()) else { return bad_link() };
    // The role is the one of now, not the one of when the link was made.
    match identity::member(&shared.env.db, tenant, user).await {
        Ok(Some(viewer)) => match store(&shared.env, &viewer, id, body).await {
            Ok(bytes) => HttpResponse::Ok().json(json!({ "id": encode(id).0, "byteSize": bytes })),
            Err(Broken::Refused(error)) => reply::of(error),
            Err(Broken::Silent) => refuse(StatusCode::REQUEST_TIMEOUT, "TIMEOUT", "The bytes stopped coming."),
            Err(Broken::Gone) => refuse(StatusCode::BAD_REQUEST, "BAD_REQUEST", "The bytes ended before their time."),
        },
        Ok(None) => bad_link(),
        Err(error) => reply::of(error),
    }
}

/// Why a file is not complete.
enum Broken {
    /// The use case said no, or failed.
    Refused(domain::Error),
    /// Nothing came for too long.
    Silent,
    /// The connection broke.
    Gone,
}

impl From<domain::Error> for Broken {
    fn from(error: domain::Error) -> Self {
        Self::Refused(error)
    }
}

async fn store(env: &Env, viewer: &Viewer, id: UploadId, mut body: web::Payload) -> Result<i64, Broken> {
    let mut writer = import::writer(env, viewer, id).await?;
    loop {
        match tokio::time::timeout(PATIENCE, body.next()).await {
            Err(_) => return Err(Broken::Silent),
            Ok(None) => break,
            Ok(Some(Err(_))) => return Err(Broken::Gone),
            Ok(Some(Ok(bytes))) => writer.write(&bytes).await?,
        }
    }
    Ok(writer.finish().await?.byte_size)
}

/// Answers a browser that asks before it sends from another site.
pub(super) async fn preflight(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    let mut response = HttpResponse::NoContent()
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "PUT"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, "600"))
        .finish();
    allow_origin(&shared, &request, &mut response);
    response
}

/// Lets the pages of the configured sites read the answer.
fn allow_origin(shared: &Shared, request: &HttpRequest, response: &mut HttpResponse) {
    let headers = response.headers_mut();
    headers.insert(header::VARY, header::HeaderValue::from_static("Origin"));
    let Some(origin) = request.headers().get(header::ORIGIN) else { return };
    let known = origin.to_str().is_ok_and(|origin| shared.origins.iter().any(|known| known.eq_ignore_ascii_case(origin)));
    if known {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
}
