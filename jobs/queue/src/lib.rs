//! The job queue: one thin layer over apalis, the same on `SQLite` and `PostgreSQL`.
//!
//! What lives here: how a job is put into the caller's transaction ([`enqueue()`]), run by workers ([`Runtime`]), run
//! to quiet in a test or the demo ([`Runtime::drain`]), repeated ([`Schedule`]), counted and swept.
//! What must not: any job of the product (room `jobs`), any rule (room `domain`).
//!
//! A queued job is only a messenger: what must happen is a date on a row of the product. So a job carries ids, may run
//! twice, and may be lost with nothing but seconds lost.
//!
//! apalis keeps the tables (its own migrations) and drives each worker's loop. Its ten defects, and three more that our
//! tests showed, are mended here:
//!
//! | apalis 1.0 | here |
//! |---|---|
//! | 1 its set-up turns durability off on a pooled connection | [`migrate()`] runs the migrations alone |
//! | 2, 3 an idle worker sleeps to the next heartbeat, wake-ups get lost | `wake.rs`; `source.rs` looks again after a ring |
//! | 4, 5 failed jobs run again at once, for ever, or never | `state.rs`: status, attempt and next instant in one UPDATE |
//! | 6 a panic kills the worker, or its job hangs | `execute.rs`: each run is a task of its own, with a time limit |
//! | 7 long jobs are run twice | `pulse.rs`: own heartbeats; `state::start`: a fence; one job is fetched at a time |
//! | 8 one bad payload or id kills the worker for ever | `source.rs`: rows are raw bytes; `execute.rs` decodes |
//! | 9 `SQLite` scans the backlog without statistics | [`migrate()`] seeds them; finished rows let go of their worker |
//! | 10 a worker's name must be new on every start | `supervise.rs` |
//! | a fetch that is dropped leaves its transaction open | `source.rs`: a fetch is one statement in a task of its own |
//! | a worker that fails drops its runs | `worker.rs`: runs are tracked apart, and beat on under its name |
//! | jobs that never began are charged an attempt | `state.rs` gives them back as they were |

mod enqueue;
mod execute;
mod inspect;
mod job;
mod migrate;
mod pulse;
mod runtime;
mod schedule;
mod source;
mod sql;
mod state;
mod supervise;
mod sweep;
mod wake;
mod worker;

mod drain;

pub use drain::{DRAIN_LIMIT, Drained, Due};
pub use enqueue::{Enqueue, enqueue};
pub use inspect::{DeadLetter, QueueCounts, counts, dead_letters, revive};
pub use job::{Attempt, BoxError, Fail, Handler, Job};
pub use migrate::migrate;
pub use pulse::recover_after_crash;
pub use runtime::{Runtime, Settings};
pub use schedule::Schedule;
pub use sweep::{Keep, sweep};
pub use wake::Wake;
