//! One interval at one level: every engine on losses of its kind, looked at in every way.

use noisebound::bound::engine::{Engine, Engines, IntervalSpec, Standard};

use super::cell::{Cell, Count, Size};
use super::law::{Law, Silence};
use super::path::{Path, Reads};

/// The share of each side.
const SHARE: f64 = 0.025;

/// An interval that is looked at on the whole path.
struct Looked {
    engine: Engine,
    precision: f64,
    law: Law,
    silence: Silence,
    draws: u64,
    reads: Reads,
}

impl Looked {
    fn cell(self) -> Cell {
        let Self { engine, precision, law, silence, draws, reads } = self;
        let spec = IntervalSpec { engine, precision, lower: Some(SHARE), upper: Some(SHARE) };
        let path = Path { truth: law.mean(), draws, reads };
        let missing = match silence {
            Silence::None => String::new(),
            Silence::AtRandom(share) => format!(", {share} unanswered"),
            Silence::OfLosses(share) => format!(", {share} of the losses unanswered"),
            Silence::OfZeros(share) => format!(", {share} of the zeros unanswered"),
        };
        let looks = match reads {
            Reads::Checkpoints => String::new(),
            Reads::Every(1) => ", every draw read".to_owned(),
            Reads::Every(step) => format!(", every {step} draws read"),
            Reads::Stop { after, off } => format!(", read when {off} off after {after}"),
        };
        let name = format!("{}, {}, precision {precision}{missing}{looks}", engine.name(), told(law));
        Cell::new(name, Count::sides(SHARE), move |mut rng| {
            let mut bound = Standard.interval(&spec);
            path.watch(bound.as_mut(), &mut rng, |rng| silence.over(law.draw(rng), rng))
        })
    }
}

fn told(law: Law) -> String {
    match law {
        Law::Coin(p) => format!("risk {p}"),
        Law::Beta(a, b) => format!("beta({a}, {b})"),
        Law::Mixed => "a mix".to_owned(),
    }
}

/// The cells.
pub fn cells(size: Size) -> Vec<Cell> {
    let (fine, every) = match size {
        Size::Full => (&[0.02, 0.005][..], &[0.001, 0.01, 0.05, 0.2, 0.5][..]),
        Size::Short => (&[0.02][..], &[0.01, 0.2][..]),
    };
    let mut looked = Vec::new();
    for engine in [Engine::Aim, Engine::AimD] {
        for &precision in fine {
            for &risk in every {
                // Beyond the draws at which the precision is reached.
                let draws = size.draws(if precision < 0.01 { 60_000 } else { 12_000 });
                let law = Law::Coin(risk);
                let plain = Looked {
                    engine,
                    precision,
                    law,
                    silence: Silence::None,
                    draws,
                    reads: Reads::Checkpoints,
                };
                looked.push(plain);
            }
        }
    }
    looked.extend(in_a_range(size));
    looked.extend(unanswered(size));
    looked.extend(other_looks(size));
    looked.into_iter().map(Looked::cell).collect()
}

/// Losses in a range.
fn in_a_range(size: Size) -> Vec<Looked> {
    let with = |law, precision, draws| Looked {
        engine: Engine::AimBets,
        precision,
        law,
        silence: Silence::None,
        draws: size.draws(draws).min(if size == Size::Short { 400 } else { draws }),
        reads: Reads::Checkpoints,
    };
    vec![
        with(Law::Beta(0.5, 20.0), 0.005, 800),
        with(Law::Beta(2.0, 40.0), 0.005, 800),
        with(Law::Mixed, 0.02, 2_000),
        with(Law::Coin(0.05), 0.02, 8_000),
        with(Law::Coin(0.2), 0.02, 8_000),
    ]
}

/// Draws that stay unanswered, also because of their loss.
fn unanswered(size: Size) -> Vec<Looked> {
    let silences = [Silence::AtRandom(0.05), Silence::OfLosses(0.25), Silence::OfZeros(0.1)];
    let mut looked = Vec::new();
    for (engine, law, draws) in [
        (Engine::Aim, Law::Coin(0.2), 10_000),
        (Engine::AimD, Law::Coin(0.2), 10_000),
        (Engine::AimBets, Law::Mixed, 1_000),
    ] {
        let draws = if size == Size::Short { 300 } else { draws };
        let with =
            |silence| Looked { engine, precision: 0.02, law, silence, draws, reads: Reads::Checkpoints };
        looked.extend(silences.map(with));
    }
    looked
}

/// Looks after every draw, after whole batches, and once at the worst time.
fn other_looks(size: Size) -> Vec<Looked> {
    let mut looked = Vec::new();
    // The distances are about those of the limits after so many draws.
    for (engine, law, draws, stops) in [
        (Engine::Aim, Law::Coin(0.05), 4_000, [(200, 0.03), (800, 0.02)]),
        (Engine::AimD, Law::Coin(0.2), 4_000, [(1_000, 0.035), (1_800, 0.02)]),
        (Engine::AimBets, Law::Mixed, 600, [(100, 0.05), (300, 0.03)]),
    ] {
        let stops = stops.map(|(after, off)| Reads::Stop { after, off });
        for reads in [Reads::Every(1), Reads::Every(64)].into_iter().chain(stops) {
            let draws = if size == Size::Short { 300 } else { draws };
            looked.push(Looked { engine, precision: 0.02, law, silence: Silence::None, draws, reads });
        }
    }
    looked
}
