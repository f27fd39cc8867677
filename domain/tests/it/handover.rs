//! Cases on their way to an agency, over moved time: offered, stopped, confirmed, submitted once, stuck, accepted, told,
//! taken back.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{
    RefusalCode, Viewer,
    agency::{self, Account, NewAgency},
    agency_task, book_note,
    case::{self, Selection},
    claim::{Calculation, ChargeChanges, Interest, LineKind, Waived, receive_in, waive},
    escalation,
    handover::{self, Told},
    integration::{IntegrationChanges, update},
    payment::{NewPayment, record, reverse},
    port::agency::{AgencyKeys, Order, Verdict},
    tenant::{self, BankDetails, TenantChanges},
};
use entity::{AgencyKind, AgencyTaskKind, CaseId, CaseStatus, HandoverStatus, HoldReason, Role, Scoped, TaskStatus, event};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel, PaginatorTrait, QueryFilter};

use crate::{
    agency::{Agency, Answer},
    provider::overdue,
    world::{World, code, migrate},
};

struct Stage {
    world: World,
    agency: Arc<Agency>,
    owner: Viewer,
    case: CaseId,
}

impl Stage {
    /// One case whose ladder is exhausted, offered to an agency that confirms by itself after three days.
    async fn new(db: testdb::TestDb, api: bool) -> Self {
        let mut world = World::new(db).await;
        let agency = Arc::new(Agency::default());
        world.env = agency.joined(&world.env);
        let owner = world.owner().await;
        let account = Some("12-3456-7890123-00".to_owned());
        let bank = BankDetails { account_name: "Kauri Supplies Ltd".into(), local_account: account, ..BankDetails::default() };
        let on = TenantChanges { automatic_actions: Some(true), bank: Some(bank), ..TenantChanges::default() };
        tenant::update(&world.env, &owner, &on).await.unwrap();
        let keys = AgencyKeys { client_id: "client-4711".into(), client_secret: "secret".into() };
        let new = NewAgency {
            name: "Fjord Inkasso".into(),
            support_contact: "help@fjord.example".into(),
            account: api.then(|| Account { organization: "org".into(), keys }),
            automatic: true,
            decide_days: 3,
        };
        agency::create(&world.env, &owner, &new).await.unwrap();
        let books = world.consent(&owner, &["org"], &[]).await.unwrap().integrations[0].id;
        let ageless = IntegrationChanges { freshness_hours: Some(None), write_back: Some(true), ..IntegrationChanges::default() };
        update(&world.env, &owner, books, &ageless).await.unwrap();
        *world.xero.records.lock().unwrap() = vec![overdue("INV-1", &[])];
        world.pull(owner.tenant, books).await;
        let case = world.cases(owner.tenant).await[0].id;
        case::approve(&world.env, &owner, &Selection::Ids(vec![case])).await.unwrap();
        let stage = Self { world, agency, owner, case };
        stage.exhaust().await;
        stage
    }

    async fn exhaust(&self) {
        let mut row = self.case().await.into_active_model();
        row.next_step = Set(99);
        row.next_action_at = Set(Some(self.world.env.now()));
        row.update(&self.world.env.db).await.unwrap();
        let advanced = escalation::advance(&self.world.env, self.owner.tenant, self.case).await.unwrap();
        assert_eq!(advanced, escalation::Advanced::Exhausted);
    }

    /// Time passes, hour by hour of what is due.
    async fn pass(&self, by: TimeDelta) {
        self.world.clock.pass(by);
        self.run().await;
    }

    async fn run(&self) {
        let env = &self.world.env;
        for _ in 0..50 {
            let mut due = handover::due(&env.db, env.now(), 10).await.unwrap();
            due.extend(handover::orphaned(&env.db, env.clock.machine(), 10).await.unwrap());
            let tasks = agency_task::due(&env.db, env.now(), 10).await.unwrap();
            if due.is_empty() && tasks.is_empty() {
                return;
            }
            for (tenant, id) in due {
                handover::step(env, tenant, id).await.unwrap();
            }
            for (tenant, id) in tasks {
                agency_task::tell(env, tenant, id).await.unwrap();
            }
        }
        panic!("work is due that never ends: {:?}", self.row().await);
    }

