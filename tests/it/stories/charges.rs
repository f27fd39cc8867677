//! What is owed beside the invoices: interest, fixed sums and fees are stated apart, follow the country's order, and are
//! kept or given up once the invoices are paid.

use std::sync::Arc;

use domain::{
    Error, RefusalCode,
    claim::{ChargeChanges, Facts, Interest, Known, Residual, Waived, receive_in, reverse_received, waive},
    event::kind,
    integration::IntegrationChanges,
    letter::{Consent, THANK_YOU_STEP, decide_consent},
    payment::{self, NewPayment},
    policy::{Ladder, Price, three_weekly_letters},
    tenant::{self, TenantChanges},
};
use entity::{
    CaseGrouping, CaseId, CaseStatus, ChargeKind, ChargePaymentId, CloseReason, ConsentMode, DebtorKind, LetterStatus, Role, Scoped,
    charge, collection_case, debtor, letter,
};
use sea_orm::{QueryOrder, sea_query::Expr};
use testdb::TestDb;

use crate::{
    invariants,
    postbox::{Answer, QuickRenderer},
    sheet::{Invoice, Payment},
    world::{Creditor, World, code, day, migrate},
};

async fn world(db: TestDb, start: &str) -> World {
    World::at(db, start, Arc::new(QuickRenderer)).await
}

/// A creditor of a country that charges; automatic consent, master switch on, cases approved by hand.
pub(super) async fn creditor(world: &World, home: (&str, &str, &str), wanted: ChargeChanges) -> Creditor {
    let linde = world.creditor_with(home, "en", TenantChanges { charges: Some(wanted), ..TenantChanges::default() }).await;
    world.policy(&linde, &letters_only()).await;
    linde
}

/// Three letters a week apart, and nothing after them.
fn letters_only() -> Ladder {
    let mut ladder = Ladder { handover_after_days: None, ..three_weekly_letters() };
    ladder.steps.iter_mut().for_each(|step| step.pay_within_days = 14);
    ladder
}

pub(super) const GERMANY: (&str, &str, &str) = ("DE", "EUR", "Europe/Berlin");
const NORWAY: (&str, &str, &str) = ("NO", "NOK", "Europe/Oslo");
const BRITAIN: (&str, &str, &str) = ("GB", "GBP", "Europe/London");

/// Monday, 12 January 2026, 07:00 in Berlin.
pub(super) const JANUARY: &str = "2026-01-12T06:00:00Z";

pub(super) fn statutory() -> ChargeChanges {
    ChargeChanges { interest: Some(Interest::Statutory), fixed_sum: Some(true), ..ChargeChanges::default() }
}

/// 800.00 EUR of a business, due on 20 November 2025: late since 21 December.
pub(super) fn german() -> Invoice {
    Invoice { issued: "2025-10-20".into(), due: "2025-11-20".into(), currency: "EUR".into(), ..Invoice::new("R-1").total("800.00") }
}

/// The German case with its first letter out, on Monday, 12 January 2026.
async fn german_case(world: &World, charges: ChargeChanges) -> (Creditor, CaseId) {
    let linde = creditor(world, GERMANY, charges).await;
    world.invoices(&linde, &[german()]).await;
    let case = world.approve_all(&linde).await[0];
    world.at_local(&linde, day("2026-01-12"), 9).await;
    (linde, case)
}

async fn pay(world: &World, by: &Creditor, case: CaseId, amount_minor: i64, on: &str) -> collection_case::Model {
    let currency = world.case(by, case).await.currency;
    let new = NewPayment { case, amount_minor, currency, received_on: day(on), reference: None };
    payment::record(&world.env, &by.viewer, &new).await.unwrap().0
}

async fn receive(
    world: &World,
    by: &Creditor,
    case: CaseId,
    amount_minor: i64,
) -> domain::Result<(collection_case::Model, ChargePaymentId)> {
    let row = world.case(by, case).await;
    let new = NewPayment { case, amount_minor, currency: row.currency, received_on: world.today(by), reference: None };
    let mut change = domain::Change::begin(&world.env, by.tenant(), by.viewer.actor()).await?;
    let received = receive_in(&mut change, &by.viewer, &new).await?;
    change.commit().await?;
    Ok(received)
}

