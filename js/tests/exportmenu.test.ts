/** The menu of exports, by mouse and by keyboard. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { press, settle, show } from "./page.ts";

const files: { name: string; content: Blob }[] = [];

beforeEach(() => {
  files.length = 0;
  let last: Blob;
  vi.spyOn(URL, "createObjectURL").mockImplementation((content) => {
    last = content as Blob;
    return "blob:x";
  });
  vi.spyOn(URL, "revokeObjectURL").mockImplementation(() => {});
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    files.push({ name: this.download, content: last });
  });
  vi.spyOn(HTMLCanvasElement.prototype, "toBlob").mockImplementation((done) =>
    done(new Blob(["picture"], { type: "image/png" })),
  );
});

afterEach(() => vi.restoreAllMocks());

async function opened(answer?: Parameters<typeof show>[1]) {
  const shown = await show({}, answer);
  const button = shown.find<HTMLButtonElement>("export");
  button.focus();
  button.click();
  await settle();
  return { ...shown, button };
}

it("downloads the picture as SVG and as PNG under a name that tells what it is", async () => {
  const { find, button } = await opened();
  find("export-svg").click();
  await settle();
  expect(files[0].name).toBe("kan-2-5-1-step-0.svg");
  expect(await files[0].content.text()).toMatch(/^<svg .*<title>.*\[2, 5, 1\]/s);
  button.click();
  await settle();
  find("export-png").click();
  await settle();
  expect(files[1].name).toBe("kan-2-5-1-step-0.png");
  expect(files[1].content.type).toBe("image/png");
  expect(find("message").textContent).toContain("kan-2-5-1-step-0.png was downloaded");
});

it("asks the session for a page, with the values of the controls", async () => {
  const { find, model } = await opened((message, model) => {
    if (message.command === "export_page")
      model.reply(message.id, { ok: true, result: "<!doctype html>page" });
  });
  find("export-html").click();
  await settle();
  expect(model.sent.at(-1)).toMatchObject({ command: "export_page", args: { settings: { steps: 20 } } });
  expect(files[0].name).toBe("kan-2-5-1-step-0.html");
  expect(await files[0].content.text()).toContain("page");
});

it("says why a page could not be made", async () => {
  const { find } = await opened((message, model) =>
    model.reply(message.id, { ok: false, error: "the state was let go" }),
  );
  find("export-html").click();
  await settle();
  expect(files).toHaveLength(0);
  expect(find("message").textContent).toContain("the state was let go");
});

it("is walked by arrow keys, and Escape gives the focus back", async () => {
  const { find, button, el } = await opened();
  const focused = () => document.activeElement?.getAttribute("data-testid");
  expect(focused()).toBe("export-svg");
  press(find("export-svg"), "ArrowUp");
  expect(focused()).toBe("export-html");
  press(find("export-html"), "ArrowDown");
  press(find("export-svg"), "End");
  expect(focused()).toBe("export-html");
  press(find("export-html"), "Escape");
  await settle();
  expect(el.querySelector("[role=menu]")).toBeNull();
  expect(document.activeElement).toBe(button);
  expect(button.getAttribute("aria-expanded")).toBe("false");
});
