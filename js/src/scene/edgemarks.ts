import { prettyFunction, short } from "../format.ts";
import { EdgeKind, functionOf } from "../protocol.ts";
import { clamp } from "../scale.ts";
import { frameAt, nodeOn, toScreen } from "./camera.ts";
import {
  type Axes,
  axesOf,
  barsOf,
  curveIn,
  ghostIn,
  ghostOf,
  gridIn,
  isFlat,
  yAt,
  zerosIn,
} from "./curve.ts";
import type { Size } from "./layout.ts";
import { addLabel, type Drawing, type FrameMark } from "./marks.ts";
import { opacity, thickness } from "./weight.ts";

/** Sides of a frame from which on there is room for a ghost, a name, axes and bars, and their ends. */
const ROOM_FOR_GHOST = 24;
const ROOM_FOR_LABEL = 34;
const ROOM_FOR_AXES = 48;
const ROOM_FOR_ENDS = 90;
const ENDS_SIZE = [9.5, 13] as const;
const INVISIBLE = 0.03;
/** Below this strength of links, hundreds of them cross: straight hairlines are drawn much faster. */
const CROWDED = 0.2;
const HAIRLINE = { width: 0.5, alpha: 1.6 };
const FORMS = Object.keys(EdgeKind) as (keyof typeof EdgeKind)[];

/** What a frame has before there is anything in it. */
type Outline = Pick<
  FrameMark,
  "edge" | "centre" | "side" | "form" | "ink" | "alpha" | "halo" | "hatched" | "dashed"
>;

/** Adds an edge's two links, its frame, and what is written about it. */
export function edgeAdder({
  marks,
  scene,
  layout,
  camera,
  look,
  starts,
  halos,
}: Drawing): (edge: number) => void {
  const { layer, from, to, kind, locked, score } = scene;
  const { frameSide, linkStrength, subnodes, size } = layout;
  const thick = thickness(camera);

  const addLinks = ({ edge, centre: { x, y }, side, form, ink, alpha, halo, hatched, dashed }: Outline) => {
    const l = layer[edge];
    const above = subnodes[l][to[edge]];
    const strength = linkStrength[l];
    const crowded = strength < CROWDED;
    const lit = halo !== "none";
    const faded = (dashed ? 0.22 : alpha * 0.85) * strength * (crowded ? HAIRLINE.alpha : 1);
    const width = crowded ? HAIRLINE.width : (form === "symbolic" ? 1.75 : 1.25) * thick;
    const link = {
      ink: lit ? ("accent" as const) : ink,
      alpha: lit ? alpha : faded,
      width: lit ? 2 * thick : width,
      dashed: (dashed || hatched) && !crowded,
      straight: crowded,
    };
    if (link.alpha < INVISIBLE) return;
    marks.links.push(
      { ...link, from: nodeOn(camera, layout, starts[l] + from[edge]), to: { x, y: y + side / 2 } },
      { ...link, from: { x, y: y - side / 2 }, to: toScreen(camera, above.x, above.y) },
    );
  };

  /** The range of the input under the frame, that of the output in its corners, where the curve is not. */
  const addEnds = (axes: Axes, points: Float32Array, { centre, side, alpha }: Outline) => {
    const { left, width, xLo, xHi, yLo, yHi } = axes;
    const height = clamp(width * 0.095, ...ENDS_SIZE);
    const add = (text: string, atLeft: boolean, y: number) =>
      addLabel(marks, {
        at: { x: atLeft ? left : left + width, y },
        text,
        ink: "muted",
        size: height,
        room: width / 2,
        alpha: Math.max(0.45, alpha),
        align: atLeft ? "left" : "right",
      });
    const [first, last] = apart(xLo, xHi);
    const under = centre.y + side / 2 + height * 0.75;
    add(first, true, under);
    add(last, false, under);
    const flat = isFlat(axes);
    apart(yLo, yHi).forEach((text, end) => {
      if (flat && end === 0) return;
      const y = yAt(axes, end ? yHi : yLo);
      add(text, clearance(points, 0, y) >= clearance(points, 3 / 4, y), flat ? y - height : y);
    });
  };

  /** The name of an edge's function on the upper border, like a plot's title. */
  const addFunction = ({ edge, centre, side, form, ink, hatched }: Outline) => {
    const name = functionOf(scene, edge);
    if (!name || (form !== "symbolic" && form !== "both")) return;
    const padlock = locked[edge] ? 14 : 0;
    addLabel(marks, {
      at: { x: centre.x - padlock / 2, y: centre.y - side / 2 },
      text: (form === "both" ? "φ + " : "") + prettyFunction(name),
      ink: "paper",
      size: clamp(side * 0.15, 10, 13),
      room: side + 8 - padlock,
      pill: ink,
      alpha: hatched ? 0.5 : 1,
    });
  };

  return (edge) => {
    const side = frameSide[layer[edge]] * camera.zoom;
    const centre = frameAt(camera, layout, edge);
    const form = FORMS[kind[edge]];
    const dashed = form === "removed";
    const hatched = look.going.has(edge);
    const halo = halos.get(edge) ?? "none";
    const strength = dashed ? 0.4 : hatched ? 0.35 : opacity(score[edge]);
    const alpha = halo === "none" ? strength : Math.max(strength, 0.85);
    const ink = hatched ? "going" : form;
    const outline = { edge, centre, side, form, ink, alpha, halo, hatched, dashed } as const;
    addLinks(outline);
    if (isOutside(outline, size)) return;
    const room = side >= ROOM_FOR_AXES && !dashed;
    const past = look.before && side >= ROOM_FOR_GHOST ? ghostOf(scene, edge, look.before) : null;
    const axes = axesOf(scene, edge, centre, side, past);
    const grid = gridIn(scene, edge, axes);
    const { points, inside } = curveIn(scene, edge, axes, grid);
    const strong = form === "symbolic" || form === "both" ? 1.4 : 1;
    marks.frames.push({
      ...outline,
      width: (side < 24 ? 0.75 : 1.25) * strong * thick,
      locked: locked[edge] === 1,
      curve: points,
      inside,
      ghost: past && ghostIn(past, axes),
      bars: room ? barsOf(scene, edge) : null,
      ...(room ? zerosIn(axes) : { zeroX: null, zeroY: null }),
      grid: room ? grid : [],
    });
    if (side >= ROOM_FOR_ENDS && !dashed) addEnds(axes, points, outline);
    if (side >= ROOM_FOR_LABEL) addFunction(outline);
  };
}

function isOutside({ centre: { x, y }, side }: Outline, { width, height }: Size): boolean {
  const reach = side / 2 + 12;
  return x + reach < 0 || y + reach < 0 || x - reach > width || y - reach > height;
}

/** Two numbers in as few digits as tell them apart. */
function apart(lo: number, hi: number): [string, string] {
  let digits = 2;
  while (digits < 4 && short(lo, digits) === short(hi, digits)) digits++;
  return [short(lo, digits), short(hi, digits)];
}

/** How far a quarter of the curve stays away from a height. */
function clearance(points: Float32Array, from: number, y: number): number {
  const count = points.length / 2;
  const first = Math.floor(from * count);
  let least = Number.POSITIVE_INFINITY;
  for (let k = first; k < first + count / 4; k++) least = Math.min(least, Math.abs(points[2 * k + 1] - y));
  return least;
}
