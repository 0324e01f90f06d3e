"""A fit as a generator: one `Progress` an iteration, and the network is usable after each of them."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterable, Iterator
from typing import Any

import torch

from kanwidget import expansion
from kanwidget.datasets import PARTS, Dataset
from kanwidget.fitting import families
from kanwidget.fitting.choice import choose
from kanwidget.fitting.data import and_whether_last
from kanwidget.fitting.descent import Descent
from kanwidget.fitting.guard import Guard, bring_back
from kanwidget.fitting.loaders import as_source
from kanwidget.fitting.objective import Batch
from kanwidget.fitting.optimizers import NOT_FINITE
from kanwidget.fitting.options import FitOptions
from kanwidget.fitting.progress import Progress
from kanwidget.fitting.schedule import Schedule
from kanwidget.fitting.tally import Tally
from kanwidget.fitting.threads import Threads
from kanwidget.network import Network, Stopped


class Trainer:
    """Fits a network to data.

    Parameters
    ----------
    network : Network
    dataset : Dataset, dict, or DataLoader
        Also a dictionary of loaders by train, val and test.
    options : FitOptions
    val_loader, test_loader : DataLoader, optional
        Where ``dataset`` is one for training.

    Attributes
    ----------
    options : FitOptions
        With the optimizer that was chosen, where it was 'auto'.
    optimizer_name, explanation : str
        Which optimizer, and why.
    stopped_because : str
        Why it ended before its time; ``diverged`` if it met NaN.
    grid_moves : list of int
        Steps or epochs before which the knots were moved, counted from 0.
    at : (int, int)
        How far it is: whole steps or epochs, and iterations of the next.  It changes together with
        the network, under its lock.
    threads : int or None
        On which it computes, to be set before it begins; as many as fit where None.

    Raises
    ------
    TypeError, ValueError
        If the data do not fit the network or the loss; nothing has changed then.
    """

    def __init__(
        self,
        network: Network,
        dataset: Any,
        options: FitOptions,
        val_loader: Any = None,
        test_loader: Any = None,
    ) -> None:
        self.network = network
        loaders = {"val_loader": val_loader, "test_loader": test_loader}
        self._given = {"dataset": dataset, **options.arguments()}
        self._given |= {name: each for name, each in loaders.items() if each is not None}
        source = as_source(network, dataset, options.loss, options.seed, val_loader, test_loader)
        options, reason = choose(options, network, source)
        source.divide(options.batch)
        if options.patience and "val" not in source.parts:
            raise ValueError("patience needs validation data to watch: give val_loader")
        self._source, self.options = source, options
        self._tally = Tally(network, source, options)
        # a loss or a metric that cannot work says so before anything changes
        with network.exclusive:
            self._tally.try_out()
        family = families.find(options.opt)
        self._iterations = family.iterations
        settings = families.settings(options.lr, options.weight_decay, options.opt_options)
        self._descent = Descent(
            network,
            family,
            lambda: family.make(network, options.penalty, settings),
            options.loss,
            options.penalty,
        )
        optimizer = self._descent.optimizer
        self.optimizer_name: str = getattr(optimizer, "name", family.name)
        self.explanation = reason or f"{self.optimizer_name}, as asked for."
        self._schedule = options.scheduler and Schedule(options.scheduler, optimizer)
        steps_done, iterations_done = options.resume_at or (0, 0)
        self.at = self._from = (steps_done, iterations_done)
        self._guard = Guard(network, options.patience)
        self._threads = Threads(family.work(network, source.batch_size))
        self._stream = source.endless()
        self._version, self._claimed = -1, False
        self.grid_moves: list[int] = []
        self.stopped_because, self.diverged = "", False
        self.threads: int | None = None

    @property
    def dataset(self) -> Dataset | None:
        """The data, where they are no loaders."""
        return self._source.dataset

    @property
    def columns(self) -> list[str]:
        """What there is to tell of a step or an epoch: names of losses, the penalty and metrics."""
        own = [each.name for each in self.options.measures if not each.bare]
        bare = [each.name for each in self.options.measures if each.bare]
        of_parts = [f"{part}_{name}" for name in own for part in self._source.parts]
        return [*(f"{part}_loss" for part in self._source.parts), "reg", *of_parts, *bare]

    @property
    def batches(self) -> int | None:
        """Batches in a step or an epoch, where it is known."""
        return self._source.batches_a_pass if self.options.epochs else 1

    @property
    def arguments(self) -> dict[str, Any]:
        """Those of `kanwidget.KAN.fit` that do what was done so far."""
        if self.stopped_because or self.at >= (self.options.length, 0):
            return dict(self._given)
        return self._given | {"stop_at": self.at}

    def losses(self) -> dict[str, float]:
        """Losses and metrics now, of all samples of every part, as in `columns`."""
        return self._tally.whole()

    def steps(self) -> Generator[Progress, None, None]:
        """Train; the network's lock is held within an iteration and free between two.

        When somebody else changes the network in between, the optimizer starts afresh from there.
        Leaving the generator at any point leaves the network at the last finished iteration.  When a
        loss is no longer finite, the last good state comes back and ``stopped_because`` says so.
        With patience the network ends at its best state.
        """
        followed = torch.is_grad_enabled()
        until = tuple(self.options.stop_at or (math.inf, 0))
        try:
            self._claim()
            self._skip()
            for number in range(self._from[0], self.options.length):
                before = self._from[1] if number == self._from[0] else 0
                for progress in self._step(number, before):
                    yield progress
                    if self.at >= until:
                        self._check_last_point()
                        return
                if self.stopped_because or self.network.stopping:
                    self._check_last_point()
                    return
        except BaseException as left:
            if not isinstance(left, GeneratorExit):
                # an interrupt on the way out of torch.no_grad leaves it in force
                torch.set_grad_enabled(followed)
            self._check_last_point()
            raise
        finally:
            self._release()

    def _claim(self) -> None:
        with self.network.exclusive:
            if self.network.fitting:
                raise RuntimeError("this network is being trained already; stop that fit first")
            self.network.announce(self)
            self._claimed = self.network.fitting = True
            self.network.stopping = False
            self._source.introduce(self.network)
        self._began = time.perf_counter()
        self._threads.number = self.threads or self._threads.number
        self._threads.choose()

    @torch.no_grad()
    def _check_last_point(self) -> None:
        """Where an iteration was the last before it was measured, see that it gives numbers."""
        with self.network.exclusive:
            problem = self._descent.problem
            if problem is None or self._version != self.network.version:
                return
            if not bool(self.network(problem.batch.x).isfinite().all()):
                self._guard.back_to_good()

    def _release(self) -> None:
        if self._claimed:
            self._descent.close()
            self._threads.restore()
            with self.network.exclusive:
                self.network.fitting = self._claimed = False
                self.network.version += 1
                self.network.tell("fit", **self.arguments)

    def _skip(self) -> None:
        """Be where a fit is that has done the steps before ``resume_at``."""
        for _ in range(self._from[0]):
            for _ in self._batches():
                pass
            if self._schedule:
                self._schedule.step(self._descent.optimizer, math.nan)

    def _step(self, number: int, done_before: int) -> Iterator[Progress]:
        """One step or epoch, counted from 0, after so many of its iterations."""
        exclusive, whole = self.network.exclusive, False
        moves = self.options.moves_grid(number) and not done_before
        for count, (batch, last) in enumerate(and_whether_last(self._batches())):
            before = count * self._iterations
            for iteration in range(max(0, done_before - before), self._iterations):
                exclusive.give_way()
                with exclusive:
                    if self.network.stopping:
                        return
                    try:
                        self._notice(number)
                        going = self._advance(batch, number, moves)
                    except Stopped:
                        return
                    moves = False
                    done = not going or iteration == self._iterations - 1
                    failed = not going and self._descent.ended == NOT_FINITE
                    assert self._descent.problem is not None
                    self._tally.note(self._descent.problem, batch, done and not failed)
                    whole = failed or (done and last)
                    lr = getattr(self._descent.optimizer, "lr", None)
                    if whole:
                        settled = not going and iteration == 0 and self._source.whole
                        self._finish(number, failed, settled)
                    so_far = before + (self._iterations if done else iteration + 1)
                    self.at = (number + 1, 0) if whole else (number, so_far)
                yield self._progress(number, count + done, whole, lr)
                if done:
                    break
            if whole:
                return

    def _batches(self) -> Iterable[Batch]:
        return self._source.batches() if self.options.epochs else [next(self._stream)]

    def _notice(self, number: int) -> None:
        """Start afresh where somebody else has changed the network."""
        if self._version == self.network.version:
            return
        self._version = self.network.version
        self._descent.afresh()
        if self._schedule:
            self._schedule.set(self._descent.optimizer)
        self._tally.begin()
        self._guard.begin(self._tally.now, number)

    def _advance(self, batch: Batch, number: int, moves: bool) -> bool:
        """Do an iteration, of moved knots where it ``moves`` them; both or nothing.

        False if there is no more to do; raises Stopped where the fit was stopped in its midst.
        """
        before = self.network.snapshot() if moves else None
        try:
            if moves:
                self._move_grid()
            going = self._descent.advance(batch)
        except BaseException:
            if before is not None:
                bring_back(self.network, before)
            raise
        if moves:
            self.grid_moves.append(number)
        return going

    @torch.no_grad()
    def _move_grid(self) -> None:
        x = self.network.as_input(self._source.grid_inputs)
        expansion.move_grids(self.network, x, self.network.heed)
        self._descent.again()

    def _finish(self, number: int, failed: bool, settled: bool) -> None:
        """Measure what a step has led to; go back if it led nowhere, or to the best state."""
        at, unit, last = number + 1, self.options.unit, number + 1 == self.options.length
        due, losses = self._tally.end_step(at, failed, last), self._tally.now
        if not (self._guard.keep(losses, at) if due else math.isfinite(losses["train_loss"])):
            failed = True
            self._guard.back_to_good()
            self._tally.now = self._tally.whole()
        if failed:
            self.diverged = True
            self.stopped_because = (
                f"the loss became NaN or infinite in {unit} {at}; the network is back at its last "
                "good state"
            )
        elif self._guard.is_tired:
            self.stopped_because = (
                f"stopped after {unit} {at}: the validation loss has not been lower since {unit} "
                f"{self._guard.best_at}, and the network is back there"
            )
        elif settled and not self.options.moves_grid_after(number):
            self.stopped_because = f"converged in {unit} {at}: {self._descent.ended}"
        if last or self.stopped_because:
            self._guard.back_to_best()
        elif self._schedule:
            loss = self._tally.now.get("val_loss", self._tally.now["train_loss"])
            self._schedule.step(self._descent.optimizer, loss)

    def _progress(self, number: int, batches: int, whole: bool, lr: float | None) -> Progress:
        now = self._tally.now
        losses = {f"{part}_loss": now.get(f"{part}_loss", math.nan) for part in PARTS}
        return Progress(
            step=number + 1,
            whole=whole,
            **losses,
            reg=self._tally.reg,
            seconds=time.perf_counter() - self._began,
            lr=lr,
            batches=batches,
            at=self.at,
            grid_moved=number in self.grid_moves[-1:],
            metrics={name: x for name, x in now.items() if name not in losses},
        )
