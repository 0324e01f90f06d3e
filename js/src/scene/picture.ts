import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Lasso } from "../choosing.ts";
import { type EdgeIndex, edgeIndex, findEdge, nodeAt } from "../protocol.ts";
import { goingEdges } from "../prune.ts";
import type { State } from "../state.ts";
import { type Camera, FITTED, frameAt, lookingAt, nodeOn, panBy, resized, zoomAt } from "./camera.ts";
import type { Palette } from "./canvas.ts";
import { detailOf } from "./detail.ts";
import { flightOf } from "./flight.ts";
import { type Hit, hitTest } from "./hit.ts";
import { type Layout, layoutOf, type Point, type Size } from "./layout.ts";
import type { Look } from "./marks.ts";
import { keepPainted } from "./painter.ts";

/** Pixels of a frame from which on its curve can be read. */
const READABLE = 64;
const NOTHING: ReadonlySet<number> = new Set();

/** The live picture of the network: what is seen from where, and when the canvas is painted again. */
export type Picture = ReturnType<typeof pictureOf>;

export function pictureOf(state: State, palette: ReadonlySignal<Palette>) {
  const { shown, traits, chosen, preview, pruneDraft, motion } = state;
  const size = signal<Size>({ width: 0, height: 0 });
  const camera = signal<Camera>(FITTED);
  const hovered = signal<Hit>(null);
  /** The rectangle that is drawn to choose edges. */
  const lasso = signal<Lasso | null>(null);
  /** The newest version of the live scene that the canvas has caught up with. */
  const drawn = signal<number | null>(null);
  /** What of a large network is drawn. */
  const detail = detailOf(state);
  const flight = flightOf(camera, () => motion.peek() === "still");

  const layout: ReadonlySignal<Layout | null> = computed(() => {
    const scene = shown.value;
    const part = detail.part.value;
    return scene && part && size.value.width > 0 ? layoutOf(scene, size.value, part) : null;
  });
  const going: ReadonlySignal<ReadonlySet<number>> = computed(() => {
    const scene = shown.value;
    const threshold = preview.value ? null : pruneDraft.value;
    return scene && threshold !== null ? goingEdges(scene, threshold) : NOTHING;
  });

  /** Shows the whole network. */
  const fitAll = () => flight.to(FITTED);

  /** Shows these edges as large as they fit; whether one of them is on the canvas. */
  const fitTo = (edges: readonly (EdgeIndex | null)[]): boolean => {
    const scene = shown.peek();
    const places = layout.peek();
    if (!scene || !places) return false;
    const { frameX, frameY, frameSide } = places;
    const frames = edges.map((edge) => findEdge(scene, edge)).filter((e) => frameX[e] >= 0);
    if (frames.length === 0) return false;
    const reach = (sign: number, at: Float32Array) =>
      sign * Math.max(...frames.map((e) => sign * at[e] + frameSide[scene.layer[e]] / 2));
    const box = {
      left: reach(-1, frameX),
      right: reach(1, frameX),
      top: reach(-1, frameY),
      bottom: reach(1, frameY),
    };
    flight.to(lookingAt(box, size.peek()));
    return true;
  };

  /** The frame of an edge on the screen: its centre and side; null where it is not drawn. */
  const frameOf = (e: number): (Point & { side: number }) | null => {
    const scene = shown.value;
    const places = layout.value;
    const seen = camera.value;
    if (!scene || !places || !(places.frameX[e] >= 0)) return null;
    return { ...frameAt(seen, places, e), side: places.frameSide[scene.layer[e]] * seen.zoom };
  };

  const nodePoint = (layer: number, node: number): Point | null => {
    const scene = shown.value;
    const places = layout.value;
    const seen = camera.value;
    if (!scene || !places || !(node < scene.widths[layer])) return null;
    const at = nodeAt(scene, layer, node);
    return places.part.nodes[at] === 0 ? null : nodeOn(seen, places, at);
  };

  return {
    size,
    camera,
    hovered,
    lasso,
    drawn,
    detail,
    layout,
    going,
    palette,
    fit: fitAll,
    frameOf,
    nodePoint,
    /** Shows the selected edges as large as they fit; without any, the whole network. */
    fitSelection(): void {
      if (!fitTo([traits.selected.peek(), ...chosen.peek()])) fitAll();
    },
    /** Goes to an edge whose frame is too small to be read; from anything else back to the whole network. */
    lookCloser(hit: Hit): void {
      const scene = shown.peek();
      if (hit?.kind === "node") return;
      if (!scene || !hit) fitAll();
      else if ((frameOf(hit.edge)?.side ?? 0) < READABLE) fitTo([edgeIndex(scene, hit.edge)]);
    },
    /** Zooms smoothly by a factor about a point of the canvas, its middle where none is given. */
    zoomBy(factor: number, at?: Point): void {
      const { width, height } = size.peek();
      const about = at ?? { x: width / 2, y: height / 2 };
      flight.to(zoomAt(flight.target(), about, factor, size.peek()));
    },
    /** Moves the network smoothly by so many pixels. */
    panBy: (dx: number, dy: number) => flight.to(panBy(flight.target(), dx, dy, size.peek())),
    /** Takes a new size of the canvas; what was in its middle stays there. */
    resize: (now: Size) =>
      batch(() => {
        camera.value = resized(camera.peek(), size.peek(), now);
        size.value = now;
      }),
    /** What lies under a point of the canvas. */
    hit({ x, y }: Point): Hit {
      const scene = shown.peek();
      const places = layout.peek();
      return scene && places && hitTest(scene, places, camera.peek(), x, y);
    },
    /** What is highlighted, going, or was before. */
    look(): Look {
      const hit = hovered.value;
      return {
        selected: traits.selected.value,
        hoveredEdge: hit?.kind === "edge" ? hit.edge : -1,
        hoveredNode: hit?.kind === "node" ? hit : null,
        going: going.value,
        before: preview.value || !state.ghosts.value ? null : state.before.value,
        chosen: chosen.value,
        pointed: state.pointed.value,
      };
    },
    /** Paints on this canvas, at most once a frame, whenever something that shows has changed. */
    mount(canvas: HTMLCanvasElement): () => void {
      const stop = keepPainted(canvas, state, this);
      // Lets a script of the page (a test, a tour) find an edge or a node in client coordinates.
      const inPage = (point: Point | null) => {
        const { left, top } = canvas.getBoundingClientRect();
        return point && { x: left + point.x, y: top + point.y };
      };
      const finders: Pick<LocatableCanvas, "kanEdgePosition" | "kanNodePosition"> = {
        kanEdgePosition: (...edge) => {
          const scene = shown.peek();
          return scene && inPage(frameOf(findEdge(scene, edge)));
        },
        kanNodePosition: (layer, node) => inPage(nodePoint(layer, node)),
      };
      Object.assign(canvas, finders);
      return () => {
        stop();
        flight.stop();
      };
    },
  };
}

export interface LocatableCanvas extends HTMLCanvasElement {
  kanEdgePosition(l: number, i: number, j: number): Point | null;
  kanNodePosition(layer: number, node: number): Point | null;
}
