//! Signed links to files: they open one thing, for one tenant, for one deed, for a while.

use reqwest::Method;
use serde_json::{Value, json};

use super::tenancy::Targets;
use crate::process::{
    client::{Client, get_raw},
    demo::Demo,
};

/// The path of a letter's link, and what stands behind its question mark.
async fn letter_link(owner: &Client, letter: &str) -> String {
    let seen = owner.ask("query($id: ID!) { node(id: $id) { ... on Letter { pdfUrl } } }", json!({ "id": letter })).await;
    path_of(&seen["node"]["pdfUrl"])
}

fn path_of(url: &Value) -> String {
    let url = url.as_str().unwrap();
    url[url.find("://").unwrap() + 3..].split_once('/').map(|(_, path)| format!("/{path}")).unwrap()
}

/// The link with one of its parts replaced.
fn with(link: &str, name: &str, value: &str) -> String {
    let (path, query) = link.split_once('?').unwrap();
    let parts: Vec<String> = query
        .split('&')
        .map(|part| if part.starts_with(&format!("{name}=")) { format!("{name}={value}") } else { part.to_owned() })
        .collect();
    format!("{path}?{}", parts.join("&"))
}

fn value<'a>(link: &'a str, name: &str) -> &'a str {
    link.split(['?', '&']).find_map(|part| part.strip_prefix(&format!("{name}="))).unwrap()
}

#[test]
fn a_letters_link_opens_that_letter_and_no_forged_one_opens_any() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let (ours, neighbour) = (demo.client(0, "OWNER"), demo.client(2, "OWNER"));
        let (our, their) = (Targets::of(&ours).await, Targets::of(&neighbour).await);
        let link = letter_link(&ours, our.id("letter")).await;
        let nobody = demo.process.client();
        let opened = nobody.request(Method::GET, &link).send().await.unwrap();
        assert_eq!(opened.headers()["content-type"], "application/pdf");
        assert!(opened.headers()["cache-control"].to_str().unwrap().contains("private"));
        assert!(opened.bytes().await.unwrap().starts_with(b"%PDF"));
        let foreign = letter_link(&neighbour, their.id("letter")).await;
        let signature = value(&link, "signature");
        let later = (value(&link, "expires").parse::<i64>().unwrap() + 1).to_string();
        let forged = [
            link.split_once('?').unwrap().0.to_owned(),
            link.replace(our.id("letter"), their.id("letter")),
            with(&link, "tenant", their.id("tenant")),
            with(&link, "expires", &later),
            with(&link, "expires", "99999999999999999999"),
            with(&link, "expires", "0"),
            with(&link, "signature", &signature[1..]),
            with(&link, "signature", &signature.to_uppercase()),
            with(&link, "signature", &"0".repeat(64)),
            with(&link, "signature", ""),
            with(&link, "signature", value(&foreign, "signature")),
            with(&foreign, "tenant", our.id("tenant")),
            link.replace(".pdf", ".txt"),
        ];
        for path in forged {
            let answer = nobody.get(&path).await.unwrap();
            assert!([403, 404].contains(&answer.status), "{path}: {answer:?}");
            assert!(!answer.body.contains("%PDF"), "{path}");
        }
        for detour in ["/letters/../letters/", "/letters/%2e%2e/letters/", "//letters/"] {
            let (status, said) = get_raw(demo.process.url(), &link.replace("/letters/", detour)).await;
            assert!([400, 403, 404].contains(&status) && !said.contains("%PDF"), "{detour}: {said}");
        }
        let by_put = nobody.request(Method::PUT, &link).body("x").send().await.unwrap();
        assert!([404, 405].contains(&by_put.status().as_u16()), "{by_put:?}");
    });
}

#[test]
fn an_uploads_link_takes_its_file_and_no_forged_one_takes_any() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let (ours, neighbour, nobody) = (demo.client(0, "ACCOUNTANT"), demo.client(2, "OWNER"), demo.process.client());
        let announce = "mutation { uploadCreate(fileName: \"a.csv\", byteSize: 8) { target { id url method } userErrors { code } } }";
        let our = path_of(&ours.change(announce, json!({})).await["target"]["url"]);
        let their = path_of(&neighbour.change(announce, json!({})).await["target"]["url"]);
        let id = |link: &str| link.split(['/', '?']).nth(2).unwrap().to_owned();
        let later = (value(&our, "expires").parse::<i64>().unwrap() + 1).to_string();
        let forged = [
            our.split_once('?').unwrap().0.to_owned(),
            our.replace(&id(&our), &id(&their)),
            with(&our, "user", value(&their, "user")),
            with(&our, "tenant", value(&their, "tenant")),
            with(&our, "expires", &later),
            with(&our, "signature", value(&their, "signature")),
        ];
        for path in forged {
            let sent = nobody.request(Method::PUT, &path).body("a,b\n1,2\n").send().await.unwrap();
            assert!([403, 404].contains(&sent.status().as_u16()), "{path}: {sent:?}");
        }
        for (wrong, status) in [("a,b\n1,2\n3,4\n", 413), ("a,b\n", 422), ("", 422)] {
            let sent = nobody.request(Method::PUT, &our).body(wrong).send().await.unwrap();
            assert_eq!(sent.status(), status, "not what was announced: {wrong:?}: {sent:?}");
        }
        let right = nobody.request(Method::PUT, &our).body("a,b\n1,2\n").send().await.unwrap();
        assert_eq!(right.status(), 200);
        let read = nobody.request(Method::GET, &our).send().await.unwrap();
        assert!([404, 405].contains(&read.status().as_u16()), "{read:?}");
    });
}
