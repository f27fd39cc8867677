//! Routes that others call: the browser on its way back from a provider, and providers that tell of changes.

use entity::{Scoped, sync_hint, sync_run};
use reqwest::{Response, StatusCode, redirect::Policy};
use sea_orm::{ConnectionTrait, PaginatorTrait};
use testdb::on_both;

use crate::{
    catalogue::state_of,
    connecting::xero,
    outside::books::{SIGNATURE, record, signed},
    server::Server,
    world::{Creditor, World, migrate},
};

async fn stage(db: testdb::TestDb) -> (Server, Creditor) {
    let world = World::new(db).await;
    let creditor = world.creditor("Kauri").await;
    (Server::start(world).await, creditor)
}

async fn begun(server: &Server, of: &Creditor, system: &str, back: &str) -> String {
    let call = format!("{system}ConnectStart(returnUrl: \"{back}\") {{ userErrors {{ code }} authorizationUrl }}");
    state_of(World::done(&server.world.change(&of.owner, &call).await))
}

async fn back(server: &Server, path: &str) -> Response {
    let client = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    client.get(server.url(path)).send().await.unwrap()
}

fn header<'r>(response: &'r Response, name: &str) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

on_both!(a_browser_is_sent_on_to_the_page_that_began, with("api", migrate), |db| async move {
    let (server, of) = stage(db).await;
    let at = "http://127.0.0.1:1/back?tab=2#here";
    let state = begun(&server, &of, "xero", at).await;
    let before = server.world.snapshot(&of).await;
    for (query, expected) in [
        (format!("code=a%26b%3Dc&state={state}&scope=x"), format!("state={state}&code=a%26b%3Dc")),
        (format!("state={state}&error=access_denied&code=x"), format!("state={state}&error=access_denied")),
        (format!("state={state}"), format!("state={state}&error=invalid_response")),
        (format!("state={state}&code={}", "x".repeat(9_000)), format!("state={state}&error=invalid_response")),
        (format!("state={state}&code=%0D%0ASet-Cookie:%20a"), format!("state={state}&code=%0D%0ASet-Cookie%3A+a")),
    ] {
        let sent = back(&server, &format!("/integrations/xero/callback?{query}")).await;
        assert_eq!(sent.status(), StatusCode::SEE_OTHER, "{query}");
        assert_eq!(header(&sent, "location"), format!("http://127.0.0.1:1/back?tab=2&{expected}#here"));
        assert_eq!((header(&sent, "cache-control"), header(&sent, "referrer-policy")), ("no-store", "no-referrer"));
        assert_eq!(header(&sent, "set-cookie"), "");
    }
    let state = begun(&server, &of, "powerOffice", "http://127.0.0.1:1").await;
    for name in ["token", "onboardingToken", "onboarding_token"] {
        let sent = back(&server, &format!("/integrations/poweroffice/callback?state={state}&{name}=t1")).await;
        assert_eq!(header(&sent, "location"), format!("http://127.0.0.1:1/?state={state}&token=t1"), "{name}");
    }
    assert_ne!(server.world.snapshot(&of).await, before, "the second consent was begun");
    let finish = format!("powerOfficeConnectFinish(state: \"{state}\", token: \"good\") {{ userErrors {{ code }} }}");
    World::done(&server.world.change(&of.owner, &finish).await);
});

