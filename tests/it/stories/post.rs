//! Letters that Pingen prints and posts, drawn by the true renderer: the window fits, the provider's yes is what makes
//! the step run, a lost answer makes no second letter, and what came back makes the address unusable.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use adapters::delivery::post::{
    Limits,
    pingen::{PingenHerald, PingenPostman, PingenProduct, PingenSettings},
};
use domain::{
    delivery,
    port::{
        Outgoing, Outside, Postman, Receipt, Reconciled, SendError,
        receipt::{Call, Herald, News},
    },
};
use entity::{CaseId, Channel, DeliveryId, DeliveryStatus, LetterStatus, Scoped, SuppressionReason, TenantId, suppression};
use sandbox::{
    Options, Provider, Running,
    fault::Manner,
    post::pingen::{CLIENT_ID, CLIENT_SECRET, ORGANISATION},
};
use testdb::TestDb;

use crate::{
    invariants,
    postbox::Postbox,
    sheet::Invoice,
    world::{Creditor, World, day, migrate},
};

const KEY: &str = "webhook-key";

/// Hands over to Pingen, and what was taken is noted where the invariants look.
struct Noted {
    pingen: PingenPostman,
    postbox: Arc<Postbox>,
}

#[async_trait::async_trait]
impl Postman for Noted {
    async fn send(&self, outgoing: &Outgoing) -> Result<Receipt, SendError> {
        let receipt = self.pingen.send(outgoing).await?;
        self.postbox.send(outgoing).await?;
        Ok(receipt)
    }

    async fn reconcile(&self, delivery: DeliveryId, tenant: TenantId, recipient: &str) -> Reconciled {
        self.pingen.reconcile(delivery, tenant, recipient).await
    }
}

/// A world whose paper goes to a stand-in Pingen, and whose letters are drawn.
async fn with_pingen(db: TestDb) -> (World, Running) {
    let renderer = Arc::new(letters::Renderer::new(Vec::new()).unwrap());
    let mut world = World::at(db, "2026-07-05T20:00:00Z", renderer.clone()).await;
    let running = sandbox::serve(Provider::Pingen, SocketAddr::from(([127, 0, 0, 1], 0)), Options::default()).await.unwrap();
    let postman = PingenPostman::new(PingenSettings {
        api_url: running.url(),
        token_url: format!("{}/auth/access-tokens", running.url()),
        organisation: ORGANISATION.into(),
        client_id: CLIENT_ID.into(),
        client_secret: CLIENT_SECRET.into(),
        product: PingenProduct::Cheap,
        duplex: false,
        colour: false,
        limits: Limits::default(),
    });
    let herald: Arc<dyn Herald> = Arc::new(PingenHerald::new(KEY.into()));
    let old = &world.env.outside;
    let mut channels = old.postmen.clone();
    let noted = Noted { pingen: postman.unwrap(), postbox: world.postbox.clone() };
    channels.insert(Channel::Post, Arc::new(noted) as Arc<dyn Postman>);
    world.env.outside = Arc::new(Outside {
        systems: adapters::connectors::registry(adapters::connectors::Settings::default()).unwrap(),
        postmen: channels,
        heralds: BTreeMap::from([("pingen", herald)]),
        unsubscribe: None,
        renderer,
        agencies: domain::port::agency::Agencies::default(),
        vault: old.vault.clone(),
    });
    (world, running)
}

/// One invoice of a debtor who has a postal address alone, approved.
async fn approved(world: &World) -> (Creditor, CaseId) {
    let kauri = world.creditor().await;
    world.invoices(&kauri, &[Invoice { email: String::new(), ..Invoice::new("INV-1").by_post() }]).await;
    let case = world.approve_all(&kauri).await[0];
    (kauri, case)
}

/// Takes in what Pingen told last.
async fn heard(world: &World, running: &Running) {
    let told = running.pingen().deliveries().pop().unwrap();
    let signed = running.pingen().headers(KEY, told.body.as_bytes());
    let header = move |name: &str| signed.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone());
    let now = world.env.clock.machine();
    let call = Call { path_and_query: "/webhooks/pingen", header: &header, body: told.body.as_bytes(), now };
    for news in world.env.outside.heralds["pingen"].read(&call).unwrap() {
        let News::Delivery(news) = news else { panic!("{news:?}") };
        delivery::told(&world.env, &news).await.unwrap();
    }
    world.run_due().await;
}

