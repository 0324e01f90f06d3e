"""Groups of inputs: those of a graph, and those a person names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from kanwidget.derivatives import which_inputs


def connected(linked: Tensor) -> tuple[tuple[int, ...], ...]:
    """Connected components of a graph (n, n), each in order, by their first members."""
    waiting, found = set(range(len(linked))), []
    while waiting:
        group, front = set(), {min(waiting)}
        while front:
            group |= front
            reached = {j for i in front for j in linked[i].nonzero().flatten().tolist()}
            front = reached - group
        waiting -= group
        found.append(tuple(sorted(group)))
    return tuple(found)


def partition(groups: Any, n: int) -> list[list[int]]:
    """Groups of inputs as lists, and one more of the inputs that are in none.

    Raises
    ------
    ValueError
        If a group is empty or two groups share an input, or an input does not exist.
    """
    if isinstance(groups, str) or not isinstance(groups, Sequence) or not groups:
        raise ValueError(f"groups is {groups!r}; a list of lists of inputs is needed")
    lists = [which_inputs(f"groups[{k}]", group, n) for k, group in enumerate(groups)]
    for k, group in enumerate(lists):
        if not group:
            raise ValueError(f"groups[{k}] is empty; every group needs an input")
    which_inputs("groups", [i for group in lists for i in group], n)
    rest = [i for i in range(n) if not any(i in group for group in lists)]
    return [*lists, rest] if rest else lists
