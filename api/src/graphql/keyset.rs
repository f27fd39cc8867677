//! Pages by keyset: "the next n rows after this place of the ordering", the same cost on every page. Forward and
//! backward, over one column and the id, on both databases.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, EntityTrait, ModelTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select, Value,
    sea_query::NullOrdering,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    error::{bad_input, database_error},
    seal::Seal,
};

/// Rows of a page unless said otherwise.
pub const DEFAULT_PAGE: usize = 20;

/// Most rows of a page.
pub const MAX_PAGE: usize = 100;

/// Which page, as Relay spells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Paging {
    /// Rows from the beginning, or after `after`.
    pub first: Option<i32>,
    /// After this cursor.
    pub after: Option<String>,
    /// Rows from the end, or before `before`.
    pub last: Option<i32>,
    /// Before this cursor.
    pub before: Option<String>,
}

impl Paging {
    /// How many rows, and whether they are counted from the end.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for a negative or too large number, and for both directions at once.
    pub fn window(&self) -> async_graphql::Result<(usize, bool)> {
        let (count, backward) = match (self.first, self.last) {
            (Some(_), Some(_)) => return Err(bad_input("ask for `first` or for `last`, not for both")),
            (None, Some(last)) => (Some(last), true),
            (first, None) => (first, false),
        };
        match count.map(usize::try_from) {
            None => Ok((DEFAULT_PAGE, backward)),
            Some(Ok(count)) if count <= MAX_PAGE => Ok((count, backward)),
            Some(_) => Err(bad_input(&format!("a page has 0 to {MAX_PAGE} items"))),
        }
    }
}

/// The value of the ordering's column in one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Key {
    /// The column is null there.
    Null,
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
    /// A day.
    Day(NaiveDate),
    /// An instant.
    Instant(DateTime<Utc>),
}

impl Key {
    fn value(&self) -> Option<Value> {
        match self {
            Self::Null => None,
            Self::Number(number) => Some((*number).into()),
            Self::Text(text) => Some(text.clone().into()),
            Self::Day(day) => Some((*day).into()),
            Self::Instant(at) => Some((*at).into()),
        }
    }
}

impl From<Option<DateTime<Utc>>> for Key {
    fn from(at: Option<DateTime<Utc>>) -> Self {
        at.map_or(Self::Null, Self::Instant)
    }
}

/// A place in an ordering.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place(pub Key, pub Uuid);

/// An ordering of a table: by a column, rows without a value last, and by the id where the column does not decide.
pub struct Ordering<M: ModelTrait> {
    /// Which column.
    pub column: <M::Entity as EntityTrait>::Column,
    /// The id.
    pub id: <M::Entity as EntityTrait>::Column,
    /// Whether rows may have no value there; they come last then.
    pub nullable: bool,
    /// Largest first.
    pub descending: bool,
    /// Where a row stands.
    pub place: fn(&M) -> Place,
}

/// One page.
pub struct Page<M> {
    /// The rows in the ordering's order, each with its cursor.
    pub rows: Vec<(String, M)>,
    /// Whether there are rows before.
    pub previous: bool,
    /// Whether there are rows after.
    pub next: bool,
}

impl<M: ModelTrait> Ordering<M> {
    /// Reads a page of what `select` selects.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for a bad page or cursor; a fault when the database refuses.
    pub async fn page(
        &self,
        db: &DatabaseConnection,
        select: Select<M::Entity>,
        paging: &Paging,
        seal: &Seal,
    ) -> async_graphql::Result<Page<M>>
    where
        M: sea_orm::FromQueryResult,
        M::Entity: EntityTrait<Model = M>,
    {
        let (count, backward) = paging.window()?;
        let after: Option<Place> = paging.after.as_deref().map(|cursor| seal.open(cursor)).transpose()?;
        let before: Option<Place> = paging.before.as_deref().map(|cursor| seal.open(cursor)).transpose()?;
        let mut select = self.sorted(select, backward).limit(count as u64 + 1);
        if let Some(place) = &after {
            select = select.filter(self.beyond(place, true));
        }
        if let Some(place) = &before {
            select = select.filter(self.beyond(place, false));
        }
        let mut rows = select.all(db).await.map_err(database_error)?;
        let more = rows.len() > count;
        rows.truncate(count);
        if backward {
            rows.reverse();
        }
        let (previous, next) = if backward { (more, before.is_some()) } else { (after.is_some(), more) };
        let rows = rows.into_iter().map(|row| Ok((seal.close(&(self.place)(&row))?, row))).collect::<async_graphql::Result<_>>()?;
        Ok(Page { rows, previous, next })
    }

    fn sorted(&self, select: Select<M::Entity>, backward: bool) -> Select<M::Entity> {
        let order = if self.descending == backward { Order::Asc } else { Order::Desc };
        if !self.nullable {
            return select.order_by(self.column, order.clone()).order_by(self.id, order);
        }
        // Read from the end, the rows that come last come first.
        let nulls = if backward { NullOrdering::First } else { NullOrdering::Last };
        select.order_by_with_nulls(self.column, order.clone(), nulls).order_by(self.id, order)
    }

    /// The rows after a place, or before it.
    fn beyond(&self, place: &Place, after: bool) -> Condition {
        let larger = self.descending != after;
        let past = |column: <M::Entity as EntityTrait>::Column, value: Value| {
            if larger { column.gt(value) } else { column.lt(value) }
        };
        let past_id = past(self.id, place.1.into());
        let Some(value) = place.0.value() else {
            return if after {
                Condition::all().add(self.column.is_null()).add(past_id)
            } else {
                Condition::any().add(self.column.is_not_null()).add(past_id)
            };
        };
        let tied = Condition::all().add(self.column.eq(value.clone())).add(past_id);
        let beyond = Condition::any().add(past(self.column, value.clone())).add(tied);
        if self.nullable {
            return if after { beyond.add(self.column.is_null()) } else { beyond };
        }
        // Says nothing new, but lets the index start at the place instead of at the beginning.
        let bound = if larger { self.column.gte(value) } else { self.column.lte(value) };
        Condition::all().add(bound).add(beyond)
    }
}
