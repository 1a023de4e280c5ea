// Live controls in JupyterLab: drag a slider, see the figure change, choose, press, a panic, an endless loop, many changes, a restart.
//
//     node live.mjs ADDRESS FOLDER COURSE NOTEBOOK    by ../frontends.sh, which starts `gradus notebook`
//
// COURSE is the folder that Jupyter shows, with the library in crates/core; NOTEBOOK is made there. Ends with 1 at the first thing that is
// not as it should be; screenshots are in FOLDER in any case.

import assert from "node:assert/strict";
import fs from "node:fs";
import { open } from "./jupyter.mjs";

const [address, folder, course, notebook] = process.argv.slice(2);
const figure = 'interact(slider("η", 0.05..2.2).start(0.1), |eta| gradient_descent(&land, eta, 20)?.plot())';
const several = `interact((slider("n", 1..=10), select("f", [Relu, Tanh]), checkbox("noise", true), button("again")), |(n, f, noise, seed)| {
    println!("n = {n}, seed {seed}");
    assert!(n != 7, "seven is not allowed");
    if n == 9 { loop {} }
    format!("{f} {noise} {}", kept + n)
})`;
const sources = [`:dep gradus = { path = "crates/core" }\nuse gradus::prelude::*;`, "let land = Landscape::parabola();\nlet kept = 40;", figure, several];
const cell = (source, at) => ({ cell_type: "code", id: `cell-${at}`, metadata: {}, execution_count: null, outputs: [], source });
fs.writeFileSync(
  `${course}/${notebook}`,
  JSON.stringify({
    cells: sources.map(cell),
    metadata: { kernelspec: { display_name: "Rust (Gradus)", language: "rust", name: "gradus" }, language_info: { name: "rust" } },
    nbformat: 4,
    nbformat_minor: 5,
  }),
);

const { page, errors, shoot, tell, cells, idle, menu, drive } = await open(folder, (k) => `live-${k}`);

