//! The list of everything that an audit may state, each with its share of the error budget.
//!
//! Intervals and gates are two blocks; each gets half of the budget, or all of it when it is alone, and divides
//! its part evenly over its claims. Invariant: in exact arithmetic the shares sum to no more than one minus
//! the confidence, read as the decimal number that was typed.

use super::claim::{Claim, Quantity, Side};
use super::engine;
use crate::config::question::SideSpec;

/// What the ledger is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerRequest {
    /// The probability with which everything stated holds, together; in (0, 1).
    pub confidence: f64,
    /// Which limits are claimed at each level; none when only gates are asked.
    pub intervals: Option<SideSpec>,
    /// Whether the clean risk is estimated from draws, and so needs claims of its own.
    pub clean: bool,
    /// The noise levels, ascending.
    pub levels: Vec<f64>,
    /// The gates in the order given: the text, and the level, absent for all levels.
    pub gates: Vec<(String, Option<f64>)>,
    /// Whether every loss is 0 or 1.
    pub binary: bool,
}

/// Every claim of the audit: the intervals from clean upward, lower before upper, then the gates.
///
/// The share of a gate is used in full for each of its two verdicts. For a gate at all levels, "holds" needs
/// every level at the full share, and "fails" one level at the share divided by the number of levels
/// ([`share_for_one_of`]).
pub fn claims(request: &LedgerRequest) -> Vec<Claim> {
    let mut intervals = interval_claims(request);
    let mut gates: Vec<Claim> = request.gates.iter().map(|(text, level)| gate_claim(text, *level)).collect();
    let alpha = budget(request.confidence);
    let block = if intervals.is_empty() || gates.is_empty() { alpha } else { alpha / 2.0 };
    for block_claims in [&mut intervals, &mut gates] {
        let share = share_for_one_of(block_claims.len() as u64, block);
        for claim in block_claims.iter_mut() {
            claim.alpha = share;
        }
    }
    intervals.append(&mut gates);
    intervals
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

fn interval_claims(request: &LedgerRequest) -> Vec<Claim> {
    let sides: &[Side] = match request.intervals {
        None => &[],
        Some(SideSpec::Upper) => &[Side::Upper],
        Some(SideSpec::Both) => &[Side::Lower, Side::Upper],
    };
    let clean = request.clean.then_some(0.0);
    let levels = clean.into_iter().chain(request.levels.iter().copied());
    levels.flat_map(|level| sides.iter().map(move |side| risk_claim(level, *side, request.binary))).collect()
}

/// The id of the claim on one side of the risk at a level; level 0 is clean.
pub fn risk_id(level: f64, side: Side) -> String {
    let place = if level == 0.0 { "clean".to_owned() } else { level.to_string() };
    let side = match side {
        Side::Lower => "lower",
        Side::Upper => "upper",
        Side::Verdict => "verdict",
    };
    format!("risk@{place}:{side}")
}

fn risk_claim(level: f64, side: Side, binary: bool) -> Claim {
    Claim {
        id: risk_id(level, side),
        quantity: Quantity::Risk,
        slice: None,
        level: Some(level),
        side,
        alpha: 0.0,
        method: engine::method(binary).to_owned(),
    }
}

fn gate_claim(text: &str, level: Option<f64>) -> Claim {
    Claim {
        id: text.to_owned(),
        quantity: Quantity::Gate,
        slice: None,
        level,
        side: Side::Verdict,
        alpha: 0.0,
        method: "gate".to_owned(),
    }
}

#[cfg(test)]
mod tests;