    /// Confirmed, submitted and taken by the agency.
    async fn with_agency(&self) {
        handover::confirm(&self.world.env, &self.owner, self.case).await.unwrap();
        self.run().await;
        self.agency.takes_all();
        self.pass(TimeDelta::minutes(20)).await;
        assert_eq!(self.case().await.status, CaseStatus::HandedOver);
    }

    async fn case(&self) -> entity::collection_case::Model {
        self.world.cases(self.owner.tenant).await.into_iter().find(|case| case.id == self.case).unwrap()
    }

    async fn row(&self) -> entity::handover::Model {
        handover::newest(&self.world.env.db, self.owner.tenant, self.case).await.unwrap().unwrap()
    }

    async fn stands(&self) -> (HandoverStatus, CaseStatus) {
        (self.row().await.status, self.case().await.status)
    }

    async fn events(&self, kind: &str) -> u64 {
        let select = event::Entity::of(self.owner.tenant).filter(event::Column::Kind.eq(kind));
        select.count(&self.world.env.db).await.unwrap()
    }

    async fn pay(&self, amount_minor: i64) -> entity::PaymentId {
        let received_on = self.world.env.now().date_naive();
        let new = NewPayment { case: self.case, amount_minor, currency: "NZD".into(), received_on, reference: None };
        record(&self.world.env, &self.owner, &new).await.unwrap().1[0]
    }
}

testdb::on_both!(time_confirms_a_hand_over_and_the_agency_takes_it, with("product", migrate), |db| async move {
    let stage = Stage::new(db, true).await;
    assert_eq!(stage.stands().await, (HandoverStatus::Offered, CaseStatus::AwaitingHandover));
    stage.pass(TimeDelta::hours(71)).await;
    assert!(stage.agency.claims.lock().unwrap().is_empty(), "the creditor still may stop it");
    stage.pass(TimeDelta::hours(1)).await;
    assert_eq!(stage.stands().await, (HandoverStatus::Sent, CaseStatus::AwaitingHandover));
    let claim = stage.agency.claims.lock().unwrap()[0].clone();
    assert_eq!((claim.handover, claim.outstanding_minor, claim.invoices.len()), (stage.row().await.id, 10_000, 1));
    stage.agency.takes_all();
    stage.pass(TimeDelta::minutes(20)).await;
    assert_eq!(stage.stands().await, (HandoverStatus::Accepted, CaseStatus::HandedOver));
    assert_eq!(stage.row().await.external_reference.as_deref(), Some("case of D000001"));
    for kind in ["handover.offered", "handover.confirmed", "handover.sent", "handover.accepted"] {
        assert_eq!(stage.events(kind).await, 1, "{kind}");
    }
    *stage.agency.words.lock().unwrap() = Some(("CLOSED UNCOLLECTABLE".into(), true));
    stage.pass(TimeDelta::hours(6)).await;
    assert_eq!(stage.stands().await, (HandoverStatus::Ended, CaseStatus::HandedOver), "the case waits for a person");
    assert_eq!(stage.case().await.postponed_because.as_deref(), Some("AGENCY_CLOSED"));
});

