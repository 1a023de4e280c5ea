// JupyterLab in a browser, for lab.mjs and live.mjs: the page, its notebook, screenshots, and what is done with menus.

import { chromium } from "playwright-core";

/// A page; its screenshots go into `folder`, and `name` tells those of a number from 1 on how their files are called.
export async function open(folder, name) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
  const errors = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  let picture = 0;
  const shoot = (what) => page.screenshot({ path: `${folder}/${name(++picture)}-${what}.png` });
  const begin = Date.now();
  const tell = (what) => console.log(`${((Date.now() - begin) / 1000).toFixed(1).padStart(6)} s  ${what}`);

  // The notebook that is open, and its cells.
  const panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)");
  const cells = panel.locator(".jp-CodeCell");

  /// Waits until no cell runs and none waits.
  async function idle(seconds) {
    const waiting = cells.locator(".jp-InputPrompt", { hasText: "*" });
    for (let k = 0; k < seconds * 4; k++) {
      if ((await waiting.count()) === 0) return;
      await page.waitForTimeout(250);
    }
    throw new Error(`cells still run after ${seconds} s`);
  }

  async function menu(...names) {
    for (const name of names) {
      await page.locator(`.lm-MenuBar-itemLabel, .lm-Menu-itemLabel`).getByText(name, { exact: true }).last().click();
      await page.waitForTimeout(150);
    }
  }

  /// Does `steps`, and ends the program with 1 at the first that is not as it should be.
  async function drive(steps) {
    try {
      await steps();
    } catch (error) {
      await shoot("failed");
      console.error(error.message);
      console.error(`${folder} has the pictures`);
      if (errors.length) console.error("console:", errors.slice(0, 5));
      process.exitCode = 1;
    } finally {
      await browser.close();
    }
  }

  return { page, errors, shoot, tell, panel, cells, idle, menu, drive };
}
