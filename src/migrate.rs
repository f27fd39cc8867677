//! `dunwell migrate`: brings the database up to date and says what was done.

use crate::{config::Config, start};

/// Runs it.
///
/// # Errors
///
/// When the database cannot be opened, or is newer than this program.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let url = match &config.database_url {
        Some(url) => url.clone(),
        None => {
            std::fs::create_dir_all(&config.data)?;
            format!("sqlite://{}", std::path::absolute(&config.data)?.join("dunwell.db").display())
        }
    };
    let db = entity::database::open(&url).await?;
    let steps = start::bring_up_to_date(&db, false).await?;
    if steps.is_empty() {
        println!("the database is up to date");
    } else {
        println!("done: {}", steps.join(", "));
    }
    Ok(())
}
