//! The gates between a case and its next step: one ordered list, in the order in which a person would want to be told.
//! Issuing a letter, asking for a task, ending the ladder, the last look before a letter leaves, and the hand-over all
//! pass through this list, each through the gates of its [`Door`]. A rule stands here once, and nowhere else.
//!
//! A gate is pure: it sees [`Facts`] and the instant. What it used can be shown beside its verdict, see
//! [`super::explain`].

mod list;

use chrono::{DateTime, Days, TimeDelta, Utc};
use serde_json::Value;

pub use list::LIST;

use super::Facts;
use crate::{RefusalCode, calendar};

/// When a case that waits for fresh facts is looked at again: the source was asked meanwhile.
pub const FRESH_FACTS_TAKE: TimeDelta = TimeDelta::minutes(15);

/// What is done behind the gates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// A letter or message of a step is issued.
    Letter,
    /// A person is asked to do a step's task that is no call.
    Task,
    /// A person is asked to call the debtor: a contact like a letter.
    Call,
    /// The ladder ends: the case is offered for hand-over.
    Exhaust,
    /// A step is passed over because too little is owed for it.
    Pass,
    /// An issued letter is handed to its channel.
    Leave,
    /// A thank-you is handed to its channel.
    Thank,
    /// The acknowledgement of a part payment is issued, and handed to its channel. It asks for what is open, so what makes
    /// a demand untrue makes it untrue too; but it is no step, and answers what the debtor did: neither the time that a
    /// notice gives nor the limits of contact hold it.
    Acknowledge,
    /// A statement of account that a person asked for is handed to its channel.
    Inform,
    /// The case leaves for the agency.
    HandOver,
}

/// The gates and what each being open means: the only list of them. `$make` is a macro of whoever needs it, which is
/// given the names with their descriptions: the enum here, and its mirror in the API.
#[macro_export]
macro_rules! gate_names {
    ($make:ident) => {
        $make! {
            /// The case is active: approved, not on hold, not over.
            Standing,
            /// The tenant's master switch is on.
            AutomaticActions,
            /// Something is owed.
            Outstanding,
            /// No letter is under way and no task open.
            NothingUnderWay,
            /// The step's instant has come: its wait after the previous step is over.
            Promise,
            /// The debtor may be collected from.
            Exemption,
            /// No invoice is disputed.
            Dispute,
            /// Every open invoice is overdue; for a reminder ahead of the due date, that day is near enough.
            DueDate,
            /// No payment is known that is not reconciled yet.
            PendingPayment,
            /// The claim is within its limitation period.
            Limitation,
            /// The time that a collection notice gives is over.
            NoticePeriod,
            /// The collection notice is young enough to collect on.
            NoticeAge,
            /// An account to pay to is known.
            BankDetails,
            /// The books were read recently enough.
            Freshness,
            /// The debtor can be reached by a channel of the step.
            Reachability,
            /// A collection notice goes by a channel that carries it, not by short message alone.
            NoticeChannel,
            /// Everything is known that the country's law wants in the letter.
            LegalDetails,
            /// The debtor was not contacted too often, over all its cases.
            ContactLimit,
            /// It is a day and an hour on which contact is allowed in the debtor's place.
            ContactHours,
            /// The address of the invoice's page on the web was asked for, where the books have such pages and the letter names
            /// it: the answer is awaited for five minutes at most, and only while contact stays open.
            OnlinePage,
        }
    };
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// The gates' names.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum GateName {
            $($(#[$doc])* $name),+
        }
    };
}
gate_names!(names);

/// What opens a closed gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opens {
    /// A change that tells the case: nothing to wait for.
    ByChange,
    /// Time alone.
    At(DateTime<Utc>),
    /// Asking the books, which was done.
    Asked,
    /// Somebody's doing that nobody tells the case of: it is looked at again.
    Unknown,
}

/// A closed gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// Which.
    pub gate: GateName,
    /// Why; none when it is only early, or plain from the case itself.
    pub code: Option<RefusalCode>,
    /// What opens it.
    pub opens: Opens,
}

type Verdict = Option<(Option<RefusalCode>, Opens)>;

/// One gate.
#[derive(Debug)]
pub struct Gate {
    /// Its name.
    pub name: GateName,
    doors: &'static [Door],
    check: fn(&Facts<'_>, DateTime<Utc>) -> Verdict,
    used: fn(&Facts<'_>, DateTime<Utc>) -> Value,
}

impl Gate {
    /// Whether it stands before this door.
    pub fn guards(&self, door: Door) -> bool {
        self.doors.contains(&door)
    }

    /// Says whether it is closed.
    pub fn closed(&self, facts: &Facts<'_>, now: DateTime<Utc>) -> Option<Closed> {
        (self.check)(facts, now).map(|(code, opens)| Closed { gate: self.name, code, opens })
    }

    /// The facts that it looks at, as an object. Ids, days, numbers and words only: no names, addresses or sums.
    pub fn used(&self, facts: &Facts<'_>, now: DateTime<Utc>) -> Value {
        (self.used)(facts, now)
    }
}

/// The gates before a door, in order.
pub fn before(door: Door) -> impl Iterator<Item = &'static Gate> {
    LIST.iter().filter(move |gate| gate.guards(door))
}

/// The first closed gate before a door.
pub fn first_closed(door: Door, facts: &Facts<'_>, now: DateTime<Utc>) -> Option<Closed> {
    before(door).find_map(|gate| gate.closed(facts, now))
}

impl Closed {
    /// When to look again; none when a change will tell.
    pub fn look_again(&self, facts: &Facts<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self.opens {
            Opens::ByChange => None,
            Opens::At(at) => Some(at),
            Opens::Asked => Some(now + FRESH_FACTS_TAKE),
            Opens::Unknown => Some(tomorrow(facts, now)),
        }
    }
}

/// The next opening of another day.
fn tomorrow(facts: &Facts<'_>, now: DateTime<Utc>) -> DateTime<Utc> {
    let day = calendar::local_date(facts.zone, now) + Days::new(1);
    facts.openings.opening_from(day).unwrap_or_else(|| calendar::day_start(facts.zone, day))
}

impl GateName {
    /// Whether it only closes because something became known after a letter was issued: what that says is not true any
    /// more.
    pub const fn makes_untrue(self) -> bool {
        matches!(self, Self::Exemption | Self::Dispute | Self::DueDate | Self::PendingPayment | Self::Limitation)
    }
}
