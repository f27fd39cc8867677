//! When and how often, after what notice, with what words, for how long.

use async_graphql::{Enum, SimpleObject};
use domain::law;

use super::RuleGround;
use crate::graphql::{
    kind::{Channel, DebtorKind, LetterKind},
    scalars::{Locale, TimeOfDay},
};

/// Which holidays are closed for contact, whatever the tenant's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "law::Closed")]
pub enum ClosedHolidays {
    /// None.
    None,
    /// Those of the whole country.
    National,
    /// Those of the debtor's region too.
    All,
}

/// A stretch of some weekdays.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct RuleWindow {
    /// 1 Monday to 7 Sunday.
    pub weekdays: Vec<i32>,
    /// First moment, in the debtor's local time.
    pub from: TimeOfDay,
    /// First moment after.
    pub to: TimeOfDay,
}

/// Hours and caps of contact.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ContactRule {
    /// When contact is allowed; days without a window are closed.
    pub windows: Vec<RuleWindow>,
    /// On which holidays there is no contact, whatever the tenant's settings.
    pub closed_on: ClosedHolidays,
    /// Most contacts with a debtor in seven days; null for no cap.
    pub per_week: Option<u32>,
    /// Most contacts in thirty days; null for no cap.
    pub per_month: Option<u32>,
    /// On what it rests.
    pub ground: RuleGround,
}

impl From<&law::Contact> for ContactRule {
    fn from(rule: &law::Contact) -> Self {
        let windows = rule.windows.iter().map(|window| RuleWindow {
            weekdays: window.weekdays.iter().copied().map(i32::from).collect(),
            from: TimeOfDay(window.from),
            to: TimeOfDay(window.to),
        });
        Self {
            windows: windows.collect(),
            closed_on: rule.closed_on.into(),
            per_week: rule.per_week,
            per_month: rule.per_month,
            ground: (&rule.ground).into(),
        }
    }
}

/// What must be announced before collection.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct NoticeRule {
    /// The letter that announces it.
    pub letter: LetterKind,
    /// Days that it gives, counted from sending over weekends and holidays.
    pub min_days: u32,
    /// Days after the due date before which it is not sent.
    pub earliest_days_after_due: u32,
    /// One of these must carry it.
    pub sufficient_channels: Vec<Channel>,
    /// Whether its principal holds no fees.
    pub principal_without_fees: bool,
    /// Months after which it no longer supports a hand-over.
    pub valid_months: u32,
    /// Its headline, word for word.
    pub heading: String,
    /// On what it rests.
    pub ground: RuleGround,
}

impl From<&law::Notice> for NoticeRule {
    fn from(rule: &law::Notice) -> Self {
        Self {
            letter: rule.letter.into(),
            min_days: rule.min_days,
            earliest_days_after_due: rule.earliest_days_after_due,
            sufficient_channels: rule.sufficient_channels.iter().copied().map(Channel::from).collect(),
            principal_without_fees: rule.principal_without_fees,
            valid_months: rule.valid_months,
            heading: rule.heading.clone(),
            ground: (&rule.ground).into(),
        }
    }
}

/// Something that a letter must say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "law::Content")]
pub enum LetterContent {
    /// The headline of the notice's rule, word for word, and no other.
    Heading,
    /// That the claim goes to collection and that costs may follow.
    CollectionAndCostsWarning,
    /// The principal, with no fee in it.
    PrincipalWithoutFees,
    /// The last day for paying.
    PayByDate,
    /// The creditor's name and address.
    ClientNameAndAddress,
    /// The claim's ground, its object and the date of the contract.
    GroundObjectAndContractDate,
    /// On what sum, at what rate and for which time interest is asked.
    InterestCalculation,
    /// A note where the rate is above the statutory one, and why.
    RateAboveStatutory,
    /// Kind, amount and reason of the costs.
    CostsWithReason,
    /// Whether value-added tax is in the costs, and why.
    VatStatement,
    /// Where the address was found when the debtor did not give it, and how to correct it.
    AddressOrigin,
    /// The supervisory authority's name, address and electronic contact.
    SupervisoryAuthority,
}

