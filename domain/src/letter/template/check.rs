//! What a tenant's own text may be.

use entity::LetterKind;

use super::{NewTemplate, OwnText, Part, Piece, When, allowed, placeholder::placeholders};
use crate::{
    delivery::measure,
    error::{Refusal, RefusalCode},
    law,
    letter::{country, text},
};

/// Longest heading, in characters.
pub const MAX_SUBJECT_CHARS: usize = 100;
/// Longest piece, in characters.
pub const MAX_PARAGRAPH_CHARS: usize = 1_000;
/// Most pieces before the claim, and most after the account.
pub const MAX_PARAGRAPHS: usize = 12;
/// Most parts of a short message, with values of usual length put in.
pub const MAX_SMS_PARTS: usize = 3;

/// What a short message must tell whatever its words are: who writes, what it is about, whom to ask.
const SMS_NEEDS: [&str; 3] = ["creditor", "reference", "contact"];

/// The template with tidy texts, once it passed every check.
///
/// # Errors
///
/// A refusal naming the field, and the character where there is one.
pub(super) fn checked(new: &NewTemplate) -> Result<NewTemplate, Refusal> {
    new.country.as_deref().map_or(Ok(()), |code| country::check_code(code, "country"))?;
    Ok(NewTemplate { text: checked_text(&new.text, new.kind, new.country.as_deref())?, ..new.clone() })
}

/// The text on its own.
pub(super) fn checked_text(own: &OwnText, kind: LetterKind, country: Option<&str>) -> Result<OwnText, Refusal> {
    let subject = words(&own.subject, "subject", MAX_SUBJECT_CHARS, kind, Part::Subject)?;
    heading(&subject, kind, country)?;
    let opening = pieces(&own.opening, "opening", kind)?;
    if !speaks(&opening) {
        let message = "something must be said before the claim whatever the circumstances are";
        return Err(Refusal::new(RefusalCode::Required, message).at("opening"));
    }
    let closing = pieces(&own.closing, "closing", kind)?;
    let sms = own.sms.as_ref().filter(|sms| !sms.trim().is_empty()).map(|sms| short_message(sms, kind)).transpose()?;
    Ok(OwnText { subject, opening, closing, sms })
}

/// Where a law fixes the heading, no other is taken.
fn heading(subject: &str, kind: LetterKind, country: Option<&str>) -> Result<(), Refusal> {
    let notices = country.and_then(law::pack).into_iter().flat_map(|pack| &pack.notice);
    match notices.into_iter().find(|notice| notice.letter == kind && notice.heading != subject) {
        Some(notice) => {
            let message = format!("the law demands the heading \"{}\" and no other", notice.heading);
            Err(Refusal::new(RefusalCode::Invalid, message).at("subject"))
        }
        None => Ok(()),
    }
}

fn pieces(pieces: &[Piece], field: &str, kind: LetterKind) -> Result<Vec<Piece>, Refusal> {
    if pieces.len() > MAX_PARAGRAPHS {
        return Err(Refusal::new(RefusalCode::LimitExceeded, format!("at most {MAX_PARAGRAPHS} pieces")).at(field));
    }
    let tidy = |(index, piece): (usize, &Piece)| {
        let text = words(&piece.text, &format!("{field}.{index}.text"), MAX_PARAGRAPH_CHARS, kind, Part::Body)?;
        Ok(Piece { text, ..piece.clone() })
    };
    pieces.iter().enumerate().map(tidy).collect()
}

/// Whether there are words under any circumstances.
fn speaks(pieces: &[Piece]) -> bool {
    let has = |when: Option<When>| pieces.iter().any(|piece| piece.when == when);
    let either = |one, other| has(Some(one)) && has(Some(other));
    has(None)
        || either(When::OneInvoice, When::SeveralInvoices)
        || either(When::Open, When::Settled)
        || either(When::WithPage, When::MessageOnly)
}

fn words(raw: &str, field: &str, most: usize, kind: LetterKind, part: Part) -> Result<String, Refusal> {
    let refuse = |code, message: String| Err(Refusal::new(code, message).at(field));
    if raw.chars().count() > most {
        return refuse(RefusalCode::TooLong, format!("at most {most} characters"));
    }
    if let Some(at) = raw.chars().position(text::is_invisible) {
        return refuse(RefusalCode::Invalid, format!("character {} has no shape of its own: control characters are not taken", at + 1));
    }
    let tidy = text::clean_long(raw, most).map_err(|error| Refusal::new(RefusalCode::Invalid, error.to_string()).at(field))?;
    let allowed = allowed(kind, part);
    for (placeholder, at) in placeholders(&tidy).map_err(|error| Refusal::new(RefusalCode::Invalid, error.to_string()).at(field))? {
        if !allowed.contains(&placeholder) {
            let known: Vec<String> = allowed.iter().map(|known| format!("{{{}}}", known.as_str())).collect();
            let name = placeholder.as_str();
            return refuse(RefusalCode::Invalid, format!("{{{name}}} at character {at} is not known here; known are {}", known.join(" ")));
        }
    }
    Ok(tidy)
}

fn short_message(raw: &str, kind: LetterKind) -> Result<String, Refusal> {
    let tidy = words(raw, "sms", MAX_PARAGRAPH_CHARS, kind, Part::Sms)?;
    let used: Vec<&str> = placeholders(&tidy).unwrap_or_default().iter().map(|(placeholder, _)| placeholder.as_str()).collect();
    let sum = kind.demands_payment().then_some("outstanding");
    if let Some(lacking) = SMS_NEEDS.into_iter().chain(sum).find(|needed| !used.contains(needed)) {
        return Err(Refusal::new(RefusalCode::Required, format!("a short message must hold {{{lacking}}}")).at("sms"));
    }
    if let Some(word) = tidy.split(' ').find(|word| text::looks_like_link(word)) {
        let at = tidy.find(word).map_or(1, |byte| tidy[..byte].chars().count() + 1);
        return Err(Refusal::new(RefusalCode::Invalid, format!("character {at} begins a link: short messages carry none")).at("sms"));
    }
    let parts = sms_parts(&tidy);
    if parts > MAX_SMS_PARTS {
        return Err(Refusal::new(RefusalCode::TooLong, format!("{parts} parts with usual values; at most {MAX_SMS_PARTS}")).at("sms"));
    }
    Ok(tidy)
}

/// How many parts a short message takes with values of usual length put in.
pub fn sms_parts(text: &str) -> usize {
    let usual = [
        ("creditor", "Kowhai Timber Limited"),
        ("debtor", "Hill Road Builders"),
        ("reference", "C-100042"),
        ("payment_reference", "RF18 5390 0754 7034"),
        ("contact", "+64 9 555 0100"),
        ("outstanding", "NZD 12,345.00"),
        ("paid", "NZD 12,345.00"),
        ("pay_by", "25 September 2026"),
        ("due_on", "25 September 2026"),
    ];
    super::fill_with(text, &usual).map_or(0, |filled| measure(&filled).segments)
}
