import { readFile, readdir } from "node:fs/promises";
import path from "node:path";

const LICENCE_FILE = /^(licen[cs]e|copying|notice|thirdpartynotices)/i;

/**
 * Gathers the licences of every package whose code or style reaches the bundle.
 *
 * Workers are bundled by builds of their own, so the plugin has two halves that
 * share one set: `collect` belongs to every build, `emit` only to the page's.
 */
export function licences({ file, extra }) {
  const roots = new Set();

  const collect = {
    name: "licences:collect",
    transform(_code, id) {
      const root = packageRoot(id);
      if (root) roots.add(root);
      return null;
    },
  };

  const emit = {
    name: "licences:emit",
    async generateBundle() {
      const packages = await Promise.all([...roots].map(describe));
      const sections = packages.sort((a, b) => a.localeCompare(b));
      const extras = await Promise.all(extra.map((name) => readFile(name, "utf8")));
      const source = [...new Set(sections), ...extras.map((text) => text.trim())].join(`\n\n${"-".repeat(80)}\n\n`);
      this.emitFile({ type: "asset", fileName: file, source: `${source}\n` });
    },
  };

  return { collect, emit };
}

/** The directory of the installed package that owns a module, if one does. */
function packageRoot(id) {
  const match = /^\0?(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(id.split("?")[0]);
  return match?.[1];
}

async function describe(root) {
  const { name, version, license, author } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
  const files = (await readdir(root)).filter((entry) => LICENCE_FILE.test(entry)).sort();
  const texts = await Promise.all(files.map((entry) => readFile(path.join(root, entry), "utf8")));
  const by = typeof author === "string" ? author : author?.name;
  const heading = `${name} ${version} (${license ?? "see below"})${by ? `, by ${by}` : ""}`;
  return [heading, ...texts.map((text) => text.trim())].join("\n\n");
}
