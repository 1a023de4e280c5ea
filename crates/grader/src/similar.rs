//! Which submissions are worth a look side by side: fingerprints of the code by winnowing (S. Schleimer, D. Wilkerson, A. Aiken,
//! 2003, <https://doi.org/10.1145/872757.872770>).
//!
//! Names, numbers, texts and comments do not count, so renaming changes nothing. Likeness is no proof: short exercises have few
//! right answers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Tokens that a fingerprint covers: shorter likenesses are not seen.
const COVERS: usize = 14;

/// Of so many fingerprints in a row one is kept: likenesses of `COVERS + WINDOW - 1` tokens are always seen.
const WINDOW: usize = 6;

/// Fewer fingerprints in common mean nothing.
const FEWEST: usize = 12;

/// What two submissions have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The one, by its place in the list.
    pub first: usize,
    /// The other.
    pub second: usize,
    /// Which part of the shorter one is in the other, from 0 to 1.
    pub share: f64,
    /// How many fingerprints that is.
    pub common: usize,
}

/// The fingerprints of some files, sorted.
pub fn prints<'a>(texts: impl IntoIterator<Item = &'a String>) -> Vec<u64> {
    let mut all = BTreeSet::new();
    for text in texts {
        let tokens = tokens(text);
        let hashes: Vec<u64> = tokens.windows(COVERS).map(hash).collect();
        // The smallest of each window, the last of equal ones.
        for window in hashes.windows(WINDOW.min(hashes.len()).max(1)) {
            all.extend(window.iter().min());
        }
    }
    all.into_iter().collect()
}

/// The pairs that have at least half of the shorter one in common, the most alike first. What was handed out (`given`) does not
/// count, nor does what more than a fifth of the class has.
pub fn pairs(all: &[&[u64]], given: &[u64]) -> Vec<Pair> {
    let given: BTreeSet<u64> = given.iter().copied().collect();
    let mut who: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
    for (at, prints) in (0..).zip(all) {
        for print in prints.iter().filter(|print| !given.contains(print)) {
            who.entry(*print).or_default().push(at);
        }
    }
    let usual = (all.len() / 5).max(4);
    who.retain(|_, who| who.len() <= usual);
    let mut own = vec![0_usize; all.len()];
    let mut common: HashMap<(u32, u32), usize> = HashMap::new();
    for who in who.values() {
        for (k, first) in who.iter().enumerate() {
            own[*first as usize] += 1;
            for second in &who[k + 1..] {
                *common.entry((*first, *second)).or_default() += 1;
            }
        }
    }
    let mut pairs: Vec<Pair> = (common.into_iter())
        .map(|((first, second), common)| {
            let (first, second) = (first as usize, second as usize);
            Pair {
                first,
                second,
                share: common as f64 / own[first].min(own[second]) as f64,
                common,
            }
        })
        .filter(|pair| pair.common >= FEWEST && pair.share >= 0.5)
        .collect();
    let key = |pair: &Pair| (std::cmp::Reverse(pair.common), pair.first, pair.second);
    pairs.sort_by(|a, b| {
        b.share
            .total_cmp(&a.share)
            .then_with(|| key(a).cmp(&key(b)))
    });
    pairs
}

