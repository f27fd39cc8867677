//! A collection agency that works what stays unpaid for this creditor.

use sea_orm::entity::prelude::*;

use crate::id::{AgencyId, TenantId};
use crate::kind::{AgencyKind, AgencyStatus};

/// A collection agency that works what stays unpaid for this creditor.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agency")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AgencyId,
    /// As the creditor knows it.
    pub name: String,
    /// How cases reach it.
    pub kind: AgencyKind,
    /// Whether it takes cases.
    pub status: AgencyStatus,
    /// Whom to ask when something is stuck: e-mail or phone.
    pub support_contact: String,
    /// The connector's own settings: its organisation id there.
    pub account: Option<Json>,
    /// Its keys, sealed, for agencies with an API.
    pub sealed: Option<Vec<u8>>,
    /// The vault's key that sealed them.
    pub key_id: Option<String>,
    /// The last characters of what a person knows the keys by.
    pub hint: Option<String>,
    /// Confirms hand-overs by itself once the creditor's time to stop them is over.
    pub automatic: bool,
    /// Days that the creditor has to stop a hand-over.
    pub decide_days: i32,
    /// Grows with each change by a person.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
