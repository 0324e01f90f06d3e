import { type EdgeIndex, findEdge, type Scene, startsOf } from "../protocol.ts";
import type { Camera } from "./camera.ts";
import { edgeAdder } from "./edgemarks.ts";
import type { Layout, Point, Size } from "./layout.ts";
import { nodeAdder } from "./nodemarks.ts";

export { opacity } from "./weight.ts";

/** What a colour means; a renderer looks the colour itself up in the theme. */
export type Ink =
  | "numeric"
  | "symbolic"
  | "both"
  | "removed"
  | "going"
  | "accent"
  | "text"
  | "muted"
  | "paper";

export interface LinkMark {
  from: Point;
  to: Point;
  ink: Ink;
  alpha: number;
  width: number;
  dashed: boolean;
  straight: boolean;
}

/** Why an edge stands out; each has a ring of its own form. */
export type Halo = "none" | "hover" | "pointed" | "chosen" | "selected";

export interface FrameMark {
  /** The edge's place in the scene. */
  edge: number;
  centre: Point;
  side: number;
  /** What the edge is, told by the frame's form too. */
  form: "numeric" | "symbolic" | "both" | "removed";
  ink: Ink;
  alpha: number;
  width: number;
  dashed: boolean;
  hatched: boolean;
  halo: Halo;
  locked: boolean;
  /** x0, y0, x1, y1, … on the screen. */
  curve: Float32Array;
  /** The first and last point of the curve within the grid; the rest is extrapolated. */
  inside: readonly [first: number, last: number];
  /** The curve before the last action, where it can be told from what it is now. */
  ghost: Float32Array | null;
  /** Heights of the histogram's bars as fractions of the frame, when there is room to see them. */
  bars: Float32Array | null;
  /** Where input and output are 0, when that lies in the frame and there is room to see it. */
  zeroX: number | null;
  zeroY: number | null;
  /** Where the grid begins and ends, when that lies in the frame and there is room to see it. */
  grid: readonly (number | null)[];
}

export interface DiscMark {
  centre: Point;
  radius: number;
  ink: Ink;
  hollow: boolean;
  /** The sign of a product. */
  cross: boolean;
  halo: boolean;
}

export interface LabelMark {
  at: Point;
  text: string;
  ink: Ink;
  size: number;
  /** Room for the text; longer ones are cut. */
  room: number;
  /** The colour of the pill behind the text, if any. */
  pill: Ink | null;
  alpha: number;
  /** Shown whole, above all others, where its room is too small. */
  whole: boolean;
  align: "left" | "center" | "right";
}

export interface Marks {
  size: Size;
  links: LinkMark[];
  frames: FrameMark[];
  discs: DiscMark[];
  labels: LabelMark[];
}

export interface Look {
  selected: EdgeIndex | null;
  hoveredEdge: number;
  hoveredNode: { layer: number; node: number } | null;
  /** Edges that the pruning under preparation would take away. */
  going: ReadonlySet<number>;
  /** The settled scene before the last action, whose curves stay as ghosts. */
  before?: Scene | null;
  /** Edges chosen together, besides the selected one. */
  chosen?: readonly EdgeIndex[];
  /** Edges lit from a panel, such as by a term of the formula. */
  pointed?: readonly EdgeIndex[];
}

/** A look without highlights. */
export const PLAIN: Look = {
  selected: null,
  hoveredEdge: -1,
  hoveredNode: null,
  going: new Set(),
  chosen: [],
  pointed: [],
};

/** What the marks are made from, and where they are gathered. */
export interface Drawing {
  marks: Marks;
  scene: Scene;
  layout: Layout;
  camera: Camera;
  look: Look;
  /** See `startsOf`. */
  starts: number[];
  halos: ReadonlyMap<number, Halo>;
}

export function marksOf(scene: Scene, layout: Layout, camera: Camera, look: Look): Marks {
  const marks: Marks = { size: layout.size, links: [], frames: [], discs: [], labels: [] };
  const halos = halosOf(scene, look);
  const drawing = { marks, scene, layout, camera, look, starts: startsOf(scene), halos };
  const { addSubnodes, addNode } = nodeAdder(drawing);
  layout.part.edges.forEach(edgeAdder(drawing));
  for (let l = 0; l < scene.layers; l++) addSubnodes(l);
  scene.widths.forEach((width, l) => {
    for (let i = 0; i < width; i++) addNode(l, i);
  });
  return marks;
}

/** By edge, the strongest reason why it stands out. */
function halosOf(
  scene: Scene,
  { hoveredEdge, pointed = [], chosen = [], selected }: Look,
): Map<number, Halo> {
  const halos = new Map<number, Halo>([[hoveredEdge, "hover"]]);
  for (const edge of pointed) halos.set(findEdge(scene, edge), "pointed");
  for (const edge of chosen) halos.set(findEdge(scene, edge), "chosen");
  return halos.set(findEdge(scene, selected), "selected");
}

type Label = Pick<LabelMark, "at" | "text" | "ink" | "size" | "room"> & Partial<LabelMark>;

/** Adds a text, opaque and without a pill where nothing else is said. */
export function addLabel({ labels }: Marks, label: Label): void {
  labels.push({ pill: null, alpha: 1, whole: false, align: "center", ...label });
}