async fn charges(world: &World, of: &Creditor) -> Vec<charge::Model> {
    charge::Entity::of(of.tenant()).order_by_asc(charge::Column::CreatedAt).all(&world.env.db).await.unwrap()
}

fn figures(letter: &letter::Model) -> (i64, i64) {
    (letter.outstanding_minor, letter.facts["charges_minor"].as_i64().unwrap_or(0))
}

/// Kind and amount of the lines that are not invoices or what the books know of them.
fn beside(letter: &letter::Model) -> Vec<(String, i64)> {
    let lines = letter.facts["lines"].as_array().unwrap().iter();
    let told = lines.map(|line| (line["kind"].as_str().unwrap().to_owned(), line["amount_minor"].as_i64().unwrap()));
    told.filter(|(kind, _)| ["interest", "fee", "fixed_sum"].contains(&kind.as_str())).collect()
}

fn named(kind: &str, amount: i64) -> (String, i64) {
    (kind.to_owned(), amount)
}

async fn count(world: &World, of: &Creditor, event: &str) -> usize {
    world.events(of).await.iter().filter(|e| e.kind == event).count()
}

testdb::on_both!(german_interest_crosses_the_new_year_and_a_part_payment_goes_to_costs_first, with("product", migrate), |db| async move {
    let world = world(db, JANUARY).await;
    let (linde, case) = german_case(&world, statutory()).await;
    let first = world.letters(&linde).await.remove(0);
    assert_eq!((first.status, figures(&first)), (LetterStatus::Sent, (845_18, 45_18)));
    assert_eq!(beside(&first), [named("fixed_sum", 40_00), named("interest", 2_48), named("interest", 2_70)]);
    assert_eq!(first.facts["lines"][2]["note"], "21\u{a0}Dec\u{a0}2025–31\u{a0}Dec\u{a0}2025: EUR\u{a0}800.00 × 10.27% × 11/365");
    assert_eq!(first.rule_revision, "DE-2026-11");
    let row = world.case(&linde, case).await;
    assert_eq!((row.outstanding_minor, row.charges_minor), (800_00, 45_18), "the books and what is owed beside stay apart");
    let rows = charges(&world, &linde).await;
    assert_eq!((rows.len(), rows[0].kind, rows[0].amount_minor), (1, ChargeKind::FixedSum, 40_00));
    assert_eq!((rows[0].charged_on, rows[0].rule_revision.as_str()), (Some(day("2026-01-12")), "DE-2026-11"));

    // 400.00 on the 15th: 40.00 costs and 5.85 interest first, the rest of it on the invoice.
    world.days(&linde, 3).await;
    let row = pay(&world, &linde, case, 400_00, "2026-01-15").await;
    assert_eq!(row.outstanding_minor, 400_00, "the books say so");
    world.days(&linde, 11).await;
    let second = world.letters(&linde).await.into_iter().find(|l| l.step == 1 && l.status == LetterStatus::Sent).unwrap();
    assert_eq!(figures(&second), (447_23, 47_23), "eleven days on 445.85");
    invariants::hold(&world, &[linde]).await;
});

