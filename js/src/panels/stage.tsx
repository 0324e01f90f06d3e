import { useEffect, useRef } from "preact/hooks";
import { edgeIndex } from "../protocol.ts";
import { listenToPointer } from "../scene/pointer.ts";
import { ZOOM_STEP } from "../scene/steer.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { Folds } from "./detail.tsx";
import { ExportMenu } from "./exportmenu.tsx";
import { FIT, FIT_SELECTION, HELP, MINUS, PLUS, TABLE } from "./icons.tsx";
import { Overlay, Voice } from "./overlay.tsx";
import { PreviewBanner } from "./previewbanner.tsx";
import { ReadOut } from "./readout.tsx";
import { SettingsButton } from "./settings.tsx";

/** The canvas in the middle, as tall as its layers need. */
export function Stage() {
  const { state, actions, picture, t } = useView();
  const boxRef = useRef<HTMLDivElement>(null);
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const scene = state.shown.value;

  useEffect(() => {
    const box = boxRef.current as HTMLDivElement;
    const canvas = canvasRef.current as HTMLCanvasElement;
    const measure = () => {
      const size = { width: box.clientWidth, height: box.clientHeight };
      const before = picture.size.peek();
      // A cell that is scrolled away or folded has no size; its picture waits as it was.
      if (size.width === 0 || (size.width === before.width && size.height === before.height)) return;
      picture.resize(size);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    measure();
    const unmount = picture.mount(canvas);
    const deafen = listenToPointer(canvas, state, picture, (hit) => {
      const current = state.shown.peek();
      if (!current || !hit) return actions.close();
      if (hit.kind === "edge") return actions.openEdge(edgeIndex(current, hit.edge));
      return actions.openNode(hit.layer, hit.node);
    });
    return () => {
      observer.disconnect();
      deafen();
      unmount();
    };
  }, [state, actions, picture]);

  return (
    <div
      class="kw-stage"
      data-preview={state.preview.value !== null}
      ref={boxRef}
      style={{ "--kw-layers": scene?.layers ?? 2 }}
      onPointerDownCapture={(event) => {
        if (!state.preview.peek()) return;
        // A click on a past state is no click on the network that is there now: it only leads back to it.
        event.stopPropagation();
        actions.past.look(null);
      }}
    >
      <TableButton />
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: arrow keys must reach the canvas */}
      <canvas
        ref={canvasRef}
        tabIndex={0}
        data-testid="kan-canvas"
        onFocus={(event) => {
          if (event.currentTarget.matches(":focus-visible")) state.byKeys.value = true;
        }}
        onBlur={() => {
          state.byKeys.value = false;
        }}
        role="application"
        aria-label={t("canvas")}
      />
      {!scene && <p class="kw-waiting">{t("waiting")}</p>}
      <PreviewBanner />
      <div class="kw-stage-tools">
        <Button words="zoomIn" icon={PLUS} onClick={() => picture.zoomBy(ZOOM_STEP)} />
        <Button words="zoomOut" icon={MINUS} onClick={() => picture.zoomBy(1 / ZOOM_STEP)} />
        {(state.traits.selected.value !== null || state.chosen.value.length > 0) && (
          <Button words="fitSelection" icon={FIT_SELECTION} onClick={() => picture.fitSelection()} />
        )}
        <Button words="fit" icon={FIT} onClick={() => picture.fit()} />
        <SettingsButton />
        <ExportMenu />
        <Button
          icon={HELP}
          title={t("help")}
          onClick={() => {
            state.helpOpen.value = true;
          }}
        />
      </div>
      <Folds />
      <ReadOut />
      <Overlay />
      <Voice />
    </div>
  );
}

/** Before the canvas, so that who cannot use it finds the table first. */
function TableButton() {
  const { state } = useView();
  const open = state.tableOpen.value;
  return (
    <div class="kw-stage-first">
      <Button
        words="table"
        icon={TABLE}
        testid="table-toggle"
        pressed={open}
        onClick={() => {
          state.tableOpen.value = !open;
        }}
      />
    </div>
  );
}
