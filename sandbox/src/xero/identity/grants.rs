//! Tokens and connections: what Xero's sign-in knows. Codes are used once and live five minutes, access tokens live 30
//! minutes, refresh tokens are used once and live 60 days unused. A refresh token that was just used may be used again
//! for 30 minutes, in case the answer was lost: then the pair that was lost dies and another takes its place.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::token::TokenSet;
use crate::chance::Chance;

/// Minutes that a code lives.
const CODE_MINUTES: i64 = 5;

/// Minutes that an access token lives.
pub const ACCESS_MINUTES: i64 = 30;

/// Minutes that a refresh token may be used again.
const GRACE_MINUTES: i64 = 30;

/// Days that an unused refresh token lives.
const REFRESH_DAYS: i64 = 60;

/// What an app asked a person for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Where the answer goes.
    pub redirect_uri: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// What comes back with the answer.
    pub state: String,
    /// The digest of the secret that the code must be fetched with.
    pub challenge: Option<String>,
}

struct Code {
    asked: Asked,
    event: Uuid,
    made_at: DateTime<Utc>,
}

/// A consent that was given; what tokens belong to.
struct Grant {
    event: Uuid,
    scopes: Vec<String>,
    revoked: bool,
}

enum Use {
    Never,
    Used { at: DateTime<Utc>, successor: String, access: String },
    Dead,
}

struct Refresh {
    grant: usize,
    made_at: DateTime<Utc>,
    used: Use,
}

struct Access {
    grant: usize,
    expires_at: DateTime<Utc>,
}

/// An organisation that the app may reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The id, which is not the tenant's.
    pub id: Uuid,
    /// The consent that it was last given with.
    pub event: Uuid,
    /// The organisation.
    pub tenant: Uuid,
    /// When it was first given.
    pub created_at: DateTime<Utc>,
    /// When it was last given.
    pub updated_at: DateTime<Utc>,
}

/// Whom an access token speaks for.
pub struct Bearer<'a> {
    /// What it may do.
    pub scopes: &'a [String],
}

/// Why an access token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoBearer {
    /// Nobody gave it out.
    Unknown,
    /// It was good until then.
    Expired(DateTime<Utc>),
}

/// `invalid_grant`: whatever was given is not, or no longer, worth a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidGrant;

/// Codes, tokens and connections of the one person who signs in.
#[derive(Default)]
pub struct Grants {
    waiting: HashMap<String, Asked>,
    codes: HashMap<String, Code>,
    given: Vec<Grant>,
    refresh: HashMap<String, Refresh>,
    access: HashMap<String, Access>,
    connections: Vec<Connection>,
}

impl Grants {
    /// Keeps what an app asked until the person decides; answers the name under which.
    pub fn ask(&mut self, asked: Asked, chance: &Chance) -> String {
        let name = chance.token();
        self.waiting.insert(name.clone(), asked);
        name
    }

    /// Takes what was asked, to decide on it.
    pub fn take_asked(&mut self, name: &str) -> Option<Asked> {
        self.waiting.remove(name)
    }

    /// The person consents, for some organisations. Answers the code.
    pub fn consent(&mut self, asked: Asked, tenants: &[Uuid], chance: &Chance, now: DateTime<Utc>) -> String {
        let event = chance.uuid();
        for tenant in tenants {
            self.connect(*tenant, event, chance, now);
        }
        let code = chance.token();
        self.codes.insert(code.clone(), Code { asked, event, made_at: now });
        code
    }

    fn connect(&mut self, tenant: Uuid, event: Uuid, chance: &Chance, now: DateTime<Utc>) {
        match self.connections.iter_mut().find(|connection| connection.tenant == tenant) {
            Some(connection) => (connection.event, connection.updated_at) = (event, now),
            None => self.connections.push(Connection { id: chance.uuid(), event, tenant, created_at: now, updated_at: now }),
        }
    }

    /// Changes a code for tokens. A code is gone with the first try, whether that was right or not.
    ///
    /// # Errors
    /// When the code is unknown, used or old, or the address or the secret is not that of the question.
    pub fn exchange(
        &mut self,
        code: &str,
        redirect_uri: &str,
        verifier: Option<&str>,
        chance: &Chance,
        now: DateTime<Utc>,
    ) -> Result<TokenSet, InvalidGrant> {
        let code = self.codes.remove(code).ok_or(InvalidGrant)?;
        let in_time = now < code.made_at + TimeDelta::minutes(CODE_MINUTES);
        let proven = proves(verifier, code.asked.challenge.as_deref());
        if !in_time || !proven || code.asked.redirect_uri != redirect_uri {
            return Err(InvalidGrant);
        }
        self.given.push(Grant { event: code.event, scopes: code.asked.scopes, revoked: false });
        Ok(self.issue(self.given.len() - 1, chance, now))
    }

