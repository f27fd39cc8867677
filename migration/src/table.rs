//! How all steps make tables, indexes and columns of words.

use sea_orm_migration::{prelude::*, schema};

/// Creates a table.
pub(crate) async fn create(m: &SchemaManager<'_>, table: TableCreateStatement) -> Result<(), DbErr> {
    m.create_table(table).await
}

/// Creates an index named after its table and columns.
pub(crate) async fn index(m: &SchemaManager<'_>, table: &'static str, columns: &[&'static str]) -> Result<(), DbErr> {
    m.create_index(on("ix", table, columns)).await
}

/// Creates a unique index named after its table and columns.
pub(crate) async fn unique(m: &SchemaManager<'_>, table: &'static str, columns: &[&'static str]) -> Result<(), DbErr> {
    m.create_index(on("uq", table, columns).unique().to_owned()).await
}

fn on(prefix: &str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut statement = Index::create();
    statement.name(format!("{prefix}_{table}_{}", columns.join("_"))).table(table);
    for column in columns {
        statement.col(*column);
    }
    statement
}

/// A column for one of `entity::kind`'s words.
pub(crate) fn word(name: &'static str) -> ColumnDef {
    schema::string_len(name, 32)
}

/// The same, when it may be absent.
pub(crate) fn word_null(name: &'static str) -> ColumnDef {
    schema::string_len_null(name, 32)
}
