//! Figures that follow from claimed limits by interval arithmetic, and cost no claim of their own.

use crate::results::{Bounded, Clean, LevelResult};

/// By how much results are moved outward, relative to the numbers that they are made of: more than a sum over
/// any data set and the few operations here can round.
const SLACK: f64 = 5.684_341_886_080_802e-14; // 2^-44

/// The risk less a known constant. The constant is a sum and a quotient, the difference rounds once more:
/// limits are moved outward by far more than all of that.
pub(super) fn less(risk: &Bounded, clean: f64) -> Bounded {
    let slack = |limit: f64| (limit.abs() + clean.abs()) * SLACK;
    Bounded {
        estimate: risk.estimate.map(|estimate| estimate - clean),
        lower: risk.lower.map(|lower| lower - clean - slack(lower)),
        upper: risk.upper.map(|upper| upper - clean + slack(upper)),
        estimate_range: risk.estimate_range.map(|(low, high)| (low - clean, high - clean)),
    }
}

/// The degradation as a multiple of the clean risk, where that is surely above 0.
pub(super) fn relative(degradation: &Bounded, clean: &Bounded, exact: bool) -> Option<Bounded> {
    let (low, high) = ends(clean, exact)?;
    let estimate = degradation.estimate.zip(clean.estimate).map(|(d, c)| d / c);
    // The quotient is least where the degradation is: above 0 over the most, below 0 over the least.
    let lower = degradation.lower.and_then(|d| Some(d / if d < 0.0 { low } else { high? }));
    let upper = degradation.upper.and_then(|d| Some(d / if d > 0.0 { low } else { high? }));
    Some(Bounded {
        estimate: estimate.filter(|estimate| estimate.is_finite()),
        lower: lower.map(|v| v - v.abs() * SLACK).filter(|v| v.is_finite()),
        upper: upper.map(|v| v + v.abs() * SLACK).filter(|v| v.is_finite()),
        estimate_range: None,
    })
}

/// The least and the most that the clean risk can be; none unless it is surely above 0.
fn ends(clean: &Bounded, exact: bool) -> Option<(f64, Option<f64>)> {
    let (low, high) = if exact { (clean.estimate?, clean.estimate) } else { (clean.lower?, clean.upper) };
    (low > 0.0).then_some((low, high))
}

/// The robustness index: the mean over the levels of `1 - risk` for losses that are 0 or 1, of `clean risk / risk`
/// for others, where the clean risk is surely above 0 and no risk can be below 0.
pub(super) fn index(clean: &Clean, levels: &[LevelResult], binary: bool) -> Option<Bounded> {
    let parts: Option<Vec<Bounded>> = levels
        .iter()
        .map(|level| if binary { Some(rest(&level.risk)) } else { ratio(clean, &level.risk) })
        .collect();
    let parts = parts.filter(|parts| !parts.is_empty())?;
    let mean = |part: fn(&Bounded) -> Option<f64>| {
        let values: Option<Vec<f64>> = parts.iter().map(part).collect();
        values.map(|values| values.iter().sum::<f64>() / values.len() as f64)
    };
    let index = Bounded {
        estimate: mean(|part| part.estimate),
        lower: mean(|part| part.lower).map(|v| v - v.abs() * SLACK),
        upper: mean(|part| part.upper).map(|v| v + v.abs() * SLACK),
        estimate_range: None,
    };
    index.estimate.is_some().then_some(index)
}

/// `1 - risk`.
fn rest(risk: &Bounded) -> Bounded {
    Bounded {
        estimate: risk.estimate.map(|v| 1.0 - v),
        lower: risk.upper.map(|v| 1.0 - v),
        upper: risk.lower.map(|v| 1.0 - v),
        estimate_range: None,
    }
}

/// `clean risk / risk`.
fn ratio(clean: &Clean, risk: &Bounded) -> Option<Bounded> {
    let (low, high) = ends(&clean.risk, clean.exact)?;
    let estimate = clean.risk.estimate.zip(risk.estimate.filter(|v| *v > 0.0)).map(|(c, r)| c / r);
    Some(Bounded {
        estimate,
        lower: risk.upper.filter(|v| *v > 0.0).map(|v| low / v),
        upper: high.zip(risk.lower.filter(|v| *v > 0.0)).map(|(high, v)| high / v),
        estimate_range: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounded(lower: f64, estimate: f64, upper: f64) -> Bounded {
        Bounded { estimate: Some(estimate), lower: Some(lower), upper: Some(upper), estimate_range: None }
    }

    fn near(found: Option<f64>, wanted: f64) {
        assert!((found.unwrap() - wanted).abs() < 1e-9, "{found:?} is not {wanted}");
    }

    #[test]
    fn a_quotient_takes_the_ends_that_make_it_widest() {
        let found = relative(&bounded(0.2, 0.3, 0.4), &bounded(0.1, 0.15, 0.2), false).unwrap();
        near(found.lower, 1.0);
        near(found.estimate, 2.0);
        near(found.upper, 4.0);
        let found = relative(&bounded(-0.2, -0.1, -0.05), &bounded(0.1, 0.15, 0.2), false).unwrap();
        near(found.lower, -2.0);
        near(found.upper, -0.25);
    }

    #[test]
    fn there_is_no_quotient_where_the_clean_risk_may_be_0() {
        let degradation = bounded(0.1, 0.2, 0.3);
        assert_eq!(relative(&degradation, &bounded(0.0, 0.1, 0.2), false), None);
        assert_eq!(
            relative(&degradation, &Bounded { estimate: Some(0.0), ..Bounded::default() }, true),
            None
        );
        let no_claim = Bounded { estimate: Some(0.1), ..Bounded::default() };
        assert_eq!(relative(&degradation, &no_claim, false), None);
    }

    #[test]
    fn the_index_is_the_mean_over_the_levels_of_what_is_left() {
        let level = |risk| LevelResult { risk, ..LevelResult::default() };
        let levels = [level(bounded(0.1, 0.2, 0.3)), level(bounded(0.3, 0.4, 0.7))];
        let found = index(&Clean::default(), &levels, true).unwrap();
        near(found.lower, 0.5);
        near(found.estimate, 0.7);
        near(found.upper, 0.8);
        assert_eq!(index(&Clean::default(), &levels, false), None, "the clean risk is not known");
        let risk = Bounded { estimate: Some(0.1), ..Bounded::default() };
        let clean = Clean { exact: true, risk, ..Clean::default() };
        let found = index(&clean, &levels, false).unwrap();
        near(found.lower, f64::midpoint(0.1 / 0.3, 0.1 / 0.7));
        near(found.upper, f64::midpoint(1.0, 0.1 / 0.3));
        assert_eq!(index(&clean, &[], true), None);
    }
}
