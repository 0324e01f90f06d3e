"""Rank the functions that could stand for an edge so that a person agrees with the first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from kanwidget.symbolic import beyond
from kanwidget.symbolic.affine_fit import AffineFits, affine_fit
from kanwidget.symbolic.beyond import warning
from kanwidget.symbolic.complexity import complexities
from kanwidget.symbolic.disguise import disguises
from kanwidget.symbolic.function import SymbolicFunction
from kanwidget.symbolic.library import Names, check_topk, resolve

RESOLUTION = 3e-3
"""Relative error of a trained spline: two fits that are both better than this are equally good."""
COMPLEXITY_COST, INNER_COST, SHIFT_COST = 0.3, 0.75, 0.4
"""Decades of 1 - R² that must be gained: by a unit of complexity, by a function in which both a and b
can be chosen freely, by a shift b that is not zero. Found on noisy splines of 42 known curves."""
DISGUISE_COST = 1.0
"""The same for a fit whose constants nearly cancel: it ranks below whatever does nearly as well without."""
NEGLIGIBLE = 1e-3
"""An edge this small against what it is added to says nothing."""


@dataclass(frozen=True, repr=False)
class Candidate:
    """A function fitted to an edge: c·f(a·x + b) + d.

    Attributes
    ----------
    function : SymbolicFunction
    params : tuple of float
        a, b, c, d.
    r2 : float
    complexity : float
    score : float
        The lowest is the best.
    warning : str
        Empty, or a sentence on what to mind: a poor fit, a pole or the end of the domain near the data,
        a straight line in disguise.
    limits : tuple of float
        The least and the largest input in the data.
    loss_change : float or None
        How much larger the network's root mean squared error on validation data would be with it;
        infinite where it is undefined on some of them; None where no data were given.
    refit_change : float or None
        The same after a short fit of everything else; None where it was not asked for.
    """

    function: SymbolicFunction
    params: tuple[float, float, float, float]
    r2: float
    complexity: float
    score: float
    warning: str
    limits: tuple[float, float] = (-1.0, 1.0)
    loss_change: float | None = None
    refit_change: float | None = None

    @property
    def name(self) -> str:
        """Name of the function."""
        return self.function.name

    def __repr__(self) -> str:
        numbers = ", ".join(
            f"{letter}={p:.4g}" for letter, p in zip("abcd", self.params, strict=True)
        )
        change = "" if self.loss_change is None else f", loss {self.loss_change:+.2g}"
        note = f"{change}; {self.warning}" if self.warning else change
        return f"<{self.name}: R² {self.r2:.6f}, complexity {self.complexity:g}, {numbers}{note}>"

    @property
    def poles(self) -> tuple[float, ...]:
        """Where the branch that fits the data goes to infinity."""
        return () if self.function.closed else beyond.ends(self.function, *self.params[:2])

    @property
    def outside(self) -> str:
        """How it leaves the range of the data, within 20 %; empty where it goes on in proportion."""
        return beyond.outside(self.function, self.params, *self.limits)

    def curve(self, x: Tensor) -> Tensor:
        """The fitted function on x of any shape."""
        a, b, c, d = self.params
        return c * self.function(a * x + b) + d


def suggest(
    x: Tensor,
    y: Tensor,
    lib: Names | None = None,
    topk: int | None = None,
    scale: float | None = None,
    weights: Mapping[str, float] | None = None,
) -> list[Candidate]:
    """Rank the functions of a library for one edge.

    Parameters
    ----------
    x, y : Tensor, shape (N,)
        Inputs and outputs of the edge on the data.
    lib : list of names or SymbolicFunction, or name of a set, optional
        None is the whole library.
    topk : int, optional
        How many to return; None is all that have a valid fit.
    scale : float, optional
        Standard deviation of the sum that the edge goes into; an edge below a thousandth of it is
        taken as zero. Without it every edge that varies is taken seriously.
    weights : dict of str to float, optional
        Complexities that count here, by name.

    Returns
    -------
    list of Candidate
        Best first.

    Raises
    ------
    KeyError
        If a name in ``lib`` is unknown.
    ValueError
        If x and y are not of one shape (N,), topk is not positive, or a weight is negative.
    """
    check_topk(topk)
    functions = resolve(lib)
    if isinstance(x, Tensor) and x.ndim != 1:
        raise ValueError(f"x must have the shape (samples,) of one edge, not {tuple(x.shape)}")
    fits = affine_fit(x, y, functions)
    return rank(fits, None if scale is None else [scale], topk, weights)[0]


def rank(
    fits: AffineFits,
    scales: Iterable[float] | None = None,
    topk: int | None = None,
    weights: Mapping[str, float] | None = None,
) -> list[list[Candidate]]:
    """Rank the fitted functions of every edge.

    The score is log10(1 - R² + floor) plus the costs above, all in decades. The floor is what a
    trained spline resolves, so that no function wins by following the spline's own error; an edge
    that is negligible against its scale has a floor of 1 or more, and `0` wins.

    Parameters
    ----------
    fits : AffineFits
        Of E edges.
    scales : iterable of float, length E, optional
        See `suggest`.
    topk : int, optional
        How many of each edge; None is all with a valid fit.
    weights : dict of str to float, optional
        See `suggest`.

    Returns
    -------
    list of list of Candidate
        For each edge the functions with a valid fit, best first.
    """
    edges = len(fits.r2)
    limits = np.zeros(edges) if scales is None else np.array(list(scales), dtype=float)
    if len(limits) != edges:
        raise ValueError(
            f"scales must have one number for each of {edges} edges, not {len(limits)}"
        )
    functions, r2, params = fits.functions, fits.r2.numpy(), fits.params.numpy()
    x, y = fits.x.numpy(), fits.y.numpy()
    spread = y.std(1)
    noise = np.hypot(1e-6 * np.abs(y).max(1, initial=0.0), NEGLIGIBLE * limits)
    with np.errstate(all="ignore"):
        share = np.where(spread > 0, np.minimum(noise / spread, 1e6), 1e6)
    floor = RESOLUTION**2 + share**2
    set_here = complexities(weights)
    read = [set_here.get(function, function.complexity) for function in functions]
    costs = np.array(
        [
            COMPLEXITY_COST * complexity + INNER_COST * (function.absorbs == "nothing")
            for function, complexity in zip(functions, read, strict=True)
        ]
    )
    a, b = params[..., 0], params[..., 1]
    with np.errstate(all="ignore"):
        largest = np.abs(a) * np.maximum(np.abs(x[:, :1]), np.abs(x[:, -1:]))
        shift = np.where(largest > 0, np.minimum(1.0, 10 * np.abs(b) / largest), 1.0)
        score = np.log10(np.maximum(1 - r2, 0.0) + floor[:, None]) + costs + SHIFT_COST * shift
    truths = disguises(functions, fits.params, fits.x, RESOLUTION)
    score += DISGUISE_COST * truths.cancelling
    score[~np.isfinite(r2)] = math.inf
    order = np.argsort(score, axis=1, kind="stable")[:, :topk]
    return [
        [
            Candidate(
                functions[f],
                tuple(params[e, f].tolist()),
                float(r2[e, f]),
                read[f],
                float(score[e, f]),
                warning(
                    functions[f],
                    float(a[e, f]),
                    float(b[e, f]),
                    max(float(r2[e, f]), floor[e]),
                    float(x[e, 0]),
                    float(x[e, -1]),
                )
                or truths.word(e, f),
                (float(x[e, 0]), float(x[e, -1])),
            )
            for f in order[e].tolist()
            if score[e, f] < math.inf
        ]
        for e in range(edges)
    ]
