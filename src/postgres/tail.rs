//! The end of a program's output.

/// Returns the last complete lines that fit into `bytes`.
pub(super) fn tail(said: &[u8], bytes: usize) -> String {
    let text = String::from_utf8_lossy(said);
    let text = text.trim();
    let mut start = text.len().saturating_sub(bytes);
    if start > 0 {
        let end_of_line = text.as_bytes()[start..]
            .iter()
            .position(|byte| *byte == b'\n');
        start += end_of_line.map_or(0, |end| end + 1);
    }
    String::from_utf8_lossy(&text.as_bytes()[start..]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::tail;

    #[test]
    fn whole_lines_are_kept() {
        assert_eq!(tail(b"one\ntwo\nthree\n", 100), "one\ntwo\nthree");
        assert_eq!(tail(b"one\ntwo\nthree\n", 7), "three");
        assert_eq!(tail("ärger".as_bytes(), 5), "\u{fffd}rger");
    }
}
