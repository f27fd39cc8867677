//! What a country's law asks a letter to state beside the claim, and what is missing for it.
//!
//! Which items a letter must hold is a rule pack's matter ([`crate::law::required_contents`]); here they are turned into
//! sentences. The items of RDG § 13a (1) stand in the order of the law.

use chrono::NaiveDate;
use entity::{LetterKind, debtor, tenant};
use serde::{Deserialize, Serialize};

use super::{
    ClaimLine, ClaimLineKind, ComposeError, LetterFacts, format_amount, format_long,
    names::{line, lines, optional},
    template::{StatementTexts, fill_with},
    wording::Words,
};
use crate::{
    claim::{ChargeSettings, Interest},
    error::Result,
    law::{self, Content},
};

/// What a tenant states about itself and its claims where a law asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LegalDetails {
    /// The authority that supervises the sender.
    pub authority: Option<Authority>,
    /// What the invoices are for when they do not say it, for example "delivery of building timber, contract of 1 March 2026".
    /// No accounting system tells the day of the contract, which RDG § 13a (1) no. 2 asks for: a letter names the invoice's
    /// day as such, and the contract's where it is written here.
    pub subject_matter: Option<String>,
    /// Why a rate above the statutory one is asked for, for example the clause of the contract.
    pub above_statutory_reason: Option<String>,
    /// Value added tax is claimed on costs, which the creditor cannot deduct as input tax.
    pub vat_on_costs: bool,
}

/// A supervisory authority.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Authority {
    /// Its name.
    pub name: String,
    /// Its address in one line.
    pub address: String,
    /// Its e-mail address or web page.
    pub contact: String,
}

/// What the law asks of a letter, frozen with it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Demanded {
    /// The items.
    pub contents: Vec<Content>,
    /// The heading, word for word, where `contents` asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// What the tenant stated.
    #[serde(default)]
    pub details: LegalDetails,
    /// Where the debtor's address was found, when the debtor did not give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_source: Option<String>,
    /// The interest claimed is above the statutory rate.
    #[serde(default)]
    pub above_statutory: bool,
}

/// Whether the tenant asks for a rate that the law does not grant, or that nobody can tell to be within it.
fn above_statutory(tenant: &tenant::Model, debtor: &debtor::Model, day: NaiveDate) -> Result<bool> {
    let settings: ChargeSettings = serde_json::from_value(tenant.charges.clone())?;
    let Interest::Contract(asked) = settings.interest else { return Ok(false) };
    let granted = law::pack(&tenant.country).and_then(|pack| law::rate_on(pack, debtor.kind, day).ok());
    Ok(granted.is_none_or(|rate| i64::from(asked) > i64::from(rate.ppm)))
}

/// What counts as costs beside the claim.
const COSTS: [ClaimLineKind; 2] = [ClaimLineKind::Fee, ClaimLineKind::FixedSum];

/// What the law asks of a letter of a kind to this debtor, where it asks for anything. The creditor's country and the
/// debtor's are both satisfied.
///
/// # Errors
///
/// When the tenant's details have another shape.
pub fn demanded(tenant: &tenant::Model, debtor: &debtor::Model, kind: LetterKind, first: bool, day: NaiveDate) -> Result<Option<Demanded>> {
    let place = debtor.country.as_deref().unwrap_or(&tenant.country);
    let mut countries = vec![tenant.country.as_str(), place];
    countries.dedup();
    let packs: Vec<&law::Pack> = countries.into_iter().filter_map(law::pack).collect();
    let mut contents = Vec::new();
    for content in packs.iter().flat_map(|pack| law::required_contents(pack, kind, debtor.kind, first, day)) {
        if !contents.contains(&content) {
            contents.push(content);
        }
    }
    if contents.is_empty() {
        return Ok(None);
    }
    let notice = packs.iter().flat_map(|pack| &pack.notice).find(|notice| notice.letter == kind && notice.ground.holds_on(day));
    Ok(Some(Demanded {
        heading: notice.filter(|_| contents.contains(&Content::Heading)).map(|notice| notice.heading.clone()),
        contents,
        details: serde_json::from_value(tenant.legal.clone())?,
        address_source: debtor.address_source.clone(),
        above_statutory: above_statutory(tenant, debtor, day)?,
    }))
}

