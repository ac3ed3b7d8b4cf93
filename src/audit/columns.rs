//! Tables whose columns are inputs of their own: the row that is drawn and perturbed as one tensor of numbers is parted
//! on its way to the endpoint.
//!
//! Whether that is so is known once the model was described. It changes no noise: elements are perturbed before, in the
//! order of the columns.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use futures::FutureExt;
use futures::future::BoxFuture;
use noisebound_adapters::{
    Answer, Described, Description, Endpoint, Exchange, Failure, Port, Prediction, Row, Shape, Tensor,
    Values, WireRequest,
};

use crate::data::{Dataset, Field};

/// The columns of a table, each of which is an input of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Apart {
    /// The place of the field of numbers among the fields.
    field: usize,
    columns: Vec<Arc<str>>,
}

impl Apart {
    /// Whether the columns go to inputs of their own: the model has several inputs, none of which takes the table whole,
    /// and each that it must have is a column or another field.
    pub(super) fn of(dataset: &Dataset, inputs: &[Port]) -> Option<Self> {
        let (field, columns) = table(dataset)?;
        let whole = inputs.iter().any(|input| *input.name == *dataset.fields[field].name);
        let named = |name: &str| {
            columns.iter().any(|column| **column == *name)
                || dataset.fields.iter().any(|field| *field.name == *name)
        };
        let all = inputs.iter().filter(|input| !input.optional).all(|input| named(&input.name));
        let some = inputs.iter().any(|input| columns.iter().any(|column| **column == *input.name));
        (inputs.len() > 1 && !whole && all && some).then_some(Self { field, columns })
    }

    /// The fields as the model sees them: one value a row for each column.
    pub(super) fn fields(&self, dataset: &Dataset) -> Vec<Field> {
        let mut fields = Vec::new();
        for (i, field) in dataset.fields.iter().enumerate() {
            if i != self.field {
                fields.push(field.clone());
                continue;
            }
            let empty = Values::empty(field.dtype());
            let column = |name: &Arc<str>| Field {
                name: Arc::clone(name),
                shape: [].into(),
                values: empty.clone(),
                columns: None,
            };
            fields.extend(self.columns.iter().map(column));
        }
        fields
    }

    /// How many of these fields a field of the data set becomes.
    pub(super) fn count(&self, field: usize) -> usize {
        if field == self.field { self.columns.len() } else { 1 }
    }

    /// The row with a tensor of one value for each column.
    fn part(&self, row: &Row) -> Row {
        let mut tensors = Vec::with_capacity(row.tensors.len() + self.columns.len());
        let shape: Shape = [].into();
        for (i, tensor) in row.tensors.iter().enumerate() {
            if i != self.field {
                tensors.push(tensor.clone());
                continue;
            }
            for (place, name) in self.columns.iter().enumerate() {
                let mut values = Values::empty(tensor.values.dtype());
                values.copy_from(&tensor.values, place, 1);
                tensors.push(Tensor { name: Arc::clone(name), shape: Arc::clone(&shape), values });
            }
        }
        Row { tensors }
    }
}

/// The field of numbers with its columns; none where the data are no table.
fn table(dataset: &Dataset) -> Option<(usize, Vec<Arc<str>>)> {
    let of = |(i, field): (usize, &Field)| {
        let columns = field.columns.as_ref()?;
        Some((i, columns.iter().map(|name| Arc::from(name.as_str())).collect()))
    };
    dataset.fields.iter().enumerate().find_map(of)
}

/// An endpoint that is asked about rows of a table, in whichever form it takes them.
pub(super) struct OfTable {
    endpoint: Arc<dyn Endpoint>,
    dataset: Dataset,
    /// Whether the columns go apart; known once the model was described.
    told: OnceLock<Option<Apart>>,
}

impl OfTable {
    /// The endpoint for rows of these data; itself where no row could take another form.
    pub(super) fn around(endpoint: Arc<dyn Endpoint>, dataset: &Dataset) -> Arc<dyn Endpoint> {
        if table(dataset).is_none() {
            return endpoint;
        }
        let empty = |field: &Field| Field { values: Values::empty(field.dtype()), ..field.clone() };
        // Of the data only names and shapes are needed.
        let dataset = Dataset {
            fields: dataset.fields.iter().map(empty).collect(),
            rows: dataset.rows,
            targets: None,
            blake3: String::new(),
        };
        Arc::new(Self { endpoint, dataset, told: OnceLock::new() })
    }

    fn learn(&self, description: &Description) {
        let apart = Apart::of(&self.dataset, &description.inputs);
        // A model is described once; what it told first stays.
        let _ = self.told.set(apart);
    }

    /// The rows as the model takes them; none where that is as they are.
    fn formed(&self, rows: &[Row]) -> Option<Vec<Row>> {
        let apart = self.told.get()?.as_ref()?;
        Some(rows.iter().map(|row| apart.part(row)).collect())
    }
}

impl Endpoint for OfTable {
    fn known(&self) -> Option<Description> {
        let known = self.endpoint.known();
        if let Some(description) = &known {
            self.learn(description);
        }
        known
    }

    fn describe(&self) -> BoxFuture<'_, Result<Described, Failure>> {
        async {
            let described = self.endpoint.describe().await?;
            if let Described::Done { description, .. } = &described {
                self.learn(description);
            }
            Ok(described)
        }
        .boxed()
    }

    fn ask<'a>(&'a self, rows: &'a [Row]) -> BoxFuture<'a, Result<Answer, Failure>> {
        match self.formed(rows) {
            Some(rows) => async move { self.endpoint.ask(&rows).await }.boxed(),
            None => self.endpoint.ask(rows),
        }
    }

    fn exchange<'a>(&'a self, rows: &'a [Row]) -> BoxFuture<'a, Exchange> {
        match self.formed(rows) {
            Some(rows) => async move { self.endpoint.exchange(&rows).await }.boxed(),
            None => self.endpoint.exchange(rows),
        }
    }

    fn preview(&self, rows: &[Row]) -> Result<WireRequest, Failure> {
        match self.formed(rows) {
            Some(rows) => self.endpoint.preview(&rows),
            None => self.endpoint.preview(rows),
        }
    }

    fn mask(&self, text: &str) -> String {
        self.endpoint.mask(text)
    }

    fn mask_prediction<'a>(&self, prediction: &'a Prediction) -> Cow<'a, Prediction> {
        self.endpoint.mask_prediction(prediction)
    }

    fn renew(&self) {
        self.endpoint.renew();
    }
}
