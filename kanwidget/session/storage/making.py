"""What a model was made with, as a file holds it: where the history starts with a model of that shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from torch import Tensor

from kanwidget import checks
from kanwidget.features import name_of_base
from kanwidget.saving import OWN
from kanwidget.session.storage.schema import DTYPES, Made


class Shape(NamedTuple):
    """Of a layer."""

    n_in: int
    arity: tuple[int, ...]
    grid: int
    k: int


def packed(made: Mapping[str, Any], shapes: Sequence[Shape]) -> Made | None:
    """What a model was made with, where it is plain and of the shape that the start has."""
    rest = {name: value for name, value in made.items() if name != "device"}
    if "dtype" in rest:
        rest["dtype"] = str(rest["dtype"]).removeprefix("torch.")
    if callable(rest.get("base_fun")):
        rest["base_fun"] = name_of_base(rest["base_fun"]) or OWN
    try:
        written = msgspec.convert(rest, Made)
    except msgspec.ValidationError:
        return None
    return written if fits(written, shapes) else None


def unpacked(made: Made | None, base_fun: Callable[[Tensor], Tensor] | None) -> dict[str, Any]:
    """Arguments for a KAN; none where they are not known."""
    if made is None:
        return {}
    told = msgspec.to_builtins(made)
    if "dtype" in told:
        told["dtype"] = DTYPES[told["dtype"]]
    if told.get("base_fun") == OWN:
        told["base_fun"] = base_fun
    return told


def fits(made: Made, shapes: Sequence[Shape]) -> bool:
    """Whether it makes a network of these layers, so that making one takes no more memory than they do."""
    told = msgspec.to_builtins(made)
    nodes = [shapes[0].n_in, *(len(shape.arity) for shape in shapes)]
    sums = [sum(each) if isinstance(each, list) else each for each in told["width"]]
    if sums != nodes:
        return False
    try:
        arities = checks.width(told["width"], told.get("mult_arity", 2))
        grids = checks.per_layer("grid", told.get("grid", 3), len(shapes), 1)
        orders = checks.per_layer("k", told.get("k", 3), len(shapes), 1)
    except ValueError:
        return False
    wanted = [tuple(each) for each in arities[1:]], grids, orders
    held = [shape.arity for shape in shapes], [s.grid for s in shapes], [s.k for s in shapes]
    return wanted == held