testdb::on_both!(what_is_owed_beside_the_invoices_is_handed_over_line_by_line, with("product", migrate), |db| async move {
    let stage = Stage::new(db, true).await;
    let env = &stage.world.env;
    // 18.25 % a year of 100.00: five cents a day, since the day after 15 March; it is 6 July in Auckland.
    let charges = ChargeChanges { interest: Some(Interest::Contract(182_500)), ..ChargeChanges::default() };
    tenant::update(env, &stage.owner, &TenantChanges { charges: Some(charges), ..TenantChanges::default() }).await.unwrap();
    let (on, currency) = ("2026-07-06".parse().unwrap(), "NZD".to_owned());
    let new = NewPayment { case: stage.case, amount_minor: 100, currency, received_on: on, reference: None };
    let mut change = domain::Change::begin(env, stage.owner.tenant, stage.owner.actor()).await.unwrap();
    receive_in(&mut change, &stage.owner, &new).await.unwrap();
    change.commit().await.unwrap();
    waive(env, &stage.owner, stage.case, &Waived::All, "we spoke").await.unwrap();
    stage.pass(TimeDelta::days(3)).await;
    let claim = stage.agency.claims.lock().unwrap()[0].clone();
    let told: Vec<_> = claim.charges.iter().map(|line| (line.kind, line.on.unwrap().to_string(), line.amount_minor)).collect();
    let line = |kind, on: &str, amount_minor: i64| (kind, on.to_owned(), amount_minor);
    let expected = [
        line(LineKind::Interest, "2026-07-06", 113 * 5),
        line(LineKind::ChargePayment, "2026-07-06", -100),
        line(LineKind::Waiver, "2026-07-06", -465),
        line(LineKind::Interest, "2026-07-09", 3 * 5),
    ];
    assert_eq!(told, expected);
    assert_eq!(claim.charges[3].invoice.as_deref(), Some("INV-1"));
    let (first, last) = ("2026-07-07".parse().unwrap(), "2026-07-09".parse().unwrap());
    let how = Calculation { principal_minor: 10_000, ppm: 182_500, first, last, days: 3, year_days: 365 };
    assert_eq!((claim.charges[3].calculation, claim.outstanding_minor), (Some(how), 10_000), "the invoices stay apart");
});

testdb::on_both!(a_submission_whose_answer_was_lost_is_looked_up_and_not_repeated, with("product", migrate), |db| async move {
    let stage = Stage::new(db, true).await;
    stage.agency.answers.lock().unwrap().push_back(Answer::LostAfter);
    handover::confirm(&stage.world.env, &stage.owner, stage.case).await.unwrap();
    stage.run().await;
    assert_eq!(stage.stands().await, (HandoverStatus::Sending, CaseStatus::AwaitingHandover));
    stage.pass(handover::LEASE).await;
    assert_eq!(stage.row().await.status, HandoverStatus::Sending, "it may still be under way");
    stage.pass(TimeDelta::seconds(1)).await;
    assert_eq!(stage.stands().await, (HandoverStatus::Accepted, CaseStatus::HandedOver));
    assert_eq!(stage.agency.claims.lock().unwrap().len(), 1);
});

testdb::on_both!(a_submission_that_never_arrived_is_repeated, with("product", migrate), |db| async move {
    let stage = Stage::new(db, true).await;
    stage.agency.answers.lock().unwrap().extend([Answer::LostBefore, Answer::Unavailable]);
    handover::confirm(&stage.world.env, &stage.owner, stage.case).await.unwrap();
    stage.run().await;
    stage.pass(handover::LEASE + TimeDelta::seconds(1)).await;
    assert_eq!(stage.row().await.error_code.as_deref(), Some("UNAVAILABLE"));
    stage.pass(TimeDelta::minutes(5)).await;
    assert_eq!(stage.row().await.status, HandoverStatus::Sent);
    assert_eq!(stage.row().await.attempts, 3);
    assert_eq!(stage.agency.claims.lock().unwrap().len(), 1);
});

testdb::on_both!(a_stopped_hand_over_waits_for_a_person, with("product", migrate), |db| async move {
    let stage = Stage::new(db, true).await;
    let env = &stage.world.env;
    let reader = Viewer { role: Role::Viewer, ..stage.owner };
    assert_eq!(code(handover::opt_out(env, &reader, stage.case, "").await), RefusalCode::Forbidden);
    handover::opt_out(env, &stage.owner, stage.case, "we spoke").await.unwrap();
    stage.pass(TimeDelta::days(10)).await;
    assert_eq!(stage.stands().await, (HandoverStatus::OptedOut, CaseStatus::AwaitingHandover));
    assert!(stage.agency.claims.lock().unwrap().is_empty());
    assert_eq!(code(handover::confirm(env, &stage.owner, stage.case).await), RefusalCode::IllegalTransition);
    handover::request(env, &stage.owner, stage.case).await.unwrap();
    stage.run().await;
    assert_eq!(stage.row().await.status, HandoverStatus::Sent);
});