    /// Changes a refresh token for a new pair.
    ///
    /// # Errors
    /// When the token is unknown, revoked, too old, or was used too long ago.
    pub fn refresh(&mut self, token: &str, chance: &Chance, now: DateTime<Utc>) -> Result<TokenSet, InvalidGrant> {
        let found = self.refresh.get(token).filter(|found| !self.given[found.grant].revoked).ok_or(InvalidGrant)?;
        let (grant, made_at) = (found.grant, found.made_at);
        match &found.used {
            Use::Never if now < made_at + TimeDelta::days(REFRESH_DAYS) => {
                let pair = self.issue(grant, chance, now);
                self.used(token, now, &pair);
                Ok(pair)
            }
            Use::Used { at, successor, access } if now < *at + TimeDelta::minutes(GRACE_MINUTES) && self.is_unused(successor) => {
                let (at, successor, access) = (*at, successor.clone(), access.clone());
                self.kill(&successor, &access);
                let pair = self.issue(grant, chance, now);
                // The grace counts from the first use: trying again does not prolong it.
                self.used(token, at, &pair);
                Ok(pair)
            }
            Use::Never | Use::Used { .. } | Use::Dead => Err(InvalidGrant),
        }
    }

    fn is_unused(&self, token: &str) -> bool {
        self.refresh.get(token).is_some_and(|found| matches!(found.used, Use::Never))
    }

    fn used(&mut self, token: &str, at: DateTime<Utc>, pair: &TokenSet) {
        if let (Some(found), Some(successor)) = (self.refresh.get_mut(token), &pair.refresh_token) {
            found.used = Use::Used { at, successor: successor.clone(), access: pair.access_token.clone() };
        }
    }

    fn kill(&mut self, refresh: &str, access: &str) {
        if let Some(found) = self.refresh.get_mut(refresh) {
            found.used = Use::Dead;
        }
        self.access.remove(access);
    }

    fn issue(&mut self, grant: usize, chance: &Chance, now: DateTime<Utc>) -> TokenSet {
        let Grant { event, scopes, .. } = &self.given[grant];
        let set = TokenSet::new(*event, scopes, chance, now);
        if let Some(token) = &set.refresh_token {
            self.refresh.insert(token.clone(), Refresh { grant, made_at: now, used: Use::Never });
        }
        self.access.retain(|_, access| now < access.expires_at + TimeDelta::days(1));
        self.access.insert(set.access_token.clone(), Access { grant, expires_at: now + TimeDelta::minutes(ACCESS_MINUTES) });
        set
    }

    /// Ends all that the person granted, as the owner of a refresh token may ask.
    pub fn revoke(&mut self, token: &str) {
        if self.refresh.contains_key(token) {
            self.revoke_all();
        }
    }

    /// Ends all that the person granted: no refresh token is good any more and no organisation is connected.
    pub fn revoke_all(&mut self) {
        self.given.iter_mut().for_each(|grant| grant.revoked = true);
        self.connections.clear();
    }

    /// All access tokens are over, as if their half hour had passed.
    pub fn expire_access(&mut self, now: DateTime<Utc>) {
        self.access.values_mut().for_each(|access| access.expires_at = access.expires_at.min(now));
    }

    /// Whom an access token speaks for.
    ///
    /// # Errors
    /// When it is unknown or its time is over.
    pub fn bearer(&self, token: &str, now: DateTime<Utc>) -> Result<Bearer<'_>, NoBearer> {
        let access = self.access.get(token).ok_or(NoBearer::Unknown)?;
        if now >= access.expires_at {
            return Err(NoBearer::Expired(access.expires_at));
        }
        Ok(Bearer { scopes: &self.given[access.grant].scopes })
    }

    /// The organisations the app may reach.
    pub fn connections(&self) -> &[Connection] {
        &self.connections
    }

    /// Whether the app may reach an organisation.
    pub fn reaches(&self, tenant: Uuid) -> bool {
        self.connections.iter().any(|connection| connection.tenant == tenant)
    }

    /// Cuts the connections that a caller likes to be cut; answers whether there were any.
    pub fn disconnect(&mut self, cut: impl Fn(&Connection) -> bool) -> bool {
        let before = self.connections.len();
        self.connections.retain(|connection| !cut(connection));
        self.connections.len() < before
    }
}

/// Whether a secret is the one whose digest was sent before. Without a digest there must be none.
fn proves(verifier: Option<&str>, challenge: Option<&str>) -> bool {
    let digest = verifier.map(challenge_of);
    let well_formed = verifier.is_none_or(|verifier| {
        (43..=128).contains(&verifier.len()) && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    });
    well_formed && digest.as_deref() == challenge
}

/// The S256 challenge of a verifier.
fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge_of(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(proves(Some(verifier), Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")));
        assert!(!proves(None, Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")));
        assert!(!proves(Some(verifier), None));
        assert!(!proves(Some("short"), Some(&challenge_of("short"))));
    }
}
