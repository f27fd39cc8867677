//! One page, one transaction: debtors, invoices, payments, the cases that they change, the problems, the counters and
//! the position to go on from. A page taken twice changes nothing the second time: the position is the fence.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{
    CaseId, DebtorId, IntegrationStatus, InvoiceId, Scoped, SyncRunId, SyncStatus, TenantId, collection_case, integration, invoice,
    sync_issue, sync_run,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{debtors, invoices, payments};
use crate::{
    RefusalCode,
    actor::Actor,
    case::{self, lock_many},
    change::Change,
    digest::hex,
    env::Env,
    error::Result,
    event::{Happened, kind},
    integration as integrations,
    port::{InvoiceSnapshot, Page, PaymentSnapshot, Problem},
    tenant,
};

/// Problems kept per run; the rest is only counted.
pub const MAX_ISSUES: i64 = 1_000;

/// Ids per SELECT, far below the databases' limits of bound values.
pub(super) const LOOKUP_CHUNK: usize = 5_000;

/// What taking a page did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It was taken; go on.
    Yes,
    /// Somebody else moved the run on, or ended it: stop.
    Overtaken,
    /// The integration was paused or disconnected meanwhile: end the run.
    Stopped,
}

/// What a page brought.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) invoices_seen: i64,
    pub(super) invoices_new: i64,
    pub(super) invoices_updated: i64,
    pub(super) invoices_unchanged: i64,
    pub(super) payments_new: i64,
    pub(super) payments_updated: i64,
    pub(super) debtors_new: i64,
    pub(super) debtors_updated: i64,
    pub(super) cases_closed: i64,
}

/// Digest of what the accounting system said, to see changes.
pub(super) fn digest(value: &impl Serialize) -> Result<String> {
    Ok(hex(&Sha256::digest(serde_json::to_vec(value)?)[..16]))
}

/// Takes a page over.
///
/// # Errors
///
/// When the database refuses.
pub async fn take_page(env: &Env, tenant_id: TenantId, run_id: SyncRunId, from: Option<&str>, page: Page) -> Result<Taken> {
    let mut change = Change::begin(env, tenant_id, Actor::Provider).await?;
    let Some(mut run) = lock_run(&change, run_id).await? else { return Ok(Taken::Overtaken) };
    if run.status != SyncStatus::Running || run.position.as_deref() != from {
        return Ok(Taken::Overtaken);
    }
    let mut row = integrations::lock(&change, run.integration_id).await?;
    if run.upload_id.is_none() && row.status != IntegrationStatus::Active {
        return Ok(Taken::Stopped);
    }
    let currency = tenant::find(&change.tx, tenant_id).await?.currency;
    let mut counts = Counts::default();
    let mut problems = page.problems;
    let books = Books { integration: &row, currency: &currency, asked: run.upload_id.is_none() };
    write(&mut change, &books, &page.records, &mut counts, &mut problems).await?;
    if let Some(account) = page.account {
        row.account = Some(serde_json::to_value(account)?);
        integrations::save(&change, &mut row).await?;
    }
    keep_problems(&change, &run, &problems).await?;
    count(&mut run, &counts, i64::try_from(problems.len()).unwrap_or(i64::MAX));
    run.position = Some(page.position);
    run.mark = page.mark.or(run.mark.take());
    run.attempts = 0;
    run.rows_done = i64::try_from(page.rows_done).unwrap_or(i64::MAX);
    run.bytes_done = i64::try_from(page.bytes_done).unwrap_or(i64::MAX);
    save_run(&change, &run).await?;
    change.record(Happened::new(kind::SYNC_PROGRESSED).run(&run).with("rowsDone", run.rows_done));
    change.commit().await?;
    Ok(Taken::Yes)
}

/// Locks and reads a run.
pub(super) async fn lock_run(change: &Change<'_>, id: SyncRunId) -> Result<Option<sync_run::Model>> {
    let select = sync_run::Entity::of(change.tenant).filter(sync_run::Column::Id.eq(id));
    Ok(select.lock_exclusive().one(&change.tx).await?)
}

