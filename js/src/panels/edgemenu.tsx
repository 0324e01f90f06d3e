import { useEffect, useRef, useState } from "preact/hooks";
import type { Suggestions } from "../commands.ts";
import { edgeEnds, edgeWorth, kindName } from "../describe.ts";
import { focusCanvas } from "../keys.ts";
import { type EdgeIndex, EdgeKind, findEdge } from "../protocol.ts";
import { useView } from "../view.ts";
import { Candidates } from "./candidates.tsx";
import { CurvePlot } from "./curveplot.tsx";
import { Popover } from "./popover.tsx";
import { Tex } from "./tex.tsx";

/** One edge: its curve, the functions that would fit it, and what can be done with it. */
export function EdgeMenu({ edge, byKeyboard }: { edge: EdgeIndex; byKeyboard: boolean }) {
  const { state, actions, picture, t } = useView();
  const canvas = useRef<HTMLElement>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const scene = state.scene.value;
  const e = scene ? findEdge(scene, edge) : -1;
  const frame = picture.frameOf(e);
  const removed = scene !== null && e >= 0 && scene.kind[e] === EdgeKind.removed;
  const suggestions = useSuggestions(edge, e >= 0 && !removed);
  if (!scene || !frame) return null;

  const { samples, bins, xLo, xHi, curve, histogram } = scene;
  const kind = scene.kind[e];
  const candidate = pointed === null ? null : (suggestions?.candidates[pointed] ?? null);
  const closeIf = (accepted: boolean) => {
    if (!accepted) return;
    if (canvas.current) focusCanvas(canvas.current);
    actions.close();
  };
  const symbolic = kind === EdgeKind.symbolic || kind === EdgeKind.both;

  return (
    <Popover
      testid="edge-menu"
      dataEdge={edge.join(",")}
      label={t("edge", { index: edge.join(", ") })}
      anchor={{
        x: frame.x - frame.side / 2,
        y: frame.y - frame.side / 2,
        width: frame.side,
        height: frame.side,
      }}
    >
      <p class="kw-menu-line" ref={canvas as preact.Ref<HTMLParagraphElement>}>
        <strong>{edgeEnds(scene, e, t)}</strong> <em data-kind={kind}>{kindName(scene, e, t)}</em>
        <br />
        {edgeWorth(scene, e, t)}
      </p>
      <CurvePlot
        edge={{ lo: xLo[e], hi: xHi[e], y: curve.subarray(e * samples, (e + 1) * samples) }}
        histogram={histogram.subarray(e * bins, (e + 1) * bins)}
        candidate={candidate?.curve ?? null}
      />
      {!removed && (
        <>
          <div class="kw-menu-formula">
            {candidate ? <Tex latex={candidate.latex} /> : <span>{t("pointHint")}</span>}
          </div>
          <p class="kw-menu-warning kw-warn">{candidate?.warning}</p>
          <Candidates
            suggestions={suggestions}
            takeFocus={byKeyboard}
            onPoint={setPointed}
            onTake={async (name) => closeIf(await actions.fix(edge, name))}
          />
        </>
      )}
      <div class="kw-menu-actions">
        {symbolic && (
          <button
            type="button"
            class="kw-button"
            data-testid="unfix"
            onClick={async () => closeIf(await actions.unfix(edge))}
          >
            {t("unfix")}
          </button>
        )}
        <button
          type="button"
          class={removed ? "kw-button" : "kw-button kw-danger"}
          data-testid={removed ? "restore" : "remove"}
          onClick={async () => closeIf(await actions.toggleEdge(edge))}
        >
          {removed ? t("restore") : t("remove")}
        </button>
      </div>
    </Popover>
  );
}

/** Asks for the edge's functions when the menu opens, and again when the network at rest has changed. */
function useSuggestions(edge: EdgeIndex, wanted: boolean): Suggestions | null {
  const { state, actions } = useView();
  const [suggestions, setSuggestions] = useState<Suggestions | null>(null);
  const training = state.training.value;
  const settled = training ? -1 : (state.scene.value?.version ?? 0);
  useEffect(() => {
    if (!wanted) return;
    let current = true;
    actions.suggest(edge).then((found) => {
      if (current && found) setSuggestions(found);
    });
    return () => {
      current = false;
    };
  }, [settled, wanted, actions]);
  return suggestions;
}
