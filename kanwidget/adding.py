"""Functions of one's own, from torch or from sympy, tried out before the library takes them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from kanwidget import checks
from kanwidget.symbolic import library
from kanwidget.symbolic.differentiable import Followed, autograd_follows, trial_points
from kanwidget.symbolic.function import INF, SymbolicFunction, own_function

AGREEMENT = 1e-4
"""How far values of torch and of sympy may be apart, relative to the largest."""


def add_symbolic(
    name: str,
    function: Callable[[Tensor], Tensor] | None = None,
    sympy: Any = None,
    complexity: float = 3,
    interval: Sequence[float] = (-INF, INF),
) -> SymbolicFunction:
    """Add a function of one variable to the library, for this process.

    ``add_symbolic("J0", torch.special.bessel_j0, sympy=lambda u: sympy.besselj(0, u))``, or
    ``add_symbolic("sinc2", sympy=sympy.sin(x) / x)``.

    Parameters
    ----------
    name : str
        A letter and more letters, digits and _: what a person types and reads.
    function : callable, optional
        Elementwise f(u) on a tensor of any shape and dtype; where not given, it is made from sympy's
        expression.  Its derivative is torch's where autograd follows it, else sympy's where there is an
        expression, else by differences.
    sympy : sympy expression or callable, optional
        An expression in one symbol, or a function from an expression u to f(u).  Text is not
        accepted, for none is ever evaluated.  Without it formulas show ``name(u)``.
    complexity : float
        How much a person has to read; ``sin`` has 2.
    interval : (low, high)
        Where f is defined and smooth; beyond it f may be nan.

    Returns
    -------
    SymbolicFunction

    Raises
    ------
    TypeError, ValueError
        With a sentence that names the argument; nothing is added then.
    """
    name = library.check_new_name(name)
    complexity = checks.number("complexity", complexity, least=0)
    low, high = _interval(interval)
    if function is None and sympy is None:
        raise TypeError(f"neither function nor sympy is given; {name} needs at least one of them")
    if function is not None and not callable(function):
        raise TypeError(f"function is {function!r:.60}; a function of a tensor is needed")
    if sympy is None:
        assert function is not None
        _try(name, function, (low, high))
        own = own_function(name, function, None, 3, (low, high))
    else:
        expression = _expression(sympy)
        made = _from_sympy(expression, function, (low, high))
        _try(name, function or made, (low, high))
        _check_agreement(function, expression, (low, high))
        own = own_function(name, made, expression.sympy, 3, (low, high))
    whole = int(complexity) if complexity.is_integer() else complexity
    return library.register(dataclasses.replace(own, complexity=whole))


def _interval(interval: Any) -> tuple[float, float]:
    try:
        low, high = map(float, interval)
    except (TypeError, ValueError):
        low = high = math.nan
    if not low < high:
        raise ValueError(
            f"interval is {interval!r:.60}; two numbers (low, high), low < high, are needed"
        )
    return low, high


def _expression(given: Any) -> Any:
    """What was given as a function of sympy, in the symbol of `kanwidget.compiler.one_variable`."""
    import sympy

    from kanwidget.compiler.one_variable import ARGUMENT, OneVariable

    if isinstance(given, str):
        raise TypeError(
            f"sympy is the text {given!r:.60}; text is never evaluated: give a sympy expression such as"
            " sympy.sin(x)/x"
        )
    found = given
    if not isinstance(given, sympy.Basic) and callable(given):
        try:
            found = given(ARGUMENT)
        except Exception as error:
            raise ValueError(
                f"sympy raises {type(error).__name__} for a symbol: {error}"
            ) from error
    if not isinstance(found, sympy.Expr):
        raise TypeError(f"sympy gives {found!r:.60}; a sympy expression in one symbol is needed")
    symbols = sorted(found.free_symbols, key=str)
    if len(symbols) != 1:
        names = ", ".join(map(str, symbols)) or "no symbol"
        raise ValueError(f"sympy is an expression in {names}; one symbol is needed")
    return OneVariable(found.xreplace({symbols[0]: ARGUMENT}))


def _from_sympy(
    expression: Any,
    function: Callable[[Tensor], Tensor] | None,
    interval: tuple[float, float],
) -> Callable[[Tensor], Tensor]:
    """The function with the derivative that sympy knows; by differences where it knows none."""
    from kanwidget.compiler.one_variable import NoDerivative, NotComputed

    try:
        expression.derivative(trial_points(interval, 3))
        slope = expression.derivative
    except (NoDerivative, NotComputed):
        slope = None
    if function is not None:
        if autograd_follows(function, interval):
            return function
        return Followed(function, interval, slope)
    try:
        follows = autograd_follows(expression, interval)
    except NoDerivative:
        follows = False
    except NotComputed as error:
        raise ValueError(
            f"sympy is {expression.expression}, which nothing here can compute; give function too"
        ) from error
    return expression if follows else Followed(expression, interval, slope)


def _try(name: str, function: Callable[[Tensor], Tensor], interval: tuple[float, float]) -> None:
    """Call a function as the fits will, and raise one sentence on what is wrong with it."""
    points = trial_points(interval)
    for given in (points, points.float(), points[:40].reshape(2, 20)):
        before = given.clone()
        try:
            with torch.no_grad():
                values = function(given)
        except Exception as error:
            raise ValueError(
                f"function of {name} raises {type(error).__name__} for a tensor {tuple(given.shape)}:"
                f" {error}"
            ) from error
        if not isinstance(values, Tensor):
            raise TypeError(
                f"function of {name} returns {type(values).__name__}; a tensor is needed"
            )
        if values.shape != given.shape:
            raise ValueError(
                f"function of {name} makes {tuple(values.shape)} of {tuple(given.shape)};"
                " the shape must stay"
            )
        if values.dtype != given.dtype:
            raise ValueError(
                f"function of {name} makes {values.dtype} of {given.dtype}; the dtype must stay"
            )
        if not torch.equal(given, before):
            raise ValueError(f"function of {name} changes the tensor that it is given")
        wrong = ~values.isfinite()
        if bool(wrong.all()):
            raise ValueError(
                f"function of {name} is nan or infinite everywhere on {_shown(interval)}"
            )
        if bool(wrong.any()):
            place = float(given[wrong][0])
            raise ValueError(
                f"function of {name} is nan or infinite at {place:.3g}; interval=(low, high) says where"
                " it is defined"
            )


def _check_agreement(
    function: Callable[[Tensor], Tensor] | None, expression: Any, interval: tuple[float, float]
) -> None:
    from kanwidget.compiler.one_variable import NotComputed

    if function is None:
        return
    points = trial_points(interval, 7)
    try:
        expected = expression(points)
    except NotComputed:
        return
    with torch.no_grad():
        values = function(points)
    apart = (values - expected).abs()
    worst = int(apart.argmax())
    if not float(apart[worst]) <= AGREEMENT * float(expected.abs().max().clamp(min=1e-300)):
        raise ValueError(
            f"function and sympy differ: at {float(points[worst]):.3g} they are"
            f" {float(values[worst]):.6g} and {float(expected[worst]):.6g}"
        )


def _shown(interval: tuple[float, float]) -> str:
    return f"({interval[0]:g}, {interval[1]:g})"
