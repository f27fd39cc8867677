//! Tables of the third version: texts that a tenant changed. The columns' meaning is documented in `entity`.

use sea_orm_migration::{
    prelude::*,
    schema::{boolean, integer, json_binary, string_len_null, timestamp_with_time_zone, uuid, uuid_null},
};

use crate::table::{create, word};

/// Creates them.
///
/// # Errors
///
/// When the database refuses.
pub async fn up(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    template(m).await?;
    revision(m).await
}

async fn template(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("letter_template")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(word("kind"))
        .col(word("language"))
        .col(string_len_null("country", 2))
        .col(integer("revision"))
        .col(boolean("archived"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_letter_template_tenant").from("letter_template", "tenant_id").to("tenant", "id"))
        .to_owned();
    create(m, table).await?;
    // One in use for each kind, language and country, also where the country is any: two of them would be two truths.
    let once = "CREATE UNIQUE INDEX uq_letter_template_in_use \
                ON letter_template (tenant_id, kind, language, COALESCE(country, '')) WHERE NOT archived";
    m.get_connection().execute_unprepared(once).await?;
    Ok(())
}

async fn revision(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("letter_template_revision")
        .col(uuid("tenant_id"))
        .col(uuid("template_id"))
        .col(integer("revision"))
        .col(json_binary("text"))
        .col(uuid_null("created_by"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("tenant_id").col("template_id").col("revision"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_letter_template_revision_letter_template")
                .from("letter_template_revision", ("tenant_id", "template_id"))
                .to("letter_template", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await
}
