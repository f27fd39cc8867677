//! Secrets at rest: what rows show, and what changing the vault's key does.

use domain::{
    credential::{self, Resealed},
    port::vault::ExposeSecret,
};
use entity::{authorization, credential as credentials};
use sea_orm::EntityTrait;

use crate::{
    provider::CANARY,
    vault::TestVault,
    world::{World, code, migrate},
};

testdb::on_both!(no_row_shows_a_secret, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    world.consent(&owner, &["org"], &[]).await.unwrap();
    // One that waits for a choice, and one whose browser is still away.
    world.consent(&owner, &["a", "b"], &[]).await.unwrap();
    world.begin(&owner, None).await;
    let state = world.state();
    let keys = credentials::Entity::find().all(&world.env.db).await.unwrap();
    let waiting = authorization::Entity::find().all(&world.env.db).await.unwrap();
    assert_eq!((keys.len(), waiting.len()), (1, 2));
    let events = entity::event::Entity::find().all(&world.env.db).await.unwrap();
    let links = entity::integration::Entity::find().all(&world.env.db).await.unwrap();
    let shown = format!("{waiting:?} {keys:?} {events:?} {links:?}");
    let bytes: Vec<&Vec<u8>> = keys.iter().map(|row| &row.sealed).chain(waiting.iter().map(|row| &row.sealed)).collect();
    for secret in [CANARY, state.as_str()] {
        assert!(!shown.contains(secret), "{secret} shows");
        assert!(bytes.iter().all(|sealed| !sealed.windows(secret.len()).any(|part| part == secret.as_bytes())));
    }
});

testdb::on_both!(a_secret_moved_to_another_row_does_not_open, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, rimu) = (world.owner().await, world.owner().await);
    world.consent(&kauri, &["a"], &[]).await.unwrap();
    let link = world.consent(&rimu, &["b"], &[]).await.unwrap().integrations[0].id;
    let stolen = world.credentials(kauri.tenant).await.remove(0);
    let set = sea_orm::sea_query::Expr::value(stolen.sealed);
    credentials::Entity::update_many().col_expr(credentials::Column::Sealed, set).exec(&world.env.db).await.unwrap();
    let access = credential::access(&world.env, rimu.tenant, link).await.unwrap();
    assert!(access.lend().await.is_err());
});

testdb::on_both!(every_row_is_sealed_anew_and_then_opens_without_the_old_key, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    let id = world.consent(&owner, &["org"], &[]).await.unwrap().integrations[0].id;
    let waiting = world.consent(&owner, &["a", "b"], &[]).await.unwrap().authorization;
    let (both, new) = (world.with_vault(&["k2", "k1"]), world.with_vault(&["k2"]));
    let unknown = |keys: &'static [&'static str]| {
        let vault = TestVault { keys: keys.to_vec() };
        let db = world.env.db.clone();
        async move { credential::unknown_keys(&db, &vault).await.unwrap() }
    };
    assert_eq!(unknown(&["k2"]).await, ["k1"]);
    assert_eq!(credential::reseal(&new).await.unwrap(), Resealed { done: 0, unreadable: 2 }, "what does not open stays");
    assert_eq!(credential::reseal(&both).await.unwrap(), Resealed { done: 2, unreadable: 0 });
    assert_eq!(credential::reseal(&both).await.unwrap(), Resealed::default(), "nothing is left to do");
    assert!(unknown(&["k2"]).await.is_empty());
    let access = credential::access(&new, owner.tenant, id).await.unwrap();
    assert_eq!(access.lend().await.unwrap().keys.expose_secret(), &format!("{CANARY}-1"));
    let chosen = domain::integration::connect::choose(&new, &owner, waiting, &["a".into()]).await.unwrap();
    assert_eq!(chosen.len(), 1);
    let denied = domain::integration::connect::choose(&new, &owner, waiting, &["b".into()]).await;
    assert_eq!(code(denied), domain::RefusalCode::NotFound, "a choice is made once");
});
