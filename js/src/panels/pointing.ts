import type { EdgeIndex } from "../protocol.ts";
import { useView } from "../view.ts";

/** For an element that points at something while the pointer or the focus is on it. */
export function pointing<T>(point: (what: T | null) => void, what: T) {
  const [enter, leave] = [() => point(what), () => point(null)];
  return { onPointerEnter: enter, onPointerLeave: leave, onFocusCapture: enter, onBlurCapture: leave };
}

/** What makes elements light up edges on the canvas while they are pointed at. */
export function useLighting() {
  const { state } = useView();
  const light = (edges: readonly EdgeIndex[] | null) => {
    state.pointed.value = edges ?? [];
  };
  return (edges: readonly EdgeIndex[]) => pointing(light, edges);
}
