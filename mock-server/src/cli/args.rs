//! The flags of the command.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::flag;
use crate::faults::{FailOnce, Faults, Latency, Reject, Swap, When};

/// What follows the short help of a flag that takes a rule.
const WHEN: &str = "WHEN";

/// Serve known models over real protocols, with faults on demand.
///
/// Models: digits (64 pixels to 10 probabilities), diabetes (10 measurements to a number), linear-classifier and
/// linear-regression (4 columns, exact risk known), linear-classifier-b (a worse one, to compare with the first),
/// linear-classifier-coin (the first, each answer turned over with probability 0.05), constant (always class 1 of
/// 2), coin (class 1 with probability 0.25).
///
/// Protocols, all on one port: Open Inference Protocol as Triton speaks it (/v2), TorchServe (/predictions), and
/// JSON (/v1/models/MODEL:predict; for the first model /invocations, /predict, /score, /api/v1.0/predictions and / as MLflow,
/// BentoML, LitServe, FastAPI, Azure ML, Seldon, Ray Serve and Hugging Face have them).
///
/// Once it listens it prints one line, `ready` and the targets of the digits model; it ends on SIGTERM or Ctrl-C.
///
/// WHEN is a probability (0.1), or first=N, after=N, between=N-M, every=N, counted over requests for predictions. Faults fall on
/// these alone, never on health or metadata.
#[derive(clap::Args, Debug, Clone)]
pub struct Args {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    pub(super) listen: SocketAddr,

    /// Where to listen for the Open Inference Protocol over gRPC; nowhere unless given.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) grpc_listen: Option<SocketAddr>,

    /// Write a line of JSON for each request to this file; one that exists is emptied.
    #[arg(long, value_name = "FILE")]
    pub(super) log: Option<PathBuf>,

    /// Decides which requests and rows the faults fall on, and every coin.
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    pub(super) seed: u64,

    /// Ask for the bearer token that stands in this environment variable.
    #[arg(long, value_name = "NAME")]
    pub(super) token_env: Option<String>,

    /// Ask on TorchServe's paths for the keys that are written to this file, as key_file.json.
    #[arg(long, value_name = "FILE", conflicts_with = "token_env")]
    pub(super) key_file: Option<PathBuf>,

    /// How many predictions a key for inference lasts; then a new one is in the file.
    #[arg(long, value_name = "REQUESTS", requires = "key_file")]
    pub(super) key_lasts: Option<u64>,

    /// How long a prediction takes: 20ms, or exp:20ms for an exponential time with this mean.
    #[arg(long, value_name = "TIME", value_parser = flag::latency)]
    pub(super) latency: Option<Latency>,

    /// Take longer where the answer for a row is this class: 3:50ms.
    #[arg(long, value_name = "CLASS:TIME", value_parser = flag::class_latency)]
    pub(super) latency_if_class: Option<(usize, Duration)>,

    /// Turn requests away with a status: 429:0.1:1s, 503:first=5. May be given several times.
    #[arg(long, value_name = "STATUS:WHEN[:RETRY_AFTER]", value_parser = flag::reject)]
    pub(super) reject: Vec<Reject>,

    /// Close the connection before any byte of the answer.
    #[arg(long, value_name = WHEN)]
    pub(super) drop: Option<When>,

    /// Close the connection half-way through the answer.
    #[arg(long, value_name = WHEN)]
    pub(super) cut: Option<When>,

    /// Answer with the first half of the body as if it were whole.
    #[arg(long, value_name = WHEN)]
    pub(super) truncate: Option<When>,

    /// Answer for one row less than was asked.
    #[arg(long, value_name = WHEN)]
    pub(super) misshape: Option<When>,

    /// Say with status 200 that the model failed.
    #[arg(long, value_name = WHEN)]
    pub(super) complain: Option<When>,

    /// Do not answer until the client hangs up.
    #[arg(long, value_name = WHEN)]
    pub(super) stall: Option<When>,

    /// Fail a share of the request bodies the first time they are seen, with 503 or this status.
    #[arg(long, value_name = "SHARE[:STATUS]", value_parser = flag::fail_once)]
    pub(super) fail_once: Option<FailOnce>,

