//! On which requests a fault falls.

use std::str::FromStr;

/// On which requests for predictions a fault falls; they are numbered from 0 in order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum When {
    /// On none.
    #[default]
    Never,
    /// On each with this probability, in `[0, 1]`.
    Chance(f64),
    /// On the first so many.
    First(u64),
    /// On all but the first so many.
    After(u64),
    /// On those from the first of these numbers to the one before the second.
    Between(u64, u64),
    /// On the last of each so many; never for 0.
    Every(u64),
}

impl When {
    /// Whether the fault falls on the request with this number, for which `roll` in `[0, 1)` was thrown.
    pub(crate) fn falls(self, number: u64, roll: f64) -> bool {
        match self {
            When::Never => false,
            When::Chance(probability) => roll < probability,
            When::First(count) => number < count,
            When::After(count) => number >= count,
            When::Between(first, end) => (first..end).contains(&number),
            When::Every(count) => (number + 1).checked_rem(count) == Some(0),
        }
    }
}

/// A text that names no [`When`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("expected a probability from 0 to 1, first=N, after=N, between=N-M or every=N; found '{0}'")]
pub struct ParseWhenError(String);

impl FromStr for When {
    type Err = ParseWhenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseWhenError(text.to_owned());
        match text.split_once('=') {
            Some(("between", range)) => {
                let (first, end) = range.split_once('-').ok_or_else(error)?;
                let number = |text: &str| text.parse().map_err(|_| error());
                Ok(When::Between(number(first)?, number(end)?))
            }
            Some((rule, count)) => {
                let count = count.parse().map_err(|_| error())?;
                match rule {
                    "first" => Ok(When::First(count)),
                    "after" => Ok(When::After(count)),
                    "every" if count > 0 => Ok(When::Every(count)),
                    _ => Err(error()),
                }
            }
            None => match text.parse::<f64>() {
                Ok(probability) if (0.0..=1.0).contains(&probability) => Ok(When::Chance(probability)),
                _ => Err(error()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fallen(when: &str) -> Vec<u64> {
        let when: When = when.parse().unwrap();
        (0..6).filter(|&number| when.falls(number, number as f64 / 6.0)).collect()
    }

    #[test]
    fn each_rule_falls_where_it_says() {
        assert_eq!(fallen("0.5"), [0, 1, 2]);
        assert_eq!(fallen("1"), [0, 1, 2, 3, 4, 5]);
        assert_eq!(fallen("0"), [0u64; 0]);
        assert_eq!(fallen("first=2"), [0, 1]);
        assert_eq!(fallen("after=4"), [4, 5]);
        assert_eq!(fallen("between=2-4"), [2, 3]);
        assert_eq!(fallen("every=3"), [2, 5]);
        assert!(!When::Every(0).falls(0, 0.0));
    }

    #[test]
    fn other_texts_are_refused_by_name() {
        for text in
            ["", "1.5", "-0.1", "nan", "every=0", "first=", "first=-1", "last=3", "between=2", "between=2-"]
        {
            let error = text.parse::<When>().unwrap_err();
            assert!(error.to_string().ends_with(&format!("found '{text}'")), "{error}");
        }
    }
}
