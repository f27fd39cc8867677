//! The senders of short messages and of letters against the providers' own descriptions.
//!
//! Of Twilio's, Prism checks the form as well. Of Lob's it checks key, headers and query, but lets every form pass: so the
//! form that our sender makes is held against the schema of the very same description besides.

use std::{io::Write as _, time::Duration};

use adapters::delivery::{
    TwilioPostman, TwilioSettings,
    post::{
        Limits,
        lob::{LobMail, LobPostman, LobSender, LobSettings},
    },
};
use domain::port::{Outgoing, Postal, PostalParts, Postman, Reconciled, SendError};
use entity::{Channel, DeliveryId, LetterId, TenantId};
use lopdf::{Document, Object, Stream, dictionary};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use uuid::Uuid;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

use crate::peer::Prism;

/// The providers' own descriptions, with their licences in them.
const TWILIO: &str = include_str!("twilio.yaml");
const LOB: &str = include_str!("lob.yaml");

const ACCOUNT: &str = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

async fn serve(description: &str) -> (Prism, NamedTempFile) {
    let mut file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
    file.write_all(description.as_bytes()).unwrap();
    (Prism::serve(file.path()).await, file)
}

fn outgoing(channel: Channel) -> Outgoing {
    Outgoing {
        tenant: TenantId(Uuid::from_u128(7)),
        delivery: DeliveryId(Uuid::from_u128(1)),
        letter: LetterId(Uuid::from_u128(2)),
        channel,
        recipient: "+14155552345".into(),
        postal: Some(Postal { name: "Harry Zhang".into(), country: "US".into(), parts: Some(in_san_francisco()) }),
        recipient_name: "Harry Zhang".into(),
        sender_name: "Acme Ltd".into(),
        reply_to: "accounts@acme.example".into(),
        message_id: "<1@letters.example>".into(),
        subject: "Reminder".into(),
        text: "Please pay & thank you".into(),
        html: None,
        pdf: Some(("letter.pdf".into(), a_page())),
        language: "en".into(),
        unsubscribe_url: None,
        valid_for: Duration::from_secs(30),
    }
}

fn in_san_francisco() -> PostalParts {
    PostalParts {
        line1: "210 King St".into(),
        line2: Some("# 6100".into()),
        postal_code: Some("94107".into()),
        city: "San Francisco".into(),
        region: Some("CA".into()),
    }
}

