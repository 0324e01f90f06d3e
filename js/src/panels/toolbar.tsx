import { WITHOUT_RATE } from "../commands.ts";
import type { Explained } from "../i18n.ts";
import { logScale } from "../scale.ts";
import { useView } from "../view.ts";
import { Button, type ButtonProps } from "./button.tsx";
import { Choice, LogSlider, NumberField } from "./fields.tsx";
import { CLOSE, FORMULA, Icon, PAUSE, PLAY, REDO, STEP, STOP, UNDO } from "./icons.tsx";
import { useProgress } from "./progress.tsx";
import { GridField } from "./refine.tsx";

const LAMB = logScale(1e-5, 1);
const ENTROPY = logScale(0.01, 100);
const OPTIMIZERS = ["LBFGS", "LM", "Adam", "AdamW", "auto"] as const;
/** Seconds a step. */
const PACES = [0, 0.1, 0.25, 0.5, 1, 2];

/** Training, and what steers it. */
export function Toolbar() {
  const { state, t } = useView();
  return (
    <div class="kw-toolbar" role="group" aria-label={t("train")}>
      <div class="kw-actions">
        <TrainButton />
        <Transport />
        <FindButton />
        <UndoRedo />
      </div>
      <div class="kw-settings">
        <NumberField
          of="steps"
          words="steps"
          accepted="acceptSteps"
          accepts={(value) => Number.isSafeInteger(value) && value >= 1}
        />
        <Optimizer />
        {!WITHOUT_RATE.includes(state.traits.optimizer.value) && (
          <NumberField
            of="lr"
            words="lr"
            accepted="acceptPositive"
            accepts={(value) => value > 0 && Number.isFinite(value)}
          />
        )}
        <LogSlider of="lamb" words="lamb" scale={LAMB} />
        <LogSlider of="lamb_entropy" words="lambEntropy" scale={ENTROPY} />
        <GridField />
        <SlowMotion />
      </div>
    </div>
  );
}

function Optimizer() {
  const { state, t } = useView();
  const chosen = state.traits.optimizer.value;
  const options = OPTIMIZERS.map(
    (name) => [name, name, t(`name${name === "auto" ? "Auto" : name}Help`)] as const,
  );
  const sentence = options.find(([name]) => name === chosen)?.[2];
  const help = `${t("optimizerHelp")}. ${sentence ? `${chosen}: ${sentence}` : ""}`;
  return <Choice of="optimizer" words="optimizer" help={help} options={options} />;
}

function SlowMotion() {
  const { state, t } = useView();
  const slow = state.traits.slow.value;
  const paces = PACES.includes(slow) ? PACES : [...PACES, slow].sort((a, b) => a - b);
  return (
    <Choice
      of="slow"
      words="slow"
      options={paces.map((pace) => [
        pace,
        pace === 0 ? t("fullSpeed") : t("secondsAStep", { n: String(pace) }),
      ])}
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

interface ToolProps extends ButtonProps {
  words: Explained;
}

/** A button that shows an icon; it is told what it does. */
function Tool({ words, ...others }: ToolProps) {
  const { t } = useView();
  return <Button words={words} help={t(`${words}Help`)} {...others} />;
}

/** Pause, one step, cancel. */
function Transport() {
  const { state, actions } = useView();
  const running = state.running.value;
  const searching = state.searching.value;
  const paused = state.paused.value && running;
  return (
    <div class="kw-pair">
      <Tool
        icon={paused ? PLAY : PAUSE}
        testid="pause"
        words={paused ? "resume" : "pause"}
        disabled={!running || searching}
        onClick={actions.pauseOrResume}
      />
      <Tool
        icon={STEP}
        testid="step"
        words="oneStep"
        disabled={state.lost.value || searching || state.traits.status.value === "busy"}
        onClick={actions.step}
      />
      <Tool icon={CLOSE} words="cancel" disabled={!running} onClick={() => actions.run("cancel", {})} />
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
      onClick={() => actions.run("auto", {})}
    >
      {t("find")}
    </Button>
  );
}

function UndoRedo() {
  const { state, actions, t } = useView();
  const history = state.traits.history.value;
  return (
    <div class="kw-pair">
      {(["undo", "redo"] as const).map((way) => {
        const label = history[way];
        return (
          <Tool
            key={way}
            icon={way === "undo" ? UNDO : REDO}
            words={way}
            title={label === null ? undefined : t(`${way}What`, { label })}
            disabled={label === null}
            onClick={() => actions.move(way)}
          />
        );
      })}
    </div>
  );
}
