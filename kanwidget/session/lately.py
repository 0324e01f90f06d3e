"""What was seen of states lately: whoever tries something out goes back and forth between few of them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from kanwidget.network import Snapshot
from kanwidget.session.states import same_state
from kanwidget.session.view import FormulaView, Look

KEPT = 4


@dataclass(eq=False)
class Seen:
    """What was seen of a state.

    Attributes
    ----------
    state : Snapshot or None
    looks : dict of str to Look
        By the metric of their scores.
    formulas : dict of (int or None) to FormulaView
        By the digits of their numbers.
    """

    state: Snapshot | None
    looks: dict[str, Look] = field(default_factory=dict)
    formulas: dict[int | None, FormulaView] = field(default_factory=dict)


class Lately:
    """Keeps what was seen of the last few states."""

    def __init__(self) -> None:
        self._kept: deque[Seen] = deque(maxlen=KEPT)

    def of(self, state: Snapshot | None) -> Seen:
        """What was seen of a state, nothing yet of a new one; None is one that nobody comes back to."""
        if state is None:
            return Seen(None)
        for seen in self._kept:
            if seen.state is not None and same_state(seen.state, state):
                self._kept.remove(seen)
                break
        else:
            seen = Seen(state)
        self._kept.appendleft(seen)
        return seen
