//! The hash of what was read, part by part.

/// BLAKE3 over parts: each is three strings of bytes, and each of these stands after its length (8 bytes,
/// little-endian), so that no two lists of parts give the same bytes.
pub(super) struct Hash(blake3::Hasher);

impl Hash {
    pub(super) fn new() -> Self {
        Self(blake3::Hasher::new())
    }

    pub(super) fn part(&mut self, role: &str, selection: &str, bytes: &[u8]) {
        for piece in [role.as_bytes(), selection.as_bytes(), bytes] {
            self.0.update(&(piece.len() as u64).to_le_bytes());
            self.0.update(piece);
        }
    }

    /// 64 hexadecimal digits.
    pub(super) fn hex(&self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}
