import { Fragment } from "preact";
import { useRef, useState } from "preact/hooks";
import { lossText } from "../format.ts";
import { burstOf, type Point, pointsOf, type Series } from "../losses.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { LossChart } from "./losschart.tsx";
import { useWidth } from "./width.ts";

const LABELS = { train: "lossTrain", val: "lossVal", penalty: "lossPenalty" } as const;
const TOGGLES = ["lossLog", "lossBurst", "lossTable"] as const;

/** Training, validation and penalty over all steps so far, with the actions marked. */
export function Losses() {
  const { state, t } = useView();
  const losses = state.traits.losses.value;
  const { train_loss: train, val_loss: val } = state.traits.summary.value;
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [at, setAt] = useState<number | null>(null);
  const [on, turn] = useState({ lossLog: true, lossBurst: false, lossTable: false });
  const shown = on.lossBurst ? burstOf(losses) : losses;
  const points = pointsOf(shown);
  const last = points.length - 1;
  const index = at === null || last < 0 ? null : Math.min(at, last);
  const pointed = index === null ? null : points[index];
  const now: Partial<Point> = pointed ?? { ...points[last], train, val };
  const series: Series[] = points.some(({ penalty }) => penalty && penalty > 0)
    ? ["train", "val", "penalty"]
    : ["train", "val"];
  return (
    <section class="kw-card kw-losses" data-testid="losses">
      <header>
        <h3 title={t("lossHelp")}>{t("loss")}</h3>
        {last >= 0 && (
          <span class="kw-toggles">
            {TOGGLES.map((name) => (
              <Button
                key={name}
                class="kw-toggle"
                words={name}
                pressed={on[name]}
                help={t(`${name}Help`)}
                onClick={() => turn({ ...on, [name]: !on[name] })}
              />
            ))}
          </span>
        )}
        <span class="kw-keys" data-testid="loss-values">
          {series.map((name) => (
            <span
              key={name}
              class="kw-key"
              data-series={name}
              title={name === "penalty" ? t("lossPenaltyHelp") : undefined}
            >
              {t(LABELS[name])} <b>{lossText(now[name])}</b>
            </span>
          ))}
        </span>
      </header>
      <div class="kw-chart" ref={box}>
        {last < 0 ? (
          <p class="kw-quiet-text">{t("lossEmpty")}</p>
        ) : on.lossTable ? (
          <LossTable points={points} series={series} />
        ) : (
          width > 0 && (
            <LossChart
              points={points}
              events={shown.events}
              width={width}
              logarithmic={on.lossLog}
              pointed={index}
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

const ROWS = 40;

/** The same numbers to read one by one: about forty of the points, and each with an action. */
function LossTable({ points, series }: { points: Point[]; series: Series[] }) {
  const { state, t } = useView();
  const { events } = state.traits.losses.value;
  const every = Math.max(1, Math.ceil(points.length / ROWS));
  const actionAt = (k: number) =>
    events
      .filter(({ step }) => step <= points[k].step && !(step <= points[k - 1]?.step))
      .map(({ label }) => label)
      .join(", ");
  return (
    <div class="kw-loss-table" tabIndex={0}>
      <table>
        <caption class="kw-unseen">{t("lossAxis")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("lossStep")}</th>
            {series.map((name) => (
              <th key={name} scope="col">
                {t(LABELS[name])}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {points.map((point, k) => {
            const action = actionAt(k);
            if (k % every !== 0 && k < points.length - 1 && action === "") return null;
            return (
              <Fragment key={point.step}>
                <tr>
                  <th scope="row">{point.step}</th>
                  {series.map((name) => (
                    <td key={name}>{lossText(point[name])}</td>
                  ))}
                </tr>
                {action !== "" && (
                  <tr class="kw-loss-action">
                    <th scope="row">{t("lossEvent")}</th>
                    <td colSpan={series.length}>{action}</td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
