//! The claim as it is handed over: frozen from what was read under the case's lock.

use entity::{InvoiceStatus, LetterStatus, Scoped, collection_case, handover, letter};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use crate::{
    calendar, case,
    change::Change,
    claim::Line,
    error::Result,
    escalation::Gathered,
    port::agency::{Claim, ClaimCharge, ClaimCreditor, ClaimDebtor, ClaimInvoice, ClaimLetter},
};

/// Builds it.
pub(super) async fn build(change: &Change<'_>, case: &collection_case::Model, row: &handover::Model, gathered: &Gathered) -> Result<Claim> {
    let (tenant, debtor) = (&gathered.tenant, &gathered.debtor);
    let open = gathered.invoices.iter().filter(|invoice| invoice.status == InvoiceStatus::Open);
    Ok(Claim {
        handover: row.id,
        reference: case::reference(case.number),
        creditor: ClaimCreditor {
            name: tenant.legal_name.clone().unwrap_or_else(|| tenant.name.clone()),
            registration_number: tenant.registration_number.clone(),
            email: tenant.email.clone(),
        },
        debtor: ClaimDebtor {
            number: debtor.external_id.clone(),
            name: debtor.name.clone(),
            kind: debtor.kind,
            email: debtor.email.clone(),
            phone: debtor.phone.clone(),
            line1: debtor.line1.clone(),
            line2: debtor.line2.clone(),
            postal_code: debtor.postal_code.clone(),
            city: debtor.city.clone(),
            country: debtor.country.clone(),
        },
        invoices: open
            .map(|invoice| ClaimInvoice {
                number: invoice.number.clone(),
                title: invoice.title.clone(),
                issued_on: invoice.issued_on,
                due_on: invoice.due_on,
                total_minor: invoice.total_minor,
                outstanding_minor: invoice.outstanding_minor,
            })
            .collect(),
        letters: letters(change, case).await?,
        currency: case.currency.clone(),
        outstanding_minor: case.outstanding_minor,
        charges: charges(change, case, gathered)?,
    })
}

/// What is claimed beside the invoices today, line by line.
fn charges(change: &Change<'_>, case: &collection_case::Model, gathered: &Gathered) -> Result<Vec<ClaimCharge>> {
    let today = calendar::local_date(gathered.tenant_zone, change.now);
    let number = |id| gathered.invoices.iter().find(|invoice| Some(invoice.id) == id).map(|invoice| invoice.number.clone());
    let state = gathered.claim(case).claim(today, None)?;
    let told = |line: Line| ClaimCharge {
        kind: line.kind,
        invoice: number(line.invoice),
        on: line.on,
        amount_minor: line.amount_minor,
        calculation: line.calculation,
    };
    Ok(state.lines.into_iter().filter(|line| line.kind.is_beside()).map(told).collect())
}

async fn letters(change: &Change<'_>, case: &collection_case::Model) -> Result<Vec<ClaimLetter>> {
    let select = letter::Entity::of(change.tenant).filter(letter::Column::CaseId.eq(case.id));
    let select = select.filter(letter::Column::Status.eq(LetterStatus::Sent)).order_by_asc(letter::Column::SentAt);
    let sent = select.all(&change.tx).await?;
    let told = |row: letter::Model| Some(ClaimLetter { letter: row.id, kind: row.kind, sent_at: row.sent_at? });
    Ok(sent.into_iter().filter_map(told).collect())
}
