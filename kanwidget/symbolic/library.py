"""The library of functions: looked up by name, ranked all together, extended by one's own."""

from __future__ import annotations

import difflib
import keyword
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from kanwidget.symbolic.function import SymbolicFunction, own_function
from kanwidget.symbolic.functions import FUNCTIONS

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


LIBRARY: dict[str, SymbolicFunction] = {function.name: function for function in FUNCTIONS}
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
