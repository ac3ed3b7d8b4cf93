//! The wealth of a Beta mixture of bets on losses that are 0 or 1, and where it crosses a hurdle: Robbins,
//! "Statistical methods related to the law of the iterated logarithm", 1970.
//!
//! Pure, and free of the rest of the bench, so that `tests/rivals.rs` holds it to reference values.

/// The parameters of a Beta distribution, both above 0.
pub type Prior = (f64, f64);

/// What of the logarithm of the wealth does not depend on the null: `ln B(a + ones, b + zeros) - ln B(a, b)`.
pub fn ln_own(ones: f64, zeros: f64, (a, b): Prior) -> f64 {
    ln_beta(a + ones, b + zeros) - ln_beta(a, b)
}

fn ln_beta(a: f64, b: f64) -> f64 {
    libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b)
}

/// The logarithm of the wealth against the null `m`, in (0, 1).
pub fn log_e(own: f64, ones: f64, zeros: f64, m: f64) -> f64 {
    let taken = if ones > 0.0 { ones * m.ln() } else { 0.0 };
    own - taken - zeros * (-m).ln_1p()
}

/// Where a logarithm of wealth that is below the hurdle at `inside` crosses it on the way to `end`: the nearest null
/// that is known to be beyond, or `end` when none is.
pub fn crossing(inside: f64, end: f64, hurdle: f64, wealth: impl Fn(f64) -> f64) -> f64 {
    let (mut open, mut shut) = (inside, end);
    while (shut - open).abs() > 1e-10 {
        let middle = f64::midpoint(open, shut);
        if wealth(middle) >= hurdle {
            shut = middle;
        } else {
            open = middle;
        }
    }
    shut
}
