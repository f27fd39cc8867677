//! A neighbour's id answers exactly like an unknown one, in every argument that takes an id.

use api::graphql::id::encode;
use testdb::on_both;

use crate::{
    catalogue::{entries, everything, unknown},
    world::{World, codes, migrate},
};

on_both!(a_neighbours_id_answers_like_an_unknown_one, with("api", migrate), |db| async move {
    let world = World::new(db).await;
    let (ours, theirs) = (world.creditor("Kauri").await, world.creditor("Rimu").await);
    let their_ids = everything(&world, &theirs).await;
    let before = (world.snapshot(&ours).await, world.snapshot(&theirs).await);
    for (unknown, neighbour) in entries(&unknown()).into_iter().zip(entries(&their_ids)).filter(|(entry, _)| entry.names_ids) {
        let expected = world.change(&ours.owner, &unknown.mutation).await;
        let answer = world.change(&ours.owner, &neighbour.mutation).await;
        assert_eq!(answer, expected, "{}", neighbour.mutation);
        assert_eq!(codes(&answer), ["NOT_FOUND"], "{}", neighbour.mutation);
    }
    assert_eq!((world.snapshot(&ours).await, world.snapshot(&theirs).await), before);
});

on_both!(a_neighbours_file_and_debtor_are_not_found_behind_ones_own, with("api", migrate), |db| async move {
    let world = World::new(db).await;
    let (ours, theirs) = (world.creditor("Kauri").await, world.creditor("Rimu").await);
    let (their_ids, nobodys) = (everything(&world, &theirs).await, unknown());
    let own = encode(ours.integration).0;
    for (upload, debtor) in [(&their_ids.upload, &their_ids.debtor), (&nobodys.upload, &nobodys.debtor)] {
        let import =
            format!("importStart(integrationId: \"{own}\", uploadId: \"{upload}\") @idempotent(key: \"k\") {{ userErrors {{ code }} }}");
        assert_eq!(codes(&world.change(&ours.owner, &import).await), ["NOT_FOUND"]);
        let matching = format!(
            "casesApprove(selection: {{ matching: {{ debtorId: \"{debtor}\", expectedCount: 1, expectedTotals: [] }} }}) @idempotent(key: \"k\") {{ userErrors {{ code }} }}"
        );
        assert_eq!(codes(&world.change(&ours.owner, &matching).await), ["SELECTION_CHANGED"]);
    }
});

on_both!(an_id_of_another_kind_or_spelling_is_invalid, with("api", migrate), |db| async move {
    let world = World::new(db).await;
    let creditor = world.creditor("Kauri").await;
    let case = encode(world.active(&creditor, "INV-1").await).0;
    let letter = case.replace("case_", "let_");
    for bad in [case.to_uppercase(), format!("{case}A"), format!("{case}="), letter, creditor.tenant.to_string(), String::new()] {
        let answer = world.change(&creditor.owner, &format!("caseResume(id: \"{bad}\") {{ userErrors {{ code field }} }}")).await;
        assert_eq!(codes(&answer), ["INVALID"], "{bad}");
        assert_eq!(answer["userErrors"][0]["field"], serde_json::json!(["id"]));
    }
});
