//! The second stage: what the data decide, and then the question.

use rand::{TryRng, rngs::SysRng};

use super::{DataFacts, Settings, asked, form};
use crate::{
    config::{
        Conduct, Question,
        problem::{Misfit, Origin, Problems},
        question::{
            DataId, GateQuantity, LossSpec, Measured, NoiseSpec, QuantileSpec, Route, Scale, SliceSpec,
        },
        range::NoRange,
        units::LARGEST_EXACT,
    },
    data::MOST_SLICES,
    loss::LossKind,
};

/// The default precision, as a share of the width of the loss's range.
const PRECISION: f64 = 0.05;

/// The range that the values of a pixel have.
const PIXELS: (f64, f64) = (0.0, 255.0);

impl Settings {
    /// The question and the conduct for these data: fills the loss, the scale, the precision and the seed
    /// where they were not given. `data` are from [`Settings::facts`].
    pub fn question(&self, data: &DataFacts) -> Result<(Question, Conduct), Problems> {
        let (asked, mut problems) = self.ask(data)?;
        problems.0.splice(0..0, self.in_vain.0.iter().cloned());
        problems.check()?;
        Ok(asked)
    }

    /// The same for a plan, which is made even where an audit would be refused as pointless: what a plan has to
    /// say of that comes with it, a sentence each. What cannot be asked becomes the nearest that can: the finest
    /// precision, a threshold at the end of the range.
    pub fn planned(&self, data: &DataFacts) -> Result<(Question, Conduct, Vec<String>), Problems> {
        let ((mut question, conduct), problems) = self.ask(data)?;
        if let Some(loss) = asked::kind(&question.loss.name) {
            self.asked.nearest(&mut question, loss);
        }
        let all = self.in_vain.0.iter().chain(&problems.0);
        let sentences = all.filter_map(|problem| problem.misfit.in_vain.clone()).collect();
        Ok((question, conduct, sentences))
    }

    /// The question that these settings ask of the data of another question, be it pointless or not.
    ///
    /// # Errors
    /// When there is no such loss, or no seed was given and the system has none.
    pub fn question_like(&self, other: &Question) -> Result<Question, Problems> {
        let data = DataFacts {
            rows: other.data.rows,
            blake3: other.data.blake3.clone(),
            table: other.noise.scale == Scale::Std,
            targets: true,
            targets_range: None,
            slices: Some(Ok(other.slice.as_ref().map(|slice| slice.values.clone()).unwrap_or_default())),
        };
        let mut problems = Problems::default();
        let name = self.asked.loss.as_deref().unwrap_or(&other.loss.name);
        let Some(loss) = asked::kind(name) else {
            problems.note("loss", self.typed.loss.as_ref(), Misfit::new("a loss", name));
            return Err(problems);
        };
        let question = self.fill(loss, &data, &mut problems);
        problems.check().map(|()| question)
    }

    /// The question and the conduct, and what makes the audit pointless; an error where there is worse.
    fn ask(&self, data: &DataFacts) -> Result<((Question, Conduct), Problems), Problems> {
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
        let question = self.fill(loss, data, &mut problems);
        self.check_data(loss, data, &question, &mut problems);
        let in_vain = problems.take_in_vain();
        if !problems.0.is_empty() {
            problems.0.splice(0..0, self.in_vain.0.iter().cloned());
            problems.0.extend(in_vain.0);
            return Err(problems);
        }
        Ok(((question, self.conduct.clone()), in_vain))
    }

