//! Files made of many things: a print batch with its list, the evidence of a case.

use std::io::{Cursor, Read};

use api::graphql::id::encode;
use chrono::TimeDelta;
use entity::{Channel, DeliveryStatus, Scoped, delivery, letter, membership};
use reqwest::StatusCode;
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};
use testdb::on_both;

use crate::{
    server::{Server, json_of},
    world::{Creditor, World, migrate},
};

/// A creditor whose only letter waits for a stamp.
async fn stage(db: testdb::TestDb) -> (Server, Creditor, entity::CaseId) {
    let world = World::new(db).await;
    let creditor = world.creditor("Kauri").await;
    let case = world.active(&creditor, "INV-1").await;
    delivery::Entity::update_of(creditor.tenant)
        .col_expr(delivery::Column::Channel, Expr::value(Channel::Post))
        .col_expr(delivery::Column::Status, Expr::value(DeliveryStatus::ReadyToPost))
        .exec(&world.env.db)
        .await
        .unwrap();
    (Server::start(world).await, creditor, case)
}

async fn get(server: &Server, url: &str) -> reqwest::Response {
    server.client.get(server.here(url)).send().await.unwrap()
}

on_both!(letters_are_printed_together_and_posted_over_the_api, with("api", migrate), |db| async move {
    let (server, of, _) = stage(db).await;
    let row = letter::Entity::of(of.tenant).one(&server.world.env.db).await.unwrap().unwrap();
    let letter = encode(row.id).0;
    let create = format!(
        "printBatchCreate(letterIds: [\"{letter}\"], duplex: true) {{ userErrors {{ code }} printBatch {{ id status duplex letterCount pages pdfUrl manifestUrl }} }}"
    );
    let made = World::done(&server.world.change(&of.accountant, &create).await)["printBatch"].clone();
    assert_eq!((&made["status"], &made["letterCount"], &made["pages"]), (&json!("OPEN"), &json!(1), &Value::Null));
    let pdf = get(&server, made["pdfUrl"].as_str().unwrap()).await;
    assert_eq!((pdf.status(), pdf.headers()["content-type"].to_str().unwrap()), (StatusCode::OK, "application/pdf"));
    assert_eq!(pdf.headers()["cache-control"], "private, no-store");
    assert!(pdf.bytes().await.unwrap().starts_with(b"%PDF"));
    let list = json_of(get(&server, made["manifestUrl"].as_str().unwrap()).await).await;
    let entry = &list["letters"][0];
    assert_eq!((&entry["letter"], &entry["firstPage"], &entry["pages"]), (&json!(letter), &json!(1), &json!(1)));
    assert_eq!((&list["batch"], &entry["status"]), (&made["id"], &json!("SENT")), "words as the API spells them");
    let id = made["id"].as_str().unwrap();
    let ask =
        format!("{{ printBatch(id: \"{id}\") {{ pages sha256 letters {{ firstPage reference letter {{ id }} }} createdBy {{ id }} }} }}");
    let asked = server.world.ask(Some(&of.reader), &ask).await["data"]["printBatch"].clone();
    assert_eq!((&asked["pages"], &asked["sha256"], &asked["letters"][0]["letter"]["id"]), (&json!(1), &list["sha256"], &json!(letter)));
    let post = format!(
        "printBatchMarkPosted(id: \"{id}\", postedOn: \"2026-07-06\") {{ userErrors {{ code }} printBatch {{ status postedOn }} leftOut {{ id }} }}"
    );
    let posted = server.world.change(&of.accountant, &post).await;
    let posted = World::done(&posted);
    assert_eq!((&posted["printBatch"]["status"], &posted["leftOut"]), (&json!("POSTED"), &json!([])));
    let open = server.world.ask(Some(&of.reader), "{ printBatches(status: [OPEN]) { totalCount { value } } }").await["data"].clone();
    assert_eq!(open["printBatches"]["totalCount"]["value"], json!(0));
});

on_both!(a_link_to_a_file_is_exact_ends_and_follows_the_member, with("api", migrate), |db| async move {
    let (server, of, case) = stage(db).await;
    let create = "printBatchCreate { userErrors { code } printBatch { pdfUrl manifestUrl } }";
    let made = World::done(&server.world.change(&of.accountant, create).await)["printBatch"].clone();
    let ask = format!("{{ case(id: \"{}\") {{ evidenceUrl }} }}", encode(case).as_str());
    let evidence = server.world.ask(Some(&of.accountant), &ask).await["data"]["case"]["evidenceUrl"].as_str().unwrap().to_owned();
    let urls = [made["pdfUrl"].as_str().unwrap(), made["manifestUrl"].as_str().unwrap(), &evidence];
    for (url, next) in urls.iter().zip([urls[1], urls[2], urls[0]]) {
        let crossed = format!("{}?{}", url.split_once('?').unwrap().0, next.split_once('?').unwrap().1);
        for wrong in [url.split_once('?').unwrap().0.to_owned(), crossed, url.replace("expires=1", "expires=2")] {
            assert_eq!(get(&server, &wrong).await.status(), StatusCode::FORBIDDEN, "{wrong}");
        }
        assert_eq!(get(&server, url).await.status(), StatusCode::OK, "{url}");
    }
    let gone = membership::Entity::delete_of(of.tenant).filter(membership::Column::UserId.eq(of.accountant.user));
    gone.exec(&server.world.env.db).await.unwrap();
    for url in urls {
        assert_eq!(get(&server, url).await.status(), StatusCode::NOT_FOUND, "no member any more");
    }
    server.world.clock.age_machine(TimeDelta::minutes(31));
    for url in urls {
        assert_eq!(get(&server, url).await.status(), StatusCode::FORBIDDEN);
    }
});

on_both!(the_evidence_of_a_case_is_one_archive_and_always_the_same, with("api", migrate), |db| async move {
    let (server, of, case) = stage(db).await;
    let ask = format!("{{ case(id: \"{}\") {{ evidenceUrl }} }}", encode(case).as_str());
    let url = server.world.ask(Some(&of.reader), &ask).await["data"]["case"]["evidenceUrl"].as_str().unwrap().to_owned();
    let response = get(&server, &url).await;
    assert_eq!((response.status(), response.headers()["content-type"].to_str().unwrap()), (StatusCode::OK, "application/zip"));
    assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"evidence-D000001.zip\"");
    let bytes = response.bytes().await.unwrap();
    assert_eq!(get(&server, &url).await.bytes().await.unwrap(), bytes);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes.to_vec())).unwrap();
    let mut manifest = String::new();
    archive.by_name("manifest.json").unwrap().read_to_string(&mut manifest).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    for entry in manifest["files"].as_array().unwrap() {
        let mut file = archive.by_name(entry["path"].as_str().unwrap()).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        assert_eq!(entry["bytes"], json!(content.len()));
    }
    assert_eq!(archive.len(), manifest["files"].as_array().unwrap().len() + 1);
    assert!(archive.file_names().any(|name| name.is_ok_and(|name| name == "timeline.csv")));
    for name in archive.file_names() {
        let name = name.unwrap();
        let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-/".contains(&byte));
        assert!(plain && !name.starts_with('/') && !name.contains(".."), "{name} stays in its folder everywhere");
    }
});
