//! The gate that every call to a provider's path goes through: it applies the faults and writes the log of calls. The
//! control paths and the page pass untouched, so that a stand-in that is down can be told to be up again.

use std::{any::Any, net::Shutdown, sync::Arc, time::Duration};

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody, to_bytes},
    dev::{Extensions, ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
    rt::net::TcpStream,
    web::Data,
};
use socket2::{SockRef, Socket};

use crate::{
    calls::Call,
    fault::{Manner, Outage, Throttle, Verdict, spoiled},
    frame::Frame,
};

/// A second handle on a connection, so that it can be closed without an answer.
struct Wire(Socket);

/// Keeps a second handle on each connection.
pub(crate) fn keep_wire(connection: &dyn Any, kept: &mut Extensions) {
    let stream = connection.downcast_ref::<TcpStream>();
    if let Some(wire) = stream.and_then(|stream| SockRef::from(stream).try_clone().ok()) {
        kept.insert(Arc::new(Wire(wire)));
    }
}

/// Lets a call through to the provider, or does to it what the faults say.
pub(crate) async fn gate(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(frame) = request.app_data::<Data<Frame>>().cloned().filter(|_| is_provider(request.path())) else {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    };
    let mut call = Call {
        method: request.method().to_string(),
        path: request.path().to_owned(),
        query: request.query_string().to_owned(),
        status: None,
        at: frame.now(),
    };
    let wire = request.conn_data::<Arc<Wire>>().cloned();
    let (response, lost) = judged(&frame, request, next).await?;
    tokio::time::sleep(frame.faults.delay()).await;
    call.status = (!lost).then(|| response.status().as_u16());
    tracing::debug!(method = call.method, path = call.path, status = call.status, "call");
    frame.calls.add(call);
    if let (true, Some(wire)) = (lost, wire) {
        // The peer may have gone first; then it is closed already.
        let _ = wire.0.shutdown(Shutdown::Both);
    }
    Ok(response)
}

fn is_provider(path: &str) -> bool {
    path != "/" && !path.starts_with("/_control/")
}

/// The answer, and whether it is to be lost on the way.
async fn judged(
    frame: &Frame,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<(ServiceResponse<BoxBody>, bool), Error> {
    match frame.faults.verdict(request.path()) {
        Verdict::Pass => Ok((next.call(request).await?.map_into_boxed_body(), false)),
        Verdict::Down(Outage::Silent) => Ok((request.into_response(HttpResponse::ServiceUnavailable().finish()), true)),
        Verdict::Down(Outage::Unavailable) => Ok((request.into_response(unavailable()), false)),
        Verdict::Throttled(throttle) => Ok((request.into_response(throttled(&throttle)), false)),
        Verdict::Broken(Manner::Status { status }) => Ok((request.into_response(failed(status)), false)),
        Verdict::Broken(manner) => broken(&manner, next.call(request).await?.map_into_boxed_body()).await,
    }
}

async fn broken(manner: &Manner, response: ServiceResponse<BoxBody>) -> Result<(ServiceResponse<BoxBody>, bool), Error> {
    if let Manner::Slow { milliseconds } = manner {
        tokio::time::sleep(Duration::from_millis(*milliseconds)).await;
    }
    let (request, response) = response.into_parts();
    let (mut response, body) = response.into_parts();
    let body = to_bytes(body).await.map_err(Error::from)?;
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let (body, content_type) = spoiled(manner, body.to_vec(), content_type);
    if matches!(manner, Manner::Html | Manner::Huge) {
        *response.status_mut() = StatusCode::OK;
    }
    if let Ok(value) = content_type.parse() {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    Ok((ServiceResponse::new(request, response.set_body(BoxBody::new(body))), *manner == Manner::Lost))
}

fn unavailable() -> HttpResponse {
    let page = "<!DOCTYPE html><html><body><h1>503 Service Unavailable</h1></body></html>";
    HttpResponse::ServiceUnavailable().content_type("text/html").body(page)
}

fn failed(status: u16) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    HttpResponse::build(status).content_type("text/plain").body("The request could not be handled.")
}

fn throttled(throttle: &Throttle) -> HttpResponse {
    let mut answer = HttpResponse::TooManyRequests();
    if let Some(seconds) = throttle.retry_after {
        answer.insert_header((header::RETRY_AFTER, seconds.to_string()));
    }
    if let Some(problem) = &throttle.problem {
        answer.insert_header(("X-Rate-Limit-Problem", problem.as_str()));
    }
    match throttle.problem.as_deref() {
        Some("minute") => answer.insert_header(("X-MinLimit-Remaining", "0")),
        Some("day") => answer.insert_header(("X-DayLimit-Remaining", "0")),
        _ => &mut answer,
    };
    answer.finish()
}
