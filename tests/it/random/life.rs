//! A life under way, and what time does to it.

use chrono::{Days, NaiveDate, TimeDelta};
use domain::{
    Error, Viewer,
    claim::{ChargeChanges, Interest},
    import::ImportRequest,
    integration::IntegrationChanges,
    policy::{Ladder, notice_first, three_weekly_letters},
    tenant::TenantChanges,
};
use entity::{Channel, LetterKind, collection_case};

use crate::{
    clock::Seeded,
    invariants::{self, leaving::Watch},
    sheet::{self, Invoice},
    stories::ahead::seven_ahead,
    world::{Creditor, World},
};

/// Invoices that a life begins with.
const INVOICES: usize = 3;

/// The longest step of a clock that is set right, in seconds.
const MOST_SECONDS_BACK: usize = 90;

/// Where a life is lived.
#[derive(Clone, Copy)]
pub(super) struct Land {
    pub(super) country: &'static str,
    pub(super) currency: &'static str,
    pub(super) zone: &'static str,
    pub(super) start: &'static str,
    pub(super) phone: &'static str,
    issued: &'static str,
    due: &'static str,
    /// It begins ahead of the due date.
    ahead: bool,
}

const NEW_ZEALAND: Land = Land {
    country: "NZ",
    currency: "NZD",
    zone: "Pacific/Auckland",
    start: "2026-07-05T18:00:00Z",
    phone: "021 123 4567",
    issued: "2026-05-01",
    due: "2026-05-20",
    ahead: false,
};

/// Three lives in five are lived in New Zealand, one of them ahead of the due date; there charges are free to agree on.
pub(super) fn land(seed: u64) -> Land {
    let europe = Land { start: "2026-01-12T06:00:00Z", issued: "2025-11-01", due: "2025-11-20", ..NEW_ZEALAND };
    match seed % 5 {
        0 | 1 => NEW_ZEALAND,
        2 => Land { country: "NO", currency: "NOK", zone: "Europe/Oslo", phone: "+47 406 12 345", ..europe },
        3 => Land { country: "DE", currency: "EUR", zone: "Europe/Berlin", phone: "0151 23456789", ..europe },
        _ => Land { issued: "2026-07-01", due: "2026-07-24", ahead: true, ..NEW_ZEALAND },
    }
}

/// A life under way.
pub(super) struct Life<'w> {
    pub(super) world: &'w World,
    pub(super) of: Creditor,
    pub(super) land: Land,
    pub(super) chance: Seeded,
    /// What the books say now.
    pub(super) books: Vec<Invoice>,
    watch: Watch,
    /// Nobody works: jobs lie, the clock goes on.
    pub(super) down: bool,
    /// A file was given in since: one is enough.
    given_in: bool,
}

/// Refused is an answer, a fault is not.
pub(super) fn no_fault<T>(result: domain::Result<T>) {
    if let Err(fault @ (Error::Database(_) | Error::Stored(_) | Error::Bug(_))) = result {
        panic!("{fault}");
    }
}

impl<'w> Life<'w> {
    pub(super) async fn new(world: &'w World, land: Land, seed: u64) -> Self {
        let of = world.creditor_from((land.country, land.currency, land.zone)).await;
        let mut life =
            Self { world, of, land, chance: Seeded::new(seed), books: Vec::new(), watch: Watch::default(), down: false, given_in: false };
        (0..INVOICES).for_each(|_| life.write_invoice());
        life.books[1].phone = land.phone.into();
        life.books[2] = life.books[2].clone().debtor("Beech Ltd").by_post();
        life.begins().await;
        world.invoices(&of, &life.books).await;
        if land.ahead {
            world.at_local(&of, "2026-07-17".parse().unwrap(), 0).await;
        }
        world.approve_all(&of).await;
        life
    }

    /// What the country adds.
    async fn begins(&self) {
        let (world, of) = (self.world, &self.of);
        let mut ladder = match self.land {
            Land { ahead: true, .. } => seven_ahead(),
            Land { country: "NO", .. } => notice_and_letters(),
            _ => three_weekly_letters(),
        };
        ladder.part_payment_letter = self.chance.below(2) == 0;
        world.policy(of, &ladder).await;
        if self.land.ahead {
            world.intake(of, IntegrationChanges { minimum_days_overdue: Some(5), ..IntegrationChanges::default() }).await;
        }
        if self.charges() {
            let charges = ChargeChanges { interest: Some(Interest::Statutory), fixed_sum: Some(true), ..ChargeChanges::default() };
            world.settings(of, TenantChanges { charges: Some(charges), ..TenantChanges::default() }).await;
        }
    }

