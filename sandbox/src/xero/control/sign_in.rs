//! What a person does in Xero about access, and what time does to tokens.

use std::sync::atomic::Ordering;

use uuid::Uuid;

use super::XeroControl;
use crate::{
    input::Refused,
    xero::{
        identity::{Asked, Connection, TokenSet, scope},
        webhook::{self, Delivery, Event, Intent},
    },
};

impl XeroControl {
    /// The organisations, each with its id (Xero's tenant id) and name.
    pub fn organisations(&self) -> Vec<(Uuid, String)> {
        self.world().books.iter().map(|books| (books.organisation.id, books.organisation.name.clone())).collect()
    }

    /// The tenant id of the first organisation, from New Zealand.
    pub fn first_organisation(&self) -> Uuid {
        self.world().books.first().map(|books| books.organisation.id).unwrap_or_default()
    }

    /// Whether consent is given without asking a person.
    pub fn consents_at_once(&self) -> bool {
        self.consents_at_once.load(Ordering::Relaxed)
    }

    /// From now on consent is given at once, or a person is asked again.
    pub fn consent_at_once(&self, at_once: bool) {
        self.consents_at_once.store(at_once, Ordering::Relaxed);
    }

    /// The person consented: what is sent back with them.
    pub(in crate::xero) fn consented(&self, asked: Asked, tenants: &[Uuid]) -> Vec<(&'static str, String)> {
        let code = self.world_mut().grants.consent(asked, tenants, &self.frame.chance, self.now());
        vec![("code", code)]
    }

    /// Tokens as if a person had just consented to these scopes, separated by spaces, for all organisations.
    ///
    /// # Errors
    /// When the scopes are not ones that apps get.
    pub fn sign_in(&self, scopes: &str) -> Result<TokenSet, Refused> {
        let scopes = scope::parse(scopes).ok_or_else(|| Refused::NotNow("invalid_scope".to_owned()))?;
        let redirect_uri = "https://localhost/".to_owned();
        let asked = Asked { redirect_uri: redirect_uri.clone(), scopes, state: String::new(), challenge: None };
        let tenants: Vec<Uuid> = self.organisations().into_iter().map(|(id, _)| id).collect();
        let (chance, now) = (&self.frame.chance, self.now());
        let grants = &mut self.world_mut().grants;
        let code = grants.consent(asked, &tenants, chance, now);
        grants.exchange(&code, &redirect_uri, None, chance, now).map_err(|_| Refused::NotNow("invalid_grant".to_owned()))
    }

    /// All access tokens are over; refresh tokens are still good.
    pub fn expire_tokens(&self) {
        let now = self.now();
        self.world_mut().grants.expire_access(now);
    }

    /// The person takes all access back: refresh tokens are void and no organisation is connected.
    pub fn revoke_grant(&self) {
        self.world_mut().grants.revoke_all();
    }

    /// The person disconnects one organisation; answers whether it was connected.
    pub fn disconnect(&self, tenant: Uuid) -> bool {
        self.world_mut().grants.disconnect(|connection| connection.tenant == tenant)
    }

    /// The connections there are.
    pub fn connections(&self) -> Vec<Connection> {
        self.world().grants.connections().to_vec()
    }

    /// The changes that no webhook was sent for yet.
    pub fn pending_events(&self) -> Vec<Event> {
        self.world().events.clone()
    }

    /// Sends the changes since the last time to a receiver, signed. They are not sent again, whatever it answers: send
    /// what this answers with [`XeroControl::send_events`] to repeat a delivery.
    pub async fn send_webhook(&self, url: &str) -> (Vec<Event>, Delivery) {
        let events = std::mem::take(&mut self.world_mut().events);
        let delivery = self.send_events(url, &events).await;
        (events, delivery)
    }

    /// Sends events to a receiver, signed.
    pub async fn send_events(&self, url: &str, events: &[Event]) -> Delivery {
        let first = {
            let mut world = self.world_mut();
            let first = world.sequence + 1;
            world.sequence += u32::try_from(events.len()).unwrap_or(u32::MAX);
            first
        };
        let body = webhook::body(events, first, &self.frame.chance.token());
        let signature = webhook::signature(&self.frame.options.app.webhook_key, &body);
        webhook::deliver(url, body, &signature).await
    }

    /// Puts a receiver through the intent to receive: it must take what is signed rightly and answer 401 to the rest.
    pub async fn intend_to_receive(&self, url: &str) -> Intent {
        let key = &self.frame.options.app.webhook_key;
        let mut attempts = Vec::new();
        for right in [true, false, true, false] {
            let body = webhook::intent_body(&self.frame.chance.token());
            let signature = if right { webhook::signature(key, &body) } else { webhook::signature("another key", &body) };
            attempts.push((right, webhook::deliver(url, body, &signature).await));
        }
        let passed = attempts.iter().all(|(right, taken)| if *right { taken.accepted } else { taken.status == Some(401) });
        Intent { passed, attempts }
    }
}
