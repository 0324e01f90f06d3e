import { prettyFunction, short } from "../format.ts";
import { EdgeKind, functionOf, type Scene } from "../protocol.ts";
import { toScreen } from "./camera.ts";
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
import type { Layout, Point } from "./layout.ts";
import type { Drawing, FrameMark, Ink } from "./marks.ts";
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
const FORMS = ["removed", "numeric", "symbolic", "both"] as const;

/** An edge's two links, its frame, and what is written about it. */
export function addEdge(drawing: Drawing, e: number): void {
  const { marks, scene, layout, camera, look } = drawing;
  const layer = scene.layer[e];
  const side = layout.frameSide[layer] * camera.zoom;
  const centre = toScreen(camera, layout.frameX[e], layout.frameY[e]);
  const form = FORMS[scene.kind[e]];
  const removed = form === "removed";
  const going = look.going.has(e);
  const halo = drawing.halos.get(e) ?? "none";
  const ink: Ink = going ? "going" : form;
  const strength = removed ? 0.4 : going ? 0.35 : opacity(scene.score[e]);
  const alpha = halo === "none" ? strength : Math.max(strength, 0.85);
  addLinks(drawing, e, { centre, side, ink, alpha, lit: halo !== "none", going });
  if (outside(centre, side, layout)) return;
  const room = side >= ROOM_FOR_AXES && !removed;
  const ghost = look.before && side >= ROOM_FOR_GHOST ? ghostOf(scene, e, look.before) : null;
  const axes = axesOf(scene, e, centre, side, ghost);
  const zeros = room ? zerosIn(axes) : null;
  const { points, inside } = curveIn(scene, e, axes);
  marks.frames.push({
    edge: e,
    centre,
    side,
    form,
    ink,
    alpha,
    width: frameWidth(form, side) * thickness(camera),
    dashed: removed,
    hatched: going,
    halo,
    locked: scene.locked[e] === 1,
    curve: points,
    inside,
    ghost: ghost && ghostIn(ghost, axes),
    bars: room ? barsOf(scene, e) : null,
    zeroX: zeros?.x ?? null,
    zeroY: zeros?.y ?? null,
    grid: room ? gridIn(scene, e, axes) : [],
  });
  if (side >= ROOM_FOR_ENDS && !removed) addEnds(drawing, axes, points, centre.y + side / 2, alpha);
  if (side >= ROOM_FOR_LABEL) addFunction(drawing, e, { x: centre.x, y: centre.y - side / 2 }, side, ink);
}

interface Linked {
  centre: Point;
  side: number;
  ink: Ink;
  alpha: number;
  lit: boolean;
  going: boolean;
}

function addLinks({ marks, scene, layout, camera, starts }: Drawing, e: number, edge: Linked): void {
  const { centre, side, lit } = edge;
  const layer = scene.layer[e];
  const below = starts[layer] + scene.from[e];
  const above = layout.subnodes[layer][scene.to[e]];
  const removed = scene.kind[e] === EdgeKind.removed;
  const crowded = layout.linkStrength[layer] < CROWDED;
  const width = crowded ? HAIRLINE.width : scene.kind[e] === EdgeKind.symbolic ? 1.75 : 1.25;
  const faded = (removed ? 0.22 : edge.alpha * 0.85) * layout.linkStrength[layer];
  const link = {
    ink: lit ? ("accent" as const) : edge.ink,
    alpha: lit ? edge.alpha : faded * (crowded ? HAIRLINE.alpha : 1),
    width: lit ? 2 * thickness(camera) : width * (crowded ? 1 : thickness(camera)),
    dashed: (removed || edge.going) && !crowded,
    straight: crowded,
  };
  if (link.alpha < INVISIBLE) return;
  const bottom = { x: centre.x, y: centre.y + side / 2 };
  const top = { x: centre.x, y: centre.y - side / 2 };
  marks.links.push(
    { ...link, from: toScreen(camera, layout.nodeX[below], layout.nodeY[below]), to: bottom },
    { ...link, from: top, to: toScreen(camera, above.x, above.y) },
  );
}

function frameWidth(form: FrameMark["form"], side: number): number {
  const base = side < 24 ? 0.75 : 1.25;
  return form === "symbolic" || form === "both" ? base * 1.4 : base;
}

function outside({ x, y }: Point, side: number, { size }: Layout): boolean {
  const reach = side / 2 + 12;
  return x + reach < 0 || y + reach < 0 || x - reach > size.width || y - reach > size.height;
}

/** The range of the input under the frame, that of the output in its corners, where the curve is not. */
function addEnds({ marks }: Drawing, axes: Axes, points: Float32Array, bottom: number, alpha: number): void {
  const { left, width, xLo, xHi, yLo, yHi } = axes;
  const right = left + width;
  const size = Math.min(ENDS_SIZE[1], Math.max(ENDS_SIZE[0], width * 0.095));
  const add = (text: string, x: number, y: number, align: "left" | "right") =>
    marks.labels.push({
      at: { x, y },
      text,
      ink: "muted",
      size,
      room: width / 2,
      pill: null,
      alpha: Math.max(0.45, alpha),
      whole: false,
      align,
    });
  const inputs = apart(xLo, xHi);
  add(inputs[0], left, bottom + size * 0.75, "left");
  add(inputs[1], right, bottom + size * 0.75, "right");
  const flat = isFlat(axes);
  apart(yLo, yHi).forEach((text, end) => {
    if (flat && end === 0) return;
    const y = yAt(axes, end ? yHi : yLo);
    const atLeft = clearance(points, 0, y) >= clearance(points, 3 / 4, y);
    add(text, atLeft ? left : right, flat ? y - size : y, atLeft ? "left" : "right");
  });
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

/** The name of an edge's function on the upper border, like a plot's title. */
function addFunction({ marks, scene, look }: Drawing, e: number, top: Point, side: number, ink: Ink): void {
  const text = functionText(scene, e);
  if (!text) return;
  const padlock = scene.locked[e] ? 14 : 0;
  marks.labels.push({
    at: { x: top.x - padlock / 2, y: top.y },
    text,
    ink: "paper",
    size: Math.min(13, Math.max(10, side * 0.15)),
    room: side + 8 - padlock,
    pill: ink,
    alpha: look.going.has(e) ? 0.5 : 1,
    whole: false,
    align: "center",
  });
}

function functionText(scene: Scene, e: number): string | null {
  const kind = scene.kind[e];
  if (kind !== EdgeKind.symbolic && kind !== EdgeKind.both) return null;
  const name = functionOf(scene, e);
  return name && (kind === EdgeKind.both ? `φ + ${prettyFunction(name)}` : prettyFunction(name));
}
