//! The memory of whole audits of a million draws, as the allocator counts it: what is in use at ten thousand draws
//! and at a million.
//!
//!     cargo run --release --example memory
//!
//! The endpoint is in the same process and answers at once, so that neither the network nor the pages of the process
//! blur what is counted. For losses of 0 and 1 nothing may grow but a few bits for each draw and each limit; for others
//! at most 16 bytes a draw. `tests/memory/run` does the same with the command, by its resident size.
#![expect(clippy::print_stdout, reason = "what was counted is printed")]

use std::error::Error;
use std::future::pending;
use std::process::ExitCode;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use noisebound::audit::{Audit, Core, Watch};
use noisebound::client::Counts;
use noisebound::config::{Conduct, Question};
use noisebound::data::Dataset;
use noisebound_adapters::{
    Answer, Described, Description, Endpoint, Exchange, Failure, Prediction, Row, Tensor, Values, WireRequest,
};
use peak_alloc::PeakAlloc;

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "shared with the end-to-end tests")]
mod support;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const ROWS: usize = 500;
const FEW: u64 = 10_000;
const MANY: u64 = 1_000_000;
/// What an audit with losses of 0 and 1 may use more at [`MANY`] draws than at [`FEW`], for each limit: two bits a draw.
const BITS_EACH: u64 = 2;
/// What others may.
const BYTES: u64 = 16;

/// Answers each row with its own first number, or with whether that is large.
struct Mirror {
    decides: bool,
}

impl Endpoint for Mirror {
    fn known(&self) -> Option<Description> {
        Some(Description::default())
    }

    fn describe(&self) -> BoxFuture<'_, Result<Described, Failure>> {
        ready(Ok(Described::Done { description: Description::default(), pushback: None })).boxed()
    }

    fn ask<'a>(&'a self, rows: &'a [Row]) -> BoxFuture<'a, Result<Answer, Failure>> {
        let answer = |row: &Row| {
            let first = row.tensors.first().and_then(|tensor| tensor.values.number(0)).unwrap_or_default();
            let said = if self.decides { f64::from(first > 0.5) } else { first };
            let tensor = Tensor::new("y", [1], Values::F64(vec![said]));
            Prediction::Tensors(tensor.into_iter().collect())
        };
        let predictions = rows.iter().map(answer).collect();
        ready(Ok(Answer { predictions, version: None, pushback: None })).boxed()
    }

    fn exchange<'a>(&'a self, rows: &'a [Row]) -> BoxFuture<'a, Exchange> {
        async {
            let request =
                WireRequest { method: String::new(), url: String::new(), headers: vec![], body: vec![] };
            Exchange { request, response: None, answer: self.ask(rows).await, would_fit: vec![], tried: None }
        }
        .boxed()
    }

    fn preview(&self, _: &[Row]) -> Result<WireRequest, Failure> {
        Ok(WireRequest { method: String::new(), url: String::new(), headers: vec![], body: vec![] })
    }
}

/// The most that was in use between half of so many draws and all of them.
#[derive(Default)]
struct Marks {
    few: usize,
    many: usize,
}

impl Watch for Marks {
    fn progress(&mut self, core: &Core, _: &Counts) {
        let (draws, now) = (core.charged(), HEAP.current_usage());
        if (FEW / 2..FEW).contains(&draws) {
            self.few = self.few.max(now);
        }
        if (MANY / 2..MANY).contains(&draws) {
            self.many = self.many.max(now);
        }
    }
}

fn example() -> Dataset {
    let row = |nth: usize| vec![nth as f64 / ROWS as f64; 4];
    let rows: Vec<_> = (0..ROWS).map(row).collect();
    let targets: Vec<f64> = (0..ROWS).map(|nth| f64::from(nth > ROWS / 2)).collect();
    support::dataset(&rows, &targets)
}

/// How many bytes more were in use, of a whole audit that spends all its queries.
async fn growth(question: Question, decides: bool) -> Result<(usize, usize), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let conduct = Conduct { queries: MANY, batch: 64, ..support::conduct() };
    let audit = Audit::new(question, conduct, example(), Arc::new(Mirror { decides }))?;
    let mut marks = Marks::default();
    let report = audit.run(&folder.path().join("run"), "", &mut marks, pending()).await?;
    if report.run.queries < MANY {
        return Err(format!("it stopped after {} queries", report.run.queries).into());
    }
    Ok((marks.few, marks.many))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let dataset = example();
    let asked = |loss: &str, precision| Question {
        precision: Some(precision),
        ..support::question(&dataset, loss, &[0.5])
    };
    let mut ranged = asked("squared-error", 1e-5);
    ranged.loss.range = Some((0.0, 60.0));
    // Two limits of the risk; that of the degradation is the same event.
    let cases = [
        ("losses of 0 and 1", asked("error", 1e-5), true, 2 * BITS_EACH * MANY / 8),
        ("losses in a range", ranged, false, BYTES * MANY),
    ];
    let mut code = ExitCode::SUCCESS;
    for (name, question, decides, most) in cases {
        let (few, many) = growth(question, decides).await?;
        let more = many.saturating_sub(few);
        let each = more as f64 / (MANY - FEW) as f64;
        println!("{name}: {few} bytes in use at 10^4 queries, {many} at 10^6: {each:.2} bytes a draw");
        if more as u64 > most {
            println!("more than {most} bytes more");
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}
