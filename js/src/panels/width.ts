import { useLayoutEffect, useState } from "preact/hooks";

type Ref = { current: HTMLElement | null };

/** What is measured of an element, followed as its size changes, and a function that measures it again. */
export function useMeasured<Measure>(ref: Ref, of: (element: HTMLElement) => Measure, before: Measure) {
  const [measured, setMeasured] = useState(before);
  const measure = () => setMeasured(of(ref.current as HTMLElement));
  useLayoutEffect(() => {
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(ref.current as HTMLElement);
    return () => observer.disconnect();
  }, [ref]);
  return [measured, measure] as const;
}

/** The inner width of an element in CSS pixels; 0 before it is laid out. */
export function useWidth(ref: Ref): number {
  return useMeasured(ref, ({ clientWidth }) => clientWidth, 0)[0];
}
