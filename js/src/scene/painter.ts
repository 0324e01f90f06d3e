import { effect, type ReadonlySignal, type Signal } from "@preact/signals";
import { nodeAt, type Scene } from "../protocol.ts";
import { watchSight } from "../sight.ts";
import type { State } from "../state.ts";
import { type Camera, FITTED } from "./camera.ts";
import { type Palette, paint } from "./canvas.ts";
import { isFitted, type Kept, litEdges, sameContent, type View } from "./kept.ts";
import { cleared, contextOf, drawAs, drawWhole, free, type Layer, newLayer } from "./layer.ts";
import type { Layout, Size } from "./layout.ts";
import { type Look, marksOf, PLAIN } from "./marks.ts";
import { isLarge, Transition } from "./transition.ts";

/** Pictures of more edges than this are moved as they are during a gesture, and painted at its end. */
const MOST_REPAINTED = 80;
/** Milliseconds without a movement after which a gesture counts as ended. */
const REST = 140;
/** Milliseconds after which there is time for what may be needed later. */
const LEISURE = 400;
/** More highlighted edges than this are painted with all the others. */
const MOST_LIT = 100;

/** The picture that is painted. */
export interface Source {
  readonly layout: ReadonlySignal<Layout | null>;
  readonly camera: ReadonlySignal<Camera>;
  readonly palette: ReadonlySignal<Palette>;
  readonly size: ReadonlySignal<Size>;
  /** The version of the live scene that is on the canvas, or could be. */
  readonly drawn: Signal<number | null>;
  look(): Look;
}

/**
 * Paints from now on whenever something that shows has changed: decides when, how much of it, and how the picture
 * gets from what is on the canvas to what is new. Returns how to end it.
 */
