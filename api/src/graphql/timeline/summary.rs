//! The sentence of an entry, from its kind and its figures. A kind that is not known here is shown by its own words.

use domain::{
    event::kind,
    letter::{Language, format_amount},
};
use serde_json::Value;

/// What happened, in one English sentence.
pub(super) fn sentence(what: &str, data: &Value, currency: Option<&str>) -> String {
    let word = |key: &str| match data.get(key).and_then(Value::as_str).unwrap_or_default() {
        "sms" => "SMS".into(),
        "email" => "e-mail".into(),
        other => other.replace('_', " ").to_lowercase(),
    };
    let text = |key: &str| data.get(key).and_then(Value::as_str).unwrap_or_default();
    let yes = |key: &str| data.get(key).and_then(Value::as_bool) == Some(true);
    let money = |key: &str| amount(data, key, currency);
    let because = |sentence: &str| match word("because").as_str() {
        "" => format!("{sentence}."),
        reason => format!("{sentence}: {reason}."),
    };
    match what {
        kind::CASE_PROPOSED => format!("Proposed for collection with {} outstanding.", money("outstandingMinor")),
        kind::CASE_APPROVED if yes("automatic") => "Approved automatically.".into(),
        kind::CASE_APPROVED => "Approved.".into(),
        kind::CASE_DECLINED => "Declined.".into(),
        kind::CASE_HELD => format!("Put on hold until {}.", text("until")),
        kind::CASE_RESUMED => "Resumed.".into(),
        kind::CASE_CLOSED => format!("Closed: {}.", word("reason")),
        kind::CASE_REOPENED => format!("Open again with {} outstanding.", money("outstandingMinor")),
        kind::CASE_EXHAUSTED => "The last step ran; the case waits for its hand-over to an agency.".into(),
        kind::CASE_POSTPONED => because("The next step waits"),
        kind::CASE_STUCK => format!("{} {}", because("Needs a person"), text("advice")).trim_end().to_owned(),
        kind::STEP_PASSED => "A step was passed over: less is owed than it is made for.".into(),
        kind::LIMITATION_NEAR => format!("The claim can be enforced until {} only.", text("lastDay")),
        kind::CONSENT_EXPIRED => "The time for a yes is over: the letter is withdrawn and asked for anew.".into(),
        kind::CASE_MOVED => "Moved to another ladder or another step.".into(),
        kind::CLAIM_CHANGED => format!("The claim changed to {} outstanding.", money("outstandingMinor")),
        kind::PAYMENT_RECORDED => format!("A payment of {} became known.", money("amountMinor")),
        kind::PAYMENT_REVERSED => format!("A payment of {} no longer counts.", money("amountMinor")),
        kind::CHARGE_ADDED => format!("A {} of {} is owed besides.", word("kind"), money("amountMinor")),
        kind::CHARGE_LEFT_OUT => because(&format!("A letter goes without its {}", word("what"))),
        kind::CHARGES_WAIVED => format!("{} beside the invoices were given up: {}.", money("amountMinor"), word("because")),
        kind::CHARGES_REVIVED => "What had been given up beside the invoices is owed again.".into(),
        kind::CHARGES_PAID => format!("A payment of {} for charges became known.", money("amountMinor")),
        kind::CHARGE_PAYMENT_REVERSED => format!("A payment of {} for charges no longer counts.", money("amountMinor")),
        kind::RATE_MISSING => format!("No rate of interest of {} is known for {}: it is not claimed.", text("country"), text("day")),
        kind::LETTER_ISSUED if yes("consentRequired") => format!("A {} was issued and waits for consent.", letter(word("kind"))),
        kind::LETTER_ISSUED => format!("A {} was issued.", letter(word("kind"))),
        kind::LETTER_CONSENTED if yes("granted") => "The letter may go out.".into(),
        kind::LETTER_CONSENTED => "The letter must not go out.".into(),
        kind::LETTER_CANCELLED => because("A letter was stopped before it went out"),
        kind::LETTER_SENT => "A letter went out.".into(),
        kind::LETTER_FAILED => "No channel took a letter.".into(),
        kind::LETTER_POSTED => format!("A letter was posted on {}.", text("on")),
        kind::SYNC_QUEUED => "A run was asked for.".into(),
        kind::SYNC_PROGRESSED => "A run moved on.".into(),
        kind::SYNC_FINISHED => format!("A run ended: {}.", word("status")),
        kind::INTEGRATION_CHANGED => integration(data).into(),
        kind::INTEGRATION_STALE => "Letters wait: the accounting system has told nothing new for too long.".into(),
        kind::TENANT_CHANGED => "The settings were changed.".into(),
        kind::DEBTOR_CHANGED => format!("The debtor's {} was changed.", word("what")),
        kind::POLICY_CHANGED => "A policy was changed.".into(),
        kind::TEMPLATE_CHANGED => "A text of letters was changed.".into(),
        kind::SESSION_STARTED => "A person signed in.".into(),
        other => of_delivery(other, yes("resolved"), &word, &because)
            .or_else(|| of_task(other, &because))
            .or_else(|| at_agency(other, &because))
            .unwrap_or_else(|| format!("{}.", other.replace(['.', '_'], " "))),
    }
}

