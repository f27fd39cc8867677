//! What one request may ask for: lists that are longer than they need be, sums beyond all amounts, dry runs by the dozen, and
//! whose limits count behind a proxy.

use api::{auth::sign_in::MAX_PER_PERSON_AND_PEER, graphql::id::encode};
use entity::{Scoped, event};
use serde_json::{Value, json};
use testdb::on_both;

use crate::{
    server::{Server, json_of},
    world::{World, codes, migrate},
};

/// Far more than a statement binds, on either database.
const MANY: usize = 100_000;

fn often(values: &[&str]) -> Value {
    values.iter().cycle().take(MANY).copied().collect()
}

on_both!(a_filter_that_names_its_values_over_and_over_means_them_once, with("api", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor("Kauri").await;
    world.active(&kauri, "INV-1").await;
    for (list, of, values) in [
        ("cases(where: { status: $v })", "CaseStatus", ["PROPOSED", "ACTIVE"]),
        ("invoices(where: { status: $v })", "InvoiceStatus", ["OVERDUE", "IN_COLLECTION"]),
        ("letters(status: $v)", "LetterStatus", ["SCHEDULED", "SENT"]),
        ("deliveries(status: $v)", "DeliveryStatus", ["SENT", "FAILED"]),
        ("consentQueue(where: { kind: $v })", "LetterKind", ["REMINDER", "FINAL_DEMAND"]),
        ("suppressions(channel: $v)", "Channel", ["EMAIL", "SMS"]),
        ("printBatches(status: $v)", "PrintBatchStatus", ["OPEN", "POSTED"]),
        ("handovers(status: $v)", "HandoverStatus", ["ACCEPTED", "REJECTED"]),
        ("tasks(where: { status: $v })", "TaskStatus", ["OPEN", "DONE"]),
    ] {
        let document = format!("query ($v: [{of}!]) {{ list: {list} {{ totalCount {{ value }} nodes {{ id }} }} }}");
        let once = world.ask_with(Some(&kauri.owner), &document, json!({ "v": values })).await;
        assert!(once.get("errors").is_none(), "{list}: {once}");
        let over_and_over = world.ask_with(Some(&kauri.owner), &document, json!({ "v": often(&values) })).await;
        assert_eq!(over_and_over, once, "{list}");
    }
});

on_both!(totals_beyond_all_amounts_are_totals_that_changed, with("api", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor("Kauri").await;
    world.proposals(&kauri, &["INV-1"]).await;
    let document = "mutation ($t: [MoneyInput!]!) { casesApprove(selection: { matching: { expectedCount: 1, expectedTotals: $t } })
        @idempotent(key: \"k\") { userErrors { code } } }";
    let most = json!({ "amount": "9999999999999.99", "currency": "NZD" });
    let totals: Value = std::iter::repeat_n(most, 10_000).collect();
    let answer = world.ask_with(Some(&kauri.owner), document, json!({ "t": totals })).await;
    assert_eq!(codes(&answer["data"]["casesApprove"]), ["SELECTION_CHANGED"], "{answer}");
});

on_both!(three_dry_runs_are_enough_for_one_operation, with("api", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor("Kauri").await;
    let runs = |count: i32| {
        let runs: Vec<String> = (0..count).map(|n| format!("r{n}: policySimulate(days: {}) {{ __typename }}", n + 1)).collect();
        format!("{{ {} }}", runs.join(" "))
    };
    assert!(world.ask(Some(&kauri.owner), &runs(3)).await.get("errors").is_none());
    let refused = world.ask(Some(&kauri.owner), &runs(4)).await;
    assert_eq!(refused["errors"][0]["message"], "Query is too complex.", "{refused}");
});

on_both!(events_are_found_by_their_ids_in_the_order_asked_and_within_their_tenant, with("api", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, rimu) = (world.creditor("Kauri").await, world.creditor("Rimu").await);
    let sequences = async |of: &crate::world::Creditor| {
        let rows = event::Entity::of(of.tenant).all(&world.env.db).await.unwrap();
        rows.into_iter().map(|row| encode(api::graphql::id::EventSequence(row.sequence)).0).collect::<Vec<String>>()
    };
    let (mine, theirs) = (sequences(&kauri).await, sequences(&rimu).await);
    let ids = [mine[1].as_str(), &theirs[0], &mine[0]];
    let answer = world.ask_with(Some(&kauri.owner), "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": ids })).await;
    assert_eq!(answer["data"]["nodes"], json!([{ "id": mine[1] }, null, { "id": mine[0] }]), "{answer}");
});

/// Guesses a password once, as if a proxy had passed it on.
async fn guess(server: &Server, forwarded_for: &str) -> Value {
    let document = "mutation { sessionCreate(email: \"aroha@kauri.example\", password: \"wrong\") { userErrors { code } } }";
    json_of(server.post(document).header("x-forwarded-for", forwarded_for).send().await.unwrap()).await["data"]["sessionCreate"].clone()
}

on_both!(behind_a_trusted_proxy_each_caller_has_limits_of_its_own, with("api", migrate), |db| async move {
    let mut world = World::new(db).await;
    world.settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let server = Server::start(world).await;
    for _ in 0..MAX_PER_PERSON_AND_PEER {
        assert_eq!(codes(&guess(&server, "198.51.100.1").await), ["BAD_CREDENTIALS"]);
    }
    assert_eq!(codes(&guess(&server, "198.51.100.1").await), ["RATE_LIMITED"]);
    assert_eq!(codes(&guess(&server, "203.0.113.7, 198.51.100.1").await), ["RATE_LIMITED"], "what a caller adds itself");
    assert_eq!(codes(&guess(&server, "198.51.100.2").await), ["BAD_CREDENTIALS"]);
});

on_both!(without_a_trusted_proxy_nobody_is_believed_to_be_another, with("api", migrate), |db| async move {
    let server = Server::start(World::new(db).await).await;
    for n in 0..MAX_PER_PERSON_AND_PEER {
        assert_eq!(codes(&guess(&server, &format!("198.51.100.{n}")).await), ["BAD_CREDENTIALS"]);
    }
    assert_eq!(codes(&guess(&server, "198.51.100.200").await), ["RATE_LIMITED"]);
});
