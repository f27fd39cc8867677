//! Faults that every stand-in can be told to have: throttling, broken answers, outages, latency and answers that are
//! lost after the effect. A fault says which paths it concerns; one that is counted ends by itself. How broken bodies
//! are made lives in `spoil`; where faults are applied, in `gate`.

mod spoil;

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};

pub(crate) use spoil::spoiled;

/// The manner in which an answer is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Manner {
    /// 200 with a page of HTML, as a proxy or a sign-in page answers.
    Html,
    /// The real answer, cut in the middle of its body, its length declared as what is left.
    Truncated,
    /// The real answer with every field of this name set to a word that nobody knows.
    UnknownValue {
        /// The field's name as the provider writes it.
        field: String,
    },
    /// The real answer without any field of this name.
    MissingField {
        /// The field's name as the provider writes it.
        field: String,
    },
    /// 200 with a body of 30 MB.
    Huge,
    /// This status, with a body of plain text. Nothing is done.
    Status {
        /// For instance 500 or 503.
        status: u16,
    },
    /// The real answer, late.
    Slow {
        /// By how much, in milliseconds.
        milliseconds: u64,
    },
    /// The request takes effect, then the connection is closed without an answer.
    Lost,
}

/// What a provider that is down does with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outage {
    /// Closes the connection without an answer.
    Silent,
    /// Answers 503 with a page of HTML.
    Unavailable,
}

/// A refusal of calls that came too fast.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Throttle {
    /// Whole seconds for `Retry-After`; without it the header is missing.
    pub retry_after: Option<u32>,
    /// The word for `X-Rate-Limit-Problem`, as Xero sends it; without it the header is missing.
    pub problem: Option<String>,
}

/// What the gate does with one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Pass,
    Down(Outage),
    Throttled(Throttle),
    Broken(Manner),
}

struct Counted<T> {
    path: String,
    left: u32,
    what: T,
}

#[derive(Default)]
struct Told {
    outage: Option<Outage>,
    latency: Duration,
    throttles: Vec<Counted<Throttle>>,
    broken: Vec<Counted<Manner>>,
}

/// The faults a stand-in was told to have. Paths are matched by a part of them; an empty part matches all.
#[derive(Default)]
pub struct Faults(Mutex<Told>);

impl Faults {
    /// The next calls to matching paths are answered 429 and take no effect.
    pub fn throttle(&self, path: &str, calls: u32, throttle: Throttle) {
        self.told(|told| told.throttles.push(Counted { path: path.to_owned(), left: calls, what: throttle }));
    }

    /// The next answers of matching paths are broken in this manner.
    pub fn break_answers(&self, path: &str, calls: u32, manner: Manner) {
        self.told(|told| told.broken.push(Counted { path: path.to_owned(), left: calls, what: manner }));
    }

    /// The next matching call takes effect, but its answer is lost.
    pub fn lose_answer(&self, path: &str) {
        self.break_answers(path, 1, Manner::Lost);
    }

    /// From now on no call gets through, until [`Faults::lift_outage`].
    pub fn outage(&self, outage: Outage) {
        self.told(|told| told.outage = Some(outage));
    }

    /// Calls get through again.
    pub fn lift_outage(&self) {
        self.told(|told| told.outage = None);
    }

    /// Every answer comes this much later, until it is set to zero.
    pub fn latency(&self, latency: Duration) {
        self.told(|told| told.latency = latency);
    }

    /// Ends all faults.
    pub fn clear(&self) {
        self.told(|told| *told = Told::default());
    }

    /// The faults that wait, one line each, for people.
    pub fn lines(&self) -> Vec<String> {
        self.told(|told| {
            let outage = told.outage.map(|outage| format!("down until lifted: {outage:?}"));
            let latency = (!told.latency.is_zero()).then(|| format!("every answer {} ms later", told.latency.as_millis()));
            let throttles = told.throttles.iter().map(|one| format!("{} calls to “{}” throttled: {:?}", one.left, one.path, one.what));
            let broken = told.broken.iter().map(|one| format!("{} answers of “{}” broken: {:?}", one.left, one.path, one.what));
            outage.into_iter().chain(latency).chain(throttles).chain(broken).collect()
        })
    }

    /// What happens to a call to this path; counts it.
    pub(crate) fn verdict(&self, path: &str) -> Verdict {
        self.told(|told| {
            if let Some(outage) = told.outage {
                return Verdict::Down(outage);
            }
            let throttled = take(&mut told.throttles, path).map(Verdict::Throttled);
            throttled.or_else(|| take(&mut told.broken, path).map(Verdict::Broken)).unwrap_or(Verdict::Pass)
        })
    }

    pub(crate) fn delay(&self) -> Duration {
        self.told(|told| told.latency)
    }

    fn told<T>(&self, change: impl FnOnce(&mut Told) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The first that concerns the path, counted down.
fn take<T: Clone>(waiting: &mut Vec<Counted<T>>, path: &str) -> Option<T> {
    let at = waiting.iter().position(|one| one.left > 0 && path.contains(&one.path))?;
    waiting[at].left -= 1;
    let what = waiting[at].what.clone();
    waiting.retain(|one| one.left > 0);
    Some(what)
}
