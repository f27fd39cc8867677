//! `dunwell migrate`: brings the database up to date and says what was done.

use anyhow::Context;

use crate::{config::Config, start};

/// Runs it.
///
/// # Errors
///
/// When the database cannot be opened, belongs to another process, or is newer than this program.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    std::fs::create_dir_all(&config.data).with_context(|| format!("cannot make the folder {}", config.data.display()))?;
    // Held to the end: an embedded database is not changed under the process that works on it.
    let (url, _folder) = start::database(config)?;
    let db = entity::database::open(&url).await?;
    let steps = start::bring_up_to_date(&db, false).await?;
    if steps.is_empty() {
        println!("the database is up to date");
    } else {
        println!("done: {}", steps.join(", "));
    }
    Ok(())
}
