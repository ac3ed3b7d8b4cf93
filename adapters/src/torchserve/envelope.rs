//! The envelopes: how rows are put into a body, as the model's `service_envelope` expects them.

/// How a row travels, and where its answer is read back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Envelope {
    /// The bare JSON of the row, and a lone file as it is; the answer is the whole body.
    #[default]
    Json,
    /// A file as it is, or the little-endian values of a field; the answer is the whole body.
    Bytes,
    /// `{"instances": [{"b64": "..."}]}`, the bytes of the row in base64; answered by `predictions`.
    Base64,
    /// `{"instances": [row, ...]}`, files as `{"b64": "..."}`; answered by `predictions`.
    Instances,
    /// `{"instances": [{"data": row}, ...]}`, files in base64, as TorchServe's own handlers read them under a `json`
    /// or `kserve` envelope; answered by `predictions`.
    Kserve,
    /// `{"inputs": [...]}`, an entry for each field of the one row; answered by `outputs` of the same names.
    KserveV2,
}

impl Envelope {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Json, Self::Bytes, Self::Base64, Self::Instances, Self::Kserve, Self::KserveV2];

    /// The name, as it is typed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Bytes => "bytes",
            Self::Base64 => "base64",
            Self::Instances => "instances",
            Self::Kserve => "kserve",
            Self::KserveV2 => "kserve-v2",
        }
    }

    /// The envelope of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|envelope| envelope.name() == name)
    }

    /// The most rows that a request carries; `None` for any number.
    pub(super) const fn max_rows(self) -> Option<usize> {
        match self {
            Self::Json | Self::Bytes | Self::KserveV2 => Some(1),
            Self::Base64 | Self::Instances | Self::Kserve => None,
        }
    }
}
