import { WITHOUT_RATE } from "../commands.ts";
import { logScale } from "../scale.ts";
import { useView } from "../view.ts";
import { Field, LogSlider, NumberInput } from "./fields.tsx";
import { IconButton } from "./iconbutton.tsx";
import { CloseIcon, FormulaIcon, PauseIcon, PlayIcon, RedoIcon, StopIcon, UndoIcon } from "./icons.tsx";

const LAMB = logScale(1e-5, 1);
const ENTROPY = logScale(0.01, 100);
const OPTIMIZERS = ["LBFGS", "LM", "Adam", "AdamW", "auto"];

/** Training, and what steers it. */
export function Toolbar() {
  const { state, t } = useView();
  const { steps, optimizer, lr, lamb, lamb_entropy } = state.traits;
  return (
    <div class="kw-toolbar" role="group" aria-label={t("train")}>
      <TrainButton />
      <PauseCancel />
      <FindButton />
      <UndoRedo />
      <div class="kw-settings">
        <Field label={t("steps")}>
          <NumberInput
            testid="steps"
            label={t("steps")}
            value={steps.value}
            accepted={t("acceptSteps")}
            accepts={(value) => Number.isInteger(value) && value >= 1 && value <= 100_000}
            onValue={(value) => state.set("steps", value)}
          />
        </Field>
        <Field label={t("optimizer")}>
          <select
            data-testid="optimizer"
            value={optimizer.value}
            onChange={(event) => state.set("optimizer", event.currentTarget.value)}
          >
            {OPTIMIZERS.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </Field>
        {!WITHOUT_RATE.includes(optimizer.value) && (
          <Field label={t("lr")}>
            <NumberInput
              testid="lr"
              label={t("lr")}
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
      </div>
    </div>
  );
}

/** Starts a training; stops it, and a search for a formula. */
function TrainButton() {
  const { state, actions, t } = useView();
  const running = state.running.value;
  const step = state.traits.step.value;
  const total = state.traits.total_steps.value;
  const progress = running && total > 0 ? Math.min(1, step / total) : 0;
  return (
    <button
      type="button"
      class="kw-train"
      data-testid="train"
      data-state={running ? state.traits.status.value : "idle"}
      onClick={() => actions.trainOrStop()}
    >
      <span class="kw-progress" style={{ scale: `${progress} 1` }} />
      {running ? <StopIcon /> : <PlayIcon />}
      <span class="kw-train-text">
        <span data-testid={running ? "stop" : undefined}>{running ? t("stop") : t("train")}</span>
        {running && <small>{t(state.searching.value ? "seconds" : "step", { step, total })}</small>}
      </span>
    </button>
  );
}

function PauseCancel() {
  const { state, actions, t } = useView();
  const paused = state.paused.value;
  return (
    <div class="kw-pair">
      <IconButton
        testid="pause"
        title={t(paused ? "resume" : "pause")}
        disabled={!paused && !state.training.value}
        onClick={() => actions.pauseOrResume()}
      >
        {paused ? <PlayIcon /> : <PauseIcon />}
      </IconButton>
      <IconButton
        testid="cancel"
        title={t("cancel")}
        disabled={!state.running.value}
        onClick={() => actions.cancel()}
      >
        <CloseIcon />
      </IconButton>
    </div>
  );
}

function FindButton() {
  const { state, actions, t } = useView();
  return (
    <button
      type="button"
      class="kw-button kw-find"
      data-testid="find-formula"
      title={t("findHelp")}
      disabled={state.traits.status.value !== "idle"}
      onClick={() => actions.findFormula()}
    >
      <FormulaIcon />
      {t("find")}
    </button>
  );
}

function UndoRedo() {
  const { state, actions, t } = useView();
  const { undo, redo } = state.traits.history.value;
  const undoTitle = undo === null ? t("undo") : t("undoWhat", { label: undo });
  const redoTitle = redo === null ? t("redo") : t("redoWhat", { label: redo });
  return (
    <div class="kw-pair">
      <IconButton testid="undo" title={undoTitle} disabled={undo === null} onClick={() => actions.undo()}>
        <UndoIcon />
      </IconButton>
      <IconButton testid="redo" title={redoTitle} disabled={redo === null} onClick={() => actions.redo()}>
        <RedoIcon />
      </IconButton>
    </div>
  );
}
