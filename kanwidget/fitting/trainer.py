"""A fit as a generator: one `Progress` an iteration, and the network is usable after each of them."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from kanwidget import checks
from kanwidget.datasets import PARTS, Dataset, as_dataset
from kanwidget.fitting.optimizers import LBFGS, OPTIMIZERS, Adam, Point
from kanwidget.fitting.penalties import REG_METRICS, Penalty
from kanwidget.network import Network


@dataclass(frozen=True)
class FitOptions:
    """What a fit is told; names and defaults are pykan's.

    Attributes
    ----------
    opt : {'LBFGS', 'Adam'}
    steps : int
        A step is 20 iterations of L-BFGS (as in torch's), or one of Adam.
    lr : float or None
        1 for L-BFGS and 0.01 for Adam where not given.
    batch : int
        Samples a step, drawn anew for each with ``seed``; -1 takes all.
    update_grid : bool
        Move the knots to the data ``grid_update_num`` times before ``stop_grid_update_step``.
    """

    opt: str = "LBFGS"
    steps: int = 100
    lr: float | None = None
    penalty: Penalty = field(default_factory=Penalty)
    batch: int = -1
    update_grid: bool = True
    grid_update_num: int = 10
    start_grid_update_step: int = -1
    stop_grid_update_step: int = 50
    seed: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.opt, str) or self.opt not in OPTIMIZERS:
            raise ValueError(f"opt is {self.opt!r}; one of {', '.join(OPTIMIZERS)} is needed")
        checks.whole("steps", self.steps, 1)
        checks.whole("grid_update_num", self.grid_update_num, 0)
        checks.whole("start_grid_update_step", self.start_grid_update_step, -1)
        checks.whole("stop_grid_update_step", self.stop_grid_update_step, 0)
        checks.whole("seed", self.seed, 0)
        if not isinstance(self.update_grid, bool):
            raise ValueError(f"update_grid is {self.update_grid!r}; True or False is needed")
        if self.batch != -1:
            checks.whole("batch", self.batch, 2)
        if self.lr is not None:
            checks.number("lr", self.lr, above=0)
        for name in ("lamb", "lamb_l1", "lamb_entropy", "lamb_coef", "lamb_coefdiff"):
            checks.number(name, getattr(self.penalty, name), least=0)
        if self.penalty.reg_metric not in REG_METRICS:
            raise ValueError(
                f"reg_metric is {self.penalty.reg_metric!r}; one of {', '.join(REG_METRICS)} is needed"
            )

    def moves_grid(self, step: int) -> bool:
        """Whether the knots are moved before this step (counted from 0)."""
        if not self.update_grid or not self.grid_update_num:
            return False
        every = max(1, self.stop_grid_update_step // self.grid_update_num)
        return (
            self.start_grid_update_step <= step < self.stop_grid_update_step and step % every == 0
        )

    def moves_grid_after(self, step: int) -> bool:
        """Whether the knots will be moved after this step."""
        return any(self.moves_grid(later) for later in range(step + 1, self.steps))


@dataclass(frozen=True)
class Progress:
    """Where a fit is: losses are root mean squared errors over all outputs.

    Attributes
    ----------
    step : int
        Steps done; ``whole`` tells whether this is the end of one, or an iteration within it.
    """

    step: int
    whole: bool
    train_loss: float
    val_loss: float
    test_loss: float
    reg: float
    seconds: float


def fitting_dataset(network: Network, data: Any) -> Dataset:
    """The data in the network's dtype and on its device; ValueError where they do not fit it."""
    dataset = as_dataset(data)
    shape = dataset.train_input.shape[1], dataset.train_label.shape[1]
    columns = network.columns_of(shape[0])
    if columns is None or shape[1] != network.width[-1]:
        raise ValueError(
            f"the dataset has {shape[0]} inputs and {shape[1]} outputs; the network of width "
            f"{network.width} takes {network.width[0]} and gives {network.width[-1]}"
        )
    if len(columns) < shape[0]:
        dataset = dataset.choose_inputs(columns)
    return dataset.to(network.dtype, network.device)


@torch.no_grad()
def root_mean_squares(network: Network, dataset: Dataset) -> dict[str, float]:
    """train_loss, val_loss and test_loss: root mean squared errors over all outputs."""
    return {
        f"{part}_loss": math.sqrt(
            float((network(dataset[f"{part}_input"]) - dataset[f"{part}_label"]).square().mean())
        )
        for part in PARTS
    }


class Trainer:
    """Fits a network to a dataset.

    Parameters
    ----------
    network : Network
    dataset : Dataset or dict
    options : FitOptions

    Raises
    ------
    ValueError
        If the data do not fit the network; nothing has changed then.
    """

    def __init__(self, network: Network, dataset: Any, options: FitOptions) -> None:
        self.network, self.options = network, options
        self.dataset = fitting_dataset(network, dataset)
        self.stopped_because, self.diverged = "", False
        self._reg = 0.0
        self._generator = torch.Generator().manual_seed(options.seed)

    def losses(self) -> dict[str, float]:
        """Root mean squared errors now; see `root_mean_squares`."""
        return root_mean_squares(self.network, self.dataset)

    def steps(self) -> Generator[Progress, None, None]:
        """Train; the network's lock is held within an iteration and free between two.

        When somebody else changes the network in between, the optimizer starts afresh from there.
        Leaving the generator at any point leaves the network at the last finished iteration.  When a
        loss is no longer finite, the last good state comes back and ``stopped_because`` says so.
        """
        network, options = self.network, self.options
        iterations = OPTIMIZERS[options.opt].iterations
        started = time.perf_counter()
        version, optimizer, points = -1, self._optimizer(), iter(list[Point]())
        with one_thread_if_small(network), self._alone():
            network.calibration = self.dataset.train_input
            network.input_names = list(self.dataset.input_names)
            network.output_names = list(self.dataset.output_names)
            losses, good = self.losses(), network.snapshot()
            # a function may be undefined on unseen data from the start: that is no reason to go back
            watched = {part for part, loss in losses.items() if math.isfinite(loss)} | {
                "train_loss"
            }
            for step in range(options.steps):
                with network.exclusive:
                    if options.moves_grid(step):
                        self._move_grid()
                    restart = options.moves_grid(step) or options.batch > 0
                    batch = self._batch()
                for iteration in range(iterations):
                    network.exclusive.give_way()
                    with network.exclusive:
                        if version != network.version:
                            version, optimizer, restart = network.version, self._optimizer(), True
                        if restart:
                            restart, points = False, self._points(optimizer, *batch)
                        point = next(points, None)
                        whole = point is None or iteration == iterations - 1
                        if whole:
                            losses = self.losses()
                            if all(math.isfinite(losses[part]) for part in watched):
                                good = network.snapshot()
                            else:
                                network.restore(good)
                                losses = self.losses()
                                self.diverged = True
                                self.stopped_because = (
                                    f"the loss became NaN or infinite in step {step + 1}; the network "
                                    "is back at its last good state"
                                )
                    seconds = time.perf_counter() - started
                    yield Progress(step + 1, whole, **losses, reg=self._reg, seconds=seconds)
                    if whole:
                        break
                settled = point is None and iteration == 0 and options.batch < 0
                if settled and not self.stopped_because and not options.moves_grid_after(step):
                    self.stopped_because = (
                        f"converged in step {step + 1}: no direction leads further down"
                    )
                if self.stopped_because:
                    return

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with self.network.exclusive:
            if self.network.fitting:
                raise RuntimeError("this network is being trained already; stop that fit first")
            self.network.fitting = True
        try:
            yield
        finally:
            self.network.fitting = False

    def _batch(self) -> tuple[Tensor, Tensor]:
        x, y = self.dataset.train_input, self.dataset.train_label
        if self.options.batch < 0 or self.options.batch >= len(x):
            return x, y
        rows = torch.randperm(len(x), generator=self._generator)[: self.options.batch]
        return x[rows.to(x.device)], y[rows.to(y.device)]

    @torch.no_grad()
    def _move_grid(self) -> None:
        x = self.network.as_input(self.dataset.train_input)
        for layer in self.network.layers:
            layer.update_grid(x)
            x = layer(x)

    def _optimizer(self) -> LBFGS | Adam:
        kind = OPTIMIZERS[self.options.opt]
        return kind() if self.options.lr is None else kind(self.options.lr)

    def _points(self, optimizer: LBFGS | Adam, x: Tensor, y: Tensor) -> Iterator[Point]:
        """Iterations of the optimizer; the network is set to the point before each is handed on."""
        network = self.network
        parameters: list[Tensor] = [p for p in network.parameters() if p.requires_grad]
        sizes = [p.numel() for p in parameters]

        @torch.no_grad()
        def assign(flat: Tensor) -> None:
            parts = zip(parameters, flat.split(sizes), strict=True)
            torch._foreach_copy_(parameters, [part.view(p.shape) for p, part in parts])

        def objective(flat: Tensor) -> tuple[float, Tensor]:
            assign(flat)
            value = self._objective(x, y)
            gradients = torch.autograd.grad(value, parameters, allow_unused=True)
            flat_gradient = [
                torch.zeros_like(p) if g is None else g
                for p, g in zip(parameters, gradients, strict=True)
            ]
            return value.item(), torch.cat([g.flatten() for g in flat_gradient])

        at = torch.cat([p.detach().flatten() for p in parameters]).clone()
        try:
            for point in optimizer.iterate(objective, at):
                assign(point.x)
                at = point.x
                yield point
        except GeneratorExit:
            raise
        except BaseException:
            assign(at)
            raise
        assign(at)

    def _objective(self, x: Tensor, y: Tensor) -> Tensor:
        penalty = self.options.penalty
        if not penalty.lamb:
            return (self.network(x) - y).square().mean()
        prediction, statistics = self.network.forward_with_statistics(x)
        reg = penalty(self.network, statistics)
        self._reg = reg.item()
        return (prediction - y).square().mean() + penalty.lamb * reg


@contextlib.contextmanager
def one_thread_if_small(network: Network) -> Iterator[None]:
    """Compute on one thread while the network is small: more only get in each other's way."""
    before = torch.get_num_threads()
    if sum(layer.coef.numel() for layer in network.layers) > 20_000 or before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
