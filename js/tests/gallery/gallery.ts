import { describeNetwork } from "../../src/describe.ts";
import { translator } from "../../src/i18n.ts";
import { decodeScene, type EdgeIndex, isAlive, type Scene } from "../../src/protocol.ts";
import { FITTED, zoomAt } from "../../src/scene/camera.ts";
import { layoutOf, type Size } from "../../src/scene/layout.ts";
import { type Look, marksOf } from "../../src/scene/marks.ts";
import { toSvg } from "../../src/scene/svg.ts";
import { estimated } from "./estimated.ts";
import { palettes } from "./palettes.ts";
// Written by make.py from trained networks.
import scenes from "./scenes.json";

type Name = keyof typeof scenes;

interface Entry {
  scene: Name;
  palette?: keyof typeof palettes;
  size?: Size;
  before?: Name;
  zoom?: number;
  look?: (scene: Scene) => Partial<Look>;
}

const WIDE = { width: 900, height: 460 };
const NARROW = { width: 420, height: 420 };
const TALL = { width: 900, height: 560 };

const select =
  (...selected: EdgeIndex) =>
  (): Partial<Look> => ({ selected });
const living = (scene: Scene, from: number, count: number): EdgeIndex[] =>
  Array.from({ length: scene.edges }, (_, e) => e)
    .filter((e) => isAlive(scene, e))
    .slice(from, from + count)
    .map((e) => [scene.layer[e], scene.from[e], scene.to[e]]);

/** What the pictures show: networks of all kinds, in all sizes, looked at in all ways. */
export const gallery: Record<string, Entry> = {
  "one-edge": { scene: "one-edge", size: NARROW },
  "one-edge-dark": { scene: "one-edge", size: NARROW, palette: "dark" },
  "one-three-one": { scene: "one-three-one", size: NARROW },
  "flat-curves": { scene: "flat", size: NARROW },
  "eight-inputs": { scene: "eight-one" },
  deep: { scene: "deep", size: TALL },
  "hello-untrained": { scene: "hello-untrained" },
  "hello-trained": { scene: "hello-trained" },
  "hello-trained-narrow": { scene: "hello-trained", size: NARROW },
  "hello-trained-wide": { scene: "hello-trained", size: { width: 1400, height: 640 } },
  "hello-trained-dark": { scene: "hello-trained", palette: "dark" },
  "hello-trained-high-contrast": { scene: "hello-trained", palette: "contrast" },
  "hello-forward-scores": { scene: "hello-forward" },
  "hello-pruned": { scene: "hello-pruned" },
  "hello-one-symbolic": { scene: "hello-one-symbolic" },
  "hello-symbolic": { scene: "hello-symbolic" },
  "hello-symbolic-dark": { scene: "hello-symbolic", palette: "dark" },
  "hello-selected": { scene: "hello-trained", look: select(0, 0, 0) },
  "hello-chosen": {
    scene: "hello-trained",
    look: (scene) => ({ selected: [1, 0, 0], chosen: living(scene, 2, 4) }),
  },
  "hello-pointed": { scene: "hello-symbolic", look: (scene) => ({ pointed: living(scene, 0, 2) }) },
  "hello-hovered": { scene: "hello-trained", look: () => ({ hoveredEdge: 4 }) },
  "hello-going": {
    scene: "hello-trained",
    look: (scene) => ({ going: new Set(Array.from(scene.score.keys()).filter((e) => scene.score[e] < 0.2)) }),
  },
  "hello-ghosts": { scene: "hello-trained", before: "hello-early" },
  "hello-ghosts-dark": { scene: "hello-trained", before: "hello-early", palette: "dark" },
  "hello-near": { scene: "hello-trained", zoom: 4 },
  extrapolated: { scene: "extrapolated" },
  "extrapolated-dark": { scene: "extrapolated", palette: "dark" },
  kinds: { scene: "kinds" },
  "kinds-dark": { scene: "kinds", palette: "dark" },
  "kinds-grey": { scene: "kinds", palette: "grey" },
  "kinds-okabe-ito": { scene: "kinds", palette: "okabeIto" },
  "kinds-okabe-ito-dark": { scene: "kinds", palette: "okabeItoDark" },
  "kinds-high-contrast": { scene: "kinds", palette: "contrast" },
  product: { scene: "product" },
  "product-pruned": { scene: "product-pruned" },
  "products-of-three": { scene: "products", size: TALL },
  "long-names": { scene: "names" },
  "long-names-narrow": { scene: "names", size: NARROW },
  "long-name-hovered": { scene: "names", size: NARROW, look: () => ({ hoveredNode: { layer: 0, node: 3 } }) },
  "four-ten-ten": { scene: "four-ten-ten", size: TALL },
  "four-ten-ten-pruned": { scene: "four-ten-ten-pruned", size: TALL, palette: "dark" },
  "mixed-260": { scene: "mixed-260", size: TALL, palette: "grey" },
  "crowded-1000": { scene: "crowded-1000", size: TALL },
};

export function sceneOf(name: Name): Scene {
  const bytes = Uint8Array.from(atob(scenes[name]), (letter) => letter.charCodeAt(0));
  return decodeScene(new DataView(bytes.buffer));
}

export function draw(name: string): string {
  const { scene: of, palette = "light", size = WIDE, before, zoom = 1, look } = gallery[name];
  const scene = sceneOf(of);
  const camera = zoomAt(FITTED, { x: size.width / 2, y: size.height / 4 }, zoom, size);
  const marks = marksOf(scene, layoutOf(scene, size), camera, {
    selected: null,
    hoveredEdge: -1,
    hoveredNode: null,
    going: new Set(),
    before: before ? sceneOf(before) : null,
    ...look?.(scene),
  });
  return toSvg(marks, palettes[palette], size, describeNetwork(scene, translator("en")), estimated);
}
