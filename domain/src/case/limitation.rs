//! Claims that near the end of their limitation period: the creditor is warned in time, whether the case is chased, waits
//! for a person, rests or is an agency's. That nothing is chased after the end is a gate of [`crate::escalation`].

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use entity::{CaseId, CaseStatus, InvoiceId, InvoiceStatus, Scoped, collection_case, debtor, invoice, tenant};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::row::{lock, save};
use crate::{
    actor::Actor,
    calendar::{self, Place},
    change::Change,
    env::Env,
    error::{Error, Result},
    event::{Happened, kind},
    law::{self, Limit, Pack},
};

/// Most invoices that are looked at in one statement.
const PAGE: usize = 500;

/// Cases that a creditor works, or lets an agency work.
const WORKED: [CaseStatus; 4] = [CaseStatus::Active, CaseStatus::OnHold, CaseStatus::AwaitingHandover, CaseStatus::HandedOver];

/// Warns of every case with an invoice that nears its last day or passed it, once for each last day; returns how many
/// warnings there were. Run twice, it warns once.
///
/// # Errors
///
/// When the database fails; what was warned of before stays so.
pub async fn warn_of_limitation(env: &Env) -> Result<u64> {
    let mut warned = 0;
    for pack in law::packs().iter().filter(|pack| !pack.limitation.is_empty()) {
        for tenant in creditors_in(env, pack).await? {
            warned += Watch::new(env, pack, tenant)?.run().await?;
        }
    }
    Ok(warned)
}

#[expect(clippy::disallowed_methods, reason = "the sweep serves all tenants of a country, one after the other")]
async fn creditors_in(env: &Env, pack: &Pack) -> Result<Vec<tenant::Model>> {
    Ok(tenant::Entity::find().filter(tenant::Column::Country.eq(pack.country.as_str())).all(&env.db).await?)
}

/// An open invoice of a case: when it fell due, and when it was first seen.
type Open = (NaiveDate, DateTime<Utc>);

/// One tenant's old claims.
struct Watch<'a> {
    env: &'a Env,
    pack: &'static Pack,
    tenant: tenant::Model,
    zone: Tz,
    today: NaiveDate,
}

impl<'a> Watch<'a> {
    fn new(env: &'a Env, pack: &'static Pack, tenant: tenant::Model) -> Result<Self> {
        let zone = calendar::zone(&tenant.time_zone)?;
        Ok(Self { env, pack, zone, today: calendar::local_date(zone, env.now()), tenant })
    }

    /// Looks through the old invoices, oldest first.
    async fn run(&self) -> Result<u64> {
        let Some(reach) = law::limitation_reach(self.pack, self.today) else { return Ok(0) };
        let (mut warned, mut after) = (0, None);
        loop {
            let page = self.page(reach, after).await?;
            let mut by_case: BTreeMap<CaseId, Vec<Open>> = BTreeMap::new();
            for (due_on, _, case, seen_at) in &page {
                by_case.entry(*case).or_default().push((*due_on, *seen_at));
            }
            for case in self.near(by_case).await? {
                warned += u64::from(self.warn(case).await?);
            }
            if page.len() < PAGE {
                return Ok(warned);
            }
            after = page.last().map(|(due_on, invoice, _, _)| (*due_on, *invoice));
        }
    }

    /// Open invoices of cases that fell due on a day or before it, behind those that were looked at.
    async fn page(
        &self,
        reach: NaiveDate,
        after: Option<(NaiveDate, InvoiceId)>,
    ) -> Result<Vec<(NaiveDate, InvoiceId, CaseId, DateTime<Utc>)>> {
        use invoice::Column::{CaseId, CreatedAt, DueOn, Id};
        let mut select = invoice::Entity::of(self.tenant.id)
            .select_only()
            .columns([DueOn, Id, CaseId, CreatedAt])
            .filter(DueOn.lte(reach))
            .filter(CaseId.is_not_null())
            // Spelled out, as the index has it: a bound word would not find it.
            .filter(Expr::cust("status = 'open'"));
        if let Some((due_on, id)) = after {
            select = select.filter(Condition::any().add(DueOn.gt(due_on)).add(Condition::all().add(DueOn.eq(due_on)).add(Id.gt(id))));
        }
        Ok(select.order_by_asc(DueOn).order_by_asc(Id).limit(PAGE as u64).into_tuple().all(&self.env.db).await?)
    }

