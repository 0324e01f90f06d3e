"""The library of functions: looked up by name, ranked all together, extended by one's own."""

from __future__ import annotations

import difflib
import keyword
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor

from kanwidget.symbolic.differentiable import Elementwise
from kanwidget.symbolic.function import INF, SymbolicFunction, own_function

__all__ = [
    "LIBRARY",
    "SETS",
    "SymbolicFunction",
    "get",
    "own_function",
    "register",
    "remove_symbolic",
    "resolve",
    "resolve_each",
]

HALF_PI = math.pi / 2


def register(function: SymbolicFunction) -> SymbolicFunction:
    """Add a function to the library for this process; it is ranked and accepted by name from then on.

    Raises
    ------
    TypeError
        If `function` is not a SymbolicFunction.
    ValueError
        If the name is taken, or is not made of letters, digits and _.
    """
    if not isinstance(function, SymbolicFunction):
        raise TypeError(
            f"function must be a SymbolicFunction, not {function!r}; own_function(...) makes one."
        )
    LIBRARY[check_new_name(function.name)] = function
    return function


def check_new_name(name: object) -> str:
    """A name for a function of one's own: letters, digits and _, and not taken.

    Raises
    ------
    TypeError
        If it is not a string.
    ValueError
        If it is anything else than such a name.
    """
    if not isinstance(name, str):
        raise TypeError(f"name is {name!r:.60}; a string such as 'J0' is needed")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,39}", name) or keyword.iskeyword(name):
        raise ValueError(
            f"name is {name!r:.60}; a letter and up to 39 more letters of a to z, digits and _ are"
            " needed, and no word of Python"
        )
    if name in LIBRARY:
        raise ValueError(f"name is {name!r}, which is already in the library; choose another")
    return name


def remove_symbolic(name: str) -> SymbolicFunction:
    """Take a function of one's own out of the library; edges that have it keep it.

    Raises
    ------
    KeyError
        If no function has this name.
    ValueError
        If it came with the library.
    """
    function = get(name)
    if LIBRARY.get(function.name) is not function or function.name in BUILT_IN:
        raise ValueError(
            f"name is {function.name!r}; only functions added with add_symbolic can be removed"
        )
    CHANGED.pop(function.name, None)
    return LIBRARY.pop(function.name)


def get(name: str | SymbolicFunction) -> SymbolicFunction:
    """Look a function up by its name.

    Raises
    ------
    KeyError
        If no function has this name; the message lists close names and all accepted ones.
    TypeError
        If `name` is neither a string nor a SymbolicFunction.
    """
    if isinstance(name, SymbolicFunction):
        return name
    if not isinstance(name, str):
        raise TypeError(
            f"function must be a name such as 'sin' or a SymbolicFunction, not {name!r}."
        )
    if name in LIBRARY:
        return LIBRARY[name]
    close = difflib.get_close_matches(name, LIBRARY, n=3)
    hint = f" did you mean {' or '.join(map(repr, close))}?" if close else ""
    raise UnknownFunction(
        f"unknown function {name[:60]!r};{hint} accepted are: {', '.join(LIBRARY)}."
    )


Names: TypeAlias = "str | Iterable[str | SymbolicFunction]"
"""Names or functions in a list, or the name of one of the `SETS`."""
Lib: TypeAlias = "Names | Mapping[Any, Names] | None"
"""`Names` for all edges; or for some layers l and edges (l, i, j), others having the whole library."""


def resolve(lib: Names | None = None) -> list[SymbolicFunction]:
    """Turn a list of names, or the name of a set, into functions, each once; None stands for all.

    Raises
    ------
    KeyError
        If a name is unknown.
    TypeError
        If `lib` is a single function or not a list.
    ValueError
        If `lib` is empty.
    """
    if lib is None:
        return list(dict.fromkeys(LIBRARY.values()))
    if isinstance(lib, str) and lib in SETS:
        lib = SETS[lib]
    if isinstance(lib, (str, SymbolicFunction, Mapping)) or not isinstance(lib, Iterable):
        raise TypeError(
            f"lib must be a list of function names such as ['x', 'sin'] or one of the sets"
            f" {', '.join(SETS)}, not {lib!r:.60}."
        )
    functions = list(dict.fromkeys(get(name) for name in lib))
    if not functions:
        raise ValueError(
            "lib is empty; give at least one function name, or None for the whole library."
        )
    return functions


