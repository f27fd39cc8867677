//! The postman against a mail server.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use super::{
    super::fixture::{outgoing, word},
    sink::{AUTHORITY, Script, Sink},
    *,
};

fn settings(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".into(),
        port,
        tls: SmtpTls::None { anywhere: false },
        authority: None,
        username: None,
        password: None,
        from_address: "letters@dunwell.example".into(),
        bounce_address: None,
        from_name: DEFAULT_FROM_NAME.into(),
        pool_size: 2,
        timeout: Duration::from_millis(500),
    }
}

async fn postman(script: Script) -> (Sink, EmailPostman) {
    let sink = Sink::start(script).await;
    let postman = EmailPostman::new(settings(sink.port)).unwrap();
    (sink, postman)
}

#[tokio::test]
async fn a_mail_arrives_as_written_dots_and_all() {
    let (sink, postman) = postman(Script::default()).await;
    assert_eq!(postman.mail_domain(), Some("dunwell.example"), "that of the sender's address");
    let receipt = postman.send(&outgoing(1)).await.unwrap();
    assert!(receipt.provider_id.unwrap().contains("queued as 42"));
    let received = sink.received().await;
    let mail = &received.mails[0];
    assert_eq!(received.mails.len(), 1);
    assert!(received.commands.iter().any(|command| command == "MAIL FROM:<letters@dunwell.example>"), "{:?}", received.commands);
    assert!(received.commands.iter().any(|command| command == "RCPT TO:<debtor@example.org>"));
    assert_eq!(mail.matches("\r\nSubject:").count() + usize::from(mail.starts_with("Subject:")), 1);
    let text = mail.split("text/plain").nth(1).unwrap();
    assert!(text.contains("\r\n.\r\n..two dots\r\n"), "{text}");
    let encoded = mail.split("application/pdf").nth(1).unwrap().split("\r\n\r\n").nth(1).unwrap();
    assert!(encoded.starts_with("JVBERi0xLjcgYm9keQ=="), "the PDF's bytes: {encoded}");
}

#[tokio::test]
async fn every_no_is_sorted_by_what_to_do() {
    let cases: [(&str, &str, &str); 20] = [
        ("GREETING", "421 busy", "transient"),
        ("GREETING", "554 go away", "transient"),
        ("MAIL", "451 4.7.1 later", "transient"),
        ("MAIL", "550 5.7.1 not your address", "unauthorised"),
        ("MAIL", "530 5.7.0 authentication required", "unauthorised"),
        ("MAIL", "552 5.3.4 too large", "MESSAGE_TOO_LARGE"),
        ("MAIL", "", "transient"),
        ("RCPT", "450 4.2.0 greylisted", "transient"),
        ("RCPT", "550 5.1.1 nobody here", "MAILBOX_UNKNOWN"),
        ("RCPT", "550 nobody here", "MAILBOX_UNKNOWN"),
        ("RCPT", "550 5.1.2 no such domain", "DOMAIN_UNKNOWN"),
        ("RCPT", "552 5.2.2 full", "MAILBOX_FULL"),
        ("RCPT", "554 5.7.1 policy", "POLICY_REFUSED"),
        ("RCPT", "", "transient"),
        ("DATA", "451 later", "transient"),
        ("DATA", "", "transient"),
        (".", "451 4.3.0 disk full", "transient"),
        (".", "554 5.6.0 odd content", "CONTENT_REFUSED"),
        (".", "nonsense", "unknown"),
        (".", "", "unknown"),
    ];
    for (verb, answer, expected) in cases {
        let (sink, postman) = postman(Script { answers: vec![(verb, answer)], ..Script::default() }).await;
        assert_eq!(word(postman.send(&outgoing(1)).await), expected, "{verb} {answer}");
        let accepted = usize::from(verb == ".");
        assert_eq!(sink.received().await.mails.len(), accepted, "{verb}: the content leaves once, after everything else was agreed");
    }
}

#[tokio::test]
async fn silence_after_the_content_is_unknown_and_before_it_is_not() {
    let (_sink, postman) = postman(Script { silent_after_content: true, ..Script::default() }).await;
    assert_eq!(word(postman.send(&outgoing(1)).await), "unknown");
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let postman = EmailPostman::new(settings(silent.local_addr().unwrap().port())).unwrap();
    assert_eq!(word(postman.send(&outgoing(1)).await), "transient");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again_later() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let postman = EmailPostman::new(settings(closed)).unwrap();
    assert_eq!(word(postman.send(&outgoing(1)).await), "transient");
}

