import { expect, it } from "vitest";
import { draw, gallery } from "./gallery/gallery.ts";

const PREFACE = `Trained networks (\`make.py\`), drawn by the code that paints the canvas and exports pictures. The tests compare
each with what is drawn now; \`npm run gallery\` draws them anew after a wanted change. Look at those that have changed.`;

/** After a wanted change of the pictures: `npm run gallery`, then look at those that have changed. */
it.each(Object.keys(gallery))("%s is drawn as it was reviewed", async (name) => {
  await expect(draw(name)).toMatchFileSnapshot(`./gallery/${name}.svg`);
});

it("is shown as a page of pictures", async () => {
  const pictures = Object.keys(gallery).map((name) => `### ${name.replaceAll("-", " ")}\n\n![](${name}.svg)`);
  const page = ["# Networks as the widget draws them", PREFACE, ...pictures].join("\n\n");
  await expect(`${page}\n`).toMatchFileSnapshot("./gallery/README.md");
});

it("has pictures enough", () => {
  expect(Object.keys(gallery).length).toBeGreaterThanOrEqual(30);
});
