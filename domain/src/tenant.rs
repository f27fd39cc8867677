//! Tenants: their settings and defaults by country.

mod settings;
mod start;

use entity::{TenantId, tenant};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::LockType};
use serde::{Deserialize, Serialize};

pub use settings::{ContactLimits, TenantChanges, update};
pub use start::{NewTenant, create};

use crate::{
    change::Change,
    error::{Refusal, Result},
    letter::aid::ReferenceStyle,
};

/// Where debtors pay: the creditor's own account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BankDetails {
    /// Holder.
    pub account_name: String,
    /// IBAN, without blanks.
    pub iban: Option<String>,
    /// BIC.
    pub bic: Option<String>,
    /// The account number of countries without IBAN, as debtors type it.
    pub local_account: Option<String>,
    /// The form in which the bank reads references.
    pub reference: ReferenceStyle,
}

/// Reads a tenant's row.
///
/// # Errors
///
/// `NOT_FOUND`.
#[expect(clippy::disallowed_methods, reason = "the tenant's own row, by its id")]
pub async fn find(db: &impl ConnectionTrait, id: TenantId) -> Result<tenant::Model> {
    let found = tenant::Entity::find().filter(tenant::Column::Id.eq(id)).one(db).await?;
    found.ok_or_else(|| Refusal::not_found("tenant").into())
}

/// Locks and reads the tenant of a change: whoever writes the whole row must not lose a case number that was taken
/// meanwhile.
#[expect(clippy::disallowed_methods, reason = "the tenant's own row, by its id")]
pub(crate) async fn lock(change: &Change<'_>) -> Result<tenant::Model> {
    let found = tenant::Entity::find().filter(tenant::Column::Id.eq(change.tenant)).lock(LockType::NoKeyUpdate).one(&change.tx).await?;
    found.ok_or_else(|| Refusal::not_found("tenant").into())
}

/// The bank details of a tenant.
///
/// # Errors
///
/// When the stored document has another shape.
pub fn bank(tenant: &tenant::Model) -> Result<BankDetails> {
    Ok(serde_json::from_value(tenant.bank.clone())?)
}

/// Whether a debtor could pay: an IBAN or a local account is known.
pub fn bank_known(tenant: &tenant::Model) -> bool {
    bank(tenant).is_ok_and(|bank| bank.iban.is_some() || bank.local_account.is_some())
}
