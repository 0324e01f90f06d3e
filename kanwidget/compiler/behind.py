"""The splines behind the functions of a compiled network, fitted where the data are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from kanwidget import splines
from kanwidget.model import KAN
from kanwidget.sources import create_dataset

SAMPLES, LINE = 1000, 200


@dataclass(frozen=True)
class Data:
    """Inputs, and for samples of ranges these as a box.

    Attributes
    ----------
    x : Tensor, shape (N, n_inputs)
    box : Tensor or None, shape (n_inputs, 2)
    """

    x: Tensor
    box: Tensor | None

    @classmethod
    def of(cls, model: KAN, ranges: Any, dataset: Any, seed: int) -> Data | None:
        """The inputs that ranges or a dataset stand for, or None where neither is given.

        Raises
        ------
        ValueError
            If both are given, or they do not fit the network.
        """
        if ranges is not None and dataset is not None:
            raise ValueError("ranges and dataset are both given; one of them is needed")
        if dataset is not None:
            model.get_act(dataset)
            x = model.training_inputs()
            if not len(x) or not bool(x.isfinite().all()):
                raise ValueError("dataset has no training inputs, or some that are not finite")
            return cls(x, None)
        if ranges is None:
            return None
        n = model.width[0]
        sampled = create_dataset(lambda x: x[:, 0], n, ranges, SAMPLES, test_num=2, seed=seed)
        box = np.broadcast_to(np.asarray(ranges, dtype=float), (n, 2)).copy()
        model.get_act(sampled)
        return cls(model.training_inputs(), model.as_input(box.T).T)


@torch.no_grad()
def fit_behind(model: KAN, data: Data) -> None:
    """Let all grids cover the data, and fit the spline of every edge to its function.

    Raises
    ------
    ValueError
        If the expression is not finite on the data.
    """
    values = model.node_values(data.x)
    for l, layer in enumerate(model.layers):
        sums = layer.sums(values[l])
        finite = torch.cat([sums, values[l + 1]], 1).isfinite().all(1)
        if not bool(finite.all()):
            raise ValueError(
                f"the expression is not finite on {int((~finite).sum())} of {len(finite)} samples, in "
                f"node layer {l + 1}; give ranges or a dataset where it is"
            )
    for l, layer in enumerate(model.layers):
        x = values[l]
        if l == 0 and data.box is not None:
            share = torch.linspace(0, 1, layer.grid + 1, dtype=x.dtype, device=x.device)
            low, high = data.box[:, :1], data.box[:, 1:]
            knots = splines.extend_knots(low + (high - low) * share, layer.k)
            layer.put_splines(knots, layer.coef)
        else:
            layer.update_grid(x)
        share = torch.linspace(0, 1, LINE, dtype=x.dtype, device=x.device)[:, None]
        low, high = layer.knots[:, layer.k], layer.knots[:, -layer.k - 1]
        points = torch.cat([x, low + (high - low) * share])
        curves = layer.edge_outputs(points)
        good = curves.flatten(1).isfinite().all(1)  # between samples there may be a pole
        coefficients = splines.fit_coefficients(
            points[good], curves[good].transpose(1, 2), layer.knots, layer.k
        )
        layer.put("coef", coefficients)
        layer.put("scale_base", torch.zeros_like(layer.scale_base))
        layer.put("scale_sp", torch.ones_like(layer.scale_sp))
