//! Documents of one kind: found by id, and kept in the order in which they last changed, so that a page of a million or
//! what changed since yesterday is read without looking at the rest.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Bound,
};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::listing::Lists;

/// A document with an id and the instant of its last change.
pub trait Document {
    /// Its id.
    fn id(&self) -> Uuid;
    /// When it last changed.
    fn updated(&self) -> DateTime<Utc>;
}

/// Documents of one kind.
pub struct Shelf<T> {
    rows: Vec<T>,
    positions: HashMap<Uuid, u32>,
    by_updated: BTreeSet<(i64, Uuid, u32)>,
    version: u64,
    /// The lists that were asked for last.
    pub lists: Lists,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), positions: HashMap::new(), by_updated: BTreeSet::new(), version: 0, lists: Lists::default() }
    }
}

impl<T: Document> Shelf<T> {
    /// Adds a document and answers its id.
    pub fn add(&mut self, row: T) -> Uuid {
        let id = row.id();
        let position = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.by_updated.insert((row.updated().timestamp_millis(), id, position));
        self.positions.insert(id, position);
        self.rows.push(row);
        self.version += 1;
        id
    }

    /// The document with that id.
    pub fn get(&self, id: Uuid) -> Option<&T> {
        self.positions.get(&id).map(|position| self.at(*position))
    }

    /// The document at a position, as [`Shelf::since`] answers them.
    pub fn at(&self, position: u32) -> &T {
        &self.rows[position as usize]
    }

    /// Changes a document; its place among the last changed follows.
    pub fn edit<R>(&mut self, id: Uuid, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let position = *self.positions.get(&id)?;
        let row = &mut self.rows[position as usize];
        self.by_updated.remove(&(row.updated().timestamp_millis(), id, position));
        let result = change(row);
        self.by_updated.insert((row.updated().timestamp_millis(), id, position));
        self.version += 1;
        Some(result)
    }

    /// Positions of the documents that changed after an instant, the one that changed first in front; of all without.
    pub fn since(&self, after: Option<DateTime<Utc>>) -> impl Iterator<Item = u32> {
        let start = after.map_or(Bound::Unbounded, |after| Bound::Excluded((after.timestamp_millis(), Uuid::max(), u32::MAX)));
        self.by_updated.range((start, Bound::Unbounded)).map(|(_, _, position)| *position)
    }

    /// All documents, in the order in which they were added.
    pub fn all(&self) -> &[T] {
        &self.rows
    }

    /// A number that grows with every change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.rows.len()
    }
}
