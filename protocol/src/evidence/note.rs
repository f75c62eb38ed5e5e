//! A text with signatures under it: C2SP signed-note with Ed25519.

use std::fmt;
use std::str::FromStr;

use beckon_events::{Digest, PublicKey};
use data_encoding::{BASE64, HEXLOWER};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

/// The longest note that is read, in bytes.
pub const NOTE_MAX: usize = 16 * 1024;
/// The signature type of Ed25519.
const TYPE: u8 = 1;
const DASH: &str = "\u{2014} ";

/// A text and who signed it. Nothing in it counts before [`Note::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What is signed; ends in a newline.
    pub text: String,
    /// At least one.
    pub signatures: Vec<NoteSignature>,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    /// The name of the key.
    pub name: String,
    /// The first bytes of a hash over the key: a hint, no proof.
    pub key_id: [u8; 4],
    /// The signature, 64 bytes for Ed25519.
    pub signature: Vec<u8>,
}

/// Why a text is no signed note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is longer than [`NOTE_MAX`].
    #[error("the signed note is longer than 16 KiB")]
    TooLong,
    /// It holds a control character.
    #[error("the signed note contains a control character")]
    Control,
    /// There is no blank line with signatures under it.
    #[error("the signed note has no signatures, or is cut off")]
    Unsigned,
    /// A signature line is malformed.
    #[error("a signature line of the note cannot be read")]
    Signature,
}

/// The key of a signer with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogKey {
    /// What stands in the signature line: no spaces, no plus.
    pub name: String,
    /// The Ed25519 key.
    pub key: PublicKey,
}

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a key such as name+8 hexadecimal digits+base64")]
pub struct LogKeyError;

impl Note {
    /// Whether `key` signed the text. A wrong signature in its name spoils the whole note.
    pub fn verify(&self, key: &LogKey) -> bool {
        let id = key.key_id();
        let own = |s: &&NoteSignature| s.name == key.name && s.key_id == id;
        let public = UnparsedPublicKey::new(&ED25519, key.key.0);
        let mut own = self.signatures.iter().filter(own).peekable();
        own.peek().is_some()
            && own.all(|s| public.verify(self.text.as_bytes(), &s.signature).is_ok())
    }
}

impl FromStr for Note {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Self, NoteError> {
        if note.len() > NOTE_MAX {
            return Err(NoteError::TooLong);
        }
        if note.bytes().any(|byte| byte < b' ' && byte != b'\n') {
            return Err(NoteError::Control);
        }
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Unsigned)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Unsigned)?;
        let signatures = lines.split('\n').map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self { text: format!("{text}\n"), signatures })
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl FromStr for NoteSignature {
    type Err = NoteError;

    fn from_str(line: &str) -> Result<Self, NoteError> {
        let read = || {
            let (name, base64) = line.strip_prefix(DASH)?.split_once(' ')?;
            let bytes = BASE64.decode(base64.as_bytes()).ok()?;
            let (key_id, signature) = bytes.split_first_chunk()?;
            let sound = is_name(name) && !signature.is_empty();
            let (name, key_id, signature) = (name.to_owned(), *key_id, signature.to_vec());
            sound.then_some(Self { name, key_id, signature })
        };
        read().ok_or(NoteError::Signature)
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.key_id.as_slice(), &self.signature].concat();
        write!(f, "{DASH}{} {}", self.name, BASE64.encode(&bytes))
    }
}

impl LogKey {
    /// The first 4 bytes of SHA-256(name || newline || 1 || key).
    pub fn key_id(&self) -> [u8; 4] {
        let Digest([a, b, c, d, ..]) =
            Digest::of(&[self.name.as_bytes(), b"\n", &[TYPE], &self.key.0].concat());
        [a, b, c, d]
    }

    /// `<name>+<key id>+<base64 of 1 || key>`, as other tools expect it.
    pub fn vkey(&self) -> String {
        let key = BASE64.encode(&[&[TYPE], self.key.0.as_slice()].concat());
        format!("{}+{}+{key}", self.name, HEXLOWER.encode(&self.key_id()))
    }
}

impl FromStr for LogKey {
    type Err = LogKeyError;

    /// Reads what [`LogKey::vkey`] writes, and nothing else.
    fn from_str(vkey: &str) -> Result<Self, LogKeyError> {
        let read = || {
            let mut parts = vkey.splitn(3, '+');
            let (name, _, key) = (parts.next()?, parts.next()?, parts.next()?);
            let bytes = BASE64.decode(key.as_bytes()).ok()?;
            let (_, key) = bytes.split_first()?;
            let key = Self { name: name.to_owned(), key: PublicKey(key.try_into().ok()?) };
            (is_name(name) && key.vkey() == vkey).then_some(key)
        };
        read().ok_or(LogKeyError)
    }
}

/// The signed note of `text`, which ends in a newline and holds no other control character, by
/// the key `name`, which holds neither spaces nor a plus. Ed25519 needs no randomness here.
pub fn sign(text: &str, name: &str, pair: &Ed25519KeyPair) -> String {
    let mut public = [0; 32];
    public.copy_from_slice(pair.public_key().as_ref());
    let key = LogKey { name: name.to_owned(), key: PublicKey(public) };
    let signature = NoteSignature {
        key_id: key.key_id(),
        name: key.name,
        signature: pair.sign(text.as_bytes()).as_ref().to_vec(),
    };
    Note { text: text.to_owned(), signatures: vec![signature] }.to_string()
}

pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c == '+' || c.is_whitespace() || c.is_control())
}
