//! Coming in: passwords, tokens, their rotation and their end, links, and limits on guessing.

use api::auth::{
    gate::MAX_WRONG_TOKENS,
    sign_in::MAX_PER_PERSON_AND_PEER,
    standing::MAX_AGE,
    token::{self, LIFETIME},
};
use chrono::TimeDelta;
use domain::{Viewer, identity};
use entity::{Role, Scoped, UserId, membership};
use futures_util::{SinkExt, StreamExt, future};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};
use testdb::on_both;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

use crate::{
    server::Server,
    world::{Creditor, World, codes, migrate},
};

const PASSWORD: &str = "correct horse battery";

async fn stage(db: testdb::TestDb) -> (Server, Creditor) {
    let world = World::new(db).await;
    let creditor = world.creditor("Kauri").await;
    (Server::start(world).await, creditor)
}

/// A member with a password.
async fn person(server: &Server, of: &Creditor, email: &str) -> UserId {
    let new = identity::NewUser {
        tenant: of.tenant,
        email: email.into(),
        name: "Aroha".into(),
        password: Some(PASSWORD.into()),
        role: Role::Accountant,
    };
    identity::user::add(&server.world.env, &new).await.unwrap()
}

const SESSION: &str = "userErrors { code message } accessToken refreshToken expiresAt viewer { role tenant { name } }";

async fn session(server: &Server, call: &str) -> Value {
    let answer = server.ask(None, &format!("mutation {{ session: {call} {{ {SESSION} }} }}")).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"]["session"].clone()
}

async fn sign_in(server: &Server, email: &str, password: &str) -> Value {
    session(server, &format!("sessionCreate(email: \"{email}\", password: \"{password}\")")).await
}

async fn refresh(server: &Server, session_: &Value) -> Value {
    session(server, &format!("sessionRefresh(refreshToken: {})", session_["refreshToken"])).await
}

fn access(session: &Value) -> &str {
    session["accessToken"].as_str().unwrap_or_else(|| panic!("no token: {session}"))
}

on_both!(a_password_gives_tokens_that_are_let_in_until_they_end, with("api", migrate), |db| async move {
    let (server, creditor) = stage(db).await;
    person(&server, &creditor, "Aroha@Kauri.example").await;
    let signed_in = sign_in(&server, " AROHA@kauri.example ", PASSWORD).await;
    assert_eq!(World::done(&signed_in)["viewer"], json!({ "role": "ACCOUNTANT", "tenant": { "name": "Kauri" } }));
    let seen = server.ask(Some(access(&signed_in)), "{ viewer { role } }").await;
    assert_eq!(seen, json!({ "data": { "viewer": { "role": "ACCOUNTANT" } } }));
    server.world.clock.age_machine(LIFETIME + TimeDelta::seconds(31));
    assert_eq!(server.status(access(&signed_in)).await, 401);
    let refreshed = refresh(&server, &signed_in).await;
    assert_eq!(server.status(access(World::done(&refreshed))).await, 200);
});

on_both!(the_moved_clock_of_the_product_ends_no_sign_in, with("api", migrate), |db| async move {
    let (server, creditor) = stage(db).await;
    let keys = server.world.keys();
    let token = api::auth::issue(&server.world.env, &keys, &creditor.owner, None, LIFETIME).unwrap();
    server.world.clock.pass(TimeDelta::days(90));
    server.world.clock.age_machine(TimeDelta::days(-90));
    assert_eq!(server.status(&token).await, 200);
});

on_both!(who_is_unknown_and_who_errs_is_told_the_same, with("api", migrate), |db| async move {
    let (server, creditor) = stage(db).await;
    person(&server, &creditor, "aroha@kauri.example").await;
    let wrong = sign_in(&server, "aroha@kauri.example", "incorrect horse").await;
    assert_eq!(codes(&wrong), ["BAD_CREDENTIALS"]);
    for (email, password) in [
        ("nobody@kauri.example", PASSWORD),
        // The owner of the stage has no password and signs in by link only.
        ("owner@kauri.example", PASSWORD),
        ("aroha@kauri.example", ""),
        ("' OR 1=1 --", PASSWORD),
    ] {
        assert_eq!(sign_in(&server, email, password).await, wrong, "{email} {password}");
    }
    let foreign = server.world.creditor("Rimu").await;
    let call = format!(
        "sessionCreate(email: \"aroha@kauri.example\", password: \"{PASSWORD}\", tenantId: \"{}\")",
        api::graphql::id::encode(foreign.tenant).as_str()
    );
    assert_eq!(session(&server, &call).await, wrong, "a tenant that the person does not belong to");
});

