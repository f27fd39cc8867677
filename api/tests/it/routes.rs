//! Files by signed links, health, and what is not there.

use api::{auth::link::Links, graphql::id::encode};
use chrono::TimeDelta;
use entity::{LetterId, Scoped, letter, membership, upload, upload_chunk};
use reqwest::StatusCode;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use testdb::on_both;

use crate::{
    server::{Server, json_of},
    world::{Creditor, World, migrate},
};

async fn stage(db: testdb::TestDb) -> (Server, Creditor) {
    let world = World::new(db).await;
    let creditor = world.creditor("Kauri").await;
    (Server::start(world).await, creditor)
}

/// Where to send a file, as `uploadCreate` says.
async fn target(server: &Server, of: &Creditor, size: usize) -> String {
    let call = format!("uploadCreate(fileName: \"a.csv\", byteSize: {size}) {{ userErrors {{ code }} target {{ url method }} }}");
    let answer = server.world.change(&of.accountant, &call).await;
    assert_eq!(World::done(&answer)["target"]["method"], json!("PUT"));
    server.here(answer["target"]["url"].as_str().unwrap())
}

on_both!(a_file_is_stored_byte_by_byte_once, with("api", migrate), |db| async move {
    let (server, creditor) = stage(db).await;
    // More than two stored pieces, of a pattern that shows a swap.
    let bytes: Vec<u8> = (0..2_500_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let url = target(&server, &creditor, bytes.len()).await;
    let stored = server.client.put(&url).body(bytes.clone()).send().await.unwrap();
    assert_eq!(stored.status(), StatusCode::OK);
    assert_eq!(json_of(stored).await["byteSize"], json!(bytes.len()));
    let db = &server.world.env.db;
    let row = upload::Entity::of(creditor.tenant).one(db).await.unwrap().unwrap();
    assert_eq!(row.status, entity::UploadStatus::Stored);
    let pieces = upload_chunk::Entity::of(creditor.tenant).order_by_asc(upload_chunk::Column::Position).all(db).await.unwrap();
    assert_eq!(pieces.into_iter().flat_map(|piece| piece.bytes).collect::<Vec<_>>(), bytes);
    let again = server.client.put(&url).body("other").send().await.unwrap();
    assert_eq!(again.status(), StatusCode::CONFLICT, "a complete file is not replaced");
});

on_both!(a_link_to_store_is_exact_ends_and_follows_the_role, with("api", migrate), |db| async move {
    let (server, creditor) = stage(db).await;
    let url = target(&server, &creditor, 3).await;
    let other = target(&server, &creditor, 3).await;
    let (path, query) = url.split_once('?').unwrap();
    let put = async |url: String| server.client.put(url).body("abc").send().await.unwrap().status();
    for wrong in [
        path.to_owned(),
        format!("{}?{query}", other.split_once('?').unwrap().0),
        url.replace("expires=1", "expires=2"),
        format!("{url}0"),
        url.replace("signature=", "signature=A"),
    ] {
        assert_eq!(put(wrong.clone()).await, StatusCode::FORBIDDEN, "{wrong}");
    }
    assert_eq!(server.client.put(&url).body("").send().await.unwrap().status(), StatusCode::UNPROCESSABLE_ENTITY, "no bytes");
    let gone = membership::Entity::delete_of(creditor.tenant).filter(membership::Column::UserId.eq(creditor.accountant.user));
    gone.exec(&server.world.env.db).await.unwrap();
    assert_eq!(put(url.clone()).await, StatusCode::FORBIDDEN, "no member any more");
    server.world.clock.age_machine(TimeDelta::hours(1));
    assert_eq!(put(url).await, StatusCode::FORBIDDEN);
});

on_both!(a_letter_is_served_to_whoever_holds_its_link, with("api", migrate), |db| async move {
    let (server, creditor) = stage(db).await;
    server.world.active(&creditor, "INV-1").await;
    let row = letter::Entity::of(creditor.tenant).one(&server.world.env.db).await.unwrap().unwrap();
    let links = Links::new(&server.world.keys(), &server.url(""));
    let now = server.world.env.clock.machine();
    let url = links.letter(&creditor.reader, row.id, now);
    let response = server.client.get(&url).send().await.unwrap();
    assert_eq!((response.status(), response.headers()["content-type"].to_str().unwrap()), (StatusCode::OK, "application/pdf"));
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert!(response.headers()["content-disposition"].to_str().unwrap().ends_with(".pdf\""));
    assert!(response.bytes().await.unwrap().starts_with(b"%PDF"));
    assert_eq!(server.client.get(url.split_once('?').unwrap().0).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    // A signed link of one tenant to a letter of another, which only a bug could make, finds nothing.
    let rimu = server.world.creditor("Rimu").await;
    let foreign = server.client.get(links.letter(&rimu.owner, row.id, now)).send().await.unwrap();
    assert_eq!(foreign.status(), StatusCode::NOT_FOUND);
    let unknown = server.client.get(links.letter(&rimu.owner, LetterId(uuid::Uuid::from_u128(9)), now)).send().await.unwrap();
    assert_eq!(json_of(unknown).await, json_of(foreign).await);
    // Whoever is no member any more reads no letters, with a link from before either.
    let gone = membership::Entity::delete_of(creditor.tenant).filter(membership::Column::UserId.eq(creditor.reader.user));
    gone.exec(&server.world.env.db).await.unwrap();
    assert_eq!(server.client.get(&url).send().await.unwrap().status(), StatusCode::NOT_FOUND);
    server.world.clock.age_machine(TimeDelta::minutes(15));
    assert_eq!(server.client.get(&url).send().await.unwrap().status(), StatusCode::FORBIDDEN);
});

on_both!(health_is_told_and_the_rest_is_not_there, with("api", migrate), |db| async move {
    let (server, creditor) = stage(db).await;
    let get = async |path: &str| {
        let response = server.client.get(server.url(path)).send().await.unwrap();
        (response.status().as_u16(), json_of(response).await)
    };
    assert_eq!(get("/livez").await, (200, json!({ "status": "ok" })));
    assert_eq!(get("/readyz").await, (200, json!({ "status": "ok" })));
    for path in ["/", "/nothing", "/graphql/other", "/letters", "/uploads/../livez/x"] {
        let (status, answer) = get(path).await;
        assert_eq!((status, &answer["error"]["code"]), (404, &json!("NOT_FOUND")), "{path}");
    }
    let case = encode(server.world.active(&creditor, "INV-1").await).0;
    let (status, _) = get(&format!("/letters/{case}.pdf")).await;
    assert_eq!(status, 403, "without a signature nothing is said about what is there");
    server.shutdown.cancel();
    assert_eq!(get("/readyz").await.0, 503);
    assert_eq!(get("/livez").await.0, 200);
});

on_both!(a_database_without_tables_is_not_ready, |db| async move {
    let world = World::new(db).await;
    let server = Server::start(world).await;
    let response = server.client.get(server.url("/readyz")).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let said: Value = json_of(response).await;
    assert!(!said.to_string().to_lowercase().contains("table"), "the driver's words stay in the log: {said}");
});

#[tokio::test]
async fn pages_of_known_sites_may_send_files_and_others_may_not() {
    let mut world = World::new(testdb::TestDb::with(testdb::Backend::Sqlite, "api", migrate).await).await;
    world.settings.allowed_origins = vec!["https://app.example".into()];
    let server = Server::start(world).await;
    let ask = async |origin: &str| {
        let request = server.client.request(reqwest::Method::OPTIONS, server.url("/uploads/upl_1")).header("Origin", origin);
        request.send().await.unwrap()
    };
    let known = ask("https://app.example").await;
    assert_eq!(known.headers()["access-control-allow-origin"], "https://app.example");
    assert_eq!(known.headers()["access-control-allow-methods"], "PUT");
    assert!(!ask("https://evil.example").await.headers().contains_key("access-control-allow-origin"));
}
