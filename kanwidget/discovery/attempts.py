"""Constants of a network tried at other values: set, all others fitted again, kept or put back."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from kanwidget.discovery.gauge import canonical
from kanwidget.discovery.guesses import RELATIVE, Guess, Known, guesses, is_exact, wild_guesses
from kanwidget.discovery.refit import NAMES, Constant, Refit
from kanwidget.edges import SYMBOLIC
from kanwidget.fitting.data import fitting_dataset
from kanwidget.network import Edge, Network

ERRORS = 4.0
"""A constant may be so many standard errors off."""
HOLDS = 3.0
"""By so many the fit to training data may show that a constant is another number, and not more."""
DOUBT = 1.5
"""Standard errors by which the loss on validation data may worsen."""
MOST_TRIED = 4
"""Of one constant, so many numbers are tried."""
STEPS = 30
STUCK = 1e10
"""A fit is taken to be on its way to an exact one where its error is less than so many round-offs."""
GAIN = 1e-9
"""A fit ends where a step gains less than this part of the error."""


@dataclass(frozen=True)
class Snap:
    """A constant that was set, or is proposed to be.

    Attributes
    ----------
    edge : (l, i, j)
    name : str
        a, b, c or d of c·f(a·x + b) + d.
    before : float
        What was fitted.
    error : float
        Its standard error.
    guess : Guess
        What it becomes: ``guess.expr`` exactly, ``guess.value`` as a float.
    loss_before, loss_after : float
        Mean squared error on the validation data, all other constants fitted again.
    holds : bool
        Whether the data leave room for it: the loss worsens by no more than noise would have it.
    """

    edge: Edge
    name: str
    before: float
    error: float
    guess: Guess
    loss_before: float
    loss_after: float
    holds: bool

    def __str__(self) -> str:
        return f"{self.name} of {self.edge}: {self.before:.6g} → {self.guess.expr}"


class Attempts:
    """A tidy network at its best fit; constants that are exact numbers already are fixed."""

    def __init__(self, network: Network, data: Any, tolerance: float | None = None) -> None:
        self.network, self.tolerance = network, tolerance
        self.set: set[Constant] = set()
        self.x, self.y, self.val_x, self.val_y = samples(network, data)
        tidy(network, self.x)
        variance = float(self.y.double().var(unbiased=False))
        self.floor = variance * (1e-10 if network.dtype == torch.float64 else 1e-5) ** 2
        self.problem = self._fitted(2 * STEPS)
        self._free_what_is_wrong()
        self.start = self.problem.value
        self.noise = self.problem.value
        self.first_squares = self._validation_squares()
        self.done = -1
        self.settle()

    def _free_what_is_wrong(self) -> None:
        """Where numbers that look exact hold the fit back, they are no constants: fit them too."""
        held, at = self.problem.value, self.problem.vector()
        fixed = int(self.problem.stays.sum())
        free = Refit(self.network, self.x, self.y)
        free.run(2 * STEPS, GAIN)
        unit = max(free.value, self.floor) / self.y.numel()
        if held > self.floor and held > free.value + allowed(fixed) * unit:
            tidy(self.network, self.x)
            self.problem = self._fitted(STEPS)
        else:
            self.problem.assign(at)

    # ------------------------------------------------------------------ constants

    def constants(self, silent: bool = False) -> list[Constant]:
        """Constants of free symbolic edges that do something, or those that do nothing."""
        found: list[Constant] = []
        for l, layer in enumerate(self.network.layers):
            free = (layer.kinds() == SYMBOLIC) & ~layer.bound
            for j, i in free.nonzero().tolist():
                flat = layer.functions[i, j].name == "0" or layer.affine[j, i, 2].item() == 0.0
                active = "d" if flat else NAMES
                found += [(l, i, j, name) for name in NAMES if (name in active) != silent]
        return found

    def read(self, key: Constant) -> float:
        """A constant as it is."""
        l, i, j, name = key
        return self.network.layers[l].affine[j, i, NAMES.index(name)].item()

    def ranked(self) -> list[tuple[Known, list[Guess]]]:
        """Constants that are not exact and the numbers they may be; those surest to be one first."""
        curvature, errors, place = self.problem.curvature(), [], {}
        if curvature is not None:
            place = {int(p): n for n, p in enumerate(curvature.places)}
            freedom = max(1, self.y.numel() - len(place))
            noise = self.problem.value * self.y.numel() / freedom
            errors = (curvature.variances() * noise).sqrt().tolist()
        found = []
        for key in self.constants():
            if key in self.set or is_exact(self.read(key), last_bit=True):
                continue
            n = place.get(self.problem.place(key))
            known = Known(key, self.read(key), 0.0 if n is None else errors[n])
            numbers = guesses(self.network, known, self._limit(known))
            if self.floor < self.problem.value:
                # what is so small and yet not round-off is no noise: the fit is on its way
                wild = wild_guesses(known, first=self.problem.value < self.floor * STUCK)
                if not numbers or (wild and wild[0].margin > 0):
                    numbers = wild + numbers
            if numbers:
                found.append((known, numbers[:MOST_TRIED]))
        return sorted(found, key=lambda one: -max(guess.margin for guess in one[1]))

    def _limit(self, known: Known) -> float:
        """How far from the fitted value a number may be."""
        size = max(abs(known.value), 1e-3)
        if self.tolerance is not None:
            return self.tolerance * size
        return max(ERRORS * known.error, RELATIVE * size)

    # ------------------------------------------------------------------ trying

    def first(self, known: Known, numbers: list[Guess]) -> Snap:
        """Set a constant to the first number that holds, or to the least bad one."""
        tried = []
        for guess in numbers:
            snap = self.tried(known, guess)
            if snap.holds:
                return snap
            tried.append(snap)
            self.back()
        return min(tried, key=lambda snap: (math.isnan(snap.loss_after), snap.loss_after))

    def all_at_once(self) -> list[Snap]:
        """Set every constant to its first number, and keep that if the fit is exact and stays so."""
        if self.problem.value > self.floor:
            return []
        chosen: list[tuple[Known, Guess]] = []
        values: dict[Constant, float] = {}
        for known, numbers in self.ranked():
            first = numbers[0]
            if first.margin > 0 and not any(key in values for key, _ in first.values):
                chosen.append((known, first))
                values |= dict(first.values)
        if not chosen:
            return []
        before = self.loss
        with torch.no_grad():
            for (l, i, j, name), value in values.items():
                self.network.layers[l].affine[j, i, NAMES.index(name)] = value
        self.trial = self._fitted(STEPS)
        after = self._validation_loss()
        if not (self.trial.value <= self.floor and after <= self.floor):
            self.back()
            return []
        self.settle()
        self.set |= set(values)
        return [
            Snap(guess.values[0][0][:3], guess.values[0][0][3], guess.fitted, known.error, guess,
                 before, after, True)
            for known, guess in chosen
        ]  # fmt: skip

    def put(self, key: Constant, guess: Guess) -> Snap:
        """Set a constant, whether it holds or not."""
        if key not in self.constants():
            edge = ", ".join(map(str, key[:3]))
            raise ValueError(f"edge ({edge}) has no constant {key[3]} that can be set")
        if math.isnan(guess.fitted):
            guess = replace(guess, fitted=self.read(key))
        snap = self.tried(Known(key, guess.fitted, math.nan), guess)
        if not math.isfinite(snap.loss_after):
            raise ValueError(f"with {snap} the network has no finite value on the data")
        return snap

    @torch.no_grad()
    def tried(self, known: Known, guess: Guess) -> Snap:
        """Set a constant, and fit the others again."""
        before = self.loss
        for (l, i, j, name), value in guess.values:
            self.network.layers[l].affine[j, i, NAMES.index(name)] = value
        self.trial = self._fitted(STEPS)
        after = self._validation_loss()
        (l, i, j, name), _ = guess.values[0]
        holds = self._holds(self.trial.value, after)
        return Snap((l, i, j), name, guess.fitted, known.error, guess, before, after, holds)

    def _holds(self, train: float, validation: float) -> bool:
        """Whether the losses are no worse than noise lets true constants be.

        A true one adds about χ²(1) times the variance of the noise to the squared errors.  On the
        validation data all that was set together may worsen the loss by no more than chance.
        """
        if not (math.isfinite(train) and math.isfinite(validation)):
            return False
        if train <= self.floor and validation <= self.floor:
            return True
        steps, unit = self.done + 1, self.noise / self.y.numel()
        if train > self.problem.value + HOLDS**2 * unit:
            return False
        if train > self.start + allowed(steps) * unit:
            return False
        worse = self._validation_squares() - self.first_squares
        doubt = float(worse.std()) / len(worse) ** 0.5 if len(worse) > 1 else 0.0
        return float(worse.mean()) <= DOUBT * doubt + steps * unit

    def settle(self) -> None:
        """Keep what was tried."""
        self.problem = getattr(self, "trial", self.problem)
        self.point, self.loss = self.problem.vector(), self._validation_loss()
        self.done += 1

    def back(self) -> None:
        """Undo what was tried."""
        self.problem.assign(self.point)

    def _fitted(self, steps: int) -> Refit:
        """The network fitted, exact constants fixed."""
        fixed = [key for key in self.constants() if key in self.set or is_exact(self.read(key))]
        fixed += self.constants(silent=True)
        problem = Refit(self.network, self.x, self.y, fixed)
        problem.run(steps, GAIN)
        return problem

    @torch.no_grad()
    def _validation_loss(self) -> float:
        return float(self._validation_squares().mean())

    @torch.no_grad()
    def _validation_squares(self) -> Tensor:
        """Squared errors of the validation samples, (N,)."""
        return (self.network(self.val_x) - self.val_y).double().square().mean(1)


def tidy(network: Network, x: Tensor | None) -> bool:
    """`gauge.canonical`, unless round-off then takes a function out of its domain on inputs x."""
    with torch.no_grad():
        before = network.snapshot()
        there = x is not None and bool(network(x).isfinite().all())
        canonical(network)
        if there and not bool(network(x).isfinite().all()):
            network.restore(before)
            return False
    return True


def allowed(steps: int) -> float:
    """By how many variances of the noise so many true constants may raise the squared errors."""
    return steps + 4 * math.sqrt(2 * steps) + 8


def samples(network: Network, data: Any) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Training and validation inputs and labels of a dataset; of a pair (x, y) both are the same."""
    if isinstance(data, tuple):
        x, y = data
        x = network.as_input(x)
        y = torch.as_tensor(y, dtype=network.dtype, device=network.device).reshape(len(x), -1)
        return x, y, x, y
    dataset = fitting_dataset(network, data)
    return dataset.train_input, dataset.train_label, dataset.val_input, dataset.val_label
