//! How often a debtor may be contacted, over all its cases, and how often it was. One letter is one contact a day,
//! whatever its channels; a call that a person made is one too.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use entity::{
    CaseId, DebtorId, DeliveryStatus, LetterId, Scoped, TenantId, WorkTaskId, WorkTaskKind, WorkTaskStatus, collection_case, debtor,
    delivery, work_task,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect,
    Statement,
    sea_query::{Expr, Func, Query, SimpleExpr},
};

use crate::{change::Change, error::Result};

/// The days that a monthly limit looks back on, and so how far contacts are read.
const MONTH_DAYS: u64 = 30;

/// The days that a weekly limit looks back on.
const WEEK_DAYS: u64 = 7;

/// How often a debtor may be contacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Caps {
    /// Fewest days between two contacts; 1 means not twice on a day, 0 no gap.
    pub gap_days: u32,
    /// Most contacts within seven days.
    pub per_week: Option<u32>,
    /// Most contacts within thirty days.
    pub per_month: Option<u32>,
}

impl Caps {
    /// Both limits, the stricter of each.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        let fewer = |a: Option<u32>, b: Option<u32>| a.into_iter().chain(b).min();
        Self {
            gap_days: self.gap_days.max(other.gap_days),
            per_week: fewer(self.per_week, other.per_week),
            per_month: fewer(self.per_month, other.per_month),
        }
    }

    /// Whether there is no limit at all.
    pub fn is_unlimited(&self) -> bool {
        *self == Self::default()
    }

    /// The first day on which the limits allow one more contact, from the days of all contacts so far, newest first,
    /// one entry for each contact; none without contacts that count.
    pub fn opens_on(&self, contacts: &[NaiveDate]) -> Option<NaiveDate> {
        let after = |nth: u32, days: u64| {
            let index = usize::try_from(nth.max(1)).ok()? - 1;
            contacts.get(index)?.checked_add_days(Days::new(days))
        };
        let gap = (self.gap_days > 0).then(|| after(1, self.gap_days.into())).flatten();
        let week = self.per_week.and_then(|most| after(most, WEEK_DAYS));
        let month = self.per_month.and_then(|most| after(most, MONTH_DAYS));
        [gap, week, month].into_iter().flatten().max()
    }
}

/// What was a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Means {
    /// A letter or message.
    Letter(LetterId),
    /// A call that a person made. What came of it is in words: one that nobody answered counts too, to be safe.
    Call(WorkTaskId),
}

/// A contact with a debtor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contact {
    /// By what.
    pub means: Means,
    /// When it left or was made, or is about to.
    pub at: DateTime<Utc>,
    /// It is about to leave: it counts for the next letter, but not for one that is about to leave too.
    pub planned: bool,
}

/// Whose contacts are read.
#[derive(Clone, Copy)]
pub(super) enum Of<'a> {
    /// Those of one case only.
    Case(CaseId),
    /// These debtors'.
    Debtors(&'a [DebtorId]),
}

impl Of<'_> {
    /// Whether a row's case and debtor are among them. Compared with values, not with what a statement within finds: how
    /// many that will be the planner would guess, and read all that ever left to a tenant's debtors rather than look for
    /// each.
    fn among(self, case: impl ColumnTrait, whose: impl ColumnTrait) -> SimpleExpr {
        match self {
            Self::Case(id) => case.eq(id),
            Self::Debtors(ids) => whose.is_in(ids.iter().copied()),
        }
    }
}

/// The debtors whose contacts are counted together with a debtor's: those that were merged into one. Asks nothing where
/// none was merged into it, which who read the debtor knows (see [`was_merged_with`]).
///
/// # Errors
///
/// When the database refuses.
pub(super) async fn together_with(db: &impl ConnectionTrait, debtor: &debtor::Model, merged: bool) -> Result<Vec<DebtorId>> {
    if !merged && debtor.merged_into.is_none() {
        return Ok(vec![debtor.id]);
    }
    let root = root(debtor);
    let counted = Condition::any().add(debtor::Column::Id.eq(root)).add(debtor::Column::MergedInto.eq(root));
    let select = debtor::Entity::of(debtor.tenant_id).select_only().column(debtor::Column::Id).filter(counted);
    Ok(select.into_tuple().all(db).await?)
}

