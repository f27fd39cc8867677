//! Tables of the first version: `letter`, `letter_document`, `delivery`. The columns' meaning is documented in `entity`.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, blob, boolean, boolean_null, date_null, integer, integer_null, json_binary, text, text_null, timestamp_with_time_zone,
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
    letter(m).await?;
    letter_document(m).await?;
    delivery(m).await?;
    Ok(())
}

async fn letter(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("letter")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("case_id"))
        .col(integer("step"))
        .col(word("kind"))
        .col(text("language"))
        .col(word("status"))
        .col(json_binary("channels"))
        .col(json_binary("facts"))
        .col(big_integer("outstanding_minor"))
        .col(text("text_revision"))
        .col(text_null("pdf_sha256"))
        .col(integer_null("pdf_pages"))
        .col(boolean("consent_required"))
        .col(uuid_null("consent_by"))
        .col(timestamp_with_time_zone_null("consent_at"))
        .col(boolean_null("consent_granted"))
        .col(text_null("cancelled_because"))
        .col(timestamp_with_time_zone_null("sent_at"))
        .col(date_null("posted_on"))
        .col(uuid_null("posted_by"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_letter_tenant").from("letter", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_letter_collection_case")
                .from("letter", ("tenant_id", "case_id"))
                .to("collection_case", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await?;
    index(m, "letter", &["tenant_id", "case_id", "step"]).await?;
    index(m, "letter", &["tenant_id", "status", "id"]).await?;
    // One letter per case and step; a cancelled one leaves the step free to be issued again.
    m.get_connection()
        .execute_unprepared("CREATE UNIQUE INDEX uq_letter_case_step ON letter (tenant_id, case_id, step) WHERE status <> 'cancelled'")
        .await?;
    Ok(())
}

async fn letter_document(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("letter_document")
        .col(uuid("tenant_id"))
        .col(uuid("letter_id"))
        .col(blob("pdf"))
        .primary_key(Index::create().col("tenant_id").col("letter_id"))
        .foreign_key(ForeignKey::create().name("fk_letter_document_tenant").from("letter_document", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_letter_document_letter")
                .from("letter_document", ("tenant_id", "letter_id"))
                .to("letter", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await?;
    Ok(())
}

async fn delivery(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("delivery")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("letter_id"))
        .col(uuid("case_id"))
        .col(word("channel"))
        .col(text("recipient"))
        .col(word("status"))
        .col(integer("attempts"))
        .col(timestamp_with_time_zone_null("next_attempt_at"))
        .col(timestamp_with_time_zone_null("sending_since"))
        .col(text("message_id"))
        .col(text_null("provider_id"))
        .col(text_null("error_code"))
        .col(text_null("error_message"))
        .col(timestamp_with_time_zone_null("sent_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_delivery_tenant").from("delivery", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create().name("fk_delivery_letter").from("delivery", ("tenant_id", "letter_id")).to("letter", ("tenant_id", "id")),
        )
        .foreign_key(
            ForeignKey::create()
                .name("fk_delivery_collection_case")
                .from("delivery", ("tenant_id", "case_id"))
                .to("collection_case", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await?;
    unique(m, "delivery", &["tenant_id", "letter_id", "channel"]).await?;
    index(m, "delivery", &["next_attempt_at", "status"]).await?;
    index(m, "delivery", &["tenant_id", "case_id"]).await?;
    index(m, "delivery", &["tenant_id", "status", "id"]).await?;
    Ok(())
}
