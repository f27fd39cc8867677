//! Why a case stands where it stands: every gate before its next step, with the facts that it looked at.

use async_graphql::{ComplexObject, Context, Enum, Json, SimpleObject};
use chrono::{DateTime, Utc};
use domain::escalation::{self, Decision, gates};
use entity::CaseId;

use super::{
    access,
    case::Case,
    error::{UserErrorCode, query_error},
    loader::{self, Row},
};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// What stands between a case and its next step. Treat an unknown one as one that is explained by its `code`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
        #[graphql(remote = "gates::GateName")]
        pub enum GateName {
            $($(#[$doc])* $name),+
        }
    };
}
domain::gate_names!(names);

/// What comes next on a case's ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum NextStepKind {
    /// A letter or message is issued.
    IssueLetter,
    /// A person is asked to do something.
    AskPerson,
    /// The step is passed over: less is owed than it is made for.
    PassOver,
    /// The ladder ends; the agency is asked to take over, where there is one.
    OfferHandover,
    /// Nothing: the ladder is over, or something else must happen first.
    Nothing,
}

/// One gate and its verdict.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct GateCheck {
    /// Which gate.
    pub gate: GateName,
    /// Whether it is open.
    pub passed: bool,
    /// Why it is closed, when that is more than the case's own standing or the calendar.
    pub code: Option<UserErrorCode>,
    /// When it opens, or is looked at again; null when only a change opens it.
    pub look_again_at: Option<DateTime<Utc>>,
    /// What it looked at: an object of days, numbers and words, without names, addresses or sums.
    pub facts: Json<serde_json::Value>,
}

/// Why a case stands where it stands, found by the very decision that sends letters.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
#[graphql(complex)]
pub struct CaseExplanation {
    #[graphql(skip)]
    case: CaseId,
    /// The instant that it is about.
    pub at: DateTime<Utc>,
    /// What comes next once every gate is open.
    pub next: NextStepKind,
    /// Its step, from 1; null for the hand-over behind the last step, and for nothing.
    pub step: Option<i32>,
    /// Whether it is done now, at the next look.
    pub due_now: bool,
    /// Why it waits: the first closed gate's code; of a case that is early too, that of the first one that is then closed.
    /// Null when it is only early, or waits minutes for an invoice's page.
    pub waits_because: Option<UserErrorCode>,
    /// Every gate before it, in order.
    pub gates: Vec<GateCheck>,
    /// When it is possible if nothing changes but the time, and the books are read when they should be; null when time
    /// alone does not open every gate.
    pub possible_at: Option<DateTime<Utc>>,
    /// Whether a person must say yes before the letter leaves.
    pub requires_consent: bool,
    /// The editions of the country rule packs that were used; empty when there is none for the case.
    pub rule_revisions: Vec<String>,
    /// The revision of the policy that the case follows.
    pub policy_revision: i32,
}

/// What comes next, and its step from 1.
fn next_step(decision: Decision) -> (NextStepKind, Option<i32>) {
    let position = |step: usize| i32::try_from(step + 1).ok();
    match decision {
        Decision::Issue { step } => (NextStepKind::IssueLetter, position(step)),
        Decision::Ask { step } => (NextStepKind::AskPerson, position(step)),
        Decision::Pass { step } => (NextStepKind::PassOver, position(step)),
        Decision::Exhaust => (NextStepKind::OfferHandover, None),
        Decision::Rest | Decision::Wait { .. } => (NextStepKind::Nothing, None),
    }
}

/// Most that asking for the cases of one letter costs: each of them is explained.
const GROUP_COST: usize = 1_000;

#[ComplexObject]
impl CaseExplanation {
    /// The debtor's other cases that go with this one in one letter: those that its letter on its way speaks for, else those
    /// that its next letter would speak for if it went at `possibleAt` and nothing changed before. Oldest case first; empty
    /// when there are none, or time alone does not let the letter go.
    #[graphql(complexity = "GROUP_COST + child_complexity")]
    async fn goes_with(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Case>> {
        let (env, tenant) = (access::env(ctx)?, access::viewer(ctx)?.tenant);
        let at = self.possible_at.unwrap_or(self.at);
        let ids = escalation::goes_with(&env.db, tenant, self.case, at).await.map_err(query_error)?;
        let mut rows = loader::many(ctx, ids.iter().map(|id| Row(tenant, *id))).await?;
        Ok(ids.into_iter().filter_map(|id| rows.remove(&Row(tenant, id))).map(Case).collect())
    }
}

impl CaseExplanation {
    /// The explanation of a case.
    pub fn new(case: CaseId, found: escalation::Explanation) -> Self {
        let (next, step) = next_step(found.next);
        Self {
            case,
            at: found.at,
            next,
            step,
            due_now: !matches!(found.decision, Decision::Wait { .. } | Decision::Rest),
            waits_because: found.because.map(UserErrorCode::from),
            gates: found.checks.into_iter().map(GateCheck::from).collect(),
            possible_at: found.possible_at,
            requires_consent: found.consent_needed,
            rule_revisions: found.rule_revision.split_whitespace().map(str::to_owned).collect(),
            policy_revision: found.policy_revision,
        }
    }
}

impl From<escalation::Check> for GateCheck {
    fn from(check: escalation::Check) -> Self {
        Self {
            gate: check.gate.into(),
            passed: check.passed,
            code: check.code.map(UserErrorCode::from),
            look_again_at: check.look_again_at,
            facts: Json(check.facts),
        }
    }
}
