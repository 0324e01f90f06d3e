"""A function around samples, in units of the data: what all tests of hypotheses look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from kanwidget.derivatives import Function, derivatives

WEAK = 0.01
"""An input that has less than this share in f's changes is not measured by its own size but by this."""
LARGEST = 1e60
"""Beyond this many typical changes of f a value counts as infinite: powers of it would be."""


@dataclass(frozen=True, eq=False)
class Local:
    """Values and derivatives of f on the samples where all of them are finite, in double precision.

    Attributes
    ----------
    x : Tensor, shape (N, n_inputs)
    spread : Tensor, shape (n_inputs,)
        Standard deviations of the inputs.
    unit : Tensor, shape (n_outputs,)
        What values, slopes and bends are measured in, so that powers of them are numbers too.
    values : Tensor, shape (N, n_outputs)
    slopes : Tensor, shape (N, n_outputs, n_inputs)
        By how much f changes, to first order, when an input moves by its standard deviation.
    bends : Tensor, shape (N, n_outputs, n_inputs, n_inputs), or None
        By how much such a change itself changes when another input moves by its standard deviation.
    sizes : Tensor, shape (N, n_outputs)
        Norms of the slopes.
    typical : Tensor, shape (n_outputs,)
        Median of the sizes, or what rounding makes of f's values if that is more.
    used : Tensor of bool, shape (given samples,)
        Which samples these are.
    names : tuple of str
        Of the inputs.
    """

    x: Tensor
    spread: Tensor
    unit: Tensor
    values: Tensor
    slopes: Tensor
    bends: Tensor | None
    sizes: Tensor
    typical: Tensor
    used: Tensor
    names: tuple[str, ...]

    @property
    def samples(self) -> str:
        """How many samples were used, in words."""
        return counted(len(self.x), len(self.used))


def look(f: Function, x: Tensor, order: int, where: Tensor | None = None) -> Local:
    """Values, slopes and, for order 2, bends of f on samples; on some of them if ``where`` (N,) says so.

    Raises
    ------
    TypeError, ValueError
        As for `kanwidget.derivatives.jacobian`; ValueError also where f and its derivatives are finite
        on fewer than two samples, or f has slopes that jump and never bend, as a ReLU network has.
    """
    found = derivatives(f, x, order)
    outputs, inputs = found[1].shape[1:]
    if not outputs or not inputs:
        raise ValueError(f"f has {outputs} outputs of {inputs} inputs; one or more are needed")
    used = torch.stack([each.flatten(1).isfinite().all(1) for each in (x, *found)]).all(0)
    if where is not None:
        used &= where
    points = x.detach()[used].double()
    _check_number(points, x)
    spread = points.std(0)
    values, slopes, *bends = (each[used].double() for each in found)
    slopes = slopes * spread
    unit = slopes.abs().amax(-1).median(0).values
    unit = torch.where(unit > 0, unit, 1.0)
    parts = [values / unit, slopes / unit[:, None]]
    parts += [each * spread * spread[:, None] / unit[:, None, None] for each in bends]
    kept = torch.stack([(each.flatten(1).abs() <= LARGEST).all(1) for each in parts]).all(0)
    used[used.clone()] = kept
    points, values, slopes, *bends = (each[kept] for each in (points, *parts))
    _check_number(points, x)
    sizes = slopes.norm(dim=-1)
    rounding = torch.finfo(found[0].dtype).eps * values.abs().median(0).values
    typical = sizes.median(0).values.maximum(rounding)
    if bends:
        _check_bends(slopes, bends[0], typical)
    bend, names = bends[0] if bends else None, input_names(f, inputs)
    return Local(points, spread, unit, values, slopes, bend, sizes, typical, used, names)


def _check_number(points: Tensor, x: Tensor) -> None:
    if len(points) < 2:
        raise ValueError(
            f"f and its derivatives are finite on {len(points)} of {len(x)} samples;"
            " two or more are needed"
        )


def _check_bends(slopes: Tensor, bends: Tensor, typical: Tensor) -> None:
    jumps = (slopes - slopes.mean(0)).abs().amax((0, 2)) > 1e-3 * typical
    stiff = (bends == 0).all(0).flatten(1).all(1)
    if bool((jumps & stiff).any()):
        raise ValueError(
            "f has slopes that change and second derivatives that are zero everywhere: it is made of"
            " flat pieces, as a ReLU network is, and nothing can be told from second derivatives"
        )


def input_names(f: Function, n: int) -> tuple[str, ...]:
    """The names a network has for its inputs, or x_1, x_2 and so on."""
    names = getattr(f, "input_names", None)
    if isinstance(names, list) and len(names) == n:
        return tuple(map(str, names))
    return tuple(f"x_{i + 1}" for i in range(n))


def counted(used: int, given: int) -> str:
    """How many samples were used, in words."""
    return f"{used} samples" if used == given else f"{used} of {given} samples"


def ratio(part: Tensor, whole: Tensor) -> Tensor:
    """The part in the whole; 0 of nothing is 0."""
    return torch.where(part == 0, 0.0, part / whole)


def bounded(size: Tensor, scale: Tensor) -> Tensor:
    """From 0 to 1: size / scale where it is small, and near 1 where the size is far above the scale."""
    return ratio(size, size + scale)


def turned(direction: Tensor, reference: Tensor) -> Tensor:
    """The part (…, n) of vectors that is perpendicular to others; all of it where those are 0."""
    along = ratio((direction * reference).sum(-1), reference.square().sum(-1))
    return direction - along[..., None] * reference


def joined(names: Sequence[str], groups: Iterable[Iterable[int]], sign: str) -> str:
    """Groups of inputs in words: {x_1, x_3} + {x_2}."""
    sets = ("{" + ", ".join(names[i] for i in group) + "}" for group in groups)
    return f" {sign} ".join(sets)