    /// Refuse a share of the rows whenever they are asked.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, hide_default_value = true, value_parser = flag::share)]
    pub(super) refuse_rows: f64,

    /// The status with which a TorchServe handler refuses them, as one may choose [default: 503, an exception].
    #[arg(long, value_name = "STATUS", value_parser = flag::status)]
    pub(super) refuse_status: Option<u16>,

    /// Answer a share of the rows with NaN whenever they are asked.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, hide_default_value = true, value_parser = flag::share)]
    pub(super) nan_rows: f64,

    /// Give other answers after so many requests: class c becomes c + 1, a number changes its sign.
    #[arg(long, value_name = "REQUESTS")]
    pub(super) swap_after: Option<u64>,

    /// Tell this version from then on; without it the swap is silent.
    #[arg(long, value_name = "VERSION", requires = "swap_after")]
    pub(super) swap_version: Option<String>,
}

impl Args {
    /// The faults that the flags ask for.
    pub(super) fn faults(&self) -> Faults {
        let swap = |after| Swap { after, to: None, version: self.swap_version.clone() };
        Faults {
            latency: self.latency.unwrap_or_default(),
            latency_if_class: self.latency_if_class,
            latency_of: None,
            rejects: self.reject.clone(),
            drop: self.drop.unwrap_or_default(),
            cut: self.cut.unwrap_or_default(),
            truncate: self.truncate.unwrap_or_default(),
            misshape: self.misshape.unwrap_or_default(),
            complain: self.complain.unwrap_or_default(),
            stall: self.stall.unwrap_or_default(),
            fail_once: self.fail_once,
            refuse_rows: self.refuse_rows,
            refuse_status: self.refuse_status,
            nan_rows: self.nan_rows,
            swap: self.swap_after.map(swap),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, FromArgMatches, Parser};

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        args: Args,
    }

    fn parse(flags: &[&str]) -> Result<Args, clap::Error> {
        let matches = Command::command().try_get_matches_from([&["mock"], flags].concat())?;
        Ok(Command::from_arg_matches(&matches)?.args)
    }

    #[test]
    fn the_flags_are_consistent() {
        Command::command().debug_assert();
    }

    #[test]
    fn nothing_goes_wrong_unless_asked() {
        assert_eq!(format!("{:?}", parse(&[]).unwrap().faults()), format!("{:?}", Faults::default()));
    }

    #[test]
    fn every_fault_has_its_flag() {
        let flags = [
            "--latency=exp:5ms",
            "--latency-if-class=3:50ms",
            "--reject=429:0.1:1s",
            "--reject=503:0.2",
            "--drop=0.01",
            "--cut=0.02",
            "--truncate=0.03",
            "--misshape=0.07",
            "--complain=0.08",
            "--stall=every=4",
            "--fail-once=0.2:500",
            "--refuse-rows=0.05",
            "--refuse-status=513",
            "--nan-rows=0.06",
            "--swap-after=7",
            "--swap-version=2",
        ];
        let faults = parse(&flags).unwrap().faults();
        assert_eq!(faults.latency, Latency::Exponential(Duration::from_millis(5)));
        assert_eq!(faults.latency_if_class, Some((3, Duration::from_millis(50))));
        assert_eq!(faults.rejects.iter().map(|reject| reject.status).collect::<Vec<_>>(), [429, 503]);
        assert_eq!((faults.drop, faults.cut), (When::Chance(0.01), When::Chance(0.02)));
        assert_eq!((faults.truncate, faults.stall), (When::Chance(0.03), When::Every(4)));
        assert_eq!((faults.misshape, faults.complain), (When::Chance(0.07), When::Chance(0.08)));
        assert_eq!(faults.fail_once, Some(FailOnce { share: 0.2, status: 500 }));
        assert_eq!((faults.refuse_rows, faults.nan_rows, faults.refuse_status), (0.05, 0.06, Some(513)));
        let swap = faults.swap.unwrap();
        assert_eq!((swap.after, swap.version.as_deref()), (7, Some("2")));
    }

    #[test]
    fn a_version_without_a_swap_is_refused() {
        assert!(parse(&["--swap-version=2"]).is_err());
        assert!(parse(&["--refuse-rows=1.5"]).is_err());
    }
}
