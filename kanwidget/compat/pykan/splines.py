"""Splines in pykan's shapes: samples first, then inputs, then outputs."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from kanwidget import checks, splines
from kanwidget.edges import sparse_start


def _matrix(name: str, value: Any, shape: str) -> Tensor:
    if not isinstance(value, Tensor) or value.ndim != 2 or not value.is_floating_point():
        came = (
            f"{value.dtype} of shape {tuple(value.shape)}"
            if isinstance(value, Tensor)
            else f"a {type(value).__name__}"
        )
        raise ValueError(f"{name} is {came}; a floating-point tensor of shape {shape} is needed")
    return value


def _knots(x: Tensor, grid: Any, k: Any) -> int:
    """The order as an int, once knots are known to be one row an input."""
    order = checks.whole("k", k, 0)
    _matrix("x", x, "(samples, inputs)")
    _matrix("grid", grid, "(inputs, knots)")
    if grid.shape[0] != x.shape[1] or grid.shape[1] < 2 * order + 2:
        raise ValueError(
            f"grid has the shape {tuple(grid.shape)}; {x.shape[1]} inputs with at least "
            f"{2 * order + 2} knots each are needed for k = {order}"
        )
    return order


def B_batch(  # noqa: N802
    x: Tensor, grid: Tensor, k: int = 0, extend: bool = True, device: Any = "cpu"
) -> Tensor:
    """Values of all B-spline basis functions at some points; pykan's ``kan.spline.B_batch``.

    Parameters
    ----------
    x : Tensor, shape (N, n_inputs)
    grid : Tensor, shape (n_inputs, G + 2k + 1)
        Knots, extended already; `extend_grid` does so.
    k : int
        Order of the splines.
    extend, device :
        Not used, as in pykan: results are on the device of ``x``.

    Returns
    -------
    Tensor, shape (N, n_inputs, G + k)
        Outside the knots every function decays to 0.  At the upper end of the grid the last interval
        counts, where pykan's functions of order 0 are all 0.

    Raises
    ------
    ValueError
        Where shapes do not fit.
    """
    order = _knots(x, grid, k)
    return splines.basis(x, grid, order, "zero")


def coef2curve(x_eval: Tensor, grid: Tensor, coef: Tensor, k: int, device: Any = "cpu") -> Tensor:
    """Values of splines; pykan's ``kan.spline.coef2curve``.

    Parameters
    ----------
    x_eval : Tensor, shape (N, n_inputs)
    grid : Tensor, shape (n_inputs, G + 2k + 1)
    coef : Tensor, shape (n_inputs, n_outputs, G + k)
    k : int
    device :
        Not used.

    Returns
    -------
    Tensor, shape (N, n_inputs, n_outputs)

    Raises
    ------
    ValueError
        Where shapes do not fit.
    """
    basis = B_batch(x_eval, grid, k)
    needed = basis.shape[1:]
    if coef.ndim != 3 or (coef.shape[0], coef.shape[2]) != needed:
        raise ValueError(
            f"coef has the shape {tuple(coef.shape)}; ({needed[0]}, outputs, {needed[1]}) is needed"
        )
    return torch.einsum("nig,iog->nio", basis, coef.to(basis.device))


def curve2coef(x_eval: Tensor, y_eval: Tensor, grid: Tensor, k: int) -> Tensor:
    """Coefficients of the splines that come closest to given curves; pykan's ``kan.spline.curve2coef``.

    Where the data leave a coefficient free it is the one of least norm; pykan's solver, which takes
    the matrix to have full rank, gives numbers of any size then, or prints that it failed.

    Parameters
    ----------
    x_eval : Tensor, shape (N, n_inputs)
    y_eval : Tensor, shape (N, n_inputs, n_outputs)
    grid : Tensor, shape (n_inputs, G + 2k + 1)
    k : int

    Returns
    -------
    Tensor, shape (n_inputs, n_outputs, G + k)

    Raises
    ------
    ValueError
        Where shapes do not fit.
    """
    order = _knots(x_eval, grid, k)
    if y_eval.ndim != 3 or y_eval.shape[:2] != x_eval.shape:
        raise ValueError(
            f"y_eval has the shape {tuple(y_eval.shape)}; "
            f"({x_eval.shape[0]}, {x_eval.shape[1]}, outputs) is needed"
        )
    coefficients = splines.fit_coefficients(x_eval, y_eval, grid, order, "zero")
    return coefficients.permute(1, 0, 2).contiguous()


def extend_grid(grid: Tensor, k_extend: int = 0) -> Tensor:
    """Equally spaced knots added on both sides; pykan's ``kan.spline.extend_grid``.

    Parameters
    ----------
    grid : Tensor, shape (n_inputs, G + 1)
    k_extend : int

    Returns
    -------
    Tensor, shape (n_inputs, G + 2 k_extend + 1)
    """
    reach = checks.whole("k_extend", k_extend, 0)
    return splines.extend_knots(_matrix("grid", grid, "(inputs, knots)"), reach)


def sparse_mask(in_dim: int, out_dim: int) -> Tensor:
    """Which edges a sparse start keeps, 1 or 0 of shape (in_dim, out_dim); as in pykan's ``kan.utils``."""
    n_in, n_out = checks.whole("in_dim", in_dim, 1), checks.whole("out_dim", out_dim, 1)
    return sparse_start(n_in, n_out).T.to(torch.get_default_dtype()).contiguous()
