//! Personal fields, sealed on the way into an event's bytes and opened on the way out.
//!
//! ```text
//! {"name":{"$p":"Ana"}}  ──seal──►  {"name":{"$s":"user:…","c":base64,"n":base64}}
//! {"name":"Ana"}         ◄──open──  (stays sealed where the key is gone)
//! ```
//!
//! AES-256-GCM under the subject's key; the additional data are
//! `stream NUL version NUL pointer`, so that no value can be moved to another place.

use data_encoding::BASE64;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde_json::{Map, Value};

use crate::envelope::EnvelopeError;
use crate::{Keys, Subject, SubjectKey};

/// 12 random bytes for each sealed field.
pub trait Nonces {
    /// Bytes that were never given before.
    fn nonce(&self) -> [u8; NONCE_LEN];
}

/// Where a value stands: the additional data of its seal.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub stream: &'a str,
    pub version: u64,
}

impl Place<'_> {
    fn aad(self, pointer: &str) -> Vec<u8> {
        format!("{}\0{}\0{pointer}", self.stream, self.version).into_bytes()
    }
}

/// The JSON pointers of the personal values in `data`, in the order of the text.
pub(crate) fn personal(data: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(data, &mut String::new(), &mut |object, pointer| {
        if marked(object).is_some() {
            found.push(pointer.to_owned());
        }
        marked(object).is_none()
    });
    found
}

/// Seals the value at each of `pointers`, which belongs to the subject beside it.
pub(crate) fn seal(
    data: &mut Value,
    fields: &[(String, Subject)],
    place: Place<'_>,
    keys: &dyn Keys,
    nonces: &dyn Nonces,
) -> Result<(), EnvelopeError> {
    for (pointer, subject) in fields {
        let Some(at) = data.pointer_mut(pointer) else { continue };
        let Some(value) = at.as_object().and_then(marked) else { continue };
        let key = keys.key(*subject)?.ok_or(EnvelopeError::NoKey(*subject))?;
        let mut plain = zeroize::Zeroizing::new(Vec::new());
        write(value, &mut plain);
        let nonce = nonces.nonce();
        let aad = Aad::from(place.aad(pointer));
        let sealed = cipher(&key).seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            aad,
            &mut *plain,
        );
        sealed.map_err(|_| EnvelopeError::Seal(*subject))?;
        *at = Value::Object(Map::from_iter([
            ("$s".to_owned(), subject.to_string().into()),
            ("c".to_owned(), BASE64.encode(&plain).into()),
            ("n".to_owned(), BASE64.encode(&nonce).into()),
        ]));
    }
    Ok(())
}

/// Opens what stands sealed at each of `pointers`, where the key is known.
pub(crate) fn open(
    data: &mut Value,
    pointers: &[String],
    place: Place<'_>,
    keys: &dyn Keys,
) -> Result<(), EnvelopeError> {
    for pointer in pointers {
        let Some(at) = data.pointer_mut(pointer) else {
            return Err(EnvelopeError::Sealed(pointer.clone()));
        };
        let wrong = || EnvelopeError::Sealed(pointer.clone());
        let field = SealedField::of(at).ok_or_else(wrong)?;
        let Some(key) = keys.key(field.subject)? else { continue };
        *at = field.open(&key, place, pointer).ok_or_else(wrong)?;
    }
    Ok(())
}

/// A sealed field as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedField {
    /// Whom it belongs to.
    pub subject: Subject,
    nonce: [u8; NONCE_LEN],
    ciphertext: Vec<u8>,
}

impl SealedField {
    /// Reads `{"$s":…,"c":…,"n":…}`; `None` where `value` is anything else.
    pub fn of(value: &Value) -> Option<Self> {
        let object = value.as_object().filter(|object| object.len() == 3)?;
        let text = |key: &str| object.get(key).and_then(Value::as_str);
        let subject = text("$s")?.parse().ok()?;
        let nonce = BASE64.decode(text("n")?.as_bytes()).ok()?.try_into().ok()?;
        let ciphertext = BASE64.decode(text("c")?.as_bytes()).ok()?;
        (ciphertext.len() >= AES_256_GCM.tag_len()).then_some(Self { subject, nonce, ciphertext })
    }

    /// The value, opened; `None` where key, place or bytes are not those it was sealed with.
    pub fn open_at(
        &self,
        key: &SubjectKey,
        stream: &str,
        version: u64,
        pointer: &str,
    ) -> Option<Value> {
        self.open(key, Place { stream, version }, pointer)
    }

    fn open(&self, key: &SubjectKey, place: Place<'_>, pointer: &str) -> Option<Value> {
        let mut bytes = zeroize::Zeroizing::new(self.ciphertext.clone());
        let nonce = Nonce::assume_unique_for_key(self.nonce);
        let aad = Aad::from(place.aad(pointer));
        let plain = cipher(key).open_in_place(nonce, aad, &mut bytes).ok()?;
        serde_json::from_slice(plain).ok()
    }
}

/// The pointers of everything in `data` that looks sealed, in the order of the text.
pub fn sealed_pointers(data: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(data, &mut String::new(), &mut |object, pointer| {
        let sealed = object.contains_key("$s");
        if sealed {
            found.push(pointer.to_owned());
        }
        !sealed
    });
    found
}

/// Writes `value` without white space, the keys of every object in the order of their bytes:
/// the order of a parsed value depends on a feature of `serde_json` that any crate can switch on.
pub(crate) fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(object) => {
            out.push(b'{');
            for (index, (key, inner)) in sorted(object).into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(&Value::String(key.clone()), out);
                out.push(b':');
                write(inner, out);
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            out.push(b'[');
            for (index, inner) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(inner, out);
            }
            out.push(b']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.extend_from_slice(value.to_string().as_bytes());
        }
    }
}

fn walk(
    value: &Value,
    pointer: &mut String,
    visit: &mut dyn FnMut(&Map<String, Value>, &str) -> bool,
) {
    let length = pointer.len();
    match value {
        Value::Object(object) => {
            if visit(object, pointer) {
                for (key, inner) in sorted(object) {
                    pointer.push('/');
                    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                    walk(inner, pointer, visit);
                    pointer.truncate(length);
                }
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                walk(inner, pointer, visit);
                pointer.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn sorted(object: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = object.iter().collect();
    entries.sort_by(|one, other| one.0.as_bytes().cmp(other.0.as_bytes()));
    entries
}

fn marked(object: &Map<String, Value>) -> Option<&Value> {
    object.get("$p").filter(|_| object.len() == 1)
}

fn cipher(key: &SubjectKey) -> LessSafeKey {
    let unbound = UnboundKey::new(&AES_256_GCM, key.bytes());
    // 32 bytes are the length of the key by its type.
    LessSafeKey::new(unbound.unwrap_or_else(|_| std::process::abort()))
}
