//! Letters that are printed together: chosen once, drawn once, posted together, given up.

use std::{collections::BTreeSet, future::poll_fn, task::Poll};

use domain::{
    RefusalCode,
    event::kind,
    letter::mark_posted,
    print::{self, Choice, MAX_LETTERS, cancel, create, document, manifest},
};
use entity::{LetterId, LetterStatus, PrintBatchStatus, Role, Scoped, event, print_batch};
use futures_util::future::join_all;

use crate::{
    invariants,
    sheet::{Invoice, Payment},
    world::{Creditor, World, code, day, migrate},
};

/// Three debtors whose letters wait for a stamp: in the order of the debtors, and in that of a batch of all.
async fn three(world: &World) -> (Creditor, Vec<LetterId>, Vec<LetterId>) {
    let kauri = world.creditor().await;
    let rows = [("INV-1", "Aroha Ltd"), ("INV-2", "Bea Ltd"), ("INV-3", "Cob Ltd")];
    let rows = rows.map(|(number, debtor)| Invoice::new(number).debtor(debtor).by_post());
    world.invoices(&kauri, &rows).await;
    world.approve_all(&kauri).await;
    world.at_local(&kauri, day("2026-07-06"), 10).await;
    let mut letters = world.letters(&kauri).await;
    letters.sort_by_key(|letter| letter.facts["debtor"]["name"].to_string());
    let mut deliveries = world.deliveries(&kauri).await;
    deliveries.sort_by_key(|row| (row.created_at, row.id));
    (kauri, letters.into_iter().map(|letter| letter.id).collect(), deliveries.into_iter().map(|row| row.letter_id).collect())
}

