//! The keys document: what the vault keeps for one grant.

use std::collections::BTreeMap;

use domain::port::vault::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// Client keys and access tokens, by the account's id at [`domain::port::connect::Account::external_id`].
#[derive(Default, Serialize, Deserialize)]
pub(in crate::connectors::poweroffice) struct Keys {
    pub clients: BTreeMap<String, ClientKeys>,
}

/// The keys of one client of GO.
#[derive(Serialize, Deserialize)]
pub(in crate::connectors::poweroffice) struct ClientKeys {
    /// Lasts until the client removes the extension.
    #[serde(with = "text")]
    pub client_key: SecretString,
    /// Lasts minutes; none when the client key was refused at the last renewal.
    #[serde(default, with = "text::maybe", skip_serializing_if = "Option::is_none")]
    pub access: Option<SecretString>,
}

impl Keys {
    /// Reads the document; none when it is not one.
    pub fn read(document: &SecretString) -> Option<Self> {
        serde_json::from_str(document.expose_secret()).ok()
    }

    /// Writes the document.
    pub fn write(&self) -> SecretString {
        serde_json::to_string(self).unwrap_or_default().into()
    }
}

/// Secrets as plain text, for the one document that is sealed as a whole.
mod text {
    use domain::port::vault::{ExposeSecret, SecretString};
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(secret: &SecretString, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(secret.expose_secret())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SecretString, D::Error> {
        String::deserialize(from).map(Into::into)
    }

    pub mod maybe {
        use domain::port::vault::{ExposeSecret, SecretString};
        use serde::{Deserialize, Deserializer, Serialize, Serializer};

        #[expect(clippy::ref_option, reason = "the form that serde calls")]
        pub fn serialize<S: Serializer>(secret: &Option<SecretString>, to: S) -> Result<S::Ok, S::Error> {
            secret.as_ref().map(SecretString::expose_secret).serialize(to)
        }

        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SecretString>, D::Error> {
            Ok(Option::<String>::deserialize(from)?.map(Into::into))
        }
    }
}
