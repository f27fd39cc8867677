//! One socket from its handshake to its close: a single task reads it and keeps its clocks, and each operation runs in a
//! task of its own that ends with the socket.

use std::{cell::RefCell, collections::HashMap, future::pending, net::IpAddr, rc::Rc, sync::Arc, time::Duration};

use actix_ws::{AggregatedMessage, AggregatedMessageStream, ProtocolError, Session};
use async_graphql::Response;
use futures_util::{StreamExt, future::BoxFuture, stream::BoxStream};
use serde_json::{Map, Value};
use tokio::{
    sync::OwnedSemaphorePermit,
    task::AbortHandle,
    time::{Interval, sleep, timeout},
};

use super::{
    close::Close,
    message::{self, Incoming},
    outlet::{Ended, Outlet},
};
use crate::{
    endpoint::Shared,
    fault::{Code, Fault},
    gate::{Admission, Channel, Credentials, Denied, TraceId},
    guard::Kind,
    lease,
    params::Params,
    run::Expected,
    seats::Seat,
};

/// Time for the peer to answer our close frame.
const FAREWELL: Duration = Duration::from_secs(2);

/// What the handshake told of the caller.
pub(super) struct Caller {
    pub(super) authorization: Option<String>,
    pub(super) peer: Option<IpAddr>,
    pub(super) trace: TraceId,
}