/// Something that a letter must state and cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Missing {
    /// The item.
    pub content: Content,
    /// What would have to be entered, as a path into the tenant's settings or the claim: `addressLines`,
    /// `legal.authority`, `invoices.number`.
    pub field: &'static str,
    /// For people.
    pub message: &'static str,
}

/// What the letter must state and cannot: it is not issued while there is anything. The items are those of
/// `facts.legal`; a letter without them lacks nothing.
pub fn required_missing(facts: &LetterFacts) -> Vec<Missing> {
    let Some(legal) = &facts.legal else { return Vec::new() };
    legal.contents.iter().filter_map(|content| missing(*content, legal, facts)).collect()
}

fn missing(content: Content, legal: &Demanded, facts: &LetterFacts) -> Option<Missing> {
    let blank = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
    let of = |kind: ClaimLineKind| facts.lines.iter().filter(move |line| line.kind == kind);
    let (lacks, field, message) = match content {
        Content::Heading => (legal.heading.is_none(), "heading", "the heading that the law asks for"),
        // Said by the letter itself, or added to it, whatever its text is.
        Content::CollectionAndCostsWarning
        | Content::PrincipalWithoutFees
        | Content::PayByDate
        | Content::VatStatement
        | Content::CostsWithReason
        | Content::AddressOrigin => return None,
        Content::ClientNameAndAddress => {
            (facts.creditor.address_lines.iter().all(|line| line.trim().is_empty()), "addressLines", "the creditor's address")
        }
        Content::GroundObjectAndContractDate => {
            let bare = |line: &ClaimLine| line.issued_on.is_none() || (blank(&line.title) && blank(&legal.details.subject_matter));
            (of(ClaimLineKind::Principal).any(bare), "legal.subjectMatter", "what the claim is for, and the contract's date")
        }
        Content::InterestCalculation => {
            (of(ClaimLineKind::Interest).any(|line| blank(&line.note)), "interest", "how the interest was calculated")
        }
        Content::RateAboveStatutory => (
            legal.above_statutory && blank(&legal.details.above_statutory_reason),
            "legal.aboveStatutoryReason",
            "why a rate above the statutory one is asked for",
        ),
        Content::SupervisoryAuthority => {
            let whole = |a: &Authority| ![&a.name, &a.address, &a.contact].iter().any(|text| text.trim().is_empty());
            (
                !legal.details.authority.as_ref().is_some_and(whole),
                "legal.authority",
                "the supervisory authority's name, address and contact",
            )
        }
    };
    lacks.then_some(Missing { content, field, message })
}

/// The sentences that the law asks for, in its order.
pub(super) fn statements(facts: &LetterFacts, words: &Words) -> Result<Vec<String>, ComposeError> {
    let (Some(legal), Some(texts)) = (&facts.legal, &words.language.statements) else { return Ok(Vec::new()) };
    let teller = Teller { facts, legal, texts, words };
    let mut said = Vec::new();
    for content in &legal.contents {
        teller.tell(*content, &mut said)?;
    }
    Ok(said)
}

struct Teller<'a> {
    facts: &'a LetterFacts,
    legal: &'a Demanded,
    texts: &'a StatementTexts,
    words: &'a Words,
}

