import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { edgeLines, kindName, nodeLines, nodeName } from "../describe.ts";
import { edgeIndex, findEdge } from "../protocol.ts";
import type { Hit } from "../scene/hit.ts";
import { sameHit } from "../scene/pointer.ts";
import { useView } from "../view.ts";
import { around, type Box, placeOver, put, sizeOf } from "./place.ts";

/** What lies under the pointer, or where the keys have led to, in a few lines beside it. */
export function ReadOut() {
  const { state, picture, t } = useView();
  const scene = state.shown.value;
  const layout = picture.layout.value;
  const shown = useCalm(useMeant());
  if (!scene || !layout || !shown || state.menu.value) return null;

  if (shown.kind === "node") {
    const { layer, node } = shown;
    const point = picture.nodePoint(layer, node);
    return (
      point && (
        <Tip
          anchor={around(point, 18)}
          room={layout.size}
          lines={nodeLines(scene, layer, node, t).map((text) => ({ text }))}
        >
          {nodeName(scene, layer, node)}
        </Tip>
      )
    );
  }
  const e = shown.edge;
  const frame = picture.frameOf(e);
  return (
    frame && (
      <Tip anchor={around(frame, frame.side)} room={layout.size} lines={edgeLines(scene, e, t)}>
        {t("edge", { index: edgeIndex(scene, e).join(", ") })}{" "}
        <em data-kind={scene.kind[e]}>{kindName(scene, e, t)}</em>
      </Tip>
    )
  );
}

/** What is to be read out: what is pointed at, or where the keys are, whichever moved last. */
function useMeant(): Hit {
  const { state, picture } = useView();
  if (!state.byKeys.value) return picture.hovered.value;
  const node = state.atNode.value;
  if (node) return { kind: "node", ...node };
  const scene = state.shown.value;
  const edge = scene ? findEdge(scene, state.traits.selected.value) : -1;
  return edge >= 0 ? { kind: "edge", edge } : null;
}

const PATIENCE = 70;

/** It comes after a moment, goes after a moment, and changes at once: crossing a gap does not flicker. */
function useCalm(hit: Hit): Hit {
  const [shown, show] = useState<Hit>(hit);
  const last = useRef(hit);
  if (!sameHit(last.current, hit)) last.current = hit;
  const steady = last.current;
  const at = shown && steady ? steady : shown;
  useEffect(() => {
    if (shown && steady) return show(steady);
    const timer = setTimeout(() => show(steady), PATIENCE);
    return () => clearTimeout(timer);
  }, [steady]);
  return at;
}

interface TipProps {
  anchor: Box;
  room: { width: number; height: number };
  lines: { text: string; warns?: boolean }[];
  children: ComponentChildren;
}

function Tip({ anchor, room, lines, children }: TipProps) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const tip = ref.current as HTMLDivElement;
    put(tip, placeOver(anchor, sizeOf(tip), room));
  });
  return (
    <div class="kw-tip" ref={ref}>
      <strong>{children}</strong>
      {lines.map(({ text, warns }) => (
        <span key={text} class={warns ? "kw-warn" : undefined}>
          {text}
        </span>
      ))}
    </div>
  );
}
