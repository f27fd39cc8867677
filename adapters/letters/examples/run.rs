//! Draws many different letters on all cores and prints pace and memory:
//! `cargo run --release -p letters --example run -- --letters 100000 [--threads N]`.

#[path = "../samples/mod.rs"]
mod samples;

use std::{
    error::Error,
    fs,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Instant,
};

use domain::letter::{LetterKind, compose};
use letters::Renderer;

/// Letters between two lines of output.
const REPORT_EVERY: u32 = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    let letters = argument("--letters")?.unwrap_or(1_000);
    let threads = argument("--threads")?.unwrap_or(1);
    let renderer = Renderer::new(Vec::new())?;
    let (next, started) = (AtomicU32::new(0), Instant::now());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| draw(&renderer, &next, letters, started));
        }
    });
    report(letters, started);
    Ok(())
}

fn draw(renderer: &Renderer, next: &AtomicU32, letters: u32, started: Instant) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= letters {
            return;
        }
        let facts = samples::numbered(samples::english(LetterKind::Reminder), number);
        let letter = compose(&facts).expect("the sample composes");
        let pdf = renderer.render(&letter).expect("the sample renders");
        assert_eq!(pdf.pages, 1);
        if number > 0 && number.is_multiple_of(REPORT_EVERY) {
            report(number, started);
        }
    }
}

fn report(letters: u32, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    println!("{letters} letters · {:.0}/s · resident {} MB", f64::from(letters) / seconds, resident_kb().unwrap_or(0) / 1024);
}

/// Resident memory of this process, where the system tells.
fn resident_kb() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

fn argument(name: &str) -> Result<Option<u32>, Box<dyn Error>> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name).skip(1);
    Ok(arguments.next().map(|value| value.parse()).transpose()?)
}
