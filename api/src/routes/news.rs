//! What channels tell without being asked: a letter arrived or came back, a debtor answered. One door for all of them;
//! which provider a path belongs to, and how it signs, is the herald's. Every call that is believed is answered alike,
//! whether or not it names something that we know.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use domain::{
    delivery,
    port::{
        receipt::{Call, News},
        webhook::WebhookError,
    },
};

use super::{Shared, reply, webhook};

/// Where all of it is told.
const ROOT: &str = "/webhooks/";

/// Takes one call.
pub(super) async fn take(shared: web::Data<Shared>, request: HttpRequest, body: web::Payload) -> HttpResponse {
    let name = request.path().strip_prefix(ROOT).unwrap_or_default();
    let Some(herald) = shared.env.outside.heralds.get(name) else { return reply::not_found().await };
    let body = match webhook::read(body).await {
        Ok(body) => body,
        Err(status) => return webhook::empty(status),
    };
    let headers = request.headers().clone();
    let header = move |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let path_and_query = request.uri().path_and_query().map_or(request.path(), |whole| whole.as_str()).to_owned();
    let call = Call { path_and_query: &path_and_query, header: &header, body: &body, now: shared.env.clock.machine() };
    match herald.read(&call) {
        Ok(news) => tell(&shared, name, news).await,
        Err(WebhookError::BadSignature) => webhook::empty(StatusCode::UNAUTHORIZED),
        Err(WebhookError::Unreadable) => webhook::empty(StatusCode::BAD_REQUEST),
    }
}

async fn tell(shared: &Shared, name: &str, news: Vec<News>) -> HttpResponse {
    for one in news {
        let taken = match &one {
            News::Delivery(news) => delivery::told(&shared.env, news).await,
            News::Inbound(inbound) => delivery::heard(&shared.env, inbound).await,
        };
        if let Err(error) = taken {
            tracing::warn!(%error, herald = name, "what a channel told could not be kept; it is told again");
            return webhook::empty(StatusCode::SERVICE_UNAVAILABLE);
        }
    }
    webhook::empty(StatusCode::NO_CONTENT)
}
