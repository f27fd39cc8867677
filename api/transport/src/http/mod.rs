//! GraphQL over HTTP: one request, one answer. The upgrade to a WebSocket passes through here too.
//!
//! Statuses follow the specification's two media types: with `application/json` a well-formed GraphQL request is always
//! answered 200, with `application/graphql-response+json` a request error is 400.

pub(crate) mod accept;
pub(crate) mod body;
pub(crate) mod origin;
pub(crate) mod peer;
pub(crate) mod reply;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{self, HeaderMap},
    },
    web,
};
use tokio::time::timeout;

use crate::{
    endpoint::Shared,
    fault::{Code, Fault},
    gate::{Admission, Channel, Credentials, Denied, TraceId},
    guard::Kind,
    params::Params,
    ws,
};
use accept::Media;
use origin::Site;
use reply::{Refusal, Reply};

/// Answers anything sent to `/graphql`.
pub(crate) async fn handle(request: HttpRequest, mut payload: web::Payload, shared: web::Data<Shared>) -> HttpResponse {
    if ws::is_upgrade(&request) {
        return ws::open(&request, payload, shared.into_inner());
    }
    let trace = trace(&shared, &request);
    let site = origin::site(&request, &shared.origins);
    if request.method() == Method::OPTIONS {
        return origin::preflight(&site);
    }
    let negotiated = accept::negotiate(request.headers(), accept::ANSWERS);
    let reply = Reply { media: negotiated.unwrap_or(Media::Json), trace, site };
    match negotiated {
        None => reply.refuse(&Refusal::from(Fault::new(
            Code::NotAcceptable,
            "Accept one of the GraphQL media types; event streams are at /graphql/stream.",
        ))),
        Some(_) => match answer(&request, &mut payload, &shared, &reply).await {
            Ok(response) => reply.executed(&response),
            Err(refusal) => {
                body::abandon(&request, payload);
                reply.refuse(&refusal)
            }
        },
    }
}

async fn answer(
    request: &HttpRequest,
    payload: &mut web::Payload,
    shared: &Shared,
    reply: &Reply,
) -> Result<async_graphql::Response, Refusal> {
    check_method(request, &reply.site)?;
    let admission = admit(shared, request, Channel::Http, &reply.trace).await?;
    let params = params(request, payload, shared).await?;
    let by_get = request.method() == Method::GET;
    let prepared = shared.prepare(params, &admission, &reply.trace, |kind| match kind {
        Kind::Subscription => {
            Err(Fault::new(Code::SubscriptionNotSupported, "Subscriptions are served at /graphql/stream and over WebSocket."))
        }
        kind => no_mutation_by_get(by_get, kind),
    })?;
    let executed = timeout(shared.limits.execution_timeout, shared.engine.execute(prepared.request))
        .await
        .map_err(|_| Fault::new(Code::Timeout, "The operation took too long."))?;
    Ok(shared.finish(executed, &prepared.expected, &reply.trace)?)
}

/// A mutation must not run because a link was followed.
pub(crate) fn no_mutation_by_get(by_get: bool, kind: Kind) -> Result<(), Fault> {
    if by_get && kind == Kind::Mutation {
        return Err(Fault::new(Code::MethodNotAllowed, "Mutations are sent with POST."));
    }
    Ok(())
}

/// GET and POST only; and GET from a foreign page only when it could not have been sent without asking us first.
pub(crate) fn check_method(request: &HttpRequest, site: &Site) -> Result<(), Refusal> {
    match *request.method() {
        Method::GET if origin::forgeable(request.headers(), site) => {
            Err(Fault::new(Code::Forbidden, "A GET from another site needs the header GraphQL-Require-Preflight.").into())
        }
        Method::GET | Method::POST => Ok(()),
        _ => {
            let fault = Fault::new(Code::MethodNotAllowed, "Use POST or GET.");
            Err(Refusal::from(fault).allowing("GET, POST"))
        }
    }
}

/// The parameters, from the query string or the body.
pub(crate) async fn params(request: &HttpRequest, payload: &mut web::Payload, shared: &Shared) -> Result<Params, Refusal> {
    let value = if request.method() == Method::GET {
        body::from_query_string(request.query_string())?
    } else {
        body::check_type(request.headers())?;
        let bytes = timeout(shared.limits.body_timeout, body::read(request.headers(), payload, shared.limits.body_bytes))
            .await
            .map_err(|_| Refusal::closing(Fault::new(Code::Timeout, "The body did not arrive in time.")))??;
        body::from_bytes(&bytes)?
    };
    Ok(Params::from_json(value)?)
}

pub(crate) fn trace(shared: &Shared, request: &HttpRequest) -> TraceId {
    let offered = request.headers().get("x-request-id").and_then(|value| value.to_str().ok());
    shared.gate.trace_id(offered)
}

/// Asks the gate about the `Authorization` header.
pub(crate) async fn admit(shared: &Shared, request: &HttpRequest, channel: Channel, trace: &TraceId) -> Result<Admission, Refusal> {
    let authorization = authorization(request.headers())?;
    let peer = peer::peer(request, &shared.proxies);
    let credentials = Credentials { channel, authorization, payload: None, peer, trace_id: trace };
    shared.gate.admit(credentials).await.map_err(Refusal::from)
}

/// The one `Authorization` header; two are a request that somebody reads differently.
pub(crate) fn authorization(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut all = headers.get_all(header::AUTHORIZATION);
    let first = all.next();
    if all.next().is_some() {
        return Err(Fault::new(Code::BadRequest, "More than one Authorization header.").into());
    }
    let unreadable = |_| Refusal::from(Denied::Unauthenticated("The Authorization header is not readable.".to_owned()));
    first.map(|value| value.to_str()).transpose().map_err(unreadable)
}