export function keepPainted(canvas: HTMLCanvasElement, state: State, picture: Source): () => void {
  const ctx = contextOf(canvas);
  const page = canvas.ownerDocument;
  let request = 0;
  let resting: ReturnType<typeof setTimeout> | undefined;
  let inSight = true;
  let last: View | null = null;
  let counted: Scene | null = null;
  let blurred = false;
  let transition: Transition | null = null;
  /** The picture without highlights, where painting it takes long. */
  let base: Kept | null = null;
  /** The same as the unmoved camera sees it: what comes into view during a gesture. */
  let whole: Kept | null = null;
  let former: Layer | null = null;
  let scenes = 0;
  let draws = 0;
  let arrived = 0;
  let interval = 33;

  const ask = () => {
    request ||= requestAnimationFrame(draw);
  };
  const draw = () => {
    request = 0;
    try {
      if (inSight) bring();
      const live = state.scene.peek();
      if (live && picture.layout.peek()) picture.drawn.value = live.version;
    } catch (error) {
      state.report(error);
    }
  };
  const seen = (): View | null => {
    const scene = state.shown.value;
    const layout = picture.layout.value;
    const { camera, palette, look } = picture;
    if (!scene || !layout) return null;
    return { scene, layout, camera: camera.value, palette: palette.value, look: look() };
  };

  const blank = () => {
    canvas.dataset.draws = String(++draws);
    return cleared(ctx, picture.size.peek());
  };
  const paintOn = (on: Layer, { scene, layout, camera, look, palette }: View) => {
    paint(on, marksOf(scene, layout, camera, look), palette);
    return on;
  };
  const keep = (layer: Layer, view: View): Kept => {
    const of = { ...view, look: { ...view.look, ...PLAIN, going: view.look.going } };
    return { layer: paintOn(cleared(layer, view.layout.size), of), of };
  };

  /** Brings the canvas up to date by the cheapest way there is. */
  const bring = () => {
    const next = seen();
    const before = last;
    last = next;
    if (!next) {
      blank();
      return;
    }
    const isSame = before !== null && sameContent(before, next);
    if (!isSame) setOut(before, next);
    if (!isSame || transition || blurred || isFew(next)) show(next);
    else if (before.camera !== next.camera) fly(next);
    else if (resting === undefined) light(next);
    if (counted !== next.scene) {
      counted = next.scene;
      canvas.dataset.frames = String(++scenes);
      canvas.dataset.version = String(next.scene.version);
    }
  };

  /** Chooses how to get from one view to the next. */
  const setOut = (before: View | null, next: View) => {
    const time = performance.now();
    const from = transition?.last ?? before;
    const isNew = before?.scene !== next.scene;
    transition = null;
    if (isNew) {
      const waited = time - arrived;
      arrived = time;
      interval = waited > 400 ? 33 : 0.7 * interval + 0.3 * waited;
    }
    if (!from || before?.palette !== next.palette || state.motion.peek() === "still") return;
    if (!isNew && before.layout === next.layout) return;
    transition =
      state.training.peek() && next.scene === state.scene.peek()
        ? Transition.byTraining(from, next, time, 1.2 * interval)
        : Transition.byAction(from, next, time);
    if (!transition?.fades) return;
    former ??= newLayer(page);
    cleared(former, canvas, 1).drawImage(canvas, 0, 0);
  };

  const show = (view: View) => {
    clearTimeout(resting);
    resting = undefined;
    blurred = false;
    const now = transition?.at(performance.now());
    if (!now || now.share >= 1) {
      transition = null;
      if (!isFew(view)) light(view);
      else {
        forget();
        paintOn(blank(), view);
      }
      return;
    }
    const sight = { ...view, ...now };
    if (transition?.fades && former) crossFade(sight, former, now.share);
    else paintOn(blank(), sight);
    ask();
  };

  /** The former picture fades as the new one appears; the sum of both is never paler than they are. */
  const crossFade = (view: View, from: Layer, share: number) => {
    blank();
    if (isLarge(view)) drawWhole(baseOf(view).layer, ctx);
    else paintOn(ctx, view);
    const { width, height } = view.layout.size;
    ctx.globalCompositeOperation = "destination-in";
    ctx.globalAlpha = share;
    ctx.fillStyle = "#000";
    ctx.fillRect(0, 0, width, height);
    ctx.globalCompositeOperation = "lighter";
    ctx.globalAlpha = 1 - share;
    drawWhole(from, ctx);
    ctx.globalCompositeOperation = "source-over";
    ctx.globalAlpha = 1;
  };

  /** The view without highlights, painted where that has not been done. */
  const baseOf = (view: View): Kept => {
    const isSame = base !== null && sameContent(base.of, view);
    if (base && isSame && base.of.camera === view.camera) return base;
    let layer = base?.layer;
    if (base && isSame && isFitted(base.of.camera)) {
      layer = whole?.layer;
      whole = base;
    } else if (whole && !sameContent(whole.of, view)) {
      free(whole.layer);
      whole = null;
    }
    base = keep(layer ?? newLayer(page), view);
    if (!whole && !isFitted(view.camera)) resting = setTimeout(keepWhole, LEISURE);
    return base;
  };

  /** Paints the whole network for the next gesture, when nothing else is to be done. */
  const keepWhole = () => {
    resting = undefined;
    if (last && !state.running.peek()) whole = keep(newLayer(page), { ...last, camera: FITTED });
  };

  const forget = () => {
    for (const kept of [base, whole]) if (kept) free(kept.layer);
    base = whole = null;
  };

  /** Draws the base with highlights over it. */
  const light = (view: View) => {
    const { layer } = baseOf(view);
    const { scene, layout, look } = view;
    const { hoveredNode } = look;
    const lit = litEdges(view);
    blank();
    if (lit.length > MOST_LIT) {
      paintOn(ctx, view);
      return;
    }
    drawWhole(layer, ctx);
    if (lit.length === 0 && !hoveredNode) return;
    const nodes = new Uint8Array(layout.part.nodes.length);
    if (hoveredNode) nodes[nodeAt(scene, hoveredNode.layer, hoveredNode.node)] = 1;
    const part = { ...layout.part, edges: Uint32Array.from(lit), nodes };
    paintOn(ctx, { ...view, layout: { ...layout, part } });
  };

  /** Moves what was painted as the camera moves, and paints it again when the camera rests. */
  const fly = (view: View) => {
    const { layer, of } = base ?? baseOf(view);
    const { camera, layout } = view;
    blank();
    ctx.imageSmoothingQuality = "low";
    if (whole) drawAs(whole.layer, FITTED, ctx, camera, layout.size);
    drawAs(layer, of.camera, ctx, camera, layout.size);
    clearTimeout(resting);
    resting = setTimeout(() => {
      resting = undefined;
      blurred = true;
      ask();
    }, REST);
  };

  const unwatch = watchSight(canvas, (now) => {
    inSight = now;
    if (now) ask();
  });
  const stop = effect(() => {
    // A live scene behind a preview is not painted, but told to have been seen.
    void [state.scene.value, seen()];
    ask();
  });
  return () => {
    stop();
    unwatch();
    cancelAnimationFrame(request);
    clearTimeout(resting);
    forget();
    if (former) free(former);
  };
}

function isFew({ layout }: View): boolean {
  return layout.part.edges.length <= MOST_REPAINTED;
}
