import { useEffect, useRef, useState } from "preact/hooks";
import type { Proposal } from "../commands.ts";
import { numberText } from "../constants.ts";
import { focusOn } from "../focus.ts";
import { lossChange, short } from "../format.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { useLighting } from "./pointing.ts";

/** Milliseconds of rest after an action before proposals are asked for. */
const REST = 250;

type Accepted = { label: string; node: number } | null;

/** Numbers that the constants may be set to. They are looked for only while the section is open. */
export function Snaps() {
  const { state, t } = useView();
  const [open, setOpen] = useState(false);
  const symbolic = state.traits.summary.value.symbolic;
  if (symbolic === 0) return null;
  return (
    <div class="kw-snaps">
      <Button look="quiet" testid="constants" expanded={open} onClick={() => setOpen(!open)}>
        {open ? "▾" : "▸"} {t("constants")}
      </Button>
      {open && <SnapList />}
    </div>
  );
}

function SnapList() {
  const { state, actions, t } = useView();
  const { found, looking, look } = useProposals();
  const lighting = useLighting();
  const [accepted, setAccepted] = useState<Accepted>(null);
  const box = useRef<HTMLDivElement>(null);
  const current = state.traits.history.value.current;
  const idle = state.traits.status.value === "idle";
  const done = accepted && accepted.node === current ? accepted : null;

  const act = async (accept: Promise<boolean>, label: string) => {
    if (!(await accept)) return;
    setAccepted({ label, node: state.traits.history.peek().current });
    focusOn(box.current);
  };
  return (
    <div class="kw-snap-list" data-testid="snaps" aria-busy={looking} tabIndex={-1} ref={box}>
      <p class="kw-quiet-text" role="status" data-testid="snap-said">
        {done
          ? t("snapped", { what: done.label })
          : looking
            ? t("snapsLooking")
            : found?.length === 0
              ? t("snapsNone")
              : ""}
      </p>
      {done && (
        <Button
          words="undo"
          testid="snap-undo"
          onClick={() => {
            actions.move("undo");
            setAccepted(null);
            focusOn(box.current);
          }}
        />
      )}
      {found !== null && found.length > 0 && (
        <>
          <table>
            <thead>
              <tr>
                <th>{t("snapConstant")}</th>
                <th>{t("snapNumber")}</th>
                <th title={t("lossChangeHelp")}>{t("lossChange")}</th>
                <th />
              </tr>
            </thead>
            <tbody>
              {found.map((proposal) => {
                const { constant, p, q, base, loss_after: after, loss_before: before } = proposal;
                const number = numberText(proposal);
                const edge = proposal.edge.join(", ");
                const what = t("snapWhat", { constant, edge, number });
                const change = Math.sqrt(after ?? Number.NaN) - Math.sqrt(before ?? Number.NaN);
                return (
                  <tr
                    key={`${constant} ${edge}`}
                    data-testid="snap"
                    data-constant={`${constant} ${proposal.edge.join(",")}`}
                    {...lighting([proposal.edge])}
                  >
                    <td>
                      {constant} <small>({edge})</small>
                    </td>
                    <td>
                      {short(proposal.before, 6)} → <b>{number}</b>
                    </td>
                    <td>
                      {lossChange(change)}
                      {!proposal.holds && <span class="kw-warn"> ⚠ {t("snapDoubtful")}</span>}
                    </td>
                    <td>
                      <Button
                        words="accept"
                        look="quiet"
                        testid="snap-accept"
                        aria-label={t("snapAccept", { what })}
                        disabled={!idle}
                        onClick={() =>
                          act(actions.run("snap", { edge: proposal.edge, constant, p, q, base }), what)
                        }
                      />
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
          <Button
            words="snapAll"
            title={t("snapAllHelp")}
            disabled={!idle}
            onClick={() => act(actions.run("snap_all", {}), t("snapAll"))}
          />
        </>
      )}
      {found === null && !looking && <Button words="snapsLook" onClick={look} />}
    </div>
  );
}

/** What may be snapped now: asked for after each action, one question at a time, never during a training. */
function useProposals() {
  const { state, actions } = useView();
  const [found, setFound] = useState<Proposal[] | null>(null);
  const [looking, setLooking] = useState(false);
  const asked = useRef(false);
  const [again, setAgain] = useState(0);
  const current = state.traits.history.value.current;
  const idle = state.traits.status.value === "idle";
  useEffect(() => {
    if (!idle || asked.current) return;
    let left = false;
    setLooking(true);
    const timer = setTimeout(async () => {
      asked.current = true;
      const answer = await actions.ask("proposals", {});
      asked.current = false;
      if (left) setAgain((n) => n + 1);
      else {
        setFound(answer);
        setLooking(false);
      }
    }, REST);
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [current, idle, again, actions]);
  return { found, looking, look: () => setAgain(again + 1) };
}
