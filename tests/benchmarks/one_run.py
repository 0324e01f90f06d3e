"""One search from data to a formula, judged: what is run, and what is kept of it."""

import dataclasses
import math
import time
from dataclasses import dataclass

import scipy.special
import sympy
import torch

import kanwidget
from kanwidget.formula.consistency import consistent
from kanwidget.formula.verdict import verdict
from kanwidget.symbolic import library
from tests.benchmarks.skeleton import same_structure
from tests.benchmarks.targets import EVERY

HIDDEN = 5
"""Hidden nodes of the wide start, the same for all."""
SAMPLES = 1000
"""Points for training, as many for validation and for test."""
PROOF_SECONDS = 15.0
VERDICT_POINTS = 2000
VERDICT_SEED = 77_000
"""The verdict is on points of its own, which no part of the dataset holds."""


@dataclass(frozen=True)
class Task:
    """What is to be found, from which start, in what time; noise is a share of the label's deviation."""

    target: str
    seed: int
    seconds: float
    noise: float = 0.0

    @property
    def tier(self):
        return EVERY[self.target].tier


@dataclass(frozen=True)
class Outcome:
    """What came of a task; without a formula, ``failure`` says why."""

    task: Task
    seconds: float = math.nan
    formula: str = ""
    numeric_error: float = math.inf
    outside_error: float = math.inf
    numeric: bool = False
    outside: bool = False
    snapped: bool = False
    exact: bool = False
    unproved: bool = False
    structure: bool = False
    sentence: str = ""
    failure: str = ""

    def line(self):
        """The outcome in a line, as it is printed."""
        task = self.task
        noise = f"  noise {task.noise:.0%}" if task.noise else ""
        start = f"{task.target:13s} tier {task.tier}  seed {task.seed:2d}{noise}"
        if self.failure:
            return f"{start}  FAILED  {self.failure}"
        if task.noise:
            marks = "structure" if self.structure else "other    "
            return f"{start}  {self.seconds:5.1f} s  {marks}  {self.sentence}"
        names = ("numeric", "outside", "snapped", "exact", "unproved")
        marks = " ".join(name if getattr(self, name) else " " * len(name) for name in names)
        errors = f"{self.numeric_error:7.1e} in range {self.outside_error:7.1e} outside"
        return f"{start}  {self.seconds:5.1f} s  {errors}  {marks}  {short(self.formula)}"


def short(text, most=160):
    """A text of a line, cut where it is too long."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def run(task, searched=lambda: None):
    """Search and judge.

    Parameters
    ----------
    task : Task
    searched : callable
        Called without arguments when the search is over and the verdict begins.
    """
    know_bessel()
    target = EVERY[task.target]
    data = dataset(task)
    model = kanwidget.KAN([len(target.names), HIDDEN, 1], seed=task.seed)
    began = time.perf_counter()
    found = model.auto(data, seconds=task.seconds, seed=task.seed)
    seconds = time.perf_counter() - began
    searched()
    names = [symbol.name for symbol in found.variables]
    if names != target.names:
        raise ValueError(f"the variables are {names}, and those of the data are {target.names}")
    expression = found.expressions[0]
    said = verdict(
        expression,
        target.expression,
        target.ranges,
        model=model,
        samples=VERDICT_POINTS,
        seed=VERDICT_SEED + task.seed,
        seconds=PROOF_SECONDS,
    )
    sentence = consistent(found, data, model=model).sentence if task.noise else said.sentence
    kept = {field.name for field in dataclasses.fields(Outcome)} & set(vars(said))
    return Outcome(
        task,
        seconds,
        str(expression),
        **{name: getattr(said, name) for name in kept - {"sentence", "exact"}},
        exact=bool(said.exact),
        unproved=said.unproved,
        structure=same_structure(expression, target.expression),
        sentence=sentence,
    )


def dataset(task):
    """The data of a task, drawn with its seed; noise is on the labels that a search may see."""
    target = EVERY[task.target]
    data = kanwidget.create_dataset(
        target,
        n_var=len(target.names),
        ranges=list(target.ranges.values()),
        train_num=SAMPLES,
        test_num=SAMPLES,
        seed=task.seed,
        input_names=target.names,
    )
    if not task.noise:
        return data
    generator = torch.Generator().manual_seed(10_000 + task.seed)
    size = task.noise * float(data.train_label.std())
    labels = {
        name: data[name]
        + size * torch.randn(data[name].shape, generator=generator, dtype=torch.float64)
        for name in ("train_label", "val_label")
    }
    return dataclasses.replace(data, **labels)


class BesselJ0(torch.autograd.Function):
    """J0 as scipy computes it, which is exact to rounding where torch's is to 4e-7."""

    @staticmethod
    def forward(ctx, u):
        ctx.save_for_backward(u)
        return torch.as_tensor(scipy.special.j0(u.numpy(force=True))).to(u)

    @staticmethod
    def backward(ctx, grad):
        (u,) = ctx.saved_tensors
        return -grad * torch.as_tensor(scipy.special.j1(u.numpy(force=True))).to(u)


def know_bessel():
    """J0 in the library, for every target; no other is told anything of its own."""
    if "J0" not in library.LIBRARY:
        kanwidget.add_symbolic(
            "J0",
            BesselJ0.apply,
            sympy=lambda u: sympy.besselj(0, u),
        )
