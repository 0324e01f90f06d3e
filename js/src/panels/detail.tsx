import { focusCanvas } from "../focus.ts";
import type { Translate } from "../i18n.ts";
import { toScreen } from "../scene/camera.ts";
import type { Detail } from "../scene/detail.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { CLOSE } from "./icons.tsx";

const FEWEST = 10;
const STEPS = 100;

/** Of a large network: which edges are drawn, and how many. */
export function DetailBar() {
  const { state, picture, t } = useView();
  const { detail } = picture;
  const scene = state.shown.value;
  if (!scene || !detail.offered.value) return null;
  const wrong = detail.asked.value?.wrong;
  const most = detail.most.value;
  // Equal steps of the slider are equal factors: 20 more of 60 matter, 20 more of 2,000 do not.
  const factor = Math.log(Math.max(2, scene.edges / FEWEST)) / STEPS;
  const line = wrong ? t(wrong.key, wrong.values) : drawnLine(detail, scene.meta.omitted, t);
  return (
    <div class="kw-detail">
      <span class="kw-filter" data-wrong={Boolean(wrong)}>
        <input
          ref={(field: HTMLInputElement | null) => {
            detail.search = () => field?.focus();
          }}
          type="text"
          data-testid="filter"
          placeholder={t("filter")}
          aria-label={t("filter")}
          title={t("filterHelp")}
          aria-invalid={Boolean(wrong)}
          spellcheck={false}
          autocomplete="off"
          value={detail.filter.value}
          onInput={(event) => {
            detail.filter.value = event.currentTarget.value;
          }}
          onKeyDown={(event) => {
            if (event.key === "Escape" && detail.filter.peek() !== "") detail.filter.value = "";
            else if (event.key === "Escape" || event.key === "Enter") focusCanvas(event.currentTarget);
            else return;
            event.preventDefault();
            event.stopPropagation();
          }}
        />
        {detail.filter.value !== "" && (
          <Button
            icon={CLOSE}
            title={t("filterClear")}
            testid="filter-clear"
            onClick={(event) => {
              event.currentTarget.parentElement?.querySelector("input")?.focus();
              detail.filter.value = "";
            }}
          />
        )}
      </span>
      <input
        type="range"
        class="kw-most"
        data-testid="most-edges"
        title={t("most")}
        aria-label={t("most")}
        aria-valuetext={String(most)}
        min={0}
        max={STEPS}
        step={1}
        value={Math.round(Math.log(Math.max(1, most / FEWEST)) / factor)}
        onInput={(event) => {
          const at = event.currentTarget.valueAsNumber;
          detail.wanted.value = at >= STEPS ? scene.edges : Math.round(FEWEST * Math.exp(factor * at));
        }}
      />
      <span class="kw-drawn" data-testid="drawn" data-wrong={Boolean(wrong)} aria-live="polite">
        {line}
      </span>
    </div>
  );
}

function drawnLine(detail: Detail, omitted: number, t: Translate): string {
  const total = count(detail.total.value);
  const part = detail.part.value?.edges.length ?? 0;
  const matching = detail.matching.value;
  if (matching) {
    const drawn = Math.min(matching.length, detail.most.value);
    const found = count(matching.length);
    let line: string;
    if (drawn === 0) line = t("matchNone", { total });
    else if (drawn < matching.length) line = t("matchSome", { drawn: count(drawn), found });
    else line = t("matchAll", { drawn: found, total });
    const here = count(detail.total.value - omitted);
    return omitted > 0 ? `${line}; ${t("matchHere", { here, total })}` : line;
  }
  if (part === detail.total.value) return t("drawnAll", { total });
  if (part >= detail.total.value - omitted) {
    return t("drawnRest", { drawn: count(part), total, omitted: count(omitted) });
  }
  return t("drawnSome", { drawn: count(part), total });
}

/** 50816 as 50,816. */
function count(value: number): string {
  return value.toLocaleString("en");
}

/** At the end of a row of nodes: how many more there are, and the way to see them. */
export function Folds() {
  const { picture, t } = useView();
  const layout = picture.layout.value;
  if (!layout || layout.folds.length === 0) return null;
  const camera = picture.camera.value;
  return (
    <>
      {layout.folds.map(({ layer, count: more, isOpen, at }) => {
        const { x, y } = toScreen(camera, at.x, at.y);
        return (
          <button
            key={layer}
            type="button"
            class="kw-fold"
            data-testid="fold"
            data-layer={layer}
            aria-expanded={isOpen}
            title={t("fold", { count: count(more) })}
            style={{ left: `${x}px`, top: `${y}px` }}
            onClick={() => picture.detail.toggleFold(layer)}
          >
            {t(isOpen ? "unfolded" : "folded", { count: count(more) })}
          </button>
        );
      })}
    </>
  );
}
