//! The evidence of a case: whole, the same whenever it is asked for, and nobody else's.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    RefusalCode,
    digest::sha256_hex,
    evidence::{Bundle, bundle},
    letter,
};
use entity::{Role, Scoped, letter_document};
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};

use super::{
    charges::{GERMANY, JANUARY, creditor, german, statutory},
    grouped::{lead_and_follower, opening, two},
};
use crate::{
    invariants,
    postbox::QuickRenderer,
    sheet::{Invoice, Payment},
    world::{Creditor, World, code, day, migrate},
};

fn files(bundle: &Bundle) -> BTreeMap<&str, &[u8]> {
    bundle.files.iter().map(|file| (file.path.as_str(), file.bytes.as_slice())).collect()
}

fn json(bundle: &Bundle, path: &str) -> Value {
    serde_json::from_slice(files(bundle)[path]).unwrap()
}

/// A case with a letter that was sent and drawn, and a part payment.
async fn lived(world: &World) -> (Creditor, entity::CaseId) {
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    world.at_local(&kauri, day("2026-07-06"), 10).await;
    let sent = world.letters(&kauri).await.remove(0);
    letter::document(&world.env, kauri.tenant(), sent.id).await.unwrap();
    world.payments(&kauri, &[Payment::new("INV-1", "P1", "20.00")]).await;
    (kauri, case)
}

testdb::on_both!(the_evidence_holds_all_that_happened_with_hashes, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = lived(&world).await;
    let evidence = bundle(&world.env, &kauri.as_role(Role::Viewer), case).await.unwrap();
    let found = files(&evidence);
    let manifest = json(&evidence, "manifest.json");
    let listed = manifest["files"].as_array().unwrap();
    assert_eq!(listed.len() + 1, found.len());
    for entry in listed {
        let bytes = found[entry["path"].as_str().unwrap()];
        assert_eq!(
            (entry["bytes"].as_u64(), entry["sha256"].as_str()),
            (Some(bytes.len() as u64), Some(sha256_hex(bytes).as_str())),
            "{entry}"
        );
    }
    let events: Vec<String> = world.events(&kauri).await.into_iter().filter(|event| event.case_id == Some(case)).map(|e| e.kind).collect();
    let timeline = json(&evidence, "timeline.json");
    let told: Vec<_> = timeline.as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap().to_owned()).collect();
    assert_eq!(told, events);
    let table = std::str::from_utf8(found["timeline.csv"]).unwrap();
    assert_eq!(table.matches("\r\n").count(), events.len() + 1);
    let letters = json(&evidence, "letters.json");
    let (row, told) = (world.letters(&kauri).await.remove(0), &letters[0]);
    let pdf = found[told["file"].as_str().unwrap()];
    assert_eq!((told["sha256"].as_str(), Some(sha256_hex(pdf))), (row.pdf_sha256.as_deref(), row.pdf_sha256.clone()));
    assert_eq!(told["facts"], row.facts);
    let deliveries = json(&evidence, "deliveries.json");
    assert_eq!(deliveries[0]["attempts"].as_array().unwrap().len(), 1);
    assert_eq!(deliveries[0]["recipient"], world.deliveries(&kauri).await[0].recipient);
    assert_eq!(json(&evidence, "claim.json")["outstandingMinor"], 10_000);
    assert_eq!(json(&evidence, "payments.json")["onInvoices"][0]["amountMinor"], 2_000);
    assert_eq!(json(&evidence, "case.json")["reference"], evidence.reference);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(the_same_state_gives_the_same_evidence_and_asking_changes_nothing, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = lived(&world).await;
    let before = world.snapshot(&kauri).await;
    let first = bundle(&world.env, &kauri.viewer, case).await.unwrap();
    world.clock.set(world.env.now() + chrono::TimeDelta::hours(30));
    assert_eq!(bundle(&world.env, &kauri.as_role(Role::Viewer), case).await.unwrap(), first);
    assert_eq!(world.snapshot(&kauri).await, before);
    world.payments(&kauri, &[Payment::new("INV-1", "P2", "30.00")]).await;
    assert_ne!(bundle(&world.env, &kauri.viewer, case).await.unwrap(), first);
});

