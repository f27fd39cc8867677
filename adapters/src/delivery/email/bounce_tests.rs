//! Reports as real servers shape them, and what a stranger may send instead.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use chrono::DateTime;

use super::*;

const ID: &str = "0197f3c2a4b87d10a4b80123456789ab";
const POSTFIX: &str = include_str!("bounces/postfix.eml");

fn only(mail: &str) -> DeliveryNews {
    let crlf = mail.replace('\n', "\r\n");
    let (mut bare, mut full) = (reports(mail.as_bytes()), reports(crlf.as_bytes()));
    assert_eq!((bare.len(), full.len()), (1, 1), "{bare:?}");
    let news = bare.remove(0);
    assert_eq!(news, full.remove(0), "line ends do not matter");
    assert_eq!(news.of, NewsOf::Delivery(DeliveryId(Uuid::from_str(ID).unwrap())));
    news
}

fn code(news: &DeliveryNews) -> (&str, Option<SuppressionReason>) {
    let trouble = news.trouble.as_ref().unwrap();
    (trouble.code.as_str(), trouble.suppress)
}

#[test]
fn a_report_of_postfix_names_the_mailbox_that_is_not_there() {
    let news = only(POSTFIX);
    assert_eq!((news.kind, news.word.as_str()), (NewsKind::Bounced, "failed"));
    assert_eq!(code(&news), ("MAILBOX_UNKNOWN", Some(SuppressionReason::Bounced)));
    assert!(news.trouble.as_ref().unwrap().message.ends_with("User unknown in virtual mailbox table"), "folded lines are one");
    assert_eq!(news.raw["status"], "5.1.1");
    assert_eq!(news.raw["remoteServer"], "dns; mx.debtor.example");
}

#[test]
fn a_report_about_an_address_outside_ascii_is_read_in_its_own_form() {
    // As Postfix 3.7 wrote it about a mail of this product (RFC 6533).
    let news = only(include_str!("bounces/postfix_smtputf8.eml"));
    assert_eq!((news.kind, code(&news)), (NewsKind::Bounced, ("MAILBOX_UNKNOWN", Some(SuppressionReason::Bounced))));
    assert_eq!(news.raw["finalRecipient"], "utf-8; jörg@debtor.example");
}

#[test]
fn a_report_of_exchange_says_it_in_its_diagnostic_only() {
    let news = only(include_str!("bounces/exchange.eml"));
    assert_eq!((news.kind, code(&news)), (NewsKind::Bounced, ("MAILBOX_UNKNOWN", Some(SuppressionReason::Bounced))));
}

#[test]
fn a_full_mailbox_comes_back_and_is_not_given_up_for_ever() {
    let news = only(include_str!("bounces/gmail.eml"));
    assert_eq!((news.kind, code(&news)), (NewsKind::Bounced, ("MAILBOX_FULL", None)));
}

#[test]
fn a_delay_is_a_note() {
    let news = only(include_str!("bounces/delayed.eml"));
    assert_eq!((news.kind, code(&news)), (NewsKind::Delayed, ("DELAYED", None)));
}

#[test]
fn what_was_tried_for_days_comes_back_without_blame() {
    let news = only(&POSTFIX.replace("Status: 5.1.1", "Status: 4.4.7").replace("550 5.1.1 ", "host not reachable "));
    assert_eq!((news.kind, code(&news)), (NewsKind::Bounced, ("GIVEN_UP", None)));
}

#[test]
fn other_actions_say_that_it_went_on() {
    for (action, kind) in [("relayed", NewsKind::Sent), ("expanded", NewsKind::Sent), ("Delivered", NewsKind::Delivered)] {
        assert_eq!(only(&POSTFIX.replace("Action: failed", &format!("Action: {action}"))).kind, kind);
    }
    assert_eq!(reports(POSTFIX.replace("Action: failed", "Action: beamed").as_bytes()), []);
}

#[test]
fn a_complaint_says_that_it_arrived_and_ends_e_mails() {
    let news = only(include_str!("bounces/complaint.eml"));
    assert_eq!((news.kind, code(&news)), (NewsKind::Delivered, ("COMPLAINT", Some(SuppressionReason::Complaint))));
}

