import { effect, type ReadonlySignal } from "@preact/signals";
import { nodeAt, type Scene } from "../protocol.ts";
import type { State } from "../state.ts";
import { FITTED } from "./camera.ts";
import { type Palette, paint } from "./canvas.ts";
import { isFitted, type Kept, litEdges, sameContent, unlit, type View } from "./kept.ts";
import { contextOf, fitTo, Layer } from "./layer.ts";
import { marksOf } from "./marks.ts";
import type { Picture } from "./picture.ts";
import { isLarge, Transition } from "./transition.ts";

/** Pictures of more edges than this are moved as they are during a gesture, and painted at its end. */
const MOST_REPAINTED = 80;
/** Milliseconds without a movement after which a gesture counts as ended. */
const REST = 140;
/** Milliseconds after which there is time for what may be needed later. */
const LEISURE = 400;
/** More highlighted edges than this are painted with all the others. */
const MOST_LIT = 100;

/** Decides when to paint, how much of it, and how the picture gets from what is on the canvas to what is new. */
export class Painter {
  private readonly ctx: CanvasRenderingContext2D;
  private request = 0;
  private resting: ReturnType<typeof setTimeout> | undefined;
  private inSight = true;
  private last: View | null = null;
  private counted: Scene | null = null;
  private blurred = false;
  private transition: Transition | null = null;
  /** The picture without highlights, where painting it takes long. */
  private base: Kept | null = null;
  /** The same as the unmoved camera sees it: what comes into view during a gesture. */
  private whole: Kept | null = null;
  private former: Layer | null = null;
  private fresh: Layer | null = null;
  private scenes = 0;
  private draws = 0;
  private arrived = 0;
  private interval = 33;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly state: State,
    private readonly picture: Picture,
    private readonly palette: ReadonlySignal<Palette>,
  ) {
    this.ctx = contextOf(canvas);
  }

  /** Paints from now on whenever something that shows has changed; returns how to end it. */
  start(): () => void {
    const observer =
      typeof IntersectionObserver === "undefined"
        ? null
        : new IntersectionObserver((entries) => {
            this.inSight = entries[entries.length - 1].isIntersecting;
            if (this.inSight) this.ask();
          });
    observer?.observe(this.canvas);
    const stop = effect(() => {
      this.subscribe();
      this.ask();
    });
    return () => {
      stop();
      observer?.disconnect();
      cancelAnimationFrame(this.request);
      clearTimeout(this.resting);
      for (const layer of [this.base?.layer, this.whole?.layer, this.former, this.fresh]) layer?.free();
    };
  }

  private subscribe(): void {
    const { picture, state } = this;
    // A live scene behind a preview is not painted, but told to have been seen.
    void [state.scene.value, picture.layout.value, picture.camera.value, picture.hovered.value];
    void [picture.going.value, this.palette.value, state.before.value, state.ghosts.value];
    void [state.traits.selected.value, state.chosen.value, state.pointed.value];
  }

  private ask(): void {
    this.request ||= requestAnimationFrame(this.draw);
  }

  private readonly draw = (): void => {
    this.request = 0;
    try {
      if (this.inSight) this.bring();
      const live = this.state.scene.peek();
      if (live && this.picture.layout.peek()) this.picture.drawn.value = live.version;
    } catch (error) {
      this.state.report(error);
    }
  };

  private view(): View | null {
    const { picture, state } = this;
    const scene = state.shown.peek();
    const layout = picture.layout.peek();
    if (!scene || !layout) return null;
    return {
      scene,
      layout,
      camera: picture.camera.peek(),
      palette: this.palette.peek(),
      look: picture.look(),
    };
  }

  /** Brings the canvas up to date by the cheapest way there is. */
  private bring(): void {
    const next = this.view();
    const last = this.last;
    this.last = next;
    if (!next) {
      this.clear();
      return;
    }
    if (!last || !sameContent(last, next)) {
      this.setOut(last, next);
      this.paint(next);
    } else if (this.transition || this.blurred) this.paint(next);
    else if (next.layout.part.edges.length <= MOST_REPAINTED) this.paint(next);
    else if (last.camera !== next.camera) this.fly(next);
    else if (this.resting === undefined) this.light(next);
    if (this.counted !== next.scene) {
      this.counted = next.scene;
      this.canvas.dataset.frames = String(++this.scenes);
      this.canvas.dataset.version = String(next.scene.version);
    }
  }

  private get ratio(): number {
    return window.devicePixelRatio || 1;
  }

  /** Chooses how to get from one view to the next. */
  private setOut(last: View | null, next: View): void {
    const time = performance.now();
    const from = last && (this.transition?.last ?? last);
    this.transition = null;
    if (last?.scene !== next.scene) {
      const waited = time - this.arrived;
      this.arrived = time;
      this.interval = waited > 400 ? 33 : 0.7 * this.interval + 0.3 * waited;
    }
    if (!from || !last || last.palette !== next.palette) return;
    if (last.scene === next.scene && last.layout === next.layout) return;
    const running = this.state.training.peek() && next.scene === this.state.scene.peek();
    const still = this.state.motion.peek() === "still";
    this.transition = still
      ? null
      : running
        ? Transition.byTraining(from, next, time, 1.2 * this.interval)
        : Transition.byAction(from, next, time);
    if (!this.transition?.fades) return;
    this.former ??= this.newLayer();
    this.former.copy(this.canvas);
  }

  private paint(view: View): void {
    clearTimeout(this.resting);
    this.resting = undefined;
    this.blurred = false;
    if (!this.transition) {
      this.paintStill(view);
      return;
    }
    const { share, scene, layout } = this.transition.at(performance.now());
    const sight = { ...view, scene, layout };
    if (share >= 1) {
      this.transition = null;
      this.paintStill(view);
      return;
    }
    if (this.transition.fades && this.former) this.crossFade(sight, this.former, share);
    else this.paintOn(this.clear(), sight);
    this.ask();
  }

  private paintStill(view: View): void {
    if (view.layout.part.edges.length <= MOST_REPAINTED) {
      this.forgetBase();
      this.paintOn(this.clear(), view);
      return;
    }
    this.paintBase(view);
    this.light(view);
  }

  /** The former picture fades as the new one appears; the sum of both is never paler than they are. */
  private crossFade(view: View, former: Layer, share: number): void {
    this.fresh ??= this.newLayer();
    if (!isLarge(view)) this.paintOn(this.fresh.clear(view.layout.size, this.ratio), view);
    else this.paintBase(view);
    const ctx = this.clear();
    ctx.globalAlpha = 1 - share;
    former.onto(ctx);
    ctx.globalCompositeOperation = "lighter";
    ctx.globalAlpha = share;
    (isLarge(view) && this.base ? this.base.layer : this.fresh).onto(ctx);
    ctx.globalCompositeOperation = "source-over";
    ctx.globalAlpha = 1;
  }

  private paintBase(view: View): void {
    const { base } = this;
    if (base && sameContent(base.of, view) && base.of.camera === view.camera) return;
    let layer = base?.layer ?? this.newLayer();
    if (base && isFitted(base.of.camera) && sameContent(base.of, view)) {
      layer = this.whole?.layer ?? this.newLayer();
      this.whole = base;
    } else if (this.whole && !sameContent(this.whole.of, view)) {
      this.whole.layer.free();
      this.whole = null;
    }
    this.base = this.keep(layer, view);
    if (!this.whole && !isFitted(view.camera)) this.resting = setTimeout(this.keepWhole, LEISURE);
  }

  /** Paints the whole network for the next gesture, when nothing else is to be done. */
  private readonly keepWhole = (): void => {
    this.resting = undefined;
    const view = this.last;
    if (!view || this.state.running.peek()) return;
    this.whole = this.keep(this.newLayer(), { ...view, camera: FITTED });
  };

  private keep(layer: Layer, view: View): Kept {
    const of = { ...view, look: unlit(view.look) };
    this.paintOn(layer.clear(view.layout.size, this.ratio), of);
    return { layer, of };
  }

  private newLayer(): Layer {
    return new Layer(this.canvas.ownerDocument);
  }

  private forgetBase(): void {
    this.base?.layer.free();
    this.whole?.layer.free();
    this.base = this.whole = null;
  }

  /** Draws the base with highlights over it. */
  private light(view: View): void {
    const { scene, layout, look } = view;
    if (!this.base) {
      this.paintStill(view);
      return;
    }
    const ctx = this.clear();
    const lit = litEdges(view);
    if (lit.length > MOST_LIT) {
      this.paintOn(ctx, view);
      return;
    }
    this.base.layer.onto(ctx);
    const nodes = new Uint8Array(layout.part.nodes.length);
    if (look.hoveredNode) nodes[nodeAt(scene, look.hoveredNode.layer, look.hoveredNode.node)] = 1;
    if (lit.length > 0 || look.hoveredNode) {
      const part = { ...layout.part, edges: Uint32Array.from(lit), nodes };
      this.paintOn(ctx, { ...view, layout: { ...layout, part } });
    }
  }

  /** Moves what was painted as the camera moves, and paints it again when the camera rests. */
  private fly(view: View): void {
    if (!this.base) {
      this.paintStill(view);
      return;
    }
    const { size } = view.layout;
    const ctx = this.clear();
    ctx.imageSmoothingQuality = "low";
    this.whole?.layer.ontoAs(ctx, FITTED, view.camera, size);
    this.base.layer.ontoAs(ctx, this.base.of.camera, view.camera, size);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.resting = undefined;
      this.blurred = true;
      this.ask();
    }, REST);
  }

  private clear(): CanvasRenderingContext2D {
    fitTo(this.canvas, this.ctx, this.picture.size.peek(), this.ratio);
    this.canvas.dataset.draws = String(++this.draws);
    return this.ctx;
  }

  private paintOn(ctx: CanvasRenderingContext2D, { scene, layout, camera, look, palette }: View): void {
    paint(ctx, marksOf(scene, layout, camera, look), palette);
  }
}
