//! The shape of a rule pack, as `packs/*.toml` spells it. Money is in minor units, rates in millionths per year.

use chrono::{NaiveDate, NaiveTime};
use entity::{Channel, DebtorKind, LetterKind};
use serde::Deserialize;

use super::{charge::Part, contents::Content, forbidden::ForbiddenWords, rate::DayCount};

/// The rules of one country.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Which edition; stored with every decision.
    pub revision: String,
    /// When and how often debtors may be contacted.
    #[serde(default)]
    pub contact: Vec<Contact>,
    /// What must be announced before collection.
    #[serde(default)]
    pub notice: Vec<Notice>,
    /// What letters may cost the debtor; none: the law names no limit.
    #[serde(default)]
    pub fee: Vec<FeeRule>,
    /// Interest on late payment.
    pub interest: Interest,
    /// Fixed sums of compensation.
    #[serde(default)]
    pub fixed_sum: Vec<FixedSum>,
    /// What a payment pays first.
    pub settlement: Settlement,
    /// What letters must say.
    #[serde(default)]
    pub contents: Vec<Contents>,
    /// What letters must not say.
    #[serde(default)]
    pub forbidden_words: Vec<ForbiddenWords>,
    /// What letters announce by their kind, so that it must be meant.
    #[serde(default)]
    pub announcement: Vec<Announcement>,
    /// After which time a claim can no longer be enforced; none: not confirmed, not watched.
    #[serde(default)]
    pub limitation: Vec<Limitation>,
    /// How long records must be kept.
    #[serde(default)]
    pub retention: Vec<Retention>,
    /// What the sender of short messages must be.
    #[serde(default)]
    pub sms_sender: Vec<SmsSender>,
    /// What is good to know and changes no decision.
    #[serde(default)]
    pub note: Vec<Note>,
}

/// On what a rule rests, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// First day; none when the source names no beginning.
    pub from: Option<NaiveDate>,
    /// Last day; none when it still holds.
    pub last: Option<NaiveDate>,
    /// How binding it is.
    pub standing: Standing,
    /// Addresses of the pages that say so; empty only for what is ours.
    pub source: Vec<String>,
    /// The paragraph, and what a reader should know.
    pub note: Option<String>,
}

impl Ground {
    /// Whether the rule holds on a day.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.standing != Standing::Proposed && holds(self.from, self.last, day)
    }
}

/// Whether a day lies between two days, both included; none is open.
pub(super) fn holds(from: Option<NaiveDate>, last: Option<NaiveDate>, day: NaiveDate) -> bool {
    from.is_none_or(|from| from <= day) && last.is_none_or(|last| day <= last)
}

/// How binding a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// An act or a regulation.
    Statute,
    /// A regulator expects it.
    Guideline,
    /// Good practice of the trade.
    Practice,
    /// Not in force: holds on no day.
    Proposed,
    /// A choice of this product where no rule was found.
    Ours,
}

/// Hours and caps of contact.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// When contact is allowed, in the debtor's local time; days without a window are closed.
    pub windows: Vec<Window>,
    /// On which holidays there is no contact, whatever the tenant's settings.
    #[serde(default)]
    pub closed_on: Closed,
    /// Most contacts in seven days.
    pub per_week: Option<u32>,
    /// Most contacts in thirty days.
    pub per_month: Option<u32>,
    /// On what it rests.
    pub ground: Ground,
}

/// A stretch of some weekdays.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// 1 Monday to 7 Sunday.
    pub weekdays: Vec<u8>,
    /// First moment.
    pub from: NaiveTime,
    /// First moment after.
    pub to: NaiveTime,
}

/// Which holidays are closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    /// None.
    #[default]
    None,
    /// Those of the whole country.
    National,
    /// Those of the debtor's region too.
    All,
}

/// What must be announced before collection.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// The letter that announces it.
    pub letter: LetterKind,
    /// Days that it gives, counted from sending in plain days; collection begins after the last of them.
    pub min_days: u32,
    /// Days after the due date before which it is not sent.
    pub earliest_days_after_due: u32,
    /// One of these must carry it; others may only tell of it.
    pub sufficient_channels: Vec<Channel>,
    /// Its principal holds no fees.
    pub principal_without_fees: bool,
    /// Months after which it no longer supports a hand-over.
    pub valid_months: u32,
    /// Its headline.
    pub heading: String,
    /// On what it rests.
    pub ground: Ground,
}

/// What letters may cost the debtor.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeRule {
    /// Who may be charged.
    pub debtors: Vec<DebtorKind>,
    /// ISO 4217 of the amounts.
    pub currency: String,
    /// Most letters of a case that may carry a fee.
    pub max_count: u32,
    /// Days after the due date before which no letter carries one.
    pub earliest_days_after_due: u32,
    /// Days that a letter with a fee gives at least.
    pub min_deadline_days: u32,
    /// Whether value-added tax is on top.
    pub vat: bool,
    /// The limits by time.
    pub amounts: Vec<FeeAmount>,
    /// On what it rests.
    pub ground: Ground,
}

/// The most that one letter may cost, for a time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeAmount {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub last: Option<NaiveDate>,
    /// Minor units.
    pub minor: i64,
    /// The page that says so.
    pub source: String,
    /// Whether the operator of this server added it ([`super::extend`]); not part of a file.
    #[serde(skip)]
    pub by_operator: bool,
}

