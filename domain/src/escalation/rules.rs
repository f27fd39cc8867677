//! What the countries' rule packs say of a case, beside the tenant's own settings: of each limit the stricter.

use chrono::NaiveDate;
use entity::{Channel, LetterKind, tenant};

use super::contacts::Caps;
use crate::{
    calendar::Place,
    law::{self, Limit, Pack},
};

/// The rules that hold for one case on one day.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The packs that they come from, for example `NO-2026-11`; empty where no country of the case has one.
    pub revision: String,
    /// How often the debtor may be contacted.
    pub caps: Caps,
    /// Days that a collection notice gives, counted from sending, before collecting goes on.
    pub notice_days: Option<u32>,
    /// Months after which a collection notice is too old to hand a claim over on.
    pub notice_months: Option<u32>,
    /// One of these must carry a collection notice, others may only tell of it; empty when any may.
    pub notice_channels: Vec<Channel>,
    /// The pack of the claim, and the debtor's region in its country: they tell when it is too old.
    pub claim: Option<(&'static Pack, Option<&'static str>)>,
}

impl Rules {
    /// How often a debtor is contacted follows the debtor's place, what becomes of a claim the creditor's country;
    /// a collection notice satisfies both.
    pub(crate) fn of(tenant: &tenant::Model, place: &Place, day: NaiveDate) -> Self {
        let claim = law::pack(&tenant.country);
        let debtors = law::pack(&place.country);
        let packs: Vec<&Pack> = claim.into_iter().chain(debtors.filter(|p| claim.is_none_or(|c| c.country != p.country))).collect();
        let notices = packs.iter().flat_map(|pack| &pack.notice);
        let notices: Vec<_> = notices.filter(|n| n.letter == LetterKind::CollectionNotice && n.ground.holds_on(day)).collect();
        Self {
            revision: packs.iter().map(|pack| pack.revision.as_str()).collect::<Vec<_>>().join(" "),
            caps: tenants_caps(tenant).stricter(debtors.map(|pack| packs_caps(pack, day)).unwrap_or_default()),
            notice_days: notices.iter().map(|notice| notice.min_days).max(),
            notice_months: notices.iter().map(|notice| notice.valid_months).min(),
            notice_channels: notices
                .iter()
                .min_by_key(|n| n.sufficient_channels.len())
                .map(|n| n.sufficient_channels.clone())
                .unwrap_or_default(),
            claim: claim.map(|pack| (pack, place.region_in(&pack.country))),
        }
    }

    /// The limitation period of a claim that fell due on a day, where the pack of its country tells.
    pub fn limitation(&self, due_on: NaiveDate) -> Option<Limit> {
        let (pack, region) = self.claim?;
        law::limitation(pack, region, due_on)
    }

    /// Whether a collection notice that goes by these channels alone is one.
    pub fn notice_by(&self, channels: &[Channel]) -> bool {
        self.notice_channels.is_empty() || channels.iter().any(|channel| self.notice_channels.contains(channel))
    }
}

fn tenants_caps(tenant: &tenant::Model) -> Caps {
    let count = |n: Option<i32>| n.and_then(|n| u32::try_from(n).ok());
    Caps {
        gap_days: u32::try_from(tenant.contact_gap_days).unwrap_or(0),
        per_week: count(tenant.contacts_per_week),
        per_month: count(tenant.contacts_per_month),
    }
}

fn packs_caps(pack: &Pack, day: NaiveDate) -> Caps {
    let held = pack.contact.iter().filter(|contact| contact.ground.holds_on(day));
    held.map(|contact| Caps { gap_days: 0, per_week: contact.per_week, per_month: contact.per_month }).fold(Caps::default(), Caps::stricter)
}