testdb::on_both!(letters_are_printed_together_and_posted_together, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, _, letters) = three(&world).await;
    let (env, viewer) = (&world.env, &kauri.viewer);
    let batch = create(env, viewer, &Choice::All, true).await.unwrap();
    assert_eq!((batch.status, batch.letters, batch.pages), (PrintBatchStatus::Open, 3, None));
    assert_eq!(code(print::mark_posted(env, viewer, batch.id, day("2026-07-06")).await), RefusalCode::IllegalTransition, "not printed yet");
    let file = document(env, kauri.tenant(), batch.id).await.unwrap();
    assert_eq!(document(env, kauri.tenant(), batch.id).await.unwrap(), file);
    let entries = manifest(&env.db, kauri.tenant(), batch.id).await.unwrap();
    let places: Vec<_> = entries.iter().map(|entry| (entry.letter, entry.first_page, entry.pages)).collect();
    assert_eq!(places, [(letters[0], Some(1), Some(1)), (letters[1], Some(3), Some(1)), (letters[2], Some(5), Some(1))]);
    assert_eq!(print::find(&env.db, kauri.tenant(), batch.id).await.unwrap().pages, Some(5));
    let names: BTreeSet<_> = entries.iter().map(|entry| entry.recipient.as_str()).collect();
    assert_eq!(names, BTreeSet::from(["Aroha Ltd", "Bea Ltd", "Cob Ltd"]));
    for row in world.letters(&kauri).await {
        let entry = entries.iter().find(|entry| entry.letter == row.id).unwrap();
        assert!(row.pdf_sha256.is_some() && entry.sha256 == row.pdf_sha256, "{entry:?}");
    }
    for wrong in ["2026-07-05", "2026-07-08"] {
        let before = world.snapshot(&kauri).await;
        assert_eq!(code(print::mark_posted(env, viewer, batch.id, day(wrong)).await), RefusalCode::OutOfRange);
        assert_eq!(world.snapshot(&kauri).await, before);
    }
    let posted = print::mark_posted(env, viewer, batch.id, day("2026-07-06")).await.unwrap();
    assert_eq!(
        (posted.batch.status, posted.batch.posted_on, posted.left_out.len()),
        (PrintBatchStatus::Posted, Some(day("2026-07-06")), 0)
    );
    for letter in world.letters(&kauri).await {
        assert_eq!((letter.status, letter.posted_on), (LetterStatus::Sent, Some(day("2026-07-06"))));
    }
    assert_eq!(code(print::mark_posted(env, viewer, batch.id, day("2026-07-06")).await), RefusalCode::IllegalTransition);
    assert_eq!(document(env, kauri.tenant(), batch.id).await.unwrap(), file, "what was printed can be seen later");
    let told: Vec<_> =
        world.events(&kauri).await.into_iter().filter(|event| event.kind.starts_with("print_batch")).map(|e| e.kind).collect();
    assert_eq!(told, [kind::PRINT_BATCH_CREATED, kind::PRINT_BATCH_POSTED]);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_letter_is_in_one_open_batch_at_most, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, letters, _) = three(&world).await;
    let (env, viewer) = (&world.env, &kauri.viewer);
    let chosen = Choice::These(vec![letters[2], letters[0], letters[2]]);
    let tries = join_all((0..4).map(|_| create(env, viewer, &chosen, false))).await;
    let (made, refused): (Vec<_>, Vec<_>) = tries.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (1, 3));
    assert!(refused.into_iter().all(|refusal| code(refusal) == RefusalCode::AlreadyExists));
    let first = made.into_iter().next().unwrap().unwrap();
    let order: Vec<_> = print::letters(&env.db, kauri.tenant(), first.id).await.unwrap().iter().map(|row| row.letter_id).collect();
    assert_eq!(order, [letters[2], letters[0]]);
    let rest = create(env, viewer, &Choice::All, false).await.unwrap();
    assert_eq!(rest.letters, 1, "the others are taken");
    assert_eq!(code(create(env, viewer, &Choice::All, false).await), RefusalCode::Required);
    cancel(env, viewer, first.id).await.unwrap();
    assert_eq!(code(cancel(env, viewer, first.id).await), RefusalCode::IllegalTransition);
    assert_eq!(code(document(env, kauri.tenant(), first.id).await), RefusalCode::IllegalTransition, "it was never drawn");
    assert_eq!(create(env, viewer, &Choice::All, false).await.unwrap().letters, 2, "free again");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_letter_that_was_paid_for_meanwhile_does_not_count_as_posted, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, letters, _) = three(&world).await;
    let (env, viewer) = (&world.env, &kauri.viewer);
    let batch = create(env, viewer, &Choice::These(letters.clone()), false).await.unwrap();
    world.payments(&kauri, &[Payment::new("INV-1", "P1", "120.00")]).await;
    document(env, kauri.tenant(), batch.id).await.unwrap();
    let entries = manifest(&env.db, kauri.tenant(), batch.id).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.first_page).collect::<Vec<_>>(), [None, Some(1), Some(2)], "stopped before it was drawn");
    world.payments(&kauri, &[Payment::new("INV-2", "P2", "120.00")]).await;
    mark_posted(env, viewer, letters[2], day("2026-07-06")).await.unwrap();
    let posted = print::mark_posted(env, viewer, batch.id, day("2026-07-06")).await.unwrap();
    assert_eq!(posted.left_out, [letters[1]], "stopped after; the third was posted by hand before");
    let posted_on: Vec<_> = world.letters(&kauri).await.iter().map(|letter| (letter.id, letter.posted_on.is_some())).collect();
    for (letter, posted) in posted_on {
        assert_eq!(posted, letter == letters[2], "{letter}");
    }
    invariants::hold(&world, &[kauri]).await;
});

/// Lets a call live for so many polls and then drops it where it stands: what it had not committed is gone, as after a
/// power cut. None when it died.
async fn dies_after<T>(polls: usize, call: impl Future<Output = T>) -> Option<T> {
    let mut call = Box::pin(call);
    let mut left = polls;
    poll_fn(|context| {
        let Some(fewer) = left.checked_sub(1) else { return Poll::Ready(None) };
        left = fewer;
        let polled = call.as_mut().poll(context);
        // Dies at once instead of waiting to be woken for its death.
        if polled.is_pending() && left == 0 { Poll::Ready(None) } else { polled.map(Some) }
    })
    .await
}

/// More polls than any of these calls takes.
const LONG_LIFE: usize = 1_000;

