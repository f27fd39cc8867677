//! A dry run: what would go to whom, and when, if the ladder ran by itself from now on. The clock is moved over facts
//! that are read once, and at each instant the very decision of [`super::decide`] is asked; nothing is written.
//!
//! What it takes for granted: the master switch is on, proposals are approved at once, every consent is given at once,
//! tasks are done on the day on which they are asked for, the books are read whenever they should be and tell the address
//! of an invoice's page at once (a letter waits minutes for it, which moves no day), nobody pays, objects or moves away,
//! and every letter is accepted by its first channels. Sums are those of today: interest that would grow meanwhile is
//! not in them.

mod read;
mod run;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{CaseId, Channel, LetterKind, PolicyId, StepAction, TenantId, collection_case};
use sea_orm::{DatabaseConnection, Select};

use crate::{
    RefusalCode,
    error::{Refusal, Result},
    policy::Ladder,
};

/// Most cases of one dry run.
pub const MAX_CASES: usize = 10_000;

/// Most days of one dry run.
pub const MAX_DAYS: u32 = 90;

/// The ladder that a dry run follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Along {
    /// Each case's own.
    Own,
    /// The newest revision of this policy, each case at the index where it stands.
    Policy(PolicyId),
    /// One that is not saved yet, the same way.
    Draft(Box<Ladder>),
}

/// What a dry run found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Simulation {
    /// What would happen, in order.
    pub acts: Vec<Act>,
    /// How many cases took part: proposed, active, or on hold with an end.
    pub cases: usize,
    /// Cases that are held back at the end, by reason.
    pub held: Vec<(RefusalCode, usize)>,
    /// The rule packs that were used.
    pub rule_revisions: Vec<String>,
}

/// Something that would happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// When.
    pub at: DateTime<Utc>,
    /// The tenant's day.
    pub on: NaiveDate,
    /// To which case.
    pub case: CaseId,
    /// Its number.
    pub number: i64,
    /// Index in the ladder; none for the hand-over behind the last step.
    pub step: Option<usize>,
    /// What.
    pub action: StepAction,
    /// What the letter or message is; none for tasks and hand-overs.
    pub kind: Option<LetterKind>,
    /// The ways by which it would go.
    pub channels: Vec<Channel>,
    /// Whether a person would be asked first.
    pub asks_consent: bool,
    /// What the case owes, in minor units.
    pub outstanding_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// Why it comes later than its wait says; the last reason.
    pub postponed_because: Option<RefusalCode>,
}

/// Runs dry over the tenant's cases that a selection finds. Reads only.
///
/// # Errors
///
/// `LIMIT_EXCEEDED` for more than [`MAX_CASES`]; `OUT_OF_RANGE` for no days or more than [`MAX_DAYS`]; `NOT_FOUND` for
/// an unknown policy; the refusals of [`Ladder::check`].
pub async fn simulate(
    db: &DatabaseConnection,
    tenant: TenantId,
    select: Select<collection_case::Entity>,
    along: &Along,
    days: u32,
    now: DateTime<Utc>,
) -> Result<Simulation> {
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(Refusal::new(RefusalCode::OutOfRange, format!("1 to {MAX_DAYS} days")).at("days").into());
    }
    if let Along::Draft(ladder) = along {
        ladder.check()?;
    }
    let portfolio = read::portfolio(db, tenant, select, along, now).await?;
    let until = now + TimeDelta::days(days.into());
    // Half a second of arithmetic for the largest portfolio: other requests' tasks must not wait for it.
    let ran = tokio::task::spawn_blocking(move || run::run(portfolio, now, until)).await;
    ran.map_err(|error| crate::Error::Bug(format!("a dry run stopped: {error}")))?
}
