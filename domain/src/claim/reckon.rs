//! Reading a case's whole claim, and keeping its row in line with it.

use entity::{CloseReason, InvoiceStatus, LetterKind, LetterStatus, Scoped, collection_case, debtor, invoice, letter, payment, tenant};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder};

use super::{
    known::{Facts, Known},
    lines::State,
};
use crate::{
    calendar,
    change::Change,
    error::{Error, Result},
    letter::LetterFacts,
    tenant as tenants,
};

/// Everything that a claim is computed from, as rows.
pub(crate) struct Books {
    pub(crate) tenant: tenant::Model,
    pub(crate) debtor: debtor::Model,
    pub(crate) invoices: Vec<invoice::Model>,
    pub(crate) payments: Vec<payment::Model>,
    pub(crate) known: Known,
}

impl Books {
    /// Reads it; none when the tenant never charged anything.
    pub(crate) async fn read(db: &impl ConnectionTrait, case: &collection_case::Model) -> Result<Option<Self>> {
        let id = case.tenant_id;
        let tenant = tenants::find(db, id).await?;
        if !super::in_use(&tenant) {
            return Ok(None);
        }
        let debtor = debtor::Entity::of(id).filter(debtor::Column::Id.eq(case.debtor_id)).one(db).await?;
        let invoices =
            invoice::Entity::of(id).filter(invoice::Column::CaseId.eq(case.id)).order_by_asc(invoice::Column::Id).all(db).await?;
        let payments = payment::Entity::of(id).filter(payment::Column::InvoiceId.is_in(invoices.iter().map(|i| i.id)));
        Ok(Some(Self {
            debtor: debtor.ok_or_else(|| Error::Bug(format!("case {} without its debtor", case.id)))?,
            payments: payments.filter(payment::Column::ReversedAt.is_null()).all(db).await?,
            known: Known::read(db, &tenant, case.id).await?,
            invoices,
            tenant,
        }))
    }

    pub(crate) fn facts<'a>(&'a self, case: &'a collection_case::Model) -> Facts<'a> {
        let Self { tenant, debtor, invoices, payments, known } = self;
        Facts { tenant, debtor, case, invoices, payments, known }
    }

    /// The claim of the change's day.
    pub(crate) fn today(&self, change: &Change<'_>, case: &collection_case::Model) -> Result<State> {
        let today = calendar::local_date(calendar::zone(&self.tenant.time_zone)?, change.now);
        Ok(self.facts(case).claim(today, None)?)
    }
}

/// Computes what is owed beside the invoices today and writes it into the row, which the caller saves. A case that the
/// creditor has not approved owes nothing beside: nobody asked for it yet.
///
/// # Errors
///
/// When the database refuses, or a sum leaves the range of amounts.
pub(crate) async fn reckon(change: &Change<'_>, case: &mut collection_case::Model) -> Result<Option<Books>> {
    let Some(books) = Books::read(&change.tx, case).await? else { return Ok(None) };
    case.charges_minor = if case.approved_at.is_some() { books.today(change, case)?.charges_minor } else { 0 };
    Ok(Some(books))
}

/// What becomes of what is open beside invoices that are settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Nothing is open, or it is given up for this reason: the case closes.
    GiveUp(&'static str),
    /// The case stays open for it.
    Keep,
}

/// Decides on a case whose invoices are settled, and on which something is open beside them. It begins to be kept only
/// where letters can ask for it, because no agency tells what of it came in; one that is kept already stays so when its
/// letters end.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn rest(change: &Change<'_>, case: &collection_case::Model, books: &Books, how: CloseReason, kept: bool) -> Result<Rest> {
    use entity::CaseStatus::{Active, OnHold};
    let before_hold = case.status_before_hold.unwrap_or(Active);
    let letters_go = case.status == Active || case.status == OnHold && before_hold == Active || case.status == entity::CaseStatus::Closed;
    Ok(match how {
        CloseReason::Paid if books.known.settings.gives_up(&case.currency, case.charges_minor) => Rest::GiveUp("RESIDUAL"),
        CloseReason::Paid if !letters_go && !kept => Rest::GiveUp("LETTERS_ENDED"),
        CloseReason::Paid if paid_as_stated(change, case, books).await? => Rest::GiveUp("PAID_AS_STATED"),
        CloseReason::Paid => Rest::Keep,
        // The claim was not justified, or was given up: nothing is owed for being late with it.
        _ => Rest::GiveUp("CLAIM_ENDED"),
    })
}

/// Whether the debtor paid what the last letter asked for, in the time that it gave: interest that ran on meanwhile was
/// never told to the debtor.
async fn paid_as_stated(change: &Change<'_>, case: &collection_case::Model, books: &Books) -> Result<bool> {
    let select = letter::Entity::of(change.tenant).filter(letter::Column::CaseId.eq(case.id));
    let select = select.filter(letter::Column::Status.eq(LetterStatus::Sent)).filter(letter::Column::Kind.is_in(LetterKind::of_arrears()));
    let Some(last) = select.order_by_desc(letter::Column::SentAt).one(&change.tx).await? else { return Ok(false) };
    let stated: LetterFacts = serde_json::from_value(last.facts)?;
    let money = books.payments.iter().filter(|p| p.reconciled).map(|p| p.received_on);
    let last_money = money.chain(books.known.received.iter().map(|row| row.received_on)).max();
    let in_time = last_money.is_some_and(|on| on <= stated.pay_by);
    Ok(in_time && books.facts(case).claim(stated.figures_on.unwrap_or(stated.dated_on), None)?.charges_minor == 0)
}

/// How a case ends whose invoices are settled, by what settled them.
pub(crate) fn settled_by(invoices: &[invoice::Model]) -> CloseReason {
    let is = |status| invoices.iter().any(|invoice| invoice.status == status);
    match () {
        () if is(InvoiceStatus::Paid) => CloseReason::Paid,
        () if is(InvoiceStatus::Credited) => CloseReason::Credited,
        () if is(InvoiceStatus::WrittenOff) => CloseReason::WrittenOff,
        () => CloseReason::Withdrawn,
    }
}
