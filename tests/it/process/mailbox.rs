//! A mail server that counts: it speaks as much SMTP as a client needs, thinks for a moment now and then, and remembers
//! every whole mail by its Message-ID. Unlike the processes that talk to it, it is never killed.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

use crate::clock::Seeded;

/// A whole mail.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mail {
    /// Without its brackets.
    pub message_id: String,
    pub recipient: String,
}

/// What the mail server has and how it thinks.
struct Shared {
    mails: Mutex<Vec<Mail>>,
    /// Of each, the sender of the envelope and the headers.
    heads: Mutex<Vec<(String, Vec<String>)>>,
    chance: Seeded,
    slowness: Duration,
    thinking: AtomicUsize,
    /// While it is held, whoever talks to it waits for its answer.
    held: watch::Sender<bool>,
}

/// How many of its pauses are none at all: one of these is long instead.
const SELDOM: usize = 5;

/// A mail server on this machine.
pub struct Mailbox {
    pub port: u16,
    shared: Arc<Shared>,
}

impl Mailbox {
    /// Starts one that now and then thinks up to `slowness` about a recipient or a mail.
    pub async fn start(seed: u64, slowness: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            mails: Mutex::default(),
            heads: Mutex::default(),
            chance: Seeded::new(seed),
            slowness,
            thinking: AtomicUsize::new(0),
            held: watch::Sender::new(false),
        });
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(Session::new(stream, Arc::clone(&serving)).serve());
            }
        });
        Self { port, shared }
    }

    /// Answers nobody until it is let go: what is being sent stays in the middle.
    pub fn hold(&self) {
        self.shared.held.send_replace(true);
    }

    /// Answers again.
    pub fn let_go(&self) {
        self.shared.held.send_replace(false);
    }

    /// Whether somebody waits for its answer right now.
    pub fn is_thinking(&self) -> bool {
        self.shared.thinking.load(Ordering::SeqCst) > 0
    }

    /// Every whole mail that was taken, in order.
    pub fn mails(&self) -> Vec<Mail> {
        self.shared.mails.lock().unwrap().clone()
    }

    /// The envelope's sender and the headers, each in one line, of every whole mail, in order.
    pub fn heads(&self) -> Vec<(String, Vec<String>)> {
        self.shared.heads.lock().unwrap().clone()
    }
}

/// One connection.
struct Session {
    lines: BufReader<OwnedReadHalf>,
    out: OwnedWriteHalf,
    shared: Arc<Shared>,
}

impl Session {
    fn new(stream: TcpStream, shared: Arc<Shared>) -> Self {
        let (read, out) = stream.into_split();
        Self { lines: BufReader::new(read), out, shared }
    }

    /// Ends with the connection.
    async fn serve(mut self) -> Option<()> {
        let (mut sender, mut recipient) = (String::new(), String::new());
        let address = |line: &str| line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        self.say("220 mailbox").await?;
        loop {
            let line = self.line().await?;
            let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "MAIL" => {
                    sender = address(&line);
                    self.say("250 ok").await?;
                }
                "RCPT" => {
                    recipient = address(&line);
                    self.think().await;
                    self.say("250 ok").await?;
                }
                "DATA" => {
                    self.say("354 go on").await?;
                    let (message_id, headers) = self.content().await?;
                    self.shared.heads.lock().unwrap().push((sender.clone(), headers));
                    self.shared.mails.lock().unwrap().push(Mail { message_id, recipient: recipient.clone() });
                    self.think().await;
                    self.say("250 taken").await?;
                }
                "QUIT" => return self.say("221 bye").await,
                _ => self.say("250 ok").await?,
            }
        }
    }

    /// Reads a mail to its end; answers its Message-ID and its headers, unfolded.
    async fn content(&mut self) -> Option<(String, Vec<String>)> {
        let (mut headers, mut in_headers) = (Vec::<String>::new(), true);
        loop {
            let line = self.line().await?;
            if line == "." {
                let id = headers.iter().find_map(|header| header.strip_prefix("Message-ID: "));
                return Some((id.expect("a mail has a Message-ID").trim_matches(['<', '>']).to_owned(), headers));
            }
            in_headers &= !line.is_empty();
            match headers.last_mut() {
                Some(last) if in_headers && line.starts_with([' ', '\t']) => *last += line.trim_end(),
                _ if in_headers => headers.push(line),
                _ => {}
            }
        }
    }

    async fn think(&self) {
        let Shared { chance, slowness, thinking, held, .. } = &*self.shared;
        if *held.borrow() {
            thinking.fetch_add(1, Ordering::SeqCst);
            let _ = held.subscribe().wait_for(|held| !held).await;
            thinking.fetch_sub(1, Ordering::SeqCst);
        }
        if chance.below(SELDOM) == 0 {
            let pause = chance.below(usize::try_from(slowness.as_millis()).unwrap());
            thinking.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(u64::try_from(pause).unwrap())).await;
            thinking.fetch_sub(1, Ordering::SeqCst);
        }
    }

    async fn say(&mut self, text: &str) -> Option<()> {
        self.out.write_all(format!("{text}\r\n").as_bytes()).await.ok()
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.lines.read_line(&mut line).await.ok()?;
        (read > 0).then(|| line.trim_end().to_owned())
    }
}
