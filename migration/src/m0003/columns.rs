//! New columns of `tenant`, `integration`, `debtor`, `collection_case`, `escalation_policy`, `letter`, `delivery`,
//! `handover` and `invoice`. The columns' meaning is documented in `entity`.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, boolean, integer, integer_null, json_binary, json_binary_null, text, text_null, timestamp_with_time_zone_null,
        uuid_null,
    },
};

use crate::table::{index, word_null};

/// Adds them.
///
/// # Errors
///
/// When the database refuses.
pub async fn up(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    for column in [
        integer("consent_days").default(14).take(),
        boolean("skip_holidays").default(true).take(),
        integer("contact_gap_days").default(0).take(),
        integer_null("contacts_per_week"),
        integer_null("contacts_per_month"),
        boolean("group_letters").default(true).take(),
        json_binary("charges").default("{}").take(),
        json_binary("legal").default("{}").take(),
        json_binary("sms_countries").default("[]").take(),
    ] {
        add(m, "tenant", column).await?;
    }
    add(m, "integration", uuid_null("policy_id")).await?;
    add(m, "debtor", uuid_null("policy_id")).await?;
    add(m, "debtor", text_null("address_source")).await?;
    index(m, "debtor", &["tenant_id", "merged_into"]).await?;
    for column in [big_integer("charges_minor").default(0).take(), timestamp_with_time_zone_null("limitation_warned_at")] {
        add(m, "collection_case", column).await?;
    }
    for column in [text_null("country"), word_null("debtor_kind"), text_null("preset")] {
        add(m, "escalation_policy", column).await?;
    }
    add(m, "handover", json_binary_null("known_payments")).await?;
    letter(m).await?;
    delivery(m).await?;
    add(m, "invoice", text_null("online_url")).await
}

async fn letter(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    for column in [
        uuid_null("lead_id"),
        json_binary("fallback").default("[]").take(),
        text("rule_revision").default("").take(),
        timestamp_with_time_zone_null("consent_expires_at"),
        boolean("message_only").default(false).take(),
        big_integer("fee_minor").default(0).take(),
    ] {
        add(m, "letter", column).await?;
    }
    // Emptied when the letter leaves or is cancelled: only what may still expire is in it.
    let expiring = "CREATE INDEX ix_letter_consent_expires_at ON letter (consent_expires_at) WHERE consent_expires_at IS NOT NULL";
    m.get_connection().execute_unprepared(expiring).await?;
    index(m, "letter", &["tenant_id", "lead_id"]).await
}

async fn delivery(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    for column in [
        uuid_null("debtor_id"),
        timestamp_with_time_zone_null("delivered_at"),
        text_null("provider_status"),
        integer_null("sms_segments"),
        json_binary_null("receipt"),
    ] {
        add(m, "delivery", column).await?;
    }
    let backfill = "UPDATE delivery SET debtor_id = (SELECT c.debtor_id FROM collection_case c \
                    WHERE c.tenant_id = delivery.tenant_id AND c.id = delivery.case_id)";
    m.get_connection().execute_unprepared(backfill).await?;
    index(m, "delivery", &["tenant_id", "debtor_id", "sent_at"]).await
}

async fn add(m: &SchemaManager<'_>, table: &'static str, column: ColumnDef) -> Result<(), DbErr> {
    m.alter_table(Table::alter().table(table).add_column(column).to_owned()).await
}