def resolve_each(lib: Lib, edges: Sequence[tuple[int, int, int]]) -> list[list[SymbolicFunction]]:
    """The functions that each edge (l, i, j) may become: its own list, its layer's, or all.

    Raises
    ------
    KeyError, TypeError, ValueError
        As `resolve` does, and where a key of `lib` is neither a layer nor an edge.
    """
    if not isinstance(lib, Mapping):
        functions = resolve(lib)
        return [functions for _ in edges]
    for key in lib:
        parts = key if isinstance(key, tuple) and len(key) == 3 else (key,)
        if not all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in parts):
            raise TypeError(
                f"lib has the key {key!r:.60}; a layer such as 0 or an edge such as (0, 1, 0) is needed"
            )
    everything = resolve(None)
    lists = {key: resolve(names) for key, names in lib.items()}
    return [lists.get(edge, lists.get(edge[0], everything)) for edge in edges]


def check_topk(topk: object) -> None:
    """ValueError where it is no number of functions to return."""
    if topk is not None and (not isinstance(topk, int) or isinstance(topk, bool) or topk < 1):
        raise ValueError(f"topk must be a positive whole number or None, not {topk!r}")


class UnknownFunction(KeyError):
    """A KeyError whose text is the sentence itself, not its repr."""

    def __str__(self) -> str:
        return str(self.args[0])


def plain(u: Any) -> bool:
    """Whether sympy may look for identities in f(u): only where u is short.

    For a nested argument it would ask, for seconds, whether it is real, infinite or a multiple of π.
    """
    return bool(u.is_Number or u.is_Symbol or (u.is_Mul and all(map(plain, u.args))))


def _sympy(name: str) -> Callable[[Any], Any]:
    def build(u: Any) -> Any:
        import sympy

        return getattr(sympy, name)(u, evaluate=plain(u))

    return build


def _power(numerator: int, denominator: int = 1) -> Callable[[Any], Any]:
    def build(u: Any) -> Any:
        import sympy

        return sympy.Pow(u, sympy.Rational(numerator, denominator), evaluate=plain(u))

    return build


def _zero(u: Any) -> Any:
    import sympy

    return sympy.Integer(0)


def _gaussian(u: Any) -> Any:
    import sympy

    return sympy.exp(-sympy.Pow(u, 2, evaluate=plain(u)), evaluate=False)


def _sigmoid(u: Any) -> Any:
    import sympy

    return sympy.Pow(1 + sympy.exp(-u, evaluate=False), -1, evaluate=False)


def _where(inside: Callable[[Tensor], Tensor], function: Elementwise) -> Elementwise:
    """`function`, with nan where `inside` does not hold."""

    def guarded(u: Tensor) -> Tensor:
        return function(u.masked_fill(~inside(u), math.nan))

    return guarded


def _positive(u: Tensor) -> Tensor:
    return u > 0


def _nonzero(u: Tensor) -> Tensor:
    return u != 0


def _sign(u: Tensor) -> Tensor:
    return torch.sign(u).masked_fill(u.isnan(), math.nan)  # torch's own is 0 there


_EVEN, _ODD = (1.0, 0.0), (-1.0, 0.0)
_F = SymbolicFunction


def _pole(name: str, power: int, complexity: int) -> SymbolicFunction:
    return _F(
        name, _where(_nonzero, lambda u: u**-power), lambda u: -power * u ** (-power - 1), _power(-power),
        complexity, "u ≠ 0", (0, INF), absorbs="scale", mirror=_ODD if power % 2 else _EVEN,
    )  # fmt: skip


def _root(name: str, power: float, fraction: tuple[int, int], complexity: int) -> SymbolicFunction:
    closed = power > 0
    function = (lambda u: u**power) if closed else _where(_positive, lambda u: u**power)
    return _F(
        name, function, lambda u: power * u ** (power - 1), _power(*fraction), complexity,
        "u ≥ 0" if closed else "u > 0", (0, INF), closed=closed, absorbs="scale",
    )  # fmt: skip


