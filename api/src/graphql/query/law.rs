//! Questions about what countries demand.

use async_graphql::{Context, Object};
use domain::law;

use super::DateRange;
use crate::graphql::{
    access,
    connection::list_cost,
    error::bad_input,
    rule_pack::{Holiday, RulePack},
    scalars::{CountryCode, Date},
};

/// Most days that one question about holidays covers: the years that are known fit.
const MAX_DAYS: i64 = 4_400;

/// Questions about what countries demand.
#[derive(Default)]
pub struct Law;

/// Questions about what countries demand.
#[Object]
impl Law {
    /// The rules of all countries that Dunwell knows rules of.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn rule_packs(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<RulePack>> {
        access::viewer(ctx)?;
        Ok(law::packs().iter().map(RulePack).collect())
    }

    /// The rules of a country; null when Dunwell knows none there.
    async fn rule_pack(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which country.")] country: CountryCode,
    ) -> async_graphql::Result<Option<RulePack>> {
        access::viewer(ctx)?;
        Ok(law::pack(&country.0).map(RulePack))
    }

    /// Public holidays of a place, by day. Empty where no rule pack is; elsewhere known from 2024 to 2035, and days of other
    /// years are refused: it is not known which of them are holidays.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn public_holidays(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which country.")] country: CountryCode,
        #[graphql(desc = "Code or name of the region; an unknown one has the holidays of the whole country.")] region: Option<String>,
        #[graphql(desc = "Which days; both ends are needed.")] between: DateRange,
    ) -> async_graphql::Result<Vec<Holiday>> {
        access::viewer(ctx)?;
        let (Some(from), Some(to)) = (between.gte, between.lte) else { return Err(bad_input("`between` needs `gte` and `lte`")) };
        if (to.0 - from.0).num_days() > MAX_DAYS {
            return Err(bad_input(&format!("`between` covers at most {MAX_DAYS} days")));
        }
        let unknown = |day: &Date| law::pack(&country.0).is_some() && !law::holidays_known(&country.0, day.0);
        if unknown(&from) || unknown(&to) {
            let (first, last) = (law::HOLIDAY_YEARS.start(), law::HOLIDAY_YEARS.end());
            return Err(bad_input(&format!("holidays are known from {first} to {last}: `between` goes beyond")));
        }
        let days = from.0.iter_days().take_while(|day| *day <= to.0);
        let holiday = |day| {
            let name = law::holiday(&country.0, region.as_deref(), day)?.to_owned();
            Some(Holiday { on: Date(day), name, national: law::national_holiday(&country.0, day).is_some() })
        };
        Ok(days.filter_map(holiday).collect())
    }
}
