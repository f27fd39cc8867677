//! A creditor business: the wall of every query.

use sea_orm::entity::prelude::*;

use crate::id::{PolicyId, TenantId};
use crate::kind::{CaseGrouping, ConsentMode};

/// A creditor business: the wall of every query.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tenant")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TenantId,
    /// Trading name, shown to debtors.
    pub name: String,
    /// Registered name, on letters where it differs.
    pub legal_name: Option<String>,
    /// Company number, on letters.
    pub registration_number: Option<String>,
    /// ISO 3166-1 alpha-2; decides the defaults.
    pub country: String,
    /// IANA zone: the tenant's day.
    pub time_zone: String,
    /// Language of letters when the debtor's is unknown: `en` or `de`.
    pub language: String,
    /// ISO 4217, the default of new records.
    pub currency: String,
    /// Whom debtors answer to.
    pub email: String,
    /// E.164.
    pub phone: Option<String>,
    /// Array of strings, the letterhead's address.
    pub address_lines: Json,
    /// `BankDetails`: account name, IBAN, BIC, local account.
    pub bank: Json,
    /// The master switch: off means that nothing leaves the building.
    pub automatic_actions: bool,
    /// Ask before each letter, or send as the policy says.
    pub consent_mode: ConsentMode,
    /// How invoices become cases.
    pub case_grouping: CaseGrouping,
    /// Array of `{weekday 1..7, from, to}` in the debtor's local time.
    pub contact_windows: Json,
    /// How far a part payment moves the next step.
    pub part_payment_delay_days: i32,
    /// The policy of new cases.
    pub default_policy_id: Option<PolicyId>,
    /// The number that the next case gets.
    pub next_case_number: i64,
    /// Grows with each change; for optimistic locks.
    pub version: i64,
    /// When the tenant was added.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