testdb::on_both!(two_business_days_without_an_answer_alert_once_and_never_lose_the_case, with("product", migrate), |db| async move {
    let stage = Stage::new(db, true).await;
    // Monday, 6 July 2026 in Auckland: the alert is due when Thursday begins there, Wednesday noon UTC.
    handover::confirm(&stage.world.env, &stage.owner, stage.case).await.unwrap();
    stage.run().await;
    for _ in 0..65 {
        stage.pass(TimeDelta::hours(1)).await;
    }
    assert_eq!(stage.events("handover.stalled").await, 0);
    for _ in 0..48 {
        stage.pass(TimeDelta::hours(1)).await;
    }
    assert_eq!(stage.events("handover.stalled").await, 1);
    assert_eq!(stage.case().await.postponed_because.as_deref(), Some("HANDOVER_STALLED"));
    let told = event::Entity::of(stage.owner.tenant).filter(event::Column::Kind.eq("handover.stalled")).one(&stage.world.env.db).await;
    assert_eq!(told.unwrap().unwrap().data["supportContact"], "help@fjord.example");
    stage.agency.takes_all();
    stage.pass(TimeDelta::minutes(20)).await;
    assert_eq!(stage.stands().await, (HandoverStatus::Accepted, CaseStatus::HandedOver));
    assert_eq!(stage.case().await.postponed_because, None);
});

testdb::on_both!(a_rejected_case_waits_visibly_and_may_be_tried_anew, with("product", migrate), |db| async move {
    let stage = Stage::new(db, true).await;
    handover::confirm(&stage.world.env, &stage.owner, stage.case).await.unwrap();
    stage.run().await;
    let no = Verdict::Rejected { code: "DEBTOR_BANKRUPT".into(), message: "The debtor is bankrupt.".into() };
    let id = stage.row().await.id;
    stage.agency.verdicts.lock().unwrap().insert(id, no);
    stage.pass(TimeDelta::minutes(20)).await;
    assert_eq!(stage.stands().await, (HandoverStatus::Rejected, CaseStatus::AwaitingHandover));
    let row = stage.row().await;
    assert_eq!((row.error_code.as_deref(), row.error_message.as_deref()), (Some("DEBTOR_BANKRUPT"), Some("The debtor is bankrupt.")));
    stage.agency.answers.lock().unwrap().push_back(Answer::Rejected);
    handover::request(&stage.world.env, &stage.owner, stage.case).await.unwrap();
    stage.run().await;
    assert_ne!(stage.row().await.id, row.id, "a new claim at the agency");
    assert_eq!(stage.stands().await, (HandoverStatus::Failed, CaseStatus::AwaitingHandover));
    assert_eq!(stage.case().await.postponed_because.as_deref(), Some("HANDOVER_FAILED"));
});

