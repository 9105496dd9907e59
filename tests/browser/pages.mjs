// The two faces of /graphiql, each with the same few things to do on it.

/** The bundled GraphiQL. Its editors are Monaco's, whose models hold the texts. */
export class Graphiql {
  name = "GraphiQL";

  constructor(page) {
    this.page = page;
  }

  async ready() {
    await this.page.locator(".graphiql-query-editor .monaco-editor").waitFor();
    await this.page.evaluate(() => {
      globalThis.textOf = (name) => {
        const models = globalThis.__MONACO.editor.getModels();
        return models.find(({ uri }) => uri.path.endsWith(name))?.getValue();
      };
    });
    await this.page.waitForFunction(() =>
      ["operation.graphql", "request-headers.json", "response.json"].every((name) => globalThis.textOf(name) !== undefined),
    );
  }

  /** GraphiQL names a tab after its operation. */
  nameOf(tab) {
    return /^\s*(?:query|mutation)\s+(\w+)/m.exec(tab.query)?.[1] ?? "<untitled>";
  }

  examples() {
    return this.#tabs().allTextContents();
  }

  async headers() {
    return JSON.parse(await this.page.evaluate(() => globalThis.textOf("request-headers.json")));
  }

  async runExample(index) {
    await this.#tabs().nth(index).click();
    await this.#noticed();
    return this.#answerTo(() => this.page.getByRole("button", { name: /^execute/i }).click());
  }

  async runQuery(query) {
    await this.page.getByRole("button", { name: "New tab" }).click();
    await this.page.locator(".graphiql-query-editor .monaco-editor").click();
    await this.page.keyboard.press("ControlOrMeta+A");
    await this.page.keyboard.insertText(query);
    await this.#noticed();
    return this.#answerTo(() => this.page.keyboard.press("ControlOrMeta+Enter"));
  }

  openWaterfall() {
    return this.page.getByRole("button", { name: "Show Waterfall" }).click();
  }

  closeWaterfall() {
    return this.page.getByRole("button", { name: "Hide Waterfall" }).click();
  }

  /** The rows of the waterfall, once there are some (one that `fits`). */
  async waterfall(fits = () => true) {
    const rows = this.page.locator(".waterfall li");
    await rows.first().waitFor();
    const deadline = Date.now() + 10_000;
    let texts = await rows.allTextContents();
    while (!texts.some(fits) && Date.now() < deadline) {
      await this.page.evaluate(() => new Promise(requestAnimationFrame));
      texts = await rows.allTextContents();
    }
    return texts;
  }

  /** Waits until all tabs and the history of requests reached the browser's storage. */
  async settle(query) {
    const stored = ({ text, tabs }) => {
      const state = localStorage.getItem("graphiql:tabState");
      return localStorage.getItem("graphiql:queries") && state?.includes(text) && JSON.parse(state).tabs.length === tabs;
    };
    const text = JSON.stringify(query).slice(1, -1);
    const tabs = await this.#tabs().count();
    await this.page.waitForFunction(stored, { text, tabs }).catch(() => {
      throw new Error("the tabs and the history were not stored");
    });
  }

  async reload() {
    const before = await this.#tabs().count();
    await this.page.reload();
    await this.ready();
    const after = await this.#tabs().count();
    if (after !== before) throw new Error(`a reload made ${after} tabs of ${before}`);
  }

  #tabs() {
    return this.page.getByRole("tab").locator(".graphiql-tab-button");
  }

  /** GraphiQL looks at an operation a moment after its last change, and stores it then. */
  async #noticed() {
    await this.page.waitForFunction(
      () => localStorage.getItem("graphiql:query") === globalThis.textOf("operation.graphql"),
    );
  }

  async #answerTo(act) {
    await act();
    const answer = await this.page.waitForFunction(() => {
      const text = globalThis.textOf("response.json");
      return text?.trimEnd().endsWith("}") ? JSON.parse(text) : null;
    });
    return answer.jsonValue();
  }
}

/** The page of a build without npm. */
export class PlainPage {
  name = "the plain page";

  constructor(page) {
    this.page = page;
  }

  async ready() {
    await this.page.locator("#query").waitFor();
    await this.page.waitForFunction(() => document.getElementById("query").value !== "");
  }

  nameOf(tab) {
    return tab.title;
  }

  examples() {
    return this.page.locator("#example option").allTextContents();
  }

  async headers() {
    return JSON.parse(await this.page.locator("#headers").inputValue());
  }

  async runExample(index) {
    await this.page.locator("#example").selectOption({ index });
    return this.#answerTo(() => this.page.getByRole("button", { name: /^Run/ }).click());
  }

  async runQuery(query) {
    await this.page.locator("#variables").fill("");
    await this.page.locator("#query").fill(query);
    return this.#answerTo(() => this.page.locator("#query").press("ControlOrMeta+Enter"));
  }

  /** The plain page stores nothing. */
  async settle() {}

  async reload() {
    await this.page.reload();
    await this.ready();
  }

  async #answerTo(act) {
    await this.page.locator("#result").evaluate((element) => element.replaceChildren());
    await act();
    await this.page.waitForFunction(() => document.getElementById("result").textContent !== "");
    return JSON.parse(await this.page.locator("#result").textContent());
  }
}
