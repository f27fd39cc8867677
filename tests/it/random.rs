//! Random lives: whatever creditors, debtors and their books do, in whatever order and after whatever pause, the
//! invariants hold. A failing life is named by its seed and can be lived again.

use chrono::Days;
use domain::{
    Error, Viewer,
    case::{Selection, approve, hold, resume},
    delivery::{Resolution, resolve},
    letter::{Consent, decide_consent, mark_posted, reissue},
    payment::{NewPayment, record, reverse},
    policy::{self, Draft, Position, direct_agency, move_cases, notice_first, three_weekly_letters},
    task,
    tenant::{self, TenantChanges},
};
use entity::{Channel, ConsentMode, DeliveryStatus, HoldReason, LetterStatus, PaymentSource};

use crate::{
    clock::Seeded,
    invariants,
    postbox::Answer,
    sheet::{Invoice, Payment},
    stories::tasks::{call_first, letter_call_letter},
    world::{Creditor, World, migrate},
};

/// Lives per database, unless `DUNWELL_LIVES` names another range of seeds: `40..200`.
const LIVES: std::ops::Range<u64> = 0..10;

/// Deeds per life.
const DEEDS: usize = 60;

/// Invoices per life.
const INVOICES: usize = 3;

/// A life under way.
struct Life<'w> {
    world: &'w World,
    of: Creditor,
    chance: Seeded,
    /// What the books say now.
    books: Vec<Invoice>,
}

/// Refused is an answer, a fault is not.
fn no_fault<T>(result: domain::Result<T>) {
    if let Err(fault @ (Error::Database(_) | Error::Stored(_) | Error::Bug(_))) = result {
        panic!("{fault}");
    }
}

