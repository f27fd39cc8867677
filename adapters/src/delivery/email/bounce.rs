//! Mails that come back, and what mail servers tell of a mail's fate (RFC 3464), and of a reader who marks it as
//! unwanted (RFC 5965). The bytes are a stranger's: they are bounded and counted before they are taken apart, and all
//! that they can do is to end e-mails to the address of the one delivery that they name.
//!
//! A report names its delivery by the envelope id that we gave along (RFC 3461 § 4.4), else by the address that it was
//! sent back to (ours, one for each mail), else by the Message-ID of the mail that came back.

use std::str::FromStr;

use domain::port::{
    receipt::{Call, DeliveryNews, Herald, News, NewsOf, Trouble},
    webhook::WebhookError,
};
use entity::{DeliveryId, NewsKind, SuppressionReason};
use mail_parser::{Message, MessageParser, MimeHeaders};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::{
    super::said,
    reply::{Step, enhanced, reason},
};

/// Parts and mails within mails that a report may have. Real ones have four.
const MAX_PARTS: usize = 64;
/// Recipients that one report is about; our mails have one each.
const MAX_RECIPIENTS: usize = 8;
/// Hexadecimal digits of a delivery's id.
const ID_DIGITS: usize = 32;
/// Where an address of ours may stand that the report was sent back to.
const OWN_ADDRESS: [&str; 5] = ["To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Failed-Recipients"];

/// Takes mails that a mail server hands over as they came: `POST /webhooks/mail`, the raw mail as the body, the secret
/// as `Authorization: Bearer …`. With Postfix one line in `master.cf` pipes the bounce address to
/// `curl --data-binary @- …`; longer mails may be cut, their report stands in front.
pub struct MailHerald {
    /// What the mail server knows.
    pub secret: SecretString,
}

impl Herald for MailHerald {
    fn read(&self, call: &Call<'_>) -> Result<Vec<News>, WebhookError> {
        let told = (call.header)("authorization").unwrap_or_default();
        let told = told.strip_prefix("Bearer ").unwrap_or_default().trim();
        let secret = self.secret.expose_secret();
        if secret.is_empty() || !bool::from(told.as_bytes().ct_eq(secret.as_bytes())) {
            return Err(WebhookError::BadSignature);
        }
        Ok(reports(call.body).into_iter().map(News::Delivery).collect())
    }
}

/// What a mail tells of our deliveries; nothing when it is no report, or names none of ours.
pub(super) fn reports(raw: &[u8]) -> Vec<DeliveryNews> {
    if count(raw, b"message/") + count(raw, b"multipart/") > MAX_PARTS {
        return Vec::new();
    }
    let Some(mail) = MessageParser::default().parse(raw) else { return Vec::new() };
    match report_type(&mail).as_deref() {
        Some("delivery-status") => statuses(&mail, raw),
        Some("feedback-report") => complaint(&mail, raw).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn report_type(mail: &Message<'_>) -> Option<String> {
    let kind = mail.content_type()?;
    let report = kind.ctype().eq_ignore_ascii_case("multipart") && kind.subtype()?.eq_ignore_ascii_case("report");
    report.then(|| kind.attribute("report-type").map(str::to_ascii_lowercase))?
}

/// The machine-readable part: groups of fields, first of the whole report, then of each recipient.
fn groups(mail: &Message<'_>, subtypes: &[&str]) -> Vec<Vec<(String, String)>> {
    let is_it = |part: &&mail_parser::MessagePart<'_>| {
        part.content_type().is_some_and(|kind| {
            kind.ctype().eq_ignore_ascii_case("message")
                && kind.subtype().is_some_and(|sub| subtypes.iter().any(|s| sub.eq_ignore_ascii_case(s)))
        })
    };
    let Some(part) = mail.parts.iter().find(is_it) else { return Vec::new() };
    let text = String::from_utf8_lossy(part.contents()).replace("\r\n", "\n");
    text.split("\n\n").map(fields).filter(|group| !group.is_empty()).take(MAX_RECIPIENTS + 1).collect()
}

fn fields(group: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in group.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = found.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            found.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    found
}

fn field<'a>(group: &'a [(String, String)], name: &str) -> Option<&'a str> {
    group.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}

fn statuses(mail: &Message<'_>, raw: &[u8]) -> Vec<DeliveryNews> {
    let groups = groups(mail, &["delivery-status", "global-delivery-status"]);
    let envelope = groups.first().and_then(|whole| field(whole, "original-envelope-id")).and_then(delivery);
    let Some(id) = envelope.or_else(|| sent_back_to(mail)).or_else(|| message_id(raw)) else { return Vec::new() };
    groups.iter().filter_map(|group| status(id, group)).collect()
}

