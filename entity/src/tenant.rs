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
    /// Language of letters when the debtor's is unknown: `en`, `de` or `nb`.
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
    /// How many days a consent, asked for or given, holds.
    pub consent_days: i32,
    /// No contact on public holidays of the debtor's place.
    pub skip_holidays: bool,
    /// Fewest days between two contacts with one debtor, over all its cases; 0 for no gap.
    pub contact_gap_days: i32,
    /// Most contacts with one debtor in seven days; the country's rule pack may allow fewer.
    pub contacts_per_week: Option<i32>,
    /// Most contacts with one debtor in thirty days; the country's rule pack may allow fewer.
    pub contacts_per_month: Option<i32>,
    /// One letter for several cases of a debtor that fall due together.
    pub group_letters: bool,
    /// `ChargeSettings`: interest, fixed sums, and what becomes of them once the principal is paid.
    pub charges: Json,
    /// `LegalDetails`: what some countries' letters must state about the sender.
    pub legal: Json,
    /// Array of the countries (ISO 3166-1 alpha-2) besides the tenant's to which short messages go.
    pub sms_countries: Json,
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
