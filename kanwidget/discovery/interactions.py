"""Which inputs act together: from how far a fitted network is from a sum of functions of one input each."""

from __future__ import annotations

from itertools import combinations

import torch
from torch import Tensor

from kanwidget.network import Network

SAMPLES = 400


@torch.no_grad()
def interactions(network: Network, x: Tensor, generator: torch.Generator) -> Tensor:
    """How strongly each two inputs act together, shape (n_inputs, n_inputs), in units of the output.

    The root mean square of f(x) - f(x with input i of another sample) - f(… j …) + f(… both …), which is 0
    where f is a sum of a function without i and one without j.
    """
    count = min(SAMPLES, len(x) // 2)
    order = torch.randperm(len(x), generator=generator)
    here, there = x[order[:count]], x[order[count : 2 * count]]
    n = x.shape[1]
    pairs = list(combinations(range(n), 2))

    def moved(*inputs: int) -> Tensor:
        changed = here.clone()
        changed[:, list(inputs)] = there[:, list(inputs)]
        return changed

    variants = [here, *(moved(i) for i in range(n)), *(moved(i, j) for i, j in pairs)]
    values = network(torch.cat(variants)).view(len(variants), count, -1)
    found = torch.zeros(n, n, dtype=torch.float64)
    for row, (i, j) in enumerate(pairs, start=n + 1):
        rest = values[0] - values[1 + i] - values[1 + j] + values[row]
        found[i, j] = found[j, i] = rest.square().mean().sqrt()
    return found


def cliques(together: Tensor) -> list[frozenset[int]]:
    """The largest sets of inputs that all act together two by two, by a mask (n, n); they may overlap."""
    n = len(together)
    found: list[frozenset[int]] = []

    def grow(inside: frozenset[int], open_: set[int], closed: set[int]) -> None:
        if not open_ and not closed:
            found.append(inside)
        for v in sorted(open_):
            near = {u for u in range(n) if u != v and bool(together[u, v])}
            grow(inside | {v}, open_ & near, closed & near)
            open_, closed = open_ - {v}, closed | {v}

    grow(frozenset(), set(range(n)), set())
    return sorted(found, key=lambda one: (min(one), len(one)))


@torch.no_grad()
def factors(
    network: Network, x: Tensor, group: frozenset[int], generator: torch.Generator
) -> float:
    """How far a network is from a product of a function of a group of inputs and one of the others.

    The root mean square of f(u, v) f(u', v') - f(u, v') f(u', v), with u of the group, in units of the mean
    square of f.
    """
    count = min(SAMPLES, len(x) // 2)
    order = torch.randperm(len(x), generator=generator)
    here, there = x[order[:count]], x[order[count : 2 * count]]
    columns = sorted(group)
    mixed, other = here.clone(), there.clone()
    mixed[:, columns], other[:, columns] = there[:, columns], here[:, columns]
    values = network(torch.cat([here, there, mixed, other])).view(4, count, -1)
    rest = values[0] * values[1] - values[2] * values[3]
    return float(rest.square().mean().sqrt() / values.square().mean())
