//! Server-Sent Events at `/graphql/stream`, one operation per request (the distinct connections mode of graphql-sse).
//!
//! What HTTP can refuse is refused with a status. Errors of validation and of variables travel as an event, because a
//! client in the middle of connecting shows them only then. Pulled by the socket: a slow reader slows its own stream.

use std::{convert::Infallible, sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode, header},
    web,
};
use async_graphql::Response;
use bytes::Bytes;
use futures_util::{
    StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream, Stream},
};
use serde_json::json;
use tokio::{sync::OwnedSemaphorePermit, time::Interval};

use crate::{
    endpoint::Shared,
    fault::{Code, Fault, errors_json},
    gate::{Channel, TraceId},
    http::{
        self,
        accept::{self, Media},
        origin,
        reply::{Refusal, Reply},
    },
    lease,
    run::Expected,
    seats::Seat,
};

const KEEP_ALIVE: Bytes = Bytes::from_static(b":\n\n");
const COMPLETE: Bytes = Bytes::from_static(b"event: complete\ndata:\n\n");

/// When a caller with too many connections may ask again: some end by themselves.
const CROWDED: Duration = Duration::from_secs(30);

/// Answers anything sent to `/graphql/stream`.
pub(crate) async fn handle(request: HttpRequest, mut payload: web::Payload, shared: web::Data<Shared>) -> HttpResponse {
    let trace = http::trace(&shared, &request);
    let site = origin::site(&request, &shared.origins);
    if request.method() == Method::OPTIONS {
        return origin::preflight(&site);
    }
    let reply = Reply { media: Media::EventStream, trace, site };
    match open(&request, &mut payload, &shared, &reply).await {
        Ok(feed) => start(&reply, feed),
        Err(refusal) => {
            http::body::abandon(&request, payload);
            reply.refuse(&refusal)
        }
    }
}

fn start(reply: &Reply, feed: Feed) -> HttpResponse {
    let mut response = reply.start(StatusCode::OK);
    response
        .insert_header(("x-accel-buffering", "no"))
        // A compressing middleware would hold events back.
        .insert_header((header::CONTENT_ENCODING, "identity"));
    response.streaming(feed.events())
}

async fn open(request: &HttpRequest, payload: &mut web::Payload, shared: &web::Data<Shared>, reply: &Reply) -> Result<Feed, Refusal> {
    http::check_method(request, &reply.site)?;
    if accept::negotiate(request.headers(), accept::STREAMS).is_none() {
        return Err(Fault::new(Code::NotAcceptable, "Accept text/event-stream here.").into());
    }
    let admission = http::admit(shared, request, Channel::Stream, &reply.trace).await?;
    let params = http::params(request, payload, shared).await?;
    let permit =
        Arc::clone(&shared.connections).try_acquire_owned().map_err(|_| Fault::new(Code::Unavailable, "Too many connections are open."))?;
    let seat = shared.seats.take(admission.holder.as_ref()).ok_or_else(crowded)?;
    let by_get = request.method() == Method::GET;
    let prepared = shared.prepare(params, &admission, &reply.trace, |kind| http::no_mutation_by_get(by_get, kind));
    let (source, expected, refused) = match prepared {
        Ok(prepared) => (shared.engine.stream(prepared.request), prepared.expected, None),
        Err(faults) if faults.iter().all(told_as_event) => (stream::empty().boxed(), Expected::default(), Some(faults)),
        Err(faults) => return Err(faults.into()),
    };
    let lease = lease::end(&admission, shared.limits.recheck_every);
    let keep_alive = tokio::time::interval(shared.limits.keep_alive);
    let shared = Arc::clone(shared);
    Ok(Feed { source, expected, refused, lease, keep_alive, shared, trace: reply.trace.clone(), over: false, _permit: permit, _seat: seat })
}

fn crowded() -> Refusal {
    Refusal::from(Fault::new(Code::TooManyRequests, "Too many connections of this caller are open.")).retry_after(CROWDED)
}

fn told_as_event(fault: &Fault) -> bool {
    matches!(fault.code, Code::ValidationFailed | Code::BadUserInput)
}

/// One open stream.
struct Feed {
    source: BoxStream<'static, Response>,
    expected: Expected,
    refused: Option<Arc<[Fault]>>,
    lease: BoxFuture<'static, ()>,
    keep_alive: Interval,
    shared: Arc<Shared>,
    trace: TraceId,
    over: bool,
    _permit: OwnedSemaphorePermit,
    _seat: Seat,
}

impl Feed {
    fn events(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(self, |mut feed| async move {
            let event = feed.next().await?;
            Some((Ok(event), feed))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        if let Some(faults) = self.refused.take() {
            return Some(self.errors(&faults));
        }
        tokio::select! {
            biased;
            () = self.shared.shutdown.cancelled() => Some(self.complete()),
            () = &mut self.lease => Some(self.expelled()),
            _ = self.keep_alive.tick() => Some(KEEP_ALIVE),
            response = self.source.next() => Some(match response {
                Some(response) => self.result(response),
                None => self.complete(),
            }),
        }
    }

    fn complete(&mut self) -> Bytes {
        self.over = true;
        COMPLETE
    }

    /// The admission has ended: says why, and ends.
    fn expelled(&mut self) -> Bytes {
        self.over = true;
        let fault = Fault::new(Code::Unauthenticated, "The credentials are no longer valid.");
        [self.errors(&[fault]), COMPLETE].concat().into()
    }

    fn result(&self, response: Response) -> Bytes {
        match self.shared.finish(response, &self.expected, &self.trace) {
            Ok(response) => match serde_json::to_string(&response) {
                Ok(data) => next(&data),
                Err(error) => {
                    tracing::error!(trace_id = %self.trace, %error, "an answer could not be written");
                    self.errors(&[Fault::new(Code::Internal, "Something went wrong on our side.")])
                }
            },
            Err(faults) => self.errors(&faults),
        }
    }

    fn errors(&self, faults: &[Fault]) -> Bytes {
        next(&json!({ "errors": errors_json(faults, &self.trace) }).to_string())
    }
}

/// One event. Compact JSON holds no line end, so its data is one line.
fn next(data: &str) -> Bytes {
    format!("event: next\ndata: {data}\n\n").into()
}
