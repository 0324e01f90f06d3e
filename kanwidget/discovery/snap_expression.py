"""Numbers of an expression set to those that a person would have written.

Some formulas have their plain numbers only when written out: x³ + x² + x is (x + 1/3)³ + 2/3 (x + 1/3)
- 7/27 in a network.  So this is done to the expression, as it is and with its products multiplied out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from kanwidget.discovery.attempts import allowed
from kanwidget.discovery.guesses import RELATIVE, SLACK, near
from kanwidget.formula.evaluate import EdgeCurve

Array = NDArray[np.float64]

MOST_TERMS = 200
"""More of them a product is not multiplied out to."""
MOST_ROWS = 2000
ERRORS = 4.0
FLOAT_COST = 12.0
"""What a number that stayed as it was costs, beside simple ones and operations."""


def snap_expression(
    expression: sympy.Expr,
    variables: Sequence[sympy.Symbol],
    x: Any,
    y: Any,
    give_up: Callable[[], bool] = lambda: False,
) -> sympy.Expr:
    """Set the numbers of an expression to simple ones, as far as data leave room for it.

    All numbers are fitted together, and again after each that was set.  Of the expression as it is and
    multiplied out the simpler result is returned.

    Parameters
    ----------
    expression : sympy.Expr
        Its floats are what may be set; those with φ placeholders or unknown functions are returned as
        they are.
    variables : sequence of sympy.Symbol
    x : array, shape (N, n_variables)
    y : array, shape (N,)
        What the expression is to give.
    give_up : callable
        Asked before each number; True leaves the others as they are.

    Returns
    -------
    sympy.Expr
    """
    from sympy.core.function import AppliedUndef

    if expression.has(EdgeCurve, AppliedUndef) or not expression.has(sympy.Float):
        return expression
    inputs = np.asarray(x, dtype=float)[:MOST_ROWS]
    labels = np.asarray(y, dtype=float).reshape(len(np.asarray(x)), -1)[:MOST_ROWS, 0]
    floor = 1e-20 * float(labels.var())
    found = []
    for form in dict.fromkeys((expression, multiplied_out(expression))):
        numbers = _Numbers(form, variables, inputs, labels, floor)
        if math.isfinite(numbers.error):
            numbers.snap(give_up)
            found.append(numbers)
    if not found:
        return expression
    least = min(numbers.error for numbers in found)
    good = [n for n in found if n.error <= max(floor, least * (1 + 40 / len(inputs)))]
    return min((numbers.expression() for numbers in good), key=reading_cost)


def reading_cost(expression: sympy.Expr) -> float:
    """How much there is to read: operations, and numbers that are not simple."""
    return float(sympy.count_ops(expression)) + FLOAT_COST * len(_floats(expression))


def multiplied_out(expression: sympy.Expr) -> sympy.Expr:
    """The expression with powers and products of sums multiplied out, where that stays short."""
    terms = 1
    for part in sympy.preorder_traversal(expression):
        if part.is_Pow and part.base.is_Add and part.exp.is_Integer and part.exp > 0:
            count = len(part.base.args)
            terms += math.comb(count + int(part.exp) - 1, int(part.exp))
        elif part.is_Mul:
            terms += math.prod(len(f.args) for f in part.args if f.is_Add)
    if terms > MOST_TERMS:
        return expression
    return sympy.expand(
        expression, power_base=False, power_exp=False, log=False, trig=False, complex=False
    )


def _floats(expression: sympy.Expr) -> list[sympy.Expr]:
    return [part for part in sympy.preorder_traversal(expression) if part.is_Float]


class _Numbers:
    """The floats of an expression as parameters of a least squares problem."""

    def __init__(
        self,
        form: sympy.Expr,
        variables: Sequence[sympy.Symbol],
        x: Array,
        y: Array,
        floor: float,
    ) -> None:
        self.y, self.floor = y, floor
        self.places: list[sympy.Dummy] = []
        values: list[float] = []
        self.form = self._with_places(form, values)
        self.values: Array = np.array(values)
        self.exact: dict[int, sympy.Expr] = {}
        compute = sympy.lambdify([*variables, *self.places], self.form, ["numpy", "scipy"])
        columns = list(x.T)
        self._compute = lambda values: np.broadcast_to(compute(*columns, *values), y.shape)
        self.values, self.error = self.fitted(self.values, 40)

    def _with_places(self, part: sympy.Expr, values: list[float]) -> sympy.Expr:
        if part.is_Float:
            self.places.append(sympy.Dummy(f"p{len(values)}"))
            values.append(float(part))
            return self.places[-1]
        if not part.args:
            return part
        arguments = [self._with_places(each, values) for each in part.args]
        if part.is_Add or part.is_Mul or part.is_Pow:
            return part.func(*arguments, evaluate=False)
        return part.func(*arguments)

    def expression(self) -> sympy.Expr:
        """The expression with its numbers, exact ones exactly."""
        numbers = {
            place: self.exact.get(n, sympy.Float(float(self.values[n])))
            for n, place in enumerate(self.places)
        }
        return self.form.xreplace(numbers).doit()

    # ------------------------------------------------------------------ fitting

    def residuals(self, values: Array) -> Array:
        """Errors on the data."""
        with np.errstate(all="ignore"):
            return np.asarray(self._compute(values) - self.y, dtype=float)

    def slopes(self, values: Array, free: list[int]) -> Array:
        """Of the errors by the numbers that are free, (N, P), by central differences."""
        columns = []
        for n in free:
            step = np.zeros_like(values)
            step[n] = 6e-6 * max(abs(values[n]), 1e-2)
            change = self.residuals(values + step) - self.residuals(values - step)
            columns.append(change / (2 * step[n]))
        return np.stack(columns, 1) if columns else np.zeros((len(self.y), 0))

    def free(self) -> list[int]:
        """Numbers that are not exact yet."""
        return [n for n in range(len(self.values)) if n not in self.exact]

    @np.errstate(over="ignore")  # a step into a far exponential is no gain
    def fitted(self, values: Array, steps: int) -> tuple[Array, float]:
        """Free numbers fitted by Levenberg–Marquardt, and the mean squared error with them."""
        free, damping = self.free(), 1e-6
        errors = self.residuals(values)
        error = float((errors**2).mean())
        for _ in range(steps if free else 0):
            slopes = self.slopes(values, free)
            if (
                not (math.isfinite(error) and np.isfinite(slopes).all())
                or error < 1e-12 * self.floor
            ):
                break
            scale = np.maximum(np.linalg.norm(slopes, axis=0), 1e-100)
            left, sizes, right = np.linalg.svd(slopes / scale, full_matrices=False)
            before = error
            for _ in range(8):
                step = right.T @ (sizes / (sizes**2 + damping) * (left.T @ errors)) / scale
                trial = values.copy()
                trial[free] -= step
                found = self.residuals(trial)
                if (after := float((found**2).mean())) < error:
                    values, errors, error = trial, found, after
                    damping = max(damping / 30, 1e-14)
                    break
                damping *= 30
            if error > before * (1 - 1e-9):
                break
        return values, error

    # ------------------------------------------------------------------ snapping

    def snap(self, give_up: Callable[[], bool]) -> None:
        """Set one number after the other, the surest first, and fit the others again."""
        start, refused = max(self.error, self.floor), set[int]()
        unit = start / len(self.y)
        while not give_up():
            waiting = [one for one in self._ranked() if one[0] not in refused]
            if not waiting:
                return
            n, guesses = waiting[0]
            for expr, number, _, _ in guesses:
                values = self.values.copy()
                values[n], self.exact[n] = number, expr
                values, error = self.fitted(values, 15)
                done = len(self.exact)
                most = start + allowed(done) * unit
                if error <= self.floor or error <= min(most, self.error + ERRORS**2 * unit):
                    self.values, self.error, refused = values, error, set()
                    break
                del self.exact[n]
            else:
                refused.add(n)

    def _ranked(self) -> list[tuple[int, list[tuple[sympy.Expr, float, float, float]]]]:
        free = self.free()
        slopes = self.slopes(self.values, free)
        if not free or not np.isfinite(slopes).all():
            return []
        scale = np.maximum(np.linalg.norm(slopes, axis=0), 1e-100)
        _, sizes, right = np.linalg.svd(slopes / scale, full_matrices=False)
        if not sizes.max() > 0:
            return []
        spread = (right / np.maximum(sizes, 1e-10 * sizes.max())[:, None]) ** 2
        noise = self.error * len(self.y) / max(1, len(self.y) - len(free))
        errors = np.sqrt(spread.sum(0) * noise) / scale
        found = []
        for n, error in zip(free, errors, strict=True):
            size = max(abs(self.values[n]), 1e-3)
            limit = max(ERRORS * error, 100 * RELATIVE * size)
            guesses = [one for one in near(float(self.values[n]), limit, True) if one[3] >= -SLACK]
            if guesses:
                found.append((n, sorted(guesses, key=lambda one: one[2])[:4]))
        return sorted(found, key=lambda one: -max(guess[3] for guess in one[1]))
