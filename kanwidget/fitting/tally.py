"""What a fit knows of its losses: met on the way, or measured at the end of a step."""

from __future__ import annotations

import contextlib

import torch
from torch import Tensor

from kanwidget.fitting.data import Source
from kanwidget.fitting.measure import Meter
from kanwidget.fitting.objective import Batch, Problem
from kanwidget.fitting.options import STEPS, FitOptions
from kanwidget.network import Network, Stopped

CHEAP = 1_000_000
"""Samples times edges that may be looked at after every step, be its batch as small as it may."""


class Tally:
    """Losses and metrics of a fit, by name.

    Parameters
    ----------
    network : Network
    source : Source
    options : FitOptions

    Attributes
    ----------
    now : dict
        The last that are known.
    reg : float
        The penalty before ``lamb``.
    """

    def __init__(self, network: Network, source: Source, options: FitOptions) -> None:
        self._network, self._source, self._loss = network, source, options.loss
        self._meter = Meter(options.loss, options.measures)
        edges = sum(layer.alive.numel() for layer in network.layers)
        cheap = source.watched is not None and source.watched * edges <= CHEAP
        self._every = 1 if cheap or options.epochs else source.batches_a_pass or STEPS
        self._trained: list[tuple[Tensor, Tensor]] = []
        self.now: dict[str, float] = {}
        self.reg = 0.0

    @torch.no_grad()
    def try_out(self) -> None:
        """Measure a few samples; raises what a loss or a metric raises that cannot work."""
        sample = self._source.sample
        self._meter.of_predictions("train", [(self._network(sample.x), sample.y)])

    def whole(self) -> dict[str, float]:
        """Losses and metrics of all samples of every part."""
        return self._meter.of(self._network, self._source, self._source.parts)

    def begin(self) -> None:
        """Measure what there is before the first step; raises Stopped where the fit has been stopped."""
        self.now = self._watched()

    def note(self, problem: Problem, batch: Batch, done: bool) -> None:
        """Remember what an evaluation tells of a batch; ``done`` where it was the last of this batch."""
        if problem.reg_value is not None:
            self.reg = problem.reg_value.item()
        self.now["train_loss"] = self._loss.told(problem.loss_value.item())
        if done and not self._source.whole:
            self._trained.append((problem.prediction, batch.y))

    def end_step(self, at: int, failed: bool, last: bool) -> bool:
        """Measure at the end of step ``at`` what it is time for; whether that is all there is."""
        everything = self._source.whole or failed
        if failed:
            self.now = self.whole()
        elif not everything:
            self.now |= self._meter.of_predictions("train", self._trained)
        self._trained.clear()
        due = everything or last or at % self._every == 0
        if due and not failed:
            with contextlib.suppress(Stopped):  # what was known before must do
                self.now |= self._watched()
        return due

    def _watched(self) -> dict[str, float]:
        """Of all parts where the fit takes all samples, else of those it is not trained on."""
        parts = [part for part in self._source.parts if part != "train" or self._source.whole]
        return self._meter.of(self._network, self._source, parts, self._network.heed)
