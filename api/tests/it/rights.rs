//! Which role may do what: every mutation, every role.

use std::collections::BTreeSet;

use serde_json::json;
use testdb::on_both;

use crate::{
    catalogue::{OPEN, all_fields, entries, everything, unknown},
    world::{World, codes, migrate},
};

on_both!(the_catalogue_of_these_tests_has_every_mutation, with("api", migrate), |db| async move {
    let world = World::new(db).await;
    let listed: BTreeSet<String> = entries(&unknown()).iter().map(|e| e.field).chain(OPEN).map(str::to_owned).collect();
    let there: BTreeSet<String> = all_fields(&world).await.into_iter().collect();
    assert_eq!(listed, there);
});

on_both!(a_mutation_needs_a_viewer, with("api", migrate), |db| async move {
    let world = World::new(db).await;
    let revoke = "sessionRevoke { userErrors { code } }".to_owned();
    for mutation in entries(&unknown()).into_iter().map(|e| e.mutation).chain([revoke]) {
        let answer = world.ask(None, &format!("mutation {{ {mutation} }}")).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], json!("UNAUTHENTICATED"), "{mutation}\n{answer}");
    }
});

on_both!(a_role_without_the_right_is_refused_and_changes_nothing, with("api", migrate), |db| async move {
    let world = World::new(db).await;
    let creditor = world.creditor("Kauri").await;
    let ids = everything(&world, &creditor).await;
    let before = world.snapshot(&creditor).await;
    let mut refused = 0;
    for viewer in [creditor.reader, creditor.accountant] {
        for entry in entries(&ids).into_iter().filter(|entry| !viewer.may(entry.needs)) {
            let answer = world.change(&viewer, &entry.mutation).await;
            assert_eq!(codes(&answer), ["FORBIDDEN"], "{:?}: {}", viewer.role, entry.mutation);
            refused += 1;
        }
    }
    assert_eq!(world.snapshot(&creditor).await, before);
    let all = entries(&ids).len();
    assert!(refused > all, "readers are refused all {all} and accountants the settings: {refused}");
});

on_both!(a_role_with_the_right_is_never_told_that_it_has_none, with("api", migrate), |db| async move {
    let world = World::demo(db).await;
    let creditor = world.creditor("Kauri").await;
    for viewer in [creditor.accountant, creditor.owner] {
        for entry in entries(&unknown()).into_iter().filter(|entry| viewer.may(entry.needs)) {
            let answer = world.change(&viewer, &entry.mutation).await;
            assert!(!codes(&answer).contains(&"FORBIDDEN"), "{:?}: {}\n{answer}", viewer.role, entry.mutation);
        }
    }
});
