//! Makes the row of a query, and judges the answer to it: pure, so that any draw can be made again alone.
//!
//! A target is compared with the answer as it came. The journal keeps answers masked, and so does the fold, that a run which
//! is resumed or checked finds what the first one did; what is compared with a kept answer is therefore masked before.
//! Invariant: what is sent beside the rows changes no loss, unless answers differ in nothing but a secret.

use noisebound_adapters::{Endpoint, Prediction, Row};

use super::plan::Plan;
use super::record::{Ending, Query, Seen};
use crate::data::Dataset;
use crate::form::Forming;
use crate::loss::{Loss, LossError, Target, class_of, measure};
use crate::noise::{Level, Mask, Noise, Seed, row_of, stream};

/// What rows and losses are made of.
#[derive(Clone, Copy)]
pub(super) struct Making<'a> {
    pub dataset: &'a Dataset,
    pub mask: &'a Mask,
    pub noise: &'a dyn Noise,
    pub form: Option<&'a Forming>,
    pub loss: &'a dyn Loss,
    /// Knows the secrets that an answer may repeat.
    pub endpoint: &'a dyn Endpoint,
}

impl Making<'_> {
    /// The row of a query, whose place in the data set is `place`, as it is sent.
    pub fn row(&self, plan: &Plan, query: Query, place: u64) -> Row {
        let mut row = Row::default();
        self.dataset.fill(place as usize, &mut row);
        if let Query::Draw(id) = query
            && id.level > 0
        {
            let level = Level(plan.question.levels[id.level as usize - 1]);
            let mut rng = stream(Seed(plan.question.seed), id.index);
            // The row was taken from the stream first; the noise follows it.
            row_of(&mut rng, self.dataset.rows);
            self.noise.perturb(level, self.mask, &mut row, &mut rng);
        }
        if let Some(form) = self.form {
            form.give(&mut row);
        }
        row
    }

    /// How an answered query ended: its loss, and what the journal keeps of the prediction, secrets masked. `clean` is what
    /// the loss of a draw is against, as it is kept.
    ///
    /// # Errors
    /// When a clean answer does not fit the loss or the targets, which no answer of this model then will; masked too.
    pub fn ending(
        &self,
        plan: &Plan,
        query: Query,
        place: u64,
        prediction: &Prediction,
        clean: Option<&Prediction>,
    ) -> Result<Ending, LossError> {
        let needs = self.loss.needs();
        let target = self.dataset.targets.as_ref().and_then(|targets| targets.get(place as usize));
        let masked = self.endpoint.mask_prediction(prediction);
        // It was kept before a secret that was read since was known.
        let clean = clean.map(|clean| self.endpoint.mask_prediction(clean));
        let clean = clean.as_deref();
        let loss = match query {
            Query::Draw(_) if needs.clean => self.loss.of(&masked, clean, target),
            // There is no loss yet, but the form must fit.
            _ if needs.clean => self.loss.of(&masked, Some(masked.as_ref()), target),
            Query::Draw(_) => self.loss.of(prediction, clean, target),
            _ => self.loss.of(prediction, None, target),
        };
        let noisy = matches!(query, Query::Draw(id) if id.level > 0);
        let keep = matches!(query, Query::Draw(_)) || !needs.clean;
        let measured = if noisy { measured(plan, prediction, clean, target) } else { Ok(Box::default()) };
        let seen = match query {
            Query::Draw(_) => seen(plan, &masked),
            _ => Seen::Whole(masked.into_owned()),
        };
        match loss.and_then(|loss| Ok((loss, measured?))) {
            Ok((loss, measured)) => Ok(Ending::Answered { loss: keep.then_some(loss), measured, seen }),
            Err(LossError::NonFinite) => Ok(Ending::Unanswered),
            // Clean answers show that the loss, the targets and the model go together. A noisy answer of
            // another form is one that cannot be decoded, and its draw's own affair.
            Err(_) if noisy => Ok(Ending::Unanswered),
            Err(LossError::Unfit(why)) => Err(LossError::Unfit(self.endpoint.mask(&why))),
        }
    }
}

/// The numbers that a draw has beside its loss.
fn measured(
    plan: &Plan,
    prediction: &Prediction,
    clean: Option<&Prediction>,
    target: Option<&Target>,
) -> Result<Box<[f64]>, LossError> {
    plan.measured.iter().map(|of| measure(*of, prediction, clean, target)).collect()
}

fn seen(plan: &Plan, prediction: &Prediction) -> Seen {
    if plan.binary
        && let Ok(class) = class_of(prediction, plan.question.loss.threshold)
    {
        return Seen::Class(class.to_string().into());
    }
    Seen::small(prediction)
}
