//! The case itself, what is owed with the calculation and the rules of each sum, and what was paid.

use std::collections::{BTreeSet, HashMap};

use entity::{
    AgencyId, InvoiceId, Scoped, UserId, agency, charge, charge_payment, collection_case, debtor, handover, invoice, payment,
    policy_revision,
};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use super::{Snapshot, people};
use crate::{
    calendar,
    case::reference,
    claim::{Books, Gap, Line, percent},
    error::Result,
    law, tenant,
};

pub(super) async fn case(snapshot: &Snapshot<'_, impl ConnectionTrait>, row: &collection_case::Model) -> Result<Value> {
    let creditor = tenant::find(snapshot.db, snapshot.tenant).await?;
    let debtor = debtor::Entity::of(snapshot.tenant).filter(debtor::Column::Id.eq(row.debtor_id)).one(snapshot.db).await?;
    let policy = policy_revision::Entity::of(snapshot.tenant)
        .filter(policy_revision::Column::PolicyId.eq(row.policy_id))
        .filter(policy_revision::Column::Revision.eq(row.policy_revision));
    let policy = policy.one(snapshot.db).await?;
    let select = handover::Entity::of(snapshot.tenant).filter(handover::Column::CaseId.eq(snapshot.case));
    let handovers =
        snapshot.rows(select.order_by_asc(handover::Column::CreatedAt).order_by_asc(handover::Column::Id), "hand-overs").await?;
    let names = people::named(snapshot, handovers.iter().map(|row| row.decided_by).chain([row.approved_by])).await?;
    let agencies = agencies(snapshot, &handovers).await?;
    Ok(json!({
        "id": row.id,
        "reference": reference(row.number),
        "status": row.status,
        "holdReason": row.hold_reason,
        "holdUntil": row.hold_until,
        "closeReason": row.close_reason,
        "openedAt": row.opened_at,
        "approvedAt": row.approved_at,
        "approvedBy": row.approved_by.and_then(|id| names.get(&id)),
        "approvedById": row.approved_by,
        "closedAt": row.closed_at,
        "currency": row.currency,
        "principalMinor": row.principal_minor,
        "outstandingMinor": row.outstanding_minor,
        "chargesMinor": row.charges_minor,
        "creditor": {
            "name": creditor.name,
            "legalName": creditor.legal_name,
            "registrationNumber": creditor.registration_number,
            "country": creditor.country,
            "timeZone": creditor.time_zone,
        },
        "debtor": debtor.map(|debtor| debtor_of(&debtor)),
        "policy": policy.map(|policy| json!({ "revision": policy.revision, "ladder": policy.ladder })),
        "handovers": handovers.iter().map(|row| handover_of(row, &names, &agencies)).collect::<Vec<_>>(),
    }))
}

fn debtor_of(row: &debtor::Model) -> Value {
    json!({
        "id": row.id,
        "number": row.external_id,
        "name": row.name,
        "kind": row.kind,
        "email": row.email,
        "phone": row.phone,
        "line1": row.line1,
        "line2": row.line2,
        "postalCode": row.postal_code,
        "city": row.city,
        "region": row.region,
        "country": row.country,
    })
}

