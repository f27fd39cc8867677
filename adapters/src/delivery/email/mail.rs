//! A letter as a mail: headers, text, HTML, the PDF attached. Whatever comes from outside passes into headers as one
//! clean line, so that no name or subject can add a header of its own.

use domain::{
    letter::text,
    port::{Outgoing, SendError},
};
use lettre::{
    Address, Message,
    message::{
        Attachment, Body, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};

/// Longest address (RFC 5321, 4.5.3.1.3, without the brackets).
const MAX_ADDRESS: usize = 254;

/// Longest link in a header line, below a line's 998 characters (RFC 5322 § 2.1.1).
const MAX_LINK: usize = 900;

/// A mail ready for the dialogue.
pub(super) struct Mail {
    pub from: Address,
    pub to: Address,
    /// The delivery, in the envelope: what comes back names it.
    pub envelope_id: String,
    /// The recipient's local part is not ASCII: the server must speak SMTPUTF8.
    pub international: bool,
    pub content: Vec<u8>,
}

/// Writes the mail. The same letter gives the same mail but for its date and the marks between its parts.
pub(super) fn write(outgoing: &Outgoing, from: &Address, from_name: &str) -> Result<Mail, SendError> {
    let to = address(&outgoing.recipient, "ADDRESS_INVALID", "the recipient's e-mail address")?;
    let creditor = line(&outgoing.sender_name);
    let mut builder = Message::builder()
        .from(mailbox(&from_name.replace("{creditor}", &creditor), from.clone()))
        .to(mailbox(&outgoing.recipient_name, to.clone()))
        .subject(line(&outgoing.subject))
        .message_id(Some(message_id(&outgoing.message_id)?))
        .raw_header(plain_header("Auto-Submitted", "auto-generated"))
        .raw_header(plain_header("Content-Language", &tag(&outgoing.language)));
    if let Some(url) = outgoing.unsubscribe_url.as_deref().filter(|url| is_link(url)) {
        builder = builder
            .raw_header(plain_header("List-Unsubscribe", &format!("<{url}>")))
            .raw_header(plain_header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    if !outgoing.reply_to.trim().is_empty() {
        let reply_to = address(&outgoing.reply_to, "REPLY_TO_INVALID", "the creditor's e-mail address")?;
        builder = builder.reply_to(mailbox(&creditor, reply_to));
    }
    let message =
        builder.multipart(body(outgoing)?).map_err(|error| invalid("MESSAGE_INVALID", format!("the mail cannot be written: {error}")))?;
    Ok(Mail {
        from: from.clone(),
        envelope_id: outgoing.delivery.0.simple().to_string(),
        international: !to.user().is_ascii(),
        to,
        content: message.formatted(),
    })
}

fn body(outgoing: &Outgoing) -> Result<MultiPart, SendError> {
    let words = match &outgoing.html {
        Some(html) => MultiPart::alternative_plain_html(outgoing.text.clone(), html.clone()),
        None => MultiPart::alternative().singlepart(SinglePart::plain(outgoing.text.clone())),
    };
    let mut parts = MultiPart::mixed().multipart(words);
    if let Some((name, bytes)) = &outgoing.pdf {
        let pdf = ContentType::parse("application/pdf").map_err(|error| invalid("MESSAGE_INVALID", error.to_string()))?;
        // Always base64: other encodings may mend line ends, and the file's hash would no longer be its own.
        let encoded = Body::new_with_encoding(bytes.clone(), ContentTransferEncoding::Base64);
        let encoded = encoded.map_err(|_| invalid("MESSAGE_INVALID", "the PDF cannot be attached".into()))?;
        parts = parts.singlepart(Attachment::new(file_name(name)).body(encoded, pdf));
    }
    Ok(parts)
}

fn address(raw: &str, code: &str, what: &str) -> Result<Address, SendError> {
    let refuse = || invalid(code, format!("{what} is not an address that mail can be sent to"));
    let (user, domain) = raw.trim().rsplit_once('@').ok_or_else(refuse)?;
    let is_odd = |char: char| char.is_control() || char.is_whitespace() || matches!(char, ',' | ';' | '<' | '>');
    if raw.trim().len() > MAX_ADDRESS || raw.trim().contains(is_odd) {
        return Err(refuse());
    }
    Address::new(user, ascii_domain(domain).ok_or_else(refuse)?).map_err(|_| refuse())
}

/// An international domain in the form that every server understands.
fn ascii_domain(domain: &str) -> Option<String> {
    if domain.is_ascii() {
        return Some(domain.to_owned());
    }
    let url = reqwest::Url::parse(&format!("http://{domain}/")).ok()?;
    url.host_str().filter(|host| host.is_ascii()).map(str::to_owned)
}

fn mailbox(name: &str, address: Address) -> Mailbox {
    let name = line(name);
    Mailbox::new((!name.is_empty()).then_some(name), address)
}

/// One line without control characters, cut where it is longer than any letter allows.
fn line(raw: &str) -> String {
    let short: String = raw.chars().take(text::MAX_GRAPHEMES).collect();
    text::clean_optional_line(&short).unwrap_or_default()
}

fn message_id(raw: &str) -> Result<String, SendError> {
    let inner = raw.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or_default();
    let is_plain = inner.contains('@') && inner.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'));
    if is_plain { Ok(raw.to_owned()) } else { Err(invalid("MESSAGE_INVALID", "the mail has no proper Message-ID".into())) }
}

/// One-click needs https (RFC 8058 § 3.1), and a header takes nothing that ends it.
fn is_link(url: &str) -> bool {
    url.starts_with("https://") && url.len() <= MAX_LINK && url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'))
}

fn tag(language: &str) -> String {
    language.chars().filter(|char| char.is_ascii_alphanumeric() || *char == '-').take(35).collect()
}

fn file_name(name: &str) -> String {
    let plain: String =
        name.chars().map(|char| if char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '_') { char } else { '_' }).collect();
    plain.chars().take(100).collect()
}

fn plain_header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn invalid(code: &str, message: String) -> SendError {
    SendError::Rejected { code: code.to_owned(), message }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic fails the test")]
    use super::{super::super::fixture::outgoing, *};

    fn written(change: impl FnOnce(&mut Outgoing)) -> Result<String, SendError> {
        let mut letter = outgoing(1);
        change(&mut letter);
        let mail = write(&letter, &"letters@dunwell.example".parse().unwrap(), super::super::DEFAULT_FROM_NAME)?;
        Ok(String::from_utf8(mail.content).unwrap())
    }

    fn headers(mail: &str) -> Vec<&str> {
        mail.split("\r\n\r\n").next().unwrap().split("\r\n").filter(|line| !line.starts_with([' ', '\t'])).collect()
    }

    #[test]
    fn a_mail_says_who_writes_who_carries_and_where_answers_go() {
        let mail = written(|_| {}).unwrap();
        for header in [
            "From: \"Acme Ltd via Dunwell\" <letters@dunwell.example>",
            "Reply-To: \"Acme Ltd\" <accounts@acme.example>",
            "Subject: Reminder: invoice 4711",
            "Message-ID: <1@letters.example>",
            "Auto-Submitted: auto-generated",
            "Content-Language: en",
        ] {
            assert!(headers(&mail).contains(&header), "{header} in {:#?}", headers(&mail));
        }
        assert!(mail.contains("multipart/alternative") && mail.contains("text/html"));
        assert!(mail.contains("Content-Type: application/pdf") && mail.contains("filename=\"letter-1.pdf\""));
        assert!(mail.is_ascii(), "goes through every server");
    }

    #[test]
    fn e_mails_are_ended_by_one_click_where_the_world_reaches_us() {
        let none = written(|_| {}).unwrap();
        assert!(!none.contains("List-Unsubscribe"));
        let mail = written(|letter| letter.unsubscribe_url = Some("https://dunwell.example/unsubscribe/x?y=z".into())).unwrap();
        let unfolded = mail.replace("\r\n ", " ");
        assert!(headers(&unfolded).contains(&"List-Unsubscribe: <https://dunwell.example/unsubscribe/x?y=z>"), "{:#?}", headers(&unfolded));
        assert!(headers(&unfolded).contains(&"List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
        for url in ["http://dunwell.example/x", "https://dunwell.example/x>\r\nBcc: a@b.example", "mailto:a@b.example"] {
            assert!(!written(|letter| letter.unsubscribe_url = Some(url.into())).unwrap().contains("List-Unsubscribe"), "{url}");
        }
    }

    #[test]
    fn no_text_from_outside_adds_a_header() {
        let evil = "x\r\nBcc: victim@example.org\r\n\r\nbody\u{202e}";
        let clean = headers(&written(|_| {}).unwrap()).len();
        let mail = written(|letter| {
            letter.subject = evil.into();
            letter.recipient_name = evil.into();
            letter.sender_name = evil.into();
            letter.language = evil.into();
            letter.pdf = Some((evil.into(), vec![1]));
        })
        .unwrap();
        assert_eq!(headers(&mail).len(), clean, "{:#?}", headers(&mail));
        assert!(!mail.contains("\r\nBcc:") && !mail.contains("\nBcc:"));
    }

    #[test]
    fn impossible_addresses_are_refused_before_any_server_is_asked() {
        let long = format!("{}@example.org", "a".repeat(250));
        let cases = [
            "",
            "nobody",
            "a@b\r\nBcc: x@y.example",
            "a@x.example, b@x.example",
            "A <a@x.example>",
            "a@",
            "@x.example",
            "a b@x.example",
            &long,
        ];
        for address in cases {
            let refused = written(|letter| letter.recipient = address.into()).unwrap_err();
            assert!(matches!(refused, SendError::Rejected { ref code, .. } if code == "ADDRESS_INVALID"), "{address}: {refused:?}");
        }
        let refused = written(|letter| letter.reply_to = "nobody".into()).unwrap_err();
        assert!(matches!(refused, SendError::Rejected { ref code, .. } if code == "REPLY_TO_INVALID"));
        let refused = written(|letter| letter.message_id = "<a\r\nb@c>".into()).unwrap_err();
        assert!(matches!(refused, SendError::Rejected { ref code, .. } if code == "MESSAGE_INVALID"));
    }

    #[test]
    fn international_domains_are_spelt_for_every_server() {
        let mail = written(|letter| letter.recipient = "info@müller.example".into()).unwrap();
        assert!(mail.contains("info@xn--mller-kva.example"), "{mail}");
    }
}
