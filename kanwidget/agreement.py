"""How well the functions of symbolic edges agree with the splines that are still under them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from kanwidget.edges import SYMBOLIC
from kanwidget.network import Network


@torch.no_grad()
def agreement(model: Network, x: Tensor) -> npt.NDArray[np.float32]:
    """R² of every symbolic edge's function against the spline under it on training inputs x, (E,).

    The spline is the edge's as it was before it became a function; training since then has moved the
    function alone.  NaN for edges that are no function, and where spline or function say nothing: one
    that does not vary, or is not finite.
    """
    fits, values = [], model.as_input(x)
    for layer in model.layers:
        fit = np.full((layer.n_out, layer.n_in), np.nan, dtype=np.float32)
        j, i = (layer.kinds() == SYMBOLIC).nonzero(as_tuple=True)
        if len(j):
            spline = layer.edge_outputs(values, "spline")[:, j, i].double()
            missed = (layer.edge_outputs(values)[:, j, i] - spline).square().sum(0)
            total = (spline - spline.mean(0)).square().sum(0)
            negligible = 1e-24 * spline.square().sum(0)
            r2 = torch.where(total > negligible, 1 - missed / total, torch.nan)
            r2 = torch.where(r2.isfinite(), r2, torch.nan)
            fit[j.numpy(force=True), i.numpy(force=True)] = r2.numpy(force=True)
        fits.append(fit.ravel())
        values = layer(values)
    return np.concatenate(fits)