testdb::on_both!(payments_holds_and_the_end_are_told_once_and_in_order, with("product", migrate), |db| async move {
    let stage = Stage::new(db, true).await;
    stage.with_agency().await;
    let env = &stage.world.env;
    let paid = stage.pay(2_500).await;
    stage.run().await;
    stage.run().await;
    reverse(env, &stage.owner, paid, "it bounced").await.unwrap();
    stage.run().await;
    let until = env.now().date_naive() + chrono::Days::new(9);
    case::hold(env, &stage.owner, stage.case, HoldReason::Paused, until, "", None).await.unwrap();
    stage.run().await;
    assert_eq!(stage.case().await.status_before_hold, Some(CaseStatus::HandedOver));
    case::resume(env, &stage.owner, stage.case, None).await.unwrap();
    assert_eq!(stage.case().await.status, CaseStatus::HandedOver);
    stage.run().await;
    stage.pay(10_000).await;
    stage.run().await;
    stage.pass(TimeDelta::minutes(2)).await;
    assert_eq!(stage.stands().await, (HandoverStatus::Ended, CaseStatus::Closed));
    let amounts: Vec<_> = stage
        .agency
        .orders()
        .into_iter()
        .map(|order| match order {
            Order::Payment { amount_minor, .. } => (AgencyTaskKind::Payment, amount_minor),
            Order::Correction { amount_minor, .. } => (AgencyTaskKind::Correction, amount_minor),
            Order::Pause => (AgencyTaskKind::Pause, 0),
            Order::Resume => (AgencyTaskKind::Resume, 0),
            Order::Withdraw => (AgencyTaskKind::Withdraw, 0),
        })
        .collect();
    let (payment, pause, resume, withdraw) =
        (AgencyTaskKind::Payment, AgencyTaskKind::Pause, AgencyTaskKind::Resume, AgencyTaskKind::Withdraw);
    assert_eq!(amounts, [(payment, 2_500), (payment, -2_500), (pause, 0), (resume, 0), (payment, 10_000), (withdraw, 0)]);
    let waiting = entity::agency_task::Entity::of(stage.owner.tenant).filter(entity::agency_task::Column::Status.ne(TaskStatus::Done));
    assert_eq!(waiting.count(&env.db).await.unwrap(), 0);
});

testdb::on_both!(a_case_that_is_paid_while_the_agency_looks_is_withdrawn_when_it_answers, with("product", migrate), |db| async move {
    let stage = Stage::new(db, true).await;
    handover::confirm(&stage.world.env, &stage.owner, stage.case).await.unwrap();
    stage.run().await;
    stage.pay(10_000).await;
    stage.run().await;
    assert!(stage.agency.orders().is_empty(), "the agency has no number for it yet");
    stage.agency.takes_all();
    stage.pass(TimeDelta::minutes(20)).await;
    stage.pass(TimeDelta::minutes(2)).await;
    assert_eq!(stage.stands().await, (HandoverStatus::Ended, CaseStatus::Closed));
    assert!(matches!(stage.agency.orders()[..], [Order::Payment { amount_minor: 10_000, .. }, Order::Withdraw]));
});

testdb::on_both!(a_paid_case_is_never_submitted, with("product", migrate), |db| async move {
    let stage = Stage::new(db, true).await;
    stage.pay(10_000).await;
    stage.pass(TimeDelta::days(4)).await;
    assert_eq!(stage.stands().await, (HandoverStatus::Ended, CaseStatus::Closed));
    assert!(stage.agency.claims.lock().unwrap().is_empty() && stage.agency.orders().is_empty());
});

testdb::on_both!(a_recalled_case_is_withdrawn_and_not_handed_over_again_by_itself, with("product", migrate), |db| async move {
    let stage = Stage::new(db, true).await;
    let env = &stage.world.env;
    assert_eq!(code(handover::recall(env, &stage.owner, stage.case, "").await), RefusalCode::IllegalTransition);
    stage.with_agency().await;
    handover::recall(env, &stage.owner, stage.case, "we settle it").await.unwrap();
    stage.pass(TimeDelta::days(10)).await;
    assert_eq!(stage.stands().await, (HandoverStatus::Recalled, CaseStatus::AwaitingHandover));
    assert_eq!(stage.agency.orders(), [Order::Withdraw]);
    assert_eq!(stage.agency.claims.lock().unwrap().len(), 1);
});