#[tokio::test]
async fn connections_are_kept_and_a_closed_one_is_replaced() {
    let (sink, postman) = postman(Script::default()).await;
    for number in 1..=3 {
        postman.send(&outgoing(number)).await.unwrap();
    }
    assert_eq!((sink.received().await.connections, sink.received().await.mails.len()), (1, 3));
    let (sink, postman) = self::postman(Script { close_after_mail: true, ..Script::default() }).await;
    for number in 1..=3 {
        postman.send(&outgoing(number)).await.unwrap();
    }
    assert_eq!((sink.received().await.connections, sink.received().await.mails.len()), (3, 3));
}

#[tokio::test]
async fn many_mails_at_once_share_few_connections() {
    let (sink, postman) = postman(Script::default()).await;
    let letters: Vec<_> = (1..=12).map(outgoing).collect();
    let sent = futures_util::future::join_all(letters.iter().map(|letter| postman.send(letter))).await;
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    let received = sink.received().await;
    assert_eq!(received.mails.len(), 12);
    assert!(received.connections <= 2, "{}", received.connections);
}

#[tokio::test]
async fn signing_in_works_and_a_refusal_stops_the_channel() {
    let signing_in =
        |port| SmtpSettings { username: Some("acme".into()), password: Some(SecretString::from("canary-4711")), ..settings(port) };
    let sink = Sink::start(Script { extensions: vec!["AUTH PLAIN"], ..Script::default() }).await;
    assert_eq!(word(EmailPostman::new(signing_in(sink.port)).unwrap().send(&outgoing(1)).await), "sent");
    assert!(sink.received().await.commands.iter().any(|command| command.starts_with("AUTH PLAIN ")));
    for (answer, expected) in [("535 5.7.8 bad canary", "unauthorised"), ("454 4.7.0 later", "transient")] {
        let sink = Sink::start(Script { extensions: vec!["AUTH PLAIN"], answers: vec![("AUTH", answer)], ..Script::default() }).await;
        let error = EmailPostman::new(signing_in(sink.port)).unwrap().send(&outgoing(1)).await.unwrap_err();
        assert!(!format!("{error:?}").contains("canary-4711"));
        assert_eq!(word(Err(error)), expected);
        assert_eq!(sink.received().await.mails.len(), 0);
    }
    let sink = Sink::start(Script::default()).await;
    assert_eq!(
        word(EmailPostman::new(signing_in(sink.port)).unwrap().send(&outgoing(1)).await),
        "unauthorised",
        "no way to sign in is offered"
    );
    assert!(!format!("{:?}", signing_in(1)).contains("canary"));
}

#[tokio::test]
async fn without_the_tls_that_was_asked_for_nothing_is_said() {
    for tls in [SmtpTls::StartTls, SmtpTls::Implicit] {
        let sink = Sink::start(Script::default()).await;
        let asked =
            SmtpSettings { tls, username: Some("acme".into()), password: Some(SecretString::from("secret")), ..settings(sink.port) };
        assert_eq!(word(EmailPostman::new(asked).unwrap().send(&outgoing(1)).await), "transient", "{tls:?}");
        let commands = sink.received().await.commands;
        assert!(!commands.iter().any(|command| command.contains("AUTH") || command.contains("MAIL")), "{commands:?}");
    }
}

#[tokio::test]
async fn mails_go_through_tls_to_a_server_that_proves_its_name() {
    for (tls, script) in [
        (SmtpTls::StartTls, Script { extensions: vec!["STARTTLS", "AUTH PLAIN LOGIN"], ..Script::default() }),
        (SmtpTls::Implicit, Script { implicit_tls: true, extensions: vec!["AUTH PLAIN"], ..Script::default() }),
    ] {
        let sink = Sink::start(script).await;
        let trusting = SmtpSettings {
            host: "localhost".into(),
            tls,
            authority: Some(AUTHORITY.to_vec()),
            username: Some("acme".into()),
            password: Some(SecretString::from("secret")),
            ..settings(sink.port)
        };
        let wrong_name = SmtpSettings { host: "127.0.0.1".into(), ..trusting.clone() };
        let distrusting = SmtpSettings { authority: None, ..trusting.clone() };
        for refused in [wrong_name, distrusting] {
            assert_eq!(word(EmailPostman::new(refused).unwrap().send(&outgoing(1)).await), "transient", "{tls:?}");
        }
        assert!(!sink.received().await.commands.iter().any(|command| command.contains("AUTH") || command.contains("MAIL")));
        assert_eq!(word(EmailPostman::new(trusting).unwrap().send(&outgoing(2)).await), "sent", "{tls:?}");
        let received = sink.received().await;
        assert_eq!(received.mails.len(), 1);
        let bare = |command: &&String| command.starts_with("AUTH") || command.starts_with("MAIL");
        assert_eq!(received.commands.iter().find(bare), None, "everything that matters is said inside TLS");
    }
}

