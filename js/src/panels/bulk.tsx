import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { positionsOf } from "../choosing.ts";
import type { CostOfRemoving, FunctionFor } from "../commands.ts";
import { focusCanvas } from "../focus.ts";
import { lossText, prettyFunction, rSquared } from "../format.ts";
import { type EdgeIndex, EdgeKind, edgeIndex, isAlive, type Scene } from "../protocol.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { CLOSE } from "./icons.tsx";

/** What can be done with all chosen edges: each is one step of the history. */
export function Bulk() {
  const { state, actions, t } = useView();
  const chosen = state.chosen.value;
  const scene = state.scene.value;
  const bar = useRef<HTMLDivElement>(null);
  const [fixing, setFixing] = useState(false);
  if (!scene || chosen.length === 0) return null;

  const places = positionsOf(scene, chosen);
  const those = (accepts: (e: number) => boolean) => places.filter(accepts).map((e) => edgeIndex(scene, e));
  const live = those((e) => isAlive(scene, e));
  const removed = those((e) => !isAlive(scene, e));
  const free = those((e) => isAlive(scene, e) && !scene.locked[e]);
  const locked = those((e) => scene.locked[e] === 1);
  const symbolic = those((e) => scene.kind[e] >= EdgeKind.symbolic);
  /** The focus goes to the canvas, where the keys act on the same edges. */
  const back = () => bar.current && focusCanvas(bar.current);
  const act = (accepted: Promise<boolean>) => accepted.then((done) => done && back());

  const buttons = [
    { name: "remove", edges: live, run: () => actions.together("remove_edges", live), danger: true },
    { name: "restore", edges: removed, run: () => actions.together("restore_edges", removed) },
    { name: "lock", edges: free, run: () => actions.together("lock_edges", free) },
    { name: "unlock", edges: locked, run: () => actions.together("unlock_edges", locked) },
    { name: "unfix", edges: symbolic, run: () => actions.together("unfix_edges", symbolic) },
  ] as const;
  return (
    <div
      class="kw-bulk"
      ref={bar}
      role="toolbar"
      aria-label={t(chosen.length === 1 ? "chosenOne" : "chosen", { count: chosen.length })}
      data-testid="bulk"
      data-count={chosen.length}
    >
      <strong aria-live="polite">
        {t(chosen.length === 1 ? "chosenOne" : "chosen", { count: chosen.length })}
      </strong>
      {buttons.map(
        (button) =>
          button.edges.length > 0 && (
            <Button
              key={button.name}
              look={"danger" in button ? "danger" : undefined}
              testid={`bulk-${button.name}`}
              onClick={() => act(button.run())}
            >
              {t(button.name)}
            </Button>
          ),
      )}
      {live.length > 0 && (
        <span class="kw-fix">
          <Button
            testid="bulk-fix"
            title={t("fixTogetherHelp")}
            expanded={fixing}
            onClick={() => setFixing(!fixing)}
          >
            {t("fixTogether")}
          </Button>
          {fixing && (
            <Functions
              edges={live}
              onClose={() => {
                setFixing(false);
                bar.current?.querySelector<HTMLElement>('[data-testid="bulk-fix"]')?.focus();
              }}
              onTake={async (name) => {
                if (!(await actions.fixTogether(live, name))) return;
                setFixing(false);
                back();
              }}
            />
          )}
        </span>
      )}
      <Worth scene={scene} live={live} />
      <Button
        icon={CLOSE}
        testid="bulk-drop"
        title={t("dropChoice")}
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
function Worth({ scene, live }: { scene: Scene; live: EdgeIndex[] }) {
  const { state, actions, t } = useView();
  const [cost, setCost] = useState<CostOfRemoving | null>(null);
  const running = state.running.value;
  const asked = `${live.join(";")}@${running ? "" : scene.version}`;
  useEffect(() => {
    setCost(null);
    if (running || live.length === 0) return;
    let current = true;
    const timer = setTimeout(async () => {
      const told = await actions.ask("cost_of_removing", { edges: live });
      if (current && told) setCost(told);
    }, REST);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [asked]);
  if (running || live.length === 0) return null;
  return (
    <span class="kw-bulk-cost" data-testid="bulk-cost" aria-live="polite">
      {cost
        ? t("chosenCost", { from: lossText(cost.loss_before), to: lossText(cost.loss_after) })
        : t("chosenMeasuring")}
    </span>
  );
}

/** The library's functions, by the edge that each fits worst. */
function Functions(props: { edges: EdgeIndex[]; onTake: (name: string) => void; onClose: () => void }) {
  const { actions, t } = useView();
  const [found, setFound] = useState<FunctionFor[] | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const asked = props.edges.join(";");
  useEffect(() => {
    let current = true;
    setFound(null);
    actions.ask("functions_for", { edges: props.edges }).then((told) => {
      if (!current) return;
      if (told) setFound(told);
      else props.onClose();
    });
    return () => {
      current = false;
    };
  }, [asked]);
  useLayoutEffect(() => {
    list.current?.querySelector("button")?.focus({ preventScroll: true });
  }, [found]);
  return (
    <ul
      class="kw-functions"
      ref={list}
      data-testid="bulk-functions"
      onKeyDown={(event) => {
        const rows = [...event.currentTarget.querySelectorAll("button")];
        const at = rows.indexOf(event.target as HTMLButtonElement);
        if (event.key === "ArrowDown") rows[at + 1]?.focus();
        else if (event.key === "ArrowUp") rows[at - 1]?.focus();
        else if (event.key === "Escape") props.onClose();
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      {found === null && <li class="kw-quiet-text">{t("suggesting")}</li>}
      {found?.length === 0 && <li class="kw-quiet-text">{t("noCandidates")}</li>}
      {found?.map(({ function: name, r2 }) => (
        <li key={name}>
          <button
            type="button"
            data-function={name}
            aria-label={t("fixEach", { name, r2: rSquared(r2) })}
            onClick={() => props.onTake(name)}
          >
            <span>{prettyFunction(name)}</span>
            <small>R² ≥ {rSquared(r2)}</small>
          </button>
        </li>
      ))}
    </ul>
  );
}
