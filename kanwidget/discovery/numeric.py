"""Fit the splines of a topology to data: many short starts, the best goes on, with ever finer grids."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch

from kanwidget import expansion, reshaping, splines
from kanwidget.discovery.evidence import Evidence
from kanwidget.discovery.refit import refit
from kanwidget.discovery.topology import Topology, build, composed
from kanwidget.layer import Layer
from kanwidget.network import Network

GRID, FINEST = 5, 80
FIRST_STEPS, MORE_STEPS, REFINED_STEPS, THOROUGH_STEPS = 12, 25, 14, 40
GONE_ON = 2
POSITIVE = 6
"""Starts whose factors are positive."""
LARGE = 400
"""Coefficients beyond which there is one start only."""
PARAMETERS = 2.5
"""Samples that there are for every coefficient, at least, before a grid gets finer."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A network of splines, and its error on the validation data (see `Evidence`)."""

    topology: Topology
    network: Network
    error: float
    grid: int


def fit(
    topology: Topology,
    like: Layer,
    data: Evidence,
    generator: torch.Generator,
    starts: int = 6,
    give_up: Callable[[], bool] = lambda: False,
    enough: float = 1e-6,
    finest: int = FINEST,
    below: Fit | None = None,
) -> Fit:
    """The best fit of a topology that some starts lead to.

    Parameters
    ----------
    topology : Topology
    like : Layer
        See `topology.build`.
    data : Evidence
    generator : torch.Generator
    starts : int
        How many are tried; fewer where one level has a single way, or one is very good at once.
    give_up : callable
        Asked after every start and refinement; True ends with what there is.
    enough : float
        An error that needs no finer grid.
    finest : int
    below : Fit, optional
        Of the topology without its last level: one of the starts is a line after it.
    """
    tried: list[tuple[float, Network]] = []
    linear = len(topology.levels) == 1 and not topology.products
    if linear or topology.edges * (GRID + like.k) > LARGE:
        starts = 1
    if below is not None:
        network = with_line(below.network, data.x, GRID)
        mse = refit(network, data.x, data.y, FIRST_STEPS, tolerance=1e-3)
        tried.append((data.relative(mse), network))
        starts -= 1
    for start in range(starts):
        if give_up():
            break
        signs = None
        if start < 2 ** (topology.n_in - 1) and topology.n_in <= 3 and len(topology.levels) > 1:
            signs = [1] + [1 - 2 * (start >> n & 1) for n in range(topology.n_in - 1)]
        # a factor that is 0 somewhere moves little: only late starts have such
        about = 1.0 if start < POSITIVE else 0.0
        network = build(topology, like, data.x, generator, signs, GRID, about)
        mse = refit(network, data.x, data.y, FIRST_STEPS, tolerance=1e-3)
        tried.append((data.relative(mse), network))
        if start >= 2 and tried[-1][0] < 1e-3:
            break
    if not tried:
        network = build(topology, like, data.x, generator, None, GRID)
        return Fit(topology, network, math.inf, GRID)
    tried.sort(key=lambda one: one[0] if math.isfinite(one[0]) else math.inf)
    best: tuple[float, Network] | None = None
    for error, network in tried[:GONE_ON]:
        if best is not None and (give_up() or error > 3 * tried[0][0]):
            break
        expansion.move_grids(network, data.x)
        refit(network, data.x, data.y, MORE_STEPS, tolerance=1e-3)
        error = data.error(network)
        if best is None or error < best[0]:
            best = error, network
    assert best is not None
    error, network = best
    return refined(Fit(topology, network, error, GRID), data, give_up, enough, finest)


def refined(
    one: Fit,
    data: Evidence,
    give_up: Callable[[], bool] = lambda: False,
    enough: float = 1e-6,
    finest: int = FINEST,
    thorough: bool = False,
) -> Fit:
    """The fit on ever finer grids, as long as that lowers the error; see `fit`.

    A thorough one takes more iterations, first of all on the grid that there is.
    """
    topology, network, error, grid = one.topology, one.network, one.error, one.grid
    steps, tolerance = (THOROUGH_STEPS, 1e-4) if thorough else (REFINED_STEPS, 1e-2)
    again = thorough
    while error > enough and not give_up():
        size = grid if again else 2 * grid
        coefficients = topology.edges * (size + network.layers[0].k)
        if size > finest or coefficients * PARAMETERS > data.y.numel():
            break
        finer = copy.deepcopy(network)
        if not again:
            expansion.refine(finer, [size] * finer.depth)
        expansion.move_grids(finer, data.x)
        refit(finer, data.x, data.y, steps, tolerance=tolerance)
        then = data.error(finer)
        if then <= 0.9 * error:
            grid, network, error = size, finer, then
        elif not again:
            break
        again = False
    return Fit(topology, network, error, grid)


@torch.no_grad()
def with_line(network: Network, x: torch.Tensor, grid: int) -> Network:
    """The network with one more edge after its output, a spline that is a line."""
    network = copy.deepcopy(network)
    like = network.layers[-1]
    outer = reshaping.another(like, 1, (1,), grid, like.k)
    outer.base_fun, outer.grid_eps = torch.zeros_like, 0.5
    h = network(x)
    outer.update_grid(h)
    outer.scale_sp.fill_(1.0)
    outer.coef.copy_(splines.fit_coefficients(h, h[:, :, None], outer.knots, outer.k))
    outer.structure_changed()
    return Network([*network.layers, outer])


@torch.no_grad()
def without_product(one: Fit, like: Layer, data: Evidence) -> Fit | None:
    """A function of a sum from one of a product: A · B = exp(log A + log B) where no factor changes its sign.

    Where the sum is far from what random starts find, as with logarithms inside a sine, products
    are found first.
    """
    first = one.network.layers[0]
    if first.nodes.arity != (one.topology.n_in,) or one.topology.n_in < 2 or one.error > 0.1:
        return None
    factors = first.sums(data.x)
    if not bool(((factors > 0).all(0) | (factors < 0).all(0)).all()):
        return None
    shape = composed(one.topology.n_in)
    network = build(shape, like, data.x, torch.Generator().manual_seed(0), None, one.grid)
    logs = factors.abs().log()
    inner, outer = network.layers
    for i in range(inner.n_in):
        knots = inner.knots[i : i + 1]
        curve = logs[:, i, None, None]
        inner.coef[:, i : i + 1] = splines.fit_coefficients(
            data.x[:, i : i + 1], curve, knots, inner.k
        )
    h = inner(data.x)
    outer.update_grid(h)
    outer.coef.copy_(
        splines.fit_coefficients(h, one.network(data.x)[:, :, None], outer.knots, outer.k)
    )
    refit(network, data.x, data.y, MORE_STEPS, tolerance=1e-3)
    return Fit(shape, network, data.error(network), one.grid)