    /// Whether the country grants something for late payment.
    pub(super) fn charges(&self) -> bool {
        self.land.country != "NZ"
    }

    pub(super) fn viewer(&self) -> &Viewer {
        &self.of.viewer
    }

    pub(super) fn write_invoice(&mut self) {
        let number = format!("INV-{}", self.books.len());
        let (issued, due, currency) = (self.land.issued.into(), self.land.due.into(), self.land.currency.into());
        self.books.push(Invoice { issued, due, currency, ..Invoice::new(&number) });
    }

    /// Every invariant, and what just left.
    pub(super) async fn look(&mut self) {
        let mut watch = std::mem::take(&mut self.watch);
        watch.look(self.world, &self.of).await;
        self.watch = watch;
        invariants::hold(self.world, &[self.of]).await;
    }

    /// Something happens, and what is due then is done.
    pub(super) async fn deed(&mut self) {
        if self.chance.below(8) == 0 {
            self.outage().await;
        } else {
            self.act().await;
        }
        self.world.run_due().await;
    }

    /// Nobody works for a while, and life goes on.
    async fn outage(&mut self) {
        (self.down, self.given_in) = (true, false);
        for _ in 0..=self.chance.below(4) {
            self.act().await;
            self.time().await;
        }
        self.down = false;
    }

    async fn act(&mut self) {
        match self.chance.below(40) {
            0..=9 => self.time().await,
            10..=19 => self.debtor_acts().await,
            20..=28 => self.creditor_acts().await,
            _ => self.office_acts().await,
        }
    }

    /// A few hours, a day, a week, or weeks in which nothing ran; now and then the clock is set right.
    async fn time(&self) {
        let today = self.world.today(&self.of);
        match self.chance.below(6) {
            0 => self.days(1).await,
            1 => self.days(7).await,
            2 | 3 => self.at(today + Days::new(1), *self.chance.pick(&[9, 12, 20])).await,
            4 => self.at(today + Days::new(20), 10).await,
            _ => {
                let seconds = i64::try_from(self.chance.below(MOST_SECONDS_BACK)).unwrap();
                self.world.clock.step_back(TimeDelta::seconds(seconds));
            }
        }
    }

    async fn days(&self, days: u64) {
        let first = self.world.today(&self.of);
        for n in 1..=days {
            for hour in [0, 9, 16] {
                self.at(first + Days::new(n), hour).await;
            }
        }
    }

    pub(super) async fn at(&self, day: NaiveDate, hour: u32) {
        self.world.clock.set_local(self.of.zone, day, hour);
        if !self.down {
            self.world.run_due().await;
        }
    }

    /// A file for the books.
    async fn give_in(&mut self, file: (String, ImportRequest)) {
        if !self.down {
            self.world.import(&self.of, file).await;
        } else if !std::mem::replace(&mut self.given_in, true) {
            self.world.upload(&self.of, file).await;
        }
    }

    pub(super) async fn give_invoices(&mut self) {
        self.give_in(sheet::invoices(&self.books)).await;
    }

    pub(super) async fn give_payment(&mut self, payment: sheet::Payment) {
        let currency = self.land.currency.into();
        self.give_in(sheet::payments(&[sheet::Payment { currency, ..payment }])).await;
    }

    pub(super) async fn some_case(&self) -> Option<collection_case::Model> {
        let cases = self.world.cases(&self.of).await;
        (!cases.is_empty()).then(|| self.chance.pick(&cases).clone())
    }
}

/// A reminder, the notice of the law by e-mail and a short message, and a demand behind it.
pub(super) fn notice_and_letters() -> Ladder {
    let mut ladder = three_weekly_letters();
    let notice = notice_first().steps.remove(0);
    ladder.steps[0].kind = LetterKind::Reminder;
    ladder.steps[1] = domain::policy::Step { channels: vec![Channel::Email, Channel::Sms], wait_days: 7, ..notice };
    ladder.steps[2].wait_days = 15;
    ladder
}
