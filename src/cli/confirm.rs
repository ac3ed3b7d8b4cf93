//! The question before a host that is not this machine is sent anything.

use std::io::{self, BufRead, IsTerminal};

use super::failed::Failed;
use super::print::tell;
use crate::config::Conduct;
use crate::config::target::Target;

/// Asks once, unless the host is a loopback address or `yes` was said. Without a terminal it refuses, and
/// prints the command that would run.
pub fn confirm(target: &Target, conduct: &Conduct, yes: bool) -> Result<(), Failed> {
    if yes || target.is_loopback() {
        return Ok(());
    }
    let rate = conduct
        .rate
        .map_or_else(|| "no limit on requests a second".to_owned(), |r| format!("{r} requests/s"));
    let load = format!("up to {} queries, {rate}, {} at a time", conduct.queries, conduct.concurrency);
    if !io::stdin().is_terminal() {
        return Err(Failed::usage(format!(
            "{} is not this machine, and nobody is here to confirm: {load}",
            target.host()
        ))
        .hint(format!("say yes beforehand: {}", again())));
    }
    tell(&format!("{} is not this machine. It would be sent {load}. Go on? [y/N]", target.host()));
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

/// The command as it was typed, with `--yes`.
fn again() -> String {
    let typed = std::env::args().map(|word| quoted(&word)).collect::<Vec<_>>().join(" ");
    format!("{typed} --yes")
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
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
