//! Several cases of a debtor whose letters are due on the same day: one letter speaks for all that ask for the same.
//! Candidates are looked for without locks; then all are locked by their ids and everything is decided again.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, Utc};
use entity::{CaseId, CaseStatus, Channel, LetterKind, LetterStatus, Scoped, StepAction, TenantId, collection_case, letter};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::{
    Advanced, Decision, Facts, Freshness, Gathered,
    advance::{act, look},
    call_if_due, channels, decide, gather, gather_on,
};
use crate::{
    actor::Actor,
    calendar, case,
    change::Change,
    env::Env,
    error::{Refusal, Result},
    letter::{Due, MAX_CLAIM_LINES, cases_of, issue_group, lock_open, withdraw_expired},
    online_page::Question,
    policy::Follows,
};

/// Most cases of one letter.
const MOST_CASES: u64 = 50;

/// The debtor's other cases that may be due on the day of an instant; none when the tenant wants a letter for each case.
///
/// # Errors
///
/// When the database refuses.
pub(super) async fn partners(
    db: &impl ConnectionTrait,
    case: &collection_case::Model,
    gathered: &Gathered,
    now: DateTime<Utc>,
) -> Result<Vec<CaseId>> {
    if !gathered.tenant.group_letters {
        return Ok(Vec::new());
    }
    let day = calendar::local_date(gathered.zone, now);
    let tomorrow = calendar::day_start(gathered.zone, day + Days::new(1));
    let due = Condition::any().add(collection_case::Column::NextActionAt.lt(tomorrow)).add(consent_over(case.tenant_id, now));
    Ok(collection_case::Entity::of(case.tenant_id)
        .select_only()
        .column(collection_case::Column::Id)
        .filter(collection_case::Column::DebtorId.eq(case.debtor_id))
        .filter(collection_case::Column::Status.eq(CaseStatus::Active))
        .filter(collection_case::Column::Currency.eq(case.currency.clone()))
        .filter(collection_case::Column::Id.ne(case.id))
        .filter(due)
        .order_by_asc(collection_case::Column::Id)
        .limit(MOST_CASES - 1)
        .into_tuple()
        .all(db)
        .await?)
}

/// Whether a case waits for a letter whose consent is over. Asked of each case, of which a debtor has few, and by an
/// expression that no index fits: else the planner may look for it among all letters that wait for a consent.
fn consent_over(tenant: TenantId, now: DateTime<Utc>) -> Condition {
    use sea_orm::sea_query::{Expr, ExprTrait as _, Func};
    let expires_at = Func::coalesce([letter::Column::ConsentExpiresAt.into_expr(), Expr::val(now + Days::new(1))]);
    let over = letter::Entity::of(tenant)
        .select_only()
        .expr(letter::Column::Id.count())
        .filter(Expr::col((letter::Entity, letter::Column::CaseId)).equals((collection_case::Entity, collection_case::Column::Id)))
        .filter(letter::Column::Status.ne(LetterStatus::Cancelled))
        .filter(Expr::expr(expires_at).lte(now))
        .into_query();
    let over = Expr::SubQuery(None, Box::new(over.into())).gt(0);
    Condition::all().add(collection_case::Column::NextActionAt.is_null()).add(over)
}

/// The debtor's other cases that go with a case: those that its letter on its way speaks for, else those that its next
/// letter would speak for if it went at an instant and nothing changed before. In the order of their ids. Reads only.
///
/// # Errors
///
/// `NOT_FOUND` for an unknown case.
pub async fn goes_with(db: &impl ConnectionTrait, tenant: TenantId, id: CaseId, at: DateTime<Utc>) -> Result<Vec<CaseId>> {
    let found = collection_case::Entity::of(tenant).filter(collection_case::Column::Id.eq(id)).one(db).await?;
    let case = found.ok_or_else(|| Refusal::not_found("case").at("id"))?;
    if let Some(letter) = under_way(db, &case).await? {
        return Ok(cases_of(db, &letter).await?.into_iter().filter(|other| *other != id).collect());
    }
    let gathered = gather_on(db, &case, at).await?;
    let Decision::Issue { step } = decide(&today(&read_meanwhile(&gathered, &case, at), at), at) else { return Ok(Vec::new()) };
    let Some(mut group) = Group::of(&case, &gathered, step) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for other in partners(db, &case, &gathered, at).await? {
        let select = collection_case::Entity::of(tenant).filter(collection_case::Column::Id.eq(other));
        let Some(other) = select.one(db).await? else { continue };
        let gathered = gather_on(db, &other, at).await?;
        if group.takes(&other, &gathered, &read_meanwhile(&gathered, &other, at), at).is_some() {
            found.push(other.id);
        }
    }
    Ok(found)
}

/// The facts of a case at an instant before which the books are read.
fn read_meanwhile<'a>(gathered: &'a Gathered, case: &'a collection_case::Model, at: DateTime<Utc>) -> Facts<'a> {
    Facts { freshness: Freshness::default(), ..gathered.facts(case, at) }
}

/// The letter of a case's step that is on its way.
async fn under_way(db: &impl ConnectionTrait, case: &collection_case::Model) -> Result<Option<letter::Model>> {
    let open = [LetterStatus::AwaitingConsent, LetterStatus::Scheduled, LetterStatus::Sending];
    let select = letter::Entity::of(case.tenant_id).filter(letter::Column::CaseId.eq(case.id));
    let select = select.filter(letter::Column::Step.eq(case.next_step)).filter(letter::Column::Course.eq(case.course));
    Ok(select.filter(letter::Column::Status.is_in(open)).one(db).await?)
}

