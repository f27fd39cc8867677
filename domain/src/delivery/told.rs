//! What a provider told about a delivery becomes the row's state. News comes late, twice and out of order, so a
//! delivery only ever moves forward in this total order:
//!
//! scheduled < sending < unknown < failed < ready to post < sent < delivered < bounced; what was cancelled stays so.
//!
//! News about a row that is not SENT yet is the lost answer come late: the provider has it, whatever we believed. A
//! bounce wins over an arrival, because it is told last and by whoever knows best. The same news told again, and news
//! about what we do not know, change nothing and are answered alike.

use entity::{AttemptOutcome, DeliveryStatus, NewsKind, ReceiptId, Scoped, delivery, receipt};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict};

use super::{
    attempt, finish,
    hold::{Held, hold},
    suppress::{self, Lesson},
};
use crate::{
    actor::Actor,
    change::Change,
    env::Env,
    error::Result,
    event::{Happened, kind},
    port::receipt::{DeliveryNews, NewsOf, Trouble},
};

/// Longest texts that are kept of what a provider told, in characters.
const MAX_WORD: usize = 64;
const MAX_MESSAGE: usize = 500;

/// Takes in what a provider told. Unknown, repeated and late news is no error and looks the same from outside.
///
/// # Errors
///
/// When the database refuses: the provider tells it again.
pub async fn told(env: &Env, news: &DeliveryNews) -> Result<()> {
    let Some(seen) = locate(env, &news.of).await? else { return Ok(()) };
    let Some(Held { mut change, mut row, mut of }) = hold(env, Actor::System, &seen).await? else { return Ok(()) };
    let before = row.status;
    let next = moves_to(before, news.kind);
    if !first_time(&change, &row, news, next.is_some()).await? {
        return Ok(());
    }
    if is_latest_word(&change, &row, news.kind).await? {
        row.provider_status = Some(cut(&news.word, MAX_WORD));
    }
    if let Some(next) = next {
        apply(&mut row, next, news, &change);
        attempt::ended(&change, &row, AttemptOutcome::Accepted).await?;
    }
    super::save(&change, &mut row).await?;
    record(&mut change, &of.case, &row, news, next.is_some())?;
    learn(&mut change, &row, news).await?;
    if next.is_some() {
        finish::roll_up(&mut change, &mut of, &row).await?;
    }
    change.commit().await
}

/// Where news moves a delivery; none when it is late, repeated, or only a note.
pub(super) const fn moves_to(now: DeliveryStatus, news: NewsKind) -> Option<DeliveryStatus> {
    let next = match news {
        NewsKind::Accepted | NewsKind::Sent => DeliveryStatus::Sent,
        NewsKind::Delivered => DeliveryStatus::Delivered,
        NewsKind::Delayed | NewsKind::Answered => return None,
        NewsKind::Undelivered | NewsKind::Bounced | NewsKind::Returned => DeliveryStatus::Bounced,
    };
    let stays = match now {
        DeliveryStatus::Cancelled => true,
        // Refused for good and come back are the same to the letter.
        DeliveryStatus::Failed => matches!(next, DeliveryStatus::Bounced),
        _ => rank(now) >= rank(next),
    };
    if stays { None } else { Some(next) }
}

const fn rank(status: DeliveryStatus) -> u8 {
    match status {
        DeliveryStatus::Scheduled => 0,
        DeliveryStatus::Sending => 1,
        DeliveryStatus::Unknown => 2,
        DeliveryStatus::Failed => 3,
        DeliveryStatus::ReadyToPost => 4,
        DeliveryStatus::Sent => 5,
        DeliveryStatus::Delivered => 6,
        DeliveryStatus::Bounced => 7,
        DeliveryStatus::Cancelled => 8,
    }
}

fn apply(row: &mut delivery::Model, next: DeliveryStatus, news: &DeliveryNews, change: &Change<'_>) {
    row.status = next;
    row.next_attempt_at = None;
    row.sending_since = None;
    row.sent_at = row.sent_at.or(Some(change.now));
    (row.error_code, row.error_message) = (None, None);
    if let (NewsOf::Provider(_, id), None) = (&news.of, &row.provider_id) {
        row.provider_id = Some(id.clone());
    }
    if next == DeliveryStatus::Delivered {
        row.delivered_at = Some(news.at.filter(|at| *at <= change.now).unwrap_or(change.now));
    }
    if let (DeliveryStatus::Bounced, Some(trouble)) = (next, &news.trouble) {
        row.error_code = Some(cut(&trouble.code, MAX_WORD));
        row.error_message = Some(cut(&trouble.message, MAX_MESSAGE));
    }
}

/// Remembers an address that must not be used any more, whatever became of the row.
async fn learn(change: &mut Change<'_>, row: &delivery::Model, news: &DeliveryNews) -> Result<()> {
    let Some(trouble) = &news.trouble else { return Ok(()) };
    let Some(reason) = trouble.suppress else { return Ok(()) };
    let lesson = Lesson {
        channel: row.channel,
        address: &row.recipient,
        reason,
        detail: Some(trouble.message.as_str()),
        debtor: row.debtor_id,
        delivery: Some(row.id),
    };
    suppress::suppress(change, &lesson).await
}