testdb::on_both!(an_agency_without_an_api_gets_a_file_that_a_person_marks_as_taken, with("product", migrate), |db| async move {
    let stage = Stage::new(db, false).await;
    let env = &stage.world.env;
    handover::confirm(env, &stage.owner, stage.case).await.unwrap();
    stage.run().await;
    let row = stage.row().await;
    let id = entity::AgencyExportId(row.batch_reference.unwrap().parse().unwrap());
    for _ in 0..2 {
        assert_eq!(handover::export(env, &stage.owner, id).await.unwrap().bytes, b"D000001");
    }
    let neighbour = stage.world.owner().await;
    assert_eq!(code(handover::export(env, &neighbour, id).await), RefusalCode::NotFound);
    assert_eq!(code(handover::accept(env, &stage.owner, stage.case, " ").await), RefusalCode::Invalid);
    handover::accept(env, &stage.owner, stage.case, "F-17").await.unwrap();
    assert_eq!(stage.stands().await, (HandoverStatus::Accepted, CaseStatus::HandedOver));
    stage.pay(10_000).await;
    stage.run().await;
    stage.pass(TimeDelta::minutes(2)).await;
    assert_eq!(stage.events("agency.task_failed").await, 2, "a person tells the payment and the end");
});

testdb::on_both!(
    the_books_are_noted_once_per_invoice_and_a_note_that_cannot_be_written_ends_visibly,
    with("product", migrate),
    |db| async move {
        let stage = Stage::new(db, true).await;
        let env = &stage.world.env;
        stage.with_agency().await;
        for _ in 0..2 {
            for (tenant, id) in book_note::due(&env.db, env.now(), 10).await.unwrap() {
                book_note::write(env, tenant, id).await.unwrap();
            }
        }
        let written = stage.agency.notes.lock().unwrap().clone();
        assert_eq!(written.len(), 1);
        assert_eq!((written[0].invoice_external_id.as_str(), written[0].about), ("INV-1", entity::BookEvent::HandedOver));
        assert_eq!(stage.events("book_note.written").await, 1);
        *stage.agency.books_are_down.lock().unwrap() = true;
        stage.pay(10_000).await;
        for _ in 0..60 {
            for (tenant, id) in book_note::due(&env.db, env.now(), 10).await.unwrap() {
                book_note::write(env, tenant, id).await.unwrap();
            }
            stage.world.clock.pass(TimeDelta::minutes(10));
        }
        let rows = entity::book_note::Entity::of(stage.owner.tenant).filter(entity::book_note::Column::Status.eq(TaskStatus::Failed));
        let failed = rows.all(&env.db).await.unwrap();
        assert_eq!((failed.len(), failed[0].attempts, failed[0].about), (1, book_note::MAX_ATTEMPTS, entity::BookEvent::Closed));
        assert_eq!((stage.events("book_note.failed").await, stage.agency.notes.lock().unwrap().len()), (1, 1));
    }
);

testdb::on_both!(what_an_agency_tells_is_asked_about_at_once_and_never_believed, with("product", migrate), |db| async move {
    let stage = Stage::new(db, true).await;
    handover::confirm(&stage.world.env, &stage.owner, stage.case).await.unwrap();
    stage.run().await;
    let sent = stage.row().await;
    let batch = sent.batch_reference.clone().unwrap();
    let told =
        async |event: Option<&str>, body: &str| handover::told(&stage.world.env, AgencyKind::Amili, event, body.as_bytes()).await.unwrap();
    assert_eq!(told(None, &batch).await, Told::Unreadable);
    assert_eq!(told(Some("weather"), "rain").await, Told::Taken);
    assert_eq!(told(Some("batch"), "somebody else's").await, Told::Taken, "a stranger learns nothing");
    stage.run().await;
    assert_eq!(stage.row().await, sent, "nothing was asked, nothing changed");
    assert_eq!(told(Some("batch"), &batch).await, Told::Taken);
    stage.run().await;
    assert_eq!(stage.stands().await.0, HandoverStatus::Sent, "the agency was asked and has not looked at it yet");
    stage.agency.takes_all();
    assert_eq!(told(Some("batch"), &batch).await, Told::Taken);
    stage.run().await;
    assert_eq!(stage.stands().await, (HandoverStatus::Accepted, CaseStatus::HandedOver));
    let known = handover::told(&stage.world.env, AgencyKind::File, Some("batch"), b"x").await.unwrap();
    assert_eq!(known, Told::Unknown);
});

