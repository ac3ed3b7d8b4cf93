//! Lists that keep something of every draw, and little room beside it.

/// Appends to a list that grows by an eighth where it is full, and not by as much again as a `Vec` by itself.
pub fn push<T>(list: &mut Vec<T>, item: T) {
    if list.len() == list.capacity() {
        list.reserve_exact((list.len() / 8).max(8));
    }
    list.push(item);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_beside_is_at_most_an_eighth() {
        let mut list = Vec::new();
        for nth in 0..10_000_u64 {
            push(&mut list, nth);
            assert!(list.capacity() <= list.len() + (list.len() / 8).max(8), "{}", list.capacity());
        }
        assert!(list.iter().copied().eq(0..10_000));
    }
}
