use noisebound_adapters::{Prediction, Tensor, Values};

use super::*;
use crate::audit::record::{Ending, Query, Record, Seen};
use crate::audit::tests::{TARGET, conduct, gate, question};
use crate::bound::engine::Standard;
use crate::config::question::{GateQuantity, QuantileSpec, Relation};
use crate::loss::Range;

const BUDGET: u64 = 20_000;

/// What is foretold of gates on a quantile, each at most 3, where every clean row has this absolute error.
fn foretold(of: Measured, error: f64) -> Forecast {
    let mut asked = question(50, &[1.0, 2.0]);
    asked.loss.name = "absolute-error".to_owned();
    asked.precision = None;
    let quantity = GateQuantity::Quantile(QuantileSpec { of, percent: 90.0 });
    asked.gates = [1.0, 2.0]
        .map(|level| crate::config::question::GateSpec {
            quantity,
            ..gate(Some(level), Relation::AtMost, 3.0)
        })
        .to_vec();
    let plan = Plan::new(asked, Range::Unbounded, TARGET, &Standard);
    let mut core = Core::new(plan, BUDGET, 0, &Standard);
    while let Some(query) = core.next() {
        if matches!(query, Query::Draw(id) if id.level > 0) {
            break;
        }
        let answer = Tensor::new("y", [], Values::F64(vec![1.0])).unwrap();
        let seen = Seen::Whole(Prediction::Tensors(vec![answer]));
        let ending = Ending::Answered { loss: Some(error), measured: Box::default(), seen };
        core.commit(&Record { query, ending }).unwrap();
    }
    assert_eq!(core.clean_losses().len(), 50);
    Forecast::new(&core, &Conduct { queries: BUDGET, ..conduct() }, &Standard)
}

/// Nothing was measured of the draws that were made up, so that every gate on a quantile stayed open to the end, and
/// the forecast was -n whatever the clean answers told.
#[test]
fn a_gate_on_a_quantile_is_forecast_from_what_clean_answers_tell() {
    let clean = 2 * 50 + 50;
    let below = foretold(Measured::AbsoluteError, 1.0);
    assert!(below.likely > clean / 2 && below.likely < 400, "{below:?}");
    let above = foretold(Measured::AbsoluteError, 9.0);
    assert!(above.likely < below.likely, "nine of ten above are sooner seen than one of ten: {above:?}");
    // Noise that changes nothing shifts nothing, whatever the errors are; every row was asked clean, and none is again.
    assert_eq!(foretold(Measured::Shift, 9.0).likely, below.likely);
    // A quantile at its own threshold may keep the gate open to the end.
    assert_eq!((below.most, above.most), (BUDGET, BUDGET));
}