fn status(id: DeliveryId, group: &[(String, String)]) -> Option<DeliveryNews> {
    let action = field(group, "action")?.split_whitespace().next()?.to_ascii_lowercase();
    let code = field(group, "status").and_then(|status| status.split_whitespace().next()).unwrap_or_default();
    let diagnostic = field(group, "diagnostic-code").unwrap_or_default();
    let kind = match action.as_str() {
        "failed" => NewsKind::Bounced,
        "delayed" => NewsKind::Delayed,
        "delivered" => NewsKind::Delivered,
        // Passed on to where nobody reports any more.
        "relayed" | "expanded" => NewsKind::Sent,
        _ => return None,
    };
    let raw = json!({
        "action": action,
        "status": said(code),
        "diagnostic": said(diagnostic),
        "finalRecipient": field(group, "final-recipient").map(said),
        "remoteServer": field(group, "remote-mta").map(said),
    });
    let trouble = matches!(kind, NewsKind::Bounced | NewsKind::Delayed).then(|| trouble(kind, code, diagnostic));
    let mark = format!("{action}|{}", said(code));
    Some(DeliveryNews { of: NewsOf::Delivery(id), kind, trouble, word: action, mark, at: None, raw })
}

fn trouble(kind: NewsKind, status: &str, diagnostic: &str) -> Trouble {
    // Some servers write 5.0.0 and say what they mean in the diagnostic only.
    let vague = enhanced(status).is_none_or(|(subject, detail)| (subject, detail) == (0, 0));
    let within = || diagnostic.split(|c: char| c.is_whitespace() || matches!(c, '#' | '(' | ')' | ';')).find_map(enhanced);
    let known = if vague { within().or_else(|| enhanced(status)) } else { enhanced(status) };
    let code = match known {
        Some(known) => reason(Step::Content, 0, Some(known)),
        // Tried for days and given up.
        None if status.starts_with('4') => "GIVEN_UP",
        None => "BOUNCED",
    };
    let dead = kind == NewsKind::Bounced && matches!(code, "MAILBOX_UNKNOWN" | "MAILBOX_DISABLED" | "DOMAIN_UNKNOWN" | "ADDRESS_INVALID");
    let code = if kind == NewsKind::Delayed { "DELAYED" } else { code };
    let message = if diagnostic.is_empty() { format!("the mail came back with status {}", said(status)) } else { said(diagnostic) };
    Trouble { code: code.to_owned(), message, suppress: dead.then_some(SuppressionReason::Bounced) }
}

/// A reader marked the mail as unwanted: it arrived, and no other one is to follow.
fn complaint(mail: &Message<'_>, raw: &[u8]) -> Option<DeliveryNews> {
    let groups = groups(mail, &["feedback-report"]);
    let kind = groups.first().and_then(|whole| field(whole, "feedback-type"))?.to_ascii_lowercase();
    if kind != "abuse" && kind != "opt-out" {
        return None;
    }
    let id = groups.first().and_then(|whole| field(whole, "original-envelope-id")).and_then(delivery);
    let id = id.or_else(|| sent_back_to(mail)).or_else(|| message_id(raw))?;
    let message = "the reader marked the mail as unwanted".to_owned();
    Some(DeliveryNews {
        of: NewsOf::Delivery(id),
        kind: NewsKind::Delivered,
        trouble: Some(Trouble { code: "COMPLAINT".into(), message, suppress: Some(SuppressionReason::Complaint) }),
        word: "complaint".into(),
        mark: "complaint".into(),
        at: None,
        raw: json!({ "feedbackType": said(&kind) }),
    })
}

fn delivery(text: &str) -> Option<DeliveryId> {
    let digits = text.trim();
    let plain = digits.len() == ID_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    plain.then(|| Uuid::from_str(digits).ok().map(DeliveryId))?
}

/// The address of ours that the report was sent back to: `bounces+ID@…`.
fn sent_back_to(mail: &Message<'_>) -> Option<DeliveryId> {
    OWN_ADDRESS
        .iter()
        .filter_map(|name| mail.header_raw(*name))
        .find_map(|value| value.split('+').skip(1).find_map(|rest| delivery(rest.split_once('@')?.0)))
}

/// The Message-ID of the mail that came back, wherever in the report it stands: a delivery's id in whatever domain mails
/// came from when it was planned. Ids of strangers that are as long are seldom made like ours (version 7), and name no
/// delivery then.
fn message_id(raw: &[u8]) -> Option<DeliveryId> {
    let ids = raw.windows(ID_DIGITS + 2).filter(|window| window.starts_with(b"<") && window.ends_with(b"@"));
    let ids = ids.filter_map(|window| delivery(std::str::from_utf8(&window[1..=ID_DIGITS]).ok()?));
    ids.into_iter().find(|id| id.0.get_version_num() == 7)
}

fn count(raw: &[u8], word: &[u8]) -> usize {
    raw.windows(word.len()).filter(|window| window.eq_ignore_ascii_case(word)).count()
}

#[cfg(test)]
#[path = "bounce_tests.rs"]
mod tests;