impl Life<'_> {
    fn viewer(&self) -> &Viewer {
        &self.of.viewer
    }

    async fn deed(&mut self) {
        match self.chance.below(20) {
            0..=4 => self.time().await,
            5 => self.pay_by_hand().await,
            6 => self.take_back().await,
            7 => self.pause().await,
            8 => self.go_on().await,
            9 => self.switch().await,
            10 => self.consent().await,
            11 => self.edit().await,
            12 => self.pay_by_file().await,
            13 => self.trouble(),
            14 => self.repair().await,
            15 => self.approve().await,
            16 => self.move_case().await,
            17..=18 => self.do_tasks().await,
            _ => self.mode().await,
        }
        self.world.run_due().await;
    }

    /// A few hours, a day, a week, or weeks in which nothing ran.
    async fn time(&self) {
        let (world, of) = (self.world, &self.of);
        match self.chance.below(4) {
            0 => world.days(of, 1).await,
            1 => world.days(of, 7).await,
            2 => {
                let hour = *self.chance.pick(&[9, 12, 20]);
                world.at_local(of, world.today(of) + Days::new(1), hour).await;
            }
            _ => world.at_local(of, world.today(of) + Days::new(20), 10).await,
        }
    }

    async fn some_case(&self) -> Option<entity::collection_case::Model> {
        let cases = self.world.cases(&self.of).await;
        (!cases.is_empty()).then(|| self.chance.pick(&cases).clone())
    }

    async fn pay_by_hand(&self) {
        let Some(case) = self.some_case().await else { return };
        let amount_minor = *self.chance.pick(&[1, 10_00, case.outstanding_minor, case.outstanding_minor / 2]);
        let received_on = self.world.today(&self.of);
        let new = NewPayment { case: case.id, amount_minor, currency: "NZD".into(), received_on, reference: None };
        no_fault(record(&self.world.env, self.viewer(), &new).await);
    }

    async fn take_back(&self) {
        let payments = self.world.payment_rows(&self.of).await;
        let by_hand: Vec<_> = payments.iter().filter(|p| p.source == PaymentSource::Manual).collect();
        if !by_hand.is_empty() {
            no_fault(reverse(&self.world.env, self.viewer(), self.chance.pick(&by_hand).id, "bounced").await);
        }
    }

    async fn pause(&self) {
        let Some(case) = self.some_case().await else { return };
        let until = self.world.today(&self.of) + Days::new(self.chance.next() % 20);
        no_fault(hold(&self.world.env, self.viewer(), case.id, HoldReason::Paused, until, "", None).await);
    }

    async fn go_on(&self) {
        let Some(case) = self.some_case().await else { return };
        no_fault(resume(&self.world.env, self.viewer(), case.id, None).await);
    }

    async fn approve(&self) {
        let Some(case) = self.some_case().await else { return };
        no_fault(approve(&self.world.env, self.viewer(), &Selection::Ids(vec![case.id])).await);
    }

    /// The policy is revised, and now and then a case is moved to what it says now.
    async fn move_case(&self) {
        let policy = tenant::find(&self.world.env.db, self.of.tenant()).await.unwrap().default_policy_id.unwrap();
        let ladders = [three_weekly_letters(), letter_call_letter(), call_first(), notice_first(), direct_agency()];
        let draft = Draft::new("Revised", self.chance.pick(&ladders));
        no_fault(policy::save(&self.world.env, self.viewer(), Some(policy), &draft).await);
        let Some(case) = self.some_case().await else { return };
        let position = *self.chance.pick(&[Position::KeepIndex, Position::KeepIndex, Position::Restart, Position::At(1)]);
        no_fault(move_cases(&self.world.env, self.viewer(), &[case.id], policy, position).await);
    }

    async fn do_tasks(&self) {
        for task in self.world.tasks(&self.of).await {
            if self.chance.below(2) == 0 {
                no_fault(task::complete(&self.world.env, self.viewer(), task.id, "reached").await);
            } else {
                no_fault(task::skip(&self.world.env, self.viewer(), task.id, "no phone").await);
            }
        }
    }

    async fn switch(&self) {
        let on = self.chance.below(3) > 0;
        self.world.switch(&self.of, on).await;
    }

    async fn mode(&self) {
        let mode = *self.chance.pick(&[ConsentMode::Automatic, ConsentMode::EachLetter]);
        let changes = TenantChanges { consent_mode: Some(mode), ..TenantChanges::default() };
        no_fault(tenant::update(&self.world.env, self.viewer(), &changes).await);
    }

    async fn consent(&self) {
        for letter in self.world.letters(&self.of).await.iter().filter(|l| l.status == LetterStatus::AwaitingConsent) {
            let consent = *self.chance.pick(&[Consent::Granted, Consent::Granted, Consent::Refused]);
            no_fault(decide_consent(&self.world.env, self.viewer(), letter.id, consent).await);
        }
    }

    /// The books change: another sum, a dispute, the end of one, a void, or only the same again.
    async fn edit(&mut self) {
        let at = self.chance.below(self.books.len());
        let total = *self.chance.pick(&["120.00", "150.00", "80.00"]);
        let state = *self.chance.pick(&["approved", "approved", "approved", "approved", "voided"]);
        self.books[at].total = total.into();
        self.books[at].state = state.into();
        self.books[at].disputed = self.chance.below(5) == 0;
        self.world.invoices(&self.of, &self.books).await;
    }

    async fn pay_by_file(&self) {
        let invoice = self.chance.pick(&self.books).number.clone();
        let id = format!("{invoice}-{}", self.chance.below(2));
        let amount = *self.chance.pick(&["20.00", "60.00", "150.00"]);
        let mut payment = Payment::new(&invoice, &id, amount);
        payment.reconciled = self.chance.below(4) > 0;
        payment.reversed = self.chance.below(3) == 0;
        self.world.payments(&self.of, &[payment]).await;
    }

    fn trouble(&self) {
        let answer = *self.chance.pick(&[Answer::Transient(None), Answer::Rejected, Answer::Unauthorised, Answer::LostBefore]);
        self.world.postbox.answer(Channel::Email, answer);
    }

    /// A person looks after what the machine must not decide.
    async fn repair(&self) {
        let env = &self.world.env;
        for row in self.world.deliveries(&self.of).await {
            if row.status == DeliveryStatus::Unknown {
                no_fault(resolve(env, self.viewer(), row.id, Resolution::SendAgain).await);
            }
        }
        for letter in self.world.letters(&self.of).await {
            if letter.status == LetterStatus::Failed {
                no_fault(reissue(env, self.viewer(), letter.id).await);
            }
            if letter.status == LetterStatus::Sending {
                no_fault(mark_posted(env, self.viewer(), letter.id, self.world.today(&self.of)).await);
            }
        }
    }
}

/// Lives one life and looks at the books after every deed.
async fn live(world: &World, seed: u64) {
    let of = world.creditor().await;
    let mut books: Vec<Invoice> = (0..INVOICES).map(|n| Invoice::new(&format!("INV-{n}"))).collect();
    books[1].phone = "021 123 4567".into();
    books[2] = books[2].clone().debtor("Beech Ltd").by_post();
    let mut life = Life { world, of, chance: Seeded::new(seed), books };
    world.invoices(&of, &life.books).await;
    world.approve_all(&of).await;
    for _ in 0..DEEDS {
        life.deed().await;
        invariants::hold(world, &[of]).await;
    }
}

fn seeds() -> std::ops::Range<u64> {
    let Ok(wanted) = std::env::var("DUNWELL_LIVES") else { return LIVES };
    let (from, to) = wanted.split_once("..").expect("a range of seeds");
    from.parse().unwrap()..to.parse().unwrap()
}

async fn live_all(db: testdb::TestDb) {
    for seed in seeds() {
        println!("seed {seed}");
        let world = World::new(testdb::TestDb::with(db.backend(), "product", migrate).await).await;
        live(&world, seed).await;
    }
}

testdb::on_both!(random_lives_keep_every_invariant, with("product", migrate), live_all);
