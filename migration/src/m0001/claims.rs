//! Tables of the first version: `debtor`, `collection_case`, `invoice`, `payment`. The columns' meaning is documented in `entity`.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, boolean, date, date_null, integer, text, text_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid, uuid_null,
    },
};

use crate::table::{create, index, unique, word, word_null};

/// Creates them.
///
/// # Errors
///
/// When the database refuses.
pub async fn up(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    debtor(m).await?;
    collection_case(m).await?;
    invoice(m).await?;
    payment(m).await?;
    Ok(())
}

async fn debtor(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("debtor")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("integration_id"))
        .col(text("external_id"))
        .col(text("name"))
        .col(word("kind"))
        .col(text_null("email"))
        .col(text_null("phone"))
        .col(text_null("line1"))
        .col(text_null("line2"))
        .col(text_null("postal_code"))
        .col(text_null("city"))
        .col(text_null("region"))
        .col(text_null("country"))
        .col(text_null("language"))
        .col(boolean("exempt"))
        .col(text_null("exempt_reason"))
        .col(date_null("exempt_until"))
        .col(boolean("contact_edited"))
        .col(text("snapshot_hash"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_debtor_tenant").from("debtor", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_debtor_integration")
                .from("debtor", ("tenant_id", "integration_id"))
                .to("integration", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await?;
    unique(m, "debtor", &["tenant_id", "integration_id", "external_id"]).await?;
    index(m, "debtor", &["tenant_id", "name", "id"]).await?;
    Ok(())
}

async fn collection_case(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("collection_case")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(big_integer("number"))
        .col(uuid("integration_id"))
        .col(uuid("debtor_id"))
        .col(text("currency"))
        .col(word("status"))
        .col(word_null("hold_reason"))
        .col(date_null("hold_until"))
        .col(word_null("status_before_hold"))
        .col(word_null("close_reason"))
        .col(uuid("policy_id"))
        .col(integer("policy_revision"))
        .col(integer("next_step"))
        .col(timestamp_with_time_zone_null("last_step_at"))
        .col(timestamp_with_time_zone_null("next_action_at"))
        .col(text_null("postponed_because"))
        .col(big_integer("principal_minor"))
        .col(big_integer("outstanding_minor"))
        .col(timestamp_with_time_zone_null("approved_at"))
        .col(uuid_null("approved_by"))
        .col(timestamp_with_time_zone("opened_at"))
        .col(timestamp_with_time_zone_null("closed_at"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("updated_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_collection_case_tenant").from("collection_case", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_collection_case_debtor")
                .from("collection_case", ("tenant_id", "debtor_id"))
                .to("debtor", ("tenant_id", "id")),
        )
        .foreign_key(
            ForeignKey::create()
                .name("fk_collection_case_integration")
                .from("collection_case", ("tenant_id", "integration_id"))
                .to("integration", ("tenant_id", "id")),
        )
        .foreign_key(
            ForeignKey::create()
                .name("fk_collection_case_escalation_policy")
                .from("collection_case", ("tenant_id", "policy_id"))
                .to("escalation_policy", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await?;
    unique(m, "collection_case", &["tenant_id", "number"]).await?;
    index(m, "collection_case", &["next_action_at", "status"]).await?;
    index(m, "collection_case", &["tenant_id", "status", "opened_at", "id"]).await?;
    index(m, "collection_case", &["tenant_id", "debtor_id"]).await?;
    index(m, "collection_case", &["tenant_id", "updated_at", "id"]).await?;
    index(m, "collection_case", &["tenant_id", "outstanding_minor", "id"]).await?;
    index(m, "collection_case", &["tenant_id", "next_action_at", "id"]).await?;
    index(m, "collection_case", &["tenant_id", "opened_at", "id"]).await?;
    Ok(())
}

async fn invoice(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("invoice")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("integration_id"))
        .col(text("external_id"))
        .col(uuid("debtor_id"))
        .col(uuid_null("case_id"))
        .col(text("number"))
        .col(text_null("title"))
        .col(date("issued_on"))
        .col(date("due_on"))
        .col(text("currency"))
        .col(big_integer("total_minor"))
        .col(big_integer_null("stated_outstanding_minor"))
        .col(big_integer("outstanding_minor"))
        .col(word("status"))
        .col(boolean("disputed"))
        .col(text("snapshot_hash"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_invoice_tenant").from("invoice", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create().name("fk_invoice_debtor").from("invoice", ("tenant_id", "debtor_id")).to("debtor", ("tenant_id", "id")),
        )
        .foreign_key(
            ForeignKey::create()
                .name("fk_invoice_integration")
                .from("invoice", ("tenant_id", "integration_id"))
                .to("integration", ("tenant_id", "id")),
        )
        .foreign_key(
            ForeignKey::create()
                .name("fk_invoice_collection_case")
                .from("invoice", ("tenant_id", "case_id"))
                .to("collection_case", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await?;
    unique(m, "invoice", &["tenant_id", "integration_id", "external_id"]).await?;
    index(m, "invoice", &["tenant_id", "integration_id", "status", "case_id", "due_on"]).await?;
    index(m, "invoice", &["tenant_id", "case_id"]).await?;
    index(m, "invoice", &["tenant_id", "debtor_id"]).await?;
    index(m, "invoice", &["tenant_id", "due_on", "id"]).await?;
    index(m, "invoice", &["tenant_id", "number"]).await?;
    Ok(())
}

async fn payment(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("payment")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("integration_id"))
        .col(uuid("invoice_id"))
        .col(text("external_id"))
        .col(word("kind"))
        .col(word("source"))
        .col(big_integer("amount_minor"))
        .col(text("currency"))
        .col(date("received_on"))
        .col(boolean("reconciled"))
        .col(timestamp_with_time_zone_null("reversed_at"))
        .col(text_null("reference"))
        .col(uuid_null("recorded_by"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_payment_tenant").from("payment", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create().name("fk_payment_invoice").from("payment", ("tenant_id", "invoice_id")).to("invoice", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await?;
    unique(m, "payment", &["tenant_id", "integration_id", "external_id"]).await?;
    index(m, "payment", &["tenant_id", "invoice_id"]).await?;
    Ok(())
}
