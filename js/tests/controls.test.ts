import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { helloWorld } from "../dev/scenes.ts";
import { count, translator } from "../src/i18n.ts";
import { burstOf, lossAxis, pointsOf } from "../src/losses.ts";
import { Pace, timeLeft } from "../src/pace.ts";
import { CONTROLS } from "../src/panels/guide.tsx";
import { unmeasuredText } from "../src/panels/prune.tsx";
import { gridText } from "../src/panels/refine.tsx";
import { en } from "../src/words/en/index.ts";
import { languages } from "../src/words/index.ts";
import { commandsOf, obliging, press, settle, show } from "./page.ts";

describe("the time left", () => {
  it("is not known at first, then follows the pace", () => {
    const pace = new Pace();
    pace.note(1, 0);
    expect(pace.left(100, 0)).toBeNull();
    pace.note(2, 100);
    expect(pace.left(100, 100)).toBeNull();
    pace.note(11, 1000);
    expect(pace.left(100, 1000)).toBeCloseTo(8.9);
    expect(pace.left(100, 2000)).toBeCloseTo(7.9);
  });

  it("follows a pace that changes within some seconds, and starts anew with a new training", () => {
    const pace = new Pace();
    for (let k = 0; k <= 100; k++) pace.note(k, 10 * k);
    for (let k = 1; k <= 20; k++) pace.note(100 + k, 1000 + 1000 * k);
    expect(pace.left(130, 21_000)).toBeCloseTo(10, 0);
    pace.note(1, 30_000);
    expect(pace.left(100, 30_000)).toBeNull();
  });

  it("is said as roughly as it is known", () => {
    expect([0.2, 9.1, 13, 100, 4000].map(timeLeft)).toEqual([
      ["secondsLeft", 1],
      ["secondsLeft", 10],
      ["secondsLeft", 15],
      ["minutesLeft", 2],
      ["hoursLeft", 1],
    ]);
  });
});

describe("controls", () => {
  it("show ten million steps uncut, and take as many", async () => {
    const { model, find } = await show({ steps: 10_000_000 });
    const steps = find<HTMLInputElement>("steps");
    expect(steps.value).toBe("10000000");
    expect(steps.style.getPropertyValue("--kw-digits")).toBe("8");
    steps.value = "20000000";
    steps.dispatchEvent(new Event("input", { bubbles: true }));
    steps.dispatchEvent(new Event("change", { bubbles: true }));
    expect(model.get("steps")).toBe(20_000_000);
  });

  it("do one step: a training of its own, or one of that which runs", async () => {
    const { model, find } = await show({ steps: 50 }, obliging);
    find("step").click();
    model.set("status", "paused");
    await settle();
    find("step").click();
    expect(commandsOf(model).map(({ command, args }) => [command, args.steps])).toEqual([
      ["train", 1],
      ["step", undefined],
    ]);
  });

  it("set slow motion, threads, theme and palette, and show what others set", async () => {
    const { model, el, find } = await show({ cores: 4, slow: 3 });
    const slow = find<HTMLSelectElement>("slow");
    expect([...slow.options].map(({ text }) => text)).toContain("3 s a step");
    choose(slow, "0.5");
    expect(model.get("slow")).toBe(0.5);
    find("settings").click();
    await settle();
    choose(find("threads"), "3");
    choose(find("theme"), "contrast");
    choose(find("palette"), "okabe-ito");
    await settle();
    expect([model.get("threads"), model.get("theme"), model.get("palette")]).toEqual([
      3,
      "contrast",
      "okabe-ito",
    ]);
    const root = el.querySelector<HTMLElement>(".kanwidget");
    expect(root?.dataset).toMatchObject({ theme: "contrast", palette: "okabe-ito" });
    find("motion").click();
    expect(root?.hasAttribute("data-still")).toBe(true);
    press(find("settings-panel"), "Escape");
    await settle();
    expect(el.querySelector('[data-testid="settings-panel"]')).toBeNull();
    expect(document.activeElement).toBe(find("settings"));
  });

  it("are all explained, each in a sentence", async () => {
    const { find } = await show();
    find("settings").click();
    await settle();
    find("open-guide").click();
    await settle();
    const page = find("guide").textContent ?? "";
    const explained = new Set(CONTROLS.flatMap(([, controls]) => controls.map(([name]) => name)));
    expect(explained.size).toBeGreaterThan(25);
    for (const [, controls] of CONTROLS)
      for (const [name, help] of controls) expect(page).toContain(`${en[name]}${en[help]}`);
    press(find("guide"), "Escape");
    await settle();
    expect(() => find("guide")).toThrow();
  });
});

