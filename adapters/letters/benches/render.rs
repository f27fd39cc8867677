//! Letters a second on one core: `cargo bench -p letters`.
//!
//! Every letter differs in name, address, reference and amounts, as in a real run; the layout's cache is warm from
//! earlier letters only.

#[path = "../samples/mod.rs"]
mod samples;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use domain::letter::{LetterDocument, LetterKind, compose};
use letters::Renderer;

fn letter(number: u32) -> LetterDocument {
    compose(&samples::numbered(samples::english(LetterKind::Reminder), number)).expect("the sample composes")
}

fn render(criterion: &mut Criterion) {
    let renderer = Renderer::new(Vec::new()).expect("embedded fonts");
    let mut group = criterion.benchmark_group("letter");
    group.throughput(Throughput::Elements(1));
    let mut number = 0;
    let mut next = || {
        number += 1;
        letter(number)
    };
    group.bench_function("one page, warm", |bencher| {
        bencher.iter_batched(&mut next, |letter| renderer.render(&letter).expect("renders"), BatchSize::SmallInput);
    });
    let many = compose(&samples::many_lines(100)).expect("the sample composes");
    group.bench_function("100 lines on several pages, unchanged", |bencher| {
        bencher.iter(|| renderer.render(&many).expect("renders"));
    });
    group.bench_function("compose only", |bencher| bencher.iter(|| letter(7)));
    group.finish();
}

criterion_group!(benches, render);
criterion_main!(benches);