on_both!(too_many_attempts_wait_whether_the_person_exists_or_not, with("api", migrate), |db| async move {
    let (server, creditor) = stage(db).await;
    person(&server, &creditor, "aroha@kauri.example").await;
    for email in ["aroha@kauri.example", "nobody@kauri.example"] {
        for _ in 0..MAX_PER_PERSON_AND_PEER {
            assert_eq!(codes(&sign_in(&server, email, "incorrect horse").await), ["BAD_CREDENTIALS"]);
        }
        assert_eq!(codes(&sign_in(&server, email, PASSWORD).await), ["RATE_LIMITED"], "{email}");
    }
    server.world.clock.age_machine(TimeDelta::minutes(16));
    World::done(&sign_in(&server, "aroha@kauri.example", PASSWORD).await);
});

on_both!(anything_but_our_token_in_its_one_place_is_turned_away, with("api", migrate), |db| async move {
    let (server, creditor) = stage(db).await;
    let token = api::auth::issue(&server.world.env, &server.world.keys(), &creditor.owner, None, LIFETIME).unwrap();
    assert_eq!(server.status(&token).await, 200);
    let question = "{ viewer { role } }";
    for header in [
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("bearer {token}"),
        format!("Bearer  {token}"),
        format!("Bearer {token} {token}"),
        format!("Bearer {token},{token}"),
        format!("Bearer {}", &token[..token.len() - 4]),
        format!("Bearer {}", "x".repeat(8_192)),
        "Bearer ' OR 1=1 --".to_owned(),
        format!("Basic {token}"),
        token.clone(),
    ] {
        let response = server.post(question).header("Authorization", &header).send().await.unwrap();
        assert_eq!(response.status(), 401, "{header}");
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
    }
    let twice = server.post(question).header("Authorization", format!("Bearer {token}")).header("Authorization", "Bearer x");
    assert_eq!(twice.send().await.unwrap().status(), 400);
    // Elsewhere it is not looked for: the caller is nobody.
    let elsewhere = server.client.post(server.url(&format!("/graphql?access_token={token}&token={token}")));
    let elsewhere = elsewhere.header("Cookie", format!("token={token}")).header("X-User-Id", "1").header("X-Tenant-Id", "1");
    let answer = crate::server::json_of(elsewhere.json(&json!({ "query": question })).send().await.unwrap()).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], json!("UNAUTHENTICATED"), "{answer}");
});

on_both!(guessed_tokens_are_slowed_down_and_right_ones_still_pass, with("api", migrate), |db| async move {
    let (server, creditor) = stage(db).await;
    let token = api::auth::issue(&server.world.env, &server.world.keys(), &creditor.owner, None, LIFETIME).unwrap();
    for _ in 0..MAX_WRONG_TOKENS {
        assert_eq!(server.status("wrong").await, 401);
    }
    let waiting = server.post("{ viewer { role } }").bearer_auth("wrong").send().await.unwrap();
    assert_eq!(waiting.status(), 429);
    assert!(waiting.headers().contains_key("retry-after"));
    assert_eq!(server.status(&token).await, 200);
});

on_both!(a_token_ends_when_role_or_membership_change, with("api", migrate), |db| async move {
    let (server, creditor) = stage(db).await;
    let token = api::auth::issue(&server.world.env, &server.world.keys(), &creditor.accountant, None, LIFETIME).unwrap();
    assert_eq!(server.status(&token).await, 200);
    let db = &server.world.env.db;
    let row = membership::Entity::of(creditor.tenant).filter(membership::Column::UserId.eq(creditor.accountant.user)).one(db).await;
    let mut row = row.unwrap().unwrap().into_active_model();
    row.role = Set(Role::Viewer);
    row.update(db).await.unwrap();
    server.world.clock.age_machine(MAX_AGE);
    assert_eq!(server.status(&token).await, 401);
    let stranger = Viewer { user: UserId(uuid::Uuid::from_u128(1)), ..creditor.owner };
    let token = api::auth::issue(&server.world.env, &server.world.keys(), &stranger, None, LIFETIME).unwrap();
    assert_eq!(server.status(&token).await, 401);
});

