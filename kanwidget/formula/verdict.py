"""What a formula that was found is worth, where the true one is known.

Three verdicts, each harder than the one before: *numeric* (no point of a test set is far off), *snapped*
(no number of it is a decimal any more, and at high precision it is the truth) and *exact* (sympy proves it).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import sympy
import torch
from sympy.core.function import AppliedUndef
from torch import Tensor

from kanwidget import checks
from kanwidget.formula.evaluate import EdgeCurve, Evaluator
from kanwidget.formula.simplify import prove_equal

CLOSE = 1e-4
"""The largest difference, in standard deviations of the truth, of a formula that is numerically right."""
WIDER = 0.2
"""By what share of its length a range is widened at each end."""
SNAPPED_DIGITS = 12
"""To so many digits a formula without decimals agrees with the truth that it was snapped to."""
EXACT_DIGITS = 40
"""Two exact expressions that agree to so many digits at random points are worth a proof."""
POINTS = 20
"""At so many points they are compared to that many digits."""


@dataclass(frozen=True)
class Verdict:
    """What is true of a formula beside the true one.

    Attributes
    ----------
    numeric_error, outside_error : float
        ``max |found - truth|`` in standard deviations of the truth, in range and on the box that is 20 %
        wider at each end, without the range; inf where the truth is finite and the formula is not.
    left_out : int
        Points of both where the truth is not finite; they are not compared.
    digits : int
        To how many digits the two agree at random points in range, `EXACT_DIGITS` at most.
    numeric, outside : bool
        Whether the error is at most `CLOSE`.
    snapped : bool
        Whether no number is a decimal, and the two agree to `SNAPPED_DIGITS` digits wherever the truth
        is finite.
    exact : bool or None
        Whether sympy proves the two equal on the ranges, where a variable may be known to be positive;
        None where no proof was asked for.
    sentence : str
    """

    numeric_error: float
    outside_error: float
    left_out: int
    digits: int
    numeric: bool
    outside: bool
    snapped: bool
    exact: bool | None
    sentence: str

    @property
    def unproved(self) -> bool:
        """Whether the two agree to all digits compared, and sympy could not prove them equal."""
        return self.exact is False and self.snapped and self.digits >= EXACT_DIGITS

    def __str__(self) -> str:
        return self.sentence


def verdict(
    found: sympy.Expr,
    truth: sympy.Expr,
    ranges: Mapping[str, Sequence[float]],
    *,
    model: Any = None,
    samples: int = 2000,
    seed: int = 0,
    seconds: float = 10.0,
) -> Verdict:
    """Judge a formula by the true one.

    Parameters
    ----------
    found, truth : sympy.Expr
        Their variables are matched by name.
    ranges : mapping of str to (low, high)
        The range of every variable, for those too that a formula does not depend on.
    model : KAN, optional
        Supplies the curves of φ placeholders, and functions of one's own that sympy does not know.
    samples : int
        Points on the box, and on the wider one.
    seed : int
        Of the points.
    seconds : float
        What a proof may take; 0 asks for none.

    Returns
    -------
    Verdict

    Raises
    ------
    TypeError
        If an expression is none of sympy's.
    ValueError
        If a variable has no range, a range is none, the truth is nowhere finite, or an expression holds
        functions without values.
    """
    box = _checked(found, truth, ranges, model)
    samples = checks.whole("samples", samples, 2)
    generator = torch.Generator().manual_seed(checks.whole("seed", seed, 0))
    low, high = box.unbind(1)
    inside = low + (high - low) * _random(samples, len(box), generator)
    margin = WIDER * (high - low)
    outside = low - margin + (high - low + 2 * margin) * _random(samples, len(box), generator)
    outside = outside[((outside < low) | (outside > high)).any(1)]

    names = list(ranges)
    error, missing = _error(found, truth, names, inside, model)
    if error is None:
        raise ValueError(f"the truth {truth} has no finite value on the ranges {dict(ranges)}")
    wider, missing_outside = _error(found, truth, names, outside, model)
    digits = _digits_in_common(found, truth, names, inside[:POINTS].tolist())
    # what is the truth by way of complex numbers only has no value for a person
    snapped = digits >= SNAPPED_DIGITS and not found.has(sympy.Float) and math.isfinite(error)
    exact: bool | None = None
    if seconds > 0:
        exact = snapped and digits >= EXACT_DIGITS and _proved(found, truth, ranges, seconds)
    wider = 0.0 if wider is None else wider
    return Verdict(
        error, wider, missing + missing_outside, digits, error <= CLOSE, wider <= CLOSE, snapped, exact,
        _sentence(error, wider, digits, snapped, exact, found.has(sympy.Float)),
    )  # fmt: skip


def values_at(
    expression: sympy.Expr, names: Sequence[str], points: Tensor, model: Any = None
) -> Tensor:
    """Values of an expression in float64, nan where they are not real.

    Parameters
    ----------
    expression : sympy.Expr
    names : sequence of str
        Of the variables, a column each.
    points : Tensor, shape (N, len(names))
    model : KAN, optional
        Supplies the curves of φ placeholders and the functions of one's own.

    Returns
    -------
    Tensor, shape (N,)
    """
    columns = dict(zip(names, points.double().unbind(1), strict=True))
    values = {symbol: columns[symbol.name] for symbol in expression.free_symbols}
    values |= {sympy.Dummy(): points.new_zeros(len(points))}  # a constant has as many rows
    try:
        with np.errstate(all="ignore"):
            found = Evaluator(model if model is not None else NO_MODEL, values)(expression)
    # scipy is not installed, a number is not real, or a function has no arrays
    except (NameError, TypeError, NotImplementedError):
        function = _precise(expression, names)
        rows = [_real(_value(function, row)) for row in points.tolist()]
        found = torch.tensor(rows, dtype=torch.float64)
    return found.double().expand(len(points))


class _NoModel:
    layers: tuple[()] = ()


NO_MODEL = _NoModel()


def _checked(found: Any, truth: Any, ranges: Mapping[str, Sequence[float]], model: Any) -> Tensor:
    """The ranges as a tensor, shape (number of variables, 2)."""
    pairs = [checks.interval(f"the range of {name}", pair) for name, pair in ranges.items()]
    for name, expression in (("found", found), ("truth", truth)):
        if not isinstance(expression, sympy.Expr):
            raise TypeError(f"{name} is {expression!r}; a sympy expression is needed")
        unknown = sorted({symbol.name for symbol in expression.free_symbols} - set(ranges))
        if unknown:
            raise ValueError(
                f"{name} depends on {', '.join(unknown)}; ranges are given for {', '.join(ranges)}"
            )
        unvalued = sorted({str(each.func) for each in numeric_parts(expression)})
        if unvalued and (model is None or expression is truth):
            raise ValueError(f"{name} holds {', '.join(unvalued)}, of which sympy knows no values")
    return torch.tensor(pairs, dtype=torch.float64)


def numeric_parts(expression: sympy.Expr) -> set[Any]:
    """The φ placeholders and functions of one's own in an expression, of which sympy knows no values."""
    return set(expression.atoms(EdgeCurve, AppliedUndef))


