//! The throttle of PowerOffice: so many calls in any second, over all clients of a subscription key.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

/// Calls in any second.
const CALLS_A_SECOND: usize = 10;

/// When the last calls came.
#[derive(Default)]
pub struct Pace(Mutex<VecDeque<DateTime<Utc>>>);

impl Pace {
    /// Whether a call may pass now; one that may not counts for nothing.
    pub fn admits(&self, now: DateTime<Utc>) -> bool {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while calls.front().is_some_and(|at| *at <= now - TimeDelta::seconds(1)) {
            calls.pop_front();
        }
        let admits = calls.len() < CALLS_A_SECOND;
        if admits {
            calls.push_back(now);
        }
        admits
    }
}
