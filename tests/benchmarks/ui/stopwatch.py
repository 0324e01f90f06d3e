"""Measurements that the page makes of itself."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from playwright.sync_api import Page

CANVAS = "document.querySelector('[data-testid=kan-canvas]')"

ACTION = """
() => {
  const root = document.querySelector('[data-testid=kanwidget]');
  const canvas = root.querySelector('[data-testid=kan-canvas]');
  const latex = () => root.querySelector('[data-testid=formula]')?.dataset.latex;
  const before = { version: +canvas.dataset.version, latex: latex() };
  let since = 0;
  addEventListener('click', (event) => { since = event.timeStamp; }, { capture: true, once: true });
  let written = false;
  window.kanTook = new Promise((done) => {
    const stop = () => {
      const afterwards = new MessageChannel();
      afterwards.port1.onmessage = () => done(performance.now() - since);
      afterwards.port2.postMessage(null);
    };
    const observer = new MutationObserver(() => {
      const drawn = +canvas.dataset.version > before.version;
      if (since && drawn && latex() !== before.latex) {
        observer.disconnect();
        // the canvas is drawn within a frame, which ends here; a formula that comes later waits for one
        if (written) stop();
        else requestAnimationFrame(stop);
      }
      written = latex() !== before.latex;
    });
    observer.observe(root, { attributes: true, childList: true, subtree: true });
  });
}
"""
"""From the next click to the end of the frame in which canvas and formula both show another state."""

OPENING = """
() => {
  let since = 0, attached = 0;
  addEventListener('keydown', (event) => {
    if (event.key === 'Enter') since = event.timeStamp;
  }, { capture: true });
  const old = document.querySelector('[data-testid=kanwidget]');
  window.kanOpened = new Promise((done) => {
    const observer = new MutationObserver(() => {
      const root = document.querySelector('[data-testid=kanwidget]');
      if (!root || root === old) return;
      attached ||= performance.now();
      if (!root.querySelector('[data-testid=kan-canvas]')?.dataset.frames) return;
      observer.disconnect();
      requestAnimationFrame(() => {
        const now = performance.now();
        done({ whole: now - since, page: now - attached });
      });
    });
    observer.observe(document.body, { attributes: true, childList: true, subtree: true });
  });
}
"""
"""From Shift+Enter, and from the widget's coming into the page, to its first picture."""

REDRAW = """
async () => {
  const slider = document.querySelector('[data-testid=prune]');
  const canvas = document.querySelector('[data-testid=kan-canvas]');
  const ctx = canvas.getContext('2d');
  const frame = () => new Promise((next) => requestAnimationFrame(next));
  const move = (share) => {
    slider.value = +slider.min + share * (slider.max - slider.min);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const times = [];
  for (let k = 0; k < 15; k++) {
    await frame();
    let begin = 0;
    requestAnimationFrame(() => { begin = performance.now(); });
    move(0.3 + 0.02 * k);
    await frame();
    ctx.getImageData(0, 0, 1, 1);
    times.push(performance.now() - begin);
    await new Promise((next) => setTimeout(next, 100));
  }
  slider.dispatchEvent(new FocusEvent('blur'));
  return times;
}
"""
"""Milliseconds of a frame in which all edges are painted anew, as another set of them is to go."""

GESTURE = """
async (kind) => {
  const canvas = document.querySelector('[data-testid=kan-canvas]');
  const box = canvas.getBoundingClientRect();
  const x = box.left + box.width / 2, y = box.top + 6;
  const frame = () => new Promise((next) => requestAnimationFrame(next));
  const pointer = (type, dx, dy) => canvas.dispatchEvent(new PointerEvent(type, {
    clientX: x + dx, clientY: y + dy, button: 0, pointerId: 1, bubbles: true }));
  const wheel = (deltaY) => canvas.dispatchEvent(new WheelEvent('wheel', {
    clientX: x, clientY: y + box.height / 2, deltaY, ctrlKey: true, bubbles: true, cancelable: true }));
  await frame(); await frame();
  const draws = +canvas.dataset.draws, begin = performance.now();
  if (kind === 'pan') pointer('pointerdown', 0, 0);
  for (let k = 1; k <= 120; k++) {
    if (kind === 'pan') pointer('pointermove', 90 * Math.sin(k / 9), 40 * Math.sin(k / 7));
    else wheel(k % 60 < 30 ? -20 : 20);
    await frame();
  }
  const rate = 1000 * (canvas.dataset.draws - draws) / (performance.now() - begin);
  if (kind === 'pan') pointer('pointerup', 0, 0);
  return rate;
}
"""
"""Drawn frames a second while the picture is moved or zoomed at every frame."""


@dataclass(frozen=True)
class Spread:
    """Milliseconds, or frames a second: the middle, the 95th percentile, and how many there are."""

    middle: float
    late: float
    count: int

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        late = (
            statistics.quantiles(values, n=20, method="inclusive")[-1] if values[1:] else values[0]
        )
        return cls(statistics.median(values), late, len(values))


def gestures(page: Page, kind: str, rounds: int = 3) -> float:
    """Drawn frames a second while the network is panned or zoomed; the middle of some rounds."""
    rates = []
    for _ in range(rounds):
        page.wait_for_timeout(700)  # for the picture to come to rest
        rates.append(page.evaluate(GESTURE, kind))
    return statistics.median(rates)


def rate(page: Page, name: str, seconds: float) -> float:
    """How often a second a number of the canvas changes, such as ``draws``."""
    read = f"+{CANVAS}.dataset.{name}"
    before, since = page.evaluate(f"[{read}, performance.now()]")
    page.wait_for_timeout(1000 * seconds)
    after, now = page.evaluate(f"[{read}, performance.now()]")
    return 1000 * (after - before) / (now - since)
