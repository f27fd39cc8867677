//! Claims that grow too old: the creditor hears of it in time, whatever the case waits for.

use domain::{
    case::{hold, warn_of_limitation},
    event::kind,
    tenant::TenantChanges,
};
use entity::{CaseId, CaseStatus, ConsentMode, HoldReason};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use crate::{
    invariants,
    sheet::{Invoice, Payment},
    world::{Creditor, World, day, migrate},
};

/// Moves the creditor's seat to a country whose limitation periods are known.
async fn to(world: &World, of: &Creditor, country: &str) {
    let mut row = domain::tenant::find(&world.env.db, of.tenant()).await.unwrap().into_active_model();
    row.country = Set(country.into());
    row.update(&world.env.db).await.unwrap();
}

fn due(number: &str, debtor: &str, on: &str) -> Invoice {
    Invoice { issued: on.into(), due: on.into(), ..Invoice::new(number).debtor(debtor) }
}

async fn case_of(world: &World, of: &Creditor, number: &str) -> CaseId {
    world.invoice_rows(of).await.into_iter().find(|row| row.number == number).unwrap().case_id.unwrap()
}

/// The last days that a case was warned of.
async fn warned(world: &World, of: &Creditor, case: CaseId) -> Vec<String> {
    let events = world.events(of).await.into_iter().filter(|event| event.case_id == Some(case) && event.kind == kind::LIMITATION_NEAR);
    events.map(|event| event.data["lastDay"].as_str().unwrap().to_owned()).collect()
}

testdb::on_both!(the_creditor_is_warned_whatever_a_case_waits_for_and_only_of_what_is_worked, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let neighbour = world.creditor().await;
    to(&world, &kauri, "NO").await;
    world.settings(&kauri, TenantChanges { consent_mode: Some(ConsentMode::EachLetter), ..TenantChanges::default() }).await;
    // Three years in Norway: the last day is the 30th of September 2026, and ninety days before it are the 2nd of July.
    let old = |number: &str, debtor: &str| due(number, debtor, "2023-09-30");
    let rows = ["INV-1", "INV-2", "INV-3", "INV-4"].map(|number| old(number, &format!("{number} Ltd")));
    world.invoices(&kauri, &rows).await;
    world.invoices(&neighbour, &rows).await;
    world.approve_all(&kauri).await;
    world.approve_all(&neighbour).await;
    world.invoices(&kauri, &[old("INV-5", "Proposed Ltd")]).await;
    world.at_local(&kauri, day("2026-07-06"), 9).await;
    let held = case_of(&world, &kauri, "INV-2").await;
    hold(&world.env, &kauri.viewer, held, HoldReason::Paused, day("2026-12-01"), "", None).await.unwrap();
    for (number, status) in [("INV-3", CaseStatus::AwaitingHandover), ("INV-4", CaseStatus::HandedOver)] {
        let case = case_of(&world, &kauri, number).await;
        let mut row = world.case(&kauri, case).await.into_active_model();
        (row.status, row.next_action_at) = (Set(status), Set(None));
        row.update(&world.env.db).await.unwrap();
    }
    assert_eq!(world.postbox.count(), 4, "the neighbour's; the creditor's own wait for a yes");
    assert_eq!(warn_of_limitation(&world.env).await.unwrap(), 4);
    assert_eq!(warn_of_limitation(&world.env).await.unwrap(), 0, "once");
    for number in ["INV-1", "INV-2", "INV-3", "INV-4"] {
        let case = case_of(&world, &kauri, number).await;
        assert_eq!(warned(&world, &kauri, case).await, ["2026-09-30"], "{number}");
    }
    let proposed = case_of(&world, &kauri, "INV-5").await;
    assert_eq!(warned(&world, &kauri, proposed).await, [""; 0]);
    assert!(world.cases(&neighbour).await.iter().all(|case| case.limitation_warned_at.is_none()), "no period is on file there");
    world.at_local(&kauri, day("2026-10-01"), 9).await;
    assert_eq!(warn_of_limitation(&world.env).await.unwrap(), 0, "nor when it is over");
});

testdb::on_both!(each_last_day_of_a_case_is_warned_of_once, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    to(&world, &kauri, "NO").await;
    world.settings(&kauri, TenantChanges { case_grouping: Some(entity::CaseGrouping::PerDebtor), ..TenantChanges::default() }).await;
    world.invoices(&kauri, &[due("INV-1", "Aroha Ltd", "2023-09-30"), due("INV-2", "Aroha Ltd", "2023-10-20")]).await;
    let case = world.approve_all(&kauri).await[0];
    for _ in 0..30 {
        world.days(&kauri, 1).await;
        warn_of_limitation(&world.env).await.unwrap();
    }
    assert_eq!(warned(&world, &kauri, case).await, ["2026-09-30", "2026-10-20"], "on the 6th and the 22nd of July");
    world.payments(&kauri, &[Payment::new("INV-1", "P1", "120.00")]).await;
    assert_eq!(warn_of_limitation(&world.env).await.unwrap(), 0);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(the_period_is_that_of_the_debtors_region_by_its_town, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor_in("Australia/Sydney").await;
    to(&world, &kauri, "AU").await;
    let of = |number, debtor, town: &str, country: &str| Invoice {
        street: "1 George Street".into(),
        town: town.into(),
        country: country.into(),
        ..due(number, debtor, "2023-09-01")
    };
    // Three years in the Northern Territory, six elsewhere; a town of that name in another country is none of its towns.
    let rows = [of("INV-1", "North Ltd", "Darwin", "AU"), of("INV-2", "South Ltd", "Sydney", "AU"), of("INV-3", "Far Ltd", "Darwin", "NZ")];
    world.invoices(&kauri, &rows).await;
    world.approve_all(&kauri).await;
    assert_eq!(warn_of_limitation(&world.env).await.unwrap(), 1);
    assert_eq!(warned(&world, &kauri, case_of(&world, &kauri, "INV-1").await).await, ["2026-09-01"]);
    world.at_local(&kauri, day("2026-09-01"), 9).await;
    let reason = |row: entity::collection_case::Model| row.postponed_because;
    world.days(&kauri, 15).await;
    let (north, south) = (case_of(&world, &kauri, "INV-1").await, case_of(&world, &kauri, "INV-2").await);
    assert_eq!(reason(world.case(&kauri, north).await).as_deref(), Some("TIME_BARRED"));
    assert_ne!(reason(world.case(&kauri, south).await).as_deref(), Some("TIME_BARRED"));
});