/// The cases of one letter, while they are gathered.
struct Group {
    kind: Kind,
    /// How many lines it has so far.
    lines: usize,
}

impl Group {
    /// Of a case whose step is due; none when its letter speaks for it alone. A case whose letter no channel took goes
    /// alone too: what that letter spoke for is locked with it, cases of no group of today among it.
    fn of(case: &collection_case::Model, gathered: &Gathered, step: usize) -> Option<Self> {
        let kind = kind(gathered, step).filter(|_| !gathered.failed_before(case))?;
        Some(Self { kind, lines: lines(gathered) })
    }

    /// The step of another case whose letter is one with this one, which has room for it.
    fn takes(&mut self, case: &collection_case::Model, gathered: &Gathered, facts: &Facts<'_>, at: DateTime<Utc>) -> Option<usize> {
        let Decision::Issue { step } = decide(&today(facts, at), at) else { return None };
        let other = Self::of(case, gathered, step).filter(|other| other.kind == self.kind)?;
        let lines = self.lines + other.lines;
        (lines < MAX_CLAIM_LINES / 4).then(|| {
            self.lines = lines;
            step
        })
    }
}

/// How many lines of a letter are about a case's invoices and payments.
fn lines(gathered: &Gathered) -> usize {
    gathered.invoices.len() + gathered.payments.len()
}

/// What a letter must have in common with another to be one with it.
#[derive(PartialEq)]
pub(super) struct Kind {
    letter: LetterKind,
    action: StepAction,
    consent: bool,
    channels: Vec<Channel>,
    fallback: Vec<Channel>,
    pay_within_days: u32,
    follows: Follows,
    /// The debtor was written to before: the letter may say so.
    again: bool,
}

/// What the letter of a step is; none for one that speaks for its own case only.
pub(super) fn kind(gathered: &Gathered, step: usize) -> Option<Kind> {
    let plan = gathered.ladder.steps.get(step).filter(|plan| plan.kind.speaks_of_arrears())?;
    Some(Kind {
        letter: plan.kind,
        action: plan.action,
        consent: gathered.ladder.asks_consent(plan, gathered.tenant.consent_mode),
        channels: channels(plan, &gathered.reachable),
        fallback: plan.fallback.clone(),
        pay_within_days: plan.pay_within_days,
        follows: gathered.ladder.after(step),
        again: step > 0,
    })
}

/// Advances a case together with the debtor's others, under all their locks.
///
/// # Errors
///
/// When the database refuses.
pub(super) async fn advance(env: &Env, tenant: TenantId, id: CaseId, partners: Vec<CaseId>) -> Result<Advanced> {
    let mut change = Change::begin(env, tenant, Actor::System).await?;
    let ids: BTreeSet<CaseId> = partners.into_iter().chain([id]).collect();
    let ids: Vec<CaseId> = ids.into_iter().collect();
    let mut cases = case::lock_many(&change, &ids).await?;
    lock_open(&change, &ids).await?;
    let Some(own) = cases.iter().position(|case| case.id == id) else { return Ok(Advanced::Nothing) };
    let looked = look(&mut change, cases.remove(own)).await?;
    let Some(step) = looked.letter else { return act(change, looked).await };
    if looked.gathered.failed_before(&looked.case) {
        // Since it was looked at. It goes alone, without the others' locks: at the next look.
        return Ok(Advanced::Nothing);
    }
    let Some(mut group) = Group::of(&looked.case, &looked.gathered, step) else { return act(change, looked).await };
    let mut members = Vec::new();
    for mut case in cases {
        if case.status != CaseStatus::Active {
            continue;
        }
        let mut gathered = gather(&change, &case).await?;
        let withdrawn = withdraw_expired(&mut change, &mut case, &mut gathered).await?;
        let taken = group.takes(&case, &gathered, &gathered.facts(&case, change.now), change.now);
        if let Some(step) = taken {
            members.push(Due { case, gathered, step });
        } else if withdrawn {
            call_if_due(&mut change, &case);
            case::save(&change, &mut case).await?;
        }
    }
    if members.is_empty() {
        return act(change, looked).await;
    }
    members.push(Due { case: looked.case, gathered: looked.gathered, step });
    // Whoever of them is advanced first, the same case leads.
    members.sort_by_key(|due| due.case.id);
    issue_group(&mut change, &mut members).await?;
    for due in &mut members {
        case::save(&change, &mut due.case).await?;
    }
    change.commit().await?;
    Ok(Advanced::Issued)
}

/// The facts of a case when the hour that it was promised for has come, if that is today, and its letter is to speak for
/// others too: such a letter names no invoice's page.
pub(super) fn today<'a>(facts: &Facts<'a>, now: DateTime<Utc>) -> Facts<'a> {
    let tomorrow = calendar::day_start(facts.zone, calendar::local_date(facts.zone, now) + Days::new(1));
    let promised = facts.next_action_at.filter(|at| *at < tomorrow).map(|at| at.min(now));
    Facts { next_action_at: promised, page: Question::Settled, ..facts.clone() }
}
