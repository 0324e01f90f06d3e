// Writes what the Python package serves: one ES module, one style sheet, and the licences of what they contain.
import { readFile, writeFile } from "node:fs/promises";
import { context } from "esbuild";

const watch = process.argv.includes("--watch");
const development = process.argv.includes("--dev");

/** KaTeX names each font as woff2, woff and ttf; every browser we meet reads the first. */
const onlyWoff2 = {
  name: "only-woff2",
  setup(build) {
    build.onLoad({ filter: /katex(\.min)?\.css$/ }, async ({ path }) => {
      const css = await readFile(path, "utf8");
      const contents = css.replace(/,\s*url\([^)]*\.(woff|ttf)\)\s*format\("[^"]*"\)/g, "");
      return { contents, loader: "css" };
    });
  },
};

const task = await context({
  entryPoints: development
    ? [{ in: "dev/page.ts", out: "page" }]
    : [
        { in: "src/widget.ts", out: "widget" },
        { in: "src/styles/widget.css", out: "widget" },
      ],
  outdir: development ? "dev/out" : "../kanwidget/static",
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: !development,
  jsx: "automatic",
  jsxImportSource: "preact",
  loader: { ".woff2": "dataurl" },
  legalComments: "none",
  logLevel: "info",
  plugins: [onlyWoff2],
});

const bundled = ["katex", "preact", "@preact/signals", "@preact/signals-core"];

async function writeLicences() {
  const texts = bundled.map(
    async (name) => `${name}\n\n${await readFile(`node_modules/${name}/LICENSE`, "utf8")}`,
  );
  await writeFile("../kanwidget/static/licenses.txt", (await Promise.all(texts)).join("\n\n"));
}

if (watch) {
  await task.watch();
} else {
  await task.rebuild();
  await task.dispose();
  if (!development) await writeLicences();
}
