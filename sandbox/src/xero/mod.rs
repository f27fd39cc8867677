//! The stand-in Xero.

mod app;

use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};

use crate::frame::Frame;

pub use app::App;

/// What tests tell the stand-in Xero directly.
pub struct XeroControl {
    #[expect(dead_code, reason = "its paths are being written")]
    frame: Arc<Frame>,
}

impl XeroControl {
    pub(crate) fn new(frame: &Arc<Frame>) -> Self {
        Self { frame: frame.clone() }
    }
}

/// Adds Xero's paths, its control paths and its page.
pub(crate) fn routes(control: &Arc<XeroControl>, config: &mut ServiceConfig) {
    config.app_data(Data::from(control.clone()));
}
