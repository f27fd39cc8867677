//! Reading a portfolio: a handful of statements for each few thousand cases, whatever their number.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::Hash,
    sync::Arc,
};

use chrono::{DateTime, Days, TimeDelta, Utc};
use entity::{
    CaseId, CaseStatus, DebtorId, InvoiceId, PolicyId, Scoped, TenantId, collection_case, debtor, integration, invoice, payment,
    suppression, tenant,
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, QueryFilter, QueryOrder, QuerySelect, Select};

use super::{
    Along, MAX_CASES,
    run::{Portfolio, Simulated},
};
use crate::{
    RefusalCode, calendar,
    delivery::{self, Home, Unusable},
    error::{Error, Refusal, Result},
    escalation::{
        Contact, Gathered, contacts,
        facts::{Letters, Rows, read_letters},
    },
    policy::{self, Ladder},
};

/// Ids in one statement, far below the databases' limits of bound values.
const CHUNK: usize = 2_000;

/// Reads everything that a dry run needs.
pub(super) async fn portfolio(
    db: &DatabaseConnection,
    id: TenantId,
    select: Select<collection_case::Entity>,
    along: &Along,
    now: DateTime<Utc>,
) -> Result<Portfolio> {
    let mut tenant = crate::tenant::find(db, id).await?;
    tenant.automatic_actions = true;
    let tenant = Arc::new(tenant);
    let cases = cases(db, id, select).await?;
    let ladders = ladders(db, id, &cases, along).await?;
    let mut books = Books::read(db, &tenant, &cases, now).await?;
    let mut simulated = Vec::with_capacity(cases.len());
    for mut case in cases {
        let ladder = ladders.of(&case)?;
        let (root, rows) = books.rows(&case)?;
        let mut gathered = Gathered::of(tenant.clone(), ladder, rows, now)?;
        begin(&mut case, &gathered, now);
        gathered.letters.under_way = false;
        gathered.look_for_missing(&case, now)?;
        simulated.push(Simulated { case, gathered, debtor: root, postponed: None, looks: 0 });
    }
    Ok(Portfolio { cases: simulated, contacts: books.contacts })
}

/// Proposals are approved now, holds end when they should, letters and tasks under way go on now.
fn begin(case: &mut collection_case::Model, gathered: &Gathered, now: DateTime<Utc>) {
    case.next_action_at = match case.status {
        CaseStatus::Proposed => Some(gathered.times().step_due(0, now)),
        CaseStatus::OnHold => case.hold_until.map(|until| calendar::day_start(gathered.tenant_zone, until + Days::new(1))),
        _ => case.next_action_at.or(Some(now)),
    };
    case.status = CaseStatus::Active;
}

async fn cases(db: &DatabaseConnection, tenant: TenantId, select: Select<collection_case::Entity>) -> Result<Vec<collection_case::Model>> {
    use collection_case::Column;
    let held = Condition::all().add(Column::Status.eq(CaseStatus::OnHold)).add(Column::StatusBeforeHold.eq(CaseStatus::Active));
    let moving = Condition::any().add(Column::Status.is_in([CaseStatus::Proposed, CaseStatus::Active])).add(held);
    let select = select.filter(Column::TenantId.eq(tenant)).filter(moving).filter(Column::OutstandingMinor.gt(0));
    let cases = select.order_by_asc(Column::Id).limit(MAX_CASES as u64 + 1).all(db).await?;
    if cases.len() > MAX_CASES {
        return Err(Refusal::new(RefusalCode::LimitExceeded, format!("at most {MAX_CASES} cases in one dry run")).at("where").into());
    }
    Ok(cases)
}

/// The ladders of the cases.
enum Ladders {
    One(Arc<Ladder>),
    Own(BTreeMap<(PolicyId, i32), Arc<Ladder>>),
}

impl Ladders {
    fn of(&self, case: &collection_case::Model) -> Result<Arc<Ladder>> {
        match self {
            Self::One(ladder) => Ok(ladder.clone()),
            Self::Own(by) => {
                by.get(&(case.policy_id, case.policy_revision)).cloned().ok_or_else(|| Error::Bug("a case without its ladder".into()))
            }
        }
    }
}

