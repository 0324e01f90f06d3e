import { useRef, useState } from "preact/hooks";
import { edgesOfNode } from "../choosing.ts";
import { nodeLines, nodeName } from "../describe.ts";
import { lossText } from "../format.ts";
import { isAlive } from "../protocol.ts";
import { useView } from "../view.ts";
import { useAnswer } from "./asking.ts";
import { Button } from "./button.tsx";
import { Popover } from "./frame.tsx";
import { around } from "./place.ts";

/** A node: what it gives, what it would cost to take it out with all its edges, and its name. */
export function NodeMenu({ layer, node }: { layer: number; node: number }) {
  const { state, actions, picture, t } = useView();
  const scene = state.scene.value;
  const point = picture.nodePoint(layer, node);
  const body = useRef<HTMLDivElement>(null);
  const isOutput = layer === scene?.layers;
  const about = isOutput || state.running.value ? null : `${layer} ${node} ${scene?.version}`;
  const cost = useAnswer(about, () => actions.ask("cost_of_node", { layer, node }))?.answer;
  if (!scene || !point) return null;

  const edges = edgesOfNode(scene, layer, node);
  const [into, out] = cost?.edges ?? [edges.length, 0];
  const [intoLive, outLive] = cost?.live ?? [actions.among(edges, isAlive).length, 0];
  const some = intoLive + outLive > 0;
  const all = intoLive + outLive === into + out;
  const counts = [
    into > 0 && t("nodeInto", { live: intoLive, all: into }),
    out > 0 && t("nodeOut", { live: outLive, all: out }),
  ];
  const leave = () => actions.close(body.current);
  const act = async (command: "remove_node" | "restore_node") => {
    if (await actions.run(command, { layer, node })) leave();
  };
  const costs = (kind: "nodeWithout" | "nodeWith", to: number | null) => (
    <p class="kw-menu-line" data-testid="node-cost">
      {t(kind, { from: lossText(cost?.loss_before ?? null), to: lossText(to) })}
    </p>
  );
  return (
    <Popover testid="node-menu" label={t("node", { index: `${layer}, ${node}` })} anchor={around(point, 16)}>
      <div class="kw-node" ref={body}>
        <p class="kw-menu-line">
          <strong>{nodeName(scene, layer, node)}</strong> {nodeLines(scene, layer, node, t).join(", ")}
        </p>
        {(layer === 0 || isOutput) && <NameField layer={layer} node={node} onDone={leave} />}
        {cost && (
          <>
            <p class="kw-menu-line" data-testid="node-edges">
              {counts.filter(Boolean).join(", ")}
            </p>
            {some && costs("nodeWithout", cost.loss_without)}
            {!all && costs("nodeWith", cost.loss_with)}
          </>
        )}
        <div class="kw-menu-actions">
          <Button
            words="chooseEdges"
            onClick={() => {
              state.chosen.value = edges;
              leave();
            }}
          />
          {!isOutput && !all && <Button words="restore" onClick={() => act("restore_node")} />}
          {!isOutput && some && <Button words="remove" look="danger" onClick={() => act("remove_node")} />}
        </div>
      </div>
    </Popover>
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
          if (text === name || (await actions.run("name_node", { layer, node, text }))) onDone();
        }}
      />
    </label>
  );
}
