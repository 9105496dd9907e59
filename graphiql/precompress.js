import { readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";

const compress = promisify(gzip);

/** Puts a `.gz` beside every file that gets smaller by it; the gateway embeds both. */
export function precompress() {
  let directory;
  return {
    name: "precompress",
    apply: "build",
    configResolved(config) {
      directory = path.resolve(config.root, config.build.outDir);
    },
    async closeBundle() {
      const entries = await readdir(directory, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith(".gz"));
      await Promise.all(files.map((file) => beside(path.join(file.parentPath, file.name))));
    },
  };
}

async function beside(file) {
  const plain = await readFile(file);
  const compressed = await compress(plain, { level: constants.Z_BEST_COMPRESSION });
  if (compressed.length < plain.length) await writeFile(`${file}.gz`, compressed);
}