on_both!(a_refresh_token_works_once_and_its_reuse_ends_the_sign_in, with("api", migrate), |db| async move {
    let (server, creditor) = stage(db).await;
    person(&server, &creditor, "aroha@kauri.example").await;
    let first = sign_in(&server, "aroha@kauri.example", PASSWORD).await;
    let second = refresh(&server, &first).await;
    World::done(&second);
    assert_eq!(codes(&refresh(&server, &first).await), ["BAD_CREDENTIALS"], "a race of the client with itself");
    let third = refresh(&server, &second).await;
    World::done(&third);
    // Two rotations old: nobody races that late.
    assert_eq!(codes(&refresh(&server, &first).await), ["BAD_CREDENTIALS"]);
    assert_eq!(codes(&refresh(&server, &third).await), ["BAD_CREDENTIALS"], "the family ended");
    server.world.clock.age_machine(MAX_AGE);
    assert_eq!(server.status(access(&third)).await, 401);
});

on_both!(the_token_before_the_newest_ends_the_sign_in_after_the_grace, with("api", migrate), |db| async move {
    let (server, creditor) = stage(db).await;
    person(&server, &creditor, "aroha@kauri.example").await;
    let first = sign_in(&server, "aroha@kauri.example", PASSWORD).await;
    let second = refresh(&server, &first).await;
    server.world.clock.age_machine(identity::session::RACE_GRACE);
    assert_eq!(codes(&refresh(&server, &first).await), ["BAD_CREDENTIALS"]);
    assert_eq!(codes(&refresh(&server, &second).await), ["BAD_CREDENTIALS"]);
});

on_both!(of_two_refreshes_at_once_one_wins_and_the_sign_in_goes_on, with("api", migrate), |db| async move {
    let (server, creditor) = stage(db).await;
    person(&server, &creditor, "aroha@kauri.example").await;
    let first = sign_in(&server, "aroha@kauri.example", PASSWORD).await;
    let both = future::join_all((0..4).map(|_| refresh(&server, &first))).await;
    let (won, lost): (Vec<_>, Vec<_>) = both.into_iter().partition(|answer| codes(answer).is_empty());
    assert_eq!((won.len(), lost.len()), (1, 3));
    World::done(&refresh(&server, &won[0]).await);
});

on_both!(a_sign_in_ends_after_thirty_days_however_often_it_was_refreshed, with("api", migrate), |db| async move {
    let (server, creditor) = stage(db).await;
    person(&server, &creditor, "aroha@kauri.example").await;
    let mut newest = sign_in(&server, "aroha@kauri.example", PASSWORD).await;
    for _ in 0..2 {
        server.world.clock.age_machine(TimeDelta::days(14));
        newest = refresh(&server, &newest).await;
        World::done(&newest);
    }
    server.world.clock.age_machine(TimeDelta::days(2));
    assert_eq!(codes(&refresh(&server, &newest).await), ["BAD_CREDENTIALS"]);
});

on_both!(signing_out_ends_this_device_or_all_of_them, with("api", migrate), |db| async move {
    let (server, creditor) = stage(db).await;
    person(&server, &creditor, "aroha@kauri.example").await;
    let mut devices = Vec::new();
    for _ in 0..3 {
        devices.push(sign_in(&server, "aroha@kauri.example", PASSWORD).await);
    }
    let revoke = |all: bool| format!("mutation {{ sessionRevoke(allDevices: {all}) {{ ended userErrors {{ code }} }} }}");
    let one = server.ask(Some(access(&devices[0])), &revoke(false)).await;
    assert_eq!(one["data"]["sessionRevoke"], json!({ "ended": 1, "userErrors": [] }));
    assert_eq!(server.status(access(&devices[0])).await, 401, "at once, without waiting for a cache");
    assert_eq!(codes(&refresh(&server, &devices[0]).await), ["BAD_CREDENTIALS"]);
    assert_eq!(server.status(access(&devices[1])).await, 200);
    let all = server.ask(Some(access(&devices[1])), &revoke(true)).await;
    assert_eq!(all["data"]["sessionRevoke"]["ended"], json!(2));
    assert_eq!(server.status(access(&devices[2])).await, 401);
});

