"""efficient-kan's two classes under their names, on our engine: its code and its state_dicts work here.

Outputs, gradients, regularization and names of parameters are efficient-kan's.  Differences, all of them
for the better: no tensor of (batch, in, out · …) is made; `KANLinear.update_grid` keeps the function also
where the splines have scales of their own (there, curves are fitted that have been scaled, and are scaled
once more); any callable is a base activation; bad arguments are told in a sentence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from kanwidget import checks, grids, splines
from kanwidget.edges import in_memory
from kanwidget.features import Memory, identity, plainly, silu
from kanwidget.fitting.penalties import size_and_entropy
from kanwidget.numeric import Sums, plain_weights


class KANLinear(nn.Module):
    """One layer of edges: y = base_weight · b(x) + (spline_weight · spline_scaler) · B(x).

    Parameters
    ----------
    in_features, out_features : int
    grid_size : int
        Intervals G of the grid.
    spline_order : int
        Order k of the splines; 3 is cubic.
    scale_noise : float
        Size of the random splines at the start.
    scale_base, scale_spline : float
        Spread of the weights of the base activation and of the splines at the start.
    enable_standalone_scale_spline : bool
        Whether every spline has a factor of its own, ``spline_scaler``.
    base_activation : type or callable
        b(x): a module's class such as `torch.nn.SiLU`, a module, or a function of a tensor.
    grid_eps : float
        1 keeps knots equally spaced when they move to the data, 0 puts them at the quantiles.
    grid_range : (low, high)
        Where the knots are at the start.

    Attributes
    ----------
    grid : Tensor, shape (in_features, G + 2k + 1)
    base_weight : Parameter, shape (out_features, in_features)
    spline_weight : Parameter, shape (out_features, in_features, G + k)
    spline_scaler : Parameter, shape (out_features, in_features)
        Only with ``enable_standalone_scale_spline``.

    Raises
    ------
    ValueError, TypeError
        With a sentence that names the argument.
    """

    grid: Tensor
    _ones: Tensor
    _zeros: Tensor

    def __init__(
        self,
        in_features: int,
        out_features: int,
        grid_size: int = 5,
        spline_order: int = 3,
        scale_noise: float = 0.1,
        scale_base: float = 1.0,
        scale_spline: float = 1.0,
        enable_standalone_scale_spline: bool = True,
        base_activation: Any = nn.SiLU,
        grid_eps: float = 0.02,
        grid_range: Sequence[float] = (-1, 1),
    ) -> None:
        super().__init__()
        self.in_features = n_in = checks.whole("in_features", in_features, 1)
        self.out_features = n_out = checks.whole("out_features", out_features, 1)
        self.grid_size = checks.whole("grid_size", grid_size, 1)
        self.spline_order = checks.whole("spline_order", spline_order, 1)
        self.scale_noise = checks.number("scale_noise", scale_noise)
        self.scale_base = checks.number("scale_base", scale_base)
        self.scale_spline = checks.number("scale_spline", scale_spline)
        self.enable_standalone_scale_spline = bool(enable_standalone_scale_spline)
        self.grid_eps = checks.number("grid_eps", grid_eps, least=0, most=1)
        low, high = checks.interval("grid_range", grid_range)
        if not callable(base_activation):
            raise TypeError(
                f"base_activation is {base_activation!r:.60}; a module's class or a function is needed"
            )
        made = base_activation() if isinstance(base_activation, type) else base_activation
        self.base_activation: Callable[[Tensor], Tensor] = made
        knots = splines.uniform_knots(low, high, self.grid_size, self.spline_order, n_in)
        self.register_buffer("grid", knots)
        self.base_weight = nn.Parameter(torch.empty(n_out, n_in))
        size = self.grid_size + self.spline_order
        self.spline_weight = nn.Parameter(in_memory(torch.empty(n_out, n_in, size)))
        if self.enable_standalone_scale_spline:
            self.spline_scaler = nn.Parameter(torch.empty(n_out, n_in))
        else:
            self.register_buffer("_ones", torch.ones(n_out, n_in), persistent=False)
        self.register_buffer("_zeros", torch.zeros(n_out), persistent=False)
        self._memory = Memory()
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Draw all weights anew, by torch's global generator: a seed gives what it gives there."""
        nn.init.kaiming_uniform_(self.base_weight, a=math.sqrt(5) * self.scale_base)
        grid, n_in, n_out = self.grid_size, self.in_features, self.out_features
        noise = (torch.rand(grid + 1, n_in, n_out) - 0.5) * (self.scale_noise / grid)
        k, knots = self.spline_order, self.grid[:1].cpu()
        coef = splines.fit_coefficients(
            grids.grid_points(knots, k).T, noise.view(grid + 1, 1, -1), knots, k
        )
        coef = coef.view(n_in, n_out, -1).transpose(0, 1)
        standalone = self.enable_standalone_scale_spline
        self.spline_weight.copy_(coef if standalone else self.scale_spline * coef)
        if standalone:
            nn.init.kaiming_uniform_(self.spline_scaler, a=math.sqrt(5) * self.scale_spline)

    def extra_repr(self) -> str:
        """What the layer is, for its repr."""
        return (
            f"{self.in_features}, {self.out_features}, grid={self.grid_size}, k={self.spline_order}"
        )

    @property
    def _scale(self) -> Tensor:
        return self.spline_scaler if self.enable_standalone_scale_spline else self._ones

    @property
    def scaled_spline_weight(self) -> Tensor:
        """Coefficients times their factors, shape (out_features, in_features, G + k)."""
        return self.spline_weight * self._scale[..., None]

    def b_splines(self, x: Tensor) -> Tensor:
        """All basis functions: x (N, in_features) to (N, in_features, G + k)."""
        return splines.basis(self._flat(x), self.grid, self.spline_order, "zero")

    def curve2coeff(self, x: Tensor, y: Tensor) -> Tensor:
        """Coefficients (out, in, G + k) nearest to curves y (N, in, out) at points x (N, in)."""
        return splines.fit_coefficients(self._flat(x), y, self.grid, self.spline_order)

    def _flat(self, x: Tensor) -> Tensor:
        if x.ndim == 0 or x.shape[-1] != self.in_features:
            raise ValueError(
                f"x has the shape {tuple(x.shape)}; this layer takes (…, {self.in_features})"
            )
        return x.reshape(-1, self.in_features)

    def forward(self, x: Tensor) -> Tensor:
        """Outputs (…, out_features) of x (…, in_features), with any leading shape."""
        y = self._sums(self._flat(x))
        return y.reshape(*x.shape[:-1], self.out_features)

    def _sums(self, x: Tensor) -> Tensor:
        weights = self.spline_weight, self.base_weight, self._scale
        base, k = self.base_activation, self.spline_order
        trained = isinstance(base, nn.Module) and any(True for _ in base.parameters())
        if trained or torch.compiler.is_compiling():  # torch has to follow every operation
            features = plainly(x, self._memory.basis(self.grid, k, "zero"), base)
            return (plain_weights(*weights, None).flatten(1) @ features.flatten(0, 1)).T
        if isinstance(base, nn.SiLU):
            base = silu
        elif isinstance(base, nn.Identity):
            base = identity
        seen = self._memory.look(x, self.grid, k, "zero", base, keep=False)
        return Sums.apply(x, *weights, self._zeros, (None, None), seen)

    @torch.no_grad()
    def update_grid(self, x: Tensor, margin: float = 0.01) -> None:
        """Move the knots to where samples x (…, in_features) are, and keep the function.

        Parameters
        ----------
        x : Tensor
        margin : float
            How far equally spaced knots reach beyond the samples.

        Raises
        ------
        ValueError
            If samples are not finite, or fewer than 2.
        """
        samples, margin = self._flat(x), checks.number("margin", margin, least=0)
        if len(samples) < 2 or not bool(samples.isfinite().all()):
            raise ValueError(
                f"x has {len(samples)} samples; at least 2, all of them finite, are needed"
            )
        knots = self._moved_knots(samples, margin)
        k = self.spline_order
        coef = grids.refitted(self.grid, self.spline_weight, k, "zero", knots, samples, k)
        self.spline_weight.copy_(coef)
        self.grid.copy_(knots)

    def _moved_knots(self, x: Tensor, margin: float) -> Tensor:
        """Between quantiles and equal spacing; the outer ones at that spacing."""
        grid, k = self.grid_size, self.spline_order
        quantiles = x.sort(dim=0).values[torch.linspace(0, len(x) - 1, grid + 1).long()].T
        spread = quantiles[:, -1:] - quantiles[:, :1]
        flat = spread <= 1e-6 * (1 + quantiles[:, :1].abs())
        reach = torch.where(flat, margin + 0.5, margin)
        step = (spread + 2 * reach) / grid
        inner = quantiles[:, :1] - reach + step * torch.arange(grid + 1, device=x.device)
        mixed = self.grid_eps * inner + (1 - self.grid_eps) * quantiles
        inner = torch.where(flat, inner, mixed)
        outer = step * torch.arange(1, k + 1, device=x.device)
        return torch.cat([inner[:, :1] - outer.flip(1), inner, inner[:, -1:] + outer], 1)

    def regularization_loss(
        self, regularize_activation: float = 1.0, regularize_entropy: float = 1.0
    ) -> Tensor:
        """Size and entropy of the coefficients; see `kanwidget.fitting.penalties.weight_penalty`."""
        size = self.spline_weight.abs().mean(-1)
        return size_and_entropy(size, regularize_activation, regularize_entropy)


