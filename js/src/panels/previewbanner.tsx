import { lossText } from "../format.ts";
import { useView } from "../view.ts";

/** Says over the canvas that what is seen there is a past state, and how to leave it. */
export function PreviewBanner() {
  const { state, t } = useView();
  const preview = state.preview.value;
  if (!preview) return null;
  const node = state.traits.history.value.nodes.find(({ id }) => id === preview.id);
  const loss = node?.val ?? node?.train;
  return (
    <p class="kw-preview-banner" data-testid="preview" data-step={preview.id}>
      <strong>{t("previewing", { step: preview.id, label: node?.label ?? "" })}</strong>
      {loss !== undefined && <span>{lossText(loss)}</span>}
      <span>{t("previewWays")}</span>
    </p>
  );
}
