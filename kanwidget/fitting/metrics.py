"""What is told of a fit beside its loss: measures by name, or one's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from kanwidget.fitting.losses import Loss

Function = Callable[..., Any]


@dataclass(frozen=True)
class Metric:
    """A measure of predictions (N, n_outputs) against labels; or, as pykan has them, of nothing.

    Attributes
    ----------
    name : str
        Of the column of the results, after ``train_``, ``val_`` and ``test_``.
    function : callable
    bare : bool
        Whether it is one of pykan's, which take no arguments and know the model and the data
        themselves; its column has its name alone.
    """

    name: str
    function: Function
    bare: bool = False

    def __call__(self, *given: Tensor) -> float:
        """The measure as a plain number."""
        with torch.no_grad():
            value = self.function(*given)
        try:
            return float(value)
        except (TypeError, ValueError, RuntimeError):
            raise ValueError(
                f"metric {self.name!r} gives {value!r:.60}; a number is needed"
            ) from None


def as_metrics(given: Any, loss: Loss) -> tuple[Metric, ...]:
    """Metrics from a name or a function, a list of such, or a dictionary of names and such.

    Raises
    ------
    ValueError
        For an unknown name, something that is no function, or a name that comes twice.
    """
    if given is None:
        return ()
    if isinstance(given, str) or callable(given):
        given = [given]
    if isinstance(given, Mapping):
        named = [(str(name), metric) for name, metric in given.items()]
    else:
        try:
            named = [("", metric) for metric in given]
        except TypeError:
            raise ValueError(f"metrics is {given!r:.60}; {_NEEDED} is needed") from None
    metrics = tuple(_metric(name, metric, loss) for name, metric in named)
    names = [metric.name for metric in metrics]
    for name in names:
        if names.count(name) > 1 or name in ("loss", "train_loss", "val_loss", "test_loss", "reg"):
            raise ValueError(f"metrics has {name!r}, which the results have already; rename it")
    return metrics


def _metric(name: str, given: Any, loss: Loss) -> Metric:
    if isinstance(given, str):
        if given == "accuracy":
            return Metric(name or given, lambda p, y: accuracy(p, y, signs=loss.name == "bce"))
        if given in METRICS:
            return Metric(name or given, METRICS[given])
    if not callable(given) or isinstance(given, str):
        raise ValueError(f"metrics has {given!r:.60}; {_NEEDED} is needed")
    name = name or getattr(given, "__name__", type(given).__name__)
    try:
        arguments = [
            each
            for each in inspect.signature(given).parameters.values()
            if each.default is each.empty and each.kind is not each.VAR_KEYWORD
        ]
    except ValueError:  # a function of C does not tell; it is one of two tensors then
        return Metric(name, given)
    return Metric(name, given, bare=not arguments)


# ---------------------------------------------------------------------- the named ones


def accuracy(prediction: Tensor, label: Tensor, signs: bool = False) -> float:
    """Share of samples whose class is right.

    Of several outputs the largest is the class, and a label is a class number or shares of classes.
    One output is rounded; with ``signs`` outputs are logits, and each is right by its sign.
    """
    if signs:
        right = (prediction > 0) == (label > 0.5)
    elif prediction.shape[1] == 1:
        right = prediction.round() == label.reshape(prediction.shape)
    else:
        whole = label.ndim == 1 or label.shape[1] == 1
        right = prediction.argmax(1) == (label.reshape(-1) if whole else label.argmax(1))
    return float(right.double().mean())


def _errors(prediction: Tensor, label: Tensor) -> Tensor:
    if prediction.shape != label.shape:
        raise ValueError(
            f"metrics has a measure of errors, for labels like outputs {tuple(prediction.shape)}; "
            f"the labels have the shape {tuple(label.shape)}: 'accuracy' is for classes"
        )
    return prediction - label


def mae(prediction: Tensor, label: Tensor) -> float:
    """Mean absolute error over all outputs."""
    return float(_errors(prediction, label).abs().mean())


def rmse(prediction: Tensor, label: Tensor) -> float:
    """Root mean squared error over all outputs."""
    return float(_errors(prediction, label).square().mean().sqrt())


def max_error(prediction: Tensor, label: Tensor) -> float:
    """Largest absolute error."""
    return float(_errors(prediction, label).abs().max())


def r2(prediction: Tensor, label: Tensor) -> float:
    """Share of the labels' variance that is explained, the mean over outputs.

    Of a label that does not vary it is 1 if it is met, else 0.
    """
    rest = _errors(prediction, label).square().sum(0)
    all_of_it = (label - label.mean(0)).square().sum(0)
    still = all_of_it == 0
    shares = torch.where(
        still, (rest == 0).to(rest.dtype), 1 - rest / torch.where(still, 1.0, all_of_it)
    )
    return float(shares.mean())


METRICS: dict[str, Function] = {
    "accuracy": accuracy,
    "r2": r2,
    "mae": mae,
    "rmse": rmse,
    "max_error": max_error,
}
_NEEDED = f"one of {', '.join(METRICS)} or a function from predictions and labels to a number"
