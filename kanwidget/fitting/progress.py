"""What a fit tells after every iteration, and a bar that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kanwidget import checks

if TYPE_CHECKING:
    from kanwidget.fitting.trainer import Trainer


@dataclass(frozen=True)
class Progress:
    """Where a fit is; losses are root mean squared errors where the loss is the mean square.

    Attributes
    ----------
    step : int
        Steps or epochs done; ``whole`` tells whether this is the end of one, or an iteration within it.
    train_loss : float
        Of all samples at the end of a step that takes all of them; of the batches as they were
        trained on at the end of others; within a step, of the last batch.
    val_loss, test_loss : float
        When they were last measured: after every epoch; after every step, or every pass over the data
        where they are many.  NaN where there are no such data.
    reg : float
        The penalty before ``lamb``.
    seconds : float
        Since the start.
    lr : float or None
        Learning rate of this iteration.
    batches : int
        Done in this step or epoch.
    at : (int, int)
        How far the fit is, as ``stop_at`` takes it: whole steps, and iterations of the next.
    grid_moved : bool
        Whether the knots were moved in this step.
    metrics : dict
        By name: ``val_accuracy``, …
    """

    step: int
    whole: bool
    train_loss: float
    val_loss: float
    test_loss: float
    reg: float
    seconds: float
    lr: float | None = None
    batches: int = 1
    at: tuple[int, int] = (0, 0)
    grid_moved: bool = False
    metrics: Mapping[str, float] = field(default_factory=dict)

    def __getitem__(self, column: str) -> float:
        """A loss, the penalty or a metric by its name in the results."""
        value = self.metrics[column] if column in self.metrics else getattr(self, column)
        return float(value)


class FitResults(dict[str, list[float]]):
    """A list a column, one entry a step or an epoch.

    Attributes
    ----------
    explanation : str
        Which optimizer, and why.
    stopped_because : str
        Why it ended before its time; empty if it did not.
    seconds : list of float
        Since the start, one entry a step or an epoch.
    grid_moves : list of int
        Steps or epochs before which the knots were moved, counted from 0.
    """

    def __init__(self, columns: Sequence[str], explanation: str = "") -> None:
        super().__init__({column: [] for column in columns})
        self.explanation, self.stopped_because = explanation, ""
        self.seconds: list[float] = []
        self.grid_moves: list[int] = []

    def add(self, progress: Progress) -> None:
        """Add the end of a step or an epoch."""
        for column, values in self.items():
            values.append(progress[column])
        self.seconds.append(progress.seconds)
        if progress.grid_moved:
            self.grid_moves.append(progress.step - 1)


class Bar:
    """A bar of tqdm that shows how far a fit is.

    Parameters
    ----------
    trainer : Trainer
    shown : sequence of str, optional
        Columns of the results beside it; losses and metrics where not given.  The learning rate
        always is.
    every : int
        It is written anew after so many steps or epochs, and within long ones.

    Raises
    ------
    ValueError
        If there is no such column.
    """

    def __init__(
        self, trainer: Trainer, shown: Sequence[str] | None = None, every: int = 1
    ) -> None:
        from tqdm.auto import tqdm

        self._every = checks.whole("log", every, 1)
        if shown is None:
            watched = [each for each in trainer.columns if not each.startswith(("train_", "test_"))]
            lamb = trainer.options.penalty.lamb
            shown = ["train_loss", *(each for each in watched if lamb or each != "reg")]
        for name in shown:
            if name not in trainer.columns:
                raise ValueError(
                    f"display_metrics has {name!r}; the columns are {', '.join(trainer.columns)}"
                )
        self._columns, self._unit = shown, trainer.options.unit
        self._length, batches = trainer.options.length, trainer.batches
        self._batches = batches or 1
        in_batches = self._unit == "epoch" and batches is not None
        self._bar = tqdm(
            total=self._length * self._batches, unit="batch" if in_batches else self._unit
        )

    def show(self, progress: Progress) -> None:
        """Show where the fit is now."""
        done = progress.step * self._batches
        if not progress.whole:
            done += min(progress.batches, self._batches) - self._batches
        if progress.whole and progress.step % self._every == 0:
            shown = {name: f"{progress[name]:.3g}" for name in self._columns}
            if progress.lr is not None:
                shown["lr"] = f"{progress.lr:.3g}"
            self._bar.set_postfix(shown, refresh=False)
        if self._unit == "epoch":
            self._bar.set_description(f"epoch {progress.step}/{self._length}", refresh=False)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Leave it as it is."""
        self._bar.close()
