import { useId } from "preact/hooks";
import type { Key } from "../i18n.ts";
import type { FrameMark } from "../scene/marks.ts";
import { signOf, wave } from "../scene/sign.ts";
import { opacity } from "../scene/weight.ts";
import { useView } from "../view.ts";
import { Select } from "./fields.tsx";

/** All of kanwidget.importance.METRICS: each with its name, and a sentence on what it measures. */
const METRICS = [
  ["backward", "Backward"],
  ["forward_n", "ForwardN"],
  ["forward_u", "ForwardU"],
] as const;

const SCORES = [0, 0.1, 0.2, 0.4, 0.8];

const BARS = Float32Array.from([2, 5, 9, 12, 13, 11, 7, 4], (height) => height / 36);
const SIGNS: [Key, Partial<FrameMark>][] = [
  ["legendNumeric", {}],
  ["legendSymbolic", { form: "symbolic" }],
  ["legendBoth", { form: "both" }],
  ["legendRemoved", { form: "removed", alpha: 0.7 }],
  ["legendLocked", { locked: true }],
  ["legendData", { bars: BARS }],
  ["legendOutside", { inside: [3, 8] }],
  ["legendBefore", { ghost: wave(6) }],
];

/** Which score the opacity shows, and how to read the canvas. */
export function Importance() {
  const { state, t } = useView();
  const says = useId();
  const metric = state.traits.metric.value;
  const named = METRICS.find(([name]) => name === metric)?.[1];
  return (
    <section class="kw-card kw-importance">
      <header>
        <h3>{t("importance")}</h3>
      </header>
      <Select
        of="metric"
        class="kw-wide"
        aria-label={t("metric")}
        aria-describedby={says}
        options={METRICS.map(([name, named]) => [name, t(`metric${named}`)])}
      />
      <p id={says} class="kw-metric-says" data-testid="metric-says">
        {named && t(`says${named}`)}
      </p>
      <figure class="kw-opacity" aria-label={t("legendOpacity")}>
        {SCORES.map((score) => (
          <span key={score}>
            <svg viewBox="0 0 40 18" aria-hidden="true" style={{ opacity: opacity(score) }}>
              <path d="M2 14C12 14 12 4 20 4S28 14 38 6" />
            </svg>
            {score}
          </span>
        ))}
      </figure>
      <ul class="kw-legend" data-testid="legend" aria-label={t("legend")}>
        {SIGNS.map(([key, special]) => (
          <li key={key}>
            <span dangerouslySetInnerHTML={{ __html: signOf(special) }} />
            {t(key)}
          </li>
        ))}
      </ul>
    </section>
  );
}
