// Bundles the console's scripts and style sheets, names them by their content, and stores them compressed.
// Every page loads `console` and `style`; the editor and the charts are bundles of their own, loaded where they are seen.
// Run from anywhere: `node contact/faces/console/assets/build.mjs`, after `npm ci --ignore-scripts`.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "static", "dist");
const fresh = `${out}.${process.pid}`;
const icons = ["arrow-right", "log-out", "search", "settings-2"];

const bundled = await build({
  absWorkingDir: here,
  entryPoints: [
    { in: "js/console.mjs", out: "console" },
    { in: "css/style.css", out: "style" },
    { in: "js/workbench.mjs", out: "workbench" },
    { in: "css/workbench.css", out: "workbench" },
    { in: "js/charts.mjs", out: "charts" },
    { in: "css/voice.css", out: "voice" },
  ],
  outdir: fresh,
  bundle: true,
  minify: true,
  write: false,
  format: "iife",
  legalComments: "none",
  // Below these versions light-dark() and nesting are unknown; the desk's machines are kept up to date.
  target: ["chrome123", "firefox120", "safari17.5"],
  logLevel: "warning",
});

await mkdir(fresh, { recursive: true });
const manifest = { files: {}, icons: {} };
for (const file of bundled.outputFiles) {
  const name = basename(file.path);
  const hash = createHash("sha256").update(file.contents).digest("hex").slice(0, 12);
  const hashed = name.replace(".", `.${hash}.`);
  manifest.files[name] = hashed;
  await writeFile(join(fresh, hashed), file.contents);
  await writeFile(join(fresh, `${hashed}.gz`), gzipSync(file.contents, { level: 9 }));
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  await writeFile(join(fresh, `${hashed}.br`), brotliCompressSync(file.contents, quality));
  console.log(`${hashed}: ${file.contents.length} bytes, ${brotliCompressSync(file.contents, quality).length} compressed`);
}

const lucide = dirname(createRequire(import.meta.url).resolve("lucide-static/package.json"));
for (const icon of icons) {
  const text = await readFile(join(lucide, "icons", `${icon}.svg`), "utf8");
  manifest.icons[icon] = text.slice(text.indexOf(">", text.indexOf("<svg")) + 1, text.lastIndexOf("</svg>")).replace(/\s+/g, " ").trim();
}
await writeFile(join(fresh, "manifest.json"), JSON.stringify(manifest, null, 1));
await rm(out, { recursive: true, force: true });
await rename(fresh, out);