def _random(rows: int, columns: int, generator: torch.Generator) -> Tensor:
    return torch.rand(rows, columns, generator=generator, dtype=torch.float64)


def _error(
    found: sympy.Expr, truth: sympy.Expr, names: list[str], points: Tensor, model: Any
) -> tuple[float | None, int]:
    """The largest difference in standard deviations, None without points; and how many were left out."""
    expected = values_at(truth, names, points)
    there = expected.isfinite()
    left_out = int((~there).sum())
    if not there.any():
        return None, left_out
    expected = expected[there]
    difference = (values_at(found, names, points, model)[there] - expected).abs()
    # a constant truth has only its size to compare with
    size = float(expected.std(correction=0)) or float(expected.abs().max()) or 1.0
    return float(torch.nan_to_num(difference, nan=math.inf).max()) / size, left_out


def _digits_in_common(
    found: sympy.Expr, truth: sympy.Expr, names: list[str], rows: list[list[float]]
) -> int:
    """To how many digits the two agree, beside the largest value of the truth."""
    if numeric_parts(found):
        return 0
    functions = [_precise(each, names) for each in (found, truth)]
    with mpmath.workdps(2 * EXACT_DIGITS + 20):
        pairs = [[_value(function, row) for function in functions] for row in rows]
        pairs = [pair for pair in pairs if math.isfinite(_real(pair[1]))]
        largest = max((abs(value) for _, value in pairs), default=mpmath.mpf(0))
        differences = [abs(value - expected) for value, expected in pairs]
        if not pairs or any(mpmath.isnan(each) or mpmath.isinf(each) for each in differences):
            return 0
        worst = max(differences)
        if worst == 0:
            return EXACT_DIGITS
        common = -mpmath.log10(worst / largest) if largest else -mpmath.log10(worst)
        return max(0, min(EXACT_DIGITS, int(mpmath.floor(common))))


def _precise(expression: sympy.Expr, names: Sequence[str]) -> Any:
    """The expression as a function on mpmath's numbers."""
    symbols = {symbol.name: symbol for symbol in expression.free_symbols}
    return sympy.lambdify(
        [symbols.get(name, sympy.Dummy()) for name in names], expression, "mpmath"
    )


def _value(function: Any, row: list[float]) -> Any:
    try:
        return function(*(mpmath.mpf(x) for x in row))
    except (ZeroDivisionError, ValueError):  # a pole, or outside where it is defined
        return mpmath.nan


def _real(value: Any) -> float:
    """The value if it is real and finite, else nan."""
    number = complex(value)
    real = number.imag == 0 and math.isfinite(number.real)
    return number.real if real else math.nan


def _proved(
    found: sympy.Expr, truth: sympy.Expr, ranges: Mapping[str, Sequence[float]], seconds: float
) -> bool:
    """Whether sympy proves two equal that agree wherever they were looked at."""
    symbols = {name: sympy.Symbol(name) for name in ranges}
    first, second = (
        each.xreplace({symbol: symbols[symbol.name] for symbol in each.free_symbols})
        for each in (found, truth)
    )
    bounds = {symbols[name]: (float(low), float(high)) for name, (low, high) in ranges.items()}
    return prove_equal(first, second, seconds, bounds, alike=True) is True


def _sentence(
    error: float, wider: float, digits: int, snapped: bool, exact: bool | None, decimals: bool
) -> str:
    beyond = "" if wider <= CLOSE else ", where it goes another way"
    if exact and not beyond:
        return "exact: sympy proves it equal to the truth."
    if exact:
        there = f"{wider:.2g} standard deviations off on a wider box{beyond}"
        return f"exact in range: sympy proves it equal to the truth; up to {there}."
    off = f"at most {error:.2g} standard deviations off in range, {wider:.2g} on a wider box"
    if snapped and digits >= EXACT_DIGITS:
        return f"agrees to {EXACT_DIGITS} digits, not proved; {off}."
    if snapped:
        return f"snapped: agrees to {digits} digits, but is not the truth; {off}."
    why = (
        "some of its numbers are decimals" if decimals else "its numbers are not those of the truth"
    )
    if error <= CLOSE:
        return f"numerically the truth: {off}{beyond}; {why}."
    return f"not the truth: up to {error:.2g} standard deviations off in range, {wider:.2g} on a wider box."