/// What some letters must say.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ContentsRule {
    /// Which letters.
    pub letters: Vec<LetterKind>,
    /// To whom.
    pub debtors: Vec<DebtorKind>,
    /// Whether only the first letter of a case.
    pub first_letter_only: bool,
    /// What.
    pub items: Vec<LetterContent>,
    /// On what it rests.
    pub ground: RuleGround,
}

impl From<&law::Contents> for ContentsRule {
    fn from(rule: &law::Contents) -> Self {
        Self {
            letters: rule.letters.iter().copied().map(LetterKind::from).collect(),
            debtors: rule.debtors.iter().copied().map(DebtorKind::from).collect(),
            first_letter_only: rule.first_letter_only,
            items: rule.items.iter().copied().map(LetterContent::from).collect(),
            ground: (&rule.ground).into(),
        }
    }
}

/// Words of a language.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct WordsOfLanguage {
    /// The language.
    pub language: Locale,
    /// Words and phrases, whatever their case; with a star at the end they begin a word, otherwise they stand alone.
    pub words: Vec<String>,
}

/// Words that some letters must not hold. A tenant's own text is searched for them when it is saved: for words, not for
/// what they mean.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ForbiddenWordsRule {
    /// Which letters.
    pub letters: Vec<LetterKind>,
    /// What the words amount to, e.g. `a threat of court`.
    pub what: String,
    /// The words, by language.
    pub words: Vec<WordsOfLanguage>,
    /// On what it rests.
    pub ground: RuleGround,
}

impl From<&law::ForbiddenWords> for ForbiddenWordsRule {
    fn from(rule: &law::ForbiddenWords) -> Self {
        let words =
            |(language, words): (&String, &Vec<String>)| WordsOfLanguage { language: Locale(language.clone()), words: words.clone() };
        Self {
            letters: rule.letters.iter().copied().map(LetterKind::from).collect(),
            what: rule.what.clone(),
            words: rule.words.iter().map(words).collect(),
            ground: (&rule.ground).into(),
        }
    }
}

/// A letter that announces the hand-over by its kind alone: a policy that has it must offer the hand-over.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct AnnouncementRule {
    /// Which letter.
    pub letter: LetterKind,
    /// On what it rests.
    pub ground: RuleGround,
}

impl From<&law::Announcement> for AnnouncementRule {
    fn from(rule: &law::Announcement) -> Self {
        Self { letter: rule.letter.into(), ground: (&rule.ground).into() }
    }
}

/// How long a claim can be enforced.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct LimitationRule {
    /// Code of the region that it is for; null for those without a rule of their own.
    pub region: Option<String>,
    /// Years from the due date, or from the acknowledgement or legal step that began the period anew.
    pub years: u32,
    /// Days before the end on which a person is warned.
    pub warn_days: u32,
    /// Whether the debt itself is gone then, not only its enforcement.
    pub extinguishes: bool,
    /// On what it rests.
    pub ground: RuleGround,
}

impl From<&law::Limitation> for LimitationRule {
    fn from(rule: &law::Limitation) -> Self {
        Self {
            region: rule.region.clone(),
            years: rule.years,
            warn_days: rule.warn_days,
            extinguishes: rule.extinguishes,
            ground: (&rule.ground).into(),
        }
    }
}

/// Kinds of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "law::Record")]
pub enum RecordKind {
    /// What bookings rest on: invoices, payments, credit notes.
    Vouchers,
    /// Letters sent and received.
    Letters,
    /// What the tax office may ask for.
    TaxRecords,
}

/// How long a kind of record must be kept.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct RetentionRule {
    /// Which records.
    pub what: RecordKind,
    /// Months.
    pub months: u32,
    /// Whether they count from the end of the year.
    pub from_end_of_year: bool,
    /// On what it rests.
    pub ground: RuleGround,
}

impl From<&law::Retention> for RetentionRule {
    fn from(rule: &law::Retention) -> Self {
        Self { what: rule.what.into(), months: rule.months, from_end_of_year: rule.from_end_of_year, ground: (&rule.ground).into() }
    }
}