const REFINED = {
  grid: [5, 5],
  parameters: [210, 285],
  seconds: [0.0012, 0.0015],
  difference: 2e-16,
  size: 7.3,
  edge: [0, 0, 0],
  x: [0, 0.5, 1],
  y: [0, 1, 0],
  old: [0, 0.5, 1],
  new: [0, 0.25, 0.5, 0.75, 1],
};

describe("the grid", () => {
  const summary = {
    ...{ edges: 15, alive: 15, symbolic: 0, outside: "", grid: [5, 5] },
    ...{ train_loss: 0.1, val_loss: 0.1, test_loss: 0.1 },
  };
  const kernel = (message: { id: number; command: string }, model: { reply: (...a: never[]) => void }) =>
    (model.reply as (id: number, reply: unknown) => void)(message.id, {
      ok: true,
      result: message.command === "preview_refine" ? REFINED : undefined,
    });

  it("is refined after a look at what that brings and costs", async () => {
    const { model, find } = await show({ summary }, kernel as never);
    find("grid").click();
    await settle();
    expect(find<HTMLInputElement>("new-grid").value).toBe("10");
    await vi.waitFor(() => expect(find("refine-preview").textContent).toMatch(/210 → 285/));
    expect(find("refine-preview").textContent).toMatch(/at most 2e-16.*1\.2 → 1\.5 ms/s);
    find("refine-now").click();
    await settle();
    expect(commandsOf(model)).toEqual([
      { command: "preview_refine", args: { new_grid: 10 } },
      { command: "act", args: { method: "refine", values: { new_grid: 10 } } },
    ]);
    expect(() => find("refine")).toThrow();
    expect(document.activeElement).toBe(find("grid"));
  });

  it("says which sizes it takes", async () => {
    const { model, find } = await show({ summary }, kernel as never);
    find("grid").click();
    await settle();
    const size = find<HTMLInputElement>("new-grid");
    for (const wrong of ["5", "1001", "7.5", "many", ""]) {
      size.value = wrong;
      size.dispatchEvent(new Event("input", { bubbles: true }));
      await settle();
      expect(find("refine-preview").textContent).toBe("A whole number from 6 to 1,000 is needed.");
      expect(find("refine-now").getAttribute("aria-disabled")).toBe("true");
      find("refine-now").click();
    }
    expect(commandsOf(model)).toEqual([]);
  });

  it("is one number where all layers have the same", () => {
    expect([[], [5, 5], [3, 10, 5]].map(gridText)).toEqual(["–", "5", "3–10"]);
  });
});

