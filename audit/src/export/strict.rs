//! JSON as the log has it: UTF-8, whole numbers, no key twice, at most 16 deep, nothing after it.

use std::borrow::Cow;
use std::collections::HashSet;

/// How deep JSON may nest; `{}` is 1.
pub const DEPTH: usize = 16;

/// What else is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// White space between tokens, keys in any order.
    Free,
    /// No white space, the keys of each object in the order of their bytes.
    Canonical,
}

/// What was noticed on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Noticed {
    /// Some object has the key `$s`.
    pub sealed: bool,
}

/// Whether `bytes` are one JSON value; the error says what is wrong.
pub fn check(bytes: &[u8], style: Style) -> Result<Noticed, &'static str> {
    std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8")?;
    let mut scan = Scan { bytes, at: 0, style, noticed: Noticed::default() };
    scan.space();
    scan.value(0)?;
    scan.space();
    if scan.at == bytes.len() { Ok(scan.noticed) } else { Err("something follows after its end") }
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    style: Style,
    noticed: Noticed,
}

/// The keys of an object so far.
enum Keys<'a> {
    Last(Option<Cow<'a, [u8]>>),
    All(HashSet<Cow<'a, [u8]>>),
}

impl<'a> Scan<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn space(&mut self) {
        while self.style == Style::Free && matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n'))
        {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<(), &'static str> {
        match self.peek() {
            Some(b'{' | b'[') if depth >= DEPTH => Err("it nests more than 16 deep"),
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'"') => self.string().map(drop),
            Some(b'0'..=b'9') => self.number(),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            Some(b' ' | b'\t' | b'\r' | b'\n') => Err("there is white space between its tokens"),
            Some(_) => Err("it is not JSON of whole numbers"),
            None => Err("it is cut off"),
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), &'static str> {
        self.at += 1;
        let mut keys = match self.style {
            Style::Canonical => Keys::Last(None),
            Style::Free => Keys::All(HashSet::new()),
        };
        self.space();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err("an object has no key where one belongs");
            }
            let key = self.string()?;
            self.noticed.sealed |= key.as_ref() == b"$s";
            keys.add(key)?;
            self.space();
            if !self.take(b':') {
                return Err("an object has a key without a value");
            }
            self.space();
            self.value(depth)?;
            self.space();
            if self.take(b'}') {
                return Ok(());
            }
            if !self.take(b',') {
                return Err("an object does not go on as it should");
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<(), &'static str> {
        self.at += 1;
        self.space();
        if self.take(b']') {
            return Ok(());
        }
        loop {
            self.space();
            self.value(depth)?;
            self.space();
            if self.take(b']') {
                return Ok(());
            }
            if !self.take(b',') {
                return Err("an array does not go on as it should");
            }
        }
    }

    /// The string that begins here, its escapes resolved.
    fn string(&mut self) -> Result<Cow<'a, [u8]>, &'static str> {
        let from = self.at;
        self.at += 1;
        let mut escaped = false;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.at += 2;
                }
                Some(0..0x20) => return Err("a string holds a control character"),
                Some(_) => self.at += 1,
                None => return Err("it is cut off"),
            }
        }
        self.at += 1;
        let bytes = self.bytes.get(from..self.at).ok_or("it is cut off")?;
        if escaped {
            // Refuses unknown escapes and halves of surrogate pairs.
            let text: String =
                serde_json::from_slice(bytes).map_err(|_| "a string has a wrong escape")?;
            return Ok(Cow::Owned(text.into_bytes()));
        }
        Ok(Cow::Borrowed(bytes.get(1..bytes.len() - 1).unwrap_or_default()))
    }

    fn number(&mut self) -> Result<(), &'static str> {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        let digits = self.bytes.get(from..self.at).unwrap_or_default();
        let whole = !matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        let plain = digits == b"0" || digits.first() != Some(&b'0');
        let fits = std::str::from_utf8(digits).is_ok_and(|digits| digits.parse::<u64>().is_ok());
        if whole && plain && fits { Ok(()) } else { Err("a number is not whole, or too large") }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), &'static str> {
        let there = self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        self.at += word.len();
        if there { Ok(()) } else { Err("it is not JSON of whole numbers") }
    }
}

impl<'a> Keys<'a> {
    fn add(&mut self, key: Cow<'a, [u8]>) -> Result<(), &'static str> {
        match self {
            Self::Last(Some(last)) if *last == key => Err("a key stands twice"),
            Self::Last(Some(last)) if *last > key => Err("keys are not in their order"),
            Self::Last(last) => {
                *last = Some(key);
                Ok(())
            }
            Self::All(all) => all.insert(key).then_some(()).ok_or("a key stands twice"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_log_writes_is_accepted() {
        for json in [
            "{}",
            r#"{"a":[1,{"b":null}],"c":"x","ü":true}"#,
            "[18446744073709551615,0]",
            r#""a\u00e9\ud83d\ude00\n""#,
        ] {
            assert_eq!(check(json.as_bytes(), Style::Canonical).err(), None, "{json}");
        }
        assert!(check(b" { \"b\" : 1 , \"a\" : [ ] } \n", Style::Free).is_ok());
        assert!(check(br#"{"a":{"\u0024s":1}}"#, Style::Free).is_ok_and(|seen| seen.sealed));
    }

    #[test]
    fn everything_else_is_refused() {
        for json in [
            "",
            "{",
            r#"{"a":1,"a":2}"#,
            r#"{"a":1,"\u0061":2}"#,
            "{}{}",
            "[1,]",
            "{,}",
            "01",
            "-1",
            "1.5",
            "1e3",
            "18446744073709551616",
            "nul",
            "truex",
            r#""\x""#,
            r#""\ud800""#,
            "\"\n\"",
            r#"{"a" 1}"#,
            "{a:1}",
            "[1 2]",
            r#""open"#,
            "\u{feff}{}",
            r#"{"a":}"#,
        ] {
            assert!(check(json.as_bytes(), Style::Free).is_err(), "{json}");
        }
        assert!(check(b"\"\xff\"", Style::Free).is_err());
        for json in [r#"{"b":1,"a":2}"#, r#"{"a": 1}"#, " {}", "{} "] {
            assert!(check(json.as_bytes(), Style::Free).is_ok(), "{json}");
            assert!(check(json.as_bytes(), Style::Canonical).is_err(), "{json}");
        }
    }

    #[test]
    fn sixteen_deep_is_the_deepest_and_depth_costs_no_stack() {
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(check(deep(16).as_bytes(), Style::Free).is_ok());
        assert_eq!(check(deep(17).as_bytes(), Style::Free), Err("it nests more than 16 deep"));
        assert!(check(deep(1_000_000).as_bytes(), Style::Free).is_err());
    }
}
