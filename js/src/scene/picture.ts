import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { findEdge, nodeAt, type Scene } from "../protocol.ts";
import { goingEdges } from "../prune.ts";
import type { State } from "../state.ts";
import { type Camera, FITTED, toScreen } from "./camera.ts";
import { type Palette, paint } from "./canvas.ts";
import type { Hit } from "./hit.ts";
import { type Layout, layoutOf, type Point, type Size } from "./layout.ts";
import { marksOf } from "./marks.ts";

const NOTHING: ReadonlySet<number> = new Set();

/** The live picture of the network: what is seen from where, and when the canvas is painted again. */
export class Picture {
  readonly size = signal<Size>({ width: 0, height: 0 });
  readonly camera = signal<Camera>(FITTED);
  readonly hovered = signal<Hit>(null);
  /** The version of the scene that is on the canvas. */
  readonly drawn = signal<number | null>(null);

  readonly layout: ReadonlySignal<Layout | null> = computed(() => {
    const scene = this.state.scene.value;
    return scene && this.size.value.width > 0 ? layoutOf(scene, this.size.value) : null;
  });

  readonly going: ReadonlySignal<ReadonlySet<number>> = computed(() => {
    const scene = this.state.scene.value;
    const threshold = this.state.pruneDraft.value;
    return scene && threshold !== null ? goingEdges(scene, threshold) : NOTHING;
  });

  constructor(
    private readonly state: State,
    private readonly palette: ReadonlySignal<Palette>,
  ) {}

  fit(): void {
    this.camera.value = FITTED;
  }

  /** The frame of an edge on the screen: its centre and side. */
  frameOf(e: number): (Point & { side: number }) | null {
    const scene = this.state.scene.value;
    const layout = this.layout.value;
    if (!scene || !layout || e < 0 || e >= scene.edges) return null;
    const camera = this.camera.value;
    const at = toScreen(camera, layout.frameX[e], layout.frameY[e]);
    return { ...at, side: layout.frameSide[scene.layer[e]] * camera.zoom };
  }

  nodePoint(layer: number, node: number): Point | null {
    const scene = this.state.scene.value;
    const layout = this.layout.value;
    if (!scene || !layout || layer > scene.layers || node >= scene.widths[layer]) return null;
    const at = nodeAt(scene, layer, node);
    return toScreen(this.camera.value, layout.nodeX[at], layout.nodeY[at]);
  }

  /** Paints on this canvas, at most once a frame, whenever something that shows has changed. */
  mount(canvas: HTMLCanvasElement): () => void {
    const ctx = canvas.getContext("2d");
    if (!ctx) throw new Error("This browser offers no 2D canvas, so the network cannot be drawn.");
    let request = 0;
    let drawn: Scene | null = null;
    let frames = 0;
    const draw = () => {
      request = 0;
      try {
        const scene = this.draw(canvas, ctx);
        if (scene && scene !== drawn) {
          canvas.dataset.frames = String(++frames);
          canvas.dataset.version = String(scene.version);
          drawn = scene;
          this.drawn.value = scene.version;
        }
      } catch (error) {
        this.state.report(error);
      }
    };
    const stop = effect(() => {
      this.subscribe();
      request ||= requestAnimationFrame(draw);
    });
    offerPositions(canvas, this, this.state);
    return () => {
      stop();
      cancelAnimationFrame(request);
    };
  }

  private subscribe(): void {
    void this.layout.value;
    void this.camera.value;
    void this.hovered.value;
    void this.going.value;
    void this.palette.value;
    void this.state.traits.selected.value;
  }

  private draw(canvas: HTMLCanvasElement, ctx: CanvasRenderingContext2D): Scene | null {
    const { width, height } = this.size.peek();
    const ratio = window.devicePixelRatio || 1;
    const pixels = { width: Math.round(width * ratio), height: Math.round(height * ratio) };
    if (canvas.width !== pixels.width || canvas.height !== pixels.height) Object.assign(canvas, pixels);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, width, height);
    const scene = this.state.scene.peek();
    const layout = this.layout.peek();
    if (!scene || !layout) return null;
    const hovered = this.hovered.peek();
    const marks = marksOf(scene, layout, this.camera.peek(), {
      selected: this.state.traits.selected.peek(),
      hoveredEdge: hovered?.kind === "edge" ? hovered.edge : -1,
      hoveredNode: hovered?.kind === "node" ? hovered : null,
      going: this.going.peek(),
    });
    paint(ctx, marks, this.palette.peek());
    return scene;
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
      const scene = state.scene.peek();
      return scene && inPage(picture.frameOf(findEdge(scene, edge)));
    },
  });
  Object.defineProperty(canvas, "kanNodePosition", {
    configurable: true,
    value: (layer: number, node: number) => inPage(picture.nodePoint(layer, node)),
  });
}
