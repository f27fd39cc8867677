//! Turning events into messages, one batch at a time.

use std::collections::VecDeque;

use async_trait::async_trait;
use entity::event;
use futures_util::{StreamExt, stream};

use super::Messages;
use crate::{graphql::error::query_error, tail::Follow};

/// What events mean to one subscription.
#[async_trait]
pub(super) trait Teller: Send + 'static {
    /// What is told.
    type Message: Send + 'static;

    /// The messages of a batch of events, in their order. May be none.
    async fn tell(&mut self, events: Vec<event::Model>) -> async_graphql::Result<Vec<Self::Message>>;
}

struct Telling<T: Teller> {
    teller: T,
    follow: Follow,
    waiting: VecDeque<T::Message>,
    failed: bool,
}

/// The first messages, then what the teller makes of the events. Ends after an error, and when the process stops.
pub(super) fn messages<T: Teller>(first: Vec<T::Message>, teller: T, follow: Follow) -> Messages<T::Message> {
    let telling = Telling { teller, follow, waiting: first.into(), failed: false };
    stream::unfold(telling, |mut telling| async move { telling.next().await.map(|message| (message, telling)) }).boxed()
}

impl<T: Teller> Telling<T> {
    async fn next(&mut self) -> Option<async_graphql::Result<T::Message>> {
        while self.waiting.is_empty() {
            if self.failed {
                return None;
            }
            match self.more().await {
                Ok(Some(messages)) => self.waiting = messages.into(),
                Ok(None) => return None,
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            }
        }
        self.waiting.pop_front().map(Ok)
    }

    async fn more(&mut self) -> async_graphql::Result<Option<Vec<T::Message>>> {
        match self.follow.next().await.map_err(query_error)? {
            Some(events) => self.teller.tell(events).await.map(Some),
            None => Ok(None),
        }
    }
}
