//! `OpenMetrics` text, read strictly: what Prometheus would refuse is refused here.

use std::collections::{BTreeMap, BTreeSet};

/// One number with its labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

/// Everything that was exposed.
#[derive(Debug)]
pub struct Exposition {
    /// Families by name: their type and what they mean.
    pub families: BTreeMap<String, (String, String)>,
    pub samples: Vec<Sample>,
}

impl Exposition {
    /// Reads it whole, or says which line is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut families, mut samples) = (BTreeMap::<String, (String, String)>::new(), Vec::new());
        let (mut helps, mut seen) = (BTreeMap::new(), BTreeSet::new());
        let mut lines = text.lines();
        for line in lines.by_ref() {
            let wrong = |why: &str| format!("{why}: {line}");
            if line == "# EOF" {
                break;
            } else if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, help) = help.split_once(' ').ok_or(wrong("no text"))?;
                if help.trim().is_empty()
                    || helps.insert(name.to_owned(), help.to_owned()).is_some()
                {
                    return Err(wrong("empty or twice"));
                }
            } else if let Some(of) = line.strip_prefix("# TYPE ") {
                let (name, kind) = of.split_once(' ').ok_or(wrong("no type"))?;
                let kinds = ["counter", "gauge", "histogram", "info"];
                if !kinds.contains(&kind) {
                    return Err(wrong("an unknown type"));
                }
                let help = helps.get(name).ok_or(wrong("a type before its help"))?;
                families.insert(name.to_owned(), (kind.to_owned(), help.clone()));
            } else {
                let sample = Sample::parse(line).ok_or(wrong("no sample"))?;
                let family = sample.family(&families).ok_or(wrong("no family has this"))?;
                let labels = format!("{:?}", sample.labels);
                if !seen.insert((sample.name.clone(), labels)) {
                    return Err(wrong("twice"));
                }
                let counts = matches!(families[family].0.as_str(), "counter" | "histogram");
                if counts && sample.value < 0.0 {
                    return Err(wrong("a count below zero"));
                }
                samples.push(sample);
            }
        }
        if !text.ends_with("# EOF\n") || lines.next().is_some() {
            return Err("it does not end where it should".to_owned());
        }
        Ok(Self { families, samples })
    }

    /// The one number with this name and these labels; 0 where nothing was counted.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> i64 {
        let fits = |sample: &&Sample| {
            sample.name == name
                && labels
                    .iter()
                    .all(|(key, value)| sample.labels.get(*key).is_some_and(|v| v == value))
        };
        let found: Vec<_> = self.samples.iter().filter(fits).collect();
        assert!(found.len() <= 1, "{name} {labels:?} is not one number: {found:?}");
        found.first().map_or(0, |sample| whole(sample.value))
    }

    /// All numbers with this name, added up.
    pub fn sum(&self, name: &str) -> i64 {
        let named = self.samples.iter().filter(|sample| sample.name == name);
        named.map(|sample| whole(sample.value)).sum()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "what a test counts is small")]
fn whole(number: f64) -> i64 {
    number.round() as i64
}

impl Sample {
    fn parse(line: &str) -> Option<Self> {
        let end = line.find(['{', ' '])?;
        let (name, mut rest) = line.split_at(end);
        let good = |word: &str| {
            let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
            word.chars().all(letter)
                && !word.starts_with(|c: char| c.is_ascii_digit())
                && !word.is_empty()
        };
        let mut labels = BTreeMap::new();
        if let Some(mut inner) = rest.strip_prefix('{') {
            loop {
                let (key, after) = inner.split_once("=\"")?;
                let (value, after) = after.split_once('"')?;
                let clean = !value.contains(['\\', '\n']);
                if !good(key) || !clean || labels.insert(key.to_owned(), value.to_owned()).is_some()
                {
                    return None;
                }
                let Some(more) = after.strip_prefix(',') else {
                    rest = after.strip_prefix('}')?;
                    break;
                };
                inner = more;
            }
        }
        let value = rest.strip_prefix(' ')?.parse().ok()?;
        good(name).then(|| Self { name: name.to_owned(), labels, value })
    }

    /// The family that it belongs to, by its name and the ending that its type has.
    fn family<'f>(&self, families: &'f BTreeMap<String, (String, String)>) -> Option<&'f String> {
        let endings = |kind: &str| match kind {
            "counter" => vec!["_total"],
            "info" => vec!["_info"],
            "histogram" => vec!["_bucket", "_sum", "_count"],
            _ => vec![""],
        };
        let fits = |(name, (kind, _)): &(&String, &(String, String))| {
            endings(kind).iter().any(|ending| self.name == format!("{name}{ending}"))
        };
        families.iter().find(fits).map(|(name, _)| name)
    }
}

#[test]
fn what_prometheus_would_refuse_is_refused() {
    let good = "# HELP a Words.\n# TYPE a counter\na_total{b=\"c\",d=\"e\"} 1\n# EOF\n";
    let read = Exposition::parse(good).unwrap();
    assert_eq!(read.value("a_total", &[("b", "c")]), 1);
    for (from, to) in [
        ("# HELP a Words.\n", ""),
        ("# TYPE a counter\n", ""),
        ("counter", "number"),
        ("a_total", "a"),
        ("} 1", "}1"),
        ("\"c\"", "c"),
        ("d=\"e\"", "b=\"e\""),
        (" 1\n", " one\n"),
        (" 1\n", " -1\n"),
        ("# EOF\n", ""),
        ("# EOF\n", "# EOF\na_total 1\n"),
    ] {
        let bad = good.replace(from, to);
        assert!(Exposition::parse(&bad).is_err(), "{bad}");
    }
}
