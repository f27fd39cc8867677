//! Tables of the second version: `credential`, `authorization`, `sync_hint`, `book_note`. The columns' meaning is documented in `entity`.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, blob, integer, json_binary, json_binary_null, text, text_null, timestamp_with_time_zone,
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
    credential(m).await?;
    authorization(m).await?;
    sync_hint(m).await?;
    book_note(m).await?;
    Ok(())
}

async fn credential(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("credential")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(word("provider"))
        .col(blob("sealed"))
        .col(text("key_id"))
        .col(text_null("hint"))
        .col(json_binary("scopes"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone_null("good_until"))
        .col(timestamp_with_time_zone_null("renewing_since"))
        .col(timestamp_with_time_zone_null("refused_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_credential_tenant").from("credential", "tenant_id").to("tenant", "id"))
        .to_owned();
    create(m, table).await?;
    Ok(())
}

async fn authorization(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("authorization")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(word("provider"))
        .col(uuid("user_id"))
        .col(text("state_hash"))
        .col(blob("sealed"))
        .col(text("key_id"))
        .col(text_null("return_url"))
        .col(json_binary_null("settings"))
        .col(uuid_null("integration_id"))
        .col(json_binary_null("accounts"))
        .col(json_binary_null("granted"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("used_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_authorization_tenant").from("authorization", "tenant_id").to("tenant", "id"))
        .to_owned();
    create(m, table).await?;
    unique(m, "authorization", &["state_hash"]).await?;
    Ok(())
}

async fn sync_hint(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("sync_hint")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("integration_id"))
        .col(word("subject"))
        .col(text("external_id"))
        .col(text("mark"))
        .col(uuid_null("run_id"))
        .col(timestamp_with_time_zone("told_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_sync_hint_tenant").from("sync_hint", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_sync_hint_integration")
                .from("sync_hint", ("tenant_id", "integration_id"))
                .to("integration", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await?;
    unique(m, "sync_hint", &["tenant_id", "integration_id", "mark"]).await?;
    index(m, "sync_hint", &["tenant_id", "integration_id", "run_id"]).await?;
    Ok(())
}

async fn book_note(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("book_note")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("integration_id"))
        .col(uuid("case_id"))
        .col(uuid("invoice_id"))
        .col(word("about"))
        .col(text("text"))
        .col(word("status"))
        .col(integer("attempts"))
        .col(timestamp_with_time_zone_null("next_attempt_at"))
        .col(text_null("error"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_book_note_tenant").from("book_note", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_book_note_integration")
                .from("book_note", ("tenant_id", "integration_id"))
                .to("integration", ("tenant_id", "id")),
        )
        .foreign_key(
            ForeignKey::create()
                .name("fk_book_note_collection_case")
                .from("book_note", ("tenant_id", "case_id"))
                .to("collection_case", ("tenant_id", "id")),
        )
        .foreign_key(
            ForeignKey::create()
                .name("fk_book_note_invoice")
                .from("book_note", ("tenant_id", "invoice_id"))
                .to("invoice", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await?;
    index(m, "book_note", &["next_attempt_at"]).await?;
    Ok(())
}
