"""The splines of a layer as pykan has them: a KANLayer, which counts (input, output)."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from kanwidget import checks, transfer
from kanwidget.features import base_function
from kanwidget.layer import Layer
from kanwidget.network import Network
from kanwidget.views.view import LayerView, swapped
from kanwidget.views.window import Window
from kanwidget.writing import Writing


class KANLayer(LayerView):
    """The splines of a layer; ``model.act_fun[l]`` shows those of a model.

    Reading gives pykan's values in pykan's shapes, and writing writes to the model: an edge whose mask
    is set to 0 is removed as by `remove_edge`, numbers are set as by `set_values`.

    Parameters
    ----------
    in_dim, out_dim : int
    num : int
        Intervals of the grid.
    k : int
        Order of the splines.
    noise_scale, scale_base_mu, scale_base_sigma, base_fun, grid_eps, grid_range, sp_trainable, sb_trainable,
    sparse_init :
        As in `kanwidget.KAN`.
    scale_sp : float
        Weight of the splines, times √in_dim.
    extrapolation : {'linear', 'zero'}
        What splines do outside the grid.
    seed : int, optional
        Of its random numbers; one is drawn by torch where none is given.
    device : str or torch.device
    save_plot_data : bool
        For pykan's users: nothing is kept for plots.
    """

    NAME = "act_fun"
    WEIGHED = "scale_sp and scale_base weigh a spline"

    def __init__(
        self,
        in_dim: int = 3,
        out_dim: int = 2,
        num: int = 5,
        k: int = 3,
        noise_scale: float = 0.5,
        scale_base_mu: float = 0.0,
        scale_base_sigma: float = 1.0,
        scale_sp: float = 1.0,
        base_fun: str | Callable[[Tensor], Tensor] = "silu",
        grid_eps: float = 0.02,
        grid_range: Sequence[float] = (-1.0, 1.0),
        sp_trainable: bool = True,
        sb_trainable: bool = True,
        save_plot_data: bool = True,
        device: str | torch.device = "cpu",
        sparse_init: bool = False,
        *,
        extrapolation: str = "linear",
        seed: int | None = None,
    ) -> None:
        drawn = int(torch.randint(2**31, ())) if seed is None else checks.whole("seed", seed, 0)
        layer = Layer(
            checks.whole("in_dim", in_dim, 1),
            checks.whole("out_dim", out_dim, 1),
            grid=checks.whole("num", num, 1),
            k=checks.whole("k", k, 1),
            base_fun=base_function(base_fun),
            noise_scale=checks.number("noise_scale", noise_scale),
            scale_base_mu=checks.number("scale_base_mu", scale_base_mu),
            scale_base_sigma=checks.number("scale_base_sigma", scale_base_sigma),
            grid_eps=checks.number("grid_eps", grid_eps, least=0, most=1),
            grid_range=checks.interval("grid_range", grid_range),
            sp_trainable=sp_trainable,
            sb_trainable=sb_trainable,
            sparse_init=sparse_init,
            extrapolation=extrapolation,
            generator=torch.Generator().manual_seed(drawn),
            dtype=torch.get_default_dtype(),
        )
        layer.put("scale_sp", layer.scale_sp * checks.number("scale_sp", scale_sp))
        super().__init__(Writing([layer]), 0)
        self.to(device)

    # ------------------------------------------------------------------ what it is made of

    @property
    def mask(self) -> Window:
        """1 where an edge has a spline, else 0; shape (in_dim, out_dim)."""
        return self._mask_window(
            lambda: self._mask("numeric").T.to(self.layer.coef.dtype),
            lambda values: self.network.set_masks(
                self.number, values.T > 0, self._mask("symbolic")
            ),
        )

    @property
    def grid(self) -> Window:
        """Knots, shape (in_dim, num + 2k + 1)."""
        return self._window("grid")

    @property
    def coef(self) -> Window:
        """Coefficients, shape (in_dim, out_dim, num + k)."""
        return self._window("coef")

    @property
    def scale_base(self) -> Window:
        """Weights of the base function, shape (in_dim, out_dim)."""
        return self._window("scale_base")

    @property
    def scale_sp(self) -> Window:
        """Weights of the splines, shape (in_dim, out_dim)."""
        return self._window("scale_sp")

    @property
    def num(self) -> int:
        """Intervals of the grid."""
        return self.layer.grid

    @property
    def k(self) -> int:
        """Order of the splines."""
        return self.layer.k

    @property
    def grid_eps(self) -> float:
        """1 keeps knots equally spaced when they move, 0 puts them at the quantiles."""
        return self.layer.grid_eps

    @property
    def base_fun(self) -> Callable[[Tensor], Tensor]:
        """b(x)."""
        return self.layer.base_fun

    # ------------------------------------------------------------------ what it does

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """What splines make of inputs (N, in_dim).

        Returns
        -------
        y : Tensor, shape (N, out_dim)
            Sums of ``postacts``.
        preacts : Tensor, shape (N, out_dim, in_dim)
            The inputs, once for every output.
        postacts : Tensor, shape (N, out_dim, in_dim)
            Base function and spline of every edge, where its mask is 1.
        postspline : Tensor, shape (N, out_dim, in_dim)
            The splines alone, with neither mask nor weight.
        """
        features = self.layer.features(x)
        postspline = torch.einsum("pin,oip->noi", features[:-1], self.layer.coef)
        postacts = torch.einsum("pin,opi->noi", features, self.layer.weights())
        preacts = x[:, None, :].expand(-1, self.out_dim, -1)
        return postacts.sum(2), preacts, postacts, postspline

    def update_grid_from_samples(self, x: Tensor, mode: str = "sample") -> None:
        """Move the knots to where samples x (N, in_dim) are; curves stay as near as they can.

        ``mode`` is for pykan's users: curves are fitted on the samples and all over the grid.
        """
        self._take(lambda network: network.layers[0].update_grid(x))

    def initialize_grid_from_parent(
        self, parent: KANLayer, x: Tensor, mode: str = "sample"
    ) -> None:
        """Take the splines of another KANLayer of as many inputs and outputs over, on ``num`` intervals.

        x (N, in_dim) are samples on which they are fitted where the grid does not only get finer.
        """
        other = Network([copy.deepcopy(parent.layer)])
        self._take(lambda network: transfer.take_splines(network, other, x))

    def _take(self, change: Callable[[Network], None]) -> None:
        """Change the splines of a copy, and take them."""
        network = Network([copy.deepcopy(self.layer)])
        with torch.no_grad():
            change(network)
        found: Any = network.layers[0]
        self.network.set_values(self.number, "grid", found.knots)
        self.network.set_values(self.number, "coef", found.coef.transpose(0, 1))

    def swap(self, i1: int, i2: int, mode: str = "in") -> None:
        """Swap all splines of two inputs, or of two outputs; see `KAN.swap` for nodes of a model.

        Parameters
        ----------
        i1, i2 : int
        mode : {'in', 'out'}
        """
        axis = _axis(mode)
        names = ("coef", "scale_base", "scale_sp", *(["grid"] if mode == "in" else []))
        found = {name: swapped(getattr(self, name), axis, i1, i2) for name in (*names, "mask")}
        for name in names:
            self.network.set_values(self.number, name, found[name])
        self.mask.data = found["mask"]


def _axis(mode: str) -> int:
    """Which of (input, output) is meant."""
    if mode not in ("in", "out"):
        raise ValueError(f"mode is {mode!r:.60}; 'in' or 'out' is needed")
    return ("in", "out").index(mode)
