import { lossText } from "../format.ts";
import { useView } from "../view.ts";

export function Summary() {
  const { state, t } = useView();
  const { edges, alive, symbolic, val_loss, test_loss, outside } = state.traits.summary.value;
  return (
    <>
      <ul class="kw-summary" data-testid="summary">
        <li>{t("edgesAlive", { alive, edges })}</li>
        <li>{t("symbolic", { count: symbolic })}</li>
        {val_loss !== null && <li>{t("valLoss", { loss: lossText(val_loss) })}</li>}
        {test_loss !== null && <li>{t("testLoss", { loss: lossText(test_loss) })}</li>}
      </ul>
      {outside && <p class="kw-outside kw-warn">{outside}</p>}
    </>
  );
}
