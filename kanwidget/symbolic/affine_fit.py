"""Fit c·f(a·x + b) + d to the curves of many edges and many functions at once.

Inputs are mapped to t in [-1, 1]. For each edge and function the most promising of many starts
(`starts`) are polished by Levenberg–Marquardt on (α, β) of u = α·t + β; c and d follow in closed form
at every step (variable projection with Kaufman's Jacobian), so only sums over the points are needed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from kanwidget.symbolic import starts
from kanwidget.symbolic.function import SymbolicFunction
from kanwidget.symbolic.polish import polish

POINTS = 256
ROUNDING = 1e-4
"""What rounding parameters to the dtype of the data may take off R²."""
EDGES_AT_ONCE = 32
"""More at once are slower: what is worked on no longer stays in the processor's cache."""


@dataclass(frozen=True)
class AffineFits:
    """Fits of F functions to E edges.

    Attributes
    ----------
    functions : tuple of SymbolicFunction, length F
    params : Tensor, shape (E, F, 4), float64
        a, b, c, d of c·f(a·x + b) + d; nan where there is no valid fit.
    r2 : Tensor, shape (E, F), float64
        1 - SSres/SStot on the representative points; -inf where there is no valid fit.
    x, y : Tensor, shape (E, P), float64
        The representative points: at most 256 quantiles of the inputs, both ends included.
    """

    functions: tuple[SymbolicFunction, ...]
    params: Tensor
    r2: Tensor
    x: Tensor
    y: Tensor

    def curve(self, edge: int, function: int, x: Tensor) -> Tensor:
        """The fitted function of an edge on values x of any shape."""
        a, b, c, d = self.params[edge, function].to(x.dtype)
        return c * self.functions[function](a * x + b) + d


@torch.no_grad()
def affine_fit(x: Tensor, y: Tensor, functions: Sequence[SymbolicFunction]) -> AffineFits:
    """Fit every function to every edge.

    Parameters
    ----------
    x, y : Tensor, shape (E, N) or (N,)
        Inputs and outputs of E edges, or of one, on the data.
    functions : sequence of SymbolicFunction

    Returns
    -------
    AffineFits
        Parameters in a canonical form (see `canonical`), R² on the representative points. A constant
        y is fitted by every function with c = 0 and R² 1.  A fit is not valid that numbers of x's
        dtype cannot express: c = 1e40 in single precision.

    Raises
    ------
    TypeError
        If x or y is not a tensor.
    ValueError
        If the shapes differ or are not (E, N), N < 2, or a value is not finite.
    """
    x, y = _checked(x, y)
    dtype = x.dtype
    x, y = representative_points(x, y)
    middle = (x[:, :1] + x[:, -1:]) / 2
    half = (x[:, -1:] - x[:, :1]) / 2
    half = torch.where(half > 0, half, 1.0)
    t = ((x - middle) / half).clamp(-1, 1)
    centre = y.mean(1, keepdim=True)
    spread = (y - centre).norm(dim=1, keepdim=True)
    constant = spread <= 1e-14 * y.norm(dim=1, keepdim=True)
    target = torch.where(constant, 0.0, (y - centre) / torch.where(constant, 1.0, spread))

    parts = zip(t.split(EDGES_AT_ONCE), target.split(EDGES_AT_ONCE), strict=True)
    slopes = torch.cat([_slopes(*part, list(functions)) for part in parts])
    params = x.new_full((len(x), len(functions), 4), math.nan)
    r2 = x.new_full((len(x), len(functions)), -math.inf)
    for f, function in enumerate(functions):
        a = slopes[:, f, :1] / half
        b = slopes[:, f, 1:] - a * middle
        a, b = canonical(function, a, b, x, target)
        c, d, fit = _regress(function(a * x + b), target, y, centre, spread)
        valid = torch.isfinite(fit) & torch.isfinite(a) & torch.isfinite(c)
        exact = constant.expand_as(valid)
        a, b = torch.where(exact & ~valid, 1.0, a), torch.where(exact & ~valid, 0.0, b)
        c, d = torch.where(exact, 0.0, c), torch.where(exact, centre, d)
        fit = torch.where(exact, 1.0, fit)
        found = torch.cat([a, b, c, d], 1)
        if dtype != torch.float64:
            valid = valid & _expressible(function, found, x, spread, dtype)
        params[:, f] = torch.where(valid | exact, found, math.nan)
        r2[:, f] = torch.where(valid | exact, fit, -math.inf)[:, 0]
    return AffineFits(tuple(functions), params, r2, x, y)


