//! Joining Xero, keeping its keys alive, and leaving it.
//!
//! Consent is OAuth 2.0 with a code and PKCE, by a confidential app. An access token lives half an hour; a refresh token
//! is good for one use and sixty days, and a used one may be shown again for half an hour, in case its answer was lost.
//! So only `invalid_grant` ends a grant: every other failure is worth another try with the same keys. Who renews, alone
//! and with the new keys stored before they are used, is the domain's business.

use domain::port::{
    SourceError,
    access::{Access, Fresh, Lent, RenewError, Renewal},
    connect::{Account, ConnectError, Consent, ConsentAsk, Farewell, Granted},
    vault::SecretString,
};
use oauth2::{AuthorizationCode, CsrfToken, PkceCodeVerifier, RefreshToken, Scope, TokenResponse, url::ParseError};
use secrecy::ExposeSecret;

use super::{
    connections,
    keys::{Keys, fresh},
    oauth::{Carrier, TokenError, client, described, is_invalid_grant},
    settings::Settings,
};
use crate::http::{Http, StatusCode, Url};

/// Xero's consent, renewal and farewell.
pub(super) struct XeroAuth {
    pub(super) http: Http,
    pub(super) settings: Settings,
}

#[async_trait::async_trait]
impl Consent for XeroAuth {
    async fn page(&self, ask: &ConsentAsk) -> Result<String, ConnectError> {
        let client = client(&self.settings).map_err(misconfigured)?;
        let state = ask.state.clone();
        let (url, _) = client
            .authorize_url(move || CsrfToken::new(state))
            .add_scopes(self.settings.scopes().map(|scope| Scope::new(scope.into())))
            .add_extra_param("code_challenge", &ask.challenge)
            .add_extra_param("code_challenge_method", "S256")
            .url();
        Ok(url.into())
    }

    async fn trade(&self, code: &SecretString, verifier: &SecretString) -> Result<Granted, ConnectError> {
        let client = client(&self.settings).map_err(misconfigured)?;
        let answer = client
            .exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()))
            .request_async(&Carrier(&self.http))
            .await
            .map_err(|error| not_granted(&error))?;
        let no_refresh = || ConnectError::Missing("Xero gave no lasting access: connect again and allow offline access".into());
        let fresh = fresh(&answer, None).ok_or_else(no_refresh)?;
        let jwt = answer.access_token().secret();
        let accounts = connections::of_token(&self.http, &self.settings, &SecretString::from(jwt.as_str()), jwt).await?;
        if accounts.is_empty() {
            return Err(ConnectError::Refused("no organisation was chosen at Xero".into()));
        }
        Ok(Granted { fresh, accounts, hint: None })
    }
}

#[async_trait::async_trait]
impl Renewal for XeroAuth {
    async fn renew(&self, keys: &SecretString) -> Result<Fresh, RenewError> {
        let keys = Keys::read(keys).ok_or_else(|| RenewError::Refused("the stored keys are not Xero's: connect again".into()))?;
        let client = client(&self.settings).map_err(|_| RenewError::Unavailable("an address configured for Xero is none".into()))?;
        let token = RefreshToken::new(keys.refresh_token().to_owned());
        let answer =
            client.exchange_refresh_token(&token).request_async(&Carrier(&self.http)).await.map_err(|error| not_renewed(&error))?;
        fresh(&answer, Some(keys.refresh_token())).ok_or_else(|| RenewError::Unavailable("Xero gave no keys that can be stored".into()))
    }
}

#[async_trait::async_trait]
impl Farewell for XeroAuth {
    async fn leave(&self, access: &dyn Access, account: &Account, all: bool) -> Result<(), ConnectError> {
        let Some(lent) = still_open(access.lend().await)? else { return Ok(()) };
        let Some(lent) = self.disconnect(access, lent, account).await? else { return Ok(()) };
        if all { self.revoke(&lent).await } else { Ok(()) }
    }
}

impl XeroAuth {
    /// Ends the connection; gone already is as good. Answers the keys that worked, none when the grant has ended.
    async fn disconnect(&self, access: &dyn Access, lent: Lent, account: &Account) -> Result<Option<Lent>, ConnectError> {
        let Some(connection) = account.connection_id.as_deref() else { return Ok(Some(lent)) };
        let first = connections::delete(&self.http, &self.settings, &token(&lent)?, connection).await?;
        let (answer, lent) = if first.status == StatusCode::UNAUTHORIZED {
            let Some(lent) = still_open(access.refused(&lent).await)? else { return Ok(None) };
            (connections::delete(&self.http, &self.settings, &token(&lent)?, connection).await?, lent)
        } else {
            (first, lent)
        };
        match answer.status {
            // 403: the organisation was disconnected at Xero, or the user lost it.
            StatusCode::OK | StatusCode::NO_CONTENT | StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => Ok(Some(lent)),
            _ => Err(answer.unexpected().into()),
        }
    }

    /// Ends the whole grant. The `oauth2` crate would not call an address without TLS, as stand-ins have.
    async fn revoke(&self, lent: &Lent) -> Result<(), ConnectError> {
        let keys = Keys::read(&lent.keys).ok_or_else(not_ours)?;
        let url = Url::parse(&self.settings.revocation_url).map_err(misconfigured)?;
        let call = self.http.post(url).basic(&self.settings.client_id, &self.settings.client_secret);
        let answer = call.form(&[("token", keys.refresh_token())]).send().await?;
        if answer.status == StatusCode::OK { Ok(()) } else { Err(answer.unexpected().into()) }
    }
}

/// The keys, none when Xero has ended the grant already: then nothing is left to leave.
fn still_open(lent: Result<Lent, SourceError>) -> Result<Option<Lent>, ConnectError> {
    match lent {
        Ok(lent) => Ok(Some(lent)),
        Err(SourceError::Unauthorised(_)) => Ok(None),
        Err(error) => Err(ConnectError::Unavailable(error.to_string())),
    }
}

fn token(lent: &Lent) -> Result<SecretString, ConnectError> {
    Keys::read(&lent.keys).map(|keys| keys.access_token()).ok_or_else(not_ours)
}

fn not_ours() -> ConnectError {
    ConnectError::Refused("the stored keys are not Xero's".into())
}

fn misconfigured(_: ParseError) -> ConnectError {
    ConnectError::BadAddress("an address configured for Xero is none".into())
}

fn not_granted(error: &TokenError) -> ConnectError {
    if is_invalid_grant(error) {
        return ConnectError::Refused("Xero's answer has run out or was used before: connect again".into());
    }
    ConnectError::Unavailable(described(error))
}

fn not_renewed(error: &TokenError) -> RenewError {
    if is_invalid_grant(error) {
        return RenewError::Refused("Xero has ended our access: connect again".into());
    }
    RenewError::Unavailable(described(error))
}
