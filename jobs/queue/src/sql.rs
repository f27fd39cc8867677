//! The two dialects of the queue's tables, and small reading of rows.
//!
//! Every instant is the database's own clock, so processes with clocks apart agree on what is due.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};

/// The same statement for both databases; parameters are `?1 …` and `$1 …` in the same order.
#[derive(Clone, Copy)]
pub(crate) struct Sql {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

impl Sql {
    fn bind<C: ConnectionTrait>(self, conn: &C, values: Vec<Value>) -> Statement {
        let backend = conn.get_database_backend();
        let text = match backend {
            DbBackend::Sqlite => self.sqlite,
            _ => self.postgres,
        };
        Statement::from_sql_and_values(backend, text, values)
    }

    /// Runs it; answers how many rows it touched.
    pub(crate) async fn run<C: ConnectionTrait>(self, conn: &C, values: Vec<Value>) -> Result<u64, DbErr> {
        Ok(conn.execute_raw(self.bind(conn, values)).await?.rows_affected())
    }

    /// Its first row, if any.
    pub(crate) async fn one<C: ConnectionTrait>(self, conn: &C, values: Vec<Value>) -> Result<Option<QueryResult>, DbErr> {
        conn.query_one_raw(self.bind(conn, values)).await
    }

    /// All its rows.
    pub(crate) async fn all<C: ConnectionTrait>(self, conn: &C, values: Vec<Value>) -> Result<Vec<QueryResult>, DbErr> {
        conn.query_all_raw(self.bind(conn, values)).await
    }
}

/// The database's clock.
pub(crate) async fn now<C: ConnectionTrait>(conn: &C) -> Result<DateTime<Utc>, DbErr> {
    const NOW: Sql = Sql {
        sqlite: "SELECT CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER) AS ms",
        postgres: "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms",
    };
    let row = NOW.one(conn, vec![]).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("the database's clock".into()))?;
    instant(row.try_get("", "ms")?)
}

/// An instant from milliseconds.
pub(crate) fn instant(ms: i64) -> Result<DateTime<Utc>, DbErr> {
    DateTime::from_timestamp_millis(ms).ok_or_else(|| DbErr::Type(format!("{ms} ms is no instant")))
}

/// A list of names as one parameter (a JSON array).
pub(crate) fn names<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Value {
    let list: Vec<serde_json::Value> = names.into_iter().map(|name| name.as_ref().into()).collect();
    serde_json::Value::Array(list).to_string().into()
}
