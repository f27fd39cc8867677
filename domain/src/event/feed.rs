//! Reading events in an order that is safe to resume. A slower transaction must never appear behind a cursor that was
//! already handed out: on PostgreSQL rows are ordered by (writing transaction, sequence), and only what is older than
//! every transaction still running is handed out; SQLite has one writer, so the sequence alone is safe.

use entity::{TenantId, event};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
};
use serde::{Deserialize, Serialize};

use crate::error::{Refusal, RefusalCode, Result};

/// A place in the feed. Comparing two tells which is later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Cursor {
    /// The writing transaction; 0 on SQLite.
    pub txid: i64,
    /// The row.
    pub sequence: i64,
}

impl Cursor {
    /// The place right after a row.
    pub fn after(row: &event::Model) -> Self {
        Self { txid: row.txid, sequence: row.sequence }
    }

    /// As the API spells it.
    pub fn encode(self) -> String {
        format!("{:x}-{:x}", self.txid, self.sequence)
    }

    /// Reads what [`Cursor::encode`] wrote.
    ///
    /// # Errors
    ///
    /// `INVALID` for anything else.
    pub fn decode(text: &str) -> Result<Self, Refusal> {
        let parse = |s: &str| i64::from_str_radix(s, 16).ok().filter(|n| *n >= 0 && s.len() <= 16 && !s.starts_with('+'));
        text.split_once('-')
            .and_then(|(txid, sequence)| Some(Self { txid: parse(txid)?, sequence: parse(sequence)? }))
            .filter(|cursor| cursor.encode() == text)
            .ok_or_else(|| Refusal::new(RefusalCode::Invalid, "this is not a cursor of ours").at("after"))
    }
}

/// The place after everything that may be handed out now.
///
/// # Errors
///
/// When the database cannot be read.
pub async fn head(db: &DatabaseConnection) -> Result<Cursor> {
    let newest = all().filter(settled(db).await?).order_by_desc(event::Column::Txid).order_by_desc(event::Column::Sequence).one(db).await?;
    Ok(newest.as_ref().map(Cursor::after).unwrap_or_default())
}

/// The next events of all tenants after a place, oldest first: for the tail that feeds every subscriber of a process.
///
/// # Errors
///
/// When the database cannot be read.
pub async fn after(db: &DatabaseConnection, cursor: Cursor, limit: u64) -> Result<Vec<event::Model>> {
    Ok(page(all(), db, cursor, limit).await?)
}

/// The next events of one tenant after a place, oldest first: for a subscriber that resumes.
///
/// # Errors
///
/// When the database cannot be read.
pub async fn of_tenant(db: &DatabaseConnection, tenant: TenantId, cursor: Cursor, limit: u64) -> Result<Vec<event::Model>> {
    use entity::Scoped;
    Ok(page(event::Entity::of(tenant), db, cursor, limit).await?)
}

#[expect(clippy::disallowed_methods, reason = "the tail serves all tenants; subscribers are filtered by their viewer's")]
fn all() -> sea_orm::Select<event::Entity> {
    event::Entity::find()
}

async fn page(
    select: sea_orm::Select<event::Entity>,
    db: &DatabaseConnection,
    cursor: Cursor,
    limit: u64,
) -> Result<Vec<event::Model>, sea_orm::DbErr> {
    let later = Condition::any()
        .add(event::Column::Txid.gt(cursor.txid))
        .add(Condition::all().add(event::Column::Txid.eq(cursor.txid)).add(event::Column::Sequence.gt(cursor.sequence)));
    select
        .filter(later)
        .filter(settled(db).await?)
        .order_by_asc(event::Column::Txid)
        .order_by_asc(event::Column::Sequence)
        .limit(limit)
        .all(db)
        .await
}

/// Rows whose transaction is older than every transaction still running.
async fn settled(db: &DatabaseConnection) -> Result<Condition, sea_orm::DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(Condition::all());
    }
    let sql = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest";
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    let oldest: i64 = row.ok_or_else(|| sea_orm::DbErr::Custom("no snapshot".into()))?.try_get("", "oldest")?;
    Ok(Condition::all().add(event::Column::Txid.lt(oldest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip_and_foreign_texts_are_refused() {
        let cursor = Cursor { txid: 0x1f, sequence: 4_711 };
        assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
        for text in ["", "-", "1", "1-", "-1", "g-1", "01-1", "+1-1", "1-1-1", "ffffffffffffffffff-1", "1-１"] {
            assert!(Cursor::decode(text).is_err(), "{text:?}");
        }
    }
}