    /// The question, whether or not it can be asked.
    fn fill(&self, loss: &LossKind, data: &DataFacts, problems: &mut Problems) -> Question {
        let asked = &self.asked;
        let stated = &asked.stated;
        let images = self.data.is_images();
        let unclipped = self.typed.clip.as_ref().is_none_or(|given| given.origin == Origin::Default);
        let width = asked.range(loss).map(|(low, high)| high - low);
        let default = width.filter(|_| stated.limits_by_default()).map(|width| PRECISION * width);
        let seed = asked.seed.map_or_else(new_seed, Ok).unwrap_or_else(|misfit| {
            problems.note("seed", None, misfit);
            0
        });
        Question {
            seed,
            endpoint: self.place.id(),
            data: DataId { rows: data.rows, blake3: data.blake3.clone() },
            form: asked
                .form
                .clone()
                .or_else(|| images.then(|| form::of_images(self.place.target.reads_files()))),
            noise: NoiseSpec {
                family: asked.noise.clone(),
                scale: asked.scale.unwrap_or(if data.table { Scale::Std } else { Scale::Absolute }),
                clip: asked.clip.or_else(|| (images && unclipped).then_some(PIXELS)),
                perturb: asked.perturb.clone(),
                fix: asked.fix.clone(),
            },
            loss: LossSpec {
                name: loss.name.to_owned(),
                range: asked.loss_range,
                cap: asked.loss_cap,
                threshold: asked.threshold,
            },
            levels: asked.levels.clone(),
            precision: stated.precision.or(default),
            side: stated.side,
            confidence: stated.confidence,
            quantiles: stated.quantiles.clone(),
            gates: stated.gates.iter().map(|gate| gate.spec.clone()).collect(),
            critical: stated.critical.as_ref().map(|critical| critical.spec.clone()),
            gate_resolution: stated.gate_resolution,
            scope: stated.scope,
            route: stated.route,
            slice: self.slice_spec(data),
            replicates: stated.replicates,
            noise_floor: stated.noise_floor,
            asymptotic: stated.asymptotic,
            clean_pass: asked.clean_pass,
            same_tolerance: asked.same_tolerance,
        }
    }

    fn check_data(&self, loss: &LossKind, data: &DataFacts, question: &Question, problems: &mut Problems) {
        let (asked, typed) = (&self.asked, &self.typed);
        if loss.needs().target && !data.targets {
            let misfit = Misfit::unshown(format!("targets for the loss {}", loss.name)).found("none");
            let misfit = misfit.hint("add --targets y.npy or --target-column NAME, or take --loss flip");
            problems.note("loss", typed.loss.as_ref(), misfit);
        }
        if let Some(lacks) = NoRange::find(question, data.targets_range) {
            let misfit = Misfit::unshown(lacks.expected()).found("none").hint(lacks.hint());
            problems.note("loss-range", None, misfit);
        }
        if asked.stated.route == Route::Differences && loss.needs().target && data.rows > asked.clean_pass {
            let misfit = Misfit::unshown("all rows asked clean first with differences")
                .found(format!("{} rows and --clean-pass {}", data.rows, asked.clean_pass));
            let hint = format!("give --clean-pass {}, or leave --route out", data.rows);
            problems.note("route", typed.route.as_ref(), misfit.hint(hint));
        }
        self.check_quantiles(data, problems);
        if let Some(Err(why)) = &data.slices {
            let expected = format!("a column with at most {MOST_SLICES} different values, or target");
            let misfit = Misfit::new(expected, self.slice().unwrap_or_default()).hint(why.to_string());
            problems.note("slice", typed.slice.as_ref(), misfit);
        } else if self.slice().is_some() && data.slices.is_none() {
            let misfit = Misfit::unshown("the values of the column among the facts of the data");
            problems.note("slice", typed.slice.as_ref(), misfit.hint("take them with Settings::facts"));
        }
        self.check_budget(loss, data, problems);
    }

    /// Quantiles of the absolute error need targets that are numbers.
    fn check_quantiles(&self, data: &DataFacts, problems: &mut Problems) {
        let stated = &self.asked.stated;
        let against_targets = |quantile: &QuantileSpec| quantile.of == Measured::AbsoluteError;
        let gated = stated.gates.iter().filter_map(|gate| match gate.spec.quantity {
            GateQuantity::Quantile(quantile) => Some(quantile),
            _ => None,
        });
        let asked = [
            ("quantiles", stated.quantiles.iter().any(against_targets), &self.typed.quantiles),
            ("gate", gated.into_iter().any(|quantile| against_targets(&quantile)), &self.typed.gate),
        ];
        let found = match (data.targets, data.targets_range) {
            (_, Some(_)) => return,
            (true, None) => "names",
            (false, None) => "none",
        };
        for (key, _, given) in asked.iter().filter(|(_, needs, _)| *needs) {
            let misfit = Misfit::unshown("numbers as targets for quantiles of absolute-error").found(found);
            let hint = "add --targets y.npy or --target-column NAME, or ask for quantiles of shift";
            problems.note(key, given.as_ref(), misfit.hint(hint));
        }
    }

    fn slice_spec(&self, data: &DataFacts) -> Option<SliceSpec> {
        let values = data.slices.clone()?.ok()?;
        Some(SliceSpec { column: self.slice()?.to_owned(), values })
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
