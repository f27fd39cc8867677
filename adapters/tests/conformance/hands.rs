//! Lends keys and takes turns as the product does, without a database: keys are renewed by the connector itself, turns
//! are always free, and both are remembered.

use std::sync::{
    Mutex,
    atomic::{AtomicI64, Ordering},
};

use domain::port::{
    SourceError, System,
    access::{Access, Lent},
    throttle::{Limit, Throttle, Told, Turn},
    vault::{ExposeSecret as _, SecretString},
};

/// The keys and turns of one test.
pub struct Hands {
    system: System,
    keys: Mutex<SecretString>,
    version: AtomicI64,
    /// Every key that was ever lent.
    known: Mutex<Vec<String>>,
    /// The limits of each turn.
    pub entered: Mutex<Vec<Vec<Limit>>>,
    /// What was told at the end of each turn.
    pub left: Mutex<Vec<Told>>,
}

impl Hands {
    pub fn new(system: System, keys: SecretString) -> Self {
        let known = Mutex::new(texts(&keys));
        let (entered, left) = (Mutex::default(), Mutex::default());
        Self { system, keys: Mutex::new(keys), version: AtomicI64::new(1), known, entered, left }
    }

    /// How often keys were refused.
    pub fn refusals(&self) -> i64 {
        self.version.load(Ordering::SeqCst) - 1
    }

    /// The texts in all keys so far.
    pub fn known(&self) -> Vec<String> {
        self.known.lock().unwrap().clone()
    }

    fn lent(&self) -> Lent {
        Lent { keys: self.keys.lock().unwrap().clone(), version: self.version.load(Ordering::SeqCst) }
    }
}

#[async_trait::async_trait]
impl Access for Hands {
    async fn lend(&self) -> Result<Lent, SourceError> {
        Ok(self.lent())
    }

    async fn refused(&self, lent: &Lent) -> Result<Lent, SourceError> {
        assert_eq!(lent.version, self.version.fetch_add(1, Ordering::SeqCst), "the keys that are refused are those lent last");
        if let Some(renewal) = &self.system.renewal {
            let fresh = renewal.renew(&lent.keys).await.map_err(|error| SourceError::Unauthorised(error.to_string()))?;
            self.known.lock().unwrap().extend(texts(&fresh.keys));
            *self.keys.lock().unwrap() = fresh.keys;
        }
        Ok(self.lent())
    }
}

#[async_trait::async_trait]
impl Throttle for Hands {
    async fn enter(&self, limits: &[Limit]) -> Result<Turn, SourceError> {
        self.entered.lock().unwrap().push(limits.to_vec());
        Ok(Turn::default())
    }

    async fn leave(&self, _: Turn, told: Told) {
        self.left.lock().unwrap().push(told);
    }
}

/// The texts in a document of keys, wherever they stand.
fn texts(keys: &SecretString) -> Vec<String> {
    let mut left = vec![serde_json::from_str(keys.expose_secret()).unwrap()];
    let mut found = Vec::new();
    while let Some(value) = left.pop() {
        match value {
            serde_json::Value::Object(fields) => left.extend(fields.into_iter().map(|(_, value)| value)),
            serde_json::Value::Array(items) => left.extend(items),
            serde_json::Value::String(text) => found.push(text),
            _ => {}
        }
    }
    assert!(!found.is_empty(), "keys have texts");
    found
}