/// What a cell shows below its controls.
const shown = (cell) => cell.locator(".jp-OutputArea-child").nth(1);
/// Its text, once it is so.
async function says(cell, words, seconds = 20) {
  await shown(cell).getByText(words).first().waitFor({ timeout: seconds * 1000 });
}
/// A press of a key on a slider, and the milliseconds until what is shown is another thing.
async function step(cell, handle, key) {
  await handle.focus();
  await cell.evaluate((cell) => {
    const place = () => cell.querySelectorAll(".jp-OutputArea-child")[1]?.innerHTML;
    const before = place();
    const wait = (done) => {
      const from = performance.now();
      const look = () => {
        if (place() !== before) return done(performance.now() - from);
        return performance.now() > from + 10_000 ? done(Infinity) : requestAnimationFrame(look);
      };
      look();
    };
    window.pressed = new Promise((done) => addEventListener("keydown", () => wait(done), { once: true, capture: true }));
  });
  await page.keyboard.press(key);
  return page.evaluate(() => window.pressed);
}
/// The memory of the process that runs the cells, in MiB.
function memory() {
  const status = fs.readdirSync("/proc").filter((id) => /^\d+$/.test(id));
  const sizes = status.map((id) => {
    try {
      const environment = fs.readFileSync(`/proc/${id}/environ`, "utf8");
      if (!environment.includes("GRADUS_CELL_RUNTIME=") || !environment.includes(process.env.GRADUS_CACHE ?? "GRADUS")) return 0;
      return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${id}/status`, "utf8"))?.[1] ?? 0) / 1024;
    } catch {
      return 0;
    }
  });
  return Math.max(...sizes);
}

await drive(async () => {
  const base = address.split("?")[0].replace(/\/(lab.*)?$/, "");
  await page.goto(`${base}/lab/tree/${notebook}?${address.split("?")[1] ?? ""}`);
  await cells.first().waitFor({ timeout: 60_000 });
  await page.getByText("(Gradus) | Idle").first().waitFor({ timeout: 60_000 });
  await menu("Run", "Run All Cells");
  await page.waitForTimeout(1500);
  await idle(400);
  const [one, four] = [cells.nth(2), cells.nth(3)];
  const handle = (cell) => cell.locator(".noUi-handle").first();
  await handle(one).waitFor({ timeout: 30_000 });
  await shown(one).locator("svg, img").first().waitFor({ timeout: 30_000 });
  await shoot("first");
  tell("a slider stands above its figure");

  // Drag and release.
  const looks = () => shown(one).innerHTML();
  let before = await looks();
  const box = await handle(one).boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  for (let k = 1; k <= 20; k++) await page.mouse.move(box.x + box.width / 2 + 8 * k, box.y + box.height / 2);
  await page.mouse.up();
  await page.waitForTimeout(1500);
  assert.notEqual(await looks(), before, "dragging the slider changes the figure");
  assert.equal(await one.locator(".jp-OutputArea-child").count(), 2, "the figure takes the place of the former");
  await shoot("dragged");
  const times = [];
  for (let k = 0; k < 10; k++) times.push(await step(one, handle(one), k % 2 ? "ArrowLeft" : "ArrowRight"));
  times.sort((a, b) => a - b);
  assert.ok(times[9] < 5000, `a step takes ${times} ms`);
  tell(`dragging changes the figure; from a key to another figure: median ${times[5].toFixed(0)} ms, at most ${times[9].toFixed(0)} ms`);

  // A hundred changes in ten seconds.
  for (let k = 0; k < 20; k++) await step(one, handle(one), k % 2 ? "ArrowLeft" : "ArrowRight");
  const from = memory();
  const models = await page.locator(".jupyter-widgets").count();
  await handle(one).focus();
  const since = Date.now();
  for (let k = 0; k < 100; k++) {
    await page.keyboard.press(k < 60 ? "ArrowRight" : "ArrowLeft");
    await page.waitForTimeout(Math.max(0, since + 100 * (k + 1) - Date.now()));
  }
  await page.waitForTimeout(2000);
  before = await looks();
  await page.waitForTimeout(1500);
  assert.equal(await looks(), before, "it comes to rest");
  assert.equal(await one.locator(".jp-OutputArea-child").count(), 2, "no output has been added");
  assert.equal(await page.locator(".jupyter-widgets").count(), models, "nor any widget");
  const grown = memory() - from;
  assert.ok(from > 0 && grown < 8, `the process of the cells grows from ${from} by ${grown} MiB`);
  tell(`100 changes in ${((Date.now() - since - 3500) / 1000).toFixed(1)} s leave one state; the process of the cells: ${from.toFixed(1)} MiB, ${grown.toFixed(1)} more`);

  // Several controls.
  await says(four, "n = 5, seed 0");
  await says(four, "ReLU true 45");
  await four.locator("select").selectOption("tanh");
  await says(four, "tanh true 45");
  await four.locator("input[type=checkbox]").click();
  await says(four, "tanh false 45");
  await four.locator("button.jupyter-button").click();
  await says(four, "n = 5, seed 1");
  await step(four, handle(four), "ArrowRight");
  await says(four, "tanh false 46");
  await shoot("several");
  tell("a list, a box, a button and a slider together");

  await step(four, handle(four), "ArrowRight");
  await says(four, "seven is not allowed");
  assert.equal(await four.locator(".jp-OutputArea-child").count(), 2, "the error stands where the result stood");
  await shoot("panic");
  await step(four, handle(four), "ArrowRight");
  await says(four, "tanh false 48");
  tell("a panic stands in the place of the result, and goes");

  await handle(four).focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForTimeout(2000);
  const asked = Date.now();
  await menu("Kernel", "Interrupt Kernel");
  await says(four, "Variables are kept");
  tell(`an endless loop is interrupted after ${Date.now() - asked} ms`);
  await step(four, handle(four), "ArrowRight");
  await says(four, "tanh false 50");
  tell("and the controls go on");

  // The same cell again: its controls are new, and the others stay.
  await one.locator(".jp-InputPrompt").click();
  await page.keyboard.press("Control+Enter");
  await page.waitForTimeout(500);
  await idle(30);
  await handle(one).waitFor({ timeout: 10_000 });
  assert.equal(await page.locator(".jupyter-widgets.widget-slider").count(), 2, "one slider in each cell");
  assert.ok((await step(one, handle(one), "ArrowRight")) < 5000, "the new slider works");
  tell("running the cell again makes its controls anew");

  await menu("Kernel", "Restart Kernel…");
  await page.locator(".jp-Dialog button", { hasText: "Restart" }).click();
  await page.waitForTimeout(3000);
  before = await looks();
  await handle(one)
    .press("ArrowRight", { timeout: 2000 })
    .catch(() => undefined);
  await page.waitForTimeout(1000);
  assert.equal(await looks(), before, "after a restart the old controls do nothing");
  await menu("Run", "Run All Cells");
  await page.waitForTimeout(1500);
  await idle(100);
  await handle(one).waitFor({ timeout: 10_000 });
  assert.ok((await step(one, handle(one), "ArrowRight")) < 5000, "the controls of the new session work");
  tell("after a restart the cells make new ones");

  await menu("Settings", "Theme", "JupyterLab Dark");
  await page.waitForTimeout(1500);
  await shoot("dark");
  assert.deepEqual(errors, [], "the console has errors");
  tell("no error stands in the console");
});
