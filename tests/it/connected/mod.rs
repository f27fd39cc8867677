//! Whole stories with connected accounting systems: the real connectors over real HTTP against the stand-ins, on both
//! databases. The stand-in keeps the product's clock.

mod bad_days;
mod desk;
mod online;
mod poweroffice;
mod stage;
mod walk;
mod xentral;

use stage::Stage;
