import { WITHOUT_RATE } from "../commands.ts";
import type { Key } from "../i18n.ts";
import { logScale } from "../scale.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { Choice, Field, LogSlider, NumberInput } from "./fields.tsx";
import { CLOSE, FORMULA, Icon, PAUSE, PLAY, REDO, STEP, STOP, UNDO } from "./icons.tsx";
import { useProgress } from "./progress.tsx";
import { GridField } from "./refine.tsx";

const LAMB = logScale(1e-5, 1);
const ENTROPY = logScale(0.01, 100);
const OPTIMIZERS: [string, Key][] = [
  ["LBFGS", "helpLBFGS"],
  ["LM", "helpLM"],
  ["Adam", "helpAdam"],
  ["AdamW", "helpAdamW"],
  ["auto", "helpAuto"],
];
/** Seconds a step. */
const PACES = [0, 0.1, 0.25, 0.5, 1, 2];

/** Training, and what steers it. */
export function Toolbar() {
  const { state, t } = useView();
  const { steps, lr, lamb, lamb_entropy, optimizer } = state.traits;
  return (
    <div class="kw-toolbar" role="group" aria-label={t("train")}>
      <div class="kw-actions">
        <TrainButton />
        <Transport />
        <FindButton />
        <UndoRedo />
      </div>
      <div class="kw-settings">
        <Field label={t("steps")} title={t("stepsHelp")}>
          <NumberInput
            testid="steps"
            label={t("steps")}
            help={t("stepsHelp")}
            value={steps.value}
            accepted={t("acceptSteps")}
            accepts={(value) => Number.isSafeInteger(value) && value >= 1}
            onValue={(value) => state.set("steps", value)}
          />
        </Field>
        <Optimizer />
        {!WITHOUT_RATE.includes(optimizer.value) && (
          <Field label={t("lr")} title={t("lrHelp")}>
            <NumberInput
              testid="lr"
              label={t("lr")}
              help={t("lrHelp")}
              value={lr.value}
              accepted={t("acceptPositive")}
              accepts={(value) => value > 0 && Number.isFinite(value)}
              onValue={(value) => state.set("lr", value)}
            />
          </Field>
        )}
        <LogSlider
          testid="lamb"
          label={t("lamb")}
          title={t("lambHelp")}
          value={lamb.value}
          scale={LAMB}
          accepted={t("acceptNonNegative")}
          onValue={(value) => state.set("lamb", value)}
        />
        <LogSlider
          testid="lamb-entropy"
          label={t("lambEntropy")}
          title={t("lambEntropyHelp")}
          value={lamb_entropy.value}
          scale={ENTROPY}
          accepted={t("acceptNonNegative")}
          onValue={(value) => state.set("lamb_entropy", value)}
        />
        <GridField />
        <SlowMotion />
      </div>
    </div>
  );
}

function Optimizer() {
  const { state, t } = useView();
  const chosen = state.traits.optimizer.value;
  const sentence = OPTIMIZERS.find(([name]) => name === chosen)?.[1];
  const help = `${t("optimizerHelp")}. ${sentence ? `${chosen}: ${t(sentence)}` : ""}`;
  return (
    <Field label={t("optimizer")} title={help}>
      <select
        data-testid="optimizer"
        aria-description={help}
        value={chosen}
        onChange={(event) => state.set("optimizer", event.currentTarget.value)}
      >
        {OPTIMIZERS.map(([name, key]) => (
          <option key={name} value={name} title={t(key)}>
            {name}
          </option>
        ))}
      </select>
    </Field>
  );
}

function SlowMotion() {
  const { state, t } = useView();
  const { slow } = state.traits;
  const paces = PACES.includes(slow.value) ? PACES : [...PACES, slow.value].sort((a, b) => a - b);
  return (
    <Choice
      testid="slow"
      label={t("slow")}
      help={t("slowHelp")}
      value={String(slow.value)}
      options={paces.map((pace) => [
        String(pace),
        pace === 0 ? t("fullSpeed") : t("secondsAStep", { n: String(pace) }),
      ])}
      onValue={(value) => state.set("slow", Number(value))}
    />
  );
}

/** Starts a training; stops it, and a search for a formula. Without a kernel it asks for it again. */
function TrainButton() {
  const { state, actions, life, t } = useView();
  const { share, text } = useProgress();
  const running = state.running.value;
  const lost = state.lost.value;
  const label = t(lost ? "lost" : running ? "stop" : "train");
  return (
    <>
      <button
        type="button"
        class="kw-train"
        data-testid="train"
        data-state={lost ? "lost" : running ? state.traits.status.value : "idle"}
        title={t(lost ? "lostHelp" : running ? "stopHelp" : "trainHelp")}
        onClick={() => (lost ? void life.ask() : actions.trainOrStop())}
      >
        <span class="kw-progress" style={{ scale: `${share} 1` }} />
        <Icon of={running ? STOP : PLAY} />
        <span class="kw-train-text">
          <span data-testid={running ? "stop" : undefined}>{label}</span>
          {running && (
            <small aria-hidden="true" data-testid="progress">
              {text}
            </small>
          )}
          {lost && <small>{t("askAgain")}</small>}
        </span>
      </button>
      {running && (
        <progress class="kw-unseen" aria-label={t("progress")} aria-valuetext={text} value={share} max={1} />
      )}
    </>
  );
}

/** Pause, one step, cancel. */
function Transport() {
  const { state, actions, t } = useView();
  const running = state.running.value;
  const paused = state.paused.value && running;
  return (
    <div class="kw-pair">
      <Button
        icon={paused ? PLAY : PAUSE}
        testid="pause"
        title={t(paused ? "resume" : "pause")}
        help={t(paused ? "resumeHelp" : "pauseHelp")}
        disabled={!running || state.searching.value}
        onClick={() => actions.pauseOrResume()}
      />
      <Button
        icon={STEP}
        testid="step"
        title={t("oneStep")}
        help={t("oneStepHelp")}
        disabled={state.lost.value || state.searching.value || state.traits.status.value === "busy"}
        onClick={() => actions.step()}
      />
      <Button
        icon={CLOSE}
        testid="cancel"
        title={t("cancel")}
        help={t("cancelHelp")}
        disabled={!running}
        onClick={() => actions.cancel()}
      />
    </div>
  );
}

function FindButton() {
  const { state, actions, t } = useView();
  return (
    <Button
      icon={FORMULA}
      class="kw-button kw-find"
      testid="find-formula"
      help={t("findHelp")}
      disabled={state.traits.status.value !== "idle" || state.lost.value}
      onClick={() => actions.findFormula()}
    >
      {t("find")}
    </Button>
  );
}

function UndoRedo() {
  const { state, actions, t } = useView();
  const { undo, redo } = state.traits.history.value;
  const undoTitle = undo === null ? t("undo") : t("undoWhat", { label: undo });
  const redoTitle = redo === null ? t("redo") : t("redoWhat", { label: redo });
  return (
    <div class="kw-pair">
      <Button
        icon={UNDO}
        testid="undo"
        title={undoTitle}
        help={t("undoHelp")}
        disabled={undo === null}
        onClick={() => actions.undo()}
      />
      <Button
        icon={REDO}
        testid="redo"
        title={redoTitle}
        help={t("redoHelp")}
        disabled={redo === null}
        onClick={() => actions.redo()}
      />
    </div>
  );
}
