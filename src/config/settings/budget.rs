//! Whether the budget covers what must be asked.

use super::{DataFacts, Settings};
use crate::{
    audit::plan::CHECK_ROWS,
    bound::ledger::share_for_one_of,
    config::{
        problem::{Misfit, Problems},
        question::{GateQuantity, Scope},
    },
    loss::LossKind,
};

impl Settings {
    /// Notes a budget that does not cover what is asked clean before the first noisy draw, and that draw; or,
    /// where the whole data set is sent again and again, the passes that a statement takes.
    pub(super) fn check_budget(&self, loss: &LossKind, data: &DataFacts, problems: &mut Problems) {
        let (rows, twice) = (data.rows, data.rows.min(CHECK_ROWS));
        let passes = self.passes();
        let least = passes.iter().sum::<u64>();
        // Whole passes need the clean answer of every row where the loss does.
        let pass = rows <= self.asked.clean_pass && self.asked.stated.scope == Scope::DataSet;
        let all_clean = if loss.needs().clean { least > 0 } else { pass };
        let check = 2 * twice;
        let clean = if all_clean { rows.saturating_add(twice) } else { check };
        let noisy = if least > 0 { least.saturating_mul(rows) } else { 1 };
        let needed = clean.saturating_add(noisy);
        let queries = self.conduct.queries;
        if needed <= queries {
            return;
        }
        let (hint, told) = if least > 0 {
            let what = told(&passes, rows);
            (
                format!(
                    "it takes {what} and {clean} clean queries: give -n {needed}, or ask for fewer levels or a \
                     smaller share"
                ),
                format!(
                    "-n {queries} is less than {what} need, with {clean} clean queries: what is asked of whole \
                     passes gets no answer; give -n {needed}, or ask for fewer levels or a smaller share"
                ),
            )
        } else if clean > check {
            let instead = check + 1;
            (
                format!(
                    "all {rows} rows are asked clean before the first noisy one, {twice} of them twice: raise \
                     --queries, or give --clean-pass 0, which needs {instead}"
                ),
                format!(
                    "-n {queries} is less than the clean pass of {rows} rows needs: no level gets a draw; give -n \
                     {needed} or more, or --clean-pass 0, which needs {instead}"
                ),
            )
        } else {
            (
                format!("{twice} rows are asked clean twice before the first noisy one: raise --queries"),
                format!(
                    "-n {queries} is less than the check at the start needs, which asks {twice} rows clean twice: \
                     no level gets a draw; give -n {needed} or more"
                ),
            )
        };
        let misfit = Misfit::new(format!("at least {needed} queries"), queries).hint(hint).in_vain(told);
        problems.note("queries", self.typed.queries.as_ref(), misfit);
    }

    /// The least number of whole passes at each level, as far as whole passes are asked for: those of a limit,
    /// and those without which no gate can be shown to hold.
    fn passes(&self) -> Vec<u64> {
        let stated = &self.asked.stated;
        if !stated.whole_passes() {
            return Vec::new();
        }
        let levels = &self.asked.levels;
        // Rounded down, as the shares of claims are.
        let alpha = (1.0 - stated.confidence - f64::EPSILON / 2.0).max(0.0);
        let block = if stated.replicates.is_some() && !stated.gates.is_empty() { alpha / 2.0 } else { alpha };
        let limit =
            stated.replicates.map_or(0, |share| passes(share, share_for_one_of(levels.len() as u64, block)));
        let doubt = share_for_one_of(stated.gates.len() as u64, block);
        let gate = |level: f64| {
            let here = stated.gates.iter().filter(move |gate| gate.spec.level.is_none_or(|at| at == level));
            here.filter_map(|gate| match gate.spec.quantity {
                GateQuantity::DataSet(share) => Some(passes(share, doubt)),
                _ => None,
            })
        };
        levels.iter().map(|level| gate(*level).fold(limit, u64::max)).collect()
    }
}

fn told(passes: &[u64], rows: u64) -> String {
    let levels = passes.len();
    match passes.first() {
        Some(each) if passes.iter().all(|other| other == each) => {
            let noun = if levels == 1 { "level" } else { "levels" };
            format!("{each} passes over {rows} rows at {levels} {noun}")
        }
        _ => format!("{} passes over {rows} rows, at {levels} levels", passes.iter().sum::<u64>()),
    }
}

/// The smallest number of passes of which all keep to a limit with probability `doubt` at most, where each does
/// with probability `share`: the smallest R with `share^R <= doubt`. Both in (0, 1).
fn passes(share: f64, doubt: f64) -> u64 {
    let near = (doubt.ln() / share.ln()).ceil().max(1.0);
    let enough = |passes: f64| share.powf(passes) <= doubt;
    // The quotient is within one of it, on either side.
    let exact = [near - 1.0, near, near + 1.0].into_iter().find(|passes| *passes >= 1.0 && enough(*passes));
    exact.unwrap_or(near + 1.0) as u64
}

#[cfg(test)]
mod tests {
    use super::passes;

    #[test]
    fn all_passes_keep_to_the_limit_with_the_doubt_at_most() {
        for (share, doubt, expected) in [
            (0.95, 0.05, 59),
            (0.95, 0.05 / 3.0, 80),
            (0.99, 0.05, 299),
            (0.9, 0.01, 44),
            (0.5, 0.062_5, 4),
            (0.5, 0.062_499, 5),
            (0.25, 0.0625, 2),
            (0.001, 0.05, 1),
            (1.0 - 1e-9, 0.05, 2_995_732_273),
        ] {
            let found = passes(share, doubt);
            assert!(found.abs_diff(expected) <= expected / 1_000_000, "{share}, {doubt}: {found}");
        }
        assert!(passes(1.0 - f64::EPSILON, 1e-9) > 1 << 53);
        assert!(passes(f64::MIN_POSITIVE, f64::MIN_POSITIVE) == 1);
    }
}
