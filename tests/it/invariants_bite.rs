//! The invariants can fail: each is given rows that break it, and must say so.

use futures_util::FutureExt;
use sea_orm::ConnectionTrait;
use testdb::{Backend, TestDb};

use crate::{
    invariants::{self, leaving::Watch},
    world::{World, migrate},
};

/// Two letters of one case are out.
async fn lived() -> (World, crate::world::Creditor) {
    let world = World::new(TestDb::with(Backend::Sqlite, "product", migrate).await).await;
    let kauri = world.creditor().await;
    world.case_under_way(&kauri).await;
    world.days(&kauri, 7).await;
    invariants::hold(&world, &[kauri]).await;
    (world, kauri)
}

fn what_it_says(tampered: &str, panic: &(dyn std::any::Any + Send)) -> String {
    let said = panic.downcast_ref::<String>().unwrap_or_else(|| panic!("{tampered}: no message"));
    said.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn rows_that_break_an_invariant_are_found() {
    testdb::block_on(async {
        for (tampering, expected) in [
            ("UPDATE invoice SET outstanding_minor = 1", "I6"),
            ("UPDATE collection_case SET outstanding_minor = 1", "I6"),
            ("UPDATE letter SET facts = json_set(facts, '$.outstanding_minor', 1)", "I6"),
            ("UPDATE letter SET outstanding_minor = 1", "I4"),
            ("UPDATE collection_case SET approved_at = NULL", "I3"),
            ("UPDATE letter SET consent_required = 1", "I3"),
            ("UPDATE collection_case SET next_action_at = NULL", "I7"),
            ("UPDATE collection_case SET next_action_at = '2026-07-13 00:00:00+00:00'", "I7"),
            ("UPDATE delivery SET status = 'scheduled' WHERE attempts = 1", "I7"),
            ("UPDATE delivery SET status = 'sending' WHERE attempts = 1", "I7"),
            ("UPDATE collection_case SET next_step = 1", "steps ran out of order"),
            ("UPDATE letter SET sent_at = '2026-07-12 21:00:00+00:00' WHERE step = 0", "I9: left at another time"),
            (
                "UPDATE event SET at = '2026-07-12 21:00:00+00:00'
                 WHERE kind = 'letter.sent' AND json_extract(data, '$.step') = 0",
                "step 1 ran 0 days",
            ),
            (
                "UPDATE event SET at = '2026-07-11 21:00:00+00:00'
                 WHERE kind = 'letter.issued' AND json_extract(data, '$.step') = 1",
                "step 1 ran 6 days",
            ),
            ("UPDATE event SET data = json_set(data, '$.consentRequired', json('true')) WHERE kind = 'letter.issued'", "I3: nobody"),
            ("UPDATE letter SET step = 2 WHERE step = 1", "steps ran out of order"),
            ("DELETE FROM event WHERE kind = 'letter.sent'", "steps ran out of order"),
            ("DELETE FROM event WHERE kind = 'case.approved'", "I4"),
            ("DELETE FROM event WHERE kind = 'delivery.started'", "I9"),
            (
                "UPDATE event SET kind = 'case.held' WHERE kind = 'delivery.sent';
                 UPDATE event SET sequence = sequence + 100000 WHERE kind = 'delivery.started'",
                "I4",
            ),
            ("UPDATE event SET data = json_set(data, '$.outstandingMinor', 1) WHERE kind = 'case.proposed'", "I4"),
            ("UPDATE letter SET step = 0 WHERE step = 1", "I2"),
            ("UPDATE delivery SET recipient = 'a@neighbour.example'", "I8"),
        ] {
            let (world, kauri) = lived().await;
            world.env.db.execute_unprepared("DROP INDEX uq_letter_case_step").await.unwrap();
            let rows = world.env.db.execute_unprepared(tampering).await.unwrap().rows_affected();
            assert!(rows > 0, "nothing tampered: {tampering}");
            let held = std::panic::AssertUnwindSafe(invariants::hold(&world, &[kauri])).catch_unwind().await;
            let said = what_it_says(tampering, &*held.expect_err(tampering));
            assert!(said.contains(expected), "{tampering}: {said}");
        }
    });
}

#[test]
fn what_should_not_have_left_is_found() {
    testdb::block_on(async {
        let (world, kauri) = lived().await;
        Watch::default().look(&world, &kauri).await;
        for (tampering, expected) in [
            ("UPDATE tenant SET automatic_actions = 0", "the switch was off"),
            ("UPDATE event SET at = '2026-07-05 12:00:00+00:00' WHERE kind = 'delivery.started'", "outside the hours"),
            // Matariki, a Friday, at ten in Auckland.
            ("UPDATE event SET at = '2026-07-09 22:00:00+00:00' WHERE kind = 'delivery.started'", "on a holiday"),
            (
                "INSERT INTO suppression (tenant_id, id, channel, address, reason, created_at)
                 SELECT tenant_id, id, channel, recipient, 'unsubscribed', '2026-07-01 00:00:00+00:00' FROM delivery LIMIT 1",
                "an address that must not be used",
            ),
            ("UPDATE letter SET consent_required = 1, consent_at = '2026-06-01 00:00:00+00:00'", "the yes was over"),
            ("UPDATE tenant SET contact_gap_days = 8", "less than 8 days after"),
            ("UPDATE tenant SET contacts_per_week = 0", "too many in a week"),
            ("UPDATE tenant SET contacts_per_month = 1", "too many in a month"),
            ("UPDATE collection_case SET status = 'on_hold'", "left from OnHold"),
            ("UPDATE invoice SET disputed = 1", "disputed"),
            (
                "INSERT INTO payment (tenant_id, id, integration_id, invoice_id, external_id, kind, source, amount_minor, currency,
                                      received_on, reconciled, created_at)
                 SELECT tenant_id, id, integration_id, id, 'P1', 'payment', 'accounting_sync', 1, 'NZD', '2026-07-01', 0, created_at
                 FROM invoice",
                "money was known to be on its way",
            ),
            ("UPDATE debtor SET exempt = 1", "exempt"),
            ("UPDATE tenant SET country = 'NO'; UPDATE letter SET kind = 'collection_notice' WHERE step = 0", "the days of a notice"),
        ] {
            let (world, kauri) = lived().await;
            let rows = world.env.db.execute_unprepared(tampering).await.unwrap().rows_affected();
            assert!(rows > 0, "nothing tampered: {tampering}");
            let held = std::panic::AssertUnwindSafe(Watch::default().look(&world, &kauri)).catch_unwind().await;
            let said = what_it_says(tampering, &*held.expect_err(tampering));
            assert!(said.contains(expected), "{tampering}: {said}");
        }
    });
}
