//! JSON values as elements of a type, exactly or not at all.

use crate::text::Json;
use crate::{Dtype, Failure, FailureKind, Values};

/// JSON values as this type: whole numbers stay exact, and what is none does not become one.
pub(crate) fn typed(leaves: &[&Json], dtype: Dtype) -> Result<Values, Failure> {
    macro_rules! ints {
        ($variant:ident, $type:ty) => {
            all(leaves, dtype, |leaf| match leaf {
                Json::Int(v) => <$type>::try_from(*v).ok(),
                Json::Uint(v) => <$type>::try_from(*v).ok(),
                _ => None,
            })
            .map(Values::$variant)
        };
    }
    match dtype {
        Dtype::Bool => all(leaves, dtype, |leaf| match leaf {
            Json::Bool(v) => Some(*v),
            Json::Int(v @ (0 | 1)) => Some(*v == 1),
            _ => None,
        })
        .map(Values::Bool),
        Dtype::I8 => ints!(I8, i8),
        Dtype::I16 => ints!(I16, i16),
        Dtype::I32 => ints!(I32, i32),
        Dtype::I64 => ints!(I64, i64),
        Dtype::U8 => ints!(U8, u8),
        Dtype::U16 => ints!(U16, u16),
        Dtype::U32 => ints!(U32, u32),
        Dtype::U64 => ints!(U64, u64),
        Dtype::F16 => all(leaves, dtype, |leaf| leaf.number().map(half::f16::from_f64)).map(Values::F16),
        Dtype::Bf16 => all(leaves, dtype, |leaf| leaf.number().map(half::bf16::from_f64)).map(Values::Bf16),
        Dtype::F32 => all(leaves, dtype, |leaf| leaf.number().map(|v| v as f32)).map(Values::F32),
        Dtype::F64 => all(leaves, dtype, Json::number).map(Values::F64),
        Dtype::Bytes => all(leaves, dtype, |leaf| match leaf {
            Json::Text(bytes) => Some(bytes.clone()),
            _ => None,
        })
        .map(Values::Bytes),
    }
}

/// The type, and what whole numbers it has.
fn told(dtype: Dtype) -> String {
    let (least, most): (i128, i128) = match dtype {
        Dtype::I8 => (i8::MIN.into(), i8::MAX.into()),
        Dtype::I16 => (i16::MIN.into(), i16::MAX.into()),
        Dtype::I32 => (i32::MIN.into(), i32::MAX.into()),
        Dtype::I64 => (i64::MIN.into(), i64::MAX.into()),
        Dtype::U8 => (0, u8::MAX.into()),
        Dtype::U16 => (0, u16::MAX.into()),
        Dtype::U32 => (0, u32::MAX.into()),
        Dtype::U64 => (0, u64::MAX.into()),
        other => return other.name().to_owned(),
    };
    format!("a whole number from {least} to {most} ({})", dtype.name())
}

fn all<T>(leaves: &[&Json], dtype: Dtype, read: impl Fn(&Json) -> Option<T>) -> Result<Vec<T>, Failure> {
    let one = |leaf: &&Json| {
        read(leaf).ok_or_else(|| {
            let kind = if **leaf == Json::Null { FailureKind::NonFinite } else { FailureKind::Malformed };
            let found = leaf.number().map_or_else(|| leaf.what(), |number| number.to_string());
            Failure::unplaced(kind, format!("takes {}, found {found}", told(dtype)))
        })
    };
    leaves.iter().map(one).collect()
}
