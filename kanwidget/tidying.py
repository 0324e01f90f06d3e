"""The constants of a network in one form, and set to the numbers that a person would have written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kanwidget import checks
from kanwidget.network import Network

if TYPE_CHECKING:
    from kanwidget.discovery.snap import Snap

CONSTANTS = ("a", "b", "c", "d")


class Tidying(Network):
    """Constants of symbolic edges.

    Everything is done in place, as one action that is undone where it fails.
    """

    def tidy_symbolic(self) -> None:
        """Give each number one place, as a person writes it; outputs stay to round-off.

        See `kanwidget.discovery.gauge.canonical`.

        Raises
        ------
        ValueError
            If a function is so close to the end of its domain on the training data that round-off would
            take it out; nothing has changed then.
        """
        from kanwidget.discovery.attempts import tidy

        with self.action("tidy_symbolic"):
            inputs = self.as_input(self.calibration) if self.calibration is not None else None
            if not tidy(self, inputs):
                raise ValueError(
                    "the network cannot be tidied: round-off would take a function out of its domain "
                    "on the training data"
                )

    def snap_proposals(self, dataset: Any, tolerance: float | None = None) -> list[Snap]:
        """Numbers that constants may be, surest first, with the validation loss before and after.

        Nothing is changed; see `kanwidget.discovery.snap.propose`.
        """
        from kanwidget.discovery.snap import propose

        with self.exclusive:
            return propose(self, dataset, _checked(tolerance))

    def snap_constant(
        self, l: int, i: int, j: int, constant: str, number: Any, dataset: Any
    ) -> Snap:
        """Set a constant of edge (l, i, j) to a number and fit the others again.

        Parameters
        ----------
        constant : {'a', 'b', 'c', 'd'}
            Which constant of c·f(a·x + b) + d, in the tidy form that the network gets first.
        number : sympy.Expr or int
            Such as ``sympy.pi / 4``.
        dataset : Dataset or dict

        Raises
        ------
        KeyError
            For an edge that does not exist.
        ValueError
            If the edge has no such constant, is locked, or the network has no value with it.
        """
        import sympy

        from kanwidget.discovery.snap import set_constant

        edge = self.check_edge(l, i, j)
        self.check_unlocked([edge])
        check_constant(constant)
        expr = sympy.Integer(number) if isinstance(number, int) else number
        if not isinstance(expr, sympy.Expr) or not (expr.is_real and expr.is_number):
            raise ValueError(f"number is {number!r:.60}; a real number of sympy is needed")
        arguments = {"constant": constant, "number": number, "dataset": dataset}
        with self.action("snap_constant", l=l, i=i, j=j, **arguments):
            return set_constant(self, (*edge, constant), expr, dataset)

    def snap(self, dataset: Any, tolerance: float | None = None) -> list[Snap]:
        """Set constants to simple numbers, as far as the data leave room for it; return what was set.

        See `kanwidget.discovery.snap.snap_all`.

        Parameters
        ----------
        dataset : Dataset or dict
            Training data are fitted, validation data decide.
        tolerance : float, optional
            Largest relative change of a constant; None takes that from its standard error.
        """
        from kanwidget.discovery.snap import snap_all

        tolerance = _checked(tolerance)
        with self.action("snap", dataset=dataset, tolerance=tolerance):
            return snap_all(self, dataset, tolerance)


def check_constant(constant: Any) -> None:
    """ValueError unless it is the name of a constant."""
    if constant not in CONSTANTS:
        raise ValueError(
            f"constant is {constant!r:.60}; {', '.join(CONSTANTS)} of c·f(a·x + b) + d is needed"
        )


def _checked(tolerance: Any) -> float | None:
    return None if tolerance is None else checks.number("tolerance", tolerance, above=0)
