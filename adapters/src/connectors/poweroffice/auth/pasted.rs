//! A client key that a person copied out of GO.

use std::collections::BTreeMap;

use domain::port::{
    access::Fresh,
    connect::{ConnectError, Granted, Pasted, PastedKeys},
    vault::{ExposeSecret, hint},
};

use super::{
    super::Setup,
    join::{Told, join},
    keys::Keys,
};

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
        Ok(Granted { fresh, accounts: vec![joined.account], hint: hint(key) })
    }
}
