// Lesson 8 in JupyterLab, as a student would: open, run all, play a figure, a mistake, an interrupt, Tab, Shift-Tab, a restart.
//
//     node lab.mjs ADDRESS FOLDER      by ../frontends.sh, which starts `gradus notebook`
//
// Ends with 1 at the first thing that is not as it should be; screenshots are in the folder in any case.

import assert from "node:assert/strict";
import { open } from "./jupyter.mjs";

const [address, folder] = process.argv.slice(2);
const { page, errors, shoot, tell, panel, cells, idle, menu, drive } = await open(folder, (k) => String(k).padStart(2, "0"));
const elsewhere = [];
page.on("request", (request) => {
  const url = new URL(request.url());
  if (!["127.0.0.1", ""].includes(url.hostname)) elsewhere.push(request.url());
});
const outputs = (cell) => cell.locator(".jp-OutputArea-output");

/// A new cell at the end with this text, and the cell.
async function write(text) {
  await page.keyboard.press("Escape");
  await panel.locator(".jp-Cell").last().locator(".jp-InputPrompt").click();
  await page.keyboard.press("b");
  await page.keyboard.press("Enter");
  await page.waitForTimeout(300);
  await page.keyboard.insertText(text);
  return panel.locator(".jp-Cell").last();
}

/// Runs the cell that is being written.
async function run(seconds = 60) {
  await page.keyboard.press("Control+Enter");
  await page.waitForTimeout(300);
  await idle(seconds);
}

await drive(async () => {
  await page.goto(address);
  const lesson = page.locator(".jp-RenderedMarkdown a", { hasText: "Initialisation" });
  await lesson.first().waitFor({ timeout: 60_000 });
  tell("the index of the course is there");
  await shoot("index");
  await lesson.first().click();
  await cells.first().waitFor({ timeout: 60_000 });
  await panel.locator(".jp-OutputArea-output svg, .jp-OutputArea-output img, .jp-OutputArea-output iframe").first().waitFor({ timeout: 30_000 });
  tell("lesson 8 is open and its figures are figures");
  await shoot("lesson");

  await menu("Run", "Run All Cells");
  await page.waitForTimeout(1500);
  await idle(400);
  const failed = await panel.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]').count();
  assert.equal(failed, 0, "a cell of the lesson has failed");
  tell(`all ${await cells.count()} cells have run`);
  await shoot("all");

  // Figures that move: each slider and list once, and they run; ../figures.sh tries every control by itself.
  const figures = panel.locator(".jp-OutputArea-output:has(input[type=range])");
  const seen = (figure) =>
    figure.evaluate((element) => element.innerHTML + [...element.querySelectorAll("canvas")].map((canvas) => canvas.toDataURL()).join());
  let controls = 0;
  for (let k = 0; k < (await figures.count()); k++) {
    const figure = figures.nth(k);
    await figure.scrollIntoViewIfNeeded();
    const sliders = figure.locator("input[type=range]:visible");
    for (let s = 0; s < (await sliders.count()); s++) {
      await sliders.nth(s).focus();
      await page.keyboard.press("Home");
      await page.waitForTimeout(200);
      const before = await seen(figure);
      await page.keyboard.press("End");
      await page.waitForTimeout(200);
      assert.notEqual(await seen(figure), before, "a slider changes nothing");
      controls++;
    }
    const choices = figure.locator("select:visible");
    let answered = 0;
    for (let c = 0; c < (await choices.count()); c++) {
      const before = await seen(figure);
      const choice = choices.nth(c);
      const other = await choice.evaluate((list) => (list.selectedIndex === 0 ? list.options.length - 1 : 0));
      await choice.selectOption({ index: other });
      await page.waitForTimeout(400);
      // Some choose what the next press does, such as the class of a point.
      answered += (await seen(figure)) !== before;
      controls++;
    }
    assert.ok(answered > 0 || (await choices.count()) === 0, "no choice changes anything");
    await figure.evaluate((element) => element.scrollIntoView({ block: "center" }));
    const play = figure.locator("button.play:visible, .gradus-bar button:visible").first();
    await play.click();
    const before = await seen(figure);
    await page.waitForTimeout(1000);
    assert.notEqual(await seen(figure), before, "it does not run");
    await shoot("lesson-8");
    await play.click();
    controls++;
  }
  assert.ok(controls > 0, "lesson 8 has no figure with controls");
  tell(`${await figures.count()} figures, ${controls} controls used`);
  await shoot("figures");

  let cell = await write("let wrong: u32 = 1.5;\nwrong");
  await run();
  const said = await outputs(cell).allInnerTexts();
  assert.match(said.join("\n"), /E0308|mismatched types/, `a wrong type says: ${said}`);
  assert.match(said.join("\n"), /\^/, "and where");
  tell("a mistake is shown with its place");
  await shoot("mistake");

  cell = await write("let kept = 41;");
  await run();
  cell = await write("let mut n = 0_u64;\nloop {\n    n = std::hint::black_box(n + 1);\n}");
  await page.keyboard.press("Control+Enter");
  await page.waitForTimeout(3000);
  await menu("Kernel", "Interrupt Kernel");
  await idle(30);
  cell = await write("kept + 1");
  await run();
  assert.deepEqual(await outputs(cell).allInnerTexts(), ["42"], "the variables are there after an interrupt");
  tell("an endless loop is interrupted, and the variables are kept");

  cell = await write('for k in 0..3 {\n    println!("step {k}");\n    std::thread::sleep(std::time::Duration::from_millis(300));\n}');
  await page.keyboard.press("Control+Enter");
  await outputs(cell).getByText("step 0").waitFor({ timeout: 10_000 });
  assert.ok(!(await outputs(cell).allInnerTexts()).join().includes("step 2"), "output comes while the cell runs");
  await idle(30);
  tell("output comes while the cell runs");

  cell = await write("Dataset::mni");
  await page.keyboard.press("Tab");
  await page.waitForTimeout(300);
  // A single candidate is taken at once; several are shown.
  await page
    .locator(".jp-Completer-item")
    .first()
    .waitFor({ timeout: 3000 })
    .then(() => page.keyboard.press("Enter"))
    .catch(() => undefined);
  await cell.locator(".cm-content", { hasText: "Dataset::mnist" }).waitFor({ timeout: 3000 });
  tell("Tab completes");
  await write("Sequential::input");
  await page.keyboard.press("Shift+Tab");
  const tooltip = page.locator(".jp-Tooltip");
  await tooltip.waitFor({ timeout: 20_000 });
  assert.match(await tooltip.innerText(), /fn input/, "Shift-Tab shows what it is");
  tell("Shift-Tab explains");
  await shoot("inspect");
  await page.keyboard.press("Escape");

  await menu("Kernel", "Restart Kernel…");
  await page.locator(".jp-Dialog button", { hasText: "Restart" }).click();
  await page.waitForTimeout(2500);
  cell = await write("kept");
  await run();
  assert.match((await outputs(cell).allInnerTexts()).join(), /kept/, "after a restart the variables are gone");
  tell("a restart begins anew");

  await menu("Settings", "Theme", "JupyterLab Dark");
  await page.waitForTimeout(1500);
  await panel.locator(".jp-Cell").first().scrollIntoViewIfNeeded();
  await shoot("dark");

  assert.deepEqual(elsewhere, [], "a request has left the machine");
  assert.deepEqual(errors, [], "the console has errors");
  tell("no request has left the machine, and no error stands in the console");
});
