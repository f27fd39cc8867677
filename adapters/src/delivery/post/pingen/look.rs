//! Looking for a letter at Pingen by the name of its file. Which searches the API knows is not documented where we could
//! read it, so the newest letters are listed and compared here.

use chrono::{DateTime, TimeDelta, Utc};
use domain::port::Receipt;
use entity::DeliveryId;

use super::{PingenPostman, name_of, wire};
use crate::{
    delivery::post::told_time,
    http::{Answer, Method},
};

/// Letters of a page, the most that Pingen gives.
const PAGE: usize = 100;

/// Pages that are looked through.
const MAX_PAGES: usize = 5;

/// How much earlier than its delivery a letter may seem to be, and how far ahead the delivery, by clocks that differ.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::hours(1);

/// What looking found.
pub(super) enum Seen {
    /// It is there.
    Here(Receipt),
    /// It is surely not there.
    NotThere,
    /// Pingen did not say, or there are too many letters.
    CannotTell,
}

impl PingenPostman {
    /// Looks through the newest letters until one is older than the delivery.
    pub(super) async fn look(&self, delivery: DeliveryId) -> Seen {
        let name = name_of(delivery);
        let mut last: Option<DateTime<Utc>> = None;
        for page in 1..=MAX_PAGES {
            let Some((rows, now)) = self.page(page).await else { return Seen::CannotTell };
            let count = rows.len();
            for row in rows {
                if row.attributes.file_original_name.as_deref() == Some(&name) {
                    return Seen::Here(row.receipt());
                }
                let made = row.attributes.created_at.as_deref().and_then(wire::instant);
                // Out of order or without a time: the list cannot be trusted to begin with the newest.
                match (made, last) {
                    (None, _) => return Seen::CannotTell,
                    (Some(made), Some(last)) if made > last => return Seen::CannotTell,
                    _ => last = made,
                }
            }
            if count < PAGE || last.zip(planned(delivery, now)).is_some_and(|(last, planned)| last < planned - CLOCKS_DIFFER) {
                return Seen::NotThere;
            }
        }
        Seen::CannotTell
    }

    /// A page of letters, newest first, and the time by Pingen's clock.
    async fn page(&self, number: usize) -> Option<(Vec<wire::Resource<wire::Letter>>, Option<DateTime<Utc>>)> {
        let (number, limit) = (number.to_string(), PAGE.to_string());
        let query = [("sort", "-created_at"), ("page[number]", number.as_str()), ("page[limit]", limit.as_str())];
        let answer: Answer = self.authorised(|| self.call(Method::GET, self.letters.clone()).query(&query)).await.ok()?.ok()?;
        if !answer.status.is_success() {
            return None;
        }
        let listed: wire::Listed = answer.json().ok()?;
        Some((listed.data, told_time(&answer)))
    }
}

/// When the delivery was planned, from its id; none when the product's clock was moved ahead and says nothing here.
fn planned(delivery: DeliveryId, now: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = delivery.0.get_timestamp()?.to_unix();
    let planned = DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)?;
    now.filter(|now| planned <= *now + CLOCKS_DIFFER).map(|_| planned)
}