testdb::on_both!(
    what_is_left_of_the_charges_keeps_the_case_open_until_it_is_paid_and_opens_it_again,
    with("product", migrate),
    |db| async move {
        let world = world(db, JANUARY).await;
        let (linde, case) = german_case(&world, statutory()).await;
        world.days(&linde, 1).await;
        let row = pay(&world, &linde, case, 800_00, "2026-01-13").await;
        assert_eq!((row.status, row.outstanding_minor, row.charges_minor), (CaseStatus::Active, 0, 45_40), "a day of 800.00 more");
        assert_eq!(world.timeline(&linde, case).await.iter().filter(|k| *k == kind::CASE_CLOSED).count(), 0);
        // The next letter asks for the rest alone.
        world.days(&linde, 13).await;
        let second = world.letters(&linde).await.into_iter().find(|l| l.step == 1 && l.status == LetterStatus::Sent).unwrap();
        let rest = figures(&second).0;
        assert_eq!(figures(&second), (rest, rest));
        assert!((45_50..45_60).contains(&rest), "{rest}");

        assert_eq!(code(receive(&world, &linde, case, 100_00).await), RefusalCode::OutOfRange);
        let (row, paid) = receive(&world, &linde, case, rest).await.unwrap();
        assert_eq!((row.status, row.close_reason, row.charges_minor), (CaseStatus::Closed, Some(CloseReason::Paid), 0));
        world.days(&linde, 1).await;
        let thanks = world.letters(&linde).await.into_iter().find(|l| l.step == THANK_YOU_STEP).unwrap();
        assert_eq!((thanks.status, thanks.facts["paid_minor"].as_i64()), (LetterStatus::Sent, Some(800_00 + rest)));

        let row = reverse_received(&world.env, &linde.viewer, paid, "it bounced").await.unwrap();
        assert_eq!((row.status, row.outstanding_minor), (CaseStatus::Active, 0));
        assert!(row.charges_minor >= rest);
        let row = waive(&world.env, &linde.viewer, case, &Waived::All, "not worth it").await.unwrap();
        assert_eq!((row.status, row.close_reason, row.charges_minor), (CaseStatus::Closed, Some(CloseReason::Paid), 0));
        world.days(&linde, 20).await;
        assert_eq!(world.letters(&linde).await.iter().filter(|l| l.status == LetterStatus::Sent).count(), 3, "nothing more is asked");
        invariants::hold(&world, &[linde]).await;
    }
);

testdb::on_both!(charges_alone_are_not_handed_over_and_stay_claimable_after_the_last_letter, with("product", migrate), |db| async move {
    let world = world(db, JANUARY).await;
    let linde = creditor(&world, GERMANY, statutory()).await;
    world.policy(&linde, &Ladder { handover_after_days: Some(7), ..letters_only() }).await;
    world.invoices(&linde, &[german()]).await;
    let case = world.approve_all(&linde).await[0];
    world.days(&linde, 1).await;
    pay(&world, &linde, case, 800_00, "2026-01-13").await;
    world.days(&linde, 40).await;
    let row = world.case(&linde, case).await;
    assert!(row.charges_minor > 45_00 && row.outstanding_minor == 0, "{row:?}");
    assert_eq!(row.status, CaseStatus::AwaitingHandover, "the last letter left");
    let asked = domain::handover::request(&world.env, &linde.viewer, case).await;
    assert_eq!(code(asked), RefusalCode::IllegalTransition);
    // Another look of the books changes nothing.
    world.invoices(&linde, &[german()]).await;
    assert_eq!(world.case(&linde, case).await.closed_at, None);
    let open = waive(&world.env, &linde.viewer, case, &Waived::All, "enough").await.unwrap();
    assert_eq!((open.status, open.charges_minor), (CaseStatus::Closed, 0));
    world.days(&linde, 1).await;
    invariants::hold(&world, &[linde]).await;
});

testdb::on_both!(
    a_creditor_who_gives_charges_up_closes_with_the_last_payment_and_claims_them_again_when_it_bounces,
    with("product", migrate),
    |db| async move {
        let world = world(db, JANUARY).await;
        let (linde, case) = german_case(&world, ChargeChanges { residual: Some(Residual::Waive), ..statutory() }).await;
        world.days(&linde, 1).await;
        let row = pay(&world, &linde, case, 800_00, "2026-01-13").await;
        assert_eq!((row.status, row.close_reason, row.charges_minor), (CaseStatus::Closed, Some(CloseReason::Paid), 0));
        let waived = world.events(&linde).await.into_iter().find(|e| e.kind == kind::CHARGES_WAIVED).unwrap();
        assert_eq!((waived.data["because"].as_str(), waived.data["amountMinor"].as_i64()), (Some("RESIDUAL"), Some(45_40)));
        world.days(&linde, 1).await;
        let thanks = world.letters(&linde).await.into_iter().find(|l| l.step == THANK_YOU_STEP).unwrap();
        assert_eq!((thanks.status, figures(&thanks)), (LetterStatus::Sent, (0, 0)));

        let paid = world.payment_rows(&linde).await[0].id;
        let (_, row) = payment::reverse(&world.env, &linde.viewer, paid, "it bounced").await.unwrap();
        let row = row.unwrap();
        assert_eq!((row.status, row.outstanding_minor), (CaseStatus::Active, 800_00));
        assert_eq!(row.charges_minor, 45_63, "25 days of 80,000 at 10.27 %, and 40.00: as if it had never been given up");
        assert_eq!(count(&world, &linde, kind::CHARGES_REVIVED).await, 1);
        invariants::hold(&world, &[linde]).await;
    }
);

