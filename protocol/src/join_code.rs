//! The code that an end user types.

use std::fmt;
use std::str::FromStr;

/// Crockford's base32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The fewest and the most random symbols of a code.
const RANDOM: std::ops::RangeInclusive<usize> = 9..=24;

/// Random symbols and a check symbol, shown in groups of five.
///
/// Symbols are elements of GF(2^5) modulo x^5+x^2+1; the sum of `a_i·α^i`, i from 1, over all
/// symbols including the check is 0. This finds every single wrong symbol and every swap of
/// neighbours.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct JoinCode(Vec<u8>);

/// Why a text is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// It holds something else than letters and digits of the alphabet.
    #[error("the character {0:?} does not occur in a code")]
    Symbol(char),
    /// It is shorter than any code.
    #[error("the code is not complete yet")]
    TooShort,
    /// It is longer than any code.
    #[error("the code is too long")]
    TooLong,
    /// The check symbol does not fit.
    #[error("one character seems wrong")]
    Check,
}

impl JoinCode {
    /// Random symbols of the usual code.
    pub const USUAL: usize = *RANDOM.start();

    /// A code from random bytes, one for each random symbol; five bits of each are used.
    /// Fewer than 9 bytes are filled up with zeros, more than 24 are left out.
    pub fn from_random(random: &[u8]) -> Self {
        let mut symbols: Vec<u8> =
            random.iter().take(*RANDOM.end()).map(|byte| byte & 31).collect();
        symbols.resize(symbols.len().max(*RANDOM.start()), 0);
        symbols.push(check_symbol(&symbols));
        Self(symbols)
    }

    /// The symbols without hyphens, as they are sent and hashed.
    pub fn folded(&self) -> String {
        self.0.iter().map(|symbol| letter(*symbol)).collect()
    }
}

impl FromStr for JoinCode {
    type Err = CodeError;

    /// Reads a code as typed: case, spaces, hyphens, O/0 and I/L/1 do not matter.
    fn from_str(typed: &str) -> Result<Self, CodeError> {
        let mut symbols = Vec::with_capacity(16);
        for typed in typed.chars() {
            if typed.is_whitespace() || typed == '-' {
                continue;
            }
            let folded = match typed.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let symbol = (0_u8..32)
                .find(|symbol| letter(*symbol) == folded)
                .ok_or(CodeError::Symbol(typed))?;
            symbols.push(symbol);
            if symbols.len() > RANDOM.end() + 1 {
                return Err(CodeError::TooLong);
            }
        }
        if symbols.len() < RANDOM.start() + 1 {
            return Err(CodeError::TooShort);
        }
        if syndrome(&symbols) != 0 {
            return Err(CodeError::Check);
        }
        Ok(Self(symbols))
    }
}

impl fmt::Display for JoinCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, symbol) in self.0.iter().enumerate() {
            if index > 0 && index % 5 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{}", letter(*symbol))?;
        }
        Ok(())
    }
}

impl fmt::Debug for JoinCode {
    /// A code is a secret: it is not printed by accident.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JoinCode(…)")
    }
}

fn letter(symbol: u8) -> char {
    ALPHABET.get(usize::from(symbol)).map_or('?', |letter| char::from(*letter))
}

/// Multiplies by α in GF(2^5) modulo x^5+x^2+1.
fn times_alpha(a: u8) -> u8 {
    let shifted = a << 1;
    if shifted & 0b10_0000 == 0 { shifted } else { (shifted ^ 0b10_0101) & 31 }
}

fn syndrome(symbols: &[u8]) -> u8 {
    // Horner from the last symbol: ((a_n·α + a_{n-1})·α + …)·α.
    symbols.iter().rev().fold(0, |sum, symbol| times_alpha(sum ^ symbol))
}

fn check_symbol(random: &[u8]) -> u8 {
    let mut symbols = random.to_vec();
    symbols.push(0);
    (0..32)
        .find(|check| {
            if let Some(last) = symbols.last_mut() {
                *last = *check;
            }
            syndrome(&symbols) == 0
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_frozen_vector() {
        let code = JoinCode::from_random(&[0, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(code.to_string(), "01234-56789");
        assert_eq!(syndrome(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), 0);
    }

    #[test]
    fn a_code_reads_as_it_is_typed() {
        let code = JoinCode::from_random(&[0, 1, 2, 3, 4, 5, 6, 7, 8]);
        for typed in ["01234-56789", "oi234 56789", " O L 2 3 4 - 5 6 7 8 9 ", "0123456789"] {
            assert_eq!(typed.parse(), Ok(code.clone()), "{typed}");
        }
        assert_eq!("01234-5678".parse::<JoinCode>(), Err(CodeError::TooShort));
        assert_eq!("01234-5678U".parse::<JoinCode>(), Err(CodeError::Symbol('U')));
        assert_eq!("0".repeat(26).parse::<JoinCode>(), Err(CodeError::TooLong));
    }

    proptest! {
        #[test]
        fn every_wrong_symbol_and_every_swap_of_neighbours_is_found(
            random in prop::collection::vec(0_u8..32, 9..=24), at in 0_usize..25, other in 1_u8..32,
        ) {
            let code = JoinCode::from_random(&random);
            let at = at % code.0.len();
            let mut wrong = code.0.clone();
            wrong[at] ^= other;
            prop_assert_ne!(syndrome(&wrong), 0);
            let next = (at + 1) % code.0.len();
            let mut swapped = code.0.clone();
            swapped.swap(at, next);
            if next > at && swapped != code.0 {
                prop_assert_ne!(syndrome(&swapped), 0);
            }
        }
    }
}
