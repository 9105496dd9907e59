// Opens the gateway's GraphiQL in a real browser and uses it as a person would.
//
//   node graphiql.mjs <base url> [--query TEXT] [--expect TEXT] [--screenshot FILE] [--waterfall FILE] [--dark] [--plain]
//
// `--plain` expects the page of a build without npm. CHROMIUM names the browser.
// Ends with one line: what was seen (exit 0) or what is wrong (exit 1).

import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { Graphiql, PlainPage } from "./pages.mjs";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    query: { type: "string", default: "{ tenants { name } }" },
    expect: { type: "string", default: '"tenants"' },
    screenshot: { type: "string" },
    waterfall: { type: "string" },
    dark: { type: "boolean", default: false },
    plain: { type: "boolean", default: false },
  },
});

try {
  const base = new URL(positionals[0] ?? "http://127.0.0.1:8080");
  console.log(`ok: ${await inBrowser((page) => visit(page, base))}`);
} catch (error) {
  console.log(`not ok: ${error.message.split("\n")[0]}`);
  process.exitCode = 1;
}

async function inBrowser(use) {
  // Playwright gives every launch a new, empty profile.
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
  try {
    const page = await browser.newPage({
      viewport: { width: 1440, height: 900 },
      colorScheme: options.dark ? "dark" : "light",
    });
    page.setDefaultTimeout(20_000);
    return await use(page);
  } finally {
    await browser.close();
  }
}

async function visit(page, base) {
  const mishaps = await watch(page, base);
  const settings = await page.request.get(new URL("/graphiql/settings.json", base).href).then((answer) => answer.json());
  expect(settings.tabs.length > 0, "the settings hold no example tab");

  await page.goto(base.href);
  expect(new URL(page.url()).pathname === "/graphiql", `/ led to ${page.url()} and not to /graphiql`);
  const graphiql = options.plain ? new PlainPage(page) : new Graphiql(page);
  try {
    await use(graphiql, settings);
  } catch (error) {
    // A mishap is the likelier cause than what failed to appear because of it.
    throw mishaps.length > 0 ? new Error(`${mishaps[0]} (then: ${error.message})`) : error;
  } finally {
    if (options.screenshot) await page.screenshot({ path: options.screenshot });
  }
  expect(mishaps.length === 0, `${mishaps.length} mishaps, the first: ${mishaps[0]}`);
  return `${graphiql.name} with ${settings.tabs.length} examples answered and kept to ${base.host}`;
}

async function use(graphiql, settings) {
  await graphiql.ready();
  expect((await graphiql.page.title()) === settings.title, "the window does not carry the title of the settings");
  await expectExamples(graphiql, settings);
  await expectHeaders(graphiql, settings);

  await expectExampleAnswered(graphiql);

  const answer = JSON.stringify(await graphiql.runQuery(options.query));
  expect(answer.includes(options.expect), `${options.query} answered ${answer.slice(0, 300)} without ${options.expect}`);

  if (settings.explain && graphiql.waterfall) await expectWaterfall(graphiql);

  await graphiql.settle(options.query);
  await expectNothingSecretStored(graphiql.page, settings);
  await graphiql.reload();
  await expectHeaders(graphiql, settings);
  await expectExampleAnswered(graphiql);
}

/** Collects everything that must not happen while the page is open. */
async function watch(page, base) {
  const mishaps = [];
  page.on("console", (message) => {
    if (message.type() === "error") mishaps.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => mishaps.push(`exception: ${error.message}`));
  page.on("requestfailed", (request) => {
    // A reload ends what is still on its way.
    const aborted = request.failure()?.errorText === "net::ERR_ABORTED";
    if (!aborted) mishaps.push(`failed request: ${request.url()}`);
  });
  page.context().on("request", (request) => {
    const url = new URL(request.url());
    const local = url.protocol === "data:" || url.protocol === "blob:" || url.host === base.host;
    if (!local) mishaps.push(`request to a foreign host: ${url.host}`);
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) =>
      console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  return mishaps;
}

async function expectExamples(graphiql, settings) {
  const found = await graphiql.examples();
  for (const tab of settings.tabs) {
    const name = graphiql.nameOf(tab);
    expect(found.includes(name), `no example "${name}" among ${JSON.stringify(found)}`);
  }
}

async function expectExampleAnswered(graphiql) {
  const answer = await graphiql.runExample(0);
  expect(answer.data && !answer.errors, `the first example answered ${JSON.stringify(answer).slice(0, 300)}`);
}

/** The panel shows a call to an upstream, and memory the second time; the answer stays as it is. */
async function expectWaterfall(graphiql) {
  const query = "query Yards { locations(first: 3) { nodes { name } } }";
  const [, first] = [await graphiql.openWaterfall(), await graphiql.runQuery(query)];
  expect(first.data && !first.extensions, `the explained operation answered ${JSON.stringify(first).slice(0, 300)}`);
  const rows = await graphiql.waterfall();
  expect(rows.some((row) => row.includes("/locations") || row.includes("from memory")), `the waterfall shows ${rows}`);
  await graphiql.runQuery(query);
  const again = await graphiql.waterfall((row) => row.includes("from memory"));
  expect(again.some((row) => row.includes("from memory")), `the second waterfall shows ${again}`);
  if (options.waterfall) await graphiql.page.screenshot({ path: options.waterfall });
  await graphiql.closeWaterfall();
}

async function expectHeaders(graphiql, settings) {
  const shown = await graphiql.headers();
  for (const [name, value] of Object.entries(settings.headers)) {
    expect(shown[name] === value, `the header ${name} is not pre-filled`);
  }
}

async function expectNothingSecretStored(page, settings) {
  const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  for (const [name, value] of Object.entries(settings.headers)) {
    const secret = /authorization|key|token/i.test(name) && value !== "";
    expect(!secret || !stored.includes(value), `the browser's storage holds the value of ${name}`);
  }
}

function expect(condition, otherwise) {
  if (!condition) throw new Error(otherwise);
}
