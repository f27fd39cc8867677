//! What countries demand of whoever collects there: rule packs as effective-dated data, each rule with its ground, and
//! pure functions that answer from them. NZ, AU, DE, NO and GB have a pack.
//!
//! A number that could not be confirmed is not in a pack: asking for it answers [`NoRate`] or [`NoFigure`] with the
//! country and the day, which a person is shown. It is never guessed. Decisions store the pack's [`revision`].
//!
//! The numbers stand in `law/packs/*.toml`, to which an operator may add figures at start ([`extend`]), holidays in `law/holidays/*.txt` (made by `scripts/holidays`). Days here
//! are days at the debtor's place; which zone and which hours that means is [`crate::calendar`]'s matter. Not legal
//! advice.

mod added;
mod charge;
mod check;
mod contents;
mod forbidden;
mod holiday;
mod interest;
mod limitation;
mod pack;
mod packs;
mod rate;
mod region;

pub use added::BadFigures;
pub use charge::{FeeLimit, FixedSumDue, NoFigure, Part, Per, fee_limit, fixed_sum, settlement_order};
pub use contents::{Content, required_contents};
pub use forbidden::{Forbidden, ForbiddenWords, forbidden};
pub use holiday::{HOLIDAY_YEARS, holiday, holidays_known, national_holiday};
pub use interest::{Accrual, InterestLine, Slice, Stretch, TooLarge};
pub use limitation::{Limit, limitation, limitation_reach};
pub use pack::{
    Announcement, Charged, Closed, Contact, Contents, FeeAmount, FeeRule, FixedSum, Ground, Interest, Limitation, Note, Notice, Pack,
    RateRow, Record, Retention, Settlement, SmsSender, Standing, Starts, SumAmount, Tier, Window,
};
pub use packs::{extend, pack, packs, revision};
pub use rate::{DayCount, NoRate, Rate, RatePeriod, WhyNoRate, interest_starts, kept_rate, rate_on, statutory_rates};
pub use region::{region, regions};
