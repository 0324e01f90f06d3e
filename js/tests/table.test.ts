import { describe, expect, it } from "vitest";
import { helloWorld, wide } from "../dev/scenes.ts";
import { translator } from "../src/i18n.ts";
import { type Column, pressed, rowsOf, sorted } from "../src/table.ts";
import { commandsOf, obliging, press, settle, show } from "./page.ts";

async function table() {
  const page = await show({}, obliging);
  page.find("table-toggle").click();
  await settle();
  const rows = () => [...page.el.querySelectorAll<HTMLElement>("tbody tr")];
  return { ...page, rows, edges: () => rows().map((row) => row.dataset.edge) };
}

describe("the table of edges", () => {
  it("is there when it is asked for, with a caption and a row for each edge", async () => {
    const { find, rows, el } = await table();
    expect(find("table-toggle").getAttribute("aria-pressed")).toBe("true");
    expect(find("table").querySelector("caption")?.textContent).toBe("Edges of the network: 15");
    expect(rows()).toHaveLength(15);
    const cells = [...rows()[0].children].map((cell) => cell.textContent);
    expect(cells.slice(1, 9)).toEqual(["(0, 0, 0)", "x₁", "h₀", "spline", "", "0.95", "+0.361", ""]);
    find("table-toggle").click();
    await settle();
    expect(el.querySelector('[data-testid="table"]')).toBeNull();
  });

  it("comes before the canvas for who walks with Tab", async () => {
    const { find, canvas } = await show();
    const before = find("table-toggle").compareDocumentPosition(canvas) & Node.DOCUMENT_POSITION_FOLLOWING;
    expect(before).toBeTruthy();
  });

  it("is sorted by its heads, and says so", async () => {
    const { find, edges } = await table();
    find("sort-score").click();
    await settle();
    expect(find("sort-score").closest("th")?.getAttribute("aria-sort")).toBe("descending");
    expect(edges().slice(0, 3)).toEqual(["0,0,0", "0,1,0", "1,0,0"]);
    find("sort-score").click();
    await settle();
    expect(edges().slice(-3)).toEqual(["0,0,0", "0,1,0", "1,0,0"]);
  });

  it("keeps in step with the canvas", async () => {
    const { model, canvas, rows, find } = await table();
    press(canvas, "ArrowRight");
    await settle();
    expect(rows().filter((row) => row.getAttribute("aria-current"))[0].dataset.edge).toBe("0,0,0");
    rows()[3].click();
    expect(model.get("selected")).toEqual([0, 0, 3]);
    rows()[4].querySelector<HTMLInputElement>("input")?.click();
    await settle();
    expect(find("bulk").dataset.count).toBe("1");
    rows()[5].querySelector<HTMLElement>("th button")?.click();
    await settle();
    expect(find("edge-menu").dataset.edge).toBe("0,1,0");
  });

  it("removes, restores and locks", async () => {
    const { model, rows } = await table();
    const act = (row: number, n: number) =>
      rows()[row].querySelectorAll<HTMLElement>("td:last-child button")[n].click();
    act(0, 0);
    act(1, 1);
    model.setScene(helloWorld(1, 2, {}, ["0,0,0"], ["0,0,1"]));
    await settle();
    expect(rows()[0].textContent).toContain("removed");
    expect(rows()[1].children[8].textContent).toBe("yes");
    act(0, 0);
    act(1, 1);
    expect(commandsOf(model)).toEqual([
      { command: "remove_edge", args: { edge: [0, 0, 0] } },
      { command: "lock_edges", args: { edges: [[0, 0, 1]] } },
      { command: "restore_edge", args: { edge: [0, 0, 0] } },
      { command: "unlock_edges", args: { edges: [[0, 0, 1]] } },
    ]);
  });

  it("is walked down its columns with arrow keys", async () => {
    const { rows } = await table();
    const boxes = rows().map((row) => row.querySelector("input") as HTMLInputElement);
    boxes[0].focus();
    expect(press(boxes[0], "ArrowDown").defaultPrevented).toBe(true);
    expect(document.activeElement).toBe(boxes[1]);
    press(boxes[1], "ArrowUp");
    expect(document.activeElement).toBe(boxes[0]);
  });

  it("shows 200 rows at a time, and the page of the edge that is selected", async () => {
    const { model, rows, find } = await table();
    model.setScene(wide([20, 20, 1], 2));
    await settle();
    expect(rows()).toHaveLength(200);
    expect(find("table").textContent).toContain("1 to 200 of 420");
    find("table-next").click();
    await settle();
    expect(rows()[0].dataset.edge).toBe("0,10,0");
    model.set("selected", [1, 5, 0]);
    await settle();
    expect(rows()).toHaveLength(20);
    expect(rows().some((row) => row.getAttribute("aria-current"))).toBe(true);
  });
});

it("rows are sorted by every column both ways, with what is not known last", () => {
  const scene = helloWorld(1, 1, { "0,0,0": "sin", "1,0,0": "exp" }, ["0,1,4"], ["0,0,3"]);
  scene.r2.fill(Number.NaN).set([0.9]);
  const rows = rowsOf(scene, translator("en"));
  const columns: Column[] = ["edge", "from", "to", "kind", "r2", "score", "cost", "locked"];
  for (const column of columns) {
    const order = { column, descending: true };
    const down = sorted(rows, order);
    const up = sorted(rows, pressed(order, column));
    expect(down).toHaveLength(15);
    if (column === "cost" || column === "r2") {
      for (const ordered of [down, up]) expect(ordered[14][column]).toBeNaN();
    } else expect(up[0][column]).toEqual(down[14][column]);
  }
  expect(sorted(rows, { column: "locked", descending: true })[0].edge).toEqual([0, 0, 3]);
  expect(sorted(rows, { column: "r2", descending: true })[0].edge).toEqual([0, 0, 0]);
});
