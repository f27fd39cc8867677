//! A text on its way to whoever wrote it: one e-mail to the person's own address, marked as a test. No debtor is
//! written to, and no case knows of it. A tenant has so many an hour: the mail server's good name is everybody's.

use std::time::Duration;

use entity::{Channel, DeliveryId, LetterId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::preview::{self, Wanted};
use crate::{
    actor::{Action, Viewer},
    env::Env,
    error::{Error, Refusal, RefusalCode, Result},
    port::{
        Outgoing, SendError,
        throttle::{Limit, LimitKind},
    },
    throttle::DbThrottle,
};

/// Most tests of one tenant within an hour.
pub const MAX_TESTS: u32 = 20;

/// Before the subject and the text of a test.
const MARK: &str = "[TEST]";

/// Longer than this no hand-over of a test may wait.
const VALID_FOR: Duration = Duration::from_mins(1);

/// Where a test went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestSent {
    /// The person's own address.
    pub recipient: String,
}

/// Sends one.
///
/// # Errors
///
/// A refusal: as [`preview::preview`]; `RATE_LIMITED` beyond [`MAX_TESTS`] an hour; `CHANNEL_UNAVAILABLE`
/// when the mail server does not take it.
pub async fn test_send(env: &Env, viewer: &Viewer, wanted: &Wanted) -> Result<TestSent> {
    viewer.require(Action::Configure)?;
    let shown = preview::preview(env, viewer, wanted).await?;
    let recipient = own_address(env, viewer).await?;
    turn(env, viewer).await?;
    let pdf = preview::draw(env, shown.facts.clone()).await?;
    let postman = env.outside.postmen.get(&Channel::Email);
    let postman = postman.ok_or_else(|| Refusal::new(RefusalCode::ChannelUnavailable, "e-mail is not set up on this server"))?;
    let delivery: DeliveryId = env.new_id();
    let letter: LetterId = env.new_id();
    let outgoing = Outgoing {
        tenant: viewer.tenant,
        delivery,
        letter,
        channel: Channel::Email,
        recipient: recipient.clone(),
        postal: None,
        recipient_name: recipient.clone(),
        sender_name: shown.facts.creditor.name.clone(),
        reply_to: recipient.clone(),
        message_id: env.outside.message_id(delivery),
        subject: format!("{MARK} {}", shown.mail.subject),
        text: format!("{MARK}\n\n{}\n\nSMS: {}\n", shown.mail.text, shown.sms),
        html: Some(marked(&shown.mail.html)),
        pdf: Some(("test.pdf".to_owned(), pdf.bytes)),
        language: shown.facts.language.as_str().to_owned(),
        unsubscribe_url: None,
        valid_for: VALID_FOR,
    };
    match postman.send(&outgoing).await {
        Ok(_receipt) => Ok(TestSent { recipient }),
        Err(error) => Err(refused(&error).into()),
    }
}

/// One of the tenant's tests of this hour.
async fn turn(env: &Env, viewer: &Viewer) -> Result<()> {
    let kind = LimitKind::Calls { most: MAX_TESTS, per: Duration::from_hours(1) };
    let limit = Limit { key: format!("template-test:{}", viewer.tenant), kind };
    match DbThrottle::new(env.db.clone(), env.clock.clone()).count(&limit).await? {
        None => Ok(()),
        Some(wait) => {
            let message = format!("at most {MAX_TESTS} tests an hour; the next one in {} min", wait.num_minutes() + 1);
            Err(Refusal::new(RefusalCode::RateLimited, message).into())
        }
    }
}

/// The page of the e-mail with the mark above everything else.
fn marked(html: &str) -> String {
    let inside = html.find("<body").and_then(|body| html[body..].find('>').map(|end| body + end + 1)).unwrap_or(0);
    format!("{}<p><strong>{MARK}</strong></p>{}", &html[..inside], &html[inside..])
}

fn refused(error: &SendError) -> Refusal {
    Refusal::new(RefusalCode::ChannelUnavailable, format!("the test was not taken: {error}"))
}

#[expect(clippy::disallowed_methods, reason = "the signed-in person's own row, by its id")]
async fn own_address(env: &Env, viewer: &Viewer) -> Result<String> {
    let row = entity::app_user::Entity::find().filter(entity::app_user::Column::Id.eq(viewer.user)).one(&env.db).await?;
    row.map(|row| row.email).ok_or_else(|| Error::Bug(format!("nobody is {}", viewer.user)))
}
