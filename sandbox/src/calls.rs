//! The log of calls that a stand-in received, for assertions: what was asked, when, and what was answered. The control
//! paths and the page are not logged.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use serde::Serialize;

/// How many calls are kept; older ones are forgotten but still counted.
pub const KEPT: usize = 100_000;

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// The method in capitals.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The query as it came, still encoded; empty without one.
    pub query: String,
    /// The answer's status; `None` when the connection was closed without an answer.
    pub status: Option<u16>,
    /// When the call came, by the stand-in's clock.
    pub at: DateTime<Utc>,
}

/// The calls so far.
#[derive(Default)]
pub struct CallLog(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    calls: VecDeque<Call>,
    total: u64,
}

impl CallLog {
    pub(crate) fn add(&self, call: Call) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.calls.len() == KEPT {
            kept.calls.pop_front();
        }
        kept.calls.push_back(call);
        kept.total += 1;
    }

    /// All calls that are kept, oldest first.
    pub fn all(&self) -> Vec<Call> {
        self.matching(|_| true)
    }

    /// The kept calls that a test likes, oldest first.
    pub fn matching(&self, like: impl Fn(&Call) -> bool) -> Vec<Call> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.calls.iter().filter(|call| like(call)).cloned().collect()
    }

    /// How many kept calls had this method and a path that contains the words.
    pub fn count(&self, method: &str, path: &str) -> usize {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.calls.iter().filter(|call| call.method == method && call.path.contains(path)).count()
    }

    /// How many kept calls got this status.
    pub fn with_status(&self, status: u16) -> usize {
        self.matching(|call| call.status == Some(status)).len()
    }

    /// How many calls there ever were, also those that are no longer kept.
    pub fn total(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).total
    }

    /// Forgets all calls.
    pub fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Kept::default();
    }
}
