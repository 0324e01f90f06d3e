"""States of a network that share what they have in common, and how much memory they take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from kanwidget.network import Snapshot


def tensors(state: Snapshot) -> Iterator[Tensor]:
    """All tensors of a state; the data it was looked at on are none of its own."""
    for layer in state.layers:
        for values in (layer, layer["nodes"]):
            yield from (each for each in values.values() if isinstance(each, Tensor))


def same_bits(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors are the same to the last bit, where 0 is not -0 and NaN is NaN."""
    if a.shape != b.shape or a.dtype != b.dtype or a.device != b.device:
        return False
    a, b = (each.contiguous().view(torch.uint8) for each in (a.reshape(-1), b.reshape(-1)))
    return torch.equal(a, b)


def same_state(a: Snapshot, b: Snapshot) -> bool:
    """Whether two states of a network are the same to the last bit."""
    if a is b:
        return True
    if (len(a.layers), _plain(a)) != (len(b.layers), _plain(b)):
        return False
    return _same_values(a.calibration, b.calibration) and all(
        _same_values(one, two)
        for old, new in zip(a.layers, b.layers, strict=True)
        for one, two in zip(_flat(old), _flat(new), strict=True)
    )


def _same_values(a: Any, b: Any) -> bool:
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        return a is b or same_bits(a, b)
    return a is b or (not isinstance(a, Tensor) and not isinstance(b, Tensor) and a == b)


def sharing(state: Snapshot, other: Snapshot) -> Snapshot:
    """The state, with the other's tensors where they are the same to the last bit."""
    pairs = zip(state.layers, other.layers, strict=False)
    layers = [_sharing(new, old) for new, old in pairs]
    return replace(state, layers=(*layers, *state.layers[len(layers) :]))


def _sharing(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    shared = {}
    for name, value in new.items():
        if name == "nodes":
            shared[name] = _sharing(value, old[name])
        else:
            same = isinstance(value, Tensor) and same_bits(value, old[name])
            shared[name] = old[name] if same else value
    return shared


def _plain(state: Snapshot) -> tuple[Any, ...]:
    scales = state.input_scale, state.output_scale
    return state.input_names, state.output_names, state.columns, scales


def _flat(layer: dict[str, Any]) -> list[Any]:
    return [*(value for name, value in layer.items() if name != "nodes"), *layer["nodes"].values()]


class Memory:
    """Counts the bytes of states, each tensor once however many of them share it."""

    def __init__(self) -> None:
        self.bytes = 0
        self._users: Counter[int] = Counter()

    def add(self, state: Snapshot) -> None:
        """Count a state."""
        for each in tensors(state):
            self._users[id(each)] += 1
            if self._users[id(each)] == 1:
                self.bytes += each.nbytes

    def drop(self, state: Snapshot) -> None:
        """Count a state no longer, while its tensors are still there."""
        for each in tensors(state):
            self._users[id(each)] -= 1
            if not self._users[id(each)]:
                del self._users[id(each)]
                self.bytes -= each.nbytes
