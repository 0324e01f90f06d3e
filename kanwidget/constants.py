"""The constants a, b, c and d of symbolic edges, set by hand and kept from training."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import torch

from kanwidget import checks
from kanwidget.network import Edge, Network
from kanwidget.tidying import CONSTANTS, check_constant

LONGEST = 100
"""Characters of a number as text."""


class Constants(Network):
    """Numbers of c·f(a·x + b) + d, one by one.

    Everything is done in place, as one action that is undone where it fails.
    """

    def set_constant(
        self, l: int, i: int, j: int, constant: str, value: Any, lock: bool = True
    ) -> float:
        """Set a constant of edge (l, i, j) and return it; all other numbers stay as they are.

        `snap_constant` fits the others again.

        Parameters
        ----------
        constant : {'a', 'b', 'c', 'd'}
            Which constant of c·f(a·x + b) + d.
        value : float or str
            Text is read as a formula without variables and never run as code: 'pi/2', '1/3',
            'sqrt(2)'.
        lock : bool
            Whether training leaves it as it is from then on; see `lock_constant`.

        Raises
        ------
        KeyError
            For an edge that does not exist.
        ValueError
            If the edge is removed, locked or not symbolic, the value is no finite number, or the
            network would have no value on the data it was trained on.
        """
        edge = self._with_constant(l, i, j, constant)
        self.check_unlocked([edge])
        number, layer = number_of(value), self.layers[l]
        told = number if isinstance(value, Real) else str(value)
        place = CONSTANTS.index(constant)
        if not isinstance(lock, bool):
            raise TypeError(f"lock is {lock!r:.60}; True or False is needed")
        with self.action("set_constant", l=l, i=i, j=j, constant=constant, value=told, lock=lock):
            before = self._has_values()
            with torch.no_grad():
                affine = layer.affine.clone()
                affine[j, i, place] = number
                finite = bool(affine[j, i].isfinite().all())
                layer.put("affine", affine)
            layer.structure_changed()
            if not finite or (before and not self._has_values()):
                raise ValueError(
                    f"with {constant} = {number:.6g} edge ({l}, {i}, {j}) has no finite value on the data"
                )
            self._hold(edge, place, lock)
        return number

    def lock_constant(self, l: int, i: int, j: int, constant: str) -> None:
        """Keep a constant of edge (l, i, j) as it is, whatever trains the others.

        The edge keeps its form too: it is neither tidied nor snapped.  Another function, or its
        spline, in its place ends that.  ValueError where the edge is not symbolic.
        """
        edge = self._with_constant(l, i, j, constant)
        with self.action("lock_constant", l=l, i=i, j=j, constant=constant):
            self._hold(edge, CONSTANTS.index(constant), True)

    def unlock_constant(self, l: int, i: int, j: int, constant: str) -> None:
        """Let a constant of edge (l, i, j) be trained again."""
        edge = self._with_constant(l, i, j, constant)
        with self.action("unlock_constant", l=l, i=i, j=j, constant=constant):
            self._hold(edge, CONSTANTS.index(constant), False)

    def _hold(self, edge: Edge, place: int, held: bool) -> None:
        l, i, j = edge
        mask = self.layers[l].held[j, i].clone()
        mask[place] = held
        self.layers[l].hold(i, j, mask)

    def _with_constant(self, l: int, i: int, j: int, constant: str) -> Edge:
        """The edge; raises where it is not there, or has no such constant."""
        edge = self.check_edge(l, i, j)
        check_constant(constant)
        layer = self.layers[l]
        if not bool(layer.alive[j, i]):
            raise ValueError(f"edge ({l}, {i}, {j}) is removed; restore it first")
        if layer.symbolic_function(i, j) is None:
            raise ValueError(
                f"edge ({l}, {i}, {j}) is a spline and has no constant {constant}; fix_symbolic gives it a "
                "function"
            )
        return edge

    @torch.no_grad()
    def _has_values(self) -> bool:
        """Whether the network has a finite value wherever it was trained."""
        return self.calibration is None or bool(self(self.calibration).isfinite().all())


def number_of(value: Any) -> float:
    """A number from a number, or from text such as 'pi/2' that is read and never run.

    Raises
    ------
    TypeError, ValueError
        If it is neither, or not finite.
    """
    if type(value).__module__.startswith("sympy"):
        value = str(value)
    if not isinstance(value, str):
        return checks.number("value", value)
    text = value.strip().replace("\u2212", "-")
    try:
        number = float(text)
    except ValueError:
        number = _worked_out(text)
    if not math.isfinite(number):
        raise ValueError(_unreadable(text))
    return number


def _worked_out(text: str) -> float:
    from kanwidget.formula.parsing import parse

    try:
        expression = parse(text, ()) if len(text) <= LONGEST else None
    except ValueError:
        expression = None
    if expression is None or not expression.is_real:
        raise ValueError(_unreadable(text))
    try:
        return float(expression)
    except (OverflowError, TypeError):
        raise ValueError(_unreadable(text)) from None


def _unreadable(text: str) -> str:
    return f"value is {text!r:.60}; a finite number such as 3.14, pi/2, 1/3 or sqrt(2) is needed"