/// FNV-1a over what tokens are.
fn hash(tokens: &[u32]) -> u64 {
    let bytes = tokens.iter().flat_map(|token| token.to_le_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // Small ones are kept: they must not be those that begin alike.
    hash ^ (hash >> 29)
}

const NAME: u32 = 1 << 24;
const NUMBER: u32 = 2 << 24;
const TEXT: u32 = 3 << 24;
const LIFETIME: u32 = 4 << 24;
const KEYWORD: u32 = 5 << 24;

const KEYWORDS: [&str; 30] = [
    "as", "break", "const", "continue", "else", "enum", "false", "fn", "for", "if", "impl", "in",
    "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "static",
    "struct", "trait", "true", "type", "unsafe", "use", "while",
];

/// The code as numbers: punctuation as it is, keywords by name, all other names alike. Not a whole lexer: what does not compile is
/// read, too.
fn tokens(text: &str) -> Vec<u32> {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let (mut tokens, mut i) = (Vec::new(), 0);
    while i < chars.len() {
        let c = chars[i];
        if c.is_whitespace() {
            i += 1;
        } else if c == '/' && at(i + 1) == '/' {
            while i < chars.len() && chars[i] != '\n' {
                i += 1;
            }
        } else if c == '/' && at(i + 1) == '*' {
            let mut depth = 0_usize;
            loop {
                match (at(i), at(i + 1)) {
                    ('/', '*') => (depth, i) = (depth + 1, i + 2),
                    ('*', '/') => (depth, i) = (depth - 1, i + 2),
                    _ => i += 1,
                }
                if depth == 0 || i >= chars.len() {
                    break;
                }
            }
        } else if c == '"' {
            i += 1;
            while i < chars.len() && chars[i] != '"' {
                i += 1 + usize::from(chars[i] == '\\');
            }
            i += 1;
            tokens.push(TEXT);
        } else if c == 'r' && matches!(at(i + 1), '"' | '#') && raw_end(&chars, i).is_some() {
            i = raw_end(&chars, i).unwrap_or(chars.len());
            tokens.push(TEXT);
        } else if c == '\'' {
            let is_char = at(i + 1) == '\\' || at(i + 2) == '\'';
            tokens.push(if is_char { TEXT } else { LIFETIME });
            i += 1;
            if is_char {
                i += usize::from(at(i) == '\\') + 1;
                while i < chars.len() && chars[i] != '\'' && chars[i] != '\n' {
                    i += 1;
                }
                i += 1;
            } else {
                while at(i).is_alphanumeric() || at(i) == '_' {
                    i += 1;
                }
            }
        } else if c.is_ascii_digit() {
            while at(i).is_alphanumeric()
                || at(i) == '_'
                || at(i) == '.' && at(i + 1).is_ascii_digit()
                || matches!(at(i), '+' | '-') && matches!(at(i - 1), 'e' | 'E')
            {
                i += 1;
            }
            tokens.push(NUMBER);
        } else if c.is_alphabetic() || c == '_' {
            let begin = i;
            while at(i).is_alphanumeric() || at(i) == '_' {
                i += 1;
            }
            let word: String = chars[begin..i].iter().collect();
            let keyword = KEYWORDS.iter().position(|keyword| *keyword == word);
            tokens.push(keyword.map_or(NAME, |at| KEYWORD + u32::try_from(at).unwrap_or(0)));
        } else {
            tokens.push(u32::from(c));
            i += 1;
        }
    }
    tokens
}

/// Where a text such as `r#"…"#` ends.
fn raw_end(chars: &[char], begin: usize) -> Option<usize> {
    let hashes = chars[begin + 1..].iter().take_while(|c| **c == '#').count();
    let open = begin + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let closes = |at: &usize| {
        chars[*at] == '"'
            && chars[at + 1..].len() >= hashes
            && chars[at + 1..][..hashes].iter().all(|c| *c == '#')
    };
    let end = (open + 1..chars.len()).find(closes);
    Some(end.map_or(chars.len(), |end| end + 1 + hashes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEAN: &str = "pub fn spread(rows: &[Vec<f64>], k: usize) -> f64 {
        let n = rows.len() as f64;
        let mean = rows.iter().map(|row| row[k]).sum::<f64>() / n;
        let squares = rows.iter().map(|row| (row[k] - mean).powi(2)).sum::<f64>();
        if squares > 1e-9 { (squares / n).sqrt() } else { 0.0 }
    }
    pub fn center(rows: &mut [Vec<f64>], k: usize) {
        let mean = rows.iter().map(|row| row[k]).sum::<f64>() / rows.len() as f64;
        for row in rows.iter_mut() { row[k] -= mean; while row[k] > 10.0 { row[k] /= 2.0; } }
    }";
    const LOOP: &str = "pub fn spread(rows: &[Vec<f64>], k: usize) -> f64 {
        let mut total = 0.0;
        let mut square = 0.0;
        for i in 0..rows.len() {
            total += rows[i][k];
            square = square + rows[i][k] * rows[i][k];
        }
        let mean = total / rows.len() as f64;
        let inside = square / rows.len() as f64 - mean * mean;
        match inside > 0.0 { true => inside.sqrt(), false => return 0.0 }
    }";

    fn of(text: &str) -> Vec<u64> {
        prints([&text.to_owned()])
    }

    #[test]
    fn renaming_and_comments_hide_nothing_and_other_ways_are_not_alike() {
        let renamed = MEAN
            .replace("rows", "datos")
            .replace("mean", "media")
            .replace("squares", "r#\"x\"#")
            .replace("r#\"x\"#", "cuadrados")
            .replace('\n', " // mine\n/* and /* mine */ */\n")
            .replace("1e-9", "0.5");
        let (mean, renamed, other) = (of(MEAN), of(&renamed), of(LOOP));
        assert!(mean.len() > 15, "{}", mean.len());
        let found = pairs(&[&mean, &renamed, &other], &[]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (found[0].first, found[0].second, found[0].share),
            (0, 1, 1.0)
        );
        assert_eq!(pairs(&[&mean, &renamed], &mean), []);
        // What everybody writes is nobody's.
        assert_eq!(pairs(&[&mean[..]; 8], &[]), []);
    }

    #[test]
    fn whatever_is_handed_in_can_be_read() {
        for text in [
            "",
            "\"",
            "r#\"",
            "'",
            "'a",
            "/*",
            "/* /* */",
            "1e",
            "1e+",
            "r#",
            "'\\",
            "é ñ '\\u{1f600}' b\"\\\"\"",
        ] {
            let _ = of(text);
        }
        assert_eq!(
            tokens("a1 += 1.5e-3; // x"),
            [NAME, '+' as u32, '=' as u32, NUMBER, ';' as u32]
        );
        assert_eq!(
            tokens("'a' '\\n' 'b: r#\"a\"b\"# &'a"),
            [TEXT, TEXT, LIFETIME, ':' as u32, TEXT, '&' as u32, LIFETIME]
        );
    }
}
