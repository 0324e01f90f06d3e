import { useEffect, useRef, useState } from "preact/hooks";
import { edgesOfNode } from "../choosing.ts";
import type { CostOfNode } from "../commands.ts";
import { nodeLines, nodeName } from "../describe.ts";
import { lossText } from "../format.ts";
import type { Translate } from "../i18n.ts";
import { focusCanvas } from "../keys.ts";
import { isAlive } from "../protocol.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { Popover } from "./popover.tsx";

/** A node: what it gives, what it would cost to take it out with all its edges, and its name. */
export function NodeMenu({ layer, node }: { layer: number; node: number }) {
  const { state, actions, picture, t } = useView();
  const scene = state.scene.value;
  const point = picture.nodePoint(layer, node);
  const body = useRef<HTMLDivElement>(null);
  const isOutput = layer === scene?.layers;
  const cost = useCost(layer, node, !isOutput);
  if (!scene || !point) return null;

  const edges = edgesOfNode(scene, layer, node);
  const live = actions.among(edges, isAlive).length;
  const into = cost?.edges[0] ?? 0;
  const out = cost?.edges[1] ?? 0;
  const [intoLive, outLive] = cost?.live ?? [0, 0];
  const some = cost ? intoLive + outLive > 0 : live > 0;
  const all = cost ? intoLive + outLive === into + out : live === edges.length;
  const leave = () => {
    if (body.current) focusCanvas(body.current);
    actions.close();
  };
  const act = async (accepted: Promise<boolean>) => {
    if (await accepted) leave();
  };
  return (
    <Popover
      testid="node-menu"
      label={t("node", { index: `${layer}, ${node}` })}
      anchor={{ x: point.x - 8, y: point.y - 8, width: 16, height: 16 }}
    >
      <div class="kw-node" ref={body}>
        <p class="kw-menu-line">
          <strong>{nodeName(scene, layer, node)}</strong> {nodeLines(scene, layer, node, t).join(", ")}
        </p>
        {(layer === 0 || isOutput) && <NameField layer={layer} node={node} onDone={leave} />}
        {cost && (
          <p class="kw-menu-line" data-testid="node-edges">
            {[
              ...(into > 0 ? [t("nodeInto", { live: intoLive, all: into })] : []),
              ...(out > 0 ? [t("nodeOut", { live: outLive, all: out })] : []),
            ].join(", ")}
          </p>
        )}
        {cost && some && <Cost kind="nodeWithout" from={cost.loss_before} to={cost.loss_without} t={t} />}
        {cost && !all && <Cost kind="nodeWith" from={cost.loss_before} to={cost.loss_with} t={t} />}
        <div class="kw-menu-actions">
          <Button
            testid="choose-edges"
            onClick={() => {
              state.chosen.value = edges;
              leave();
            }}
          >
            {t("chooseEdges")}
          </Button>
          {!isOutput && !all && (
            <Button testid="restore" onClick={() => act(actions.restoreNode(layer, node))}>
              {t("restore")}
            </Button>
          )}
          {!isOutput && some && (
            <Button look="danger" testid="remove" onClick={() => act(actions.removeNode(layer, node))}>
              {t("remove")}
            </Button>
          )}
        </div>
      </div>
    </Popover>
  );
}

/** Asks what the node is worth when the menu opens, and again when the network at rest has changed. */
function useCost(layer: number, node: number, wanted: boolean): CostOfNode | null {
  const { state, actions } = useView();
  const [cost, setCost] = useState<CostOfNode | null>(null);
  const settled = state.running.value ? -1 : (state.scene.value?.version ?? 0);
  useEffect(() => {
    if (!wanted || settled < 0) return;
    let current = true;
    actions.ask("cost_of_node", { layer, node }).then((told) => {
      if (current && told) setCost(told);
    });
    return () => {
      current = false;
    };
  }, [layer, node, settled, wanted]);
  return cost;
}

function Cost(props: {
  kind: "nodeWithout" | "nodeWith";
  from: number | null;
  to: number | null;
  t: Translate;
}) {
  return (
    <p class="kw-menu-line" data-testid="node-cost">
      {props.t(props.kind, { from: lossText(props.from), to: lossText(props.to) })}
    </p>
  );
}

/** The name of an input or output, to be typed anew; Enter takes it. */
function NameField({ layer, node, onDone }: { layer: number; node: number; onDone: () => void }) {
  const { state, actions, t } = useView();
  const { inputs, outputs } = state.scene.value?.meta ?? { inputs: [], outputs: [] };
  const name = (layer === 0 ? inputs : outputs)[node] ?? "";
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <label class="kw-field kw-name">
      <span class="kw-label">{t("name")}</span>
      <input
        type="text"
        data-testid="node-name"
        value={draft ?? name}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={async (event) => {
          if (event.key !== "Enter" || event.isComposing) return;
          event.stopPropagation();
          const text = event.currentTarget.value;
          if (text === name || (await actions.nameNode(layer, node, text))) onDone();
        }}
      />
    </label>
  );
}
