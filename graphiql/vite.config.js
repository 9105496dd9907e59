import { defineConfig } from "vite";
import { licences } from "./licences.js";
import { precompress } from "./precompress.js";

const notices = licences({
  file: "licenses.txt",
  extra: ["notices/fonts.txt", "notices/OFL-1.1.txt", "notices/Apache-2.0.txt"],
});

export default defineConfig({
  // The gateway serves the page at /graphiql and every other file below it.
  base: "/graphiql/",
  plugins: [notices.collect, notices.emit, precompress()],
  worker: {
    format: "es",
    plugins: () => [notices.collect],
  },
  build: {
    target: "es2022",
    // The polyfill is for browsers older than the target.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Monaco is one large chunk, and it is loaded once.
    chunkSizeWarningLimit: 8192,
    rolldownOptions: {
      onwarn(warning, warn) {
        // "use client" in a dependency means nothing outside a server renderer.
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") warn(warning);
      },
    },
  },
});
