//! The API behind a real HTTP server, for what only HTTP shows: headers, files, sockets.

use std::{net::SocketAddr, sync::Mutex};

use actix_web::{App, HttpServer, dev::ServerHandle};
use reqwest::{Client, RequestBuilder, Response, header};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::world::World;

pub struct Server {
    pub world: World,
    pub client: Client,
    pub shutdown: CancellationToken,
    address: SocketAddr,
    running: ServerHandle,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
}

impl Server {
    /// Serves a world until it is dropped.
    pub async fn start(world: World) -> Self {
        let shutdown = CancellationToken::new();
        let routes = api::routes(&world.schema, world.env.clone(), &world.settings, shutdown.clone()).unwrap();
        let (report, started) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let routes = routes.clone();
                let server = HttpServer::new(move || App::new().configure(routes.clone()))
                    .on_connect(transport::on_connect)
                    .workers(1)
                    .disable_signals()
                    .shutdown_timeout(1)
                    .bind("127.0.0.1:0")
                    .unwrap();
                let address = server.addrs()[0];
                let server = server.run();
                report.send((address, server.handle())).ok().unwrap();
                server.await.unwrap();
            });
        });
        let (address, running) = started.await.unwrap();
        Self { world, client: Client::new(), shutdown, address, running, thread: Mutex::new(Some(thread)) }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A link of ours, which says another address than the one of this server.
    pub fn here(&self, link: &str) -> String {
        link.replace("http://127.0.0.1:1", &self.url(""))
    }

    /// A GraphQL request.
    pub fn post(&self, document: &str) -> RequestBuilder {
        self.client
            .post(self.url("/graphql"))
            .header(header::ACCEPT, "application/graphql-response+json")
            .json(&json!({ "query": document }))
    }

    /// The answer to a document, with or without a token.
    pub async fn ask(&self, token: Option<&str>, document: &str) -> Value {
        let request = self.post(document);
        let request = token.into_iter().fold(request, RequestBuilder::bearer_auth);
        json_of(request.send().await.unwrap()).await
    }

    /// The status for a token.
    pub async fn status(&self, token: &str) -> u16 {
        self.post("{ viewer { role } }").bearer_auth(token).send().await.unwrap().status().as_u16()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.cancel();
        drop(self.running.stop(false));
        if let Some(thread) = self.thread.lock().unwrap().take() {
            // Not joined: a test that failed must not hang as well.
            drop(thread);
        }
    }
}

pub async fn json_of(response: Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap_or(Value::Null)
}
