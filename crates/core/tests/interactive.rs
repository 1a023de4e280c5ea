//! Figures with a slider: what their pages hold, and what a browser makes of them where there is one.

use std::path::Path;
use std::process::Command;

use gradus::display::Show;
use gradus::prelude::*;

const MEBIBYTE: usize = 1 << 20;

fn form(value: &impl Show, mime: &str) -> String {
    let forms = value.forms().into_iter();
    let found = forms.into_iter().find(|form| form.0 == mime);
    found.unwrap_or_else(|| panic!("no {mime}")).1
}

fn race_page() -> plot::Animation {
    let bowl = Landscape::bowl(20.0).unwrap();
    let runs = [
        descend(&bowl, Sgd::new(0.09), 40).unwrap(),
        descend(&bowl, Adam::new(0.2), 40).unwrap(),
    ];
    race(&runs).unwrap().animate(21).unwrap()
}

#[test]
fn a_page_has_everything_in_it_and_a_still_picture_for_readers_of_less() {
    let race = race_page();
    assert_eq!(race.frames(), 21);
    let named = (0..3).map(|k| {
        let f: &dyn Fn(f32) -> f32 = &move |x| x * k as f32;
        ("x", plot::functions("Lines", 0.0, 1.0, &[("line", f)]))
    });
    let lines = plot::animation("Lines </script>", named).unwrap();
    for forms in [race.forms(), lines.forms()] {
        let mimes: Vec<&str> = forms.iter().map(|form| form.0).collect();
        assert_eq!(mimes, ["text/html", "image/svg+xml", "text/plain"]);
        let html = &forms[0].1;
        assert!(html.len() < MEBIBYTE / 4, "{} bytes", html.len());
        assert!(forms[1].1.starts_with("<svg"));
        assert!(html.contains("<img alt=") && html.contains("prefers-reduced-motion"));
        let without_namespaces = html.replace("http://www.w3.org/2000/svg", "");
        assert!(!without_namespaces.contains("http"), "it needs no network");
        assert_eq!(
            html.matches("</script>").count(),
            1,
            "the data do not end the script"
        );
    }
}

#[test]
fn every_moment_of_an_animation_has_a_text_of_its_own() {
    let parabola = gradient_descent(&Landscape::parabola(), 0.5, 20).unwrap();
    let html = form(&parabola.plot().unwrap().animate(5).unwrap(), "text/html");
    for moment in [
        "Step 0 of 15. C(w): η = 0.5 4.5. C - lowest C: η = 0.5 4.5",
        "Step 3 of 15. C(w): η = 0.5 0.07. C - lowest C: η = 0.5 0.07",
    ] {
        assert!(html.contains(moment), "{moment} in\n{html:.3000}");
    }
}

#[test]
fn wrong_use_says_what_is_missing() {
    let nothing: [(String, Figure); 0] = [];
    assert!(plot::animation("none", nothing).is_err());
    let none: [(&str, &dyn Fn(f32) -> f32); 0] = [];
    assert!(plot::functions("f", 0.0, 1.0, &none).animate(5).is_err());
    assert!(
        race(&[gradient_descent(&Landscape::parabola(), 0.5, 3).unwrap()])
            .unwrap()
            .animate(0)
            .is_err()
    );
    let frames = (0..3).map(|k| {
        let noise = (0..200_000_u64).map(|i| (i as f64, ((i * 7919 + k) % 1009) as f64));
        (String::new(), plot::Chart::new("noise").line("a", noise))
    });
    let problem = plot::animation("noise", frames).unwrap_err().to_string();
    assert!(problem.contains("fewer frames"), "{problem}");
}

/// What a student does with the figure, and what the page says then.
const VISIT: &str = r#"
<script>
const out = [];
const host = document.querySelector('.gradus-player');
const button = name => host.querySelector(`button[aria-label="${name}"]`);
const picture = () => host.querySelector('.gradus-stage').firstElementChild;
const say = what => out.push(`${what}: ${host.querySelector('output').textContent} #${host.querySelector('input').value} ${picture().tagName} ${picture().getAttribute('role')} ${picture().querySelectorAll('polyline').length}`);
const key = (on, key) => on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
say('start');
button('One step forward').click(); say('step');
button('One step back').click(); button('One step back').click(); say('back');
key(host, 'ArrowRight'); key(host, 'ArrowRight'); say('arrows');
const slider = host.querySelector('input');
slider.value = slider.max; slider.dispatchEvent(new Event('input')); say('end');
key(host, 'Home'); say('home');
button('Play').click(); out.push('playing: ' + !!button('Pause'));
setTimeout(() => {
  const moved = Number(slider.value) > 0;
  key(host, ' ');
  out.push('moved: ' + moved + ', paused: ' + !!button('Play'));
  button('Back to the start').click(); say('reset');
  const pre = document.createElement('pre'); pre.id = 'result'; pre.textContent = out.join('\n'); document.body.append(pre);
}, 1500);
</script>"#;

fn visit(html: &str) -> Option<Vec<String>> {
    let browsers = ["chromium", "chromium-browser", "google-chrome"];
    let browser = browsers
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok())?;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    std::fs::write(
        &file,
        format!("<!DOCTYPE html><meta charset=\"utf-8\"><body>{html}{VISIT}</body>"),
    )
    .unwrap();
    let profile = |path: &Path| format!("--user-data-dir={}", path.join("profile").display());
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
        ])
        .args([
            "--disable-component-update",
            "--disable-sync",
            "--virtual-time-budget=10000",
            "--dump-dom",
        ])
        .args([profile(folder.path()), format!("file://{}", file.display())])
        .output()
        .unwrap();
    let dom = String::from_utf8_lossy(&output.stdout).into_owned();
    let (_, result) = dom
        .split_once("<pre id=\"result\">")
        .unwrap_or_else(|| panic!("the page did not finish:\n{dom:.2000}"));
    Some(
        result
            .split_once("</pre>")
            .unwrap()
            .0
            .lines()
            .map(str::to_owned)
            .collect(),
    )
}

#[test]
fn a_browser_plays_steps_and_chooses() {
    let Some(race) = visit(&form(&race_page(), "text/html")) else {
        eprintln!("SKIPPED, because there is no Chromium here");
        return;
    };
    let position = |line: &str| {
        line.split('#')
            .nth(1)
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .parse::<usize>()
            .unwrap()
    };
    {
        let lines = &race;
        let at = |what: &str| {
            lines
                .iter()
                .find(|line| line.starts_with(what))
                .unwrap_or_else(|| panic!("{what} in {lines:?}"))
        };
        assert_eq!(position(at("start:")), 0, "{lines:?}");
        assert_eq!(position(at("step:")), 1, "{lines:?}");
        assert_eq!(position(at("back:")), 0, "{lines:?}");
        assert_eq!(position(at("arrows:")), 2, "{lines:?}");
        assert!(position(at("end:")) > 5, "{lines:?}");
        assert_eq!(position(at("home:")), 0, "{lines:?}");
        assert_eq!(position(at("reset:")), 0, "{lines:?}");
        assert!(
            at("start:").contains(" svg img "),
            "a picture with a text: {lines:?}"
        );
        assert!(lines.contains(&"playing: true".to_owned()), "{lines:?}");
        assert!(
            lines.contains(&"moved: true, paused: true".to_owned()),
            "{lines:?}"
        );
    }
    assert!(race[4].contains("Step 40 of 40"), "{race:?}");
}
