//! The stand-in Xentral.

use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};

use crate::frame::Frame;

/// What tests tell the stand-in Xentral directly.
pub struct XentralControl {
    #[expect(dead_code, reason = "its paths are being written")]
    frame: Arc<Frame>,
}

impl XentralControl {
    pub(crate) fn new(frame: &Arc<Frame>) -> Self {
        Self { frame: frame.clone() }
    }
}

/// Adds Xentral's paths, its control paths and its page.
pub(crate) fn routes(control: &Arc<XentralControl>, config: &mut ServiceConfig) {
    config.app_data(Data::from(control.clone()));
}
