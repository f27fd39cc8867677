//! Placeholders: a closed list, read before anything is put in. A value is never read again, whatever it holds.

use entity::LetterKind;
use thiserror::Error;

use crate::letter::wording::Values;

/// What a text may leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Placeholder {
    /// The creditor's registered name; in short messages the name that debtors know.
    Creditor,
    /// The debtor's name.
    Debtor,
    /// The case's number.
    Reference,
    /// What the debtor quotes with the payment.
    PaymentReference,
    /// "our invoice 7" or "the invoices listed below".
    Claim,
    /// The invoice's number, where there is only one.
    Invoice,
    /// Whom to ask: the creditor's phone, else the e-mail address.
    Contact,
    /// The sum that is open, with its currency.
    Outstanding,
    /// The sum of all payments, with its currency.
    Paid,
    /// The day by which payment is asked for.
    PayBy,
    /// The day on which the first invoice falls due.
    DueOn,
    /// The person at the debtor's.
    Attention,
}

/// Which part of a template a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The heading.
    Subject,
    /// Paragraphs before or after the claim.
    Body,
    /// The short message.
    Sms,
}

impl Placeholder {
    /// Every placeholder.
    pub const ALL: [Self; 12] = [
        Self::Creditor,
        Self::Debtor,
        Self::Reference,
        Self::PaymentReference,
        Self::Claim,
        Self::Invoice,
        Self::Contact,
        Self::Outstanding,
        Self::Paid,
        Self::PayBy,
        Self::DueOn,
        Self::Attention,
    ];

    /// As it stands between the braces.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Creditor => "creditor",
            Self::Debtor => "debtor",
            Self::Reference => "reference",
            Self::PaymentReference => "payment_reference",
            Self::Claim => "claim",
            Self::Invoice => "invoice",
            Self::Contact => "contact",
            Self::Outstanding => "outstanding",
            Self::Paid => "paid",
            Self::PayBy => "pay_by",
            Self::DueOn => "due_on",
            Self::Attention => "attention",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|placeholder| placeholder.as_str() == name)
    }

    fn value<'a>(self, values: &'a Values<'_>) -> Option<&'a str> {
        Some(match self {
            Self::Creditor => values.creditor,
            Self::Debtor => values.debtor,
            Self::Reference => values.reference,
            Self::PaymentReference => values.payment_reference,
            Self::Claim => &values.claim,
            Self::Invoice => values.invoice?,
            Self::Contact => values.contact,
            Self::Outstanding => values.outstanding,
            Self::Paid => values.paid,
            Self::PayBy => values.pay_by,
            Self::DueOn => values.due_on,
            Self::Attention => values.attention?,
        })
    }
}

/// The placeholders that a part of a letter of this kind may use.
pub fn allowed(kind: LetterKind, part: Part) -> Vec<Placeholder> {
    let holds = |placeholder: &Placeholder| match placeholder {
        Placeholder::Creditor | Placeholder::Reference => true,
        Placeholder::Debtor | Placeholder::PaymentReference | Placeholder::Contact => part != Part::Subject,
        Placeholder::Claim => part == Part::Body,
        Placeholder::Outstanding => part != Part::Subject && kind != LetterKind::ThankYou,
        Placeholder::Paid => {
            part != Part::Subject && matches!(kind, LetterKind::ThankYou | LetterKind::PartPayment | LetterKind::Statement)
        }
        Placeholder::PayBy => part != Part::Subject && kind.demands_payment(),
        Placeholder::DueOn => part != Part::Subject && kind == LetterKind::PreDueReminder,
        Placeholder::Invoice | Placeholder::Attention => false,
    };
    Placeholder::ALL.into_iter().filter(holds).collect()
}

/// What is wrong with a text, and at which character, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// Nothing is called so.
    #[error("{{{name}}} at character {at} is not a placeholder")]
    Unknown {
        /// What stands between the braces.
        name: String,
        /// Where.
        at: usize,
    },
    /// There is such a placeholder, but not here.
    #[error("{{{name}}} at character {at} is not known here")]
    NotHere {
        /// Which.
        name: &'static str,
        /// Where.
        at: usize,
    },
    /// As other systems write a placeholder: here it would stand in the letter with its braces.
    #[error("{{{{{name}}}}} at character {at} is no placeholder: it has one brace on each side")]
    Doubled {
        /// What stands between the braces.
        name: String,
        /// Where.
        at: usize,
    },
    /// A brace that opens or closes nothing.
    #[error("the brace at character {at} opens or closes nothing; a brace of its own is written twice")]
    LoneBrace {
        /// Where.
        at: usize,
    },
}

