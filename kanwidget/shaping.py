"""Splines shaped by hand: control points that are moved, and the rest of the network that follows."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from kanwidget import checks
from kanwidget.layer import Layer
from kanwidget.training import Training

REFIT_STEPS = 5
"""Of Levenberg-Marquardt, or of 20 iterations of L-BFGS, after a point was moved."""


class Shaping(Training):
    """A network whose splines can be shaped by hand."""

    def move_point(
        self,
        l: int,
        i: int,
        j: int,
        index: int,
        value: float,
        refit: bool = False,
        dataset: Any = None,
    ) -> None:
        """Move a control point of the spline on edge (l, i, j) up or down, to a height.

        The points are those of ``control_points``; one coefficient changes, and with it the curve around
        that point.

        Parameters
        ----------
        index : int
            Which point, from the left, counted from 0.
        value : float
            Its height from then on.
        refit : bool
            Let all other edges follow: they are trained for a few steps, while this one stays as it
            was drawn.
        dataset : Dataset or dict, optional
            Needed with refit.

        Raises
        ------
        KeyError
            For an edge that does not exist.
        ValueError
            If the edge is removed, locked or no spline, or a number is out of range.
        RuntimeError
            If the network is being trained, with refit.
        """
        edge = self.check_edge(l, i, j)
        self.check_unlocked([edge])
        layer = self.layers[l]
        checks.whole("index", index, 0)
        number = checks.number("value", value)
        if not isinstance(refit, bool):
            raise TypeError(f"refit is {refit!r:.60}; True or False is needed")
        if not bool(layer.alive[j, i] & layer.numeric[j, i]):
            raise ValueError(f"edge ({l}, {i}, {j}) is no spline now and has no points to move")
        if index >= layer.coef.shape[2]:
            raise ValueError(
                f"index is {index}; the spline of edge ({l}, {i}, {j}) has the points 0 to "
                f"{layer.coef.shape[2] - 1}"
            )
        scale = layer.scale_sp[j, i].item()
        if scale == 0.0:
            raise ValueError(f"the spline of edge ({l}, {i}, {j}) has weight 0: no point moves it")
        if refit and dataset is None:
            raise ValueError("refit is True, but no dataset is given to fit to")
        if refit and self.fitting:
            raise RuntimeError("the network is being trained; stop that before others are fitted")
        arguments: dict[str, Any] = {"index": index, "value": number, "refit": refit}
        if refit:
            arguments["dataset"] = dataset
        with self.action("move_point", l=l, i=i, j=j, **arguments):
            _, heights = control_points(layer, i, j)
            coef = layer.coef.detach().clone()
            coef[j, i, index] += (number - float(heights[index])) / scale
            if not bool(coef[j, i].isfinite().all()):
                raise ValueError(f"value is {number:g}, too large for {self.dtype}")
            layer.put("coef", coef)
            layer.memory.forget()
            if refit:
                self._refit_others(layer, i, j, dataset)

    def _refit_others(self, layer: Layer, i: int, j: int, dataset: Any) -> None:
        """Train everything but an edge for a few steps, its grid held."""
        locked = layer.locked
        mask = locked.clone()
        mask[j, i] = True
        layer.put("locked", mask)
        layer.structure_changed()
        self.fit(dataset, opt="auto", steps=REFIT_STEPS, update_grid=False)
        layer.put("locked", locked)
        layer.structure_changed()


@torch.no_grad()
def control_points(layer: Layer, i: int, j: int) -> tuple[Tensor, Tensor]:
    """The control points of the spline on edge i → j: x and height, both of shape (G + k,).

    x are the Greville abscissae, the means of the k knots within each basis function (de Boor, A
    Practical Guide to Splines (2001), chapter XI).  A height is that of the control polygon on top of
    the base function: ``scale_base · b(x) + scale_sp · coef``.  Moving a point by h adds h · B_g to the
    curve.
    """
    k, size = layer.k, layer.coef.shape[2]
    knots = layer.knots[i]
    inner = knots[1 : 1 + size + k - 1].unfold(0, k, 1) if k else knots[None, :-1].T
    x = inner.mean(1)[:size]
    base = layer.scale_base[j, i] * layer.base_fun(x)
    return x, base + layer.scale_sp[j, i] * layer.coef[j, i]