testdb::on_both!(who_pays_in_time_what_the_letter_asks_for_owes_nothing_for_the_days_between, with("product", migrate), |db| async move {
    let world = world(db, JANUARY).await;
    let (linde, case) = german_case(&world, statutory()).await;
    world.days(&linde, 4).await;
    // The books put the whole of it on the invoice.
    let paid = Payment { received: "2026-01-16".into(), currency: "EUR".into(), ..Payment::new("R-1", "P1", "845.18") };
    let run = world.payments(&linde, &[paid]).await;
    assert_eq!(run.cases_closed, 1);
    let row = world.case(&linde, case).await;
    assert_eq!((row.status, row.charges_minor), (CaseStatus::Closed, 0));
    let waived = world.events(&linde).await.into_iter().find(|e| e.kind == kind::CHARGES_WAIVED).unwrap();
    assert_eq!(waived.data["because"], "PAID_AS_STATED");
    world.days(&linde, 1).await;
    let thanks = world.letters(&linde).await.into_iter().find(|l| l.step == THANK_YOU_STEP).unwrap();
    assert_eq!((thanks.status, thanks.facts["paid_minor"].as_i64()), (LetterStatus::Sent, Some(845_18)));
    invariants::hold(&world, &[linde]).await;
});

testdb::on_both!(thanks_that_leave_put_nothing_on_a_case_that_is_over, with("product", migrate), |db| async move {
    let world = world(db, JANUARY).await;
    let (linde, case) = german_case(&world, statutory()).await;
    world.at_local(&linde, day("2026-01-16"), 21).await;
    let paid = |received: &str| Payment { received: received.into(), currency: "EUR".into(), ..Payment::new("R-1", "P1", "845.18") };
    world.payments(&linde, &[paid("2026-01-14")]).await;
    let thanks = async || world.letters(&linde).await.into_iter().find(|l| l.step == THANK_YOU_STEP).unwrap().status;
    assert_eq!(thanks().await, LetterStatus::Scheduled, "they wait for the morning");
    // The books correct the day of the money: two days of interest that nobody gave up, on a case that is over.
    world.payments(&linde, &[paid("2026-01-16")]).await;
    let reckoned = async || {
        let tenant = tenant::find(&world.env.db, linde.tenant()).await.unwrap();
        let (case, debtor) = (world.case(&linde, case).await, world.debtors(&linde).await.remove(0));
        let (invoices, payments) = (world.invoice_rows(&linde).await, world.payment_rows(&linde).await);
        let known = Known::read(&world.env.db, &tenant, case.id).await.unwrap();
        let facts = Facts { tenant: &tenant, debtor: &debtor, case: &case, invoices: &invoices, payments: &payments, known: &known };
        facts.claim(world.today(&linde), None).unwrap().charges_minor
    };
    assert_eq!(reckoned().await, 45);
    world.days(&linde, 4).await;
    assert_eq!(thanks().await, LetterStatus::Sent);
    let row = world.case(&linde, case).await;
    assert_eq!((row.status, row.outstanding_minor, row.charges_minor), (CaseStatus::Closed, 0, 0));
    invariants::hold(&world, &[linde]).await;
});

testdb::on_both!(days_without_a_rate_are_not_claimed_and_the_creditor_is_told, with("product", migrate), |db| async move {
    let world = world(db, "2026-07-13T06:00:00Z").await;
    let linde = creditor(&world, GERMANY, ChargeChanges { interest: Some(Interest::Statutory), ..ChargeChanges::default() }).await;
    world.invoices(&linde, &[Invoice { currency: "EUR".into(), ..Invoice::new("R-1").total("365.00") }]).await;
    world.approve_all(&linde).await;
    world.at_local(&linde, day("2026-07-13"), 9).await;
    let first = world.letters(&linde).await.remove(0);
    // Due on 20 May, late from 20 June; the base rate is on file until 30 June: 11 days of 36,500 at 10.27 %.
    assert_eq!(figures(&first), (365_00 + 1_13, 1_13));
    let told = world.events(&linde).await.into_iter().find(|e| e.kind == kind::RATE_MISSING).unwrap();
    assert_eq!((told.data["country"].as_str(), told.data["day"].as_str()), (Some("DE"), Some("2026-07-01")));
    invariants::hold(&world, &[linde]).await;
});

