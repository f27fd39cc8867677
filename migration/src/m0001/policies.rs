//! Tables of the first version: `escalation_policy`, `policy_revision`. The columns' meaning is documented in `entity`.

use sea_orm_migration::{
    prelude::*,
    schema::{boolean, integer, json_binary, text, timestamp_with_time_zone, uuid},
};

use crate::table::create;

/// Creates them.
///
/// # Errors
///
/// When the database refuses.
pub async fn up(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    escalation_policy(m).await?;
    policy_revision(m).await?;
    Ok(())
}

async fn escalation_policy(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("escalation_policy")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(text("name"))
        .col(integer("revision"))
        .col(boolean("archived"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_escalation_policy_tenant").from("escalation_policy", "tenant_id").to("tenant", "id"))
        .to_owned();
    create(m, table).await?;
    Ok(())
}

async fn policy_revision(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("policy_revision")
        .col(uuid("tenant_id"))
        .col(uuid("policy_id"))
        .col(integer("revision"))
        .col(json_binary("ladder"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("tenant_id").col("policy_id").col("revision"))
        .foreign_key(ForeignKey::create().name("fk_policy_revision_tenant").from("policy_revision", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_policy_revision_escalation_policy")
                .from("policy_revision", ("tenant_id", "policy_id"))
                .to("escalation_policy", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await?;
    Ok(())
}
