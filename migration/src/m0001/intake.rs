//! Tables of the first version: `integration`, `upload`, `upload_chunk`, `sync_run`, `sync_issue`. The columns' meaning is documented in `entity`.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, blob, boolean, date_null, integer, integer_null, json_binary_null, text, text_null,
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
    integration(m).await?;
    upload(m).await?;
    upload_chunk(m).await?;
    sync_run(m).await?;
    sync_issue(m).await?;
    Ok(())
}

async fn integration(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("integration")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(word("provider"))
        .col(text("name"))
        .col(word("status"))
        .col(integer("minimum_days_overdue"))
        .col(word("overdue_basis"))
        .col(date_null("activate_from"))
        .col(big_integer("minimum_amount_minor"))
        .col(boolean("auto_approve"))
        .col(integer_null("freshness_hours"))
        .col(json_binary_null("mapping"))
        .col(timestamp_with_time_zone_null("last_synced_at"))
        .col(timestamp_with_time_zone_null("next_sync_at"))
        .col(timestamp_with_time_zone_null("next_proposal_at"))
        .col(timestamp_with_time_zone_null("failing_since"))
        .col(text_null("health_code"))
        .col(integer("consecutive_failures"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_integration_tenant").from("integration", "tenant_id").to("tenant", "id"))
        .to_owned();
    create(m, table).await?;
    index(m, "integration", &["next_sync_at"]).await?;
    index(m, "integration", &["next_proposal_at"]).await?;
    Ok(())
}

async fn upload(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("upload")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(text("file_name"))
        .col(big_integer("byte_size"))
        .col(word("status"))
        .col(text_null("sha256"))
        .col(uuid("created_by"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_upload_tenant").from("upload", "tenant_id").to("tenant", "id"))
        .to_owned();
    create(m, table).await?;
    Ok(())
}

async fn upload_chunk(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("upload_chunk")
        .col(uuid("tenant_id"))
        .col(uuid("upload_id"))
        .col(integer("position"))
        .col(blob("bytes"))
        .primary_key(Index::create().col("tenant_id").col("upload_id").col("position"))
        .foreign_key(ForeignKey::create().name("fk_upload_chunk_tenant").from("upload_chunk", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_upload_chunk_upload")
                .from("upload_chunk", ("tenant_id", "upload_id"))
                .to("upload", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await?;
    Ok(())
}

async fn sync_run(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("sync_run")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("integration_id"))
        .col(uuid_null("upload_id"))
        .col(word("trigger"))
        .col(word("status"))
        .col(json_binary_null("request"))
        .col(text_null("position"))
        .col(big_integer("rows_done"))
        .col(big_integer("bytes_done"))
        .col(big_integer_null("bytes_total"))
        .col(big_integer("invoices_seen"))
        .col(big_integer("invoices_new"))
        .col(big_integer("invoices_updated"))
        .col(big_integer("invoices_unchanged"))
        .col(big_integer("payments_new"))
        .col(big_integer("payments_updated"))
        .col(big_integer("debtors_new"))
        .col(big_integer("debtors_updated"))
        .col(big_integer("rows_failed"))
        .col(big_integer("cases_proposed"))
        .col(big_integer("cases_closed"))
        .col(integer("attempts"))
        .col(text_null("error_code"))
        .col(text_null("error_message"))
        .col(uuid_null("created_by"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("started_at"))
        .col(timestamp_with_time_zone_null("finished_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_sync_run_tenant").from("sync_run", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_sync_run_integration")
                .from("sync_run", ("tenant_id", "integration_id"))
                .to("integration", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await?;
    index(m, "sync_run", &["tenant_id", "integration_id", "created_at"]).await?;
    index(m, "sync_run", &["status"]).await?;
    Ok(())
}

async fn sync_issue(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("sync_issue")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("run_id"))
        .col(big_integer_null("row_number"))
        .col(text_null("column_name"))
        .col(text_null("external_id"))
        .col(text("code"))
        .col(text("message"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_sync_issue_tenant").from("sync_issue", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_sync_issue_sync_run")
                .from("sync_issue", ("tenant_id", "run_id"))
                .to("sync_run", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await?;
    index(m, "sync_issue", &["tenant_id", "run_id", "row_number"]).await?;
    Ok(())
}
