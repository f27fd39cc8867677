//! Throttling by a provider's rules: calls at the same time, in the last 60 seconds, and in a day, each per account
//! (Xero: per organisation), and in the last 60 seconds for the whole app. The clock is handed in, so that a limit can be
//! outlived by moving it.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// Seconds of the rolling window.
const WINDOW_SECONDS: i64 = 60;

/// How much a provider allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Calls of an account at the same time.
    pub concurrent: u32,
    /// Calls of an account in any 60 seconds.
    pub per_minute: u32,
    /// Calls of an account in a day, from midnight UTC to midnight.
    pub per_day: u32,
    /// Calls of all accounts together in any 60 seconds.
    pub app_per_minute: u32,
}

/// Which rule a call broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Too many at the same time.
    Concurrent,
    /// Too many of an account in 60 seconds.
    Minute,
    /// Too many of an account today.
    Day,
    /// Too many of all accounts in 60 seconds.
    AppMinute,
}

/// A call that came too fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooFast {
    /// The rule it broke.
    pub problem: Problem,
    /// Whole seconds until the next may come; none when that depends on calls that still run.
    pub retry_after: Option<i64>,
}

/// What is left after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remaining {
    /// Of the account's day.
    pub day: u32,
    /// Of the account's 60 seconds.
    pub minute: u32,
    /// Of all accounts' 60 seconds.
    pub app_minute: u32,
}

#[derive(Default)]
struct Account {
    running: u32,
    minute: VecDeque<DateTime<Utc>>,
    day: Option<NaiveDate>,
    today: u32,
}

#[derive(Default)]
struct Counted {
    accounts: HashMap<String, Account>,
    app: VecDeque<DateTime<Utc>>,
}

/// Counts calls and refuses those that come too fast.
pub struct Limiter {
    rules: Rules,
    counted: Arc<Mutex<Counted>>,
}

/// A call that is running; dropping it makes room for the next.
pub struct Permit {
    account: String,
    counted: Arc<Mutex<Counted>>,
}

impl Limiter {
    /// A limiter with nothing counted yet.
    pub fn new(rules: Rules) -> Self {
        Self { rules, counted: Arc::default() }
    }

    /// Lets a call of an account in, or says which rule it breaks. A refused call counts for nothing.
    ///
    /// # Errors
    /// When the call breaks a rule.
    pub fn enter(&self, account: &str, now: DateTime<Utc>) -> Result<Permit, TooFast> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        forget_old(&mut counted, account, now);
        self.judge(&mut counted, account, now)?;
        counted.app.push_back(now);
        let own = counted.accounts.entry(account.to_owned()).or_default();
        own.minute.push_back(now);
        own.today += 1;
        own.running += 1;
        Ok(Permit { account: account.to_owned(), counted: self.counted.clone() })
    }

    /// What an account has left.
    pub fn remaining(&self, account: &str, now: DateTime<Utc>) -> Remaining {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        forget_old(&mut counted, account, now);
        let app_minute = left(self.rules.app_per_minute, counted.app.len());
        let own = counted.accounts.entry(account.to_owned()).or_default();
        let (day, minute) = (self.rules.per_day.saturating_sub(own.today), left(self.rules.per_minute, own.minute.len()));
        Remaining { day, minute, app_minute }
    }

    fn judge(&self, counted: &mut Counted, account: &str, now: DateTime<Utc>) -> Result<(), TooFast> {
        let app = full(&counted.app, self.rules.app_per_minute, now);
        let own = counted.accounts.entry(account.to_owned()).or_default();
        if own.today >= self.rules.per_day {
            return Err(TooFast { problem: Problem::Day, retry_after: Some(until_midnight(now)) });
        }
        if let Some(seconds) = full(&own.minute, self.rules.per_minute, now) {
            return Err(TooFast { problem: Problem::Minute, retry_after: Some(seconds) });
        }
        if let Some(seconds) = app {
            return Err(TooFast { problem: Problem::AppMinute, retry_after: Some(seconds) });
        }
        if own.running >= self.rules.concurrent {
            return Err(TooFast { problem: Problem::Concurrent, retry_after: None });
        }
        Ok(())
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = counted.accounts.get_mut(&self.account) {
            own.running = own.running.saturating_sub(1);
        }
    }
}

fn left(allowed: u32, used: usize) -> u32 {
    allowed.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX))
}

/// Seconds until a full window has room; none when it has room now.
fn full(window: &VecDeque<DateTime<Utc>>, allowed: u32, now: DateTime<Utc>) -> Option<i64> {
    let oldest = window.front().filter(|_| left(allowed, window.len()) == 0)?;
    let wait = *oldest + TimeDelta::seconds(WINDOW_SECONDS) - now;
    Some(wait.num_seconds() + i64::from(wait.subsec_nanos() > 0))
}

fn until_midnight(now: DateTime<Utc>) -> i64 {
    let day = 24 * 60 * 60;
    day - now.timestamp().rem_euclid(day)
}

fn forget_old(counted: &mut Counted, account: &str, now: DateTime<Utc>) {
    let start = now - TimeDelta::seconds(WINDOW_SECONDS);
    let outlived = |window: &mut VecDeque<DateTime<Utc>>| {
        while window.front().is_some_and(|at| *at <= start) {
            window.pop_front();
        }
    };
    outlived(&mut counted.app);
    let own = counted.accounts.entry(account.to_owned()).or_default();
    outlived(&mut own.minute);
    if own.day != Some(now.date_naive()) {
        own.day = Some(now.date_naive());
        own.today = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules { concurrent: 2, per_minute: 3, per_day: 5, app_per_minute: 4 };

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_219_200 + second, 0).unwrap()
    }

    fn problem(limiter: &Limiter, account: &str, second: i64) -> Option<(Problem, Option<i64>)> {
        limiter.enter(account, at(second)).err().map(|too_fast| (too_fast.problem, too_fast.retry_after))
    }

    #[test]
    fn the_whole_app_is_limited_over_all_accounts() {
        let limiter = Limiter::new(RULES);
        for (account, second) in [("a", 0), ("a", 1), ("b", 2), ("b", 3)] {
            assert_eq!(problem(&limiter, account, second), None);
        }
        assert_eq!(problem(&limiter, "c", 4), Some((Problem::AppMinute, Some(56))));
        assert_eq!(problem(&limiter, "c", 60), None, "the first has left the window");
    }

    #[test]
    fn a_refused_call_counts_for_nothing_and_a_dropped_permit_makes_room() {
        let limiter = Limiter::new(RULES);
        let running = [limiter.enter("a", at(0)), limiter.enter("a", at(0))];
        assert!(running.iter().all(Result::is_ok));
        assert_eq!(problem(&limiter, "a", 0), Some((Problem::Concurrent, None)));
        drop(running);
        assert_eq!(limiter.remaining("a", at(0)), Remaining { day: 3, minute: 1, app_minute: 2 });
        assert_eq!(problem(&limiter, "a", 0), None);
    }

    #[test]
    fn a_new_day_begins_at_midnight() {
        let limiter = Limiter::new(RULES);
        for hour in 0..5 {
            assert_eq!(problem(&limiter, "a", hour * 3_600), None);
        }
        assert_eq!(problem(&limiter, "a", 5 * 3_600), Some((Problem::Day, Some(19 * 3_600))));
        assert_eq!(problem(&limiter, "a", 24 * 3_600), None);
    }
}
