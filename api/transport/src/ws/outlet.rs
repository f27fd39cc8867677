//! The way out of a socket. The queue behind a session holds a few messages; when it is full the sender waits, and when
//! waiting takes too long the socket counts as stalled and is given up. Nothing is buffered beyond that.

use std::{cell::Cell, rc::Rc, time::Duration};

use actix_ws::{CloseReason, Session};
use futures_util::FutureExt;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Answers (pongs, acknowledgements, errors) that may wait for a full queue.
const WAITING: usize = 32;
/// Time for the close frame to leave.
const CLOSING: Duration = Duration::from_secs(1);

/// Sending has come to an end: the socket is closed or stalled.
pub(super) struct Ended;

#[derive(Clone)]
pub(super) struct Outlet {
    session: Session,
    stalled: CancellationToken,
    patience: Duration,
    waiting: Rc<Cell<usize>>,
}

impl Outlet {
    pub(super) fn new(session: Session, patience: Duration) -> Self {
        Self { session, stalled: CancellationToken::new(), patience, waiting: Rc::default() }
    }

    /// Resolves when the peer has left messages unread for too long.
    pub(super) async fn stalled(&self) {
        self.stalled.cancelled().await;
    }

    /// Sends, waiting for room: what an operation does with its results, which holds its source back.
    pub(super) async fn send(&mut self, text: String) -> Result<(), Ended> {
        let Ok(sent) = timeout(self.patience, self.session.text(text)).await else {
            self.stalled.cancel();
            return Err(Ended);
        };
        sent.map_err(|_| Ended)
    }

    /// Sends without waiting here: what the loop that reads the socket does, which must not be held up.
    pub(super) fn post(&self, text: String) {
        let mut outlet = self.clone();
        self.soon(async move {
            let _ = outlet.send(text).await;
        });
    }

    /// A WebSocket ping.
    pub(super) fn ping(&self) {
        let mut outlet = self.clone();
        self.soon(async move {
            if timeout(outlet.patience, outlet.session.ping(b"")).await.is_err() {
                outlet.stalled.cancel();
            }
        });
    }

    /// A WebSocket pong.
    pub(super) fn pong(&self, payload: bytes::Bytes) {
        let mut outlet = self.clone();
        self.soon(async move {
            if timeout(outlet.patience, outlet.session.pong(&payload)).await.is_err() {
                outlet.stalled.cancel();
            }
        });
    }

    /// Runs a send at once when there is room, else beside the loop; a peer that asks much and reads nothing is stalled.
    fn soon(&self, send: impl Future<Output = ()> + 'static) {
        let mut send = Box::pin(send);
        if send.as_mut().now_or_never().is_some() {
            return;
        }
        if self.waiting.get() >= WAITING {
            self.stalled.cancel();
            return;
        }
        self.waiting.set(self.waiting.get() + 1);
        let waiting = Rc::clone(&self.waiting);
        actix_web::rt::spawn(async move {
            send.await;
            waiting.set(waiting.get() - 1);
        });
    }

    /// Sends the close frame and ends the socket.
    pub(super) async fn close(self, reason: Option<CloseReason>) {
        let _ = timeout(CLOSING, self.session.close(reason)).await;
    }
}
