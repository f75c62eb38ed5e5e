//! From the handshake to the keys of the records.
//!
//! `es0 = HKDF-Extract(h, k_dir)`; `K, N = Expand(es, "beckon/v1 key |iv " || stream)`. A later
//! epoch would come from `es(n+1) = Expand(es(n), "beckon/v1 next")`; this version knows
//! epoch 0 only, and a channel that has used it up is replaced by a new handshake.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, Tag, UnboundKey};
use ring::error::Unspecified;
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use zeroize::Zeroizing;

use crate::Stream;
use crate::record::ASSOCIATED;

/// The epoch that this version knows.
pub(crate) const EPOCH: u32 = 0;

/// The secret of one direction in one epoch.
pub(crate) struct EpochSecret(Prk);

/// What seals and opens the records of one direction, stream and epoch.
pub(crate) struct StreamKey {
    key: LessSafeKey,
    iv: Zeroizing<[u8; NONCE_LEN]>,
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl EpochSecret {
    /// The first secret of a direction, from the handshake hash and that direction's half of
    /// the split.
    pub(crate) fn first(handshake_hash: &[u8], half: &[u8; 32]) -> Self {
        Self(Salt::new(HKDF_SHA256, handshake_hash).extract(half))
    }

    pub(crate) fn stream(&self, stream: Stream) -> Result<StreamKey, Unspecified> {
        let mut key = Zeroizing::new([0; 32]);
        let mut iv = Zeroizing::new([0; NONCE_LEN]);
        self.expand(b"beckon/v1 key ", stream, &mut *key)?;
        self.expand(b"beckon/v1 iv ", stream, &mut *iv)?;
        Ok(StreamKey { key: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &*key)?), iv })
    }

    fn expand(&self, label: &[u8], stream: Stream, out: &mut [u8]) -> Result<(), Unspecified> {
        self.0.expand(&[label, &[stream.byte()]], Length(out.len()))?.fill(out)
    }
}

impl StreamKey {
    pub(crate) fn seal(
        &self,
        counter: u64,
        associated: [u8; ASSOCIATED],
        body: &mut [u8],
    ) -> Result<Tag, Unspecified> {
        self.key.seal_in_place_separate_tag(self.nonce(counter), Aad::from(associated), body)
    }

    /// Opens `sealed` (body and tag) and returns the body within it.
    pub(crate) fn open<'a>(
        &self,
        counter: u64,
        associated: [u8; ASSOCIATED],
        sealed: &'a mut [u8],
    ) -> Result<&'a mut [u8], Unspecified> {
        self.key.open_in_place(self.nonce(counter), Aad::from(associated), sealed)
    }

    /// N xor (0^4 || counter)
    fn nonce(&self, counter: u64) -> Nonce {
        let mut nonce = *self.iv;
        for (byte, with) in nonce.iter_mut().skip(NONCE_LEN - 8).zip(counter.to_be_bytes()) {
            *byte ^= with;
        }
        Nonce::assume_unique_for_key(nonce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    /// HKDF written out with HMAC, so that the labels and the order are checked by other code.
    fn expanded(secret: &[u8], label: &[u8], stream: u8, length: usize) -> String {
        use ring::hmac::{HMAC_SHA256, Key, sign};
        let block = sign(&Key::new(HMAC_SHA256, secret), &[label, &[stream], &[1]].concat());
        HEXLOWER.encode(&block.as_ref()[..length])
    }

    #[test]
    fn keys_are_those_of_the_schedule_and_stay_so() {
        use ring::hmac::{HMAC_SHA256, Key, sign};
        let hash = [7; 32];
        let half = [9; 32];
        let secret = sign(&Key::new(HMAC_SHA256, &hash), &half);
        let first = EpochSecret::first(&hash, &half);
        let mut seen = Vec::new();
        for stream in Stream::ALL {
            let mut key = [0; 32];
            let mut iv = [0; 12];
            first.expand(b"beckon/v1 key ", stream, &mut key).unwrap();
            first.expand(b"beckon/v1 iv ", stream, &mut iv).unwrap();
            let byte = stream.byte();
            assert_eq!(
                HEXLOWER.encode(&key),
                expanded(secret.as_ref(), b"beckon/v1 key ", byte, 32)
            );
            assert_eq!(HEXLOWER.encode(&iv), expanded(secret.as_ref(), b"beckon/v1 iv ", byte, 12));
            assert_eq!(*first.stream(stream).unwrap().iv, iv);
            seen.push((HEXLOWER.encode(&key), HEXLOWER.encode(&iv)));
        }
        let frozen = include_str!("../vectors/schedule.txt");
        let lines: Vec<String> = seen.iter().map(|(key, iv)| format!("{key} {iv}")).collect();
        assert_eq!(lines.join("\n"), frozen.trim_end());
    }

    #[test]
    fn the_counter_is_mixed_into_the_end_of_the_nonce() {
        let key = EpochSecret::first(&[7; 32], &[9; 32]).stream(Stream::Chat).unwrap();
        let mut expected = *key.iv;
        expected[11] ^= 5;
        expected[4] ^= 128;
        assert_eq!(key.nonce(5 | 1 << 63).as_ref(), &expected);
    }
}
