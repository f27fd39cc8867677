//! What left, looked at right after it left against the settings and the facts of that moment. Nothing of this can be
//! told later, when settings have changed: so it is asked after every deed of a life.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::{
    calendar::{self, ContactWindow, debtor_zone},
    delivery::spelled,
    event::kind,
    law,
};
use entity::{
    CaseId, CaseStatus, DeliveryId, DeliveryStatus, InvoiceStatus, LetterId, LetterKind, Scoped, debtor, delivery, event, letter,
    suppression, tenant,
};

use super::{Books, read};
use crate::world::{Creditor, World};

/// Days that a Norwegian notice gives (inkassoloven § 9).
const NOTICE_DAYS: i64 = 14;

/// Looks at each letter that left, once.
#[derive(Default)]
pub struct Watch {
    /// The last event that was looked at.
    seen: i64,
}

/// What is looked at beside the books.
struct Now {
    books: Books,
    tenant: tenant::Model,
    debtors: Vec<debtor::Model>,
    suppressed: Vec<suppression::Model>,
    zone: Tz,
    /// Facts that came with a file are known from here on.
    facts_since: i64,
}

impl Watch {
    /// Asserts that whatever left since the last look was allowed to.
    pub async fn look(&mut self, world: &World, of: &Creditor) {
        let books = read(world, of).await;
        let facts_since = books.events.iter().rev().find(|e| e.kind == kind::SYNC_FINISHED).map_or(0, |e| e.sequence);
        let now = Now {
            tenant: domain::tenant::find(&world.env.db, of.tenant()).await.unwrap(),
            debtors: world.debtors(of).await,
            suppressed: suppression::Entity::of(of.tenant()).all(&world.env.db).await.unwrap(),
            zone: of.zone,
            books,
            facts_since,
        };
        let new = |e: &&event::Model| e.sequence > self.seen;
        for event in now.books.events.iter().filter(new) {
            match event.kind.as_str() {
                kind::DELIVERY_STARTED => now.left(event),
                kind::CASE_EXHAUSTED => now.notice_is_over(event.case_id.unwrap(), None, event),
                _ => {}
            }
        }
        self.seen = now.books.events.last().map_or(self.seen, |e| e.sequence);
    }
}

impl Now {
    fn left(&self, event: &event::Model) {
        let delivery = self.books.deliveries.iter().find(|d| Some(d.id) == event.subject_id.map(DeliveryId)).unwrap();
        let letter = self.letter(delivery.letter_id);
        let debtor = self.debtors.iter().find(|d| Some(d.id) == delivery.debtor_id).unwrap();
        assert!(self.tenant.automatic_actions, "the switch was off: {delivery:?}");
        self.inside_the_hours(debtor, event.at, delivery);
        self.wanted_address(delivery, event.at);
        if !letter.kind.is_step() {
            return;
        }
        self.young_yes(letter, event);
        self.within_the_limits(debtor, letter, event);
        let followers = self.books.letters.iter().filter(|l| l.lead_id == Some(letter.id));
        for case in followers.map(|l| l.case_id).chain([letter.case_id]) {
            self.notice_is_over(case, Some(letter.id), event);
            if event.sequence > self.facts_since {
                self.nothing_speaks_against_it(case, debtor, delivery, event.at);
            }
        }
    }

    fn letter(&self, id: LetterId) -> &letter::Model {
        self.books.letters.iter().find(|l| l.id == id).unwrap()
    }

    fn zone_of(&self, debtor: &debtor::Model) -> Tz {
        debtor_zone(debtor.country.as_deref(), debtor.region.as_deref(), self.zone)
    }

    /// The tenant's windows in the debtor's time, and no holiday there.
    fn inside_the_hours(&self, debtor: &debtor::Model, at: DateTime<Utc>, delivery: &delivery::Model) {
        let local = at.with_timezone(&self.zone_of(debtor)).naive_local();
        let windows: Vec<ContactWindow> = serde_json::from_value(self.tenant.contact_windows.clone()).unwrap();
        let weekday = u8::try_from(local.weekday().number_from_monday()).unwrap();
        let open = windows.iter().any(|w| w.weekday == weekday && (w.from..w.to).contains(&local.time()));
        assert!(open, "left at {local}, outside the hours: {delivery:?}");
        let country = debtor.country.as_deref().unwrap_or(&self.tenant.country);
        let holiday = law::national_holiday(country, local.date()).filter(|_| self.tenant.skip_holidays);
        assert_eq!(holiday, None, "left on a holiday: {delivery:?}");
    }

    /// Nothing goes to an address that its owner, or its provider, closed before.
    fn wanted_address(&self, delivery: &delivery::Model, at: DateTime<Utc>) {
        let address = spelled(delivery.channel, &delivery.recipient);
        let closed = |s: &&suppression::Model| {
            (s.channel, &s.address) == (delivery.channel, &address) && s.created_at < at && s.lifted_at.is_none_or(|lifted| lifted > at)
        };
        assert_eq!(self.suppressed.iter().find(closed), None, "left for an address that must not be used: {delivery:?}");
    }

