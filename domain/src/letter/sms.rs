//! The letter as a text message: who, how much, which reference, whom to ask. Never a link.

use entity::{Channel, letter};
use unicode_segmentation::UnicodeSegmentation;

use super::{
    ComposeError, LetterFacts,
    check::check,
    names::{Formatted, Names},
    text,
    wording::{Values, Words},
};

/// Longest message, in characters: three parts of the basic SMS alphabet.
pub const MAX_SMS_CHARS: usize = 459;
/// Longest name or reference within the message.
const MAX_NAME: usize = 40;

/// The text message that goes with the letter, at most [`MAX_SMS_CHARS`] long.
///
/// Phones turn whatever looks like an address into a link, so words with one in them are left out of names and
/// references: a stranger's URL never travels under the creditor's name.
///
/// # Errors
/// As [`super::compose`].
pub fn sms(facts: &LetterFacts) -> Result<String, ComposeError> {
    check(facts)?;
    let mut names = Names::from(facts)?;
    names.creditor = brief(&names.creditor);
    names.debtor = brief(&names.debtor);
    names.reference = brief(&names.reference);
    names.payment_reference = brief(&names.payment_reference);
    let contact = names.phone.as_deref().map_or_else(|| names.email.clone(), brief);
    let formatted = Formatted::from(facts)?;
    let words = Words::of(facts)?;
    let values = Values { creditor: &names.creditor, contact: &contact, ..names.values(facts, &formatted, &words, None)? };
    let message = words.sms(&values)?.replace('\u{a0}', " ");
    Ok(message.graphemes(true).take(MAX_SMS_CHARS).collect())
}

impl LetterFacts {
    /// The facts as the short message of a letter's row tells them: it points at the letter only when that goes along.
    /// A message to somebody who is reached in no other way goes alone, and so does one that is sent because the page
    /// reached nobody.
    ///
    /// # Errors
    ///
    /// When the channels of the row cannot be read.
    pub(crate) fn for_message(self, letter: &letter::Model) -> crate::error::Result<Self> {
        let channels: Vec<Channel> = serde_json::from_value(letter.channels.clone())?;
        // A way that was taken later stands among the channels too.
        let fallback: Vec<Channel> = serde_json::from_value(letter.fallback.clone())?;
        let page = |channel: &Channel| *channel != Channel::Sms && !fallback.contains(channel);
        let alone = fallback.contains(&Channel::Sms) || !channels.iter().any(page);
        Ok(Self { message_only: self.message_only || alone, ..self })
    }
}

fn brief(name: &str) -> String {
    let words: Vec<_> = name.split(' ').filter(|word| !text::looks_like_link(word)).collect();
    words.join(" ").graphemes(true).take(MAX_NAME).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::{Language, LetterKind, compose_examples::facts};

    #[test]
    fn message_names_creditor_amount_reference_deadline_and_contact() {
        let mut facts = facts(LetterKind::Reminder, Language::En);
        let message = sms(&facts).expect("composes");
        assert_eq!(
            message,
            "Kōwhai Timber: NZD 1,234.50 is overdue, ref. C-1042. Please pay by 5 December 2026 as set out in our \
             letter. Questions: +64 9 555 0100"
        );
        facts.language = Language::De;
        assert!(sms(&facts).expect("composes").contains("1.234,50 NZD sind überfällig, Zeichen C-1042"));
    }

    #[test]
    fn thanks_ask_for_nothing() {
        let message = sms(&facts(LetterKind::ThankYou, Language::En)).expect("composes");
        assert!(message.contains("The matter is closed"), "{message}");
        assert!(!message.contains("overdue") && !message.contains("Please pay"), "{message}");
    }

    #[test]
    fn links_in_names_never_travel() {
        let mut facts = facts(LetterKind::Reminder, Language::En);
        facts.creditor.name = "Kōwhai https://evil.example/x www.evil.example evil.example/pay Timber".to_owned();
        let message = sms(&facts).expect("composes");
        assert!(message.starts_with("Kōwhai Timber:"), "{message}");
        assert!(!message.contains("evil"), "{message}");
    }

    #[test]
    fn long_names_do_not_make_long_messages() {
        let mut facts = facts(LetterKind::Reminder, Language::De);
        facts.creditor.name = "ÄÖ ".repeat(90);
        facts.reference = "R".repeat(300);
        facts.creditor.phone = Some("9".repeat(300));
        assert!(sms(&facts).expect("composes").chars().count() < MAX_SMS_CHARS);
    }
}
