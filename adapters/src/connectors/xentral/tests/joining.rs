//! Pasted addresses and tokens.

use domain::port::{
    connect::{ConnectError, Granted, PastedKeys},
    vault::{ExposeSecret as _, SecretString},
};
use sandbox::{fault::Manner, xentral::TOKEN};

use super::world::World;
use crate::connectors::xentral::{Settings, pasted::address, system};

async fn check(world: &World, address: &str, key: &str) -> Result<Granted, ConnectError> {
    let pasted = PastedKeys { address: Some(address.to_owned()), key: SecretString::from(key.to_owned()) };
    world.linked.system.pasted.as_ref().unwrap().check(&pasted).await
}

#[tokio::test]
async fn a_good_token_opens_the_instance_that_was_named() {
    let world = World::sampled().await;
    let url = format!(" {}/index.php?module=welcome ", world.stand.url());
    let granted = check(&world, &url, &format!(" {TOKEN}\n")).await.unwrap();
    let account = &granted.accounts[0];
    assert_eq!(
        (account.external_id.clone(), account.base_url.clone()),
        (world.linked.account.external_id.clone(), Some(world.stand.url()))
    );
    assert_eq!((granted.accounts.len(), granted.hint.as_deref(), granted.fresh.good_for), (1, Some("oken"), None));
    assert_eq!(granted.fresh.keys.expose_secret(), format!(r#"{{"token":"{TOKEN}"}}"#));
    assert!(!format!("{granted:?}").contains(TOKEN));
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_one_without_the_right_says_which() {
    let world = World::sampled().await;
    assert!(matches!(check(&world, &world.stand.url(), "wrong").await, Err(ConnectError::Refused(_))));
    assert!(matches!(check(&world, &world.stand.url(), " ").await, Err(ConnectError::Refused(_))));
    assert!(matches!(check(&world, &world.stand.url(), "wr\u{7}ng").await, Err(ConnectError::Refused(_))));
    world.stand.xentral().issue_token("narrow", &["customer:read"]);
    let Err(ConnectError::Missing(message)) = check(&world, &world.stand.url(), "narrow").await else { panic!("not missing") };
    assert!(message.contains("invoice:read"), "{message}");
}

#[tokio::test]
async fn a_server_that_is_no_xentral_is_a_bad_address_and_one_that_is_down_is_not() {
    let world = World::sampled().await;
    for (path, manner) in [
        ("/api/v3", Manner::Html),
        ("/api/v1", Manner::Html),
        ("/api/v3", Manner::Status { status: 404 }),
        ("/api/v3", Manner::Status { status: 418 }),
    ] {
        world.stand.faults().break_answers(path, 1, manner.clone());
        let error = check(&world, &world.stand.url(), TOKEN).await.unwrap_err();
        assert!(matches!(error, ConnectError::BadAddress(_)), "{path} {manner:?}: {error:?}");
    }
    for status in [429, 500, 503] {
        world.stand.faults().break_answers("/api/v1", 1, Manner::Status { status });
        let error = check(&world, &world.stand.url(), TOKEN).await.unwrap_err();
        assert!(matches!(error, ConnectError::Unavailable(_)), "{status}: {error:?}");
    }
}

#[tokio::test]
async fn addresses_that_lead_inside_are_not_called() {
    let world = World::sampled().await;
    let guarded = system(&Settings::default()).unwrap().pasted.unwrap();
    let url = world.stand.url();
    for address in [
        url.as_str(),
        "http://acme.xentral.biz",
        "https://127.0.0.1",
        "localhost",
        "169.254.169.254",
        "https://user:word@acme.xentral.biz",
        "10.0.0.8:8443",
        "0x7f.1",
        "https://",
        "a b",
    ] {
        let pasted = PastedKeys { address: Some(address.to_owned()), key: SecretString::from("token".to_owned()) };
        let error = guarded.check(&pasted).await.unwrap_err();
        assert!(matches!(error, ConnectError::BadAddress(_)), "{address}: {error:?}");
    }
    assert_eq!(world.stand.calls().total(), 0);
}

#[test]
fn an_address_is_read_as_people_give_it() {
    for (given, expected) in [
        ("acme", "https://acme.xentral.biz"),
        (" Acme-1 ", "https://acme-1.xentral.biz"),
        ("acme.xentral.biz", "https://acme.xentral.biz/"),
        ("ACME.xentral.biz/", "https://acme.xentral.biz/"),
        ("https://erp.acme.example/index.php?a=b#c", "https://erp.acme.example/"),
        ("erp.acme.example:8443/api/v3", "https://erp.acme.example:8443/"),
        ("http://erp.acme.example", "http://erp.acme.example/"),
        ("localhost", "https://localhost/"),
    ] {
        assert_eq!(address(Some(given)).unwrap(), expected, "{given}");
    }
    for given in [None, Some(""), Some("  "), Some("https://"), Some("a b")] {
        assert!(matches!(address(given), Err(ConnectError::BadAddress(_))), "{given:?}");
    }
}