class KAN(nn.Module):
    """Layers of `KANLinear`, one after the other; ``kanwidget.KAN.from_efficient_kan`` opens one.

    Parameters
    ----------
    layers_hidden : sequence of int
        Nodes of every layer, inputs first: ``[784, 64, 10]``.
    grid_size, spline_order, scale_noise, scale_base, scale_spline, base_activation, grid_eps, grid_range :
        Of every layer.

    Raises
    ------
    ValueError, TypeError
        With a sentence that names the argument.
    """

    layers: Sequence[KANLinear]

    def __init__(
        self,
        layers_hidden: Sequence[int],
        grid_size: int = 5,
        spline_order: int = 3,
        scale_noise: float = 0.1,
        scale_base: float = 1.0,
        scale_spline: float = 1.0,
        base_activation: Any = nn.SiLU,
        grid_eps: float = 0.02,
        grid_range: Sequence[float] = (-1, 1),
    ) -> None:
        super().__init__()
        width = [sum(arity) for arity in checks.width(layers_hidden)]
        self.grid_size, self.spline_order = grid_size, spline_order
        layers = [
            KANLinear(
                n_in,
                n_out,
                grid_size,
                spline_order,
                scale_noise,
                scale_base,
                scale_spline,
                base_activation=base_activation,
                grid_eps=grid_eps,
                grid_range=grid_range,
            )
            for n_in, n_out in pairwise(width)
        ]
        self.layers = nn.ModuleList(layers)  # type: ignore[assignment]

    def forward(self, x: Tensor, update_grid: bool = False) -> Tensor:
        """Outputs (…, n_outputs) of x (…, n_inputs); with ``update_grid`` the knots move to x first."""
        for layer in self.layers:
            if update_grid:
                layer.update_grid(x)
            x = layer(x)
        return x

    def regularization_loss(
        self, regularize_activation: float = 1.0, regularize_entropy: float = 1.0
    ) -> Tensor:
        """The sum of `KANLinear.regularization_loss` over the layers."""
        return torch.stack(
            [
                layer.regularization_loss(regularize_activation, regularize_entropy)
                for layer in self.layers
            ]
        ).sum()
