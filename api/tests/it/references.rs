//! A case by what its payer quoted.

use domain::{
    letter::aid::{ReferenceStyle, kid::Check, quoted},
    tenant::{self, BankDetails, TenantChanges},
};
use entity::{CaseId, Scoped, invoice};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

use crate::world::{Creditor, World, migrate};

async fn look_up(world: &World, of: &Creditor, reference: &str) -> Value {
    let document =
        "query($reference: String!) { caseByReference(reference: $reference) { outcome case { number } candidates { number } } }";
    let answer = world.ask_with(Some(&of.reader), document, json!({ "reference": reference })).await;
    if answer.get("errors").is_some() {
        return answer["errors"][0]["extensions"]["code"].clone();
    }
    let found = &answer["data"]["caseByReference"];
    let candidates = found["candidates"].as_array().unwrap().iter().map(|case| case["number"].clone());
    [found["outcome"].clone(), found["case"]["number"].clone()].into_iter().chain(candidates).collect()
}

async fn read_by(world: &World, of: &Creditor, reference: ReferenceStyle) {
    let bank =
        BankDetails { account_name: "Kiwi".into(), local_account: Some("12-3456-7890123-00".into()), reference, ..BankDetails::default() };
    tenant::update(&world.env, &of.owner, &TenantChanges { bank: Some(bank), ..TenantChanges::default() }).await.unwrap();
}

testdb::on_both!(a_case_is_found_by_what_its_payer_quoted, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (of, neighbour) = (world.creditor("Kiwi").await, world.creditor("Moa").await);
    world.proposals(&of, &["A-1", "A-2"]).await;
    let found = |number: &str| json!(["FOUND", number]);
    let kid = ReferenceStyle::Kid { length: 8, check: Check::Mod10 };
    let rf = quoted(2, ReferenceStyle::CreditorReference, None);

    for style in [ReferenceStyle::CaseNumber, ReferenceStyle::CreditorReference, kid] {
        read_by(&world, &of, style).await;
        for text in [&rf, &rf.to_lowercase(), &format!("{} {}", &rf[..4], &rf[4..]), "D000002", " d 2 ", &quoted(2, style, None)] {
            assert_eq!(look_up(&world, &of, text).await, found("D000002"), "{text}");
            assert_eq!(look_up(&world, &neighbour, text).await, json!(["NOT_FOUND", null]), "{text}");
        }
        let wrong = format!("{}9", &rf[..rf.len() - 1]);
        assert_eq!(look_up(&world, &of, &wrong).await, json!(["BAD_CHECK_DIGITS", null]));
        assert_eq!(look_up(&world, &of, "RF18 5390 0754 7034").await, json!(["NOT_FOUND", null]), "somebody else's");
        assert_eq!(look_up(&world, &of, "D000003").await, json!(["NOT_FOUND", null]));
    }
    // The last digit of a KID is wrong; with another style it is any number.
    let right = quoted(2, kid, None);
    let wrong = format!("{}{}", &right[..7], if right.ends_with('0') { '1' } else { '0' });
    assert_eq!(look_up(&world, &of, &wrong).await, json!(["BAD_CHECK_DIGITS", null]));
    read_by(&world, &of, ReferenceStyle::CaseNumber).await;
    assert_eq!(look_up(&world, &of, &wrong).await, json!(["NOT_FOUND", null]));

    // The reference that an invoice has in the books is its own, whatever its digits.
    let invoices = invoice::Entity::of(of.tenant).filter(invoice::Column::CaseId.eq(world.cases(&of).await[0].id));
    let mut row = invoices.one(&world.env.db).await.unwrap().unwrap().into_active_model();
    row.payment_reference = Set(Some(wrong.clone()));
    row.update(&world.env.db).await.unwrap();
    assert_eq!(look_up(&world, &of, &format!("{} {}", &wrong[..3], &wrong[3..])).await, found("D000001"));
    assert_eq!(look_up(&world, &neighbour, &wrong).await, json!(["NOT_FOUND", null]));

    // Neither is guessed where one text names two things: a case and an invoice of somebody else, in a case or in none.
    read_by(&world, &of, kid).await;
    let cases = world.cases(&of).await;
    let first = invoice::Entity::of(of.tenant).filter(invoice::Column::CaseId.eq(cases[0].id)).one(&world.env.db).await.unwrap().unwrap();
    let put = async |reference: &str, case: Option<CaseId>| {
        let row = invoice::ActiveModel { payment_reference: Set(Some(reference.to_owned())), case_id: Set(case), ..first.clone().into() };
        row.reset_all().update(&world.env.db).await.unwrap();
    };
    put(&right, Some(cases[0].id)).await;
    assert_eq!(look_up(&world, &of, &right).await, json!(["AMBIGUOUS", null, "D000001", "D000002"]));
    put(&right, None).await;
    assert_eq!(look_up(&world, &of, &right).await, json!(["AMBIGUOUS", null, "D000002"]));
    assert_eq!(look_up(&world, &neighbour, &right).await, json!(["NOT_FOUND", null]));
    // What only an invoice in no case has names no case, even where its digits do not check.
    put(&wrong, None).await;
    assert_eq!(look_up(&world, &of, &wrong).await, json!(["NOT_FOUND", null]));
    assert_eq!(look_up(&world, &of, &right).await, found("D000002"));
    // One text of two debtors' invoices; of one debtor's invoices it is enough that one is in a case.
    let second = invoice::Entity::of(of.tenant).filter(invoice::Column::CaseId.eq(cases[1].id)).one(&world.env.db).await.unwrap().unwrap();
    let (case, debtor) = (second.case_id, second.debtor_id);
    let mut row = second.into_active_model();
    row.payment_reference = Set(Some(wrong.clone()));
    row.update(&world.env.db).await.unwrap();
    assert_eq!(look_up(&world, &of, &wrong).await, json!(["AMBIGUOUS", null, "D000002"]));
    put(&wrong, Some(cases[0].id)).await;
    assert_eq!(look_up(&world, &of, &wrong).await, json!(["AMBIGUOUS", null, "D000001", "D000002"]));
    put(&wrong, case).await;
    assert_ne!(first.debtor_id, debtor);
    assert_eq!(look_up(&world, &of, &wrong).await, json!(["AMBIGUOUS", null, "D000002"]), "two debtors");
    let row = invoice::ActiveModel {
        debtor_id: Set(debtor),
        payment_reference: Set(Some(wrong.clone())),
        case_id: Set(None),
        ..first.clone().into()
    };
    row.reset_all().update(&world.env.db).await.unwrap();
    assert_eq!(look_up(&world, &of, &wrong).await, found("D000002"));

    for bad in ["", "  ", "a\u{0}b", &"1".repeat(141)] {
        assert_eq!(look_up(&world, &of, bad).await, json!("INVALID"), "{bad:?}");
    }
});

