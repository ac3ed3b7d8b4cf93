//! The noise, and the distribution of what it adds to the weighted sum of a row.
//!
//! Everything that the risks need of a distribution stands here, so that a risk is one line for each row.

use std::f64::consts::{PI, SQRT_2};

/// A family of noise with independent columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Normal; the level is the standard deviation.
    Gaussian,
    /// Even on `[-level, level]`.
    Uniform,
}

/// The noise that is added to each row.
#[derive(Debug, Clone, Copy)]
pub struct Noise<'a> {
    /// The distribution.
    pub family: Family,
    /// The strength, at least 0; 0 is clean.
    pub level: f64,
    /// The columns that are perturbed, each once; a column that the model does not have counts for nothing.
    pub columns: &'a [usize],
}

impl Noise<'_> {
    /// The same columns without noise.
    pub(super) fn clean(self) -> Self {
        Self { level: 0.0, ..self }
    }

    /// What one unit of each perturbed column's noise adds, where it adds anything.
    fn reach<'w>(&self, weights: &'w [f64]) -> impl Iterator<Item = f64> + use<'_, 'w> {
        let weights = self.columns.iter().filter_map(|&column| weights.get(column));
        weights.map(|weight| (weight * self.level).abs()).filter(|reach| *reach > 0.0)
    }

    /// The variance of what is added, for any columns.
    pub(super) fn variance(&self, weights: &[f64]) -> f64 {
        let squares: f64 = self.reach(weights).map(|reach| reach * reach).sum();
        match self.family {
            Family::Gaussian => squares,
            Family::Uniform => squares / 3.0,
        }
    }

    /// The fourth cumulant of what is added, E[v^4] - 3 Var(v)^2, for any columns: cumulants of independent
    /// columns add up; that of N(0, s^2) is 0, that of U(-a, a) is a^4 / 5 - 3 (a^2 / 3)^2 = -2 a^4 / 15.
    pub(super) fn fourth_cumulant(&self, weights: &[f64]) -> f64 {
        match self.family {
            Family::Gaussian => 0.0,
            Family::Uniform => self.reach(weights).map(|reach| -2.0 * reach.powi(4) / 15.0).sum(),
        }
    }

    /// The distribution of what is added; `None` for uniform noise through several columns.
    pub(super) fn added(&self, weights: &[f64]) -> Option<Added> {
        let mut reaches = self.reach(weights);
        let Some(first) = reaches.next() else { return Some(Added::Nothing) };
        match self.family {
            Family::Gaussian => Some(Added::Normal(self.variance(weights).sqrt())),
            Family::Uniform => reaches.next().is_none().then_some(Added::Even(first)),
        }
    }
}

/// The distribution of v, which the noise adds to the sum `w . x`. It is even: v and -v are alike.
#[derive(Debug, Clone, Copy)]
pub(super) enum Added {
    /// Always 0.
    Nothing,
    /// Normal with this standard deviation, above 0.
    Normal(f64),
    /// Even on plus and minus this number, above 0.
    Even(f64),
}

impl Added {
    /// P(v > x): Phi(-x / s), or (a - x) / 2a where |x| < a.
    pub(super) fn above(self, x: f64) -> f64 {
        match self {
            Added::Nothing => f64::from(u8::from(0.0 > x)),
            Added::Normal(deviation) => upper_tail(x / deviation),
            Added::Even(reach) => (reach - x).clamp(0.0, 2.0 * reach) / (2.0 * reach),
        }
    }

    /// P(|m + v| > c), c of 0 or more: P(v > c - m) + P(-v > c + m), where -v is as v is.
    pub(super) fn outside(self, m: f64, c: f64) -> f64 {
        // The two round apart, and may add up to a little more than 1.
        (self.above(c - m) + self.above(c + m)).clamp(0.0, 1.0)
    }

    /// E|m + v|.
    ///
    /// Normal: the mean of a folded normal, s sqrt(2/pi) exp(-m^2 / 2s^2) + m erf(m / (s sqrt 2)).
    /// Even: (m^2 + a^2) / 2a where |m| < a, else |m|.
    pub(super) fn absolute(self, m: f64) -> f64 {
        match self {
            Added::Normal(deviation) => {
                let z = m / deviation;
                2.0 * deviation * density(z) + m * libm::erf(z / SQRT_2)
            }
            Added::Even(reach) if m.abs() < reach => (m * m + reach * reach) / (2.0 * reach),
            Added::Nothing | Added::Even(_) => m.abs(),
        }
    }

    /// E[min((m + v)^2, cap)], with c the root of the cap, which is finite and at least 0.
    ///
    /// Normal: the squares inside `[-c, c]` and the cap outside it. With A = (-c - m) / s, B = (c - m) / s
    /// and P = Phi(B) - Phi(A), the normal moments on an interval, E[Z; A<Z<B] = phi(A) - phi(B) and
    /// E[Z^2; A<Z<B] = P + A phi(A) - B phi(B), give for E[(m + sZ)^2; A<Z<B]
    ///
    ///   m^2 P + 2ms (phi(A) - phi(B)) + s^2 (P + A phi(A) - B phi(B))
    ///     = (m^2 + s^2) P + s ((m - c) phi(A) - (m + c) phi(B)),
    ///
    /// as sA = -c - m and sB = c - m; to that is added cap (1 - P).
    ///
    /// Even: (F(m + a) - F(m - a)) / 2a with F the integral of min(t^2, cap) from 0, which is x^3 / 3 up to
    /// c, c^3 / 3 + cap (x - c) from there on, and odd.
    pub(super) fn capped_square(self, m: f64, cap: f64) -> f64 {
        let c = cap.sqrt();
        match self {
            Added::Nothing => (m * m).min(cap),
            Added::Normal(s) => {
                let outside = self.outside(m, c);
                let edges = (m - c) * density((c + m) / s) - (m + c) * density((c - m) / s);
                (m * m + s * s) * (1.0 - outside) + s * edges + cap * outside
            }
            Added::Even(reach) => {
                let integral = |x: f64| {
                    let inner = x.abs().min(c);
                    (inner.powi(3) / 3.0 + cap * (x.abs() - inner)).copysign(x)
                };
                (integral(m + reach) - integral(m - reach)) / (2.0 * reach)
            }
        }
    }
}

/// P(Z > z) of the standard normal.
fn upper_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z / SQRT_2)
}

/// The density of the standard normal.
fn density(z: f64) -> f64 {
    libm::exp(-z * z / 2.0) / (2.0 * PI).sqrt()
}

/// The mean of what is known; `None` for no rows, or where one is unknown.
pub(super) fn mean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let mut sum = 0.0;
    let mut count = 0u64;
    for value in values {
        sum += value?;
        count += 1;
    }
    (count > 0).then(|| sum / count as f64)
}
