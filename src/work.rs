//! `dunwell work`: jobs only, for further processes on PostgreSQL.

use crate::{config::Config, listen, start, stop};

/// Runs until it is told to stop.
///
/// # Errors
///
/// When something cannot be opened.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let stop = stop::token()?;
    let started = start::open(config, false).await?;
    listen::spawn(&started.env().db, &started.env().doorbell, &stop);
    println!("dunwell {} runs jobs on {}", env!("CARGO_PKG_VERSION"), started.database);
    if started.sole_process {
        jobs::recover(&started.jobs).await?;
    }
    jobs::runtime(&started.jobs, jobs::Settings::default()).run(stop.cancelled_owned()).await;
    Ok(())
}
