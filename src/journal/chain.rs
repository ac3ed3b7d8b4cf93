//! The hash at the end of each line.
//!
//! A line is a JSON object whose last member is `"hash"`: BLAKE3, cut to 16 bytes, over the hash of the
//! line before (in hexadecimal; nothing for the first line) and all bytes of the line that stand before
//! that member. The one invariant: [`Chain::open`] accepts a line if and only if [`Chain::seal`] made it
//! after the same lines.

/// Hexadecimal digits of a hash.
const DIGITS: usize = 32;
const MEMBER: &[u8] = b",\"hash\":\"";
const END: &[u8] = b"\"}";

/// Where a chain of lines stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain {
    /// The hash of the last line; empty before the first.
    last: String,
}

/// A line that does not belong here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mismatch {
    pub(super) expected: String,
    pub(super) found: String,
}

impl Chain {
    /// Ends the JSON object in `line` with its hash and a line feed. It must have at least one member.
    pub(super) fn seal(&mut self, line: &mut Vec<u8>) {
        debug_assert_eq!(line.last(), Some(&b'}'), "the line is a JSON object");
        line.pop();
        self.last = self.after(line);
        line.extend_from_slice(MEMBER);
        line.extend_from_slice(self.last.as_bytes());
        line.extend_from_slice(END);
        line.push(b'\n');
    }

    /// Checks a line, without its line feed, and moves on to it.
    pub(super) fn open(&mut self, line: &[u8]) -> Result<(), Mismatch> {
        let parts = line.strip_suffix(END).and_then(|rest| {
            let (rest, hash) = rest.split_at_checked(rest.len().checked_sub(DIGITS)?)?;
            Some((rest.strip_suffix(MEMBER)?, hash))
        });
        let Some((content, hash)) = parts else {
            return Err(Mismatch { expected: self.after(line), found: "none at its end".into() });
        };
        let expected = self.after(content);
        if hash != expected.as_bytes() {
            return Err(Mismatch { expected, found: hash.escape_ascii().to_string() });
        }
        self.last = expected;
        Ok(())
    }

    fn after(&self, content: &[u8]) -> String {
        let hash = blake3::Hasher::new().update(self.last.as_bytes()).update(content).finalize();
        hash.to_hex()[..DIGITS].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_open_in_the_order_in_which_they_were_sealed() {
        let mut chain = Chain::default();
        let lines: Vec<Vec<u8>> = [&b"{\"a\":1}"[..], b"{\"a\":1}", b"{\"b\":2}"]
            .into_iter()
            .map(|line| {
                let mut line = line.to_vec();
                chain.seal(&mut line);
                assert_eq!(line.pop(), Some(b'\n'));
                line
            })
            .collect();
        assert_ne!(lines[0], lines[1], "the line before is part of the hash");
        let mut reading = Chain::default();
        assert!(lines.iter().all(|line| reading.open(line).is_ok()));
        let mut skipping = Chain::default();
        assert!(skipping.open(&lines[0]).is_ok());
        assert!(skipping.open(&lines[2]).is_err());
        assert!(skipping.open(&lines[1]).is_ok(), "a line that was refused does not move the chain");
    }

    #[test]
    fn what_has_no_hash_is_refused() {
        for line in [&b""[..], b"\"}", b"{}", b"{\"hash\":\"0123\"}", &[b'x'; 40]] {
            let found = Chain::default().open(line).map_err(|mismatch| mismatch.found);
            assert_eq!(found, Err("none at its end".into()));
        }
    }
}
