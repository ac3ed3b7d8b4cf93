//! The classification extension: an output comes as its best classes, each a text `value:index[:label]`.

use crate::{Failure, FailureKind, Prediction, Values};

use super::answer::Output;

impl Output {
    /// The best classes of each row as labels with scores, in the order in which they came. A class without a label is
    /// called by its index.
    ///
    /// # Errors
    /// Unsupported where the server does not know the extension and sent the values themselves. Malformed where a class
    /// is not UTF-8: with its bytes replaced it could pass for another one.
    pub(super) fn labels(&self, rows: usize) -> Result<Vec<Prediction>, Failure> {
        let Self { name, shape, values } = self;
        let Values::Bytes(texts) = values else {
            let said = format!(
                "--classes: output `{name}` came as {} and not as classes, which only Triton gives; leave it out",
                values.dtype().name()
            );
            return Err(Failure::unplaced(FailureKind::Unsupported, said));
        };
        let malformed = |said: String| Failure::unplaced(FailureKind::Malformed, said);
        if shape.len() != 2 || shape[0] != rows || texts.len() != shape[0] * shape[1] || texts.is_empty() {
            let said = format!(
                "the classes of output `{name}` have shape {shape:?}, {rows} rows of them were expected"
            );
            return Err(malformed(said));
        }
        let one = |text: &Vec<u8>| {
            let text = str::from_utf8(text)
                .map_err(|_| malformed(format!("output `{name}` holds bytes that are not UTF-8 text")))?;
            read(text).ok_or_else(|| {
                malformed(format!("`value:index[:label]` was expected in output `{name}`, found `{text}`"))
            })
        };
        let labels = texts.iter().map(one).collect::<Result<Vec<_>, _>>()?;
        if let Some((label, v)) = labels.iter().find(|(_, v)| !v.is_finite()) {
            let said =
                format!("finite scores were expected in output `{name}`, found {v} for class `{label}`");
            return Err(Failure::unplaced(FailureKind::NonFinite, said));
        }
        Ok(labels.chunks(shape[1]).map(|of_row| Prediction::Labels(of_row.to_vec())).collect())
    }
}

/// Label and score. Only the first two colons part them: a label may have colons of its own.
fn read(text: &str) -> Option<(Box<str>, f64)> {
    let mut parts = text.splitn(3, ':');
    let (value, index, label) = (parts.next()?, parts.next()?, parts.next());
    let value = value.trim().parse().ok()?;
    let index: u64 = index.trim().parse().ok()?;
    Some((label.map_or_else(|| index.to_string().into(), Into::into), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_that_is_not_utf8_is_refused() {
        let texts = |second: &[u8]| Values::Bytes(vec![b"0.75:1:tea".to_vec(), second.to_vec()]);
        let labels = |second| Output { name: "P".into(), shape: vec![1, 2], values: texts(second) }.labels(1);
        let failure = labels(b"0.25:0:caf\xe9").unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed);
        assert_eq!(&*failure.said, "output `P` holds bytes that are not UTF-8 text");
        let fine = Prediction::Labels(vec![("tea".into(), 0.75), ("café".into(), 0.25)]);
        assert_eq!(labels("0.25:0:café".as_bytes()).unwrap(), [fine]);
    }

    #[test]
    fn only_the_first_two_colons_part() {
        assert_eq!(read("0.665241:2:two"), Some(("two".into(), 0.665_241)));
        assert_eq!(read("-1.5:3"), Some(("3".into(), -1.5)));
        assert_eq!(read("0.1:7:a:b:"), Some(("a:b:".into(), 0.1)));
        assert!(read("nan:0").is_some_and(|(_, v)| v.is_nan()));
        for text in ["", "0.5", "x:1", "0.5:x", "0.5:-1", ":"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
