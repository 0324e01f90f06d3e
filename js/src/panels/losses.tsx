import { Fragment } from "preact";
import { useRef, useState } from "preact/hooks";
import { lossText } from "../format.ts";
import { burstOf, type Point, pointsOf } from "../losses.ts";
import { useView } from "../view.ts";
import { LossChart } from "./losschart.tsx";
import { useWidth } from "./width.ts";

/** Training, validation and penalty over all steps so far, with the actions marked. */
export function Losses() {
  const { state, t } = useView();
  const losses = state.traits.losses.value;
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [at, setAt] = useState<number | null>(null);
  const [logarithmic, setLogarithmic] = useState(true);
  const [burstOnly, setBurstOnly] = useState(false);
  const [asTable, setAsTable] = useState(false);
  const summary = state.traits.summary.value;
  const shown = burstOnly ? burstOf(losses) : losses;
  const points = pointsOf(shown);
  const pointed = at === null ? null : (points[Math.min(at, points.length - 1)] ?? null);
  const last = points[points.length - 1];
  const hasPenalty = points.some((point) => (point.penalty ?? 0) > 0);
  return (
    <section class="kw-card kw-losses" data-testid="losses">
      <header>
        <h3 title={t("lossHelp")}>{t("loss")}</h3>
        {points.length > 0 && (
          <span class="kw-toggles">
            <Toggle
              testid="loss-log"
              label={t("lossLog")}
              help={t("lossLogHelp")}
              on={logarithmic}
              set={setLogarithmic}
            />
            <Toggle
              testid="loss-burst"
              label={t("lossBurst")}
              help={t("lossBurstHelp")}
              on={burstOnly}
              set={setBurstOnly}
            />
            <Toggle
              testid="loss-table"
              label={t("lossTable")}
              help={t("lossTableHelp")}
              on={asTable}
              set={setAsTable}
            />
          </span>
        )}
        <span class="kw-keys" data-testid="loss-values">
          <span class="kw-key" data-series="train">
            {t("lossTrain")} <b>{lossText(pointed ? pointed.train : summary.train_loss)}</b>
          </span>
          <span class="kw-key" data-series="val">
            {t("lossVal")} <b>{lossText(pointed ? pointed.val : summary.val_loss)}</b>
          </span>
          {hasPenalty && (
            <span class="kw-key" data-series="penalty" title={t("lossPenaltyHelp")}>
              {t("lossPenalty")} <b>{lossText((pointed ?? last).penalty)}</b>
            </span>
          )}
        </span>
      </header>
      <div class="kw-chart" ref={box}>
        {points.length === 0 ? (
          <p class="kw-quiet-text">{t("lossEmpty")}</p>
        ) : asTable ? (
          <LossTable points={points} penalty={hasPenalty} />
        ) : (
          width > 0 && (
            <LossChart
              points={points}
              events={shown.events}
              width={width}
              logarithmic={logarithmic}
              pointed={at === null ? null : Math.min(at, points.length - 1)}
              onPoint={setAt}
            />
          )
        )}
      </div>
      <p class="kw-unseen" aria-live="polite">
        {pointed &&
          `${t("lossAt", { step: pointed.step })}: ${t("lossTrain")} ${lossText(pointed.train)}, ${t("lossVal")} ${lossText(pointed.val)}`}
      </p>
    </section>
  );
}

interface ToggleProps {
  testid: string;
  label: string;
  help: string;
  on: boolean;
  set: (on: boolean) => void;
}

function Toggle({ testid, label, help, on, set }: ToggleProps) {
  return (
    <button
      type="button"
      class="kw-toggle"
      data-testid={testid}
      aria-pressed={on}
      title={help}
      aria-description={help}
      onClick={() => set(!on)}
    >
      {label}
    </button>
  );
}

const ROWS = 40;

/** The same numbers to read one by one: about forty of the points, and each with an action. */
function LossTable({ points, penalty }: { points: Point[]; penalty: boolean }) {
  const { state, t } = useView();
  const { events } = state.traits.losses.value;
  const every = Math.max(1, Math.ceil(points.length / ROWS));
  const labels = (point: Point, k: number) =>
    events
      .filter(({ step }) => step <= point.step && step > (points[k - 1]?.step ?? Number.NEGATIVE_INFINITY))
      .map(({ label }) => label)
      .join(", ");
  const rows = points
    .map((point, k) => ({ point, action: labels(point, k), k }))
    .filter(({ k, action }) => k % every === 0 || k === points.length - 1 || action !== "");
  return (
    <div class="kw-loss-table" tabIndex={0}>
      <table>
        <caption class="kw-unseen">{t("lossAxis")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("lossStep")}</th>
            <th scope="col">{t("lossTrain")}</th>
            <th scope="col">{t("lossVal")}</th>
            {penalty && <th scope="col">{t("lossPenalty")}</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ point, action }) => (
            <Fragment key={point.step}>
              <tr>
                <th scope="row">{point.step}</th>
                <td>{lossText(point.train)}</td>
                <td>{lossText(point.val)}</td>
                {penalty && <td>{lossText(point.penalty)}</td>}
              </tr>
              {action !== "" && (
                <tr class="kw-loss-action">
                  <th scope="row">{t("lossEvent")}</th>
                  <td colSpan={penalty ? 3 : 2}>{action}</td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}
