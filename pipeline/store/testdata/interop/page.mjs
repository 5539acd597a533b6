// Opens a report in Chromium as a reader would, and prints what it found as JSON:
//
//   node page.mjs REPORT.html CHROMIUM [FOLDER]
//
// With a folder, screenshots at phone and desktop width, light and dark, are left there.
import { pathToFileURL } from "node:url";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [report, executablePath, folder] = process.argv.slice(2);
const address = pathToFileURL(report).href;
const profile = mkdtempSync(join(tmpdir(), "chromium-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath,
  headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const found = { console: [], requests: [], figures: [], unsorted: [], tables: 0, overflow: {}, contrast: {}, unnamed: [] };
const page = await context.newPage();
page.on("console", (message) => found.console.push(`${message.type()}: ${message.text()}`));
page.on("pageerror", (error) => found.console.push(String(error)));
page.on("request", (request) => found.requests.push(request.url()));

for (const [width, colorScheme] of [[1280, "light"], [1280, "dark"], [390, "light"], [390, "dark"]]) {
  const name = `${width}-${colorScheme}`;
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme });
  await page.goto(address);
  found.overflow[name] = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  found.contrast[name] = await page.evaluate(lowestContrast);
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
if (folder) {
  await page.emulateMedia({ media: "print", colorScheme: "light" });
  await page.pdf({ path: join(folder, "print.pdf"), format: "A4" });
  await page.emulateMedia({ media: "screen" });
}

await page.setViewportSize({ width: 1280, height: 900 });
await page.goto(address);
await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
found.figures = await page.evaluate(() => Array.from(document.querySelectorAll("figure svg"), (svg) => {
  const ids = (svg.getAttribute("aria-labelledby") || "").split(" ");
  return { role: svg.getAttribute("role"), alt: ids.map((id) => document.getElementById(id)?.textContent ?? "").join(" | ") };
}));
found.unnamed = await page.evaluate(() => Array.from(document.querySelectorAll("a, button, [tabindex]"))
  .filter((e) => !(e.textContent.trim() || e.getAttribute("aria-label"))).map((e) => e.outerHTML));

// Every column of every table sorts, up and then down, by the keyboard.
const buttons = page.locator("table.sortable th button");
for (let i = 0; i < await buttons.count(); i++) {
  for (const direction of ["ascending", "descending"]) {
    await buttons.nth(i).focus();
    await page.keyboard.press("Enter");
    const state = await buttons.nth(i).evaluate(columnState);
    if (state.sort !== direction || !state.ordered) found.unsorted.push(state);
  }
}
found.tables = await page.locator("table.sortable").count();
await context.close();
rmSync(profile, { recursive: true, force: true });
console.log(JSON.stringify(found));

// columnState tells of the column of a button how it says to be sorted, and whether it is.
function columnState(button) {
  const head = button.closest("th");
  const table = head.closest("table");
  const column = head.cellIndex;
  const keys = Array.from(table.tBodies[0].rows, (row) => {
    const text = row.cells[column].textContent.trim().replace(/\u2212/g, "-").replace(/\([^)]*\)/, "");
    const value = text === "\u221e" ? Infinity : parseFloat(text);
    return Number.isNaN(value) ? text : value;
  });
  const sort = head.getAttribute("aria-sort");
  const numbers = keys.filter((k) => typeof k === "number");
  const up = sort === "ascending" ? numbers : numbers.slice().reverse();
  const ordered = up.every((k, i) => i === 0 || up[i - 1] <= k);
  return { label: head.textContent, sort, ordered, keys };
}

// lowestContrast is the least ratio of luminance between text and what is behind it.
function lowestContrast() {
  const channels = (text) => text.match(/[\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b]
    .map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const background = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = channels(getComputedStyle(e).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  let least = Infinity;
  for (const element of document.querySelectorAll("h1, h2, p, a, th, td, li, dt, dd, caption, figcaption, span, strong, code, summary, button")) {
    if (element.closest("svg")) continue;
    const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(background(element))];
    least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return least;
}
