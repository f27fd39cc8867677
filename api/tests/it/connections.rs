//! Lists: pages forward and backward, cursors that are only good for their list, counts and sums.

use serde_json::{Value, json};

use crate::world::{Creditor, World, migrate};

const NUMBERS: [&str; 7] = ["A-1", "A-2", "A-3", "A-4", "A-5", "A-6", "A-7"];

/// The numbers of a page of cases, and the whole connection.
async fn page(world: &World, of: &Creditor, arguments: &str) -> (Vec<String>, Value) {
    let document = format!(
        "{{ cases({arguments}) {{ nodes {{ number }} edges {{ cursor node {{ number }} }}
           pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} totalCount {{ value exact }} totals {{ amount currency }} }} }}"
    );
    let answer = world.ask(Some(&of.owner), &document).await;
    assert!(answer.get("errors").is_none(), "{arguments}\n{answer}");
    let cases = answer["data"]["cases"].clone();
    let numbers = cases["nodes"].as_array().unwrap().iter().map(|node| node["number"].as_str().unwrap().to_owned()).collect();
    (numbers, cases)
}

async fn refused(world: &World, of: &Creditor, arguments: &str) -> Value {
    let answer = world.ask(Some(&of.owner), &format!("{{ cases({arguments}) {{ nodes {{ id }} }} }}")).await;
    answer["errors"][0]["extensions"]["code"].clone()
}

/// Everything, two at a time, from one end or the other.
async fn walk(world: &World, of: &Creditor, order: &str, backward: bool) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let place = if cursor.is_null() { String::new() } else { format!("{}: {cursor}", if backward { "before" } else { "after" }) };
        let arguments = format!("{}: 2 {place} orderBy: {order}", if backward { "last" } else { "first" });
        let (mut numbers, cases) = page(world, of, &arguments).await;
        if backward {
            numbers.extend(found);
            found = numbers;
        } else {
            found.extend(numbers);
        }
        let info = &cases["pageInfo"];
        let (more, next) = if backward { ("hasPreviousPage", "startCursor") } else { ("hasNextPage", "endCursor") };
        if info[more] != json!(true) {
            return found;
        }
        cursor = info[next].clone();
        assert!(found.len() <= NUMBERS.len(), "pages never end: {found:?}");
    }
}

testdb::on_both!(every_order_is_walked_completely_from_both_ends, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    let ids = world.proposals(&of, &NUMBERS).await;
    // Some have a next action, some have none.
    domain::case::approve(&world.env, &of.owner, &domain::case::Selection::Ids(ids[..4].to_vec())).await.unwrap();
    for field in ["OPENED_AT", "UPDATED_AT", "NEXT_ACTION_AT", "OUTSTANDING", "NUMBER"] {
        for direction in ["ASC", "DESC"] {
            let order = format!("{{field: {field}, direction: {direction}}}");
            let (all, _) = page(&world, &of, &format!("first: 100 orderBy: {order}")).await;
            assert_eq!(all.len(), NUMBERS.len(), "{order}");
            assert_eq!(walk(&world, &of, &order, false).await, all, "forward {order}");
            assert_eq!(walk(&world, &of, &order, true).await, all, "backward {order}");
        }
    }
    let (asc, _) = page(&world, &of, "orderBy: {field: NUMBER, direction: ASC}").await;
    assert!(asc.is_sorted(), "{asc:?}");
    let (by_action, _) = page(&world, &of, "orderBy: {field: NEXT_ACTION_AT, direction: DESC}").await;
    let waiting: Vec<String> = asc[..4].to_vec();
    assert!(by_action[..4].iter().all(|number| waiting.contains(number)), "cases without a next action come last: {by_action:?}");
});

testdb::on_both!(invoices_and_debtors_are_walked_by_days_and_texts, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    world.proposals(&of, &NUMBERS).await;
    for list in [
        "invoices(first: 2 orderBy: {field: DUE_ON} AFTER)",
        "invoices(first: 2 orderBy: {field: NUMBER, direction: ASC} AFTER)",
        "debtors(first: 2 AFTER)",
    ] {
        let mut seen = Vec::new();
        let mut after = String::new();
        for _ in 0..4 {
            let document =
                format!("{{ list: {} {{ nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}", list.replace("AFTER", &after));
            let answer = world.ask(Some(&of.owner), &document).await;
            assert!(answer.get("errors").is_none(), "{document}\n{answer}");
            let page = &answer["data"]["list"];
            seen.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap().to_owned()));
            after = format!("after: {}", page["pageInfo"]["endCursor"]);
            assert_eq!(page["pageInfo"]["hasNextPage"], json!(seen.len() < 7), "{list}");
        }
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!((count, seen.len()), (7, 7), "{list}");
    }
});

