
// What is shown beside the text: tables and pictures. The crates' own parts stand in files of their names.

/// Something of rows and columns.
pub struct Table<'a> {
    /// For terminals and files.
    pub text: &'a str,
    /// Name and type of each column; without them it is a matrix.
    pub heads: Option<&'a [[String; 2]]>,
    pub rows: usize,
    pub columns: usize,
    pub value: &'a dyn Fn(usize, usize) -> String,
    /// What stands below: its shape.
    pub caption: &'a str,
}

/// More rows or columns than this are not all shown.
const MOST_SHOWN: usize = 20;
/// A longer value is cut.
const LONGEST_VALUE: usize = 60;

/// Shows a table in a page, and its text elsewhere.
#[inline(never)]
pub fn show_table(table: &Table) {
    show_forms(&[("text/html", &table_html(table)), ("text/plain", table.text)]);
}

/// Shows a picture of this MIME type.
#[inline(never)]
pub fn show_picture(text: &str, mime: &str, file: &[u8]) {
    show_forms(&[(mime, &base64(file)), ("text/plain", text)]);
}

fn show_forms(forms: &[(&str, &str)]) {
    let blocks = forms
        .iter()
        .map(|(mime, form)| format!("EVCXR_BEGIN_CONTENT {mime}\n{form}\nEVCXR_END_CONTENT\n"));
    let _ = std::io::stdout().write_all(blocks.collect::<String>().as_bytes());
}

/// The colours are those of the page, light or dark.
fn table_html(table: &Table) -> String {
    let (rows, columns) = (shown(table.rows, 5), shown(table.columns, 8));
    let values = rows.iter().map(|row| {
        let one = |column: &Option<usize>| match (row, column) {
            (Some(row), Some(column)) => Some((table.value)(*row, *column)),
            _ => None,
        };
        columns.iter().map(one).collect()
    });
    let mut values: Vec<Vec<Option<String>>> = values.collect();
    if table.heads.is_none() {
        round(values.iter_mut().flatten().flatten());
    }
    let is_word = |text: &String| text.parse::<f64>().is_err() && !["null", "None"].contains(&text.as_str());
    let styles = (0..columns.len()).map(|at| {
        let words = values.iter().filter_map(|row| row.get(at)?.as_ref()).any(is_word);
        if words { " style=\"text-align:left\"" } else { "" }
    });
    let styles: Vec<&str> = styles.collect();
    let mut html = String::from("<table class=\"dataframe\">\n<thead><tr><th></th>");
    for (column, style) in columns.iter().zip(&styles) {
        let head = column.and_then(|column| table.heads?.get(column));
        let (name, kind) = match (column, head) {
            (None, _) => ("…".to_owned(), ""),
            (Some(column), None) => (column.to_string(), ""),
            (_, Some([name, kind])) => (escape(name), kind.as_str()),
        };
        let kind = match kind {
            "" => String::new(),
            kind => format!("<br><small style=\"font-weight:normal\">{}</small>", escape(kind)),
        };
        html.push_str(&format!("<th{style}>{name}{kind}</th>"));
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for (row, values) in rows.iter().zip(&values) {
        let number = row.map_or_else(|| "⋮".to_owned(), |row| row.to_string());
        html.push_str(&format!("<tr><th>{number}</th>"));
        for (value, style) in values.iter().zip(&styles) {
            let gap = if row.is_some() { "…" } else { "⋮" };
            let text = value.as_ref().map_or(gap.to_owned(), |text| escape(&cut(text)));
            html.push_str(&format!("<td{style}>{text}</td>"));
        }
        html.push_str("</tr>\n");
    }
    html.push_str(&format!("</tbody>\n</table>\n<p><small>{}</small></p>", escape(table.caption)));
    html
}

/// All of `count`, or the first and last of them with a gap between.
fn shown(count: usize, edge: usize) -> Vec<Option<usize>> {
    if count <= MOST_SHOWN {
        return (0..count).map(Some).collect();
    }
    (0..edge).map(Some).chain([None]).chain((count - edge..count).map(Some)).collect()
}

/// Writes numbers with a point in one way, with as many digits as they need, four at most behind the point.
fn round<'a>(values: impl Iterator<Item = &'a mut String>) {
    let values: Vec<&mut String> = values.collect();
    let Some(numbers) = values.iter().map(|text| text.parse::<f64>().ok()).collect::<Option<Vec<_>>>() else {
        return;
    };
    let is_whole = |text: &&mut String| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if values.iter().all(is_whole) {
        return;
    }
    let sizes = numbers.iter().map(|number| number.abs()).filter(|size| size.is_finite() && *size > 0.0);
    let most = sizes.fold(0.0, f64::max);
    let is_far = most >= 1e7 || most < 1e-2;
    let needs = |digits: usize| {
        let is_exact = |number: &f64| format!("{number:.digits$}").parse::<f64>().is_ok_and(|near| near == *number);
        numbers.iter().filter(|number| number.is_finite()).all(is_exact)
    };
    let digits = (1..4).find(|digits| needs(*digits)).unwrap_or(4);
    for (text, number) in values.into_iter().zip(numbers) {
        if number.is_finite() {
            // Not zero, as it would look.
            let is_tiny = number != 0.0 && number.abs() < 0.5 * 0.1_f64.powi(digits as i32);
            *text = match is_far && number != 0.0 || is_tiny {
                true => format!("{number:.3e}"),
                false => format!("{number:.digits$}"),
            };
        }
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let number = three.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = DIGITS[(number >> (18 - 6 * place) & 63) as usize];
            text.push(if place > three.len() { '=' } else { char::from(digit) });
        }
    }
    text
}