#[test]
fn each_of_three_marks_names_the_delivery() {
    let none = POSTFIX.replace(ID, "");
    assert_eq!(reports(none.as_bytes()), []);
    for (mark, put) in [
        ("Original-Envelope-Id: ", format!("Original-Envelope-Id: {ID}")),
        ("\nTo: bounces+", format!("\nTo: bounces+{ID}")),
        ("Message-ID: <", format!("Message-ID: <{ID}")),
    ] {
        let mail = none.replacen(mark, &put, 1);
        assert_ne!(mail, none);
        assert_eq!(only(&mail).kind, NewsKind::Bounced, "{mark}");
    }
}

#[test]
fn a_message_id_names_the_delivery_in_whatever_domain_mails_came_from() {
    let strangers = "\nX-Trace: <5f2c0e7d9a314b62a4b80123456789ab@trace.example>\nMessage-ID: <";
    let returned = POSTFIX.replace(ID, "").replacen("\nMessage-ID: <", &format!("{strangers}{ID}"), 1);
    assert_eq!(only(&returned).kind, NewsKind::Bounced, "as mails were planned before they bore their domain");
    assert_eq!(only(&returned.replace("@dunwell>", "@letters.creditor.example>")).kind, NewsKind::Bounced);
    assert_eq!(reports(returned.replace(ID, "5f2c0e7d9a314b62a4b80123456789cd").as_bytes()), [], "ids of others");
}

#[test]
fn what_is_no_report_says_nothing() {
    let vacation = include_str!("bounces/vacation.eml");
    for mail in [
        "",
        "\r\n\r\n",
        "garbage",
        vacation,
        &POSTFIX.replace("report-type=delivery-status;", ""),
        &POSTFIX.replace("multipart/report", "multipart/mixed"),
    ] {
        assert_eq!(reports(mail.as_bytes()), [], "{mail}");
    }
    for id in ["0197f3c2a4b87d10a4b80123456789a", "' OR 1=1 --aaaaaaaaaaaaaaaaaaaaaaa", "0197f3c2-a4b8-7d10-a4b8-0123456789ab"] {
        assert_eq!(reports(POSTFIX.replace(ID, id).as_bytes()), [], "{id}");
    }
}

#[test]
fn a_hostile_mail_costs_little_and_says_nothing_more() {
    let matryoshka = format!("{}{}", "Content-Type: message/rfc822\r\n\r\n".repeat(30_000), POSTFIX);
    let nested = (0..5_000).fold(String::new(), |all, n| all + &format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"));
    let recipients = POSTFIX.replace(
        "Final-Recipient: rfc822; nobody@debtor.example",
        &"Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n".repeat(10_000),
    );
    let unclosed = POSTFIX.replace("--7C3A92A0C1.1784062872/mail.letters.example--", "");
    let folded = POSTFIX.replace("Status: 5.1.1", &format!("Status: 5.1.1{}", "\n folded".repeat(100_000)));
    assert_eq!(reports(matryoshka.as_bytes()), []);
    assert_eq!(reports(nested.as_bytes()), []);
    assert!(reports(recipients.as_bytes()).len() <= MAX_RECIPIENTS);
    assert_eq!(reports(unclosed.as_bytes()).len(), 1, "a cut mail still tells");
    assert!(reports(folded.as_bytes()).iter().all(|news| news.raw.to_string().len() < 2_000), "what is kept is bounded");
    // Any prefix and any byte changed: never a panic.
    for at in 0..POSTFIX.len() {
        let mut bytes = POSTFIX.as_bytes().to_vec();
        bytes[at] = bytes[at].wrapping_add(91);
        let _ = reports(&bytes);
        let _ = reports(&POSTFIX.as_bytes()[..at]);
    }
}

#[test]
fn only_the_mail_server_is_believed() {
    let herald = |secret: &str| MailHerald { secret: secret.into() };
    let ask = |herald: &MailHerald, told: Option<&str>| {
        let header = |name: &str| told.filter(|_| name == "authorization").map(str::to_owned);
        let call = Call { path_and_query: "/webhooks/mail", header: &header, body: POSTFIX.as_bytes(), now: DateTime::UNIX_EPOCH };
        herald.read(&call).map(|news| news.len())
    };
    assert_eq!(ask(&herald("s3cret"), Some("Bearer s3cret")), Ok(1));
    for told in [None, Some(""), Some("Bearer "), Some("Bearer s3cre"), Some("Bearer s3crets"), Some("s3cret"), Some("Basic s3cret")] {
        assert_eq!(ask(&herald("s3cret"), told), Err(WebhookError::BadSignature), "{told:?}");
    }
    assert_eq!(ask(&herald(""), Some("Bearer ")), Err(WebhookError::BadSignature), "without a secret nobody is believed");
}
