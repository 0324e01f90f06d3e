/** For an element that points at something while the pointer or the focus is on it. */
export function pointing<T>(point: (what: T | null) => void, what: T) {
  const [enter, leave] = [() => point(what), () => point(null)];
  return { onPointerEnter: enter, onPointerLeave: leave, onFocusCapture: enter, onBlurCapture: leave };
}
