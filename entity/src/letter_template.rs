//! A tenant's own text for a kind of letter, revised over time.

use sea_orm::entity::prelude::*;

use crate::id::{TemplateId, TenantId};
use crate::kind::LetterKind;

/// A tenant's own text for a kind of letter, revised over time. At most one is in use for each kind, language and
/// country.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "letter_template")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TemplateId,
    /// The letters that it is for.
    pub kind: LetterKind,
    /// Their language: `en`, `de` or `nb`.
    pub language: String,
    /// The country of the debtors that it is for (ISO 3166-1 alpha-2); none for any.
    pub country: Option<String>,
    /// The newest revision; new letters get it.
    pub revision: i32,
    /// No longer used for new letters.
    pub archived: bool,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