testdb::on_both!(
    norwegian_reminder_fees_wait_for_the_fourteenth_day_and_stay_out_of_the_principal,
    with("product", migrate),
    |db| async move {
        let world = world(db, "2025-03-10T06:00:00Z").await;
        let linde = creditor(&world, NORWAY, ChargeChanges { fees: Some(true), ..ChargeChanges::default() }).await;
        let price = |minor| vec![Price { currency: "NOK".into(), minor }];
        let mut ladder = letters_only();
        (ladder.steps[0].fee, ladder.steps[2].fee) = (price(35_00), price(35_00));
        world.policy(&linde, &ladder).await;
        world.intake(&linde, IntegrationChanges { minimum_days_overdue: Some(5), ..IntegrationChanges::default() }).await;
        let invoice = Invoice { issued: "2025-02-18".into(), due: "2025-03-04".into(), currency: "NOK".into(), ..Invoice::new("F-1") };
        world.invoices(&linde, &[invoice]).await;
        let everyone = Expr::value(DebtorKind::Consumer);
        debtor::Entity::update_of(linde.tenant()).col_expr(debtor::Column::Kind, everyone).exec(&world.env.db).await.unwrap();
        let case = world.approve_all(&linde).await[0];
        world.days(&linde, 16).await;
        let letters = world.letters(&linde).await;
        let stated: Vec<_> = letters.iter().map(|l| (l.step, l.fee_minor, figures(l))).collect();
        assert_eq!(stated, [(0, 0, (120_00, 0)), (1, 0, (120_00, 0)), (2, 35_00, (155_00, 35_00))]);
        assert_eq!(beside(&letters[2]), [named("fee", 35_00)]);
        assert_eq!(letters[2].facts["lines"][0]["amount_minor"], 120_00, "the principal holds no fee");
        let left_out = world.events(&linde).await.into_iter().find(|e| e.kind == kind::CHARGE_LEFT_OUT).unwrap();
        assert_eq!((left_out.data["what"].as_str(), left_out.data["because"].as_str()), (Some("FEE"), Some("NOT_ALLOWED")));
        assert_eq!(world.case(&linde, case).await.charges_minor, 35_00);
        invariants::hold(&world, &[linde]).await;
    }
);

testdb::on_both!(
    british_fixed_sums_go_by_the_size_of_each_invoice_and_are_owed_once_their_letter_left,
    with("product", migrate),
    |db| async move {
        let world = world(db, "2026-07-13T06:00:00Z").await;
        let linde = creditor(&world, BRITAIN, ChargeChanges { fixed_sum: Some(true), ..ChargeChanges::default() }).await;
        world.settings(&linde, TenantChanges { case_grouping: Some(CaseGrouping::PerDebtor), ..TenantChanges::default() }).await;
        let invoice = |number: &str, total: &str| Invoice { currency: "GBP".into(), ..Invoice::new(number).total(total) };
        let invoices = [invoice("A", "999.99"), invoice("B", "1000.00"), invoice("C", "10000.00")];
        world.invoices(&linde, &invoices).await;
        world.postbox.answer(entity::Channel::Email, Answer::Transient(None));
        let case = world.approve_all(&linde).await[0];
        world.at_local(&linde, day("2026-07-13"), 9).await;
        assert!(charges(&world, &linde).await.iter().all(|row| row.charged_on.is_none()), "the letter has not left");
        assert_eq!(world.case(&linde, case).await.charges_minor, 0);
        // Another invoice shrinks meanwhile: the letter is cancelled, and charges nothing.
        world.invoices(&linde, &[invoice("B", "1000.00"), invoice("C", "9999.99")]).await;
        world.days(&linde, 8).await;
        let sent: Vec<_> = world.letters(&linde).await.into_iter().filter(|l| l.status == LetterStatus::Sent).collect();
        assert_eq!(beside(&sent[0]), [named("fixed_sum", 40_00), named("fixed_sum", 70_00), named("fixed_sum", 70_00)]);
        assert_eq!(figures(&sent[0]), (11_999_98 + 180_00, 180_00));
        world.days(&linde, 8).await;
        let rows = charges(&world, &linde).await;
        assert_eq!((rows.len(), rows.iter().all(|row| row.charged_on.is_some())), (3, true), "once for each invoice");
        let one = rows.iter().find(|row| row.amount_minor == 40_00).unwrap().id;
        let row = waive(&world.env, &linde.viewer, case, &Waived::Charges(vec![one]), "a good customer").await.unwrap();
        assert_eq!((row.status, row.charges_minor), (CaseStatus::Active, 140_00));
        let again = waive(&world.env, &linde.viewer, case, &Waived::Charges(vec![one]), "again").await;
        assert_eq!(code(again), RefusalCode::NotFound);
        invariants::hold(&world, &[linde]).await;
    }
);

