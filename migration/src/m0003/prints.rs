//! Tables of the third version: `print_batch`, `print_batch_letter`, `print_batch_document`. The columns' meaning is
//! documented in `entity`.

use sea_orm_migration::{
    prelude::*,
    schema::{
        blob, boolean, date_null, integer, integer_null, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
        uuid_null,
    },
};

use crate::table::{create, index, word};

/// Creates them.
///
/// # Errors
///
/// When the database refuses.
pub async fn up(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    batch(m).await?;
    letters(m).await?;
    document(m).await
}

async fn batch(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("print_batch")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(word("status"))
        .col(boolean("duplex"))
        .col(integer("letters"))
        .col(integer_null("pages"))
        .col(text_null("sha256"))
        .col(uuid_null("created_by"))
        .col(date_null("posted_on"))
        .col(uuid_null("ended_by"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_print_batch_tenant").from("print_batch", "tenant_id").to("tenant", "id"))
        .to_owned();
    create(m, table).await?;
    index(m, "print_batch", &["tenant_id", "created_at", "id"]).await
}

async fn letters(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("print_batch_letter")
        .col(uuid("tenant_id"))
        .col(uuid("batch_id"))
        .col(uuid("letter_id"))
        .col(integer("position"))
        .col(boolean("open"))
        .col(integer_null("first_page"))
        .col(integer_null("pages"))
        .primary_key(Index::create().col("tenant_id").col("batch_id").col("letter_id"))
        .foreign_key(ForeignKey::create().name("fk_print_batch_letter_tenant").from("print_batch_letter", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_print_batch_letter_print_batch")
                .from("print_batch_letter", ("tenant_id", "batch_id"))
                .to("print_batch", ("tenant_id", "id")),
        )
        .foreign_key(
            ForeignKey::create()
                .name("fk_print_batch_letter_letter")
                .from("print_batch_letter", ("tenant_id", "letter_id"))
                .to("letter", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await?;
    // A letter is in one open batch at most: two people who print at once do not put two copies into the post.
    m.get_connection()
        .execute_unprepared("CREATE UNIQUE INDEX uq_print_batch_letter_open ON print_batch_letter (tenant_id, letter_id) WHERE open")
        .await?;
    Ok(())
}

async fn document(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("print_batch_document")
        .col(uuid("tenant_id"))
        .col(uuid("batch_id"))
        .col(blob("pdf"))
        .primary_key(Index::create().col("tenant_id").col("batch_id"))
        .foreign_key(
            ForeignKey::create().name("fk_print_batch_document_tenant").from("print_batch_document", "tenant_id").to("tenant", "id"),
        )
        .foreign_key(
            ForeignKey::create()
                .name("fk_print_batch_document_print_batch")
                .from("print_batch_document", ("tenant_id", "batch_id"))
                .to("print_batch", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await
}
