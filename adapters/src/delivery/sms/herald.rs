//! What Twilio tells of the messages that it was given, and what people answer to them. Calls come late, twice and out
//! of order; each says which delivery it means in its address, which the signature covers.

use std::{collections::BTreeMap, str::FromStr};

use domain::port::{
    receipt::{Call, DeliveryNews, Herald, Inbound, News, NewsOf, Trouble},
    webhook::WebhookError,
};
use entity::{Channel, DeliveryId, NewsKind, SuppressionReason};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::form_urlencoded;
use uuid::Uuid;

use super::{super::said, answer, signature};

/// Where status callbacks come in, below the public address.
pub const STATUS_PATH: &str = "/webhooks/twilio/status";
/// The name of the field that holds the delivery.
const DELIVERY: &str = "d";
/// Fields of a call that are kept as evidence.
const EVIDENCE: [&str; 5] = ["MessageSid", "MessageStatus", "ErrorCode", "To", "RawDlrDoneDate"];

/// The address that tells what became of a delivery.
pub(super) fn callback(public_url: &str, delivery: DeliveryId) -> String {
    format!("{}{STATUS_PATH}?{DELIVERY}={}", public_url.trim_end_matches('/'), delivery.0.simple())
}

/// Reads status callbacks.
pub struct TwilioStatus(pub TwilioCaller);

/// Reads answers of debtors.
pub struct TwilioInbound(pub TwilioCaller);

/// By what calls are believed.
#[derive(Clone)]
pub struct TwilioCaller {
    /// How the world reaches this server, without a path.
    pub public_url: String,
    /// The account's token.
    pub auth_token: SecretString,
}

impl TwilioCaller {
    /// The fields of a call that was signed.
    fn fields(&self, call: &Call<'_>) -> Result<BTreeMap<String, String>, WebhookError> {
        let url = format!("{}{}", self.public_url.trim_end_matches('/'), call.path_and_query);
        let told = (call.header)("x-twilio-signature");
        if !signature::is_signed(self.auth_token.expose_secret(), &url, call.body, told.as_deref()) {
            return Err(WebhookError::BadSignature);
        }
        let is_json = (call.header)("content-type").is_some_and(|kind| kind.trim_start().starts_with("application/json"));
        if !is_json {
            return Ok(form_urlencoded::parse(call.body).into_owned().collect());
        }
        let fields: BTreeMap<String, serde_json::Value> = serde_json::from_slice(call.body).map_err(|_| WebhookError::Unreadable)?;
        Ok(fields.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect())
    }
}

impl Herald for TwilioStatus {
    fn read(&self, call: &Call<'_>) -> Result<Vec<News>, WebhookError> {
        let fields = self.0.fields(call)?;
        let field = |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let sid = field("MessageSid").or_else(|| field("SmsSid")).ok_or(WebhookError::Unreadable)?;
        let word = field("MessageStatus").or_else(|| field("SmsStatus")).ok_or(WebhookError::Unreadable)?;
        let Some(kind) = meaning(word) else { return Ok(Vec::new()) };
        let error = field("ErrorCode").and_then(|code| code.parse().ok());
        let evidence: serde_json::Map<_, _> =
            EVIDENCE.iter().filter_map(|name| Some(((*name).to_owned(), json!(said(field(name)?))))).collect();
        Ok(vec![News::Delivery(DeliveryNews {
            of: delivery_of(call.path_and_query).map_or_else(|| NewsOf::Provider(Channel::Sms, sid.to_owned()), NewsOf::Delivery),
            kind,
            trouble: matches!(kind, NewsKind::Undelivered | NewsKind::Delayed).then(|| trouble(word, error)),
            word: said(word),
            mark: format!("{sid}|{word}"),
            at: None,
            raw: evidence.into(),
        })])
    }
}

impl Herald for TwilioInbound {
    fn read(&self, call: &Call<'_>) -> Result<Vec<News>, WebhookError> {
        let mut fields = self.0.fields(call)?;
        let id = fields.remove("MessageSid").or_else(|| fields.remove("SmsSid")).ok_or(WebhookError::Unreadable)?;
        let from = fields.remove("From").ok_or(WebhookError::Unreadable)?;
        let text = fields.remove("Body").unwrap_or_default();
        Ok(vec![News::Inbound(Inbound { from, id, text, keyword: fields.remove("OptOutType") })])
    }
}

fn delivery_of(path_and_query: &str) -> Option<DeliveryId> {
    let (_, query) = path_and_query.split_once('?')?;
    let (_, id) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == DELIVERY)?;
    Uuid::from_str(&id).ok().map(DeliveryId)
}

/// The provider's words; one that we do not know says nothing.
fn meaning(word: &str) -> Option<NewsKind> {
    Some(match word {
        "accepted" | "scheduled" | "queued" | "sending" => NewsKind::Accepted,
        "sent" => NewsKind::Sent,
        "delivered" | "read" => NewsKind::Delivered,
        // Some parts of it only: a person may look.
        "partially_delivered" => NewsKind::Delayed,
        "undelivered" | "failed" | "canceled" => NewsKind::Undelivered,
        _ => return None,
    })
}

