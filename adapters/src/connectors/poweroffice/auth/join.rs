//! From a client key to an account: a token, and what GO says of the client that the key opens.

use domain::port::{
    connect::{Account, ConnectError},
    vault::{ExposeSecret, SecretString},
};

use super::{
    super::{COUNTRY, CURRENCY, Setup, ZONE, hash, wire::Information},
    keys::ClientKeys,
    privilege,
    token::{self, Token},
};
use crate::http::{HttpError, StatusCode};

/// Most bytes of the answer: some names and a list of rights.
const MAX_BYTES: usize = 1024 * 1024;

/// A client that opened.
pub(super) struct Joined {
    pub account: Account,
    pub keys: ClientKeys,
    pub good_for: std::time::Duration,
    /// The rights that work.
    pub scopes: Vec<String>,
    /// What a pull will miss.
    pub missing: Option<String>,
}

/// What the onboarding said of a client, where there was one.
#[derive(Default)]
pub(super) struct Told {
    pub name: Option<String>,
    pub organisation: Option<String>,
}

/// Opens a client. The account's id is GO's id of the client, which onboarding and pasting both learn; without one the
/// organisation number, and without that a digest of the client key.
pub(super) async fn join(setup: &Setup, client_key: SecretString, told: Told) -> Result<Joined, ConnectError> {
    let Token { access, good_for } = token::ask(setup, &client_key).await?;
    let information = information(setup, &access).await?;
    let organisation = told.organisation.map(|number| format!("org-{number}"));
    let external_id =
        filled(information.client_id.as_deref()).or(organisation).unwrap_or_else(|| format!("key-{}", hash(client_key.expose_secret())));
    let name = filled(information.client_name.as_deref()).or(told.name).unwrap_or_else(|| external_id.clone());
    let account = Account {
        external_id,
        name,
        base_url: None,
        connection_id: None,
        time_zone: Some(ZONE.into()),
        currency: Some(CURRENCY.into()),
        country: Some(COUNTRY.into()),
    };
    let missing = privilege::missing(&information);
    let keys = ClientKeys { client_key, access: Some(access) };
    Ok(Joined { account, keys, good_for, scopes: information.valid_privileges.unwrap_or_default(), missing })
}

async fn information(setup: &Setup, access: &SecretString) -> Result<Information, ConnectError> {
    let url = setup.api(&["ClientIntegrationInformation"])?;
    let answer = setup.subscribed(setup.http.get(url)).bearer(access).at_most(MAX_BYTES).send().await?;
    let answer = answer.sorted(chrono::DateTime::UNIX_EPOCH)?;
    match answer.status {
        StatusCode::OK => Ok(answer.json()?),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(ConnectError::Refused("PowerOffice GO gave a token for this client key and refuses it: try again in a minute".into()))
        }
        _ => Err(HttpError::into(answer.unexpected())),
    }
}

fn filled(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}