testdb::on_both!(a_batch_whose_making_drawing_or_posting_dies_anywhere_is_whole_or_not_there, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, _, letters) = three(&world).await;
    let (env, viewer, tenant) = (&world.env, &kauri.viewer, kauri.tenant());
    let batches = || async { print_batch::Entity::of(tenant).all(&env.db).await.unwrap() };
    let mut deaths = 0;
    for polls in 1..LONG_LIFE {
        let made = dies_after(polls, create(env, viewer, &Choice::All, false)).await;
        deaths += usize::from(made.is_none());
        if !batches().await.is_empty() {
            break;
        }
        assert!(made.is_none(), "said to be made and not there");
    }
    let batch = batches().await.remove(0);
    let order: Vec<_> = print::letters(&env.db, tenant, batch.id).await.unwrap().iter().map(|row| row.letter_id).collect();
    assert_eq!(order, letters);
    for polls in 1..LONG_LIFE {
        let drawn = dies_after(polls, document(env, tenant, batch.id)).await;
        deaths += usize::from(drawn.is_none());
        let find = || async { print::find(&env.db, tenant, batch.id).await.unwrap() };
        let mut row = find().await;
        let places = loop {
            let places = manifest(&env.db, tenant, batch.id).await.unwrap();
            // The commit of one that died may still be under way in the database: both are read at one state of it.
            let again = find().await;
            if std::mem::replace(&mut row, again).sha256 == row.sha256 {
                break places;
            }
        };
        assert!(places.iter().all(|entry| entry.first_page.is_some() == row.sha256.is_some()), "half drawn: {places:?}");
        if let Some(file) = drawn {
            assert_eq!(Some(file.unwrap().sha256), row.sha256);
            break;
        }
    }
    for polls in 1..LONG_LIFE {
        let posted = dies_after(polls, print::mark_posted(env, viewer, batch.id, day("2026-07-06"))).await;
        deaths += usize::from(posted.is_none());
        let status = print::find(&env.db, tenant, batch.id).await.unwrap().status;
        for letter in world.letters(&kauri).await {
            assert_eq!(letter.status == LetterStatus::Sent, letter.posted_on.is_some(), "half posted");
            assert!(letter.posted_on.is_some() || status == PrintBatchStatus::Open, "the batch went before its letters");
        }
        if status == PrintBatchStatus::Posted {
            break;
        }
        assert!(posted.is_none(), "said to be posted and is not");
    }
    // How often a hand-over waits depends on how fast the database answers.
    assert!(deaths >= 3, "{deaths} deaths");
    let told = |of: &str, events: &[event::Model]| events.iter().filter(|event| event.kind == of).count();
    let events = world.events(&kauri).await;
    assert_eq!((told(kind::PRINT_BATCH_CREATED, &events), told(kind::PRINT_BATCH_POSTED, &events)), (1, 1));
    assert_eq!(told(kind::LETTER_POSTED, &events), 3, "each letter was posted once");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(two_who_draw_at_once_see_one_file, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, ..) = three(&world).await;
    let batch = create(&world.env, &kauri.viewer, &Choice::All, false).await.unwrap();
    let drawn = join_all((0..4).map(|_| document(&world.env, kauri.tenant(), batch.id))).await;
    let first = drawn[0].as_ref().unwrap();
    assert!(drawn.iter().all(|file| file.as_ref().unwrap() == first));
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(what_cannot_be_printed_is_refused_and_nothing_changes, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, letters, _) = three(&world).await;
    let rimu = world.creditor().await;
    let (env, viewer) = (&world.env, &kauri.viewer);
    mark_posted(env, viewer, letters[0], day("2026-07-06")).await.unwrap();
    let before = world.snapshot(&kauri).await;
    let too_many = (0..=MAX_LETTERS).map(|_| env.new_id()).collect();
    for (chosen, expected) in [
        (vec![letters[0]], RefusalCode::IllegalTransition),
        (vec![letters[1], env.new_id()], RefusalCode::NotFound),
        (Vec::new(), RefusalCode::Required),
        (too_many, RefusalCode::LimitExceeded),
    ] {
        assert_eq!(code(create(env, viewer, &Choice::These(chosen), false).await), expected);
    }
    assert_eq!(code(create(env, &kauri.as_role(Role::Viewer), &Choice::All, false).await), RefusalCode::Forbidden);
    assert_eq!(code(create(env, &rimu.viewer, &Choice::These(vec![letters[1]]), false).await), RefusalCode::NotFound);
    assert_eq!(world.snapshot(&kauri).await, before);
    let batch = create(env, viewer, &Choice::All, false).await.unwrap();
    assert_eq!(code(document(env, rimu.tenant(), batch.id).await), RefusalCode::NotFound);
    assert_eq!(code(cancel(env, &rimu.viewer, batch.id).await), RefusalCode::NotFound);
    assert_eq!(code(print::mark_posted(env, &rimu.viewer, batch.id, day("2026-07-06")).await), RefusalCode::NotFound);
    assert!(manifest(&env.db, rimu.tenant(), batch.id).await.unwrap().is_empty());
    invariants::hold(&world, &[kauri]).await;
});
