//! Which engine makes an interval, where there is a choice; made before the first draw of its claims.
//!
//! For losses that are 0 or 1, AIM-D needs a quarter to two fifths fewer draws than AIM where the risk is not
//! small, and up to a sixth more where it is within a precision or two of 0 and both sides are claimed; the little
//! that it costs there is little of few draws. What the risk is nobody knows, so both engines are run on paths
//! that are as expected at some risks from the clean one on, and the fewer draws in all are chosen.
//!
//! Invariant: the choice is a function of the plan and the finished clean pass.

use super::Observation;
use super::checkpoint::{Checkpoints, first_checkpoint};
use super::engine::{Engine, Engines, IntervalSpec, Standard};

/// How far above the clean risk to look, in units of the precision: what is smaller than one would not be seen.
const RISES: [f64; 5] = [0.0, 1.0, 2.0, 4.0, 8.0];

/// Finer precisions are judged as this one, at which AIM-D gains less, because their paths are long.
const FINEST: f64 = 0.005;

/// The engine for the claims on one risk at one level: shares and precision as in [`IntervalSpec`]. `clean` is the
/// clean risk, from 0 to 1, where a finished pass over all rows has told it.
pub fn choose(
    binary: bool,
    precision: f64,
    lower: Option<f64>,
    upper: Option<f64>,
    clean: Option<f64>,
) -> Engine {
    let plain = Engine::plain(binary);
    if !(binary && precision > 0.0 && precision < 1.0) {
        return plain;
    }
    let precision = precision.max(FINEST);
    // Beyond one half, noise moves the risk down, and the engines treat losses of 0 as they treat those of 1.
    let clean = clean.unwrap_or(0.0).clamp(0.0, 1.0);
    let start = clean.min(1.0 - clean);
    let needs = |engine| {
        let spec = IntervalSpec { engine, precision, lower, upper };
        RISES.iter().map(|rise| expected(&spec, (start + rise * precision).min(1.0))).sum::<u64>()
    };
    if needs(Engine::AimD) < needs(plain) { Engine::AimD } else { plain }
}

/// The draws at which the interval is as tight as was asked, if the share of losses of 1 is `risk` all along.
fn expected(spec: &IntervalSpec, risk: f64) -> u64 {
    let checkpoints = Checkpoints::new(first_checkpoint(&Standard, Some(spec), &[]));
    let mut bound = Standard.interval(spec);
    let (mut draws, mut ones) = (0, 0.0);
    for j in 1.. {
        let checkpoint = checkpoints.at(j);
        if checkpoint > LONGEST {
            break;
        }
        while draws < checkpoint {
            draws += 1;
            let loss = if (risk * draws as f64).round() > ones { 1.0 } else { 0.0 };
            ones += loss;
            bound.observe(Observation::Loss(loss));
        }
        if spec.reached(bound.read(), ones / draws as f64) {
            return draws;
        }
    }
    LONGEST
}

/// No path is followed further.
const LONGEST: u64 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_need_about_what_draws_need() {
        let spec = |engine| IntervalSpec { engine, precision: 0.02, lower: Some(0.025), upper: Some(0.025) };
        for (engine, risk, median) in [
            (Engine::AimD, 0.0, 149.0),
            (Engine::AimD, 0.05, 757.0),
            (Engine::AimD, 0.2, 2_080.0),
            (Engine::AimD, 0.8, 2_080.0),
            (Engine::Aim, 0.2, 3_243.0),
        ] {
            let found = expected(&spec(engine), risk) as f64;
            assert!((found / median - 1.0).abs() < 0.05, "{engine:?} at {risk}: {found}");
        }
    }

    #[test]
    fn aim_d_is_chosen_where_it_is_likely_to_save() {
        for share in [0.025, 0.0025] {
            for precision in [0.005, 0.02, 0.05] {
                for clean in [None, Some(0.0), Some(0.03), Some(0.3)] {
                    let both = choose(true, precision, Some(share), Some(share), clean);
                    let upper = choose(true, precision, None, Some(share), clean);
                    assert_eq!((both, upper), (Engine::AimD, Engine::AimD), "{share} {precision} {clean:?}");
                }
            }
        }
    }

    #[test]
    fn aim_is_kept_where_shares_are_tiny_and_risks_may_be_small() {
        let chosen = |clean| choose(true, 0.05, Some(1e-12), Some(1e-12), Some(clean));
        assert_eq!(chosen(0.0), Engine::Aim);
        assert_eq!(chosen(1.0), Engine::Aim);
        assert_eq!(chosen(0.3), Engine::AimD);
        assert_eq!(chosen(0.7), Engine::AimD);
    }

    #[test]
    fn losses_in_a_range_leave_no_choice() {
        assert_eq!(choose(false, 0.02, Some(0.025), Some(0.025), Some(0.3)), Engine::AimBets);
        for odd in [0.0, -1.0, f64::NAN] {
            assert_eq!(choose(true, odd, Some(0.025), Some(0.025), None), Engine::Aim, "{odd}");
        }
    }

    #[test]
    fn an_odd_clean_risk_or_a_fine_precision_takes_no_longer() {
        for clean in [f64::NAN, -3.0, 7.0] {
            choose(true, 0.05, Some(0.025), Some(0.025), Some(clean));
        }
        let fine = choose(true, 1e-9, Some(0.025), Some(0.025), None);
        assert_eq!(fine, choose(true, FINEST, Some(0.025), Some(0.025), None));
    }
}
