//! What a look at an endpoint needs of an audit: a clean row as it is sent, and whether the data fit the model.

use noisebound_adapters::{Description, Row, Shape};

use super::fit::{Misfit, fit};
use super::prepare::Audit;
use super::record::Query;
use super::survive::survive;
use crate::client::{Limits, Tolerance};
use crate::config::Conduct;
use crate::loss::Target;

impl Audit {
    /// A row of the data set, counted from 0, as it is sent without noise.
    pub fn clean_row(&self, row: u64) -> Row {
        self.making().row(&self.plan, Query::Clean(row), row)
    }

    /// Whether the data and the batch fit what the server tells of the model, and each value the type that it takes.
    ///
    /// # Errors
    /// How they do not.
    pub fn fits(&self, description: &Description) -> Result<(), Misfit> {
        fit(&self.dataset, self.form.as_ref(), description, self.conduct.batch)?;
        let mut types = self.types(description);
        if let Some(form) = &self.form {
            // What is made of pixels is no longer what the data hold.
            for (place, (field, types)) in self.dataset.fields.iter().zip(&mut types).enumerate() {
                let kept = |(shape, _): &(&Shape, usize)| {
                    form.becomes(place, shape, field.dtype()).1 == field.dtype()
                };
                if !field.shape.each().first().is_some_and(kept) {
                    types.fill(None);
                }
            }
        }
        survive(&self.dataset, &self.mask, &types)
    }

    /// The target of a row, where there is one.
    pub fn target(&self, row: u64) -> Option<&Target> {
        self.dataset.target(usize::try_from(row).ok()?)
    }

    /// The targets of all rows; none where there are none.
    pub fn targets(&self) -> &[Target] {
        self.dataset.targets.as_deref().unwrap_or_default()
    }

    /// How many elements of the first row are perturbed, of how many.
    pub fn perturbed(&self) -> (usize, usize) {
        let mut row = Row::default();
        self.dataset.fill(0, &mut row);
        let widths = row.tensors.iter().map(|tensor| tensor.values.len());
        let perturbed = widths.clone().enumerate().map(|(i, width)| self.mask.perturbed(i, width)).sum();
        (perturbed, widths.sum())
    }
}

/// What a client keeps to under this conduct.
pub fn limits(conduct: &Conduct) -> Limits {
    Limits {
        rate: conduct.rate,
        concurrency: conduct.concurrency,
        max_requests: conduct.max_requests,
        max_rows: conduct.max_rows(),
        retries: conduct.retries,
        timeout: conduct.timeout,
        tolerance: Tolerance { failures: conduct.breaker_failures, latency: conduct.breaker_latency },
    }
}