async fn ladders(db: &DatabaseConnection, tenant: TenantId, cases: &[collection_case::Model], along: &Along) -> Result<Ladders> {
    match along {
        Along::Draft(ladder) => Ok(Ladders::One(Arc::new((**ladder).clone()))),
        Along::Policy(id) => {
            let found = entity::escalation_policy::Entity::of(tenant).filter(entity::escalation_policy::Column::Id.eq(*id)).one(db).await?;
            let row = found.ok_or_else(|| Refusal::not_found("policy").at("policyId"))?;
            Ok(Ladders::One(Arc::new(policy::ladder_of(db, tenant, row.id, row.revision).await?)))
        }
        Along::Own => {
            let wanted: BTreeSet<(PolicyId, i32)> = cases.iter().map(|case| (case.policy_id, case.policy_revision)).collect();
            let mut by = BTreeMap::new();
            for (id, revision) in wanted {
                by.insert((id, revision), Arc::new(policy::ladder_of(db, tenant, id, revision).await?));
            }
            Ok(Ladders::Own(by))
        }
    }
}

/// The rows around the cases.
struct Books {
    home: Home,
    debtors: HashMap<DebtorId, debtor::Model>,
    integrations: HashMap<entity::IntegrationId, Arc<integration::Model>>,
    invoices: HashMap<CaseId, Vec<invoice::Model>>,
    payments: HashMap<InvoiceId, Vec<payment::Model>>,
    letters: HashMap<CaseId, Letters>,
    suppressed: HashMap<String, Vec<suppression::Model>>,
    contacts: HashMap<DebtorId, Vec<Contact>>,
}

impl Books {
    async fn read(db: &DatabaseConnection, tenant: &tenant::Model, cases: &[collection_case::Model], now: DateTime<Utc>) -> Result<Self> {
        let id = tenant.id;
        let home = Home::of(tenant)?;
        let case_ids: Vec<CaseId> = cases.iter().map(|case| case.id).collect();
        let debtor_ids: Vec<DebtorId> = cases.iter().map(|case| case.debtor_id).collect::<BTreeSet<_>>().into_iter().collect();
        let mut books = Self {
            debtors: HashMap::new(),
            integrations: integrations(db, id).await?,
            invoices: HashMap::new(),
            payments: HashMap::new(),
            letters: HashMap::new(),
            suppressed: HashMap::new(),
            contacts: HashMap::new(),
            home,
        };
        for chunk in debtor_ids.chunks(CHUNK) {
            let rows = debtor::Entity::of(id).filter(debtor::Column::Id.is_in(chunk.iter().copied())).all(db).await?;
            books.debtors.extend(rows.into_iter().map(|row| (row.id, row)));
        }
        for chunk in case_ids.chunks(CHUNK) {
            let select = invoice::Entity::of(id).filter(invoice::Column::CaseId.is_in(chunk.iter().copied()));
            let rows = select.order_by_asc(invoice::Column::DueOn).order_by_asc(invoice::Column::Id).all(db).await?;
            by(&mut books.invoices, rows, |row| row.case_id);
            books.letters.extend(read_letters(db, id, chunk, now).await?);
        }
        books.read_payments(db, id).await?;
        books.read_suppressed(db, id).await?;
        books.read_contacts(db, id, now).await?;
        Ok(books)
    }

    async fn read_payments(&mut self, db: &DatabaseConnection, tenant: TenantId) -> Result<()> {
        let ids: Vec<InvoiceId> = self.invoices.values().flatten().map(|row| row.id).collect();
        for chunk in ids.chunks(CHUNK) {
            let select = payment::Entity::of(tenant).filter(payment::Column::InvoiceId.is_in(chunk.iter().copied()));
            let rows = select.filter(payment::Column::ReversedAt.is_null()).filter(payment::Column::Reconciled.eq(false)).all(db).await?;
            by(&mut self.payments, rows, |row| Some(row.invoice_id));
        }
        Ok(())
    }