    /// Those of the cases that look as if they were to be warned of.
    async fn near(&self, by_case: BTreeMap<CaseId, Vec<Open>>) -> Result<Vec<CaseId>> {
        let cases = collection_case::Entity::of(self.tenant.id).filter(collection_case::Column::Id.is_in(by_case.keys().copied()));
        let cases = cases.filter(collection_case::Column::Status.is_in(WORKED)).all(&self.env.db).await?;
        let debtors = debtor::Entity::of(self.tenant.id).filter(debtor::Column::Id.is_in(cases.iter().map(|case| case.debtor_id)));
        let debtors = debtors.all(&self.env.db).await?;
        let whose = |case: &collection_case::Model| debtors.iter().find(|debtor| debtor.id == case.debtor_id);
        let near = cases
            .iter()
            .filter(|case| whose(case).zip(by_case.get(&case.id)).is_some_and(|(debtor, open)| self.untold(case, debtor, open).is_some()));
        Ok(near.map(|case| case.id).collect())
    }

    /// The last day, of those that are near and were not warned of, that comes first.
    fn untold(&self, case: &collection_case::Model, debtor: &debtor::Model, open: &[Open]) -> Option<Limit> {
        let region = Place::of_debtor(debtor, &self.tenant.country, self.zone).region_in(&self.pack.country);
        let limits = open.iter().filter_map(|(due_on, seen_at)| Some((law::limitation(self.pack, region, *due_on)?, *seen_at)));
        let near = limits.filter(|(limit, _)| limit.warn_on <= self.today);
        // A warning told of all that was near and known by then.
        let told = |limit: &Limit, seen_at: DateTime<Utc>| {
            case.limitation_warned_at.is_some_and(|at| at >= seen_at && calendar::local_date(self.zone, at) >= limit.warn_on)
        };
        near.filter(|(limit, seen_at)| !told(limit, *seen_at)).map(|(limit, _)| limit).min_by_key(|limit| limit.ends_on)
    }

    /// Warns of a case, if that is still true under its lock.
    async fn warn(&self, id: CaseId) -> Result<bool> {
        let mut change = Change::begin(self.env, self.tenant.id, Actor::System).await?;
        let mut case = lock(&change, id).await?;
        if !WORKED.contains(&case.status) {
            return Ok(false);
        }
        let debtor = debtor::Entity::of(change.tenant).filter(debtor::Column::Id.eq(case.debtor_id)).one(&change.tx).await?;
        let debtor = debtor.ok_or_else(|| Error::Bug(format!("case {id} without its debtor")))?;
        let open = open(&change, id).await?;
        let Some(limit) = self.untold(&case, &debtor, &open) else { return Ok(false) };
        case.limitation_warned_at = Some(change.now);
        change.record(Happened::new(kind::LIMITATION_NEAR).case(&case).with("lastDay", limit.ends_on.to_string()));
        save(&change, &mut case).await?;
        change.commit().await?;
        Ok(true)
    }
}

async fn open(change: &Change<'_>, case: CaseId) -> Result<Vec<Open>> {
    let select = invoice::Entity::of(change.tenant).select_only().columns([invoice::Column::DueOn, invoice::Column::CreatedAt]);
    let select = select.filter(invoice::Column::CaseId.eq(case)).filter(invoice::Column::Status.eq(InvoiceStatus::Open));
    Ok(select.into_tuple().all(&change.tx).await?)
}