testdb::on_both!(a_letter_that_waits_for_its_yes_leaves_with_the_figures_that_were_seen, with("product", migrate), |db| async move {
    let world = world(db, JANUARY).await;
    let linde = creditor(&world, GERMANY, statutory()).await;
    world.settings(&linde, TenantChanges { consent_mode: Some(ConsentMode::EachLetter), ..TenantChanges::default() }).await;
    world.invoices(&linde, &[german()]).await;
    world.approve_all(&linde).await;
    world.at_local(&linde, day("2026-01-12"), 9).await;
    world.days(&linde, 3).await;
    let waiting = world.letters(&linde).await.remove(0);
    decide_consent(&world.env, &linde.viewer, waiting.id, Consent::Granted).await.unwrap();
    world.run_due().await;
    let letters = world.letters(&linde).await;
    assert_eq!(letters.len(), 1, "not asked for anew because a day's interest was added");
    assert_eq!((letters[0].status, figures(&letters[0])), (LetterStatus::Sent, (845_18, 45_18)));
    assert_eq!(letters[0].facts["dated_on"], "2026-01-15");
    invariants::hold(&world, &[linde]).await;
});

testdb::on_both!(what_makes_no_sense_is_refused_and_changes_nothing, with("product", migrate), |db| async move {
    let world = world(db, JANUARY).await;
    let (linde, case) = german_case(&world, statutory()).await;
    let before = world.snapshot(&linde).await;
    for (amount, expected) in [(0, RefusalCode::OutOfRange), (-1, RefusalCode::OutOfRange), (i64::MAX, RefusalCode::OutOfRange)] {
        assert_eq!(code(receive(&world, &linde, case, amount).await), expected, "{amount}");
    }
    let reason = waive(&world.env, &linde.viewer, case, &Waived::All, "  ").await;
    assert_eq!(code(reason), RefusalCode::Required);
    let none = waive(&world.env, &linde.viewer, case, &Waived::Kind(ChargeKind::Fee), "no fee is there").await;
    assert_eq!(code(none), RefusalCode::IllegalTransition);
    let reader = linde.as_role(Role::Viewer);
    assert_eq!(code(waive(&world.env, &reader, case, &Waived::All, "x").await), RefusalCode::Forbidden);
    let neighbour = creditor(&world, GERMANY, statutory()).await;
    let foreign = waive(&world.env, &neighbour.viewer, case, &Waived::All, "x").await;
    assert!(matches!(foreign, Err(Error::Refused(ref refusal)) if refusal.code == RefusalCode::NotFound));
    let steep = ChargeChanges { interest: Some(Interest::Contract(360_001)), ..ChargeChanges::default() };
    let changes = TenantChanges { charges: Some(steep), ..TenantChanges::default() };
    assert_eq!(code(tenant::update(&world.env, &linde.viewer, &changes).await), RefusalCode::OutOfRange);
    assert_eq!(world.snapshot(&linde).await, before);
    invariants::hold(&world, &[linde]).await;
});
