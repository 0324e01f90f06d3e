/** The theme of the page around the widget, as different pages announce it. */
import { afterEach, describe, expect, it } from "vitest";
import { hostTheme } from "../src/theme.ts";

const { body, documentElement: html } = document;

afterEach(() => {
  body.className = html.className = "";
  for (const element of [body, html]) {
    for (const name of ["theme", "data-theme", "data-jp-theme-light"]) element.removeAttribute(name);
  }
});

describe("the theme of the page around", () => {
  it.each([
    ["JupyterLab", () => body.setAttribute("data-jp-theme-light", "false")],
    ["VS Code", () => body.classList.add("vscode-dark")],
    ["Colab", () => html.setAttribute("theme", "dark")],
    ["a class on the body", () => body.classList.add("dark")],
    ["a class on the page", () => html.classList.add("dark")],
    ["data-theme", () => body.setAttribute("data-theme", "dark")],
  ])("%s says dark", (_, say) => {
    expect(hostTheme()).toBe("light");
    say();
    expect(hostTheme()).toBe("dark");
  });

  it("is what Jupyter says, whatever else stands there", () => {
    body.setAttribute("data-jp-theme-light", "true");
    body.classList.add("dark");
    expect(hostTheme()).toBe("light");
  });
});