describe("a kernel that is gone", () => {
  it("is noticed while it trains, said on the button, and found again", async () => {
    let alive = false;
    const { model, find } = await show({ steps: 50 }, (message, m) => {
      if (alive) m.reply(message.id, { ok: true });
    });
    vi.useFakeTimers();
    try {
      model.set("step", 3);
      model.set("status", "training");
      await vi.advanceTimersByTimeAsync(100);
      expect(find("train").textContent).toMatch(/^Stop/);
      await vi.advanceTimersByTimeAsync(7000);
      expect(model.sent.map(({ command }) => command)).toEqual(["ping"]);
      expect(find("train").textContent).toBe("No answerask again");
      expect(find("train").dataset.state).toBe("lost");
      expect(find("message").textContent).toMatch(/does not answer/);
      alive = true;
      find("train").click();
      await vi.advanceTimersByTimeAsync(100);
      expect(find("train").textContent).toMatch(/^Stop/);
      expect(find("message").dataset.kind).toBe("");
      alive = false;
      model.tell("comm_live_update");
      await vi.advanceTimersByTimeAsync(3100);
      expect(find("train").dataset.state).toBe("lost");
      model.set("step", 9);
      await vi.advanceTimersByTimeAsync(100);
      expect(find("train").dataset.state).toBe("training");
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("the prune slider", () => {
  const typed = async (field: HTMLInputElement, text: string) => {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await settle();
  };

  it("takes a number to type: it previews, Enter prunes, Escape takes it back", async () => {
    const { model, find } = await show({ prune_threshold: 0.01 }, obliging);
    const field = find<HTMLInputElement>("prune-threshold");
    expect(field.value).toBe("0.01");
    await typed(field, "0.5");
    expect(find("prune-preview").textContent).toMatch(/^Would remove 12 of 15 edges/);
    press(field, "Escape");
    await settle();
    expect(find("prune-preview").dataset.active).toBe("false");
    expect([field.value, model.sent.length]).toEqual(["0.01", 0]);
    await typed(field, "much");
    press(field, "Enter");
    await settle();
    expect(find("message").textContent).toBe('Prune threshold must be a number, 0 or more, got "much".');
    await typed(field, "0.5");
    press(field, "Enter");
    await settle();
    expect(commandsOf(model)).toEqual([{ command: "prune", args: { threshold: 0.5, metric: "backward" } }]);
    expect(model.get("prune_threshold")).toBe(0.5);
  });

  it("reads the cost at the pointer", async () => {
    const { el } = await show();
    const curve = el.querySelector(".kw-cost svg") as SVGSVGElement;
    curve.dispatchEvent(new PointerEvent("pointermove", { clientX: 890, bubbles: true }));
    await settle();
    expect(el.querySelector(".kw-cost-read")?.textContent).toMatch(/^at 0\.9\d*: −1[45] edges, loss /);
  });

  it("says why there is no curve of costs", () => {
    const t = translator("en");
    const small = helloWorld();
    const without = { ...small, meta: { ...small.meta, prune: { threshold: [], loss: [], removed: [] } } };
    expect(unmeasuredText(small, false, t)).toBe("");
    expect(unmeasuredText(without, true, t)).toMatch(/when the training ends/);
    const large = { ...without, meta: { ...without.meta, unmeasured_above: 400 } };
    expect(unmeasuredText(large, false, t)).toBe(
      "The cost is not measured in a network of more than 400 edges.",
    );
    const curve = { threshold: [0], loss: [null], removed: [0] };
    const counted = { ...small, meta: { ...small.meta, prune: curve, unmeasured_above: 400 } };
    expect(unmeasuredText(counted, true, t)).toMatch(/more than 400 edges/);
  });
});

const LOSSES = {
  step: [1, 2, 3, 4, 5, 6],
  train: [1, 0.5, 0.1, 0.2, 0.05, 0.01],
  val: [1.1, 0.6, 0.2, 0.3, null as never, 0.02],
  penalty: [0.3, 0.2, 0.1, 0, 0, 0],
  events: [
    { step: 3, label: "prune at 0.03", command: "prune" },
    { step: 0, label: "remove edge (0, 0, 1)", command: "remove_edge" },
  ],
  burst: 4,
};

describe("the loss plot", () => {
  it("is logarithmic or linear, and shows the last training alone", async () => {
    const { el, find } = await show({ losses: LOSSES });
    const axis = () => [...el.querySelectorAll(".kw-losses .kw-tick")].map(({ textContent }) => textContent);
    expect(axis()).toContain("0.1");
    find("loss-log").click();
    await settle();
    expect(axis()).toContain("0");
    find("loss-burst").click();
    await settle();
    expect(axis()).toContain("4");
    expect(axis()).not.toContain("1");
  });

  it("reads values and actions by keys", async () => {
    const { find } = await show({ losses: LOSSES });
    const chart = find("loss-chart");
    press(chart, "End");
    await settle();
    expect(find("loss-values").textContent).toMatch(/train 0\.0100.*validation 0\.0200/);
    press(chart, "ArrowLeft", { ctrlKey: true });
    await settle();
    expect(find("loss-read").textContent).toBe("step 3: prune at 0.03");
    press(chart, "ArrowRight");
    await settle();
    expect(find("loss-read").textContent).toMatch(/^step 4/);
    press(chart, "Escape");
    await settle();
    expect(() => find("loss-read")).toThrow();
  });

  it("has a table with every action", async () => {
    const { el, find } = await show({ losses: LOSSES });
    find("loss-table").click();
    await settle();
    const rows = [...el.querySelectorAll(".kw-loss-table tbody tr")].map(({ textContent }) => textContent);
    expect(rows).toHaveLength(8);
    expect(rows[1]).toBe("actionremove edge (0, 0, 1)");
    expect(rows[4]).toBe("actionprune at 0.03");
  });

  it("leaves gaps where there are no numbers", () => {
    const axis = lossAxis(pointsOf(LOSSES), true);
    expect(axis.place(null)).toBeNull();
    expect(axis.place(0)).toBeNull();
    expect(axis.place(LOSSES.train[0])).toBeLessThan(1);
    expect(lossAxis(pointsOf(LOSSES), false).place(0)).toBe(0);
    expect(lossAxis([], true).place(1)).not.toBeNaN();
    expect(burstOf(LOSSES).step).toEqual([4, 5, 6]);
    expect(burstOf({ ...LOSSES, burst: undefined }).step).toHaveLength(6);
  });
});

describe("words", () => {
  const folder = "src/words/en";
  const files = readdirSync(folder).filter((name) => name !== "index.ts");

  it("are defined once", async () => {
    const seen = new Map<string, string>();
    for (const file of files) {
      for (const part of Object.values(await import(`../${folder}/${file}`)) as Record<string, string>[]) {
        for (const key of Object.keys(part)) {
          expect(seen.get(key), `${key} of ${file}`).toBeUndefined();
          seen.set(key, file);
        }
      }
    }
    expect([...seen.keys()].sort()).toEqual(Object.keys(en).sort());
  });

  it("of other languages have the keys and the holes of the English ones", () => {
    const holes = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();
    for (const { words } of Object.values(languages)) {
      for (const [key, text] of Object.entries(words)) {
        expect(Object.keys(en)).toContain(key);
        expect(holes(text)).toEqual(holes(en[key as keyof typeof en]));
      }
    }
  });

  it("are English where a language has none, with numbers as the language writes them", () => {
    expect(translator("ko")("edgesAlive", { alive: 1200, edges: 50_816 })).toBe("1,200 of 50,816 edges");
    expect([999, 12_000, 10_000_000].map((n) => count(n, "en"))).toEqual(["999", "12,000", "10M"]);
    expect(count(10_000_000, "zh")).toBe("1000万");
  });

  it("are all that panels show: no text stands in their sources", () => {
    for (const file of readdirSync("src/panels").filter((name) => name.endsWith(".tsx"))) {
      expect(literalTexts(readFileSync(`src/panels/${file}`, "utf8")), file).toEqual([]);
    }
  });

  it("in a source are found by that test", () => {
    expect(literalTexts('<p class="kw">Hello</p>')).toEqual(["Hello"]);
    expect(literalTexts('<p aria-label="Hello there" />')).toEqual(['aria-label="Hello there"']);
    expect(literalTexts('<p title={t("close")}>{t("x")} · ×</p>')).toEqual([]);
  });
});

/** Words between tags, and words in attributes that people read. */
function literalTexts(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/ .*$/gm, "");
  const attributes = [
    ...code.matchAll(/\b(?:aria-label|aria-description|title|placeholder|alt)="[^"]*[a-z]{2}[^"]*"/gi),
  ];
  const between = [
    ...code.matchAll(/(?:<\/?[a-z][\w.]*(?:\s[^<>{}]*?(?:\{[^{}]*\}[^<>{}]*?)*)?|[}"])\/?>([^<>{}]*)</gi),
  ]
    .map(([, text]) => text.trim())
    .filter((text) => /[a-z]{2}/i.test(text) && !/[=;()]/.test(text));
  return [...attributes.map(([text]) => text), ...between];
}

function choose(select: HTMLElement, value: string) {
  (select as HTMLSelectElement).value = value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}
