// Builds the page's script and style, the loader and the service worker into dist/.

import { build } from "esbuild";
import { gzipSync } from "node:zlib";
import { readFileSync } from "node:fs";

/** The most bytes that each file may have as it travels (gzip). */
const MOST = { "page.js": 60_000, "widget.js": 8_000 };

await build({
  entryPoints: {
    page: "src/page.tsx",
    widget: "src/loader.ts",
    sw: "src/worker.ts",
    style: "src/style.css",
  },
  outdir: "dist",
  bundle: true,
  minify: true,
  format: "iife",
  // Old phones: Chrome as Android 7 and up get it, iOS 15 where the iPhone 6s stops; <dialog> since then.
  target: ["es2020", "chrome87", "firefox98", "safari15.4"],
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
});

for (const [name, most] of Object.entries(MOST)) {
  const size = gzipSync(readFileSync(`dist/${name}`)).length;
  if (size > most) throw new Error(`dist/${name} has ${size} bytes gzipped, ${most} are allowed.`);
}
