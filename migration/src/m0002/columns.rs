//! New columns of `integration`, `sync_run`, `debtor` and `invoice`, and the table `throttle`, which belongs to no
//! tenant. The columns' meaning is documented in `entity`.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, boolean, integer, integer_null, json_binary, json_binary_null, text, text_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid_null,
    },
};

use crate::table::{create, unique};

/// Adds them.
///
/// # Errors
///
/// When the database refuses.
pub async fn up(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    integration(m).await?;
    for column in [json_binary_null("scope"), text_null("mark"), timestamp_with_time_zone_null("resume_at"), json_binary_null("skipped")] {
        add(m, "sync_run", column).await?;
    }
    for column in [json_binary_null("groups"), boolean("group_excluded").default(false).take(), uuid_null("merged_into")] {
        add(m, "debtor", column).await?;
    }
    for column in [text_null("payment_reference"), timestamp_with_time_zone_null("checked_at")] {
        add(m, "invoice", column).await?;
    }
    eligible(m).await?;
    throttle(m).await
}

/// Invoices that may be proposed, in the order in which they are: without it each batch of a large first pull walks over
/// all that were proposed before.
async fn eligible(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let index = "CREATE INDEX ix_invoice_eligible ON invoice (tenant_id, integration_id, due_on, id) WHERE case_id IS NULL";
    m.get_connection().execute_unprepared(index).await.map(drop)
}

async fn integration(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        uuid_null("credential_id"),
        json_binary_null("account"),
        text_null("account_key"),
        text_null("mark"),
        integer_null("poll_minutes"),
        timestamp_with_time_zone_null("next_sweep_at"),
        timestamp_with_time_zone_null("parked_until"),
        text_null("health_message"),
        boolean("write_back").default(false).take(),
        json_binary_null("excluded_groups"),
        timestamp_with_time_zone_null("connected_at"),
        integer("stale_alerts").default(0).take(),
    ];
    for column in columns {
        add(m, "integration", column).await?;
    }
    // One account is collected from once, whoever joined it; ended links have no key.
    unique(m, "integration", &["account_key", "provider"]).await
}

async fn add(m: &SchemaManager<'_>, table: &'static str, column: ColumnDef) -> Result<(), DbErr> {
    m.alter_table(Table::alter().table(table).add_column(column).to_owned()).await
}

async fn throttle(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("throttle")
        .col(text("key").primary_key())
        .col(json_binary("taken"))
        .col(timestamp_with_time_zone_null("closed_until"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned();
    create(m, table).await
}