testdb::on_both!(
    a_letter_posted_by_pingen_is_sent_and_when_it_comes_back_its_address_is_not_used,
    with("product", migrate),
    |db| async move {
        let (world, pingen) = with_pingen(db).await;
        let (kauri, case) = approved(&world).await;
        world.at_local(&kauri, day("2026-07-06"), 9).await;
        let row = world.deliveries(&kauri).await.remove(0);
        let [posted] = &*pingen.pingen().letters() else { panic!("one letter: {row:?}") };
        assert_eq!((row.channel, row.status), (Channel::Post, DeliveryStatus::Sent), "{:?}", row.error_message);
        assert_eq!(row.provider_id.as_deref(), Some(posted.id.as_str()));
        assert_eq!(row.receipt.as_ref().unwrap()["provider"], "pingen");
        assert_eq!((posted.status.as_str(), posted.file_original_name.as_str()), ("submitted", format!("{}.pdf", row.id).as_str()));
        assert_eq!(world.sent_on(&kauri, case).await, [(0, day("2026-07-06"))]);
        assert_eq!(world.case(&kauri, case).await.next_step, 1);

        pingen.pingen().move_to(&posted.id, "sent", "transferred_to_distributor", "").unwrap();
        heard(&world, &pingen).await;
        assert_eq!(world.deliveries(&kauri).await[0].status, DeliveryStatus::Sent);
        assert_eq!(world.deliveries(&kauri).await[0].provider_status.as_deref(), Some("sent"));

        pingen.pingen().move_to(&posted.id, "undeliverable", "undeliverable", "Nobody of that name.").unwrap();
        heard(&world, &pingen).await;
        heard(&world, &pingen).await;
        let row = world.deliveries(&kauri).await.remove(0);
        assert_eq!((row.status, row.error_code.as_deref()), (DeliveryStatus::Bounced, Some("LETTER_RETURNED")));
        let suppressed = suppression::Entity::of(kauri.tenant()).all(&world.env.db).await.unwrap();
        let reasons: Vec<_> = suppressed.iter().map(|row| (row.channel, row.reason)).collect();
        assert_eq!(reasons, [(Channel::Post, SuppressionReason::Returned)], "told twice, kept once");
        world.days(&kauri, 10).await;
        assert_eq!(pingen.pingen().letters().len(), 1, "nothing more is posted to where it came back from");
        invariants::hold(&world, &[kauri]).await;
    }
);

testdb::on_both!(an_answer_of_pingen_that_got_lost_makes_no_second_letter, with("product", migrate), |db| async move {
    let (world, pingen) = with_pingen(db).await;
    let (kauri, case) = approved(&world).await;
    pingen.faults().break_answers("deliveries/letters", 1, Manner::Lost);
    world.at_local(&kauri, day("2026-07-06"), 9).await;
    assert_eq!(world.deliveries(&kauri).await[0].status, DeliveryStatus::Sent);
    assert_eq!(pingen.pingen().letters().len(), 1);
    assert_eq!(world.sent_on(&kauri, case).await, [(0, day("2026-07-06"))]);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_letter_that_pingen_cannot_print_fails_visibly, with("product", migrate), |db| async move {
    let (world, pingen) = with_pingen(db).await;
    let (kauri, case) = approved(&world).await;
    world.at_local(&kauri, day("2026-07-06"), 9).await;
    let id = pingen.pingen().letters()[0].id.clone();
    pingen.pingen().move_to(&id, "unprintable", "", "A font is missing.").unwrap();
    heard(&world, &pingen).await;
    let row = world.deliveries(&kauri).await.remove(0);
    assert_eq!((row.status, row.error_code.as_deref()), (DeliveryStatus::Bounced, Some("PDF_REFUSED")));
    assert!(row.error_message.unwrap().contains("A font is missing."));
    assert_ne!(world.letters(&kauri).await[0].status, LetterStatus::Scheduled);
    assert_eq!(world.case(&kauri, case).await.next_step, 1, "the step ran when it was handed over");
    let suppressed = suppression::Entity::of(kauri.tenant()).all(&world.env.db).await.unwrap();
    assert!(suppressed.is_empty(), "the address is not to blame");
    invariants::hold(&world, &[kauri]).await;
});
