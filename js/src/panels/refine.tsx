import { useRef, useState } from "preact/hooks";
import type { RefinePreview } from "../commands.ts";
import { short } from "../format.ts";
import { consume } from "../roving.ts";
import { useView } from "../view.ts";
import { orRefusal, useAnswer } from "./asking.ts";
import { Button } from "./button.tsx";
import { extent, linear, polyline } from "./curves.ts";
import { TextInput } from "./fields.tsx";
import { Dropdown } from "./frame.tsx";
import { Opener } from "./opener.tsx";

const MOST = 1000;
const WAIT_MS = 200;
const WIDTH = 276;
const HEIGHT = 96;

/** The grid as it is; opens what makes it finer. */
export function GridField() {
  const { state, t } = useView();
  const grid = state.traits.summary.value.grid ?? [];
  const text = gridText(grid);
  return (
    <div class="kw-field">
      <span class="kw-label" title={t("gridHelp")}>
        {t("grid")}
      </span>
      <Opener
        class="kw-button kw-grid"
        testid="grid"
        aria-haspopup="dialog"
        aria-label={t("gridNow", { grid: text })}
        help={t("gridHelp")}
        disabled={grid.length === 0}
        opens={(close) => <Refine grid={grid} onClose={close} />}
      >
        {text}
        <span aria-hidden="true">▾</span>
      </Opener>
    </div>
  );
}

/** Intervals of all layers: one number where they are the same. */
export function gridText(grid: number[]): string {
  const sizes = [...new Set(grid)];
  if (sizes.length < 2) return sizes.length === 0 ? "–" : String(sizes[0]);
  return `${Math.min(...sizes)}–${Math.max(...sizes)}`;
}

interface RefineProps {
  grid: number[];
  onClose: () => void;
}

function Refine({ grid, onClose }: RefineProps) {
  const { state, actions, t } = useView();
  const finest = Math.max(...grid);
  const [wanted, setWanted] = useState(String(Math.min(MOST, 2 * finest)));
  const field = useRef<HTMLInputElement>(null);
  const number = Number(wanted);
  const isGood = (size: number) => Number.isInteger(size) && size > finest && size <= MOST;
  const good = isGood(number);
  const version = state.traits.history.value.current;

  // what was measured of another state says nothing of this one
  const about = good ? `${version} ${number}` : null;
  const answered = useAnswer(about, () => orRefusal(actions.previewRefine(number)), { wait: WAIT_MS });
  const preview = answered?.answer.found;
  const fault = answered?.about === about && answered?.answer.refusal;

  const refine = async () => {
    // what is typed right before Enter is not in `wanted` yet
    const size = Number(field.current?.value);
    if (!isGood(size)) return;
    if (await actions.run("act", { method: "refine", values: { new_grid: size } })) onClose();
  };
  return (
    <Dropdown testid="refine" label={t("refine")} onClose={onClose}>
      <div class="kw-refine">
        <div class="kw-refine-choice">
          <span>{gridText(grid)}</span>
          <span aria-hidden="true">→</span>
          <TextInput
            fieldRef={field}
            class="kw-number"
            inputMode="numeric"
            testid="new-grid"
            label={t("newGrid")}
            aria-invalid={!good}
            value={wanted}
            onText={setWanted}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              consume(event);
              void refine();
            }}
          />
          {[2, 3, 5].map((factor) => (
            <Button
              key={factor}
              look="quiet"
              disabled={factor * finest > MOST}
              aria-label={t("timesAsFine", { factor })}
              onClick={() => setWanted(String(factor * finest))}
            >
              ×{factor}
            </Button>
          ))}
        </div>
        <div class="kw-refine-told" aria-live="polite" data-testid="refine-preview">
          {fault || !good ? (
            <p class="kw-warn">{fault || t("acceptGrid", { least: finest + 1, most: MOST })}</p>
          ) : preview ? (
            <Told preview={preview} />
          ) : (
            <p class="kw-quiet-text">{t("measuring")}</p>
          )}
        </div>
        <div class="kw-menu-actions">
          <Button words="refineNow" look="primary" aria-disabled={!good || Boolean(fault)} onClick={refine} />
        </div>
      </div>
    </Dropdown>
  );
}

function Told({ preview }: { preview: RefinePreview }) {
  const { t } = useView();
  const { parameters, seconds, difference, size, edge } = preview;
  const change = ([from, to]: readonly (number | string)[]) => t("fromTo", { from, to });
  return (
    <>
      {edge && preview.old.length > 1 && <Intervals preview={preview} />}
      <p>
        {difference === null
          ? t("sameFunction")
          : t("sameMeasured", { difference: short(difference, 2), size: short(size) })}
      </p>
      <dl class="kw-facts">
        <dt>{t("parameters")}</dt>
        <dd>{change(parameters)}</dd>
        <dt>{t("passTime")}</dt>
        <dd>
          {seconds === null
            ? t("tooLargeToTry")
            : `${change(seconds.map((each) => short(1000 * each, 2)))} ms`}
        </dd>
      </dl>
    </>
  );
}

/** One curve, with the grid points as they are above it and as they would be below. */
function Intervals({ preview }: { preview: RefinePreview }) {
  const { t } = useView();
  const { x, y, old } = preview;
  const toX = linear(extent(old), 4, WIDTH - 4);
  const toY = linear(extent(y), 66, 16);
  const points = (values: number[], from: number, to: number) =>
    values.map((value) => `M${toX(value).toFixed(1)} ${from}V${to}`).join("");
  return (
    <svg class="kw-intervals" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img">
      <title>{t("intervals", { edge: preview.edge?.join(", ") ?? "" })}</title>
      {preview.new && <path class="kw-intervals-new" d={points(preview.new, 74, 84)} />}
      <path class="kw-intervals-old" d={points(old, 8, 90)} />
      <path class="kw-intervals-curve" d={polyline(x, y, toX, toY)} />
    </svg>
  );
}
