import { nodeLines, nodeName } from "../describe.ts";
import { isRemovedNode } from "../protocol.ts";
import { useView } from "../view.ts";
import { Popover } from "./popover.tsx";

/** What can be done with a node: take it out with all its edges, or bring it back. */
export function NodeMenu({ layer, node }: { layer: number; node: number }) {
  const { state, actions, picture, t } = useView();
  const scene = state.scene.value;
  const point = picture.nodePoint(layer, node);
  if (!scene || !point) return null;
  const removed = isRemovedNode(scene, layer, node);
  const act = async () => {
    if (await actions.toggleNode(layer, node)) actions.close();
  };
  return (
    <Popover
      testid="node-menu"
      label={t("node", { index: `${layer}, ${node}` })}
      anchor={{ x: point.x - 8, y: point.y - 8, width: 16, height: 16 }}
    >
      <p class="kw-menu-line">
        <strong>{nodeName(scene, layer, node)}</strong> {nodeLines(scene, layer, node, t).join(", ")}
      </p>
      <div class="kw-menu-actions">
        <button type="button" class="kw-button" data-testid={removed ? "restore" : "remove"} onClick={act}>
          {removed ? t("restore") : t("remove")}
        </button>
      </div>
    </Popover>
  );
}
