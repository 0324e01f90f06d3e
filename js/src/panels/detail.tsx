import { focusCanvas } from "../focus.ts";
import type { Translate } from "../i18n.ts";
import { consume } from "../roving.ts";
import { toScreen } from "../scene/camera.ts";
import type { Detail } from "../scene/detail.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { TextInput } from "./fields.tsx";
import { CLOSE } from "./icons.tsx";
import { at } from "./place.ts";

const FEWEST = 10;
const STEPS = 100;

/** Of a large network: which edges are drawn, and how many. */
export function DetailBar() {
  const { state, picture, t } = useView();
  const { detail } = picture;
  const { filter } = detail;
  const scene = state.shown.value;
  if (!scene || !detail.offered.value) return null;
  const wrong = detail.asked.value?.wrong;
  const isWrong = wrong !== undefined;
  const most = detail.most.value;
  // Equal steps of the slider are equal factors: 20 more of 60 matter, 20 more of 2,000 do not.
  const factor = Math.log(Math.max(2, scene.edges / FEWEST)) / STEPS;
  const line = wrong ? t(wrong.key, wrong.values) : drawnLine(detail, scene.meta.omitted, t);
  return (
    <div class="kw-detail">
      <span class="kw-filter" data-wrong={isWrong}>
        <TextInput
          fieldRef={(field) => {
            detail.search = () => field?.focus();
          }}
          testid="filter"
          placeholder={t("filter")}
          label={t("filter")}
          title={t("filterHelp")}
          aria-invalid={isWrong}
          value={filter.value}
          onText={(text) => {
            filter.value = text;
          }}
          onKeyDown={(event) => {
            const clears = event.key === "Escape";
            if (!clears && event.key !== "Enter") return;
            if (clears && filter.peek()) filter.value = "";
            else focusCanvas(event.currentTarget);
            consume(event);
          }}
        />
        {filter.value && (
          <Button
            words="filterClear"
            icon={CLOSE}
            onClick={(event) => {
              event.currentTarget.parentElement?.querySelector("input")?.focus();
              filter.value = "";
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
      <span class="kw-drawn" data-testid="drawn" data-wrong={isWrong} aria-live="polite">
        {line}
      </span>
    </div>
  );
}

function drawnLine(detail: Detail, omitted: number, t: Translate): string {
  const total = detail.total.value;
  const here = total - omitted;
  const part = detail.part.value?.edges.length ?? 0;
  const found = detail.matching.value?.length;
  if (found === undefined) {
    const which = part === total ? "drawnAll" : part >= here ? "drawnRest" : "drawnSome";
    return t(which, { drawn: part, total, omitted });
  }
  const drawn = Math.min(found, detail.most.value);
  const which = drawn === 0 ? "matchNone" : drawn < found ? "matchSome" : "matchAll";
  const line = t(which, { drawn, found, total });
  return omitted > 0 ? `${line}; ${t("matchHere", { here, total })}` : line;
}

/** At the end of a row of nodes: how many more there are, and the way to see them. */
export function Folds() {
  const { picture, t } = useView();
  const camera = picture.camera.value;
  return (
    <>
      {picture.layout.value?.folds.map(({ layer, count, isOpen, at: end }) => (
        <button
          key={layer}
          type="button"
          class="kw-fold"
          data-testid="fold"
          data-layer={layer}
          aria-expanded={isOpen}
          title={t("fold", { count })}
          style={at(toScreen(camera, end.x, end.y))}
          onClick={() => picture.detail.toggleFold(layer)}
        >
          {t(isOpen ? "unfolded" : "folded", { count })}
        </button>
      ))}
    </>
  );
}
