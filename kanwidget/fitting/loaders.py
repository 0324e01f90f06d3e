"""Loaders as a source of samples, and the source that fits what a person gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch

from kanwidget.datasets import PARTS, Dataset
from kanwidget.fitting.data import Source, Tensors, prepared
from kanwidget.fitting.losses import Loss
from kanwidget.fitting.objective import Batch
from kanwidget.network import Network

SEEN = 1000
"""Samples of a loader that the network keeps to look at its edges on."""


def as_source(
    network: Network,
    data: Any,
    loss: Loss,
    seed: int,
    val_loader: Any = None,
    test_loader: Any = None,
) -> Source:
    """Samples from a dataset, pykan's dictionary, a loader or a dictionary of loaders.

    Raises
    ------
    TypeError, ValueError
        If it is none of these, or does not fit the network or the loss.
    """
    loaders = {"val": val_loader, "test": test_loader}
    if isinstance(data, Mapping) and not isinstance(data, Dataset) and "train" in data:
        unknown = [name for name in data if name not in PARTS]
        if unknown:
            raise ValueError(f"dataset has {unknown[0]!r}; loaders go by {', '.join(PARTS)}")
        loaders |= {part: data[part] for part in PARTS if part in data}
    elif is_loader(data):
        loaders["train"] = data
    if "train" in loaders:
        given = {part: loaders[part] for part in PARTS if loaders.get(part) is not None}
        return Loaders(network, given, loss)
    for part, loader in loaders.items():
        if loader is not None:
            raise ValueError(
                f"{part}_loader is given, but dataset is no loader; a dataset has its own parts"
            )
    return Tensors(network, data, loss, seed)


def is_loader(data: Any) -> bool:
    """Whether data look like a DataLoader, or something else that gives batches."""
    if isinstance(data, Mapping | str | bytes) or hasattr(data, "__array__"):
        return False
    return isinstance(data, Iterable)


class Loaders(Source):
    """Samples that loaders give; each can be gone through again and again."""

    def __init__(self, network: Network, loaders: Mapping[str, Any], loss: Loss) -> None:
        self._network, self._loss, self._loaders = network, loss, loaders
        for part, loader in loaders.items():
            if not is_loader(loader):
                raise TypeError(
                    f"the loader for {part} is a {type(loader).__name__}; a DataLoader or a list of "
                    "(inputs, labels) is needed"
                )
            if isinstance(loader, Iterator):
                raise ValueError(
                    f"the loader for {part} is a {type(loader).__name__}, which can be gone through "
                    "only once; a DataLoader or a list of (inputs, labels) is needed"
                )
        self.parts = tuple(loaders)
        train = loaders["train"]
        self.batches_a_pass = _length(train)
        self.size = _length(getattr(train, "dataset", None))
        first: list[Batch] = []
        for batch in self.batches():
            first.append(batch)
            if sum(len(each.x) for each in first) >= SEEN:
                break
        self.sample, self.batch_size = Batch(*(each[:8] for each in first[0])), len(first[0].x)
        self.calibration = torch.cat([each.x for each in first])[:SEEN]
        self.grid_inputs = self.calibration

    def divide(self, batch: int) -> None:
        """ValueError, but for -1: a loader makes its batches itself."""
        if batch != -1:
            raise ValueError(f"batch is {batch}; a loader makes its batches itself")

    def batches(self) -> Iterator[Batch]:
        """All training samples once, in batches."""
        return self.pieces("train")

    def pieces(self, part: str) -> Iterator[Batch]:
        """All samples of a part."""
        empty = True
        for given in self._loaders[part]:
            empty = False
            yield self._batch(part, given)
        if empty:
            raise ValueError(f"the loader for {part} gives no batches")

    def _batch(self, part: str, given: Any) -> Batch:
        if not isinstance(given, tuple | list) or len(given) != 2:
            raise ValueError(
                f"the loader for {part} gives a {type(given).__name__}; pairs (inputs, labels) are needed"
            )
        x, y = (torch.as_tensor(each) for each in given)
        inputs = self._network.width[0]
        if x.ndim != 2 or self._network.columns_of(x.shape[1]) is None:
            flat = x.ndim > 2 and x[0].numel() == inputs
            raise ValueError(
                f"the loader for {part} gives inputs of the shape {tuple(x.shape)}; the network takes "
                f"(samples, {inputs})"
                + (": flatten them, by transforms.Lambda(torch.flatten) for images" if flat else "")
            )
        if len(x) != len(y):
            raise ValueError(
                f"the loader for {part} gives {len(x)} inputs and {len(y)} labels; as many are needed"
            )
        x = self._network.as_input(x)
        return Batch(x, prepared(self._network, self._loss, f"the label for {part}", y))


def _length(sized: Any) -> int | None:
    try:
        return len(sized)
    except TypeError:
        return None
