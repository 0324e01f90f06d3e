import { useEffect, useRef } from "preact/hooks";
import { describeEdge } from "../describe.ts";
import { edgeIndex, findEdge, isRemovedNode } from "../protocol.ts";
import { listenToPointer } from "../scene/pointer.ts";
import { useView } from "../view.ts";
import { IconButton } from "./iconbutton.tsx";
import { FitIcon, HelpIcon } from "./icons.tsx";
import { ReadOut } from "./readout.tsx";

/** The canvas in the middle, as tall as its layers need. */
export function Stage() {
  const view = useView();
  const { state, actions, picture, t } = view;
  const boxRef = useRef<HTMLDivElement>(null);
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const scene = state.scene.value;
  const selected = scene ? findEdge(scene, state.traits.selected.value) : -1;

  useEffect(() => {
    const box = boxRef.current as HTMLDivElement;
    const canvas = canvasRef.current as HTMLCanvasElement;
    const measure = () => {
      const size = { width: box.clientWidth, height: box.clientHeight };
      const before = picture.size.peek();
      // A cell that is scrolled away or folded has no size; its picture waits as it was.
      if (size.width === 0 || (size.width === before.width && size.height === before.height)) return;
      picture.size.value = size;
    };
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    measure();
    const unmount = picture.mount(canvas);
    const deafen = listenToPointer(canvas, state, picture, (hit) => {
      const current = state.scene.peek();
      if (!current || !hit) return actions.close();
      if (hit.kind === "edge") return actions.openEdge(edgeIndex(current, hit.edge));
      const menuIsUseful = hit.layer < current.layers || isRemovedNode(current, hit.layer, hit.node);
      return menuIsUseful ? actions.openNode(hit.layer, hit.node) : actions.close();
    });
    return () => {
      observer.disconnect();
      deafen();
      unmount();
    };
  }, [state, actions, picture]);

  return (
    <div class="kw-stage" ref={boxRef} style={{ "--kw-layers": scene?.layers ?? 2 }}>
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: arrow keys must reach the canvas */}
      <canvas
        ref={canvasRef}
        tabIndex={0}
        data-testid="kan-canvas"
        role="application"
        aria-label={t("canvas")}
      />
      {!scene && <p class="kw-waiting">{t("waiting")}</p>}
      <div class="kw-stage-tools">
        <IconButton title={t("fit")} onClick={() => picture.fit()}>
          <FitIcon />
        </IconButton>
        <IconButton
          title={t("help")}
          onClick={() => {
            state.helpOpen.value = true;
          }}
        >
          <HelpIcon />
        </IconButton>
      </div>
      <ReadOut />
      <p class="kw-unseen" aria-live="polite">
        {scene && selected >= 0 ? describeEdge(scene, selected, t) : ""}
      </p>
    </div>
  );
}
