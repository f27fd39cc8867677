//! New access tokens for the clients of one grant. A client that removed the extension loses its token alone: the others
//! of the same consent keep theirs.

use domain::port::{
    access::{Fresh, RenewError, Renewal},
    vault::SecretString,
};

use super::{
    super::Setup,
    keys::Keys,
    token::{self, TokenError},
};

/// Renews. Stateless.
pub(in crate::connectors::poweroffice) struct Renewing(pub Setup);

#[async_trait::async_trait]
impl Renewal for Renewing {
    async fn renew(&self, keys: &SecretString) -> Result<Fresh, RenewError> {
        let mut keys = Keys::read(keys).ok_or_else(|| RenewError::Refused("the stored keys cannot be read: connect again".into()))?;
        let mut good_for = None;
        for client in keys.clients.values_mut() {
            client.access = match token::ask(&self.0, &client.client_key).await {
                Ok(token) => {
                    good_for = Some(good_for.map_or(token.good_for, |least| token.good_for.min(least)));
                    Some(token.access)
                }
                Err(TokenError::Refused) => None,
                Err(error) => return Err(error.into()),
            };
        }
        if good_for.is_none() {
            return Err(TokenError::Refused.into());
        }
        Ok(Fresh { keys: keys.write(), good_for, scopes: Vec::new() })
    }
}
