//! The stand-in Amili.

use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};

use crate::frame::Frame;

/// What tests tell the stand-in Amili directly.
pub struct AmiliControl {
    #[expect(dead_code, reason = "its paths are being written")]
    frame: Arc<Frame>,
}

impl AmiliControl {
    pub(crate) fn new(frame: &Arc<Frame>) -> Self {
        Self { frame: frame.clone() }
    }
}

/// Adds Amili's paths, its control paths and its page.
pub(crate) fn routes(control: &Arc<AmiliControl>, config: &mut ServiceConfig) {
    config.app_data(Data::from(control.clone()));
}