    /// A yes that is over does not hold when the letter first leaves.
    fn young_yes(&self, letter: &letter::Model, event: &event::Model) {
        let mut of_letter = self.books.deliveries.iter().filter(|d| d.letter_id == letter.id);
        let before = |e: &&event::Model| e.kind == kind::DELIVERY_STARTED && e.sequence < event.sequence;
        let started: BTreeSet<_> = self.books.events.iter().filter(before).filter_map(|e| e.subject_id).collect();
        if !letter.consent_required || of_letter.any(|d| started.contains(&d.id.0)) {
            return;
        }
        let holds = TimeDelta::days(self.tenant.consent_days.into());
        assert!(letter.consent_at.is_some_and(|said| said + holds > event.at), "the yes was over: {letter:?}");
    }

    /// The gap and the limits of contacts with one debtor, over all its cases, in the debtor's days.
    fn within_the_limits(&self, debtor: &debtor::Model, letter: &letter::Model, event: &event::Model) {
        let zone = self.zone_of(debtor);
        let today = calendar::local_date(zone, event.at);
        let arrived =
            |d: &&delivery::Model| d.debtor_id == Some(debtor.id) && matches!(d.status, DeliveryStatus::Sent | DeliveryStatus::Delivered);
        let before = |d: &delivery::Model| {
            let at = d.sent_at.unwrap();
            (at < event.at || self.ended_before(d, event)).then(|| (d.letter_id, calendar::local_date(zone, at)))
        };
        let contacts: BTreeSet<(LetterId, NaiveDate)> = self.books.deliveries.iter().filter(arrived).filter_map(before).collect();
        let others: Vec<NaiveDate> = contacts.into_iter().filter(|c| *c != (letter.id, today)).map(|(_, day)| day).collect();
        let within = |days: i64| others.iter().filter(|day| (today - **day).num_days() < days).count();
        let most = |limit: Option<i32>| limit.map_or(usize::MAX, |most| usize::try_from(most).unwrap());
        let gap = i64::from(self.tenant.contact_gap_days);
        assert_eq!(within(gap), 0, "less than {gap} days after the last contact: {letter:?} {others:?}");
        assert!(within(7) < most(self.tenant.contacts_per_week), "too many in a week: {letter:?} {others:?}");
        assert!(within(30) < most(self.tenant.contacts_per_month), "too many in a month: {letter:?} {others:?}");
    }

    /// Whether a delivery was answered before an event, at the same instant or not.
    fn ended_before(&self, delivery: &delivery::Model, event: &event::Model) -> bool {
        let ended = |e: &event::Model| e.subject_id == Some(delivery.id.0) && e.kind == kind::DELIVERY_SENT;
        self.books.events.iter().any(|e| ended(e) && e.sequence < event.sequence)
    }

    /// Paused, disputed, exempt, or with money on its way: nobody writes.
    fn nothing_speaks_against_it(&self, case: CaseId, debtor: &debtor::Model, delivery: &delivery::Model, at: DateTime<Utc>) {
        let row = self.books.cases.iter().find(|c| c.id == case).unwrap();
        assert!(matches!(row.status, CaseStatus::Active | CaseStatus::AwaitingHandover), "left from {:?}: {delivery:?}", row.status);
        let of_case: Vec<_> = self.books.invoices.iter().filter(|i| i.case_id == Some(case)).collect();
        assert!(!of_case.iter().any(|i| i.status == InvoiceStatus::Open && i.disputed), "disputed: {delivery:?}");
        let pending = |p: &&entity::payment::Model| !p.reconciled && p.reversed_at.is_none();
        let money = self.books.payments.iter().filter(pending).find(|p| of_case.iter().any(|i| i.id == p.invoice_id));
        assert_eq!(money, None, "money was known to be on its way: {delivery:?}");
        let exempt = debtor.exempt && debtor.exempt_until.is_none_or(|until| calendar::local_date(self.zone, at) <= until);
        assert!(!exempt, "exempt: {delivery:?}");
    }

    /// After a Norwegian notice nothing is done to collect before its days are over.
    fn notice_is_over(&self, case: CaseId, leaves: Option<LetterId>, event: &event::Model) {
        if self.tenant.country != "NO" {
            return;
        }
        // A second way of the notice itself is no collecting.
        let other = |l: &letter::Model| Some(l.lead_id.unwrap_or(l.id)) != leaves;
        let notice = |l: &&letter::Model| l.case_id == case && l.kind == LetterKind::CollectionNotice && other(l);
        for notice in self.books.letters.iter().filter(notice) {
            let sent = |d: &&delivery::Model| {
                d.letter_id == notice.lead_id.unwrap_or(notice.id) && matches!(d.status, DeliveryStatus::Sent | DeliveryStatus::Delivered)
            };
            let sent = self.books.deliveries.iter().filter(sent).filter_map(|d| d.sent_at).filter(|at| *at <= event.at).max();
            let days = |at| (calendar::local_date(self.zone, event.at) - calendar::local_date(self.zone, at)).num_days();
            let over = sent.is_none_or(|at| days(at) > NOTICE_DAYS);
            assert!(over, "collected on within the days of a notice: {event:?}\n{}", self.books.tale(case));
        }
    }
}
