//! What the page says of each message, as plain text ready for the template, which escapes all of it.

use chrono::{DateTime, Utc};
use domain::calendar;
use entity::{Channel, DeliveryId, LetterKind, TenantId, tenant};
use minijinja::{AutoEscape, Environment, Value, context, value::Serde};
use serde::Serialize;

use super::reader::Shown;

/// The page's data.
#[derive(Debug, Serialize)]
pub struct Page {
    clock: Instant,
    token: String,
    tenants: Vec<Choice>,
    messages: Vec<Item>,
    /// The query of the next, older page.
    older: Option<String>,
    /// Whether this is the newest page, the one that is kept live.
    newest: bool,
    query: String,
}

/// One tenant in the filter.
#[derive(Debug, Serialize)]
struct Choice {
    id: String,
    name: String,
    chosen: bool,
}

/// An instant for people and for programs.
#[derive(Debug, Serialize)]
struct Instant {
    shown: String,
    iso: String,
}

/// One message.
#[derive(Debug, Serialize)]
struct Item {
    id: String,
    tenant: String,
    channel: &'static str,
    channel_name: &'static str,
    kind: Option<&'static str>,
    case: Option<String>,
    sent: Option<Instant>,
    from: String,
    reply_to: String,
    to: String,
    address: String,
    subject: String,
    text: String,
    language: String,
    has_html: bool,
    has_pdf: bool,
}

impl Page {
    /// Puts it together. Instants are shown in each tenant's own zone, the clock in the chosen or first tenant's.
    pub fn new(
        tenants: &[tenant::Model],
        found: &[Shown],
        chosen: Option<TenantId>,
        before: Option<DeliveryId>,
        more: bool,
        now: DateTime<Utc>,
        token: &str,
    ) -> Self {
        let choices = tenants.iter().map(|row| Choice { id: row.id.to_string(), name: row.name.clone(), chosen: chosen == Some(row.id) });
        let zone = |id: TenantId| tenants.iter().find(|row| row.id == id).map(|row| row.time_zone.as_str());
        let last = found.last().map(|shown| shown.message.delivery).filter(|_| more);
        Self {
            clock: instant(now, chosen.or(tenants.first().map(|row| row.id)).and_then(zone)),
            token: token.to_owned(),
            tenants: choices.collect(),
            messages: found.iter().map(|shown| item(shown, zone(shown.message.tenant))).collect(),
            older: last.map(|last| query(chosen, Some(last))),
            newest: before.is_none(),
            query: query(chosen, before),
        }
    }
}

fn query(tenant: Option<TenantId>, before: Option<DeliveryId>) -> String {
    let tenant = tenant.map(|id| format!("tenant={id}"));
    let before = before.map(|id| format!("before={id}"));
    [tenant, before].into_iter().flatten().collect::<Vec<_>>().join("&")
}

fn item(shown: &Shown, zone: Option<&str>) -> Item {
    let message = &shown.message;
    let known = shown.known.as_ref();
    let (channel, channel_name) = channel(message.channel);
    Item {
        id: message.delivery.to_string(),
        tenant: message.tenant.to_string(),
        channel,
        channel_name,
        kind: known.map(|known| kind(known.kind)),
        case: known.map(|known| known.case.clone()),
        sent: known.and_then(|known| known.sent_at).map(|at| instant(at, zone)),
        from: message.sender_name.clone(),
        reply_to: message.reply_to.clone(),
        to: message.recipient_name.clone(),
        address: message.recipient.clone(),
        subject: message.subject.clone(),
        text: message.text.clone(),
        language: message.language.clone(),
        has_html: message.html.is_some(),
        has_pdf: message.pdf.is_some(),
    }
}

fn channel(channel: Channel) -> (&'static str, &'static str) {
    match channel {
        Channel::Email => ("email", "E-mail"),
        Channel::Sms => ("sms", "SMS"),
        Channel::Post => ("post", "Letter"),
    }
}

fn kind(kind: LetterKind) -> &'static str {
    match kind {
        LetterKind::PreDueReminder => "Falls due soon",
        LetterKind::Reminder => "Reminder",
        LetterKind::LetterOfDemand => "Letter of demand",
        LetterKind::FinalDemand => "Final demand",
        LetterKind::CollectionNotice => "Collection notice",
        LetterKind::PartPayment => "Part payment",
        LetterKind::Statement => "Statement of account",
        LetterKind::ThankYou => "Thank you",
    }
}

/// In the zone of that name; in UTC without one.
fn instant(at: DateTime<Utc>, zone: Option<&str>) -> Instant {
    let zone = zone.and_then(|name| calendar::zone(name).ok());
    let shown = match zone {
        Some(zone) => at.with_timezone(&zone).format("%a %-d %b %Y, %H:%M %Z").to_string(),
        None => at.format("%a %-d %b %Y, %H:%M UTC").to_string(),
    };
    Instant { shown, iso: at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true) }
}

/// The page's templates.
pub struct Templates(Environment<'static>);

impl Default for Templates {
    fn default() -> Self {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_name| AutoEscape::Html);
        for (name, source) in
            [("page", include_str!("../assets/outbox.html")), ("messages", include_str!("../assets/outbox.messages.html"))]
        {
            environment.add_template(name, source).expect("the templates are part of the program and every test draws them");
        }
        Self(environment)
    }
}

impl Templates {
    /// The whole page.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn page(&self, page: &Page) -> Result<String, minijinja::Error> {
        self.draw("page", page)
    }

    /// Its part that changes.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn messages(&self, page: &Page) -> Result<String, minijinja::Error> {
        self.draw("messages", page)
    }

    fn draw(&self, name: &str, page: &Page) -> Result<String, minijinja::Error> {
        self.0.get_template(name)?.render(context! { page => Value::from(Serde(page)) })
    }
}
