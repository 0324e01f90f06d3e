"""Other knots under the same curves: moved to where data are, refined, extended.

Pure functions on knots (n, G + 2k + 1) of n inputs and coefficients (m, n, G + k) of m splines on each.
Where the old grid points stay, the new coefficients are exact: a coefficient is the blossom of the
polynomial between two of its knots, taken at the ``k`` knots inside its support (Ramshaw, Blossoms are
polar forms, 1989; Piegl and Tiller, The NURBS Book, 1997, section 5.3, calls it knot refinement).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from kanwidget import splines

AT_ONCE = 1_000_000
"""Numbers in the equations of the inputs that are solved at once."""
MOST_ADDED = 1000
"""A grid is extended by no more intervals than this on one side."""
SAMPLES = 8
"""Points in every added interval at which a spline follows its tangent."""


def grid_points(knots: Tensor, k: int) -> Tensor:
    """The grid points (n, G + 1) among the knots."""
    return knots[:, k : knots.shape[1] - k]


def moved(
    knots: Tensor,
    coef: Tensor,
    k: int,
    extrapolation: str,
    points: Tensor,
    x: Tensor,
    order: int,
    between: Callable[[], None] = lambda: None,
) -> tuple[Tensor, Tensor]:
    """Splines on other grid points, by least squares as close as they can be to the old ones.

    Parameters
    ----------
    knots, coef, k, extrapolation :
        The old splines.
    points : Tensor, shape (n, G' + 1)
        Where the grid points go.
    x : Tensor, shape (N, n)
        Data on which the curves are to stay, beside equally spaced points of the new grid.
    order : int
        Of the new splines.
    between : callable
        Is called between some inputs and the next, where they are many; it may raise.

    Returns
    -------
    knots : Tensor, shape (n, G' + 2 order + 1)
    coef : Tensor, shape (m, n, G' + order)

    Raises
    ------
    ValueError
        If a curve is NaN or infinite.
    """
    new = splines.extend_knots(points, order)
    return new, refitted(knots, coef, k, extrapolation, new, x, order, between)


def refitted(
    knots: Tensor,
    coef: Tensor,
    k: int,
    extrapolation: str,
    new: Tensor,
    x: Tensor,
    order: int,
    between: Callable[[], None] = lambda: None,
) -> Tensor:
    """Coefficients (m, n, G' + order) on new knots (n, G' + 2 order + 1); the rest is as in `moved`."""
    points = grid_points(new, order)
    share = torch.linspace(0, 1, 4 * points.shape[1], dtype=points.dtype, device=points.device)
    where = torch.cat([x, (points[:, :1] + (points[:, -1:] - points[:, :1]) * share).T])
    if not bool(coef.isfinite().all()):
        raise ValueError("curves that are NaN or infinite cannot be given other knots")
    # least squares are linear: old basis functions are fitted, whatever splines are made of them
    at_once, parts = max(1, AT_ONCE // (len(where) * coef.shape[2])), []
    for some in torch.arange(len(knots), device=knots.device).split(at_once):
        between()
        bases = splines.basis(where[:, some], knots[some], k, extrapolation)
        parts.append(splines.fit_coefficients(where[:, some], bases, new[some], order))
    return torch.einsum("gih,oig->oih", torch.cat(parts, 1), coef).contiguous()


def refined(
    knots: Tensor, coef: Tensor, k: int, extrapolation: str, grid: int
) -> tuple[Tensor, Tensor]:
    """The same splines on a finer grid of ``grid`` intervals; see `refined_points`.

    With extrapolation 'zero' the knots outside the grid stay too, and with them how it decays there.
    """
    points = refined_points(grid_points(knots, k), grid)
    if extrapolation == "zero":
        new = torch.cat([knots[:, :k], points, knots[:, knots.shape[1] - k :]], 1)
    else:
        new = splines.extend_knots(points, k)
    change = conversion(knots, new, k)
    return new, torch.einsum("npq,onq->onp", change, coef.double()).to(coef.dtype)


def refined_points(points: Tensor, grid: int) -> Tensor:
    """All grid points (n, G + 1) and new ones between them, (n, grid + 1).

    A multiple of G splits every interval into equal parts: the old points interpolated at equal
    percentiles.  Otherwise the widest intervals are halved until there are enough.
    """
    if grid % (points.shape[1] - 1) == 0:
        return percentiles(points, grid)
    old = points.double()
    while old.shape[1] <= grid:
        widest = (old[:, 1:] - old[:, :-1]).argmax(1, keepdim=True)
        middle = (old.gather(1, widest) + old.gather(1, widest + 1)) / 2
        old = torch.cat([old, middle], 1).sort(1).values
    return old.to(points)


def percentiles(points: Tensor, grid: int) -> Tensor:
    """Grid points (n, G + 1) interpolated at equal percentiles, (n, grid + 1)."""
    place = torch.arange(grid + 1, device=points.device) * (points.shape[1] - 1)
    below, share = place // grid, (place % grid) / grid
    above = (below + 1).clamp_max(points.shape[1] - 1)
    old = points.double()
    return torch.lerp(old[:, below], old[:, above], share.double()).to(points)


def conversion(old: Tensor, new: Tensor, k: int) -> Tensor:
    """Matrices (n, G' + k, G + k) from coefficients on old knots to those on new ones, in float64.

    Exact where the old grid points are among the new ones: within the grid, and beyond it too where
    the old outer knots are.  A function without an interval in the grid gets 0.
    """
    old, new = old.double(), new.double()
    size, count = old.shape[1] - k - 1, new.shape[1] - k - 1
    function = torch.arange(count, device=new.device).expand(len(new), -1)
    usable = new[:, 1:] > new[:, :-1]
    usable[:, :k], usable[:, count:] = False, False
    interval = torch.full_like(function, -1)
    for offset in sorted(range(k + 1), key=lambda offset: abs(2 * offset - k)):
        found = usable.gather(1, function + offset) & (interval < 0)
        interval = torch.where(found, function + offset, interval)
    there, interval = interval >= 0, interval.clamp_min(k)
    middle = (new.gather(1, interval) + new.gather(1, interval + 1)) / 2
    piece = torch.searchsorted(old[:, k + 1 : size].contiguous(), middle, right=True) + k

    def among(knots: Tensor, place: Tensor) -> Tensor:
        return knots.gather(1, place.flatten(1)).view_as(place)

    # de Boor's recursion from k + 1 coefficients to one, with another argument at every level: the
    # differences of knots grow less, and so do, lest rounding is amplified, distances from the piece
    arguments = among(new, function[..., None] + torch.arange(1, k + 1, device=new.device))
    nearer = (arguments - middle[..., None]).abs().argsort(-1, descending=True)
    arguments = arguments.gather(-1, nearer)
    weights = torch.eye(k + 1, dtype=old.dtype, device=old.device)
    weights = weights.expand(*function.shape, -1, -1)
    for level in range(1, k + 1):
        local = torch.arange(level, k + 1, device=old.device)
        low = among(old, piece[..., None] - k + local)
        high = among(old, piece[..., None] + 1 - level + local)
        share = ((arguments[..., level - 1, None] - low) / (high - low))[..., None]
        weights = (1 - share) * weights[..., :-1, :] + share * weights[..., 1:, :]
    weights = torch.where(there[..., None], weights[..., 0, :], 0.0)
    places = piece[..., None] - k + torch.arange(k + 1, device=old.device)
    matrix = old.new_zeros(len(old), count, size)
    return matrix.scatter_(2, places, weights)


def extended(
    knots: Tensor, coef: Tensor, k: int, extrapolation: str, low: Tensor, high: Tensor
) -> tuple[Tensor, Tensor] | None:
    """The same splines on grids that reach from ``low`` to ``high``, each of shape (n,).

    Every grid gets as many intervals as the one in most need of them.  All knots and coefficients
    stay; the new coefficients are zero where splines decay to zero, else they follow the tangent, by
    least squares.

    Returns
    -------
    (knots, coef), or None where the grids reach far enough.

    Raises
    ------
    ValueError
        If more than `MOST_ADDED` intervals were needed on a side.
    """
    last, device = knots.shape[1] - 1, knots.device
    points = grid_points(knots, k).double()
    step = (points[:, -1:] - points[:, :1]) / (points.shape[1] - 1)

    def place(index: Tensor) -> Tensor:
        """Knots by their index (n, …), also before the first and after the last."""
        held = index.clamp(0, last)
        return (knots.double().gather(1, held) + step * (index - held)).to(knots.dtype)

    more = torch.arange(MOST_ADDED + 1, device=device).expand(len(knots), -1)
    enough = place(k - more) <= low[:, None], place(last - k + more) >= high[:, None]
    if not all(bool(each.any(1).all()) for each in enough):
        raise ValueError(
            f"data are more than {MOST_ADDED} intervals outside the grid; update_grid moves it there"
        )
    left, right = (each.long().argmax(1) for each in enough)
    added = int((left + right).max())
    if not added:
        return None
    spare = added - left - right
    left = (left + spare // 2)[:, None]
    index = torch.arange(last + 1 + added, device=device) - left
    new = place(index)
    index = index[:, : coef.shape[2] + added]
    held = index.clamp(0, coef.shape[2] - 1)
    known = torch.where(index == held, coef.gather(2, held.expand(len(coef), -1, -1)), 0.0)
    if extrapolation == "linear":
        free = torch.arange(added, device=device).expand(len(knots), -1)
        free = torch.where(free < left, free, free + coef.shape[2])
        found = _along_tangents(knots, coef, k, new, known, free).to(coef.dtype)
        known = known.scatter(2, free.expand(len(coef), -1, -1), found)
    return new, known


def _along_tangents(
    knots: Tensor, coef: Tensor, k: int, new: Tensor, known: Tensor, free: Tensor
) -> Tensor:
    """The coefficients ``free`` (n, A) that keep splines near the old tangents, shape (m, n, A)."""
    old, coef, new, known = knots.double(), coef.double(), new.double(), known.double()
    first = free == torch.arange(free.shape[1], device=free.device)
    interval = torch.where(first, free + k, free)  # each in one of the added intervals
    start = new.gather(1, interval)[..., None]
    width = new.gather(1, interval + 1)[..., None] - start
    share = (torch.arange(SAMPLES, device=new.device, dtype=new.dtype) + 0.5) / SAMPLES
    x = (start + width * share).flatten(1).T
    target = torch.einsum("nig,oig->ino", splines.basis(x, old, k), coef)
    bases = splines.basis(x, new, k)
    rest = target - torch.einsum("nig,oig->ino", bases, known)
    matrix = bases.permute(1, 0, 2).gather(2, free[:, None].expand(-1, len(x), -1))
    found = torch.linalg.lstsq(matrix.cpu(), rest.cpu(), driver="gelsd").solution
    return found.permute(2, 0, 1).to(rest.device)
