//! The `graphql-transport-ws` protocol: the handshake. What is said on the socket is in [`session`], how in [`message`],
//! and with which code it ends in [`close`].

mod close;
mod message;
mod outlet;
mod session;

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web,
};

use crate::{
    endpoint::Shared,
    fault::{Code, Fault},
    http::{
        self,
        accept::Media,
        origin::{self, Site},
        reply::{Refusal, Reply},
    },
};
use session::{Caller, Socket};

/// The one protocol spoken.
const PROTOCOL: &str = "graphql-transport-ws";

/// Whether a request wants to become a WebSocket.
pub(crate) fn is_upgrade(request: &HttpRequest) -> bool {
    let websocket = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"websocket");
    request.headers().get(header::UPGRADE).is_some_and(websocket)
}

/// Opens a socket, or says over HTTP why not.
pub(crate) fn open(request: &HttpRequest, payload: web::Payload, shared: Arc<Shared>) -> HttpResponse {
    let trace = http::trace(&shared, request);
    let site = origin::site(request, &shared.origins);
    let reply = Reply { media: Media::Json, trace, site };
    handshake(request, payload, shared, &reply).unwrap_or_else(|refusal| reply.refuse(&refusal))
}

fn handshake(request: &HttpRequest, payload: web::Payload, shared: Arc<Shared>, reply: &Reply) -> Result<HttpResponse, Refusal> {
    if reply.site == Site::Foreign {
        return Err(Fault::new(Code::Forbidden, "This origin may not open a socket.").into());
    }
    let caller = Caller {
        authorization: http::authorization(request.headers())?.map(str::to_owned),
        peer: http::peer::peer(request, &shared.proxies),
        trace: reply.trace.clone(),
    };
    let permit =
        Arc::clone(&shared.connections).try_acquire_owned().map_err(|_| Fault::new(Code::Unavailable, "Too many connections are open."))?;
    let (response, session, stream) = actix_ws::handle_with_protocols(request, payload, &[PROTOCOL])
        .map_err(|_| Fault::new(Code::BadRequest, "This is not a WebSocket handshake."))?;
    let agreed = response.headers().contains_key(header::SEC_WEBSOCKET_PROTOCOL);
    let bytes = shared.limits.message_bytes;
    let stream = stream.max_frame_size(bytes).aggregate_continuations().max_continuation_size(bytes);
    let socket = Socket::new(shared, session, caller, permit);
    actix_web::rt::spawn(socket.run(stream, agreed));
    Ok(response)
}
