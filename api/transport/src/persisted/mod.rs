//! Documents that are asked for by name: those that callers registered themselves (automatic persisted queries), and those
//! that the operator trusts, which may be the only ones served.
//!
//! A name only stands for a text. Whatever is found passes the guard like a text that was sent; so a mutation by its hash
//! is a mutation, and not served over GET. What callers register is kept by this process alone, within
//! [`Limits::persisted_documents`](crate::Limits::persisted_documents): another process answers that it does not know it,
//! and clients send the text once more.

pub(crate) mod name;
mod trusted;

use std::sync::Arc;

pub(crate) use name::Name;
pub use trusted::{InvalidId, TrustedDocuments};

use crate::{
    fault::{Code, Fault},
    limits::Limits,
    weighed::{self, Key, Weighed},
};
use trusted::Trusted;

/// What a request wants to run.
#[derive(Debug)]
pub(crate) enum Wanted {
    /// This text, which shall be known by its hash from now on, if it came with one.
    Text { text: String, hash: Option<Key> },
    /// A text that is known already.
    Known(Name),
}

/// A document as it was sent or found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) text: Arc<str>,
    /// Under which hash to remember it, once it turns out to be valid.
    register: Option<Key>,
}

/// Every document that has a name.
pub(crate) struct Documents {
    trusted: Trusted,
    /// None when callers may not register any.
    registered: Option<Weighed<Arc<str>>>,
}

impl Documents {
    pub(crate) fn new(trusted: TrustedDocuments, limits: &Limits) -> Self {
        let trusted = Trusted::new(trusted);
        let open = limits.persisted_documents > 0 && !trusted.only;
        Self { trusted, registered: open.then(|| Weighed::new(limits.persisted_documents, limits.persisted_bytes)) }
    }

    /// Every trusted document, with the id that it has in its list.
    pub(crate) fn trusted(&self) -> impl Iterator<Item = (&str, &str)> {
        self.trusted.all()
    }

    /// The document that a request means.
    pub(crate) fn find(&self, wanted: Wanted, limits: &Limits) -> Result<Found, Fault> {
        match wanted {
            // What is too long is not hashed either; the guard refuses it.
            Wanted::Text { text, .. } if text.len() > limits.query_bytes => Ok(Found { text: text.into(), register: None }),
            Wanted::Text { text, hash } => self.sent(text, hash),
            Wanted::Known(name) => self.known(&name),
        }
    }

    fn sent(&self, text: String, hash: Option<Key>) -> Result<Found, Fault> {
        let own = (hash.is_some() || self.trusted.only).then(|| weighed::key(&text));
        if hash.is_some() && hash != own {
            return Err(Fault::new(Code::PersistedQueryMismatch, "The hash is not the document's own."));
        }
        if self.trusted.only && own.is_none_or(|own| self.trusted.by_hash(&own).is_none()) {
            return Err(untrusted());
        }
        Ok(Found { text: text.into(), register: hash })
    }

    fn known(&self, name: &Name) -> Result<Found, Fault> {
        let text = match name {
            Name::Id(id) => self.trusted.by_id(id),
            Name::Hash(hash) => self.trusted.by_hash(hash).or_else(|| self.registered.as_ref()?.get(hash)),
        };
        let text = text.ok_or_else(|| self.unknown(name))?;
        Ok(Found { text, register: None })
    }

    /// Two of these messages are words of a protocol: a client of automatic persisted queries sends the text after the
    /// first, and stops to send hashes after the second.
    fn unknown(&self, name: &Name) -> Fault {
        match (name, &self.registered) {
            _ if self.trusted.only => untrusted(),
            (Name::Id(_), _) | (Name::Hash(_), Some(_)) => Fault::new(Code::PersistedQueryNotFound, "PersistedQueryNotFound"),
            (Name::Hash(_), None) => Fault::new(Code::PersistedQueryNotSupported, "PersistedQueryNotSupported"),
        }
    }

    /// Remembers a document under the hash that it came with, now that it was found valid.
    pub(crate) fn register(&self, found: &Found) {
        if let (Some(hash), Some(registered)) = (found.register, &self.registered) {
            registered.put(hash, Arc::clone(&found.text), found.text.len());
        }
    }
}

fn untrusted() -> Fault {
    Fault::new(Code::DocumentNotTrusted, "Only documents that were registered beforehand are served here.")
}
