//! Which events of `$all` a reader asks for.

use regex::{Regex, RegexBuilder};
use tonic::Status;

use super::entry::Entry;
use super::streams_proto::read_req::options::filter_options::{self, Expression, Window};
use super::streams_proto::read_req::options::{FilterOption, FilterOptions};

/// The longest pattern, in bytes.
const PATTERN_MAX: usize = 1_024;
/// The most prefixes.
const PREFIXES_MAX: usize = 64;
/// The most memory of a compiled pattern, in bytes.
const COMPILED_MAX: usize = 1 << 20;
/// Events between two checkpoints where the reader does not say.
const WINDOW: u32 = 32;

/// Lets events through by the name of their stream or their own.
#[derive(Debug)]
pub(super) struct Filter {
    of: Of,
    rule: Rule,
    /// After so many events looked at, a subscription is told how far it has come.
    pub checkpoint_every: u64,
}

#[derive(Debug)]
enum Of {
    Stream,
    Kind,
}

#[derive(Debug)]
enum Rule {
    Prefixes(Vec<String>),
    Matches(Regex),
    /// Some clients write "none of these" with a look-ahead, which takes no linear time.
    MatchesNot(Regex),
}

impl Filter {
    /// Reads what a request asks for; none: everything.
    pub fn read(option: Option<FilterOption>) -> Result<Option<Self>, Status> {
        let Some(FilterOption::Filter(FilterOptions {
            filter: Some(filter),
            window,
            checkpoint_interval_multiplier,
        })) = option
        else {
            return Ok(None);
        };
        let (of, expression) = match filter {
            filter_options::Filter::StreamIdentifier(expression) => (Of::Stream, expression),
            filter_options::Filter::EventType(expression) => (Of::Kind, expression),
        };
        let window = match window {
            Some(Window::Max(max)) if max > 0 => max,
            _ => WINDOW,
        };
        let every = u64::from(window) * u64::from(checkpoint_interval_multiplier.max(1));
        Ok(Some(Self { of, rule: Rule::read(expression)?, checkpoint_every: every }))
    }

    /// Whether it lets an event through.
    pub fn lets(&self, event: &Entry) -> bool {
        let text = match self.of {
            Of::Stream => &event.stream,
            Of::Kind => &event.kind,
        };
        match &self.rule {
            Rule::Prefixes(prefixes) => prefixes.iter().any(|prefix| text.starts_with(prefix)),
            Rule::Matches(pattern) => pattern.is_match(text),
            Rule::MatchesNot(pattern) => !pattern.is_match(text),
        }
    }
}

impl Rule {
    fn read(Expression { regex, prefix }: Expression) -> Result<Self, Status> {
        if regex.is_empty() {
            if prefix.len() > PREFIXES_MAX || prefix.iter().any(|one| one.len() > PATTERN_MAX) {
                return Err(Status::invalid_argument(
                    "the filter has too many or too long prefixes",
                ));
            }
            return Ok(Self::Prefixes(prefix));
        }
        if regex.len() > PATTERN_MAX {
            return Err(Status::invalid_argument("the filter's pattern is too long"));
        }
        match regex.strip_prefix("^(?!").and_then(|rest| rest.strip_suffix(')')) {
            Some(none_of) => compile(&format!("^(?:{none_of})")).map(Self::MatchesNot),
            None => compile(&regex).map(Self::Matches),
        }
    }
}

fn compile(pattern: &str) -> Result<Regex, Status> {
    let built = RegexBuilder::new(pattern).size_limit(COMPILED_MAX).build();
    built.map_err(|error| {
        Status::invalid_argument(format!("the filter's pattern cannot be used: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(filter: filter_options::Filter) -> Result<Option<Filter>, Status> {
        let window = Some(Window::Count(()));
        let options =
            FilterOptions { filter: Some(filter), window, checkpoint_interval_multiplier: 2 };
        Filter::read(Some(FilterOption::Filter(options)))
    }

    fn by_kind(regex: &str) -> Filter {
        let expression = Expression { regex: regex.to_owned(), prefix: Vec::new() };
        filter(filter_options::Filter::EventType(expression)).unwrap().unwrap()
    }

    fn event(stream: &str, kind: &str) -> Entry {
        Entry { stream: stream.to_owned(), kind: kind.to_owned(), ..Entry::default() }
    }

    #[test]
    fn a_pattern_looks_at_the_name_of_the_event() {
        let filter = by_kind("^[^\\$].*");
        assert!(filter.lets(&event("$stats-1", "Approved")));
        assert!(!filter.lets(&event("session-1", "$statsCollected")));
        assert_eq!(filter.checkpoint_every, 64);
    }

    #[test]
    fn a_pattern_that_says_none_of_these_is_understood() {
        let filter = by_kind("^(?!(\\$.+$|PersistentConfig\\d+$))");
        assert!(filter.lets(&event("session-1", "Created")));
        assert!(filter.lets(&event("session-1", "PersistentConfiguration")));
        assert!(!filter.lets(&event("session-1", "PersistentConfig1")));
        assert!(!filter.lets(&event("session-1", "$metadata")));
    }

    #[test]
    fn prefixes_look_at_the_name_of_the_stream() {
        let prefix = vec!["session-".to_owned(), "node-".to_owned()];
        let expression = Expression { regex: String::new(), prefix };
        let filter = filter(filter_options::Filter::StreamIdentifier(expression)).unwrap().unwrap();
        assert!(filter.lets(&event("node-0", "ServerStarted")));
        assert!(!filter.lets(&event("operator-1", "session-")));
    }

    #[test]
    fn a_pattern_that_cannot_be_used_is_refused() {
        for pattern in ["(", "a(?=b)", &"a".repeat(PATTERN_MAX + 1), "\\w{1000}{1000}"] {
            let expression = Expression { regex: pattern.to_owned(), prefix: Vec::new() };
            let refused = filter(filter_options::Filter::EventType(expression)).unwrap_err();
            assert_eq!(refused.code(), tonic::Code::InvalidArgument, "{pattern}");
        }
    }
}