fn record(
    change: &mut Change<'_>,
    case: &entity::collection_case::Model,
    row: &delivery::Model,
    news: &DeliveryNews,
    moved: bool,
) -> Result<()> {
    let event = match (moved, row.status) {
        (true, DeliveryStatus::Sent) => kind::DELIVERY_SENT,
        (true, DeliveryStatus::Delivered) => kind::DELIVERY_ARRIVED,
        (true, _) => kind::DELIVERY_BOUNCED,
        (false, _) => kind::DELIVERY_NOTED,
    };
    let happened = Happened::new(event).case(case).subject(row.id.0).with("channel", serde_json::to_value(row.channel)?);
    let code = news.trouble.as_ref().map(|trouble| cut(&trouble.code, MAX_WORD));
    change.record(happened.with("news", serde_json::to_value(news.kind)?).with("code", code));
    Ok(())
}

/// Keeps the news; false when it was told before.
async fn first_time(change: &Change<'_>, row: &delivery::Model, news: &DeliveryNews, moved: bool) -> Result<bool> {
    let trouble: Option<&Trouble> = news.trouble.as_ref();
    let new = receipt::Model {
        tenant_id: change.tenant,
        id: change.env.new_id::<ReceiptId>(),
        delivery_id: row.id,
        mark: news.mark.chars().take(200).collect(),
        kind: news.kind,
        word: cut(&news.word, MAX_WORD),
        code: trouble.map(|t| cut(&t.code, MAX_WORD)),
        message: trouble.map(|t| cut(&t.message, MAX_MESSAGE)),
        happened_at: news.at,
        raw: news.raw.clone(),
        moved,
        created_at: change.now,
    };
    let once = [receipt::Column::TenantId, receipt::Column::DeliveryId, receipt::Column::Mark];
    let insert = receipt::Entity::insert_many([new.into_active_model().reset_all()]);
    let written = insert.on_conflict(OnConflict::columns(once).do_nothing().to_owned()).exec_without_returning(&change.tx).await?;
    Ok(written > 0)
}

/// Whether no news that was heard says more: `sent` after `delivered` is an old word.
async fn is_latest_word(change: &Change<'_>, row: &delivery::Model, news: NewsKind) -> Result<bool> {
    let heard = receipt::Entity::of(change.tenant).filter(receipt::Column::DeliveryId.eq(row.id));
    let heard: Vec<NewsKind> = heard.select_only().column(receipt::Column::Kind).into_tuple().all(&change.tx).await?;
    Ok(heard.into_iter().all(|other| weight(other) <= weight(news)))
}

const fn weight(news: NewsKind) -> u8 {
    match news {
        NewsKind::Accepted | NewsKind::Answered => 0,
        NewsKind::Sent => 1,
        NewsKind::Delayed => 2,
        NewsKind::Delivered => 3,
        NewsKind::Undelivered | NewsKind::Bounced | NewsKind::Returned => 4,
    }
}

/// Whose delivery it is: providers do not know our tenants.
#[expect(clippy::disallowed_methods, reason = "the provider names the delivery; the tenant is what we learn from it")]
pub(super) async fn locate(env: &Env, of: &NewsOf) -> Result<Option<delivery::Model>> {
    let select = delivery::Entity::find();
    let select = match of {
        NewsOf::Delivery(id) => select.filter(delivery::Column::Id.eq(*id)),
        NewsOf::Provider(channel, id) => select.filter(delivery::Column::ProviderId.eq(id)).filter(delivery::Column::Channel.eq(*channel)),
    };
    Ok(select.order_by_asc(delivery::Column::Id).one(&env.db).await?)
}

fn cut(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use DeliveryStatus::{Bounced, Cancelled, Delivered, Failed, ReadyToPost, Scheduled, Sending, Sent, Unknown};
    use sea_orm::Iterable;

    #[test]
    fn news_moves_a_delivery_forward_only() {
        for now in DeliveryStatus::iter() {
            for news in NewsKind::iter() {
                if let Some(next) = moves_to(now, news) {
                    assert!(rank(next) > rank(now), "{now:?} {news:?} {next:?}");
                    assert_eq!(moves_to(next, news), None, "the same news twice");
                }
                assert_eq!(moves_to(Cancelled, news), None);
                assert_eq!(moves_to(now, NewsKind::Delayed), None);
            }
        }
        let cases = [
            (Scheduled, NewsKind::Accepted, Some(Sent)),
            (Sending, NewsKind::Delivered, Some(Delivered)),
            (Unknown, NewsKind::Sent, Some(Sent)),
            (Failed, NewsKind::Delivered, Some(Delivered)),
            (Failed, NewsKind::Bounced, None),
            (ReadyToPost, NewsKind::Sent, Some(Sent)),
            (Sent, NewsKind::Accepted, None),
            (Sent, NewsKind::Undelivered, Some(Bounced)),
            (Delivered, NewsKind::Sent, None),
            (Delivered, NewsKind::Returned, Some(Bounced)),
            (Bounced, NewsKind::Delivered, None),
        ];
        for (now, news, expected) in cases {
            assert_eq!(moves_to(now, news), expected, "{now:?} {news:?}");
        }
    }

    #[test]
    fn whatever_the_order_the_end_is_the_same() {
        let news = [NewsKind::Accepted, NewsKind::Sent, NewsKind::Delivered, NewsKind::Delayed];
        // All sequences of four hold all orders, and repetitions with them.
        for order in 0..4_usize.pow(4) {
            let order: Vec<NewsKind> = (0..4).map(|at| news[order / 4_usize.pow(at) % 4]).collect();
            let end = order.iter().fold(Sending, |now, news| moves_to(now, *news).unwrap_or(now));
            let furthest = order.iter().filter_map(|news| moves_to(Scheduled, *news)).max_by_key(|s| rank(*s));
            assert_eq!(end, furthest.unwrap_or(Sending), "{order:?}");
        }
    }
}
