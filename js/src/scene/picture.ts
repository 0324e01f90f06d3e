import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Lasso } from "../choosing.ts";
import { type EdgeIndex, edgeIndex, findEdge, nodeAt } from "../protocol.ts";
import { goingEdges } from "../prune.ts";
import type { State } from "../state.ts";
import { type Camera, FITTED, lookingAt, panBy, resized, toScreen, zoomAt } from "./camera.ts";
import type { Palette } from "./canvas.ts";
import { Detail } from "./detail.ts";
import { Flight } from "./flight.ts";
import { type Hit, hitTest } from "./hit.ts";
import { type Layout, layoutOf, type Point, type Size } from "./layout.ts";
import type { Look } from "./marks.ts";
import { Painter } from "./painter.ts";

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
  private readonly flight = new Flight(this.camera, () => this.state.motion.peek() === "still");

  readonly layout: ReadonlySignal<Layout | null> = computed(() => {
    const scene = this.state.shown.value;
    const part = this.detail.part.value;
    return scene && part && this.size.value.width > 0 ? layoutOf(scene, this.size.value, part) : null;
  });

  readonly going: ReadonlySignal<ReadonlySet<number>> = computed(() => {
    const scene = this.state.shown.value;
    const threshold = this.state.preview.value ? null : this.state.pruneDraft.value;
    return scene && threshold !== null ? goingEdges(scene, threshold) : NOTHING;
  });

  constructor(
    private readonly state: State,
    readonly palette: ReadonlySignal<Palette>,
  ) {
    this.detail = new Detail(state);
  }

  /** Shows the whole network. */
  fit(): void {
    this.flight.to(FITTED);
  }

  /** Shows the selected edges as large as they fit; without any, the whole network. */
  fitSelection(): void {
    const { selected } = this.state.traits;
    const one = selected.peek();
    const edges = [...(one ? [one] : []), ...this.state.chosen.peek()];
    if (!this.fitTo(edges)) this.fit();
  }

  /** Shows these edges as large as they fit; whether one of them is on the canvas. */
  fitTo(edges: readonly EdgeIndex[]): boolean {
    const scene = this.state.shown.peek();
    const layout = this.layout.peek();
    if (!scene || !layout) return false;
    const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
    for (const edge of edges) {
      const e = findEdge(scene, edge);
      if (!(layout.frameX[e] >= 0)) continue;
      const half = layout.frameSide[scene.layer[e]] / 2;
      box.left = Math.min(box.left, layout.frameX[e] - half);
      box.right = Math.max(box.right, layout.frameX[e] + half);
      box.top = Math.min(box.top, layout.frameY[e] - half);
      box.bottom = Math.max(box.bottom, layout.frameY[e] + half);
    }
    if (box.left > box.right) return false;
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
    this.flight.to(zoomAt(this.flight.target, about, factor, size));
  }

  /** Moves the network smoothly by so many pixels. */
  panBy(dx: number, dy: number): void {
    this.flight.to(panBy(this.flight.target, dx, dy, this.size.peek()));
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
    const scene = this.state.shown.peek();
    const layout = this.layout.peek();
    return scene && layout ? hitTest(scene, layout, this.camera.peek(), point.x, point.y) : null;
  }

  /** The frame of an edge on the screen: its centre and side; null where it is not drawn. */
  frameOf(e: number): (Point & { side: number }) | null {
    const scene = this.state.shown.value;
    const layout = this.layout.value;
    if (!scene || !layout || !(layout.frameX[e] >= 0)) return null;
    const camera = this.camera.value;
    const at = toScreen(camera, layout.frameX[e], layout.frameY[e]);
    return { ...at, side: layout.frameSide[scene.layer[e]] * camera.zoom };
  }

  nodePoint(layer: number, node: number): Point | null {
    const scene = this.state.shown.value;
    const layout = this.layout.value;
    if (!scene || !layout || layer > scene.layers || node >= scene.widths[layer]) return null;
    const at = nodeAt(scene, layer, node);
    if (layout.part.nodes[at] === 0) return null;
    return toScreen(this.camera.value, layout.nodeX[at], layout.nodeY[at]);
  }

  /** What is highlighted, going, or was before. */
  look(): Look {
    const hovered = this.hovered.peek();
    return {
      selected: this.state.traits.selected.peek(),
      hoveredEdge: hovered?.kind === "edge" ? hovered.edge : -1,
      hoveredNode: hovered?.kind === "node" ? hovered : null,
      going: this.going.peek(),
      before: this.state.preview.peek() || !this.state.ghosts.peek() ? null : this.state.before.peek(),
      chosen: this.state.chosen.peek(),
      pointed: this.state.pointed.peek(),
    };
  }

  /** Paints on this canvas, at most once a frame, whenever something that shows has changed. */
  mount(canvas: HTMLCanvasElement): () => void {
    const stop = new Painter(canvas, this.state, this, this.palette).start();
    offerPositions(canvas, this, this.state);
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

/** Lets a script of the page (a test, a tour) find an edge or a node in client coordinates. */
function offerPositions(canvas: HTMLCanvasElement, picture: Picture, state: State): void {
  const inPage = (point: Point | null) => {
    const box = canvas.getBoundingClientRect();
    return point && { x: box.left + point.x, y: box.top + point.y };
  };
  Object.defineProperty(canvas, "kanEdgePosition", {
    configurable: true,
    value: (...edge: [number, number, number]) => {
      const scene = state.shown.peek();
      return scene && inPage(picture.frameOf(findEdge(scene, edge)));
    },
  });
  Object.defineProperty(canvas, "kanNodePosition", {
    configurable: true,
    value: (layer: number, node: number) => inPage(picture.nodePoint(layer, node)),
  });
}
