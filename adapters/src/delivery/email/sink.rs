//! A mail server for tests: speaks as much SMTP as a client needs, follows a script, keeps what it was given.

use std::sync::Arc;

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Mutex,
};

/// What the server does differently from a friendly one.
#[derive(Debug, Clone, Default)]
pub(super) struct Script {
    /// Answers instead of the friendly ones, by the command's beginning (`MAIL`, `RCPT`, `DATA`, `AUTH`, and `.` for the
    /// end of the content). An empty answer closes the connection.
    pub answers: Vec<(&'static str, &'static str)>,
    /// Extensions, one per line.
    pub extensions: Vec<&'static str>,
    /// Close each connection after a mail.
    pub close_after_mail: bool,
    /// Never answer the end of the content.
    pub silent_after_content: bool,
}

/// What was received.
#[derive(Debug, Clone, Default)]
pub(super) struct Received {
    pub connections: usize,
    pub commands: Vec<String>,
    /// Contents as the client meant them, dots unstuffed, whole ones only.
    pub mails: Vec<String>,
}

pub(super) struct Sink {
    pub port: u16,
    received: Arc<Mutex<Received>>,
}

impl Sink {
    pub(super) async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::new(Mutex::new(Received::default()));
        let shared = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().await.connections += 1;
                tokio::spawn(serve(stream, script.clone(), Arc::clone(&shared)));
            }
        });
        Self { port, received }
    }

    pub(super) async fn received(&self) -> Received {
        self.received.lock().await.clone()
    }
}

async fn serve(stream: TcpStream, script: Script, received: Arc<Mutex<Received>>) {
    let mut stream = BufReader::new(stream);
    let _ = say(&mut stream, answer(&script, "GREETING", "220 sink ready")).await;
    let mut line = String::new();
    while { line.clear(); stream.read_line(&mut line).await.is_ok_and(|read| read > 0) } {
        let command = line.trim_end().to_owned();
        received.lock().await.commands.push(command.clone());
        let verb = command.get(..4).unwrap_or_default().to_uppercase();
        let friendly = match verb.as_str() {
            "EHLO" => hello(&script),
            "DATA" => "354 go on".into(),
            "QUIT" => "221 bye".into(),
            "AUTH" => "235 welcome".into(),
            _ => "250 ok".into(),
        };
        let said = answer(&script, &verb, &friendly);
        if said.is_empty() || say(&mut stream, said.clone()).await.is_err() || verb == "QUIT" {
            return;
        }
        if said.starts_with("354") && !content(&mut stream, &script, &received).await {
            return;
        }
    }
}

/// Reads one mail's content; false when the connection is done.
async fn content(stream: &mut BufReader<TcpStream>, script: &Script, received: &Mutex<Received>) -> bool {
    let mut mail = String::new();
    let mut line = String::new();
    loop {
        line.clear();
        if !stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
            return false;
        }
        if line == ".\r\n" {
            break;
        }
        mail.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
    received.lock().await.mails.push(mail);
    if script.silent_after_content {
        let _ = stream.read(&mut [0; 1]).await;
        return false;
    }
    let said = answer(script, ".", "250 2.0.0 queued as 42");
    !said.is_empty() && say(stream, said).await.is_ok() && !script.close_after_mail
}

fn hello(script: &Script) -> String {
    let mut lines = vec!["sink"];
    lines.extend(&script.extensions);
    let last = lines.len() - 1;
    let lines: Vec<String> = lines.iter().enumerate().map(|(index, line)| format!("250{}{line}", if index == last { ' ' } else { '-' })).collect();
    lines.join("\r\n")
}

fn answer(script: &Script, to: &str, friendly: &str) -> String {
    script.answers.iter().find(|(verb, _)| *verb == to).map_or(friendly, |(_, answer)| answer).to_owned()
}

async fn say(stream: &mut BufReader<TcpStream>, text: String) -> std::io::Result<()> {
    stream.get_mut().write_all(format!("{text}\r\n").as_bytes()).await
}
