//! The control of a stand-in Xero: what tests, the page and the demo do to it from outside, as if they were people who
//! work in Xero. Every change follows Xero's rules and is stamped by the stand-in's clock.

mod contacts;
mod invoices;
mod ledger;
mod paths;
mod payments;
mod sign_in;
mod view;
mod world;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic::AtomicBool};

use actix_web::web::ServiceConfig;
use chrono::{TimeDelta, Utc};
use uuid::Uuid;

pub use invoices::{NewInvoice, Stamp};
pub use world::{Remembered, World};

use crate::{
    frame::Frame,
    limiter::{Limiter, Permit, Remaining, Rules, TooFast},
    xero::{identity::Grants, samples},
};

/// Minutes that answers to writes with an idempotency key are remembered.
const REMEMBERED_MINUTES: i64 = 6;

/// What tests, the page and the demo tell the stand-in Xero.
pub struct XeroControl {
    pub(super) frame: Arc<Frame>,
    world: RwLock<World>,
    limiter: Limiter,
    consents_at_once: AtomicBool,
}

impl XeroControl {
    pub(crate) fn new(frame: &Arc<Frame>) -> Self {
        let world = World {
            books: samples::books(frame),
            grants: Grants::default(),
            remembered: std::collections::HashMap::new(),
            events: Vec::new(),
            sequence: 0,
        };
        let rules = Rules { concurrent: 5, per_minute: 60, per_day: frame.options.app.calls_a_day, app_per_minute: 10_000 };
        let consents_at_once = AtomicBool::new(frame.options.auto_consent);
        Self { frame: frame.clone(), world: RwLock::new(world), limiter: Limiter::new(rules), consents_at_once }
    }

    pub(super) fn world(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn world_mut(&self) -> RwLockWriteGuard<'_, World> {
        self.world.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call for an organisation, unless the stand-in does not throttle.
    pub(super) fn enter(&self, tenant: Uuid) -> Result<Option<Permit>, TooFast> {
        let permit = self.frame.options.limits.then(|| self.limiter.enter(&tenant.to_string(), self.frame.now()));
        permit.transpose()
    }

    pub(super) fn remaining(&self, tenant: Uuid) -> Remaining {
        self.limiter.remaining(&tenant.to_string(), self.frame.now())
    }

    /// The answer that an idempotency key got, while it is remembered.
    pub(super) fn remembered(&self, tenant: Uuid, key: &str) -> Option<Remembered> {
        let oldest = self.frame.now() - TimeDelta::minutes(REMEMBERED_MINUTES);
        self.world().remembered.get(&(tenant, key.to_owned())).filter(|first| first.at > oldest).cloned()
    }

    pub(super) fn remember(&self, tenant: Uuid, key: &str, answer: Remembered) {
        let oldest = self.frame.now() - TimeDelta::minutes(REMEMBERED_MINUTES);
        let remembered = &mut self.world_mut().remembered;
        remembered.retain(|_, first| first.at > oldest);
        remembered.insert((tenant, key.to_owned()), answer);
    }

    /// Now, by the stand-in's clock.
    fn now(&self) -> chrono::DateTime<Utc> {
        self.frame.now()
    }
}

/// Adds the control paths and the page.
pub fn routes(config: &mut ServiceConfig) {
    paths::routes(config);
    config.service(view::page);
}