/// Whether another debtor was merged into the one that is read.
pub(super) fn was_merged_with() -> SimpleExpr {
    use sea_orm::sea_query::{Alias, ExprTrait as _};
    let other = Alias::new("other");
    let of = |column| Expr::col((other.clone(), column));
    let found = Query::select()
        .expr(Expr::val(1))
        .from_as(debtor::Entity, other.clone())
        .and_where(of(debtor::Column::TenantId).equals((debtor::Entity, debtor::Column::TenantId)))
        .and_where(of(debtor::Column::MergedInto).equals((debtor::Entity, debtor::Column::Id)))
        .to_owned();
    Expr::exists(found)
}

/// How far back contacts matter.
pub(super) fn since(caps: Caps, now: DateTime<Utc>) -> DateTime<Utc> {
    now - TimeDelta::days(reach(caps))
}

type Row = (Option<DebtorId>, LetterId, DeliveryStatus, Option<DateTime<Utc>>, DateTime<Utc>);

/// The letters since an instant that were sent, are being sent, or are about to be.
///
/// # Errors
///
/// When the database refuses.
pub(super) async fn letters(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    of: Of<'_>,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<(DebtorId, Contact)>> {
    let planned = [DeliveryStatus::Scheduled, DeliveryStatus::ReadyToPost];
    let open = [DeliveryStatus::Sending, DeliveryStatus::Unknown, DeliveryStatus::Scheduled, DeliveryStatus::ReadyToPost];
    let rows: Vec<Row> = delivery::Entity::of(tenant)
        .select_only()
        .columns([delivery::Column::DebtorId, delivery::Column::LetterId, delivery::Column::Status])
        .columns([delivery::Column::SentAt, delivery::Column::UpdatedAt])
        .filter(of.among(delivery::Column::CaseId, delivery::Column::DebtorId))
        // What came back reached nobody.
        .filter(delivery::Column::Status.ne(DeliveryStatus::Bounced))
        .filter(left_since(since, now))
        // The order of the index over a debtor's deliveries, so that no other looks as good.
        .order_by_asc(delivery::Column::SentAt)
        .into_tuple()
        .all(db)
        .await?;
    let contact = |(debtor, letter, status, sent_at, updated_at): Row| {
        if sent_at.is_none() && !open.contains(&status) {
            return None;
        }
        let planned = planned.contains(&status);
        let at = if planned { now } else { sent_at.unwrap_or(updated_at) };
        debtor.map(|debtor| (debtor, Contact { means: Means::Letter(letter), at, planned }))
    };
    Ok(rows.into_iter().filter_map(contact).collect())
}

/// What left since an instant, or did not leave. An expression that no index fits: what is found by its debtor is little,
/// what waits to leave in all is much.
fn left_since(since: DateTime<Utc>, now: DateTime<Utc>) -> SimpleExpr {
    use sea_orm::sea_query::ExprTrait as _;
    Expr::expr(Func::coalesce([delivery::Column::SentAt.into_expr(), Expr::val(now)])).gt(since)
}

/// Something that a person is asked to do, or a call that was made.
#[derive(FromQueryResult)]
pub(super) struct Asked {
    pub(super) debtor_id: DebtorId,
    pub(super) case_id: CaseId,
    id: WorkTaskId,
    /// None while it is open.
    pub(super) done_at: Option<DateTime<Utc>>,
}

impl Asked {
    /// The contact that it was; one that was only asked for is none.
    pub(super) fn contact(&self) -> Option<Contact> {
        self.done_at.map(|at| Contact { means: Means::Call(self.id), at, planned: false })
    }
}

