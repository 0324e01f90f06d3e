"""Who looks at a widget, and how many frames of a training they are sent.

Every view of a page says when it comes, when it is hidden or scrolled away and when it is back, and
which version it has drawn:

    {"view": "k3x9", "looks": true}      {"view": "k3x9", "seen": 117}      {"view": "k3x9", "gone": true}

It says what it has drawn a few times a second: an answer to every frame would have the notebook show
a busy kernel thirty times a second, which costs it more than drawing them.  The next frame goes out
while all before it were drawn by one of those who look, or have not been waiting for it for long; or
after a second without one.  Where nobody looks there are no pictures; the plain numbers follow once a
second, for whoever observes them in Python.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

SILENCE = 1.0
"""Seconds between two frames where nobody answers."""
UNDERWAY = 0.4
"""Seconds for which frames may be on their way to the page and back; it answers twice as often."""
LOST = 10.0
"""Seconds of frames without an answer, after which a page counts as lost: it was closed or cut off."""
MOST = 100
"""Views of one widget that are known; the oldest are forgotten first."""


class Audience:
    """The views of a page, and the frame that they are drawing.

    Parameters
    ----------
    clock : callable
        Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changing = threading.Lock()
        self._looks: dict[str, bool] = {}
        self._gone: deque[str] = deque(maxlen=MOST)
        self._came = False
        self._underway: list[tuple[int, float]] = []
        self._last = -SILENCE

    @property
    def is_looking(self) -> bool:
        """Whether there is somebody to draw for."""
        return not self._is_lost and any(list(self._looks.values()))

    @property
    def _is_lost(self) -> bool:
        underway = self._underway  # an answer may come while this is read
        return bool(underway) and self._last - underway[0][1] >= LOST

    @property
    def has_come(self) -> bool:
        """Whether a page has ever shown the widget."""
        return self._came

    @property
    def has_left(self) -> bool:
        """Whether a page has shown the widget, and does so no more."""
        return self._came and not self._looks

    def hear(self, content: Mapping[str, Any]) -> bool:
        """Take what a view of the page says; whether it has to be shown what it has missed.

        Raises
        ------
        TypeError
            If it is none of the forms above.
        """
        view, told = content["view"], {name: content[name] for name in content if name != "view"}
        known: dict[str, type] = {"looks": bool, "seen": int, "gone": bool}
        if not isinstance(view, str) or not 0 < len(view) <= 40 or len(told) != 1:
            raise TypeError(f"the page sent {content!r:.200}; a view and what it does is needed")
        name: str = next(iter(told))
        value: Any = told[name]
        fits = known.get(name) is type(value)
        if not fits:
            raise TypeError(f"the page sent {content!r:.200}; looks, seen or gone is needed")
        with self._changing:
            if name == "gone":
                self._looks.pop(view, None)
                self._gone.append(view)
                self._came = True
            if view in self._gone:  # what it said before may come after
                return False
            looked = self._looks.pop(view, None)
            before = bool(looked) and not self._is_lost
            # what was drawn while the page went out of sight is told after it
            self._looks[view] = value if name == "looks" else looked is not False
            if len(self._looks) > MOST:
                del self._looks[next(iter(self._looks))]
            self._came = True
            if name == "seen":
                self._underway = [each for each in self._underway if each[0] > value]
            elif self._looks[view] and not looked:
                self._underway = []  # what it was sent out of sight is not waited for
            return self._looks[view] and not before

    def has_time(self) -> bool:
        """Whether a frame may go out now."""
        now, underway = self._clock(), self._underway
        in_time = not underway or now - underway[0][1] < UNDERWAY
        return (in_time and self.is_looking) or now - self._last >= SILENCE

    def sent(self, picture: int | None) -> None:
        """Know that a view went out, and the version of the picture in it."""
        with self._changing:
            self._last = self._clock()
            if picture is not None and self._looks and not self._is_lost:
                self._underway.append((picture, self._last))
