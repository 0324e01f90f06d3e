"""Where a fit takes its samples from: what there is to know of a source, and tensors as one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import torch
from torch import Tensor

from kanwidget.datasets import PARTS, Dataset, as_dataset
from kanwidget.fitting.losses import LOSSES, Loss
from kanwidget.fitting.objective import Batch
from kanwidget.network import Network

AT_ONCE = 4_000_000
"""Numbers of a layer's features that may be in memory while predictions are made."""
TOGETHER = 10_000
"""Samples of all parts are looked at in one go if they are no more."""
GRID_SAMPLES = 10_000
"""Knots are moved by so many samples at most."""


class Source(ABC):
    """Samples for training, and for validation and test where there are any.

    Attributes
    ----------
    parts : tuple of str
        Those of train, val and test that there are.
    size, watched : int or None
        Samples for training, and for validation and test, where they are known.
    batch_size : int
    batches_a_pass : int or None
    whole : bool
        Whether every batch is all samples.
    sample : Batch
        A few of the training samples.
    calibration : Tensor, shape (N, n_inputs)
        Inputs that the network keeps to look at its edges on.
    grid_inputs : Tensor, shape (N, n_inputs)
        Inputs that the knots follow.
    dataset : Dataset or None
        The data with their names, where they came as such.
    """

    parts: tuple[str, ...]
    size: int | None
    watched: int | None = None
    batch_size: int
    batches_a_pass: int | None
    whole: bool = False
    sample: Batch
    calibration: Tensor
    grid_inputs: Tensor
    dataset: Dataset | None = None

    @abstractmethod
    def divide(self, batch: int) -> None:
        """Go through the training samples in batches of this size from now on; -1 takes all."""

    @abstractmethod
    def batches(self) -> Iterator[Batch]:
        """All training samples once, in batches."""

    @abstractmethod
    def pieces(self, part: str) -> Iterator[Batch]:
        """All samples of a part."""

    def predictions(
        self, network: Network, parts: Sequence[str], between: Callable[[], None] = lambda: None
    ) -> Iterator[tuple[str, list[tuple[Tensor, Tensor]]]]:
        """For each of these parts the network's predictions and the labels, in pieces.

        ``between`` is called before each piece, and may raise.
        """
        for part in parts:
            pieces = []
            for batch in self.pieces(part):
                between()
                pieces.append((network(batch.x), batch.y))
            yield part, pieces

    def introduce(self, network: Network) -> None:
        """Let a network keep inputs to look at its edges on, and the names, where there are any."""
        network.calibration = self.calibration
        if self.dataset is not None:
            name_after(network, self.dataset)

    def endless(self) -> Iterator[Batch]:
        """Batches of one pass after the other."""
        return chain.from_iterable(iter(self.batches, None))


def name_after(network: Network, dataset: Dataset) -> None:
    """Call a network's inputs and outputs as those of a dataset, and remember how they were scaled.

    Names that it has been given before are no news: what a person has called them since stays.
    """
    names = tuple(dataset.input_names), tuple(dataset.output_names)
    if names not in network.known_names:
        network.input_names, network.output_names = map(list, names)
        network.known_names = {names}
    network.input_scale, network.output_scale = dataset.input_scale, dataset.output_scale


def fitting_dataset(network: Network, data: Any, loss: Loss = LOSSES["mse"]) -> Dataset:
    """The data in the network's dtype and on its device; ValueError where they do not fit it."""
    dataset = as_dataset(data)
    inputs, outputs = dataset.train_input.shape[1], dataset.train_label.shape[1]
    columns, needed = network.columns_of(inputs), (network.width[0], network.width[-1])
    if columns is None or (loss.like_outputs and outputs != needed[1]):
        raise ValueError(
            f"the dataset has {inputs} inputs and {outputs} outputs; the network of width "
            f"{network.width} takes {needed[0]} and gives {needed[1]}"
        )
    if len(columns) < inputs:
        dataset = dataset.choose_inputs(columns)
    return dataset.to(network.dtype, network.device)


