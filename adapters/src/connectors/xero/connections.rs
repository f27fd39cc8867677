//! The organisations that a grant opens. A connection has an id of its own besides the organisation's.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::port::{
    connect::{Account, ConnectError},
    vault::SecretString,
};
use serde::Deserialize;

use super::{id, settings::Settings};
use crate::http::{Answer, Http, HttpError, Method, StatusCode, Url, header::ACCEPT};

/// What is connected besides organisations (practices) has no invoices.
const ORGANISATION: &str = "ORGANISATION";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection {
    id: String,
    tenant_id: String,
    tenant_type: String,
    tenant_name: Option<String>,
}

/// The part of an access token that says with which consent it came.
#[derive(Deserialize)]
struct Claims {
    authentication_event_id: Option<String>,
}

/// The organisations of the consent that brought this token; all that the token opens when that is not told.
pub(super) async fn of_token(http: &Http, settings: &Settings, token: &SecretString, jwt: &str) -> Result<Vec<Account>, ConnectError> {
    if let Some(event) = event_of(jwt) {
        let accounts = list(http, settings, token, Some(&event)).await?;
        if !accounts.is_empty() {
            return Ok(accounts);
        }
    }
    list(http, settings, token, None).await
}

async fn list(http: &Http, settings: &Settings, token: &SecretString, event: Option<&str>) -> Result<Vec<Account>, ConnectError> {
    let query: Vec<(&str, &str)> = event.map(|event| ("authEventId", event)).into_iter().collect();
    let answer = http.get(address(settings, "")?).query(&query).bearer(token).header(ACCEPT, "application/json").send().await?;
    if answer.status != StatusCode::OK {
        return Err(answer.unexpected().into());
    }
    let connections: Vec<Connection> = answer.json()?;
    Ok(connections.into_iter().filter(|connection| connection.tenant_type == ORGANISATION).map(account).collect())
}

/// Ends one connection. The answer is of any status.
pub(super) async fn delete(http: &Http, settings: &Settings, token: &SecretString, connection: &str) -> Result<Answer, ConnectError> {
    if !id::is_id(connection) {
        return Err(ConnectError::Refused("the stored connection is not one of Xero's".into()));
    }
    Ok(http.call(Method::DELETE, address(settings, &format!("/{connection}"))?).bearer(token).send().await?)
}

fn address(settings: &Settings, path: &str) -> Result<Url, HttpError> {
    let text = format!("{}{path}", settings.connections_url);
    Url::parse(&text).map_err(|_| HttpError::Blocked("the configured address of Xero's connections is none".into()))
}

fn account(connection: Connection) -> Account {
    let name = connection.tenant_name.as_deref().map(str::trim).filter(|name| !name.is_empty()).unwrap_or("Xero organisation").to_owned();
    Account {
        external_id: connection.tenant_id,
        name,
        base_url: None,
        connection_id: Some(connection.id),
        time_zone: None,
        currency: None,
        country: None,
    }
}

/// Reads the consent's id out of the token without checking its signature: it came from Xero over TLS, and only narrows
/// a list.
fn event_of(jwt: &str) -> Option<String> {
    let claims = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1)?).ok()?;
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    claims.authentication_event_id.filter(|event| id::is_id(event))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_consents_id_is_read_from_the_token_and_from_nothing_else() {
        let claims = |json: &str| format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(json));
        let id = "7cb59f93-2964-421d-bb5e-a0f7a4572a44";
        assert_eq!(event_of(&claims(&format!(r#"{{"authentication_event_id":"{id}"}}"#))).as_deref(), Some(id));
        for other in [claims("{}"), claims(r#"{"authentication_event_id":"x&y=1"}"#), claims("no json"), "opaque".into(), String::new()] {
            assert_eq!(event_of(&other), None, "{other}");
        }
    }

    #[test]
    fn a_connection_is_an_account_with_both_its_ids() {
        let json = r#"{"id":"7cb59f93-2964-421d-bb5e-a0f7a4572a44","tenantId":"fe79f7dd-b6d4-4a92-ba7b-538af6289c58","tenantType":"ORGANISATION","tenantName":"Demo Company (NZ)","createdDateUtc":"2019-12-07T18:46:19.5165400"}"#;
        let account = account(serde_json::from_str(json).unwrap());
        assert_eq!(account.external_id, "fe79f7dd-b6d4-4a92-ba7b-538af6289c58");
        assert_eq!(account.connection_id.as_deref(), Some("7cb59f93-2964-421d-bb5e-a0f7a4572a44"));
        assert_eq!(account.name, "Demo Company (NZ)");
    }
}