/// An empty page of A4.
fn a_page() -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let tree = document.new_object_id();
    let content = document.add_object(Stream::new(dictionary! {}, Vec::new()));
    let page = document.add_object(dictionary! { "Type" => "Page", "Parent" => tree, "Contents" => content });
    let sheet = vec![0.into(), 0.into(), Object::Real(595.28), Object::Real(841.89)];
    let pages = dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1, "MediaBox" => sheet };
    document.objects.insert(tree, pages.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

#[tokio::test]
async fn twilio_takes_our_short_message() {
    let (prism, _description) = serve(TWILIO).await;
    let settings = |from: &str, account: &str| TwilioSettings {
        base_url: prism.url.clone(),
        account_sid: account.into(),
        auth_token: "token".into(),
        from: from.into(),
        public_url: Some("https://dunwell.example".into()),
    };
    for from in ["+14155550000", "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
        let postman = TwilioPostman::new(settings(from, ACCOUNT)).unwrap();
        let receipt = postman.send(&outgoing(Channel::Sms)).await.unwrap();
        assert_eq!(receipt.provider_id.as_deref(), Some("SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), "{from}");
        let reconciled = postman.reconcile(DeliveryId(Uuid::from_u128(1)), TenantId(Uuid::from_u128(7)), "+14155552345").await;
        assert_ne!(reconciled, Reconciled::SafeToRepeat, "the example lists messages to this number");
    }
    // Prism does look: an account that is none of the described shape is refused.
    let refused = TwilioPostman::new(settings("+14155550000", "AC1")).unwrap().send(&outgoing(Channel::Sms)).await;
    assert!(matches!(refused, Err(SendError::Rejected { .. } | SendError::Unauthorised { .. })), "{refused:?}");
}

fn lob(url: &str) -> LobSettings {
    LobSettings {
        api_url: url.into(),
        api_key: "test_key".into(),
        sender: LobSender {
            name: "Acme".into(),
            line1: "1 Main St".into(),
            line2: None,
            city: "Reno".into(),
            state: "NV".into(),
            zip: "89501".into(),
        },
        mail: LobMail::FirstClass,
        duplex: true,
        colour: false,
        limits: Limits::default(),
    }
}

#[tokio::test]
async fn lob_takes_our_letter() {
    let (prism, _description) = serve(LOB).await;
    let status = reqwest_status(&format!("{}/letters", prism.url)).await;
    assert_eq!(status, 401, "Prism asks for the key");
    let postman = LobPostman::new(lob(&prism.url)).unwrap();
    let receipt = postman.send(&outgoing(Channel::Post)).await.unwrap();
    assert_eq!((receipt.provider_id.as_deref(), receipt.posts_itself), (Some("ltr_4868c3b754655f90"), true));
    assert_eq!(receipt.proof.unwrap()["expectedOn"], "2017-09-12");
    // Prism lists its examples whatever is asked for: they are not ours, so nothing is said about ours.
    let reconciled = postman.reconcile(DeliveryId(Uuid::from_u128(1)), TenantId(Uuid::from_u128(7)), "").await;
    assert_eq!(reconciled, Reconciled::Unknown);
}

async fn reqwest_status(url: &str) -> u16 {
    reqwest::Client::new().get(url).send().await.unwrap().status().as_u16()
}

/// The schema of the form, out of the description.
fn schema() -> Value {
    let mut description: Value = serde_yaml::from_str(LOB).unwrap();
    description["$ref"] = json!("#/components/schemas/letter_editable");
    description
}

/// The form that our sender makes, as the document that it stands for.
async fn form_of(outgoing: &Outgoing) -> Value {
    let server = MockServer::start().await;
    Mock::given(matchers::any()).respond_with(ResponseTemplate::new(401)).mount(&server).await;
    let _ = LobPostman::new(lob(&server.uri())).unwrap().send(outgoing).await;
    let request = &server.received_requests().await.unwrap()[0];
    let media_type = request.headers["content-type"].to_str().unwrap();
    let (_, boundary) = media_type.split_once("boundary=").unwrap();
    let text = String::from_utf8_lossy(&request.body).into_owned();
    let mut document = json!({});
    for part in text.split(&format!("--{boundary}\r\n")).skip(1) {
        let (head, value) = part.split_once("\r\n\r\n").unwrap();
        let name = head.split("name=\"").nth(1).unwrap().split('"').next().unwrap();
        let file_name = head.split("filename=\"").nth(1).and_then(|rest| rest.split('"').next());
        // A form has texts alone; Lob reads these two as what they say.
        let value = match file_name.unwrap_or_else(|| value.split("\r\n").next().unwrap()) {
            "true" => json!(true),
            "false" => json!(false),
            text => json!(text),
        };
        match name.trim_end_matches(']').split_once('[') {
            Some((object, field)) => document[object][field] = value,
            None => document[name] = value,
        }
    }
    document
}

#[tokio::test]
async fn the_form_is_of_lobs_schema() {
    let validator = jsonschema::options().with_draft(jsonschema::Draft::Draft4).build(&schema()).unwrap();
    let home = outgoing(Channel::Post);
    let abroad = |postal_code: Option<&str>, region: Option<&str>| {
        let parts = PostalParts { postal_code: postal_code.map(Into::into), region: region.map(Into::into), ..in_san_francisco() };
        Outgoing { postal: Some(Postal { name: "N".into(), country: "AU".into(), parts: Some(parts) }), ..outgoing(Channel::Post) }
    };
    for letter in [home.clone(), abroad(Some("2000"), Some("NSW")), abroad(Some("2000"), None), abroad(None, Some("NSW"))] {
        let form = form_of(&letter).await;
        let wrong: Vec<String> = validator.iter_errors(&form).map(|error| format!("{} at {}", error, error.instance_path())).collect();
        assert!(wrong.is_empty(), "{wrong:?}\n{form:#}");
    }
    // The schema does look.
    let form = form_of(&home).await;
    for (field, value) in
        [("color", json!("blue")), ("use_type", json!("fun")), ("address_placement", json!("anywhere")), ("to", json!({ "name": "N" }))]
    {
        let mut wrong = form.clone();
        wrong[field] = value;
        assert!(!validator.is_valid(&wrong), "{field}");
    }
}