def representative_points(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """At most 256 points of each row, sorted by x, at equally spaced ranks from lowest to highest."""
    x, order = x.sort(1)
    if x.shape[1] > POINTS:
        ranks = torch.linspace(0, x.shape[1] - 1, POINTS, dtype=torch.float64, device=x.device)
        chosen = ranks.round().long()
        x, order = x[:, chosen], order[:, chosen]
    return x.double(), y.gather(1, order).double()


def canonical(
    function: SymbolicFunction, a: Tensor, b: Tensor, x: Tensor, target: Tensor
) -> tuple[Tensor, Tensor]:
    """One form of a and b where several give the same curve; c and d are fitted afterwards.

    Powers and log: |a| = 1. exp: b = 0, unless that would overflow on x. Even, odd and
    point-symmetric functions: a > 0. Periodic functions: b within half a period of 0. sin and cos:
    c > 0 and |b| ≤ 3π/4; where b would be nearer to ±π the sign goes to c, so that -sin(x) stays so.
    """
    if function.absorbs == "both":
        return torch.ones_like(a), torch.zeros_like(b)
    if function.absorbs == "scale":
        size = a.abs()
        a, b = a / size, b / size
    if function.absorbs == "shift":
        reach = (a * x).abs().amax(1, keepdim=True)
        b = torch.where(reach < 300, 0.0, b)
    if function.mirror is not None:
        sign = torch.where(a < 0, -1.0, 1.0)
        a, b = a * sign, b * sign
    if function.period is not None:
        b = b - function.period * torch.round(b / function.period)
        if function.name in ("sin", "cos"):
            falling = (function(a * x + b) * target).sum(1, keepdim=True) < 0
            b = torch.where(falling, b - math.pi * torch.where(b > 0, 1.0, -1.0), b)
            b = torch.where(b.abs() > 0.75 * math.pi, b - math.pi * b.sign(), b)
    return a, b


def _checked(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    for name, values in (("x", x), ("y", y)):
        if not isinstance(values, Tensor):
            raise TypeError(f"{name} must be a tensor, not {type(values).__name__}.")
    if x.shape != y.shape or x.ndim not in (1, 2) or x.shape[-1] < 2:
        raise ValueError(
            f"x and y must have one shape (edges, samples) with at least 2 samples;"
            f" they have {tuple(x.shape)} and {tuple(y.shape)}."
        )
    for name, values in (("x", x), ("y", y)):
        if not torch.isfinite(values).all():
            raise ValueError(f"{name} holds nan or infinite values; all must be finite.")
    return torch.atleast_2d(x.detach()), torch.atleast_2d(y.detach())


def _expressible(
    function: SymbolicFunction, params: Tensor, x: Tensor, spread: Tensor, dtype: torch.dtype
) -> Tensor:
    """Whether fits (E, 4) give nearly the same in another dtype, shape (E, 1)."""

    def curve(params: Tensor, x: Tensor) -> Tensor:
        a, b, c, d = params.split(1, 1)
        return c * function(a * x + b) + d

    exact, rounded = curve(params, x), curve(params.to(dtype), x.to(dtype)).double()
    return (rounded - exact).square().sum(1, keepdim=True) <= ROUNDING * spread.square()


def _regress(
    values: Tensor, target: Tensor, y: Tensor, centre: Tensor, spread: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """c, d and R², each (E, 1), of y ≈ c·values + d; target is y centred and scaled to norm 1."""
    mean = values.mean(1, keepdim=True)
    shape = values - mean
    scale = shape.abs().amax(1, keepdim=True)
    flat = scale <= 1e-13 * values.abs().amax(1, keepdim=True)
    shape = shape / torch.where(flat, 1.0, scale)
    weight = (shape * target).sum(1, keepdim=True) / (shape * shape).sum(1, keepdim=True)
    weight = torch.where(flat, 0.0, weight)
    r2 = 1 - (target - weight * shape).square().sum(1, keepdim=True)
    c = torch.where(flat, 0.0, weight * spread / scale)
    return c, centre - c * mean, r2


def _slopes(t: Tensor, target: Tensor, functions: list[SymbolicFunction]) -> Tensor:
    """The best α and β found, shape (E, F, 2)."""
    best = t.new_full((len(t), len(functions), 2), math.nan)
    uniform = _on_uniform_points(t, target)
    searched: list[int] = []
    candidates: list[Tensor] = []
    for f, function in enumerate(functions):
        if function.absorbs == "both":
            best[:, f] = t.new_tensor([1.0, 0.0])
        elif function.name == "x^2":
            best[:, f] = _vertex(t, target)
        elif function.name == "sgn":
            best[:, f] = _step(t, target)
        else:
            searched.append(f)
            candidates.append(_promising(function, uniform))
    if searched:
        best[:, searched] = polish([functions[f] for f in searched], t, target, candidates)
    return best


def _on_uniform_points(t: Tensor, target: Tensor) -> Tensor:
    """Each row interpolated to equally spaced points of [-1, 1], centred and scaled to norm 1, float32."""
    grid = torch.linspace(-1, 1, starts.POINTS, dtype=t.dtype, device=t.device).expand(len(t), -1)
    right = torch.searchsorted(t.contiguous(), grid.contiguous()).clamp(1, t.shape[1] - 1)
    t0, t1 = t.gather(1, right - 1), t.gather(1, right)
    y0, y1 = target.gather(1, right - 1), target.gather(1, right)
    share = torch.where(t1 > t0, (grid - t0) / (t1 - t0), 0.0)
    curve = y0 + share * (y1 - y0)
    curve = curve - curve.mean(1, keepdim=True)
    return torch.nn.functional.normalize(curve, dim=1).float()


def _promising(function: SymbolicFunction, uniform: Tensor, keep: int = 4) -> Tensor:
    """The best start of each of the `keep` best stretches of the table, shape (E, keep, 2)."""
    table, curves = starts.start_table(function)
    match = (uniform @ curves.to(uniform.device).T).square()
    chunks = min(starts.CHUNKS, len(table))
    length = -(-len(table) // chunks)
    match = torch.nn.functional.pad(match, (0, chunks * length - len(table)), value=-1.0)
    peak, place = match.view(len(match), chunks, length).max(2)
    chosen = peak.topk(min(keep, chunks), dim=1).indices
    index = (place.gather(1, chosen) + chosen * length).clamp(max=len(table) - 1)
    return table.to(uniform.device)[index]


def _vertex(t: Tensor, target: Tensor) -> Tensor:
    """α, β of the least-squares parabola, whose vertex is kept within 10⁴ half ranges of the data."""
    line, square = t - t.mean(1, keepdim=True), t * t
    square = square - square.mean(1, keepdim=True)
    unit = line / line.norm(dim=1, keepdim=True).clamp(min=1e-300)
    tilt = (square * unit).sum(1, keepdim=True)
    bend = square - tilt * unit
    curvature = (bend * target).sum(1, keepdim=True) / bend.square().sum(1, keepdim=True)
    slope = ((unit * target).sum(1, keepdim=True) - curvature * tilt) / line.norm(
        dim=1, keepdim=True
    )
    vertex = torch.nan_to_num(-slope / (2 * curvature), nan=0.0, posinf=1e4, neginf=-1e4)
    vertex = vertex.clamp(-1e4, 1e4)
    return torch.cat([torch.ones_like(vertex), -vertex], 1)


def _step(t: Tensor, target: Tensor) -> Tensor:
    """α, β of the best step between two neighbouring points: the largest between-group variance."""
    count = torch.arange(1, t.shape[1], dtype=t.dtype, device=t.device)
    before = target.cumsum(1)[:, :-1]
    gain = before.square() * (1 / count + 1 / (t.shape[1] - count))
    gain = torch.where(t[:, 1:] > t[:, :-1], gain, -1.0)
    place = gain.argmax(1, keepdim=True)
    edge = (t.gather(1, place) + t.gather(1, place + 1)) / 2
    return torch.cat([torch.ones_like(edge), -edge], 1)
