import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Lasso } from "../choosing.ts";
import { type EdgeIndex, edgeIndex, findEdge, nodeAt } from "../protocol.ts";
import { goingEdges } from "../prune.ts";
import type { State } from "../state.ts";
import { type Camera, FITTED, lookingAt, panBy, resized, toScreen, zoomAt } from "./camera.ts";
import type { Palette } from "./canvas.ts";
import { type Detail, detailOf } from "./detail.ts";
import { flightOf } from "./flight.ts";
import { type Hit, hitTest } from "./hit.ts";
import { type Layout, layoutOf, type Point, type Size } from "./layout.ts";
import type { Look } from "./marks.ts";
import { keepPainted } from "./painter.ts";

/** Pixels of a frame from which on its curve can be read. */
const READABLE = 64;
const NOTHING: ReadonlySet<number> = new Set();

/** The live picture of the network: what is seen from where, and when the canvas is painted again. */
export class Picture {
  readonly size = signal<Size>({ width: 0, height: 0 });
  readonly camera = signal<Camera>(FITTED);
  readonly hovered = signal<Hit>(null);
  /** The rectangle that is drawn to choose edges. */
  readonly lasso = signal<Lasso | null>(null);
  /** The newest version of the live scene that the canvas has caught up with. */
  readonly drawn = signal<number | null>(null);
  /** What of a large network is drawn. */
  readonly detail: Detail;
  private readonly flight = flightOf(this.camera, () => this.state.motion.peek() === "still");

  readonly layout: ReadonlySignal<Layout | null> = computed(() => {
    const scene = this.state.shown.value;
    const part = this.detail.part.value;
    const size = this.size.value;
    return scene && part && size.width > 0 ? layoutOf(scene, size, part) : null;
  });

  readonly going: ReadonlySignal<ReadonlySet<number>> = computed(() => {
    const { shown, preview, pruneDraft } = this.state;
    const scene = shown.value;
    const threshold = preview.value ? null : pruneDraft.value;
    return scene && threshold !== null ? goingEdges(scene, threshold) : NOTHING;
  });

  constructor(
    private readonly state: State,
    readonly palette: ReadonlySignal<Palette>,
  ) {
    this.detail = detailOf(state);
  }

  /** Shows the whole network. */
  fit(): void {
    this.flight.to(FITTED);
  }

  /** Shows the selected edges as large as they fit; without any, the whole network. */
  fitSelection(): void {
    const { traits, chosen } = this.state;
    if (!this.fitTo([traits.selected.peek(), ...chosen.peek()])) this.fit();
  }

  /** Shows these edges as large as they fit; whether one of them is on the canvas. */
  fitTo(edges: readonly (EdgeIndex | null)[]): boolean {
    const { scene, layout } = this.sight();
    if (!scene || !layout) return false;
    const { frameX, frameY, frameSide } = layout;
    const drawn = edges.map((edge) => findEdge(scene, edge)).filter((e) => frameX[e] >= 0);
    if (drawn.length === 0) return false;
    const reach = (sign: number, at: Float32Array) =>
      sign * Math.max(...drawn.map((e) => sign * at[e] + frameSide[scene.layer[e]] / 2));
    const box = {
      left: reach(-1, frameX),
      right: reach(1, frameX),
      top: reach(-1, frameY),
      bottom: reach(1, frameY),
    };
    this.flight.to(lookingAt(box, this.size.peek()));
    return true;
  }

  /** Goes to an edge whose frame is too small to be read; from anything else back to the whole network. */
  lookCloser(hit: Hit): void {
    const scene = this.state.shown.peek();
    if (hit?.kind === "node") return;
    if (!scene || !hit) this.fit();
    else if ((this.frameOf(hit.edge)?.side ?? 0) < READABLE) this.fitTo([edgeIndex(scene, hit.edge)]);
  }

  /** Zooms smoothly by a factor about a point of the canvas, its middle where none is given. */
  zoomBy(factor: number, at?: Point): void {
    const size = this.size.peek();
    const about = at ?? { x: size.width / 2, y: size.height / 2 };
    this.flight.to(zoomAt(this.flight.target(), about, factor, size));
  }

  /** Moves the network smoothly by so many pixels. */
  panBy(dx: number, dy: number): void {
    this.flight.to(panBy(this.flight.target(), dx, dy, this.size.peek()));
  }

  /** Takes a new size of the canvas; what was in its middle stays there. */
  resize(size: Size): void {
    const before = this.size.peek();
    batch(() => {
      this.camera.value = resized(this.camera.peek(), before, size);
      this.size.value = size;
    });
  }

  /** What lies under a point of the canvas. */
  hit(point: Point): Hit {
    const { scene, layout, camera } = this.sight();
    return scene && layout && hitTest(scene, layout, camera, point.x, point.y);
  }

  /** The frame of an edge on the screen: its centre and side; null where it is not drawn. */
  frameOf(e: number): (Point & { side: number }) | null {
    const { scene, layout, camera } = this.sight();
    if (!scene || !layout || !(layout.frameX[e] >= 0)) return null;
    const at = toScreen(camera, layout.frameX[e], layout.frameY[e]);
    return { ...at, side: layout.frameSide[scene.layer[e]] * camera.zoom };
  }

  nodePoint(layer: number, node: number): Point | null {
    const { scene, layout, camera } = this.sight();
    if (!scene || !layout || layer > scene.layers || node >= scene.widths[layer]) return null;
    const at = nodeAt(scene, layer, node);
    return layout.part.nodes[at] === 0 ? null : toScreen(camera, layout.nodeX[at], layout.nodeY[at]);
  }

  /** What is shown, where it lies, and from where it is seen. */
  private sight() {
    return { scene: this.state.shown.value, layout: this.layout.value, camera: this.camera.value };
  }

  /** What is highlighted, going, or was before. */
  look(): Look {
    const hovered = this.hovered.value;
    const { traits, preview, ghosts, before, chosen, pointed } = this.state;
    return {
      selected: traits.selected.value,
      hoveredEdge: hovered?.kind === "edge" ? hovered.edge : -1,
      hoveredNode: hovered?.kind === "node" ? hovered : null,
      going: this.going.value,
      before: preview.value || !ghosts.value ? null : before.value,
      chosen: chosen.value,
      pointed: pointed.value,
    };
  }

  /** Paints on this canvas, at most once a frame, whenever something that shows has changed. */
  mount(canvas: HTMLCanvasElement): () => void {
    const stop = keepPainted(canvas, this.state, this, this.palette);
    // Lets a script of the page (a test, a tour) find an edge or a node in client coordinates.
    const inPage = (point: Point | null) => {
      const { left, top } = canvas.getBoundingClientRect();
      return point && { x: left + point.x, y: top + point.y };
    };
    const finders: Pick<LocatableCanvas, "kanEdgePosition" | "kanNodePosition"> = {
      kanEdgePosition: (...edge) => {
        const scene = this.state.shown.peek();
        return scene && inPage(this.frameOf(findEdge(scene, edge)));
      },
      kanNodePosition: (layer, node) => inPage(this.nodePoint(layer, node)),
    };
    Object.assign(canvas, finders);
    return () => {
      stop();
      this.flight.stop();
    };
  }
}

export interface LocatableCanvas extends HTMLCanvasElement {
  kanEdgePosition(l: number, i: number, j: number): Point | null;
  kanNodePosition(layer: number, node: number): Point | null;
}