_FUNCTIONS = [
    _F("0", torch.zeros_like, torch.zeros_like, _zero, 0, absorbs="both", mirror=_EVEN),
    _F("x", lambda u: u, torch.ones_like, lambda u: u, 1, absorbs="both", mirror=_ODD),
    _F("x^2", torch.square, lambda u: 2 * u, _power(2), 2, absorbs="scale", mirror=_EVEN),
    _pole("1/x", 1, 2),
    _pole("1/x^2", 2, 2),
    _root("sqrt", 0.5, (1, 2), 2),
    _root("1/sqrt(x)", -0.5, (-1, 2), 2),
    _F("exp", torch.exp, torch.exp, _sympy("exp"), 2, absorbs="shift"),
    _F(
        "log", _where(_positive, torch.log), torch.reciprocal, _sympy("log"), 2,
        "u > 0", (0, INF), absorbs="scale",
    ),
    _F("sin", torch.sin, torch.cos, _sympy("sin"), 2, mirror=_ODD, period=2 * math.pi),
    _F("cos", torch.cos, lambda u: -torch.sin(u), _sympy("cos"), 2, mirror=_EVEN, period=2 * math.pi),
    _F("x^3", lambda u: u**3, lambda u: 3 * u**2, _power(3), 3, absorbs="scale", mirror=_ODD),
    _F("x^4", lambda u: u**4, lambda u: 4 * u**3, _power(4), 3, absorbs="scale", mirror=_EVEN),
    _F("x^5", lambda u: u**5, lambda u: 5 * u**4, _power(5), 3, absorbs="scale", mirror=_ODD),
    _pole("1/x^3", 3, 3),
    _F("abs", torch.abs, torch.sign, _sympy("Abs"), 3, absorbs="scale", mirror=_EVEN),
    _F(
        "tan", torch.tan, lambda u: 1 + torch.tan(u) ** 2, _sympy("tan"), 3,
        "one branch between two poles", (-HALF_PI, HALF_PI), mirror=_ODD, period=math.pi,
    ),
    _F("tanh", torch.tanh, lambda u: 1 - torch.tanh(u) ** 2, _sympy("tanh"), 3, mirror=_ODD),
    _F("sgn", _sign, torch.zeros_like, _sympy("sign"), 3, absorbs="scale", mirror=_ODD),
    _F(
        "gaussian", lambda u: torch.exp(-u * u), lambda u: -2 * u * torch.exp(-u * u), _gaussian, 3,
        mirror=_EVEN,
    ),
    _F("cosh", torch.cosh, torch.sinh, _sympy("cosh"), 3, mirror=_EVEN),
    _F("sinh", torch.sinh, torch.cosh, _sympy("sinh"), 3, mirror=_ODD),
    _pole("1/x^4", 4, 4),
    _root("x^1.5", 1.5, (3, 2), 4),
    _F(
        "arcsin", torch.asin, lambda u: torch.rsqrt(1 - u * u), _sympy("asin"), 4,
        "-1 ≤ u ≤ 1", (-1, 1), closed=True, mirror=_ODD,
    ),
    _F(
        "arccos", torch.acos, lambda u: -torch.rsqrt(1 - u * u), _sympy("acos"), 4,
        "-1 ≤ u ≤ 1", (-1, 1), closed=True, mirror=(-1.0, math.pi),
    ),
    _F("arctan", torch.atan, lambda u: 1 / (1 + u * u), _sympy("atan"), 4, mirror=_ODD),
    _F(
        "arctanh", _where(lambda u: u.abs() < 1, torch.atanh), lambda u: 1 / (1 - u * u), _sympy("atanh"), 4,
        "-1 < u < 1", (-1, 1), mirror=_ODD,
    ),
    _F(
        "sigmoid", torch.sigmoid, lambda u: torch.sigmoid(u) * torch.sigmoid(-u), _sigmoid, 4,
        mirror=(-1.0, 1.0),
    ),
    _pole("1/x^5", 5, 5),
]  # fmt: skip

LIBRARY: dict[str, SymbolicFunction] = {function.name: function for function in _FUNCTIONS}
"""All functions by name; ``x^0.5`` and ``1/x^0.5`` are second names."""
LIBRARY["x^0.5"] = LIBRARY["sqrt"]
LIBRARY["1/x^0.5"] = LIBRARY["1/sqrt(x)"]
BUILT_IN = frozenset(LIBRARY)
CHANGED: dict[str, float] = {}
"""Complexities that were set for this process, by name; see `kanwidget.symbolic.complexity`."""

SETS: dict[str, tuple[str, ...]] = {
    "algebra": (
        *("0", "x", "x^2", "x^3", "x^4", "x^5", "1/x", "1/x^2", "1/x^3", "1/x^4", "1/x^5"),
        *("sqrt", "1/sqrt(x)", "x^1.5", "abs"),
    ),
    "trigonometry": ("0", "x", "sin", "cos", "tan", "arcsin", "arccos", "arctan"),
    "physics": (
        *("0", "x", "x^2", "x^3", "x^4", "1/x", "1/x^2", "1/x^3", "sqrt", "1/sqrt(x)", "x^1.5"),
        *("exp", "log", "sin", "cos", "tanh", "gaussian"),
    ),
}
"""Functions for a subject, by a name that is accepted wherever a list of functions is."""
