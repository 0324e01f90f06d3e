import type { Key } from "./i18n.ts";

const WINDOW = 10_000;
const LEAST = 700;

/** How long a training still takes, from its pace over the last seconds; not known before it has one. */
export class Pace {
  private points: { step: number; at: number }[] = [];

  /** Takes that a step has been reached; times are milliseconds that only grow. */
  note(step: number, at: number): void {
    const last = this.points.at(-1);
    if (step === last?.step) return;
    if (last && step < last.step) this.forget();
    this.points.push({ step, at });
    while (this.points.length > 2 && at - this.points[1].at > WINDOW) this.points.shift();
  }

  /** Forgets the pace: a training that was paused goes on at another. */
  forget(): void {
    this.points = [];
  }

  /** Seconds until `total` steps are done; null while that cannot be said. */
  left(total: number, now: number): number | null {
    const [first] = this.points;
    const last = this.points.at(-1);
    if (!last || last.at - first.at < LEAST || last.step === first.step) return null;
    const each = (last.at - first.at) / (last.step - first.step);
    return Math.max(0, (total - last.step) * each - (now - last.at)) / 1000;
  }
}

/** A time to wait, as roughly as it is known: the text's key and its number. */
export function timeLeft(seconds: number): [Key, number] {
  if (seconds < 10) return ["secondsLeft", Math.ceil(seconds)];
  if (seconds < 58) return ["secondsLeft", Math.ceil(seconds / 5) * 5];
  if (seconds < 3500) return ["minutesLeft", Math.round(seconds / 60)];
  return ["hoursLeft", Math.round(seconds / 3600)];
}
