//! A client key that a person copied out of GO.

use std::collections::BTreeMap;

use domain::port::{
    access::Fresh,
    connect::{ConnectError, Granted, Pasted, PastedKeys},
    vault::ExposeSecret,
};

use super::{
    super::Setup,
    join::{Told, join},
    keys::Keys,
};

/// Characters of a key that are shown, so that a person tells one from another.
const HINT_CHARS: usize = 4;

/// Checks pasted client keys. Stateless.
pub(in crate::connectors::poweroffice) struct Pasting(pub Setup);

#[async_trait::async_trait]
impl Pasted for Pasting {
    async fn check(&self, pasted: &PastedKeys) -> Result<Granted, ConnectError> {
        let key = pasted.key.expose_secret().trim();
        if key.is_empty() {
            return Err(ConnectError::Refused("the client key is empty: copy it from PowerOffice GO, Settings, Extensions".into()));
        }
        let joined = join(&self.0, key.into(), Told::default()).await?;
        if let Some(missing) = joined.missing {
            return Err(ConnectError::Missing(missing));
        }
        let clients = BTreeMap::from([(joined.account.external_id.clone(), joined.keys)]);
        let fresh = Fresh { keys: Keys { clients }.write(), good_for: Some(joined.good_for), scopes: joined.scopes };
        Ok(Granted { fresh, accounts: vec![joined.account], hint: Some(hint(key)) })
    }
}

/// The end of a key; nothing of one that is so short that its end would give it away.
pub(super) fn hint(key: &str) -> String {
    let count = key.chars().count();
    key.chars().skip(if count < 4 * HINT_CHARS { count } else { count - HINT_CHARS }).collect()
}
