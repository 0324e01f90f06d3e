/** Tells whenever an element comes into sight or goes out of it; returns the way to stop. */
export function watchSight(element: Element, tell: (inSight: boolean) => void): () => void {
  const observer = new IntersectionObserver((entries) => tell(entries[entries.length - 1].isIntersecting));
  observer.observe(element);
  return () => observer.disconnect();
}
