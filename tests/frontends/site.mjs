// The exported site as a reader uses it: opened as files, by keys alone, by touch on a phone, dark, on paper.
//
//     node site.mjs SITE PICTURES      by ../site.sh, which exports the site
//
// Prints what each page weighs and how long it takes; ends with 1 at the first thing that is not as it should be.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium, devices } from "playwright-core";

const [site, folder] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const errors = [];
const elsewhere = [];
const begin = Date.now();
const tell = (what) => console.log(`${((Date.now() - begin) / 1000).toFixed(1).padStart(6)} s  ${what}`);
const address = (path) => `${pathToFileURL(site)}/${path}`;
const phone = { ...devices["Pixel 7"], viewport: { width: 390, height: 844 } };

/// A new window, which notes what the console says and what leaves the machine.
async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 1000 }, ...options });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && errors.push(`${page.url()}: ${message.text()}`));
  page.on("pageerror", (error) => errors.push(`${page.url()}: ${error}`));
  page.on("request", (request) => /^(file|data|blob):/.test(request.url()) || elsewhere.push(request.url()));
  await page.goto(address(path));
  return page;
}

let picture = 0;
const shoot = (page, name) => page.screenshot({ path: `${folder}/${String(++picture).padStart(2, "0")}-${name}.png` });
const focused = (page) => page.evaluate(() => document.activeElement.outerHTML.slice(0, 120));

/// Serious and critical findings of axe-core.
async function findings(page) {
  await page.evaluate(axe);
  const results = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"], preload: false }));
  const grave = results.violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  return grave.map(({ id, nodes }) => `${id}: ${nodes.length}, as ${nodes[0].html.slice(0, 160)}`);
}

/// How far below the bar at the top an element begins.
const below = (page, id) =>
  page.evaluate((id) => document.getElementById(id).getBoundingClientRect().top - document.querySelector(".bar").offsetHeight, id);

const lessons = (language) => readdirSync(`${site}/${language}`).filter((name) => /^\d.*html$/.test(name)).map((name) => `${language}/${name}`);
const lesson = (number, language = "en") => lessons(language).find((name) => name.startsWith(`${language}/${number}-`));