fn trouble(word: &str, error: Option<u32>) -> Trouble {
    let code = error.and_then(answer::refusal).unwrap_or("UNDELIVERED");
    let suppress = match code {
        "NUMBER_INVALID" => Some(SuppressionReason::Bounced),
        "OPTED_OUT" => Some(SuppressionReason::OptedOut),
        _ => None,
    };
    let number = error.map(|code| format!(" ({code})")).unwrap_or_default();
    Trouble { code: code.to_owned(), message: format!("the SMS provider says that the message is {}{number}", said(word)), suppress }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use chrono::DateTime;
    use hmac::{Hmac, KeyInit, Mac};

    use super::*;

    const TOKEN: &str = "12345";
    const HOME: &str = "https://dunwell.example";

    fn caller() -> TwilioCaller {
        TwilioCaller { public_url: format!("{HOME}/"), auth_token: TOKEN.into() }
    }

    /// Signs as Twilio does, with a spelling of its own.
    fn call(herald: &dyn Herald, path: &str, form: &[(&str, &str)]) -> Result<Vec<News>, WebhookError> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut sorted = form.to_vec();
        sorted.sort_unstable();
        let text = sorted.iter().fold(format!("{HOME}{path}"), |text, (name, value)| text + name + value);
        let mac = Hmac::<sha1::Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap().chain_update(text);
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        let header = move |name: &str| (name == "x-twilio-signature").then(|| signature.clone());
        herald.read(&Call { path_and_query: path, header: &header, body: body.as_bytes(), now: DateTime::UNIX_EPOCH })
    }

    fn status(word: &str, error: &str) -> DeliveryNews {
        let id = DeliveryId(Uuid::from_u128(7));
        let path = callback(HOME, id).replace(HOME, "");
        let form = [("MessageSid", "SM1"), ("MessageStatus", word), ("ErrorCode", error), ("To", "+64211234567")];
        let mut news = call(&TwilioStatus(caller()), &path, &form).unwrap();
        match news.remove(0) {
            News::Delivery(news) => {
                assert_eq!(news.of, NewsOf::Delivery(id));
                news
            }
            News::Inbound(_) => panic!("a status"),
        }
    }

    #[test]
    fn every_status_is_translated_by_the_table() {
        for (word, kind) in [
            ("accepted", NewsKind::Accepted),
            ("queued", NewsKind::Accepted),
            ("sending", NewsKind::Accepted),
            ("sent", NewsKind::Sent),
            ("delivered", NewsKind::Delivered),
            ("read", NewsKind::Delivered),
            ("partially_delivered", NewsKind::Delayed),
            ("undelivered", NewsKind::Undelivered),
            ("failed", NewsKind::Undelivered),
            ("canceled", NewsKind::Undelivered),
        ] {
            let news = status(word, "");
            assert_eq!((news.kind, news.word.as_str()), (kind, word));
        }
        let strange = [("MessageSid", "SM1"), ("MessageStatus", "beamed")];
        assert_eq!(call(&TwilioStatus(caller()), STATUS_PATH, &strange), Ok(Vec::new()));
    }

    #[test]
    fn error_codes_say_whether_the_number_is_to_blame() {
        for (error, code, suppress) in [
            ("30005", "NUMBER_INVALID", Some(SuppressionReason::Bounced)),
            ("30006", "NUMBER_INVALID", Some(SuppressionReason::Bounced)),
            ("21610", "OPTED_OUT", Some(SuppressionReason::OptedOut)),
            ("30003", "UNREACHABLE", None),
            ("30007", "POLICY_REFUSED", None),
            ("30008", "UNDELIVERED", None),
            ("nonsense", "UNDELIVERED", None),
        ] {
            let trouble = status("undelivered", error).trouble.unwrap();
            assert_eq!((trouble.code.as_str(), trouble.suppress), (code, suppress), "{error}");
        }
    }

    #[test]
    fn an_answer_is_read_and_an_unsigned_call_is_not() {
        let form = [("From", "+64211234567"), ("Body", "Stopp!"), ("MessageSid", "SM9")];
        let inbound = Inbound { from: "+64211234567".into(), id: "SM9".into(), text: "Stopp!".into(), keyword: None };
        assert_eq!(call(&TwilioInbound(caller()), "/webhooks/twilio/inbound", &form), Ok(vec![News::Inbound(inbound)]));
        let header = |_: &str| None;
        let unsigned = Call { path_and_query: STATUS_PATH, header: &header, body: b"MessageSid=1", now: DateTime::UNIX_EPOCH };
        assert_eq!(TwilioStatus(caller()).read(&unsigned), Err(WebhookError::BadSignature));
        assert_eq!(TwilioInbound(caller()).read(&unsigned), Err(WebhookError::BadSignature));
        assert_eq!(call(&TwilioStatus(caller()), STATUS_PATH, &[("To", "+1")]), Err(WebhookError::Unreadable));
    }

    #[test]
    fn without_our_id_the_providers_name_is_used() {
        let form = [("MessageSid", "SM1"), ("MessageStatus", "sent")];
        for path in [STATUS_PATH, "/webhooks/twilio/status?d=nonsense"] {
            let news = call(&TwilioStatus(caller()), path, &form).unwrap();
            assert!(matches!(&news[0], News::Delivery(news) if news.of == NewsOf::Provider(Channel::Sms, "SM1".into())));
        }
    }
}