testdb::on_both!(the_evidence_shows_how_interest_was_reckoned_and_by_which_rules, with("product", migrate), |db| async move {
    let world = World::at(db, JANUARY, Arc::new(QuickRenderer)).await;
    let linde = creditor(&world, GERMANY, statutory()).await;
    world.invoices(&linde, &[german()]).await;
    let proposed = world.cases(&linde).await.remove(0);
    let early = bundle(&world.env, &linde.viewer, proposed.id).await.unwrap();
    assert_eq!(json(&early, "claim.json")["beside"], Value::Null, "nobody asked for it yet");
    let case = world.approve_all(&linde).await[0];
    world.at_local(&linde, day("2026-01-12"), 9).await;
    let evidence = bundle(&world.env, &linde.viewer, case).await.unwrap();
    let (claim, row) = (json(&evidence, "claim.json"), world.case(&linde, case).await);
    let beside = &claim["beside"];
    assert_eq!((&beside["figuresOn"], &beside["ruleRevision"]), (&json!("2026-01-12"), &json!("DE-2026-11")));
    assert_eq!((&beside["openMinor"], row.charges_minor), (&json!(45_18), 45_18));
    let invoice = &claim["invoices"][0]["id"];
    let interest = |amount: i64, first: &str, last: &str, days: i64| {
        json!({ "kind": "interest", "invoice": invoice, "invoiceNumber": claim["invoices"][0]["number"], "charge": null, "on": last, "amountMinor": amount, "calculation": {
            "principalMinor": 800_00, "percentAYear": "10.27", "first": first, "last": last, "days": days, "daysOfYear": 365 } })
    };
    let sum = json!({ "kind": "fixed_sum", "invoice": invoice, "invoiceNumber": claim["invoices"][0]["number"], "charge": claim["charges"][0]["id"], "on": "2026-01-12",
        "amountMinor": 40_00, "calculation": null });
    let expected = [interest(2_48, "2025-12-21", "2025-12-31", 11), interest(2_70, "2026-01-01", "2026-01-12", 12), sum];
    assert_eq!(beside["lines"], json!(expected));
    world.clock.set(world.env.now() + chrono::TimeDelta::hours(30));
    assert_eq!(bundle(&world.env, &linde.viewer, case).await.unwrap(), evidence, "days that nobody reckoned yet change nothing");
    invariants::hold(&world, &[linde]).await;
});

testdb::on_both!(the_evidence_of_a_case_within_anothers_letter_shows_that_it_left, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, cases) = two(&world).await;
    opening(&world, &kauri).await;
    let (lead, follower) = lead_and_follower(&world, &kauri).await;
    let evidence = bundle(&world.env, &kauri.viewer, follower.case_id).await.unwrap();
    let (letters, deliveries) = (json(&evidence, "letters.json"), json(&evidence, "deliveries.json"));
    let sent = world.deliveries(&kauri).await;
    let told: Vec<_> = deliveries.as_array().unwrap().iter().map(|row| (row["id"].clone(), row["letter"].clone())).collect();
    assert_eq!(told, sent.iter().map(|row| (json!(row.id), json!(lead.id))).collect::<Vec<_>>());
    assert_eq!(letters[0]["withinLetter"], deliveries[0]["letter"]);
    assert_eq!(deliveries[0]["attempts"].as_array().unwrap().len(), 1);
    let of_lead = bundle(&world.env, &kauri.viewer, lead.case_id).await.unwrap();
    assert_eq!(json(&of_lead, "deliveries.json"), deliveries, "each of {cases:?} once");
});

testdb::on_both!(evidence_is_of_one_case_of_one_creditor, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = lived(&world).await;
    let rimu = world.creditor().await;
    assert_eq!(code(bundle(&world.env, &rimu.viewer, case).await), RefusalCode::NotFound);
    assert_eq!(code(bundle(&world.env, &kauri.viewer, world.env.new_id()).await), RefusalCode::NotFound);
    world.invoices(&kauri, &[Invoice::new("INV-2").debtor("Bea Ltd")]).await;
    let other = world.cases(&kauri).await.into_iter().find(|row| row.id != case).unwrap();
    let evidence = bundle(&world.env, &kauri.viewer, other.id).await.unwrap();
    for file in &evidence.files {
        let text = String::from_utf8_lossy(&file.bytes);
        assert!(!text.contains("INV-1") && !text.contains("Aroha"), "{} tells of the other case", file.path);
    }
});

testdb::on_both!(a_letter_that_was_tampered_with_makes_no_evidence, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = lived(&world).await;
    let id = world.letters(&kauri).await[0].id;
    letter_document::Entity::update_of(kauri.tenant())
        .filter(letter_document::Column::LetterId.eq(id))
        .col_expr(letter_document::Column::Pdf, Expr::value(b"%PDF other".to_vec()))
        .exec(&world.env.db)
        .await
        .unwrap();
    let refused = bundle(&world.env, &kauri.viewer, case).await.unwrap_err();
    assert!(matches!(refused, domain::Error::Bug(_)), "{refused}");
});
