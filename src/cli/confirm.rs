//! The question before a host that is not this machine is sent anything.

use std::io::{self, BufRead, IsTerminal};

use super::failed::Failed;
use super::print::tell;
use crate::config::Conduct;
use crate::config::settings::Place;
use crate::config::target::{host, is_loopback};

/// Asks once, unless each host is a loopback address or `yes` was said: those of the targets, and those of their control
/// ports. Without a terminal it refuses, and prints the command that would run.
pub fn confirm(places: &[&Place], conduct: &Conduct, yes: bool) -> Result<(), Failed> {
    let hosts = strangers(places);
    if yes || hosts.is_empty() {
        return Ok(());
    }
    let are = if hosts.len() == 1 { "is" } else { "are" };
    let hosts = hosts.join(" and ");
    let rate = conduct
        .rate
        .map_or_else(|| "no limit on requests a second".to_owned(), |r| format!("{r} requests/s"));
    let each = if places.len() > 1 { "each endpoint " } else { "" };
    let load = format!("{each}up to {} queries, {rate}, {} at a time", conduct.queries, conduct.concurrency);
    if !io::stdin().is_terminal() {
        return Err(Failed::usage(format!(
            "{hosts} {are} not this machine, and nobody is here to confirm: {load}"
        ))
        .hint(format!("say yes beforehand: {}", again())));
    }
    let it = if places.len() > 1 { "There would be sent to" } else { "It would be sent" };
    tell(&format!("{hosts} {are} not this machine. {it} {load}. Go on? [y/N]"));
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failed::usage(format!("no answer: {error}")))?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failed::usage("not confirmed; nothing was sent")),
    }
}

/// The hosts that are not this machine, each once.
fn strangers(places: &[&Place]) -> Vec<String> {
    let mut hosts = Vec::new();
    for place in places {
        let control = place.management.as_ref().map(|management| &management.url);
        for url in std::iter::once(place.target.base()).chain(control).filter(|url| !is_loopback(url)) {
            let host = host(url);
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
    }
    hosts
}

/// The command as it was typed, with `--yes`.
fn again() -> String {
    let typed = std::env::args().map(|word| quoted(&word)).collect::<Vec<_>>().join(" ");
    format!("{typed} --yes")
}

/// A word as a shell reads it back.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=,+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(quoted("triton://h:8000/m"), "triton://h:8000/m");
        assert_eq!(quoted("error@0.1 <= 0.2"), "'error@0.1 <= 0.2'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
