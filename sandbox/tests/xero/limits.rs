//! Throttling, and what every answer says about what is left.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Response;
use sandbox::{Options, xero::App};

use super::stand::Stand;

fn header(answer: &Response, name: &str) -> Option<i64> {
    answer.headers().get(name).map(|value| value.to_str().unwrap().parse().unwrap())
}

#[tokio::test]
async fn every_answer_says_what_is_left() {
    let stand = Stand::new().await;
    stand.get("/Organisation").await;
    let second = stand.get("/Nothing").await;
    assert_eq!(second.status(), 404);
    assert_eq!(header(&second, "X-DayLimit-Remaining"), Some(4_998));
    assert_eq!(header(&second, "X-MinLimit-Remaining"), Some(58));
    assert_eq!(header(&second, "X-AppMinLimit-Remaining"), Some(9_998));
}

#[tokio::test]
async fn the_sixty_first_call_in_a_minute_waits_until_the_first_is_a_minute_old() {
    let stand = Stand::new().await;
    stand.get("/Organisation").await;
    stand.pass(10);
    for _ in 1..60 {
        assert_eq!(stand.get("/Organisation").await.status(), 200);
    }
    let refused = stand.get("/Organisation").await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["x-rate-limit-problem"], "minute");
    assert_eq!(header(&refused, "Retry-After"), Some(50));
    assert_eq!(header(&refused, "X-MinLimit-Remaining"), Some(0));
    stand.pass(50);
    assert_eq!(stand.get("/Organisation").await.status(), 200);
    assert_eq!(stand.get("/Organisation").await.status(), 429, "only the first call has left the window");
}

#[tokio::test]
async fn the_day_is_limited_for_each_organisation_until_midnight() {
    let app = App { calls_a_day: 3, ..App::default() };
    let stand = Stand::with(Options { app, ..Options::default() }).await;
    for _ in 0..3 {
        stand.get("/Organisation").await;
    }
    let refused = stand.get("/Organisation").await;
    assert_eq!(refused.headers()["x-rate-limit-problem"], "day");
    assert_eq!(header(&refused, "Retry-After"), Some(3 * 3_600));
    let other = stand.control().organisations()[1].0.to_string();
    let request = stand.client.get(stand.url("/api.xro/2.0/Organisation")).bearer_auth(&stand.token);
    assert_eq!(request.header("xero-tenant-id", other).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_sixth_call_at_the_same_time_is_refused_without_a_time_to_wait() {
    let stand = Stand::new().await;
    stand.running.faults().latency(Duration::from_millis(300));
    let answers = join_all((0..8).map(|_| stand.get("/Organisation"))).await;
    let refused: Vec<&Response> = answers.iter().filter(|answer| answer.status() == 429).collect();
    assert_eq!(refused.len(), 3);
    assert_eq!(refused[0].headers()["x-rate-limit-problem"], "concurrent");
    assert_eq!(header(refused[0], "Retry-After"), None);
    stand.running.faults().clear();
    assert_eq!(stand.get("/Organisation").await.status(), 200, "the five have made room");
}

#[tokio::test]
async fn without_limits_nothing_is_throttled() {
    let stand = Stand::unlimited().await;
    for _ in 0..70 {
        assert_eq!(stand.get("/Organisation").await.status(), 200);
    }
}
