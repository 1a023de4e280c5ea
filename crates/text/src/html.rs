//! Text inside of HTML.

/// Text as it stands in HTML, inside an attribute in double quotes too.
///
/// ```
/// assert_eq!(gradus_text::html::escape("a < \"b\" & c"), "a &lt; &quot;b&quot; &amp; c");
/// ```
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Text that keeps its lines and its spaces.
pub fn preformatted(text: &str) -> String {
    format!("<pre>{}</pre>", escape(text))
}
