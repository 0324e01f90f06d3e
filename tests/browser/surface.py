"""A page that shows the widget, in whatever it is shown: what a person sees and how the mouse moves."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import ConsoleMessage, Error, Locator, Page

WIDGET = '[data-testid="kanwidget"]'
CELL_SECONDS = 60


class Surface:
    """One page with a widget on it.

    Parameters
    ----------
    page : Page
        Playwright's.
    artifacts : Path
        The folder where pictures are kept.
    """

    def __init__(self, page: Page, artifacts: Path) -> None:
        self.page = page
        self.console: list[str] = []
        self._artifacts = artifacts
        page.on("console", self._note_console)
        page.on("pageerror", self._note_error)

    def widget(self, seconds: float = CELL_SECONDS) -> Locator:
        """Wait for the KANWidget on the page and bring it into view."""
        root = self.page.locator(WIDGET).first
        root.wait_for(timeout=seconds * 1000)
        root.scroll_into_view_if_needed()
        return root

    @contextmanager
    def dragging(self, slider: str | Locator, fraction: float) -> Iterator[None]:
        """Take a range slider by its thumb to ``fraction`` of its length; release at the end.

        What stands in the ``with`` block happens while the mouse button is still held.
        """
        track = self.page.locator(slider).first if isinstance(slider, str) else slider
        track.scroll_into_view_if_needed()
        box = track.bounding_box()
        assert box, "the slider is not on the page"
        now = track.evaluate("s => (s.value - (s.min || 0)) / ((s.max || 100) - (s.min || 0))")
        # the middle of the thumb stays half a thumb, about as wide as the slider is high, inside
        inside = box["height"] / 2
        length, y = box["width"] - 2 * inside, box["y"] + box["height"] / 2
        mouse = self.page.mouse
        mouse.move(box["x"] + inside + now * length, y)
        mouse.down()
        mouse.move(box["x"] + inside + fraction * length, y, steps=10)
        yield
        mouse.up()

    def changes(self, reading: str, seconds: float) -> list[float]:
        """Watch a JavaScript expression at every animation frame.

        Parameters
        ----------
        reading
            A JavaScript expression with a plain value, for example ``window.frameCount``.
        seconds
            How long to watch.

        Returns
        -------
        list of float
            The times (seconds, counted from the beginning of the watch) at which the value
            was found changed.
        """
        return self.page.evaluate(
            """([reading, seconds]) => new Promise((done) => {
                const read = new Function("return " + reading);
                const start = performance.now();
                const times = [];
                let last = read();
                const look = (now) => {
                    const value = read();
                    if (value !== last) times.push((now - start) / 1000);
                    last = value;
                    if (now - start < 1000 * seconds) requestAnimationFrame(look);
                    else done(times);
                };
                requestAnimationFrame(look);
            })""",
            [reading, seconds],
        )

    # --- looking --------------------------------------------------------------------------

    def pixels(self, target: str | Locator) -> NDArray[np.uint8]:
        """Pixels of an element as it is on the screen, shape (height, width, 3)."""
        element = self.page.locator(target).first if isinstance(target, str) else target
        with Image.open(io.BytesIO(element.screenshot())) as image:
            return np.asarray(image.convert("RGB"))

    def screenshot(self, name: str, target: str | Locator | None = None) -> Path:
        """Keep a picture of the window, or of one element, as ``artifacts/<name>.png``."""
        path = self._artifacts / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        if target is None:
            self.page.screenshot(path=path)
        else:
            (self.page.locator(target).first if isinstance(target, str) else target).screenshot(
                path=path
            )
        return path

    def resize(self, width: int, height: int) -> None:
        """Give the browser window another size, in CSS pixels."""
        self.page.set_viewport_size({"width": width, "height": height})

    def hear_no_more(self) -> None:
        """Let what the page says go unheard."""
        self.page.remove_listener("console", self._note_console)
        self.page.remove_listener("pageerror", self._note_error)

    def close(self) -> None:
        """Close the page."""
        self.page.close()

    def _note_console(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")

    def _note_error(self, error: Error) -> None:
        self.console.append(f"uncaught: {error}")
