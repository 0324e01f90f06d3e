import { useRef } from "preact/hooks";
import { describeEdge, describeNode } from "../describe.ts";
import { findEdge } from "../protocol.ts";
import { useView } from "../view.ts";
import { at } from "./place.ts";

/** What lies over the canvas: the rectangle that is drawn to choose edges, and where the keys are. */
export function Overlay() {
  const { state, picture } = useView();
  const lasso = picture.lasso.value;
  const node = state.atNode.value;
  const point = node && picture.nodePoint(node.layer, node.node);
  return (
    <>
      {lasso && (
        <div
          class="kw-lasso"
          data-testid="lasso"
          style={{
            ...at({ x: Math.min(lasso.x0, lasso.x1), y: Math.min(lasso.y0, lasso.y1) }),
            width: `${Math.abs(lasso.x1 - lasso.x0)}px`,
            height: `${Math.abs(lasso.y1 - lasso.y0)}px`,
          }}
        />
      )}
      {point && <div class="kw-at-node" data-testid="at-node" style={at(point)} />}
    </>
  );
}

/** Says where the keys have led to. It does not repeat itself when only numbers change, as in a training. */
export function Voice() {
  const { state, t } = useView();
  const scene = state.shown.value;
  const node = state.atNode.value;
  const selected = state.traits.selected.value;
  const said = useRef({ place: "", text: "" });
  const place = node ? `${node.layer},${node.node}` : `${selected ?? ""}`;
  const e = scene ? findEdge(scene, selected) : -1;
  if (place !== said.current.place) {
    let text = "";
    if (scene && node) text = describeNode(scene, node.layer, node.node, t);
    else if (scene && e >= 0) text = describeEdge(scene, e, t);
    if (text || !place) said.current = { place, text };
  }
  return (
    <p class="kw-unseen" aria-live="polite" data-testid="voice">
      {said.current.text}
    </p>
  );
}
