//! The forms by name.

use super::{Form, jpeg::Jpeg, nchw::Nchw, nhwc::Nhwc, png::Png, tensor::Whole};
use crate::config::question::FormSpec;

/// One form, as it is chosen by `--send-as`.
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// One line about it, for help.
    pub about: &'static str,
    /// Whether it is a file, whatever the size of the image; else a tensor, and all images have one size.
    pub file: bool,
    /// Whether something of the pixels is lost beside the noise.
    pub lossy: bool,
    /// Whether it takes `--normalize`.
    pub normalized: bool,
    pub(super) build: fn(&FormSpec) -> Box<dyn Form>,
}

/// Every form.
pub const FORMS: &[Kind] = &[
    Kind {
        name: "png",
        about: "a png file, which loses nothing",
        file: true,
        lossy: false,
        normalized: false,
        build: |_| Box::new(Png),
    },
    Kind {
        name: "jpeg",
        about: "a jpeg file of a quality from 1 to 100, jpeg:90; compression changes the pixels beside the noise",
        file: true,
        lossy: true,
        normalized: false,
        build: |spec| Box::new(Jpeg { quality: spec.quality.unwrap_or(QUALITY) }),
    },
    Kind {
        name: "tensor",
        about: "the pixels as UINT8, height by width by channels",
        file: false,
        lossy: false,
        normalized: false,
        build: |_| Box::new(Whole),
    },
    Kind {
        name: "nhwc",
        about: "FP32, height by width by channels, normalized",
        file: false,
        lossy: false,
        normalized: true,
        build: |spec| Box::new(Nhwc(spec.normalize.clone().unwrap_or_default())),
    },
    Kind {
        name: "nchw",
        about: "FP32, channels by height by width, normalized",
        file: false,
        lossy: false,
        normalized: true,
        build: |spec| Box::new(Nchw(spec.normalize.clone().unwrap_or_default())),
    },
];

/// The quality of a jpeg where none is given.
pub const QUALITY: u8 = 90;

/// The form of this name; `None` when there is none.
pub fn kind(name: &str) -> Option<&'static Kind> {
    FORMS.iter().find(|kind| kind.name == name)
}
