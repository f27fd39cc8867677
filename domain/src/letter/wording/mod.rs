//! The words of one letter: the text of its revision, country, language and kind, or the tenant's own, with the values
//! that sentences speak of put in.
//!
//! Rules for every text: firm, factual and polite; nothing is announced that the ladder does not do ([`NextStep`]),
//! save where a law demands the announcement; nothing is called earlier or repeated that was not; the debtor pays into
//! the creditor's own account and asks the creditor. The texts stand in [`super::template`].

use std::borrow::Cow;

use super::{
    ClaimLineKind, ComposeError, LetterFacts, NextStep,
    template::{self, LanguageText, LetterText, Piece, TemplateError},
};

/// The values that sentences speak of, already formatted. Those that a letter does not have are empty or none.
#[derive(Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a circumstance that pieces are said under")]
pub(super) struct Values<'a> {
    pub next_step: NextStep,
    pub creditor: &'a str,
    pub debtor: &'a str,
    pub outstanding: &'a str,
    pub paid: &'a str,
    pub pay_by: &'a str,
    pub due_on: &'a str,
    pub reference: &'a str,
    pub payment_reference: &'a str,
    pub contact: &'a str,
    pub attention: Option<&'a str>,
    /// The invoice's number, when the claim is about one that has a number.
    pub invoice: Option<&'a str>,
    /// How the claim is spoken of.
    pub claim: Cow<'a, str>,
    /// Whether it is spoken of as one invoice.
    pub one_invoice: bool,
    /// Whether an earlier letter of the ladder went out.
    pub wrote_before: bool,
    /// Whether something was already paid or credited.
    pub part_paid: bool,
    /// Whether something is open.
    pub open: bool,
    /// Whether no page goes along.
    pub message_only: bool,
}

/// The words of a letter.
pub(super) struct Words {
    /// What all letters in the language share.
    pub language: &'static LanguageText,
    letter: LetterText,
}

impl Words {
    /// The words that the letter was issued with.
    pub(super) fn of(facts: &LetterFacts) -> Result<Self, ComposeError> {
        let unknown = || ComposeError::UnknownRevision(facts.text_revision.chars().take(32).collect());
        let language = template::language_text(&facts.text_revision, facts.language).ok_or_else(unknown)?;
        let mut letter = template::letter_text(language, facts.kind, &facts.debtor.country).ok_or_else(unknown)?;
        if let Some(own) = &facts.wording {
            letter.subject.clone_from(&own.text.subject);
            letter.opening.clone_from(&own.text.opening);
            letter.closing.clone_from(&own.text.closing);
            (letter.heading_only, letter.warns) = (false, false);
            if let Some(sms) = &own.text.sms {
                letter.sms = vec![Piece { text: sms.clone(), when: None, continues: false }];
            }
        }
        if let Some(heading) = facts.legal.as_ref().and_then(|legal| legal.heading.as_ref()) {
            // The law's word and no other, whatever a template says.
            letter.subject.clone_from(heading);
            letter.heading_only = true;
        }
        Ok(Self { language, letter })
    }

    /// Whether the text says itself that the claim goes to collection and that costs may follow.
    pub(super) fn warns(&self) -> bool {
        self.letter.warns
    }

    /// What a line of the claim is called.
    pub(super) fn line_name(&self, kind: ClaimLineKind) -> &str {
        self.language.lines.get(&kind).map_or("", String::as_str)
    }

    /// The heading without an invoice's number.
    pub(super) fn kind_name(&self, values: &Values<'_>) -> Result<String, TemplateError> {
        template::fill(&self.letter.subject, values)
    }

    /// The heading.
    pub(super) fn subject(&self, values: &Values<'_>) -> Result<String, TemplateError> {
        let name = self.kind_name(values)?;
        Ok(match values.invoice {
            Some(number) if !self.letter.heading_only => format!("{name} – {} {number}", self.language.labels.invoice),
            _ => name,
        })
    }

    /// How a claim is spoken of.
    pub(super) fn claim(&self, invoice: Option<&str>) -> Result<String, TemplateError> {
        let text = if invoice.is_some() { &self.language.claim.one } else { &self.language.claim.several };
        template::fill(text, &Values { invoice, ..Values::default() })
    }

    pub(super) fn salutation(&self, values: &Values<'_>) -> Result<String, TemplateError> {
        let words = &self.language.salutation;
        template::fill(if values.attention.is_some() { &words.named } else { &words.unnamed }, values)
    }

    /// What happened: the paragraphs before the table.
    pub(super) fn opening(&self, values: &Values<'_>) -> Result<Vec<String>, TemplateError> {
        template::pieces_to_paragraphs(&self.letter.opening, values)
    }

    /// The request for payment with amount and deadline.
    pub(super) fn demand(&self, values: &Values<'_>) -> Result<String, TemplateError> {
        template::fill(&self.language.demand, values)
    }

    /// What happens next and what the debtor can do: the paragraphs after the bank details.
    pub(super) fn closing(&self, values: &Values<'_>) -> Result<Vec<String>, TemplateError> {
        template::pieces_to_paragraphs(&self.letter.closing, values)
    }

    /// The whole text message; only characters of the basic SMS alphabet besides what the values bring.
    pub(super) fn sms(&self, values: &Values<'_>) -> Result<String, TemplateError> {
        template::pieces_to_line(&self.letter.sms, values)
    }
}
