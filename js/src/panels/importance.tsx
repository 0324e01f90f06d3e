import { opacity } from "../scene/marks.ts";
import { useView } from "../view.ts";

const METRICS = [
  ["backward", "metricBackward"],
  ["forward_n", "metricForwardN"],
  ["forward_u", "metricForwardU"],
] as const;

const SCORES = [0, 0.1, 0.2, 0.4, 0.8];

/** Which score the opacity shows, and how to read the canvas. */
export function Importance() {
  const { state, t } = useView();
  return (
    <section class="kw-card kw-importance">
      <header>
        <h3>{t("importance")}</h3>
      </header>
      <select
        class="kw-wide"
        data-testid="metric"
        aria-label={t("metric")}
        value={state.traits.metric.value}
        onChange={(event) => state.set("metric", event.currentTarget.value)}
      >
        {METRICS.map(([name, key]) => (
          <option key={name} value={name}>
            {t(key)}
          </option>
        ))}
      </select>
      <div class="kw-opacity" title={t("legendOpacity")}>
        {SCORES.map((score) => (
          <span key={score}>
            <svg viewBox="0 0 40 18" aria-hidden="true" style={{ opacity: opacity(score) }}>
              <path d="M2 14C12 14 12 4 20 4S28 14 38 6" />
            </svg>
            {score}
          </span>
        ))}
      </div>
      <ul class="kw-legend">
        <li data-kind="1">{t("legendNumeric")}</li>
        <li data-kind="2">{t("legendSymbolic")}</li>
        <li data-kind="3">{t("legendBoth")}</li>
        <li data-kind="0">{t("legendRemoved")}</li>
      </ul>
    </section>
  );
}