/// What a kind of letter is called where its own name is not what people say.
fn letter(kind: String) -> String {
    match kind.as_str() {
        "part payment" => "receipt for a part payment".into(),
        "statement" => "statement of account".into(),
        "thank you" => "thank-you letter".into(),
        _ => kind,
    }
}

/// What happened to a letter on one of its ways; none for other kinds.
fn of_delivery(what: &str, resolved: bool, word: &dyn Fn(&str) -> String, because: &dyn Fn(&str) -> String) -> Option<String> {
    Some(match what {
        kind::DELIVERY_STARTED => "A delivery was handed to its provider.".into(),
        kind::DELIVERY_SENT if resolved => "A person confirmed a delivery.".into(),
        kind::DELIVERY_SENT => format!("The provider accepted a delivery by {}.", word("channel")),
        kind::DELIVERY_DEFERRED => because("A delivery waits"),
        kind::DELIVERY_FAILED => format!("A delivery by {} failed.", word("channel")),
        kind::DELIVERY_UNKNOWN => format!("The answer to a delivery by {} was lost: a person must look.", word("channel")),
        kind::DELIVERY_ARRIVED => format!("A delivery by {} arrived.", word("channel")),
        kind::DELIVERY_BOUNCED => format!("A delivery by {} came back.", word("channel")),
        kind::DELIVERY_NOTED => format!("The provider spoke of a delivery by {}: {}.", word("channel"), word("news")),
        kind::DELIVERY_REROUTED => format!("The letter goes out by {} instead.", word("channel")),
        kind::DELIVERY_ANSWERED => "The debtor answered a short message.".into(),
        kind::CONTACT_SUPPRESSED => format!("An address for {} must not be used any more.", word("channel")),
        kind::CONTACT_LIFTED => format!("An address for {} may be used again.", word("channel")),
        kind::DELIVERY_RETRIED => "A delivery is handed over again.".into(),
        _ => return None,
    })
}

/// What happened to what a person was asked to do; none for other kinds.
fn of_task(what: &str, because: &dyn Fn(&str) -> String) -> Option<String> {
    Some(match what {
        kind::TASK_OPENED => "A person was asked to do something; the case waits for it.".into(),
        kind::TASK_DONE => "A person did what was asked.".into(),
        kind::TASK_SKIPPED => "A person passed over what was asked; the ladder goes on.".into(),
        kind::TASK_CANCELLED => because("Nobody need do any more what was asked"),
        _ => return None,
    })
}

/// What happened on the way to an agency, there, and in the books because of it; none for other kinds.
fn at_agency(what: &str, because: &dyn Fn(&str) -> String) -> Option<String> {
    let sentence = match what {
        kind::AGENCY_CHANGED => "An agency was changed.",
        kind::AGENCY_REFUSED => "An agency refuses its keys: a person must enter them again.",
        kind::AGENCY_TOLD => "The agency was told.",
        kind::AGENCY_TASK_FAILED => "The agency refuses what it was told: a person must look.",
        kind::HANDOVER_OFFERED => "The agency is to take over; the creditor may stop it.",
        kind::HANDOVER_ASKED => "The time to decide is over: the hand-over waits for a person's yes.",
        kind::HANDOVER_CONFIRMED => "The hand-over was confirmed.",
        kind::HANDOVER_STOPPED => "The hand-over was stopped.",
        kind::HANDOVER_DEFERRED => return Some(because("The hand-over waits")),
        kind::HANDOVER_SENT => "The claim is with the agency.",
        kind::HANDOVER_ACCEPTED => "The agency works the case.",
        kind::HANDOVER_REJECTED => return Some(because("The agency does not take the case")),
        kind::HANDOVER_FAILED => return Some(because("The hand-over failed")),
        kind::HANDOVER_STALLED => "The agency has not accepted the case: somebody must ask it.",
        kind::HANDOVER_PROGRESSED => "The agency told where its case stands.",
        kind::HANDOVER_RECALLED => "The case was taken back from the agency.",
        kind::HANDOVER_ENDED => "The agency's work is over.",
        kind::BOOK_NOTE_WRITTEN => "A note was written into the books.",
        kind::BOOK_NOTE_FAILED => "A note could not be written into the books.",
        _ => return None,
    };
    Some(sentence.to_owned())
}

