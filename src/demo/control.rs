//! Moving the demo's clock: the time in between is walked through in steps, so that every letter leaves at its hour
//! and nothing is skipped.

use chrono::TimeDelta;
use domain::Result;
use entity::{setting, throttle};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};
use tokio::sync::Mutex;

use crate::clock::MachineClock;

/// The row that keeps the moved clock over a restart.
const OFFSET: &str = "demo.clock_offset_s";

/// One step of a walk: short enough that each tenant's contact window is met every day.
const STEP: TimeDelta = TimeDelta::hours(3);

/// Longest walk of one call, in days.
const MAX_DAYS: i64 = 60;

/// Moves the clock.
pub struct Control {
    jobs: jobs::Context,
    clock: MachineClock,
    /// Two walks at a time would tread on each other's days.
    walking: Mutex<()>,
}

impl Control {
    /// Over a running product.
    pub fn new(jobs: jobs::Context, clock: MachineClock) -> Self {
        Self { jobs, clock, walking: Mutex::new(()) }
    }

    /// Moves the clock forward to an instant without working in between: for the start.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn start_at(&self, at: chrono::DateTime<chrono::Utc>) -> Result<()> {
        use domain::Clock;
        self.set(self.clock.offset() + (at - self.clock.now()).num_seconds().max(0) + 1).await
    }

    /// Takes up the clock of an earlier run of the same folder.
    ///
    /// # Errors
    ///
    /// When the database fails.
    #[expect(clippy::disallowed_methods, reason = "a setting belongs to no tenant")]
    pub async fn restore(&self) -> Result<()> {
        let kept = setting::Entity::find_by_id(OFFSET).one(&self.jobs.env.db).await?;
        self.clock.set_offset(kept.and_then(|row| row.value.as_i64()).unwrap_or(0));
        Ok(())
    }

    /// The providers' minutes and days have passed, too: their limits begin anew. Calls are counted by the machine's
    /// clock, which saw only moments go by.
    #[expect(clippy::disallowed_methods, reason = "limits belong to no tenant")]
    async fn forget_calls(&self) -> Result<()> {
        throttle::Entity::delete_many().exec(&self.jobs.env.db).await?;
        Ok(())
    }

    async fn set(&self, offset_s: i64) -> Result<()> {
        let row = setting::ActiveModel { name: Set(OFFSET.into()), value: Set(offset_s.into()), updated_at: Set(self.jobs.env.now()) };
        let on_conflict =
            OnConflict::column(setting::Column::Name).update_columns([setting::Column::Value, setting::Column::UpdatedAt]).to_owned();
        setting::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(&self.jobs.env.db).await?;
        self.clock.set_offset(offset_s);
        Ok(())
    }
}

#[async_trait::async_trait]
impl api::DemoControl for Control {
    async fn advance(&self, days: i64) -> Result<u64> {
        if !(1..=MAX_DAYS).contains(&days) {
            let message = format!("the clock moves 1 to {MAX_DAYS} days at a time");
            return Err(domain::Refusal::new(domain::RefusalCode::OutOfRange, message).at("days").into());
        }
        let _walk = self.walking.lock().await;
        let mut ran = jobs::run_to_quiet(&self.jobs.env, &self.jobs.wake).await?;
        let end = self.clock.offset() + days * 86_400;
        while self.clock.offset() < end {
            self.set((self.clock.offset() + STEP.num_seconds()).min(end)).await?;
            self.forget_calls().await?;
            ran += jobs::run_to_quiet(&self.jobs.env, &self.jobs.wake).await?;
        }
        Ok(ran)
    }
}
