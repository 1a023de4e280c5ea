//! What the site's search looks through: a script, since pages that are opened as files may not read other files.

use gradus_text::Language;
use serde_json::json;

use super::course::Lesson;

/// `[[page, title, [[address, heading, text], …]], …]` as an argument of the function that `site.js` defines.
pub fn index(lessons: &[Lesson], language: Language) -> String {
    let lessons = lessons.iter().filter(|it| it.language == language);
    let pages: Vec<_> = lessons
        .map(|lesson| {
            let parts = lesson.page.parts.iter();
            let parts = parts.map(|part| {
                let (id, heading) = part
                    .heading
                    .as_ref()
                    .map_or(("", ""), |it| (&it.id, &it.text));
                let text: Vec<&str> = part.text.split_whitespace().collect();
                (id, heading, text.join(" "))
            });
            let parts: Vec<_> = parts
                .filter(|(_, head, text)| !(head.is_empty() && text.is_empty()))
                .collect();
            json!([lesson.file, lesson.title, parts])
        })
        .collect();
    format!("gradusSearch({});\n", json!(pages))
}