/// A text in pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment<'a> {
    /// Words.
    Words(&'a str),
    /// What stands between braces, and where.
    Open(&'a str, usize),
}

/// Longest name between braces that is looked at; longer ones are told shortened.
const MAX_NAME: usize = 40;

/// Reads a text. Nothing is put in yet, and no name is looked up.
///
/// # Errors
/// A lone brace.
pub fn segments(text: &str) -> Result<Vec<Segment<'_>>, TemplateError> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(brace) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(brace);
        let at = text[..text.len() - from.len()].chars().count() + 1;
        if from.starts_with("{{") || from.starts_with("}}") {
            found.push(Segment::Words(&rest[..=brace]));
            rest = &from[2..];
            continue;
        }
        found.push(Segment::Words(before));
        let inner = from
            .strip_prefix('{')
            .and_then(|inner| inner.split_once(['{', '}']).filter(|(name, _)| from[1 + name.len()..].starts_with('}')));
        let Some((name, after)) = inner else { return Err(TemplateError::LoneBrace { at }) };
        found.push(Segment::Open(name, at));
        rest = after;
    }
    found.push(Segment::Words(rest));
    Ok(found)
}

/// The placeholders of a text and where they stand.
///
/// # Errors
/// A lone brace, a name that is none, a name in doubled braces.
pub fn placeholders(text: &str) -> Result<Vec<(Placeholder, usize)>, TemplateError> {
    if let Some((name, at)) = doubled(text) {
        return Err(TemplateError::Doubled { name: name.chars().take(MAX_NAME).collect(), at });
    }
    let mut found = Vec::new();
    for segment in segments(text)? {
        if let Segment::Open(name, at) = segment {
            found.push((Placeholder::parse(name).ok_or_else(|| unknown(name, at))?, at));
        }
    }
    Ok(found)
}

/// The first name in doubled braces, and where.
fn doubled(text: &str) -> Option<(&str, usize)> {
    text.match_indices("{{").find_map(|(start, braces)| {
        let (name, _) = text[start + braces.len()..].split_once("}}")?;
        let like_one = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | ' ');
        let is_name = !name.trim().is_empty() && name.chars().all(like_one);
        is_name.then(|| (name, text[..start].chars().count() + 1))
    })
}

fn unknown(name: &str, at: usize) -> TemplateError {
    TemplateError::Unknown { name: name.chars().take(MAX_NAME).collect(), at }
}

/// The text with its placeholders filled; what is put in is not looked at.
///
/// # Errors
/// A text that cannot be read, a placeholder without a value.
pub fn fill(text: &str, values: &Values<'_>) -> Result<String, TemplateError> {
    put_in(text, |name, at| {
        let placeholder = Placeholder::parse(name).ok_or_else(|| unknown(name, at))?;
        placeholder.value(values).ok_or(TemplateError::NotHere { name: placeholder.as_str(), at })
    })
}

/// The same, with names and values of a sentence's own.
///
/// # Errors
/// A text that cannot be read, a name without a value.
pub fn fill_with(text: &str, values: &[(&str, &str)]) -> Result<String, TemplateError> {
    put_in(text, |name, at| values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value).ok_or_else(|| unknown(name, at)))
}

fn put_in<'v>(text: &str, value: impl Fn(&str, usize) -> Result<&'v str, TemplateError>) -> Result<String, TemplateError> {
    let mut out = String::with_capacity(text.len() * 2);
    for segment in segments(text)? {
        match segment {
            Segment::Words(words) => out.push_str(words),
            Segment::Open(name, at) => out.push_str(value(name, at)?),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn faults_are_told_with_their_place() {
        let cases = [
            ("Dear {debtr},", "{debtr} at character 6 is not a placeholder"),
            ("Größe {", "the brace at character 7 opens or closes nothing; a brace of its own is written twice"),
            ("a } b", "the brace at character 3 opens or closes nothing; a brace of its own is written twice"),
            ("{ {creditor}", "the brace at character 1 opens or closes nothing; a brace of its own is written twice"),
            ("{}", "{} at character 1 is not a placeholder"),
            ("{creditor }", "{creditor } at character 1 is not a placeholder"),
            ("{{ and {x}", "{x} at character 8 is not a placeholder"),
            ("Größe {{debtor.name}}", "{{debtor.name}} at character 7 is no placeholder: it has one brace on each side"),
        ];
        for (text, expected) in cases {
            assert_eq!(placeholders(text).expect_err(text).to_string(), expected);
        }
        assert_eq!(placeholders("{{{creditor}}} {{}} {{a, b}}").map(|found| found.len()), Ok(1), "braces of their own");
        assert_eq!(
            segments("{{{creditor}}}"),
            Ok(vec![Segment::Words("{"), Segment::Words(""), Segment::Open("creditor", 3), Segment::Words("}"), Segment::Words("")])
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_panic_and_what_reads_keeps_its_words(text in "[a{}ö \\n]{0,20}|.{0,60}") {
            if let Ok(found) = segments(&text) {
                let words: usize = found.iter().map(|s| match s { Segment::Words(w) => w.chars().count(), Segment::Open(name, _) => name.chars().count() + 2 }).sum();
                prop_assert!(words <= text.chars().count());
                let braces = text.contains(['{', '}']);
                prop_assert!(braces || words == text.chars().count());
            }
        }
    }
}
