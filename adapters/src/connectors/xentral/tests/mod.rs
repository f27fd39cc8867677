//! The whole connector: against the stand-in, which knows nothing of it, and against answers that the stand-in has not.

mod faults;
mod joining;
mod notes;
mod odd;
mod paging;
mod pulls;
mod world;