class Tensors(Source):
    """Samples that are all in memory; batches are drawn in an order that the seed gives."""

    def __init__(self, network: Network, data: Any, loss: Loss, seed: int) -> None:
        self._data = self.dataset = fitting_dataset(network, data, loss)
        self.parts = PARTS
        self._samples = {
            part: Batch(
                self._data[f"{part}_input"],
                prepared(network, loss, f"{part}_label", self._label(data, part)),
            )
            for part in PARTS
        }
        self.calibration = self._data.train_input
        self.size = self._count = len(self.calibration)
        self.watched = len(self._data.val_input) + len(self._data.test_input)
        self.sample = Batch(*(each[:8] for each in self._samples["train"]))
        self._random = torch.Generator().manual_seed(seed)
        self.grid_inputs = self.calibration
        if self._count > GRID_SAMPLES:
            some = torch.randperm(self._count, generator=self._random)[:GRID_SAMPLES]
            self.grid_inputs = self.calibration[some.to(network.device)]
        self._rows = rows_at_once(network)
        self._together: Tensor | None = None
        if self._count + self.watched <= min(TOGETHER, self._rows):
            self._together = torch.cat([self._samples[part].x for part in PARTS])
        self.divide(-1)

    def divide(self, batch: int) -> None:
        """Go through the training samples in batches of this size from now on; -1 takes all."""
        self.whole = batch < 0 or batch >= self._count
        self.batch_size = self._count if self.whole else batch
        # as even as can be, and none of a single sample, which has no spread
        self._cuts = 1 if self.whole else min(-(-self._count // batch), self._count // 2)
        self.batches_a_pass = self._cuts

    def _label(self, data: Any, part: str) -> Tensor:
        """A part's labels; class numbers as they came, not as the column of a dataset."""
        if not isinstance(data, Dataset):
            key = f"{part}_label" if f"{part}_label" in data else "test_label"
            given = torch.as_tensor(data[key])
            if given.ndim == 1 and not given.is_floating_point():
                return given
        return self._data[f"{part}_label"]

    def batches(self) -> Iterator[Batch]:
        """All training samples once, in batches."""
        samples = self._samples["train"]
        if self.whole:
            yield samples
            return
        order = torch.randperm(self._count, generator=self._random).to(samples.x.device)
        for rows in order.tensor_split(self._cuts):
            yield Batch(samples.x[rows], samples.y[rows])

    def pieces(self, part: str) -> Iterator[Batch]:
        """All samples of a part."""
        samples = self._samples[part]
        if len(samples.x) <= self._rows:
            yield samples
            return
        yield from map(Batch, samples.x.split(self._rows), samples.y.split(self._rows))

    def predictions(
        self, network: Network, parts: Sequence[str], between: Callable[[], None] = lambda: None
    ) -> Iterator[tuple[str, list[tuple[Tensor, Tensor]]]]:
        """For each of these parts the network's predictions and the labels, in pieces."""
        if self._together is None or tuple(parts) != PARTS:
            yield from super().predictions(network, parts, between)
            return
        labels = [self._samples[part].y for part in PARTS]
        predictions = network(self._together).split([len(label) for label in labels])
        for part, prediction, label in zip(PARTS, predictions, labels, strict=True):
            yield part, [(prediction, label)]


def rows_at_once(network: Network) -> int:
    """Samples whose predictions may be made at once."""
    return max(1000, AT_ONCE // max(layer.coef[0].numel() for layer in network.layers))


def prepared(network: Network, loss: Loss, name: str, label: Tensor) -> Tensor:
    """Labels as the loss takes them; class numbers stay whole, all else is in the network's dtype."""
    label = loss.prepare(name, label, network.width[-1]).to(network.device)
    numbers = label.ndim == 1 and not label.is_floating_point()
    return label if numbers else label.to(network.dtype)


def and_whether_last(batches: Iterable[Batch]) -> Iterator[tuple[Batch, bool]]:
    """Every batch, and whether it is the last one."""
    coming = iter(batches)
    batch = next(coming)
    for following in coming:
        yield batch, False
        batch = following
    yield batch, True
