//! Element types of tensors, and what a number becomes when it is stored as one.

use half::{bf16, f16};

/// The type of a tensor's elements, named as the Open Inference Protocol names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dtype {
    /// `BOOL`
    Bool,
    /// `INT8`
    I8,
    /// `INT16`
    I16,
    /// `INT32`
    I32,
    /// `INT64`
    I64,
    /// `UINT8`
    U8,
    /// `UINT16`
    U16,
    /// `UINT32`
    U32,
    /// `UINT64`
    U64,
    /// `FP16`
    F16,
    /// `BF16`, the upper half of an `FP32`
    Bf16,
    /// `FP32`
    F32,
    /// `FP64`
    F64,
    /// `BYTES`, strings of any length
    Bytes,
}

impl Dtype {
    /// Every element type, in the order of the enum.
    pub const ALL: [Self; 14] = [
        Self::Bool,
        Self::I8,
        Self::I16,
        Self::I32,
        Self::I64,
        Self::U8,
        Self::U16,
        Self::U32,
        Self::U64,
        Self::F16,
        Self::Bf16,
        Self::F32,
        Self::F64,
        Self::Bytes,
    ];

    /// The name in the Open Inference Protocol, `FP32` for example.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "BOOL",
            Self::I8 => "INT8",
            Self::I16 => "INT16",
            Self::I32 => "INT32",
            Self::I64 => "INT64",
            Self::U8 => "UINT8",
            Self::U16 => "UINT16",
            Self::U32 => "UINT32",
            Self::U64 => "UINT64",
            Self::F16 => "FP16",
            Self::Bf16 => "BF16",
            Self::F32 => "FP32",
            Self::F64 => "FP64",
            Self::Bytes => "BYTES",
        }
    }

    /// The type with this Open Inference Protocol name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dtype| dtype.name() == name)
    }

    /// Bytes of one element on the wire; `None` for [`Dtype::Bytes`], whose elements vary.
    pub const fn size(self) -> Option<usize> {
        match self {
            Self::Bool | Self::I8 | Self::U8 => Some(1),
            Self::I16 | Self::U16 | Self::F16 | Self::Bf16 => Some(2),
            Self::I32 | Self::U32 | Self::F32 => Some(4),
            Self::I64 | Self::U64 | Self::F64 => Some(8),
            Self::Bytes => None,
        }
    }

    /// Whether this is one of the float types.
    pub const fn is_float(self) -> bool {
        matches!(self, Self::F16 | Self::Bf16 | Self::F32 | Self::F64)
    }

    /// Whether values of this type may be perturbed: the float types, and `UINT8`, which holds images.
    pub const fn takes_noise(self) -> bool {
        self.is_float() || matches!(self, Self::U8)
    }

    /// What `v` becomes when it is stored as this type: rounded to the nearest value (ties to even), and
    /// held inside the range of an integer type.
    ///
    /// A value above the largest finite one of a float type becomes infinite, as it does in a cast. For
    /// [`Dtype::Bytes`] the value is returned as it is.
    pub fn realise(self, v: f64) -> f64 {
        let whole = |low: f64, high: f64| v.round_ties_even().clamp(low, high);
        match self {
            Self::Bool => f64::from(u8::from(v != 0.0)),
            Self::I8 => whole(-128.0, 127.0),
            Self::I16 => whole(-32_768.0, 32_767.0),
            Self::I32 => whole(f64::from(i32::MIN), f64::from(i32::MAX)),
            Self::I64 => whole(i64::MIN as f64, i64::MAX as f64),
            Self::U8 => whole(0.0, 255.0),
            Self::U16 => whole(0.0, 65_535.0),
            Self::U32 => whole(0.0, f64::from(u32::MAX)),
            Self::U64 => whole(0.0, u64::MAX as f64),
            Self::F16 => f64::from(f16::from_f64(v)),
            Self::Bf16 => f64::from(bf16::from_f64(v)),
            Self::F32 => f64::from(v as f32),
            Self::F64 | Self::Bytes => v,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for dtype in Dtype::ALL {
            assert_eq!(Dtype::from_name(dtype.name()), Some(dtype));
        }
        assert_eq!(Dtype::from_name("fp32"), None);
    }

    #[test]
    fn integers_round_to_even_and_stay_in_range() {
        assert_eq!(Dtype::U8.realise(2.5), 2.0);
        assert_eq!(Dtype::U8.realise(3.5), 4.0);
        assert_eq!(Dtype::U8.realise(-3.0), 0.0);
        assert_eq!(Dtype::U8.realise(300.0), 255.0);
        assert_eq!(Dtype::I8.realise(-200.0), -128.0);
    }

    #[test]
    fn floats_round_to_their_own_precision() {
        assert_eq!(Dtype::F32.realise(0.1), f64::from(0.1_f32));
        assert_eq!(Dtype::F16.realise(2049.0), 2048.0);
        assert_eq!(Dtype::Bf16.realise(257.0), 256.0);
        assert_eq!(Dtype::F64.realise(0.1), 0.1);
    }
}
