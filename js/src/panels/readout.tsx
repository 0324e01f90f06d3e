import { edgeEnds, edgeRange, edgeWorth, kindName, nodeLines, nodeName } from "../describe.ts";
import { edgeIndex } from "../protocol.ts";
import { useView } from "../view.ts";

/** What lies under the pointer, in a few lines beside it. */
export function ReadOut() {
  const { state, picture, t } = useView();
  const scene = state.scene.value;
  const hovered = picture.hovered.value;
  const layout = picture.layout.value;
  if (!scene || !layout || !hovered) return null;

  if (hovered.kind === "node") {
    const { layer, node } = hovered;
    const point = picture.nodePoint(layer, node);
    if (!point) return null;
    return (
      <Tip x={point.x} y={point.y} reach={16} width={layout.size.width}>
        <strong>{nodeName(scene, layer, node)}</strong>
        {nodeLines(scene, layer, node, t).map((line) => (
          <span key={line}>{line}</span>
        ))}
      </Tip>
    );
  }
  const menu = state.menu.value;
  const frame = picture.frameOf(hovered.edge);
  if (!frame || (menu && "edge" in menu)) return null;
  const e = hovered.edge;
  return (
    <Tip x={frame.x} y={frame.y} reach={frame.side / 2 + 8} width={layout.size.width}>
      <strong>
        {t("edge", { index: edgeIndex(scene, e).join(", ") })}{" "}
        <em data-kind={scene.kind[e]}>{kindName(scene, e, t)}</em>
      </strong>
      <span>{edgeEnds(scene, e, t)}</span>
      <span>{edgeRange(scene, e, t)}</span>
      <span>{edgeWorth(scene, e, t)}</span>
    </Tip>
  );
}

function Tip(props: {
  x: number;
  y: number;
  reach: number;
  width: number;
  children: preact.ComponentChildren;
}) {
  const { x, y, reach, width, children } = props;
  const above = y - reach > 104;
  const style = {
    left: `${Math.min(width - 130, Math.max(130, x))}px`,
    top: `${above ? y - reach : y + reach}px`,
    translate: above ? "-50% -100%" : "-50% 0",
  };
  return (
    <div class="kw-tip" style={style}>
      {children}
    </div>
  );
}
