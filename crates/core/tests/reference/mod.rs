//! What the tests that read these files share.

use serde_json::Value;

/// The bytes of a file that a script wrote down as base64.
pub fn bytes(base64: &Value) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut out, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for digit in base64.as_str().unwrap().bytes().filter(|&b| b != b'=') {
        let value = DIGITS.iter().position(|&d| d == digit).unwrap() as u32;
        (bits, held) = (bits << 6 | value, held + 6);
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    out
}
