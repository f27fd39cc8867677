//! Whether the process lives, and whether it should be sent requests.

use std::time::Duration;

use actix_web::{HttpResponse, http::StatusCode, web};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{Shared, reply::refuse};

/// Longest wait for the database's answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process answers.
pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// The process is not stopping, and the database answers and has the product's tables.
pub(super) async fn ready(shared: web::Data<Shared>) -> HttpResponse {
    if shared.shutdown.is_cancelled() {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "STOPPING", "The process is stopping.");
    }
    let question = shared.env.db.execute_unprepared("SELECT name FROM setting LIMIT 1");
    match tokio::time::timeout(PATIENCE, question).await {
        Ok(Ok(_)) => HttpResponse::Ok().json(json!({ "status": "ok" })),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: the database refused");
            refuse(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", "The database is not ready.")
        }
        Err(_) => refuse(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", "The database does not answer."),
    }
}
