import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { lossText, short } from "../format.ts";
import type { Key, Translate } from "../i18n.ts";
import type { Compared, EdgeChange } from "../past.ts";
import type { EdgeIndex, Scene } from "../protocol.ts";
import { layoutOf } from "../scene/layout.ts";
import { frameIn, paintStill } from "../scene/still.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { CLOSE } from "./icons.tsx";
import { Tex } from "./tex.tsx";
import { useWidth } from "./width.ts";

const HEIGHT = 270;
/** Below this side of a frame there is no room for a sign on it. */
const ROOM_FOR_SIGN = 16;

/** Two states side by side: what each looks like, and all that differs. */
export function Compare() {
  const { actions } = useView();
  const pair = actions.past.compared.value;
  return pair && <Dialog a={pair[0]} b={pair[1]} />;
}

function Dialog({ a, b }: { a: number; b: number }) {
  const { actions, t } = useView();
  const { past } = actions;
  const box = useRef<HTMLDivElement>(null);
  const [found, setFound] = useState<Compared | null>(null);
  const [refusal, setRefusal] = useState("");
  useEffect(() => {
    let left = false;
    past.compare(a, b).then(
      (compared) => {
        if (left) return;
        setFound(compared);
        setRefusal("");
      },
      (error: Error) => {
        if (!left) setRefusal(error.message);
      },
    );
    return () => {
      left = true;
    };
  }, [past, a, b]);
  useLayoutEffect(() => {
    const element = box.current as HTMLDivElement;
    const history = element
      .closest(".kanwidget")
      ?.querySelector<HTMLElement>(".kw-history :is(.kw-tree, .kw-pareto)");
    element.focus();
    return () => history?.focus({ preventScroll: true });
  }, []);
  const close = () => {
    past.compared.value = null;
  };
  return (
    <div class="kw-veil kw-compare-veil">
      <div
        class="kw-compare"
        role="dialog"
        aria-modal="true"
        aria-label={t("compare")}
        tabIndex={-1}
        ref={box}
        data-testid="compare"
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.preventDefault();
          event.stopPropagation();
          close();
        }}
      >
        <header>
          <h3>{t("compare")}</h3>
          <Button icon={CLOSE} title={t("close")} onClick={close} />
        </header>
        <p class="kw-compare-refusal" role="alert">
          {refusal}
        </p>
        <div class="kw-compare-sides">
          <Side end={0} ids={[a, b]} found={found} />
          <Side end={1} ids={[a, b]} found={found} />
        </div>
        {!found && !refusal && <p class="kw-quiet-text">{t("comparing")}</p>}
        {found && <Differences found={found} />}
      </div>
    </div>
  );
}

interface SideProps {
  end: 0 | 1;
  ids: [number, number];
  found: Compared | null;
}

/** One of the two: which it is, its picture, its formula. */
function Side({ end, ids, found }: SideProps) {
  const { state, actions, t } = useView();
  const { past } = actions;
  const { nodes, current } = state.traits.history.value;
  const id = ids[end];
  const sight = found?.ends[end];
  return (
    <section>
      <span class="kw-compare-which">
        <select
          aria-label={t(end === 0 ? "compareBefore" : "compareAfter")}
          data-testid={end === 0 ? "compare-before" : "compare-after"}
          value={id}
          onChange={(event) => {
            const other = Number(event.currentTarget.value);
            past.compared.value = end === 0 ? [other, ids[1]] : [ids[0], other];
          }}
        >
          {nodes
            .filter(({ kept, id: each }) => kept !== false || each === id)
            .map((node) => (
              <option key={node.id} value={node.id}>
                {t(node.id === current ? "compareCurrent" : "stateTitle", {
                  step: node.id,
                  label: node.label,
                })}
              </option>
            ))}
        </select>
        <Button
          look="quiet"
          disabled={id === current}
          onClick={async () => {
            if (await past.jump(id)) past.compared.value = null;
          }}
        >
          {t("goThere")}
        </Button>
      </span>
      <Still
        scene={found?.scenes[end] ?? null}
        before={end === 1 ? (found?.scenes[0] ?? null) : null}
        found={found}
        end={end}
      />
      <div
        class="kw-compare-formula"
        tabIndex={sight?.latex ? 0 : -1}
        role="region"
        aria-label={t("formula")}
      >
        {sight &&
          (sight.latex ? <Tex latex={sight.latex} display /> : <small>{t("previewNoFormula")}</small>)}
      </div>
    </section>
  );
}

