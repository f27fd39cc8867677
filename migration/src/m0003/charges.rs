//! Tables of the third version: what a case owes beside its invoices. The columns' meaning is documented in `entity`.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, date, date_null, integer_null, json_binary, string_len, text, text_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid, uuid_null,
    },
};

use crate::table::{create, index, unique, word};

/// Creates them.
///
/// # Errors
///
/// When the database refuses.
pub async fn up(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    charge(m).await?;
    charge_payment(m).await
}

async fn charge(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("charge")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("case_id"))
        .col(string_len("key", 64))
        .col(word("kind"))
        .col(uuid_null("invoice_id"))
        .col(uuid_null("letter_id"))
        .col(integer_null("step"))
        .col(big_integer("amount_minor"))
        .col(string_len("currency", 3))
        .col(date_null("charged_on"))
        .col(text("rule_revision"))
        .col(json_binary("calculation"))
        .col(date_null("waived_on"))
        .col(timestamp_with_time_zone_null("waived_at"))
        .col(uuid_null("waived_by"))
        .col(text_null("waived_because"))
        .col(text_null("waiver_note"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_charge_tenant").from("charge", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_charge_collection_case")
                .from("charge", ("tenant_id", "case_id"))
                .to("collection_case", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await?;
    // One fee for each step, one fixed sum for each invoice, whatever runs twice.
    unique(m, "charge", &["tenant_id", "case_id", "key"]).await?;
    index(m, "charge", &["tenant_id", "letter_id"]).await
}

async fn charge_payment(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("charge_payment")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("case_id"))
        .col(big_integer("amount_minor"))
        .col(string_len("currency", 3))
        .col(date("received_on"))
        .col(text_null("note"))
        .col(timestamp_with_time_zone_null("reversed_at"))
        .col(uuid_null("recorded_by"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_charge_payment_tenant").from("charge_payment", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_charge_payment_collection_case")
                .from("charge_payment", ("tenant_id", "case_id"))
                .to("collection_case", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await?;
    index(m, "charge_payment", &["tenant_id", "case_id", "received_on"]).await
}