/// The agencies' names.
async fn agencies(snapshot: &Snapshot<'_, impl ConnectionTrait>, handovers: &[handover::Model]) -> Result<HashMap<AgencyId, String>> {
    let ids: BTreeSet<AgencyId> = handovers.iter().map(|row| row.agency_id).collect();
    let rows = agency::Entity::of(snapshot.tenant).filter(agency::Column::Id.is_in(ids)).all(snapshot.db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

fn handover_of(row: &handover::Model, names: &HashMap<UserId, String>, agencies: &HashMap<AgencyId, String>) -> Value {
    json!({
        "id": row.id,
        "agency": agencies.get(&row.agency_id),
        "agencyId": row.agency_id,
        "status": row.status,
        "offeredAt": row.offered_at,
        "decideBy": row.decide_by,
        "decidedBy": row.decided_by.and_then(|id| names.get(&id)),
        "decidedById": row.decided_by,
        "confirmedAt": row.confirmed_at,
        "submittedAt": row.submitted_at,
        "acceptedAt": row.accepted_at,
        "outstandingMinor": row.outstanding_minor,
        "batchReference": row.batch_reference,
        "externalReference": row.external_reference,
        "externalStatus": row.external_status,
    })
}

pub(super) async fn claim(snapshot: &Snapshot<'_, impl ConnectionTrait>, row: &collection_case::Model) -> Result<Value> {
    let invoices = invoices(snapshot).await?;
    let select = charge::Entity::of(snapshot.tenant).filter(charge::Column::CaseId.eq(snapshot.case));
    let charges = snapshot.rows(select.order_by_asc(charge::Column::CreatedAt).order_by_asc(charge::Column::Id), "charges").await?;
    let names = people::named(snapshot, charges.iter().map(|row| row.waived_by)).await?;
    let numbers = numbers(&invoices);
    Ok(json!({
        "currency": row.currency,
        "outstandingMinor": row.outstanding_minor,
        "chargesMinor": row.charges_minor,
        "invoices": invoices.iter().map(invoice_of).collect::<Vec<_>>(),
        "charges": charges.iter().map(|row| charge_of(row, &names, &numbers)).collect::<Vec<_>>(),
        "beside": beside(snapshot, row, &numbers).await?,
    }))
}

/// What is owed beside the invoices, line by line, with the calculation of each stretch of interest; null where the
/// creditor charges nothing or has not approved the case. Interest runs through the day on which the case last changed,
/// not the day of asking: the bundle is the same whenever it is made.
async fn beside(
    snapshot: &Snapshot<'_, impl ConnectionTrait>,
    row: &collection_case::Model,
    numbers: &HashMap<InvoiceId, &str>,
) -> Result<Value> {
    if row.approved_at.is_none() {
        return Ok(Value::Null);
    }
    let Some(books) = Books::read(snapshot.db, row).await? else { return Ok(Value::Null) };
    let on = calendar::local_date(calendar::zone(&books.tenant.time_zone)?, row.updated_at);
    let claim = books.facts(row).claim(on, None)?;
    Ok(json!({
        "figuresOn": on,
        "ruleRevision": law::revision(&books.tenant.country),
        "openMinor": claim.charges_minor,
        "lines": claim.lines.iter().filter(|line| line.kind.is_beside()).map(|line| line_of(line, numbers)).collect::<Vec<_>>(),
        "withoutRate": claim.missing.into_iter().map(gap_of).collect::<Vec<_>>(),
    }))
}

fn line_of(line: &Line, numbers: &HashMap<InvoiceId, &str>) -> Value {
    json!({
        "kind": line.kind,
        "invoice": line.invoice,
        "invoiceNumber": line.invoice.and_then(|id| numbers.get(&id)),
        "charge": line.charge,
        "on": line.on,
        "amountMinor": line.amount_minor,
        "calculation": line.calculation.map(|calculation| json!({
            "principalMinor": calculation.principal_minor,
            "percentAYear": percent(calculation.ppm),
            "first": calculation.first,
            "last": calculation.last,
            "days": calculation.days,
            "daysOfYear": calculation.year_days,
        })),
    })
}

fn gap_of(gap: Gap) -> Value {
    json!({ "first": gap.first, "last": gap.last })
}

async fn invoices(snapshot: &Snapshot<'_, impl ConnectionTrait>) -> Result<Vec<invoice::Model>> {
    let select = invoice::Entity::of(snapshot.tenant).filter(invoice::Column::CaseId.eq(snapshot.case));
    snapshot.rows(select.order_by_asc(invoice::Column::IssuedOn).order_by_asc(invoice::Column::Id), "invoices").await
}

/// The invoices' numbers, to stand beside their ids.
fn numbers(invoices: &[invoice::Model]) -> HashMap<InvoiceId, &str> {
    invoices.iter().map(|row| (row.id, row.number.as_str())).collect()
}

fn invoice_of(row: &invoice::Model) -> Value {
    json!({
        "id": row.id,
        "number": row.number,
        "externalId": row.external_id,
        "title": row.title,
        "issuedOn": row.issued_on,
        "dueOn": row.due_on,
        "currency": row.currency,
        "totalMinor": row.total_minor,
        "outstandingMinor": row.outstanding_minor,
        "status": row.status,
        "disputed": row.disputed,
        "paymentReference": row.payment_reference,
    })
}

fn charge_of(row: &charge::Model, names: &HashMap<UserId, String>, numbers: &HashMap<InvoiceId, &str>) -> Value {
    json!({
        "id": row.id,
        "key": row.key,
        "kind": row.kind,
        "invoice": row.invoice_id,
        "invoiceNumber": row.invoice_id.and_then(|id| numbers.get(&id)),
        "letter": row.letter_id,
        "amountMinor": row.amount_minor,
        "currency": row.currency,
        "chargedOn": row.charged_on,
        "ruleRevision": row.rule_revision,
        "calculation": row.calculation,
        "waivedOn": row.waived_on,
        "waivedAt": row.waived_at,
        "waivedBy": row.waived_by.and_then(|id| names.get(&id)),
        "waivedById": row.waived_by,
        "waivedBecause": row.waived_because,
        "waiverNote": row.waiver_note,
    })
}

pub(super) async fn payments(snapshot: &Snapshot<'_, impl ConnectionTrait>) -> Result<Value> {
    let invoices = invoices(snapshot).await?;
    let ids = invoices.iter().map(|invoice| invoice.id);
    let select = payment::Entity::of(snapshot.tenant).filter(payment::Column::InvoiceId.is_in(ids));
    let paid = snapshot.rows(select.order_by_asc(payment::Column::ReceivedOn).order_by_asc(payment::Column::Id), "payments").await?;
    let select = charge_payment::Entity::of(snapshot.tenant).filter(charge_payment::Column::CaseId.eq(snapshot.case));
    let select = select.order_by_asc(charge_payment::Column::ReceivedOn).order_by_asc(charge_payment::Column::Id);
    let beside = snapshot.rows(select, "payments on charges").await?;
    let by = paid.iter().map(|row| row.recorded_by).chain(beside.iter().map(|row| row.recorded_by));
    let (names, numbers) = (people::named(snapshot, by).await?, numbers(&invoices));
    Ok(json!({
        "onInvoices": paid.iter().map(|row| payment_of(row, &names, &numbers)).collect::<Vec<_>>(),
        "onCharges": beside.iter().map(|row| charge_payment_of(row, &names)).collect::<Vec<_>>(),
    }))
}

fn payment_of(row: &payment::Model, names: &HashMap<UserId, String>, numbers: &HashMap<InvoiceId, &str>) -> Value {
    json!({
        "id": row.id,
        "invoice": row.invoice_id,
        "invoiceNumber": numbers.get(&row.invoice_id),
        "kind": row.kind,
        "source": row.source,
        "amountMinor": row.amount_minor,
        "currency": row.currency,
        "receivedOn": row.received_on,
        "reconciled": row.reconciled,
        "reversedAt": row.reversed_at,
        "reference": row.reference,
        "knownSince": row.created_at,
        "recordedBy": row.recorded_by.and_then(|id| names.get(&id)),
        "recordedById": row.recorded_by,
    })
}

fn charge_payment_of(row: &charge_payment::Model, names: &HashMap<UserId, String>) -> Value {
    json!({
        "id": row.id,
        "amountMinor": row.amount_minor,
        "currency": row.currency,
        "receivedOn": row.received_on,
        "note": row.note,
        "reversedAt": row.reversed_at,
        "knownSince": row.created_at,
        "recordedBy": row.recorded_by.and_then(|id| names.get(&id)),
        "recordedById": row.recorded_by,
    })
}
