"""The data that a search for a formula looks at, and how good a network is on them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from kanwidget.datasets import Dataset
from kanwidget.network import Network
from kanwidget.scales import Scale

ROUND_OFF = {False: 1e-9, True: 1e-6}
"""Of numbers in double and in single precision, with room for functions that make it larger."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """Training data to fit, validation data to decide by, in float64.

    Attributes
    ----------
    x, y : Tensor, shape (N, n_inputs) and (N, n_outputs)
    x_val, y_val : Tensor
    spread : float
        Standard deviation of the labels: errors are told in parts of it.
    round_off : float
        An error that is no more than rounding: the formula is found.
    """

    x: Tensor
    y: Tensor
    x_val: Tensor
    y_val: Tensor
    spread: float
    round_off: float = 1e-9

    @staticmethod
    def of(dataset: Dataset, most: int = 1000) -> Evidence:
        """The first samples of a dataset, at most so many, in the data's own units."""
        parts = [
            in_units(dataset[f"{part}_{kind}"][:most].detach().double().cpu(), scale)
            for part in ("train", "val")
            for kind, scale in (("input", dataset.input_scale), ("label", dataset.output_scale))
        ]
        x, y, x_val, y_val = parts
        spread = float(y.std(0, correction=0).square().mean().sqrt())
        single = (
            dataset.train_label.dtype != torch.float64 or dataset.train_input.dtype != torch.float64
        )
        return Evidence(x, y, x_val, y_val, spread or 1.0, ROUND_OFF[single])

    def of_output(self, output: int) -> Evidence:
        """The same inputs with one of the outputs."""
        if self.y.shape[1] == 1:
            return self
        y, y_val = self.y[:, [output]], self.y_val[:, [output]]
        spread = float(y.std(correction=0)) or 1.0
        return Evidence(self.x, y, self.x_val, y_val, spread, self.round_off)

    @torch.no_grad()
    def error(self, network: Network) -> float:
        """Root mean squared error on the validation data, in parts of the labels' spread."""
        error = float((network(self.x_val) - self.y_val).square().mean().sqrt()) / self.spread
        return error if error == error else float("inf")

    def relative(self, mse: float) -> float:
        """The same from a mean squared error."""
        return mse**0.5 / self.spread if mse == mse else float("inf")


def in_units(values: Tensor, scale: Scale | None) -> Tensor:
    """Normalised columns (N, n) as they were before."""
    if scale is None:
        return values
    mean, std = (torch.tensor(each, dtype=values.dtype) for each in scale)
    return mean + std * values
