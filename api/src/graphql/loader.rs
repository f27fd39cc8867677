//! Related rows in batches: what all items of a page ask for together is one statement. A key always holds the tenant,
//! so that a row of another one is never handed out, whoever asks; nothing is kept longer than its batch.

mod children;
mod figures;
mod pages;
mod revisions;
mod rows;
mod unusable;

pub use children::{
    AgenciesOf, AttemptsOf, ChargePaymentsOf, ChargesOf, DeliveriesOf, HandoversOf, IntegrationsOf, InvoicesOf, IssuesOf, LettersOf,
    MembersOf, PaymentsOf, PoliciesOf, ReceiptsOf, TasksOf,
};
pub use figures::{Figures, FiguresOf};
pub use pages::{RunsOf, Slice, TimelineOf, page};
pub use revisions::{Revision, RevisionsOf};
pub use rows::{EventOf, KeysOf, KnownKeys, LadderOf, Member, Row, TenantRow};

pub use unusable::UnusableOf;

use std::{
    collections::{BTreeMap, HashMap},
    future::Future,
    hash::Hash,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};
use entity::TenantId;
use sea_orm::{DatabaseConnection, DbErr};

use super::error::query_error;

/// Ids per statement, far below the databases' limits of bound values.
const CHUNK: usize = 5_000;

/// Turns of the scheduler without a new question after which a batch is complete.
const QUIET_TURNS: u32 = 16;

/// Turns after which a batch goes out in any case.
const MOST_TURNS: u32 = 10_000;

/// The loaders of one request.
pub struct Loads {
    pub(super) db: DatabaseConnection,
    /// How many questions were asked.
    asked: Arc<AtomicU64>,
}

/// Makes the loaders of one request; they go into its data.
///
/// The executor polls long lists a few items at a time. A batch that went out after a fixed delay would cut such a
/// list into pieces, so it waits until nobody asks any more.
pub fn loaders(db: &DatabaseConnection) -> DataLoader<Loads> {
    let asked = Arc::new(AtomicU64::new(0));
    let loads = Loads { db: db.clone(), asked: Arc::clone(&asked) };
    let spawn = move |batch: Pin<Box<dyn Future<Output = ()> + Send>>| {
        let asked = Arc::clone(&asked);
        tokio::spawn(async move {
            quiet(&asked).await;
            batch.await;
        })
    };
    DataLoader::new(loads, spawn).delay(Duration::ZERO)
}

async fn quiet(asked: &AtomicU64) {
    let (mut before, mut turns) = (asked.load(Ordering::Relaxed), 0);
    for _ in 0..MOST_TURNS {
        tokio::task::yield_now().await;
        let now = asked.load(Ordering::Relaxed);
        turns = if now == before { turns + 1 } else { 0 };
        if turns == QUIET_TURNS {
            return;
        }
        before = now;
    }
}

impl Loads {
    fn count(&self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
    }
}

/// Why a batch failed, told to everyone who waited for it.
#[derive(Debug, Clone)]
pub struct Failed(Arc<domain::Error>);

impl From<DbErr> for Failed {
    fn from(error: DbErr) -> Self {
        Self(Arc::new(error.into()))
    }
}

impl From<domain::Error> for Failed {
    fn from(error: domain::Error) -> Self {
        Self(Arc::new(error))
    }
}

impl From<serde_json::Error> for Failed {
    fn from(error: serde_json::Error) -> Self {
        Self(Arc::new(error.into()))
    }
}

/// Loads one key with everything else that is asked for at the same time.
///
/// # Errors
///
/// A fault when the database refuses.
pub async fn one<K>(ctx: &Context<'_>, key: K) -> async_graphql::Result<Option<<Loads as Loader<K>>::Value>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Loads: Loader<K, Error = Failed>,
{
    let loader = ctx.data::<DataLoader<Loads>>()?;
    loader.loader().count();
    loader.load_one(key).await.map_err(|failed| told(&failed))
}

/// Loads several keys.
///
/// # Errors
///
/// A fault when the database refuses.
pub async fn many<K>(ctx: &Context<'_>, keys: impl IntoIterator<Item = K>) -> async_graphql::Result<HashMap<K, <Loads as Loader<K>>::Value>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Loads: Loader<K, Error = Failed>,
{
    let loader = ctx.data::<DataLoader<Loads>>()?;
    loader.loader().count();
    loader.load_many(keys).await.map_err(|failed| told(&failed))
}

fn told(failed: &Failed) -> async_graphql::Error {
    query_error(domain::Error::Bug(failed.0.to_string()))
}

/// The ids by tenant, in pieces that fit into a statement.
pub(super) fn pieces<Id>(keys: impl Iterator<Item = (TenantId, Id)>) -> Vec<(TenantId, Vec<Id>)>
where
    Id: Clone,
{
    let mut by_tenant: BTreeMap<TenantId, Vec<Id>> = BTreeMap::new();
    for (tenant, id) in keys {
        by_tenant.entry(tenant).or_default().push(id);
    }
    by_tenant.into_iter().flat_map(|(tenant, ids)| ids.chunks(CHUNK).map(|ids| (tenant, ids.to_vec())).collect::<Vec<_>>()).collect()
}
