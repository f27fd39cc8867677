//! Lists that are asked for page by page: the rows that match a query, in its order, are found once and kept until the
//! data change, so that the thousandth page of a million rows costs as much as the first.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

/// How many lists are kept; the one made first is dropped.
const KEPT: usize = 8;

struct List {
    version: u64,
    query: String,
    rows: Arc<[u32]>,
}

/// The lists found last.
#[derive(Default)]
pub struct Lists(Mutex<VecDeque<List>>);

impl Lists {
    /// The positions of the rows that a query finds in data of a version; `find` is run when nobody asked before.
    pub fn of(&self, version: u64, query: &str, find: impl FnOnce() -> Vec<u32>) -> Arc<[u32]> {
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lists.retain(|list| list.version == version);
        if let Some(list) = lists.iter().find(|list| list.query == query) {
            return list.rows.clone();
        }
        let rows: Arc<[u32]> = find().into();
        if lists.len() == KEPT {
            lists.pop_front();
        }
        lists.push_back(List { version, query: query.to_owned(), rows: rows.clone() });
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_found_once_per_version_and_query() {
        let lists = Lists::default();
        assert_eq!(*lists.of(1, "a", || vec![1, 2]), [1, 2]);
        assert_eq!(*lists.of(1, "a", || unreachable!("it is kept")), [1, 2]);
        assert_eq!(*lists.of(1, "b", || vec![3]), [3]);
        assert_eq!(*lists.of(2, "a", || vec![4]), [4]);
    }
}
