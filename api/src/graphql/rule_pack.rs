//! What the countries demand of collectors, as data for front-ends: every rule with its ground.

mod charges;
mod conduct;

use async_graphql::{Enum, Object, SimpleObject};
use domain::law::{self, Pack};

use super::{
    connection::list_cost,
    kind::DebtorKind,
    scalars::{CountryCode, Date},
};
pub use charges::{FeeRule, FixedSumRule, InterestRule, StatutoryRate, rate_on};
pub use conduct::{
    AnnouncementRule, ContactRule, ContentsRule, ForbiddenWordsRule, LimitationRule, NoticeRule, RetentionRule, WordsOfLanguage,
};

/// How binding a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "law::Standing")]
pub enum RuleStanding {
    /// An act or a regulation.
    Statute,
    /// A regulator expects it.
    Guideline,
    /// Good practice of the trade.
    Practice,
    /// Not in force: changes no decision.
    Proposed,
    /// A choice of Dunwell where no rule was found.
    Ours,
}

/// On what a rule rests, and since when.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct RuleGround {
    /// First day; null when the source names no beginning.
    pub from: Option<Date>,
    /// Last day; null while it holds.
    pub last: Option<Date>,
    /// How binding it is.
    pub standing: RuleStanding,
    /// Addresses of the pages that say so; empty only for what is Dunwell's choice.
    pub sources: Vec<String>,
    /// The paragraph, and what a reader should know.
    pub note: Option<String>,
}

impl From<&law::Ground> for RuleGround {
    fn from(ground: &law::Ground) -> Self {
        Self {
            from: ground.from.map(Date),
            last: ground.last.map(Date),
            standing: ground.standing.into(),
            sources: ground.source.clone(),
            note: ground.note.clone(),
        }
    }
}

/// A part of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "law::Part")]
pub enum ClaimPart {
    /// Fees, fixed sums and other costs.
    Costs,
    /// Interest.
    Interest,
    /// What was invoiced.
    Principal,
}

/// What a payment settles first.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct SettlementRule {
    /// In this order.
    pub order: Vec<ClaimPart>,
    /// On what it rests.
    pub ground: RuleGround,
}

/// What is good to know and changes no decision.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct RuleNote {
    /// For people, in English.
    pub text: String,
    /// On what it rests.
    pub ground: RuleGround,
}

/// A region of a country, as holidays and limitation tell regions apart.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Region {
    /// Its code: mostly that of ISO 3166-2, without the country.
    pub code: String,
    /// What addresses call it; any of these, however spelled, is understood in a debtor's address.
    pub names: Vec<String>,
}

/// The rules of one country that decisions follow: effective-dated, each number with its source. A number that could not
/// be confirmed is not there. Not legal advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RulePack(pub &'static Pack);

/// The rules of one country that decisions follow: effective-dated, each number with its source. A number that could not
/// be confirmed is not there. Not legal advice.
#[Object]
impl RulePack {
    /// The country.
    async fn country(&self) -> CountryCode {
        CountryCode(self.0.country.clone())
    }

    /// Which edition, e.g. `NO-2026-11-22`, with a mark behind `+` where the operator added figures; stored with every decision.
    async fn revision(&self) -> &str {
        &self.0.revision
    }

    /// Hours and caps of contact; none: the tenant's hours alone.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn contact(&self) -> Vec<ContactRule> {
        self.0.contact.iter().map(ContactRule::from).collect()
    }

    /// What must be announced before collection.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn notices(&self) -> Vec<NoticeRule> {
        self.0.notice.iter().map(NoticeRule::from).collect()
    }

    /// What letters may cost the debtor; none: the law names no limit.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn fees(&self) -> Vec<FeeRule> {
        self.0.fee.iter().map(FeeRule::from).collect()
    }

    /// Interest on late payment.
    async fn interest(&self) -> InterestRule {
        InterestRule::from(&self.0.interest)
    }

    /// The statutory rate of a day; null when there is none, see `interest` for why.
    async fn statutory_rate(
        &self,
        #[graphql(desc = "From whom.")] debtor: DebtorKind,
        #[graphql(desc = "The day.")] on: Date,
    ) -> Option<StatutoryRate> {
        rate_on(self.0, debtor, on)
    }

    /// Fixed sums of compensation for late payment.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn fixed_sums(&self) -> Vec<FixedSumRule> {
        self.0.fixed_sum.iter().map(FixedSumRule::from).collect()
    }

    /// What a payment settles first.
    async fn settlement(&self) -> SettlementRule {
        let settlement = &self.0.settlement;
        SettlementRule { order: settlement.order.map(ClaimPart::from).to_vec(), ground: (&settlement.ground).into() }
    }

    /// What letters must say.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn contents(&self) -> Vec<ContentsRule> {
        self.0.contents.iter().map(ContentsRule::from).collect()
    }

    /// What letters must not say, as far as words can tell.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn forbidden_words(&self) -> Vec<ForbiddenWordsRule> {
        self.0.forbidden_words.iter().map(ForbiddenWordsRule::from).collect()
    }

    /// Which letters announce the hand-over by their kind, so that a policy must offer it.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn announcements(&self) -> Vec<AnnouncementRule> {
        self.0.announcement.iter().map(AnnouncementRule::from).collect()
    }

    /// How long claims can be enforced; none: not confirmed, not watched.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn limitation(&self) -> Vec<LimitationRule> {
        self.0.limitation.iter().map(LimitationRule::from).collect()
    }

    /// How long records must be kept.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn retention(&self) -> Vec<RetentionRule> {
        self.0.retention.iter().map(RetentionRule::from).collect()
    }

    /// Since when, and on what ground, short messages need a registered sender; none: they do not.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn registered_sms_sender(&self) -> Vec<RuleGround> {
        self.0.sms_sender.iter().filter(|rule| rule.registered).map(|rule| (&rule.ground).into()).collect()
    }

    /// What is good to know and changes no decision.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn notes(&self) -> Vec<RuleNote> {
        self.0.note.iter().map(|note| RuleNote { text: note.text.clone(), ground: (&note.ground).into() }).collect()
    }

    /// Its regions.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn regions(&self) -> Vec<Region> {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        law::regions(&self.0.country).map(|(code, known)| Region { code: code.to_owned(), names: names(known) }).collect()
    }
}

/// A public holiday of a place.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Holiday {
    /// The day.
    pub on: Date,
    /// Its name in the country's language.
    pub name: String,
    /// Whether the whole country keeps it.
    pub national: bool,
}
