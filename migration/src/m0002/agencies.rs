//! Tables of the second version: `agency`, `handover`, `agency_task`, `agency_export`. The columns' meaning is documented in `entity`.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, blob, blob_null, boolean, date_null, integer, json_binary, json_binary_null, text, text_null,
        timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
    },
};

use crate::table::{create, index, word};

/// Creates them.
///
/// # Errors
///
/// When the database refuses.
pub async fn up(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    agency(m).await?;
    handover(m).await?;
    agency_task(m).await?;
    agency_export(m).await?;
    Ok(())
}

async fn agency(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("agency")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(text("name"))
        .col(word("kind"))
        .col(word("status"))
        .col(text("support_contact"))
        .col(json_binary_null("account"))
        .col(blob_null("sealed"))
        .col(text_null("key_id"))
        .col(text_null("hint"))
        .col(boolean("automatic"))
        .col(integer("decide_days"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_agency_tenant").from("agency", "tenant_id").to("tenant", "id"))
        .to_owned();
    create(m, table).await?;
    Ok(())
}

async fn handover(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("handover")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("case_id"))
        .col(uuid("agency_id"))
        .col(word("status"))
        .col(timestamp_with_time_zone("offered_at"))
        .col(timestamp_with_time_zone("decide_by"))
        .col(uuid_null("decided_by"))
        .col(timestamp_with_time_zone_null("confirmed_at"))
        .col(timestamp_with_time_zone_null("submitted_at"))
        .col(timestamp_with_time_zone_null("sending_since"))
        .col(text_null("batch_reference"))
        .col(text_null("external_reference"))
        .col(text_null("external_status"))
        .col(timestamp_with_time_zone_null("accepted_at"))
        .col(big_integer("outstanding_minor"))
        .col(integer("attempts"))
        .col(timestamp_with_time_zone_null("next_action_at"))
        .col(text_null("error_code"))
        .col(text_null("error_message"))
        .col(timestamp_with_time_zone_null("stalled_at"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_handover_tenant").from("handover", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_handover_collection_case")
                .from("handover", ("tenant_id", "case_id"))
                .to("collection_case", ("tenant_id", "id")),
        )
        .foreign_key(
            ForeignKey::create().name("fk_handover_agency").from("handover", ("tenant_id", "agency_id")).to("agency", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await?;
    index(m, "handover", &["next_action_at"]).await?;
    index(m, "handover", &["tenant_id", "case_id"]).await?;
    index(m, "handover", &["batch_reference"]).await?;
    index(m, "handover", &["external_reference"]).await?;
    Ok(())
}

async fn agency_task(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("agency_task")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("handover_id"))
        .col(word("kind"))
        .col(big_integer_null("amount_minor"))
        .col(date_null("on_date"))
        .col(uuid_null("payment_id"))
        .col(word("status"))
        .col(integer("attempts"))
        .col(timestamp_with_time_zone_null("next_attempt_at"))
        .col(text_null("error"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_agency_task_tenant").from("agency_task", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_agency_task_handover")
                .from("agency_task", ("tenant_id", "handover_id"))
                .to("handover", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await?;
    index(m, "agency_task", &["next_attempt_at"]).await?;
    index(m, "agency_task", &["tenant_id", "handover_id"]).await?;
    Ok(())
}

async fn agency_export(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("agency_export")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("agency_id"))
        .col(json_binary("handovers"))
        .col(blob("bytes"))
        .col(text("sha256"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_agency_export_tenant").from("agency_export", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_agency_export_agency")
                .from("agency_export", ("tenant_id", "agency_id"))
                .to("agency", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await
}