fn integration(data: &Value) -> &'static str {
    let is = |key: &str, expected: bool| data.get(key).and_then(Value::as_bool) == Some(expected);
    match data.get("status").and_then(Value::as_str) {
        Some("active") => return "An integration works again.",
        Some("needs_reauthorization") => return "The provider refuses our access: an integration must be connected again.",
        Some("disconnected") if is("casesClosed", true) => return "An integration was disconnected and its open cases withdrawn.",
        Some("disconnected") => return "An integration was disconnected.",
        Some(_) | None => {}
    }
    let told = [
        ("created", true, "An integration was made."),
        ("connected", true, "An integration was connected again."),
        ("paused", true, "An integration was paused."),
        ("paused", false, "An integration was resumed."),
        ("healthy", true, "An integration works again."),
        ("healthy", false, "Pulling from an integration fails."),
    ];
    told.into_iter().find(|(key, value, _)| is(key, *value)).map_or("An integration was changed.", |(.., sentence)| sentence)
}

fn amount(data: &Value, key: &str, currency: Option<&str>) -> String {
    let minor = data.get(key).and_then(Value::as_i64);
    let shown = minor.zip(currency).and_then(|(minor, currency)| format_amount(minor, currency, Language::En).ok());
    shown.unwrap_or_else(|| "an amount".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn entries_read_like_sentences() {
        for (what, data, expected) in [
            (kind::CASE_PROPOSED, json!({"outstandingMinor": 123_450}), "Proposed for collection with NZD\u{a0}1,234.50 outstanding."),
            (kind::CASE_POSTPONED, json!({"because": "PART_PAYMENT"}), "The next step waits: part payment."),
            (kind::CASE_STUCK, json!({"because": "LETTER_FAILED", "advice": "Mend it."}), "Needs a person: letter failed. Mend it."),
            (kind::CASE_STUCK, json!({"because": "LETTER_FAILED"}), "Needs a person: letter failed."),
            (kind::LETTER_ISSUED, json!({"kind": "letter_of_demand"}), "A letter of demand was issued."),
            (kind::LETTER_ISSUED, json!({"kind": "part_payment"}), "A receipt for a part payment was issued."),
            (kind::LETTER_ISSUED, json!({"kind": "thank_you"}), "A thank-you letter was issued."),
            (kind::CASE_CLOSED, json!({"reason": "written_off"}), "Closed: written off."),
            (kind::DELIVERY_SENT, json!({"channel": "sms"}), "The provider accepted a delivery by SMS."),
            (kind::DELIVERY_REROUTED, json!({"channel": "email"}), "The letter goes out by e-mail instead."),
            (kind::HANDOVER_REJECTED, json!({"because": "DEBTOR_DECEASED"}), "The agency does not take the case: debtor deceased."),
            (kind::HANDOVER_ACCEPTED, json!({}), "The agency works the case."),
            (kind::INTEGRATION_CHANGED, json!({"paused": false}), "An integration was resumed."),
            (
                kind::INTEGRATION_CHANGED,
                json!({"status": "needs_reauthorization", "because": "PROVIDER_UNAUTHORIZED"}),
                "The provider refuses our access: an integration must be connected again.",
            ),
            (kind::INTEGRATION_CHANGED, json!({"version": 2}), "An integration was changed."),
            ("case.sang_loudly", json!({}), "case sang loudly."),
        ] {
            assert_eq!(sentence(what, &data, Some("NZD")), expected);
        }
    }
}