on_both!(a_browser_without_a_page_to_go_to_gets_plain_words, with("api", migrate), |db| async move {
    let (server, of) = stage(db).await;
    let state = begun(&server, &of, "xero", "http://127.0.0.1:1/back").await;
    let old = begun(&server, &of, "xero", "http://127.0.0.1:1/old").await;
    let finish = format!("xeroConnectFinish(state: \"{state}\", code: \"good\") {{ userErrors {{ code }} }}");
    World::done(&server.world.change(&of.owner, &finish).await);
    server.world.clock.age_machine(chrono::TimeDelta::minutes(10));
    let before = server.world.snapshot(&of).await;
    for query in
        [String::new(), "code=x".into(), format!("state={state}&code=x"), format!("state={old}&code=x"), "state=%3Cscript%3E".into()]
    {
        let told = back(&server, &format!("/integrations/xero/callback?{query}")).await;
        assert_eq!((told.status(), header(&told, "location")), (StatusCode::BAD_REQUEST, ""), "{query}");
        assert_eq!(header(&told, "content-type"), "text/html; charset=utf-8");
        assert!(header(&told, "content-security-policy").starts_with("default-src 'none'"));
        assert_eq!((header(&told, "x-content-type-options"), header(&told, "cache-control")), ("nosniff", "no-store"));
        let page = told.text().await.unwrap();
        assert!(page.contains("connect again") && !page.contains("<script"), "{page}");
    }
    assert_eq!(server.world.snapshot(&of).await, before);
});

async fn tell(server: &Server, body: &[u8], signature: Option<&str>) -> Response {
    let call = server.client.post(server.url("/webhooks/xero")).body(body.to_vec());
    signature.into_iter().fold(call, |call, signature| call.header(SIGNATURE, signature)).send().await.unwrap()
}

on_both!(what_a_provider_tells_is_believed_by_its_signature_and_kept_once, with("api", migrate), |db| async move {
    let (server, of) = stage(db).await;
    xero(&server.world, &of).await;
    server.world.books.records.lock().unwrap().extend([record("B-1", "2026-05-20"), record("B-2", "2026-05-20")]);
    let body = b"Kauri invoice B-1 m1\nRimu invoice B-9 m2\nKauri invoice B-2 m3";
    let good = signed(body);
    for (body, signature, status) in [
        (&body[..], None, 401),
        (&body[..], Some(""), 401),
        (&body[..], Some(&good[1..]), 401),
        (b"Kauri invoice B-2 m1".as_slice(), Some(good.as_str()), 401),
        (b"nonsense".as_slice(), Some(&*signed(b"nonsense")), 400),
        (b"\xff".as_slice(), Some(&*signed(b"\xff")), 400),
        (b"".as_slice(), Some(&*signed(b"")), 200),
    ] {
        let answer = tell(&server, body, signature).await;
        assert_eq!(answer.status().as_u16(), status, "{signature:?}");
        assert_eq!(header(&answer, "set-cookie"), "");
        assert_eq!(answer.bytes().await.unwrap().len(), 0, "a body is no part of the answer");
    }
    let hints = || sync_hint::Entity::of(of.tenant).count(&server.world.env.db);
    assert_eq!(hints().await.unwrap(), 0, "what was refused left nothing");
    for _ in 0..2 {
        assert_eq!(tell(&server, body, Some(&good)).await.status(), StatusCode::OK, "an unknown organisation is no news to the caller");
    }
    assert_eq!(hints().await.unwrap(), 2, "told twice, kept once");
    server.world.run_due().await;
    let runs = sync_run::Entity::of(of.tenant).all(&server.world.env.db).await.unwrap();
    assert!(runs.iter().any(|run| run.trigger == entity::SyncTrigger::Webhook), "{runs:?}");
    let large = vec![b'x'; (1 << 20) + 1];
    assert_eq!(tell(&server, &large, Some(&signed(&large))).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let get = server.client.get(server.url("/webhooks/xero")).send().await.unwrap();
    assert_eq!(get.status(), StatusCode::NOT_FOUND);
});

on_both!(a_webhook_that_cannot_be_kept_is_asked_for_again, with("api", migrate), |db| async move {
    let (server, of) = stage(db).await;
    xero(&server.world, &of).await;
    server.world.env.db.execute_unprepared("DROP TABLE sync_hint").await.unwrap();
    let body = b"Kauri invoice B-1 m1";
    let answer = tell(&server, body, Some(&signed(body))).await;
    assert_eq!((answer.status(), answer.bytes().await.unwrap().len()), (StatusCode::SERVICE_UNAVAILABLE, 0));
});
