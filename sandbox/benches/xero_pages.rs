//! How fast the stand-in Xero answers pages of a long list: it must be faster than any client that is measured against
//! it. Prints invoices a second, over HTTP on this machine, from a list of a million (or `SANDBOX_BENCH_INVOICES`).

use std::{env, hint::black_box, net::SocketAddr, time::Duration};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use reqwest::Client;
use sandbox::{Options, Provider, Running, serve};
use tokio::runtime::Runtime;

const SCOPES: &str = "accounting.invoices.read";
const PAGE: u64 = 1_000;

async fn page(client: &Client, running: &Running, token: &str, number: u64) -> usize {
    let url = format!("{}/api.xro/2.0/Invoices", running.url());
    let query = format!("where=Type%3D%3D%22ACCREC%22&order=UpdatedDateUTC%20ASC&page={number}&pageSize={PAGE}");
    let request = client.get(format!("{url}?{query}")).bearer_auth(token).header("accept", "application/json");
    let tenant = running.xero().first_organisation().to_string();
    let answer = request.header("xero-tenant-id", tenant).send().await.and_then(reqwest::Response::error_for_status);
    answer.expect("a page").bytes().await.expect("its body").len()
}

fn pages(criterion: &mut Criterion) {
    let invoices = env::var("SANDBOX_BENCH_INVOICES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let runtime = Runtime::new().expect("a runtime");
    let options = Options { samples: false, limits: false, invoices, ..Options::default() };
    let running = runtime.block_on(serve(Provider::Xero, SocketAddr::from(([127, 0, 0, 1], 0)), options)).expect("a stand-in");
    let token = running.xero().sign_in(SCOPES).expect("tokens").access_token;
    let client = Client::new();
    let count = (u64::try_from(invoices).unwrap_or(PAGE) / PAGE).max(1);
    let mut number = 0;
    let mut group = criterion.benchmark_group("stand-in Xero");
    group.throughput(Throughput::Elements(PAGE)).sample_size(20).measurement_time(Duration::from_secs(5));
    group.bench_function(format!("a page of {PAGE} of {invoices} invoices"), |bench| {
        bench.iter(|| {
            number = number % count + 1;
            black_box(runtime.block_on(page(&client, &running, &token, number)))
        });
    });
    group.finish();
    runtime.block_on(running.stop());
}

criterion_group!(benches, pages);
criterion_main!(benches);