/// Interest on late payment. Simple everywhere: no interest on interest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interest {
    /// How days become a part of a year.
    pub day_count: DayCount,
    /// What is added to the base rate, by debtor; a kind without one owes no statutory interest.
    #[serde(default)]
    pub margin_ppm: Charged<u32>,
    /// Base rates by time.
    #[serde(default)]
    pub rates: Vec<RateRow>,
    /// Whether a debt keeps the rate of the day on which its interest began to run; otherwise the rate follows the
    /// table from half-year to half-year.
    #[serde(default)]
    pub fixed_at_start: bool,
    /// When interest begins to run, by debtor.
    #[serde(default)]
    pub starts: Charged<Starts>,
    /// On what it rests.
    pub ground: Ground,
}

/// Something that may differ between private persons and businesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charged<T> {
    /// For private persons.
    pub consumer: Option<T>,
    /// For businesses.
    pub business: Option<T>,
}

impl<T> Default for Charged<T> {
    fn default() -> Self {
        Self { consumer: None, business: None }
    }
}

impl<T: Copy> Charged<T> {
    /// The one of a kind of debtor.
    pub fn of(&self, kind: DebtorKind) -> Option<T> {
        match kind {
            DebtorKind::Consumer => self.consumer,
            DebtorKind::Business => self.business,
        }
    }
}

/// A base rate for a time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateRow {
    /// First day.
    pub from: NaiveDate,
    /// Last day: rates are fixed for a half-year, and none is carried on into the next.
    pub last: NaiveDate,
    /// Millionths per year.
    pub ppm: u32,
    /// The page that says so.
    pub source: String,
    /// Whether the operator of this server added it ([`super::extend`]); not part of a file.
    #[serde(skip)]
    pub by_operator: bool,
}

/// When interest begins to run: the earliest of what is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Starts {
    /// So many days after the due date have passed.
    pub days_after_due: Option<u32>,
    /// A demand was sent after the due date.
    pub after_demand: bool,
}

/// A fixed sum of compensation for late payment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixedSum {
    /// Who may be charged.
    pub debtors: Vec<DebtorKind>,
    /// ISO 4217 of the claim and of the sum.
    pub currency: String,
    /// How often it is due.
    pub per: super::charge::Per,
    /// Whether it counts against the costs of collecting.
    pub set_off_against_costs: bool,
    /// The sums by time.
    pub amounts: Vec<SumAmount>,
    /// On what it rests.
    pub ground: Ground,
}

/// The sums for a time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SumAmount {
    /// First day; none when the source names no beginning.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub last: Option<NaiveDate>,
    /// By the size of the debt, smallest first.
    pub tiers: Vec<Tier>,
    /// The page that says so.
    pub source: String,
    /// Whether the operator of this server added it ([`super::extend`]); not part of a file.
    #[serde(skip)]
    pub by_operator: bool,
}

/// The sum from a size of debt on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Smallest debt, in minor units.
    pub from_minor: i64,
    /// The sum, in minor units.
    pub minor: i64,
}

/// What a payment pays first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    /// Each part once.
    pub order: [Part; 3],
    /// On what it rests.
    pub ground: Ground,
}

/// What some letters must say.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// Which letters.
    pub letters: Vec<LetterKind>,
    /// To whom.
    pub debtors: Vec<DebtorKind>,
    /// Only the first letter of a case.
    pub first_letter_only: bool,
    /// What.
    pub items: Vec<Content>,
    /// On what it rests.
    pub ground: Ground,
}

/// A letter that announces the hand-over by its kind alone: a policy that has it must offer the hand-over.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    /// Which letter.
    pub letter: LetterKind,
    /// On what it rests.
    pub ground: Ground,
}

/// How long a claim can be enforced.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limitation {
    /// The region that it is for; none for those without a rule of their own.
    pub region: Option<String>,
    /// Years from the due date, or from what interrupted the period last.
    pub years: u32,
    /// Days before the end on which a person is warned: this product's choice.
    pub warn_days: u32,
    /// Whether the debt itself is gone, not only its enforcement.
    pub extinguishes: bool,
    /// On what it rests.
    pub ground: Ground,
}

/// How long a kind of record must be kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Which records.
    pub what: Record,
    /// Months.
    pub months: u32,
    /// Whether they count from the end of the year.
    pub from_end_of_year: bool,
    /// On what it rests.
    pub ground: Ground,
}

/// Kinds of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// What bookings rest on: invoices, payments, credit notes.
    Vouchers,
    /// Letters sent and received.
    Letters,
    /// What the tax office may ask for.
    TaxRecords,
}

/// What the sender of short messages must be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsSender {
    /// A sender made of letters must be on a public register.
    pub registered: bool,
    /// On what it rests.
    pub ground: Ground,
}

/// What is good to know and changes no decision.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// For people.
    pub text: String,
    /// On what it rests.
    pub ground: Ground,
}

impl Pack {
    /// The hours and caps that hold on a day; none: the tenant's alone.
    pub fn contact_on(&self, day: NaiveDate) -> Option<&Contact> {
        self.contact.iter().find(|rule| rule.ground.holds_on(day))
    }

    /// What must be announced before collection; none: nothing.
    pub fn notice_on(&self, day: NaiveDate) -> Option<&Notice> {
        self.notice.iter().find(|rule| rule.ground.holds_on(day))
    }
}