testdb::on_both!(a_search_finds_a_case_by_what_its_payer_quoted, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (of, neighbour) = (world.creditor("Kiwi").await, world.creditor("Moa").await);
    world.proposals(&of, &["A-1", "A-2"]).await;
    let search = async |by: &Creditor, text: &str| {
        let document = "query($text: String!) { cases(search: $text) { nodes { number } totalCount { count } } }";
        let answer = world.ask_with(Some(&by.reader), document, json!({ "text": text })).await;
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"]["cases"]["nodes"].as_array().unwrap().iter().map(|case| case["number"].clone()).collect::<Vec<_>>()
    };
    let kid = ReferenceStyle::Kid { length: 8, check: Check::Mod10 };
    let rf = quoted(2, ReferenceStyle::CreditorReference, None);
    read_by(&world, &of, kid).await;
    for text in [&rf, &format!(" {} {} ", &rf[..4], &rf[4..]), &quoted(2, kid, None)] {
        assert_eq!(search(&of, text).await, [json!("D000002")], "{text}");
        assert_eq!(search(&neighbour, text).await, [] as [Value; 0], "{text}");
    }
    let wrong = format!("{}9", &rf[..rf.len() - 1]);
    assert_eq!(search(&of, &wrong).await, [] as [Value; 0], "wrong check digits");
    // The reference that an invoice has in the books.
    let case = world.cases(&of).await[0].id;
    let invoice = invoice::Entity::of(of.tenant).filter(invoice::Column::CaseId.eq(case)).one(&world.env.db).await.unwrap().unwrap();
    let mut row = invoice.into_active_model();
    row.payment_reference = Set(Some("Z-9".to_owned()));
    row.update(&world.env.db).await.unwrap();
    let number = world.cases(&of).await[0].number;
    assert_eq!(search(&of, "Z-9").await, [json!(format!("D{number:06}"))]);
    assert_eq!(search(&neighbour, "Z-9").await, [] as [Value; 0]);
    assert_eq!(search(&of, &"x".repeat(150)).await, [] as [Value; 0], "longer than any reference");
});
