"""A curve that no single function follows as a sum, a chain or a product of functions.

    sum       c₁ f₁(a₁x + b₁) + c₂ f₂(a₂x + b₂) + …    polynomials above all
    chain     c f₂(a₂ f₁(a₁x + b₁) + b₂) + d
    product   (c₁ f₁(a₁x + b₁) + d₁) · (c₂ f₂(a₂x + b₂) + d₂)

Each is a small network of functions (`network_of`), whose constants are fitted together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from kanwidget import reshaping
from kanwidget.discovery.refit import refit
from kanwidget.layer import Layer
from kanwidget.network import Network
from kanwidget.symbolic.affine_fit import affine_fit, representative_points
from kanwidget.symbolic.edges import hand_on
from kanwidget.symbolic.function import SymbolicFunction
from kanwidget.symbolic.starts import start_table

Params = tuple[float, float, float, float]
Part = tuple[SymbolicFunction, Params]
POWERS = ("x", "x^2", "x^3", "x^4", "x^5")
NEGLIGIBLE = 1e-3
"""A term whose loss raises the error by less than this part of the curve, or by half, is left out."""
ROUNDS = ((90, 3), (24, 6), (8, 25))
"""Of each kind so many are fitted, with so many iterations; the best of the first go on."""
SPEEDS = (0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 8)
"""At which inner functions with a slope of their own are tried, in 1 / the largest |x|."""
PHASES = 8
"""Of a period, that periodic inner functions are tried at, up to the middle of it."""
DIVIDED = 128
"""Points at which a curve is divided by a function."""


@dataclass(frozen=True)
class Composite:
    """Functions that make a curve together, and R² of it."""

    kind: Literal["sum", "chain", "product"]
    parts: tuple[Part, ...]
    r2: float

    @property
    def complexity(self) -> float:
        """Of all functions, and one for putting them together."""
        return sum(max(function.complexity, 1) for function, _ in self.parts) + 1

    @property
    def score(self) -> float:
        """The lowest is the best; see `symbolic.suggest.rank`."""
        return math.log10(max(1 - self.r2, 1e-13)) + 0.3 * self.complexity

    def __str__(self) -> str:
        joined = {"sum": " + ", "chain": " of ", "product": " · "}[self.kind]
        parts = reversed(self.parts) if self.kind == "chain" else self.parts
        return joined.join(function.name for function, _ in parts)


@torch.no_grad()
def composites(
    x: Tensor,
    y: Tensor,
    lib: Sequence[SymbolicFunction],
    like: Layer,
    give_up: Callable[[], bool] = lambda: False,
    close: float = 0.0,
) -> list[Composite]:
    """What may follow a curve, best first.

    Parameters
    ----------
    x, y : Tensor, shape (N,)
    lib : sequence of SymbolicFunction
        What may be put together.
    like : Layer
        Of which small networks are made.
    give_up : callable
        Asked between two kinds.
    close : float
        1 - R² that is good enough: the kinds that take longer are not tried then.
    """
    x, y = (each[0] for each in representative_points(x[None], y[None]))
    found = [polynomial(x, y, lib)]
    made: dict[Any, Network] = {}
    for kind in (chains, products, sums):
        if give_up() or any(one and 1 - one.r2 < close for one in found):
            break
        best: dict[str, Composite] = {}
        for one in kind(x, y, [f for f in lib if f.name != "0"]):
            if str(one) not in best or one.r2 > best[str(one)].r2:
                best[str(one)] = one
        tried: Iterable[Composite] = best.values()
        for count, steps in ROUNDS:
            first = sorted(tried, key=lambda one: one.score)[:count]
            again = (polished(one, x, y, like, steps, made) for one in first)
            tried = [one for one in again if one is not None]
        found += tried
    return sorted((one for one in found if one is not None), key=lambda one: one.score)


def polynomial(x: Tensor, y: Tensor, lib: Sequence[SymbolicFunction]) -> Composite | None:
    """The polynomial of the fewest powers in the library that follows the curve, by least squares."""
    known = {f.name: n for n, f in enumerate(lib)}
    powers = [n + 1 for n, name in enumerate(POWERS) if name in known]
    if len(powers) < 2:
        return None
    total = (y - y.mean()).square().sum()

    def solved(kept: list[int]) -> tuple[float, Tensor]:
        table = torch.stack([torch.ones_like(x), *(x**n for n in kept)], 1)
        scale = table.norm(dim=0)
        weights = torch.linalg.lstsq(table / scale, y[:, None], driver="gelsd").solution[:, 0]
        rest = (y - (table / scale) @ weights).square().sum()
        return float(rest / total), weights / scale

    error, weights = solved(powers)
    limit = max(4 * error, 1e-13)
    while len(powers) > 1:
        without = [[n for n in powers if n != left] for left in powers]
        errors = [solved(kept)[0] for kept in without]
        least = min(range(len(errors)), key=errors.__getitem__)
        if errors[least] > limit:
            break
        powers = without[least]
    error, weights = solved(powers)
    constants = [float(weights[0]), *[0.0] * (len(powers) - 1)]
    parts = tuple(
        (lib[known[POWERS[n - 1]]], (1.0, 0.0, float(c), d))
        for n, c, d in zip(powers, weights[1:].tolist(), constants, strict=True)
    )
    return Composite("sum", parts, 1 - error)


def chains(x: Tensor, y: Tensor, lib: Sequence[SymbolicFunction]) -> list[Composite]:
    """A function of a function: the inner ones are tried at many places, the outer one is fitted."""
    inner = [
        (f, a, b, f(a * x + b))
        for f in lib
        if f.name not in ("x", "abs", "sgn", "cos")
        for a, b in inner_places(f, x)
    ]
    inner = [one for one in inner if bool(one[3].isfinite().all())]
    if not inner:
        return []
    middle = torch.stack([values for *_, values in inner])
    outer = [f for f in lib if f.name not in ("x", "sgn")]
    fits = affine_fit(middle, y.expand_as(middle), outer)
    found: dict[tuple[str, str], Composite] = {}
    r2s, params = fits.r2.tolist(), fits.params.tolist()
    for (f, a, b, _), row, constants in zip(inner, r2s, params, strict=True):
        for g, r2, outside in zip(outer, row, constants, strict=True):
            before = found.get((f.name, g.name))
            if math.isfinite(r2) and (before is None or r2 > before.r2):
                parts = ((f, (a, b, 1.0, 0.0)), (g, tuple(outside)))
                found[f.name, g.name] = Composite("chain", parts, r2)
    return list(found.values())


def products(x: Tensor, y: Tensor, lib: Sequence[SymbolicFunction]) -> list[Composite]:
    """One function at a few places, the other one fitted to what the curve is divided by it."""
    outer = [f for f in lib if f.name not in ("x", "sgn")]
    tried = []
    for f in lib:
        for a, b in inner_places(f, x, few=True):
            values = f(a * x + b)
            there = (values.abs() > 0.05 * values.abs().max()).nonzero()[:, 0]
            if bool(values.isfinite().all()) and len(there) >= DIVIDED // 4:
                ranks = torch.linspace(0, len(there) - 1, DIVIDED).round().long()
                tried.append((f, a, b, values, there[ranks]))
    if not tried:
        return []
    places = torch.stack([where for *_, where in tried])
    factors = torch.stack([values for *_, values, _ in tried]).gather(1, places)
    fits = affine_fit(x[places], y[places] / factors, outer)
    found = []
    for n, (f, a, b, values, _) in enumerate(tried):
        best = int(fits.r2[n].argmax())
        params = a2, b2, c2, d2 = _params(fits.params[n, best])
        rest = y - values * (c2 * outer[best](a2 * x + b2) + d2)
        r2 = 1 - float(rest.square().sum() / (y - y.mean()).square().sum())
        if math.isfinite(r2):
            found.append(Composite("product", ((f, (a, b, 1.0, 0.0)), (outer[best], params)), r2))
    return found


def sums(x: Tensor, y: Tensor, lib: Sequence[SymbolicFunction]) -> list[Composite]:
    """A function beside a line or a parabola: what is left of both beside these is compared."""
    found = []
    middle, half = (x[0] + x[-1]) / 2, ((x[-1] - x[0]) / 2).clamp(min=1e-300)
    total = (y - y.mean()).square().sum()
    for beside in ("x", "x^2"):
        power = next((f for f in lib if f.name == beside), None)
        if power is None:
            continue
        table = torch.stack([torch.ones_like(x), power(x)], 1)
        basis, _ = torch.linalg.qr(table)
        rest = y - basis @ (basis.T @ y)
        for other in (f for f in lib if f.name not in ("x", "sgn", beside)):
            starts, _ = start_table(other)
            curves = other(starts[:, :1] * ((x - middle) / half) + starts[:, 1:])
            sizes = curves.norm(dim=1)
            curves = curves - (curves @ basis) @ basis.T
            left = curves.norm(dim=1)
            match = (curves @ rest / left).square()
            match = torch.where(left > 1e-8 * sizes, match, 0.0).nan_to_num(0.0, 0.0, 0.0)
            slope, shift = starts[int(match.argmax())].tolist()
            a = slope / float(half)
            b = shift - a * float(middle)
            wide = torch.cat([table, other(a * x + b)[:, None]], 1)
            if not bool(wide.isfinite().all()):
                continue
            weights = torch.linalg.lstsq(wide, y[:, None], driver="gelsd").solution[:, 0]
            error = float((y - wide @ weights).square().sum() / total)
            d, line, c = weights.tolist()
            parts = ((power, (1.0, 0.0, line, d)), (other, (a, b, c, 0.0)))
            found.append(Composite("sum", parts, 1 - error))
    return found


def inner_places(
    function: SymbolicFunction, x: Tensor, few: bool = False
) -> Iterable[tuple[float, float]]:
    """Where an inner function is tried: a and b, the plain ones first."""
    low, high = float(x.min()), float(x.max())
    middle = 0.0 if few or low <= 0 <= high else (low + high) / 2
    reach = max(high - middle, middle - low) or 1.0
    if function.absorbs == "both":
        return [(1.0, 0.0)]
    if function.absorbs == "scale":
        shifts = [0.0] if few else [0.0, -low, -high, -(low + high) / 2]
        return [
            (sign, sign * b)
            for b in shifts
            for sign in ((1.0,) if function.mirror else (1.0, -1.0))
        ]
    speeds = [1.0, -1.0] if function.absorbs == "shift" or function.mirror is None else [1.0]
    if not few:
        speeds = [s * n / reach for s in speeds for n in SPEEDS] + speeds
    phases = [0.0]
    if function.period is not None and not few:
        phases = [function.period * n / PHASES for n in range(PHASES // 2)]
    return [(speed, phase - speed * middle) for speed in speeds for phase in phases]


def polished(
    one: Composite,
    x: Tensor,
    y: Tensor,
    like: Layer,
    steps: int = 25,
    made: dict[Any, Network] | None = None,
) -> Composite | None:
    """The same functions with all constants fitted together; None where that leaves a domain."""
    network = network_of(one, like, made)
    error = refit(network, x[:, None], y[:, None], steps, tolerance=1e-4)
    total = float((y - y.mean()).square().mean())
    if not math.isfinite(error) or total <= 0:
        return None
    return Composite(one.kind, parts_of(network, one.kind), 1 - error / total)


def network_of(one: Composite, like: Layer, made: dict[Any, Network] | None = None) -> Network:
    """The network of one input that computes a composite.

    Those in ``made`` are used again for composites of the same kind and number of parts.
    """
    key = one.kind, len(one.parts)
    network = (made or {}).get(key) or _frame(*key, like)
    if made is not None:
        made[key] = network
    first, second = network.layers
    if one.kind == "chain":
        first.set_symbolic(0, 0, *one.parts[0])
        second.set_symbolic(0, 0, *one.parts[1])
        return network
    for j, part in enumerate(one.parts):
        first.set_symbolic(0, j, *part)
    return network


def _frame(kind: str, count: int, like: Layer) -> Network:
    """Two layers, the second of lines that stay."""
    arity, width = {"sum": ([1] * count, count), "product": ([count], 1)}.get(kind, ([1], 1))
    first = reshaping.another(like, 1, arity)
    second = reshaping.another(like, width, [1])
    if kind != "chain":
        for i in range(width):
            hand_on(second, i, 0)
        second.locked.fill_(True)
        second.structure_changed()
    return Network([first, second])


def parts_of(network: Network, kind: str) -> tuple[Part, ...]:
    """The functions of such a network with their constants as they are now."""
    first, second = network.layers

    def part(layer: Layer, i: int, j: int) -> Part:
        return layer.functions[i, j], _params(layer.affine[j, i])  # type: ignore[return-value]

    if kind == "chain":
        return part(first, 0, 0), part(second, 0, 0)
    return tuple(part(first, 0, j) for j in range(first.n_out))


def _params(values: Tensor) -> Params:
    a, b, c, d = values.detach().tolist()
    return a, b, c, d