/** What became of an edge: how it is said, and where it is marked. */
const KINDS = ["removed", "restored", "function", "constants", "curve"] as const;
type Kind = (typeof KINDS)[number];
const SIGNS: Record<Kind, string> = {
  removed: "−",
  restored: "+",
  function: "ƒ",
  constants: "#",
  curve: "~",
};
const NAMES: Record<Kind, Key> = {
  removed: "diffRemoved",
  restored: "diffRestored",
  function: "diffFunction",
  constants: "diffConstants",
  curve: "diffCurve",
};

function edgesOf(found: Compared, kind: Kind): EdgeIndex[] {
  const changed = (changes: EdgeChange[]) => changes.map(({ edge }) => edge);
  if (kind === "removed") return [...found.removed, ...found.gone];
  if (kind === "restored") return [...found.restored, ...found.added];
  if (kind === "function") return changed(found.functions);
  return changed(kind === "constants" ? found.constants : found.curves);
}

interface StillProps {
  scene: Scene | null;
  before: Scene | null;
  found: Compared | null;
  end: 0 | 1;
}

/** The picture of a state, with a sign on every edge that is another in the other state. */
function Still({ scene, before, found, end }: StillProps) {
  const { picture, t } = useView();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box);
  const palette = picture.palette.value;
  useLayoutEffect(() => {
    if (scene && width > 0) {
      paintStill(canvas.current as HTMLCanvasElement, scene, { width, height: HEIGHT }, palette, before);
    }
  }, [scene, before, width, palette]);
  const signs = useMemo(() => {
    if (!scene || !found || width === 0) return [];
    const layout = layoutOf(scene, { width, height: HEIGHT });
    return KINDS.filter((kind) => kind !== (end === 0 ? "restored" : "removed")).flatMap((kind) =>
      edgesOf(found, kind).flatMap((edge) => {
        const frame = frameIn(layout, scene, edge);
        return frame ? [{ kind, edge, ...frame }] : [];
      }),
    );
  }, [scene, found, width, end]);
  return (
    <div class="kw-still" ref={box} style={{ height: `${HEIGHT}px` }}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={t("comparePicture", { step: found?.ends[end].number ?? "" })}
      />
      {signs.map(({ kind, edge, left, top, side }) => (
        <span
          key={`${kind} ${edge.join()}`}
          class="kw-diff"
          data-kind={kind}
          aria-hidden="true"
          data-edge={edge.join()}
          style={{ left: `${left}px`, top: `${top}px`, width: `${side}px`, height: `${side}px` }}
        >
          {side >= ROOM_FOR_SIGN && <b>{SIGNS[kind]}</b>}
        </span>
      ))}
    </div>
  );
}

/** Counts of what differs, the numbers, and all of it in words. */
function Differences({ found }: { found: Compared }) {
  const { t } = useView();
  const kinds = KINDS.map((kind) => ({ kind, count: edgesOf(found, kind).length })).filter(
    ({ count }) => count,
  );
  return (
    <>
      <ul class="kw-diff-kinds">
        {kinds.map(({ kind, count }) => (
          <li key={kind} data-kind={kind}>
            <b aria-hidden="true">{SIGNS[kind]}</b> {t(NAMES[kind], { count })}
          </li>
        ))}
        {kinds.length === 0 && <li>{t(found.same ? "diffNone" : "diffNoEdges")}</li>}
      </ul>
      <table class="kw-compare-numbers">
        <thead>
          <tr>
            <td />
            {found.ends.map(({ number }, end) => (
              <th key={end} scope="col">
                {t("step1", { step: number })}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {numbersOf(found, t).map(([name, values]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{values[0]}</td>
              <td>{values[1]}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <details>
        <summary>{t("diffText")}</summary>
        <pre data-testid="compare-text" tabIndex={0}>
          {found.text}
        </pre>
      </details>
    </>
  );
}

const LOSSES: Record<string, Key> = {
  train_loss: "trainLoss",
  val_loss: "validationLoss",
  test_loss: "testLossName",
};

function numbersOf({ losses, complexity, edges }: Compared, t: Translate): [string, string[]][] {
  const known = Object.keys(LOSSES).filter((name) => losses[name]?.some((loss) => loss !== null));
  return [
    ...known.map((name): [string, string[]] => [t(LOSSES[name]), losses[name].map(lossText)]),
    [t("complexityName"), complexity.map((value) => short(value))],
    [t("liveEdges"), edges.map(String)],
  ];
}
