import { canvas } from "./canvas.ts";
import { compare } from "./compare.ts";
import { detail } from "./detail.ts";
import { edge } from "./edge.ts";
import { exporting } from "./export.ts";
import { formula } from "./formula.ts";
import { hand } from "./hand.ts";
import { help } from "./help.ts";
import { history } from "./history.ts";
import { inspector } from "./inspector.ts";
import { losses } from "./losses.ts";
import { pareto } from "./pareto.ts";
import { prune } from "./prune.ts";
import { refine } from "./refine.ts";
import { session } from "./session.ts";
import { settings } from "./settings.ts";
import { summary } from "./summary.ts";
import { toolbar } from "./toolbar.ts";

/** Every text of the widget in English; the other languages have the same keys. */
export const en = {
  ...canvas,
  ...detail,
  ...compare,
  ...edge,
  ...exporting,
  ...formula,
  ...hand,
  ...help,
  ...history,
  ...inspector,
  ...losses,
  ...pareto,
  ...prune,
  ...refine,
  ...settings,
  ...session,
  ...summary,
  ...toolbar,
};
