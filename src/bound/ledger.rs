//! The list of everything that an audit may state, each with its share of the error budget.
//!
//! Intervals, gates and the noise floor are three blocks. The noise floor gets a fiftieth of the budget when it is
//! asked for; intervals and gates get half each of the rest, or all of it when they are alone. A block is divided
//! evenly over its claims. Invariant: in exact arithmetic the shares sum to no more than one minus the confidence,
//! read as the decimal number that was typed.

use super::claim::{Claim, Quantity, Side};
use crate::config::question::SideSpec;

/// The part of the budget that the noise floor gets.
const FLOOR: f64 = 0.02;

/// The claims of an audit, without shares.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Blocks {
    /// Limits, from clean upward.
    pub intervals: Vec<Claim>,
    /// Gates in the order given, and then the critical level.
    pub gates: Vec<Claim>,
    /// Limits on how often the endpoint contradicts itself.
    pub floor: Vec<Claim>,
}

/// Every claim of the audit with its share: the intervals, the gates, the noise floor.
///
/// The share of a gate is used in full for each of its two verdicts. For a gate at all levels, "holds" needs
/// every level at the full share, and "fails" one level at the share divided by the number of levels
/// ([`share_for_one_of`]). The share of the critical level is divided as [`critical_shares`] says.
pub fn claims(blocks: Blocks, confidence: f64) -> Vec<Claim> {
    let Blocks { mut intervals, mut gates, mut floor } = blocks;
    let alpha = budget(confidence);
    let for_floor = if floor.is_empty() { 0.0 } else { (alpha * FLOOR).next_down() };
    let rest = if floor.is_empty() { alpha } else { (alpha - for_floor).next_down() };
    let half = if intervals.is_empty() || gates.is_empty() { rest } else { rest / 2.0 };
    for (claims, block) in [(&mut intervals, half), (&mut gates, half), (&mut floor, for_floor)] {
        let share = share_for_one_of(claims.len() as u64, block);
        for claim in claims {
            claim.alpha = share;
        }
    }
    intervals.append(&mut gates);
    intervals.append(&mut floor);
    intervals
}

/// How the share of the critical level is used on a grid of so many levels: the first at every level for holding,
/// as the levels are tested in ascending order and only the first at which the statement is false can err; the
/// second at each for failing.
pub fn critical_shares(levels: u64, share: f64) -> (f64, f64) {
    let holds = (share * 0.8).next_down();
    (holds, share_for_one_of(levels, (share - holds).next_down()))
}

/// `alpha / count`, rounded down: `count` such shares never sum to more than `alpha`.
pub fn share_for_one_of(count: u64, alpha: f64) -> f64 {
    let count = count.max(1) as f64;
    let share = alpha / count;
    // A fused product rounds once, so its sign is that of the exact difference.
    if libm::fma(share, count, -alpha) > 0.0 { share.next_down() } else { share }
}

/// One minus the confidence, rounded down. A confidence below 1 is within 2^-54 of the decimal that was typed,
/// and the subtraction is exact or rounds by another 2^-54 at most.
fn budget(confidence: f64) -> f64 {
    (1.0 - confidence - f64::EPSILON / 2.0).max(0.0)
}

/// The sides that are claimed, lower before upper.
pub fn sides(sides: SideSpec) -> &'static [Side] {
    match sides {
        SideSpec::Upper => &[Side::Upper],
        SideSpec::Both => &[Side::Lower, Side::Upper],
    }
}

/// A claim on one side of a quantity at a level, without a share. `name` is `risk`, `risk[F]` for a slice, `q90(shift)`.
pub fn limit(name: &str, quantity: Quantity, level: f64, side: Side) -> Claim {
    let place = if level == 0.0 { "clean".to_owned() } else { level.to_string() };
    let word = match side {
        Side::Lower => "lower",
        Side::Upper => "upper",
        Side::Verdict => "verdict",
    };
    Claim {
        id: format!("{name}@{place}:{word}"),
        quantity,
        slice: None,
        level: Some(level),
        side,
        alpha: 0.0,
        method: String::new(),
    }
}

/// A claim that is decided, without a share.
pub fn verdict(text: &str, quantity: Quantity, level: Option<f64>) -> Claim {
    Claim {
        id: text.to_owned(),
        quantity,
        slice: None,
        level,
        side: Side::Verdict,
        alpha: 0.0,
        method: "gate".to_owned(),
    }
}

#[cfg(test)]
mod tests;