/// How far the socket has come.
enum Phase {
    Fresh,
    Admitting(BoxFuture<'static, Result<Admission, Denied>>),
    Open { admission: Admission, end: BoxFuture<'static, ()>, _seat: Seat },
}

impl Phase {
    /// Resolves when the phase is over; a fresh socket waits for its client.
    async fn over(&mut self) -> Event {
        match self {
            Self::Fresh => pending().await,
            Self::Admitting(decision) => Event::Decided(decision.await),
            Self::Open { end, .. } => {
                end.await;
                Event::Expelled
            }
        }
    }
}

/// What the loop wakes up for.
enum Event {
    Shutdown,
    Stalled,
    InitTimeout,
    Decided(Result<Admission, Denied>),
    Expelled,
    KeepAlive,
    Received(Option<Result<AggregatedMessage, ProtocolError>>),
}

type Operations = Rc<RefCell<HashMap<String, AbortHandle>>>;

pub(super) struct Socket {
    shared: Arc<Shared>,
    outlet: Outlet,
    caller: Arc<Caller>,
    operations: Operations,
    phase: Phase,
    /// Whether anything arrived since the last keep-alive.
    heard: bool,
    _permit: OwnedSemaphorePermit,
}

impl Socket {
    pub(super) fn new(shared: Arc<Shared>, session: Session, caller: Caller, permit: OwnedSemaphorePermit) -> Self {
        let outlet = Outlet::new(session, shared.limits.write_timeout);
        Self { shared, outlet, caller: Arc::new(caller), operations: Rc::default(), phase: Phase::Fresh, heard: true, _permit: permit }
    }

    /// Lives until either side closes. `agreed` says whether a subprotocol was found.
    pub(super) async fn run(mut self, mut stream: AggregatedMessageStream, agreed: bool) {
        let close = if agreed { self.serve(&mut stream).await } else { Some(Close::UnknownProtocol) };
        for (_, operation) in self.operations.borrow_mut().drain() {
            operation.abort();
        }
        let Some(close) = close else { return };
        let answered = matches!(close, Close::Answer(_));
        self.outlet.clone().close(close.reason()).await;
        if !answered {
            // Reading on lets the peer see our frame before the connection goes.
            let _ = timeout(FAREWELL, async { while let Some(Ok(_)) = stream.next().await {} }).await;
        }
    }

    /// `None` when the connection is gone and there is nobody to tell.
    async fn serve(&mut self, stream: &mut AggregatedMessageStream) -> Option<Close> {
        let shared = Arc::clone(&self.shared);
        let mut init = std::pin::pin!(sleep(shared.limits.init_timeout));
        let mut keep_alive = tokio::time::interval(shared.limits.keep_alive);
        keep_alive.reset();
        loop {
            let fresh = matches!(self.phase, Phase::Fresh);
            let event = tokio::select! {
                biased;
                () = shared.shutdown.cancelled() => Event::Shutdown,
                () = self.outlet.stalled() => Event::Stalled,
                () = &mut init, if fresh => Event::InitTimeout,
                event = self.phase.over() => event,
                () = tick(&mut keep_alive) => Event::KeepAlive,
                received = stream.next() => Event::Received(received),
            };
            match event {
                Event::Shutdown => return Some(Close::GoingAway),
                Event::Stalled | Event::Received(None) => return None,
                Event::InitTimeout => return Some(Close::InitTimeout),
                Event::Decided(Err(denied)) => return Some(denied.into()),
                Event::Decided(Ok(admission)) => {
                    if let Err(close) = self.admitted(admission) {
                        return Some(close);
                    }
                }
                Event::Expelled => return Some(Close::Forbidden),
                Event::KeepAlive if !self.heard => return None,
                Event::KeepAlive => {
                    self.heard = false;
                    self.outlet.ping();
                }
                Event::Received(Some(received)) => {
                    self.heard = true;
                    if let Err(close) = received.map_err(Close::from).and_then(|frame| self.receive(frame)) {
                        return Some(close);
                    }
                }
            }
        }
    }

    fn admitted(&mut self, admission: Admission) -> Result<(), Close> {
        let seat = self.shared.seats.take(admission.holder.as_ref()).ok_or(Close::Crowded)?;
        let end = lease::end(&admission, self.shared.limits.recheck_every);
        self.phase = Phase::Open { admission, end, _seat: seat };
        self.outlet.post(message::ack());
        Ok(())
    }

    fn receive(&mut self, frame: AggregatedMessage) -> Result<(), Close> {
        match frame {
            AggregatedMessage::Text(text) => self.obey(message::read(&text)?),
            AggregatedMessage::Binary(_) => Err(Close::Invalid("Messages are text")),
            AggregatedMessage::Ping(payload) => {
                self.outlet.pong(payload);
                Ok(())
            }
            AggregatedMessage::Pong(_) => Ok(()),
            AggregatedMessage::Close(reason) => Err(Close::Answer(reason)),
        }
    }

    fn obey(&mut self, incoming: Incoming) -> Result<(), Close> {
        match incoming {
            Incoming::Init(payload) => {
                if !matches!(self.phase, Phase::Fresh) {
                    return Err(Close::InitAgain);
                }
                self.phase = Phase::Admitting(self.decision(payload));
            }
            Incoming::Ping(payload) => self.outlet.post(message::pong(payload)),
            Incoming::Pong => {}
            Incoming::Subscribe { id, params } => self.subscribe(id, params)?,
            Incoming::Complete { id } => {
                if let Some(operation) = self.operations.borrow_mut().remove(&id) {
                    operation.abort();
                }
            }
        }
        Ok(())
    }

    /// Asks the gate, which may take a while: the loop goes on meanwhile.
    fn decision(&self, payload: Map<String, Value>) -> BoxFuture<'static, Result<Admission, Denied>> {
        let shared = Arc::clone(&self.shared);
        let caller = Arc::clone(&self.caller);
        Box::pin(async move {
            let authorization = match payload.get("Authorization").or_else(|| payload.get("authorization")) {
                Some(Value::String(authorization)) => Some(authorization.as_str()),
                Some(_) => return Err(Denied::Unauthenticated("Authorization must be a string.".to_owned())),
                None => caller.authorization.as_deref(),
            };
            let credentials = Credentials {
                channel: Channel::Socket,
                authorization,
                payload: Some(&payload),
                peer: caller.peer,
                trace_id: &caller.trace,
            };
            let decision = shared.gate.admit(credentials);
            timeout(shared.limits.init_timeout, decision).await.unwrap_or(Err(Denied::Unavailable))
        })
    }

    fn subscribe(&mut self, id: String, params: Params) -> Result<(), Close> {
        let Phase::Open { admission, .. } = &self.phase else { return Err(Close::Unauthorized) };
        if self.operations.borrow().contains_key(&id) {
            return Err(Close::Duplicate);
        }
        if self.operations.borrow().len() >= self.shared.limits.socket_operations {
            let fault = Fault::new(Code::TooManyRequests, "Too many operations run on this socket.");
            self.outlet.post(message::error(&id, &[fault], &self.caller.trace));
            return Ok(());
        }
        match self.shared.prepare(params, admission, &self.caller.trace, |_| Ok(())) {
            Err(faults) => self.outlet.post(message::error(&id, &faults, &self.caller.trace)),
            Ok(prepared) => {
                let patience = (prepared.kind != Kind::Subscription).then_some(self.shared.limits.execution_timeout);
                let operation = Operation {
                    id: id.clone(),
                    results: self.shared.engine.stream(prepared.request),
                    expected: prepared.expected,
                    shared: Arc::clone(&self.shared),
                    patience,
                    outlet: self.outlet.clone(),
                    trace: self.caller.trace.clone(),
                    operations: Rc::clone(&self.operations),
                };
                let task = actix_web::rt::spawn(operation.run());
                self.operations.borrow_mut().insert(id, task.abort_handle());
            }
        }
        Ok(())
    }
}

async fn tick(interval: &mut Interval) {
    interval.tick().await;
}

/// One running operation.
struct Operation {
    id: String,
    results: BoxStream<'static, Response>,
    expected: Expected,
    shared: Arc<Shared>,
    /// How long a single result may take; subscriptions wait for as long as it takes.
    patience: Option<Duration>,
    outlet: Outlet,
    trace: TraceId,
    operations: Operations,
}

impl Operation {
    async fn run(mut self) {
        let last = loop {
            match self.step().await {
                Ok(Some(text)) => {
                    if self.outlet.send(text).await.is_err() {
                        return;
                    }
                }
                Ok(None) => break message::complete(&self.id),
                Err(faults) => break message::error(&self.id, &faults, &self.trace),
            }
        };
        // The id stays taken until its last message is queued: a client's `complete` before that cancels the message too.
        let sent: Result<(), Ended> = self.outlet.send(last).await;
        if sent.is_ok() {
            self.operations.borrow_mut().remove(&self.id);
        }
    }

    /// The next message, `None` at the end.
    async fn step(&mut self) -> Result<Option<String>, Vec<Fault>> {
        let result = match self.patience {
            None => self.results.next().await,
            Some(patience) => {
                timeout(patience, self.results.next()).await.map_err(|_| vec![Fault::new(Code::Timeout, "The operation took too long.")])?
            }
        };
        let Some(response) = result else { return Ok(None) };
        let response = self.shared.finish(response, &self.expected, &self.trace)?;
        message::next(&self.id, &response).map(Some).map_err(|error| {
            tracing::error!(trace_id = %self.trace, %error, "an answer could not be written");
            vec![Fault::new(Code::Internal, "Something went wrong on our side.")]
        })
    }
}
