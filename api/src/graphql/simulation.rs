//! What a dry run of collecting found.

use std::collections::BTreeMap;

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use domain::escalation::simulate::{Act, Simulation};
use entity::TenantId;

use super::{
    case::Case,
    connection::list_cost,
    error::UserErrorCode,
    id,
    kind::{Channel, LetterKind, StepAction},
    loader::{self, Row},
    money::Money,
    scalars::Date,
};

/// Something that would happen to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedAct {
    tenant: TenantId,
    act: Act,
}

/// Something that would happen to a case.
#[Object]
impl SimulatedAct {
    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.act.at
    }

    /// The tenant's day.
    async fn on(&self) -> Date {
        Date(self.act.on)
    }

    /// The case's id.
    async fn case_id(&self) -> ID {
        id::encode(self.act.case)
    }

    /// The case's number, e.g. `D000123`.
    async fn case_number(&self) -> String {
        domain::case::reference(self.act.number)
    }

    /// To which case.
    async fn case(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Case>> {
        Ok(loader::one(ctx, Row(self.tenant, self.act.case)).await?.map(Case))
    }

    /// Its step, from 1; null for the hand-over behind the last step.
    async fn step(&self) -> Option<i32> {
        self.act.step.and_then(|step| i32::try_from(step + 1).ok())
    }

    /// What.
    async fn action(&self) -> StepAction {
        self.act.action.into()
    }

    /// What the letter or message is; null for tasks and hand-overs.
    async fn kind(&self) -> Option<LetterKind> {
        self.act.kind.map(LetterKind::from)
    }

    /// The ways by which it would go first.
    async fn channels(&self) -> Vec<Channel> {
        self.act.channels.iter().copied().map(Channel::from).collect()
    }

    /// Whether a person would be asked first; the dry run takes the yes for granted.
    async fn requires_consent(&self) -> bool {
        self.act.asks_consent
    }

    /// What the case owes, as of today.
    async fn outstanding(&self) -> Money {
        Money::new(self.act.outstanding_minor, &self.act.currency)
    }

    /// Why it comes later than its wait says; null when it does not.
    async fn postponed_because(&self) -> Option<UserErrorCode> {
        self.act.postponed_because.map(UserErrorCode::from)
    }
}

/// What would happen on one day.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct SimulatedDay {
    /// The tenant's day.
    pub on: Date,
    /// Letters and messages that would go.
    pub letters: i32,
    /// Tasks that people would be asked to do.
    pub tasks: i32,
    /// Cases that would be offered for hand-over.
    pub handovers: i32,
    /// What the cases of these letters owe, by currency.
    pub outstanding: Vec<Money>,
}

/// Cases that are held back at the end of a dry run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SimpleObject)]
pub struct HeldBack {
    /// Why.
    pub because: UserErrorCode,
    /// How many.
    pub cases: i32,
}

/// What a dry run found. Nothing was written and nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySimulation {
    /// Whose.
    pub tenant: TenantId,
    /// What was found.
    pub found: Simulation,
}

/// Most acts that one answer lists.
const MAX_ACTS: usize = 1_000;

/// What a dry run found. Nothing was written and nothing was sent. It takes for granted that the master switch is on,
/// proposals are approved and every consent is given at once, tasks are done at once, the books are read when they
/// should be, nobody pays or objects, and every letter is accepted by its first channels. It waits for no invoice's page
/// on the web: that takes a letter minutes, and moves no day. Sums are those of today.
#[Object]
impl PolicySimulation {
    /// How many cases took part: proposed, active, or on hold with an end.
    async fn cases(&self) -> i32 {
        count(self.found.cases)
    }

    /// How many letters and messages would go.
    async fn letters(&self) -> i32 {
        count(self.found.acts.iter().filter(|act| act.kind.is_some()).count())
    }

    /// What would happen, in order.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn acts(
        &self,
        #[graphql(desc = "How many, at most 1000; 100 unless said otherwise.")] first: Option<i32>,
        #[graphql(desc = "Leave out so many from the beginning.")] skip: Option<i32>,
    ) -> Vec<SimulatedAct> {
        let limit = |given: Option<i32>, usual: usize| given.map_or(usual, |n| usize::try_from(n).unwrap_or(0));
        let acts = self.found.acts.iter().skip(limit(skip, 0)).take(limit(first, 100).min(MAX_ACTS));
        acts.cloned().map(|act| SimulatedAct { tenant: self.tenant, act }).collect()
    }

    /// Totals of each day on which something would happen.
    async fn days(&self) -> Vec<SimulatedDay> {
        let mut days: BTreeMap<NaiveDate, Vec<&Act>> = BTreeMap::new();
        for act in &self.found.acts {
            days.entry(act.on).or_default().push(act);
        }
        days.into_iter().map(|(on, acts)| day(on, &acts)).collect()
    }

    /// Cases that are held back at the end, by reason.
    async fn held_back(&self) -> Vec<HeldBack> {
        self.found.held.iter().map(|(code, cases)| HeldBack { because: (*code).into(), cases: count(*cases) }).collect()
    }

    /// The editions of the country rule packs that were used.
    async fn rule_revisions(&self) -> &[String] {
        &self.found.rule_revisions
    }
}

fn day(on: NaiveDate, acts: &[&Act]) -> SimulatedDay {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for act in acts.iter().filter(|act| act.kind.is_some()) {
        *sums.entry(&act.currency).or_default() += act.outstanding_minor;
    }
    let of = |actions: &[entity::StepAction]| count(acts.iter().filter(|act| actions.contains(&act.action)).count());
    SimulatedDay {
        on: Date(on),
        letters: of(&[entity::StepAction::SendLetter, entity::StepAction::SendMessage]),
        tasks: of(&[entity::StepAction::CallTask, entity::StepAction::ManualTask]),
        handovers: of(&[entity::StepAction::OfferHandover]),
        outstanding: sums.into_iter().map(|(currency, minor)| Money::new(minor, currency)).collect(),
    }
}

fn count(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}
