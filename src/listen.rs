//! Hearing other processes: PostgreSQL tells by NOTIFY that events were written, and this process's bell is rung.

use std::time::Duration;

use domain::{change::EVENT_CHANNEL, env::Doorbell};
use sea_orm::{DatabaseConnection, DbBackend};
use tokio_util::sync::CancellationToken;

/// Wait before listening again after the connection broke.
const PAUSE: Duration = Duration::from_secs(1);

/// Rings the bell for events of other processes until the token is cancelled. Nothing to do on an embedded database.
pub fn spawn(db: &DatabaseConnection, doorbell: &Doorbell, stop: &CancellationToken) {
    if db.get_database_backend() != DbBackend::Postgres {
        return;
    }
    let (pool, doorbell, stop) = (db.get_postgres_connection_pool().clone(), doorbell.clone(), stop.clone());
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = listen(&pool, &doorbell) => {}
            }
            tokio::time::sleep(PAUSE).await;
            // Whatever was told while nobody listened is found by looking.
            doorbell.ring();
        }
    });
}

async fn listen(pool: &sqlx::PgPool, doorbell: &Doorbell) {
    let Ok(mut listener) = sqlx::postgres::PgListener::connect_with(pool).await else { return };
    if listener.listen(EVENT_CHANNEL).await.is_err() {
        return;
    }
    while listener.recv().await.is_ok() {
        doorbell.ring();
    }
}
