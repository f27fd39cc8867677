//! What every use case is given: the database, the clock, chance, the messenger and the outside world.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::DatabaseConnection;
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    clock::{Clock, Entropy, to_micros},
    port::{Messenger, Outside},
};

/// The surroundings of a use case. Cheap to clone.
#[derive(Clone)]
pub struct Env {
    /// The database.
    pub db: DatabaseConnection,
    /// The product's clock.
    pub clock: Arc<dyn Clock>,
    /// Chance, for ids and tokens.
    pub entropy: Arc<dyn Entropy>,
    /// Enqueues jobs inside transactions.
    pub messenger: Arc<dyn Messenger>,
    /// Connectors, channels and the letter renderer.
    pub outside: Arc<Outside>,
    /// Rung after each commit that wrote events.
    pub doorbell: Doorbell,
}

impl Env {
    /// Now by the product's clock, in the precision of the databases.
    pub fn now(&self) -> DateTime<Utc> {
        to_micros(self.clock.now())
    }

    /// A new id, sortable by the product's time.
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        let mut random = [0u8; 10];
        self.entropy.fill(&mut random);
        let millis = u64::try_from(self.clock.now().timestamp_millis()).unwrap_or(0);
        T::from(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }
}

/// The in-process bell that wakes the event tail; PostgreSQL rings other processes' bells by NOTIFY.
#[derive(Clone, Debug)]
pub struct Doorbell(Arc<watch::Sender<u64>>);

impl Default for Doorbell {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Doorbell {
    /// Wakes everyone who listens in this process.
    pub fn ring(&self) {
        self.0.send_modify(|n| *n = n.wrapping_add(1));
    }

    /// Hears every ring from now on.
    pub fn listen(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}
