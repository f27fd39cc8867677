//! One revision of a tenant's own text, never changed.

use sea_orm::entity::prelude::*;

use crate::id::{TemplateId, TenantId, UserId};

/// One revision of a tenant's own text, never changed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "letter_template_revision")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The template.
    #[sea_orm(primary_key, auto_increment = false)]
    pub template_id: TemplateId,
    /// Counts from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision: i32,
    /// `OwnText`: heading, paragraphs, short message.
    pub text: Json,
    /// Who wrote it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
