//! Tables of the first version: `setting`, `app_user`, `tenant`, `membership`, `session`, `sign_in_link`, `idempotency`. The columns' meaning is documented in `entity`.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, blob, blob_null, boolean, integer, json_binary, json_binary_null, text, text_null, timestamp_with_time_zone,
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
    setting(m).await?;
    app_user(m).await?;
    tenant(m).await?;
    membership(m).await?;
    session(m).await?;
    sign_in_link(m).await?;
    idempotency(m).await?;
    Ok(())
}

async fn setting(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("setting")
        .col(text("name").primary_key())
        .col(json_binary("value"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned();
    create(m, table).await?;
    Ok(())
}

async fn app_user(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("app_user")
        .col(uuid("id").primary_key())
        .col(text("email"))
        .col(text("name"))
        .col(text_null("password_hash"))
        .col(text("locale"))
        .col(timestamp_with_time_zone("created_at"))
        .to_owned();
    create(m, table).await?;
    unique(m, "app_user", &["email"]).await?;
    Ok(())
}

async fn tenant(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("tenant")
        .col(uuid("id").primary_key())
        .col(text("name"))
        .col(text_null("legal_name"))
        .col(text_null("registration_number"))
        .col(text("country"))
        .col(text("time_zone"))
        .col(text("language"))
        .col(text("currency"))
        .col(text("email"))
        .col(text_null("phone"))
        .col(json_binary("address_lines"))
        .col(json_binary("bank"))
        .col(boolean("automatic_actions"))
        .col(word("consent_mode"))
        .col(word("case_grouping"))
        .col(json_binary("contact_windows"))
        .col(integer("part_payment_delay_days"))
        .col(uuid_null("default_policy_id"))
        .col(big_integer("next_case_number"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned();
    create(m, table).await?;
    Ok(())
}

async fn membership(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("membership")
        .col(uuid("tenant_id"))
        .col(uuid("user_id"))
        .col(word("role"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("tenant_id").col("user_id"))
        .foreign_key(ForeignKey::create().name("fk_membership_tenant").from("membership", "tenant_id").to("tenant", "id"))
        .foreign_key(ForeignKey::create().name("fk_membership_app_user").from("membership", "user_id").to("app_user", "id"))
        .to_owned();
    create(m, table).await?;
    index(m, "membership", &["user_id"]).await?;
    Ok(())
}

async fn session(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("session")
        .col(uuid("id").primary_key())
        .col(uuid("user_id"))
        .col(uuid("tenant_id"))
        .col(blob("token_hash"))
        .col(blob_null("previous_hash"))
        .col(timestamp_with_time_zone("rotated_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("revoked_at"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(ForeignKey::create().name("fk_session_tenant").from("session", "tenant_id").to("tenant", "id"))
        .foreign_key(ForeignKey::create().name("fk_session_app_user").from("session", "user_id").to("app_user", "id"))
        .to_owned();
    create(m, table).await?;
    unique(m, "session", &["token_hash"]).await?;
    index(m, "session", &["previous_hash"]).await?;
    index(m, "session", &["user_id"]).await?;
    Ok(())
}

async fn sign_in_link(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("sign_in_link")
        .col(uuid("id").primary_key())
        .col(uuid("user_id"))
        .col(uuid("tenant_id"))
        .col(blob("token_hash"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("used_at"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(ForeignKey::create().name("fk_sign_in_link_tenant").from("sign_in_link", "tenant_id").to("tenant", "id"))
        .foreign_key(ForeignKey::create().name("fk_sign_in_link_app_user").from("sign_in_link", "user_id").to("app_user", "id"))
        .to_owned();
    create(m, table).await?;
    unique(m, "sign_in_link", &["token_hash"]).await?;
    Ok(())
}

async fn idempotency(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("idempotency")
        .col(uuid("tenant_id"))
        .col(text("key"))
        .col(blob("fingerprint"))
        .col(json_binary_null("response"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("tenant_id").col("key"))
        .foreign_key(ForeignKey::create().name("fk_idempotency_tenant").from("idempotency", "tenant_id").to("tenant", "id"))
        .to_owned();
    create(m, table).await?;
    index(m, "idempotency", &["created_at"]).await?;
    Ok(())
}