testdb::on_both!(a_part_payment_before_the_claim_is_frozen_anew_is_not_told_again, with("product", migrate), |db| async move {
    let stage = Stage::new(db, true).await;
    // The first submission is lost before the agency had it; meanwhile money arrives.
    stage.agency.answers.lock().unwrap().push_back(Answer::LostBefore);
    handover::confirm(&stage.world.env, &stage.owner, stage.case).await.unwrap();
    stage.run().await;
    assert_eq!(stage.stands().await.0, HandoverStatus::Sending);
    stage.pay(2_500).await;
    stage.pass(TimeDelta::minutes(11)).await;
    stage.agency.takes_all();
    stage.pass(TimeDelta::minutes(20)).await;
    assert_eq!(stage.stands().await, (HandoverStatus::Accepted, CaseStatus::HandedOver));
    let claims: Vec<i64> = stage.agency.claims.lock().unwrap().iter().map(|claim| claim.outstanding_minor).collect();
    assert_eq!(claims.last(), Some(&7_500), "the claim states what is left");
    assert!(stage.agency.orders().is_empty(), "and the payment is not told beside it: {:?}", stage.agency.orders());
    stage.pay(500).await;
    stage.run().await;
    assert!(matches!(stage.agency.orders()[..], [Order::Payment { amount_minor: 500, .. }]));
});

testdb::on_both!(a_credit_is_told_as_a_correction_and_never_as_money, with("product", migrate), |db| async move {
    let stage = Stage::new(db, true).await;
    stage.with_agency().await;
    let mut credited = overdue("INV-1", &[]);
    let invoice = credited.invoice.as_mut().unwrap();
    invoice.total_minor = 8_000;
    invoice.outstanding_minor = Some(8_000);
    *stage.world.xero.records.lock().unwrap() = vec![credited];
    let books = stage.case().await.integration_id;
    stage.world.pull(stage.owner.tenant, books).await;
    stage.run().await;
    assert_eq!(stage.case().await.outstanding_minor, 8_000);
    assert!(matches!(stage.agency.orders()[..], [Order::Correction { amount_minor: 2_000, .. }]), "{:?}", stage.agency.orders());
});

testdb::on_both!(a_case_that_opens_again_while_the_agency_looks_is_stopped_there, with("product", migrate), |db| async move {
    let stage = Stage::new(db, true).await;
    handover::confirm(&stage.world.env, &stage.owner, stage.case).await.unwrap();
    stage.run().await;
    let paid = stage.pay(10_000).await;
    assert_eq!(stage.case().await.status, CaseStatus::Closed);
    reverse(&stage.world.env, &stage.owner, paid, "it bounced").await.unwrap();
    stage.agency.takes_all();
    stage.pass(TimeDelta::minutes(20)).await;
    stage.pass(TimeDelta::minutes(2)).await;
    assert_eq!(stage.stands().await.0, HandoverStatus::Ended, "letters go on here, so the agency must not work it");
    assert_eq!(stage.agency.orders(), [Order::Withdraw], "neither the payment nor its end is told");
});

testdb::on_both!(an_ended_agency_gets_no_claim, with("product", migrate), |db| async move {
    let stage = Stage::new(db, true).await;
    let env = &stage.world.env;
    let ended = stage.row().await.agency_id;
    agency::end(env, &stage.owner, ended, None).await.unwrap();
    assert_eq!(code(handover::confirm(env, &stage.owner, stage.case).await), RefusalCode::IllegalTransition);
    stage.pass(TimeDelta::days(4)).await;
    assert_eq!(stage.stands().await, (HandoverStatus::Ended, CaseStatus::AwaitingHandover));
    assert_eq!(stage.case().await.postponed_because.as_deref(), Some("AGENCY_ENDED"));
    assert!(stage.agency.claims.lock().unwrap().is_empty());
});
