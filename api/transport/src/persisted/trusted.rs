//! The documents that the operator trusts: each by its hash and, where it has one, by an id of its own.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::name;
use crate::weighed::{self, Key};

/// Documents known beforehand, as an application lists them.
#[derive(Clone, Debug, Default)]
pub struct TrustedDocuments {
    texts: BTreeMap<String, Arc<str>>,
    only: bool,
}

/// An id that no request could name, or that means two documents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// Not of the characters that `documentId` is made of, or too long.
    #[error("\"{0}\" is no id of a document: at most {max} letters, digits and - . _ ~", max = name::MAX_ID_BYTES)]
    Malformed(String),
    /// Given to two different documents.
    #[error("\"{0}\" names two documents")]
    Ambiguous(String),
}

impl TrustedDocuments {
    /// Adds a document under an id. It is known by the SHA-256 of its text as well.
    ///
    /// # Errors
    /// When nothing can be called that, or another document is called so already.
    pub fn add(&mut self, id: &str, text: &str) -> Result<(), InvalidId> {
        if !name::is_id(id) {
            return Err(InvalidId::Malformed(id.chars().take(name::MAX_ID_BYTES).collect()));
        }
        match self.texts.get(id) {
            Some(known) if **known != *text => return Err(InvalidId::Ambiguous(id.to_owned())),
            Some(_) => {}
            None => {
                self.texts.insert(id.to_owned(), text.into());
            }
        }
        Ok(())
    }

    /// Serves these documents and no others.
    #[must_use]
    pub fn only(mut self) -> Self {
        self.only = true;
        self
    }

    /// How many ids there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

/// The list, ready to be asked.
pub(super) struct Trusted {
    by_id: BTreeMap<String, Arc<str>>,
    by_hash: HashMap<Key, Arc<str>>,
    pub(super) only: bool,
}

impl Trusted {
    pub(super) fn new(list: TrustedDocuments) -> Self {
        let by_hash = list.texts.values().map(|text| (weighed::key(text), Arc::clone(text))).collect();
        Self { by_id: list.texts, by_hash, only: list.only }
    }

    pub(super) fn by_id(&self, id: &str) -> Option<Arc<str>> {
        self.by_id.get(id).cloned()
    }

    pub(super) fn by_hash(&self, hash: &Key) -> Option<Arc<str>> {
        self.by_hash.get(hash).cloned()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.by_id.iter().map(|(id, text)| (id.as_str(), &**text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_means_one_document() {
        let mut list = TrustedDocuments::default();
        assert_eq!(list.add("a", "{ viewer }"), Ok(()));
        assert_eq!(list.add("a", "{ viewer }"), Ok(()), "the same twice, in two files perhaps");
        assert_eq!(list.add("a", "{ traceId }"), Err(InvalidId::Ambiguous("a".to_owned())));
        assert_eq!(list.add("b", "{ viewer }"), Ok(()), "two ids for one document");
        assert_eq!(list.add("a b", "{ viewer }"), Err(InvalidId::Malformed("a b".to_owned())));
        assert_eq!(list.len(), 2);
    }
}
