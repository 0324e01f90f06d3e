"""What a fit makes small: a distance of predictions from labels, and the form it needs labels in."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

Measure = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Loss:
    """A loss, a mean over samples.

    Attributes
    ----------
    name : str
    function : callable
        From predictions (N, n_outputs) and labels to a scalar.
    prepare : callable
        From what the labels are called, labels (N,) or (N, columns) and the number of outputs to
        labels as ``function`` takes them; ValueError where they cannot be meant.
    rooted : bool
        Whether its root is what is told.
    """

    name: str
    function: Measure
    prepare: Callable[[str, Tensor, int], Tensor]
    rooted: bool = False

    @property
    def like_outputs(self) -> bool:
        """Whether labels have a column an output."""
        return self.prepare in (values, shares)

    def __call__(self, prediction: Tensor, label: Tensor) -> Tensor:
        """The loss, a scalar; ValueError where a loss of one's own gives none."""
        value = self.function(prediction, label)
        if not isinstance(value, Tensor) or value.numel() != 1:
            given = f"shape {tuple(value.shape)}" if isinstance(value, Tensor) else repr(value)
            raise ValueError(f"loss_fn gives {given:.60}; a tensor of one number is needed")
        return value.reshape(())

    def told(self, value: float) -> float:
        """The loss as results show it."""
        return math.sqrt(value) if self.rooted and value >= 0 else value


def as_loss(loss_fn: Any) -> Loss:
    """A loss by its name, or one's own, such as ``torch.nn.CrossEntropyLoss()``.

    Raises
    ------
    ValueError
        If it is neither a known name nor callable.
    """
    if loss_fn is None:
        return LOSSES["mse"]
    if isinstance(loss_fn, str) and loss_fn in LOSSES:
        return LOSSES[loss_fn]
    if not callable(loss_fn):
        raise ValueError(
            f"loss_fn is {loss_fn!r:.60}; one of {', '.join(LOSSES)} or a function from predictions "
            "and labels to a scalar is needed"
        )
    of_classes = loss_fn is functional.cross_entropy or isinstance(
        loss_fn, torch.nn.CrossEntropyLoss | torch.nn.NLLLoss
    )
    name = getattr(loss_fn, "__name__", type(loss_fn).__name__)
    return Loss(name, loss_fn, class_labels if of_classes else own_labels)


# ---------------------------------------------------------------------- forms of labels


def values(name: str, label: Tensor, outputs: int) -> Tensor:
    """Labels (N, n_outputs), a column an output; one-dimensional ones become a column."""
    label = label[:, None] if label.ndim == 1 else label
    if label.ndim != 2 or label.shape[1] != outputs:
        raise ValueError(
            f"{name} has the shape {tuple(label.shape)}; the network has {outputs} outputs and needs "
            f"(samples, {outputs})"
        )
    return label


def class_labels(name: str, label: Tensor, outputs: int) -> Tensor:
    """Class numbers (N,), from (N,) or (N, 1) whole numbers; or shares of classes (N, n_outputs)."""
    if outputs < 2:
        raise ValueError(
            "loss_fn is a cross entropy, which needs an output a class; the network has one output: "
            "loss_fn='bce' takes labels 0 and 1"
        )
    if label.ndim == 2 and label.shape[1] == outputs:
        if bool((label < 0).any()) or bool(((label.sum(1) - 1).abs() > 1e-3).any()):
            raise ValueError(
                f"{name} has {outputs} columns, shares of the classes, which must not be negative "
                "and must sum to 1; class numbers come in one column"
            )
        return label
    if label.ndim == 2 and label.shape[1] == 1:
        label = label[:, 0]
    if label.ndim != 1:
        raise ValueError(
            f"{name} has the shape {tuple(label.shape)}; class numbers (samples,) or shares of the "
            f"classes (samples, {outputs}) are needed"
        )
    numbers = label.long()
    wrong = (numbers != label) | (numbers < 0) | (numbers >= outputs)
    if bool(wrong.any()):
        raise ValueError(
            f"{name} has the class {label[wrong][0].item():g}; the network has {outputs} outputs, for "
            f"the classes 0 to {outputs - 1}"
        )
    return numbers


def shares(name: str, label: Tensor, outputs: int) -> Tensor:
    """Labels (N, n_outputs) from 0 to 1."""
    label = values(name, label, outputs)
    wrong = (label < 0) | (label > 1)
    if bool(wrong.any()):
        raise ValueError(
            f"{name} has the value {label[wrong][0].item():g}; loss_fn='bce' needs labels from 0 to 1"
        )
    return label


def own_labels(name: str, label: Tensor, outputs: int) -> Tensor:
    """Labels for a loss of one's own: as they came, but for a column where there is one output.

    Class numbers stay whole and one-dimensional, and nothing else may be so: it would broadcast.
    """
    numbers = not label.is_floating_point() and outputs > 1
    return label if numbers or label.ndim > 1 else label[:, None]


def mean_square(prediction: Tensor, label: Tensor) -> Tensor:
    """Mean of squared errors over all outputs."""
    return (prediction - label).square().mean()


LOSSES = {
    loss.name: loss
    for loss in (
        Loss("mse", mean_square, values, rooted=True),
        Loss("mae", functional.l1_loss, values),
        Loss("huber", functional.huber_loss, values),
        Loss("cross_entropy", functional.cross_entropy, class_labels),
        Loss("bce", functional.binary_cross_entropy_with_logits, shares),
    )
}
"""By name; ``mse`` is told as its root, the others as they are."""
