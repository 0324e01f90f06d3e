// Writes what the Python package serves: one ES module, the same for pages without a kernel, one style sheet,
// and the licences of what they contain.
// --watch does so at every change, --dev builds the development page, --sizes writes nothing and tells sizes.
import { readFile, writeFile } from "node:fs/promises";
import { context } from "esbuild";
import { apart } from "./styles.js";

const watch = process.argv.includes("--watch");
const development = process.argv.includes("--dev");
const sizes = process.argv.includes("--sizes");

const task = await context({
  entryPoints: development
    ? [{ in: "dev/page.ts", out: "page" }]
    : [
        { in: "src/widget.ts", out: "widget" },
        { in: "src/standalone.ts", out: "standalone" },
        { in: "src/styles/widget.css", out: "widget" },
      ],
  outdir: development ? "dev/out" : "../kanwidget/static",
  bundle: true,
  format: "esm",
  target: ["es2022", "chrome105", "firefox110", "safari16"],
  // for the styles: Chrome 120, Firefox 117 and Safari 17.2 read nested rules
  supported: { nesting: true },
  minify: !development,
  charset: "utf8",
  // shorter names of the same numbers
  define: { "Number.NaN": "NaN", "Number.POSITIVE_INFINITY": "Infinity" },
  // shorter than the calls of the automatic runtime, which name the children of each element
  jsx: "transform",
  jsxFactory: "createElement",
  jsxFragment: "Fragment",
  inject: ["src/elements.ts"],
  // its JSX is that of the tests and of the checks of types
  tsconfigRaw: {},
  loader: { ".woff2": "dataurl" },
  legalComments: "none",
  logLevel: sizes ? "warning" : "info",
  metafile: sizes,
  write: !sizes,
  plugins: [apart],
});

const bundled = ["katex", "preact", "@preact/signals", "@preact/signals-core"];

async function writeLicences() {
  const texts = bundled.map(
    async (name) => `${name}\n\n${await readFile(`node_modules/${name}/LICENSE`, "utf8")}`,
  );
  await writeFile("../kanwidget/static/licenses.txt", (await Promise.all(texts)).join("\n\n"));
}

/** Tells how many bytes a notebook is served in all, and how many of them are our own code, styles and texts. */
function tellSizes({ outputs }) {
  const built = Object.entries(outputs)
    .filter(([path]) => !path.includes("standalone"))
    .map(([, output]) => output);
  const parts = built.flatMap(({ inputs }) => Object.entries(inputs));
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  const of = (which) =>
    sum(parts.filter(([path]) => which.test(path)).map(([, { bytesInOutput }]) => bytesInOutput));
  console.log(
    JSON.stringify({
      all: sum(built.map(({ bytes }) => bytes)),
      code: of(/^src\/(?!words\/|styles\/)/),
      styles: of(/^src\/styles\//),
      texts: of(/^src\/words\//),
    }),
  );
}

if (sizes) {
  tellSizes((await task.rebuild()).metafile);
  await task.dispose();
} else if (watch) {
  await task.watch();
} else {
  await task.rebuild();
  await task.dispose();
  if (!development) await writeLicences();
}
