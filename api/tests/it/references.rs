//! A case by what its payer quoted.

use domain::{
    letter::aid::{ReferenceStyle, kid::Check, quoted},
    tenant::{self, BankDetails, TenantChanges},
};
use entity::{Scoped, invoice};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

use crate::world::{Creditor, World, migrate};

async fn look_up(world: &World, of: &Creditor, reference: &str) -> Value {
    let document = "query($reference: String!) { caseByReference(reference: $reference) { outcome case { number } } }";
    let answer = world.ask_with(Some(&of.reader), document, json!({ "reference": reference })).await;
    if answer.get("errors").is_some() {
        return answer["errors"][0]["extensions"]["code"].clone();
    }
    let found = &answer["data"]["caseByReference"];
    json!([found["outcome"], found["case"]["number"]])
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

    for bad in ["", "  ", "a\u{0}b", &"1".repeat(141)] {
        assert_eq!(look_up(&world, &of, bad).await, json!("INVALID"), "{bad:?}");
    }
});
