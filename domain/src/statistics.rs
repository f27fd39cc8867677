//! PostgreSQL's statistics of tables that grow fast. What it planned for a table of ten rows it goes on doing when there
//! are a hundred thousand, on every connection, until somebody has looked at the table anew; its own daemon does so once
//! a minute. On the first morning of many cases, letters and deliveries grow from nothing to thousands meanwhile.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::error::Result;

/// Rows that must have changed: fewer are read in no time, whatever was planned.
const LEAST_CHANGED: i64 = 1_000;

/// How many times what the statistics know of must have changed. What grows slower waits for the daemon.
const TIMES: i64 = 4;

/// Looks anew at the tables that grew many times over since they were looked at; returns their names. Nothing on SQLite,
/// whose plans do not outlive the change of what they were made for.
///
/// # Errors
///
/// When the database refuses.
pub async fn refresh(db: &DatabaseConnection) -> Result<Vec<String>> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT quote_ident(s.relname) FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid \
         WHERE s.schemaname = current_schema() AND s.n_mod_since_analyze >= {LEAST_CHANGED} \
         AND s.n_mod_since_analyze >= {TIMES} * greatest(c.reltuples, 0) ORDER BY s.relname"
    );
    let found = Statement::from_string(DbBackend::Postgres, sql);
    let mut tables = Vec::new();
    for row in db.query_all_raw(found).await? {
        tables.push(row.try_get_by_index::<String>(0)?);
    }
    for table in &tables {
        // Whoever else looks at it right now does it for us.
        db.execute_unprepared(&format!("ANALYZE (SKIP_LOCKED) {table}")).await?;
    }
    Ok(tables)
}
