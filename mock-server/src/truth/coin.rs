//! What a coin does to rates, where it turns each answer over with probability c, whatever the row.

/// The rate of wrong answers when each answer is turned over with probability `coin` besides: an answer is
/// wrong in the end when it is wrong and stands, or right and turned over, r (1 - c) + (1 - r) c.
///
/// With two classes, that is. The rate of flips against clean answers that no coin has touched follows the
/// same rule.
pub fn with_coin(rate: f64, coin: f64) -> f64 {
    rate * (1.0 - coin) + (1.0 - rate) * coin
}

/// The chance that two clean answers to one row differ, each turned over on its own: 2c(1 - c).
pub fn disagreement(coin: f64) -> f64 {
    2.0 * coin * (1.0 - coin)
}

/// The chance that a noisy answer differs from a fresh clean one, each turned over on its own, where the
/// models without the coin differ at the rate `flip`.
///
/// Both coins together turn the comparison over with d = 2c(1 - c): f (1 - d) + (1 - f) d.
pub fn fresh_flip(flip: f64, coin: f64) -> f64 {
    with_coin(flip, disagreement(coin))
}