/// Saves a locked run.
pub(super) async fn save_run(change: &Change<'_>, run: &sync_run::Model) -> Result<()> {
    run.clone().into_active_model().reset_all().update(&change.tx).await?;
    Ok(())
}

/// Whose books a page comes from.
pub(super) struct Books<'b> {
    pub(super) integration: &'b integration::Model,
    /// The tenant's currency.
    pub(super) currency: &'b str,
    /// They were asked, not handed in as a file: what they told is as fresh as the page.
    pub(super) asked: bool,
}

async fn write(
    change: &mut Change<'_>,
    books: &Books<'_>,
    records: &[crate::port::Record],
    counts: &mut Counts,
    problems: &mut Vec<Problem>,
) -> Result<()> {
    let (integration, currency) = (books.integration.id, books.currency);
    let debtors = debtors::take(change, books, records, counts).await?;
    let mut paid: BTreeMap<&str, (&PaymentSnapshot, Option<u64>)> =
        records.iter().filter_map(|r| r.payment.as_ref().map(|p| (p.external_id.as_str(), (p, r.row)))).collect();
    let told = records.iter().filter_map(|r| r.invoice.as_ref().map(|i| i.external_id.as_str()));
    let keys: BTreeSet<&str> = told.chain(paid.values().map(|(p, _)| p.invoice_external_id.as_str())).collect();
    let keys: Vec<&str> = keys.into_iter().collect();
    let mut known = invoices::known(change, integration, &keys).await?;
    let cases: BTreeSet<CaseId> = known.values().filter_map(|row| row.case_id).collect();
    let mut cases = lock_many(change, &cases.into_iter().collect::<Vec<_>>()).await?;
    if !cases.is_empty() {
        // As they are under their cases' locks: a person may have given one up while this page waited.
        known = invoices::known(change, integration, &keys).await?;
    }
    let mut wanted = with_debtors(books, records, &debtors, &known, counts, problems);
    if books.asked {
        paid.retain(|_, (p, _)| known.contains_key(&p.invoice_external_id) || wanted.contains_key(p.invoice_external_id.as_str()));
    }
    let rows: BTreeMap<&str, Option<u64>> =
        records.iter().filter_map(|r| r.invoice.as_ref().map(|i| (i.external_id.as_str(), r.row))).collect();
    wanted.retain(|key, (snapshot, debtor)| {
        let Some(misfit) = invoices::misfit(snapshot, *debtor, currency, known.get(*key), &cases) else { return true };
        let external_id = Some((*key).to_owned());
        let row = rows.get(key).copied().flatten();
        problems.push(Problem { row, column: None, external_id, code: misfit.code.as_str().into(), message: misfit.message });
        // What it says of the money still counts: a letter must not go out because a contact was changed.
        misfit.stays_with.is_some_and(|stays| {
            *debtor = stays;
            true
        })
    });
    let mut touched = invoices::compare(change, integration, currency, wanted, known, counts)?;
    let all = settled_by(records, &touched);
    let compared = payments::compare(change, integration, paid, &touched, &all, counts, problems).await?;
    compared.rebalance(&mut touched);
    tell_payments(change, &cases, &touched, &compared);
    invoices::write_all(change, &touched).await?;
    if books.asked {
        invoices::mark_checked(change, &touched).await?;
    }
    compared.write_all(change).await?;
    settle_changed(change, &mut cases, &touched, counts).await
}

/// Settles the cases whose invoices changed.
async fn settle_changed(
    change: &mut Change<'_>,
    cases: &mut [collection_case::Model],
    touched: &BTreeMap<String, invoices::Touched>,
    counts: &mut Counts,
) -> Result<()> {
    let changed: BTreeSet<CaseId> = touched.values().filter(|t| t.dirty).filter_map(|t| t.row.case_id).collect();
    for case in cases.iter_mut().filter(|case| changed.contains(&case.id)) {
        let open_before = case.closed_at.is_none();
        case::settle(change, case).await?;
        counts.cases_closed += i64::from(open_before && case.closed_at.is_some());
    }
    Ok(())
}

