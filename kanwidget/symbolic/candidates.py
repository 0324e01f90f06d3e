"""Where the fit of a function to a curve starts: by closed forms, and by comparing it with a table."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from kanwidget.symbolic import starts
from kanwidget.symbolic.function import SymbolicFunction

POWERS = {"x^3": 3, "x^4": 4, "x^5": 5}


def candidates(function: SymbolicFunction, uniform: Tensor, t: Tensor, target: Tensor) -> Tensor:
    """Where the fit of a function starts, shape (E, K, 2)."""
    if function.absorbs == "nothing":
        return _promising(function, uniform, 4)
    if function.name in POWERS:
        closed = _centre(t, target, POWERS[function.name])
        return torch.cat([closed[:, None], _promising(function, uniform, 2)], 1)
    return _promising(function, uniform, 3)


def on_uniform_points(t: Tensor, target: Tensor) -> Tensor:
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


def _centre(t: Tensor, target: Tensor, power: int) -> Tensor:
    """α, β of the power whose two leading coefficients are those of the least-squares polynomial.

    With Chebyshev polynomials, T_n = 2ⁿ⁻¹ tⁿ + 0 · tⁿ⁻¹ + …, β is c_{n-1} / (2 n c_n).
    """
    basis = [torch.ones_like(t), t]
    for _ in range(power - 1):
        basis.append(2 * t * basis[-1] - basis[-2])
    design = torch.stack(basis, 1)
    products = design @ design.transpose(1, 2), design @ target[:, :, None]
    coefficients = torch.linalg.solve_ex(*products).result[..., 0]
    beta = coefficients[:, -2] / (2 * power * coefficients[:, -1])
    beta = torch.nan_to_num(beta, nan=0.0, posinf=1e2, neginf=-1e2).clamp(-1e2, 1e2)
    return torch.stack([torch.ones_like(beta), beta], 1)


CLOSED: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"x^2": _vertex, "sgn": _step}
"""Functions whose α and β, shape (E, 2), follow from t and target (E, P) at once."""
