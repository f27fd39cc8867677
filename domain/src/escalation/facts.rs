//! Reading what the decision and the last gate before sending look at.

use chrono::TimeDelta;
use entity::{
    Channel, IntegrationStatus, InvoiceStatus, LetterStatus, Scoped, collection_case, debtor, integration, invoice, letter, payment, tenant,
};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder};

use super::{Facts, Freshness, exempt_on};
use crate::{
    calendar::{self, ContactHours},
    change::Change,
    delivery,
    error::{Error, Result},
    policy::{self, Ladder},
    task,
};

/// Everything about a case that is read under its lock.
pub(crate) struct Gathered {
    pub(crate) tenant: tenant::Model,
    pub(crate) debtor: debtor::Model,
    pub(crate) invoices: Vec<invoice::Model>,
    pub(crate) payments: Vec<payment::Model>,
    pub(crate) ladder: Ladder,
    pub(crate) hours: ContactHours,
    pub(crate) tenant_zone: chrono_tz::Tz,
    pub(crate) zone: chrono_tz::Tz,
    pub(crate) reachable: Vec<Channel>,
    freshness: Freshness,
    letter_under_way: bool,
    bank_known: bool,
}

/// Reads it.
///
/// # Errors
///
/// When the database refuses, or a row that must be there is not.
pub(crate) async fn gather(change: &Change<'_>, case: &collection_case::Model) -> Result<Gathered> {
    let (tx, tenant_id) = (&change.tx, change.tenant);
    let gone = |what: &str| Error::Bug(format!("case {} without its {what}", case.id));
    let tenant = crate::tenant::find(tx, tenant_id).await?;
    let debtor =
        debtor::Entity::of(tenant_id).filter(debtor::Column::Id.eq(case.debtor_id)).one(tx).await?.ok_or_else(|| gone("debtor"))?;
    let integration = integration::Entity::of(tenant_id).filter(integration::Column::Id.eq(case.integration_id)).one(tx).await?;
    let integration = integration.ok_or_else(|| gone("integration"))?;
    let invoices = invoice::Entity::of(tenant_id).filter(invoice::Column::CaseId.eq(case.id));
    let invoices = invoices.order_by_asc(invoice::Column::DueOn).order_by_asc(invoice::Column::Id).all(tx).await?;
    let payments = payment::Entity::of(tenant_id)
        .filter(payment::Column::InvoiceId.is_in(invoices.iter().map(|i| i.id)))
        .filter(payment::Column::ReversedAt.is_null())
        .order_by_asc(payment::Column::ReceivedOn)
        .order_by_asc(payment::Column::Id)
        .all(tx)
        .await?;
    let under_way = letter::Entity::of(tenant_id)
        .filter(letter::Column::CaseId.eq(case.id))
        .filter(letter::Column::Status.is_in([LetterStatus::AwaitingConsent, LetterStatus::Scheduled, LetterStatus::Sending]))
        .count(tx)
        .await?;
    let tenant_zone = calendar::zone(&tenant.time_zone)?;
    Ok(Gathered {
        zone: calendar::debtor_zone(debtor.country.as_deref(), debtor.region.as_deref(), tenant_zone),
        tenant_zone,
        ladder: policy::ladder_of(tx, tenant_id, case.policy_id, case.policy_revision).await?,
        hours: serde_json::from_value(tenant.contact_windows.clone())?,
        reachable: delivery::reachable(&debtor, &tenant.country),
        freshness: Freshness {
            last_synced_at: integration.last_synced_at,
            limit: integration.freshness_hours.map(|hours| TimeDelta::hours(hours.into())),
            unseen: integration.poll_minutes.is_some()
                && invoices.iter().any(|invoice| invoice.status == InvoiceStatus::Open && invoice.checked_at.is_none()),
            askable: integration.poll_minutes.is_some() && integration.status == IntegrationStatus::Active,
        },
        letter_under_way: under_way > 0 || task::is_open(change, case.id).await?,
        bank_known: crate::tenant::bank_known(&tenant),
        tenant,
        debtor,
        invoices,
        payments,
    })
}

impl Gathered {
    /// The facts of the decision.
    pub(crate) fn facts(&self, case: &collection_case::Model, now: chrono::DateTime<chrono::Utc>) -> Facts<'_> {
        Facts {
            automatic_actions: self.tenant.automatic_actions,
            status: case.status,
            next_step: usize::try_from(case.next_step).unwrap_or(0),
            next_action_at: case.next_action_at,
            outstanding_minor: case.outstanding_minor,
            letter_under_way: self.letter_under_way,
            exempt: exempt_on(&self.debtor, calendar::local_date(self.tenant_zone, now)),
            disputed: self.invoices.iter().any(|i| i.disputed && i.status == InvoiceStatus::Open),
            not_due: self
                .invoices
                .iter()
                .any(|i| i.status == InvoiceStatus::Open && i.due_on >= calendar::local_date(self.tenant_zone, now)),
            payment_pending: self.payments.iter().any(|p| !p.reconciled),
            bank_known: self.bank_known,
            freshness: self.freshness,
            reachable: &self.reachable,
            ladder: &self.ladder,
            hours: &self.hours,
            zone: self.zone,
        }
    }
}
