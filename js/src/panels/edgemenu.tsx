import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Candidate, Command, CommandArgs, Inspection, Values } from "../commands.ts";
import { edgeEnds, edgeWorth, kindName } from "../describe.ts";
import { focusOn } from "../focus.ts";
import { rSquared } from "../format.ts";
import { type EdgeIndex, findEdge, isAlive, isSpline, isSymbolic } from "../protocol.ts";
import { useView } from "../view.ts";
import { useAnswers } from "./asking.ts";
import { Button } from "./button.tsx";
import { Candidates } from "./candidates.tsx";
import { Constants } from "./constants.tsx";
import { raised } from "./curves.ts";
import { type Draft, EdgePlot } from "./edgeplot.tsx";
import { Check } from "./fields.tsx";
import { Popover } from "./frame.tsx";
import { around } from "./place.ts";
import { Tex } from "./tex.tsx";

/** For so long after something was done, the focus is kept in the inspector. */
const FOCUS_MS = 2000;

/** The inspector of one edge: its curve, the functions that would fit it, its constants, and what can be done. */
export function EdgeMenu({ edge, byKeyboard }: { edge: EdgeIndex; byKeyboard: boolean }) {
  const { state, actions, picture, t } = useView();
  const body = useRef<HTMLDivElement>(null);
  const acted = useRef(Number.NEGATIVE_INFINITY);
  const [pointed, setPointed] = useState<Candidate | null>(null);
  const [slope, setSlope] = useState(false);
  const [editing, setEditing] = useState(false);
  const [refit, setRefit] = useState(false);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [refused, setRefused] = useState("");
  const scene = state.scene.value;
  const e = scene ? findEdge(scene, edge) : -1;
  const frame = picture.frameOf(e);
  const removed = scene !== null && e >= 0 && !isAlive(scene, e);
  const { inspection, suggestions, libraryGrew } = useAnswers(edge, e >= 0 && !removed);
  useEffect(() => setDraft(null), [inspection]);
  useLayoutEffect(() => {
    // what was pressed may be gone now, and the focus with it
    if (performance.now() - acted.current > FOCUS_MS || !body.current) return;
    if (document.activeElement === document.body) focusOn(body.current.closest<HTMLElement>(".kw-menu"));
  });
  if (!scene || !frame) return null;

  const kind = scene.kind[e];
  const locked = scene.locked[e] !== 0;
  const symbolic = isSymbolic(scene, e);
  const spline = isSpline(scene, e);
  const toggle = removed ? "restore" : "remove";
  const attempt = async <C extends Command>(command: C, args: CommandArgs[C]) => {
    acted.current = performance.now();
    const sentence = await actions.attempt(command, args);
    setRefused(sentence);
    return sentence === "";
  };
  const drop = async ({ index, height }: Draft) => {
    setDraft({ index, height });
    if (!(await attempt("move_point", { edge, index, value: height, refit }))) setDraft(null);
  };
  const y = inspection && draft ? withDraft(inspection, draft) : (inspection?.y ?? []);
  const latex = pointed?.latex ?? (symbolic ? inspection?.latex : "");
  const warnings = pointed ? [pointed.warning, pointed.outside] : (inspection?.warnings ?? []);

  return (
    <Popover
      testid="edge-menu"
      data-edge={edge.join()}
      label={t("edge", { index: edge.join(", ") })}
      anchor={around(frame, frame.side)}
    >
      <div class="kw-inspector" ref={body}>
        <p class="kw-menu-line">
          <strong>{edgeEnds(scene, e, t)}</strong> <em data-kind={kind}>{kindName(scene, e, t)}</em>
          {symbolic && typeof inspection?.r2 === "number" && ` · R² ${rSquared(inspection.r2)}`}
          <br />
          {edgeWorth(scene, e, t)}
        </p>
        {inspection ? (
          <EdgePlot
            inspection={inspection}
            y={y}
            candidate={pointed && suggestions ? { x: suggestions.x, curve: pointed.curve } : null}
            slope={slope}
            editing={editing && spline && !locked ? { draft, onDrag: setDraft, onDrop: drop } : null}
          />
        ) : (
          <div class="kw-plot" />
        )}
        <div class="kw-switches">
          <Check testid="show-slope" words="slope" on={slope} onTurn={setSlope} />
          {spline && (
            <Check
              testid="edit-points"
              words="editPoints"
              on={editing}
              disabled={locked}
              onTurn={setEditing}
            />
          )}
          {spline && editing && <Check testid="refit" words="refit" on={refit} onTurn={setRefit} />}
        </div>
        <div class="kw-menu-formula" data-testid="edge-formula">
          {latex ? <Tex latex={latex} /> : <span>{removed ? "" : t("pointHint")}</span>}
        </div>
        <p class="kw-menu-warning kw-warn" data-testid="edge-warning">
          {warnings.filter(Boolean).join("; ")}
        </p>
        {symbolic && inspection && inspection.constants.length > 0 && (
          <Constants
            constants={inspection.constants}
            disabled={locked}
            onSet={(constant, value) => attempt("set_constant", { edge, constant, value, lock: true })}
            onLock={(constant, lock) =>
              attempt(lock ? "lock_constant" : "unlock_constant", { edge, constant })
            }
          />
        )}
        {refused && (
          <p class="kw-refused" role="alert" data-testid="refused">
            {refused}
          </p>
        )}
        {!removed && (
          <Candidates
            suggestions={suggestions}
            taken={symbolic ? (inspection?.function ?? "") : ""}
            takeFocus={byKeyboard}
            onPoint={setPointed}
            onTake={(name) => attempt("fix_symbolic", { edge, function: name })}
            onDefine={async (text) => {
              const sentence = await actions.attempt("define_function", { text });
              if (!sentence) libraryGrew();
              return sentence;
            }}
          />
        )}
      </div>
      <div class="kw-menu-actions">
        {!removed && (
          <Button
            words={locked ? "unlock" : "lock"}
            testid="lock"
            pressed={locked}
            title={t("lockHelp")}
            onClick={() => attempt(locked ? "unlock_edges" : "lock_edges", { edges: [edge] })}
          />
        )}
        {symbolic && <Button words="unfix" onClick={() => attempt("unfix_symbolic", { edge })} />}
        <Button
          words={toggle}
          look={removed ? undefined : "danger"}
          onClick={async () => {
            if (await attempt(`${toggle}_edge`, { edge })) actions.close(body.current);
          }}
        />
      </div>
    </Popover>
  );
}

/** The curve as it is under the hand. */
function withDraft(inspection: Inspection, { index, height }: Draft): Values {
  const point = inspection.points[index];
  return point ? raised(inspection.y, point, height - point.y) : inspection.y;
}
