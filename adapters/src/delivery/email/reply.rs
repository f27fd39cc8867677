//! A server's no, sorted by what to do. The enhanced code (RFC 3463) decides where the server gives one, else the step
//! of the dialogue at which it said no.

use domain::port::SendError;
use lettre::transport::smtp::Error;

use super::super::said;

/// The steps of the dialogue, as far as they change what a no means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Connecting, greeting, TLS.
    Connect,
    /// Signing in.
    SignIn,
    /// Naming the sender.
    Sender,
    /// Naming the recipient.
    Recipient,
    /// Asking to hand the content over: nothing of it has left yet.
    Ask,
    /// The content, up to the answer to its last line.
    Content,
}

/// What an error at a step means.
pub(super) fn sort(step: Step, error: &Error) -> SendError {
    let Some(status) = error.status() else { return without_answer(step, error) };
    let text = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let message = format!("the mail server said {status} {}", said(&text));
    if error.is_transient() || step == Step::Connect {
        return SendError::Transient { message, retry_after: None };
    }
    let status: u16 = status.into();
    let enhanced = enhanced(&text);
    let sender_is_the_trouble = matches!(step, Step::SignIn | Step::Sender) && !matches!(enhanced, Some((2..=3, 3..=4)));
    if sender_is_the_trouble || matches!(status, 530 | 534 | 535 | 538) {
        return SendError::Unauthorised { message };
    }
    SendError::Rejected { code: reason(step, status, enhanced).to_owned(), message }
}

/// No answer came: before the content nothing was accepted, later it may have been.
fn without_answer(step: Step, error: &Error) -> SendError {
    let message = said(&error.to_string());
    match step {
        Step::Content => SendError::Unknown { message: format!("the answer to the mail was lost ({message})") },
        Step::SignIn if error.is_client() => {
            SendError::Unauthorised { message: format!("signing in to the mail server is not possible ({message})") }
        }
        _ => SendError::Transient { message: format!("the mail server cannot be spoken to ({message})"), retry_after: None },
    }
}

/// Subject and detail of `5.subject.detail`.
pub(super) fn enhanced(text: &str) -> Option<(u16, u16)> {
    let mut parts = text.split_whitespace().next()?.split('.');
    let (class, subject, detail) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    (class == "5" && parts.next().is_none()).then_some((subject, detail))
}

#[expect(clippy::match_same_arms, reason = "one line for each thing that servers say, surest first")]
pub(super) const fn reason(step: Step, status: u16, enhanced: Option<(u16, u16)>) -> &'static str {
    match (enhanced, step, status) {
        (Some((1, 0 | 1 | 6 | 10)), ..) => "MAILBOX_UNKNOWN",
        (Some((1, 2) | (4, 4)), ..) => "DOMAIN_UNKNOWN",
        (Some((1, 3)), ..) => "ADDRESS_INVALID",
        (Some((2, 1)), ..) => "MAILBOX_DISABLED",
        (Some((2, 2)), ..) => "MAILBOX_FULL",
        (Some((2 | 3, 3 | 4)), ..) => "MESSAGE_TOO_LARGE",
        (Some((6, _)), ..) => "CONTENT_REFUSED",
        (Some((7, _)), ..) => "POLICY_REFUSED",
        (None, Step::Recipient, 550 | 551) => "MAILBOX_UNKNOWN",
        (None, Step::Recipient, 552) => "MAILBOX_FULL",
        (None, Step::Recipient, 553 | 501) => "ADDRESS_INVALID",
        (None, Step::Recipient, 554) => "POLICY_REFUSED",
        (None, Step::Ask | Step::Content, 552) => "MESSAGE_TOO_LARGE",
        (None, Step::Content, 550 | 554) => "CONTENT_REFUSED",
        _ => "REFUSED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enhanced_codes_are_read_only_where_they_stand() {
        assert_eq!(enhanced("5.1.1 no such user"), Some((1, 1)));
        for text in ["no 5.1.1", "4.2.2 full", "5.1", "5.1.1.1", ""] {
            assert_eq!(enhanced(text), None, "{text}");
        }
    }

    #[test]
    fn reasons_follow_the_enhanced_code_then_the_step() {
        let cases = [
            (Step::Recipient, 550, Some((1, 1)), "MAILBOX_UNKNOWN"),
            (Step::Recipient, 550, Some((7, 1)), "POLICY_REFUSED"),
            (Step::Recipient, 550, None, "MAILBOX_UNKNOWN"),
            (Step::Content, 550, None, "CONTENT_REFUSED"),
            (Step::Content, 552, Some((3, 4)), "MESSAGE_TOO_LARGE"),
            (Step::Content, 599, None, "REFUSED"),
        ];
        for (step, status, enhanced, expected) in cases {
            assert_eq!(reason(step, status, enhanced), expected);
        }
    }
}
