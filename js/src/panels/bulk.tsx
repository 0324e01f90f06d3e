import { useLayoutEffect, useRef } from "preact/hooks";
import { positionsOf } from "../choosing.ts";
import { focusCanvas, focusOn } from "../focus.ts";
import { lossText, prettyFunction, rSquared } from "../format.ts";
import { type EdgeIndex, edgeIndex, isAlive, isSymbolic } from "../protocol.ts";
import { rove } from "../roving.ts";
import { useView } from "../view.ts";
import { useAnswer } from "./asking.ts";
import { Button } from "./button.tsx";
import { CLOSE } from "./icons.tsx";
import { Opener } from "./opener.tsx";

/** What can be done with all chosen edges: each is one step of the history. */
export function Bulk() {
  const { state, actions, t } = useView();
  const chosen = state.chosen.value;
  const scene = state.scene.value;
  const bar = useRef<HTMLDivElement>(null);
  if (!scene || chosen.length === 0) return null;

  const places = positionsOf(scene, chosen);
  const those = (accepts: (e: number) => boolean) => places.filter(accepts).map((e) => edgeIndex(scene, e));
  const alive = (e: number) => isAlive(scene, e);
  const live = those(alive);
  const ways = [
    ["remove", live],
    ["restore", those((e) => !alive(e))],
    ["lock", those((e) => alive(e) && !scene.locked[e])],
    ["unlock", those((e) => scene.locked[e] === 1)],
    ["unfix", those((e) => isSymbolic(scene, e))],
  ] as const;
  /** The focus goes to the canvas, where the keys act on the same edges. */
  const back = () => focusCanvas(bar.current);
  const label = t(chosen.length === 1 ? "chosenOne" : "chosen", { count: chosen.length });
  return (
    <div
      class="kw-bulk"
      ref={bar}
      role="toolbar"
      aria-label={label}
      data-testid="bulk"
      data-count={chosen.length}
    >
      <strong aria-live="polite">{label}</strong>
      {ways.map(
        ([way, edges]) =>
          edges.length > 0 && (
            <Button
              words={way}
              key={way}
              look={way === "remove" ? "danger" : undefined}
              testid={`bulk-${way}`}
              onClick={async () => {
                if (await actions.run(`${way}_edges`, { edges })) back();
              }}
            />
          ),
      )}
      {live.length > 0 && (
        <span class="kw-fix">
          <Opener
            testid="bulk-fix"
            title={t("fixTogetherHelp")}
            opens={(close) => (
              <Functions
                edges={live}
                onClose={close}
                onTake={async (name) => {
                  if (!(await actions.run("fix_edges", { edges: live, function: name }))) return;
                  close();
                  back();
                }}
              />
            )}
          >
            {t("fixTogether")}
          </Opener>
        </span>
      )}
      <Worth live={live} />
      <Button
        words="dropChoice"
        icon={CLOSE}
        testid="bulk-drop"
        onClick={() => {
          back();
          state.chosen.value = [];
        }}
      />
    </div>
  );
}

const REST = 150;

/** What removing all of them would cost, asked for when the choice rests and nothing is running. */
function Worth({ live }: { live: EdgeIndex[] }) {
  const { state, actions, t } = useView();
  const about =
    state.running.value || live.length === 0 ? null : `${live.join(";")}@${state.scene.value?.version}`;
  const told = useAnswer(about, () => actions.ask("cost_of_removing", { edges: live }), { wait: REST });
  if (about === null) return null;
  return (
    <span class="kw-bulk-cost" data-testid="bulk-cost" aria-live="polite">
      {told?.about === about
        ? t("chosenCost", { from: lossText(told.answer.loss_before), to: lossText(told.answer.loss_after) })
        : t("chosenMeasuring")}
    </span>
  );
}

/** The library's functions, by the edge that each fits worst. */
function Functions(props: { edges: EdgeIndex[]; onTake: (name: string) => void; onClose: () => void }) {
  const { actions, t } = useView();
  const { edges, onTake, onClose } = props;
  const list = useRef<HTMLUListElement>(null);
  const about = edges.join(";");
  const told = useAnswer(about, async () => {
    const found = await actions.ask("functions_for", { edges });
    if (!found) onClose();
    return found;
  });
  const found = told?.about === about ? told.answer : null;
  useLayoutEffect(() => focusOn(list.current?.querySelector("button")), [found]);
  return (
    <ul
      class="kw-functions"
      ref={list}
      data-testid="bulk-functions"
      onKeyDown={(event) => rove(event, event.currentTarget.querySelectorAll("button"), "y")}
    >
      {!found?.length && <li class="kw-quiet-text">{t(found ? "noCandidates" : "suggesting")}</li>}
      {found?.map(({ function: name, r2 }) => (
        <li key={name}>
          <button
            type="button"
            data-function={name}
            aria-label={t("fixEach", { name, r2: rSquared(r2) })}
            onClick={() => onTake(name)}
          >
            <span>{prettyFunction(name)}</span>
            <small>R² ≥ {rSquared(r2)}</small>
          </button>
        </li>
      ))}
    </ul>
  );
}
