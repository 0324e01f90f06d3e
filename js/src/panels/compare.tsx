import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { focusOn } from "../focus.ts";
import { lossText, short } from "../format.ts";
import type { Key, Translate } from "../i18n.ts";
import type { Compared } from "../past.ts";
import type { EdgeIndex } from "../protocol.ts";
import { consume } from "../roving.ts";
import { layoutOf } from "../scene/layout.ts";
import { frameIn, paintStill } from "../scene/still.ts";
import { useView } from "../view.ts";
import { orRefusal, useAnswer } from "./asking.ts";
import { Button } from "./button.tsx";
import { Frame } from "./frame.tsx";
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
  const veil = useRef<HTMLDivElement>(null);
  const answered = useAnswer(`${a} ${b}`, () => orRefusal(past.compare(a, b)));
  const { found, refusal } = answered?.answer ?? { refusal: "" };
  useLayoutEffect(() => {
    const root = veil.current?.closest(".kanwidget");
    const history = root?.querySelector<HTMLElement>(".kw-history :is(.kw-tree, .kw-pareto)");
    return () => focusOn(history);
  }, []);
  const close = () => {
    past.compared.value = null;
  };
  return (
    <div class="kw-veil kw-compare-veil" ref={veil}>
      <Frame
        class="kw-compare"
        aria-modal="true"
        label={t("compare")}
        testid="compare"
        onClose={close}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          consume(event);
          close();
        }}
      >
        <p class="kw-compare-refusal" role="alert">
          {refusal}
        </p>
        <div class="kw-compare-sides">
          <Side end={0} ids={[a, b]} found={found} />
          <Side end={1} ids={[a, b]} found={found} />
        </div>
        {!found && !refusal && <p class="kw-quiet-text">{t("comparing")}</p>}
        {found && <Differences found={found} />}
      </Frame>
    </div>
  );
}

interface SideProps {
  end: 0 | 1;
  ids: [number, number];
  found?: Compared;
}

/** One of the two: which it is, its picture, its formula. */
function Side({ end, ids, found }: SideProps) {
  const { state, actions, t } = useView();
  const { past } = actions;
  const { nodes, current } = state.traits.history.value;
  const id = ids[end];
  const which = end === 0 ? "Before" : "After";
  const sight = found?.ends[end];
  return (
    <section>
      <span class="kw-compare-which">
        <select
          aria-label={t(`compare${which}`)}
          data-testid={`compare-${which.toLowerCase()}`}
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
          words="goThere"
          look="quiet"
          disabled={id === current}
          onClick={async () => {
            if (await past.jump(id)) past.compared.value = null;
          }}
        />
      </span>
      <Still found={found} end={end} />
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

/** What became of edges: how it is marked and said, and where the comparison tells of them. */
const KINDS = [
  { kind: "removed", sign: "−", name: "diffRemoved", lists: ["removed", "gone"] },
  { kind: "restored", sign: "+", name: "diffRestored", lists: ["restored", "added"] },
  { kind: "function", sign: "ƒ", name: "diffFunction", lists: ["functions"] },
  { kind: "constants", sign: "#", name: "diffConstants", lists: ["constants"] },
  { kind: "curve", sign: "~", name: "diffCurve", lists: ["curves"] },
] as const;

function kindsOf(found: Compared) {
  return KINDS.map((each) => ({
    ...each,
    edges: each.lists.flatMap((list): EdgeIndex[] =>
      found[list].map((one) => ("edge" in one ? one.edge : one)),
    ),
  }));
}

/** The picture of a state, with a sign on every edge that is another in the other state. */
function Still({ found, end }: { found?: Compared; end: 0 | 1 }) {
  const { picture, t } = useView();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box);
  const palette = picture.palette.value;
  const scene = found?.scenes[end];
  useLayoutEffect(() => {
    if (!scene || width === 0) return;
    const before = end === 1 ? found.scenes[0] : null;
    paintStill(canvas.current as HTMLCanvasElement, scene, { width, height: HEIGHT }, palette, before);
  }, [found, end, width, palette]);
  const signs = useMemo(() => {
    if (!scene || width === 0) return [];
    const layout = layoutOf(scene, { width, height: HEIGHT });
    return kindsOf(found)
      .filter(({ kind }) => kind !== (end === 0 ? "restored" : "removed"))
      .flatMap(({ kind, sign, edges }) =>
        edges.flatMap((edge) => {
          const frame = frameIn(layout, scene, edge);
          return frame ? [{ kind, sign, edge: edge.join(), ...frame }] : [];
        }),
      );
  }, [found, width, end]);
  return (
    <div class="kw-still" ref={box} style={{ height: `${HEIGHT}px` }}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={t("comparePicture", { step: found?.ends[end].number ?? "" })}
      />
      {signs.map(({ kind, sign, edge, left, top, side }) => (
        <span
          key={`${kind} ${edge}`}
          class="kw-diff"
          data-kind={kind}
          aria-hidden="true"
          data-edge={edge}
          style={{ left: `${left}px`, top: `${top}px`, width: `${side}px`, height: `${side}px` }}
        >
          {side >= ROOM_FOR_SIGN && <b>{sign}</b>}
        </span>
      ))}
    </div>
  );
}

/** Counts of what differs, the numbers, and all of it in words. */
function Differences({ found }: { found: Compared }) {
  const { t } = useView();
  const kinds = kindsOf(found).filter(({ edges }) => edges.length > 0);
  return (
    <>
      <ul class="kw-diff-kinds">
        {kinds.map(({ kind, sign, name, edges }) => (
          <li key={kind} data-kind={kind}>
            <b aria-hidden="true">{sign}</b> {t(name, { count: edges.length })}
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
              {values.map((value, end) => (
                <td key={end}>{value}</td>
              ))}
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

const LOSSES: [string, Key][] = [
  ["train_loss", "trainLoss"],
  ["val_loss", "validationLoss"],
  ["test_loss", "testLossName"],
];

function numbersOf({ losses, complexity, edges }: Compared, t: Translate): [string, string[]][] {
  return [
    ...LOSSES.filter(([loss]) => losses[loss]?.some((value) => value !== null)).map(
      ([loss, name]): [string, string[]] => [t(name), losses[loss].map(lossText)],
    ),
    [t("complexityName"), complexity.map((value) => short(value))],
    [t("liveEdges"), edges.map(String)],
  ];
}
