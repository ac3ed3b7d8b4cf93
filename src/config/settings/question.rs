//! The second stage: what the data decide, and then the question.

use rand::{TryRng, rngs::SysRng};

use super::{Settings, asked};
use crate::{
    audit::plan::CHECK_ROWS,
    config::{
        Conduct, Question,
        problem::{Misfit, Origin, Problem, Problems},
        question::{DataId, LossSpec, NoiseSpec, Route, Scale, Scope},
        units::LARGEST_EXACT,
    },
    data::{self, DataError, Dataset},
    loss::LossKind,
};

/// The default precision, as a share of the width of the loss's range.
const PRECISION: f64 = 0.05;

/// What of the data decides about the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFacts {
    /// The number of rows.
    pub rows: u64,
    /// BLAKE3 of data and targets, 64 hexadecimal digits.
    pub blake3: String,
    /// Whether the data are the columns of a table.
    pub table: bool,
    /// Whether there are targets.
    pub targets: bool,
}

impl DataFacts {
    /// Those of a data set.
    pub fn of(dataset: &Dataset) -> Self {
        Self {
            rows: dataset.rows as u64,
            blake3: dataset.blake3.clone(),
            table: dataset.is_table(),
            targets: dataset.targets.is_some(),
        }
    }
}

impl Settings {
    /// The data that these settings name, read from disk.
    ///
    /// # Errors
    /// When a file cannot be read, or does not hold what is expected.
    pub fn load(&self) -> Result<Dataset, DataError> {
        let place = &self.data;
        data::load(&place.data, place.targets.as_ref(), place.target_column.as_deref())
    }

    /// The question and the conduct for these data: fills the loss, the scale, the precision and the seed
    /// where they were not given.
    pub fn question(&self, data: &DataFacts) -> Result<(Question, Conduct), Problems> {
        let mut problems = Problems::default();
        let asked = &self.asked;
        let default = if data.targets { "error" } else { "flip" };
        let name = asked.loss.as_deref().unwrap_or(default);
        let Some(loss) = asked::kind(name) else {
            problems.note("loss", self.typed.loss.as_ref(), Misfit::new("a loss", name));
            return Err(problems);
        };
        if asked.loss.is_none() {
            asked.check_loss(loss, &self.typed, &mut problems);
        }
        self.check_data(loss, data, &mut problems);
        let (low, high) = asked.range(loss);
        problems.check()?;
        let seed = asked.seed.map_or_else(new_seed, Ok).map_err(|misfit| {
            Problems(vec![Problem { key: "seed".to_owned(), origin: Origin::Default, misfit }])
        })?;
        let question = Question {
            seed,
            endpoint: self.place.id(),
            data: DataId { rows: data.rows, blake3: data.blake3.clone() },
            noise: NoiseSpec {
                family: asked.noise.clone(),
                scale: asked.scale.unwrap_or(if data.table { Scale::Std } else { Scale::Absolute }),
                clip: asked.clip,
                perturb: asked.perturb.clone(),
                fix: asked.fix.clone(),
            },
            loss: LossSpec {
                name: name.to_owned(),
                range: asked.loss_range,
                cap: None,
                threshold: asked.threshold,
            },
            levels: asked.levels.clone(),
            precision: asked.precision.or_else(|| asked.gates.is_empty().then_some(PRECISION * (high - low))),
            side: asked.side,
            confidence: asked.confidence,
            gates: asked.gates.iter().map(|gate| gate.spec.clone()).collect(),
            gate_resolution: asked.gate_resolution,
            scope: Scope::DataSet,
            clean_pass: asked.clean_pass,
            same_tolerance: asked.same_tolerance,
            quantiles: Vec::new(),
            critical: None,
            route: Route::Direct,
            slice: None,
            replicates: None,
            noise_floor: false,
            asymptotic: false,
        };
        Ok((question, self.conduct.clone()))
    }

    fn check_data(&self, loss: &LossKind, data: &DataFacts, problems: &mut Problems) {
        let needs = loss.needs();
        if needs.target && !data.targets {
            let misfit = Misfit::unshown(format!("targets for the loss {}", loss.name)).found("none");
            let misfit = misfit.hint("add --targets y.npy or --target-column NAME, or take --loss flip");
            problems.note("loss", self.typed.loss.as_ref(), misfit);
        }
        self.check_budget(!needs.clean && data.rows <= self.asked.clean_pass, data.rows, problems);
    }

    /// Whether the budget covers what is asked before the first noisy draw, and that draw.
    fn check_budget(&self, clean_pass: bool, rows: u64, problems: &mut Problems) {
        let twice = rows.min(CHECK_ROWS);
        let check = 2 * twice + 1;
        let needed = if clean_pass { rows.saturating_add(twice + 1) } else { check };
        let queries = self.conduct.queries;
        if needed <= queries {
            return;
        }
        let hint = if needed > check {
            format!(
                "all {rows} rows are asked clean before the first noisy one, {twice} of them twice: raise \
                 --queries, or give --clean-pass 0, which needs {check}"
            )
        } else {
            format!("{twice} rows are asked clean twice before the first noisy one: raise --queries")
        };
        let misfit = Misfit::new(format!("at least {needed} queries"), queries).hint(hint);
        problems.note("queries", self.typed.queries.as_ref(), misfit);
    }
}

/// A new seed from the system, small enough for every JSON reader to keep it exact.
fn new_seed() -> Result<u64, Misfit> {
    SysRng.try_next_u64().map(|seed| seed & LARGEST_EXACT).map_err(|error| {
        Misfit::unshown("a new seed from the system")
            .found(error.to_string())
            .hint("give one, as in --seed 1, that was not used on this model and data before")
    })
}