    async fn read_suppressed(&mut self, db: &DatabaseConnection, tenant: TenantId) -> Result<()> {
        let addresses: Vec<String> = self.debtors.values().flat_map(|debtor| delivery::addresses(debtor, &self.home)).collect();
        for chunk in addresses.chunks(CHUNK) {
            let rows = delivery::in_force(db, tenant, chunk).await?.into_rows();
            by(&mut self.suppressed, rows, |row| Some(row.address.clone()));
        }
        Ok(())
    }

    /// What was sent is counted; what is about to leave is simulated itself.
    async fn read_contacts(&mut self, db: &impl ConnectionTrait, tenant: TenantId, now: DateTime<Utc>) -> Result<()> {
        let roots: Vec<DebtorId> = self.debtors.values().map(contacts::root).collect();
        let mut root_of: HashMap<DebtorId, DebtorId> = self.debtors.values().map(|debtor| (debtor.id, contacts::root(debtor))).collect();
        for chunk in roots.chunks(CHUNK) {
            let merged = debtor::Entity::of(tenant).filter(debtor::Column::MergedInto.is_in(chunk.iter().copied()));
            let merged = merged.select_only().column(debtor::Column::Id).column(debtor::Column::MergedInto);
            let merged: Vec<(DebtorId, Option<DebtorId>)> = merged.into_tuple().all(db).await?;
            root_of.extend(merged.into_iter().filter_map(|(id, root)| Some((id, root?))));
            root_of.extend(chunk.iter().map(|root| (*root, *root)));
        }
        let ids: Vec<DebtorId> = root_of.keys().copied().collect();
        // As far back as any limit reaches.
        let since = now - TimeDelta::days(contacts::MOST_REACH);
        for chunk in ids.chunks(CHUNK) {
            let calls = contacts::tasks(db, tenant, contacts::Of::Debtors(chunk), since).await?;
            let calls = calls.into_iter().filter_map(|task| Some((task.debtor_id, task.contact()?)));
            let letters = contacts::letters(db, tenant, contacts::Of::Debtors(chunk), since, now).await?;
            for (debtor, contact) in letters.into_iter().filter(|(_, letter)| !letter.planned).chain(calls) {
                let root = root_of.get(&debtor).copied().unwrap_or(debtor);
                self.contacts.entry(root).or_default().push(contact);
            }
        }
        Ok(())
    }

    /// The rows of one case, and the debtor that its contacts are counted for.
    fn rows(&mut self, case: &collection_case::Model) -> Result<(DebtorId, Rows)> {
        let gone = |what: &str| Error::Bug(format!("case {} without its {what}", case.id));
        let debtor = self.debtors.get(&case.debtor_id).cloned().ok_or_else(|| gone("debtor"))?;
        let invoices = self.invoices.remove(&case.id).unwrap_or_default();
        let suppressed =
            delivery::addresses(&debtor, &self.home).iter().filter_map(|address| self.suppressed.get(address)).flatten().cloned().collect();
        let rows = Rows {
            unusable: Unusable::new(suppressed),
            home: self.home.clone(),
            integration: self.integrations.get(&case.integration_id).cloned().ok_or_else(|| gone("integration"))?,
            payments: invoices.iter().filter_map(|row| self.payments.remove(&row.id)).flatten().collect(),
            invoices,
            letters: self.letters.remove(&case.id).unwrap_or_default(),
            debtor,
        };
        Ok((contacts::root(&rows.debtor), rows))
    }
}

async fn integrations(db: &DatabaseConnection, tenant: TenantId) -> Result<HashMap<entity::IntegrationId, Arc<integration::Model>>> {
    let rows = integration::Entity::of(tenant).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, Arc::new(row))).collect())
}

fn by<K: Eq + Hash, T>(map: &mut HashMap<K, Vec<T>>, rows: Vec<T>, key: impl Fn(&T) -> Option<K>) {
    for row in rows {
        if let Some(key) = key(&row) {
            map.entry(key).or_default().push(row);
        }
    }
}
