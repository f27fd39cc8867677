//! What a case owes beside its invoices: a fee, a fixed sum, or interest that the creditor gave up.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, ChargeId, InvoiceId, LetterId, TenantId, UserId};
use crate::kind::ChargeKind;

/// What a case owes beside its invoices. Interest has no rows while it is owed: it is computed for each day; a row of it
/// says until when it was given up.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "charge")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ChargeId,
    /// Whose.
    pub case_id: CaseId,
    /// What it is for, unique in the case: the step of a fee, the invoice of a fixed sum.
    pub key: String,
    /// What it is.
    pub kind: ChargeKind,
    /// The invoice that a fixed sum belongs to.
    pub invoice_id: Option<InvoiceId>,
    /// The letter that states it first.
    pub letter_id: Option<LetterId>,
    /// That letter's step.
    pub step: Option<i32>,
    /// How much; of interest, what was given up when it was.
    pub amount_minor: i64,
    /// ISO 4217, the case's.
    pub currency: String,
    /// Since when it is owed: the day on which its letter left. None while the letter has not left: then nobody owes it.
    pub charged_on: Option<Date>,
    /// The rule pack that it was decided under, for example `NO-2026-11`; empty when the tenant's country has none.
    pub rule_revision: String,
    /// How the amount came about, as data.
    pub calculation: Json,
    /// The day on which it was given up; interest is given up through that day.
    pub waived_on: Option<Date>,
    /// When it was given up: as if it had never been charged. None while it is owed.
    pub waived_at: Option<DateTimeUtc>,
    /// Who gave it up; none when a rule did.
    pub waived_by: Option<UserId>,
    /// Which rule gave it up, or `PERSON`.
    pub waived_because: Option<String>,
    /// Why, in the person's words.
    pub waiver_note: Option<String>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
