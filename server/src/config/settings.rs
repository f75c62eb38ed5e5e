//! The defaults, what a file changes in them, and what the environment changes in both.

use toml::{Table, Value};

use super::ConfigError;

/// Every key at its default, with a line about each.
pub const DEFAULT_TOML: &str = include_str!("../../../server.default.toml");

const PREFIX: &str = "BECKON_";

/// The defaults with the file and then the environment over them; every key is there.
pub(super) fn merge(
    file: Table,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Table, ConfigError> {
    let mut settings = table(DEFAULT_TOML)?;
    overlay(&mut settings, file, "")?;
    for (name, value) in environment {
        if let Some(key) = name.strip_prefix(PREFIX) {
            set(&mut settings, &name, key, &value)?;
        }
    }
    Ok(settings)
}

/// The text of a file.
pub(super) fn table(text: &str) -> Result<Table, ConfigError> {
    text.parse()
        .map_err(|e: toml::de::Error| ConfigError::Syntax(e.to_string().trim_end().to_owned()))
}

fn overlay(settings: &mut Table, changes: Table, parent: &str) -> Result<(), ConfigError> {
    for (key, new) in changes {
        let name = format!("{parent}{key}");
        let Some(old) = settings.get_mut(&key) else {
            let hint = nearest(&key, settings.keys()).map(|k| format!("{parent}{k}"));
            return Err(ConfigError::Unknown { key: name, hint });
        };
        match (old, new) {
            (Value::Table(old), Value::Table(new)) => overlay(old, new, &format!("{name}."))?,
            (old, new) if old.same_type(&new) => *old = new,
            (old, new) => {
                let reason = format!("{} where {} belongs", kind(&new), kind(old));
                return Err(ConfigError::invalid(&name, reason));
            }
        }
    }
    Ok(())
}

/// Sets one key from the environment, as `SMTP__HOST`.
fn set(settings: &mut Table, variable: &str, key: &str, value: &str) -> Result<(), ConfigError> {
    let path = key.to_ascii_lowercase();
    let (parent, leaf) = match path.split_once("__") {
        Some((parent, leaf)) => (Some(parent), leaf),
        None => (None, path.as_str()),
    };
    let table = match parent {
        Some(parent) => settings.get_mut(parent).and_then(Value::as_table_mut),
        None => Some(settings),
    };
    let slot = table.and_then(|t| t.get_mut(leaf)).filter(|v| !v.is_table());
    let Some(slot) = slot else {
        let known = variables(&toml::from_str(DEFAULT_TOML).unwrap_or_default());
        let hint = nearest(variable, known.iter()).cloned();
        return Err(ConfigError::Unknown { key: variable.to_owned(), hint });
    };
    let refused =
        |wanted: &str| ConfigError::invalid(variable, format!("{value:?} where {wanted} belongs"));
    *slot = match slot {
        Value::Integer(_) => Value::Integer(value.parse().map_err(|_| refused("a number"))?),
        Value::Boolean(_) => Value::Boolean(value.parse().map_err(|_| refused("true or false"))?),
        Value::Array(_) => {
            let items = value.split(',').map(str::trim).filter(|item| !item.is_empty());
            Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
        }
        _ => Value::String(value.to_owned()),
    };
    Ok(())
}

/// Every name in the environment that means something.
fn variables(settings: &Table) -> Vec<String> {
    let mut names = Vec::new();
    for (key, value) in settings {
        match value.as_table() {
            Some(table) => names.extend(table.keys().map(|leaf| format!("{PREFIX}{key}__{leaf}"))),
            None => names.push(format!("{PREFIX}{key}")),
        }
    }
    names.iter().map(|name| name.to_ascii_uppercase()).collect()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) => "a number",
        Value::Float(_) => "a fraction",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}

/// The name that takes the fewest changes of a letter, where those are few.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> Option<&'a String> {
    let measured = known.map(|k| (changes(name, k), k));
    let (distance, found) = measured.min_by_key(|(distance, _)| *distance)?;
    (distance <= name.len().div_ceil(3)).then_some(found)
}

fn changes(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, a) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}