/// What persons are asked to do now, and the calls that they made since an instant.
///
/// # Errors
///
/// When the database refuses.
pub(super) async fn tasks(db: &impl ConnectionTrait, tenant: TenantId, of: Of<'_>, since: DateTime<Utc>) -> Result<Vec<Asked>> {
    let cases = work_task::Entity::belongs_to(collection_case::Entity)
        .from((work_task::Column::TenantId, work_task::Column::CaseId))
        .to((collection_case::Column::TenantId, collection_case::Column::Id));
    let called = Condition::all()
        .add(work_task::Column::Kind.eq(WorkTaskKind::Call))
        .add(work_task::Column::Status.eq(WorkTaskStatus::Done))
        .add(work_task::Column::DoneAt.gt(since));
    Ok(work_task::Entity::of(tenant)
        .select_only()
        .column(collection_case::Column::DebtorId)
        .columns([work_task::Column::CaseId, work_task::Column::Id, work_task::Column::DoneAt])
        .join(JoinType::InnerJoin, cases.into())
        .filter(of.among(work_task::Column::CaseId, collection_case::Column::DebtorId))
        .filter(Condition::any().add(work_task::Column::Status.eq(WorkTaskStatus::Open)).add(called))
        .into_model()
        .all(db)
        .await?)
}

/// The farthest that any limit looks back, in days: the longest gap that a tenant may set, and some.
pub(super) const MOST_REACH: i64 = 95;

/// How many days back contacts matter.
fn reach(caps: Caps) -> i64 {
    // One day more on each side: contacts are counted by the debtor's days.
    i64::from(caps.gap_days).max(i64::try_from(MONTH_DAYS).unwrap_or(30)) + 2
}

/// The debtor that contacts are counted for.
pub(super) fn root(debtor: &debtor::Model) -> DebtorId {
    debtor.merged_into.unwrap_or(debtor.id)
}

/// Lets one transaction at a time count and begin contacts with a debtor, so that two cases in two processes cannot
/// both take the last one. Lock order: cases by id, then their debtor; nobody who holds it locks a case.
///
/// # Errors
///
/// When the database refuses.
pub(super) async fn lock(change: &Change<'_>, debtor: &debtor::Model) -> Result<()> {
    // SQLite has one writer, which this transaction is.
    if change.tx.get_database_backend() == DbBackend::Postgres {
        let key = format!("contact {} {}", change.tenant, root(debtor));
        let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
        change.tx.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [key.into()])).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn day(of_november: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, of_november).unwrap()
    }

    #[test]
    fn the_day_on_which_the_limits_open() {
        let caps = |gap_days, per_week, per_month| Caps { gap_days, per_week, per_month };
        for (caps, contacts, opens) in [
            (caps(0, None, None), vec![day(20)], None),
            (caps(1, None, None), vec![day(20)], Some(day(21))),
            (caps(3, None, None), vec![day(20), day(19)], Some(day(23))),
            (caps(3, None, None), vec![], None),
            // Three a week: the third newest must be seven days ago.
            (caps(0, Some(3), None), vec![day(20), day(19)], None),
            (caps(0, Some(3), None), vec![day(20), day(19), day(15)], Some(day(22))),
            (caps(0, Some(3), None), vec![day(20), day(20), day(20), day(2)], Some(day(27))),
            (caps(0, Some(1), Some(2)), vec![day(20), day(1)], Some(day(27)).max(day(1).checked_add_days(Days::new(30)))),
        ] {
            assert_eq!(caps.opens_on(&contacts), opens, "{caps:?} {contacts:?}");
        }
    }

    #[test]
    fn of_two_limits_the_stricter_counts() {
        let (tenants, packs) =
            (Caps { gap_days: 2, per_week: None, per_month: Some(12) }, Caps { gap_days: 0, per_week: Some(3), per_month: Some(10) });
        assert_eq!(tenants.stricter(packs), Caps { gap_days: 2, per_week: Some(3), per_month: Some(10) });
        assert!(Caps::default().stricter(Caps::default()).is_unlimited());
    }
}