impl Teller<'_> {
    fn tell(&self, content: Content, said: &mut Vec<String>) -> Result<(), ComposeError> {
        match content {
            // The letter itself holds these.
            Content::Heading | Content::PrincipalWithoutFees | Content::PayByDate => {}
            Content::CollectionAndCostsWarning => {
                if !self.words.warns() {
                    said.push(self.texts.collection_and_costs.clone());
                }
            }
            Content::ClientNameAndAddress => said.push(self.principal()?),
            Content::GroundObjectAndContractDate => self.of(&[ClaimLineKind::Principal], said, |line| self.ground(line))?,
            Content::InterestCalculation => self.of(&[ClaimLineKind::Interest], said, |line| self.interest(line))?,
            Content::RateAboveStatutory => said.extend(self.above_statutory()?),
            Content::CostsWithReason => self.of(&COSTS, said, |line| self.cost(line))?,
            Content::VatStatement => said.extend(self.vat()?),
            Content::AddressOrigin => said.extend(self.address_source()?),
            Content::SupervisoryAuthority => said.extend(self.authority()?),
        }
        Ok(())
    }

    fn of(
        &self,
        kinds: &[ClaimLineKind],
        said: &mut Vec<String>,
        tell: impl Fn(&ClaimLine) -> Result<String, ComposeError>,
    ) -> Result<(), ComposeError> {
        for claimed in self.facts.lines.iter().filter(|claimed| kinds.contains(&claimed.kind)) {
            said.push(tell(claimed)?);
        }
        Ok(())
    }

    fn creditor(&self) -> Result<String, ComposeError> {
        let creditor = &self.facts.creditor;
        line("creditor name", creditor.legal_name.as_ref().filter(|name| !name.trim().is_empty()).unwrap_or(&creditor.name))
    }

    fn contact(&self) -> Result<String, ComposeError> {
        line("creditor e-mail", &self.facts.creditor.email)
    }

    fn principal(&self) -> Result<String, ComposeError> {
        let address = lines("creditor address", &self.facts.creditor.address_lines)?.join(", ");
        Ok(fill_with(&self.texts.principal, &[("creditor", &self.creditor()?), ("address", &address)])?)
    }

    fn ground(&self, claimed: &ClaimLine) -> Result<String, ComposeError> {
        let title = optional("line title", claimed.title.as_ref())?;
        let usual = optional("subject matter", self.legal.details.subject_matter.as_ref())?;
        let matter = title.or(usual).unwrap_or_default();
        let number = optional("invoice number", claimed.invoice_number.as_ref())?.unwrap_or_default();
        let known = [("subject_matter", matter.as_str()), ("invoice", &number)];
        Ok(match claimed.issued_on.map(|day| format_long(day, self.facts.language)) {
            Some(day) => fill_with(&self.texts.ground, &[known[0], known[1], ("invoice_date", &day)])?,
            None => fill_with(&self.texts.ground_undated, &known)?,
        })
    }

    fn interest(&self, claimed: &ClaimLine) -> Result<String, ComposeError> {
        let calculation = optional("calculation", claimed.note.as_ref())?.unwrap_or_default();
        Ok(fill_with(&self.texts.interest, &[("calculation", &calculation)])?)
    }

    fn above_statutory(&self) -> Result<Option<String>, ComposeError> {
        if !self.legal.above_statutory {
            return Ok(None);
        }
        let reason = optional("reason of the rate", self.legal.details.above_statutory_reason.as_ref())?.unwrap_or_default();
        Ok(Some(fill_with(&self.texts.above_statutory, &[("reason", &reason)])?))
    }

    fn cost(&self, claimed: &ClaimLine) -> Result<String, ComposeError> {
        let usual = if claimed.kind == ClaimLineKind::FixedSum { &self.texts.fixed_sum_reason } else { &self.texts.fee_reason };
        let reason = optional("reason of the costs", claimed.note.as_ref())?.unwrap_or_else(|| usual.clone());
        let amount = format_amount(claimed.amount_minor, &self.facts.currency, self.facts.language)?;
        let known = [("name", self.words.line_name(claimed.kind)), ("amount", &amount), ("reason", &reason)];
        Ok(fill_with(&self.texts.cost, &known)?)
    }

    fn vat(&self) -> Result<Option<String>, ComposeError> {
        if !self.facts.lines.iter().any(|claimed| COSTS.contains(&claimed.kind)) {
            return Ok(None);
        }
        let text = if self.legal.details.vat_on_costs { &self.texts.vat_not_deductible } else { &self.texts.vat_none };
        Ok(Some(fill_with(text, &[("creditor", &self.creditor()?)])?))
    }

    fn address_source(&self) -> Result<Option<String>, ComposeError> {
        let Some(source) = optional("source of the address", self.legal.address_source.as_ref())? else { return Ok(None) };
        Ok(Some(fill_with(&self.texts.address_source, &[("source", &source), ("contact", &self.contact()?)])?))
    }

    fn authority(&self) -> Result<Option<String>, ComposeError> {
        let Some(authority) = &self.legal.details.authority else { return Ok(None) };
        let (name, address) = (line("authority", &authority.name)?, line("authority", &authority.address)?);
        let contact = line("authority", &authority.contact)?;
        Ok(Some(fill_with(&self.texts.authority, &[("name", &name), ("address", &address), ("contact", &contact)])?))
    }
}

#[cfg(test)]
#[path = "legal_tests.rs"]
mod tests;