#[tokio::test]
async fn letters_outside_ascii_need_a_server_that_takes_them() {
    let mut letter = outgoing(1);
    letter.recipient = "jörg@example.org".into();
    let (_sink, postman) = postman(Script::default()).await;
    assert_eq!(word(postman.send(&letter).await), "ADDRESS_UNSUPPORTED");
    let (sink, postman) = self::postman(Script { extensions: vec!["SMTPUTF8", "8BITMIME"], ..Script::default() }).await;
    assert_eq!(word(postman.send(&letter).await), "sent");
    assert!(sink.received().await.commands.iter().any(|command| command.contains("SMTPUTF8")));
}

#[tokio::test]
async fn a_hand_over_that_starts_too_late_says_nothing() {
    let (sink, postman) = postman(Script::default()).await;
    let mut letter = outgoing(1);
    letter.valid_for = Duration::ZERO;
    assert_eq!(word(postman.send(&letter).await), "transient");
    assert_eq!(sink.received().await.mails.len(), 0);
    let (sink, postman) = self::postman(Script { slow_recipient: Duration::from_millis(300), ..Script::default() }).await;
    letter.valid_for = Duration::from_millis(100);
    assert_eq!(word(postman.send(&letter).await), "transient", "the time ran out during the dialogue");
    let received = sink.received().await;
    assert!(received.mails.is_empty() && received.commands.iter().any(|command| command.starts_with("RCPT")), "{received:?}");
    let letter = outgoing(2);
    assert_eq!(postman.reconcile(letter.delivery, letter.tenant, &letter.recipient).await, Reconciled::Unknown);
}

#[tokio::test]
async fn reports_are_asked_for_where_they_are_offered_and_only_there() {
    let envelope = |commands: &[String]| {
        let find = |verb: &str| commands.iter().find(|command| command.starts_with(verb)).unwrap().clone();
        (find("MAIL"), find("RCPT"))
    };
    let (sink, postman) = postman(Script { extensions: vec!["PIPELINING", "dsn", "8BITMIME"], ..Script::default() }).await;
    let mut letter = outgoing(1);
    letter.recipient = "a+b=c@example.org".into();
    assert_eq!(word(postman.send(&letter).await), "sent");
    let (mail, rcpt) = envelope(&sink.received().await.commands);
    assert_eq!(mail, "MAIL FROM:<letters@dunwell.example> RET=HDRS ENVID=00000000000000000000000000000001");
    assert_eq!(rcpt, "RCPT TO:<a+b=c@example.org> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a+2Bb+3Dc@example.org", "xtext (RFC 3461 § 4)");
    for extensions in [vec![], vec!["DSNX", "X-DSN"]] {
        let (sink, postman) = self::postman(Script { extensions, ..Script::default() }).await;
        assert_eq!(word(postman.send(&letter).await), "sent");
        let (mail, rcpt) = envelope(&sink.received().await.commands);
        assert_eq!((mail.as_str(), rcpt.as_str()), ("MAIL FROM:<letters@dunwell.example>", "RCPT TO:<a+b=c@example.org>"));
    }
}

#[tokio::test]
async fn each_mail_comes_back_to_an_address_of_its_own() {
    let sink = Sink::start(Script::default()).await;
    let settings = SmtpSettings { bounce_address: Some("bounces@letters.example".into()), ..settings(sink.port) };
    let postman = EmailPostman::new(settings).unwrap();
    assert_eq!(word(postman.send(&outgoing(1)).await), "sent");
    let received = sink.received().await;
    let from = "MAIL FROM:<bounces+00000000000000000000000000000001@letters.example>";
    assert!(received.commands.iter().any(|command| command == from), "{:?}", received.commands);
    assert!(received.mails[0].contains("<letters@dunwell.example>"), "the reader sees who writes");
}

#[test]
fn settings_that_cannot_work_are_named() {
    let refused = |change: fn(&mut SmtpSettings)| {
        let mut settings = settings(25);
        change(&mut settings);
        EmailPostman::new(settings).err().map(|error| error.setting)
    };
    assert_eq!(refused(|_| {}), None);
    assert_eq!(refused(|settings| settings.host = "mail.example.org".into()), Some("tls"));
    assert_eq!(refused(|settings| (settings.host, settings.tls) = ("mail.example.org".into(), SmtpTls::None { anywhere: true })), None);
    assert_eq!(refused(|settings| settings.from_address = "nobody".into()), Some("from_address"));
    assert_eq!(refused(|settings| settings.username = Some("u".into())), Some("password"));
    assert_eq!(refused(|settings| settings.bounce_address = Some("nobody".into())), Some("bounce_address"));
    assert_eq!(refused(|settings| settings.pool_size = 0), Some("pool_size"));
    assert_eq!(refused(|settings| (settings.tls, settings.authority) = (SmtpTls::StartTls, Some(b"no PEM".to_vec()))), Some("authority"));
}