testdb::on_both!(counts_and_sums_are_of_all_pages_and_of_the_tenant_alone, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (of, other) = (world.creditor("Kiwi").await, world.creditor("Weka").await);
    world.proposals(&of, &NUMBERS).await;
    world.proposals(&other, &["B-1", "B-2"]).await;
    let (_, cases) = page(&world, &of, "first: 2").await;
    assert_eq!(cases["totalCount"], json!({"value": 7, "exact": true}));
    assert_eq!(cases["totals"], json!([{"amount": "840.00", "currency": "NZD"}]));
    let (_, none) = page(&world, &of, "where: {status: [CLOSED]}").await;
    assert_eq!((none["totalCount"]["value"].clone(), none["totals"].clone()), (json!(0), json!([])));
    let (none, _) = page(&world, &of, "first: 0").await;
    assert!(none.is_empty());
});

testdb::on_both!(a_cursor_is_refused_when_changed_or_of_another_list_order_or_tenant, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (of, other) = (world.creditor("Kiwi").await, world.creditor("Weka").await);
    world.proposals(&of, &NUMBERS).await;
    let (_, cases) = page(&world, &of, "first: 1").await;
    let cursor = cases["pageInfo"]["endCursor"].as_str().unwrap();
    assert_eq!(page(&world, &of, &format!("after: \"{cursor}\"")).await.0.len(), 6, "the cursor is good where it was made");
    let mut changed = cursor.to_owned().into_bytes();
    let last = changed.last_mut().unwrap();
    *last = if *last == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    for (arguments, viewer) in [
        (format!("after: \"{changed}\""), &of),
        (format!("before: \"{changed}\""), &of),
        ("after: \"\"".to_owned(), &of),
        ("after: \"D000001\"".to_owned(), &of),
        (format!("after: \"{cursor}\" orderBy: {{field: NUMBER}}"), &of),
        (format!("after: \"{cursor}\" orderBy: {{field: OPENED_AT, direction: ASC}}"), &of),
        (format!("after: \"{cursor}\""), &other),
    ] {
        assert_eq!(refused(&world, viewer, &arguments).await, json!("BAD_USER_INPUT"), "{arguments}");
    }
    let answer = world.ask(Some(&of.owner), &format!("{{ invoices(after: \"{cursor}\") {{ nodes {{ id }} }} }}")).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
});

testdb::on_both!(odd_pages_are_refused, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    for arguments in ["first: 101", "last: 101", "first: -1", "last: -1", "first: 2147483647", "first: 1 last: 1"] {
        assert_eq!(refused(&world, &of, arguments).await, json!("BAD_USER_INPUT"), "{arguments}");
    }
});

testdb::on_both!(lists_inside_lists_have_their_own_pages, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    world.active(&of, "A-1").await;
    world.active(&of, "A-2").await;
    let all = timeline(&world, &of, "first: 100").await;
    assert!(all.iter().all(|case| case["nodes"].as_array().unwrap().len() >= 4), "{all:?}");
    for (index, whole) in all.iter().enumerate() {
        let ids = |page: &Value| page["nodes"].as_array().unwrap().iter().map(|n| n["id"].clone()).collect::<Vec<_>>();
        let whole_ids = ids(whole);
        let first = &timeline(&world, &of, "first: 3").await[index];
        assert_eq!((ids(first), &first["pageInfo"]["hasNextPage"]), (whole_ids[..3].to_vec(), &json!(true)));
        let rest = &timeline(&world, &of, &format!("first: 100 after: {}", first["pageInfo"]["endCursor"])).await[index];
        assert_eq!(ids(rest), whole_ids[3..].to_vec());
        let last = &timeline(&world, &of, "last: 2").await[index];
        assert_eq!((ids(last), &last["pageInfo"]["hasPreviousPage"]), (whole_ids[whole_ids.len() - 2..].to_vec(), &json!(true)));
        assert_eq!(whole["totalCount"]["value"], json!(whole_ids.len()));
    }
});

async fn timeline(world: &World, of: &Creditor, arguments: &str) -> Vec<Value> {
    let document = format!(
        "{{ cases(orderBy: {{field: NUMBER, direction: ASC}}) {{ nodes {{ timeline({arguments}) {{
           nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage endCursor }} totalCount {{ value }} }} }} }} }}"
    );
    let answer = world.ask(Some(&of.owner), &document).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"]["cases"]["nodes"].as_array().unwrap().iter().map(|case| case["timeline"].clone()).collect()
}