on_both!(a_link_signs_in_once, with("api", migrate), |db| async move {
    let (server, creditor) = stage(db).await;
    let env = &server.world.env;
    let link = || identity::link::create(env, creditor.tenant, creditor.owner.user, TimeDelta::hours(1));
    let redeem = async |token: &str| session(&server, &format!("sessionFromLink(token: \"{token}\")")).await;
    let token = link().await.unwrap();
    let both = future::join_all([redeem(&token), redeem(&token), redeem(&token)]).await;
    assert_eq!(both.iter().filter(|answer| codes(answer).is_empty()).count(), 1, "{both:?}");
    assert_eq!(codes(&redeem(&token).await), ["BAD_CREDENTIALS"]);
    let late = link().await.unwrap();
    server.world.clock.age_machine(TimeDelta::hours(1));
    assert_eq!(codes(&redeem(&late).await), ["BAD_CREDENTIALS"]);
    assert_eq!(codes(&redeem("made up").await), ["BAD_CREDENTIALS"]);
});

on_both!(no_token_is_stored, with("api", migrate), |db| async move {
    let (server, creditor) = stage(db).await;
    person(&server, &creditor, "aroha@kauri.example").await;
    let signed_in = sign_in(&server, "aroha@kauri.example", PASSWORD).await;
    let offered = signed_in["refreshToken"].as_str().unwrap();
    let db = &server.world.env.db;
    let sessions = entity::session::Entity::of(creditor.tenant).all(db).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "people belong to no tenant")]
    let people = entity::app_user::Entity::find().all(db).await.unwrap();
    let rows = format!("{sessions:?}{people:?}");
    assert!(!rows.contains(offered) && !rows.contains(PASSWORD));
    assert_eq!(sessions[0].token_hash.len(), 32);
    assert!(!sessions[0].token_hash.iter().zip(offered.bytes()).all(|(a, b)| *a == b));
});

async fn next(socket: &mut (impl StreamExt<Item = Result<Message, tokio_tungstenite::tungstenite::Error>> + Unpin)) -> Message {
    loop {
        let message = tokio::time::timeout(std::time::Duration::from_secs(30), socket.next()).await.expect("in time").unwrap().unwrap();
        if !matches!(message, Message::Ping(_) | Message::Pong(_)) {
            return message;
        }
    }
}

on_both!(a_socket_closes_when_its_sign_in_ends, with("api", migrate), |db| async move {
    let (server, creditor) = stage(db).await;
    person(&server, &creditor, "aroha@kauri.example").await;
    let signed_in = sign_in(&server, "aroha@kauri.example", PASSWORD).await;
    let open = async || {
        let mut request = server.url("/graphql").replace("http", "ws").into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
        tokio_tungstenite::connect_async(request).await.unwrap().0
    };
    let init = |token: &str| Message::text(json!({ "type": "connection_init", "payload": { "Authorization": token } }).to_string());
    let mut socket = open().await;
    socket.send(init(&format!("Bearer {}", access(&signed_in)))).await.unwrap();
    assert_eq!(next(&mut socket).await.to_text().unwrap(), r#"{"type":"connection_ack"}"#);
    server.ask(Some(access(&signed_in)), "mutation { sessionRevoke { ended } }").await;
    let Message::Close(Some(frame)) = next(&mut socket).await else { panic!("not closed") };
    assert_eq!(u16::from(frame.code), 4403);
    let mut nobody = open().await;
    nobody.send(Message::text(r#"{"type":"connection_init"}"#)).await.unwrap();
    let Message::Close(Some(frame)) = next(&mut nobody).await else { panic!("not closed") };
    assert_eq!(u16::from(frame.code), 4403, "a socket is for people who signed in");
});

#[test]
fn a_token_of_another_installation_is_none() {
    let keys = api::auth::Keys::new(&[8; 32]);
    let ours = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert!(token::read(&keys, ours, chrono::DateTime::UNIX_EPOCH).is_none());
}
