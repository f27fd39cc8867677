//! The whole connector against the stand-in and against answers that no stand-in gives.
