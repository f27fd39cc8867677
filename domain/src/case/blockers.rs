//! What stands in the way of reaching a debtor, shown on the proposal before approval: missing and doubtful data.

use entity::{Channel, debtor};

use crate::{
    RefusalCode,
    delivery::{self, Home, Unusable},
    letter,
    port::Renderer,
};

/// One obstacle, with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    /// Stable reason.
    pub code: RefusalCode,
    /// The field: `email`, `phone`, `address`, `name`, `exemption`, `bank`.
    pub field: &'static str,
    /// For people.
    pub message: String,
    /// Whether no letter can leave while it stands.
    pub fatal: bool,
}

/// What the obstacles are judged by.
#[derive(Debug, Clone, Copy)]
pub struct ProposalFacts<'a> {
    /// The debtor.
    pub debtor: &'a debtor::Model,
    /// The tenant's country, for phone numbers and addresses without one, and where its short messages go.
    pub home: &'a Home,
    /// The debtor's addresses that must not be used.
    pub unusable: &'a Unusable,
    /// Whether an account to pay to is known.
    pub bank_known: bool,
    /// Whether an invoice is marked as disputed.
    pub disputed: bool,
    /// The tenant's day.
    pub today: chrono::NaiveDate,
}

/// Everything that stands in the way, the fatal first.
pub fn blockers(facts: &ProposalFacts<'_>, renderer: &dyn Renderer) -> Vec<Blocker> {
    let debtor = facts.debtor;
    let mut found = Vec::new();
    let mut add = |code, field, message: String, fatal| found.push(Blocker { code, field, message, fatal });
    let email = debtor.email.as_deref().map(delivery::email_usable);
    let phone = debtor.phone.as_deref().map(|phone| delivery::sms_usable(phone, debtor.country.as_deref(), facts.home));
    let address = delivery::address_usable(debtor);
    if !facts.bank_known {
        add(RefusalCode::BankDetailsMissing, "bank", "the tenant has no bank account to pay to".into(), true);
    }
    if crate::escalation::exempt_on(debtor, facts.today) {
        add(RefusalCode::DebtorExempt, "exemption", "the debtor is exempt from collection".into(), true);
    }
    if facts.disputed {
        add(RefusalCode::InvoiceDisputed, "invoices", "an invoice is marked as disputed".into(), true);
    }
    if delivery::reachable(debtor, facts.home, facts.unusable).is_empty() {
        add(RefusalCode::DebtorIncomplete, "contact", "no usable e-mail, phone or address: the debtor cannot be reached".into(), true);
    }
    match email {
        None => add(RefusalCode::Required, "email", "no e-mail address".into(), false),
        Some(false) => add(RefusalCode::Invalid, "email", "the e-mail address is not a valid one".into(), false),
        Some(true) => {}
    }
    match phone {
        None => add(RefusalCode::Required, "phone", "no phone number".into(), false),
        Some(Err(why)) => add(RefusalCode::Invalid, "phone", why, false),
        Some(Ok(_)) => {}
    }
    if !address {
        add(RefusalCode::Required, "address", "no complete postal address".into(), false);
    }
    for (channel, field) in [(Channel::Email, "email"), (Channel::Sms, "phone"), (Channel::Post, "address")] {
        let suppressed = delivery::contact(channel, debtor, facts.home).and_then(|address| facts.unusable.of(channel, &address));
        if let Some(row) = suppressed {
            add(RefusalCode::ContactSuppressed, field, format!("must not be used: {}", delivery::why_suppressed(row.reason)), false);
        }
    }
    let printed = letter::recipient_of(debtor, &facts.home.country);
    let missing: Vec<char> =
        std::iter::once(&printed.name).chain(&printed.address_lines).flat_map(|line| renderer.missing_glyphs(line)).collect();
    if !missing.is_empty() {
        #[expect(clippy::format_collect, reason = "a few characters, once")]
        let list: String = missing.iter().map(|c| format!(" U+{:04X}", u32::from(*c))).collect();
        add(RefusalCode::GlyphMissing, "name", format!("no font has these characters:{list}"), true);
    }
    found.sort_by_key(|b| !b.fatal);
    found
}