/// The page's invoices, each with who owes it; one without anybody is a problem.
fn with_debtors<'r>(
    books: &Books<'_>,
    records: &'r [crate::port::Record],
    debtors: &HashMap<String, DebtorId>,
    known: &HashMap<String, invoice::Model>,
    counts: &mut Counts,
    problems: &mut Vec<Problem>,
) -> BTreeMap<&'r str, (&'r InvoiceSnapshot, DebtorId)> {
    let mut wanted = BTreeMap::new();
    for record in records {
        let Some(invoice) = &record.invoice else { continue };
        counts.invoices_seen += 1;
        let debtor = match &record.debtor {
            Some(debtor) => debtors.get(&debtor.external_id).copied(),
            // News of a claim that is known: it stays with its debtor.
            None => known.get(&invoice.external_id).map(|row| row.debtor_id),
        };
        match debtor {
            Some(debtor) => {
                wanted.insert(invoice.external_id.as_str(), (invoice, debtor));
            }
            // Books tell every change, also of invoices that were never a claim here.
            None if books.asked && record.debtor.is_none() => {}
            None => problems.push(without_debtor(record.row, &invoice.external_id)),
        }
    }
    wanted
}

/// By invoice, all that settles it now, where the source told all.
fn settled_by<'r>(records: &'r [crate::port::Record], touched: &BTreeMap<String, invoices::Touched>) -> HashMap<InvoiceId, &'r [String]> {
    let told = records.iter().filter_map(|r| r.invoice.as_ref());
    told.filter_map(|i| Some((touched.get(&i.external_id)?.row.id, i.settled_by.as_deref()?))).collect()
}

fn without_debtor(row: Option<u64>, external_id: &str) -> Problem {
    Problem {
        row,
        column: None,
        external_id: Some(external_id.to_owned()),
        code: RefusalCode::Required.as_str().into(),
        message: "the invoice names no debtor".into(),
    }
}

/// One event per payment that counts on a case.
fn tell_payments(
    change: &mut Change<'_>,
    cases: &[entity::collection_case::Model],
    touched: &BTreeMap<String, invoices::Touched>,
    compared: &payments::Compared,
) {
    let case_of: BTreeMap<_, _> = touched.values().filter_map(|t| Some((t.row.id, t.row.case_id?))).collect();
    for (invoice, payment, amount) in &compared.news {
        let Some(case) = case_of.get(invoice).and_then(|id| cases.iter().find(|case| case.id == *id)) else { continue };
        let (event, amount) = if *amount >= 0 { (kind::PAYMENT_RECORDED, *amount) } else { (kind::PAYMENT_REVERSED, -amount) };
        change.record(Happened::new(event).case(case).subject(payment.0).with("amountMinor", amount));
    }
}

async fn keep_problems(change: &Change<'_>, run: &sync_run::Model, problems: &[Problem]) -> Result<()> {
    let room = usize::try_from(MAX_ISSUES - run.rows_failed).unwrap_or(0);
    let rows: Vec<_> = problems
        .iter()
        .take(room)
        .map(|problem| {
            let row = sync_issue::Model {
                tenant_id: change.tenant,
                id: change.env.new_id(),
                run_id: run.id,
                row_number: problem.row.and_then(|n| i64::try_from(n).ok()),
                column_name: problem.column.clone(),
                external_id: problem.external_id.clone(),
                code: problem.code.clone(),
                message: problem.message.clone(),
            };
            row.into_active_model().reset_all()
        })
        .collect();
    if !rows.is_empty() {
        sync_issue::Entity::insert_many(rows).exec_without_returning(&change.tx).await?;
    }
    Ok(())
}

fn count(run: &mut sync_run::Model, counts: &Counts, failed: i64) {
    run.invoices_seen += counts.invoices_seen;
    run.invoices_new += counts.invoices_new;
    run.invoices_updated += counts.invoices_updated;
    run.invoices_unchanged += counts.invoices_unchanged;
    run.payments_new += counts.payments_new;
    run.payments_updated += counts.payments_updated;
    run.debtors_new += counts.debtors_new;
    run.debtors_updated += counts.debtors_updated;
    run.cases_closed += counts.cases_closed;
    run.rows_failed += failed;
}