async function everyPage() {
  const pages = ["index.html", "es/index.html", "en/index.html", ...lessons("es"), ...lessons("en")];
  assert.ok(pages.length > 30, `${pages.length} pages`);
  const window = await open("index.html");
  console.log("   KB  elements  load ms  page");
  for (const path of pages) {
    await window.goto(address(path));
    const [elements, load] = await window.evaluate(() => [document.querySelectorAll("*").length, performance.getEntriesByType("navigation")[0].loadEventEnd]);
    const size = statSync(`${site}/${path}`).size;
    console.log(`${(size / 1000).toFixed(0).padStart(5)}  ${String(elements).padStart(8)}  ${load.toFixed(0).padStart(7)}  ${path}`);
    assert.ok(size < 2.5e6, `${path} has ${size} bytes`);
    assert.equal(await window.evaluate(() => document.querySelectorAll("main code").values().filter((code) => /\\[a-z]+\{/.test(code.textContent) && !code.closest("pre")).toArray().length), 0, `${path}: a formula is not typeset`);
    for (const width of [1400, 1000, 390, 320]) {
      await window.setViewportSize({ width, height: 900 });
      await window.waitForTimeout(50);
      const wide = await window.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${path} is ${wide} px wider than ${width}`);
    }
    await window.setViewportSize({ width: 1400, height: 1000 });
  }
  await window.context().close();
  const index = ["es", "en"].map((language) => `${(statSync(`${site}/${language}/search.js`).size / 1000).toFixed(0)} KB ${language}`);
  tell(`${pages.length} pages fit in 1400, 1000, 390 and 320 pixels; what the search reads: ${index.join(", ")}`);
}

async function accessibility() {
  const pages = ["index.html", "es/index.html", ...lessons("en")];
  for (const [name, options] of [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["phone", phone],
  ]) {
    const window = await open("index.html", options);
    for (const path of pages) {
      await window.goto(address(path));
      await window.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
      await window.waitForTimeout(100);
      assert.deepEqual(await findings(window), [], `${path}, ${name}`);
    }
    await window.context().close();
    tell(`axe-core has no serious finding in ${pages.length} pages, ${name}`);
  }
  const window = await open(lesson("08"));
  await window.locator(".search input").fill("xavier");
  await window.locator(".found a").first().waitFor();
  assert.deepEqual(await findings(window), [], "with results of a search");
  await window.context().close();
}

async function keysAlone() {
  const page = await open("es/index.html");
  const key = (name) => page.keyboard.press(name);
  await key("Tab");
  assert.match(await focused(page), /class="skip"/, "the first stop leads to the content");
  await shoot(page, "skip");
  await key("Enter");
  await page.waitForURL(/#main$/);
  await key("Tab");
  assert.match(await focused(page), /href="https:\/\/rustup.rs"|href="#run"/, "behind it comes the content");
  await page.goto(address("es/index.html"));
  for (let k = 0; k < 6 && !(await focused(page)).includes('type="search"'); k++) await key("Tab");
  assert.match(await focused(page), /type="search"/, "Tab reaches the search");
  // Without the accents of «inicialización» and «época».
  await page.keyboard.type("inicializacion EPOCA");
  await page.locator(".found a").first().waitFor();
  const said = await page.locator(".found p").innerText();
  assert.match(said, /^\d+ resultados?$/, said);
  const marks = await page.locator(".found mark").allInnerTexts();
  assert.ok(marks.some((mark) => /época/i.test(mark)) || marks.some((mark) => /inicialización/i.test(mark)), `${marks}`);
  await shoot(page, "search");
  await key("ArrowDown");
  assert.match(await focused(page), /^<a href="\d\d-/, "the arrow goes to the first result");
  await key("ArrowDown");
  await key("ArrowUp");
  const href = await page.evaluate(() => document.activeElement.getAttribute("href"));
  await key("Enter");
  await page.waitForURL(`**/${href}`);
  await page.waitForTimeout(200);
  const top = await below(page, href.split("#")[1]);
  assert.ok(top >= 0 && top < 400, `a result opens at its heading: ${top}`);

  await key("Control+k");
  assert.match(await focused(page), /type="search"/, "Ctrl-K goes to the search");
  await page.keyboard.type("zzzz");
  await page.locator(".found p", { hasText: "«zzzz»" }).waitFor();
  await key("Escape");
  assert.ok(await page.locator(".found").isHidden(), "Escape closes the results");
  await page.locator(".search input").fill("dropout");
  await page.locator(".found a").first().waitFor();
  await page.locator(".search input").press("Enter");
  await page.waitForURL(/#/);
  tell("keys alone: skip, search without accents, open a result, Ctrl-K, Escape");

  // A prediction's result waits for its button.
  await page.goto(address(lesson("08", "es")));
  const reveal = page.locator(".reveal").first();
  assert.ok(await reveal.locator(".output").isHidden(), "the result of a prediction is hidden");
  await reveal.locator("summary").focus();
  await shoot(page, "predict");
  await key("Enter");
  assert.ok(await reveal.locator(".output").isVisible(), "its button shows it");
  await page.context().close();
  tell("a prediction's result shows by its button");
}

async function places() {
  const page = await open(lesson("08"));
  const link = page.locator(".headings a", { hasText: "Through 30 layers" });
  await link.click();
  await page.waitForTimeout(200);
  const id = new URL(page.url()).hash.slice(1);
  assert.equal(await page.locator(".headings [aria-current]").innerText(), "Through 30 layers", "the heading that is read is marked");
  await shoot(page, "heading");
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await page.waitForTimeout(200);
  assert.match(await page.locator(".headings li").last().innerHTML(), /aria-current="location"/, "at the end the last heading is marked");
  await link.click();
  await page.waitForTimeout(200);
  await page.locator("a.language").click();
  await page.waitForURL(/\/es\/08/);
  assert.equal(new URL(page.url()).hash.slice(1), id, "the other language opens at the same heading");
  await page.waitForTimeout(300);
  const top = await below(page, id);
  assert.ok(top >= 0 && top < 300, `and shows it: ${top}`);
  assert.equal(await page.locator("html").getAttribute("lang"), "es");
  // Far below a heading the cell is the place.
  await page.evaluate(() => document.getElementById("lesson08-lab-row").scrollIntoView({ behavior: "instant" }));
  await page.locator("a.language").click();
  await page.waitForURL(/\/en\/08.*#lesson08-lab-row/);
  await page.locator(".near [rel=next]").click();
  await page.waitForURL(/\/en\/09/);
  await page.locator(".near [rel=prev]").click();
  await page.waitForURL(/\/en\/08/);
  await page.locator("main h2 a").nth(1).click();
  assert.match(page.url(), /#08-004\.1$/, "a heading is a link to itself");

  const code = page.locator(".copyable").nth(2);
  await code.hover();
  await code.locator(".copy").click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await code.locator("pre").evaluate((pre) => pre.textContent), "what is copied is the code");
  assert.equal(await page.locator("#said").innerText(), "Copied");
  const fold = page.locator(".fold").first();
  assert.ok(await fold.locator("pre").isVisible());
  await fold.locator("summary").click();
  assert.ok(await fold.locator("pre").isHidden(), "long code folds");
  await page.context().close();

  tell("headings, the other language at the same place, next and previous, copy, fold");
}

async function onAPhone() {
  const page = await open(lesson("08"), { ...phone, colorScheme: "dark" });
  const side = page.locator(".side");
  const menu = page.locator(".menu");
  assert.ok(await side.isHidden());
  await menu.tap();
  assert.ok(await side.isVisible(), "the button shows the contents");
  assert.equal(await menu.getAttribute("aria-expanded"), "true");
  await shoot(page, "phone-contents");
  await page.keyboard.press("Escape");
  assert.ok(await side.isHidden(), "Escape hides them");
  assert.match(await focused(page), /class="menu"/);
  await page.keyboard.press("Enter");
  await page.locator(".headings a", { hasText: "Biases" }).tap();
  assert.ok(await side.isHidden(), "a heading hides them");
  await page.waitForTimeout(200);
  const top = await below(page, new URL(page.url()).hash.slice(1));
  assert.ok(top >= 0 && top < 300, `and shows the heading: ${top}`);
  await page.locator(".search input").tap();
  await page.keyboard.type("momentum");
  await page.locator(".found a").first().waitFor();
  await shoot(page, "phone-search");
  await page.locator(".found a").first().tap();
  await page.waitForURL(/#/);
  await page.context().close();
  tell("on a phone: contents and search");
}

/// Every control of every figure that moves, by touch and by keys.
async function figures() {
  for (const language of ["es", "en"]) {
    let controls = 0;
    for (const path of lessons(language)) {
      const page = await open(path, { ...phone, colorScheme: "dark" });
      await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
      const players = page.locator(".gradus-player", { has: page.locator(".gradus-play") });
      for (let k = 0; k < (await players.count()); k++) {
        const player = players.nth(k);
        await player.scrollIntoViewIfNeeded();
        const stage = () => player.locator(".gradus-stage").innerHTML();
        const changes = async (what, act) => {
          const before = await stage();
          await act();
          await page.waitForTimeout(60);
          assert.notEqual(await stage(), before, `${path}: ${what} changes nothing`);
          controls++;
        };
        const slider = player.locator("input[type=range]");
        const buttons = player.locator("button");
        await changes("the slider", async () => { await slider.focus(); await page.keyboard.press("Home"); await page.keyboard.press("End"); });
        await changes("to the beginning", () => buttons.nth(0).tap());
        await changes("a step forward", () => buttons.nth(3).tap());
        await changes("a step back", () => buttons.nth(1).tap());
        await changes("the right arrow", async () => { await buttons.nth(0).focus(); await page.keyboard.press("ArrowRight"); });
        const selects = player.locator("select");
        for (let s = 0; s < (await selects.count()); s++) {
          await slider.press("End");
          await changes("a choice", () => selects.nth(s).selectOption({ index: 1 }));
        }
        await slider.press("Home");
        await changes("play", async () => { await player.locator(".gradus-play").tap(); await page.waitForTimeout(700); });
        await player.locator(".gradus-play").tap();
        const box = await player.boundingBox();
        assert.ok(box.x >= 0 && box.x + box.width <= 390, `${path}: a figure is wider than the page`);
        await player.evaluate((element) => element.scrollIntoView({ block: "center", behavior: "instant" }));
        if (language === "en") await shoot(page, `figure-${path.slice(3, 5)}-${k + 1}`);
      }
      await page.context().close();
    }
    assert.ok(controls > 10, `only ${controls} controls`);
    tell(`${language}: ${controls} controls of figures, by touch and by keys, in 390 pixels`);
  }
}

async function darkAndPaper() {
  const fill = (page) => page.evaluate(() => getComputedStyle(document.querySelector(".figure > svg > rect")).fill);
  const [light, dark] = [await open(lesson("10"), { colorScheme: "light" }), await open(lesson("10"), { colorScheme: "dark" })];
  assert.equal(await fill(light), "rgb(255, 255, 255)");
  assert.notEqual(await fill(dark), "rgb(255, 255, 255)", "figures turn dark with the page");
  await shoot(light, "light");
  await shoot(dark, "dark");
  await light.context().close();

  await dark.emulateMedia({ media: "print" });
  const shown = (selector) => dark.evaluate((selector) => document.querySelector(selector).checkVisibility({ contentVisibilityAuto: true }), selector);
  assert.ok(!(await shown(".bar")) && !(await shown(".side")) && !(await shown(".near")), "paper has no bars");
  assert.ok(await shown(".reveal:not([open]) .output"), "paper shows the results of predictions");
  assert.equal(await fill(dark), "rgb(255, 255, 255)", "paper is never dark");
  assert.equal(await dark.evaluate(() => getComputedStyle(document.body).color), "rgb(30, 30, 30)");
  await dark.emulateMedia({ media: null });
  await dark.pdf({ path: `${folder}/lesson-10.pdf`, format: "A4", margin: { top: "15mm", bottom: "15mm", left: "15mm", right: "15mm" } });
  await dark.context().close();

  const plain = await open(lesson("08"), { javaScriptEnabled: false, ...phone });
  assert.ok(await plain.locator(".lessons").isVisible(), "without scripts the contents are there");
  await plain.context().close();
  tell("dark figures; paper; without scripts");
}

try {
  await everyPage();
  await keysAlone();
  await places();
  await onAPhone();
  await darkAndPaper();
  await figures();
  await accessibility();
  assert.deepEqual(elsewhere, [], "a request has left the machine");
  assert.deepEqual(errors, [], "the console has errors");
  tell("no request has left the machine, and no error stands in the console");
} catch (error) {
  console.error(error.message);
  if (errors.length) console.error("console:", errors.slice(0, 5));
  process.exitCode = 1;
} finally {
  await browser.close();
}
