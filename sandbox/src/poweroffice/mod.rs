//! The stand-in PowerOffice GO.

use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};

use crate::frame::Frame;

/// What tests tell the stand-in PowerOffice GO directly.
pub struct PowerOfficeControl {
    #[expect(dead_code, reason = "its paths are being written")]
    frame: Arc<Frame>,
}

impl PowerOfficeControl {
    pub(crate) fn new(frame: &Arc<Frame>) -> Self {
        Self { frame: frame.clone() }
    }
}

/// Adds PowerOffice GO's paths, its control paths and its page.
pub(crate) fn routes(control: &Arc<PowerOfficeControl>, config: &mut ServiceConfig) {
    config.app_data(Data::from(control.clone()));
}
