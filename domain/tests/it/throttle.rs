//! Limits over several processes of one database. The instants that count are those at which a turn was taken: the
//! clock's last word before it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Clock,
    port::{
        SourceError,
        throttle::{Limit, LimitKind, Throttle, Told, Turn},
    },
    throttle::DbThrottle,
};
use testdb::TestDb;

use crate::world::migrate;

/// The machine's clock plus a shift; remembers what it said last.
#[derive(Default)]
struct Watch {
    shift: Mutex<TimeDelta>,
    said: Mutex<DateTime<Utc>>,
}

impl Watch {
    fn pass(&self, by: TimeDelta) {
        *self.shift.lock().unwrap() += by;
    }
}

impl Clock for Watch {
    fn now(&self) -> DateTime<Utc> {
        self.machine()
    }

    fn machine(&self) -> DateTime<Utc> {
        let now = Utc::now() + *self.shift.lock().unwrap();
        *self.said.lock().unwrap() = now;
        now
    }
}

async fn alone(db: &TestDb) -> (DbThrottle, Arc<Watch>) {
    let watch = Arc::new(Watch::default());
    (DbThrottle::new(db.connect().await, watch.clone()), watch)
}

/// When turns were taken, and when the calls were over.
type Spans = Vec<(DateTime<Utc>, DateTime<Utc>)>;

fn calls(key: &str, most: u32, per: Duration) -> Limit {
    Limit { key: key.into(), kind: LimitKind::Calls { most, per } }
}

fn at_once(key: &str, most: u32) -> Limit {
    Limit { key: key.into(), kind: LimitKind::AtOnce { most } }
}

testdb::on_both!(eight_tasks_in_two_processes_never_exceed_the_limits, with("product", migrate), |db| async move {
    const MOST: usize = 6;
    let limits = [calls("books:org", 6, Duration::from_secs(1)), at_once("books:org", 3), calls("books:app", 100, Duration::from_secs(1))];
    let pools = [db.connect().await, db.connect().await];
    let spans: Arc<Mutex<Spans>> = Arc::default();
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let watch = Arc::new(Watch::default());
            let throttle = DbThrottle::new(pools[n % 2].clone(), watch.clone());
            let (limits, spans) = (limits.clone(), spans.clone());
            tokio::spawn(async move {
                for _ in 0..3 {
                    let turn = throttle.enter(&limits).await.unwrap();
                    let taken = *watch.said.lock().unwrap();
                    tokio::time::sleep(Duration::from_millis(30)).await;
                    let done = Utc::now();
                    throttle.leave(turn, Told::default()).await;
                    spans.lock().unwrap().push((taken, done));
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let spans = spans.lock().unwrap();
    assert_eq!(spans.len(), 24);
    for (start, _) in spans.iter() {
        let within = spans.iter().filter(|(taken, _)| taken >= start && *taken < *start + TimeDelta::seconds(1)).count();
        assert!(within <= MOST, "{within} calls within a second");
        let at_once = spans.iter().filter(|(taken, done)| taken <= start && done > start).count();
        assert!(at_once <= 3, "{at_once} calls at one time");
    }
});

testdb::on_both!(a_wait_that_would_hold_a_worker_is_told_instead, with("product", migrate), |db| async move {
    let (throttle, watch) = alone(&db).await;
    let limits = [calls("books", 2, Duration::from_mins(1))];
    for _ in 0..2 {
        throttle.enter(&limits).await.unwrap();
    }
    let Err(SourceError::RateLimited(seconds)) = throttle.enter(&limits).await else { panic!("a third one in a minute") };
    assert!((59..=63).contains(&seconds), "{seconds}");
    watch.pass(TimeDelta::seconds(63));
    throttle.enter(&limits).await.unwrap();
});

testdb::on_both!(a_closed_key_parks_every_process_and_no_other_key, with("product", migrate), |db| async move {
    let ((one, _), (two, watch)) = (alone(&db).await, alone(&db).await);
    let limits = [calls("books:a", 100, Duration::from_secs(1))];
    let turn = one.enter(&limits).await.unwrap();
    one.leave(turn, Told { closed: Some(("books:a".into(), Duration::from_hours(1))) }).await;
    for throttle in [&one, &two] {
        let Err(SourceError::RateLimited(seconds)) = throttle.enter(&limits).await else { panic!("closed") };
        assert!((3_590..=3_600).contains(&seconds), "{seconds}");
    }
    two.enter(&[calls("books:b", 100, Duration::from_secs(1))]).await.unwrap();
    // A shorter word does not open what a longer one closed.
    one.leave(Turn::default(), Told { closed: Some(("books:a".into(), Duration::from_secs(1))) }).await;
    watch.pass(TimeDelta::seconds(3_000));
    assert!(two.enter(&limits).await.is_err());
    watch.pass(TimeDelta::seconds(601));
    two.enter(&limits).await.unwrap();
});

testdb::on_both!(a_short_closing_is_waited_for, with("product", migrate), |db| async move {
    let (throttle, watch) = alone(&db).await;
    throttle.leave(Turn::default(), Told { closed: Some(("books".into(), Duration::from_millis(700))) }).await;
    let closed = *watch.said.lock().unwrap();
    throttle.enter(&[at_once("books", 1)]).await.unwrap();
    assert!(*watch.said.lock().unwrap() >= closed + TimeDelta::milliseconds(700));
});

testdb::on_both!(a_lost_turn_runs_out, with("product", migrate), |db| async move {
    let (throttle, watch) = alone(&db).await;
    let limits = [at_once("books", 1)];
    let lost = throttle.enter(&limits).await.unwrap();
    let waits = tokio::time::timeout(Duration::from_millis(400), throttle.enter(&limits)).await;
    assert!(waits.is_err(), "the place is taken");
    watch.pass(TimeDelta::seconds(61));
    let next = throttle.enter(&limits).await.unwrap();
    // Given back late, it is not the next one's place that goes.
    throttle.leave(lost, Told::default()).await;
    assert!(tokio::time::timeout(Duration::from_millis(400), throttle.enter(&limits)).await.is_err());
    throttle.leave(next, Told::default()).await;
    throttle.enter(&limits).await.unwrap();
});

testdb::on_both!(a_turn_is_taken_under_all_limits_or_none, with("product", migrate), |db| async move {
    let (throttle, _) = alone(&db).await;
    let (app, org) = (calls("books:app", 2, Duration::from_mins(1)), calls("books:org", 1, Duration::from_mins(1)));
    throttle.enter(&[app.clone(), org.clone()]).await.unwrap();
    for _ in 0..5 {
        assert!(throttle.enter(&[app.clone(), org.clone()]).await.is_err());
    }
    throttle.enter(&[app]).await.expect("those that got no turn took nothing");
});

testdb::on_both!(no_limits_are_no_wait, with("product", migrate), |db| async move {
    let (throttle, _) = alone(&db).await;
    assert_eq!(throttle.enter(&[]).await, Ok(Turn::default()));
});
