//! Tables of the third version: what a policy asks a person to do, and how a case starts its ladder anew. The columns'
//! meaning is documented in `entity`.

use sea_orm_migration::{
    prelude::*,
    schema::{date, integer, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null},
};

use crate::table::{create, index, word};

/// Creates them.
///
/// # Errors
///
/// When the database refuses.
pub async fn up(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    work_task(m).await?;
    courses(m).await?;
    // How many open cases follow each revision of a policy.
    index(m, "collection_case", &["tenant_id", "policy_id", "policy_revision", "status"]).await
}

async fn work_task(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("work_task")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("case_id"))
        .col(integer("step"))
        .col(integer("course"))
        .col(word("kind"))
        .col(text("title"))
        .col(text_null("note"))
        .col(date("due_on"))
        .col(word("status"))
        .col(text_null("outcome"))
        .col(uuid_null("done_by"))
        .col(timestamp_with_time_zone_null("done_at"))
        .col(text_null("cancelled_because"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_work_task_tenant").from("work_task", "tenant_id").to("tenant", "id"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_work_task_collection_case")
                .from("work_task", ("tenant_id", "case_id"))
                .to("collection_case", ("tenant_id", "id")),
        )
        .to_owned();
    create(m, table).await?;
    index(m, "work_task", &["tenant_id", "case_id"]).await?;
    index(m, "work_task", &["tenant_id", "status", "due_on", "id"]).await?;
    // Asked once per case, course and step; a cancelled one leaves the step free to be asked again.
    let once = "CREATE UNIQUE INDEX uq_work_task_case_step ON work_task (tenant_id, case_id, course, step) WHERE status <> 'cancelled'";
    m.get_connection().execute_unprepared(once).await?;
    Ok(())
}

/// A case that a person sets back to an earlier step begins a new course: its letters there are new letters.
async fn courses(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    for table in ["collection_case", "letter"] {
        m.alter_table(Table::alter().table(table).add_column(integer("course").default(0)).to_owned()).await?;
    }
    for statement in [
        "DROP INDEX uq_letter_case_step",
        "CREATE UNIQUE INDEX uq_letter_case_step ON letter (tenant_id, case_id, course, step) WHERE status <> 'cancelled'",
    ] {
        m.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}
