"""KAN: the network as its users know it, with the names of pykan and everything one can do to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from kanwidget import checks
from kanwidget.constants import Constants
from kanwidget.datasets import Dataset
from kanwidget.discovering import Discovering
from kanwidget.familiar import Familiar, newer_names
from kanwidget.features import base_function
from kanwidget.given import given
from kanwidget.grouping import Grouping
from kanwidget.growing import Growing
from kanwidget.interop.checkpoints import Checkpoints
from kanwidget.layer import Layer
from kanwidget.naming import Naming
from kanwidget.saving import Saving
from kanwidget.scoring import Scoring
from kanwidget.shaping import Shaping
from kanwidget.splines import EXTRAPOLATIONS
from kanwidget.tidying import Tidying

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LARGE = 10_000
"""Networks of more edges than this compute in float32 unless told otherwise."""


class KAN(
    Familiar,
    Shaping,
    Discovering,
    Grouping,
    Growing,
    Naming,
    Scoring,
    Tidying,
    Constants,
    Checkpoints,
    Saving,
):
    """A Kolmogorov-Arnold network: a spline on every edge, sums in the nodes.

    Parameters
    ----------
    width : sequence
        Nodes of every layer, inputs first: ``[2, 5, 1]``.  A layer may be [sum nodes, multiplication
        nodes]: ``[2, [5, 2], 1]``.
    grid : int or sequence of int
        Intervals G of every spline, or of those of each layer of edges.
    k : int or sequence of int
        Order of the splines, or of those of each layer of edges; 3 is cubic.
    mult_arity : int or sequence
        Factors of multiplication nodes; or for every layer of nodes such a number, or one a node.
    noise_scale : float
        Size of the random splines at the start.
    scale_base_mu, scale_base_sigma : float
        Weights of the base function start at (mu + sigma · U(-1, 1)) / √n_in.
    base_fun : {'silu', 'identity', 'zero'} or callable
        b(x), the smooth function beside every spline.
    grid_eps : float
        1 keeps knots equally spaced when they move to the data, 0 puts them at the quantiles.
    grid_range : (low, high)
        Where the knots are at the start.
    sp_trainable, sb_trainable : bool
        Whether ``scale_sp`` and ``scale_base`` are trained.
    sparse_init : bool
        Start with few edges only.
    affine_trainable : bool
        Whether scales and biases of nodes and subnodes are trained; see `kanwidget.nodes`.
    extrapolation : {'linear', 'zero'}
        What a spline does outside its knots; pykan's decays to zero.
    seed : int
        Of the network's own generator; no global seed is read or changed.
    device : str or torch.device
    dtype : torch.dtype, optional
        float64 where not given; float32 for more than 10,000 edges.
    auto_save : bool
        Keep a version in memory after everything that is done, to `rewind` to; nothing is ever written
        unasked.
    **older :
        For pykan's users: ``noise_scale_base`` is now ``scale_base_sigma``, ``bias_trainable`` is now
        ``affine_trainable``; symbolic_enabled, save_act, first_init, ckpt_path, state_id and round say
        nothing about this network.

    Attributes
    ----------
    made : dict
        Width, seed and all other arguments that were not left to their defaults: ``KAN(**model.made)``
        is this network as it was at first.

    Raises
    ------
    ValueError, TypeError
        With a sentence that names the argument.
    """

    def __init__(
        self,
        width: Sequence[int | Sequence[int]],
        grid: int | Sequence[int] = 3,
        k: int | Sequence[int] = 3,
        mult_arity: int | Sequence[int | Sequence[int]] = 2,
        *,
        noise_scale: float = 0.3,
        scale_base_mu: float = 0.0,
        scale_base_sigma: float = 1.0,
        base_fun: str | Callable[[Tensor], Tensor] = "silu",
        grid_eps: float = 0.02,
        grid_range: Sequence[float] = (-1.0, 1.0),
        sp_trainable: bool = True,
        sb_trainable: bool = True,
        sparse_init: bool = False,
        affine_trainable: bool = False,
        extrapolation: str = "linear",
        seed: int = 1,
        device: str | torch.device = "cpu",
        dtype: torch.dtype | None = None,
        auto_save: bool = False,
        **older: Any,
    ) -> None:
        scale_base_sigma, affine_trainable = newer_names(
            older, {"scale_base_sigma": scale_base_sigma, "affine_trainable": affine_trainable}
        )
        made = given(KAN, locals(), always=("width", "seed"))
        arities = checks.width(width, mult_arity)
        count = sum(len(below) * sum(above) for below, above in pairwise(arities))
        grids = checks.per_layer("grid", grid, len(arities) - 1, 1)
        orders = checks.per_layer("k", k, len(arities) - 1, 1)
        low, high = checks.interval("grid_range", grid_range)
        if extrapolation not in EXTRAPOLATIONS:
            raise ValueError(f"extrapolation is {extrapolation!r}; 'linear' or 'zero' is needed")
        grid_eps = checks.number("grid_eps", grid_eps, least=0, most=1)
        scales: dict[str, Any] = {
            "noise_scale": checks.number("noise_scale", noise_scale),
            "scale_base_mu": checks.number("scale_base_mu", scale_base_mu),
            "scale_base_sigma": checks.number("scale_base_sigma", scale_base_sigma),
        }
        if dtype not in (None, torch.float32, torch.float64):
            raise ValueError(f"dtype is {dtype!r}; torch.float32 or torch.float64 is needed")
        options: dict[str, Any] = {
            "base_fun": base_function(base_fun),
            "generator": torch.Generator().manual_seed(checks.whole("seed", seed, 0)),
            "dtype": dtype or (torch.float32 if count > LARGE else torch.float64),
        }
        super().__init__(
            [
                Layer(
                    len(below),
                    sum(above),
                    arity=above,
                    affine_trainable=affine_trainable,
                    grid=layer_grid,
                    k=order,
                    **options,
                    **scales,
                    grid_eps=grid_eps,
                    grid_range=(low, high),
                    sp_trainable=sp_trainable,
                    sb_trainable=sb_trainable,
                    sparse_init=sparse_init,
                    extrapolation=extrapolation,
                )
                for (below, above), layer_grid, order in zip(
                    pairwise(arities), grids, orders, strict=True
                )
            ]
        )
        self.made: dict[str, Any] = made
        self.to(device)
        self.auto_save = bool(auto_save)
        if auto_save:
            self.begin_versions()

    def __repr__(self) -> str:
        grids, orders = ([getattr(layer, name) for layer in self.layers] for name in ("grid", "k"))
        grid, k = (each[0] if len(set(each)) == 1 else each for each in (grids, orders))
        return f"KAN(width={self.sums_and_products}, grid={grid}, k={k}, {len(self.edges())} live edges)"

    # ------------------------------------------------------------------ data and formula

    def get_act(self, x: Dataset | Mapping[str, Any] | Tensor | None = None) -> None:
        """Look at the edges on these inputs from now on (a dataset's training inputs).

        Without any it goes on with those it has; ValueError where there are none.
        """
        self.calibration = self.training_inputs() if x is None else self.inputs_of(x)

    def symbolic_formula(
        self,
        var: Sequence[Any] | None = None,
        digits: int | None = 10,
        normalizer: Any = None,
        output_normalizer: Any = None,
        exact: bool = False,
    ) -> tuple[list[Any], list[Any]]:
        """The network as sympy expressions, one an output, and the variables they are written in.

        Edges that are still numeric appear as ``phi_l_i_j``.  Numbers have ``digits`` digits, by what
        each does on the training inputs, so that 1e-16 of rounding error is no term; None keeps all.
        Where the data were normalised, or ``normalizer`` and ``output_normalizer`` give (means,
        standard deviations), the expressions speak the units from before that.  With ``exact``
        numbers such as π/4 are exact.  See `kanwidget.formula.symbolic_formula`.
        """
        from kanwidget.formula import symbolic_formula

        return symbolic_formula(
            self,
            var=var,
            digits=digits,
            normalizer=normalizer,
            output_normalizer=output_normalizer,
            exact=exact,
        )

    def export(self, target: str, **options: Any) -> str:
        """Write the formula as source in another language; see `kanwidget.formula.export`.

        Parameters
        ----------
        target : {'c', 'javascript', 'latex', 'numpy', 'sympy', 'torch'}
        **options
            ``digits`` to round numbers, and ``name`` of the function.

        Raises
        ------
        ValueError
            If the target is unknown, or the network holds what it cannot express.
        """
        from kanwidget.formula.export import export

        return export(self, target, **options)

    def plot(self, folder: str | None = None, **options: Any) -> Figure:
        """Draw the network with matplotlib; see `kanwidget.plotting.plot`.

        ``folder`` is for pykan's users: nothing is written unasked.
        """
        from kanwidget.plotting import plot

        return plot(self, **options)


MultKAN = KAN
"""Pykan's name of it: every network may multiply."""
