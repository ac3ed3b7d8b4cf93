//! Reads what a gate can be about, and what `--quantiles` lists: `error`, `degradation`, `q90(absolute-error)`,
//! `dataset-mse`.
//!
//! One grammar for both. Whether the quantity fits the loss and the data of the audit is for those who know
//! them. The invariant: what is displayed reads back to the same.

use std::fmt;

use super::{
    problem::Misfit,
    question::{Measured, QuantileSpec},
    units,
};
use crate::{loss::LOSSES, nearest::suggest};

/// The loss whose mean over the data set is called its mean squared error.
const SQUARED: &str = "squared-error";

/// A quantity, as it is named.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Named {
    /// The risk of the loss of this name.
    Risk(&'static str),
    /// The risk minus the clean risk.
    Degradation,
    /// A quantile.
    Quantile(QuantileSpec),
    /// The mean squared error of the whole data set under one draw of all noise.
    DataSetMse,
    /// The mean loss of the whole data set under one draw of all noise, whatever the loss.
    DataSetRisk,
}

impl Named {
    /// The loss that it is about; none where it is about that of the audit, whichever that is.
    pub fn loss(&self) -> Option<&'static str> {
        match self {
            Self::Risk(loss) => Some(loss),
            Self::DataSetMse => Some(SQUARED),
            Self::Degradation | Self::Quantile(_) | Self::DataSetRisk => None,
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Risk(loss) => f.write_str(loss),
            Self::Degradation => f.write_str("degradation"),
            Self::Quantile(quantile) => quantile.fmt(f),
            Self::DataSetMse => f.write_str("dataset-mse"),
            Self::DataSetRisk => f.write_str("dataset-risk"),
        }
    }
}

/// Reads a quantity.
pub fn parse(text: &str) -> Result<Named, Misfit> {
    let typed = text.trim();
    if typed.contains('(') {
        return quantile(typed).map(Named::Quantile);
    }
    let others = [Named::Degradation, Named::DataSetMse, Named::DataSetRisk];
    let risks = LOSSES.iter().map(|loss| Named::Risk(loss.name));
    let known: Vec<(String, Named)> = risks.chain(others).map(|named| (named.to_string(), named)).collect();
    known.iter().find(|(name, _)| name == typed).map(|(_, named)| *named).ok_or_else(|| {
        let names = known.iter().map(|(name, _)| name.as_str()).chain(["q90(absolute-error)", "q99(shift)"]);
        Misfit::new("a loss or another quantity", typed).hint(suggest(typed, names))
    })
}

/// Reads a quantile: `q90(absolute-error)`, `q99.9(shift)`.
pub fn quantile(text: &str) -> Result<QuantileSpec, Misfit> {
    let misfit = || Misfit::new("a quantile such as q90(absolute-error) or q99(shift)", text);
    let typed = text.trim();
    let inside = typed.strip_prefix('q').and_then(|rest| rest.strip_suffix(')'));
    let (percent, of) = inside.and_then(|rest| rest.split_once('(')).ok_or_else(misfit)?;
    let of = of.trim();
    let of = Measured::ALL.into_iter().find(|measured| measured.name() == of).ok_or_else(|| {
        misfit().hint(format!("of {of}: {}", suggest(of, Measured::ALL.map(Measured::name))))
    })?;
    let percent = units::number(percent).map_err(|_| misfit())?;
    // As a share it must lie between 0 and 1 too, where rounding could take it to either.
    if percent / 100.0 <= 0.0 || percent / 100.0 >= 1.0 {
        return Err(misfit().hint("the per cent lie between 0 and 100, both excluded"));
    }
    Ok(QuantileSpec { of, percent })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_quantity_reads_back() {
        let quantile = |percent, of| Named::Quantile(QuantileSpec { of, percent });
        for (text, named, loss) in [
            ("flip", Named::Risk("flip"), Some("flip")),
            ("squared-error", Named::Risk("squared-error"), Some("squared-error")),
            ("degradation", Named::Degradation, None),
            ("q90(absolute-error)", quantile(90.0, Measured::AbsoluteError), None),
            ("q99.9(shift)", quantile(99.9, Measured::Shift), None),
            ("dataset-mse", Named::DataSetMse, Some("squared-error")),
            ("dataset-risk", Named::DataSetRisk, None),
        ] {
            assert_eq!(parse(text).unwrap(), named, "{text}");
            assert_eq!(named.to_string(), text);
            assert_eq!(named.loss(), loss, "{text}");
        }
        assert_eq!(parse(" q 90.0 ( shift ) ").unwrap().to_string(), "q90(shift)");
    }

    #[test]
    fn what_is_no_quantity_names_the_nearest_or_all() {
        let hint = |text: &str| parse(text).unwrap_err().hint.unwrap();
        assert_eq!(hint("eror"), "did you mean `error`?");
        assert_eq!(hint("degradaton"), "did you mean `degradation`?");
        assert_eq!(hint("data-set-mse"), "did you mean `dataset-mse`?");
        for name in ["error", "degradation", "dataset-risk", "q90(absolute-error)"] {
            assert!(hint("").contains(name), "{name}");
        }
        assert_eq!(hint("q90(shfit)"), "of shfit: did you mean `shift`?");
        assert_eq!(hint("q90(loss)"), "of loss: known: absolute-error, shift");
    }

    #[test]
    fn the_per_cent_of_a_quantile_exclude_both_ends() {
        for text in ["q0(shift)", "q100(shift)", "q-1(shift)", "q101(shift)", "q5e-324(shift)"] {
            assert!(quantile(text).unwrap_err().hint.unwrap().contains("between 0 and 100"), "{text}");
        }
        for text in ["q(shift)", "qx(shift)", "qnan(shift)", "90(shift)", "q90", "q90(shift", "q90)shift("] {
            assert!(quantile(text).unwrap_err().hint.is_none(), "{text}");
        }
        assert_eq!(quantile("q1e-3(shift)").unwrap().percent, 0.001);
    }

    proptest! {
        #[test]
        fn what_is_read_is_shown_so_that_it_reads_back(
            text in "\\PC{0,20}|q[0-9.]{0,5}\\((shift|absolute-error)\\)|q\\PC{0,5}\\(\\PC{0,5}\\)",
            percent in 1e-9..99.999_999_f64,
        ) {
            if let Ok(named) = parse(&text) {
                prop_assert_eq!(parse(&named.to_string()).unwrap(), named);
            }
            let spec = QuantileSpec { of: Measured::Shift, percent };
            prop_assert_eq!(quantile(&spec.to_string()).unwrap(), spec);
        }
    }
}
