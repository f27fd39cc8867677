//! What is looked up beside a list: contacts and payments by their ids. Asking for many ids costs more calls than reading
//! the whole list of the organisation, for few ids it is the other way round; which is cheaper is found by counting, with
//! one look at the list's first page to learn its length. What was found is kept for the next pages.

use std::collections::{BTreeSet, HashMap};

/// Up to so many questions it is not worth a look how long the list is.
const FEW_QUESTIONS: usize = 2;

/// Longest list that is read instead, in pages: it is read within one step of the pull.
const MAX_LISTED_PAGES: u32 = 20;

/// Most records kept, some 30 MB; beyond it is forgotten and asked again.
const MAX_KEPT: usize = 50_000;

/// Records by id.
pub(super) struct Catalogue<T> {
    /// None for what was asked for and is not there.
    found: HashMap<String, Option<T>>,
    list: List,
    /// Ids of one question.
    at_once: usize,
}

/// How far the list was read.
enum List {
    Unread,
    Reading {
        next: u32,
        pages: u32,
    },
    /// To its end, or it is too long.
    Over,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// All is found.
    Done,
    /// Ask for these.
    Ask(Vec<String>),
    /// Read this page of the list.
    Read(u32),
}

impl<T> Catalogue<T> {
    pub(super) fn new(at_once: usize) -> Self {
        Self { found: HashMap::new(), list: List::Unread, at_once }
    }

    /// The cheapest next step to know all of these; as many again are expected for each of the pages to come.
    pub(super) fn step<'w>(&self, wanted: impl IntoIterator<Item = &'w str>, pages_to_come: usize) -> Step {
        // In the order in which they are wanted.
        let mut seen = BTreeSet::new();
        let missing: Vec<&str> = wanted.into_iter().filter(|id| !self.found.contains_key(*id) && seen.insert(*id)).collect();
        let questions = missing.len().div_ceil(self.at_once).saturating_mul(pages_to_come.max(1));
        match self.list {
            _ if missing.is_empty() => Step::Done,
            List::Unread if questions > FEW_QUESTIONS => Step::Read(1),
            List::Reading { next, pages } if ((pages - next) as usize) < questions => Step::Read(next),
            _ => Step::Ask(missing.into_iter().take(self.at_once).map(str::to_owned).collect()),
        }
    }

    /// A page of the list was read.
    pub(super) fn read(&mut self, page: u32, pages: u32) {
        self.list = if page >= pages || pages > MAX_LISTED_PAGES { List::Over } else { List::Reading { next: page + 1, pages } };
    }

    /// Nothing more will be found for these.
    pub(super) fn asked(&mut self, ids: Vec<String>) {
        for id in ids {
            self.found.entry(id).or_insert(None);
        }
    }

    pub(super) fn keep(&mut self, id: String, record: T) {
        self.found.insert(id, Some(record));
    }

    pub(super) fn get(&self, id: &str) -> Option<&T> {
        self.found.get(id)?.as_ref()
    }

    /// Whether it was found, or found not to be there.
    pub(super) fn knows(&self, id: &str) -> bool {
        self.found.contains_key(id)
    }

    /// Makes room when too much is kept.
    pub(super) fn tidy(&mut self) {
        if self.found.len() > MAX_KEPT {
            self.found.clear();
            self.list = List::Over;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("{n:04}")).collect()
    }

    fn step(catalogue: &Catalogue<()>, wanted: &[String], pages_to_come: usize) -> Step {
        catalogue.step(wanted.iter().map(String::as_str), pages_to_come)
    }

    #[test]
    fn few_ids_are_asked_for_without_a_look_at_the_list() {
        let catalogue = Catalogue::<()>::new(40);
        assert_eq!(step(&catalogue, &[], 1), Step::Done);
        assert_eq!(step(&catalogue, &ids(80), 1), Step::Ask(ids(40)));
        assert_eq!(step(&catalogue, &ids(81), 1), Step::Read(1), "three questions may cost more than the list");
        assert_eq!(step(&catalogue, &ids(40), 3), Step::Read(1), "so may one question for each of three pages");
    }

    #[test]
    fn the_list_is_read_on_while_that_is_cheaper() {
        let mut catalogue = Catalogue::<()>::new(40);
        catalogue.read(1, 5);
        assert_eq!(step(&catalogue, &ids(160), 1), Step::Read(2), "four pages or four questions: the list may serve the next page too");
        assert_eq!(step(&catalogue, &ids(120), 1), Step::Ask(ids(40)));
        catalogue.read(1, 21);
        assert_eq!(step(&catalogue, &ids(1_000), 100), Step::Ask(ids(40)), "too long");
    }

    #[test]
    fn what_was_asked_in_vain_is_not_asked_again() {
        let mut catalogue = Catalogue::<()>::new(40);
        catalogue.keep("0000".into(), ());
        catalogue.asked(ids(2));
        assert_eq!(step(&catalogue, &ids(2), 1), Step::Done);
        assert_eq!((catalogue.get("0000"), catalogue.get("0001")), (Some(&()), None));
    }

    #[test]
    fn an_id_that_is_wanted_twice_is_asked_for_once() {
        let wanted = ["b", "a", "b"];
        assert_eq!(Catalogue::<()>::new(40).step(wanted, 1), Step::Ask(vec!["b".into(), "a".into()]));
    }
}
