import { describe, expect, it } from "vitest";
import { settle, show } from "./page.ts";

describe("the importance of edges", () => {
  it("is measured as the person chooses, and says what that is", async () => {
    const { model, find } = await show({ metric: "backward" });
    const says = () => find("metric-says").textContent;
    const choose = async (metric: string) => {
      const select = find<HTMLSelectElement>("metric");
      select.value = metric;
      select.dispatchEvent(new Event("change", { bubbles: true }));
      await settle();
    };
    expect(says()).toMatch(/^How much of the outputs/);
    await choose("forward_u");
    expect(model.get("metric")).toBe("forward_u");
    expect(says()).toMatch(/own units\.$/);
    expect(find("metric").getAttribute("aria-describedby")).toBe(find("metric-says").id);
  });

  it("has a legend that draws what it names as the canvas does", async () => {
    const { find } = await show();
    const signs = [...find("legend").querySelectorAll("li")];
    expect(signs.map((sign) => sign.textContent?.trim())).toEqual([
      ...["spline", "function", "both", "removed", "locked"],
      ...["its data", "beyond its grid", "as it was before"],
    ]);
    expect(new Set(signs.map((sign) => sign.querySelector("svg")?.innerHTML)).size).toBe(signs.length);
    expect(signs[0].querySelector("svg")?.getAttribute("aria-hidden")).toBe("true");
  });
});
