//! An accounting system as the product knows it: what holds for all its users, and which capabilities it has.

use std::sync::Arc;

use super::{
    Connector,
    access::Renewal,
    connect::{Consent, Farewell, Notes, OnlinePages, Pasted},
    webhook::Webhook,
};

/// What holds for everybody who uses one accounting system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Its name for people.
    pub name: &'static str,
    /// Days overdue from which an invoice is eligible unless changed.
    pub minimum_days: i32,
    /// The least that this may be set to.
    pub minimum_days_floor: i32,
    /// Minutes between two pulls unless changed; none for systems that are not asked (files).
    pub poll_minutes: Option<i32>,
    /// Letters wait when the last complete pull is older, in hours; none for systems that are not asked.
    pub freshness_hours: Option<i32>,
}

/// An accounting system: its profile and the capabilities that it has.
#[derive(Clone)]
pub struct System {
    /// What holds for everybody.
    pub profile: Profile,
    /// Pulls.
    pub connector: Arc<dyn Connector>,
    /// Is joined by consent in a browser.
    pub consent: Option<Arc<dyn Consent>>,
    /// Is joined by keys that a person pastes.
    pub pasted: Option<Arc<dyn Pasted>>,
    /// Its keys run out.
    pub renewal: Option<Arc<dyn Renewal>>,
    /// Wants to be told when somebody leaves.
    pub farewell: Option<Arc<dyn Farewell>>,
    /// Tells of changes.
    pub webhook: Option<Arc<dyn Webhook>>,
    /// Takes notes.
    pub notes: Option<Arc<dyn Notes>>,
    /// Has a page on the web for each invoice.
    pub online: Option<Arc<dyn OnlinePages>>,
}

impl System {
    /// A system that can only be pulled from.
    pub fn new(profile: Profile, connector: Arc<dyn Connector>) -> Self {
        Self { profile, connector, consent: None, pasted: None, renewal: None, farewell: None, webhook: None, notes: None, online: None }
    }
}
